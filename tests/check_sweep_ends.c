/* SPDX-License-Identifier: MIT */
/* Sweeps of the demo model at equal KL, and where there is little to measure. */
#include "config.h"
#include <math.h>
#include <string.h>
#include "sweep_plan.h"

START_TEST(without_answers_or_control)
{
	struct fixture f;

	set_up(&f);
	f.plan.max_new = 0;
	f.plan.control = NULL;
	f.plan.progress = NULL;
	run_plan(&f);
	ck_assert_uint_eq(f.s.n_answers, 0);
	for (size_t i = 1; i < f.s.n; i++) {
		ck_assert(isnan(f.s.setting[i].kl) &&
			  isnan(f.s.setting[i].repetition));
		ck_assert(isnan(f.s.setting[i].control.p.value));
		ck_assert(isfinite(f.s.setting[i].main.p.value));
	}
	f.plan.at_kl = 0.1;
	run_plan_fails(&f, SYC_EINVAL, "no answers");
	tear_down(&f);
}
END_TEST

/* ---- equal KL ------------------------------------------------------------------------ */

START_TEST(equal_kl_is_reached_or_not)
{
	struct syc_sweep_settings first;
	struct fixture f;

	set_up(&f);
	f.plan.n_layers = f.plan.n_random = 1;
	f.plan.at_kl = 0.05;
	run_plan(&f);
	for (size_t i = 1; i < f.s.n - 1; i++) {
		const struct syc_sweep_setting *s = &f.s.setting[i];

		ck_assert_float_eq(s->rule.scale, (float)s->scale);
		if (s->reached)
			ck_assert_double_le(fabs(s->kl / 0.05 - 1), 0.11);
		else
			ck_assert(s->rule.op == SYC_STEER_ABLATE &&
				  s->scale == 1 && s->kl < 0.05);
		ck_assert(s->rule.op == SYC_STEER_ABLATE || s->reached);
	}
	ck_assert(f.s.setting[1].scale < 0 && f.s.setting[2].scale > 0);
	/* The figures are those at the scales that were found. */
	first = f.s;
	f.s = (struct syc_sweep_settings){ 0 };
	f.scale[0] = first.setting[1].scale;
	f.scale[1] = first.setting[2].scale;
	f.plan.at_kl = 0;
	run_plan(&f);
	for (size_t i = 0; i < 3; i++) {
		ck_assert_mem_eq(first.setting[i].p_match, f.s.setting[i].p_match,
				 N_QUESTIONS * sizeof(float));
		ck_assert_double_eq(first.setting[i].kl, f.s.setting[i].kl);
	}
	syc_sweep_settings_free(&first);
	f.plan.at_kl = 0.3;
	f.plan.kl_on_text = true;
	f.plan.max_new = 0;
	f.plan.n_ops = 1;
	run_plan(&f);
	for (size_t i = 1; i < f.s.n - 1; i++)
		ck_assert(f.s.setting[i].reached &&
			  fabs(f.s.setting[i].text_kl / 0.3 - 1) < 0.11);
	ck_assert_uint_eq(f.last, f.of);
	tear_down(&f);
}
END_TEST

/* ---- the ends ------------------------------------------------------------------------- */

START_TEST(steered_beyond_all_numbers)
{
	struct fixture f;

	set_up(&f);
	f.scale[0] = 1e38;
	f.plan.n_ops = 1;
	f.layers[0].n = 3;
	run_plan_fails(&f, SYC_EINVAL,
		       "row 'test-opinion-000': the model's output is not finite");
	f.plan.max_new = 0;	/* not said by the engine, which then has nothing to choose */
	run_plan_fails(&f, SYC_EINVAL,
		       "row 'test-opinion-000': the model's output is not finite "
				  "at add 1e+38, layer 2-4");
	/* Of the answer alone: P is read before it where answers share no token. */
	syc_sweep_questions_free(&f.questions);
	write_rows(raw_row, NULL, 0, "");
	ck_assert_int_eq(read_rows(&f.questions, 512, NULL, NULL), 0);
	f.op[0].rule.when = SYC_STEER_GENERATED;
	f.plan.n_random = 0;
	f.plan.control = NULL;
	run_plan(&f);
	ck_assert(isfinite(f.s.setting[1].main.p.value));
	ck_assert(isnan(f.s.setting[1].text_kl) &&
		  isnan(f.s.setting[1].perplexity));
	ck_assert(isfinite(f.s.setting[2].text_kl));
	tear_down(&f);
}
END_TEST

START_TEST(answers_are_cut_at_the_context)
{
	struct fixture f;
	size_t longest = 0;
	double whole;

	set_up(&f);
	f.plan.n_vectors = 0;
	f.plan.n_answers = N_QUESTIONS;
	run_plan(&f);
	whole = f.s.setting[1].kl;
	for (size_t i = 0; i < N_QUESTIONS; i++)
		if (f.questions.question[i].prompt[1].n > longest)
			longest = f.questions.question[i].prompt[1].n;
	f.plan.engine.n_ctx = (uint32_t)longest + 1;
	run_plan(&f);
	ck_assert_double_gt(f.s.setting[1].kl, 0);
	ck_assert_double_ne(f.s.setting[1].kl, whole);
	tear_down(&f);
}
END_TEST

START_TEST(texts_too_short_and_engines_that_do_not_start)
{
	struct fixture f;

	set_up(&f);
	f.plan.text = "";
	run_plan_fails(&f, SYC_EINVAL, "the text has 1 tokens");
	f.plan.text = NULL;
	f.plan.n_text = 1;
	run_plan_fails(&f, SYC_EINVAL, "the text has 1 tokens");
	f.plan.n_text = N_TEXT;
	f.plan.engine.n_ctx = 100000;
	f.plan.engine.kv_memory = 1;
	run_plan_fails(&f, SYC_EINVAL, "");
	tear_down(&f);
}
END_TEST

int main(void)
{
	static const struct test t[] = {
		TEST(without_answers_or_control),
		TEST(equal_kl_is_reached_or_not),
		TEST(steered_beyond_all_numbers),
		TEST(answers_are_cut_at_the_context),
		TEST(texts_too_short_and_engines_that_do_not_start),
	};

	return RUN_ON_DEMO("sweep_ends", t);
}
