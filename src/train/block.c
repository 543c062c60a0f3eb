/* SPDX-License-Identifier: MIT */
/* A block of the model, as src/run/forward.c has it, and backward. */
#include "config.h"
#include <math.h>
#include <string.h>
#include "train/train.h"

/* A block under way. */
struct block {
	struct syc_trainer *t;
	const struct syc_block *w;
	struct syc_train_kept *k;
	uint32_t l;
	bool dx;		/* the gradient of its input is wanted */
	/* of a norm: from, and by what */
	const float *x, *norm;
};

static struct block block_at(struct syc_trainer *t, uint32_t l)
{
	return (struct block){
		.t = t, .w = &t->m->block[l], .l = l, .dx = l > t->lowest,
		.k = t->keeps && l >= t->lowest ? &t->kept[l] : &t->one,
	};
}

static struct syc_train_linear linear(const struct block *b,
				      enum syc_lora_matrix i)
{
	const struct syc_matrix *const w[SYC_LORA_N] = {
		&b->w->q,    &b->w->k,	&b->w->v,    &b->w->o,
		&b->w->gate, &b->w->up, &b->w->down,
	};
	const size_t number = (size_t)b->l * SYC_LORA_N + i;

	return (struct syc_train_linear){w[i], b->t->pair[number], b->k->z[i],
					 number};
}

/* y NULL: only z. */
static void multiply(const struct block *b, enum syc_lora_matrix i,
		     const float *x, float *y)
{
	const struct syc_train_linear lin = linear(b, i);

	if (y)
		syc_train_linear(b->t, &lin, x, y);
	else
		syc_train_linear_low(b->t, &lin, x);
}

/* ---- forward ------------------------------------------------------------- */

static void norm_row(void *arg, size_t i, unsigned thread)
{
	const struct block *b = arg;
	struct syc_trainer *t = b->t;

	(void)thread;
	t->kern->rmsnorm(t->xb + i * t->dim, b->x + i * t->dim, b->norm, t->dim,
			 t->m->cfg.norm_eps);
}

/* xb = x, normalized. */
static void normalize(struct block *b, const float *x, const float *norm)
{
	b->x = x;
	b->norm = norm;
	syc_par_run(b->t->par, b->t->n_rows, norm_row, b);
}

/*
 * Heads of one token, in y from x (which may be y): their norms, their
 * position.
 */
static void turn_heads(const struct syc_trainer *t, float *y, const float *x,
		       size_t n, const float *norm, const float *turn)
{
	for (size_t i = 0; i < n; i += t->hd) {
		if (norm)
			t->kern->rmsnorm(y + i, x + i, norm, t->hd,
					 t->m->cfg.norm_eps);
		t->kern->rope(y + i, turn, t->hd / 2);
	}
}

static size_t position(const struct syc_trainer *t, size_t i)
{
	return i - t->span[t->of[i]].first;
}

static void heads_row(void *arg, size_t i, unsigned thread)
{
	const struct block *b = arg;
	const struct syc_trainer *t = b->t;
	const float *turn = t->turn + position(t, i) * t->hd;

	(void)thread;
	turn_heads(t, b->k->q + i * t->q_dim, b->k->q_raw + i * t->q_dim,
		   t->q_dim, b->w->q_norm, turn);
	turn_heads(t, b->k->k + i * t->kv_dim, b->k->k_raw + i * t->kv_dim,
		   t->kv_dim, b->w->k_norm, turn);
}

static void mid_row(void *arg, size_t i, unsigned thread)
{
	const struct block *b = arg;
	const struct syc_trainer *t = b->t;

	(void)thread;
	t->kern->add(b->k->mid + i * t->dim,
		     t->x[b->l] + syc_train_token(t, i) * t->dim, t->dim);
}

static void hidden_row(void *arg, size_t i, unsigned thread)
{
	const struct block *b = arg;
	const struct syc_trainer *t = b->t;
	float *h = t->h + i * t->ffn;

	(void)thread;
	memcpy(h, b->k->up + i * t->ffn, t->ffn * sizeof(*h));
	t->kern->silu_mul(h, b->k->gate + i * t->ffn, t->ffn);
}

static void out_row(void *arg, size_t i, unsigned thread)
{
	const struct block *b = arg;
	const struct syc_trainer *t = b->t;
	float *x = t->x[b->l + 1] + i * t->dim;

	(void)thread;
	t->kern->add(x, b->k->mid + i * t->dim, t->dim);
	if (t->steer && t->mode == SYC_TRAIN_LEARN)
		t->kern->add(x, t->steer + b->l * t->dim, t->dim);
}

/* What o multiplies: attention's output, of the last block in t->dq. */
static const float *o_input(const struct block *b)
{
	const struct syc_trainer *t = b->t;
	const size_t n = t->q_dim;

	if (b->l + 1 < t->m->cfg.n_layers)
		return b->k->mixed;
	for (size_t i = 0; i < t->n_answer; i++)
		memcpy(t->dq + i * n, b->k->mixed + t->row[i] * n, n * sizeof(float));
	return t->dq;
}

/* Rows behind attention. */
static size_t rows_behind(const struct block *b)
{
	return b->l + 1 < b->t->m->cfg.n_layers ? b->t->n : b->t->n_answer;
}

/* Up to what the backward pass needs. */
static void inner(struct block *b)
{
	struct syc_trainer *t = b->t;
	struct syc_train_kept *k = b->k;

	t->n_rows = t->n;
	normalize(b, t->x[b->l], b->w->attn_norm);
	multiply(b, SYC_LORA_Q, t->xb, k->q_raw);
	multiply(b, SYC_LORA_K, t->xb, k->k_raw);
	multiply(b, SYC_LORA_V, t->xb, k->v);
	syc_par_run(t->par, t->n, heads_row, b);
	syc_train_attend(t, b->l, k);
	t->n_rows = rows_behind(b);
	multiply(b, SYC_LORA_O, o_input(b), k->mid);
	syc_par_run(t->par, t->n_rows, mid_row, b);
	normalize(b, k->mid, b->w->ffn_norm);
	multiply(b, SYC_LORA_GATE, t->xb, k->gate);
	multiply(b, SYC_LORA_UP, t->xb, k->up);
}

void syc_train_block(struct syc_trainer *t, uint32_t l)
{
	struct block b = block_at(t, l);

	inner(&b);
	syc_par_run(t->par, t->n_rows, hidden_row, &b);
	multiply(&b, SYC_LORA_DOWN, t->h, t->x[l + 1]);
	syc_par_run(t->par, t->n_rows, out_row, &b);
}

/* ---- backward ------------------------------------------------------------ */

/*
 * With y = x inv w, inv = 1 / sqrt(mean x^2 + eps): inv w dy - x inv^3 (x . w
 * dy) / n.
 */
void syc_train_norm_back(const struct syc_kern *kern, float *dy, const float *x,
			 const float *w, size_t n, float eps)
{
	const float inv = 1.0f / sqrtf(kern->dot(x, x, n) / (float)n + eps);
	float along;

	for (size_t i = 0; i < n; i++)
		dy[i] *= w[i];
	along = kern->dot(dy, x, n);
	kern->scale(dy, inv, n);
	kern->axpy(dy, -(along / (float)n * inv * inv * inv), x, n);
}

/* dx += dxb, which is of the norm's output. */
static void norm_row_back(void *arg, size_t i, unsigned thread)
{
	const struct block *b = arg;
	const struct syc_trainer *t = b->t;
	float *d = t->dxb + i * t->dim;

	(void)thread;
	syc_train_norm_back(t->kern, d, b->x + i * t->dim, b->norm, t->dim,
			    t->m->cfg.norm_eps);
	t->kern->add(t->dx + i * t->dim, d, t->dim);
}

static void turn_heads_back(const struct syc_trainer *t, float *d,
			    const float *x, size_t n, const float *norm,
			    const float *turn)
{
	for (size_t i = 0; i < n; i += t->hd) {
		t->kern->rope(d + i, turn, t->hd / 2);
		if (norm)
			syc_train_norm_back(t->kern, d + i, x + i, norm, t->hd,
					    t->m->cfg.norm_eps);
	}
}

static void heads_row_back(void *arg, size_t i, unsigned thread)
{
	const struct block *b = arg;
	const struct syc_trainer *t = b->t;
	const float *turn = t->turn_back + position(t, i) * t->hd;

	(void)thread;
	turn_heads_back(t, t->dq + i * t->q_dim, b->k->q_raw + i * t->q_dim,
			t->q_dim, b->w->q_norm, turn);
	turn_heads_back(t, t->dk + i * t->kv_dim, b->k->k_raw + i * t->kv_dim,
			t->kv_dim, b->w->k_norm, turn);
}

enum { STRIDE = 64 };

/* h = up g s, s = 1 / (1 + exp(-g)); its gradient d becomes that of up. */
static void silu_back(const struct syc_kern *kern, float *d, float *dgate,
		      const float *gate, const float *up, size_t n)
{
	float s[STRIDE];

	for (size_t i = 0; i < n; i++)
		s[i] = -gate[i];
	kern->exp_sum(s, s, 0, n);
	for (size_t i = 0; i < n; i++) {
		const float share = 1.0f / (1.0f + s[i]), h = d[i],
			    silu = gate[i] * share;

		dgate[i] = h * up[i] * (share + silu * (1.0f - share));
		d[i] = h * silu;
	}
}

static void hidden_row_back(void *arg, size_t row, unsigned thread)
{
	const struct block *b = arg;
	const struct syc_trainer *t = b->t;

	(void)thread;
	for (size_t i = 0; i < t->ffn; i += STRIDE) {
		const size_t at = row * t->ffn + i, left = t->ffn - i;

		silu_back(t->kern, t->dup + at, t->dgate + at, b->k->gate + at,
			  b->k->up + at, left < STRIDE ? left : STRIDE);
	}
}

static bool trains(const struct block *b, enum syc_lora_matrix from,
		   enum syc_lora_matrix to)
{
	for (size_t i = from; i <= to; i++)
		if (b->t->pair[(size_t)b->l * SYC_LORA_N + i])
			return true;
	return false;
}

static void multiply_back(const struct block *b, enum syc_lora_matrix i,
			  const float *x, const float *dy, float *dx, bool add,
			  float *grad)
{
	const struct syc_train_linear lin = linear(b, i);

	syc_train_linear_back(b->t, &lin, x, dy, dx, add, grad);
}

/* From dx of the block's output: dx of mid, where it is wanted. */
static void feed_forward_back(struct block *b, bool want, float *grad)
{
	struct syc_trainer *t = b->t;
	float *dxb = want ? t->dxb : NULL;

	syc_par_run(t->par, t->n_rows, hidden_row, b);
	if (!t->keeps)
		multiply(b, SYC_LORA_DOWN, t->h, NULL);
	multiply_back(b, SYC_LORA_DOWN, t->h, t->dx, t->dup, false, grad);
	syc_par_run(t->par, t->n_rows, hidden_row_back, b);
	normalize(b, b->k->mid, b->w->ffn_norm);
	multiply_back(b, SYC_LORA_GATE, t->xb, t->dgate, dxb, false, grad);
	multiply_back(b, SYC_LORA_UP, t->xb, t->dup, dxb, true, grad);
	if (want)
		syc_par_run(t->par, t->n_rows, norm_row_back, b);
}

/* The n_answer rows of d become those of their tokens, and others 0. */
static void spread(const struct syc_trainer *t, float *d, size_t n)
{
	size_t end = t->n;

	for (size_t i = t->n_answer; i-- > 0; end = t->row[i]) {
		memmove(d + t->row[i] * n, d + i * n, n * sizeof(*d));
		memset(d + (t->row[i] + 1) * n, 0,
		       (end - t->row[i] - 1) * n * sizeof(*d));
	}
	memset(d, 0, end * n * sizeof(*d));
}

/* From dx of mid: dx of the block's input, where it is wanted. */
static void attention_back(struct block *b, float *grad)
{
	struct syc_trainer *t = b->t;
	float *dxb = b->dx ? t->dxb : NULL;

	multiply_back(b, SYC_LORA_O, o_input(b), t->dx, t->dmixed, false, grad);
	if (t->n_rows < t->n) {
		spread(t, t->dmixed, t->q_dim);
		spread(t, t->dx, t->dim);
		t->n_rows = t->n;
	}
	syc_train_attend_back(t, b->l, b->k);
	syc_par_run(t->par, t->n, heads_row_back, b);
	normalize(b, t->x[b->l], b->w->attn_norm);
	multiply_back(b, SYC_LORA_Q, t->xb, t->dq, dxb, false, grad);
	multiply_back(b, SYC_LORA_K, t->xb, t->dk, dxb, true, grad);
	multiply_back(b, SYC_LORA_V, t->xb, t->dv, dxb, true, grad);
	if (b->dx)
		syc_par_run(t->par, t->n_rows, norm_row_back, b);
}

void syc_train_block_back(struct syc_trainer *t, uint32_t l, float *grad)
{
	struct block b = block_at(t, l);
	const bool attention = b.dx || trains(&b, SYC_LORA_Q, SYC_LORA_O);

	t->n_rows = rows_behind(&b);
	if (!t->keeps)
		inner(&b);
	feed_forward_back(&b, attention, grad);
	if (attention)
		attention_back(&b, grad);
}
