/* SPDX-License-Identifier: MIT */
/* From made documents to a study's conclusions. */
#include <math.h>
#include <string.h>
#include "made_study.h"

static void is_answer(const struct syc_conclusion *c, const char *key,
		      enum syc_verdict verdict, const char *figures)
{
	ck_assert_str_eq(c->key, key);
	ck_assert_str_eq(syc_verdict_name(c->verdict),
			 syc_verdict_name(verdict));
	ck_assert_msg(strstr(c->figures.data, figures) != NULL,
		      "%s: '%s' lacks '%s'", key, c->figures.data, figures);
}

static void free_all(struct syc_conclusion c[SYC_STUDY_QUESTIONS])
{
	for (int i = 0; i < SYC_STUDY_QUESTIONS; i++)
		syc_conclusion_free(&c[i]);
}

START_TEST(conclusions)
{
	struct syc_conclusion c[SYC_STUDY_QUESTIONS] = { 0 };

	make_all();
	ck_assert_int_eq(syc_study_conclude(c, &made, NULL), 0);
	is_answer(&c[SYC_ASKED_DECLARED], "declared", SYC_VERDICT_YES,
		  "+0.100" NBSP "[+0.020," NBSP "+0.180] against the other view, p below 0.001 "
		  "(adjusted 0.005)");
	is_answer(&c[SYC_ASKED_STANCE], "stance", SYC_VERDICT_ABSENT,
		  "no claim is asked by users who");
	is_answer(&c[SYC_ASKED_MOVED], "moved", SYC_VERDICT_FIGURES,
		  "a 7 moved, 3 held; b 0 moved, 0 held");
	/* The fifth of ten: 0.005 times six. */
	is_answer(&c[SYC_ASKED_PREDICTION], "prediction", SYC_VERDICT_YES,
		  "AUC 0.750, p 0.005 (adjusted 0.030); by chance from 0.300 to 0.700; were the 4 "
		  "undecided rows all held 0.700, all moved 0.550");
	is_answer(&c[SYC_ASKED_SHIFT], "shift", SYC_VERDICT_YES,
		  "Spearman's rho 0.810, r 0.790 at layer 2, the best of 3; over all of them, p "
		  "below 0.001 (adjusted 0.002)");
	is_answer(&c[SYC_ASKED_CEILING], "ceiling", SYC_VERDICT_FIGURES,
		  "mean difference has 0.750");
	is_answer(
		&c[SYC_ASKED_NULLS], "nulls", SYC_VERDICT_YES,
		"on 12 claims that did not make it, p 0.006 (adjusted 0.030); not adjusted: random "
		"directions p below 0.001");
	ck_assert_str_eq(c[SYC_ASKED_NULLS].seen.data, "AUC 0.610");
	is_answer(&c[SYC_ASKED_LETTERS], "letters", SYC_VERDICT_YES,
		  "AUC 0.800 less 0.600: +0.200" NBSP "[+0.100," NBSP "+0.300], p 0.003");
	is_answer(&c[SYC_ASKED_RIVAL], "rival", SYC_VERDICT_FIGURES,
		  "has 0.750, and cosines with it from " MINUS "0.500 to 0.250");
	ck_assert_str_eq(c[SYC_ASKED_RIVAL].answer.data, "AUC 0.650 by that alone");
	is_answer(&c[SYC_ASKED_INCREMENT], "increment", SYC_VERDICT_YES,
		  "AUC 0.620; the score adds 0.030 nats a row at layer 1, the best, p 0.004");
	is_answer(&c[SYC_ASKED_ELSEWHERE], "elsewhere", SYC_VERDICT_ABSENT, "b not asked");
	/* At the layer of b, whose sign turns the areas. */
	is_answer(&c[SYC_ASKED_CONFOUNDS], "confounds", SYC_VERDICT_PERHAPS,
		  "AUC 0.200" NBSP "[0.100," NBSP "0.300]; among rows of equal n_prompt 0.400");
	is_answer(&c[SYC_ASKED_LIKENESS], "likeness", SYC_VERDICT_FIGURES,
		  "split-half of its own pairs 0.123");
	is_answer(&c[SYC_ASKED_STEERS], "steers", SYC_VERDICT_YES,
		  "short of that KL; the farthest of null vectors (139 random, 79 flip) " MINUS
		  "0.030, p 0.013 (adjusted 0.050)");
	ck_assert_str_eq(c[SYC_ASKED_STEERS].question.data, "Fixed before: does mean (ablate at "
			 "layer 2) lower the stance effect, at a KL of 0.05?");
	/* t(0.8, 9) of .02 beyond .03 */
	ck_assert_str_eq(c[SYC_ASKED_STEERS].seen.data, "a change of 0.048");
	is_answer(&c[SYC_ASKED_OPPOSITE], "opposite", SYC_VERDICT_NO, "+0.010");
	is_answer(&c[SYC_ASKED_SLOPES], "slopes", SYC_VERDICT_FIGURES, "+0.250");
	is_answer(&c[SYC_ASKED_DENIAL], "denial", SYC_VERDICT_FIGURES, MINUS "0.100");
	is_answer(&c[SYC_ASKED_ASKING], "asking", SYC_VERDICT_FIGURES, MINUS "0.050");
	free_all(c);
	forget();
}
END_TEST

/* With fewer draws it cannot be a yes, and how many it takes is known before. */
START_TEST(draws)
{
	struct syc_conclusion c[SYC_STUDY_QUESTIONS] = { 0 };
	json_t *t;
	size_t n;

	make_all();
	t = json_array_get(json_object_get(docs[SYC_STUDY_PRIMARY], "tests"), 0);
	json_object_set_new(json_array_get(json_object_get(t, "null"), 1), "draws",
			    json_integer(78));
	ck_assert_int_eq(syc_study_conclude(c, &made, NULL), 0);
	is_answer(&c[SYC_ASKED_STEERS], "steers", SYC_VERDICT_ABSENT, "give at least 0.013");
	ck_assert_str_eq(c[SYC_ASKED_STEERS].answer.data,
			 "too few draws of null vectors: 79 are needed");
	free_all(c);
	made.doc[SYC_STUDY_PRIMARY] = NULL;
	ck_assert_int_eq(syc_study_draws(&n, &made, NULL), 0);
	ck_assert_uint_eq(n, 79);
	/* Nothing said yes before: all ten are left. */
	for (int i = 0; i < SYC_STUDY_N_DOCS; i++)
		made.doc[i] = NULL;
	json_object_set_new(json_object_get((json_t *)sets[0].stance, "opposite_view"), "p",
			    json_real(0.5));
	ck_assert_int_eq(syc_study_draws(&n, &made, NULL), 0);
	ck_assert_uint_eq(n, 199);
	forget();
}
END_TEST

/* Steering that a quick study leaves out takes another study, not more draws. */
START_TEST(quick)
{
	struct syc_conclusion c[SYC_STUDY_QUESTIONS] = { 0 };
	struct syc_buf b = { 0 };

	make_all();
	made.doc[SYC_STUDY_PRIMARY] = made.doc[SYC_STUDY_SLOPES] = made.doc[SYC_STUDY_EQUAL] = NULL;
	made.quick = true;
	ck_assert_int_eq(syc_study_conclude(c, &made, NULL), 0);
	is_answer(&c[SYC_ASKED_PREDICTION], "prediction", SYC_VERDICT_YES, "");
	for (int i = SYC_ASKED_STEERS; i < SYC_STUDY_QUESTIONS; i++) {
		ck_assert_int_eq(c[i].verdict, SYC_VERDICT_UNASKED);
		ck_assert_str_eq(c[i].next.data,
				 "the study without --quick, in a folder of its own");
	}
	ck_assert_int_eq(syc_study_glance(&b, c, NULL), 0);
	ck_assert_ptr_nonnull(strstr(b.data, "cannot be asked: a quick study does not steer; nor "
					     "can 4 more that rest on it"));
	ck_assert_ptr_null(strstr(b.data, "--null"));
	syc_buf_free(&b);
	free_all(c);
	forget();
}
END_TEST

START_TEST(nothing_to_conclude)
{
	struct syc_conclusion c[SYC_STUDY_QUESTIONS] = { 0 };

	make_none();
	ck_assert_int_eq(syc_study_conclude(c, &made, NULL), 0);
	for (int i = 0; i < SYC_STUDY_QUESTIONS; i++)
		ck_assert_msg(c[i].verdict == SYC_VERDICT_ABSENT ||
			      c[i].verdict == SYC_VERDICT_UNASKED, "%s: %s",
			      c[i].key, syc_verdict_name(c[i].verdict));
	free_all(c);
}
END_TEST

/* What rests on an effect of the view is not asked where there is none. */
START_TEST(in_order)
{
	struct syc_conclusion c[SYC_STUDY_QUESTIONS] = { 0 };
	json_t *o;

	make_all();
	o = json_object_get((json_t *)sets[0].stance, "opposite_view");
	json_object_set_new(o, "p", json_real(0.02));
	ck_assert_int_eq(syc_study_conclude(c, &made, NULL), 0);
	ck_assert_int_eq(c[SYC_ASKED_DECLARED].verdict, SYC_VERDICT_OPEN);
	for (int i = 3; i < SYC_STUDY_QUESTIONS; i++)
		ck_assert_msg(i == SYC_ASKED_LIKENESS || (c[i].verdict == SYC_VERDICT_UNASKED &&
			      strstr(c[i].answer.data, "it cannot be told that a view has an "
			      "effect on a")), "%s: %s", c[i].key, c[i].answer.data);
	/* Nor where it is too small to matter. */
	json_object_set_new(o, "mean", json_real(0.001));
	json_object_set_new(o, "se", json_real(0.002));
	json_object_set_new(o, "p", json_real(0.7));
	free_all(c);
	ck_assert_int_eq(syc_study_conclude(c, &made, NULL), 0);
	ck_assert_int_eq(c[SYC_ASKED_DECLARED].verdict, SYC_VERDICT_NO);
	ck_assert_str_eq(c[SYC_ASKED_PREDICTION].answer.data,
			 "cannot be asked: a view has no relevant effect on a");
	free_all(c);
	forget();
}
END_TEST

/* Labels of one kind alone are said for what they are. */
START_TEST(one_kind_of_label)
{
	static const char *const keys[] = { "moved", "held" };
	static const char *const said[] = { "no answer was moved", "no answer was held" };

	for (int k = 0; k < 2; k++) {
		struct syc_conclusion c[SYC_STUDY_QUESTIONS] = { 0 };
		json_t *own;

		make_all();
		own = json_array_get(json_object_get(docs[SYC_STUDY_FIT], "fits"), 1);
		json_object_set_new(json_object_get(own, "between"), "p", json_null());
		json_object_set_new(json_object_get((json_t *)sets[0].stance, "labels"), keys[k],
				    json_integer(0));
		ck_assert_int_eq(syc_study_conclude(c, &made, NULL), 0);
		is_answer(&c[SYC_ASKED_PREDICTION], "prediction", SYC_VERDICT_ABSENT, said[k]);
		is_answer(&c[SYC_ASKED_NULLS], "nulls", SYC_VERDICT_UNASKED, DASH);
		free_all(c);
		forget();
	}
}
END_TEST

START_TEST(written)
{
	struct syc_conclusion c[SYC_STUDY_QUESTIONS] = { 0 };
	struct syc_buf b = { 0 };
	const json_t *all, *one;
	json_t *doc;
	size_t i, rows = 0;

	make_all();
	ck_assert_int_eq(syc_study_conclude(c, &made, NULL), 0);
	ck_assert_int_eq(syc_study_glance(&b, c, NULL), 0);
	ck_assert(strncmp(b.data, "Question\tAnswer\tFigures\tRests on\t", 33) == 0);
	for (const char *s = b.data; (s = strchr(s, '\n')); s++)
		rows++;
	ck_assert_uint_eq(rows, SYC_STUDY_QUESTIONS + 1);
	syc_buf_free(&b);

	ck_assert_int_eq(syc_study_conclusions(&b, &made, c, NULL), 0);
	doc = json_loadb(b.data, b.len, JSON_REJECT_DUPLICATES, NULL);
	ck_assert(doc != NULL);
	ck_assert_str_eq(json_string_value(json_object_get(doc, "train")), "a");
	ck_assert_int_eq(json_integer_value(json_object_get(doc, "layer")), 2);
	all = json_object_get(doc, "conclusions");
	ck_assert_uint_eq(json_array_size(all), SYC_STUDY_QUESTIONS);
	json_array_foreach(all, i, one) {
		ck_assert_str_eq(json_string_value(json_object_get(one, "key")),
				 c[i].key);
		ck_assert_str_eq(
			json_string_value(json_object_get(one, "verdict")),
			syc_verdict_name(c[i].verdict));
		ck_assert_str_eq(
			json_string_value(json_object_get(one, "figures")),
			c[i].figures.data);
		ck_assert(json_is_object(json_object_get(one, "numbers")));
	}
	json_decref(doc);
	syc_buf_free(&b);
	free_all(c);
	forget();
}
END_TEST

int main(void)
{
	static const struct test tests[] = {
		TEST(conclusions),
		TEST(draws),
		TEST(quick),
		TEST(nothing_to_conclude),
		TEST(in_order),
		TEST(one_kind_of_label),
		TEST(written),
	};

	return RUN_TESTS("study page", tests);
}
