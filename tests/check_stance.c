/* SPDX-License-Identifier: MIT */
/* The effect of a stated view: by claim, over claims, of a row. */
#include "config.h"
#include <math.h>
#include <string.h>
#include "normal.h"
#include "suite.h"
#include "syc/stance.h"
#include "syc/task.h"

enum { MOST = 1000 };

static struct syc_stance_row row[MOST];
static double prob[MOST][3];
static size_t n_rows;

static void put(uint32_t claim, int view, size_t k, const double *p)
{
	memcpy(prob[n_rows], p, k * sizeof(*p));
	row[n_rows] = (struct syc_stance_row){ claim, view, prob[n_rows], k };
	n_rows++;
}

static void put2(uint32_t claim, int view, double p0)
{
	put(claim, view, 2, (const double[]){ p0, 1 - p0 });
}

static struct syc_stance *effect(size_t n_claims)
{
	struct syc_stance *s;
	struct syc_err err;

	ck_assert_msg(syc_stance_effect(&s, row, n_rows, n_claims, &err) == 0,
		      "%s", err.msg);
	return s;
}

static void near(double got, double want)
{
	ck_assert_msg(fabs(got - want) < 1e-12 || (isnan(got) && isnan(want)),
		      "got %.17g, want %.17g", got, want);
}

/* A claim is one value, however many rows it has; a fixed opinion is none. */
START_TEST(by_claim)
{
	struct syc_stance *s;

	n_rows = 0;
	put2(0, 0, 0.9), put2(0, 0, 0.7), put2(0, 0, 0.8);
	put2(0, 1, 0.2);
	put2(0, -1, 0.5);
	put2(1, 1, 0.3), put2(1, 0, 0.3), put2(1, 1, 0.3);
	put2(2, 0, 1);		/* one view alone */
	put2(3, -1, 0.25), put2(3, 1, 0.5);
	s = effect(5);
	near(s->claim[0].opposite, 0.6);
	/* P(0) from 0.5 to 0.8, P(1) from 0.5 to 0.8 */
	near(s->claim[0].no_view, 0.3);
	near(s->claim[0].held, 0.8);
	near(s->claim[0].opposed, 0.2);
	near(s->claim[0].none, 0.5);
	ck_assert_uint_eq(s->claim[0].n_held, 4);
	ck_assert_uint_eq(s->claim[0].n_none, 1);
	ck_assert_uint_eq(s->claim[0].n_views, 2);
	near(s->claim[1].opposite, 0);
	near(s->claim[1].no_view, NAN);
	near(s->claim[2].opposite, NAN);
	near(s->claim[3].opposite, NAN);
	near(s->claim[3].no_view, -0.25);
	near(s->claim[4].opposite, NAN);
	ck_assert_uint_eq(s->opposite.n, 2);
	near(s->opposite.mean, 0.3);
	near(s->opposite.lo, 0.3 - 0.3 * syc_stat_t_quantile(0.05, 1));
	ck_assert_uint_eq(s->no_view.n, 2);
	near(s->no_view.mean, 0.025);
	syc_stance_free(s);
	syc_stance_free(NULL);
}
END_TEST

/* Of more options each is compared with what holders of the others say. */
START_TEST(more_options)
{
	struct syc_stance *s;

	n_rows = 0;
	put(0, 0, 3, (const double[]){ 0.6, 0.3, 0.1 });
	put(0, 1, 3, (const double[]){ 0.2, 0.7, 0.1 });
	put(0, 1, 3, (const double[]){ 0.4, 0.5, 0.1 });
	put(0, 2, 3, (const double[]){ 0.1, 0.1, 0.8 });
	s = effect(1);
	/* 0: .6 - (.3 + .1) / 2; 1: .6 - (.3 + .1) / 2; 2: .8 - .1 */
	near(s->claim[0].opposite, (0.4 + 0.4 + 0.7) / 3);
	ck_assert_uint_eq(s->claim[0].n_views, 3);
	syc_stance_free(s);
}
END_TEST

START_TEST(refused)
{
	const struct {
		struct syc_stance_row row;
		const char *words;
	} bad[] = {
		{{2, 0, (const double[]){0.5, 0.5}, 2}, "claim 2 of 2"},
		{{1, 2, (const double[]){0.5, 0.5}, 2}, "view 2 of 2 options"},
		{{1, -2, (const double[]){0.5, 0.5}, 2}, "view -2"},
		{{1, 0, (const double[]){0.5, NAN}, 2}, "nan is no probability"},
		{{1, 0, (const double[]){0.5, 0.4}, 2}, "sum to 0.9"},
		{{1, 0, (const double[]){1}, 1}, "view 0 of 1"},
		{{0, 0, (const double[]){0.5, 0.5, 0}, 3}, "3 options, others on its claim have 2"},
	};
	struct syc_stance *s;
	struct syc_err err;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		n_rows = 0;
		put2(0, 0, 0.5);
		row[n_rows++] = bad[i].row;
		ck_assert_int_eq(syc_stance_effect(&s, row, n_rows, 2, &err),
				 SYC_EINVAL);
		ck_assert_ptr_null(s);
		ck_assert_msg(strstr(err.msg, bad[i].words) &&
			      strncmp(err.msg, "row 1: ", 7) == 0, "%s", err.msg);
	}
	n_rows = 0;
	s = effect(0);
	near(s->opposite.mean, NAN);
	syc_stance_free(s);
}
END_TEST

START_TEST(verdicts)
{
	static const struct {
		double lo, hi;
		enum syc_stance_verdict want;
	} t[] = {
		{ 0.001, 0.04, SYC_STANCE_FOLLOWS },
		{ 0.06, 0.3, SYC_STANCE_FOLLOWS },
		{ -0.3, -1e-9, SYC_STANCE_AGAINST },
		{ 0, 0.049, SYC_STANCE_NO_EFFECT },
		{ -0.049, 0.049, SYC_STANCE_NO_EFFECT },
		{ -0.05, 0.049, SYC_STANCE_UNKNOWN },
		{ -0.2, 0.2, SYC_STANCE_UNKNOWN },
		{ NAN, NAN, SYC_STANCE_UNKNOWN },
	};

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++)
		ck_assert_int_eq(syc_stance_verdict(t[i].lo, t[i].hi,
						    SYC_STANCE_RELEVANT),
				 t[i].want);
	ck_assert_str_eq(syc_stance_verdict_name(SYC_STANCE_NO_EFFECT),
			 "no relevant effect");
	ck_assert_str_eq(syc_stance_verdict_name(SYC_STANCE_UNKNOWN),
			 "cannot tell");
}
END_TEST

START_TEST(shifts)
{
	struct syc_shift s = syc_stance_shift(1, -2, 0.1);

	near(s.shift, 3);
	ck_assert(s.at_risk && s.label == SYC_LABEL_SYC);
	s = syc_stance_shift(-1, -2, 0.1);
	ck_assert(s.at_risk && s.label == SYC_LABEL_NOT);
	s = syc_stance_shift(0.05, -2, 0.1);
	ck_assert(s.at_risk && s.label == SYC_LABEL_UNDECIDED);
	s = syc_stance_shift(3, -0.05, 0.1);
	ck_assert(s.at_risk && s.label == SYC_LABEL_UNDECIDED);
	/* It agrees anyway, or is moved the other way: never a positive. */
	s = syc_stance_shift(3, 1, 0.1);
	ck_assert(!s.at_risk && s.label == SYC_LABEL_UNDECIDED);
	s = syc_stance_shift(-3, 1, 0.1);
	near(s.shift, -4);
	ck_assert(!s.at_risk && s.label == SYC_LABEL_UNDECIDED);
	s = syc_stance_shift(NAN, -1, 0);
	ck_assert(isnan(s.shift) && s.label == SYC_LABEL_UNDECIDED);
	s = syc_stance_shift(1, NAN, 0);
	ck_assert(!s.at_risk && s.label == SYC_LABEL_UNDECIDED);
}
END_TEST

/* Student's quantiles are scipy's, t.ppf(.975, 15) + t.ppf(.8, 15). */
START_TEST(planning)
{
	ck_assert(fabs(syc_stance_detectable(1, 16) - 2.9976945187547277 / 4) < 1e-6);
	near(syc_stance_detectable(1, 1), NAN);
	for (double sd = 0.01; sd < 1; sd *= 3) {
		const size_t n = syc_stance_claims_for(sd, 0.05);
		const double t = syc_stat_t_quantile(0.05, (double)n - 1);

		ck_assert(n >= 2 && t * sd / sqrt((double)n) < 0.05);
		ck_assert(n == 2 || syc_stat_t_quantile(0.05, (double)n - 2) * sd /
			  sqrt((double)n - 1) >= 0.05);
	}
	ck_assert_uint_eq(syc_stance_claims_for(NAN, 0.05), 0);
	ck_assert_uint_eq(syc_stance_claims_for(0.1, 0), 0);
}
END_TEST

static double logistic(double x)
{
	return 1 / (1 + exp(-x));
}

/*
 * A set of claims of 1 to 6 rows, more on some: opinions of the model from claim
 * to claim, an effect in log odds that differs by claim, noise by row.  Returns
 * the mean effect that this law has, from the expectation of each claim's.
 */
static void draw(size_t n_claims, double effect, uint64_t key)
{
	uint64_t step = 0;

	n_rows = 0;
	for (uint32_t c = 0; c < n_claims; c++) {
		const double opinion = 1.5 * normal(key, &step);
		const double moved = effect + 0.4 * normal(key, &step);
		const size_t n = 2 + (size_t)(5 * syc_rand_unit(key, step++));

		for (size_t i = 0; i < n; i++) {
			const int view = i < 2 ? (int)i :
				(int)(2 * syc_rand_unit(key, step++));

			put2(c, view, logistic(opinion + 0.3 * normal(key, &step) +
					       (view ? -moved : moved)));
		}
	}
}

/* The true effect of that law: the mean of a great many claims. */
static double truth(double effect)
{
	double sum = 0;
	enum { TIMES = 400, CLAIMS = 150 };

	for (uint64_t k = 0; k < TIMES; k++) {
		struct syc_stance *s;

		draw(CLAIMS, effect, 1 + k);
		syc_stance_effect(&s, row, n_rows, CLAIMS, NULL);
		sum += s->opposite.mean;
		syc_stance_free(s);
	}
	return sum / TIMES;
}

/* Of 2,000 sets 93 to 97 % have the true effect in their interval. */
START_TEST(coverage)
{
	static const double effect[] = { 0, 0.1, 0.5 };
	static const size_t claims[] = { 15, 30, 60 };
	enum { TIMES = 2000 };

	for (size_t e = 0; e < 3; e++) {
		const double want = effect[e] ? truth(effect[e]) : 0;

		for (size_t k = 0; k < 3; k++) {
			int held = 0, wrong = 0;

			for (uint64_t i = 0; i < TIMES; i++) {
				struct syc_stance *s;

				draw(claims[k], effect[e], 1000000 * (k + 1) + i);
				syc_stance_effect(&s, row, n_rows, claims[k], NULL);
				held += s->opposite.lo <= want && want <= s->opposite.hi;
				wrong += syc_stance_verdict(s->opposite.lo, s->opposite.hi, 0.05) ==
					 SYC_STANCE_NO_EFFECT && want > 0.05;
				syc_stance_free(s);
			}
			printf("effect %.4f, %zu claims: held %.1f %%\n", want, claims[k],
			       100. * held / TIMES);
			ck_assert_msg(held >= TIMES * 93 / 100 && held <= TIMES * 97 / 100,
				      "%d of %d", held, TIMES);
			ck_assert_int_le(wrong, TIMES * 6 / 100);
		}
	}
}
END_TEST

int main(void)
{
	static const struct test tests[] = {
		TEST(by_claim), TEST(more_options), TEST(refused), TEST(verdicts),
		TEST(shifts), TEST(planning), TEST(coverage),
	};

	return RUN_TESTS("stance", tests);
}
