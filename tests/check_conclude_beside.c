/* SPDX-License-Identifier: MIT */
/* The sentences on what stands beside a vector, each outcome of each. */
#include "conclusion.h"

START_TEST(shift)
{
	struct syc_shifted x = { 4, 6, -0.911, -0.95, { 0.0004, 0.05 }, { 13, 260 } };
	struct syc_conclusion c = { 0 };

	want(&c, syc_conclude_shift(&c, NULL, &x, NULL), SYC_VERDICT_YES, "yes, turned",
	     "Spearman's rho " MINUS "0.911, r " MINUS
	     "0.950 at layer 4, the best of 6; over all of "
	     "them, p below 0.001 (adjusted 0.050)");
	unasked(&c, syc_conclude_shift(&c, &lacking, &x, NULL));
	x.rho = 0.911;
	want(&c, syc_conclude_shift(&c, NULL, &x, NULL), SYC_VERDICT_YES, "yes", NULL);
	x.test.holm = 0.0501;
	want(&c, syc_conclude_shift(&c, NULL, &x, NULL), SYC_VERDICT_OPEN, "not shown", NULL);
	x.test = (struct syc_test){ NAN, NAN };
	want(&c, syc_conclude_shift(&c, NULL, &x, NULL), SYC_VERDICT_ABSENT, "cannot be told",
	     DASH);
	syc_conclusion_free(&c);
}
END_TEST

START_TEST(ceiling)
{
	struct syc_ceiling x = { 0.8918, 0.7, { 13, 132 } };
	struct syc_conclusion c = { 0 };

	want(&c, syc_conclude_ceiling(&c, NULL, &x, NULL), SYC_VERDICT_FIGURES,
	     "AUC 0.892 by a probe",
	     "trained on these answers, tried on claims that it has not seen; the mean "
	     "difference has 0.700");
	unasked(&c, syc_conclude_ceiling(&c, &lacking, &x, NULL));
	x.probe = NAN;
	want(&c, syc_conclude_ceiling(&c, NULL, &x, NULL), SYC_VERDICT_UNASKED,
	     "cannot be asked: a probe takes 10 claims with moved and held answers", DASH);
	syc_conclusion_free(&c);
}
END_TEST

START_TEST(null_vectors)
{
	struct syc_beside_nulls x = {
		SYC_NULL_FLIP,
		{ { SYC_NULL_RANDOM, 200, 0.065 }, { SYC_NULL_COV, 200, NAN },
		  { SYC_NULL_FLIP, 100, 0.0099 }, { SYC_NULL_SHUFFLE, 0, NAN } },
		0.7, 4, { 0.0099, 0.04 }, { 13, 132 }, "",
	};
	struct syc_conclusion c = { 0 };

	ck_assert_int_eq(syc_nulls_kind(10), SYC_NULL_FLIP);
	ck_assert_int_eq(syc_nulls_kind(9), SYC_NULL_COV);
	want(&c, syc_conclude_nulls(&c, NULL, &x, NULL), SYC_VERDICT_YES, "yes",
	     "its best layer beside the best of each, on 13 claims that did not make it, p 0.010 "
	     "(adjusted 0.040); not adjusted: random directions p 0.065");
	ck_assert_str_eq(c.question.data,
			 "Better than vectors of its pairs with sides flipped by claim?");
	ck_assert(number(&c, "left_out") == 4);
	unasked(&c, syc_conclude_nulls(&c, &lacking, &x, NULL));
	x.test.holm = 0.051;
	want(&c, syc_conclude_nulls(&c, NULL, &x, NULL), SYC_VERDICT_OPEN, "not shown", NULL);
	x.test = (struct syc_test){ NAN, NAN };
	want(&c, syc_conclude_nulls(&c, NULL, &x, NULL), SYC_VERDICT_ABSENT, "cannot be told",
	     DASH);
	x.why = "fewer than 10 claims that did not make the vector";
	want(&c, syc_conclude_nulls(&c, NULL, &x, NULL), SYC_VERDICT_UNASKED,
	     "cannot be asked: fewer than 10 claims that did not make the vector", DASH);
	syc_conclusion_free(&c);
}
END_TEST

START_TEST(letters)
{
	struct syc_paired x = {
		0.8, 0.6, { 0.2, 0.1, 0.3 }, { 0.004, 0.05 }, { 12, 60 }, 25,
	};
	struct syc_conclusion c = { 0 };

	want(&c, syc_conclude_letters(&c, NULL, &x, NULL), SYC_VERDICT_YES, "yes",
	     "AUC 0.800 less 0.600: +0.200" NBSP "[+0.100," NBSP
	     "+0.300], p 0.004 (adjusted 0.050)");
	ck_assert_str_eq(c.seen.data, "a difference of 0.143");
	unasked(&c, syc_conclude_letters(&c, &lacking, &x, NULL));
	x.diff = (struct syc_estimate){ -0.2, -0.3, -0.1 };
	want(&c, syc_conclude_letters(&c, NULL, &x, NULL), SYC_VERDICT_REVERSED,
	     "no: the other way round", NULL);
	x.test.holm = 0.0501;
	want(&c, syc_conclude_letters(&c, NULL, &x, NULL), SYC_VERDICT_OPEN, "not shown", NULL);
	x = (struct syc_paired){
		NAN, NAN, { NAN, NAN, NAN }, { NAN, NAN }, { 0, 0 }, 13,
	};
	want(&c, syc_conclude_letters(&c, NULL, &x, NULL), SYC_VERDICT_UNASKED,
	     "cannot be asked: layers are chosen on other claims, which takes 20; there are 13",
	     DASH);
	syc_conclusion_free(&c);
}
END_TEST

START_TEST(rival)
{
	const double cosine[] = { NAN, -0.0332, 0.13 };
	struct syc_rival x = {
		cosine, 3, 0.87, 0.891, { 0.05, -0.01, 0.11 }, { 13, 132 },
	};
	struct syc_conclusion c = { 0 };

	want(&c, syc_conclude_rival(&c, NULL, &x, NULL), SYC_VERDICT_FIGURES,
	     "AUC 0.870 by that alone",
	     "of a vector of answers that repeat them; the mean difference has 0.891, and cosines "
	     "with it from " MINUS "0.033 to 0.130 over the layers; on claims that chose no layer "
	     "the difference is +0.050" NBSP "[" MINUS "0.010," NBSP "+0.110]");
	unasked(&c, syc_conclude_rival(&c, &lacking, &x, NULL));
	x.diff = nothing;
	want(&c, syc_conclude_rival(&c, NULL, &x, NULL), SYC_VERDICT_FIGURES,
	     "AUC 0.870 by that alone",
	     "of a vector of answers that repeat them; the mean difference has 0.891, and cosines "
	     "with it from " MINUS "0.033 to 0.130 over the layers");
	x.n_layers = 1;
	want(&c, syc_conclude_rival(&c, NULL, &x, NULL), SYC_VERDICT_ABSENT, "cannot be told",
	     DASH);
	syc_conclusion_free(&c);
}
END_TEST

START_TEST(increment)
{
	struct syc_added x = { 0.841, 0.0204, 3, { 0.004, 0.05 }, { 13, 132 }, "" };
	struct syc_conclusion c = { 0 };

	want(&c, syc_conclude_increment(&c, NULL, &x, NULL), SYC_VERDICT_YES, "yes",
	     "length, view, letter and words of the question have AUC 0.841; the score adds 0.020 "
	     "nats a row at layer 3, the best, p 0.004 (adjusted 0.050)");
	unasked(&c, syc_conclude_increment(&c, &lacking, &x, NULL));
	/* Worse than without it, however seldom by chance. */
	x.gain = -0.0204;
	want(&c, syc_conclude_increment(&c, NULL, &x, NULL), SYC_VERDICT_OPEN, "not shown",
	     "length, view, letter and words of the question have AUC 0.841; with the score the "
	     "gain is " MINUS "0.020 nats a row at layer 3, the best, p 0.004 (adjusted 0.050)");
	x.gain = 0.02;
	x.test.holm = 0.0501;
	want(&c, syc_conclude_increment(&c, NULL, &x, NULL), SYC_VERDICT_OPEN, "not shown", NULL);
	x.test = (struct syc_test){ NAN, NAN };
	want(&c, syc_conclude_increment(&c, NULL, &x, NULL), SYC_VERDICT_ABSENT, "cannot be told",
	     DASH);
	x.why = "fewer than 10 claims, or than folds";
	want(&c, syc_conclude_increment(&c, NULL, &x, NULL), SYC_VERDICT_UNASKED,
	     "cannot be asked: fewer than 10 claims, or than folds", DASH);
	syc_conclusion_free(&c);
}
END_TEST

int main(void)
{
	const struct test t[] = {
		TEST(shift), TEST(ceiling), TEST(null_vectors),
		TEST(letters), TEST(rival), TEST(increment),
	};

	return RUN_TESTS("conclude beside", t);
}
