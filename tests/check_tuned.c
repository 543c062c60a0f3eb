/* SPDX-License-Identifier: MIT */
/* What tuning did: from made documents to tables, and each sentence from its numbers. */
#include "config.h"
#include <jansson.h>
#include <math.h>
#include <string.h>
#include "conclusion.h"
#include "syc/tuned.h"

/* ---- documents of 3 runs on each of 2 arms, 2 layers ----------------------------- */

enum { RUNS = 6, DRAWS = 99 };

static const char *const arms[] = { "sycophant", "random" };
static struct syc_tuned_doc docs[RUNS];
static json_t *made[RUNS], *cosines, *predicted, *steered;
static struct syc_tuned_set sets[8];
static json_t *set_doc[8];
static const json_t *of_arm[2];

/* Null values -.05 to .05 at every place. */
static json_t *draws(void)
{
	json_t *a = json_array();

	for (int i = 0; i < DRAWS; i++)
		json_array_append_new(a, json_real((i - 49) * 0.001));
	return a;
}

static json_t *shift(int layer, double constant, double cosine, double undo, double length)
{
	json_t *o = json_pack(
		"{s:i, s:s, s:f, s:f, s:f, s:f, s:f, s:f, s:o, s:o, s:o, "
		"s:[{s:s, s:f, s:f, s:o, s:o}]}",
		"layer", layer, "position", "prompt", "length", length, "relative", 0.2, "constant",
		constant, "kl_left", -0.04, "make", 0.75, "undo", undo, "undo_nulls", draws(),
		"make_nulls", draws(), "kl_left_nulls", draws(), "vectors", "vector", "contrast",
		"cosine", cosine, "undo", 0.01, "cosine_nulls", draws(), "undo_nulls", draws());

	ck_assert_ptr_nonnull(o);
	return o;
}

static struct syc_tuned_documents make(void)
{
	static const char *const file[RUNS] = { "s1", "s2", "s3", "r1", "r2", "r3" };
	static const char *const set_file[8] = { "0", "1", "2", "3", "4", "5", "6", "7" };

	cosines = json_array();
	for (int i = 0; i < RUNS; i++) {
		const bool own = i < 3;
		const double seed = 0.01 * (i % 3);

		made[i] = json_pack("{s:f, s:f, s:b, s:{s:f, s:f}, s:{s:f, s:f}, s:[o, o]}", "kl", 0.05,
				    "scale", 1 + seed, "reached", own, "base", "p_match", 0.5, "effect", 0.1,
				    "tuned", "p_match", (own ? 0.9 : 0.52) + seed, "effect",
				    own ? 0.7 : 0.1, "shifts", shift(0, 0.1, 0, 0, 1),
				    shift(1, (own ? 0.8 : 0.3) + seed, own ? 0.3 : 0.01,
					  own ? 0.6 : 0.02, 2));
		ck_assert_ptr_nonnull(made[i]);
		docs[i] = (struct syc_tuned_doc){arms[!own], file[i], (uint64_t)i % 3 + 1, made[i]};
		for (int k = 0; k < i; k++)
			json_array_append_new(cosines,
					      json_pack("{s:s, s:s, s:[f, f]}", "a", file[k], "b",
							file[i], "cosine", 0.0,
							i < 3	? 0.9
							: k < 3 ? 0.2
								: 0.5));
	}
	predicted = json_pack("{s:[{s:[{s:i, s:f}, {s:i, s:f, s:f, s:i}], s:i}]}", "fits", "layers",
			      "layer", 0, "rho_p", 0.9, "layer", 1, "rho_p", 0.0001, "rho", 0.6, "n", 40,
			      "clusters", 20);
	steered = json_pack("{s:i, s:[{s:s}, {s:s, s:s, s:f, s:f, s:f, s:[f, f]}]}", "n", 80,
			    "settings", "kind", "none", "kind", "steer", "vector", "sycophant",
			    "effect_change", 0.1, "effect_lo", 0.05, "effect_hi", 0.15, "by_claim",
			    0.1, 0.1);
	for (int i = 0; i < 8; i++) {
		set_doc[i] = json_pack("{s:[o]}", "shifts", shift(1, 0.1, 0, 0, 2));
		sets[i] = (struct syc_tuned_set){ "set", set_file[i], 48, i + 0.5 * (i % 2),
						  set_doc[i] };
		json_array_append_new(cosines, json_pack("{s:s, s:s, s:[f, f]}", "a", "answers", "b",
							 set_file[i], "cosine", 0.0, 0.1 * i));
	}
	of_arm[0] = predicted;
	return (struct syc_tuned_documents){
		.arm = arms, .n_arms = 2, .reference = "random", .run = docs, .n_runs = RUNS,
		.cosines = cosines, .predicted = of_arm, .steered = steered,
		.contrast = "contrast", .answers = "answers", .set = sets, .n_sets = 8, .layer = 1, .at_kl = 0.05,
	};
}

static void forget(void)
{
	for (int i = 0; i < RUNS; i++)
		json_decref(made[i]);
	for (int i = 0; i < 8; i++)
		json_decref(set_doc[i]);
	json_decref(cosines);
	json_decref(predicted);
	json_decref(steered);
}

static void table(const struct syc_tuned_documents *d, const char *name, const char *has)
{
	struct syc_buf b = { 0 };

	ck_assert_int_eq(syc_tuned_table(&b, d, name, NULL), 0);
	ck_assert_msg(strstr(b.data, has) != NULL, "%s: %s", name, b.data);
	syc_buf_free(&b);
}

START_TEST(tables)
{
	struct syc_tuned_documents d = make();
	struct syc_buf b = { 0 };
	struct syc_err err;

	table(&d, "arms", "tuned on\truns\tP(matching)\tchange of the view's effect\t");
	table(&d, "arms", "\nsycophant\t3\t0.910" NBSP "[0.885," NBSP "0.935]\t0.600" NBSP);
	table(&d, "directions", "\nrandom\t3\t0.500" NBSP "[0.500," NBSP "0.500]\t0.200" NBSP);
	table(&d, "beside",
	      "sycophant\tundoes\t0.600" NBSP "[0.600," NBSP "0.600]\t297\t0.049\t0.003\n");
	table(&d, "beside",
	      "sycophant\tmakes\t0.750" NBSP "[0.750," NBSP "0.750]\t297\t0.049\t0.003\n");
	/* Of each run ten are as low: -.049 to -.040. */
	table(&d, "beside", "sycophant\tKL left by adding it\t" MINUS "0.040" NBSP "[" MINUS "0.040,"
	      NBSP MINUS "0.040]\t297\t-0.049\t0.104\n");
	table(&d, "layers", "\n1\t0.810\t0.900\t0.300\t0.310\t0.500\t0.200\t0.010\t" MINUS
	      "0.047 to 0.047\n");
	table(&d, "foretold", "set\t48\t1.500\t0.200\n");
	table(&d, "tuned",
	      "\nrandom\t1\t0.52\t0.02\t0\t0.05\t1\t0\t0.2\t0.3\t-0.04\t0.75\t0.02\t0.01\t0.01"
	      "\t0.5\t0.2\n");
	ck_assert_int_eq(syc_tuned_table(&b, &d, "none", &err), SYC_EINVAL);
	ck_assert_str_eq(err.msg, "no table of tuning: 'none'");
	forget();
}
END_TEST

static void verdict(const struct syc_conclusion *c, enum syc_tuned_question q, enum syc_verdict v)
{
	ck_assert_msg(c[q].verdict == v, "%s: %s (%s)", c[q].key, syc_verdict_name(c[q].verdict),
		      c[q].figures.data);
}

static void forget_all(struct syc_conclusion *c)
{
	for (int i = 0; i < SYC_TUNED_QUESTIONS; i++)
		syc_conclusion_free(&c[i]);
}

START_TEST(conclusions)
{
	struct syc_tuned_documents d = make();
	struct syc_conclusion c[SYC_TUNED_QUESTIONS] = { 0 };
	struct syc_buf b = { 0 };
	json_t *all;

	ck_assert_int_eq(syc_tuned_conclude(c, &d, NULL), 0);
	verdict(c, SYC_TUNED_RISES, SYC_VERDICT_YES);
	verdict(c, SYC_TUNED_IS_CONSTANT, SYC_VERDICT_YES);
	verdict(c, SYC_TUNED_ALIGNED, SYC_VERDICT_YES);
	verdict(c, SYC_TUNED_UNDOES, SYC_VERDICT_YES);
	verdict(c, SYC_TUNED_CONTRAST_UNDOES, SYC_VERDICT_RANDOM);
	verdict(c, SYC_TUNED_MAKES, SYC_VERDICT_YES);
	verdict(c, SYC_TUNED_PREDICTS, SYC_VERDICT_YES);
	verdict(c, SYC_TUNED_STEERS, SYC_VERDICT_FIGURES);
	verdict(c, SYC_TUNED_FORETOLD, SYC_VERDICT_YES);
	ck_assert(number(&c[SYC_TUNED_RISES], "short") == 3);
	ck_assert_ptr_nonnull(strstr(c[SYC_TUNED_RISES].figures.data,
				     "; 3 of the runs came short of that KL"));
	/* Of 297 values none lies as far. */
	ck_assert(fabs(number(&c[SYC_TUNED_UNDOES], "p") - 1 / 298.) < 1e-12);
	ck_assert(fabs(number(&c[SYC_TUNED_MAKES], "p") - 1 / 298.) < 1e-12);
	ck_assert(number(&c[SYC_TUNED_MAKES], "kl_left_null_least") == -0.049);
	ck_assert_int_eq(syc_tuned_glance(&b, c, NULL), 0);
	ck_assert_ptr_nonnull(strstr(b.data, "At a KL of 0.05, does P(matching) rise more"));
	b.len = 0;
	ck_assert_int_eq(syc_tuned_conclusions(&b, &d, c, NULL), 0);
	all = json_loadb(b.data, b.len, JSON_REJECT_DUPLICATES, NULL);
	ck_assert_uint_eq(json_array_size(json_object_get(all, "conclusions")),
			  SYC_TUNED_QUESTIONS);
	json_decref(all);
	syc_buf_free(&b);
	forget_all(c);
	forget();
}
END_TEST

/* One run an arm shows nothing; without sets, or other arms, it is said. */
START_TEST(little)
{
	struct syc_tuned_documents d = make();
	struct syc_conclusion c[SYC_TUNED_QUESTIONS] = { 0 };
	struct syc_err err;

	docs[1] = docs[3];
	d.n_runs = 2;
	d.n_sets = 0;
	d.predicted = NULL;
	d.steered = NULL;
	ck_assert_int_eq(syc_tuned_conclude(c, &d, NULL), 0);
	verdict(c, SYC_TUNED_RISES, SYC_VERDICT_ABSENT);
	ck_assert_str_eq(c[SYC_TUNED_RISES].next.data, "more runs an arm (--seeds)");
	verdict(c, SYC_TUNED_IS_CONSTANT, SYC_VERDICT_ABSENT);
	/* 99 draws and eight tests: the smallest p is .01, adjusted .08. */
	verdict(c, SYC_TUNED_ALIGNED, SYC_VERDICT_ABSENT);
	ck_assert_str_eq(c[SYC_TUNED_ALIGNED].answer.data, "too few null vectors");
	verdict(c, SYC_TUNED_PREDICTS, SYC_VERDICT_ABSENT);
	verdict(c, SYC_TUNED_STEERS, SYC_VERDICT_ABSENT);
	verdict(c, SYC_TUNED_FORETOLD, SYC_VERDICT_UNASKED);
	forget_all(c);
	d.n_arms = 1;
	ck_assert_int_eq(syc_tuned_conclude(c, &d, NULL), 0);
	verdict(c, SYC_TUNED_RISES, SYC_VERDICT_ABSENT);
	verdict(c, SYC_TUNED_IS_CONSTANT, SYC_VERDICT_ABSENT);
	table(&d, "layers", "layer\tsycophant: constant share");
	forget_all(c);
	d.n_arms = 0;
	ck_assert_int_eq(syc_tuned_conclude(c, &d, &err), SYC_EINVAL);
	forget();
}
END_TEST

/* ---- sentences --------------------------------------------------------------------- */

static struct syc_tuned_beside beside(double diff, double p)
{
	return (struct syc_tuned_beside){
		.arm = "sycophant", .other = "random", .own = { 0.9, 0.8, 1 },
		.others = { 0.9 - diff, 0.4, 0.6 },
		.diff = { diff, 0.02, 8, diff - 0.05, diff + 0.05, p },
		.test = { p, p }, .n_runs = 5, .n_others = 5, .at_kl = 0.05,
	};
}

START_TEST(rises)
{
	struct syc_conclusion c = { 0 };
	struct syc_tuned_beside b = beside(0.4, 0.05);

	want(&c, syc_conclude_rises(&c, &b, NULL), SYC_VERDICT_YES, "yes",
	     "0.900" NBSP "[0.800," NBSP "1.000], random 0.500" NBSP "[0.400," NBSP "0.600]: +0.400"
	     NBSP "[+0.350," NBSP "+0.450], p 0.050 (adjusted 0.050)");
	ck_assert_str_eq(c.counts.data, "5 runs, and 5");
	ck_assert(fabs(number(&c, "seen") - 0.02 * (2.306004135 + 0.888889518)) < 1e-6);
	b = beside(0.4, 0.0501);
	want(&c, syc_conclude_rises(&c, &b, NULL), SYC_VERDICT_OPEN, "not shown", NULL);
	b = beside(-0.4, 0.01);
	want(&c, syc_conclude_rises(&c, &b, NULL), SYC_VERDICT_REVERSED, "no: the other way round",
	     NULL);
	b = beside(0.4, NAN);
	want(&c, syc_conclude_rises(&c, &b, NULL), SYC_VERDICT_ABSENT, "cannot be told", NULL);
	syc_conclusion_free(&c);
}
END_TEST

START_TEST(constant)
{
	struct syc_conclusion c = { 0 };
	struct syc_tuned_beside b[2] = { beside(0.4, 0.001), beside(0.1, 0.02) };
	struct syc_test t = { 0.02, 0.04 };

	b[1].other = "always-a";
	ck_assert(syc_tuned_beside_all(b, 2) == 0.02);
	ck_assert(isnan(syc_tuned_beside_all(b, 0)));
	want(&c, syc_conclude_constant(&c, b, 2, &t, NULL), SYC_VERDICT_YES, "yes", NULL);
	ck_assert_ptr_nonnull(strstr(c.figures.data, ", always-a 0.800"));
	b[0].diff.diff = -0.1;
	ck_assert(syc_tuned_beside_all(b, 2) == 1);
	b[1].diff.p = NAN;
	ck_assert(isnan(syc_tuned_beside_all(b, 2)));
	t.holm = 0.06;
	want(&c, syc_conclude_constant(&c, b, 2, &t, NULL), SYC_VERDICT_OPEN, "not shown", NULL);
	want(&c, syc_conclude_constant(&c, NULL, 0, &t, NULL), SYC_VERDICT_ABSENT,
	     "cannot be told", DASH);
	ck_assert_str_eq(c.next.data, "more arms (--arms)");
	syc_conclusion_free(&c);
}
END_TEST

static struct syc_tuned_against against(double x, double adjusted, double least)
{
	return (struct syc_tuned_against){
		.arm = "sycophant", .contrast = "cue", .own = { x, x - 0.1, x + 0.1 },
		.nulls = { 95, 0.04, 0.01 }, .test = { 0.01, adjusted }, .least_holm = least,
		.n_runs = 5, .layer = 3,
	};
}

START_TEST(beside_nulls)
{
	struct syc_conclusion c = { 0 };
	struct syc_tuned_against a = against(0.3, 0.05, 0.05);

	want(&c, syc_conclude_aligned(&c, &a, NULL), SYC_VERDICT_YES, "yes",
	     "0.300" NBSP "[0.200," NBSP "0.400]; the farthest of 95 null vectors 0.040, "
	     "p 0.010 (adjusted 0.050)");
	a = against(-0.3, 0.05, 0.05);
	want(&c, syc_conclude_aligned(&c, &a, NULL), SYC_VERDICT_REVERSED,
	     "no: the other way round", NULL);
	a = against(0.3, 0.051, 0.05);
	want(&c, syc_conclude_undoes(&c, false, &a, NULL), SYC_VERDICT_RANDOM,
	     "no more than null vectors", NULL);
	ck_assert_str_eq(c.key, "undoes");
	a = against(0.3, 0.051, 0.051);
	want(&c, syc_conclude_undoes(&c, true, &a, NULL), SYC_VERDICT_ABSENT,
	     "too few null vectors", NULL);
	ck_assert_str_eq(c.key, "undoes-contrast");
	a.test = (struct syc_test){ NAN, NAN };
	want(&c, syc_conclude_undoes(&c, true, &a, NULL), SYC_VERDICT_ABSENT, "cannot be told",
	     NULL);
	syc_conclusion_free(&c);
}
END_TEST

START_TEST(untuned)
{
	struct syc_conclusion c = { 0 };
	struct syc_tuned_made m = { against(0.75, 0.05, 0.05), { 0.3, 0.2, 0.4 },
				    { 95, 0.9, 0.01 } };
	struct syc_tuned_predicts p = { "sycophant", -0.6, { 0.001, 0.007 }, { 12, 80 }, 3 };
	const struct syc_figure f[] = { { "sycophant", { 0.1, 0.05, 0.15 } },
					{ "random", { 0, -0.01, 0.01 } } };

	want(&c, syc_conclude_made(&c, &m, NULL), SYC_VERDICT_YES, "yes",
	     "share of the change 0.750" NBSP "[0.650," NBSP "0.850]; the farthest of 95 null "
	     "vectors 0.040, p 0.010 (adjusted 0.050); of the KL to the tuned model is left 0.300"
	     NBSP "[0.200," NBSP "0.400], the least by 95 null vectors 0.900");
	m.make.test.holm = 0.051;
	want(&c, syc_conclude_made(&c, &m, NULL), SYC_VERDICT_RANDOM, "no more than null vectors",
	     NULL);
	m.make.least_holm = 0.051;
	want(&c, syc_conclude_made(&c, &m, NULL), SYC_VERDICT_ABSENT, "too few null vectors",
	     NULL);
	ck_assert_str_eq(c.next.data, "more null vectors (--draws)");
	/* Without null vectors nothing is tested. */
	m.make.test = (struct syc_test){ NAN, NAN };
	m.make.nulls = m.left = (struct syc_tuned_nulls){ 0, NAN, NAN };
	want(&c, syc_conclude_made(&c, &m, NULL), SYC_VERDICT_FIGURES,
	     "75 % of the change of P(matching)",
	     "share of the change 0.750" NBSP "[0.650," NBSP "0.850]; of the KL to the tuned model "
	     "is left 0.300" NBSP "[0.200," NBSP "0.400]");
	/* No change that could be made; what is left is known, and its null vectors. */
	m.make.own = (struct syc_estimate){ NAN, NAN, NAN };
	m.left = (struct syc_tuned_nulls){ 95, 0.9, 0.01 };
	want(&c, syc_conclude_made(&c, &m, NULL), SYC_VERDICT_ABSENT, "cannot be told", NULL);
	ck_assert_ptr_nonnull(strstr(c.figures.data, ", the least by 95 null vectors 0.900"));
	want(&c, syc_conclude_predicts(&c, &p, NULL), SYC_VERDICT_YES, "yes",
	     "Spearman's rho at layer 3 " MINUS "0.600 (turned), p 0.001 (adjusted 0.007)");
	p.test.holm = 0.2;
	want(&c, syc_conclude_predicts(&c, &p, NULL), SYC_VERDICT_OPEN, "not shown", NULL);
	want(&c, syc_conclude_steers_untuned(&c, f, 2, 0.05, (struct syc_counts){ 12, 80 }, NULL),
	     SYC_VERDICT_FIGURES, "changes; intervals are over claims",
	     "sycophant +0.100" NBSP "[+0.050," NBSP "+0.150]; random 0.000" NBSP "[" MINUS "0.010,"
	     NBSP "+0.010]");
	want(&c, syc_conclude_steers_untuned(&c, NULL, 0, 0.05, (struct syc_counts){ 0 }, NULL),
	     SYC_VERDICT_ABSENT, "cannot be told", DASH);
	syc_conclusion_free(&c);
}
END_TEST

START_TEST(foretold)
{
	struct syc_conclusion c = { 0 };
	const struct syc_foretold f = { 8, 0.9, -0.7, 0.71, 0.002, 0.88, -0.7, 0.7, 0.003, 40320 };
	struct syc_tuned_foretold t = { &f, { 0.002, 0.014 }, 3 };

	want(&c, syc_conclude_foretold(&c, &t, NULL), SYC_VERDICT_YES, "yes",
	     "r 0.900, p 0.002 (adjusted 0.014); by chance from " MINUS "0.700 to 0.710; "
	     "Spearman's rho 0.880");
	t.test.holm = 0.051;
	want(&c, syc_conclude_foretold(&c, &t, NULL), SYC_VERDICT_OPEN, "not shown", NULL);
	t.f = NULL;
	want(&c, syc_conclude_foretold(&c, &t, NULL), SYC_VERDICT_UNASKED,
	     "cannot be asked: no small training sets were given", DASH);
	syc_conclusion_free(&c);
}
END_TEST

int main(void)
{
	static const struct test tests[] = {
		TEST(tables), TEST(conclusions), TEST(little), TEST(rises), TEST(constant),
		TEST(beside_nulls), TEST(untuned), TEST(foretold),
	};

	return RUN_TESTS("tuned", tests);
}
