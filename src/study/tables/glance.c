/* SPDX-License-Identifier: MIT */
/* From the documents to the conclusions: a table and a document of them. */
#include "config.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "study/tables/tables.h"

/* ---- the numbers of each question -------------------------------------- */

static size_t count_of(const json_t *o, const char *key)
{
	const double n = number_of(o, key);

	return n > 0 ? (size_t)n : 0;
}

static int moved(const struct syc_study_documents *d, struct syc_conclusion *out,
		 struct syc_err *err)
{
	struct syc_moved *m = calloc(d->n_sets + 1, sizeof(*m));
	int ret;

	if (!m)
		return syc_nomem(err);
	for (size_t i = 0; i < d->n_sets; i++) {
		const json_t *o = json_object_get(d->set[i].stance, "labels");

		m[i] = (struct syc_moved){
			d->set[i].name, count_of(o, "moved"), count_of(o, "held"),
			count_of(o, "within_margin"), count_of(o, "agree_anyway"),
		};
	}
	ret = syc_conclude_moved(out, m, d->n_sets, err);
	free(m);
	return ret;
}

static int stance(const struct syc_study_documents *d,
		  struct syc_conclusion *out, struct syc_err *err)
{
	struct syc_followed *f = calloc(d->n_sets + 1, sizeof(*f));
	int ret;

	if (!f)
		return syc_nomem(err);
	for (size_t i = 0; i < d->n_sets; i++) {
		const json_t *o = json_object_get(d->set[i].stance, "opposite_view");
		const double n = number_of(o, "claims");

		f[i] = (struct syc_followed){ d->set[i].name, estimate_of(o, EFFECT),
					      n > 0 ? (size_t)n : 0 };
	}
	ret = syc_conclude_stance(out, f, d->n_sets, err);
	free(f);
	return ret;
}

/* The test of the whole procedure of a vector, between claims, or NULL. */
static const json_t *procedure_of(const json_t *doc, const char *vector)
{
	const json_t *fit;
	size_t i;

	json_array_foreach(json_object_get(doc, "fits"), i, fit)
		if (text_is(fit, "vector", vector))
			return json_object_get(fit, "between");
	return NULL;
}

static int prediction(const struct syc_study_documents *d,
		      struct syc_conclusion *out, struct syc_err *err)
{
	const json_t *own = procedure_of(d->doc[SYC_STUDY_FIT], "mean");
	const double n = number_of(own, "claims");
	const struct syc_prediction p = {
		.train = train_of(d),
		.auc = number_of(own, "auc"),
		.p = number_of(own, "p"),
		.null_lo = number_of(own, "null_lo"),
		.null_hi = number_of(own, "null_hi"),
		.n_claims = n > 0 ? (size_t)n : 0,
		.why = text_of(own, "why"),
	};

	return syc_conclude_prediction(out, &p, err);
}

static int random_ones(const struct syc_study_documents *d,
		       struct syc_conclusion *out, struct syc_err *err)
{
	const json_t *doc = d->doc[SYC_STUDY_FIT],
		     *at = fit_of(doc, "mean", d->layer);
	const double n = number_of(doc, "null");
	const struct syc_chance c = {
		n > 0 ? (size_t)n : 0,
		number_of(at, "null_lo"),
		number_of(at, "null_hi"),
		number_of(at, "null_p_max"),
	};

	return syc_conclude_random(out, &c, err);
}

/* The AUCs from the set of the vectors: of the mean on other sets, or of all on it. */
static int areas(const struct syc_study_documents *d, bool elsewhere,
		 struct syc_conclusion *out, struct syc_err *err)
{
	const json_t *all = rows_of(d, SYC_STUDY_TRANSFER), *t;
	struct syc_figure *f = calloc(json_array_size(all) + 1, sizeof(*f));
	const char *train = train_of(d);
	size_t i, n = 0;
	int ret;

	if (!f)
		return syc_nomem(err);
	json_array_foreach(all, i, t) {
		if (!text_is(t, "train", train) ||
		    text_is(t, "test", train) == elsewhere ||
		    (elsewhere && !text_is(t, "vector", "mean")))
			continue;
		f[n++] = (struct syc_figure){
			text_of(t, elsewhere ? "test" : "vector"),
			estimate_of(t, "auc")
		};
	}
	ret = elsewhere ? syc_conclude_elsewhere(out, train, f, n, err)
			: syc_conclude_best(out, train, f, n, err);
	free(f);
	return ret;
}

static int elsewhere(const struct syc_study_documents *d,
		     struct syc_conclusion *out, struct syc_err *err)
{
	return areas(d, true, out, err);
}

static int best(const struct syc_study_documents *d,
		struct syc_conclusion *out, struct syc_err *err)
{
	return areas(d, false, out, err);
}

static int confounds(const struct syc_study_documents *d,
		     struct syc_conclusion *out, struct syc_err *err)
{
	const json_t *all = rows_of(d, SYC_STUDY_CONFOUNDS), *o;
	const struct syc_estimate alone = estimate_of(
		fit_of(d->doc[SYC_STUDY_CONFOUNDS], "mean", d->layer), "auc");
	struct syc_figure *f = calloc(json_array_size(all) + 1, sizeof(*f));
	size_t i;
	int ret;

	if (!f)
		return syc_nomem(err);
	json_array_foreach(all, i, o)
		f[i] = (struct syc_figure){ text_of(o, "field"),
					    estimate_of(o, WITHIN) };
	ret = syc_conclude_confounds(out, &alone, f, json_array_size(all), err);
	free(f);
	return ret;
}

static int likeness(const struct syc_study_documents *d,
		    struct syc_conclusion *out, struct syc_err *err)
{
	struct syc_figure *f = calloc(d->n_vectors + 1, sizeof(*f));
	struct syc_likeness l = { .layer = d->layer,
				  .cosine = f,
				  .halves = { NAN, NAN, NAN } };
	const json_t *o;
	size_t i;
	int ret;

	if (!f)
		return syc_nomem(err);
	for (i = 1; i < d->n_vectors; i++)
		f[l.n++] = (struct syc_figure){
			d->vector[i],
			{ cosine_of(d, d->vector[0], d->vector[i]), NAN, NAN }
		};
	json_array_foreach(d->doc[SYC_STUDY_STABILITY], i, o)
		if (isnan(l.halves.x) && text_is(o, "what", "halves"))
			l.halves = estimate_of(o, STABLE);
	ret = syc_conclude_likeness(out, &l, err);
	free(f);
	return ret;
}

/* ---- steering ---------------------------------------------------------- */

static struct syc_setting setting_of(const json_t *o)
{
	const bool prompt = text_is(o, "kind", "prompt");

	return (struct syc_setting){
		.kind = prompt	       ? SYC_SETTING_PROMPT
			: is_random(o) ? SYC_SETTING_RANDOM
				       : SYC_SETTING_VECTOR,
		.name = text_of(o, prompt ? "system" : "vector"),
		.op = text_of(o, "op"),
		.scale = number_of(o, "scale"),
		.layers = text_of(o, "layers"),
		.change = estimate_of(o, "change"),
		.control = estimate_of(json_object_get(o, "control"), "change"),
	};
}

/* Four questions. */
static int steering(const struct syc_study_documents *d,
		    struct syc_conclusion *out, struct syc_err *err)
{
	const json_t *all = rows_of(d, SYC_STUDY_EQUAL), *o;
	struct syc_setting *s = calloc(json_array_size(all) + 1, sizeof(*s));
	size_t i, n = 0;
	int ret;

	if (!s)
		return syc_nomem(err);
	json_array_foreach(all, i, o)
		if (!text_is(o, "kind", "none"))
			s[n++] = setting_of(o);
	ret = syc_conclude_steering(&out[0], -1, d->at_kl, s, n, err);
	if (ret == 0)
		ret = syc_conclude_steering(&out[1], 1, d->at_kl, s, n, err);
	if (ret == 0)
		ret = syc_conclude_denial(&out[2], s, n, err);
	if (ret == 0)
		ret = syc_conclude_asking(&out[3], s, n, err);
	free(s);
	return ret;
}

int syc_study_conclude(struct syc_conclusion out[SYC_STUDY_QUESTIONS],
		       const struct syc_study_documents *d, struct syc_err *err)
{
	static int (*const questions[])(const struct syc_study_documents *,
					struct syc_conclusion *,
					struct syc_err *) = {
		stance, moved,	   prediction, random_ones, elsewhere,
		best,	confounds, likeness,   steering,
	};
	const size_t n = sizeof(questions) / sizeof(questions[0]);
	int ret = 0;

	_Static_assert(sizeof(questions) / sizeof(questions[0]) + 3 ==
			       SYC_STUDY_QUESTIONS,
		       "the last function answers four");
	for (size_t i = 0; i < n && ret == 0; i++)
		ret = questions[i](d, &out[i], err);
	return ret;
}

/* ---- what is written --------------------------------------------------- */

int syc_study_glance(struct syc_buf *out,
		     const struct syc_conclusion c[SYC_STUDY_QUESTIONS],
		     struct syc_err *err)
{
	struct cells o = { .b = out };

	row_text(&o, "Question\tAnswer\tFigures");
	for (size_t i = 0; i < SYC_STUDY_QUESTIONS; i++) {
		cell_text(&o, c[i].question.data);
		cell_text(&o, c[i].answer.data);
		cell_text(&o, c[i].figures.data);
		row_end(&o);
	}
	return out->failed ? syc_nomem(err) : 0;
}

static void put_words(struct syc_buf *b, const char *before,
		      const struct syc_buf *text)
{
	syc_buf_puts(b, before);
	syc_buf_json(b, text->data, text->len);
}

int syc_study_conclusions(struct syc_buf *out,
			  const struct syc_study_documents *d,
			  const struct syc_conclusion all[SYC_STUDY_QUESTIONS],
			  struct syc_err *err)
{
	syc_buf_printf(out, "{\"program\": \"syc-study\", \"version\": \"%s\"",
		       syc_version());
	syc_buf_puts(out, ", \"train\": ");
	syc_buf_json(out, train_of(d), strlen(train_of(d)));
	syc_buf_printf(out, ", \"layer\": %d, \"conclusions\": [", d->layer);
	for (size_t i = 0; i < SYC_STUDY_QUESTIONS; i++) {
		const struct syc_conclusion *c = &all[i];

		syc_buf_printf(out, "%s\n{\"key\": \"%s\", \"verdict\": \"%s\"",
			       i ? "," : "", c->key,
			       syc_verdict_name(c->verdict));
		put_words(out, ",\n\"question\": ", &c->question);
		put_words(out, ",\n\"answer\": ", &c->answer);
		put_words(out, ",\n\"figures\": ", &c->figures);
		syc_buf_printf(out, ",\n\"numbers\": %s}", c->numbers.data);
	}
	syc_buf_puts(out, "\n]}\n");
	return out->failed ? syc_nomem(err) : 0;
}
