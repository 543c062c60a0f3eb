/* SPDX-License-Identifier: MIT */
/*
 * The share of a shift that is one vector: planted shifts, a constant and noise of claims
 * and rows.  SYC_LONG=1 takes 2,000 worlds a line; CK_FORK=no shows the lines.
 */
#include "config.h"
#include <string.h>
#include "normal.h"
#include "suite.h"
#include "syc/shift.h"

enum { MOST = 60, DIM = 24, ROWS = 4 };

static double mean[MOST * DIM], square[MOST];

/* A world: its share, and in how many directions claims differ, half of the noise. */
struct world {
	size_t claims, directions;
	double share;
};

/* Claims' means and squares of rows m + u + e, E|s|^2 = 1. */
static void draw(const struct world *w, uint64_t seed)
{
	const double claim = sqrt((1 - w->share) / 2 / (double)w->directions),
		     row = sqrt((1 - w->share) / 2 / DIM);
	const uint64_t key = syc_rand_key(seed, "shifts", w->claims);
	uint64_t at = 0;

	for (size_t c = 0; c < w->claims; c++) {
		double u[DIM];

		square[c] = 0;
		for (size_t j = 0; j < DIM; j++) {
			u[j] = (j == 0) * sqrt(w->share);
			u[j] += j < w->directions ? claim * normal(key, &at) : 0;
			mean[c * DIM + j] = 0;
		}
		for (size_t i = 0; i < ROWS * DIM; i++) {
			const double x = u[i % DIM] + row * normal(key, &at);

			mean[c * DIM + i % DIM] += x / ROWS;
			square[c] += x * x / ROWS;
		}
	}
}

static struct syc_shift_share share_of(const struct world *w, size_t boot)
{
	struct syc_shift_share s;
	struct syc_err err;

	ck_assert_msg(syc_shift_share(&s, mean, square, w->claims, DIM, boot, 1, &err) == 0,
		      "%s", err.msg);
	return s;
}

/* |m|^2 and E|s|^2 have no bias; the interval holds the share; no vector, no p. */
START_TEST(rates)
{
	static const struct world world[] = {
		{ 10, DIM, 0 }, { 20, DIM, 0 }, { 60, DIM, 0 }, { 20, 2, 0 },
		{ 10, DIM, .5 }, { 20, DIM, .1 }, { 20, DIM, .5 }, { 20, DIM, .9 },
		{ 60, DIM, .5 }, { 10, 2, .5 }, { 20, 2, .1 }, { 20, 2, .5 }, { 20, 2, .9 },
		{ 60, 2, .5 },
	};
	const int times = getenv("SYC_LONG") ? 2000 : 60;

	for (size_t k = 0; k < sizeof(world) / sizeof(world[0]); k++) {
		const struct world *w = &world[k];
		double sum = 0, sq = 0, top = 0, plain = 0;
		int held = 0, found = 0;

		for (int i = 0; i < times; i++) {
			struct syc_shift_share s;

			draw(w, (uint64_t)i);
			s = share_of(w, times > 60 ? 500 : 100);
			sum += s.constant.value;
			sq += s.constant.value * s.constant.value;
			top += s.constant.value * s.square;
			plain += s.length * s.length / s.square;
			held += s.constant.lo <= w->share && w->share <= s.constant.hi;
			found += s.p < .05;
		}
		sum /= times;
		sq = sqrt((sq / times - sum * sum) / times);
		printf("%zu claims, %zu directions, share %.1f: mean %.4f (se %.4f), |m|^2 %.4f, "
		       "plain %.4f, held %d, p below .05 %d of %d\n", w->claims, w->directions,
		       w->share, sum, sq, top / times, plain / times, held, found, times);
		ck_assert_msg(fabs(top / times - w->share) < 4 * sq + .01, "biased");
		ck_assert_int_ge(held, times * (times > 60 ? 89 : 78) / 100);
		if (w->share == 0)
			ck_assert_int_le(found, times > 60 ? times * 66 / 1000 : 10);
		else if (w->share >= .5)
			ck_assert_int_ge(found, times * 98 / 100);
	}
}
END_TEST

/* By the formula, and where nothing can be said. */
START_TEST(formula)
{
	static const double x[] = { 1, 0, 0, 1, 1, 1 }, sq[] = { 2, 3, 4 };
	struct syc_shift_share s;

	ck_assert_int_eq(syc_shift_share(&s, x, sq, 3, 2, 100, 1, NULL), 0);
	/* products 0, 1 and 1 of 3 pairs; E|s|^2 3; the mean (2, 2) / 3 */
	ck_assert(fabs(s.constant.value - 2. / 9) < 1e-15);
	ck_assert(fabs(s.length - sqrt(8.) / 3) < 1e-15 && fabs(s.square - 3) < 1e-15);
	ck_assert(isnan(s.constant.lo) && isnan(s.p));
	ck_assert_int_eq(syc_shift_share(&s, x, sq, 1, 2, 100, 1, NULL), 0);
	ck_assert(isnan(s.constant.value) && s.length == 1);
	ck_assert_int_eq(syc_shift_share(&s, x, sq, 0, 2, 100, 1, NULL), 0);
	ck_assert(isnan(s.length));
	for (size_t i = 0; i < 6 * DIM; i++)	/* one vector, whatever the text */
		mean[i] = 1;
	for (size_t i = 0; i < 6; i++)
		square[i] = DIM;
	ck_assert_int_eq(syc_shift_share(&s, mean, square, 6, DIM, 100, 1, NULL), 0);
	ck_assert(s.constant.value == 1 && s.constant.lo == 1 && s.constant.hi == 1);
	memset(mean, 0, sizeof(mean));
	memset(square, 0, sizeof(square));
	ck_assert_int_eq(syc_shift_share(&s, mean, square, 6, DIM, 100, 1, NULL), 0);
	ck_assert(s.length == 0 && isnan(s.constant.value) && isnan(s.constant.lo));
}
END_TEST

/* A ratio of sums, not given where the divisor may be 0. */
START_TEST(ratio)
{
	double num[] = { 1, 2, 3, NAN, 2, 2, 2 }, den[] = { 2, 4, 6, 1, 4, 4, 5 };
	struct syc_shift_figure f;

	ck_assert_int_eq(syc_shift_ratio(&f, num, den, 7, 200, 1, NULL), 0);
	ck_assert(fabs(f.value - 12. / 25) < 1e-15 && f.lo < f.value && f.value <= f.hi);
	for (size_t i = 0; i < 7; i++)
		den[i] -= 4;
	ck_assert_int_eq(syc_shift_ratio(&f, num, den, 7, 200, 1, NULL), 0);
	ck_assert(isnan(f.value) && isnan(f.lo));
	for (size_t i = 0; i < 7; i++)
		den[i] -= 9;
	ck_assert_int_eq(syc_shift_ratio(&f, num, den, 7, 200, 1, NULL), 0);
	ck_assert(f.value < 0 && f.lo <= f.value && f.value <= f.hi);
	ck_assert_int_eq(syc_shift_ratio(&f, num, den, 4, 200, 1, NULL), 0);
	ck_assert(isnan(f.value));	/* three claims have no interval */
}
END_TEST

int main(void)
{
	static const struct test tests[] = { TEST(rates), TEST(formula), TEST(ratio) };

	return RUN_TESTS("shift", tests);
}
