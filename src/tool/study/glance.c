/* SPDX-License-Identifier: MIT */
/* From the documents to the conclusions: a table and a document of them. */
#include "config.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "tool/study/tables.h"

enum { N_QUESTIONS = 11, N_NULL = 200 };

struct glance {
	struct study *s;
	const char *train;
	const json_t *doc[N_STUDY_DOCS];
	struct syc_conclusion all[N_QUESTIONS];
	size_t n;
};

/* ---- the numbers of each question -------------------------------------- */

static int rates(struct glance *g, struct syc_conclusion *out,
		 struct syc_err *err)
{
	struct syc_rate *rate = calloc(g->s->n_sets, sizeof(*rate));
	int ret = 0;

	if (!rate)
		out_of_memory();
	for (size_t i = 0; i < g->s->n_sets && ret == 0; i++) {
		struct syc_choice_rates l;

		ret = study_choices(&l, &g->s->set[i], err);
		rate[i] = (struct syc_rate){ g->s->set[i].name, l.n_labeled,
					     l.n_sycophantic };
	}
	if (ret == 0)
		ret = syc_conclude_rates(out, rate, g->s->n_sets, err);
	free(rate);
	return ret;
}

static int prediction(struct glance *g, struct syc_conclusion *out,
		      struct syc_err *err)
{
	const json_t *own =
		transfer_of(g->doc[DOC_SETS], "mean", g->train, g->train);
	const struct syc_prediction p = {
		.train = g->train,
		.layer = own ? (int)doc_number(own, "layer") : -1,
		.sign = doc_number(own, "sign") < 0 ? -1 : 1,
		.auc = estimate(own, "auc"),
	};

	return syc_conclude_prediction(out, &p, err);
}

static int random_ones(struct glance *g, struct syc_conclusion *out,
		       struct syc_err *err)
{
	const json_t *at = fit_of(g->doc[DOC_ANSWERS], "mean", g->s->layer);
	const struct syc_chance c = {
		N_NULL,
		doc_number(at, "null_lo"),
		doc_number(at, "null_hi"),
		doc_number(at, "null_p_max"),
	};

	return syc_conclude_random(out, &c, err);
}

/* The AUCs from the set of the vectors: of the mean on other sets, or of all on it. */
static struct syc_figure *areas(struct glance *g, bool elsewhere, size_t *n)
{
	const json_t *all = json_object_get(g->doc[DOC_SETS], "transfer");
	struct syc_figure *f = calloc(json_array_size(all) + 1, sizeof(*f));

	if (!f)
		out_of_memory();
	*n = 0;
	for (size_t i = 0; i < json_array_size(all); i++) {
		const json_t *t = json_array_get(all, i);

		if (!text_is(t, "train", g->train) ||
		    text_is(t, "test", g->train) == elsewhere ||
		    (elsewhere && !text_is(t, "vector", "mean")))
			continue;
		f[(*n)++] = (struct syc_figure){
			doc_text(t, elsewhere ? "test" : "vector"),
			estimate(t, "auc")
		};
	}
	return f;
}

static int elsewhere(struct glance *g, struct syc_conclusion *out,
		     struct syc_err *err)
{
	size_t n;
	struct syc_figure *f = areas(g, true, &n);
	int ret = syc_conclude_elsewhere(out, g->train, f, n, err);

	free(f);
	return ret;
}

static int best(struct glance *g, struct syc_conclusion *out,
		struct syc_err *err)
{
	size_t n;
	struct syc_figure *f = areas(g, false, &n);
	int ret = syc_conclude_best(out, g->train, f, n, err);

	free(f);
	return ret;
}

static int confounds(struct glance *g, struct syc_conclusion *out,
		     struct syc_err *err)
{
	const json_t *at = fit_of(g->doc[DOC_HELD], "mean", g->s->layer);
	const json_t *all = json_object_get(at, "confounds");
	const struct syc_estimate alone = estimate(at, "auc");
	const size_t n = json_array_size(all);
	struct syc_figure *f = calloc(n + 1, sizeof(*f));
	int ret;

	if (!f)
		out_of_memory();
	for (size_t i = 0; i < n; i++) {
		const json_t *o = json_array_get(all, i);

		f[i] = (struct syc_figure){ doc_text(o, "field"),
					    within_of(o) };
	}
	ret = syc_conclude_confounds(out, &alone, f, n, err);
	free(f);
	return ret;
}

static int likeness(struct glance *g, struct syc_conclusion *out,
		    struct syc_err *err)
{
	struct study *s = g->s;
	struct syc_figure f[8];
	struct syc_likeness l = { .layer = s->layer,
				  .cosine = f,
				  .halves = { NAN, NAN, NAN } };

	for (size_t i = 1; i < s->n_vectors; i++)
		f[l.n++] = (struct syc_figure){
			s->vector[i],
			{ cosine_of(s, s->vector[0], s->vector[i]), NAN, NAN }
		};
	for (size_t i = 0; i < s->doc[DOC_STABLE].n && isnan(l.halves.x); i++)
		if (text_is(s->doc[DOC_STABLE].doc[i].json, "what", "halves"))
			l.halves = stable_of(s->doc[DOC_STABLE].doc[i].json);
	return syc_conclude_likeness(out, &l, err);
}

/* ---- steering ---------------------------------------------------------- */

static struct syc_setting *settings(struct glance *g, size_t *n)
{
	const json_t *all = json_object_get(g->doc[DOC_EQUAL], "settings");
	struct syc_setting *s = calloc(json_array_size(all) + 1, sizeof(*s));

	if (!s)
		out_of_memory();
	*n = 0;
	for (size_t i = 0; i < json_array_size(all); i++) {
		const json_t *o = json_array_get(all, i);
		const bool prompt = text_is(o, "kind", "prompt");

		if (text_is(o, "kind", "none"))
			continue;
		s[(*n)++] = (struct syc_setting){
			.kind = prompt ? SYC_SETTING_PROMPT
				: text_is(o, "kind", "random")
					? SYC_SETTING_RANDOM
					: SYC_SETTING_VECTOR,
			.name = doc_text(o, prompt ? "system" : "vector"),
			.op = doc_text(o, "op"),
			.scale = doc_number(o, "scale"),
			.layers = doc_text(o, "layers"),
			.change = estimate(o, "change"),
			.control = estimate(json_object_get(o, "control"),
					    "change"),
		};
	}
	return s;
}

static int steering(struct glance *g, struct syc_conclusion *out,
		    struct syc_err *err)
{
	size_t n;
	struct syc_setting *s = settings(g, &n);
	const double kl = g->s->o.at_kl;
	int ret = syc_conclude_steering(&out[0], -1, kl, s, n, err);

	if (ret == 0)
		ret = syc_conclude_steering(&out[1], 1, kl, s, n, err);
	if (ret == 0)
		ret = syc_conclude_denial(&out[2], s, n, err);
	if (ret == 0)
		ret = syc_conclude_asking(&out[3], s, n, err);
	free(s);
	return ret;
}

/* ---- what is written --------------------------------------------------- */

static int write_table(const struct glance *g, struct syc_err *err)
{
	struct cells c = { 0 };
	int ret;

	row_text(&c, "Question\tAnswer\tFigures");
	for (size_t i = 0; i < N_QUESTIONS; i++) {
		cell_text(&c, g->all[i].question.data);
		cell_text(&c, g->all[i].answer.data);
		cell_text(&c, g->all[i].figures.data);
		row_end(&c);
	}
	ret = write_file("glance.tsv", &c.b, err);
	syc_buf_free(&c.b);
	return ret;
}

static void put_text(struct syc_buf *b, const char *before, const char *text,
		     size_t n)
{
	syc_buf_puts(b, before);
	syc_buf_json(b, text, n);
}

static int write_document(const struct glance *g, struct syc_err *err)
{
	struct syc_buf b = { 0 };
	int ret;

	syc_buf_printf(&b, "{\"program\": \"syc-study\", \"version\": \"%s\"",
		       syc_version());
	put_text(&b, ", \"train\": ", g->train, strlen(g->train));
	syc_buf_printf(&b, ", \"layer\": %d, \"conclusions\": [", g->s->layer);
	for (size_t i = 0; i < N_QUESTIONS; i++) {
		const struct syc_conclusion *c = &g->all[i];

		syc_buf_printf(&b, "%s\n{\"key\": \"%s\", \"verdict\": \"%s\"",
			       i ? "," : "", c->key,
			       syc_verdict_name(c->verdict));
		put_text(&b, ",\n\"question\": ", c->question.data,
			 c->question.len);
		put_text(&b, ",\n\"answer\": ", c->answer.data, c->answer.len);
		put_text(&b, ",\n\"figures\": ", c->figures.data,
			 c->figures.len);
		syc_buf_printf(&b, ",\n\"numbers\": %s}", c->numbers.data);
	}
	syc_buf_puts(&b, "\n]}\n");
	ret = write_file("conclusions.json", &b, err);
	syc_buf_free(&b);
	return ret;
}

int study_conclude(struct study *s, struct syc_err *err)
{
	static int (*const questions[])(
		struct glance *, struct syc_conclusion *, struct syc_err *) = {
		rates, prediction, random_ones, elsewhere,
		best,  confounds,  likeness,	steering,
	};
	struct glance g = { .s = s, .train = s->set[s->train].name };
	int ret = 0;

	for (enum study_doc d = 0; d < N_STUDY_DOCS && ret == 0; d++)
		ret = study_doc(s, d, &g.doc[d], err);
	for (size_t i = 0;
	     i < sizeof(questions) / sizeof(questions[0]) && ret == 0; i++)
		ret = questions[i](&g, &g.all[i], err);
	if (ret == 0)
		ret = write_table(&g, err);
	if (ret == 0)
		ret = write_document(&g, err);
	for (size_t i = 0; i < N_QUESTIONS; i++)
		syc_conclusion_free(&g.all[i]);
	return ret;
}
