/* SPDX-License-Identifier: MIT */
/*
 * How often a page says what is not so: studies are drawn at the level of the programs'
 * documents, and the conclusions are made from these; what tells labels and shifts is
 * drawn as scores, and tested as syc-fit does.  SYC_LONG=1 draws the 2,000 studies a cell
 * of tests/data/rates/page.txt.
 */
#include "config.h"
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "normal.h"
#include "suite.h"
#include "syc/draws.h"
#include "syc/procedure.h"
#include "syc/regress.h"
#include "syc/stat.h"
#include "syc/study_tables.h"

enum { SETS = 3, DRAWS = 199, ROWS = 60, CLAIMS = 60, STEERED = 20, LAYERS = 6 };

static const struct truth {
	const char *name;
	double effect[SETS];	/* of the view, by set */
	double sd;		/* of the claims' effects */
	bool predicts;		/* the vector, on its own set; never elsewhere */
	/* what steering changes, turned; 0: as much as a null vector happens to */
	double steers;
} truths[] = {
	{"no effect anywhere", {0, 0, 0}, 0.2, false, 0},
	{"no effect, little spread", {0, 0, 0}, 0.03, false, 0},
	{"effects of .05, the least that matters", {0.05, 0.05, 0.05}, 0.06, false, 0},
	{"an effect on the set of the vectors, nothing predicts", {0.3, 0, 0}, 0.2, false, 0},
	{"effects everywhere, nothing predicts elsewhere or steers", {0.3, 0.3, 0.3}, 0.2, true, 0},
	{"the same, steering by .05, the least that matters", {0.3, 0.3, 0.3}, 0.2, true, 0.05},
	{"the same, and the vector steers by .15", {0.3, 0.3, 0.3}, 0.2, true, 0.15},
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

/* A setting among null vectors: how far it moves is their spread, or is given. */
static double draw_test(struct syc_buf *b, bool primary, double steers, uint64_t key,
			uint64_t *step)
{
	static double x[1 + DRAWS][STEERED];
	const struct syc_draws_data d = {
		.given = x[0], .null = x[1], .n_draws = DRAWS, .n_settings = 1,
		.n_claims = STEERED, .boot = 200, .seed = *step,
	};
	struct syc_draws got;
	double is = 0;

	for (size_t i = 0; i <= DRAWS; i++) {
		double own = 0.02 * normal(key, step);

		if (!i)
			is = own = steers > 0 ? steers : own;
		for (size_t c = 0; c < STEERED; c++)
			x[i][c] = own + 0.05 * normal(key, step);
	}
	ck_assert_int_eq(syc_draws_test(&got, &d, NULL), 0);
	syc_buf_printf(b, "{\"primary\": %s, \"way\": \"raises\", \"claims\": %d, \"rows\": 80, "
		       "\"change\": %.17g, \"change_lo\": %.17g, \"change_hi\": %.17g, "
		       "\"change_se\": %.17g, \"p\": %.17g, \"p_least\": %.17g, \"null\": "
		       "[{\"name\": \"random\", \"draws\": %d, \"above\": %zu, \"most\": %.17g}]}",
		       primary ? "true" : "false", STEERED, got.value, got.lo, got.hi, got.se,
		       got.p, got.p_least, DRAWS, got.n_above, got.null_most);
	return is;
}

static json_t *draw_sweep(const struct truth *t, double is[2], uint64_t key, uint64_t *step)
{
	struct syc_buf b = { 0 };

	syc_buf_puts(&b, "{\"outcome\": \"stance effect\", \"settings\": [], \"tests\": [");
	is[0] = draw_test(&b, true, t->steers, key, step);
	syc_buf_puts(&b, ", ");
	is[1] = draw_test(&b, false, t->steers, key, step);
	syc_buf_puts(&b, "]}");
	return parse(&b);
}

/* Of a setting that changes as much as this. */
static bool steers_falsely(const struct truth *t, const struct syc_conclusion *c, double is)
{
	return (c->verdict == SYC_VERDICT_YES && !(t->steers > 0)) ||
	       (c->verdict == SYC_VERDICT_NO && fabs(is) >= SYC_STANCE_RELEVANT);
}

/* Whether any sentence says more than is so. */
static bool is_false(const struct truth *t, const struct syc_conclusion *c, const double is[2])
{
	static const char *const keys[] = { "declared", "stance" };
	static const enum syc_study_question never[] = {
		SYC_ASKED_NULLS, SYC_ASKED_LETTERS, SYC_ASKED_INCREMENT, SYC_ASKED_ELSEWHERE,
	};
	bool bad = false;

	for (size_t q = 0; q < 2; q++) {
		json_t *all = json_loadb(c[q].numbers.data, c[q].numbers.len, 0, NULL);
		const json_t *sets = json_object_get(all, "sets"), *o;
		size_t i;

		ck_assert_str_eq(c[q].key, keys[q]);
		json_array_foreach(sets, i, o) {
			const double effect = t->effect[q + i];
			const char *v = json_string_value(json_object_get(o, "verdict"));

			bad |= strcmp(v, "follows") == 0 && !(effect > 0);
			bad |= strcmp(v, "goes against") == 0 && !(effect < 0);
			bad |= strcmp(v, "no relevant effect") == 0 && effect >= SYC_STANCE_RELEVANT;
		}
		json_decref(all);
	}
	bad |= c[SYC_ASKED_PREDICTION].verdict == SYC_VERDICT_YES && !t->predicts;
	bad |= c[SYC_ASKED_SHIFT].verdict == SYC_VERDICT_YES && !t->predicts;
	for (size_t q = 0; q < sizeof(never) / sizeof(never[0]); q++)
		bad |= c[never[q]].verdict == SYC_VERDICT_YES ||
		       c[never[q]].verdict == SYC_VERDICT_SOME ||
		       c[never[q]].verdict == SYC_VERDICT_REVERSED;
	return bad || steers_falsely(t, &c[SYC_ASKED_STEERS], is[0]) ||
	       steers_falsely(t, &c[SYC_ASKED_OPPOSITE], is[1]);
}

struct said {
	int n_false, declared, predicts, steers;
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
	double is[2];

	for (size_t s = 0; s < SETS; s++)
		set[s].stance = draw_stance(t->effect[s], t->sd, claims[s], key, &step);
	draw_answers(&a, t->predicts, key, &step);
	doc[SYC_STUDY_FIT] = fit_labels(&a, key, &step);
	doc[SYC_STUDY_INCREMENT] = draw_increment(key, &step);
	doc[SYC_STUDY_SHIFT] = fit_shifts(&a);
	doc[SYC_STUDY_TRANSFER] = draw_transfer(key, &step);
	doc[SYC_STUDY_PRIMARY] = draw_sweep(t, is, key, &step);
	for (size_t i = 0; i < SYC_STUDY_N_DOCS; i++)
		d.doc[i] = doc[i];
	ck_assert_int_eq(syc_study_conclude(c, &d, NULL), 0);
	said->n_false += is_false(t, c, is);
	said->declared += c[SYC_ASKED_DECLARED].verdict == SYC_VERDICT_YES;
	said->predicts += c[SYC_ASKED_PREDICTION].verdict == SYC_VERDICT_YES;
	said->steers += c[SYC_ASKED_STEERS].verdict == SYC_VERDICT_YES;
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
		printf("%s: %d of %d pages say something false; follows %d, predicts %d, "
		       "steers %d\n", truths[i].name, said.n_false, times, said.declared,
		       said.predicts, said.steers);
		/* 6 %; of 20 studies 5 would come once in a hundred at that. */
		ck_assert_int_le(said.n_false, all ? 120 : 5);
		/* And a page that never says yes fails. */
		if (truths[i].effect[0] > 0.1)
			ck_assert_int_ge(said.declared, times * 9 / 10);
		if (truths[i].predicts)
			ck_assert_int_ge(said.predicts, times * 9 / 10);
		if (truths[i].steers > 0.1)
			ck_assert_int_ge(said.steers, times * 9 / 10);
	}
}
END_TEST

int main(void)
{
	const struct test t[] = { TEST(false_sentences) };

	return RUN_TESTS("page rates", t);
}
