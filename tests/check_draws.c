/* SPDX-License-Identifier: MIT */
/* One p for a procedure, beside whole draws; Holm; intervals over clusters. */
#include "config.h"
#include <math.h>
#include "normal.h"
#include "suite.h"
#include "syc/draws.h"
#include "syc/resample.h"

enum { SETTINGS = 2, CLAIMS = 3, DRAWS = 19 };

static double null[DRAWS][SETTINGS][CLAIMS];

static struct syc_draws test(const double (*given)[CLAIMS], size_t n_draws)
{
	const struct syc_draws_data d = {
		.given = given[0], .null = null[0][0], .n_draws = n_draws,
		.n_settings = SETTINGS, .n_claims = CLAIMS, .boot = 200, .seed = 1,
	};
	struct syc_draws out;

	ck_assert_int_eq(syc_draws_test(&out, &d, NULL), 0);
	return out;
}

/* Draw i's best is i / 100 at its second setting. */
START_TEST(best_beside_best)
{
	static const double given[SETTINGS][CLAIMS] = { { .16, .17, .18 },
							{ .1, .2, .1 } };
	struct syc_draws d;

	for (int i = 0; i < DRAWS; i++)
		for (int c = 0; c < CLAIMS; c++) {
			null[i][0][c] = -1;
			null[i][1][c] = i / 100. + (c - 1) * .03;
		}
	d = test(given, DRAWS);
	ck_assert_uint_eq(d.best, 0);
	ck_assert_double_eq_tol(d.value, 0.17, 1e-12);
	ck_assert_uint_eq(d.n_above, 2);	/* .17, which is as good, and .18 */
	ck_assert_double_eq_tol(d.p, 3. / 20, 1e-12);
	ck_assert_double_eq_tol(d.p_least, 1. / 20, 1e-12);
	ck_assert_double_eq_tol(d.null_median, 0.09, 1e-12);
	ck_assert_double_eq_tol(d.null_95, 0.171, 1e-12);
	ck_assert_double_eq_tol(d.null_most, 0.18, 1e-12);
	ck_assert_double_eq_tol(d.se, 0.01 / sqrt(3), 1e-12);
	/* Every draw's standard error is .03 / sqrt 3; t(0.8, 2) = 1.0607. */
	ck_assert_double_eq_tol(d.detectable, 0.171 + 1.06066 * .03 / sqrt(3), 1e-5);
	d = test(given, 18);
	ck_assert(d.p_least > SYC_DRAWS_LEVEL && isnan(d.detectable));
	ck_assert_uint_eq(d.n_above, 1);
	d = test(given, 0);
	ck_assert(isnan(d.p) && isnan(d.p_least) && !isnan(d.value));
}
END_TEST

START_TEST(what_is_missing)
{
	double given[SETTINGS][CLAIMS] = { { .1, NAN, .3 }, { .2, NAN, .4 } };
	struct syc_draws_data none = { .n_claims = 1 };
	struct syc_draws d;

	for (int i = 0; i < DRAWS; i++)
		for (int k = 0; k < SETTINGS; k++)
			for (int c = 0; c < CLAIMS; c++)
				null[i][k][c] = c == 1 ? NAN : 0;
	d = test(given, DRAWS);
	ck_assert_uint_eq(d.n_claims, 2);
	ck_assert_uint_eq(d.best, 1);
	ck_assert_double_eq_tol(d.value, 0.3, 1e-12);
	ck_assert_double_eq_tol(d.p, 0.05, 1e-12);
	null[3][0][0] = null[3][0][2] = null[3][1][0] = null[3][1][2] = NAN;
	ck_assert_double_eq_tol(test(given, DRAWS).p, 0.1, 1e-12);
	for (int k = 0; k < SETTINGS; k++)
		given[k][0] = given[k][2] = NAN;
	d = test(given, DRAWS);
	ck_assert(isnan(d.value) && isnan(d.p) && isnan(d.lo));
	ck_assert_int_eq(syc_draws_test(&d, &none, NULL), SYC_EINVAL);
}
END_TEST

START_TEST(verdicts)
{
	static const struct {
		double p, least, lo, hi;
		const char *want;
	} c[] = {
		{ .01, .01, .1, .3, "steers" }, { .05, .05, .01, .02, "steers" },
		{ .01, .01, -.1, .3, "cannot tell" },
		{ .2, .01, .1, .3, "as null vectors" },
		{ .2, .01, -.1, .3, "cannot tell" },
		{ .2, .01, -.01, .04, "no relevant effect" },
		{ .2, .1, .01, .04, "no relevant effect" },
		{ .2, .1, .1, .3, "too few draws" },
		{ NAN, NAN, .1, .3, "too few draws" },
		{ .2, .01, NAN, NAN, "cannot tell" },
		{ .01, .01, NAN, NAN, "cannot tell" },
	};

	for (size_t i = 0; i < sizeof(c) / sizeof(*c); i++)
		ck_assert_str_eq(syc_draws_verdict_name(syc_draws_verdict(
					 c[i].p, c[i].least, c[i].lo, c[i].hi, 0.05)),
				 c[i].want);
	ck_assert_uint_eq(syc_draws_for(1), 19);
	ck_assert_uint_eq(syc_draws_for(5), 99);
	ck_assert_uint_eq(syc_draws_for(0), 0);
}
END_TEST

/* R: p.adjust(c(.01, .04, .03, .005, .5), "holm") */
START_TEST(holm)
{
	double p[] = { .01, .04, NAN, .03, .005, .5 };
	static const double want[] = { .04, .09, NAN, .09, .025, .5 };

	ck_assert_int_eq(syc_stat_holm(p, p, 6, NULL), 0);
	for (int i = 0; i < 6; i++)
		ck_assert(isnan(want[i]) ? isnan(p[i]) : fabs(p[i] - want[i]) < 1e-12);
}
END_TEST

/* Rows of a cluster are drawn together, and order is of no account within it. */
START_TEST(clusters)
{
	static const double x[] = { 1, 2, 3, 10, 20, 30, 5, 5, 7, 8 };
	static const uint32_t c[] = { 0, 0, 0, 7, 7, 7, 3, 3, 9, 2 };
	static const double y[] = { 3, 2, 1, 30, 10, 20, 5, 5, 7, 8 };
	static const double mean[] = { 2, 20, 5, 7, 8 };
	double lo, hi, lo2, hi2;

	ck_assert_int_eq(syc_stat_boot_clusters(&lo, &hi, x, c, 10, 999, 1, NULL), 0);
	ck_assert_int_eq(syc_stat_boot_clusters(&lo2, &hi2, y, c, 10, 999, 1, NULL), 0);
	ck_assert(lo == lo2 && hi == hi2 && lo < hi);
	ck_assert(lo >= 2 && hi <= 20);
	ck_assert_int_eq(syc_stat_boot_clusters(&lo2, &hi2, x, NULL, 10, 999, 1, NULL), 0);
	ck_assert(lo2 > lo && hi2 < hi);	/* rows on their own say too much */
	ck_assert_int_eq(syc_stat_boot_clusters(&lo, &hi, x, c, 9, 999, 1, NULL), 0);
	ck_assert(isnan(lo) && isnan(hi));
	ck_assert_int_eq(syc_stat_boot_clusters(&lo, &hi, mean, NULL, 5, 999, 1, NULL), 0);
	ck_assert_int_eq(syc_stat_boot_mean(&lo2, &hi2, mean, 5, 999, 1, NULL), 0);
	ck_assert(lo < lo2 && hi > hi2);
}
END_TEST

/* How many of `times` means of g skewed values are held. */
static int held(size_t g, int times)
{
	int n = 0;

	for (int t = 0; t < times; t++) {
		const uint64_t key = syc_rand_key(5, "clusters", (uint64_t)t);
		uint64_t step = 0;
		double x[60], lo, hi;

		for (size_t i = 0; i < g; i++) {
			const double z = normal(key, &step);

			x[i] = z + 0.3 * (z * z - 1);
		}
		ck_assert_int_eq(syc_stat_boot_clusters(&lo, &hi, x, NULL, g, 400,
							(uint64_t)t, NULL), 0);
		n += lo < 0 && hi > 0;
	}
	return n;
}

START_TEST(coverage)
{
	static const size_t g[] = { 15, 30, 60 };
	const int times = getenv("SYC_LONG") ? 2000 : 300;

	for (size_t k = 0; k < 3; k++) {
		const int n = held(g[k], times);

		printf("%zu claims: %d of %d means held\n", g[k], n, times);
		ck_assert_int_ge(n, times * 91 / 100);
		ck_assert_int_le(n, times * 98 / 100);
	}
}
END_TEST

int main(void)
{
	static const struct test t[] = {
		TEST(best_beside_best), TEST(what_is_missing), TEST(verdicts),
		TEST(holm), TEST(clusters), TEST(coverage),
	};

	return RUN_TESTS("draws", t);
}
