/* SPDX-License-Identifier: MIT */
/*
 * Attention within each sequence: softmax(q k' / sqrt(hd)) v, queries in tiles
 * of fixed size, whose scores the backward pass makes again (Dao et al. 2022).
 */
#include "config.h"
#include <cblas.h>
#include <math.h>
#include <string.h>
#include "kern/math.h"
#include "train/train.h"

struct work {
	struct syc_trainer *t;
	const struct syc_train_kept *k;
	size_t window;		/* keys that a query sees; 0: all before it */
};

/* Queries [from, to) of one head, and the keys [first, to) that they see. */
struct tile {
	const struct work *work;
	const struct syc_train_span *span;
	size_t head, kv_head;
	size_t from, to, first;
	float *s, *d; /* [to - from][ld]: scores; what comes back to them */
	size_t ld;
};

static size_t first_key(const struct work *w, size_t query)
{
	return w->window && query + 1 > w->window ? query + 1 - w->window : 0;
}

/* Where a head's values of a token of the span are. */
static float *at(const struct tile *u, float *x, size_t token, size_t width,
		 size_t head)
{
	return x + (u->span->first + token) * width + head * u->work->t->hd;
}

static float *log_sum(const struct tile *u, size_t query)
{
	const struct syc_trainer *t = u->work->t;

	return u->work->k->log_sum +
	       (u->span->first + query) * t->m->cfg.n_heads + u->head;
}

/* s = q k' / sqrt(hd), of keys that are not seen, too. */
static void scores(const struct tile *u)
{
	const struct syc_trainer *t = u->work->t;
	const struct syc_train_kept *k = u->work->k;

	cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans,
		    (int)(u->to - u->from), (int)(u->to - u->first), (int)t->hd,
		    1.0f / sqrtf((float)t->hd),
		    at(u, k->q, u->from, t->q_dim, u->head), (int)t->q_dim,
		    at(u, k->k, u->first, t->kv_dim, u->kv_head),
		    (int)t->kv_dim, 0.0f, u->s, (int)u->ld);
}

/*
 * Row r of a tile: keys [*from, *from + n) of its scores are seen, others are
 * 0.
 */
static size_t seen(const struct tile *u, size_t r, float *s, size_t *from)
{
	const size_t query = u->from + r, first = first_key(u->work, query);

	*from = first - u->first;
	memset(s, 0, *from * sizeof(*s));
	memset(s + (query + 1 - u->first), 0, (u->to - query - 1) * sizeof(*s));
	return query + 1 - first;
}

static void softmax(const struct tile *u)
{
	const struct syc_kern *kern = u->work->t->kern;

	for (size_t r = 0; r < u->to - u->from; r++) {
		size_t from, n = seen(u, r, u->s + r * u->ld, &from);
		float *s = u->s + r * u->ld + from, top = kern->max(s, n),
		      sum = kern->exp_sum(s, s, top, n);

		kern->scale(s, 1.0f / sum, n);
		*log_sum(u, u->from + r) = sum > 0 ? top + (float)syc_log((double)sum) : sum;
	}
}

/* m [..][hd] of keys = p' times that of queries, added. */
static void to_keys(const struct tile *u, const float *p, const float *x,
		    float *m)
{
	const struct syc_trainer *t = u->work->t;

	cblas_sgemm(CblasRowMajor, CblasTrans, CblasNoTrans,
		    (int)(u->to - u->first), (int)t->hd, (int)(u->to - u->from),
		    1.0f, p, (int)u->ld, x, (int)t->q_dim, 1.0f, m,
		    (int)t->kv_dim);
}

/* m [..][hd] of queries = p times that of keys. */
static void to_queries(const struct tile *u, const float *p, const float *x,
		       float *m)
{
	const struct syc_trainer *t = u->work->t;

	cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans,
		    (int)(u->to - u->from), (int)t->hd, (int)(u->to - u->first),
		    1.0f, p, (int)u->ld, x, (int)t->kv_dim, 0.0f, m,
		    (int)t->q_dim);
}

static void forward_tile(const struct tile *u)
{
	const struct syc_trainer *t = u->work->t;
	const struct syc_train_kept *k = u->work->k;

	scores(u);
	softmax(u);
	to_queries(u, u->s, at(u, k->v, u->first, t->kv_dim, u->kv_head),
		   at(u, k->mixed, u->from, t->q_dim, u->head));
}

/*
 * s becomes the probabilities p, and d, the gradients of these, those of the
 * scores before their scale: p (d - sum p d), where sum p d is mixed times
 * dmixed.
 */
static void softmax_back(const struct tile *u)
{
	const struct syc_trainer *t = u->work->t;
	const float scale = 1.0f / sqrtf((float)t->hd);

	for (size_t r = 0; r < u->to - u->from; r++) {
		const size_t q = u->from + r;
		const float mean = t->kern->dot(
			at(u, u->work->k->mixed, q, t->q_dim, u->head),
			at(u, t->dmixed, q, t->q_dim, u->head), t->hd);
		float *s = u->s + r * u->ld, *d = u->d + r * u->ld;
		size_t from, n = seen(u, r, s, &from);

		seen(u, r, d, &from);
		t->kern->exp_sum(s + from, s + from, *log_sum(u, q), n);
		for (size_t j = from; j < from + n; j++)
			d[j] = s[j] * (d[j] - mean) * scale;
	}
}

static void backward_tile(const struct tile *u)
{
	struct syc_trainer *t = u->work->t;
	const struct syc_train_kept *k = u->work->k;
	const float *dmixed = at(u, t->dmixed, u->from, t->q_dim, u->head);

	scores(u);
	cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans,
		    (int)(u->to - u->from), (int)(u->to - u->first), (int)t->hd,
		    1.0f, dmixed, (int)t->q_dim,
		    at(u, k->v, u->first, t->kv_dim, u->kv_head),
		    (int)t->kv_dim, 0.0f, u->d, (int)u->ld);
	softmax_back(u);
	to_keys(u, u->s, dmixed, at(u, t->dv, u->first, t->kv_dim, u->kv_head));
	to_keys(u, u->d, at(u, k->q, u->from, t->q_dim, u->head),
		at(u, t->dk, u->first, t->kv_dim, u->kv_head));
	to_queries(u, u->d, at(u, k->k, u->first, t->kv_dim, u->kv_head),
		   at(u, t->dq, u->from, t->q_dim, u->head));
}

/* All tiles of a sequence that share a head's keys. */
static void each_tile(const struct work *w, size_t part, unsigned thread,
		      void (*fn)(const struct tile *u))
{
	struct syc_trainer *t = w->t;
	const struct syc_config *c = &t->m->cfg;
	const size_t per = c->n_heads / c->n_kv_heads,
		     room = SYC_TRAIN_QUERIES * t->n;
	struct tile u = {
		.work = w,
		.span = &t->span[part / c->n_kv_heads],
		.kv_head = part % c->n_kv_heads,
		.s = t->scores + thread * 2 * room,
	};

	u.d = u.s + room;
	u.ld = u.span->n;
	for (u.from = 0; u.from < u.span->n; u.from = u.to) {
		u.to = u.from + SYC_TRAIN_QUERIES < u.span->n
			       ? u.from + SYC_TRAIN_QUERIES
			       : u.span->n;
		u.first = first_key(w, u.from);
		for (u.head = u.kv_head * per; u.head < (u.kv_head + 1) * per;
		     u.head++)
			fn(&u);
	}
}

static void forward_part(void *arg, size_t part, unsigned thread)
{
	each_tile(arg, part, thread, forward_tile);
}

static void backward_part(void *arg, size_t part, unsigned thread)
{
	const struct work *w = arg;
	const struct syc_trainer *t = w->t;
	const size_t n_kv = t->m->cfg.n_kv_heads;
	const struct tile u = { .work = w, .span = &t->span[part / n_kv] };

	for (size_t i = 0; i < u.span->n; i++) {
		memset(at(&u, t->dk, i, t->kv_dim, part % n_kv), 0,
		       t->hd * sizeof(float));
		memset(at(&u, t->dv, i, t->kv_dim, part % n_kv), 0,
		       t->hd * sizeof(float));
	}
	each_tile(w, part, thread, backward_tile);
}

void syc_train_attend(struct syc_trainer *t, uint32_t layer,
		      struct syc_train_kept *k)
{
	struct work w = { t, k, syc_config_window(&t->m->cfg, layer) };

	syc_par_run(t->par, t->n_spans * t->m->cfg.n_kv_heads, forward_part,
		    &w);
}

void syc_train_attend_back(struct syc_trainer *t, uint32_t layer,
			   const struct syc_train_kept *k)
{
	struct work w = { t, k, syc_config_window(&t->m->cfg, layer) };

	syc_par_run(t->par, t->n_spans * t->m->cfg.n_kv_heads, backward_part,
		    &w);
}
