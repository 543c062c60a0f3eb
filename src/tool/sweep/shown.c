/* SPDX-License-Identifier: MIT */
/* What a sweep shows: tests of vectors, questions one by one, answers. */
#include "config.h"
#include <math.h>
#include <string.h>
#include "tool/sweep/sweep.h"

static const char *op_of(const struct syc_sweep_setting *s)
{
	return syc_steer_op_info(s->rule.op)->name;
}

static const char *way_of(const struct syc_sweep_test *t)
{
	return t->way < 0 ? "lowers" : "raises";
}

/* "add -2, layers 2-3" */
static void put_best(struct sheet *o, const struct sweep *w, size_t setting)
{
	const struct syc_sweep_setting *s = &w->settings.setting[setting];

	put(o, "%s %.4g at ", op_of(s), s->scale);
	if (syc_sweep_layers_text(o->b, s->rule.layers, s->rule.n_layers) < 0)
		o->bad = true;
}

/* Rows of the claims that have the outcome. */
static size_t count_rows(const struct sweep *w)
{
	size_t n = 0;

	for (size_t i = 0; i < w->questions.n; i++)
		n += isfinite(
			w->settings.setting[0]
				.by_claim[w->questions.question[i].claim]);
	return n;
}

/* ---- tests ------------------------------------------------------------------ */

static void text_test(struct sheet *o, const struct sweep *w,
		      const struct syc_sweep_test *t)
{
	char c[6][CELL];

	put(o, "%-16.31s %s  %5zu  %+.3f %-18s %-6s %-6s %-9s %-9s %s, ",
	    t->vector->name, way_of(t), t->n_settings, t->effect.change,
	    range(c[0], t->effect.lo, t->effect.hi), chance(c[1], t->p),
	    chance(c[2], t->p_least),
	    t->primary ? "primary" : chance(c[3], t->adjusted),
	    fixed(c[4], t->detectable, 3), syc_draws_verdict_name(t->verdict));
	put_best(o, w, t->setting);
	put(o, "\n");
}

/* Whose null vectors there are; returns the fewest draws of a kind. */
static size_t text_nulls(struct sheet *o, const struct sweep *w)
{
	size_t least = SIZE_MAX;

	for (size_t i = 0; i < w->n_nulls; i++) {
		const struct syc_sweep_null *n = &w->null[i];

		put(o, "%s%zu %s", i ? ", " : "", n->n, n->name);
		if (n->of && w->direction.n > 1) {
			put(o, " of ");
			put_name(o, n->of->name);
		}
		least = n->n < least ? n->n : least;
	}
	return least;
}

void text_tests(struct sheet *o, const struct sweep *w)
{
	const size_t need =
		syc_draws_for(w->tests.n_others ? w->tests.n_others : 1);
	size_t least;

	if (!w->tests.n)
		return;
	put(o,
	    "\nThe best setting's change of %s%s, %zu claims and %zu rows with it,\n"
	    "beside the best of null vectors (",
	    w->settings.outcome == SYC_SWEEP_MATCHING ? "" : "the ",
	    syc_sweep_outcome_name(w->settings.outcome),
	    w->tests.test[0].n_claims, count_rows(w));
	least = text_nulls(o, w);
	put(o, "):\n\n%-16s %-6s  %5s  %-25s %-6s %-6s %-9s %-9s %s\n",
	    "vector", "way", "of", "change  95 % interval", "p", "least",
	    "Holm", "80 %", "verdict");
	for (size_t i = 0; i < w->tests.n; i++)
		text_test(o, w, &w->tests.test[i]);
	put(o,
	    "\nleast: the smallest p that so many draws can give; 80 %%: the change that "
	    "is found with that power\n");
	if (least < need)
		put(o,
		    "Beside the primary test (19) there are %zu others, which need %zu draws\n",
		    w->tests.n_others, need);
}

static void json_null(struct sheet *o, const struct syc_sweep_null *null,
		      const struct syc_draws *d)
{
	const struct table_field f[] = {
		{"p", d->p},
		{"p_least", d->p_least},
		{"median", d->null_median},
		{"q95", d->null_95},
		{"most", d->null_most},
		{"detectable", d->detectable},
	};

	put(o, "{\"name\":");
	json_text(o, null->name);
	put(o, ",\"draws\":%zu,\"above\":%zu", d->n_draws, d->n_above);
	JSON_FIELDS(o, f);
	put(o, "}");
}

static void json_test(struct sheet *o, const struct sweep *w,
		      const struct syc_sweep_test *t)
{
	const struct table_field f[] = {
		{"change", t->effect.change},
		{"change_lo", t->effect.lo},
		{"change_hi", t->effect.hi},
		{"change_se", t->se},
		{"p", t->p},
		{"p_least", t->p_least},
		{"p_holm", t->primary ? NAN : t->adjusted},
		{"detectable", t->detectable},
	};
	size_t n = 0;

	put(o, "{\"vector\":");
	json_text(o, t->vector->name);
	put(o,
	    ",\"way\":\"%s\",\"primary\":%s,\"settings\":%zu,\"setting\":%zu,"
	    "\"claims\":%zu,\"rows\":%zu",
	    way_of(t), t->primary ? "true" : "false", t->n_settings, t->setting,
	    t->n_claims, count_rows(w));
	JSON_FIELDS(o, f);
	put(o, ",\"verdict\":\"%s\",\"null\":[",
	    syc_draws_verdict_name(t->verdict));
	for (size_t i = 0; i < w->plan.n_nulls; i++) {
		if (!t->null[i].n_draws)
			continue;
		put(o, "%s", n++ ? "," : "");
		json_null(o, &w->plan.null[i], &t->null[i]);
	}
	put(o, "]}");
}

/* ---- questions one by one ----------------------------------------------------- */

static const struct syc_sweep_setting *any_of(const struct sweep *w,
					      const struct syc_sweep_curve *c)
{
	return &w->settings.setting[c->setting[c->n_settings - 1]];
}

static void put_layers(struct sheet *o, const struct syc_sweep_setting *s)
{
	if (syc_sweep_layers_text(o->b, s->rule.layers, s->rule.n_layers) < 0)
		o->bad = true;
}

void text_curves(struct sheet *o, const struct sweep *w)
{
	char c[4][CELL];

	if (!w->per_question)
		return;
	put(o,
	    "\nSlope of each question's log odds of the matching option in the scale:\n\n"
	    "%-16s %-10s %9s %6s %8s %-18s %9s %9s  layers\n",
	    "vector", "operator", "questions", "claims", "slope",
	    "95 % interval", "wrong way", "below 0");
	for (size_t k = 0; k < w->curves.n; k++) {
		const struct syc_sweep_curve *a = &w->curves.curve[k];
		const struct syc_sweep_setting *s = any_of(w, a);

		put(o, "%-16.31s %-10s %9zu %6zu %8s %-18s %9s %9s  ",
		    s->vector->name, op_of(s), a->n, a->n_claims,
		    fixed(c[0], a->mean.mean, 3),
		    range(c[1], a->mean.lo, a->mean.hi),
		    fixed(c[2], a->wrong, 3), fixed(c[3], a->wrong_any, 3));
		put_layers(o, s);
		put(o, "\n");
	}
	put(o,
	    "\nwrong way: slopes below 0 by more than half the difference of the two orders'%s\n",
	    w->margin > 0 ? " and the margin" : "");
}

void tsv_curves(struct sheet *o, const struct sweep *w)
{
	put(o, "vector\tlayers\top\tid\tclaim\tslope\tmargin\n");
	for (size_t k = 0; k < w->curves.n; k++) {
		const struct syc_sweep_curve *a = &w->curves.curve[k];
		const struct syc_sweep_setting *s = any_of(w, a);

		for (size_t i = 0; i < a->n; i++) {
			const struct syc_sweep_question *q =
				&w->questions.question[a->slope[i].question];

			put_name(o, s->vector->name);
			put(o, "\t");
			put_layers(o, s);
			put(o, "\t%s\t", op_of(s));
			put_name(o, q->id);
			put(o, "\t");
			put_name(o, w->questions.claim[q->claim]);
			tsv_num(o, a->slope[i].slope);
			tsv_num(o, a->slope[i].margin);
			put(o, "\n");
		}
	}
}

static void json_slopes(struct sheet *o, const struct sweep *w,
			const struct syc_sweep_curve *a)
{
	for (size_t i = 0; i < a->n; i++) {
		const struct syc_sweep_question *q =
			&w->questions.question[a->slope[i].question];

		put(o, "%s{\"id\":", i ? ",\n" : "\n");
		json_text(o, q->id);
		put(o, ",\"claim\":");
		json_text(o, w->questions.claim[q->claim]);
		put(o, ",");
		json_field(o, "slope", a->slope[i].slope);
		put(o, ",");
		json_field(o, "margin", a->slope[i].margin);
		put(o, "}");
	}
}

static void json_curve(struct sheet *o, const struct sweep *w,
		       const struct syc_sweep_curve *a)
{
	const struct syc_sweep_setting *s = any_of(w, a);
	const struct table_field f[] = {
		{ "lowest", a->lowest }, { "highest", a->highest },
		{ "slope", a->mean.mean }, { "slope_lo", a->mean.lo },
		{ "slope_hi", a->mean.hi }, { "wrong_way", a->wrong },
		{ "below_0", a->wrong_any },
	};

	put(o, "{\"vector\":");
	json_text(o, s->vector->name);
	put(o, ",\"layers\":\"");
	put_layers(o, s);
	put(o, "\",\"op\":\"%s\",\"n\":%zu,\"claims\":%zu", op_of(s), a->n,
	    a->n_claims);
	JSON_FIELDS(o, f);
	put(o, ",\"questions\":[");
	json_slopes(o, w, a);
	put(o, "]}");
}

/* ---- answers -------------------------------------------------------------------- */

static void json_answer(struct sheet *o, const struct sweep *w,
			const struct syc_ids *ids)
{
	struct syc_buf text = { 0 };

	if (syc_vocab_decode(syc_model_vocab(w->model), ids->id, ids->n, false,
			     true, &text) < 0)
		o->bad = true;
	json_text(o, text.data ? text.data : "");
	syc_buf_free(&text);
}

/* Answers to a question, in the order of the settings. */
static void json_answers(struct sheet *o, const struct sweep *w, size_t row)
{
	put(o, "{\"id\":");
	json_text(o, w->questions.question[row].id);
	put(o, ",\"answers\":[");
	for (size_t i = 0; i < w->settings.n; i++) {
		put(o, i ? ",\n" : "\n");
		json_answer(o, w, &w->settings.setting[i].answer[row]);
	}
	put(o, "]}");
}

void json_shown(struct sheet *o, const struct sweep *w)
{
	const size_t n = w->settings.setting[0].n_answered;

	put(o, ",\n\"outcome\":\"%s\",\"claims\":%zu,\"kl_prompts\":%zu",
	    syc_sweep_outcome_name(w->settings.outcome), w->questions.n_claims,
	    w->unrelated.n);
	put(o, ",\n\"tests\":[");
	for (size_t i = 0; i < w->tests.n; i++) {
		put(o, i ? ",\n" : "\n");
		json_test(o, w, &w->tests.test[i]);
	}
	put(o, "]");
	if (w->per_question)
		put(o, ",\n\"curves\":[");
	for (size_t k = 0; k < w->curves.n; k++) {
		put(o, k ? ",\n" : "\n");
		json_curve(o, w, &w->curves.curve[k]);
	}
	put(o, w->per_question ? "],\n\"texts\":[" : ",\n\"texts\":[");
	for (size_t i = 0; i < n; i++) {
		put(o, i ? ",\n" : "\n");
		json_answers(o, w, i);
	}
	put(o, "]");
}
