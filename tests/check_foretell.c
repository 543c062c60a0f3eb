/* SPDX-License-Identifier: MIT */
/* What several sets foretold and what came; means and tests of runs by arm. */
#include "config.h"
#include <math.h>
#include <string.h>
#include "suite.h"
#include "syc/acts.h"
#include "syc/tuned.h"

#define NEAR(a, b) ck_assert_msg(fabs((a) - (b)) < 1e-9, "%.12g is not %.12g", (a), (double)(b))

/* By hand: r = 11 / sqrt(10 * 14), and exchanges counted one by one. */
START_TEST(four_sets)
{
	const double x[] = { 1, 2, 3, 4 }, y[] = { 1, 3, 2, 5 };
	struct syc_foretold f;

	ck_assert_int_eq(syc_foretell(&f, x, y, 4, 1, NULL), 0);
	ck_assert_uint_eq(f.n, 4);
	ck_assert_uint_eq(f.n_exchanges, 24);
	NEAR(f.r, 5.5 / sqrt(5 * 8.75));
	NEAR(f.rho, 0.8);
	/* rho: 1 with 1 or -1, 6 with .8 or -.8 */
	NEAR(f.rho_p, 8 / 24.);
	ck_assert(f.p > 0 && f.p < 1 && f.lo < 0 && f.hi > 0);
}
END_TEST

/* With 8 sets the 95 % of chance end near .71, and a perfect order is 2 of 40320. */
START_TEST(eight_sets)
{
	const double x[] = { 1, 2, 3, 4, 5, 6, 7, 8 };
	double y[8];
	struct syc_foretold f;

	for (int i = 0; i < 8; i++)
		y[i] = -3 * x[i] + 100;
	ck_assert_int_eq(syc_foretell(&f, x, y, 8, 1, NULL), 0);
	NEAR(f.r, -1);
	NEAR(f.rho, -1);
	NEAR(f.p, 2 / 40320.);
	ck_assert_uint_eq(f.n_exchanges, 40320);
	ck_assert_msg(f.hi > 0.68 && f.hi < 0.74, "%g", f.hi);
	NEAR(f.lo, -f.hi);
	NEAR(f.rho_hi, f.hi);
}
END_TEST

/* What is no number is left out; equal numbers say nothing; more sets are drawn. */
START_TEST(ends)
{
	double x[12], y[12];
	struct syc_foretold f, g;

	for (int i = 0; i < 12; i++) {
		x[i] = i * 0.1;
		y[i] = (i * 7 % 12) + 0.5 * i;
	}
	ck_assert_int_eq(syc_foretell(&f, x, y, 12, 1, NULL), 0);
	ck_assert_uint_eq(f.n_exchanges, SYC_FORETELL_DRAWS + 1);
	ck_assert_int_eq(syc_foretell(&g, x, y, 12, 2, NULL), 0);
	ck_assert(f.p != g.p && fabs(f.p - g.p) < 0.01 && f.p > 0);
	x[3] = NAN;
	y[5] = INFINITY;
	ck_assert_int_eq(syc_foretell(&f, x, y, 6, 1, NULL), 0);
	ck_assert(f.n == 4 && isfinite(f.r));
	ck_assert_int_eq(syc_foretell(&f, x, y, 4, 1, NULL), 0);
	ck_assert(f.n == 3 && isnan(f.r) && isnan(f.p));
	for (int i = 0; i < 12; i++)
		x[i] = 0.1;
	ck_assert_int_eq(syc_foretell(&f, x, y, 5, 1, NULL), 0);
	ck_assert(f.n == 5 && isnan(f.r) && isnan(f.rho_hi));
	ck_assert_int_eq(syc_foretell(&f, NULL, NULL, 0, 1, NULL), 0);
	ck_assert(f.n == 0 && isnan(f.p));
}
END_TEST

/* ---- projections ------------------------------------------------------------- */

/* A recording of n rows, [2 layers][2], each x at layer 0 and twice that at 1. */
static void record(const char *path, const char *rows, const float (*x)[2], size_t n)
{
	static const uint32_t layers[] = { 0, 1 };
	const struct syc_acts_opts o = { .positions = 1u << SYC_POSITION_LAST, .layers = layers,
					 .n_layers = 2, .dim = 2, .dtype = SYC_DTYPE_F32 };
	struct syc_buf b = { 0 };
	struct syc_acts_out *w;
	char id[8];

	ck_assert_int_eq(syc_acts_create(&w, path, &o, NULL), 0);
	for (size_t i = 0; i < n; i++) {
		const float a[4] = { x[i][0], x[i][1], 2 * x[i][0], 2 * x[i][1] };
		const struct syc_acts_row r = { .id = id, .answer = -1,
						.position[SYC_POSITION_LAST] = a };

		snprintf(id, sizeof(id), "%zu", i);
		ck_assert_int_eq(syc_acts_add(w, &r, NULL), 0);
		syc_buf_printf(&b,
			       "{\"id\": \"%zu\", \"acts\": {\"file\": \"%s\", \"row\": %zu}}\n", i,
			       path, i);
	}
	ck_assert_int_eq(syc_acts_finish(w, NULL), 0);
	spill(rows, b.data, b.len);
	syc_buf_free(&b);
}

START_TEST(projection)
{
	static const float trained[][2] = { { 3, 1 }, { 5, 2 } }, own[][2] = { { 1, 9 }, { 2, 9 } };
	static char a_rows[] = "foretell.a.jsonl", b_rows[] = "foretell.b.jsonl";
	char *a_path[] = { a_rows }, *b_path[] = { b_rows };
	struct syc_rows a = { .paths = a_path, .n_paths = 1 },
			b = { .paths = b_path, .n_paths = 1 };
	struct syc_vector *v = syc_vector_new(2, 2);
	struct syc_projected *p;
	struct syc_err err;

	record("foretell.a.npz", a_rows, trained, 2);
	record("foretell.b.npz", b_rows, own, 2);
	v->v[2] = 5;
	v->has[1] = 1;
	ck_assert_int_eq(syc_projection_difference(&p, &a, &b, v, SYC_POSITION_LAST, &err), 0);
	ck_assert_uint_eq(p->n_layers, 2);
	ck_assert_uint_eq(p->layer[1], 1);
	ck_assert(isnan(p->difference[0]));
	/* Whatever the vector's length: 2 (4 - 1.5). */
	NEAR(p->difference[1], 5);
	ck_assert(p->n_trained == 2 && p->n_own == 2);
	syc_projected_free(p);
	syc_rows_done(&a);
	syc_rows_done(&b);
	a = (struct syc_rows){ .paths = a_path, .n_paths = 1 };
	b = (struct syc_rows){ .paths = b_path, .n_paths = 1 };
	spill(b_rows, "\n", 1);
	ck_assert_int_eq(syc_projection_difference(&p, &a, &b, v, SYC_POSITION_LAST, &err),
			 SYC_EINVAL);
	ck_assert_str_eq(err.msg, "no row has an activation at 'last'");
	ck_assert_ptr_null(p);
	syc_rows_done(&a);
	syc_rows_done(&b);
	syc_vector_free(v);
	remove("foretell.a.npz");
	remove("foretell.b.npz");
	remove(a_rows);
	remove(b_rows);
}
END_TEST

/* ---- runs by arm ------------------------------------------------------------- */

static const double draws[2][3] = { { 0.1, -0.5, NAN }, { 0.2, 0.3, 0.35 } };
static const struct syc_tuned_run runs[] = {
	{ .arm = "a", .seed = 1, .figure = { 0.9, 0.3 }, .null = { draws[0] }, .n_null = { 3 } },
	{ .arm = "b", .seed = 1, .figure = { 0.5, NAN }, .null = { draws[1] }, .n_null = { 3 } },
	{ .arm = "a", .seed = 2, .figure = { 0.7, NAN }, .null = { draws[1] }, .n_null = { 3 } },
	{ .arm = "b", .seed = 2, .figure = { 0.4, NAN } },
	{ .arm = "b", .seed = 3, .figure = { 0.6, NAN } },
};

START_TEST(arms)
{
	static const char *const name[] = { "a", "b", "c" };
	struct syc_tuned_arm arm[3];
	struct syc_welch w;

	ck_assert_int_eq(syc_tuned_arms(arm, name, 3, runs, 5, NULL), 0);
	ck_assert(arm[0].n_runs == 2 && arm[1].n_runs == 3 && arm[2].n_runs == 0);
	NEAR(arm[0].figure[0].mean, 0.8);
	NEAR(arm[0].figure[0].hi - 0.8, 12.706204736174694 * 0.1);
	ck_assert(arm[0].figure[1].n == 1 && isnan(arm[0].figure[1].lo));
	ck_assert(isnan(arm[2].figure[0].mean));
	/* scipy.stats.ttest_ind([.9, .7], [.5, .4, .6], equal_var=False) */
	syc_stat_welch(&w, &arm[0].figure[0], &arm[1].figure[0]);
	NEAR(w.diff, 0.3);
	NEAR(w.df, 1 / (0.75 * 0.75 / 1 + 0.25 * 0.25 / 2));
	NEAR(w.se, sqrt(0.01 + 0.01 / 3));
	ck_assert(w.lo < 0.3 && w.hi > 0.3 && w.p > 0.1 && w.p < 0.2);
	syc_stat_welch(&w, &arm[0].figure[0], &arm[2].figure[0]);
	ck_assert(isnan(w.p) && isnan(w.lo));
}
END_TEST

START_TEST(nulls)
{
	const struct syc_tuned_run same[] = {
		{ .arm = "a", .figure[SYC_TUNED_COSINE] = 0.2, .null[SYC_TUNED_COSINE] = draws[0],
		  .n_null[SYC_TUNED_COSINE] = 2 },
		{ .arm = "a", .figure[SYC_TUNED_COSINE] = 0.08, .null[SYC_TUNED_COSINE] = draws[1],
		  .n_null[SYC_TUNED_COSINE] = 3 },
	};
	const struct syc_tuned_run left[] = {
		{ .arm = "a", .figure[SYC_TUNED_KL_LEFT] = 0, .null[SYC_TUNED_KL_LEFT] = draws[0],
		  .n_null[SYC_TUNED_KL_LEFT] = 2 },
	};
	struct syc_tuned_nulls n;

	NEAR(syc_null_share(0.4, draws[1], 3, 0), 1 / 4.);
	NEAR(syc_null_share(-0.3, draws[1], 3, 0), 3 / 4.);
	NEAR(syc_null_share(-0.3, draws[1], 3, 1), 1.);
	NEAR(syc_null_share(0.3, draws[0], 3, 1), 1 / 3.);
	ck_assert(isnan(syc_null_share(1, NULL, 0, 1)) &&
		  isnan(syc_null_share(NAN, draws[0], 3, 1)));
	NEAR(syc_null_share(0.3, draws[0], 3, -1), 1.);
	ck_assert_int_eq(syc_tuned_beside_nulls(&n, runs, 5, "a", SYC_TUNED_P_MATCH, NULL), 0);
	ck_assert_uint_eq(n.n, 5);
	NEAR(n.most, 0.35);
	NEAR(n.p, 1 / 6.);
	/* Of what is left the least is the farthest. */
	ck_assert_int_eq(syc_tuned_beside_nulls(&n, left, 1, "a", SYC_TUNED_KL_LEFT, NULL), 0);
	NEAR(n.most, -0.5);
	NEAR(n.p, 2 / 3.);
	/* The same null vectors in both runs: (.1 + .2) / 2, (-.5 + .3) / 2. */
	ck_assert_int_eq(syc_tuned_beside_nulls(&n, same, 2, "a", SYC_TUNED_COSINE, NULL), 0);
	ck_assert_uint_eq(n.n, 2);
	NEAR(n.most, 0.15);
	NEAR(n.p, 2 / 3.);
	ck_assert_int_eq(syc_tuned_beside_nulls(&n, runs, 5, "c", SYC_TUNED_P_MATCH, NULL), 0);
	ck_assert(n.n == 0 && isnan(n.p) && isnan(n.most));
}
END_TEST

int main(void)
{
	static const struct test tests[] = {
		TEST(four_sets), TEST(eight_sets), TEST(ends), TEST(projection), TEST(arms),
		TEST(nulls),
	};

	return RUN_TESTS("foretell", tests);
}
