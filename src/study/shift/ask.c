/* SPDX-License-Identifier: MIT */
/*
 * The jobs of both engines: questions and unrelated prompts, under many steerings.  All
 * steerings of one sequence come one after the other, so that what they have in common
 * is computed once.
 */
#include "config.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "base/mem.h"
#include "study/shift/shift.h"

struct run {
	struct study *s;
	int side;
	const struct asking *list;	/* [n] */
	size_t n;
	unsigned what;
	bool keep;	/* distributions: the tuned model as it is */
	size_t row, at;	/* next: of questions, then prompts; of list */
	size_t n_done;
};

struct item {
	struct syc_job job;
	const struct run *r;
	const struct syc_sweep_question *q;	/* of the questions, or NULL */
	struct passage *t;
	size_t row;		/* among questions, or prompts */
	struct passage *own;	/* of the base, along a prompt's answer, or NULL */
	const struct asking *a;
	double kl, moved, p, mass;
	bool failed;		/* out of memory in a callback */
};

int answers_init(struct answers *a, const struct study *s, struct syc_err *err)
{
	*a = (struct answers){
		.p = syc_calloc(s->n_q + 1, sizeof(*a->p)),
		.mass = syc_calloc(s->n_q + 1, sizeof(*a->mass)),
		.kl = syc_calloc(s->n_q + 1, sizeof(*a->kl)),
		.along = syc_calloc(s->n_u + 1, sizeof(*a->along)),
		.moved = syc_calloc(s->n_u + 1, sizeof(*a->moved)),
	};
	return a->p && a->mass && a->kl && a->along && a->moved ? 0 : syc_nomem(err);
}

void answers_free(struct answers *a)
{
	free(a->p);
	free(a->mass);
	free(a->kl);
	free(a->along);
	free(a->moved);
	*a = (struct answers){ 0 };
}

/* ---- reading ------------------------------------------------------------------ */

/* The i-th distribution of an item's passage. */
static void read_at(struct item *it, size_t i, const float *logits)
{
	const struct sweep *w = &it->r->s->side[it->r->side];
	double lse;

	if (i >= it->t->n || it->failed)
		return;
	if (it->r->keep)
		it->failed = passage_keep(it->t, i, logits, w) < 0;
	if (it->own && !it->a->steer)
		it->failed = passage_keep(it->own, i, logits, w) < 0;
	if (it->failed)
		return;
	it->kl += passage_kl(it->t, i, logits, w, &lse);
	if (it->own)
		it->moved += passage_kl(it->own, i, logits, w, &lse);
}

static void read_token(struct syc_job *job, uint32_t pos, const float *logits)
{
	read_at(job->user, pos - job->read_from, logits);
}

/* Where a question's answers part. */
static void read_choice(struct syc_job *job, const float *logits)
{
	struct item *it = job->user;
	const size_t n_vocab = it->r->s->side[it->r->side].n_vocab;

	it->p = syc_choices_prob(&it->q->choices, logits);
	it->mass = syc_choices_mass(&it->q->choices, logits, n_vocab);
	read_at(it, 0, logits);
}

/* ---- jobs --------------------------------------------------------------------- */

static void ask(struct item *it, const struct syc_sweep_question *q)
{
	const struct syc_ids *prompt = &q->prompt[0];

	it->q = q;
	it->job.id = q->id;
	it->job.tokens = prompt->id;
	it->job.n_tokens = it->job.may_skip = prompt->n;
	it->job.probe = q->choices.answer[0].id;
	it->job.n_probe = q->choices.shared;
	it->job.on_probe = read_choice;
	syc_steer_job(it->a->steer, &it->job, prompt->n);
}

static void follow(struct item *it)
{
	const struct syc_ids *tokens = &it->t->tokens[0];

	it->job.id = "passage";
	it->job.tokens = tokens->id;
	it->job.n_tokens = it->job.may_skip = tokens->n;
	it->job.read_from = it->t->n_prompt[0] - 1;
	it->job.on_token = read_token;
	syc_steer_job(it->a->steer, &it->job, it->t->n_prompt[0]);
}

static size_t n_rows(const struct run *r)
{
	return r->what & ASK_PROMPTS ? r->s->n_q + r->s->n_u : r->s->n_q;
}

static int next_job(void *arg, struct syc_job **job, struct syc_err *err)
{
	struct run *r = arg;
	struct study *s = r->s;
	struct item *it;

	*job = NULL;
	if (r->at == r->n) {
		r->at = 0;
		r->row++;
	}
	if (r->row >= n_rows(r) || !r->n)
		return 0;
	it = calloc(1, sizeof(*it));
	if (!it)
		return syc_nomem(err);
	it->r = r;
	it->a = &r->list[r->at++];
	it->row = r->row < s->n_q ? r->row : r->row - s->n_q;
	it->t = r->row < s->n_q ? &s->question[it->row] : &s->prompt[it->row];
	it->own = r->row < s->n_q || r->side != BASE || !s->own ? NULL : &s->own[it->row];
	it->job.user = it;
	if (r->row < s->n_q)
		ask(it, &s->plan->questions->question[it->row]);
	else
		follow(it);
	*job = &it->job;
	return 0;
}

static void free_item(struct item *it)
{
	syc_job_clear(&it->job);
	free(it);
}

static int take(const struct item *it, struct syc_err *err)
{
	struct answers *to = it->a->to;
	const bool good = isfinite(it->kl) && isfinite(it->moved) &&
			  (!it->q || isfinite(it->p));

	if (it->failed)
		return syc_nomem(err);
	if (!good && !it->a->steer)
		return syc_fail(err, SYC_EINVAL,
				"row '%s': the %s model's output is not finite",
				it->job.id,
				it->r->side == BASE ? "base" : "tuned");
	if (!it->q) {
		to->along[it->row] = good ? it->kl : INFINITY;
		to->moved[it->row] = good ? it->moved : INFINITY;
		return 0;
	}
	to->p[it->row] = good ? (float)it->p : NAN;
	to->mass[it->row] = it->mass;
	to->kl[it->row] = good ? it->kl : INFINITY;
	return 0;
}

static void tell(const struct run *r)
{
	const struct syc_shift_plan *plan = r->s->plan;
	const size_t from = r->what & ASK_QUESTIONS ? 0 : r->s->n_q;

	if (plan->progress)
		plan->progress(plan->arg, r->s->part, r->n_done,
			       r->n * (n_rows(r) - from));
}

static int job_done(void *arg, struct syc_job *job, struct syc_err *err)
{
	struct run *r = arg;
	int ret = take(job->user, err);

	free_item(job->user);
	r->n_done++;
	tell(r);
	return ret;
}

static void job_dropped(void *arg, struct syc_job *job)
{
	(void)arg;
	free_item(job->user);
}

static int run(struct run *r, struct syc_err *err)
{
	r->row = r->what & ASK_QUESTIONS ? 0 : r->s->n_q;
	tell(r);
	return syc_engine_run(r->s->side[r->side].engine, next_job, job_done,
			      job_dropped, r, err);
}

int ask_all(struct study *s, int side, const struct asking *list, size_t n,
	    unsigned what, struct syc_err *err)
{
	struct run r = {
		.s = s, .side = side, .list = list, .n = n, .what = what};

	return run(&r, err);
}

int ask_tuned(struct study *s, unsigned what, struct syc_err *err)
{
	const struct asking as_it_is = { NULL, &s->tuned };
	struct run r = {
		.s = s,
		.side = TUNED,
		.list = &as_it_is,
		.n = 1,
		.what = what,
		.keep = true,
	};

	return run(&r, err);
}

double ask_kl(const struct study *s, int from, const struct answers *a)
{
	const double *x = from == BASE ? a->moved : a->along;
	double sum = 0;

	for (size_t i = 0; i < s->n_u; i++)
		sum += x[i];
	return sum / (double)s->n_tokens;
}

/* ---- engines ------------------------------------------------------------------ */

int ask_open(struct study *s, int side, const struct syc_model *m,
	     struct syc_err *err)
{
	struct syc_engine_opts eo = s->plan->engine;
	struct sweep *w = &s->side[side];

	s->hook = syc_steer_hook();
	eo.hooks = &s->hook;
	eo.n_hooks = 1;
	w->n_vocab = syc_vocab_size(syc_model_vocab(m));
	w->n_ctx = eo.n_ctx ? eo.n_ctx : syc_model_config(m)->n_ctx;
	return syc_engine_new(&w->engine, m, &eo, err);
}

void ask_close(struct study *s, int side)
{
	syc_engine_free(s->side[side].engine);
	s->side[side].engine = NULL;
}

/* ---- the base's answers ------------------------------------------------------- */

static void count_step(struct syc_job *job, const float *logits, int32_t chosen)
{
	(void)logits;
	(void)chosen;
	++*(size_t *)job->user;
}

static int generate(struct study *s, struct syc_job *job, struct syc_job **list,
		    struct syc_err *err)
{
	const struct sweep *w = &s->side[BASE];
	int ret;

	for (size_t i = 0; i < s->n_u; i++) {
		const struct syc_sweep_question *q =
			&s->plan->unrelated->question[i];

		job[i] = (struct syc_job){
			.id = q->id,
			.tokens = q->prompt[0].id,
			.n_tokens = q->prompt[0].n,
			.may_skip = q->prompt[0].n,
			.max_new = s->plan->max_new,
			.on_step = count_step,
			.user = &s->prompt[i].n,
		};
		list[i] = &job[i];
	}
	ret = syc_engine_run_all(w->engine, list, s->n_u, err);
	for (size_t i = 0; i < s->n_u && ret == 0; i++) {
		if (passage_of_answer(&s->prompt[i],
				      &s->plan->unrelated->question[i], 1,
				      &job[i].out, w->n_ctx) < 0)
			ret = syc_nomem(err);
		s->n_tokens += s->prompt[i].n;
	}
	return ret;
}

int ask_passages(struct study *s, struct syc_err *err)
{
	struct syc_job *job = syc_calloc(s->n_u + 1, sizeof(*job));
	struct syc_job **list = syc_calloc(s->n_u + 1, sizeof(*list));
	int ret = job && list ? generate(s, job, list, err) : syc_nomem(err);

	for (size_t i = 0; job && i < s->n_u; i++)
		syc_job_clear(&job[i]);
	free(job);
	free(list);
	return ret;
}
