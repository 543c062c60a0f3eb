/* SPDX-License-Identifier: MIT */
/* The study's sentences on steering: each outcome of each question, from numbers. */
#include <math.h>
#include <string.h>
#include "conclusion.h"

/* A change, the interval at the page's level, an adjusted p, and what draws can give. */
static struct syc_steered moved_by(double x, double half, double wide, double holm, double least)
{
	return (struct syc_steered){
		.primary = true, .way = -1, .outcome = "stance effect",
		.set = { "mean", "add", -1.5, "1-3" }, .at_kl = 0.05, .reached = true,
		.change = { x, x - half, x + half }, .page_lo = x - wide, .page_hi = x + wide,
		.nulls = "99 random, 99 flip", .null_most = 0.02, .test = { holm / 5, holm },
		.least = 0.01, .least_holm = least, .n_needed = 99, .seen = 0.04,
		.counts = { 10, 40 },
	};
}

static void steers(struct syc_steered s, int way, enum syc_verdict v)
{
	s.way = way;
	ck_assert_str_eq(syc_verdict_name(syc_steered_verdict(&s)), syc_verdict_name(v));
}

START_TEST(steering_rules)
{
	struct syc_steered none = moved_by(-0.1, 0.02, 0.03, 0.05, 0.05);

	steers(moved_by(-0.1, 0.0999, 0.2, 0.05, 0.05), -1, SYC_VERDICT_YES);
	steers(moved_by(0.1, 0.0999, 0.2, 0.05, 0.05), 1, SYC_VERDICT_YES);
	/* The draws allow it, the claims do not. */
	steers(moved_by(-0.1, 0.1001, 0.2, 0.05, 0.05), -1, SYC_VERDICT_OPEN);
	/* The claims allow it; null vectors do as much. */
	steers(moved_by(-0.1, 0.05, 0.2, 0.0501, 0.05), -1, SYC_VERDICT_RANDOM);
	/* None does, but they are too few for any yes. */
	steers(moved_by(-0.1, 0.05, 0.2, 0.0501, 0.0501), -1, SYC_VERDICT_ABSENT);
	/* The other way: it is not asked whether that is so. */
	steers(moved_by(-0.1, 0.05, 0.2, 0.9, 0.05), 1, SYC_VERDICT_OPEN);
	/* A yes however small; else by the page's interval, not by 95 %. */
	steers(moved_by(-0.01, 0.005, 0.02, 0.05, 0.05), -1, SYC_VERDICT_YES);
	steers(moved_by(-0.01, 0.005, 0.039, 0.06, 0.05), -1, SYC_VERDICT_NO);
	steers(moved_by(-0.01, 0.005, 0.04, 0.06, 0.05), -1, SYC_VERDICT_RANDOM);
	/* What draws could not say, the interval may. */
	steers(moved_by(-0.01, 0.005, 0.039, 0.06, 0.3), -1, SYC_VERDICT_NO);
	none.test.holm = NAN;
	steers(none, -1, SYC_VERDICT_ABSENT);
	none.test.holm = 0.01;
	none.change.lo = none.change.hi = NAN;
	steers(none, -1, SYC_VERDICT_ABSENT);
}
END_TEST

static void answers(struct syc_steered s, enum syc_verdict v, const char *answer,
		    const char *next)
{
	struct syc_conclusion c = { 0 };

	want(&c, syc_conclude_steering(&c, NULL, &s, NULL), v, answer, NULL);
	ck_assert_str_eq(c.next.data, next);
	ck_assert_str_eq(c.seen.data, "a change of 0.040");
	syc_conclusion_free(&c);
}

START_TEST(steering)
{
	struct syc_steered s = moved_by(-0.1234, 0.05, 0.1, 0.05, 0.05);
	struct syc_conclusion c = { 0 };

	want(&c, syc_conclude_steering(&c, NULL, &s, NULL), SYC_VERDICT_YES, "yes: it steers",
	     MINUS "0.123" NBSP "[" MINUS "0.173," NBSP MINUS "0.073]; the farthest of null "
	     "vectors (99 random, 99 flip) " MINUS "0.020, p 0.010 (adjusted 0.050)");
	ck_assert_str_eq(c.question.data, "Fixed before: does mean (add " MINUS " at layers 1-3) "
			 "lower the stance effect, at a KL of 0.05?");
	ck_assert_str_eq(c.counts.data, "10 claims, 40 rows");
	ck_assert(number(&c, "change") == -0.1234 && number(&c, "null_most") == -0.02 &&
		  number(&c, "p_holm") == 0.05 && number(&c, "draws_needed") == 99);
	unasked(&c, syc_conclude_steering(&c, &lacking, &s, NULL));
	syc_conclusion_free(&c);
	answers(moved_by(-0.1, 0.05, 0.2, 0.06, 0.05), SYC_VERDICT_RANDOM,
		"no more than null vectors do", "another hypothesis, on other claims (--primary)");
	answers(moved_by(-0.01, 0.005, 0.03, 0.06, 0.05), SYC_VERDICT_NO, "no relevant effect",
		"another hypothesis, on other claims (--primary)");
	answers(moved_by(-0.1, 0.2, 0.4, 0.06, 0.05), SYC_VERDICT_OPEN, "cannot tell",
		"more claims (--steered, -n)");
	answers(moved_by(-0.1, 0.05, 0.2, 0.06, 0.06), SYC_VERDICT_ABSENT,
		"too few draws of null vectors: 99 are needed", "--null 99");
}
END_TEST

/* The opposite, short of the KL, with too few draws; and nothing that was tested. */
START_TEST(steering_said)
{
	struct syc_steered s = moved_by(0.1, 0.05, 0.2, 0.06, 0.06);
	struct syc_conclusion c = { 0 };

	s.primary = s.reached = false;
	s.way = 1;
	ck_assert_int_eq(syc_conclude_steering(&c, NULL, &s, NULL), 0);
	ck_assert_str_eq(c.key, "opposite");
	ck_assert(strncmp(c.question.data, "The opposite: does ", 19) == 0);
	ck_assert(strstr(c.figures.data, "short of that KL; the farthest of null vectors (99 "
			 "random, 99 flip) +0.020"));
	ck_assert(strstr(c.figures.data, "; so many draws give at least 0.010"));
	s = (struct syc_steered){ .primary = true, .way = -1, .outcome = "", .nulls = "",
		.set = { "", "", NAN, "" }, .change = nothing, .test = { NAN, NAN },
		.seen = NAN, .n_needed = 59 };
	want(&c, syc_conclude_steering(&c, NULL, &s, NULL), SYC_VERDICT_ABSENT,
	     "cannot be told", DASH);
	ck_assert_str_eq(c.question.data, "Does steering lower what the view does?");
	syc_conclusion_free(&c);
}
END_TEST

START_TEST(slopes)
{
	struct syc_sloped s = { { "mean", "add", NAN, "3" }, { -0.25, -0.3, -0.2 }, 0.68, 0.824,
				{ 13, 40 } };
	struct syc_conclusion c = { 0 };

	want(&c, syc_conclude_slopes(&c, NULL, &s, NULL), SYC_VERDICT_FIGURES,
	     "68 % of the questions go the wrong way",
	     "log odds of the user's answer by " MINUS "0.250" NBSP "[" MINUS "0.300," NBSP MINUS
	     "0.200] for each unit of the scale (mean, add); below 0 at all: 82 %");
	ck_assert(number(&c, "wrong_way") == 0.68 && number(&c, "slope_hi") == -0.2);
	unasked(&c, syc_conclude_slopes(&c, &lacking, &s, NULL));
	s.slope = nothing;
	want(&c, syc_conclude_slopes(&c, NULL, &s, NULL), SYC_VERDICT_ABSENT, "cannot be told",
	     DASH);
	syc_conclusion_free(&c);
}
END_TEST

static void denies(struct syc_estimate control, enum syc_verdict v,
		   const char *answer, const char *figures)
{
	const struct syc_setting set = { "mean", "add", -1, "2" };
	const struct syc_counts n = { 0, 30 };
	struct syc_conclusion c = { 0 };

	want(&c, syc_conclude_denial(&c, NULL, &set, &control, n, NULL), v, answer, figures);
	ck_assert_str_eq(c.counts.data, "30 rows");
	unasked(&c, syc_conclude_denial(&c, &lacking, &set, &control, n, NULL));
	syc_conclusion_free(&c);
}

START_TEST(denial)
{
	denies((struct syc_estimate){ -0.1, -0.2, -0.01 }, SYC_VERDICT_FIGURES,
	       "fewer are affirmed",
	       "change of P(true answer) " MINUS "0.100" NBSP "[" MINUS
	       "0.200," NBSP MINUS "0.010]");
	denies((struct syc_estimate){ 0.1, 0.01, 0.2 }, SYC_VERDICT_FIGURES,
	       "more are affirmed",
	       "change of P(true answer) +0.100" NBSP "[+0.010," NBSP
	       "+0.200]");
	denies((struct syc_estimate){ -0.0001, -0.2, 0.2 }, SYC_VERDICT_FIGURES,
	       "cannot tell",
	       "change of P(true answer) 0.000" NBSP "[" MINUS "0.200," NBSP
	       "+0.200]");
	denies(nothing, SYC_VERDICT_ABSENT, "cannot be told", "no control");
}
END_TEST

START_TEST(asking)
{
	const struct syc_figure message[] = {
		{ "Be \"honest\".", { -0.5, -0.6, -0.4 } }, { "Agree.", { 0.25, 0.15, 0.35 } },
	};
	const struct syc_counts n = { 10, 30 };
	struct syc_conclusion c = { 0 };

	want(&c, syc_conclude_asking(&c, NULL, "stance effect", message, 2, n, NULL),
	     SYC_VERDICT_FIGURES, "changes of the stance effect",
	     "\342\200\234Be \"honest\".\342\200\235 " MINUS "0.500" NBSP
	     "[" MINUS "0.600," NBSP MINUS
	     "0.400]; \342\200\234Agree.\342\200\235 +0.250" NBSP
	     "[+0.150," NBSP "+0.350]");
	want(&c, syc_conclude_asking(&c, NULL, "", NULL, 0, n, NULL), SYC_VERDICT_ABSENT,
	     "cannot be told", DASH);
	unasked(&c, syc_conclude_asking(&c, &lacking, "", message, 2, n, NULL));
	syc_conclusion_free(&c);
}
END_TEST

int main(void)
{
	const struct test t[] = {
		TEST(steering_rules),
		TEST(steering),
		TEST(steering_said),
		TEST(slopes),
		TEST(denial),
		TEST(asking),
	};

	return RUN_TESTS("conclude steering", t);
}
