/* SPDX-License-Identifier: MIT */
/*
 * The forward pass of a LLaMA: Touvron et al. 2023, with grouped heads
 * (Ainslie et al. 2023) and rotary positions (Su et al. 2021); of its family a
 * sliding window (Jiang et al. 2023), biases (Qwen2) and norms of queries and
 * keys (Qwen3).
 */
#include "config.h"
#include <string.h>
#include "run/product.h"

/* ---- per token ------------------------------------------------------------ */

struct rows {
	struct syc_engine *e;
	const struct syc_block *block;
	uint32_t layer;
	size_t cols;
	float *to;		/* [n][cols] what a bias is added to */
	const float *bias;
};

static void bias_row(void *arg, size_t t, unsigned thread)
{
	const struct rows *r = arg;

	(void)thread;
	r->e->kern->add(r->to + t * r->cols, r->bias, r->cols);
}

/* Heads of one token: with their bias, normalized and rotated where they are. */
static void finish_heads(const struct syc_engine *e, float *x, size_t n,
			 const float *bias, const float *norm, const float *cs)
{
	size_t hd = e->m->cfg.head_dim;

	if (bias)
		e->kern->add(x, bias, n);
	for (size_t i = 0; i < n && norm; i += hd)
		e->kern->rmsnorm(x + i, x + i, norm, hd, e->m->cfg.norm_eps);
	for (size_t i = 0; i < n && cs; i += hd)
		e->kern->rope(x + i, cs, hd / 2);
}

/* Bring queries and keys of token t to its position, store keys and values. */
static void heads_row(const struct rows *r, size_t t)
{
	struct syc_engine *e = r->e;
	const struct syc_block *w = r->block;
	const float *cs = e->rope + e->b.at[t].pos * e->m->cfg.head_dim;
	float *k = e->b.k + t * e->kv_dim, *v = e->b.v + t * e->kv_dim;

	finish_heads(e, e->b.q + t * e->q_dim, e->q_dim, w->q.bias, w->q_norm, cs);
	finish_heads(e, k, e->kv_dim, w->k.bias, w->k_norm, cs);
	finish_heads(e, v, e->kv_dim, w->v.bias, NULL, NULL);
	syc_attend_store(e, t, r->layer, k, v);
}

/* Tokens with a page in common go to one thread: their keys lie in the same cache lines. */
static void heads_rows(void *arg, size_t i, unsigned thread)
{
	const struct rows *r = arg;
	const struct syc_batch *b = &r->e->b;

	(void)thread;
	for (size_t t = b->paged[i]; t < b->paged[i + 1]; t++)
		heads_row(r, t);
}

static void add_row(void *arg, size_t t, unsigned thread)
{
	const struct rows *r = arg;
	struct syc_engine *e = r->e;
	size_t dim = e->m->cfg.dim;

	(void)thread;
	e->kern->add(e->b.x + t * dim, e->b.h + t * dim, dim);
}

static void gate_row(void *arg, size_t t, unsigned thread)
{
	const struct rows *r = arg;
	struct syc_engine *e = r->e;
	size_t n = e->m->cfg.ffn_dim;

	(void)thread;
	if (r->block->gate.bias)
		e->kern->add(e->b.g + t * n, r->block->gate.bias, n);
	if (r->block->up.bias)
		e->kern->add(e->b.h + t * n, r->block->up.bias, n);
	e->kern->silu_mul(e->b.h + t * n, e->b.g + t * n, n);
	memcpy(e->b.xb + t * e->wide, e->b.h + t * n, n * sizeof(float));
}

/* ---- the model ------------------------------------------------------------ */

static void hooks(struct syc_engine *e, enum syc_hook_point point,
		  uint32_t layer, float *x)
{
	for (size_t i = 0; i < e->n_hooks; i++)
		if (e->hooks[i].points & point)
			e->hooks[i].fn(e->hooks[i].arg, point, layer, e->b.n,
				       e->b.at, x);
}

/* h [n][dim] = the product with w, its bias added. */
static void mul_out(struct syc_engine *e, const struct syc_matrix *w, size_t n)
{
	struct rows r = { .e = e, .cols = w->rows, .to = e->b.h, .bias = w->bias };

	syc_products(e, &(struct syc_product){ w, e->b.h, w->rows }, 1, n);
	if (w->bias)
		syc_par_rows(e->par, n, bias_row, &r);
}

/* Whether someone reads what the last block makes of token t. */
static bool is_read(const struct syc_engine *e, size_t t)
{
	const struct syc_where *w = &e->b.at[t];

	return (e->n_hooks && w->pos >= syc_job_unseen(w->job)) ||
	       syc_stem_keeps(e, t, e->n_layers);
}

/*
 * Once a batch has left its last keys and values only tokens go on that are read.
 * Not with sgemm: the shape of a product can change its last bits.
 */
static void drop_unread(struct syc_engine *e)
{
	struct syc_batch *b = &e->b;
	const size_t dim = e->m->cfg.dim;
	size_t n = 0, i_logit = 0, i_read = 0;

	if (b->n >= e->sgemm_from)
		return;
	for (size_t t = 0; t < b->n; t++) {
		const bool logit = i_logit < b->n_logits && b->logit_row[i_logit] == t;
		const bool read = i_read < b->n_read && b->read_row[i_read] == t;

		if (logit)
			b->logit_row[i_logit++] = n;
		if (read)
			b->read_row[i_read++] = n;
		if (!logit && !read && !is_read(e, t))
			continue;
		if (n < t) {
			b->slot[n] = b->slot[t];
			b->at[n] = b->at[t];
			memcpy(b->x + n * dim, b->x + t * dim, dim * sizeof(*b->x));
			memcpy(b->q + n * e->q_dim, b->q + t * e->q_dim,
			       e->q_dim * sizeof(*b->q));
		}
		n++;
	}
	b->n = n;
	syc_attend_spans(e);
}

/* Queries, and what later tokens will need of these. */
static void heads(struct syc_engine *e, uint32_t l)
{
	const struct syc_block *w = &e->m->block[l];
	struct rows r = { .e = e, .block = w, .layer = l };
	size_t n = e->b.n, dim = e->m->cfg.dim;

	syc_product_input(e, w->attn_norm, NULL, n, dim);
	syc_products(e, (struct syc_product[]){ { &w->q, e->b.q, e->q_dim },
						{ &w->k, e->b.k, e->kv_dim },
						{ &w->v, e->b.v, e->kv_dim } }, 3, n);
	syc_par_rows(e->par, e->b.n_paged, heads_rows, &r);
}

static void attention(struct syc_engine *e, uint32_t l)
{
	struct rows r = { .e = e };
	size_t n = e->b.n;

	syc_attend(e, l);
	syc_product_input(e, NULL, NULL, n, e->q_dim);
	mul_out(e, &e->m->block[l].o, n);
	hooks(e, SYC_HOOK_ATTN, l, e->b.h);
	syc_par_rows(e->par, n, add_row, &r);
}

static void feed_forward(struct syc_engine *e, uint32_t l)
{
	const struct syc_block *w = &e->m->block[l];
	struct rows r = { .e = e, .block = w, .layer = l };
	size_t n = e->b.n, dim = e->m->cfg.dim, ffn = e->m->cfg.ffn_dim;

	syc_product_input(e, w->ffn_norm, NULL, n, dim);
	syc_products(e, (struct syc_product[]){ { &w->gate, e->b.g, ffn },
						{ &w->up, e->b.h, ffn } }, 2, n);
	syc_par_rows(e->par, n, gate_row, &r);
	syc_product_input(e, NULL, NULL, n, ffn);
	mul_out(e, &w->down, n);
	hooks(e, SYC_HOOK_MLP, l, e->b.h);
	syc_par_rows(e->par, n, add_row, &r);
}

static void embed_row(void *arg, size_t t, unsigned thread)
{
	const struct rows *r = arg;
	struct syc_engine *e = r->e;

	(void)thread;
	syc_matrix_rows(e->b.x + t * e->m->cfg.dim, &e->m->embed,
			(size_t)e->b.token[t], 1, e->kern);
}

/* Logits and scores of n rows: only those are normalized and multiplied. */
static void read_heads(struct syc_engine *e, const size_t *row, size_t n)
{
	size_t dim = e->m->cfg.dim;

	e->b.n = n;
	syc_product_input(e, e->m->output_norm, row, n, dim);
	if (e->m->output.rows)
		syc_products(e, &(struct syc_product){ &e->m->output, e->b.logits,
						       e->m->cfg.n_vocab }, 1, n);
	for (size_t i = 0; i < n && e->m->score; i++)
		e->b.score[i] = e->kern->dot(e->b.xb + i * e->wide, e->m->score,
					     dim);
}

/* As many rows at once as there is room for; each job sees its own. */
static void show_logits(struct syc_engine *e)
{
	struct syc_batch *b = &e->b;

	for (size_t at = 0; at < b->n_read; at += e->n_slots) {
		size_t n = b->n_read - at < e->n_slots ? b->n_read - at : e->n_slots;

		read_heads(e, b->read_row + at, n);
		for (size_t i = 0; i < n; i++) {
			const struct syc_where *w = &b->at[b->read_row[at + i]];

			w->job->on_token(w->job, w->pos,
					 b->logits + i * e->m->cfg.n_vocab);
		}
	}
}

/* tests/check_forward computes it, and fails when the arithmetic has changed. */
uint64_t syc_arithmetic(void)
{
	return 0xbf8bb28ec90dcbbfu;
}

void syc_engine_read_out(struct syc_engine *e, const float *x, size_t n,
			 float *logits)
{
	size_t dim = e->m->cfg.dim, vocab = e->m->cfg.n_vocab;
	struct syc_batch *b = &e->b;

	for (size_t i = 0; i < n; i += b->n) {
		b->n = n - i < b->max ? n - i : b->max;
		memcpy(b->x, x + i * dim, b->n * dim * sizeof(*x));
		syc_product_input(e, e->m->output_norm, NULL, b->n, dim);
		syc_products(e, &(struct syc_product){ &e->m->output, logits + i * vocab,
						       vocab }, 1, b->n);
	}
}

void syc_forward(struct syc_engine *e)
{
	struct rows r = { .e = e };

	syc_attend_spans(e);
	if (e->b.from) {
		syc_stem_load(e);
		hooks(e, SYC_HOOK_BLOCK, e->b.from - 1, e->b.x);
	} else {
		syc_par_rows(e->par, e->b.n, embed_row, &r);
	}
	for (uint32_t l = e->b.from; l < e->n_layers; l++) {
		heads(e, l);
		if (l + 1 == e->n_layers)
			drop_unread(e);
		if (e->b.n == 0)
			return;
		attention(e, l);
		feed_forward(e, l);
		syc_stem_keep(e, l + 1);
		hooks(e, SYC_HOOK_BLOCK, l, e->b.x);
	}
	show_logits(e);
	if (e->b.n_logits)
		read_heads(e, e->b.logit_row, e->b.n_logits);
}
