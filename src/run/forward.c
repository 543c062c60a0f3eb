/* SPDX-License-Identifier: MIT */
/*
 * The forward pass of a LLaMA: Touvron et al. 2023, with grouped heads
 * (Ainslie et al. 2023) and rotary positions (Su et al. 2021).
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

/* Stored weights to float; float16 by kernel, since it is what most files hold. */
static void decode(const struct syc_engine *e, float *out, uint32_t type, const uint8_t *in, size_t n)
{
	if (type == SYC_TYPE_F16 && (uintptr_t)in % sizeof(uint16_t) == 0)
		e->kern->from_f16(out, (const uint16_t *)(const void *)in, n);
	else
		syc_type_decode(out, type, in, n);
}

/* Decode 64 rows of the weights, then multiply: tiles never depend on threads. */
static void mul_f32_part(void *arg, size_t part, unsigned thread)
{
	const struct product *p = arg;
	const struct syc_matrix *w = p->w;
	float *tile = p->e->tile + thread * TILE_ROWS * p->e->wide;
	size_t row = part * TILE_ROWS, n = w->rows - row < TILE_ROWS ? w->rows - row : TILE_ROWS;
	size_t bytes = w->t->bytes / w->rows;

	decode(p->e, tile, w->t->type, w->t->data + row * bytes, n * w->cols);
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
	const size_t *from;	/* [n] rows of x to normalise; NULL: the first ones */
	const struct syc_block *block;
	uint32_t layer;
	size_t cols;
};

/* Make row t of xb the input of a product: normalise, pad, quantise. */
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
	e->kern->quantise(e->b.a + at * SYC_Q_BLOCK, e->b.as + at, e->b.asum + at, xb, len);
}

static void ready(struct syc_engine *e, const float *norm, size_t cols)
{
	struct rows r = { .e = e, .norm = norm, .cols = cols };

	syc_par_run(e->par, e->b.n, ready_row, &r);
}

/*
 * The keys (what = 0) or values (1) of one head in a page.  As float16 keys are
 * [head_dim][32], values [32][head_dim]; as float both are [32][head_dim].
 */
static void *kv_run(const struct syc_engine *e, const struct syc_page *p, uint32_t layer,
		    size_t what, size_t head)
{
	size_t run = ((size_t)layer * 2 + what) * e->m->cfg.n_kv_heads + head;

	return (char *)p->kv + run * e->cache.run_bytes;
}

static void store_key(const struct syc_engine *e, uint16_t *run, size_t at, const float *x)
{
	size_t hd = e->m->cfg.head_dim;
	uint16_t h[64];

	for (size_t d = 0; d < hd; d += 64) {
		size_t n = hd - d < 64 ? hd - d : 64;

		e->kern->to_f16(h, x + d, n);
		for (size_t i = 0; i < n; i++)
			run[(d + i) * SYC_RUN + at] = h[i];
	}
}

static void store_kv(struct syc_engine *e, size_t t, uint32_t layer, size_t what, const float *x)
{
	uint32_t pos = e->b.at[t].pos;
	const struct syc_page *p = e->b.slot[t]->page[pos / SYC_PAGE];
	size_t hd = e->m->cfg.head_dim, at = pos % SYC_PAGE;

	for (size_t h = 0; h < e->m->cfg.n_kv_heads; h++, x += hd) {
		void *run = kv_run(e, p, layer, what, h);

		if (e->m->compute == SYC_COMPUTE_F32)
			memcpy((float *)run + at * hd, x, hd * sizeof(*x));
		else if (what == 0)
			store_key(e, run, at, x);
		else
			e->kern->to_f16((uint16_t *)run + at * hd, x, hd);
	}
}

/* Rotate queries and keys of token t to its position, store keys and values. */
static void rotate_row(void *arg, size_t t, unsigned thread)
{
	const struct rows *r = arg;
	struct syc_engine *e = r->e;
	size_t hd = e->m->cfg.head_dim;
	const float *cs = e->rope + e->b.at[t].pos * hd;
	float *q = e->b.q + t * e->q_dim, *k = e->b.k + t * e->kv_dim;

	(void)thread;
	for (size_t i = 0; i < e->q_dim; i += hd)
		e->kern->rope(q + i, cs, hd / 2);
	for (size_t i = 0; i < e->kv_dim; i += hd)
		e->kern->rope(k + i, cs, hd / 2);
	store_kv(e, t, r->layer, 0, k);
	store_kv(e, t, r->layer, 1, e->b.v + t * e->kv_dim);
}

/*
 * Queries that share their keys: the heads of one group, of tokens that follow
 * each other in one sequence.
 */
struct queries {
	const float *q[SYC_ATTN_ROWS];	/* [head_dim] */
	float *out[SYC_ATTN_ROWS];	/* [head_dim] */
	size_t n[SYC_ATTN_ROWS];	/* keys that each sees; rising */
	size_t n_rows;
	const struct syc_slot *slot;
	uint32_t layer;
	size_t group;
	float *score;			/* [n_rows][n_score] */
};

/* Float keys and values, one row and key at a time. */
static void scores_f32(const struct syc_engine *e, const struct queries *u, size_t j, const float *k)
{
	size_t hd = e->m->cfg.head_dim;

	for (size_t r = 0; r < u->n_rows; r++)
		for (size_t i = 0; i < SYC_PAGE && j + i < u->n[r]; i++)
			u->score[r * e->n_score + j + i] = e->kern->dot(u->q[r], k + i * hd, hd);
}

static void mix_f32(const struct syc_engine *e, const struct queries *u, size_t j, const float *v)
{
	size_t hd = e->m->cfg.head_dim;

	for (size_t r = 0; r < u->n_rows; r++)
		for (size_t i = 0; i < SYC_PAGE && j + i < u->n[r]; i++)
			e->kern->axpy(u->out[r], u->score[r * e->n_score + j + i], v + i * hd, hd);
}

/* A page that all rows see whole goes at once; else each sees its own part. */
static void mix_page(const struct syc_engine *e, const struct queries *u, size_t j, const uint16_t *v)
{
	size_t hd = e->m->cfg.head_dim;

	if (u->n[0] >= j + SYC_PAGE) {
		e->kern->mix(u->out, u->score + j, e->n_score, u->n_rows, v, SYC_PAGE, hd);
		return;
	}
	for (size_t r = 0; r < u->n_rows; r++) {
		size_t n = u->n[r] <= j ? 0 : u->n[r] - j < SYC_PAGE ? u->n[r] - j : SYC_PAGE;

		if (n)
			e->kern->mix(&u->out[r], u->score + r * e->n_score + j, e->n_score, 1, v, n, hd);
	}
}

/* softmax(q K' / sqrt(hd)) V for each of the rows. */
static void attend(const struct syc_engine *e, const struct queries *u)
{
	const struct syc_kern *kern = e->kern;
	size_t hd = e->m->cfg.head_dim, n = u->n[u->n_rows - 1];
	bool f32 = e->m->compute == SYC_COMPUTE_F32;
	float sum[SYC_ATTN_ROWS];

	for (size_t j = 0; j < n; j += SYC_PAGE) {
		const void *k = kv_run(e, u->slot->page[j / SYC_PAGE], u->layer, 0, u->group);

		if (f32)
			scores_f32(e, u, j, k);
		else
			kern->scores(u->score + j, e->n_score, u->q, u->n_rows, k, hd);
	}
	for (size_t r = 0; r < u->n_rows; r++) {
		float *s = u->score + r * e->n_score;

		kern->scale(s, 1.0f / sqrtf((float)hd), u->n[r]);
		sum[r] = kern->exp_sum(s, s, kern->max(s, u->n[r]), u->n[r]);
		memset(u->out[r], 0, hd * sizeof(float));
	}
	for (size_t j = 0; j < n; j += SYC_PAGE) {
		const void *v = kv_run(e, u->slot->page[j / SYC_PAGE], u->layer, 1, u->group);

		if (f32)
			mix_f32(e, u, j, v);
		else
			mix_page(e, u, j, v);
	}
	for (size_t r = 0; r < u->n_rows; r++)
		kern->scale(u->out[r], 1.0f / sum[r], hd);
}

/* Heads of one group, as many at a time as a kernel takes; into xb. */
static void attend_part(void *arg, size_t part, unsigned thread)
{
	const struct rows *r = arg;
	struct syc_engine *e = r->e;
	const struct syc_config *c = &e->m->cfg;
	size_t tile = part / c->n_kv_heads, group = part % c->n_kv_heads;
	size_t hd = c->head_dim, per = c->n_heads / c->n_kv_heads;
	size_t first = e->b.tile[tile], end = e->b.tile[tile + 1];
	struct queries u = { .slot = e->b.slot[first], .layer = r->layer, .group = group,
			     .score = e->score + thread * SYC_ATTN_ROWS * e->n_score };

	for (size_t t = first; t < end; t++) {
		for (size_t h = group * per; h < (group + 1) * per; h++) {
			u.q[u.n_rows] = e->b.q + t * e->q_dim + h * hd;
			u.out[u.n_rows] = e->b.xb + t * e->wide + h * hd;
			u.n[u.n_rows++] = (size_t)e->b.at[t].pos + 1;
			if (u.n_rows == SYC_ATTN_ROWS) {
				attend(e, &u);
				u.n_rows = 0;
			}
		}
	}
	if (u.n_rows)
		attend(e, &u);
}

/*
 * Cut the batch into runs of tokens whose attention is computed together: of
 * one sequence, one behind the other, as many as fill a kernel's rows.
 */
static void find_tiles(struct syc_engine *e)
{
	struct syc_batch *b = &e->b;
	size_t per = e->m->cfg.n_heads / e->m->cfg.n_kv_heads;
	size_t most = per < SYC_ATTN_ROWS ? SYC_ATTN_ROWS / per : 1;

	b->n_tiles = 0;
	for (size_t t = 0; t < b->n; t++) {
		bool follows = t > 0 && b->slot[t] == b->slot[t - 1] && b->at[t].pos == b->at[t - 1].pos + 1;

		if (!follows || t - b->tile[b->n_tiles - 1] == most)
			b->tile[b->n_tiles++] = t;
	}
	b->tile[b->n_tiles] = b->n;
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
	e->kern->silu_mul(e->b.h + t * n, e->b.g + t * n, n);
	memcpy(e->b.xb + t * e->wide, e->b.h + t * n, n * sizeof(float));
}

/* ---- the model ------------------------------------------------------------ */

static void hooks(struct syc_engine *e, enum syc_hook_site site, uint32_t layer, float *x)
{
	for (size_t i = 0; i < e->n_hooks; i++)
		if (e->hooks[i].sites & site)
			e->hooks[i].fn(e->hooks[i].arg, site, layer, e->b.n, e->b.at, x);
}

static void attention(struct syc_engine *e, uint32_t l)
{
	const struct syc_block *w = &e->m->block[l];
	struct rows r = { .e = e, .layer = l };
	size_t n = e->b.n, dim = e->m->cfg.dim;

	ready(e, w->attn_norm, dim);
	mul(e, e->b.q, e->q_dim, &w->q, n);
	mul(e, e->b.k, e->kv_dim, &w->k, n);
	mul(e, e->b.v, e->kv_dim, &w->v, n);
	syc_par_run(e->par, n, rotate_row, &r);
	syc_par_run(e->par, e->b.n_tiles * e->m->cfg.n_kv_heads, attend_part, &r);
	ready(e, NULL, e->q_dim);
	mul(e, e->b.h, dim, &w->o, n);
	hooks(e, SYC_HOOK_ATTN, l, e->b.h);
	syc_par_run(e->par, n, add_row, &r);
}

static void feed_forward(struct syc_engine *e, uint32_t l)
{
	const struct syc_block *w = &e->m->block[l];
	struct rows r = { .e = e, .layer = l };
	size_t n = e->b.n, dim = e->m->cfg.dim, ffn = e->m->cfg.ffn_dim;

	ready(e, w->ffn_norm, dim);
	mul(e, e->b.g, ffn, &w->gate, n);
	mul(e, e->b.h, ffn, &w->up, n);
	syc_par_run(e->par, n, gate_row, &r);
	ready(e, NULL, ffn);
	mul(e, e->b.h, dim, &w->down, n);
	hooks(e, SYC_HOOK_MLP, l, e->b.h);
	syc_par_run(e->par, n, add_row, &r);
}

static void embed_row(void *arg, size_t t, unsigned thread)
{
	const struct rows *r = arg;
	struct syc_engine *e = r->e;
	const struct syc_tensor *w = e->m->embed;
	size_t dim = e->m->cfg.dim, bytes = w->bytes / e->m->cfg.n_vocab;

	(void)thread;
	decode(e, e->b.x + t * dim, w->type, w->data + (size_t)e->b.token[t] * bytes, dim);
}

/* Logits of n rows: only those are normalised and multiplied. */
static void read_logits(struct syc_engine *e, const size_t *row, size_t n)
{
	size_t dim = e->m->cfg.dim;
	struct rows r = { .e = e, .norm = e->m->output_norm, .from = row, .cols = dim };

	e->b.n = n;
	syc_par_run(e->par, n, ready_row, &r);
	mul(e, e->b.logits, e->m->cfg.n_vocab, &e->m->output, n);
}

/* As many rows at once as there is room for; each job sees its own. */
static void show_logits(struct syc_engine *e)
{
	struct syc_batch *b = &e->b;

	for (size_t at = 0; at < b->n_read; at += e->n_slots) {
		size_t n = b->n_read - at < e->n_slots ? b->n_read - at : e->n_slots;

		read_logits(e, b->read_row + at, n);
		for (size_t i = 0; i < n; i++) {
			const struct syc_where *w = &b->at[b->read_row[at + i]];

			w->job->on_token(w->job, w->pos, b->logits + i * e->m->cfg.n_vocab);
		}
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

	find_tiles(e);
	syc_par_run(e->par, e->b.n, embed_row, &r);
	for (uint32_t l = 0; l < e->n_layers; l++) {
		attention(e, l);
		feed_forward(e, l);
		hooks(e, SYC_HOOK_BLOCK, l, e->b.x);
	}
	show_logits(e);
	if (e->b.n_logits)
		read_logits(e, e->b.logit_row, e->b.n_logits);
}
