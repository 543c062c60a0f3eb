/* SPDX-License-Identifier: MIT */
/* The engine's memory but for keys and values. */
#include "config.h"
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "base/mem.h"
#include "kern/math.h"
#include "run/product.h"

enum {
	QK_STEP = 256,		/* keys that room is made for at a time */
	OFF_SET = 16,		/* keeps rows off one cache set */
};
_Static_assert(QK_STEP % SYC_RUN == 0, "kernels write scores of whole runs");

/* ---- of a step ------------------------------------------------------------ */

/* What is allocated, or only what would be. */
struct rooms {
	bool counting, failed;
	size_t bytes;
};

static void *room(struct rooms *r, size_t n, size_t size, void *(*get)(size_t n, size_t size))
{
	void *p;

	r->bytes += n * size;
	if (r->counting)
		return NULL;
	p = get(n, size);
	r->failed |= !p;
	return p;
}

/* Second passes that are not there are multiplied by 0. */
static void *cleared(size_t n, size_t size)
{
	void *p = syc_aligned(n, size);

	return p ? memset(p, 0, n * size) : NULL;
}

static void make_rooms(struct syc_engine *e, size_t threads, struct rooms *r)
{
	const struct syc_config *c = &e->m->cfg;
	struct syc_batch *b = &e->b;
	size_t max = b->max, ffn = c->ffn_dim > c->dim ? c->ffn_dim : c->dim;
	bool f32 = e->m->compute == SYC_COMPUTE_F32;
	const size_t nb = e->wide / SYC_Q_BLOCK;
	size_t tiled, decoded;

	b->token = room(r, max, sizeof(*b->token), syc_calloc);
	b->at = room(r, max, sizeof(*b->at), syc_calloc);
	b->slot = room(r, max, sizeof(struct syc_slot *), syc_calloc);
	b->span = room(r, max + 1, sizeof(*b->span), syc_calloc);
	b->paged = room(r, max + 1, sizeof(*b->paged), syc_calloc);
	b->x = room(r, max, c->dim * sizeof(float), syc_aligned);
	b->xb = room(r, max, e->wide * sizeof(float), syc_aligned);
	b->q = room(r, max, e->q_dim * sizeof(float), syc_aligned);
	b->k = room(r, max, e->kv_dim * sizeof(float), syc_aligned);
	b->v = room(r, max, e->kv_dim * sizeof(float), syc_aligned);
	b->g = room(r, max, ffn * sizeof(float), syc_aligned);
	b->h = room(r, max, ffn * sizeof(float), syc_aligned);
	tiled = f32 ? 1 : syc_round_up(max, SYC_Q_WIDE) * 2 * nb;
	b->a = room(r, tiled, SYC_Q_BLOCK, cleared);
	b->as = room(r, tiled, 2 * sizeof(float), syc_aligned);
	b->asum = room(r, tiled, 3 * sizeof(int32_t), cleared);
	b->list = room(r, f32 ? 1 : (max + SYC_Q_TOKENS - 1) / SYC_Q_TOKENS,
		       (1 + 2 * nb) * sizeof(*b->list), syc_aligned);
	e->scratch_size = f32 ? 0 : SYC_MUL_SCRATCH(nb);
	e->scratch = room(r, threads, e->scratch_size + 1, syc_aligned);
	b->logit_row = room(r, e->n_slots, sizeof(*b->logit_row), syc_calloc);
	b->read_row = room(r, max, sizeof(*b->read_row), syc_calloc);
	b->logits = room(r, e->n_slots, c->n_vocab * sizeof(float), syc_aligned);
	b->score = room(r, e->n_slots, sizeof(*b->score), syc_calloc);
	decoded = f32 || e->m->compute == SYC_COMPUTE_AUTO ? threads * SYC_SGEMM_ROWS : 1;
	e->decoded = room(r, decoded, e->wide * sizeof(float), syc_aligned);
	e->probs = room(r, c->n_vocab, sizeof(*e->probs), syc_aligned);
	e->heap = room(r, c->n_vocab, sizeof(*e->heap), syc_calloc);
	e->n_waiting = room(r, (size_t)e->n_layers + 1, sizeof(*e->n_waiting), syc_calloc);
	e->slot = room(r, e->n_slots, sizeof(*e->slot), syc_calloc);
	e->queue = room(r, e->n_slots, sizeof(struct syc_slot *), syc_calloc);
}

int syc_buffers_new(struct syc_engine *e, struct syc_err *err)
{
	struct rooms r = { .counting = false };

	make_rooms(e, syc_par_threads(e->par), &r);
	return r.failed ? syc_nomem(err) : 0;
}

size_t syc_buffers_need(struct syc_engine *e, size_t threads, size_t n)
{
	struct rooms r = { .counting = true };

	make_rooms(e, threads, &r);
	return r.bytes + n * e->m->cfg.head_dim * sizeof(float) +
	       (syc_round_up(n, QK_STEP) + OFF_SET) * SYC_ATTN_ROWS * threads * sizeof(float);
}

static void free_batch(struct syc_batch *b)
{
	free(b->token);
	free(b->at);
	free(b->slot);
	free(b->span);
	free(b->paged);
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
	free(b->list);
	free(b->logit_row);
	free(b->read_row);
	free(b->logits);
	free(b->score);
}

void syc_buffers_free(struct syc_engine *e)
{
	free_batch(&e->b);
	free(e->slot);
	free(e->n_waiting);
	free(e->queue);
	free(e->rope);
	free(e->qk);
	free(e->scratch);
	free(e->decoded);
	free(e->probs);
	free(e->heap);
}

/* ---- of the longest sequence ---------------------------------------------- */

static int grow_rope(struct syc_engine *e, size_t n, struct syc_err *err)
{
	size_t half = e->m->cfg.head_dim / 2, cap = e->n_rope;
	float scale = e->m->cfg.rope.attention;
	double s, c;

	if (n <= cap)
		return 0;
	if (n < 2 * cap && 2 * cap <= e->n_ctx)
		n = 2 * cap;
	if (!syc_grow(&e->rope, &cap, n, e->m->cfg.head_dim * sizeof(float)))
		return syc_nomem(err);
	for (size_t pos = e->n_rope; pos < n; pos++) {
		for (size_t i = 0; i < half; i++) {
			syc_sincos((double)((float)pos * e->m->rope_freq[i]),
				   &s, &c);
			e->rope[(pos * half + i) * 2] = (float)c * scale;
			e->rope[(pos * half + i) * 2 + 1] = (float)s * scale;
		}
	}
	e->n_rope = n;
	return 0;
}

static int grow_qk(struct syc_engine *e, size_t n, struct syc_err *err)
{
	float *p;

	if (n + OFF_SET <= e->n_qk)
		return 0;
	/* Kernels write whole runs. */
	n = syc_round_up(n, QK_STEP) + OFF_SET;
	p = syc_aligned(n * SYC_ATTN_ROWS * syc_par_threads(e->par),
			sizeof(*p));
	if (!p)
		return syc_nomem(err);
	free(e->qk);
	e->qk = p;
	e->n_qk = n;
	return 0;
}

int syc_buffers_grow(struct syc_engine *e, size_t n, struct syc_err *err)
{
	int ret = grow_rope(e, n, err);

	return ret < 0 ? ret : grow_qk(e, n, err);
}
