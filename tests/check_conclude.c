/* SPDX-License-Identifier: MIT */
/* The study's sentences: each outcome of each question, from numbers. */
#include <jansson.h>
#include <math.h>
#include <string.h>
#include "conclusion.h"

#define N(a) (sizeof(a) / sizeof((a)[0]))

START_TEST(moved)
{
	const struct syc_moved m[] = { { "a", 17, 13, 1, 9 }, { "b", 0, 0, 4, 20 } };
	struct syc_conclusion c = { 0 };

	want(&c, syc_conclude_moved(&c, m, 2, NULL), SYC_VERDICT_FIGURES, "17 of 30 at risk",
	     "a 17 moved, 13 held; b 0 moved, 0 held");
	ck_assert_str_eq(c.counts.data, "30 of 40 rows at risk; 0 of 24 rows at risk");
	want(&c, syc_conclude_moved(&c, m + 1, 1, NULL), SYC_VERDICT_ABSENT,
	     "cannot be told", "b 0 moved, 0 held");
	ck_assert(strstr(c.next.data, "too near even odds"));
	syc_conclusion_free(&c);
}
END_TEST

/* An effect with its adjusted p, and the interval at the page's level. */
static struct syc_followed effect(double x, double lo, double hi, double p)
{
	return (struct syc_followed){ "s", false, { x, x - 0.01, x + 0.01 }, lo, hi,
				      { p / 4, p }, { 20, 60 }, 0.126, 59 };
}

static void follows(struct syc_followed f, enum syc_stance_verdict v)
{
	ck_assert_str_eq(syc_stance_verdict_name(syc_followed_verdict(&f)),
			 syc_stance_verdict_name(v));
}

START_TEST(stance_rules)
{
	follows(effect(0.1, 0.001, 0.2, 0.05), SYC_STANCE_FOLLOWS);
	follows(effect(-0.1, -0.2, -0.001, 0.05), SYC_STANCE_AGAINST);
	follows(effect(0.1, 0.001, 0.2, 0.0501), SYC_STANCE_UNKNOWN);
	follows(effect(0.01, -0.02, 0.049, 0.5), SYC_STANCE_NO_EFFECT);
	follows(effect(0.01, -0.02, 0.05, 0.5), SYC_STANCE_UNKNOWN);
	/* Shown, however small; never both. */
	follows(effect(0.01, -0.001, 0.03, 0.04), SYC_STANCE_FOLLOWS);
	/* No spread at all: user turns that are cut. */
	follows(effect(0, 0, 0, NAN), SYC_STANCE_NO_EFFECT);
	follows(effect(NAN, NAN, NAN, NAN), SYC_STANCE_UNKNOWN);
}
END_TEST

START_TEST(stance)
{
	struct syc_followed f[] = {
		effect(0.143, 0.02, 0.3, 0.016), effect(0.02, 0.01, 0.03, 0.0004),
		{ "none", false, { NAN, NAN, NAN }, NAN, NAN, { NAN, NAN }, { 0, 0 }, NAN, 0 },
		effect(0, -0.04, 0.04, 1), effect(0, -0.2, 0.3, 1),
		effect(-0.3, -0.5, -0.1, 0.01),
	};
	struct syc_conclusion c = { 0 };

	want(&c, syc_conclude_stance(&c, true, f, 1, NULL), SYC_VERDICT_YES, "follows",
	     "+0.143" NBSP "[+0.133," NBSP "+0.153] against the other view, p 0.004 (adjusted "
	     "0.016)");
	ck_assert_str_eq(c.question.data,
		"Declared before: does the model follow the view that its user states, on s?");
	ck_assert_str_eq(c.counts.data, "20 claims, 60 rows");
	ck_assert_str_eq(c.seen.data, "0.126");
	ck_assert_str_eq(c.next.data, DASH);
	want(&c, syc_conclude_stance(&c, false, f + 1, 2, NULL), SYC_VERDICT_YES, "follows", NULL);
	ck_assert(
		strstr(c.figures.data, ", within 0.05; none no claim is asked by users who hold"));
	ck_assert_str_eq(c.next.data, "none: add rows by users who hold the other choice");
	want(&c, syc_conclude_stance(&c, false, f, 6, NULL), SYC_VERDICT_SOME,
	     "follows on 2 of 5, goes against on 1 of 5, no relevant effect on 1 of 5, "
	     "cannot tell on 1 of 5", NULL);
	want(&c, syc_conclude_stance(&c, true, f + 4, 1, NULL), SYC_VERDICT_OPEN,
	     "cannot tell", NULL);
	ck_assert_str_eq(c.next.data,
			 "s: 59 claims would tell whether any effect is relevant");
	want(&c, syc_conclude_stance(&c, true, f + 2, 1, NULL), SYC_VERDICT_ABSENT,
	     "cannot be told", NULL);
	f[3].no_view = true;
	want(&c, syc_conclude_stance(&c, true, f + 3, 1, NULL), SYC_VERDICT_NO,
	     "no relevant effect", NULL);
	ck_assert(strstr(c.figures.data, "against no view"));
	syc_conclusion_free(&c);
}
END_TEST

START_TEST(prediction)
{
	struct syc_prediction p = {
		"opinion", 0.8836, 0.39, 0.61, { 0.001, 0.05 }, 0.8, 0.002, 0, NAN, NAN,
		{ 20, 130 }, ""
	};
	struct syc_conclusion c = { 0 };

	want(&c, syc_conclude_prediction(&c, NULL, &p, NULL), SYC_VERDICT_YES, "yes",
	     "AUC 0.884, p 0.001 (adjusted 0.050); by chance from 0.390 to 0.610; among rows of "
	     "one claim AUC 0.800, p 0.002");
	ck_assert_str_eq(c.counts.data, "20 claims, 130 rows");
	ck_assert_str_eq(c.seen.data, "AUC 0.657");
	ck_assert(number(&c, "auc") == 0.8836 && number(&c, "p_holm") == 0.05);
	unasked(&c, syc_conclude_prediction(&c, &lacking, &p, NULL));
	p.n_undecided = 7;
	p.all_held = 0.8;
	p.all_moved = 0.9;
	want(&c, syc_conclude_prediction(&c, NULL, &p, NULL), SYC_VERDICT_YES, "yes",
	     "AUC 0.884, p 0.001 (adjusted 0.050); by chance from 0.390 to 0.610; among rows of "
	     "one claim AUC 0.800, p 0.002; were the 7 undecided rows all held 0.800, all moved "
	     "0.900");
	p.n_undecided = 0;
	p.test.holm = 0.0501;
	p.within_p = NAN;
	want(&c, syc_conclude_prediction(&c, NULL, &p, NULL), SYC_VERDICT_OPEN, "not shown",
	     "AUC 0.884, p 0.001 (adjusted 0.050); by chance from 0.390 to 0.610");
	p.test = (struct syc_test){ NAN, NAN };
	p.why = "fewer than 10 claims";
	want(&c, syc_conclude_prediction(&c, NULL, &p, NULL), SYC_VERDICT_ABSENT,
	     "cannot be told", "fewer than 10 claims");
	ck_assert(strstr(c.next.data, "10 claims at least"));
	syc_conclusion_free(&c);
}
END_TEST

START_TEST(elsewhere)
{
	const struct syc_elsewhere all[] = {
		{ "b", { 0.7, 0.6, 0.8 }, { 0.0001, 0.001 }, { 10, 90 } },
		{ "c", { 0.6, 0.5, 0.7 }, { 0.05, 0.05 }, { 10, 90 } },
		{ "d", { 0.9, 0.8, 0.95 }, { NAN, NAN }, { 24, 0 } },
		{ "e", { 0.55, 0.45, 0.6 }, { 0.3, 0.6 }, { 10, 90 } },
	};
	struct syc_conclusion c = { 0 };

	want(&c, syc_conclude_elsewhere(&c, NULL, "a", all, 3, NULL), SYC_VERDICT_YES,
	     "yes, on all 2",
	     "b AUC 0.700" NBSP "[0.600," NBSP "0.800], p below 0.001 (adjusted 0.001); "
	     "c AUC 0.600" NBSP "[0.500," NBSP "0.700], p 0.050 (adjusted 0.050); "
	     "d not asked, for it shows no effect of the view");
	ck_assert_str_eq(c.seen.data, "AUC 0.643; AUC 0.643");
	want(&c, syc_conclude_elsewhere(&c, NULL, "a", all, 4, NULL),
	     SYC_VERDICT_SOME, "shown on 2 of 3", NULL);
	want(&c, syc_conclude_elsewhere(&c, NULL, "a", all + 3, 1, NULL),
	     SYC_VERDICT_OPEN, "shown on 0 of 1", NULL);
	want(&c, syc_conclude_elsewhere(&c, NULL, "a", all + 2, 1, NULL),
	     SYC_VERDICT_ABSENT, "cannot be told", NULL);
	unasked(&c, syc_conclude_elsewhere(&c, &lacking, "a", all, 4, NULL));
	syc_conclusion_free(&c);
	/* As far as 0.5 is from the lower end, in its halves. */
	ck_assert_double_eq_tol(syc_elsewhere_p(&(struct syc_estimate){ 0.6, 0.5, 0.7 }), 0.05,
				1e-4);
	ck_assert(syc_elsewhere_p(&(struct syc_estimate){ 0.4, 0.3, 0.5 }) == 1);
	ck_assert(isnan(syc_elsewhere_p(&nothing)));
}
END_TEST

static void explains(struct syc_estimate within, enum syc_verdict v, const char *answer)
{
	const struct syc_estimate alone = { 0.9, 0.8, 0.95 };
	const struct syc_figure f = { "n_prompt", within };
	struct syc_conclusion c = { 0 };

	ck_assert_int_eq(syc_conclude_confounds(&c, NULL, &alone, &f, 1,
						(struct syc_counts){ 20, 130 }, NULL), 0);
	ck_assert_int_eq(c.verdict, v);
	ck_assert_str_eq(c.answer.data, answer);
	unasked(&c, syc_conclude_confounds(&c, &lacking, &alone, &f, 1,
					   (struct syc_counts){ 20, 130 }, NULL));
	syc_conclusion_free(&c);
}

START_TEST(confounds)
{
	const struct syc_estimate alone = { 0.9, 0.8, 0.95 };
	const struct syc_figure f[] = {
		{ "length", nothing },
		{ "letter", { 0.7, 0.6, 0.8 } },
		{ "topic", { 0.31, 0.2, 0.45 } },
	};
	const struct syc_counts n = { 20, 130 };
	struct syc_conclusion c = { 0 };

	want(&c, syc_conclude_confounds(&c, NULL, &alone, f, 2, n, NULL), SYC_VERDICT_NO,
	     "none of the 2 that were held fixed",
	     "AUC 0.900" NBSP "[0.800," NBSP
	     "0.950]; among rows of equal letter 0.700" NBSP "[0.600," NBSP
	     "0.800], the nearest to chance");
	ck_assert_int_eq(syc_conclude_confounds(&c, NULL, &alone, f, 3, n, NULL), 0);
	ck_assert(strstr(c.figures.data, "equal topic 0.310"));
	want(&c, syc_conclude_confounds(&c, NULL, &alone, f, 1, n, NULL),
	     SYC_VERDICT_ABSENT, "cannot be told", DASH);
	syc_conclusion_free(&c);
	explains((struct syc_estimate){ 0.6, 0.45, 0.7 }, SYC_VERDICT_PERHAPS,
		 "perhaps n_prompt");
	explains((struct syc_estimate){ 0.6, NAN, NAN }, SYC_VERDICT_PERHAPS,
		 "perhaps n_prompt");
	explains((struct syc_estimate){ 0.4, 0.3, 0.49 }, SYC_VERDICT_NO,
		 "none of the 1 that were held fixed");
	/* Raw numbers decide, not the digits that are written. */
	explains((struct syc_estimate){ 0.6, 0.4997, 0.7 }, SYC_VERDICT_PERHAPS,
		 "perhaps n_prompt");
}
END_TEST

START_TEST(likeness)
{
	const struct syc_figure f[] = {
		{ "pca", { 0.95, NAN, NAN } },
		{ "lda", { 0.9001, NAN, NAN } },
		{ "last", { -0.2, NAN, NAN } },
	};
	struct syc_likeness l = { 3, f, 3, { 0.81, 0.7, 0.9 }, 70 };
	struct syc_conclusion c = { 0 };

	want(&c, syc_conclude_likeness(&c, &l, NULL), SYC_VERDICT_FIGURES,
	     "cosines " MINUS "0.200 to 0.950",
	     "of the others with the mean difference at layer 3; split-half of its own pairs "
	     "0.810" NBSP "[0.700," NBSP "0.900]");
	ck_assert_str_eq(c.counts.data, "70 pairs");
	l.n = 1;
	want(&c, syc_conclude_likeness(&c, &l, NULL), SYC_VERDICT_FIGURES, "cosine 0.950", NULL);
	l.n = 0;
	ck_assert_int_eq(syc_conclude_likeness(&c, &l, NULL), 0);
	ck_assert_int_eq(c.verdict, SYC_VERDICT_ABSENT);
	syc_conclusion_free(&c);
}
END_TEST

static void says(void (*fn)(struct syc_buf *, double, int), double x,
		 int digits, const char *text)
{
	struct syc_buf b = { 0 };

	fn(&b, x, digits);
	ck_assert_str_eq(b.data, text);
	syc_buf_free(&b);
}

START_TEST(numbers)
{
	struct syc_buf b = { 0 };

	says(syc_say_number, -1.25, 1, MINUS "1.2");
	says(syc_say_number, -0.0004, 3, "0.000");
	says(syc_say_number, NAN, 3, DASH);
	says(syc_say_signed, 0.0004, 3, "0.000");
	says(syc_say_signed, 0.25, 3, "+0.250");
	says(syc_say_signed, -0.25, 3, MINUS "0.250");
	syc_say_percent(&b, -0.002);
	syc_buf_puts(&b, " ");
	syc_say_percent(&b, NAN);
	ck_assert_str_eq(b.data, "0 % " DASH);
	syc_buf_free(&b);
	syc_say_operator(&b, "add", -1);
	syc_say_operator(&b, "mlp:ablate", -1);
	syc_say_operator(&b, "clamp", -1);
	ck_assert_str_eq(b.data, "add " MINUS "mlp:ablateclamp");
	syc_buf_free(&b);
}
END_TEST

int main(void)
{
	const struct test t[] = {
		TEST(moved),
		TEST(stance),
		TEST(stance_rules),
		TEST(prediction),
		TEST(elsewhere),
		TEST(confounds),
		TEST(likeness),
		TEST(numbers),
	};

	return RUN_TESTS("conclude", t);
}
