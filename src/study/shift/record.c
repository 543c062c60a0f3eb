/* SPDX-License-Identifier: MIT */
/*
 * Activations of both models at the ends of prompts and of answers, some questions at a
 * time; of them only what claims add up to is kept.
 */
#include "config.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "base/mem.h"
#include "study/shift/shift.h"
#include "syc/record.h"

enum { QUESTIONS = 32 };	/* at a time */

static const enum syc_position position_of[N_PLACES] = {
	[AT_PROMPT] = SYC_POSITION_PROMPT, [AT_LAST] = SYC_POSITION_LAST,
};

struct recording {
	struct study *s;
	struct moments *m;
	struct syc_recorder *recorder[N_SIDES];
	struct syc_hook hook[N_SIDES];
	struct syc_engine *engine[N_SIDES];
	/* The base's, until the tuned model's come: [of a chunk][layers][dim] */
	float *kept[N_PLACES];
	size_t cap;		/* answers of a chunk */
	/* Now: */
	int side;
	size_t from, to;	/* questions */
	size_t row, answer;	/* next */
	size_t n[N_PLACES];	/* taken */
	size_t n_done;
};

struct item {
	struct syc_job job;
	struct syc_ids ids;
	uint32_t claim;
	bool first;		/* of its question: the prompt counts once */
};

/* ---- what is kept ------------------------------------------------------------- */

size_t moments_at(const struct moments *m, int place, size_t layer)
{
	return (size_t)place * m->n_layers + layer;
}

int moments_init(struct moments *m, const struct study *s, struct syc_err *err)
{
	const struct syc_config *c = syc_model_config(s->plan->base);
	const struct syc_sweep_questions *q = s->plan->questions;
	size_t n;

	*m = (struct moments){ .n_layers = c->n_layers, .dim = c->dim, .n_claims = q->n_claims };
	n = N_PLACES * m->n_layers;
	m->square = syc_calloc(n * q->n_claims, sizeof(double));
	m->base_square = syc_calloc(n, sizeof(double));
	m->base_mean = syc_calloc(n * c->dim, sizeof(double));
	m->shift = syc_mul(&n, n, q->n_claims) && syc_mul(&n, n, c->dim) ?
		syc_calloc(n, sizeof(double)) : NULL;
	for (int k = 0; k < N_PLACES; k++)
		m->count[k] = syc_calloc(q->n_claims + 1, sizeof(double));
	if (!m->square || !m->base_square || !m->base_mean || !m->shift ||
	    !m->count[AT_PROMPT] || !m->count[AT_LAST])
		return syc_nomem(err);
	m->bytes = n * sizeof(double);
	for (size_t i = 0; i < q->n; i++) {
		m->count[AT_PROMPT][q->question[i].claim]++;
		m->count[AT_LAST][q->question[i].claim] +=
			(double)q->question[i].choices.n;
	}
	return 0;
}

void moments_free(struct moments *m)
{
	free(m->shift);
	free(m->square);
	free(m->base_mean);
	free(m->base_square);
	for (int k = 0; k < N_PLACES; k++)
		free(m->count[k]);
	*m = (struct moments){ 0 };
}

/* One text's activations of a layer, the base's x and the tuned model's y. */
static void add(struct moments *m, int place, size_t layer, uint32_t claim,
		const float *x, const float *y)
{
	const size_t at = moments_at(m, place, layer);
	const double w = 1 / m->count[place][claim];
	double *s = m->shift + (at * m->n_claims + claim) * m->dim;
	double *mean = m->base_mean + at * m->dim, sq = 0, base_sq = 0;

	for (size_t j = 0; j < m->dim; j++) {
		const double a = (double)x[j], d = (double)y[j] - a;

		s[j] += w * d;
		sq += d * d;
		mean[j] += w * a / (double)m->n_claims;
		base_sq += a * a;
	}
	m->square[at * m->n_claims + claim] += w * sq;
	m->base_square[at] += w * base_sq / (double)m->n_claims;
}

/* ---- jobs --------------------------------------------------------------------- */

static int set_job(struct item *it, const struct recording *r,
		   const struct syc_sweep_question *q,
		   const struct syc_ids *answer, struct syc_err *err)
{
	const uint32_t n = (uint32_t)q->prompt[0].n,
		       end = n + (uint32_t)answer->n;
	const struct syc_spots at = {
		.prompt = n - 1,
		.letter = SYC_NOWHERE,
		.begin = n,
		.end = end,
		.n_tokens = end,
	};

	if (syc_ids_add(&it->ids, q->prompt[0].id, n) < 0 ||
	    syc_ids_add(&it->ids, answer->id, answer->n) < 0)
		return syc_nomem(err);
	it->job = (struct syc_job){
		.id = q->id,
		.tokens = it->ids.id,
		.n_tokens = end,
		.n_prompt = n,
		.may_skip = n - 1,
		.user = it,
		.rec = syc_take_new(r->recorder[r->side]),
	};
	return it->job.rec && syc_take_begin(it->job.rec, &at) == 0
		       ? 0
		       : syc_nomem(err);
}

static void item_free(struct item *it)
{
	syc_take_free(it->job.rec);
	syc_job_clear(&it->job);
	syc_ids_free(&it->ids);
	free(it);
}

static int next_job(void *arg, struct syc_job **job, struct syc_err *err)
{
	struct recording *r = arg;
	const struct syc_sweep_question *q;
	struct item *it;
	int ret;

	*job = NULL;
	if (r->row == r->to)
		return 0;
	it = calloc(1, sizeof(*it));
	if (!it)
		return syc_nomem(err);
	q = &r->s->plan->questions->question[r->row];
	it->claim = q->claim;
	it->first = !r->answer;
	ret = set_job(it, r, q, &q->choices.answer[r->answer], err);
	if (ret < 0) {
		item_free(it);
		return ret;
	}
	if (++r->answer == q->choices.n) {
		r->answer = 0;
		r->row++;
	}
	*job = &it->job;
	return 0;
}

static int take(struct recording *r, const struct item *it, int place,
		struct syc_err *err)
{
	const struct moments *m = r->m;
	const size_t size = m->n_layers * m->dim;
	const float *x = syc_take_position(it->job.rec, position_of[place]);
	float *kept = r->kept[place] + r->n[place]++ * size;

	for (size_t i = 0; i < size; i++)
		if (!isfinite(x[i]))
			return syc_fail(err, SYC_EINVAL,
					"row '%s': an activation is not finite",
					it->job.id);
	if (r->side == BASE)
		memcpy(kept, x, size * sizeof(*x));
	for (size_t l = 0; l < m->n_layers && r->side == TUNED; l++)
		add(r->m, place, l, it->claim, kept + l * m->dim,
		    x + l * m->dim);
	return 0;
}

static int job_done(void *arg, struct syc_job *job, struct syc_err *err)
{
	const struct syc_shift_plan *plan = ((struct recording *)arg)->s->plan;
	struct recording *r = arg;
	struct item *it = job->user;
	int ret = take(r, it, AT_LAST, err);

	if (ret == 0 && it->first) {
		ret = take(r, it, AT_PROMPT, err);
		r->n_done++;
		if (plan->progress)
			plan->progress(plan->arg, r->s->part, r->n_done,
				       N_SIDES * r->s->n_q);
	}
	item_free(it);
	return ret;
}

static void job_dropped(void *arg, struct syc_job *job)
{
	(void)arg;
	item_free(job->user);
}

/* ---- both models -------------------------------------------------------------- */

static int open_side(struct recording *r, int side, const uint32_t *layers,
		     struct syc_err *err)
{
	const struct syc_shift_plan *plan = r->s->plan;
	const struct syc_model *model = side == BASE ? plan->base : plan->tuned;
	const struct syc_recorder_opts o = {
		.layers = layers,
		.n_layers = r->m->n_layers,
		.positions =
			1u << SYC_POSITION_PROMPT | 1u << SYC_POSITION_LAST,
	};
	struct syc_engine_opts eo = plan->engine;
	int ret = syc_recorder_new(&r->recorder[side], model, &o, err);

	if (ret < 0)
		return ret;
	r->hook[side] = syc_recorder_hook(r->recorder[side]);
	eo.hooks = &r->hook[side];
	eo.n_hooks = 1;
	return syc_engine_new(&r->engine[side], model, &eo, err);
}

static int open_both(struct recording *r, struct syc_err *err)
{
	uint32_t *layers = syc_calloc(r->m->n_layers, sizeof(*layers));
	int ret = layers ? 0 : syc_nomem(err);

	for (size_t l = 0; layers && l < r->m->n_layers; l++)
		layers[l] = (uint32_t)l;
	for (int side = 0; side < N_SIDES && ret == 0; side++)
		ret = open_side(r, side, layers, err);
	free(layers);
	return ret;
}

/* Room for the answers of the questions that have most. */
static int make_room(struct recording *r, struct syc_err *err)
{
	const size_t size = r->m->n_layers * r->m->dim;

	for (size_t i = 0, n = 0; i < r->s->n_q; i++) {
		n = (i % QUESTIONS ? n : 0) +
		    r->s->plan->questions->question[i].choices.n;
		r->cap = n > r->cap ? n : r->cap;
	}
	r->kept[AT_PROMPT] = syc_calloc(QUESTIONS * size, sizeof(float));
	r->kept[AT_LAST] = syc_calloc(r->cap * size, sizeof(float));
	return r->kept[AT_PROMPT] && r->kept[AT_LAST] ? 0 : syc_nomem(err);
}

static int run_chunk(struct recording *r, size_t from, struct syc_err *err)
{
	int ret = 0;

	r->to = from + QUESTIONS < r->s->n_q ? from + QUESTIONS : r->s->n_q;
	for (r->side = BASE; r->side < N_SIDES && ret == 0; r->side++) {
		r->row = from;
		r->answer = r->n[AT_PROMPT] = r->n[AT_LAST] = 0;
		ret = syc_engine_run(r->engine[r->side], next_job, job_done,
				     job_dropped, r, err);
	}
	return ret;
}

int record_shifts(struct moments *m, struct study *s, struct syc_err *err)
{
	struct recording r = { .s = s, .m = m };
	int ret = open_both(&r, err);

	if (ret == 0)
		ret = make_room(&r, err);
	for (size_t i = 0; i < s->n_q && ret == 0; i += QUESTIONS)
		ret = run_chunk(&r, i, err);
	for (int k = 0; k < N_SIDES; k++) {
		syc_engine_free(r.engine[k]);
		syc_recorder_free(r.recorder[k]);
	}
	for (int k = 0; k < N_PLACES; k++)
		free(r.kept[k]);
	return ret;
}
