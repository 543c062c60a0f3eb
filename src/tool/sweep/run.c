/* SPDX-License-Identifier: MIT */
/*
 * The engine's jobs of a sweep.  All settings of one question come one after
 * the other, so that what they have in common is computed once.
 */
#include "config.h"
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "tool/common/fail.h"
#include "tool/sweep/sweep.h"

enum { NGRAM = 4 };

/* One job: a setting on a question or along a passage. */
struct item {
	struct syc_job job;
	struct sweep *w;
	struct sweep_setting *s;
	struct sweep_question *q;	/* or */
	struct sweep_passage *t;
	size_t row;			/* of the question, control behind */
	struct sweep_passage *made;	/* by the unsteered model's answer */
	double kl, nll, p;
	size_t n;
	bool failed;			/* out of memory in a callback */
};

struct run {
	struct sweep *w;
	struct sweep_setting **list;	/* [n] */
	size_t n;
	bool passages_only, base;
	size_t row, at;			/* next: of questions, control, passages; of list */
	size_t n_done, n_all;
};

static size_t vocab_size(const struct sweep *w)
{
	return syc_vocab_size(syc_model_vocab(w->model));
}

/* ---- reading -------------------------------------------------------------------- */

static void read_choice(struct syc_job *job, const float *logits)
{
	struct item *it = job->user;

	it->p = syc_choices_prob(&it->q->choices, logits);
}

/* Keep the unsteered model's log probabilities; they are n so far. */
static int keep(struct sweep_passage *t, size_t n, const float *logits, size_t n_vocab)
{
	float *p = realloc(t->logprob, (n + 1) * n_vocab * sizeof(*p));
	double lse = syc_log_sum_exp(logits, n_vocab);

	if (!p)
		return -1;
	t->logprob = p;
	for (size_t i = 0; i < n_vocab; i++)
		p[n * n_vocab + i] = (float)((double)logits[i] - lse);
	return 0;
}

static void keep_step(struct syc_job *job, const float *logits, int32_t chosen)
{
	struct item *it = job->user;

	(void)chosen;
	if (keep(it->made, it->n++, logits, vocab_size(it->w)) < 0)
		it->failed = true;
}

/* One distribution of a passage: KL(unsteered || this), and what the text has next. */
static void read_token(struct syc_job *job, uint32_t pos, const float *logits)
{
	struct item *it = job->user;
	struct sweep_passage *t = it->t;
	size_t n_vocab = vocab_size(it->w), i = pos - job->read_from;
	const float *base;
	double lse, kl = 0;

	if (i >= t->n)
		return;
	if (it->s->kind == SWEEP_NONE && keep(t, i, logits, n_vocab) < 0)
		it->failed = true;
	if (it->failed)
		return;
	base = t->logprob + i * n_vocab;
	lse = syc_log_sum_exp(logits, n_vocab);
	for (size_t k = 0; k < n_vocab; k++)
		if (base[k] > -1e30f)
			kl += exp((double)base[k]) * ((double)base[k] - ((double)logits[k] - lse));
	it->kl += it->s->kind == SWEEP_NONE ? 0 : kl;
	if (t->is_text)
		it->nll += lse - (double)logits[job->tokens[pos + 1]];
	it->n++;
}

/* The share of n-grams that were there before (Welleck et al. 2020, seq-rep-n). */
static double repetition(const struct syc_ids *ids)
{
	size_t n = ids->n - NGRAM + 1, repeated = 0;

	for (size_t i = 1; i < n; i++)
		for (size_t k = 0; k < i; k++)
			if (memcmp(ids->id + i, ids->id + k, NGRAM * sizeof(*ids->id)) == 0) {
				repeated++;
				break;
			}
	return (double)repeated / (double)n;
}

/* ---- jobs ------------------------------------------------------------------------- */

static struct item *new_item(struct run *r, struct sweep_setting *s)
{
	struct item *it = calloc(1, sizeof(*it));

	if (it) {
		it->w = r->w;
		it->s = s;
		it->job.user = it;
	}
	return it;
}

static struct item *question_item(struct run *r, struct sweep_setting *s, size_t row)
{
	struct sweep *w = r->w;
	bool is_control = row >= w->questions.n;
	struct sweep_question *q = is_control ? &w->control.q[row - w->questions.n] : &w->questions.q[row];
	const struct syc_ids *prompt = &q->prompt[s->variant];
	struct item *it = new_item(r, s);

	if (!it)
		return NULL;
	it->q = q;
	it->row = row;
	it->job.id = q->id;
	it->job.tokens = prompt->id;
	it->job.n_tokens = prompt->n;
	it->job.may_skip = prompt->n - 1;
	it->job.probe = q->choices.answer[0].id;
	it->job.n_probe = q->choices.shared;
	it->job.on_probe = read_choice;
	if (!is_control && row < w->n_answers)
		it->job.max_new = w->max_new;
	if (it->job.max_new && r->base) {
		it->made = &w->passage[row];
		it->job.on_step = keep_step;
	}
	return it;
}

static struct item *passage_item(struct run *r, struct sweep_setting *s, struct sweep_passage *t)
{
	struct item *it = new_item(r, s);

	if (!it)
		return NULL;
	it->t = t;
	it->job.id = "passage";
	it->job.tokens = t->tokens[s->variant].id;
	it->job.n_tokens = t->tokens[s->variant].n;
	it->job.read_from = t->n_prompt[s->variant] - 1;
	it->job.may_skip = it->job.read_from;
	it->job.on_token = read_token;
	return it;
}

/* Whether a row of the run has no part in a setting. */
static bool is_left_out(const struct run *r, const struct sweep_setting *s, const struct sweep_passage *t)
{
	if (r->base)		/* its answers are still to be made */
		return !t->is_text;
	if (r->passages_only && t->is_text != r->w->kl_on_text)
		return true;
	return !t->n || (t->is_text && s->variant);
}

static int next_job(void *arg, struct syc_job **job, struct syc_err *err)
{
	struct run *r = arg;
	struct sweep *w = r->w;
	size_t n_rows = w->questions.n + w->control.n;
	struct item *it = NULL;

	*job = NULL;
	for (; !it; r->at++) {
		struct sweep_setting *s;

		if (r->at == r->n) {
			r->at = 0;
			r->row++;
		}
		if (r->row >= n_rows + w->n_passages)
			return 0;
		s = r->list[r->at];
		if (r->row < n_rows) {
			it = question_item(r, s, r->row);
		} else if (is_left_out(r, s, &w->passage[r->row - n_rows])) {
			continue;
		} else {
			it = passage_item(r, s, &w->passage[r->row - n_rows]);
		}
		if (!it)
			return fail_nomem(err);
		syc_steer_job(s->steer, &it->job, it->t ? it->t->n_prompt[s->variant] : it->job.n_tokens);
	}
	*job = &it->job;
	return 0;
}

static void free_item(struct item *it)
{
	syc_job_clear(&it->job);
	free(it);
}

/*
 * The passage of the unsteered model's answer: its tokens behind each prompt,
 * as far as the context goes, since one with a system message is longer.
 */
static int make_passage(struct sweep *w, const struct item *it)
{
	const size_t n_ctx = w->load.ctx ? w->load.ctx : syc_model_config(w->model)->n_ctx;
	struct sweep_passage *t = it->made;

	t->tokens = calloc(w->n_variants, sizeof(*t->tokens));
	t->n_prompt = calloc(w->n_variants, sizeof(*t->n_prompt));
	if (!t->tokens || !t->n_prompt || it->failed)
		return -1;
	t->n = it->n;
	for (size_t i = 0; i < w->n_variants; i++) {
		const struct syc_ids *p = &it->q->prompt[i];
		const size_t behind = t->n ? t->n - 1 : 0, room = n_ctx - p->n;

		t->n_prompt[i] = p->n;
		if (syc_ids_add(&t->tokens[i], p->id, p->n) < 0 ||
		    syc_ids_add(&t->tokens[i], it->job.out.id, behind < room ? behind : room) < 0)
			return -1;
	}
	return 0;
}

static int take_passage(const struct item *it, struct syc_err *err)
{
	struct sweep_setting *s = it->s;

	if (!isfinite(it->kl) || !isfinite(it->nll)) {
		if (s->kind == SWEEP_STEER || s->kind == SWEEP_RANDOM) {
			s->kl_sum = s->text_kl_sum = INFINITY;
			return 0;
		}
		return fail(err, SYC_EINVAL, "the model's output is not finite");
	}
	if (it->t->is_text) {
		s->text_kl_sum += it->kl;
		s->n_text_kl += it->n;
		s->nll_sum += it->nll;
		s->n_nll += it->n;
	} else {
		s->kl_sum += it->kl;
		s->n_kl += it->n;
	}
	return 0;
}

static int take_question(struct run *r, const struct item *it, struct syc_err *err)
{
	struct sweep_setting *s = it->s;

	if (!isfinite(it->p))
		return fail(err, SYC_EINVAL, "row '%s': the model's output is not finite at %s %g, layer %s",
			    it->q->id, syc_steer_op_info(s->rule.op)->name, (double)s->rule.scale,
			    s->at ? s->at->text : "-");
	s->p_match[it->row] = (float)it->p;
	if (it->job.out.n >= NGRAM) {
		s->rep_sum += repetition(&it->job.out);
		s->n_rep++;
	}
	return it->made && make_passage(r->w, it) < 0 ? fail_nomem(err) : 0;
}

static int job_done(void *arg, struct syc_job *job, struct syc_err *err)
{
	struct run *r = arg;
	struct item *it = job->user;
	int ret = it->failed ? fail_nomem(err) : it->t ? take_passage(it, err) : take_question(r, it, err);

	free_item(it);
	r->n_done++;
	progress_show(&r->w->progress, r->n_done, (double)r->n_done / (double)r->n_all);
	return ret;
}

static void job_dropped(void *arg, struct syc_job *job)
{
	(void)arg;
	free_item(job->user);
}

static int run(struct run *r, struct syc_err *err)
{
	struct sweep *w = r->w;
	size_t n_rows = w->questions.n + w->control.n;
	int ret;

	for (size_t i = 0; i < r->n; i++) {
		struct sweep_setting *s = r->list[i];

		s->kl_sum = s->text_kl_sum = s->nll_sum = s->rep_sum = 0;
		s->n_kl = s->n_text_kl = s->n_nll = s->n_rep = 0;
	}
	r->row = r->passages_only ? n_rows : 0;
	r->n_all = (r->passages_only ? (w->kl_on_text ? 1 : w->n_passages - 1) : n_rows + w->n_passages) * r->n;
	progress_begin(&w->progress, w->tool, &w->common, "runs");
	ret = r->n ? syc_engine_run(w->engine, next_job, job_done, job_dropped, r, err) : 0;
	progress_end(&w->progress);
	return ret;
}

int sweep_run_base(struct sweep *w, struct syc_err *err)
{
	struct sweep_setting *base = &w->setting[0];
	struct run r = { .w = w, .list = &base, .n = 1, .base = true };

	return run(&r, err);
}

int sweep_run(struct sweep *w, struct sweep_setting **list, size_t n, bool passages_only,
	      struct syc_err *err)
{
	struct run r = { .w = w, .list = list, .n = n, .passages_only = passages_only };

	return run(&r, err);
}
