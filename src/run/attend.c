/* SPDX-License-Identifier: MIT */
/* Keys and values in their pages, and attention over them. */
#include "config.h"
#include <math.h>
#include <string.h>
#include "run/engine.h"

struct work {
	struct syc_engine *e;
	uint32_t layer;
};

/*
 * The keys (what = 0) or values (1) of one head in a page: keys [head_dim][32],
 * values [32][head_dim], float16, or float with compute f32.
 */
static void *kv_run(const struct syc_engine *e, const struct syc_page *p,
		    uint32_t layer, size_t what, size_t head)
{
	size_t run = ((size_t)layer * 2 + what) * e->m->cfg.n_kv_heads + head;

	return (char *)p->kv + run * e->cache.run_bytes;
}

static bool is_f32(const struct syc_engine *e)
{
	return e->m->compute == SYC_COMPUTE_F32;
}

static void store_key(const struct syc_engine *e, void *to, size_t at, const float *x)
{
	size_t hd = e->m->cfg.head_dim;
	float *floats = to;
	uint16_t *run = to, h[64];

	for (size_t d = 0; is_f32(e) && d < hd; d++)
		floats[d * SYC_RUN + at] = x[d];
	if (is_f32(e))
		return;
	for (size_t d = 0; d < hd; d += 64) {
		size_t n = hd - d < 64 ? hd - d : 64;

		e->kern->to_f16(h, x + d, n);
		for (size_t i = 0; i < n; i++)
			run[(d + i) * SYC_RUN + at] = h[i];
	}
}

static void store_kv(struct syc_engine *e, size_t t, uint32_t layer,
		     size_t what, const float *x)
{
	uint32_t pos = e->b.at[t].pos;
	const struct syc_page *p = e->b.slot[t]->page[pos / SYC_PAGE];
	size_t hd = e->m->cfg.head_dim, at = pos % SYC_PAGE;

	for (size_t h = 0; h < e->m->cfg.n_kv_heads; h++, x += hd) {
		void *run = kv_run(e, p, layer, what, h);

		if (what == 0)
			store_key(e, run, at, x);
		else if (is_f32(e))
			memcpy((float *)run + at * hd, x, hd * sizeof(*x));
		else
			e->kern->to_f16((uint16_t *)run + at * hd, x, hd);
	}
}

void syc_attend_store(struct syc_engine *e, size_t t, uint32_t layer,
		      const float *k, const float *v)
{
	store_kv(e, t, layer, 0, k);
	store_kv(e, t, layer, 1, v);
}

/*
 * Queries that share their keys: the heads of one group, of tokens that follow
 * each other in one sequence.
 */
struct queries {
	const float *q[SYC_ATTN_ROWS];	/* [head_dim] */
	float *out[SYC_ATTN_ROWS];	/* [head_dim] */
	size_t first[SYC_ATTN_ROWS];	/* key that each sees; not falling */
	size_t n[SYC_ATTN_ROWS];	/* where they end; not falling */
	size_t n_rows;
	const struct syc_slot *slot;
	uint32_t layer;
	size_t group;
	float *qk;			/* [n_rows][n_qk] */
};

/* The part of the page at j that row r sees: keys *from to the result. */
static size_t seen(const struct queries *u, size_t r, size_t j, size_t *from)
{
	*from = u->first[r] > j ? u->first[r] : j;
	return u->n[r] < j + SYC_PAGE ? u->n[r] : j + SYC_PAGE;
}

static void score_page(const struct syc_engine *e, const struct queries *u, size_t j, const void *k)
{
	const size_t hd = e->m->cfg.head_dim;

	if (is_f32(e))
		e->kern->scores_f32(u->qk + j, e->n_qk, u->q, u->n_rows, k, hd);
	else
		e->kern->scores(u->qk + j, e->n_qk, u->q, u->n_rows, k, hd);
}

/* n values of a page from `from` on, for n_rows rows from r on. */
static void mix_values(const struct syc_engine *e, const struct queries *u, size_t r,
		       size_t n_rows, size_t j, size_t from, size_t n, const void *v)
{
	const size_t hd = e->m->cfg.head_dim, at = (from - j) * hd;
	const float *p = u->qk + r * e->n_qk + from;

	if (is_f32(e))
		e->kern->mix_f32(&u->out[r], p, e->n_qk, n_rows, (const float *)v + at, n, hd);
	else
		e->kern->mix(&u->out[r], p, e->n_qk, n_rows, (const uint16_t *)v + at, n, hd);
}

/* A page that all rows see whole goes at once; else the heads of each token see its part. */
static void mix_page(const struct syc_engine *e, const struct queries *u, size_t j, const void *v)
{
	size_t from;

	if (u->n[0] >= j + SYC_PAGE && u->first[u->n_rows - 1] <= j) {
		mix_values(e, u, 0, u->n_rows, j, j, SYC_PAGE, v);
		return;
	}
	for (size_t r = 0, n; r < u->n_rows; r += n) {
		size_t end = seen(u, r, j, &from);

		for (n = 1; r + n < u->n_rows && u->n[r + n] == u->n[r]; n++)
			;
		if (end > from)
			mix_values(e, u, r, n, j, from, end - from, v);
	}
}

/* softmax(q K' / sqrt(hd)) V for each of the rows. */
static void attend(const struct syc_engine *e, const struct queries *u)
{
	const struct syc_kern *kern = e->kern;
	size_t hd = e->m->cfg.head_dim, n = u->n[u->n_rows - 1];
	size_t start = u->first[0] / SYC_PAGE * SYC_PAGE;
	float sum[SYC_ATTN_ROWS];

	for (size_t j = start; j < n; j += SYC_PAGE)
		score_page(e, u, j,
			   kv_run(e, u->slot->page[j / SYC_PAGE], u->layer, 0, u->group));
	for (size_t r = 0; r < u->n_rows; r++) {
		float *s = u->qk + r * e->n_qk + u->first[r];
		size_t len = u->n[r] - u->first[r];

		kern->scale(s, 1.0f / sqrtf((float)hd), len);
		sum[r] = kern->exp_sum(s, s, kern->max(s, len), len);
		memset(u->out[r], 0, hd * sizeof(float));
	}
	for (size_t j = start; j < n; j += SYC_PAGE)
		mix_page(e, u, j, kv_run(e, u->slot->page[j / SYC_PAGE], u->layer, 1, u->group));
	for (size_t r = 0; r < u->n_rows; r++)
		kern->scale(u->out[r], 1.0f / sum[r], hd);
}

/* Heads of one group, as many at a time as a kernel takes; into xb. */
static void attend_part(void *arg, size_t part, unsigned thread)
{
	const struct work *r = arg;
	struct syc_engine *e = r->e;
	const struct syc_config *c = &e->m->cfg;
	size_t span = part / c->n_kv_heads, group = part % c->n_kv_heads;
	size_t hd = c->head_dim, per = c->n_heads / c->n_kv_heads,
		window = syc_config_window(c, r->layer);
	size_t first = e->b.span[span], end = e->b.span[span + 1];
	struct queries u = { .slot = e->b.slot[first], .layer = r->layer, .group = group,
			     .qk = e->qk + thread * SYC_ATTN_ROWS * e->n_qk };

	for (size_t t = first; t < end; t++) {
		for (size_t h = group * per; h < (group + 1) * per; h++) {
			u.q[u.n_rows] = e->b.q + t * e->q_dim + h * hd;
			u.out[u.n_rows] = e->b.xb + t * e->wide + h * hd;
			u.n[u.n_rows] = (size_t)e->b.at[t].pos + 1;
			u.first[u.n_rows] = window &&
				u.n[u.n_rows] > window ? u.n[u.n_rows] - window : 0;
			u.n_rows++;
			if (u.n_rows == SYC_ATTN_ROWS) {
				attend(e, &u);
				u.n_rows = 0;
			}
		}
	}
	if (u.n_rows)
		attend(e, &u);
}

void syc_attend_spans(struct syc_engine *e)
{
	struct syc_batch *b = &e->b;
	size_t per = e->m->cfg.n_heads / e->m->cfg.n_kv_heads;
	size_t most = per < SYC_ATTN_ROWS ? SYC_ATTN_ROWS / per : 1;

	b->n_spans = b->n_paged = 0;
	for (size_t t = 0; t < b->n; t++) {
		bool follows = t > 0 && b->slot[t] == b->slot[t - 1] &&
			b->at[t].pos == b->at[t - 1].pos + 1;

		if (!follows || t - b->span[b->n_spans - 1] == most)
			b->span[b->n_spans++] = t;
		if (!follows || b->at[t].pos % SYC_PAGE == 0)
			b->paged[b->n_paged++] = t;
	}
	b->span[b->n_spans] = b->paged[b->n_paged] = b->n;
}

void syc_attend(struct syc_engine *e, uint32_t layer)
{
	struct work w = { e, layer };

	syc_par_rows(e->par, e->b.n_spans * e->m->cfg.n_kv_heads, attend_part, &w);
}
