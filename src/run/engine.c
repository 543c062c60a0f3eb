/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <cblas.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base/err.h"
#include "base/mem.h"
#include "run/product.h"

enum { DEFAULT_BATCH = 512, DEFAULT_SLOTS = 32 };

void syc_job_clear(struct syc_job *job)
{
	syc_ids_free(&job->out);
	syc_buf_free(&job->text);
	free(job->token_logprob);
	job->token_logprob = NULL;
	job->cap_logprob = 0;
	job->logprob = 0;
	job->finish = SYC_FINISH_NONE;
}

/* ---- steps -------------------------------------------------------------------- */

/* Tokens of a slot that wait to go on from one block. */
static size_t n_ready(const struct syc_slot *s)
{
	size_t n = syc_stem_from(s) ? s->root_end - s->pos : s->n_feed;

	if (s->phase == SYC_PHASE_DONE)
		return 0;
	return n < s->n_feed ? n : s->n_feed;
}

/* The block that most waiting tokens begin at: prompts come before answers. */
static uint32_t choose_block(const struct syc_engine *e)
{
	uint32_t best = 0;

	memset(e->n_waiting, 0, (e->n_layers + 1) * sizeof(*e->n_waiting));
	for (size_t i = 0; i < e->n_queue; i++)
		e->n_waiting[syc_stem_from(e->queue[i])] += n_ready(e->queue[i]);
	for (uint32_t l = 1; l <= e->n_layers; l++)
		if (e->n_waiting[l] > e->n_waiting[best])
			best = l;
	return best;
}

/* Put as many of a slot's waiting tokens into the batch as fit. */
static void fill_from(struct syc_engine *e, struct syc_slot *s)
{
	struct syc_batch *b = &e->b;
	size_t n = n_ready(s);

	n = n < b->max - b->n ? n : b->max - b->n;
	for (size_t i = 0; i < n; i++) {
		b->token[b->n + i] = s->feed[i];
		b->slot[b->n + i] = s;
		b->at[b->n + i] = (struct syc_where){
			s->job,
			s->pos + (uint32_t)i,
			s->phase == SYC_PHASE_PROBE,
		};
		if (s->phase == SYC_PHASE_PROMPT && s->job->on_token &&
		    s->pos + i >= s->job->read_from)
			b->read_row[b->n_read++] = b->n + i;
	}
	s->feed += n;
	s->n_feed -= n;
	s->pos += (uint32_t)n;
	b->n += n;
	if (s->phase == SYC_PHASE_PROMPT)
		e->stats.n_prompt += n;
	e->stats.n_blocks_shared += n * b->from;
	if (n && s->phase != SYC_PHASE_PROBE)
		s->last_pos = s->pos - 1;
	if (n && !s->n_feed && s->want_logits)
		b->logit_row[b->n_logits++] = b->n - 1;
}

static int step(struct syc_engine *e, struct syc_err *err)
{
	struct syc_batch *b = &e->b;
	size_t at = 0;
	int ret = 0;

	b->n = b->n_logits = b->n_read = 0;
	b->from = choose_block(e);
	/* Single tokens first: they must not wait behind a long prompt. */
	for (int single = 1; single >= 0; single--)
		for (size_t i = 0; i < e->n_queue; i++)
			if (syc_stem_from(e->queue[i]) == b->from &&
			    (e->queue[i]->n_feed == 1) == single)
				fill_from(e, e->queue[i]);
	if (b->n)
		syc_forward(e);
	for (size_t i = 0; i < e->n_queue && ret == 0; i++)
		ret = syc_slot_follow(e, e->queue[i], err);
	for (size_t i = 0; i < e->n_queue && ret == 0; i++) {
		struct syc_slot *s = e->queue[i];
		const float *logits = NULL, *score = NULL;

		if (s->phase == SYC_PHASE_DONE || s->phase == SYC_PHASE_WAIT ||
		    s->n_feed)
			continue;
		for (at = 0; s->want_logits && at < b->n_logits; at++) {
			if (b->slot[b->logit_row[at]] != s)
				continue;
			logits = b->logits + at * e->m->cfg.n_vocab;
			score = b->score + at;
		}
		ret = syc_slot_computed(e, s, logits, score, err);
	}
	return ret;
}

/* Hand back what is done, oldest first. */
static int drain(struct syc_engine *e, int (*done)(void *, struct syc_job *,
						   struct syc_err *),
		 void *arg, struct syc_err *err)
{
	size_t n = 0;
	int ret = 0;

	while (n < e->n_queue && e->queue[n]->phase == SYC_PHASE_DONE &&
	       ret == 0) {
		struct syc_job *job = e->queue[n]->job;

		syc_slot_release(e, e->queue[n]);
		e->stats.n_jobs++;
		ret = done(arg, job, err);
		n++;
	}
	e->n_queue -= n;
	memmove(e->queue, e->queue + n, e->n_queue * sizeof(struct syc_slot *));
	return ret;
}

static struct syc_slot *free_slot(struct syc_engine *e)
{
	for (size_t i = 0; i < e->n_slots; i++)
		if (e->slot[i].phase == SYC_PHASE_FREE)
			return &e->slot[i];
	return NULL;
}

struct feeder {
	int (*next)(void *arg, struct syc_job **job, struct syc_err *err);
	void *arg;
	struct syc_job *waiting;	/* asked for, not yet admitted */
	bool ended;
};

/* Admit jobs while there is a slot and memory. */
static int refill(struct syc_engine *e, struct feeder *f, struct syc_err *err)
{
	struct syc_slot *s;
	int ret;

	while ((s = free_slot(e)) && !(f->ended && !f->waiting)) {
		if (!f->waiting) {
			e->later = false;
			ret = f->next(f->arg, &f->waiting, err);
			if (ret < 0)
				return ret;
			if (!f->waiting) {
				f->ended = !e->later;
				return 0;
			}
			ret = syc_slot_check(e, f->waiting, err);
			if (ret < 0)
				return ret;
		}
		ret = syc_slot_admit(e, s, f->waiting, err);
		if (ret <= 0)
			return ret;
		f->waiting = NULL;
	}
	return 0;
}

bool syc_engine_later(struct syc_engine *e)
{
	return e->later = e->n_queue > 0;
}

int syc_engine_run(struct syc_engine *e,
		   int (*next)(void *arg, struct syc_job **job,
			       struct syc_err *err),
		   int (*done)(void *arg, struct syc_job *job,
			       struct syc_err *err),
		   void (*drop)(void *arg, struct syc_job *job), void *arg,
		   struct syc_err *err)
{
	struct feeder f = { next, arg, NULL, false };
	double start = syc_seconds();
	int ret;

	while ((ret = refill(e, &f, err)) == 0 && e->n_queue) {
		if ((ret = step(e, err)) < 0 ||
		    (ret = drain(e, done, arg, err)) < 0)
			break;
	}
	for (size_t i = 0; i < e->n_queue; i++) {
		struct syc_job *job = e->queue[i]->job;

		syc_slot_release(e, e->queue[i]);
		drop(arg, job);
	}
	e->n_queue = 0;
	if (f.waiting)
		drop(arg, f.waiting);
	e->stats.seconds += syc_seconds() - start;
	return ret;
}

struct jobs_left {
	struct syc_job *const *job;	/* [n] */
	size_t n;
};

static int next_of(void *arg, struct syc_job **job, struct syc_err *err)
{
	struct jobs_left *l = arg;

	(void)err;
	*job = l->n ? (l->n--, *l->job++) : NULL;
	return 0;
}

static int keep_done(void *arg, struct syc_job *job, struct syc_err *err)
{
	(void)arg, (void)job, (void)err;
	return 0;
}

static void keep_dropped(void *arg, struct syc_job *job)
{
	(void)arg, (void)job;
}

int syc_engine_run_all(struct syc_engine *e, struct syc_job *const *jobs,
		       size_t n, struct syc_err *err)
{
	struct jobs_left left = { jobs, n };

	return syc_engine_run(e, next_of, keep_done, keep_dropped, &left, err);
}

/* ---- life ----------------------------------------------------------------------- */

/* Bytes of one stored key or value. */
static size_t kv_elem(const struct syc_model *m)
{
	return m->compute == SYC_COMPUTE_F32 ? sizeof(float) : sizeof(uint16_t);
}

size_t syc_engine_fair_share(size_t weights)
{
	const size_t all = syc_machine_memory(), most = all / 5 * 3, least = all / 16;
	const size_t beside = weights < most ? most - weights : 0;

	return beside > all / 4 ? all / 4 : beside > least ? beside : least;
}

void syc_engine_sizes(struct syc_engine *e, const struct syc_model *m,
		      const struct syc_engine_opts *o)
{
	const struct syc_config *c = &m->cfg;
	size_t widest, per_token;

	e->m = m;
	e->n_ctx = o->n_ctx ? o->n_ctx : c->n_ctx;
	e->n_layers = o->n_layers ? o->n_layers : c->n_layers;
	e->q_dim = (size_t)c->n_heads * c->head_dim;
	e->kv_dim = (size_t)c->n_kv_heads * c->head_dim;
	widest = c->ffn_dim > c->dim ? c->ffn_dim : c->dim;
	e->wide = syc_round_up(widest > e->q_dim ? widest : e->q_dim,
			       SYC_Q_BLOCK);
	e->hooks = o->hooks;
	e->n_hooks = o->n_hooks;
	per_token = syc_engine_kv_bytes(m) / c->n_layers * e->n_layers;
	/* With f32 what ran before must not change a row's last bits. */
	syc_cache_init(&e->cache, per_token, c->head_dim * kv_elem(m),
		       o->kv_memory ? o->kv_memory : syc_engine_fair_share(m->memory),
		       m->compute != SYC_COMPUTE_F32 && !o->no_sharing);
	/* With f32 the shape of a product can change its last bits: one row
	 * at a time keeps a row's result its own. */
	e->n_slots = m->compute == SYC_COMPUTE_F32 ? 1 :
		     o->n_slots			   ? o->n_slots :
						     DEFAULT_SLOTS;
	e->b.max = o->batch ? o->batch : DEFAULT_BATCH;
	if (e->b.max < e->n_slots)
		e->b.max = e->n_slots;
	syc_stem_init(e);
}

int syc_engine_new(struct syc_engine **out, const struct syc_model *m,
		   const struct syc_engine_opts *o, struct syc_err *err)
{
	static const struct syc_engine_opts none;
	const struct syc_config *c = &m->cfg;
	struct syc_engine *e;
	int ret;

	*out = NULL;
	if (!o)
		o = &none;
	if (o->n_ctx > c->n_ctx || o->n_layers > c->n_layers)
		return syc_fail(err, SYC_EINVAL,
				"the model has a context of %" PRIu32 " and "
				"%" PRIu32 " blocks", c->n_ctx, c->n_layers);
	e = calloc(1, sizeof(*e));
	if (!e)
		return syc_nomem(err);
	e->kern = &m->kern;
	syc_engine_sizes(e, m, o);
	openblas_set_num_threads(1);
	ret = syc_par_new(&e->par, o->threads, err);
	if (ret == 0)
		ret = syc_buffers_new(e, err);
	e->second_pass = m->compute == SYC_COMPUTE_INT8X2 ? 0 : SYC_SECOND_PASS;
	e->sgemm_from = m->compute == SYC_COMPUTE_F32 ? 1 : SIZE_MAX;
	if (ret == 0 && m->compute == SYC_COMPUTE_AUTO)
		syc_autotune(e);
	e->stats.sgemm_from = e->sgemm_from == SIZE_MAX ? 0 : e->sgemm_from;
	if (ret < 0) {
		syc_engine_free(e);
		return ret;
	}
	*out = e;
	return 0;
}

void syc_engine_free(struct syc_engine *e)
{
	if (!e)
		return;
	for (size_t i = 0; e->slot && i < e->n_slots; i++) {
		free(e->slot[i].page);
		free(e->slot[i].root.page);
		free(e->slot[i].own.page);
	}
	syc_cache_free(&e->stem);
	syc_cache_free(&e->cache);
	syc_buffers_free(e);
	syc_par_free(e->par);
	free(e);
}

void syc_engine_stats(const struct syc_engine *e, struct syc_engine_stats *s)
{
	*s = e->stats;
}

size_t syc_engine_kv_bytes(const struct syc_model *m)
{
	const struct syc_config *c = &m->cfg;

	return 2 * kv_elem(m) * c->n_layers * c->n_kv_heads * c->head_dim;
}
