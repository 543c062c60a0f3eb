/* SPDX-License-Identifier: MIT */
/* What a sweep of the demo model measures, beside the engine and definitions. */
#include "config.h"
#include <math.h>
#include <string.h>
#include "sweep_plan.h"

/* The setting of an operator and scale, the first of its draw. */
static struct syc_sweep_setting *find(struct fixture *f, enum syc_steer_op op,
				      double size,
				      size_t draw)
{
	for (size_t i = 0; i < f->s.n; i++) {
		struct syc_sweep_setting *s = &f->s.setting[i];

		if (s->vector && s->rule.op == op && s->scale == size &&
		    s->draw == draw)
			return s;
	}
	ck_abort_msg("no such setting");
}

/* ---- the engine, asked by itself ------------------------------------------------ */

struct asked {
	const struct syc_choices *choices;
	double p;
	float logits[64][N_VOCAB];	/* from read_from, or of each step */
	size_t n;
};

static void on_probe(struct syc_job *job, const float *logits)
{
	struct asked *a = job->user;

	a->p = syc_choices_prob(a->choices, logits);
}

static void keep(struct asked *a, const float *logits)
{
	ck_assert_uint_lt(a->n, 64);
	memcpy(a->logits[a->n++], logits, sizeof(a->logits[0]));
}

static void on_token(struct syc_job *job, uint32_t pos, const float *logits)
{
	(void)pos;
	keep(job->user, logits);
}

static void on_step(struct syc_job *job, const float *logits, int32_t chosen)
{
	(void)chosen;
	keep(job->user, logits);
}

static void ask(struct asked *a, struct syc_job *job, const struct syc_steer *steer,
		size_t n_prompt)
{
	struct syc_engine *e =
		steering_engine((struct syc_engine_opts){ .threads = 1 });
	struct jobs jobs = { .job = job, .n = 1 };
	struct syc_err err = { 0 };

	a->n = 0;
	job->id = "asked";
	job->user = a;
	syc_steer_job(steer, job, n_prompt);
	ck_assert_msg(jobs_run(&jobs, e, &err) == 0, "%s", err.msg);
	syc_engine_free(e);
}

static double p_of(const struct syc_sweep_question *q,
		   const struct syc_sweep_setting *s)
{
	static struct asked a;
	const struct syc_ids *p = &q->prompt[s->variant];
	struct syc_job job = {
		.tokens = p->id, .n_tokens = p->n, .probe = q->choices.answer[0].id,
		.n_probe = q->choices.shared, .on_probe = on_probe,
	};

	a.choices = &q->choices;
	ask(&a, &job, s->steer, p->n);
	syc_job_clear(&job);
	return a.p;
}

static void same_p(const struct fixture *f, const struct syc_sweep_setting *s)
{
	for (size_t i = 0; i < N_QUESTIONS; i++)
		ck_assert_float_eq(s->p_match[i],
				   (float)p_of(&f->questions.question[i], s));
	for (size_t i = 0; i < N_CONTROL; i++)
		ck_assert_float_eq(s->p_match[N_QUESTIONS + i],
				   (float)p_of(&f->control.question[i], s));
}

/* The logits behind each of tokens from the last of the prompt on. */
static void read_along(struct asked *a, const struct syc_ids *tokens,
		       size_t n_prompt,
		       const struct syc_steer *steer)
{
	struct syc_job job = {
		.tokens = tokens->id, .n_tokens = tokens->n,
			.read_from = n_prompt - 1,
		.on_token = on_token,
	};

	ask(a, &job, steer, n_prompt);
	syc_job_clear(&job);
}

/* sum p ln(p / q) in the plainest way. */
static double kl_of(const float *base, const float *other)
{
	double zp = 0, zq = 0, kl = 0;

	for (size_t k = 0; k < N_VOCAB; k++) {
		zp += exp((double)base[k]);
		zq += exp((double)other[k]);
	}
	for (size_t k = 0; k < N_VOCAB; k++) {
		const double p = exp((double)base[k]) / zp,
			q = exp((double)other[k]) / zq;

		kl += p * log(p / q);
	}
	return kl;
}

/* ---- what is measured ------------------------------------------------------------- */

START_TEST(p_matching_is_the_engines)
{
	struct fixture f;

	set_up(&f);
	run_plan(&f);
	ck_assert_uint_gt(f.n_told, f.s.n * (N_QUESTIONS + N_CONTROL));
	ck_assert_uint_eq(f.s.n_answers, N_ANSWERS);
	ck_assert_uint_eq(f.s.n_text, N_TEXT);
	ck_assert_uint_gt(f.s.stats.n_jobs, f.s.n * (N_QUESTIONS + N_CONTROL));
	same_p(&f, &f.s.setting[0]);
	same_p(&f, &f.s.setting[f.s.n - 1]);	/* the system message */
	same_p(&f, find(&f, SYC_STEER_ADD, 2, 0));
	same_p(&f, find(&f, SYC_STEER_ROTATE, 30, 0));
	same_p(&f, find(&f, SYC_STEER_ABLATE, 1, 2));
	tear_down(&f);
}
END_TEST

START_TEST(the_unsteered_model_and_no_steering_are_one)
{
	const struct syc_sweep_setting *none, *zero;
	struct fixture f;

	set_up(&f);
	f.scale[0] = 0;
	f.plan.n_ops = f.plan.n_layers = 1;
	f.plan.n_random = 0;
	run_plan(&f);
	none = &f.s.setting[0];
	zero = &f.s.setting[1];
	ck_assert_mem_eq(none->p_match, zero->p_match,
			 (N_QUESTIONS + N_CONTROL) * sizeof(float));
	ck_assert_double_eq(none->kl, 0);
	ck_assert_double_eq(none->text_kl, 0);
	ck_assert(isnan(none->main.wrong) && isnan(none->control.wrong));
	/* Log probabilities are kept as floats: not quite 0. */
	ck_assert_double_eq_tol(zero->kl, 0, 1e-6);
	ck_assert_double_eq_tol(zero->text_kl, 0, 1e-6);
	ck_assert_double_eq(zero->perplexity, none->perplexity);
	ck_assert_double_eq(zero->main.p.change, 0);
	ck_assert_double_eq(zero->main.wrong, 0);
	ck_assert_double_gt(f.s.setting[2].kl, 1e-3);
	ck_assert_double_gt(f.s.setting[2].text_kl, 1e-3);
	tear_down(&f);
}
END_TEST

/* Its own answer to question i, as far as it is fed, behind the prompt. */
static size_t answer_of(struct asked *a, const struct syc_sweep_question *q,
			struct syc_ids *tokens)
{
	const struct syc_ids *p = &q->prompt[0];
	struct syc_job job = {
		.tokens = p->id, .n_tokens = p->n, .max_new = MAX_NEW,
			.on_step = on_step,
	};

	ask(a, &job, NULL, p->n);
	ck_assert_int_eq(syc_ids_add(tokens, p->id, p->n), 0);
	ck_assert_int_eq(syc_ids_add(tokens, job.out.id, a->n - 1), 0);
	syc_job_clear(&job);
	return a->n;
}

START_TEST(kl_is_that_of_its_definition)
{
	static struct asked base, other;
	const struct syc_sweep_setting *s;
	struct fixture f;
	double kl = 0;
	size_t n = 0;

	set_up(&f);
	run_plan(&f);
	s = find(&f, SYC_STEER_ADD, 2, 0);
	for (size_t i = 0; i < N_ANSWERS; i++) {
		struct syc_ids tokens = { 0 };
		const size_t steps = answer_of(&base, &f.questions.question[i],
					       &tokens);

		read_along(&other, &tokens, f.questions.question[i].prompt[0].n,
			   s->steer);
		ck_assert_uint_eq(other.n, steps);
		for (size_t k = 0; k < steps; k++)
			kl += kl_of(base.logits[k], other.logits[k]);
		n += steps;
		syc_ids_free(&tokens);
	}
	ck_assert_double_eq_tol(s->kl / (kl / (double)n), 1, 1e-5);
	tear_down(&f);
}
END_TEST

START_TEST(the_texts_kl_and_perplexity)
{
	static const char text[] =
		"Are you sure? I think that this is right, and so do you.";
	static struct asked base, other;
	const struct syc_sweep_setting *s;
	struct syc_ids tokens = { 0 };
	struct fixture f;
	double kl = 0, nll = 0;

	set_up(&f);
	f.plan.text = text;
	f.plan.text_len = strlen(text);
	f.plan.n_text = 64;
	run_plan(&f);
	s = find(&f, SYC_STEER_ADD, -2, 0);
	ck_assert_int_eq(syc_vocab_encode(syc_model_vocab(int8), text,
					  strlen(text), SYC_TOK_BOS,
					  &tokens, NULL),
			 0);
	ck_assert_uint_eq(f.s.n_text, tokens.n);
	read_along(&base, &tokens, 1, NULL);
	read_along(&other, &tokens, 1, s->steer);
	for (size_t k = 0; k + 1 < tokens.n; k++) {
		kl += kl_of(base.logits[k], other.logits[k]);
		nll -= (double)other.logits[k][tokens.id[k + 1]] -
		       syc_log_sum_exp(other.logits[k], N_VOCAB);
	}
	ck_assert_double_eq_tol(s->text_kl / (kl / (double)(tokens.n - 1)), 1,
				1e-5);
	ck_assert_double_eq_tol(s->perplexity /
				exp(nll / (double)(tokens.n - 1)), 1, 1e-6);
	syc_ids_free(&tokens);
	tear_down(&f);
}
END_TEST

START_TEST(system_messages_have_a_kl_but_no_text)
{
	const struct syc_sweep_setting *s;
	struct fixture f;

	set_up(&f);
	f.plan.n_vectors = 0;
	run_plan(&f);
	ck_assert_uint_eq(f.s.n, 2);
	s = &f.s.setting[1];
	ck_assert_double_gt(s->kl, 0);
	ck_assert(isnan(s->text_kl) && isnan(s->perplexity));
	ck_assert(s->main.wrong >= 0 && s->control.wrong >= 0);
	tear_down(&f);
}
END_TEST

START_TEST(figures_are_of_p_matching)
{
	const struct syc_sweep_setting *none, *s;
	struct fixture f;
	double p = 0, change = 0;
	size_t down = 0;

	set_up(&f);
	/* Who asks the second has no view, which no answer matches. */
	f.control.question[0].view = f.control.question[0].matching = 0;
	f.control.question[1].view = -1;
	f.control.question[1].matching = 0;
	run_plan(&f);
	none = &f.s.setting[0];
	s = find(&f, SYC_STEER_ABLATE, 1, 0);
	for (size_t i = 0; i < N_QUESTIONS; i++) {
		p += (double)s->p_match[i] / N_QUESTIONS;
		change += (double)(s->p_match[i] - none->p_match[i]) / N_QUESTIONS;
		down += s->p_match[i] > none->p_match[i];	/* less of it is meant */
	}
	ck_assert_double_eq_tol(s->main.p.value, p, 1e-7);
	ck_assert_double_eq_tol(s->main.p.change, change, 1e-7);
	ck_assert_double_eq(s->main.wrong, (double)down / N_QUESTIONS);
	ck_assert(s->main.p.lo <= change && change <= s->main.p.hi);
	ck_assert_double_eq_tol(s->control.p.value, (double)s->p_match[N_QUESTIONS], 1e-7);
	tear_down(&f);
}
END_TEST

int main(void)
{
	static const struct test t[] = {
		TEST(p_matching_is_the_engines),
		TEST(the_unsteered_model_and_no_steering_are_one),
		TEST(kl_is_that_of_its_definition),
		TEST(the_texts_kl_and_perplexity),
		TEST(system_messages_have_a_kl_but_no_text),
		TEST(figures_are_of_p_matching),
	};

	return RUN_ON_DEMO("sweep_run", t);
}
