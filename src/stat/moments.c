/* SPDX-License-Identifier: MIT */
/*
 * Rows wait in a block; a full one is centered at its own mean and merged:
 *
 *     mean    += (n_b / n) d,    d = mean_b - mean
 *     scatter += scatter_b + (n_a n_b / n) d d'
 *
 * For Ledoit and Wolf's shrinkage the sum of |x - mean|^4 is needed, whose
 * mean is known only in the end.  So the sums of |u|^4 and |u|^2 u are kept for
 * u = x - c, with c the first block's mean, and carried to another center when
 * they are asked for.
 */
#include "config.h"
#include <cblas.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "base/mem.h"
#include "stat/lapack.h"
#include "stat/moments.h"

enum { BLOCK = 256 };

struct syc_moments {
	size_t dim;
	enum syc_moments_kind kind;
	uint64_t n_rows;	/* merged */
	double n;		/* the sum of their weights */
	size_t n_block;		/* rows waiting */
	double *block;		/* [BLOCK][dim] */
	double weight[BLOCK];
	double *mean;		/* [dim] */
	double *diff;		/* [dim] room */
	double *var;		/* [dim] sums of squares about the mean, or NULL */
	double *scatter;	/* [dim][dim] lower, or NULL */
	double *center;		/* [dim] c, with scatter */
	double *cube;		/* [dim] sum of |u|^2 u */
	double fourth;		/* sum of |u|^4 */
};

int syc_moments_new(struct syc_moments **out, size_t dim, enum syc_moments_kind kind,
		    struct syc_err *err)
{
	struct syc_moments *m;
	size_t square;

	*out = NULL;
	if (!dim || !blas_fits(dim) || !syc_mul(&square, dim, dim))
		return syc_fail(err, SYC_EINVAL,
				"moments of rows of %zu numbers", dim);
	m = syc_calloc(1, sizeof(*m));
	if (!m)
		return syc_nomem(err);
	blas_begin();
	m->dim = dim;
	m->kind = kind;
	m->block = syc_calloc(dim, BLOCK * sizeof(*m->block));
	m->mean = syc_calloc(dim, 2 * sizeof(*m->mean));
	m->diff = m->mean ? m->mean + dim : NULL;
	if (kind == SYC_MOMENTS_VAR)
		m->var = syc_calloc(dim, sizeof(*m->var));
	if (kind == SYC_MOMENTS_COV) {
		m->scatter = syc_calloc(square, sizeof(*m->scatter));
		m->center = syc_calloc(dim, 2 * sizeof(*m->center));
		m->cube = m->center ? m->center + dim : NULL;
	}
	if (!m->block || !m->mean || (kind == SYC_MOMENTS_VAR && !m->var) ||
	    (kind == SYC_MOMENTS_COV && (!m->scatter || !m->center))) {
		syc_moments_free(m);
		return syc_nomem(err);
	}
	*out = m;
	return 0;
}

void syc_moments_free(struct syc_moments *m)
{
	if (!m)
		return;
	free(m->block);
	free(m->mean);
	free(m->var);
	free(m->scatter);
	free(m->center);
	free(m);
}

static double block_weight(const struct syc_moments *m)
{
	double sum = 0;

	for (size_t r = 0; r < m->n_block; r++)
		sum += m->weight[r];
	return sum;
}

/* The block's mean into out. */
static void block_mean(const struct syc_moments *m, double *out)
{
	memset(out, 0, m->dim * sizeof(*out));
	for (size_t r = 0; r < m->n_block; r++)
		cblas_daxpy((int)m->dim, m->weight[r], m->block + r * m->dim, 1,
			    out, 1);
	cblas_dscal((int)m->dim, 1 / block_weight(m), out, 1);
}

/* Move the block's rows by -v. */
static void block_shift(struct syc_moments *m, const double *v)
{
	for (size_t r = 0; r < m->n_block; r++)
		cblas_daxpy((int)m->dim, -1, v, 1, m->block + r * m->dim, 1);
}

/* Fourth powers of the block, which is about c. */
static void add_fourth(struct syc_moments *m)
{
	for (size_t r = 0; r < m->n_block; r++) {
		const double *u = m->block + r * m->dim;
		const double q = cblas_ddot((int)m->dim, u, 1, u, 1);

		m->fourth += m->weight[r] * q * q;
		cblas_daxpy((int)m->dim, m->weight[r] * q, u, 1, m->cube, 1);
	}
}

/*
 * The block is centered, and diff is its mean less the mean so far; its rows are
 * spoiled.
 */
static void add_second(struct syc_moments *m)
{
	const double a = m->n, b = block_weight(m), w = a * b / (a + b);
	const int d = (int)m->dim, k = (int)m->n_block;

	for (size_t r = 0; r < m->n_block && m->kind != SYC_MOMENTS_MEAN; r++)
		cblas_dscal(d, sqrt(m->weight[r]), m->block + r * m->dim, 1);
	if (m->kind == SYC_MOMENTS_COV) {
		cblas_dsyrk(CblasRowMajor, CblasLower, CblasTrans, d, k, 1,
			    m->block, d, 1,
			    m->scatter, d);
		cblas_dsyr(CblasRowMajor, CblasLower, d, w, m->diff, 1,
			   m->scatter, d);
	}
	for (size_t i = 0; m->kind == SYC_MOMENTS_VAR && i < m->dim; i++) {
		for (size_t r = 0; r < m->n_block; r++)
			m->var[i] += m->block[r * m->dim +
					      i] * m->block[r * m->dim + i];
		m->var[i] += w * m->diff[i] * m->diff[i];
	}
}

static void flush(struct syc_moments *m)
{
	const double b = block_weight(m);

	if (!m->n_block)
		return;
	block_mean(m, m->diff);
	if (m->kind == SYC_MOMENTS_COV) {
		if (!m->n_rows)
			memcpy(m->center, m->diff, m->dim * sizeof(*m->diff));
		block_shift(m, m->center);
		add_fourth(m);
		cblas_daxpy((int)m->dim, -1, m->center, 1, m->diff, 1);
		block_shift(m, m->diff);
		cblas_daxpy((int)m->dim, 1, m->center, 1, m->diff, 1);
	} else if (m->kind == SYC_MOMENTS_VAR) {
		block_shift(m, m->diff);
	}
	cblas_daxpy((int)m->dim, -1, m->mean, 1, m->diff, 1);
	add_second(m);
	m->n_rows += m->n_block;
	m->n += b;
	cblas_daxpy((int)m->dim, b / m->n, m->diff, 1, m->mean, 1);
	m->n_block = 0;
}

int syc_moments_add(struct syc_moments *m, const float *x, size_t n,
		    struct syc_err *err)
{
	return syc_moments_weigh(m, x, NULL, n, err);
}

int syc_moments_weigh(struct syc_moments *m, const float *x,
		      const double *weight, size_t n, struct syc_err *err)
{
	for (size_t r = 0; r < n; r++, x += m->dim) {
		double *to = m->block + m->n_block * m->dim;

		for (size_t i = 0; i < m->dim; i++) {
			if (!isfinite(x[i]))
				return syc_fail(err, SYC_EINVAL,
						"row %zu, component %zu is not a finite number",
						r, i);
			to[i] = (double)x[i];
		}
		m->weight[m->n_block] = weight ? weight[r] : 1;
		if (++m->n_block == BLOCK)
			flush(m);
	}
	return 0;
}

/* out = S v, with S = sum u u' about c: scatter and n e e', e = mean - c. */
static void times_second(const struct syc_moments *m, const double *e,
			 const double *v,
			 double *out)
{
	const int d = (int)m->dim;

	cblas_dsymv(CblasRowMajor, CblasLower, d, 1, m->scatter, d, v, 1, 0, out, 1);
	cblas_daxpy(d, m->n * cblas_ddot(d, e, 1, v, 1), e, 1, out, 1);
}

/*
 * The sums for u + g, that is about c - g, with s = sum |u|^2 and sum u = n e:
 *
 *     |u + g|^4     = (|u|^2 + 2 u.g + |g|^2)^2
 *     |u + g|^2 (u + g) = (|u|^2 + 2 u.g + |g|^2) (u + g)
 *
 * room is [2][dim]; cube [dim] may be NULL.
 */
static double carry(const struct syc_moments *m, const double *g, double *cube,
		    double *room)
{
	const int d = (int)m->dim;
	const double n = m->n, gg = cblas_ddot(d, g, 1, g, 1);
	double *e = room, *sg = room + m->dim, s = 0, ge, fourth;

	for (size_t i = 0; i < m->dim; i++) {
		e[i] = m->mean[i] - m->center[i];
		s += m->scatter[i * m->dim + i] + n * e[i] * e[i];
	}
	ge = n * cblas_ddot(d, g, 1, e, 1);
	times_second(m, e, g, sg);
	fourth = m->fourth + 4 * cblas_ddot(d, g, 1, sg, 1) + n * gg * gg +
		4 * cblas_ddot(d, g, 1, m->cube, 1) + 2 * gg * s + 4 * gg * ge;
	if (!cube)
		return fourth;
	memcpy(cube, m->cube, m->dim * sizeof(*cube));
	cblas_daxpy(d, 2, sg, 1, cube, 1);
	cblas_daxpy(d, gg * n, e, 1, cube, 1);
	cblas_daxpy(d, s + 2 * ge + n * gg, g, 1, cube, 1);
	return fourth;
}

double moments_fourth(struct syc_moments *m)
{
	double *room = syc_calloc(m->dim, 3 * sizeof(*room)), *g, sum = NAN;

	if (!room)
		return NAN;
	flush(m);
	g = room + 2 * m->dim;
	for (size_t i = 0; i < m->dim; i++)
		g[i] = m->center[i] - m->mean[i];
	sum = carry(m, g, NULL, room);
	free(room);
	return sum;
}

/* from's fourth powers, about its own center, added to m's. */
static void merge_fourth(struct syc_moments *m, const struct syc_moments *from,
			 double *room)
{
	double *g = room, *cube = room + m->dim;

	for (size_t i = 0; i < m->dim; i++)
		g[i] = from->center[i] - m->center[i];
	m->fourth += carry(from, g, cube, room + 2 * m->dim);
	cblas_daxpy((int)m->dim, 1, cube, 1, m->cube, 1);
}

static void merge_second(struct syc_moments *m, const struct syc_moments *from)
{
	const double a = m->n, b = from->n, w = a * b / (a + b);
	const int d = (int)m->dim;

	for (size_t i = 0; i < m->dim; i++)
		m->diff[i] = from->mean[i] - m->mean[i];
	for (size_t i = 0; m->kind == SYC_MOMENTS_VAR && i < m->dim; i++)
		m->var[i] += from->var[i] + w * m->diff[i] * m->diff[i];
	if (m->kind == SYC_MOMENTS_COV) {
		for (size_t i = 0; i < m->dim; i++)
			cblas_daxpy((int)i + 1, 1, from->scatter + i * m->dim, 1,
				    m->scatter + i * m->dim, 1);
		cblas_dsyr(CblasRowMajor, CblasLower, d, w, m->diff, 1,
			   m->scatter, d);
	}
	m->n_rows += from->n_rows;
	m->n += from->n;
	cblas_daxpy(d, b / m->n, m->diff, 1, m->mean, 1);
}

int syc_moments_merge(struct syc_moments *m, struct syc_moments *from,
		      struct syc_err *err)
{
	double *room;

	if (from->dim != m->dim || from->kind != m->kind)
		return syc_fail(err, SYC_EINVAL,
				"moments of different rows: %zu numbers, and %zu",
				m->dim, from->dim);
	room = syc_calloc(m->dim, 4 * sizeof(*room));
	if (!room)
		return syc_nomem(err);
	flush(m);
	flush(from);
	if (from->n_rows && m->kind == SYC_MOMENTS_COV) {
		if (!m->n_rows)
			memcpy(m->center, from->center, m->dim * sizeof(*m->center));
		merge_fourth(m, from, room);
	}
	if (from->n_rows)
		merge_second(m, from);
	free(room);
	return 0;
}

uint64_t syc_moments_n(const struct syc_moments *m)
{
	return m->n_rows + m->n_block;
}

size_t syc_moments_dim(const struct syc_moments *m)
{
	return m->dim;
}

const double *syc_moments_mean(struct syc_moments *m)
{
	flush(m);
	return m->mean;
}

const double *syc_moments_scatter(struct syc_moments *m)
{
	flush(m);
	return m->scatter;
}

void syc_moments_var(struct syc_moments *m, double *out)
{
	flush(m);
	for (size_t i = 0; i < m->dim; i++) {
		const double sum = m->scatter ? m->scatter[i * m->dim + i] :
			m->var ? m->var[i] : NAN;

		out[i] = m->n_rows < 2 ? NAN : sum / (m->n - 1);
	}
}
