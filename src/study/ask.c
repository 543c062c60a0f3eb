/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "base/mem.h"
#include "syc/ask.h"
#include "syc/record.h"

/* A question on its way. */
struct question {
	struct syc_job job;
	char *id;
	struct syc_ids ids;
	struct syc_choices choices;
	double p_match;
};

struct asking {
	struct syc_asked *out;
	size_t cap_id, cap_p, cap_prompt;
	const struct syc_prompter *prompter;
	struct syc_rows *rows;
	const struct syc_steer *steer;
	struct syc_recorder *recorder;
	size_t n_ctx;
};

static void question_free(struct question *q)
{
	if (!q)
		return;
	syc_take_free(q->job.rec);
	syc_job_clear(&q->job);
	syc_choices_free(&q->choices);
	syc_ids_free(&q->ids);
	free(q->id);
	free(q);
}

static void read_choice(struct syc_job *job, const float *logits)
{
	struct question *q = job->user;

	q->p_match = syc_choices_prob(&q->choices, logits);
}

static int set_job(struct question *q, const struct asking *a, struct syc_err *err)
{
	const struct syc_spots at = {
		.prompt = (uint32_t)q->ids.n - 1, .letter = SYC_NOWHERE,
		.begin = (uint32_t)q->ids.n, .end = SYC_NOWHERE,
	};

	q->job = (struct syc_job){
		.id = q->id, .tokens = q->ids.id, .n_tokens = q->ids.n,
		.may_skip = q->ids.n - 1, .user = q,
		.probe = q->choices.answer[0].id, .n_probe = q->choices.shared,
		.on_probe = read_choice, .rec = syc_take_new(a->recorder),
	};
	syc_steer_job(a->steer, &q->job, q->job.n_tokens);
	if (!q->job.rec || syc_take_begin(q->job.rec, &at) < 0)
		return syc_nomem(err);
	return 0;
}

/* Everything about the question of a row. */
static int fill(struct question *q, const struct asking *a, const struct syc_row *row,
		struct syc_err *err)
{
	int ret;

	if (!row->has_prompt)
		return syc_fail(err, SYC_EINVAL, "no prompt: the row needs question, messages, "
				"prompt or prompt_ids");
	q->id = strdup(row->id);
	ret = q->id ? syc_choices_init(&q->choices, a->prompter, row, err) : syc_nomem(err);
	if (ret == 0)
		ret = syc_prompter_ids(a->prompter, &row->prompt, &q->ids, NULL, err);
	if (ret < 0)
		return ret;
	if (!q->ids.n)
		return syc_fail(err, SYC_EINVAL, "the prompt is empty");
	if (q->ids.n + q->choices.shared + 1 > a->n_ctx)
		return syc_fail(err, SYC_EINVAL, "the prompt's %zu tokens do not fit the "
				"context of %zu", q->ids.n, a->n_ctx);
	return set_job(q, a, err);
}

static int next_job(void *arg, struct syc_job **job, struct syc_err *err)
{
	struct asking *a = arg;
	struct syc_row *row;
	int ret;

	*job = NULL;
	while ((ret = syc_rows_next(a->rows, &row, err)) == 1) {
		struct question *q = calloc(1, sizeof(*q));

		ret = q ? fill(q, a, row, err) : syc_nomem(err);
		syc_row_free(row);
		if (ret == 0) {
			*job = &q->job;
			return 0;
		}
		question_free(q);
		if (ret == SYC_ENOMEM || (ret = syc_rows_bad(a->rows, err)) < 0)
			return ret;
	}
	return ret;
}

static int keep(struct asking *a, struct question *q, struct syc_err *err)
{
	struct syc_asked *o = a->out;
	const size_t bytes = o->n_layers * o->dim * sizeof(float);
	float *x = malloc(bytes);

	if (!x || !syc_grow(&o->id, &a->cap_id, o->n + 1, sizeof(*o->id)) ||
	    !syc_grow(&o->p_match, &a->cap_p, o->n + 1, sizeof(*o->p_match)) ||
	    !syc_grow(&o->prompt, &a->cap_prompt, o->n + 1, sizeof(*o->prompt))) {
		free(x);
		return syc_nomem(err);
	}
	memcpy(x, syc_take_position(q->job.rec, SYC_POSITION_PROMPT), bytes);
	o->id[o->n] = q->id;
	q->id = NULL;
	o->p_match[o->n] = q->p_match;
	o->prompt[o->n++] = x;
	return 0;
}

static int job_done(void *arg, struct syc_job *job, struct syc_err *err)
{
	int ret = keep(arg, job->user, err);

	question_free(job->user);
	return ret;
}

static void job_dropped(void *arg, struct syc_job *job)
{
	(void)arg;
	question_free(job->user);
}

/* A recorder of all layers at the prompt's last token. */
static int make_recorder(struct asking *a, const struct syc_model *m, struct syc_err *err)
{
	uint32_t *all = calloc(a->out->n_layers, sizeof(*all));
	const struct syc_recorder_opts o = {
		.layers = all, .n_layers = a->out->n_layers,
		.positions = 1u << SYC_POSITION_PROMPT,
	};
	int ret;

	for (size_t l = 0; all && l < a->out->n_layers; l++)
		all[l] = (uint32_t)l;
	ret = all ? syc_recorder_new(&a->recorder, m, &o, err) : syc_nomem(err);
	free(all);
	return ret;
}

static int run(struct asking *a, const struct syc_model *m, struct syc_engine_opts eo,
	       struct syc_err *err)
{
	const struct syc_hook hooks[2] = { syc_steer_hook(), syc_recorder_hook(a->recorder) };
	struct syc_engine *e = NULL;
	int ret;

	eo.hooks = hooks;
	eo.n_hooks = 2;
	ret = syc_engine_new(&e, m, &eo, err);
	if (ret == 0)
		ret = syc_engine_run(e, next_job, job_done, job_dropped, a, err);
	if (ret == 0 && !a->out->n)
		ret = syc_fail(err, SYC_EINVAL, "there are no questions");
	syc_engine_free(e);
	return ret;
}

int syc_ask(struct syc_asked **out, const struct syc_model *m, const struct syc_prompter *p,
	    struct syc_rows *rows, const struct syc_steer *steer,
	    const struct syc_engine_opts *eo, struct syc_err *err)
{
	const struct syc_engine_opts defaults = { 0 };
	const struct syc_config *c = syc_model_config(m);
	struct asking a = { .prompter = p, .rows = rows, .steer = steer };
	int ret;

	*out = NULL;
	a.n_ctx = eo && eo->n_ctx ? eo->n_ctx : c->n_ctx;
	a.out = calloc(1, sizeof(*a.out));
	if (!a.out)
		return syc_nomem(err);
	a.out->n_layers = c->n_layers;
	a.out->dim = c->dim;
	ret = make_recorder(&a, m, err);
	if (ret == 0)
		ret = run(&a, m, eo ? *eo : defaults, err);
	syc_recorder_free(a.recorder);
	if (ret == 0)
		*out = a.out;
	else
		syc_asked_free(a.out);
	return ret;
}

void syc_asked_free(struct syc_asked *a)
{
	if (!a)
		return;
	for (size_t i = 0; i < a->n; i++) {
		free(a->id[i]);
		free(a->prompt[i]);
	}
	free(a->id);
	free(a->p_match);
	free(a->prompt);
	free(a);
}
