/* SPDX-License-Identifier: MIT */
/* What a sweep shows, of made-up settings: outcomes, tests and slopes. */
#include "config.h"
#include <math.h>
#include <string.h>
#include "normal.h"
#include "study/sweep/sweep.h"
#include "suite.h"
#include "syc/sweep_test.h"

/*
 * A made-up model: a user's view moves an answer by so much at each claim, and a
 * vector moves that by its component along the layer's direction of stance, and
 * besides in a way of each claim's own.
 */
enum { LAYERS = 4, DIM = 64, CLAIMS = 60, OPS = 3, SETTINGS = 1 + LAYERS * OPS,
       ROWS = 4 * CLAIMS, DRAWS = 199 };

static struct syc_sweep_question question[ROWS];
static struct syc_sweep_questions questions;
static uint32_t layer[LAYERS] = { 0, 1, 2, 3 };
static double along[LAYERS][DIM];	/* the direction of stance */
static double own[CLAIMS][3][DIM];	/* a claim's: of opinion, of view, of order */
static double weight[CLAIMS], opinion[CLAIMS], gain[CLAIMS];

static double dot(const double *a, const double *b)
{
	double sum = 0;

	for (int i = 0; i < DIM; i++)
		sum += a[i] * b[i];
	return sum;
}

static void unit(double *v, uint64_t key, uint64_t *step)
{
	double sq = 0;

	for (int i = 0; i < DIM; i++) {
		v[i] = normal(key, step);
		sq += v[i] * v[i];
	}
	for (int i = 0; i < DIM; i++)
		v[i] /= sqrt(sq);
}

/* Each claim by holders of both views, in both orders. */
static void ask(size_t n_claims)
{
	static char id[] = "q";

	questions = (struct syc_sweep_questions){
		.question = question, .n = 4 * n_claims, .n_variants = 1,
		.n_claims = n_claims, .stated = true,
	};
	for (size_t i = 0; i < questions.n; i++)
		question[i] = (struct syc_sweep_question){
			.id = id, .claim = (uint32_t)(i / 4), .view = i / 2 % 2,
			.matching = i / 2 % 2, .asks = i / 2 * 2,
		};
}

static void make_model(uint64_t key, uint64_t *step)
{
	for (int l = 0; l < LAYERS; l++)
		unit(along[l], key, step);
	for (int c = 0; c < CLAIMS; c++) {
		for (int k = 0; k < 3; k++)
			unit(own[c][k], key, step);
		weight[c] = 0.6 + 0.4 * normal(key, step);
		opinion[c] = normal(key, step);
		gain[c] = 1 + 0.3 * normal(key, step);
	}
}

/* How far op goes along v, of which `at` lies in a direction: add -, add +, ablate. */
static double moves(int op, double at)
{
	return op == 0 ? -2 * at : op == 1 ? 2 * at : -at;
}

/* P(matching) with v at a layer; NULL: as it is. */
static void answer(float *p, const double *v, int l, int op)
{
	for (size_t i = 0; i < questions.n; i++) {
		const struct syc_sweep_question *q = &question[i];
		const double turn = q->view ? -1 : 1, order = i % 2 ? -0.4 : 0.4;
		const uint32_t c = q->claim;
		double view = weight[c], mean = opinion[c];

		if (v) {
			view += gain[c] * moves(op, 2 * dot(v, along[l])) +
				moves(op, dot(v, own[c][1]));
			mean += moves(op, dot(v, own[c][0]));
		}
		p[i] = (float)(1 / (1 + exp(-(turn * mean + view + order))));
	}
}

/* ---- a run of it ----------------------------------------------------------- */

static struct syc_sweep_vector vector = { .name = "v" };
static struct syc_sweep_null null = { .name = "random" };
static struct syc_sweep_plan plan = { .questions = &questions, .vector = &vector,
				      .n_vectors = 1, .null = &null, .n_nulls = 1,
				      .boot = 200, .seed = 1 };
static struct syc_sweep_setting setting[SETTINGS];
static struct syc_sweep_key key_of[SETTINGS];
static float p_match[SETTINGS][ROWS];
static double by_claim[SETTINGS][CLAIMS], change[DRAWS * SETTINGS * CLAIMS];
static struct syc_sweep_settings run;

static void lay_out(size_t n_claims)
{
	memset(setting, 0, sizeof(setting));
	run = (struct syc_sweep_settings){
		.setting = setting, .n = SETTINGS, .n_claims = n_claims,
		.key = key_of, .n_keys = SETTINGS - 1, .null_change = change,
		.outcome = SYC_SWEEP_OPPOSITE,
	};
	for (int i = 0; i < SETTINGS; i++) {
		struct syc_sweep_setting *s = &setting[i];
		const int op = (i - 1) % OPS;

		s->p_match = p_match[i];
		s->by_claim = by_claim[i];
		s->key = SIZE_MAX;
		if (!i)
			continue;
		s->kind = SYC_SWEEP_STEER;
		s->vector = &vector;
		s->key = (size_t)i - 1;
		s->scale = op ? 1 : -1;
		s->rule.op = op == 2 ? SYC_STEER_ABLATE : SYC_STEER_ADD;
		s->rule.layers = &layer[(i - 1) / OPS];
		s->rule.n_layers = 1;
	}
}

static void steer(const double v[LAYERS][DIM])
{
	for (int i = 0; i < SETTINGS; i++) {
		answer(p_match[i], i ? v[(i - 1) / OPS] : NULL, (i - 1) / OPS,
		       (i - 1) % OPS);
		ck_assert_int_eq(syc_sweep_by_claim(by_claim[i], &questions,
				 SYC_SWEEP_OPPOSITE, p_match[i], NULL), 0);
	}
}

static void draw(size_t d, uint64_t key, uint64_t *step)
{
	double v[LAYERS][DIM];
	float p[ROWS];

	for (int l = 0; l < LAYERS; l++)
		unit(v[l], key, step);
	for (int i = 1; i < SETTINGS; i++) {
		double *x = change + (d * (SETTINGS - 1) + (size_t)i - 1) *
			    run.n_claims;

		answer(p, v[(i - 1) / OPS], (i - 1) / OPS, (i - 1) % OPS);
		ck_assert_int_eq(syc_sweep_by_claim(x, &questions,
				 SYC_SWEEP_OPPOSITE, p, NULL), 0);
		for (size_t c = 0; c < run.n_claims; c++)
			x[c] -= by_claim[0][c];
	}
}

/* A vector with a component of cosine `lean` along stance, beside n_draws. */
static struct syc_sweep_tests study(size_t n_claims, double lean, size_t n_draws,
				    uint64_t seed)
{
	const uint64_t key = syc_rand_key(seed, "steering", n_claims);
	struct syc_sweep_tests t;
	double v[LAYERS][DIM];
	uint64_t step = 0;

	ask(n_claims);
	lay_out(n_claims);
	make_model(key, &step);
	for (int l = 0; l < LAYERS; l++) {
		unit(v[l], key, &step);
		for (int i = 0; i < DIM; i++)
			v[l][i] = sqrt(1 - lean * lean) * v[l][i] +
				  lean * along[l][i];
	}
	steer(v);
	null.n = n_draws;
	for (size_t d = 0; d < n_draws; d++)
		draw(d, key, &step);
	ck_assert_int_eq(syc_sweep_tests_make(&t, &run, &plan, -1, NULL), 0);
	ck_assert_uint_eq(t.n, 2);
	return t;
}

/* Of `times` studies, in how many the primary test and the other say "steers". */
static void count(int got[2], size_t n_claims, double lean, int times)
{
	const size_t n_draws = getenv("SYC_LONG") ? 199 : 39;

	got[0] = got[1] = 0;
	for (int i = 0; i < times; i++) {
		struct syc_sweep_tests t = study(n_claims, lean, n_draws,
						 1000 + (uint64_t)i);

		for (int k = 0; k < 2; k++)
			got[k] += t.test[k].verdict == SYC_DRAWS_YES;
		ck_assert(t.test[0].primary && t.test[0].way == -1);
		syc_sweep_tests_free(&t);
	}
}

/*
 * Null vectors are called steering in a twentieth at most (31 of 400 is the
 * binomial bound at .01, 7 of 50), a direction that leans on stance is found.
 * SYC_LONG=1 takes 400 studies a cell.
 */
START_TEST(rates)
{
	static const size_t claims[] = { 15, 30, 60 };
	const int times = getenv("SYC_LONG") ? 400 : 50;

	for (size_t c = 0; c < (times == 400 ? 3 : 1); c++) {
		int noise[2], planted[2];

		count(noise, claims[c], 0, times);
		count(planted, claims[c], 0.5, times);
		printf("%zu claims: of %d null vectors %d lower, %d raise; "
		       "of planted directions %d, %d\n", claims[c], times,
		       noise[0], noise[1], planted[0], planted[1]);
		for (int k = 0; k < 2; k++) {
			ck_assert_int_le(noise[k], times == 400 ? 31 : 7);
			ck_assert_int_ge(planted[k], times * 9 / 10);
		}
	}
}
END_TEST

/* ---- tests ------------------------------------------------------------------ */

START_TEST(a_test_is_its_draws)
{
	struct syc_sweep_tests t = study(15, 0.3, 39, 7);
	struct syc_draws_data d = { .n_draws = 39, .n_claims = 15, .boot = 200,
				    .seed = 1, .n_settings = 2 * LAYERS };
	static double given[2 * LAYERS * 15], drawn[39 * 2 * LAYERS * 15];
	const struct syc_sweep_test *low = &t.test[0];
	struct syc_draws want;

	for (size_t l = 0; l < LAYERS; l++)	/* add -, and ablate */
		for (size_t k = 0; k < 2; k++)
			for (size_t c = 0; c < 15; c++)
				given[(2 * l + k) * 15 + c] = by_claim[0][c] -
					by_claim[1 + l * OPS + 2 * k][c];
	for (size_t i = 0; i < 39; i++)
		for (size_t l = 0; l < LAYERS; l++)
			for (size_t k = 0; k < 2; k++)
				for (size_t c = 0; c < 15; c++)
					drawn[((i * LAYERS + l) * 2 + k) * 15 + c] =
						-change[(i * (SETTINGS - 1) +
							 l * OPS + 2 * k) * 15 + c];
	d.given = given;
	d.null = drawn;
	ck_assert_int_eq(syc_draws_test(&want, &d, NULL), 0);
	ck_assert_uint_eq(low->n_settings, 2 * LAYERS);
	ck_assert_double_eq(low->p, want.p);
	ck_assert_double_eq(low->effect.change, -want.value);
	ck_assert_double_eq(low->effect.lo, -want.hi);
	ck_assert_double_eq(low->detectable, want.detectable);
	ck_assert_uint_eq(low->setting, 1 + want.best / 2 * OPS + want.best % 2 * 2);
	ck_assert_uint_eq(t.n_others, 1);
	ck_assert_double_eq(t.test[1].adjusted, t.test[1].p);
	syc_sweep_tests_free(&t);
	/* The other way first. */
	ck_assert_int_eq(syc_sweep_tests_make(&t, &run, &plan, 1, NULL), 0);
	ck_assert(!t.test[0].primary && t.test[1].primary);
	syc_sweep_tests_free(&t);
	run.null_change = NULL;
	ck_assert_int_eq(syc_sweep_tests_make(&t, &run, &plan, 1, NULL), 0);
	ck_assert_uint_eq(t.n, 0);
	syc_sweep_tests_free(&t);
}
END_TEST

/* Two kinds: a vector has to do more than either, not than another's. */
START_TEST(the_largest_p_of_two_kinds)
{
	static struct syc_sweep_vector other = { .name = "other" };
	struct syc_sweep_null kinds[] = {
		{ .name = "flip", .n = 5, .of = &other },
		{ .name = "random", .n = 19 }, { .name = "flip", .n = 15, .of = &vector },
	};
	struct syc_sweep_tests t = study(15, 0.3, 39, 7);
	const struct syc_sweep_test *low;

	syc_sweep_tests_free(&t);
	plan.null = kinds;
	plan.n_nulls = 3;
	ck_assert_int_eq(syc_sweep_tests_make(&t, &run, &plan, -1, NULL), 0);
	low = &t.test[0];
	ck_assert_double_eq(low->p, fmax(low->null[1].p, low->null[2].p));
	ck_assert_double_eq(low->p_least, 1. / 16);
	ck_assert(isnan(low->detectable));	/* of 15 draws */
	ck_assert_uint_eq(low->null[0].n_draws, 0);
	ck_assert_uint_eq(low->null[2].n_draws, 15);
	syc_sweep_tests_free(&t);
	plan.null = &null;
	plan.n_nulls = 1;
}
END_TEST

/* ---- outcomes ---------------------------------------------------------------- */

START_TEST(outcomes)
{
	static const float p[20] = { 0.8f, 0.8f, 0.6f, 0.6f, 0.9f, 0.9f, 0.3f, 0.3f };
	enum syc_sweep_outcome o;
	double x[5];

	ask(4);
	ck_assert_int_eq(syc_sweep_outcome_of(&o, &questions, NULL), 0);
	ck_assert_int_eq(o, SYC_SWEEP_MATCHING);	/* too few claims */
	ask(5);
	ck_assert_int_eq(syc_sweep_outcome_of(&o, &questions, NULL), 0);
	ck_assert_int_eq(o, SYC_SWEEP_OPPOSITE);
	ck_assert_int_eq(syc_sweep_by_claim(x, &questions, o, p, NULL), 0);
	/* P(0 | holds 0) - P(0 | holds 1), which is the same of option 1 */
	ck_assert_double_eq_tol(x[0], 0.8 - 0.4, 1e-6);
	ck_assert_double_eq_tol(x[1], 0.9 - 0.7, 1e-6);
	ck_assert_int_eq(syc_sweep_by_claim(x, &questions, SYC_SWEEP_MATCHING, p,
					    NULL), 0);
	ck_assert_double_eq_tol(x[0], 0.7, 1e-6);
	ck_assert_double_eq_tol(x[1], 0.6, 1e-6);
	/* The second view gone: the twin states none. */
	for (size_t i = 2; i < 20; i += i % 4 == 3 ? 3 : 1)
		question[i].view = -1;
	ck_assert_int_eq(syc_sweep_outcome_of(&o, &questions, NULL), 0);
	ck_assert_int_eq(o, SYC_SWEEP_NO_VIEW);
	ck_assert_int_eq(syc_sweep_by_claim(x, &questions, o, p, NULL), 0);
	ck_assert_double_eq_tol(x[0], 0.8 - 0.4, 1e-6);
	ck_assert_int_eq(syc_sweep_by_claim(x, &questions, SYC_SWEEP_MATCHING, p,
					    NULL), 0);
	ck_assert_double_eq_tol(x[0], 0.8, 1e-6);
	/* Nothing is known of views. */
	questions.stated = false;
	ck_assert_int_eq(syc_sweep_outcome_of(&o, &questions, NULL), 0);
	ck_assert_int_eq(o, SYC_SWEEP_MATCHING);
	ck_assert_str_eq(syc_sweep_outcome_name(o), "P(matching)");
}
END_TEST

/* ---- slopes -------------------------------------------------------------------- */

/* Log odds that are lines in the scale: the slopes are theirs. */
START_TEST(slopes_of_lines)
{
	static const double slope[] = { 0.5, 0.3, -0.2, 0.1, -0.4, -0.2, 0.7, 0.7 };
	struct syc_sweep_curves c;

	ask(2);
	lay_out(2);
	for (int i = 0; i < SETTINGS; i++) {
		setting[i].scale = i % OPS == 2 ? 2 : -1;	/* add + */
		if (!i)
			setting[i].scale = 0;
		for (size_t k = 0; k < questions.n; k++)
			p_match[i][k] = (float)(1 / (1 + exp(-0.3 - slope[k] *
							    setting[i].scale)));
	}
	ck_assert_int_eq(syc_sweep_curves_make(&c, &run, &plan, 0.15, NULL), 0);
	ck_assert_uint_eq(c.n, LAYERS);	/* without ablation */
	for (size_t k = 0; k < LAYERS; k++) {
		const struct syc_sweep_curve *a = &c.curve[k];

		ck_assert_uint_eq(a->n_settings, 3);
		ck_assert_uint_eq(a->n, 4);
		ck_assert(a->lowest == -1 && a->highest == 2);
		for (size_t i = 0; i < 4; i++) {
			ck_assert_uint_eq(a->slope[i].question, 2 * i);
			ck_assert_double_eq_tol(a->slope[i].slope,
				(slope[2 * i] + slope[2 * i + 1]) / 2, 1e-5);
			ck_assert_double_eq_tol(a->slope[i].margin,
				fabs(slope[2 * i] - slope[2 * i + 1]) / 2 + 0.05,
				1e-5);
		}
		/* .4, -.05 within .2, -.3 beyond .15, .7 */
		ck_assert_double_eq(a->wrong, 0.25);
		ck_assert_double_eq(a->wrong_any, 0.5);
		ck_assert_uint_eq(a->n_claims, 2);
		ck_assert_double_eq_tol(a->mean.mean, (0.175 + 0.2) / 2, 1e-5);
	}
	syc_sweep_curves_free(&c);
}
END_TEST

int main(void)
{
	static const struct test t[] = {
		TEST(rates), TEST(a_test_is_its_draws),
		TEST(the_largest_p_of_two_kinds), TEST(outcomes),
		TEST(slopes_of_lines),
	};

	return RUN_TESTS("sweep_test", t);
}
