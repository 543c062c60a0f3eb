/* SPDX-License-Identifier: MIT */
/* How often a contrast of a designed comparison is shown that is none, and one that is. */
#include "config.h"
#include "grid_rows.h"

/* Studies in which some contrast is shown. */
static int shown(size_t test, const double *slope, int times, uint64_t from,
		 int want)
{
	struct syc_grid *g =
		design(1u << SYC_GRID_METHOD | 1u << SYC_GRID_BALANCE |
			       1u << SYC_GRID_LAYER,
		       1);
	int n = 0;

	for (int i = 0; i < times; i++) {
		struct syc_grid_rows *r =
			draw(g, test / 2, test, test < 30 ? 1 : 2, slope,
			     from + (uint64_t)i);
		struct syc_grid_outcome o;
		struct syc_grid_comparison c;
		bool any = false;

		ck_assert_int_eq(syc_grid_predict(&o, g, r, &err), 0);
		ck_assert_int_eq(syc_grid_compare(&c, g, &o, &err), 0);
		ck_assert_uint_eq(c.n, 7);
		for (size_t k = 0; k < c.n; k++)
			any |= want < 0 ? c.contrast[k].adjusted <= 0.05
					: k == (size_t)want &&
						  c.contrast[k].verdict ==
							  SYC_GRID_LESS;
		n += any;
		syc_grid_comparison_free(&c);
		syc_grid_outcome_free(&o);
		syc_grid_rows_free(r);
	}
	syc_grid_free(g);
	return n;
}

/* SYC_LONG=1 takes 400 studies a cell: at most 31 by chance (binomial bound at .01). */
START_TEST(noise)
{
	const bool whole = getenv("SYC_LONG") != NULL;
	const int times = whole ? 400 : 20;
	static const size_t claims[] = { 15, 30, 60 };
	static const double alike[] = {0.8, 0.8, 0.8, 0.8, 0.8, 0.8, 0.8, 0.8};

	for (size_t k = 0; k < 2; k++)
		for (size_t c = 0; c < 3; c++) {
			const int got = shown(claims[c], k ? alike : NULL,
					      times, 1000, -1);

			printf("%s, %zu claims: %d of %d\n",
			       k ? "vectors that predict alike"
				 : "vectors that say nothing",
			       claims[c], got, times);
			ck_assert_int_le(got, whole ? 31 : 4);
		}
}
END_TEST

/* One method, balanced or not, says less: its two vectors of eight. */
START_TEST(power)
{
	const bool whole = getenv("SYC_LONG") != NULL;
	const int times = whole ? 400 : 20;
	static const size_t claims[] = { 15, 30, 60 };
	static const double slope[] = {0.8, 0.8, 0.8, 0.8, 0.2, 0.2, 0.8, 0.8};
	int got = 0;

	for (size_t c = 0; c < 3; c++) {
		got = shown(claims[c], slope, times, 5000, 1);
		printf("lda says less, %zu claims: %d of %d\n", claims[c], got,
		       times);
	}
	ck_assert_int_ge(got, times * 9 / 10);
}
END_TEST

int main(void)
{
	static const struct test tests[] = { TEST(noise), TEST(power) };

	return RUN_TESTS("grid_rates", tests);
}
