/* SPDX-License-Identifier: MIT */
/*
 * Products with frozen matrices and with adapters.  A matrix is decoded a chunk
 * of rows at a time, and multiplied in tiles, each a product of one thread.
 */
#include "config.h"
#include <cblas.h>
#include <string.h>
#include "base/rand.h"
#include "train/train.h"

/* What products are cut into, like the rest never by the number of threads. */
enum {
	TILE_TOKENS = 256,
	MANY_TOKENS = 512,	/* of a tile that has others beside it */
	TILE_COLS = 768,
	DECODE_ROWS = 32,
	LOW_TOKENS = 64,	/* tokens of a product with a or b */
	LOW_COLS = 128,		/* of their gradients */
};

/* Row-major: c [m][n] = alpha a b + beta c. */
static void gemm(bool ta, bool tb, size_t m, size_t n, size_t k, float alpha,
		 const float *a, size_t lda, const float *b, size_t ldb,
		 float beta, float *c, size_t ldc)
{
	cblas_sgemm(CblasRowMajor, ta ? CblasTrans : CblasNoTrans,
		    tb ? CblasTrans : CblasNoTrans, (int)m, (int)n, (int)k,
		    alpha, a, (int)lda, b, (int)ldb, beta, c, (int)ldc);
}

static size_t parts(size_t n, size_t each)
{
	return (n + each - 1) / each;
}

/* How long part i is. */
static size_t length(size_t n, size_t each, size_t i)
{
	return n - i * each < each ? n - i * each : each;
}

/*
 * Tokens of the tiles of n columns.  More pack the weights less often, but leave
 * threads without a tile where columns have only one.
 */
static size_t tile_tokens(size_t n)
{
	return n > TILE_COLS ? MANY_TOKENS : TILE_TOKENS;
}

static size_t tiles(size_t m, size_t n)
{
	return parts(m, tile_tokens(n)) * parts(n, TILE_COLS);
}

/* m tokens from one on, with n columns from one on. */
struct tile {
	size_t token, m, col, n;
};

/* One of the tiles of m tokens and n columns. */
static struct tile tile_of(size_t m, size_t n, size_t part)
{
	const size_t over = parts(n, TILE_COLS), i = part / over,
		     j = part % over, each = tile_tokens(n);

	return (struct tile){
		i * each, length(m, each, i), j * TILE_COLS, length(n, TILE_COLS, j),
	};
}

size_t syc_train_token(const struct syc_trainer *t, size_t i)
{
	return t->n_rows < t->n ? t->row[i] : i;
}

/* A product under way: of m tokens with n rows of a matrix, in t->decoded. */
struct product {
	struct syc_trainer *t;
	const struct syc_train_linear *lin; /* or NULL: no adapter, no bias */
	const struct syc_matrix *w;
	size_t row, n, m, cols;
	bool first; /* chunk: what is not of rows is due */
	const float *x, *dy;
	size_t ldy;
	float *y, *dx;
	bool add;
	float *grad_a, *grad_b;
};

static const struct syc_lora_pair *pair_of(const struct product *p)
{
	return p->lin && p->t->mode != SYC_TRAIN_BASE ? p->lin->pair : NULL;
}

static bool drops(const struct syc_trainer *t)
{
	return t->mode == SYC_TRAIN_LEARN && t->dropped;
}

/* ---- dropout ------------------------------------------------------------- */

/*
 * What row i keeps of x [n], added to y or instead of it: 16 random bits a
 * value, four values a draw, by the token's place.
 */
static void mask(const struct product *p, size_t i, const float *x, float *y,
		 size_t n, bool add)
{
	const struct syc_trainer *t = p->t;
	const size_t token = syc_train_token(t, i);
	const struct syc_train_span *s = &t->span[t->of[token]];
	const uint32_t cut = (uint32_t)(t->w->shape.dropout * 65536 + 0.5f);
	const float scale = 65536 / (float)(65536 - cut);
	const uint64_t key = syc_rand_u64(
			       syc_rand_key(t->seed, "dropout", s->key),
			       p->lin->number),
		       step = (token - s->first) * parts(n, 4);
	uint64_t bits = 0;

	for (size_t k = 0; k < n; k++, bits >>= 16) {
		if (k % 4 == 0)
			bits = syc_rand_u64(key, step + k / 4);
		y[k] = ((bits & 0xffff) >= cut ? x[k] * scale : 0) +
		       (add ? y[k] : 0);
	}
}

/* The input of a, as it was in the forward pass. */
static void drop_rows(const struct product *p, size_t from, size_t n)
{
	for (size_t i = from; i < from + n; i++)
		mask(p, i, p->x + i * p->cols, p->t->dropped + i * p->cols,
		     p->cols, false);
}

static const float *low_input(const struct product *p)
{
	return drops(p->t) ? p->t->dropped : p->x;
}

/* ---- decoding, and the narrow products beside it ------------------------- */

void syc_train_rows(const struct syc_trainer *t, const struct syc_matrix *w,
		    size_t row, size_t n, float *out)
{
	if (w->merged)
		memcpy(out, w->merged + row * w->cols,
		       n * w->cols * sizeof(*out));
	else
		syc_matrix_stored(out, w, row, n, t->kern);
}

static void decode_part(const struct product *p, size_t part)
{
	const size_t at = part * DECODE_ROWS,
		     n = length(p->n, DECODE_ROWS, part);

	syc_train_rows(p->t, p->w, p->row + at, n,
		       p->t->decoded + at * p->w->cols);
}

/* z of some tokens. */
static void low_part(const struct product *p, size_t part)
{
	const size_t at = part * LOW_TOKENS, n = length(p->m, LOW_TOKENS, part),
		     rank = p->t->rank;

	if (drops(p->t))
		drop_rows(p, at, n);
	gemm(false, true, n, rank, p->cols, 1, low_input(p) + at * p->cols,
	     p->cols, p->lin->pair->a, p->cols, 0, p->lin->z + at * rank, rank);
}

static void decode_forward(void *arg, size_t part, unsigned thread)
{
	const struct product *p = arg;
	const size_t n = parts(p->n, DECODE_ROWS);

	(void)thread;
	if (part < n)
		decode_part(p, part);
	else
		low_part(p, part - n);
}

/* dz of some tokens. */
static void low_back_part(const struct product *p, size_t part)
{
	const size_t at = part * LOW_TOKENS, n = length(p->m, LOW_TOKENS, part),
		     rank = p->t->rank, rows = p->w->rows;

	if (drops(p->t))
		drop_rows(p, at, n);
	gemm(false, false, n, rank, rows, p->t->w->scale, p->dy + at * rows,
	     rows, p->lin->pair->b, rank, 0, p->t->dz + at * rank, rank);
}

static void decode_backward(void *arg, size_t part, unsigned thread)
{
	const struct product *p = arg;
	const size_t n = p->dx ? parts(p->n, DECODE_ROWS) : 0;

	(void)thread;
	if (part < n)
		decode_part(p, part);
	else
		low_back_part(p, part - n);
}

/* ---- forward ------------------------------------------------------------- */

static void forward_tile(void *arg, size_t part, unsigned thread)
{
	const struct product *p = arg;
	const struct syc_lora_pair *pair = pair_of(p);
	const struct tile c = tile_of(p->m, p->n, part);
	const size_t row = p->row + c.col, rank = p->t->rank;
	float *y = p->y + c.token * p->ldy + row;

	(void)thread;
	gemm(false, true, c.m, c.n, p->cols, 1, p->x + c.token * p->cols, p->cols,
	     p->t->decoded + c.col * p->cols, p->cols, 0, y, p->ldy);
	if (pair)
		gemm(false, true, c.m, c.n, rank, p->t->w->scale,
		     p->lin->z + c.token * rank, rank, pair->b + row * rank,
		     rank, 1, y, p->ldy);
	for (size_t k = 0; k < c.m && p->w && p->w->bias; k++)
		p->t->kern->add(y + k * p->ldy, p->w->bias + row, c.n);
}

void syc_train_linear(struct syc_trainer *t, const struct syc_train_linear *lin,
		      const float *x, float *y)
{
	const struct syc_matrix *w = lin->w;
	const size_t chunk = syc_train_chunk(w->rows, w->cols);
	struct product p = {
		.t = t, .lin = lin, .w = w, .m = t->n_rows, .cols = w->cols,
		.x = x, .y = y, .ldy = w->rows,
	};

	for (; p.row < w->rows; p.row += chunk) {
		size_t n_low =
			p.row == 0 && pair_of(&p) ? parts(p.m, LOW_TOKENS) : 0;

		p.n = w->rows - p.row < chunk ? w->rows - p.row : chunk;
		syc_par_run(t->par, parts(p.n, DECODE_ROWS) + n_low,
			    decode_forward, &p);
		syc_par_run(t->par, tiles(p.m, p.n), forward_tile, &p);
	}
}

void syc_train_linear_low(struct syc_trainer *t,
			  const struct syc_train_linear *lin, const float *x)
{
	struct product p = {
		.t = t, .lin = lin, .m = t->n_rows, .cols = lin->w->cols, .x = x};

	if (pair_of(&p))
		syc_par_run(t->par, parts(p.m, LOW_TOKENS), decode_forward, &p);
}

/* ---- backward ------------------------------------------------------------ */

static void dx_tile(const struct product *p, size_t part)
{
	const struct syc_lora_pair *pair =
		p->first && !drops(p->t) ? pair_of(p) : NULL;
	const struct tile c = tile_of(p->m, p->cols, part);
	const size_t rank = p->t->rank;
	float *dx = p->dx + c.token * p->cols + c.col;

	gemm(false, false, c.m, c.n, p->n, 1,
	     p->dy + c.token * p->ldy + p->row, p->ldy, p->t->decoded + c.col,
	     p->cols, p->add || !p->first, dx, p->cols);
	if (pair)
		gemm(false, false, c.m, c.n, rank, 1, p->t->dz + c.token * rank,
		     rank, pair->a + c.col, p->cols, 1, dx, p->cols);
}

/* Gradients of some rows of b, and of some columns of a. */
static void grad_b_part(const struct product *p, size_t part)
{
	const size_t at = part * LOW_COLS,
		     n = length(p->w->rows, LOW_COLS, part), rank = p->t->rank;

	gemm(true, false, n, rank, p->m, p->t->w->scale, p->dy + at, p->w->rows,
	     p->lin->z, rank, 1, p->grad_b + at * rank, rank);
}

static void grad_a_part(const struct product *p, size_t part)
{
	const size_t at = part * LOW_COLS, n = length(p->cols, LOW_COLS, part),
		     rank = p->t->rank;

	gemm(true, false, rank, n, p->m, 1, p->t->dz, rank, low_input(p) + at,
	     p->cols, 1, p->grad_a + at, p->cols);
}

static void backward_tile(void *arg, size_t part, unsigned thread)
{
	const struct product *p = arg;
	const size_t n = p->dx ? tiles(p->m, p->cols) : 0,
		     n_b = p->w ? parts(p->w->rows, LOW_COLS) : 0;

	(void)thread;
	if (part < n)
		dx_tile(p, part);
	else if (part - n < n_b)
		grad_b_part(p, part - n);
	else
		grad_a_part(p, part - n - n_b);
}

/* dx of what was dropped: through the mask, in the place of a's input. */
static void drop_back(void *arg, size_t part, unsigned thread)
{
	const struct product *p = arg;
	const size_t at = part * LOW_TOKENS, n = length(p->m, LOW_TOKENS, part),
		     rank = p->t->rank;
	float *d = p->t->dropped + at * p->cols;

	(void)thread;
	gemm(false, false, n, p->cols, rank, 1, p->t->dz + at * rank, rank,
	     p->lin->pair->a, p->cols, 0, d, p->cols);
	for (size_t i = 0; i < n; i++)
		mask(p, at + i, d + i * p->cols, p->dx + (at + i) * p->cols,
		     p->cols, true);
}

static void chunk_back(struct product *p)
{
	const bool low = p->first && pair_of(p);
	const size_t n_dx = p->dx ? tiles(p->m, p->cols) : 0,
		     n_grad = low ? parts(p->w->rows, LOW_COLS) +
					      parts(p->cols, LOW_COLS)
				  : 0;

	syc_par_run(p->t->par, (p->dx ? parts(p->n, DECODE_ROWS) : 0) +
		    (low ? parts(p->m, LOW_TOKENS) : 0), decode_backward, p);
	syc_par_run(p->t->par, n_dx + n_grad, backward_tile, p);
	if (low && p->dx && drops(p->t))
		syc_par_run(p->t->par, parts(p->m, LOW_TOKENS), drop_back, p);
}

void syc_train_linear_back(struct syc_trainer *t,
			   const struct syc_train_linear *lin, const float *x,
			   const float *dy, float *dx, bool add, float *grad)
{
	const struct syc_matrix *w = lin->w;
	const size_t chunk = syc_train_chunk(w->rows, w->cols);
	struct product p = {
		.t = t,
		.lin = lin,
		.w = w,
		.m = t->n_rows,
		.cols = w->cols,
		.first = true,
		.x = x,
		.dy = dy,
		.ldy = w->rows,
		.dx = dx,
		.add = add,
	};

	if (lin->pair) {
		p.grad_a = grad + (lin->pair->a - t->w->values);
		p.grad_b = grad + (lin->pair->b - t->w->values);
	}
	for (; p.row < w->rows && (dx || p.first); p.row += chunk) {
		p.n = w->rows - p.row < chunk ? w->rows - p.row : chunk;
		chunk_back(&p);
		p.first = false;
	}
}

/* ---- without an adapter, for head.c -------------------------------------- */

void syc_train_decode(struct syc_trainer *t, const struct syc_matrix *w,
		      size_t row, size_t n)
{
	struct product p = { .t = t, .w = w, .row = row, .n = n };

	syc_par_run(t->par, parts(n, DECODE_ROWS), decode_forward, &p);
}

void syc_train_times(struct syc_trainer *t, float *y, size_t ldy,
		     const float *x, size_t m, size_t n, size_t cols)
{
	struct product p = {.t = t,
			    .m = m,
			    .n = n,
			    .cols = cols,
			    .x = x,
			    .y = y,
			    .ldy = ldy};

	syc_par_run(t->par, tiles(m, n), forward_tile, &p);
}

void syc_train_times_back(struct syc_trainer *t, float *dx, const float *dy,
			  size_t ldy, size_t m, size_t n, size_t cols, bool add)
{
	struct product p = {
		.t = t,
		.m = m,
		.n = n,
		.cols = cols,
		.dy = dy,
		.ldy = ldy,
		.dx = dx,
		.add = add,
		.first = true,
	};

	syc_par_run(t->par, tiles(m, cols), backward_tile, &p);
}
