/* SPDX-License-Identifier: MIT */
/* Do vectors tell what the model did? */
#include "config.h"
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include "syc/predict.h"
#include "tool/common/fail.h"
#include "tool/common/rows.h"
#include "tool/common/vectors.h"
#include "tool/eval/predict.h"
#include "tool/run/load.h"

/* ---- for the eye ----------------------------------------------------------------------- */

static void text_set(struct sheet *o, const struct syc_predict *p,
		     const struct syc_predict_set *s)
{
	const struct syc_procedure *t = s->test;
	const struct syc_auc *at = &s->layer[s->usual];
	char c[5][CELL];

	put(o, "%-10s %-7s ", s->task, syc_position_name(s->position));
	put_name(o, s->vector);
	put(o, ": %zu rows, %zu sycophantic, %zu items", s->n, s->n_pos,
	    s->n_items);
	if (s->why) {
		put(o, "; %s\n", s->why);
		return;
	}
	put(o, "\n  AUC %s, by chance %s, p %s, Holm's %s\n",
	    fixed(c[0], t->auc, 3), range(c[1], t->null_lo, t->null_hi),
	    chance(c[2], t->p), chance(c[3], s->holm));
	put(o, "  layer %" PRIu32 " in most folds; there %s %s%s\n",
	    p->layer[s->usual], fixed(c[0], at->auc, 3),
	    range(c[1], at->lo, at->hi),
	    at->auc < 0.5 ? ", so the sign is turned" : "");
}

static int say(struct sheet *o, const struct syc_predict_set *s,
	       struct syc_err *err)
{
	struct syc_conclusion c = { 0 };
	const int ret = syc_conclude_predicted(&c, s, err);

	if (ret == 0)
		put(o, "%s\n  %s%s%s (%s)\n", c.question.data,
		    c.answer.len ? c.answer.data : "",
		    c.answer.len && c.figures.len ? ": " : "",
		    c.figures.len ? c.figures.data : "", c.counts.data);
	syc_conclusion_free(&c);
	return ret;
}

static int text(struct sheet *o, const struct syc_predict *p,
		struct syc_err *err)
{
	int ret = 0;

	put(o, "\nDo vectors tell what the model did?\n\n");
	for (size_t i = 0; i < p->n_sets; i++)
		text_set(o, p, &p->set[i]);
	put(o, p->n_sets ? "\n" : "No row has a label.\n");
	for (size_t i = 0; i < p->n_sets && ret == 0; i++)
		ret = say(o, &p->set[i], err);
	put(o,
	    "\nLayer and sign are chosen on other items, and p is of all of it.  Intervals take "
	    "items\nfor independent; Holm's p is for all the tests here.\n");
	return ret;
}

/* ---- for programs ---------------------------------------------------------------------- */

static void tsv(struct sheet *o, const struct syc_predict *p)
{
	/* Behind another table an empty line. */
	put(o,
	    "%stask\tposition\tvector\tlayer\tn\tpositives\titems\tauc\tlo\thi\n",
	    o->b->len ? "\n" : "");
	for (size_t i = 0; i < p->n_sets; i++)
		for (size_t l = 0; l < p->n_layers; l++) {
			const struct syc_predict_set *s = &p->set[i];

			put(o, "%s\t%s\t", s->task,
			    syc_position_name(s->position));
			put_name(o, s->vector);
			put(o, "\t%" PRIu32 "\t%zu\t%zu\t%zu", p->layer[l],
			    s->n, s->n_pos, s->n_items);
			tsv_num(o, s->layer[l].auc);
			tsv_num(o, s->layer[l].lo);
			tsv_num(o, s->layer[l].hi);
			put(o, "\n");
		}
}

static void json_layers(struct sheet *o, const struct syc_predict *p,
			const struct syc_predict_set *s)
{
	put(o, ",\n\"layers\":[");
	for (size_t l = 0; l < p->n_layers; l++) {
		const struct table_field f[] = { { "auc", s->layer[l].auc },
						 { "auc_lo", s->layer[l].lo },
						 { "auc_hi", s->layer[l].hi } };

		put(o, "%s{\"layer\":%" PRIu32 ",\"n\":%zu,\"chosen\":%zu",
		    l ? ",\n" : "\n", p->layer[l],
		    s->layer[l].n_pos + s->layer[l].n_neg,
		    s->test->chosen ? s->test->chosen[l] : 0);
		JSON_FIELDS(o, f);
		put(o, "}");
	}
	put(o, "]");
}

static int json_set(struct sheet *o, const struct syc_predict *p,
		    const struct syc_predict_set *s, struct syc_err *err)
{
	const struct syc_procedure *t = s->test;
	const struct table_field f[] = {
		{"auc", t->auc},
		{"null_lo", t->null_lo},
		{"null_hi", t->null_hi},
		{"p", s->why ? NAN : t->p},
		{"holm", s->holm},
		{"all_not", s->all_not},
		{"all_sycophantic", s->all_syc},
	};
	struct syc_conclusion c = { 0 };
	struct syc_buf name = { 0 };
	const int ret = syc_conclude_predicted(&c, s, err);

	syc_buf_printf(&name, "%s on %s", s->vector, s->task);
	put(o, "{\"vector\":");
	json_text(o, name.failed ? s->vector : name.data);
	put(o,
	    ",\"position\":\"%s\",\"task\":\"%s\",\"rows\":%zu,\"positives\":%zu,\"items\":%zu"
	    ",\"undecided\":%zu",
	    syc_position_name(s->position), s->task, s->n, s->n_pos, s->n_items,
	    s->n_undecided);
	JSON_FIELDS(o, f);
	json_layers(o, p, s);
	if (ret == 0) {
		put(o,
		    ",\n\"conclusion\":{\"key\":\"%s\",\"verdict\":\"%s\",\"numbers\":%s}}",
		    c.key, syc_verdict_name(c.verdict), c.numbers.data);
	}
	syc_buf_free(&name);
	syc_conclusion_free(&c);
	return ret;
}

static int json(struct sheet *o, const struct syc_predict *p,
		struct syc_err *err)
{
	int ret = 0;

	put(o,
	    "{\"program\":\"syc-eval\",\"version\":\"%s\",\"confidence\":0.95,\"other_rows\":%zu"
	    ",\n\"fits\":[",
	    syc_version(), p->n_other);
	for (size_t i = 0; i < p->n_sets && ret == 0; i++) {
		put(o, "%s", i ? ",\n" : "\n");
		ret = json_set(o, p, &p->set[i], err);
	}
	put(o, "]}\n");
	return ret;
}

/* ---- vectors and rows ------------------------------------------------------------------- */

struct said {
	const struct tool *tool;
	const struct opt_values *common;
};

static void say_foreign(void *arg, const char *vector, const char *acts)
{
	const struct said *s = arg;

	tool_warn_foreign(s->tool, s->common, vector, acts);
}

static int put_all(struct sheet *o, struct syc_rows *in,
		   const struct syc_predict_opts *opts, struct syc_err *err)
{
	struct syc_predict *p;
	int ret = syc_predict_read(&p, in, opts, err);

	if (ret < 0)
		return ret;
	if (o->form == SHEET_JSON)
		ret = json(o, p, err);
	else if (o->form == SHEET_TSV)
		tsv(o, p);
	else
		ret = text(o, p, err);
	syc_predict_free(p);
	return ret < 0 ? ret : o->bad ? fail_nomem(err) : 0;
}

int predict_put(struct sheet *o, const struct tool *tool,
		const struct opt_values *common, const struct texts *vectors,
		char *const *paths, int n_paths, struct syc_err *err)
{
	struct syc_vector **v =
		calloc(vectors->n + 1, sizeof(struct syc_vector *));
	char **name = calloc(vectors->n + 1, sizeof(char *));
	struct said said = { tool, common };
	struct syc_rows in = { .paths = paths, .n_paths = n_paths };
	struct syc_predict_opts opts = {
		.score = {.vector = (const struct syc_vector *const *)v,
			  .name = (const char *const *)name,
			  .n_vectors = vectors->n,
			  .foreign = say_foreign,
			  .arg = &said},
		.seed = common->seed,
		.threads = common->threads};
	int ret = v && name ? 0 : fail_nomem(err);

	for (size_t i = 0; i < vectors->n && ret == 0; i++) {
		const char *path;

		name[i] = named_file(vectors->text[i], &path);
		ret = name[i] ? vector_open(tool, common, path, &v[i], err)
			      : fail_nomem(err);
	}
	if (ret == 0)
		ret = put_all(o, &in, &opts, err);
	syc_rows_done(&in);
	for (size_t i = 0; v && name && i < vectors->n; i++) {
		syc_vector_free(v[i]);
		free(name[i]);
	}
	free(v);
	free(name);
	return ret;
}
