/* SPDX-License-Identifier: MIT */
/*
 * The engine's jobs of a sweep.  All settings of one question come one after
 * the other, those of one layer together, so that what they have in common is
 * computed once.
 */
#include "config.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "base/mem.h"
#include "study/sweep/sweep.h"

/* One job: a setting on a question or along a passage. */
struct item {
	struct syc_job job;
	const struct sweep *w;
	struct syc_sweep_setting *s;
	const struct syc_sweep_question *q;	/* or */
	struct passage *t;
	size_t row;		/* of the question, control behind */
	struct passage *made;	/* by the unsteered model's answer */
	double kl, nll, p;
	size_t n;
	bool failed;		/* out of memory in a callback */
};

struct run {
	struct sweep *w;
	struct syc_sweep_setting **list;	/* [n] by lowest layer */
	size_t n;
	enum scope scope;
	/* What is asked: questions, control, unrelated prompts. */
	size_t n_rows;
	size_t row, at; /* next: of rows, passages; of list */
	size_t n_done, n_all;
};

/* ---- reading -------------------------------------------------------------------- */

static void read_choice(struct syc_job *job, const float *logits)
{
	struct item *it = job->user;

	it->p = syc_choices_prob(&it->q->choices, logits);
}

static void keep_step(struct syc_job *job, const float *logits, int32_t chosen)
{
	struct item *it = job->user;

	(void)chosen;
	if (passage_keep(it->made, it->n++, logits, it->w) < 0)
		it->failed = true;
}

/* One distribution of a passage, and what the text has next. */
static void read_token(struct syc_job *job, uint32_t pos, const float *logits)
{
	struct item *it = job->user;
	const size_t i = pos - job->read_from;
	double lse, kl;

	if (i >= it->t->n)
		return;
	if (it->s->kind == SYC_SWEEP_NONE &&
	    passage_keep(it->t, i, logits, it->w) < 0)
		it->failed = true;
	if (it->failed)
		return;
	kl = passage_kl(it->t, i, logits, it->w, &lse);
	it->kl += it->s->kind == SYC_SWEEP_NONE ? 0 : kl;
	if (it->t->is_text)
		it->nll += lse - (double)logits[job->tokens[pos + 1]];
	it->n++;
}

double repetition(const struct syc_ids *ids)
{
	const size_t n = ids->n - NGRAM + 1;
	size_t repeated = 0;

	for (size_t i = 1; i < n; i++)
		for (size_t k = 0; k < i; k++)
			if (memcmp(ids->id + i, ids->id + k,
				   NGRAM * sizeof(*ids->id)) == 0) {
				repeated++;
				break;
			}
	return (double)repeated / (double)n;
}

/* ---- jobs ------------------------------------------------------------------------- */

static const struct syc_sweep_question *question_at(const struct sweep *w,
						    size_t row)
{
	const struct syc_sweep_plan *plan = w->plan;
	const struct syc_sweep_questions *of[] = {
		plan->questions, plan->control, plan->unrelated };

	for (size_t k = 0; k < 3; k++) {
		if (of[k] && row < of[k]->n)
			return &of[k]->question[row];
		row -= of[k] ? of[k]->n : 0;
	}
	return NULL;
}

/* The passage that the unsteered model's answer to a row becomes, or NULL. */
static struct passage *passage_from(const struct sweep *w, size_t row)
{
	const struct syc_sweep_plan *plan = w->plan;
	const size_t before = !plan->unrelated ? 0 : plan->questions->n +
			      (plan->control ? plan->control->n : 0);

	return row >= before && row - before < w->n_passages - 1 ?
		       &w->passage[row - before] : NULL;
}

static void ask(struct item *it, const struct run *r)
{
	const struct sweep *w = r->w;
	const struct syc_ids *prompt;

	it->row = r->row;
	it->q = question_at(w, r->row);
	prompt = &it->q->prompt[it->s->variant];
	it->job.id = it->q->id;
	it->job.tokens = prompt->id;
	it->job.n_tokens = prompt->n;
	it->job.may_skip = prompt->n;
	if (it->q->choices.n) {
		it->job.probe = it->q->choices.answer[0].id;
		it->job.n_probe = it->q->choices.shared;
		it->job.on_probe = read_choice;
	}
	if (r->row < w->plan->n_answers && r->row < w->plan->questions->n &&
	    r->scope != RUN_QUESTIONS)
		it->job.max_new = w->plan->max_new;
	if (r->scope == RUN_BASE && (it->made = passage_from(w, r->row))) {
		it->job.max_new = w->plan->max_new;
		it->job.on_step = keep_step;
	}
	syc_steer_job(it->s->steer, &it->job, prompt->n);
}

static void follow(struct item *it, struct passage *t)
{
	const size_t v = it->s->variant;

	it->t = t;
	it->job.id = "passage";
	it->job.tokens = t->tokens[v].id;
	it->job.n_tokens = t->tokens[v].n;
	it->job.read_from = t->n_prompt[v] - 1;
	it->job.may_skip = it->job.n_tokens;
	it->job.on_token = read_token;
	syc_steer_job(it->s->steer, &it->job, t->n_prompt[v]);
}

/* Whether a passage has no part in a setting. */
static bool is_left_out(const struct run *r, const struct syc_sweep_setting *s,
			const struct passage *t)
{
	if (r->scope == RUN_QUESTIONS)
		return true;
	if (r->scope == RUN_BASE)	/* its answers are still to be made */
		return !t->is_text;
	if (r->scope == RUN_PASSAGES && t->is_text != r->w->plan->kl_on_text)
		return true;
	return !t->n || (t->is_text && s->variant);
}

static int next_job(void *arg, struct syc_job **job, struct syc_err *err)
{
	struct run *r = arg;

	*job = NULL;
	for (;; r->at++) {
		struct passage *t = NULL;
		struct item *it;

		if (r->at == r->n) {
			r->at = 0;
			r->row++;
		}
		if (r->row >= r->n_rows + r->w->n_passages)
			return 0;
		if (r->row >= r->n_rows)
			t = &r->w->passage[r->row - r->n_rows];
		if (t && is_left_out(r, r->list[r->at], t))
			continue;
		it = calloc(1, sizeof(*it));
		if (!it)
			return syc_nomem(err);
		it->w = r->w;
		it->s = r->list[r->at++];
		it->job.user = it;
		if (t)
			follow(it, t);
		else
			ask(it, r);
		*job = &it->job;
		return 0;
	}
}

/* How many jobs the run has. */
static size_t count_jobs(const struct run *r)
{
	size_t n = r->scope == RUN_PASSAGES ? 0 : r->n * r->n_rows;

	for (size_t i = 0; i < r->n; i++)
		for (size_t k = 0; k < r->w->n_passages; k++)
			n += !is_left_out(r, r->list[i], &r->w->passage[k]);
	return n;
}

static void free_item(struct item *it)
{
	syc_job_clear(&it->job);
	free(it);
}

/* ---- results ------------------------------------------------------------------------ */

static struct sums *sums_of(const struct item *it)
{
	return &it->w->sums[it->s - it->w->all->setting];
}

static int take_passage(const struct item *it, struct syc_err *err)
{
	struct sums *sum = sums_of(it);

	if (!isfinite(it->kl) || !isfinite(it->nll)) {
		if (!is_steered(it->s))
			return syc_fail(err, SYC_EINVAL,
					"the model's output is not finite");
		sum->kl = sum->text_kl = INFINITY;
	} else if (it->t->is_text) {
		sum->text_kl += it->kl;
		sum->nll += it->nll;
		sum->n_text += it->n;
	} else {
		sum->kl += it->kl;
		sum->n_kl += it->n;
	}
	return 0;
}

/* Steered too far, or a model that is broken. */
static int not_finite(const struct item *it, struct syc_err *err)
{
	const struct syc_steer_rule *r = &it->s->rule;
	struct syc_buf at = { 0 };
	int ret;

	if (!is_steered(it->s))
		return syc_fail(err, SYC_EINVAL,
				"row '%s': the model's output is not finite",
				it->q->id);
	if (syc_sweep_layers_text(&at, r->layers, r->n_layers) < 0)
		ret = syc_nomem(err);
	else
		ret = syc_fail(err, SYC_EINVAL,
			       "row '%s': the model's output is not finite at "
			       "%s %g, layer %s", it->q->id,
			       syc_steer_op_info(r->op)->name, it->s->scale,
			       at.data);
	syc_buf_free(&at);
	return ret;
}

/* A question was answered: what is kept of that. */
static int take_answer(const struct item *it, struct syc_err *err)
{
	struct sums *sum = sums_of(it);
	const struct syc_ids *out = &it->job.out;

	if (out->n >= NGRAM) {
		sum->repetition += repetition(out);
		sum->n_repetition++;
	}
	if (!it->s->answer || it->row >= it->s->n_answered)
		return 0;
	return syc_ids_add(&it->s->answer[it->row], out->id, out->n) < 0 ?
		       syc_nomem(err) : 0;
}

static int take_question(const struct item *it, struct syc_err *err)
{
	struct passage *made = it->made;
	int ret = 0;

	if (it->q->choices.n) {
		if (!isfinite(it->p))
			return not_finite(it, err);
		it->s->p_match[it->row] = (float)it->p;
		ret = take_answer(it, err);
	}
	if (ret < 0 || !made)
		return ret;
	made->n = it->n;
	if (passage_of_answer(made, it->q, it->w->plan->questions->n_variants,
			      &it->job.out, it->w->n_ctx) < 0)
		return syc_nomem(err);
	return 0;
}

static void tell(const struct run *r)
{
	const struct syc_sweep_plan *plan = r->w->plan;

	if (plan->progress && !r->w->silent)
		plan->progress(plan->arg, r->n_done, r->n_all);
}

static int job_done(void *arg, struct syc_job *job, struct syc_err *err)
{
	struct run *r = arg;
	struct item *it = job->user;
	int ret = it->failed ? syc_nomem(err) :
		  it->t ? take_passage(it, err) : take_question(it, err);

	free_item(it);
	r->n_done++;
	tell(r);
	return ret;
}

static void job_dropped(void *arg, struct syc_job *job)
{
	(void)arg;
	free_item(job->user);
}

static uint32_t lowest_layer(const struct syc_sweep_setting *s)
{
	uint32_t low = UINT32_MAX;

	for (size_t i = 0; i < s->rule.n_layers; i++)
		if (s->rule.layers[i] < low)
			low = s->rule.layers[i];
	return low;
}

static int by_layer(const void *a, const void *b)
{
	const struct syc_sweep_setting *s = *(struct syc_sweep_setting *const *)a,
				       *t = *(struct syc_sweep_setting *const *)b;
	const uint32_t x = lowest_layer(s), y = lowest_layer(t);

	return x != y ? (x > y) - (x < y) : (s > t) - (s < t);
}

int sweep_pass(struct sweep *w, struct syc_sweep_setting *const *list, size_t n,
	       enum scope scope, struct syc_err *err)
{
	const struct syc_sweep_plan *plan = w->plan;
	struct run r = {
		.w = w, .n = n, .scope = scope, .n_rows = plan->questions->n,
		.list = syc_calloc(n + 1, sizeof(*r.list)),
	};
	int ret = r.list ? 0 : syc_nomem(err);

	if (scope != RUN_QUESTIONS && plan->control)
		r.n_rows += plan->control->n;
	if (scope == RUN_BASE && plan->unrelated)
		r.n_rows += plan->unrelated->n;

	for (size_t i = 0; i < n && ret == 0; i++) {
		w->sums[list[i] - w->all->setting] = (struct sums){ 0 };
		r.list[i] = list[i];
	}
	if (ret == 0 && n) {
		qsort(r.list, n, sizeof(*r.list), by_layer);
		r.row = scope == RUN_PASSAGES ? r.n_rows : 0;
		r.n_all = count_jobs(&r);
		tell(&r);
		ret = syc_engine_run(w->engine, next_job, job_done, job_dropped,
				     &r, err);
	}
	free(r.list);
	return ret;
}
