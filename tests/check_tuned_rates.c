/* SPDX-License-Identifier: MIT */
/* How often the tests between arms of tuning say yes where nothing is so. */
#include "config.h"
#include <math.h>
#include "normal.h"
#include "suite.h"
#include "syc/tuned.h"

enum { MOST_RUNS = 5, DRAWS = 39 };

/* SYC_LONG=1: 10,000 worlds a line, else 1,000 (six standard errors: .041). */
static size_t n_worlds(void)
{
	return getenv("SYC_LONG") ? 10000 : 1000;
}

static double room(void)
{
	return 0.05 + 6 * sqrt(0.05 * 0.95 / (double)n_worlds());
}

static struct syc_mean mean_of(uint64_t *s, size_t n, double mean, double sd)
{
	double x[MOST_RUNS];
	struct syc_mean m;

	for (size_t i = 0; i < n; i++)
		x[i] = mean + sd * normal(20261127, s);
	ck_assert_int_eq(syc_stat_mean(&m, x, n, NULL), 0);
	return m;
}

/* ---- two arms ---------------------------------------------------------------------- */

static void two_arms(size_t na, size_t nb, double spread)
{
	const size_t n = n_worlds();
	size_t yes = 0, held = 0;
	uint64_t s = 1;

	for (size_t i = 0; i < n; i++) {
		const struct syc_mean a = mean_of(&s, na, 0.3, 1), b = mean_of(&s, nb, 0.3, spread);
		struct syc_welch w;

		syc_stat_welch(&w, &a, &b);
		yes += w.p <= 0.05;
		held += w.lo <= 0 && w.hi >= 0;
	}
	printf("Welch, %zu and %zu runs, spread 1 and %g: p at most .05 in %.3f, interval holds %.3f\n",
	       na, nb, spread, (double)yes / (double)n, (double)held / (double)n);
	ck_assert(yes + held == n);
	ck_assert((double)yes / (double)n <= room() + 0.02);
}

/* Two arms that do the same. */
START_TEST(same)
{
	static const double spread[] = { 1, 3, 10 };

	for (int k = 0; k < 3; k++) {
		two_arms(5, 5, spread[k]);
		two_arms(3, 3, spread[k]);
		two_arms(5, 3, spread[k]);
	}
}
END_TEST

/* ---- more than each other arm ------------------------------------------------------ */

/* An arm beside n others, whose means are less by gap, but for the last, which has the same. */
static void others(size_t n_others, double gap)
{
	const size_t n = n_worlds();
	struct syc_tuned_beside b[6];
	size_t yes = 0;
	uint64_t s = 2;

	for (size_t i = 0; i < n; i++) {
		const struct syc_mean own = mean_of(&s, 5, 0, 1);

		for (size_t k = 0; k < n_others; k++) {
			const struct syc_mean m =
				mean_of(&s, 5, k + 1 < n_others ? -gap : 0, 1);

			b[k] = (struct syc_tuned_beside){ .arm = "own" };
			syc_stat_welch(&b[k].diff, &own, &m);
		}
		yes += syc_tuned_beside_all(b, n_others) <= 0.05;
	}
	printf("more than each of %zu arms, one alike, others less by %g: %.3f\n", n_others, gap,
	       (double)yes / (double)n);
	ck_assert((double)yes / (double)n <= room());
}

START_TEST(each)
{
	others(2, 0);
	others(2, 5);
	others(6, 0);
	others(6, 5);
}
END_TEST

/* ---- beside null vectors ----------------------------------------------------------- */

/* Of the spread of what a direction does: its own, its run's, and what they share. */
static void nulls(enum syc_tuned_figure f, double run_sd, double same_sd)
{
	const size_t n = n_worlds();
	static double null[MOST_RUNS][DRAWS];
	size_t yes = 0;
	uint64_t s = 3;

	for (size_t i = 0; i < n; i++) {
		struct syc_tuned_run run[MOST_RUNS];
		struct syc_tuned_nulls out;
		double own = same_sd * normal(20261127, &s), shared[DRAWS];

		for (int k = 0; k < DRAWS; k++)
			shared[k] = same_sd * normal(20261127, &s);
		for (int r = 0; r < MOST_RUNS; r++) {
			const double of_run = run_sd * normal(20261127, &s);

			run[r] = (struct syc_tuned_run){ .arm = "a" };
			run[r].figure[f] = of_run + own + normal(20261127, &s);
			run[r].null[f] = null[r];
			run[r].n_null[f] = DRAWS;
			for (int k = 0; k < DRAWS; k++)
				null[r][k] = of_run + shared[k] + normal(20261127, &s);
		}
		ck_assert_int_eq(syc_tuned_beside_nulls(&out, run, MOST_RUNS, "a", f, NULL), 0);
		yes += out.p <= 0.05;
	}
	printf("%s beside null vectors, spread of a run %g, of a direction in all runs %g: %.3f\n",
	       syc_tuned_name(f), run_sd, same_sd, (double)yes / (double)n);
	ck_assert((double)yes / (double)n <= room());
}

START_TEST(beside)
{
	static const double sd[][2] = { { 0, 0 }, { 0, 1 }, { 0, 3 }, { 1, 0 }, { 1, 1 }, { 3, 3 } };

	for (int k = 0; k < 6; k++) {
		nulls(SYC_TUNED_UNDO, sd[k][0], sd[k][1]);
		nulls(SYC_TUNED_MAKE, sd[k][0], sd[k][1]);
		nulls(SYC_TUNED_KL_LEFT, sd[k][0], sd[k][1]);
		nulls(SYC_TUNED_COSINE, sd[k][0], sd[k][1]);
	}
}
END_TEST

int main(void)
{
	static const struct test tests[] = { TEST(same), TEST(each), TEST(beside) };

	return RUN_TESTS("tuned_rates", tests);
}
