/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <cblas.h>
#include <string.h>
#include "base/mem.h"
#include "run/product.h"

enum {
	MUL_TOKENS = 64,
	/* of 16 rows: what the fastest kernel takes at once */
	PART_GROUPS = 3,
	FEW_TOKENS = 32,
};

/* ---- inputs --------------------------------------------------------------- */

struct input {
	struct syc_engine *e;
	const float *norm;	/* weights of a norm, or NULL */
	const size_t *from;	/* [n] rows of x, or NULL */
	size_t n, cols;
};

static void ready_row(const struct input *r, size_t t)
{
	struct syc_engine *e = r->e;
	size_t len = syc_round_up(r->cols, SYC_Q_BLOCK), at;
	float *xb = e->b.xb + t * e->wide;

	if (r->norm)
		e->kern->rmsnorm(xb,
			e->b.x + (r->from ? r->from[t] : t) * e->m->cfg.dim,
			r->norm, r->cols, e->m->cfg.norm_eps);
	if (e->b.n >= e->sgemm_from)
		return;
	memset(xb + r->cols, 0, (len - r->cols) * sizeof(*xb));
	at = t / SYC_Q_TOKENS * 2 * (len / SYC_Q_BLOCK);
	t %= SYC_Q_TOKENS;
	e->kern->quantize(e->b.a + at * SYC_Q_BYTES + t * SYC_Q_BLOCK,
			  e->b.as + at * SYC_Q_FLOATS + t,
			  e->b.asum + at * SYC_Q_SUMS + t, xb, len, e->second_pass);
}

/* A tile at a time: its tokens share cache lines. */
static void ready_tile(void *arg, size_t tile, unsigned thread)
{
	const struct input *r = arg;
	const size_t from = tile * SYC_Q_TOKENS;

	(void)thread;
	for (size_t t = from; t < r->n && t < from + SYC_Q_TOKENS; t++)
		ready_row(r, t);
}

void syc_product_input(struct syc_engine *e, const float *norm,
		       const size_t *from, size_t n, size_t cols)
{
	struct input r = { e, norm, from, n, cols };

	syc_par_run(e->par, (n + SYC_Q_TOKENS - 1) / SYC_Q_TOKENS, ready_tile, &r);
}

/* ---- products ------------------------------------------------------------- */

/* One product under way: out [n][ldo] = xb [n] times w. */
struct product {
	struct syc_engine *e;
	const struct syc_matrix *w;
	float *out;
	size_t ldo, n;
	size_t groups_per_part;
	size_t rows_per_part;	/* of sgemm */
};

/* The quantized tokens from t on, a multiple of SYC_Q_TOKENS. */
static struct syc_tokens tokens_from(const struct product *p, size_t t)
{
	const struct syc_batch *b = &p->e->b;
	const size_t at = t / SYC_Q_TOKENS * 2 * p->w->nb;

	return (struct syc_tokens){
		b->a + at * SYC_Q_BYTES, b->as + at * SYC_Q_FLOATS, b->asum + at * SYC_Q_SUMS,
	};
}

/* The last group, shorter than 16 rows: over a copy. */
static void mul_rest(const struct product *p, size_t g, void *scratch)
{
	const struct syc_matrix *w = p->w;
	size_t row = g * SYC_Q_ROWS;
	float tmp[MUL_TOKENS * SYC_Q_ROWS];

	for (size_t t = 0; t < p->n; t += MUL_TOKENS) {
		const struct syc_tokens x = tokens_from(p, t);
		size_t n = p->n - t < MUL_TOKENS ? p->n - t : MUL_TOKENS;

		p->e->kern->mul(tmp, SYC_Q_ROWS, &w->form, w->packed + g * w->panel, 1, &x,
				w->nb, n, scratch);
		for (size_t k = 0; k < n; k++)
			memcpy(p->out + (t + k) * p->ldo + row,
			       tmp + k * SYC_Q_ROWS,
			       (w->rows - row) * sizeof(float));
	}
}

static void mul_int8_part(void *arg, size_t part, unsigned thread)
{
	const struct product *p = arg;
	const struct syc_matrix *w = p->w;
	const struct syc_tokens x = tokens_from(p, 0);
	size_t g = part * p->groups_per_part, full = w->rows / SYC_Q_ROWS;
	size_t end = g + p->groups_per_part < w->n_groups ? g + p->groups_per_part : w->n_groups;
	size_t n = end < full ? end - g : full > g ? full - g : 0;
	void *scratch = p->e->scratch + thread * p->e->scratch_size;

	if (n)
		p->e->kern->mul(p->out + g * SYC_Q_ROWS, p->ldo, &w->form,
				w->packed + g * w->panel, n, &x, w->nb, p->n, scratch);
	if (end > full)
		mul_rest(p, full, scratch);
}

/* What adapters add to token t's row, which int8 leaves out. */
static void add_low_rank(void *arg, size_t t, unsigned thread)
{
	const struct product *p = arg;
	const struct syc_low_rank *add = p->w->add;
	const struct syc_kern *k = p->e->kern;

	(void)thread;
	for (size_t i = 0; i < add->rank; i++)
		k->axpy(p->out + t * p->ldo,
			k->dot(p->e->b.xb + t * p->e->wide, add->a + i * p->w->cols, p->w->cols),
			add->b + i * p->w->rows, p->w->rows);
}

enum { SGEMM_PARTS = 4 };

/*
 * Every part packs all tokens again, so that few large ones are best; a multiple of
 * SGEMM_PARTS leaves few threads without work.  Never by the number of threads.
 */
static size_t sgemm_rows(size_t rows)
{
	const size_t most = SGEMM_PARTS * SYC_SGEMM_ROWS,
		parts = SGEMM_PARTS * ((rows + most - 1) / most);

	return syc_round_up((rows + parts - 1) / parts, SYC_Q_ROWS);
}

/* Some rows of the weights, decoded or merged. */
static void mul_f32_part(void *arg, size_t part, unsigned thread)
{
	const struct product *p = arg;
	const struct syc_matrix *w = p->w;
	const size_t ld = w->merged ? w->cols : p->e->wide, row = part * p->rows_per_part,
		n = w->rows - row < p->rows_per_part ? w->rows - row : p->rows_per_part;
	float *rows = w->merged ? w->merged + row * ld
				: p->e->decoded + thread * SYC_SGEMM_ROWS * ld;

	for (size_t i = 0; !w->merged && i < n; i += SYC_Q_ROWS)
		syc_matrix_group(rows + i * ld, ld, w, (row + i) / SYC_Q_ROWS, p->e->kern);
	cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, (int)p->n, (int)n,
		    (int)w->cols, 1.0f, p->e->b.xb, (int)p->e->wide, rows, (int)ld,
		    0.0f, p->out + row, (int)p->ldo);
}

void syc_product(struct syc_engine *e, float *out, size_t ldo,
		 const struct syc_matrix *w, size_t n)
{
	struct product p = { e, w, out, ldo, n, 1, sgemm_rows(w->rows) };
	const bool sgemm = n >= e->sgemm_from;

	if (sgemm) {
		syc_par_run(e->par,
			    (w->rows + p.rows_per_part - 1) / p.rows_per_part,
			    mul_f32_part, &p);
	} else {
		/* Few tokens: memory is the limit, and long stretches read best. */
		p.groups_per_part = PART_GROUPS;
		if (n < FEW_TOKENS)
			p.groups_per_part = syc_round_up(
				w->n_groups / (8 * syc_par_threads(e->par)) + 1, PART_GROUPS);
		syc_par_run(e->par, (w->n_groups + p.groups_per_part - 1) / p.groups_per_part,
			    mul_int8_part, &p);
	}
	if (w->add && !w->merged)
		syc_par_run(e->par, n, add_low_rank, &p);
}
