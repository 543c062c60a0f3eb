/* SPDX-License-Identifier: MIT */
/* The test of a whole procedure: its area, its p, its rate of errors. */
#include "config.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "normal.h"
#include "study/fit/fit.h"
#include "suite.h"
#include "syc/procedure.h"

enum { MOST = 400, LAYERS = 30 };

static double x[MOST * LAYERS];
static int8_t y[MOST];
static uint32_t claim[MOST];
static int32_t view[MOST];
static size_t n;

/*
 * Rows of claims, 4 each, whose labels are alike in a claim (`alike` of their
 * variance on a normal scale is the claim's) and so are their scores; from one
 * layer to the next scores correlate by .95, as those of real activations do.
 * Positive rows lie d higher at the layer in the middle, less at its neighbors.
 */
static void draw(size_t n_claims, size_t k, double alike, double d, uint64_t key)
{
	uint64_t step = 0;

	n = 4 * n_claims;
	for (size_t c = 0; c < n_claims; c++) {
		const double opinion = sqrt(alike) * normal(key, &step);
		double own[LAYERS], w = 0;

		for (size_t l = 0; l < k; l++)
			own[l] = w = l ? 0.95 * w + sqrt(1 - 0.95 * 0.95) * normal(key, &step)
				       : normal(key, &step);
		for (size_t i = 4 * c; i < 4 * c + 4; i++) {
			claim[i] = (uint32_t)c;
			view[i] = (int32_t)(i & 1);
			y[i] = opinion + sqrt(1 - alike) * normal(key, &step) > 0;
			for (size_t l = 0; l < k; l++) {
				w = l ? 0.95 * w + sqrt(1 - 0.95 * 0.95) * normal(key, &step)
				      : normal(key, &step);
				x[i * k + l] =
					sqrt(alike) * own[l] + sqrt(1 - alike) * w +
					(y[i] ? d * pow(0.95, fabs((double)l - (double)k / 2)) : 0);
			}
		}
	}
}

static struct syc_procedure *run(size_t k, const struct syc_procedure_opts *o)
{
	struct syc_procedure *p;
	struct syc_err err;

	ck_assert_msg(syc_procedure_run(&p, x, y, claim, view, n, k, o, &err) == 0,
		      "%s", err.msg);
	return p;
}

static void same(const struct syc_procedure *a, const struct syc_procedure *b)
{
	ck_assert(a->auc == b->auc && a->p == b->p && a->null_lo == b->null_lo &&
		  a->null_mean == b->null_mean && a->test.auc.lo == b->test.auc.lo);
}

/* No figure depends on threads; more permutations refine p. */
START_TEST(threads)
{
	for (int of = 0; of < 2; of++) {
		struct syc_procedure_opts o = { .of = (enum syc_procedure_of)of,
						.n_perm = 200, .threads = 1 };
		struct syc_procedure *a, *b;

		draw(30, 6, 0.3, 1, 7);
		a = run(6, &o);
		o.threads = 3;
		b = run(6, &o);
		same(a, b);
		ck_assert_ptr_null(a->why);
		ck_assert_uint_eq(a->n, 120);
		ck_assert_uint_eq(a->n_folds, 5);
		syc_procedure_free(a);
		syc_procedure_free(b);
	}
	syc_procedure_free(NULL);
}
END_TEST

/* A layer without scores and a row that lacks one count for nothing. */
START_TEST(missing)
{
	const struct syc_procedure_opts o = { .n_perm = 99 };
	static double wide[MOST * 4];
	struct syc_procedure *a, *b;

	draw(20, 3, 0.2, 1, 3);
	n = 79;
	a = run(3, &o);
	n = 80;
	for (size_t i = 0; i < n; i++) {
		memcpy(wide + 4 * i, x + 3 * i, 3 * sizeof(*x));
		wide[4 * i + 3] = NAN;
	}
	wide[4 * 79 + 1] = NAN;
	memcpy(x, wide, n * 4 * sizeof(*x));
	b = run(4, &o);
	same(a, b);
	ck_assert_uint_eq(b->n, 79);
	ck_assert_uint_eq(b->chosen[3], 0);
	syc_procedure_free(a);
	syc_procedure_free(b);
	y[0] = -1;
	b = run(4, &o);
	ck_assert_uint_eq(b->n, 78);
	syc_procedure_free(b);
}
END_TEST

/* With one layer and its sign beyond doubt the area is that of pairs within folds. */
START_TEST(by_hand)
{
	const struct syc_procedure_opts o = { .n_perm = 19, .folds = 10 };
	struct syc_procedure *p;

	n = 40;
	for (size_t i = 0; i < n; i++) {
		claim[i] = (uint32_t)(i / 4);
		view[i] = 0;
		y[i] = i % 4 < 2;
		/* 3 of 4 pairs of each claim the wrong way: sign is -1 */
		x[i] = (double)i + (i % 4 == 0 ? 2.5 : i % 4 == 1 ? 0 : 0);
	}
	p = run(1, &o);
	/* 4 pairs of a claim: 0 beats 2, not 3; 1 beats neither */
	ck_assert(p->auc == 0.75);
	ck_assert_uint_eq(p->chosen[0], 10);
	ck_assert(p->p >= 0.05 && isnan(p->test.auc.auc));
	syc_procedure_free(p);
}
END_TEST

START_TEST(undefined)
{
	const struct syc_procedure_opts o = { .n_perm = 19 };
	const struct syc_procedure_opts within = { .n_perm = 19, .of = SYC_WITHIN_CLAIMS };
	struct syc_procedure *p;

	draw(9, 2, 0.2, 1, 3);
	p = run(2, &o);
	ck_assert_str_eq(p->why, "fewer than 10 claims");
	ck_assert(isnan(p->auc) && isnan(p->p));
	syc_procedure_free(p);
	draw(12, 2, 0.2, 1, 3);
	for (size_t i = 0; i < n; i++)
		y[i] = claim[i] % 2;
	p = run(2, &within);
	ck_assert_str_eq(p->why, "fewer than 10 claims have both labels");
	syc_procedure_free(p);
	memset(y, 0, sizeof(y));
	p = run(2, &o);
	ck_assert_str_eq(p->why, "all rows have one label");
	syc_procedure_free(p);
	n = 0;
	p = run(2, NULL);
	ck_assert(p->why != NULL);
	syc_procedure_free(p);
}
END_TEST

static int found(size_t n_claims, size_t k, double alike, double d, int times,
		 enum syc_procedure_of of, uint64_t from)
{
	const struct syc_procedure_opts o = { .of = of, .n_perm = getenv("SYC_LONG") ? 199 : 99,
					    .threads = 1 };
	int n_found = 0;

	for (int i = 0; i < times; i++) {
		struct syc_procedure *p;

		draw(n_claims, k, alike, d, from + (uint64_t)i);
		p = run(k, &o);
		n_found += p->p < 0.05;
		syc_procedure_free(p);
	}
	return n_found;
}

/* How many of 2,000 may be found by chance: the binomial bound at .01. */
static int bound(int times)
{
	return times == 2000 ? 131 : times == 400 ? 31 : 18;
}

/*
 * Labels and scores alike in a claim, and nothing else: p below .05 in a
 * twentieth.  SYC_LONG=1 takes 2,000 studies a cell.
 */
START_TEST(noise)
{
	const int times = getenv("SYC_LONG") ? 2000 : 200;
	static const size_t claims[] = { 15, 30, 60 }, layers[] = { 1, 30 };

	for (int of = 0; of < 2; of++)
		for (size_t c = 0; c < 3; c++)
			for (size_t l = 0; l < 2; l++) {
				const int got = found(claims[c], layers[l], 0.3, 0, times,
						      (enum syc_procedure_of)of, 1000);

				printf("%s, %zu claims, %zu layers: %d of %d\n",
				       of ? "within" : "between", claims[c], layers[l],
				       got, times);
				ck_assert_int_le(got, bound(times));
			}
}
END_TEST

/* An area of .75 at the best of 30 layers, 60 claims of 4 rows. */
START_TEST(power)
{
	const int times = getenv("SYC_LONG") ? 400 : 100;
	const double d = 0.9539 ;	/* Phi(d / sqrt 2) = .75 */
	const int between = found(60, 30, 0.3, d, times, SYC_BETWEEN_CLAIMS, 9000);
	const int within = found(60, 30, 0.3, d, times, SYC_WITHIN_CLAIMS, 9000);

	printf("area .75: between %d, within %d of %d\n", between, within, times);
	ck_assert_int_ge(between, times * 9 / 10);
	ck_assert_int_ge(within, times / 2);
}
END_TEST

/* ---- signs ---------------------------------------------------------------- */

/* Whether a report says that any layer has a side, and that the side changes. */
static void signs(unsigned said[2])
{
	static struct syc_fit_layer layer[LAYERS];
	struct syc_scores scores = { .n_layers = LAYERS };
	struct syc_scores_set t = { .n = n, .label = y, .score = x };
	struct syc_fit_set set = { .t = &t, .layer = layer, .cluster = claim };
	const struct syc_fit f = { .scores = &scores, .set = &set, .o = { .threads = 1 } };
	bool up = false, down = false;

	ck_assert_int_eq(syc_fit_signs(&f, &set, NULL), 0);
	for (size_t l = 0; l < LAYERS; l++) {
		up |= layer[l].sign > 0;
		down |= layer[l].sign < 0;
	}
	said[0] += up || down;
	said[1] += up && down;
}

/* Where labels say nothing, at 30 layers. */
START_TEST(sign_changes)
{
	const bool all = getenv("SYC_LONG") != NULL;
	const int times = all ? 2000 : 30;

	for (size_t k = 15; k <= 60; k *= 2) {
		unsigned said[2] = { 0, 0 };

		for (int i = 0; i < times; i++) {
			draw(k, LAYERS, 0.3, 0, syc_rand_key(11, "signs", (uint64_t)i));
			signs(said);
		}
		printf("%zu claims, %d layers: a side is said in %u, a change in %u of %d\n", k,
		       LAYERS, said[0], said[1], times);
		/* Bounds at .01 of 5 %. */
		ck_assert_uint_le(said[0], all ? 131 : 5);
		ck_assert_uint_le(said[1], all ? 131 : 5);
	}
}
END_TEST

int main(void)
{
	static const struct test tests[] = {
		TEST(threads), TEST(missing), TEST(by_hand), TEST(undefined),
		TEST(noise), TEST(power), TEST(sign_changes),
	};

	return RUN_TESTS("procedure", tests);
}
