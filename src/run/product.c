/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <cblas.h>
#include <string.h>
#include "base/mem.h"
#include "run/product.h"

enum {
	MUL_TOKENS = 64,
	FEW_TOKENS = 32,
	/* of 16 rows: what kernels take at once; of more tokens they take SYC_MUL_PANELS */
	FEW_GROUPS = 3,
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
	float *xb = e->b.xb + t * e->wide;

	if (r->norm)
		e->kern->rmsnorm(xb,
			e->b.x + (r->from ? r->from[t] : t) * e->m->cfg.dim,
			r->norm, r->cols, e->m->cfg.norm_eps);
	memset(xb + r->cols, 0, (syc_round_up(r->cols, SYC_Q_BLOCK) - r->cols) * sizeof(*xb));
}

/* A tile at a time: its tokens share cache lines. */
static void ready_tile(void *arg, size_t i, unsigned thread)
{
	const struct input *r = arg;
	const struct syc_engine *e = r->e;
	const struct syc_batch *b = &e->b;
	const size_t tile = syc_q_tile(e->kern, r->n), from = i * tile,
		n = r->n - from < tile ? r->n - from : tile,
		nb = syc_round_up(r->cols, SYC_Q_BLOCK) / SYC_Q_BLOCK, at = from * 2 * nb;

	(void)thread;
	for (size_t t = from; t < from + n; t++)
		ready_row(r, t);
	if (b->n >= e->sgemm_from)
		return;
	e->kern->quantize(b->a + at * SYC_Q_BLOCK, b->as + 2 * at, b->asum + 3 * at,
			  b->list + i * (1 + 2 * nb), b->xb + from * e->wide, e->wide,
			  nb * SYC_Q_BLOCK, e->second_pass, tile, n);
}

void syc_product_input(struct syc_engine *e, const float *norm,
		       const size_t *from, size_t n, size_t cols)
{
	struct input r = { e, norm, from, n, cols };
	const size_t tile = syc_q_tile(e->kern, n);

	syc_par_rows(e->par, (n + tile - 1) / tile, ready_tile, &r);
}

/* ---- products ------------------------------------------------------------- */

/* Products of one input that are under way. */
struct products {
	struct syc_engine *e;
	const struct syc_product *of;
	size_t n_of, n_tokens;
	size_t n_groups;	/* of all matrices, one behind another */
	size_t threads;
	size_t least;		/* groups of a part */
	size_t share;		/* of a thread: half of its groups; 0 for many tokens */
};

/* The first n quantized tokens. */
static struct syc_tokens quantized(const struct syc_engine *e, size_t n)
{
	return (struct syc_tokens){
		e->b.a, e->b.as, e->b.asum, syc_q_tile(e->kern, n), e->b.list,
	};
}

/* The last group, shorter than 16 rows: over a copy. */
static void mul_rest(const struct syc_engine *e, const struct syc_product *p, size_t n_tokens,
		     size_t g, void *scratch)
{
	const struct syc_matrix *w = p->w;
	const struct syc_tokens all = quantized(e, n_tokens);
	size_t row = g * SYC_Q_ROWS;
	float tmp[MUL_TOKENS * SYC_Q_ROWS];

	for (size_t t = 0; t < n_tokens; t += MUL_TOKENS) {
		const struct syc_tokens x = syc_tokens_tile(&all, w->nb, t / all.tile);
		size_t n = n_tokens - t < MUL_TOKENS ? n_tokens - t : MUL_TOKENS;

		e->kern->mul(tmp, SYC_Q_ROWS, &w->form, w->packed + g * w->panel, 1, &x,
			     w->nb, n, scratch);
		for (size_t k = 0; k < n; k++)
			memcpy(p->out + (t + k) * p->ldo + row,
			       tmp + k * SYC_Q_ROWS,
			       (w->rows - row) * sizeof(float));
	}
}

/* Groups g to end of a matrix. */
static void mul_groups(const struct syc_engine *e, const struct syc_product *p, size_t n_tokens,
		       size_t g, size_t end, void *scratch)
{
	const struct syc_matrix *w = p->w;
	const struct syc_tokens x = quantized(e, n_tokens);
	const size_t full = w->rows / SYC_Q_ROWS, last = end < full ? end : full;

	if (last > g)
		e->kern->mul(p->out + g * SYC_Q_ROWS, p->ldo, &w->form,
			     w->packed + g * w->panel, last - g, &x, w->nb, n_tokens, scratch);
	if (end > full)
		mul_rest(e, p, n_tokens, full, scratch);
}

/*
 * Where a part begins.  Few tokens wait for memory, which long stretches read best:
 * each thread's first part is half of its groups, its next half of the rest, down to
 * the least, and who is done sooner takes more.
 */
static size_t part_from(const struct products *p, size_t part)
{
	size_t from = 0, n = p->share;

	for (; n > p->least && part >= p->threads; n /= 2) {
		from += p->threads * syc_round_up(n, p->least);
		part -= p->threads;
	}
	from += part * (n > p->least ? syc_round_up(n, p->least) : p->least);
	return from < p->n_groups ? from : p->n_groups;
}

static void mul_int8_part(void *arg, size_t part, unsigned thread)
{
	const struct products *p = arg;
	size_t from = part_from(p, part), end = part_from(p, part + 1);
	void *scratch = p->e->scratch + thread * p->e->scratch_size;

	for (size_t i = 0, at = 0; i < p->n_of && at < end; i++) {
		const size_t n = p->of[i].w->n_groups;

		if (from < at + n)
			mul_groups(p->e, &p->of[i], p->n_tokens, from - at,
				   end - at < n ? end - at : n, scratch);
		at += n;
		from = from > at ? from : at;
	}
}

static void mul_int8(struct syc_engine *e, const struct syc_product *of, size_t n_of, size_t n)
{
	const bool few = n < FEW_TOKENS;
	struct products p = {
		e, of, n_of, n, 0, syc_par_threads(e->par), few ? FEW_GROUPS : SYC_MUL_PANELS, 0,
	};
	size_t parts = 0;

	for (size_t i = 0; i < n_of; i++)
		p.n_groups += of[i].w->n_groups;
	if (few)
		p.share = p.n_groups / p.threads / 2;
	while (part_from(&p, parts) < p.n_groups)
		parts++;
	syc_par_run(e->par, parts, mul_int8_part, &p);
}

/* One of them; rows_per_part of sgemm. */
struct one {
	struct syc_engine *e;
	const struct syc_product *of;
	size_t n_tokens;
	size_t rows_per_part;
};

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
	const struct one *p = arg;
	const struct syc_matrix *w = p->of->w;
	const size_t ld = w->merged ? w->cols : p->e->wide, row = part * p->rows_per_part,
		n = w->rows - row < p->rows_per_part ? w->rows - row : p->rows_per_part;
	float *rows = w->merged ? w->merged + row * ld
				: p->e->decoded + thread * SYC_SGEMM_ROWS * ld;

	for (size_t i = 0; !w->merged && i < n; i += SYC_Q_ROWS)
		syc_matrix_group(rows + i * ld, ld, w, (row + i) / SYC_Q_ROWS, p->e->kern);
	cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, (int)p->n_tokens, (int)n,
		    (int)w->cols, 1.0f, p->e->b.xb, (int)p->e->wide, rows, (int)ld,
		    0.0f, p->of->out + row, (int)p->of->ldo);
}

static void mul_f32(struct syc_engine *e, const struct syc_product *of, size_t n)
{
	struct one p = { e, of, n, sgemm_rows(of->w->rows) };

	syc_par_run(e->par, (of->w->rows + p.rows_per_part - 1) / p.rows_per_part,
		    mul_f32_part, &p);
}

/* What adapters add to token t's row, which int8 leaves out. */
static void add_low_rank(void *arg, size_t t, unsigned thread)
{
	const struct one *p = arg;
	const struct syc_matrix *w = p->of->w;
	const struct syc_low_rank *add = w->add;
	const struct syc_kern *k = p->e->kern;

	(void)thread;
	for (size_t i = 0; i < add->rank; i++)
		k->axpy(p->of->out + t * p->of->ldo,
			k->dot(p->e->b.xb + t * p->e->wide, add->a + i * w->cols, w->cols),
			add->b + i * w->rows, w->rows);
}

void syc_products(struct syc_engine *e, const struct syc_product *of, size_t n_of, size_t n)
{
	if (n < e->sgemm_from)
		mul_int8(e, of, n_of, n);
	for (size_t i = 0; i < n_of; i++) {
		if (n >= e->sgemm_from)
			mul_f32(e, &of[i], n);
		if (of[i].w->add && !of[i].w->merged)
			syc_par_rows(e->par, n, add_low_rank, &(struct one){ e, &of[i], n, 0 });
	}
}
