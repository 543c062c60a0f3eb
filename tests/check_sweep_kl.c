/* SPDX-License-Identifier: MIT */
/* Sweeps without a model: scales at equal KL, and the figures of settings. */
#include "config.h"
#include <math.h>
#include <string.h>
#include "base/rand.h"
#include "study/sweep/sweep.h"
#include "suite.h"

/* ---- the search ------------------------------------------------------------ */

/* A made-up setting: its KL by the size of its scale. */
struct made {
	double (*kl)(double size, const struct made *m);
	double a, power;
	size_t n_asked;
	double last;		/* scale asked for */
};

static double power_law(double size, const struct made *m)
{
	return m->a * pow(size, m->power);
}

/* Comes to an end at a, whatever the scale. */
static double plateau(double size, const struct made *m)
{
	return m->a * (1 - exp(-pow(size, m->power)));
}

/* Beyond size a the model breaks. */
static double breaks(double size, const struct made *m)
{
	return size > m->a ? NAN : pow(size, m->power);
}

/* Nothing below size a, all above. */
static double jump(double size, const struct made *m)
{
	return size < m->a ? 1e-9 : INFINITY;
}

static int ask(void *arg, struct kl_search *const *look, size_t n,
	       struct syc_err *err)
{
	size_t *runs = arg;

	(void)err;
	++*runs;
	for (size_t i = 0; i < n; i++) {
		struct made *m = look[i]->user;

		ck_assert(fabs(look[i]->scale) > 0 &&
			  fabs(look[i]->scale) <= look[i]->full);
		m->n_asked++;
		m->last = look[i]->scale;
		look[i]->kl = m->kl(fabs(look[i]->scale), m);
	}
	return 0;
}

static struct kl_search search(struct made *m, double start, double full,
			       double want)
{
	struct kl_search s = { .user = m, .scale = start, .full = full };
	size_t runs = 0;

	m->n_asked = 0;
	ck_assert_int_eq(kl_search(&s, 1, want, ask, &runs, NULL), 0);
	ck_assert_uint_eq(runs, m->n_asked);
	ck_assert_uint_le(runs, KL_TRIES);
	ck_assert_msg(signbit(s.scale) == signbit(start), "%g from %g", s.scale,
		      start);
	return s;
}

START_TEST(finds_the_scale_of_power_laws)
{
	static const double powers[] = { 0.5, 1, 2, 4 },
		starts[] = { -1000, -1, 1e-3, 2, 500 };

	for (size_t p = 0; p < 4; p++)
		for (size_t i = 0; i < 5; i++)
			for (double want = 1e-4; want < 20; want *= 10) {
				struct made m = { power_law, 0.03, powers[p], 0,
						  0 };
				const double exact = pow(want / m.a, 1 / m.power);
				struct kl_search s;

				if (exact > 1e4)
					continue;
				s = search(&m, starts[i], 1e4, want);
				ck_assert_msg(s.reached,
					      "power %g from %g to %g: %g at %g",
					      powers[p], starts[i], want, s.kl,
					      s.scale);
				ck_assert_double_le(fabs(log(s.kl / want)), 0.1);
				ck_assert_double_eq_tol(fabs(s.scale) / exact,
							1, 0.25);
			}
}
END_TEST

START_TEST(a_square_law_takes_few_runs)
{
	struct made m = { power_law, 0.01, 2, 0, 0 };

	ck_assert(search(&m, 1, 1e4, 0.05).reached);
	ck_assert_uint_le(m.n_asked, 3);
	ck_assert(search(&m, -3, 1e4, 0.09).reached);	/* it begins there */
	ck_assert_uint_eq(m.n_asked, 1);
}
END_TEST

START_TEST(goes_to_the_end_where_more_is_not_enough)
{
	struct made few = { power_law, 0.01, 2, 0, 0 },
		flat = { plateau, 0.02, 1, 0, 0 };
	struct kl_search s = search(&few, 0.5, 1, 0.05);

	/* As ablation at 1: all that there is. */
	ck_assert(!s.reached);
	ck_assert_double_eq(s.scale, 1);
	ck_assert_double_eq(s.kl, 0.01);
	s = search(&few, 7, 1, 0.05);	/* beginning beyond it */
	ck_assert_double_eq(s.scale, 1);
	ck_assert_uint_eq(few.n_asked, 1);
	s = search(&flat, -1, 1e4, 0.05);
	ck_assert(!s.reached);
	ck_assert_double_eq_tol(s.kl, 0.02, 1e-6);
	s = search(&flat, 1, 1e4, 0.019);
	ck_assert(s.reached);
}
END_TEST

START_TEST(keeps_away_from_what_breaks)
{
	struct made m = { breaks, 8, 2, 0, 0 }, gap = { jump, 3, 0, 0, 0 };
	struct kl_search s = search(&m, 1000, 1e4, 1);

	ck_assert(s.reached);
	ck_assert_double_eq_tol(s.scale, 1, 0.05);
	/* What is wanted lies where there is nothing: the nearest that is finite. */
	s = search(&m, 1000, 1e4, 100);
	ck_assert(!s.reached);
	ck_assert(isfinite(s.kl) && s.scale <= 8);
	ck_assert_double_eq_tol(s.scale, 8, 0.1);
	s = search(&gap, 1, 1e4, 1);
	ck_assert(!s.reached);
	ck_assert_double_eq(s.kl, 1e-9);
	ck_assert_double_lt(s.scale, 3);
	ck_assert_uint_eq(gap.n_asked, KL_TRIES);
}
END_TEST

/* Whoever is done is asked no more, and none changes another's search. */
START_TEST(searches_side_by_side_are_as_alone)
{
	struct made m[4] = {
		{ power_law, 0.01, 2, 0, 0 }, { plateau, 0.02, 1, 0, 0 },
		{ power_law, 5, 0.3, 0, 0 }, { breaks, 8, 2, 0, 0 },
	};
	static const double start[] = { 1, -2, 30, 500 };
	struct kl_search s[4], alone;
	size_t runs = 0, n[4];

	for (size_t i = 0; i < 4; i++)
		s[i] = (struct kl_search){ .user = &m[i], .scale = start[i],
					   .full = 1e4 };
	ck_assert_int_eq(kl_search(s, 4, 0.05, ask, &runs, NULL), 0);
	for (size_t i = 0; i < 4; i++)
		n[i] = m[i].n_asked;
	for (size_t i = 0; i < 4; i++) {
		alone = search(&m[i], start[i], 1e4, 0.05);
		ck_assert_double_eq(alone.scale, s[i].scale);
		ck_assert_double_eq(alone.kl, s[i].kl);
		ck_assert_int_eq(alone.reached, s[i].reached);
		ck_assert_uint_eq(m[i].n_asked, n[i]);
		ck_assert_uint_le(n[i], runs);
	}
	ck_assert_int_eq(kl_search(NULL, 0, 0.05, ask, &runs, NULL), 0);
}
END_TEST

static int fails(void *arg, struct kl_search *const *look, size_t n,
		 struct syc_err *err)
{
	(void)look, (void)n, (void)err;
	return ++*(int *)arg == 2 ? SYC_ECANCEL : 0;
}

START_TEST(an_error_ends_the_search)
{
	struct kl_search s = { .scale = 1, .full = 10 };
	int runs = 0;

	ck_assert_int_eq(kl_search(&s, 1, 0.05, fails, &runs, NULL), SYC_ECANCEL);
	ck_assert_int_eq(runs, 2);
}
END_TEST

/* ---- figures ------------------------------------------------------------------ */

enum { N = 40, BOOT = 300 };

static int by_size(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static double quantile(const double *x, double p)
{
	const double at = p * (BOOT - 1);
	const int i = (int)at;

	return i + 1 < BOOT ? x[i] + (at - i) * (x[i + 1] - x[i]) : x[i];
}

/* Draw pairs, take the difference of the two means of each sample. */
static void paired(struct syc_sweep_mean *m, const double *x, const double *y,
		   uint64_t seed)
{
	double diff[BOOT], mx = 0, my = 0;

	for (uint64_t b = 0; b < BOOT; b++) {
		const uint64_t key = syc_rand_key(seed, "bootstrap of a mean", b);
		double sx = 0, sy = 0;

		for (uint64_t i = 0; i < N; i++) {
			const uint64_t at = syc_rand_below(key, i, N);

			sx += x[at];
			sy += y[at];
		}
		diff[b] = sy / N - sx / N;
	}
	qsort(diff, BOOT, sizeof(*diff), by_size);
	for (int i = 0; i < N; i++) {
		mx += x[i];
		my += y[i];
	}
	*m = (struct syc_sweep_mean){ my / N, (my - mx) / N, quantile(diff, 0.025),
				      quantile(diff, 0.975) };
}

static void near(const struct syc_sweep_mean *a, const struct syc_sweep_mean *b)
{
	ck_assert_double_eq_tol(a->value, b->value, 1e-12);
	ck_assert_double_eq_tol(a->change, b->change, 1e-12);
	ck_assert_double_eq_tol(a->lo, b->lo, 1e-12);
	ck_assert_double_eq_tol(a->hi, b->hi, 1e-12);
}

START_TEST(figures_are_those_of_their_definitions)
{
	for (uint64_t seed = 1; seed < 6; seed++) {
		double x[N], y[N], cx[N], cy[N];
		float fx[N], fy[N];
		struct syc_sweep_result r;
		struct syc_sweep_mean want;
		int wrong[2] = { 0, 0 };

		for (uint64_t i = 0; i < N; i++) {
			fx[i] = (float)syc_rand_unit(seed, i);
			fy[i] = i % 7 ? fminf(1,
					      fx[i] + 0.3f * (float)syc_rand_unit(seed, N + i))
				      : 0.5f;
			x[i] = (double)fx[i];
			y[i] = (double)fy[i];
			cx[i] = x[i] > 0.5 ? 1 : 0;
			cy[i] = fy[i] == 0.5f ? 0.5 : y[i] > 0.5 ? 1 : 0;
			wrong[0] += y[i] < x[i];
			wrong[1] += y[i] > x[i];
		}
		ck_assert_int_eq(summarize(&r, fx, fy, N, NULL, 1, BOOT, seed, NULL), 0);
		paired(&want, x, y, seed);
		near(&r.p, &want);
		ck_assert_double_eq(r.wrong, (double)wrong[0] / N);
		paired(&want, cx, cy, seed);
		near(&r.chosen, &want);
		summarize(&r, fx, fy, N, NULL, -1, BOOT, seed, NULL);
		ck_assert_double_eq(r.wrong, (double)wrong[1] / N);
		/* Not intended either way: the mean's is the right one, here up and then down. */
		summarize(&r, fx, fy, N, NULL, 0, BOOT, seed, NULL);
		ck_assert_double_gt(r.p.change, 0);
		ck_assert_double_eq(r.wrong, (double)wrong[0] / N);
		summarize(&r, fy, fx, N, NULL, 0, BOOT, seed, NULL);
		ck_assert_double_eq(r.wrong, (double)wrong[0] / N);
	}
}
END_TEST

START_TEST(figures_of_nothing_are_not_defined)
{
	const float x = 0.25f, y = 0.5f;
	struct syc_sweep_result r;

	ck_assert_int_eq(summarize(&r, NULL, NULL, 0, NULL, 1, BOOT, 1, NULL), 0);
	ck_assert(isnan(r.p.value) && isnan(r.p.change) && isnan(r.p.lo) &&
		  isnan(r.p.hi));
	ck_assert(isnan(r.chosen.value) && isnan(r.wrong));
	/* One question has a change, but no interval. */
	ck_assert_int_eq(summarize(&r, &x, &y, 1, NULL, 1, BOOT, 1, NULL), 0);
	ck_assert_double_eq(r.p.change, 0.25);
	ck_assert_double_eq(r.chosen.change, 0.5);
	ck_assert(isnan(r.p.lo) && isnan(r.p.hi));
	ck_assert_double_eq(r.wrong, 0);
	/* What does not move moves neither way. */
	ck_assert_int_eq(summarize(&r, &x, &x, 1, NULL, -1, BOOT, 1, NULL), 0);
	ck_assert_double_eq(r.wrong, 0);
}
END_TEST

START_TEST(repeated_four_grams)
{
	int32_t same[] = { 7, 7, 7, 7, 7, 7 }, other[] = { 1, 2, 3, 4, 5, 6, 7, 8 };
	int32_t twice[] = { 1, 2, 3, 4, 9, 1, 2, 3, 4 };

	ck_assert_double_eq(repetition(&(struct syc_ids){ .id = same, .n = 4 }), 0);
	ck_assert_double_eq(repetition(&(struct syc_ids){ .id = same, .n = 6 }),
			    2.0 / 3);
	ck_assert_double_eq(repetition(&(struct syc_ids){ .id = other,
							  .n = 8 }), 0);
	ck_assert_double_eq(repetition(&(struct syc_ids){ .id = twice,
							  .n = 9 }), 1.0 / 6);
}
END_TEST

/* ---- layers --------------------------------------------------------------------- */

START_TEST(layers_as_text)
{
	static const struct {
		uint32_t layer[6];
		size_t n;
		const char *want;
	} t[] = {
		{ { 3 }, 1, "3" }, { { 2, 3 }, 2, "2,3" }, { { 2, 3, 4 }, 3, "2-4" },
		{ { 0, 2, 3, 4, 7, 8 }, 6, "0,2-4,7,8" }, { { 0 }, 0, "" },
	};

	for (size_t i = 0; i < sizeof(t) / sizeof(*t); i++) {
		struct syc_buf b = { 0 };

		ck_assert_int_eq(syc_sweep_layers_text(&b, t[i].layer, t[i].n), 0);
		ck_assert_str_eq(b.data ? b.data : "", t[i].want);
		syc_buf_free(&b);
	}
}
END_TEST

int main(void)
{
	static const struct test t[] = {
		TEST(finds_the_scale_of_power_laws),
		TEST(a_square_law_takes_few_runs),
		TEST(goes_to_the_end_where_more_is_not_enough),
		TEST(keeps_away_from_what_breaks),
		TEST(searches_side_by_side_are_as_alone),
		TEST(an_error_ends_the_search),
		TEST(figures_are_those_of_their_definitions),
		TEST(figures_of_nothing_are_not_defined),
		TEST(repeated_four_grams),
		TEST(layers_as_text),
	};

	return RUN_TESTS("sweep_kl", t);
}
