/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <math.h>
#include <string.h>
#include "base/rand.h"
#include "suite.h"
#include "syc/resample.h"

enum { N = 60, SAMPLES = 400 };

static void draw(double *x, size_t n, uint64_t seed)
{
	for (size_t i = 0; i < n; i++) {
		const double u = syc_rand_unit(seed, 2 * i);
		const double v = syc_rand_unit(seed, 2 * i + 1);

		x[i] = sqrt(-2 * log(1 - u)) * cos(2 * acos(-1) * v);
	}
}

/* The bootstrap's spread is sd / sqrt(n), with n in the sd's denominator. */
START_TEST(like_the_normal_interval)
{
	double x[N], mean = 0, sq = 0, lo, hi, half;

	draw(x, N, 5);
	for (size_t i = 0; i < N; i++)
		mean += x[i] / N;
	for (size_t i = 0; i < N; i++)
		sq += (x[i] - mean) * (x[i] - mean) / N;
	half = 1.959964 * sqrt(sq / N);
	ck_assert_int_eq(syc_stat_boot_mean(&lo, &hi, x, N, 20000, 1, NULL), 0);
	ck_assert_double_eq_tol((hi - lo) / 2, half, 0.02 * half);
	ck_assert_double_eq_tol((hi + lo) / 2, mean, 0.05 * half);
}
END_TEST

/* The percentile interval is a little short at n = 60: 92 to 96 % are expected. */
START_TEST(covers)
{
	double x[N], lo, hi;
	int covered = 0;

	for (uint64_t i = 0; i < SAMPLES; i++) {
		draw(x, N, 1000 + i);
		ck_assert_int_eq(syc_stat_boot_mean(&lo, &hi, x, N, 500, i,
						    NULL), 0);
		covered += lo < 0 && hi > 0;
	}
	ck_assert_int_ge(covered, SAMPLES * 91 / 100);
	ck_assert_int_le(covered, SAMPLES * 98 / 100);
}
END_TEST

START_TEST(the_seed_alone_draws)
{
	double x[N], y[N], lo[3], hi[3];

	draw(x, N, 9);
	for (size_t i = 0; i < N; i++)
		y[i] = 2 * x[i];
	syc_stat_boot_mean(&lo[0], &hi[0], x, N, 300, 1, NULL);
	syc_stat_boot_mean(&lo[1], &hi[1], y, N, 300, 1, NULL);
	syc_stat_boot_mean(&lo[2], &hi[2], x, N, 300, 2, NULL);
	ck_assert(lo[1] == 2 * lo[0] && hi[1] == 2 * hi[0]);
	ck_assert(lo[2] != lo[0] && hi[2] != hi[0]);
}
END_TEST

START_TEST(what_is_not_defined)
{
	double x[3] = { 1, 1, NAN }, lo, hi;

	ck_assert_int_eq(syc_stat_boot_mean(&lo, &hi, x, 2, 100, 1, NULL), 0);
	ck_assert(lo == 1 && hi == 1);
	syc_stat_boot_mean(&lo, &hi, x, 3, 100, 1, NULL);
	ck_assert(isnan(lo) && isnan(hi));
	syc_stat_boot_mean(&lo, &hi, x, 1, 100, 1, NULL);
	ck_assert(isnan(lo) && isnan(hi));
	syc_stat_boot_mean(&lo, &hi, NULL, 0, 100, 1, NULL);
	ck_assert(isnan(lo) && isnan(hi));
}
END_TEST

int main(void)
{
	const struct test tests[] = {
		TEST(like_the_normal_interval), TEST(covers),
		TEST(the_seed_alone_draws), TEST(what_is_not_defined),
	};

	return RUN_TESTS("boot", tests);
}
