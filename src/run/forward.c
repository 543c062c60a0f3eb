/* SPDX-License-Identifier: MIT */
/*
 * The forward pass of a LLaMA: Touvron et al. 2023, with grouped heads
 * (Ainslie et al. 2023) and rotary positions (Su et al. 2021); of its family a
 * sliding window (Jiang et al. 2023), biases (Qwen2) and norms of queries and
 * keys (Qwen3).
 */
#include "config.h"
#include <cblas.h>
#include <math.h>
#include <string.h>
#include <time.h>
#include "base/mem.h"
#include "run/engine.h"

enum { TILE_ROWS = 64, MUL_TOKENS = 64, PART_GROUPS = 3, FEW_TOKENS = 32, TRIES = 3 };

/* ---- products ----------------------------------------------------------- */

/* One product under way: out [n][ldo] = xb [n] times w. */
struct product {
	struct syc_engine *e;
	const struct syc_matrix *w;
	float *out;
	size_t ldo, n;
	size_t groups_per_part;
};

/* The last group, shorter than 16 rows: over a copy. */
static void mul_rest(const struct product *p, size_t g)
{
	const struct syc_matrix *w = p->w;
	const struct syc_batch *b = &p->e->b;
	size_t row = g * SYC_Q_ROWS, blocks = MUL_TOKENS * w->nb;
	const uint8_t *packed = w->packed + g * w->nb * SYC_Q_PACKED;
	float tmp[MUL_TOKENS * SYC_Q_ROWS];

	for (size_t t = 0, i = 0; t < p->n; t += MUL_TOKENS, i += blocks) {
		size_t n = p->n - t < MUL_TOKENS ? p->n - t : MUL_TOKENS;

		p->e->kern->mul_q8(tmp, SYC_Q_ROWS, packed, 1, b->a + i * SYC_Q_BLOCK,
				   b->as + i, b->asum + i, w->nb, n);
		for (size_t k = 0; k < n; k++)
			memcpy(p->out + (t + k) * p->ldo + row, tmp + k * SYC_Q_ROWS,
			       (w->rows - row) * sizeof(float));
	}
}

static void mul_int8_part(void *arg, size_t part, unsigned thread)
{
	const struct product *p = arg;
	const struct syc_matrix *w = p->w;
	size_t g = part * p->groups_per_part, full = w->rows / SYC_Q_ROWS;
	size_t end = g + p->groups_per_part < w->n_groups ? g + p->groups_per_part : w->n_groups;
	size_t n = end < full ? end - g : full > g ? full - g : 0;

	(void)thread;
	if (n)
		p->e->kern->mul_q8(p->out + g * SYC_Q_ROWS, p->ldo, w->packed + g * w->nb * SYC_Q_PACKED, n,
				   p->e->b.a, p->e->b.as, p->e->b.asum, w->nb, p->n);
	if (end > full)
		mul_rest(p, full);
}

/* Decode 64 rows of the weights, then multiply: tiles never depend on threads. */
static void mul_f32_part(void *arg, size_t part, unsigned thread)
{
	const struct product *p = arg;
	const struct syc_matrix *w = p->w;
	float *tile = p->e->tile + thread * TILE_ROWS * p->e->wide;
	size_t row = part * TILE_ROWS, n = w->rows - row < TILE_ROWS ? w->rows - row : TILE_ROWS;

	syc_matrix_stored(tile, w, row, n, p->e->kern);
	if (w->add)
		cblas_sgemm(CblasRowMajor, CblasTrans, CblasNoTrans, (int)n, (int)w->cols, (int)w->add->rank,
			    1.0f, w->add->b + row, (int)w->rows, w->add->a, (int)w->cols, 1.0f, tile, (int)w->cols);
	cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, (int)p->n, (int)n, (int)w->cols,
		    1.0f, p->e->b.xb, (int)p->e->wide, tile, (int)w->cols,
		    0.0f, p->out + row, (int)p->ldo);
}

/* out [n][ldo] = the first n rows of xb (see ready()) times w. */
static void mul(struct syc_engine *e, float *out, size_t ldo, const struct syc_matrix *w, size_t n)
{
	struct product p = { e, w, out, ldo, n, 1 };

	if (n >= e->sgemm_from) {
		syc_par_run(e->par, (w->rows + TILE_ROWS - 1) / TILE_ROWS, mul_f32_part, &p);
		return;
	}
	/* Few tokens: memory is the limit, and long stretches read best. */
	p.groups_per_part = n >= FEW_TOKENS ? PART_GROUPS :
		syc_round_up(w->n_groups / (8 * syc_par_threads(e->par)) + 1, PART_GROUPS);
	syc_par_run(e->par, (w->n_groups + p.groups_per_part - 1) / p.groups_per_part,
		    mul_int8_part, &p);
}

/* ---- per token ------------------------------------------------------------ */

struct rows {
	struct syc_engine *e;
	const float *norm;	/* weights of a norm, or NULL: xb is there already */
	const size_t *from;	/* [n] rows of x to normalize; NULL: the first ones */
	const struct syc_block *block;
	uint32_t layer;
	size_t cols;
	float *to;		/* [n][cols] what a bias is added to */
	const float *bias;
};

/* Make row t of xb the input of a product: normalize, pad, quantize. */
static void ready_row(void *arg, size_t t, unsigned thread)
{
	const struct rows *r = arg;
	struct syc_engine *e = r->e;
	size_t len = syc_round_up(r->cols, SYC_Q_BLOCK), at;
	float *xb = e->b.xb + t * e->wide;

	(void)thread;
	if (r->norm)
		e->kern->rmsnorm(xb, e->b.x + (r->from ? r->from[t] : t) * e->m->cfg.dim, r->norm, r->cols, e->m->cfg.norm_eps);
	if (e->b.n >= e->sgemm_from)
		return;
	memset(xb + r->cols, 0, (len - r->cols) * sizeof(*xb));
	at = t / SYC_Q_TOKENS * (len / SYC_Q_BLOCK) * SYC_Q_TOKENS + t % SYC_Q_TOKENS;
	e->kern->quantize(e->b.a + at * SYC_Q_BLOCK, e->b.as + at, e->b.asum + at, xb, len);
}

static void ready(struct syc_engine *e, const float *norm, size_t cols)
{
	struct rows r = { .e = e, .norm = norm, .cols = cols };

	syc_par_run(e->par, e->b.n, ready_row, &r);
}

static void bias_row(void *arg, size_t t, unsigned thread)
{
	const struct rows *r = arg;

	(void)thread;
	r->e->kern->add(r->to + t * r->cols, r->bias, r->cols);
}

/* Heads of one token: with their bias, normalized and rotated where they are. */
static void finish_heads(const struct syc_engine *e, float *x, size_t n, const float *bias,
			 const float *norm, const float *cs)
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
static void heads_row(void *arg, size_t t, unsigned thread)
{
	const struct rows *r = arg;
	struct syc_engine *e = r->e;
	const struct syc_block *w = r->block;
	const float *cs = e->rope + e->b.at[t].pos * e->m->cfg.head_dim;
	float *k = e->b.k + t * e->kv_dim, *v = e->b.v + t * e->kv_dim;

	(void)thread;
	finish_heads(e, e->b.q + t * e->q_dim, e->q_dim, w->q.bias, w->q_norm, cs);
	finish_heads(e, k, e->kv_dim, w->k.bias, w->k_norm, cs);
	finish_heads(e, v, e->kv_dim, w->v.bias, NULL, NULL);
	syc_attend_store(e, t, r->layer, k, v);
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

static void hooks(struct syc_engine *e, enum syc_hook_point point, uint32_t layer, float *x)
{
	for (size_t i = 0; i < e->n_hooks; i++)
		if (e->hooks[i].points & point)
			e->hooks[i].fn(e->hooks[i].arg, point, layer, e->b.n, e->b.at, x);
}

/* h [n][dim] = the product with w, its bias added. */
static void mul_out(struct syc_engine *e, const struct syc_matrix *w, size_t n)
{
	struct rows r = { .e = e, .cols = w->rows, .to = e->b.h, .bias = w->bias };

	mul(e, e->b.h, w->rows, w, n);
	if (w->bias)
		syc_par_run(e->par, n, bias_row, &r);
}

static void attention(struct syc_engine *e, uint32_t l)
{
	const struct syc_block *w = &e->m->block[l];
	struct rows r = { .e = e, .block = w, .layer = l };
	size_t n = e->b.n, dim = e->m->cfg.dim;

	ready(e, w->attn_norm, dim);
	mul(e, e->b.q, e->q_dim, &w->q, n);
	mul(e, e->b.k, e->kv_dim, &w->k, n);
	mul(e, e->b.v, e->kv_dim, &w->v, n);
	syc_par_run(e->par, n, heads_row, &r);
	syc_attend(e, l);
	ready(e, NULL, e->q_dim);
	mul_out(e, &w->o, n);
	hooks(e, SYC_HOOK_ATTN, l, e->b.h);
	syc_par_run(e->par, n, add_row, &r);
}

static void feed_forward(struct syc_engine *e, uint32_t l)
{
	const struct syc_block *w = &e->m->block[l];
	struct rows r = { .e = e, .block = w, .layer = l };
	size_t n = e->b.n, dim = e->m->cfg.dim, ffn = e->m->cfg.ffn_dim;

	ready(e, w->ffn_norm, dim);
	mul(e, e->b.g, ffn, &w->gate, n);
	mul(e, e->b.h, ffn, &w->up, n);
	syc_par_run(e->par, n, gate_row, &r);
	ready(e, NULL, ffn);
	mul_out(e, &w->down, n);
	hooks(e, SYC_HOOK_MLP, l, e->b.h);
	syc_par_run(e->par, n, add_row, &r);
}

static void embed_row(void *arg, size_t t, unsigned thread)
{
	const struct rows *r = arg;
	struct syc_engine *e = r->e;

	(void)thread;
	syc_matrix_rows(e->b.x + t * e->m->cfg.dim, &e->m->embed, (size_t)e->b.token[t], 1, e->kern);
}

/* Logits and scores of n rows: only those are normalized and multiplied. */
static void read_heads(struct syc_engine *e, const size_t *row, size_t n)
{
	size_t dim = e->m->cfg.dim;
	struct rows r = { .e = e, .norm = e->m->output_norm, .from = row, .cols = dim };

	e->b.n = n;
	syc_par_run(e->par, n, ready_row, &r);
	if (e->m->output.rows)
		mul(e, e->b.logits, e->m->cfg.n_vocab, &e->m->output, n);
	for (size_t i = 0; i < n && e->m->score; i++)
		e->b.score[i] = e->kern->dot(e->b.xb + i * e->wide, e->m->score, dim);
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

			w->job->on_token(w->job, w->pos, b->logits + i * e->m->cfg.n_vocab);
		}
	}
}

void syc_engine_read_out(struct syc_engine *e, const float *x, size_t n, float *logits)
{
	size_t dim = e->m->cfg.dim, vocab = e->m->cfg.n_vocab;
	struct syc_batch *b = &e->b;

	for (size_t i = 0; i < n; i += b->n) {
		b->n = n - i < b->max ? n - i : b->max;
		memcpy(b->x, x + i * dim, b->n * dim * sizeof(*x));
		ready(e, e->m->output_norm, dim);
		mul(e, logits + i * vocab, vocab, &e->m->output, b->n);
	}
}

/* Seconds that a product of n tokens takes, its input's making included. */
static double time_mul(struct syc_engine *e, size_t n, bool sgemm)
{
	const struct syc_matrix *w = &e->m->block[0].gate;
	double best = 1e30;

	e->sgemm_from = sgemm ? 1 : SIZE_MAX;
	e->b.n = n;
	for (int i = 0; i < TRIES; i++) {
		struct timespec a, b;

		clock_gettime(CLOCK_MONOTONIC, &a);
		ready(e, NULL, w->cols);
		mul(e, e->b.g, w->rows, w, n);
		clock_gettime(CLOCK_MONOTONIC, &b);
		best = fmin(best, (double)(b.tv_sec - a.tv_sec) + 1e-9 * (double)(b.tv_nsec - a.tv_nsec));
	}
	return best;
}

void syc_forward_choose(struct syc_engine *e)
{
	size_t from = SIZE_MAX;

	memset(e->b.xb, 0, e->b.max * e->wide * sizeof(*e->b.xb));
	for (size_t n = e->b.max; n > 0 && time_mul(e, n, true) < time_mul(e, n, false); n /= 2)
		from = n;
	e->sgemm_from = from;
	e->b.n = 0;
}

void syc_forward(struct syc_engine *e)
{
	struct rows r = { .e = e };

	syc_attend_tiles(e);
	syc_par_run(e->par, e->b.n, embed_row, &r);
	for (uint32_t l = 0; l < e->n_layers; l++) {
		attention(e, l);
		feed_forward(e, l);
		hooks(e, SYC_HOOK_BLOCK, l, e->b.x);
	}
	show_logits(e);
	if (e->b.n_logits)
		read_heads(e, e->b.logit_row, e->b.n_logits);
}
