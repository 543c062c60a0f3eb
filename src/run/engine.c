/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <cblas.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "base/err.h"
#include "base/mem.h"
#include "base/rand.h"
#include "kern/math.h"
#include "run/engine.h"

enum { DEFAULT_BATCH = 512, DEFAULT_SLOTS = 16, TILE_ROWS = 64 };

void syc_job_clear(struct syc_job *job)
{
	syc_ids_free(&job->out);
	syc_buf_free(&job->text);
	job->logprob = 0;
	job->finish = SYC_FINISH_NONE;
}

/* ---- one slot --------------------------------------------------------------- */

static void feed(struct syc_slot *s, enum syc_phase phase, const int32_t *tokens, size_t n,
		 uint32_t pos, bool want_logits)
{
	s->phase = phase;
	s->feed = tokens;
	s->n_feed = n;
	s->pos = pos;
	s->want_logits = want_logits;
}

/* What comes after a token was chosen, or the prompt has been computed. */
static void go_on(struct syc_slot *s)
{
	struct syc_job *job = s->job;
	uint32_t end = (uint32_t)(job->n_tokens + job->out.n);

	if (s->generating)
		feed(s, SYC_PHASE_GENERATE, &s->next, 1, end - 1, true);
	else if (job->feed_last && job->out.n && s->last_pos != end - 1)
		feed(s, SYC_PHASE_LAST, &job->out.id[job->out.n - 1], 1, end - 1, false);
	else
		s->phase = SYC_PHASE_DONE;
}

/* Cut the answer at the first stop text; true when there was one. */
static bool cut_at_stop(const struct syc_engine *e, struct syc_job *job)
{
	size_t cut = SIZE_MAX, len = 0, keep = 0;

	for (size_t i = 0; i < job->n_stop; i++) {
		size_t n = strlen(job->stop[i]);
		const char *p = n ? memmem(job->text.data, job->text.len, job->stop[i], n) : NULL;

		if (p && (size_t)(p - job->text.data) < cut)
			cut = (size_t)(p - job->text.data);
	}
	if (cut == SIZE_MAX)
		return false;
	/* Keep the tokens that begin in front of the cut. */
	for (size_t n; keep < job->out.n && len < cut; keep++) {
		syc_vocab_piece(e->m->vocab, job->out.id[keep], false, &n);
		len += n;
	}
	job->out.n = keep;
	job->text.len = cut;
	job->text.data[cut] = 0;
	return true;
}

static int add_token(struct syc_engine *e, struct syc_slot *s, int32_t id, struct syc_err *err)
{
	struct syc_job *job = s->job;
	size_t n;
	const char *piece = syc_vocab_piece(e->m->vocab, id, false, &n);

	if (syc_ids_add(&job->out, &id, 1) < 0 || syc_buf_add(&job->text, piece ? piece : "", n) < 0)
		return syc_nomem(err);
	e->stats.n_generated++;
	if (job->n_stop && cut_at_stop(e, job)) {
		job->finish = SYC_FINISH_STOP;
		s->generating = false;
	} else if (job->out.n == job->max_new || job->n_tokens + job->out.n >= e->n_ctx) {
		job->finish = SYC_FINISH_LENGTH;
		s->generating = false;
	}
	return 0;
}

/* Choose the next token from the logits. */
static int take_token(struct syc_engine *e, struct syc_slot *s, const float *logits, struct syc_err *err)
{
	struct syc_job *job = s->job;
	size_t n = syc_vocab_size(e->m->vocab);
	double lse = syc_log_sum_exp(e->kern, logits, n, e->probs);

	if (isnan(lse))
		return syc_fail(err, SYC_EINVAL, "row '%s': the model's output is not finite after %zu tokens",
				job->id, job->n_tokens + job->out.n);
	s->next = syc_choose(e->kern, logits, n, job->sampling, syc_rand_unit(s->key, job->out.n),
			     e->probs, e->heap);
	if (job->on_step)
		job->on_step(job, logits, s->next);
	if (syc_vocab_is_end(e->m->vocab, s->next)) {
		job->finish = SYC_FINISH_STOP;
		s->generating = false;
		return 0;
	}
	job->logprob += (double)logits[s->next] - lse;
	return add_token(e, s, s->next, err);
}

/* The tokens fed to a slot are computed; logits is NULL unless wanted. */
static int slot_computed(struct syc_engine *e, struct syc_slot *s, const float *logits, struct syc_err *err)
{
	struct syc_job *job = s->job;
	int ret = 0;

	if (s->phase == SYC_PHASE_PROBE) {
		job->on_probe(job, logits);
		go_on(s);
		return 0;
	}
	if (s->phase == SYC_PHASE_PROMPT && job->on_probe && !job->n_probe)
		job->on_probe(job, logits);
	if (s->generating)
		ret = take_token(e, s, logits, err);
	if (s->phase == SYC_PHASE_PROMPT && job->on_probe && job->n_probe)
		feed(s, SYC_PHASE_PROBE, job->probe, job->n_probe, (uint32_t)job->n_tokens, true);
	else
		go_on(s);
	return ret;
}

/* ---- admission ---------------------------------------------------------------- */

static int check_job(const struct syc_engine *e, const struct syc_job *job, struct syc_err *err)
{
	size_t len = job->n_tokens + job->n_probe;

	if (!job->n_tokens)
		return syc_fail(err, SYC_EINVAL, "row '%s': no tokens", job->id);
	if (len > e->n_ctx || len < job->n_probe)
		return syc_fail(err, SYC_EINVAL, "row '%s': %zu tokens do not fit the context of %" PRIu32,
				job->id, len, e->n_ctx);
	for (size_t i = 0; i < len; i++) {
		int32_t id = i < job->n_tokens ? job->tokens[i] : job->probe[i - job->n_tokens];

		if (id < 0 || (uint32_t)id >= e->m->cfg.n_vocab)
			return syc_fail(err, SYC_EINVAL, "row '%s': token %" PRId32 " is not in the vocabulary of %" PRIu32,
					job->id, id, e->m->cfg.n_vocab);
	}
	if ((job->max_new || job->on_probe) && e->n_layers < e->m->cfg.n_layers)
		return syc_fail(err, SYC_EINVAL, "row '%s': generating needs all blocks", job->id);
	return 0;
}

static int grow_rope(struct syc_engine *e, size_t n, struct syc_err *err)
{
	size_t half = e->m->cfg.head_dim / 2, cap = e->n_rope;
	double s, c;

	if (n <= cap)
		return 0;
	if (n < 2 * cap && 2 * cap <= e->n_ctx)
		n = 2 * cap;
	if (!syc_grow(&e->rope, &cap, n, e->m->cfg.head_dim * sizeof(float)))
		return syc_nomem(err);
	for (size_t pos = e->n_rope; pos < n; pos++) {
		for (size_t i = 0; i < half; i++) {
			syc_sincos((double)((float)pos * e->m->rope_freq[i]), &s, &c);
			e->rope[(pos * half + i) * 2] = (float)c;
			e->rope[(pos * half + i) * 2 + 1] = (float)s;
		}
	}
	e->n_rope = n;
	return 0;
}

static int grow_scores(struct syc_engine *e, size_t n, struct syc_err *err)
{
	float *p;

	if (n <= e->n_score)
		return 0;
	n = syc_round_up(n, 256);
	p = syc_aligned(n * syc_par_threads(e->par), sizeof(*p));
	if (!p)
		return syc_nomem(err);
	free(e->score);
	e->score = p;
	e->n_score = n;
	return 0;
}

/* Room for cap positions in s; 1 there is, 0 not while others run. */
static int make_room(struct syc_engine *e, struct syc_slot *s, const struct syc_job *job,
		     size_t cap, struct syc_err *err)
{
	size_t per = syc_engine_kv_bytes(e->m), bytes = cap * per;

	if (s->cap < cap) {
		if (e->kv_used - s->cap * per + bytes > e->kv_memory) {
			/* Give back what idle slots hold, then look again. */
			for (size_t i = 0; i < e->n_slots; i++) {
				struct syc_slot *o = &e->slot[i];

				if (o->phase != SYC_PHASE_FREE)
					continue;
				e->kv_used -= o->cap * per;
				free(o->k);
				free(o->v);
				o->k = o->v = NULL;
				o->cap = 0;
			}
			if (e->kv_used + bytes > e->kv_memory && e->n_queue)
				return 0;
			if (e->kv_used + bytes > e->kv_memory)
				return syc_fail(err, SYC_EINVAL, "row '%s': keys and values of %zu tokens take %zu bytes, %zu are allowed",
						job->id, cap, bytes, e->kv_memory);
		}
		e->kv_used -= s->cap * per;
		free(s->k);
		free(s->v);
		s->cap = 0;
		s->k = syc_aligned(bytes / 2, 1);
		s->v = syc_aligned(bytes / 2, 1);
		if (!s->k || !s->v)
			return syc_nomem(err);
		s->cap = cap;
		e->kv_used += bytes;
	}
	return 1;
}

/* Start job in the free slot s; 1 started, 0 it has to wait. */
static int admit(struct syc_engine *e, struct syc_slot *s, struct syc_job *job, struct syc_err *err)
{
	size_t room = job->max_new < e->n_ctx - job->n_tokens ? job->max_new : e->n_ctx - job->n_tokens;
	size_t cap = job->n_tokens + (room > job->n_probe ? room : job->n_probe);
	int ret;

	if ((ret = make_room(e, s, job, cap, err)) <= 0 ||
	    (ret = grow_rope(e, cap, err)) < 0 || (ret = grow_scores(e, cap, err)) < 0)
		return ret;
	s->job = job;
	s->generating = job->max_new > 0 && room > 0;
	s->key = syc_rand_key(job->sampling ? job->sampling->seed : 0, job->id, job->sample);
	s->last_pos = 0;
	job->finish = job->max_new ? SYC_FINISH_LENGTH : SYC_FINISH_NONE;
	job->logprob = 0;
	feed(s, SYC_PHASE_PROMPT, job->tokens, job->n_tokens, 0,
	     s->generating || (job->on_probe && !job->n_probe));
	e->queue[e->n_queue++] = s;
	return 1;
}

/* ---- steps -------------------------------------------------------------------- */

/* Put as many of a slot's waiting tokens into the batch as fit. */
static void fill_from(struct syc_engine *e, struct syc_slot *s)
{
	struct syc_batch *b = &e->b;
	size_t n = b->max - b->n < s->n_feed ? b->max - b->n : s->n_feed;

	for (size_t i = 0; i < n; i++) {
		b->token[b->n + i] = s->feed[i];
		b->slot[b->n + i] = s;
		b->at[b->n + i] = (struct syc_where){ s->job, s->pos + (uint32_t)i, s->phase == SYC_PHASE_PROBE };
	}
	s->feed += n;
	s->n_feed -= n;
	s->pos += (uint32_t)n;
	b->n += n;
	if (s->phase == SYC_PHASE_PROMPT)
		e->stats.n_prompt += n;
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

	b->n = b->n_logits = 0;
	/* Single tokens first: they must not wait behind a long prompt. */
	for (int single = 1; single >= 0; single--)
		for (size_t i = 0; i < e->n_queue; i++)
			if (e->queue[i]->phase != SYC_PHASE_DONE && (e->queue[i]->n_feed == 1) == single)
				fill_from(e, e->queue[i]);
	syc_forward(e);
	for (size_t i = 0; i < e->n_queue && ret == 0; i++) {
		struct syc_slot *s = e->queue[i];
		const float *logits = NULL;

		if (s->phase == SYC_PHASE_DONE || s->n_feed)
			continue;
		for (at = 0; s->want_logits && at < b->n_logits; at++)
			if (b->slot[b->logit_row[at]] == s)
				logits = b->logits + at * e->m->cfg.n_vocab;
		ret = slot_computed(e, s, logits, err);
	}
	return ret;
}

/* Hand back what is done, oldest first. */
static int drain(struct syc_engine *e, int (*done)(void *, struct syc_job *, struct syc_err *),
		 void *arg, struct syc_err *err)
{
	size_t n = 0;
	int ret = 0;

	while (n < e->n_queue && e->queue[n]->phase == SYC_PHASE_DONE && ret == 0) {
		e->queue[n]->phase = SYC_PHASE_FREE;
		e->stats.n_jobs++;
		ret = done(arg, e->queue[n]->job, err);
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
			ret = f->next(f->arg, &f->waiting, err);
			if (ret < 0)
				return ret;
			if (!f->waiting) {
				f->ended = true;
				return 0;
			}
			ret = check_job(e, f->waiting, err);
			if (ret < 0)
				return ret;
		}
		ret = admit(e, s, f->waiting, err);
		if (ret <= 0)
			return ret;
		f->waiting = NULL;
	}
	return 0;
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

int syc_engine_run(struct syc_engine *e,
		   int (*next)(void *arg, struct syc_job **job, struct syc_err *err),
		   int (*done)(void *arg, struct syc_job *job, struct syc_err *err),
		   void (*drop)(void *arg, struct syc_job *job), void *arg, struct syc_err *err)
{
	struct feeder f = { next, arg, NULL, false };
	double start = now();
	int ret;

	while ((ret = refill(e, &f, err)) == 0 && e->n_queue) {
		if ((ret = step(e, err)) < 0 || (ret = drain(e, done, arg, err)) < 0)
			break;
	}
	for (size_t i = 0; i < e->n_queue; i++) {
		e->queue[i]->phase = SYC_PHASE_FREE;
		drop(arg, e->queue[i]->job);
	}
	e->n_queue = 0;
	if (f.waiting)
		drop(arg, f.waiting);
	e->stats.seconds += now() - start;
	return ret;
}

/* ---- life ----------------------------------------------------------------------- */

static size_t fair_share(void)
{
	long pages = sysconf(_SC_PHYS_PAGES), size = sysconf(_SC_PAGESIZE);

	return pages > 0 && size > 0 ? (size_t)pages / 4 * (size_t)size : (size_t)1 << 30;
}

static int alloc_batch(struct syc_engine *e, struct syc_err *err)
{
	const struct syc_config *c = &e->m->cfg;
	struct syc_batch *b = &e->b;
	size_t max = b->max, ffn = c->ffn_dim > c->dim ? c->ffn_dim : c->dim;
	bool f32 = e->m->compute == SYC_COMPUTE_F32;
	size_t tiled;

	b->token = syc_calloc(max, sizeof(*b->token));
	b->at = syc_calloc(max, sizeof(*b->at));
	b->slot = syc_calloc(max, sizeof(struct syc_slot *));
	b->x = syc_aligned(max, c->dim * sizeof(float));
	b->xb = syc_aligned(max, e->wide * sizeof(float));
	b->q = syc_aligned(max, e->q_dim * sizeof(float));
	b->k = syc_aligned(max, e->kv_dim * sizeof(float));
	b->v = syc_aligned(max, e->kv_dim * sizeof(float));
	b->g = syc_aligned(max, ffn * sizeof(float));
	b->h = syc_aligned(max, ffn * sizeof(float));
	tiled = f32 ? 1 : syc_round_up(max, SYC_Q_TOKENS);
	b->a = syc_aligned(tiled, e->wide);
	b->as = syc_aligned(tiled, e->wide / SYC_Q_BLOCK * sizeof(float));
	b->asum = syc_aligned(tiled, e->wide / SYC_Q_BLOCK * sizeof(int32_t));
	b->logit_row = syc_calloc(e->n_slots, sizeof(*b->logit_row));
	b->logits = syc_aligned(e->n_slots, c->n_vocab * sizeof(float));
	e->tile = syc_aligned(f32 ? syc_par_threads(e->par) * TILE_ROWS : 1, e->wide * sizeof(float));
	e->probs = syc_aligned(c->n_vocab, sizeof(*e->probs));
	e->heap = syc_calloc(c->n_vocab, sizeof(*e->heap));
	e->slot = syc_calloc(e->n_slots, sizeof(*e->slot));
	e->queue = syc_calloc(e->n_slots, sizeof(struct syc_slot *));
	if (!b->token || !b->at || !b->slot || !b->x || !b->xb || !b->q || !b->k || !b->v ||
	    !b->g || !b->h || !b->a || !b->as || !b->asum || !b->logit_row || !b->logits || !e->tile ||
	    !e->probs || !e->heap || !e->slot || !e->queue)
		return syc_nomem(err);
	return 0;
}

int syc_engine_new(struct syc_engine **out, const struct syc_model *m,
		   const struct syc_engine_opts *o, struct syc_err *err)
{
	static const struct syc_engine_opts none;
	const struct syc_config *c = &m->cfg;
	struct syc_engine *e;
	size_t widest;
	int ret;

	*out = NULL;
	if (!o)
		o = &none;
	if (o->n_ctx > c->n_ctx || o->n_layers > c->n_layers)
		return syc_fail(err, SYC_EINVAL, "the model has a context of %" PRIu32 " and %" PRIu32 " blocks",
				c->n_ctx, c->n_layers);
	e = calloc(1, sizeof(*e));
	if (!e)
		return syc_nomem(err);
	e->m = m;
	e->kern = &m->kern;
	e->n_ctx = o->n_ctx ? o->n_ctx : c->n_ctx;
	e->n_layers = o->n_layers ? o->n_layers : c->n_layers;
	e->q_dim = (size_t)c->n_heads * c->head_dim;
	e->kv_dim = (size_t)c->n_kv_heads * c->head_dim;
	widest = c->ffn_dim > c->dim ? c->ffn_dim : c->dim;
	e->wide = syc_round_up(widest > e->q_dim ? widest : e->q_dim, SYC_Q_BLOCK);
	e->hooks = o->hooks;
	e->n_hooks = o->n_hooks;
	e->kv_memory = o->kv_memory ? o->kv_memory : fair_share();
	/* With f32 the shape of a product can change its last bits: one row
	 * at a time keeps a row's result its own. */
	e->n_slots = m->compute == SYC_COMPUTE_F32 ? 1 : o->n_slots ? o->n_slots : DEFAULT_SLOTS;
	e->b.max = o->batch ? o->batch : DEFAULT_BATCH;
	if (e->b.max < e->n_slots)
		e->b.max = e->n_slots;
	openblas_set_num_threads(1);
	ret = syc_par_new(&e->par, o->threads, err);
	if (ret == 0)
		ret = alloc_batch(e, err);
	if (ret < 0) {
		syc_engine_free(e);
		return ret;
	}
	*out = e;
	return 0;
}

static void free_batch(struct syc_batch *b)
{
	free(b->token);
	free(b->at);
	free(b->slot);
	free(b->x);
	free(b->xb);
	free(b->q);
	free(b->k);
	free(b->v);
	free(b->g);
	free(b->h);
	free(b->a);
	free(b->as);
	free(b->asum);
	free(b->logit_row);
	free(b->logits);
}

void syc_engine_free(struct syc_engine *e)
{
	if (!e)
		return;
	for (size_t i = 0; e->slot && i < e->n_slots; i++) {
		free(e->slot[i].k);
		free(e->slot[i].v);
	}
	free_batch(&e->b);
	free(e->slot);
	free(e->queue);
	free(e->rope);
	free(e->score);
	free(e->tile);
	free(e->probs);
	free(e->heap);
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
	size_t elem = m->compute == SYC_COMPUTE_F32 ? sizeof(float) : sizeof(uint16_t);

	return 2 * elem * c->n_layers * c->n_kv_heads * c->head_dim;
}
