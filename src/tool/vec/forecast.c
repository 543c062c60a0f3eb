/* SPDX-License-Identifier: MIT */
/* syc-vec forecast: what pairs say of vectors before these are tried. */
#include "config.h"
#include <inttypes.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "syc/forecast.h"
#include "tool/common/fail.h"
#include "tool/common/out.h"
#include "tool/common/table.h"
#include "tool/common/vectors.h"
#include "tool/vec/source.h"
#include "tool/vec/vec.h"

enum { MOST_DOCUMENT = 1 << 28 };

/* A document of --results. */
struct outcome {
	const char *what;	/* "transfer", "steering" */
	double *x;		/* [vectors] */
};

struct forecast {
	struct vec_source s;
	struct texts direction, made, outcomes;
	const char *reference, *test;
	size_t n_tokens;
	enum sheet_form form;
	struct syc_vector **v;	/* [direction.n], and the reference */
	struct syc_nulls **nulls;	/* [made.n] */
	struct vec_model model;
	struct syc_pairs *pairs;
	struct syc_forecast *f;
	struct outcome *out;	/* [outcomes.n] */
};

static const struct opt opts[] = {
	OPT_HEAD("Vectors"),
	OPT_TEXTS('d', "direction", "FILE", struct forecast, direction,
		  "a vector (may be repeated)"),
	OPT_TEXT(0, "reference-vector", "FILE", struct forecast, reference,
		 "a vector of other questions like the pairs', for cosines with it"),
	OPT_TEXTS(0, "nulls", "FILE", struct forecast, made,
		  "leave out claims that a vector's null vectors FILE name (may be repeated)"),
	OPT_HEAD("Pairs that made none of them"),
	VEC_OPTS_SOURCE(struct forecast, s),
	OPT_TEXT(0, "per", "FIELD", struct forecast, s.by,
		 "each value of the rows' FIELD is a set with a mean of its own"),
	VEC_OPT_SHRINKAGE(struct forecast, s),
	OPT_HEAD("What came out"),
	OPT_TEXTS(0, "results", "FILE", struct forecast, outcomes,
		  "of syc-fit --transfer or syc-sweep, with --json (may be repeated)"),
	OPT_TEXT(0, "test", "NAME", struct forecast, test,
		 "transfer to the data set NAME (default: the mean of all)"),
	OPT_HEAD("Output"),
	OPTS_OF_FORM(struct forecast, form, "one JSON document with every layer"),
	OPT_SIZE(0, "lens-tokens", "N", struct forecast, n_tokens, 1, 1000,
		 "tokens that a vector writes, and takes away (default: 10)"),
	OPT_HEAD("Model: to run the rows, or beside --acts for its head alone"),
	OPTS_OF_MODEL(struct forecast, s.load),
	OPTS_THREADED(struct forecast, s.common)
};

static const struct tool tool = {
	"syc-vec forecast",
	"-d VECTOR... {-m MODEL | -a ACTS} [OPTION]... [FILE]...",
	"Describe what pairs say of vectors before these steer or predict",
	opts,
};

/* ---- what is read ---------------------------------------------------------- */

static int open_vectors(struct forecast *c, struct syc_err *err)
{
	const size_t n = c->direction.n;
	int ret = 0;

	c->v = calloc(n + 1, sizeof(*c->v));
	c->nulls = calloc(c->made.n + 1, sizeof(*c->nulls));
	if (!c->v || !c->nulls)
		return fail_nomem(err);
	for (size_t i = 0; i < n + (c->reference != NULL) && ret == 0; i++) {
		const char *path = i < n ? c->direction.text[i] : c->reference;

		ret = vector_open(&tool, &c->s.common, path, &c->v[i], err);
		if (ret == 0 && !c->v[i]->name[0])
			ret = vec_name(c->v[i], NULL, path, err);
	}
	for (size_t i = 0; i < c->made.n && ret == 0; i++)
		ret = syc_nulls_open(&c->nulls[i], c->made.text[i], err);
	return ret;
}

/* Vectors and a head of another model than the pairs. */
static void warn_foreign(const struct forecast *c)
{
	char head[128];

	for (size_t i = 0; i < c->direction.n; i++)
		if (syc_pairs_foreign(c->pairs, c->v[i]->provenance))
			vec_warn_foreign(&c->model, c->direction.text[i], "the pairs");
	if (c->reference && syc_pairs_foreign(c->pairs, c->v[c->direction.n]->provenance))
		vec_warn_foreign(&c->model, c->reference, "the pairs");
	if (!c->model.model)
		return;
	snprintf(head, sizeof(head), "{\"model\":\"%s\"}", syc_model_digest(c->model.model));
	if (syc_pairs_foreign(c->pairs, head))
		vec_warn_foreign(&c->model, c->s.load.model, "the pairs");
}

static int look(struct forecast *c, struct syc_err *err)
{
	struct syc_forecast_opts o = {
		.v = (const struct syc_vector *const *)c->v,
		.n = c->direction.n,
		.reference = c->reference ? c->v[c->direction.n] : NULL,
		.made = c->nulls,
		.n_made = c->made.n,
		.by_group = c->s.by != NULL,
		.shrinkage_given = c->s.recipe.shrinkage_given,
		.shrinkage = c->s.recipe.shrinkage,
		.n_tokens = c->n_tokens,
	};
	int ret = c->s.load.model ? vec_model_open(&c->model, &c->s.load, err) : 0;

	o.model = c->model.model;
	if (ret == 0)
		ret = vec_pairs(&c->pairs, &c->model, c->s.read, err);
	if (ret == 0)
		warn_foreign(c);
	return ret < 0 ? ret : syc_forecast(&c->f, c->pairs, &o, err);
}

static int read_outcome(struct forecast *c, size_t i, struct syc_err *err)
{
	const char *path = c->outcomes.text[i];
	struct syc_buf text = { 0 };
	struct syc_err why = { 0 };
	json_t *doc = NULL;
	int ret = read_all_of(&text, path, MOST_DOCUMENT, err);

	c->out[i].x = calloc(c->f->n + 1, sizeof(double));
	if (ret == 0 && !c->out[i].x)
		ret = fail_nomem(err);
	if (ret == 0)
		doc = json_loadb(text.data ? text.data : "", text.len, 0, NULL);
	if (ret == 0 && syc_forecast_outcome(c->out[i].x, &c->out[i].what, c->f, doc, c->test,
					     &why) < 0)
		ret = fail(err, SYC_EINVAL, "%.300s: %.200s", path, why.msg);
	json_decref(doc);
	syc_buf_free(&text);
	return ret;
}

/* ---- what is written -------------------------------------------------------- */

/* The rank correlation with an outcome; NaN of none. */
static struct syc_forecast_rank rank(struct sheet *o, const struct forecast *c,
				     unsigned kind, size_t outcome)
{
	struct syc_forecast_rank r = { 0, NAN };

	if (syc_forecast_rank(&r, c->f, kind, c->out[outcome].x, NULL) < 0)
		o->bad = true;
	return r;
}

static void put_tokens(struct sheet *o, const struct forecast *c, const int32_t *token)
{
	const struct syc_vocab *vocab = syc_model_vocab(c->model.model);

	put(o, "[");
	for (size_t i = 0; i < c->f->n_tokens; i++) {
		put(o, i ? ", " : "");
		if (syc_vocab_show(vocab, token[i], o->b) < 0)
			o->bad = true;
	}
	put(o, "]");
}

static void json_figures(struct sheet *o, const double x[SYC_N_FORECASTS])
{
	for (unsigned k = 0; k < SYC_N_FORECASTS; k++) {
		put(o, ",");
		json_field(o, syc_forecast_name(k), x[k]);
	}
}

static void json_vector(struct sheet *o, const struct forecast *c, size_t i)
{
	const struct syc_forecast_vector *v = &c->f->vector[i];

	put(o, "{\"name\":");
	json_text(o, v->name);
	json_figures(o, v->mean);
	put(o, ",\"layers\":[");
	for (size_t l = 0; l < c->f->n_layers; l++) {
		put(o, "%s{\"layer\":%" PRIu32, l ? ",\n" : "\n", c->f->layers[l]);
		json_figures(o, v->layer[l].x);
		if (v->layer[l].up) {
			put(o, ",\"writes\":");
			put_tokens(o, c, v->layer[l].up);
			put(o, ",\"takes\":");
			put_tokens(o, c, v->layer[l].down);
		}
		put(o, "}");
	}
	put(o, "]}");
}

static void json_outcome(struct sheet *o, const struct forecast *c, size_t i)
{
	put(o, "{\"outcome\":\"%s\",\"file\":", c->out[i].what);
	json_text(o, c->outcomes.text[i]);
	put(o, ",\"values\":[");
	for (size_t k = 0; k < c->f->n; k++) {
		put(o, k ? "," : "");
		json_num(o, c->out[i].x[k]);
	}
	put(o, "],\"descriptive\":true,\"ranks\":{");
	for (unsigned k = 0; k < SYC_N_FORECASTS; k++) {
		const struct syc_forecast_rank r = rank(o, c, k, i);

		put(o, "%s\"%s\":{\"n\":%zu,", k ? "," : "", syc_forecast_name(k), r.n);
		json_field(o, "rho", r.rho);
		put(o, "}");
	}
	put(o, "}}");
}

static void put_json(struct sheet *o, const struct forecast *c)
{
	const struct syc_forecast *f = c->f;

	put(o, "{\"pairs\":%" PRIu64 ",\"left_out\":%" PRIu64 ",\"sets\":%zu,\"answers\":[",
	    f->n_pairs, f->n_left, f->n_sets);
	for (unsigned i = 0; i < 2 && f->answer[0][0]; i++) {
		put(o, i ? "," : "");
		json_text(o, f->answer[i]);
	}
	put(o, "],\"shrinkage\":[");
	for (size_t l = 0; l < f->n_layers; l++) {
		put(o, l ? "," : "");
		json_num(o, f->shrinkage[l]);
	}
	put(o, "],\"forecasts\":[");
	for (size_t i = 0; i < f->n; i++) {
		put(o, i ? ",\n" : "\n");
		json_vector(o, c, i);
	}
	put(o, "],\n\"outcomes\":[");
	for (size_t i = 0; i < c->outcomes.n; i++) {
		put(o, i ? ",\n" : "\n");
		json_outcome(o, c, i);
	}
	put(o, "]}\n");
}

static void put_tsv(struct sheet *o, const struct forecast *c)
{
	put(o, "vector\tlayer");
	for (unsigned k = 0; k < SYC_N_FORECASTS; k++)
		put(o, "\t%s", syc_forecast_name(k));
	put(o, "\n");
	for (size_t i = 0; i < c->f->n; i++)
		for (size_t l = 0; l < c->f->n_layers; l++) {
			put_name(o, c->f->vector[i].name);
			put(o, "\t%" PRIu32, c->f->layers[l]);
			for (unsigned k = 0; k < SYC_N_FORECASTS; k++)
				tsv_num(o, c->f->vector[i].layer[l].x[k]);
			put(o, "\n");
		}
}

/* What a vector writes at its last layer. */
static void text_tokens(struct sheet *o, const struct forecast *c)
{
	const size_t l = c->f->n_layers - 1;

	if (!c->f->token)
		return;
	put(o, "\nTokens that vectors write at layer %" PRIu32 ":\n", c->f->layers[l]);
	for (size_t i = 0; i < c->f->n; i++) {
		put_name(o, c->f->vector[i].name);
		put(o, ": ");
		put_tokens(o, c, c->f->vector[i].layer[l].up);
		put(o, "\n");
	}
}

static void text_ranks(struct sheet *o, const struct forecast *c)
{
	char x[CELL];

	for (size_t i = 0; i < c->outcomes.n; i++) {
		put(o, "%s%-20s", i ? "" : "\nRank correlation over vectors (descriptive)\n",
		    c->out[i].what);
		for (unsigned k = 0; k < SYC_N_FORECASTS; k++)
			put(o, " %11s", fixed(x, rank(o, c, k, i).rho, 2));
		put(o, "   n = %zu\n", rank(o, c, SYC_FORECAST_COSINE, i).n);
	}
}

static void put_text(struct sheet *o, const struct forecast *c)
{
	const struct syc_forecast *f = c->f;
	char x[CELL];

	put(o, "%" PRIu64 " pairs", f->n_pairs);
	if (c->made.n)
		put(o, ", %" PRIu64 " left out whose claim made a vector", f->n_left);
	put(o, "; means over %zu layers\n\n%-20s", f->n_layers, "vector");
	for (unsigned k = 0; k < SYC_N_FORECASTS; k++)
		put(o, " %11s", syc_forecast_name(k));
	put(o, "\n");
	for (size_t i = 0; i < f->n; i++) {
		snprintf(x, sizeof(x), "%.20s", f->vector[i].name);
		put(o, "%-20s", x);
		for (unsigned k = 0; k < SYC_N_FORECASTS; k++)
			put(o, " %11s", fixed(x, f->vector[i].mean[k], 4));
		put(o, "\n");
	}
	if (f->token && f->answer[0][0])
		put(o, "\nlens: log odds of '%s' less '%s'\n", f->answer[0], f->answer[1]);
	text_ranks(o, c);
	text_tokens(o, c);
}

static int report(struct forecast *c, struct syc_err *err)
{
	struct syc_buf b = { 0 };
	struct sheet o = { &b, c->form, false };
	int ret;

	if (c->form == SHEET_JSON)
		put_json(&o, c);
	else if (c->form == SHEET_TSV)
		put_tsv(&o, c);
	else
		put_text(&o, c);
	ret = o.bad ? fail_nomem(err) : syc_output_all(c->s.common.output, b.data, b.len, err);
	syc_buf_free(&b);
	return ret;
}

static int run(struct forecast *c, struct syc_err *err)
{
	int ret = work_check(&tool, c->s.common.output, c->s.in.paths, c->s.in.n_paths, err);

	if (ret == 0)
		ret = open_vectors(c, err);
	if (ret == 0)
		ret = look(c, err);
	c->out = calloc(c->outcomes.n + 1, sizeof(*c->out));
	if (ret == 0 && !c->out)
		ret = fail_nomem(err);
	for (size_t i = 0; i < c->outcomes.n && ret == 0; i++)
		ret = read_outcome(c, i, err);
	return ret < 0 ? ret : report(c, err);
}

static void done(struct forecast *c)
{
	syc_forecast_free(c->f);
	syc_pairs_free(c->pairs);
	vec_model_close(&c->model);
	for (size_t i = 0; i <= c->direction.n && c->v; i++)
		syc_vector_free(c->v[i]);
	for (size_t i = 0; i < c->made.n && c->nulls; i++)
		syc_nulls_close(c->nulls[i]);
	for (size_t i = 0; i < c->outcomes.n && c->out; i++)
		free(c->out[i].x);
	free(c->out);
	free(c->v);
	free(c->nulls);
	texts_free(&c->direction);
	texts_free(&c->made);
	texts_free(&c->outcomes);
	vec_source_free(&c->s);
}

int vec_forecast(int argc, char **argv)
{
	struct forecast c = { .s = VEC_SOURCE_INIT(&tool), .n_tokens = 10 };
	struct syc_err err = { 0 };
	int at = opt_parse(&tool, argc, argv, &c), ret;

	c.model = (struct vec_model){ .tool = &tool, .source = &c.s };
	c.s.head = true;
	c.s.claims = c.made.n > 0;
	vec_source_check(&c.s, &tool, argc, argv, at);
	if (!c.direction.n)
		tool_usage(&tool, "no vector: give --direction=FILE");
	ret = run(&c, &err);
	done(&c);
	return tool_finish(&tool, ret < 0 ? tool_err(&tool, &err) : 0);
}
