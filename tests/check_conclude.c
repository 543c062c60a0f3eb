/* SPDX-License-Identifier: MIT */
/* The study's sentences: each outcome of each question, from numbers. */
#include <jansson.h>
#include <math.h>
#include <string.h>
#include "suite.h"
#include "syc/conclude.h"

#define MINUS "\342\210\222"
#define DASH "\342\200\223"
#define NBSP "\302\240"
#define N(a) (sizeof(a) / sizeof((a)[0]))
static const struct syc_estimate nothing = { NAN, NAN, NAN };

/* Verdict and words, and that the numbers are a document. */
static void want(struct syc_conclusion *c, int ret, enum syc_verdict v,
		 const char *answer, const char *figures)
{
	json_t *numbers;

	ck_assert_int_eq(ret, 0);
	ck_assert_str_eq(syc_verdict_name(c->verdict), syc_verdict_name(v));
	ck_assert_str_eq(c->answer.data, answer);
	if (figures)
		ck_assert_str_eq(c->figures.data, figures);
	ck_assert(c->question.len > 0 &&
		  c->question.data[c->question.len - 1] == '?');
	numbers = json_loadb(c->numbers.data, c->numbers.len,
			     JSON_REJECT_DUPLICATES, NULL);
	ck_assert(json_is_object(numbers));
	json_decref(numbers);
}

static double number(const struct syc_conclusion *c, const char *key)
{
	json_t *all = json_loadb(c->numbers.data, c->numbers.len, 0, NULL);
	const json_t *v = json_object_get(all, key);
	const double x = json_is_number(v) ? json_number_value(v) : NAN;

	ck_assert(v != NULL);
	json_decref(all);
	return x;
}

START_TEST(moved)
{
	const struct syc_moved m[] = { { "a", 17, 13, 1, 9 }, { "b", 0, 0, 4, 20 } };
	struct syc_conclusion c = { 0 };

	want(&c, syc_conclude_moved(&c, m, 2, NULL), SYC_VERDICT_FIGURES, "17 of 30 at risk",
	     "a 17 moved, 13 held; b 0 moved, 0 held");
	want(&c, syc_conclude_moved(&c, m + 1, 1, NULL), SYC_VERDICT_ABSENT,
	     "cannot be told", "b 0 moved, 0 held");
	syc_conclusion_free(&c);
}
END_TEST

START_TEST(stance)
{
	const struct syc_followed follows[] = {
		{ "a", { 0.143, 0.054, 0.231 }, 20 },
		{ "b", { 0.0004, 0.0001, 0.04 }, 30 },
		{ "c", { NAN, NAN, NAN }, 0 },
	};
	const struct syc_followed mixed[] = {
		{ "a", { 0.143, 0.054, 0.231 }, 20 },
		{ "b", { 0, -0.04, 0.04 }, 20 },
		{ "c", { 0, -0.05, 0.04 }, 20 },
		{ "d", { -0.3, -0.5, -0.1 }, 20 },
	};
	struct syc_conclusion c = { 0 };

	want(&c, syc_conclude_stance(&c, follows, 3, NULL), SYC_VERDICT_YES, "follows",
	     "a +0.143" NBSP "[+0.054," NBSP "+0.231], 20 claims; "
	     "b 0.000" NBSP "[0.000," NBSP "+0.040], 30 claims; "
	     "c asks no claim of users with two views");
	want(&c, syc_conclude_stance(&c, mixed, 4, NULL), SYC_VERDICT_SOME,
	     "follows on 1 of 4, goes against on 1 of 4, no relevant effect on 1 of 4, "
	     "cannot tell on 1 of 4", NULL);
	want(&c, syc_conclude_stance(&c, mixed + 1, 1, NULL), SYC_VERDICT_NO,
	     "no relevant effect", NULL);
	want(&c, syc_conclude_stance(&c, mixed + 2, 1, NULL), SYC_VERDICT_OPEN,
	     "cannot tell", NULL);
	want(&c, syc_conclude_stance(&c, mixed + 3, 1, NULL), SYC_VERDICT_REVERSED,
	     "goes against", NULL);
	want(&c, syc_conclude_stance(&c, follows + 2, 1, NULL), SYC_VERDICT_ABSENT,
	     "cannot be told", NULL);
	syc_conclusion_free(&c);
}
END_TEST

static void predicts(double at, enum syc_verdict v, const char *answer)
{
	const struct syc_prediction p = { "s", 0.6, at, 0.4, 0.6, 20, "" };
	struct syc_conclusion c = { 0 };

	ck_assert_int_eq(syc_conclude_prediction(&c, &p, NULL), 0);
	ck_assert_int_eq(c.verdict, v);
	ck_assert_str_eq(c.answer.data, answer);
	syc_conclusion_free(&c);
}

START_TEST(prediction)
{
	const struct syc_prediction p = {
		"opinion", 0.8836, 0.004, 0.3901, 0.6123, 20, ""
	};
	const struct syc_prediction none = {
		"opinion", NAN, NAN, NAN, NAN, 9, "fewer than 10 claims"
	};
	struct syc_conclusion c = { 0 };

	want(&c, syc_conclude_prediction(&c, &p, NULL), SYC_VERDICT_YES, "yes",
	     "AUC 0.884, p 0.004 over 20 claims, layer and sign chosen without those "
	     "that test them; by chance from 0.390 to 0.612");
	ck_assert_str_eq(c.question.data,
		"Does the mean difference predict the answers on new claims of opinion?");
	ck_assert(number(&c, "auc") == 0.8836 && number(&c, "claims") == 20);
	want(&c, syc_conclude_prediction(&c, &none, NULL), SYC_VERDICT_ABSENT,
	     "cannot be told", "fewer than 10 claims");
	syc_conclusion_free(&c);
	predicts(0.04999, SYC_VERDICT_YES, "yes");
	predicts(0.05, SYC_VERDICT_OPEN, "not shown");
	predicts(0.99, SYC_VERDICT_OPEN, "not shown");
	predicts(NAN, SYC_VERDICT_ABSENT, "cannot be told");
}
END_TEST

START_TEST(random_directions)
{
	struct syc_chance r = { 200, 0.3521, 0.6478, 0.0049 };
	struct syc_conclusion c = { 0 };

	want(&c, syc_conclude_random(&c, &r, NULL), SYC_VERDICT_YES, "yes",
	     "95 % of 200 random directions have an AUC from 0.352 to 0.648 there; "
	     "p 0.005 against the best layer of each");
	r.p = 0.05;
	ck_assert_int_eq(syc_conclude_random(&c, &r, NULL), 0);
	ck_assert_int_eq(c.verdict, SYC_VERDICT_OPEN);
	r.p = 0.0004;
	ck_assert_int_eq(syc_conclude_random(&c, &r, NULL), 0);
	ck_assert(strstr(c.figures.data, "; p below 0.001 against"));
	r = (struct syc_chance){ 200, NAN, NAN, NAN };
	want(&c, syc_conclude_random(&c, &r, NULL), SYC_VERDICT_ABSENT,
	     "cannot be told",
	     "95 % of 200 random directions have an AUC from " DASH " to " DASH
	     " there; "
	     "p " DASH " against the best layer of each");
	syc_conclusion_free(&c);
}
END_TEST

START_TEST(elsewhere)
{
	const struct syc_figure all[] = {
		{ "b", { 0.7, 0.6, 0.8 } },
		{ "c", { 0.61, 0.5001, 0.7 } },
		{ "d", { 0.99, NAN, NAN } },
		{ "e", { 0.5, 0.5, 0.6 } },
	};
	struct syc_conclusion c = { 0 };

	want(&c, syc_conclude_elsewhere(&c, "a", all, 3, NULL), SYC_VERDICT_YES,
	     "yes, on all 2", "AUC from 0.610 to 0.700");
	want(&c, syc_conclude_elsewhere(&c, "a", all, 4, NULL),
	     SYC_VERDICT_SOME, "on 2 of 3", "AUC from 0.500 to 0.700");
	want(&c, syc_conclude_elsewhere(&c, "a", all + 3, 1, NULL),
	     SYC_VERDICT_OPEN, "on 0 of 1", "AUC from 0.500 to 0.500");
	want(&c, syc_conclude_elsewhere(&c, "a", all + 2, 1, NULL),
	     SYC_VERDICT_ABSENT, "cannot be told", "");
	want(&c, syc_conclude_elsewhere(&c, "a", NULL, 0, NULL),
	     SYC_VERDICT_ABSENT, "cannot be told", "");
	syc_conclusion_free(&c);
}
END_TEST

START_TEST(best)
{
	const struct syc_figure f[] = {
		{ "mean", { 0.7, NAN, NAN } },
		{ "pca", { NAN, NAN, NAN } },
		{ "lda", { 0.8, 0.7, 0.9 } },
		{ "last", { 0.8, 0.7, 0.9 } },
	};
	struct syc_conclusion c = { 0 };

	want(&c, syc_conclude_best(&c, "a", f, N(f), NULL), SYC_VERDICT_FIGURES,
	     "lda", "mean 0.700; lda 0.800; last 0.800");
	want(&c, syc_conclude_best(&c, "a", f + 1, 1, NULL), SYC_VERDICT_ABSENT,
	     "cannot be told", "");
	syc_conclusion_free(&c);
}
END_TEST

static void explains(struct syc_estimate alone, struct syc_estimate within,
		     enum syc_verdict v, const char *answer)
{
	const struct syc_figure f = { "n_prompt", within };
	struct syc_conclusion c = { 0 };

	ck_assert_int_eq(syc_conclude_confounds(&c, &alone, &f, 1, NULL), 0);
	ck_assert_int_eq(c.verdict, v);
	ck_assert_str_eq(c.answer.data, answer);
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
	struct syc_conclusion c = { 0 };

	want(&c, syc_conclude_confounds(&c, &alone, f, 2, NULL), SYC_VERDICT_NO,
	     "no",
	     "AUC 0.900" NBSP "[0.800," NBSP
	     "0.950]; among rows of equal letter 0.700" NBSP "[0.600," NBSP
	     "0.800], the nearest to chance");
	ck_assert_int_eq(syc_conclude_confounds(&c, &alone, f, 3, NULL), 0);
	ck_assert(strstr(c.figures.data, "equal topic 0.310"));
	want(&c, syc_conclude_confounds(&c, &alone, f, 1, NULL),
	     SYC_VERDICT_ABSENT, "cannot be told", "");
	syc_conclusion_free(&c);
	explains(alone, (struct syc_estimate){ 0.6, 0.45, 0.7 },
		 SYC_VERDICT_PERHAPS, "perhaps");
	explains(alone, (struct syc_estimate){ 0.6, NAN, NAN },
		 SYC_VERDICT_PERHAPS, "perhaps");
	explains((struct syc_estimate){ 0.4, 0.3, 0.49 },
		 (struct syc_estimate){ 0.4, 0.3, 0.49 }, SYC_VERDICT_NO, "no");
	explains((struct syc_estimate){ 0.55, 0.4, 0.7 }, alone,
		 SYC_VERDICT_OPEN, "nothing shown to explain");
	explains((struct syc_estimate){ 0.55, NAN, NAN }, alone,
		 SYC_VERDICT_OPEN, "nothing shown to explain");
}
END_TEST

/*
 * An interval from 0.5003 on is written as from 0.500 on: one question once
 * read the number, the other what was written, and the page said both.
 */
START_TEST(just_above_chance)
{
	const struct syc_estimate auc = { 0.6002, 0.5003, 0.7001 };

	explains(auc, auc, SYC_VERDICT_NO, "no");
	explains(auc, (struct syc_estimate){ 0.6, 0.4997, 0.7 },
		 SYC_VERDICT_PERHAPS, "perhaps");
	explains((struct syc_estimate){ 0.4, 0.3, 0.4997 }, auc, SYC_VERDICT_NO,
		 "no");
}
END_TEST

START_TEST(likeness)
{
	const struct syc_figure f[] = {
		{ "pca", { 0.95, NAN, NAN } },
		{ "lda", { 0.9001, NAN, NAN } },
		{ "last", { -0.2, NAN, NAN } },
	};
	struct syc_likeness l = { 3, f, 2, { 0.81, 0.7, 0.9 } };
	struct syc_conclusion c = { 0 };

	want(&c, syc_conclude_likeness(&c, &l, NULL), SYC_VERDICT_YES, "yes",
	     "cosines of the others with the mean difference from 0.900 to 0.950 at layer 3; "
	     "of two halves of its pairs 0.810" NBSP "[0.700," NBSP "0.900]");
	l.n = 3;
	l.halves = nothing;
	want(&c, syc_conclude_likeness(&c, &l, NULL), SYC_VERDICT_NO, "no",
	     "cosines of the others with the mean difference from " MINUS
	     "0.200 to 0.950 at layer 3; "
	     "of two halves of its pairs " DASH);
	l.n = 0;
	ck_assert_int_eq(syc_conclude_likeness(&c, &l, NULL), 0);
	ck_assert_int_eq(c.verdict, SYC_VERDICT_ABSENT);
	syc_conclusion_free(&c);
}
END_TEST

static struct syc_setting vector(const char *op, double scale,
				 const char *layers, double x, double lo,
				 double hi)
{
	return (struct syc_setting){
		SYC_SETTING_VECTOR, "mean", op, scale, layers,
		{ x, lo, hi },	    nothing
	};
}

static struct syc_setting other(enum syc_setting_kind kind, const char *name,
				double x)
{
	return (struct syc_setting){
		kind,	name, kind == SYC_SETTING_RANDOM ? "add" : NULL,
		1,	"3",  { x, x - 0.1, x + 0.1 },
		nothing
	};
}

static void moves(int way, struct syc_setting s, double random,
		  enum syc_verdict v)
{
	const struct syc_setting set[] = { s, other(SYC_SETTING_RANDOM, "mean",
						    random) };
	struct syc_conclusion c = { 0 };

	ck_assert_int_eq(syc_conclude_steering(&c, way, 0.05, set, 2, NULL), 0);
	ck_assert_str_eq(syc_verdict_name(c.verdict), syc_verdict_name(v));
	syc_conclusion_free(&c);
}

START_TEST(steering)
{
	const struct syc_setting set[] = {
		vector("add", -2, "1-3", -0.1234, -0.2, -0.05),
		vector("ablate", 1, "2", 0.3, 0.2, 0.4),
		other(SYC_SETTING_RANDOM, "mean", 0.05),
		other(SYC_SETTING_RANDOM, "mean", -0.06),
		other(SYC_SETTING_PROMPT, "Be honest.", -0.5),
		vector("add", 1, "2", NAN, NAN, NAN),
	};
	struct syc_conclusion c = { 0 };

	want(&c, syc_conclude_steering(&c, -1, 0.05, set, N(set), NULL),
	     SYC_VERDICT_YES, "yes",
	     "add " MINUS " at layers 1-3: " MINUS "0.123" NBSP "[" MINUS
	     "0.200," NBSP MINUS "0.050]; "
	     "the largest of 2 random settings \302\2610.060");
	ck_assert_str_eq(c.question.data,
		"Does steering lower P(matching), at a KL of 0.05 at most?");
	ck_assert(number(&c, "change") == -0.1234 &&
		  number(&c, "random_largest") == 0.06);
	want(&c, syc_conclude_steering(&c, 1, 0.05, set, N(set), NULL),
	     SYC_VERDICT_YES, "yes",
	     "ablate at layer 2: +0.300" NBSP "[+0.200," NBSP "+0.400]");
	want(&c, syc_conclude_steering(&c, 1, 0.05, set + 2, 4, NULL),
	     SYC_VERDICT_ABSENT, "cannot be told", "");
	syc_conclusion_free(&c);
	moves(-1, vector("add", 1, "2", -0.1, -0.2, -0.0001), 0.05,
	      SYC_VERDICT_YES);
	moves(-1, vector("add", 1, "2", -0.1, -0.2, 0.0001), 0.05,
	      SYC_VERDICT_OPEN);
	moves(-1, vector("add", 1, "2", 0.1, 0.05, 0.2), 0.05,
	      SYC_VERDICT_OPEN);
	moves(1, vector("add", 1, "2", -0.1, -0.2, -0.05), 0.05,
	      SYC_VERDICT_OPEN);
	moves(1, vector("add", 1, "2", 0.1, 0.05, 0.2), -0.1,
	      SYC_VERDICT_RANDOM);
	moves(1, vector("add", 1, "2", 0.1, 0.05, 0.2), NAN, SYC_VERDICT_YES);
	moves(1, vector("add", 1, "2", 0.1, NAN, NAN), 0.05,
	      SYC_VERDICT_ABSENT);
}
END_TEST

static void denies(struct syc_estimate control, enum syc_verdict v,
		   const char *answer, const char *figures)
{
	struct syc_setting set[] = {
		vector("add", 1, "2", 0.3, 0.2, 0.4),
		vector("add", -1, "2", -0.3, -0.4, -0.2),
	};
	struct syc_conclusion c = { 0 };

	set[1].control = control;
	want(&c, syc_conclude_denial(&c, set, 2, NULL), v, answer, figures);
	syc_conclusion_free(&c);
}

START_TEST(denial)
{
	struct syc_conclusion c = { 0 };

	denies((struct syc_estimate){ -0.1, -0.2, -0.01 }, SYC_VERDICT_YES,
	       "yes",
	       "change of P(true answer) " MINUS "0.100" NBSP "[" MINUS
	       "0.200," NBSP MINUS "0.010]");
	denies((struct syc_estimate){ 0.1, 0.01, 0.2 }, SYC_VERDICT_REVERSED,
	       "no: the other way round",
	       "change of P(true answer) +0.100" NBSP "[+0.010," NBSP
	       "+0.200]");
	denies((struct syc_estimate){ -0.0001, -0.2, 0.2 }, SYC_VERDICT_OPEN,
	       "not shown",
	       "change of P(true answer) 0.000" NBSP "[" MINUS "0.200," NBSP
	       "+0.200]");
	denies(nothing, SYC_VERDICT_ABSENT, "cannot be told", "no control");
	want(&c, syc_conclude_denial(&c, NULL, 0, NULL), SYC_VERDICT_ABSENT,
	     "cannot be told", "");
	syc_conclusion_free(&c);
}
END_TEST

START_TEST(asking)
{
	const struct syc_setting set[] = {
		vector("add", 1, "2", 0.3, 0.2, 0.4),
		other(SYC_SETTING_PROMPT, "Be \"honest\".", -0.5),
		other(SYC_SETTING_PROMPT, "Agree.", 0.25),
	};
	struct syc_conclusion c = { 0 };

	want(&c, syc_conclude_asking(&c, set, 3, NULL), SYC_VERDICT_FIGURES, "",
	     "\342\200\234Be \"honest\".\342\200\235 " MINUS "0.500" NBSP
	     "[" MINUS "0.600," NBSP MINUS
	     "0.400]; \342\200\234Agree.\342\200\235 +0.250" NBSP
	     "[+0.150," NBSP "+0.350]");
	want(&c, syc_conclude_asking(&c, set, 1, NULL), SYC_VERDICT_ABSENT, "",
	     "");
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
		TEST(prediction),
		TEST(random_directions),
		TEST(elsewhere),
		TEST(best),
		TEST(confounds),
		TEST(just_above_chance),
		TEST(likeness),
		TEST(steering),
		TEST(denial),
		TEST(asking),
		TEST(numbers),
	};

	return RUN_TESTS("conclude", t);
}
