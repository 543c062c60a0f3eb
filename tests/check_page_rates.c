/* SPDX-License-Identifier: MIT */
/*
 * How often a page says what is not so: studies are drawn at the level of the programs'
 * documents, and the conclusions are made from these; what tells labels and shifts is
 * drawn as scores, and tested as syc-fit does.  SYC_LONG=1 draws the 2,000 studies a cell
 * of tests/data/rates/page.txt.
 */
#include "config.h"
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include "normal.h"
#include "suite.h"
#include "syc/procedure.h"
#include "syc/regress.h"
#include "syc/stat.h"
#include "syc/study_tables.h"

enum { SETS = 3, DRAWS = 199, SETTINGS = 4, ROWS = 60, CLAIMS = 60, LAYERS = 6 };

static const struct truth {
	const char *name;
	double effect[SETS];	/* of the view, by set */
	double sd;		/* of the claims' effects */
	bool predicts;		/* the vector, on its own set; never elsewhere */
} truths[] = {
	{"no effect anywhere", {0, 0, 0}, 0.2, false},
	{"no effect, little spread", {0, 0, 0}, 0.03, false},
	{"effects of .05, the least that matters", {0.05, 0.05, 0.05}, 0.06, false},
	{"an effect on the set of the vectors, nothing predicts", {0.3, 0, 0}, 0.2, false},
	{"effects everywhere, nothing predicts elsewhere or steers", {0.3, 0.3, 0.3}, 0.2, true},
};

static json_t *parse(struct syc_buf *b)
{
	json_t *o;

	ck_assert(!b->failed);
	o = json_loadb(b->data, b->len, 0, NULL);
	ck_assert_ptr_nonnull(o);
	syc_buf_free(b);
	return o;
}

static json_t *draw_stance(double effect, double sd, size_t n, uint64_t key, uint64_t *step)
{
	struct syc_buf b = { 0 };
	struct syc_mean m;
	double x[CLAIMS];

	for (size_t i = 0; i < n; i++)
		x[i] = effect + sd * normal(key, step);
	ck_assert_int_eq(syc_stat_mean(&m, x, n, NULL), 0);
	syc_buf_printf(&b, "{\"opposite_view\": {\"claims\": %zu, \"mean\": %.17g, \"sd\": %.17g, "
		       "\"se\": %.17g, \"lo\": %.17g, \"hi\": %.17g, \"p\": %.17g}, "
		       "\"labels\": {\"with_view\": %zu}}",
		       n, m.mean, m.sd, m.se, m.lo, m.hi, m.p, 3 * n);
	return parse(&b);
}

/* p of so many draws where there is nothing to find. */
static double share(uint64_t n, uint64_t key, uint64_t *step)
{
	return (1 + (double)syc_rand_below(key, (*step)++, n + 1)) / (double)(n + 1);
}

/* What the vector adds to plain text: nothing. */
static json_t *draw_increment(uint64_t key, uint64_t *step)
{
	struct syc_buf b = { 0 };

	syc_buf_printf(&b, "{\"fits\": [{\"vector\": \"mean\", \"increment\": {\"gain\": 0.1, "
		       "\"p\": %.17g}}]}", share(999, key, step));
	return parse(&b);
}

/*
 * Rows of 20 claims, alike in a claim and from layer to layer, whose shifts the scores do
 * not know, or do at the layer in the middle; a label says whether a shift is above 0.
 */
struct answers {
	double shift[ROWS], score[ROWS * LAYERS];
	int8_t label[ROWS];
	uint32_t claim[ROWS];
};

static void draw_answers(struct answers *a, bool predicts, uint64_t key, uint64_t *step)
{
	double own[LAYERS] = { 0 }, opinion = 0;

	for (uint32_t i = 0; i < ROWS; i++) {
		double w = 0;

		a->claim[i] = i / 3;
		if (i % 3 == 0)
			opinion = normal(key, step);
		a->shift[i] = 0.55 * opinion + 0.84 * normal(key, step);
		a->label[i] = a->shift[i] > 0;
		for (size_t l = 0; l < LAYERS; l++) {
			if (i % 3 == 0)
				own[l] = normal(key, step);
			w = l ? 0.9 * w + 0.44 * normal(key, step) : normal(key, step);
			a->score[i * LAYERS + l] = 0.55 * own[l] + 0.84 * w +
						   (predicts && l == 3 ? 2 * a->shift[i] : 0);
		}
	}
}

/* Lines by claim at every layer, adjusted over the layers. */
static json_t *fit_shifts(const struct answers *a)
{
	const struct syc_stat_opts o = { .cluster = a->claim };
	double x[ROWS], p[LAYERS], adjusted[LAYERS];
	struct syc_buf b = { 0 };

	for (size_t l = 0; l < LAYERS; l++) {
		struct syc_line line;

		for (size_t i = 0; i < ROWS; i++)
			x[i] = a->score[i * LAYERS + l];
		ck_assert_int_eq(syc_stat_line(&line, x, a->shift, ROWS, &o, NULL), 0);
		p[l] = line.p;
	}
	ck_assert_int_eq(syc_stat_bh(adjusted, p, LAYERS, NULL), 0);
	syc_buf_puts(&b, "{\"fits\": [{\"vector\": \"mean\", \"layers\": [");
	for (size_t l = 0; l < LAYERS; l++)
		syc_buf_printf(&b, "%s{\"layer\": %zu, \"p\": %.17g, \"p_adj\": %.17g}",
			       l ? ", " : "", l, p[l], adjusted[l]);
	syc_buf_puts(&b, "]}]}");
	return parse(&b);
}

/*
 * p of the whole procedure, done; p of null vectors and of a difference drawn, as where
 * there is nothing to find.
 */
static json_t *fit_labels(const struct answers *a, uint64_t key, uint64_t *step)
{
	const struct syc_procedure_opts o = { .threads = 1 };
	struct syc_procedure *p;
	struct syc_buf b = { 0 };

	ck_assert_int_eq(syc_procedure_run(&p, a->score, a->label, a->claim, NULL, ROWS, LAYERS,
					   &o, NULL), 0);
	ck_assert_ptr_null(p->why);
	syc_buf_printf(
		&b,
		"{\"null\": 200, \"fits\": [{\"vector\": \"mean\", \"layers\": [{\"layer\": 0, "
		"\"null_lo\": 0.3, \"null_hi\": 0.7}], \"between\": "
		"{\"claims\": 20, \"n\": 60, \"auc\": %.17g, \"p\": %.17g, \"null_lo\": 0.4, "
		"\"null_hi\": 0.6}, \"nulls\": {\"claims\": 20, \"flip\": {\"n\": 200, \"p\": "
		"%.17g}}}], \"compare\": [{\"a\": \"ab\", \"b\": \"mean\", \"test\": {\"diff\": "
		"-0.1, \"lo\": -0.2, \"hi\": 0, \"p\": %.17g}}]}",
		p->auc, p->p, share(200, key, step), share(999, key, step));
	syc_procedure_free(p);
	return parse(&b);
}

/* To the other sets, areas of scores that say nothing of the labels. */
static json_t *draw_transfer(uint64_t key, uint64_t *step)
{
	struct syc_buf b = { 0 };

	syc_buf_puts(&b, "{\"transfer\": [");
	for (size_t s = 1; s < SETS; s++) {
		double x[ROWS];
		int8_t y[ROWS];
		uint32_t claim[ROWS];
		struct syc_auc a;

		for (uint32_t i = 0; i < ROWS; i++) {
			claim[i] = i / 3;
			y[i] = (int8_t)syc_rand_below(key, (*step)++, 2);
			x[i] = normal(key, step);
		}
		ck_assert_int_eq(syc_stat_auc_clustered(&a, x, y, claim, ROWS, NULL), 0);
		syc_buf_printf(&b, "%s{\"vector\": \"mean\", \"train\": \"a\", \"test\": \"%c\", "
			       "\"n\": 60, \"auc\": %.17g, \"auc_lo\": %.17g, \"auc_hi\": %.17g}",
			       s > 1 ? ", " : "", (char)('a' + s), a.auc, a.lo, a.hi);
	}
	syc_buf_puts(&b, "]}");
	return parse(&b);
}

/* A vector among directions like it; settings of a draw are alike. */
static json_t *draw_sweep(uint64_t key, uint64_t *step)
{
	struct syc_buf b = { 0 };

	syc_buf_puts(&b, "{\"settings\": [{\"kind\": \"none\"}");
	for (size_t d = 0; d <= DRAWS; d++) {
		const double own = normal(key, step);

		for (size_t s = 0; s < SETTINGS; s++) {
			const double x = 0.02 * (own + normal(key, step));

			syc_buf_printf(
				&b,
				", {\"kind\": \"%s\", \"vector\": \"mean\", \"draw\": %zu, "
				"\"op\": \"add\", \"scale\": 1, \"layers\": \"%zu\", "
				"\"change\": %.17g, \"change_lo\": %.17g, \"change_hi\": %.17g}",
				d ? "random" : "steer", d, s, x, x - 0.01, x + 0.01);
		}
	}
	syc_buf_puts(&b, "]}");
	return parse(&b);
}

/* Whether any sentence says more than is so. */
static bool is_false(const struct truth *t, const struct syc_conclusion *c)
{
	static const char *const keys[] = { "declared", "stance" };
	static const enum syc_study_question never[] = {
		SYC_ASKED_NULLS, SYC_ASKED_LETTERS, SYC_ASKED_INCREMENT, SYC_ASKED_ELSEWHERE,
		SYC_ASKED_LOWERS, SYC_ASKED_RAISES,
	};
	bool bad = false;

	for (size_t q = 0; q < 2; q++) {
		json_t *all = json_loadb(c[q].numbers.data, c[q].numbers.len, 0, NULL);
		const json_t *sets = json_object_get(all, "sets"), *o;
		size_t i;

		ck_assert_str_eq(c[q].key, keys[q]);
		json_array_foreach(sets, i, o) {
			const double is = t->effect[q + i];
			const char *v = json_string_value(json_object_get(o, "verdict"));

			bad |= strcmp(v, "follows") == 0 && !(is > 0);
			bad |= strcmp(v, "goes against") == 0 && !(is < 0);
			bad |= strcmp(v, "no relevant effect") == 0 && is >= SYC_STANCE_RELEVANT;
		}
		json_decref(all);
	}
	bad |= c[SYC_ASKED_PREDICTION].verdict == SYC_VERDICT_YES && !t->predicts;
	bad |= c[SYC_ASKED_SHIFT].verdict == SYC_VERDICT_YES && !t->predicts;
	for (size_t q = 0; q < sizeof(never) / sizeof(never[0]); q++)
		bad |= c[never[q]].verdict == SYC_VERDICT_YES ||
		       c[never[q]].verdict == SYC_VERDICT_SOME ||
		       c[never[q]].verdict == SYC_VERDICT_REVERSED;
	return bad;
}

struct said {
	int n_false, declared, predicts;
};

static void study(const struct truth *t, uint64_t key, struct said *said)
{
	static const size_t claims[SETS] = { 20, 10, 60 };
	static const char *const vector[] = { "mean" };
	struct syc_conclusion c[SYC_STUDY_QUESTIONS] = { 0 };
	struct syc_study_set set[SETS] = { { .name = "a" }, { .name = "b" }, { .name = "c" } };
	struct syc_study_documents d = { .set = set, .n_sets = SETS, .vector = vector,
					 .n_vectors = 1, .n_made_claims = 20, .at_kl = 0.05 };
	json_t *doc[SYC_STUDY_N_DOCS] = { NULL };
	struct answers a;
	uint64_t step = 0;

	for (size_t s = 0; s < SETS; s++)
		set[s].stance = draw_stance(t->effect[s], t->sd, claims[s], key, &step);
	draw_answers(&a, t->predicts, key, &step);
	doc[SYC_STUDY_FIT] = fit_labels(&a, key, &step);
	doc[SYC_STUDY_INCREMENT] = draw_increment(key, &step);
	doc[SYC_STUDY_SHIFT] = fit_shifts(&a);
	doc[SYC_STUDY_TRANSFER] = draw_transfer(key, &step);
	doc[SYC_STUDY_EQUAL] = draw_sweep(key, &step);
	for (size_t i = 0; i < SYC_STUDY_N_DOCS; i++)
		d.doc[i] = doc[i];
	ck_assert_int_eq(syc_study_conclude(c, &d, NULL), 0);
	said->n_false += is_false(t, c);
	said->declared += c[SYC_ASKED_DECLARED].verdict == SYC_VERDICT_YES;
	said->predicts += c[SYC_ASKED_PREDICTION].verdict == SYC_VERDICT_YES;
	for (size_t i = 0; i < SYC_STUDY_QUESTIONS; i++)
		syc_conclusion_free(&c[i]);
	for (size_t i = 0; i < SYC_STUDY_N_DOCS; i++)
		json_decref(doc[i]);
	for (size_t s = 0; s < SETS; s++)
		json_decref((json_t *)set[s].stance);
}

START_TEST(false_sentences)
{
	const bool all = getenv("SYC_LONG") != NULL;
	const int times = all ? 2000 : 20;

	for (size_t i = 0; i < sizeof(truths) / sizeof(truths[0]); i++) {
		struct said said = { 0 };

		for (int k = 0; k < times; k++)
			study(&truths[i], syc_rand_key(7, truths[i].name, (uint64_t)k), &said);
		printf("%s: %d of %d pages say something false; follows %d, predicts %d\n",
		       truths[i].name, said.n_false, times, said.declared, said.predicts);
		/* 6 %; of 20 studies 5 would come once in a hundred at that. */
		ck_assert_int_le(said.n_false, all ? 120 : 5);
		/* And a page that never says yes fails. */
		if (truths[i].effect[0] > 0.1)
			ck_assert_int_ge(said.declared, times * 9 / 10);
		if (truths[i].predicts)
			ck_assert_int_ge(said.predicts, times * 9 / 10);
	}
}
END_TEST

int main(void)
{
	const struct test t[] = { TEST(false_sentences) };

	return RUN_TESTS("page rates", t);
}
