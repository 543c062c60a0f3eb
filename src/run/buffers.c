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

int syc_buffers_new(struct syc_engine *e, struct syc_err *err)
{
	const struct syc_config *c = &e->m->cfg;
	struct syc_batch *b = &e->b;
	size_t max = b->max, ffn = c->ffn_dim > c->dim ? c->ffn_dim : c->dim;
	bool f32 = e->m->compute == SYC_COMPUTE_F32;
	const size_t nb = e->wide / SYC_Q_BLOCK;
	size_t tiled, decoded;

	b->token = syc_calloc(max, sizeof(*b->token));
	b->at = syc_calloc(max, sizeof(*b->at));
	b->slot = syc_calloc(max, sizeof(struct syc_slot *));
	b->span = syc_calloc(max + 1, sizeof(*b->span));
	b->x = syc_aligned(max, c->dim * sizeof(float));
	b->xb = syc_aligned(max, e->wide * sizeof(float));
	b->q = syc_aligned(max, e->q_dim * sizeof(float));
	b->k = syc_aligned(max, e->kv_dim * sizeof(float));
	b->v = syc_aligned(max, e->kv_dim * sizeof(float));
	b->g = syc_aligned(max, ffn * sizeof(float));
	b->h = syc_aligned(max, ffn * sizeof(float));
	tiled = f32 ? 1 : syc_round_up(max, SYC_Q_TOKENS) / SYC_Q_TOKENS * 2 * nb;
	b->a = syc_aligned(tiled, SYC_Q_BYTES);
	b->as = syc_aligned(tiled, SYC_Q_FLOATS * sizeof(float));
	b->asum = syc_aligned(tiled, SYC_Q_SUMS * sizeof(int32_t));
	e->scratch_size = f32 ? 0 : SYC_MUL_SCRATCH(nb);
	e->scratch = syc_aligned(syc_par_threads(e->par), e->scratch_size + 1);
	b->logit_row = syc_calloc(e->n_slots, sizeof(*b->logit_row));
	b->read_row = syc_calloc(max, sizeof(*b->read_row));
	b->logits = syc_aligned(e->n_slots, c->n_vocab * sizeof(float));
	b->score = syc_calloc(e->n_slots, sizeof(*b->score));
	decoded = f32 || e->m->compute == SYC_COMPUTE_AUTO ? syc_par_threads(e->par) * SYC_SGEMM_ROWS : 1;
	e->decoded = syc_aligned(decoded, e->wide * sizeof(float));
	e->probs = syc_aligned(c->n_vocab, sizeof(*e->probs));
	e->heap = syc_calloc(c->n_vocab, sizeof(*e->heap));
	e->slot = syc_calloc(e->n_slots, sizeof(*e->slot));
	e->queue = syc_calloc(e->n_slots, sizeof(struct syc_slot *));
	if (!b->token || !b->at || !b->slot || !b->span || !b->x || !b->xb ||
	    !b->q || !b->k ||
	    !b->v || !b->g || !b->h || !b->a || !b->as || !b->asum || !e->scratch ||
	    !b->logit_row ||
	    !b->read_row || !b->logits || !b->score || !e->decoded || !e->probs ||
	    !e->heap ||
	    !e->slot || !e->queue)
		return syc_nomem(err);
	/* Second passes that are not there are multiplied by 0. */
	memset(b->a, 0, tiled * SYC_Q_BYTES);
	memset(b->asum, 0, tiled * SYC_Q_SUMS * sizeof(*b->asum));
	return 0;
}

static void free_batch(struct syc_batch *b)
{
	free(b->token);
	free(b->at);
	free(b->slot);
	free(b->span);
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
	free(b->read_row);
	free(b->logits);
	free(b->score);
}

void syc_buffers_free(struct syc_engine *e)
{
	free_batch(&e->b);
	free(e->slot);
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
