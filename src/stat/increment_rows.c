/* SPDX-License-Identifier: MIT */
/* What baselines say of labels, and leave of scores: steps 1 to 3 of increment.h. */
#include "config.h"
#include <cblas.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "base/mem.h"
#include "stat/increment.h"
#include "stat/lapack.h"
#include "stat/ridge_lines.h"

/* What one fold needs. */
struct room {
	double *said; /* [1 + k][n] by the words: of the label, of scores */
	float *x;		/* [n][w] of the rows in use */
	double *y;		/* [n][1 + k] */
	uint32_t *fold;		/* [n] of the rows in use */
	size_t *use;		/* [n] their numbers */
	float *features;	/* [n][d + 1] */
	int8_t *label;		/* [n] of the rows in use */
};

static int room_new(struct room *m, const struct rows_left *r,
		    struct syc_err *err)
{
	*m = (struct room){ 0 };
	m->said = syc_calloc(r->k + 1, r->n * sizeof(*m->said));
	m->x = syc_calloc(r->n, (r->w + 1) * sizeof(*m->x));
	m->y = syc_calloc(r->n, (r->k + 1) * sizeof(*m->y));
	m->fold = syc_calloc(r->n, sizeof(*m->fold));
	m->use = syc_calloc(r->n, sizeof(*m->use));
	m->features = syc_calloc(r->n, (r->d + 1) * sizeof(*m->features));
	m->label = syc_calloc(r->n, sizeof(*m->label));
	return m->said && m->x && m->y && m->fold && m->use && m->features &&
		m->label ? 0 : syc_nomem(err);
}

static void room_free(struct room *m)
{
	free(m->said);
	free(m->x);
	free(m->y);
	free(m->fold);
	free(m->use);
	free(m->features);
	free(m->label);
}

/* ---- words -------------------------------------------------------------- */

/* Rows outside fold f and, when it is another, g. */
static size_t take(struct room *m, const struct rows_left *r, uint32_t f,
		   uint32_t g)
{
	size_t n = 0;

	for (size_t i = 0; i < r->n; i++) {
		if (r->fold[i] == f || r->fold[i] == g)
			continue;
		memcpy(m->x + n * r->w, r->words + i * r->w,
		       r->w * sizeof(*m->x));
		m->y[n * (r->k + 1)] = r->label[i];
		for (size_t l = 0; l < r->k; l++)
			m->y[n * (r->k + 1) + 1 + l] = r->score[l * r->n + i];
		m->fold[n++] = r->fold[i];
	}
	return n;
}

static void say(struct room *m, const struct rows_left *r,
		const struct ridge_lines *f, uint32_t fold)
{
	for (size_t i = 0; i < r->n; i++)
		for (size_t k = 0; k <= r->k && r->fold[i] == fold; k++)
			m->said[k * r->n + i] =
				ridge_lines_at(f, k, r->words + i * r->w);
}

/* Of fold f by the others, and of each of these by the rest of them. */
static int read_words(struct room *m, const struct rows_left *r, uint32_t f,
		      struct syc_err *err)
{
	const struct syc_ridge_opts o = {.group = m->fold,
					 .folds = r->n_folds - 1};
	struct ridge_lines all, part;
	size_t n = take(m, r, f, f);
	int ret = ridge_lines_fit(&all, m->x, m->y, n, r->w, r->k + 1, &o, NULL,
				  err);

	if (ret == 0)
		say(m, r, &all, f);
	for (uint32_t g = 0; g < r->n_folds && ret == 0; g++) {
		if (g == f)
			continue;
		n = take(m, r, f, g);
		ret = ridge_lines_fit(&part, m->x, m->y, n, r->w, r->k + 1, &o,
				      all.lambda, err);
		if (ret == 0)
			say(m, r, &part, g);
		ridge_lines_free(&part);
	}
	ridge_lines_free(&all);
	return ret;
}

/* ---- residuals ---------------------------------------------------------- */

static double *basis_of(const struct rows_left *r, size_t f)
{
	return r->basis + f * (r->d + 2) * r->n;
}

static void take_out(double *x, const double *q, size_t n)
{
	cblas_daxpy((int)n, -cblas_ddot((int)n, q, 1, x, 1), q, 1, x, 1);
}

/* x less its part along fold f's basis, twice for the digits. */
static void project_out(double *x, const struct rows_left *r, size_t f)
{
	for (int twice = 0; twice < 2; twice++)
		for (size_t b = 0; b < r->n_basis[f]; b++)
			take_out(x, basis_of(r, f) + b * r->n, r->n);
}

void rows_left_project(const struct rows_left *r, size_t f, size_t l, double *x)
{
	for (size_t b = 0; b < r->n_basis[f]; b++)
		take_out(x, basis_of(r, f) + b * r->n, r->n);
	take_out(x, r->apart + (f * r->k + l) * r->n, r->n);
}

/* What is left of x beside the basis into to, of length 1; false: nothing. */
static bool beside(double *to, const double *x, const struct rows_left *r,
		   size_t f)
{
	double before, after;

	memcpy(to, x, r->n * sizeof(*to));
	before = cblas_dnrm2((int)r->n, to, 1);
	project_out(to, r, f);
	after = cblas_dnrm2((int)r->n, to, 1);
	if (after > 1e-8 * before) {
		cblas_dscal((int)r->n, 1 / after, to, 1);
		return true;
	}
	memset(to, 0, r->n * sizeof(*to));
	return false;
}

static void add_basis(struct rows_left *r, size_t f, const double *x)
{
	if (beside(basis_of(r, f) + r->n_basis[f] * r->n, x, r, f))
		r->n_basis[f]++;
}

static double scatter(const double *x, size_t n)
{
	double mean = 0, sum = 0;

	for (size_t i = 0; i < n; i++)
		mean += x[i] / (double)n;
	for (size_t i = 0; i < n; i++)
		sum += (x[i] - mean) * (x[i] - mean);
	return sum;
}

static void find_left(struct rows_left *r, const struct room *m, uint32_t f)
{
	const size_t n = r->n;

	for (size_t i = 0; i < n; i++)
		m->y[i] = 1;
	add_basis(r, f, m->y);
	for (size_t c = 0; c < r->d; c++)
		add_basis(r, f, r->plain + c * n);
	if (r->w)
		add_basis(r, f, m->said);
	for (size_t l = 0; l < r->k; l++) {
		const double whole = scatter(r->score + l * n, n);
		double *x = r->left + (f * r->k + l) * n, left;

		if (r->w)
			beside(r->apart + (f * r->k + l) * n,
			       m->said + (l + 1) * n, r, f);
		memcpy(x, r->score + l * n, n * sizeof(*x));
		rows_left_project(r, f, l, x);
		rows_left_project(r, f, l, x);
		left = cblas_ddot((int)n, x, 1, x, 1);
		if (!(left > 1e-12 * whole))
			left = 0;
		cblas_dscal((int)n, left > 0 ? sqrt((double)(n - 1) / left) : 0,
			    x, 1);
		r->known[l] +=
			(whole > 0 ? 1 - left / whole : 1) / (double)r->n_folds;
	}
}

/* ---- log odds ----------------------------------------------------------- */

static int find_base(struct rows_left *r, struct room *m, uint32_t f,
		     struct syc_err *err)
{
	const size_t d = r->d + (r->w > 0);
	const struct syc_ridge_opts o = { .lambda = 1 };
	struct syc_ridge *fit = NULL;
	double pos = 0;
	size_t n = 0;
	int ret = 0;

	for (size_t i = 0; i < r->n; i++) {
		if (r->fold[i] == f)
			continue;
		for (size_t c = 0; c < d; c++)
			m->features[n * d + c] =
				(float)(c < r->d ? r->plain[c * r->n + i]
						 : m->said[i]);
		pos += r->label[i];
		m->label[n++] = r->label[i];
	}
	if (d)
		ret = syc_ridge_fit(&fit, m->features, m->label, n, d, &o, err);
	for (size_t i = 0; i < r->n && ret == 0; i++) {
		double b = fit ? fit->bias : log(pos / ((double)n - pos));

		for (size_t c = 0; c < d; c++)
			b += fit->w[c] *
			     (c < r->d ? r->plain[c * r->n + i] : m->said[i]);
		r->base[f * r->n + i] = b;
	}
	syc_ridge_free(fit);
	return ret;
}

int rows_left_fill(struct rows_left *r, struct syc_err *err)
{
	struct room m;
	int ret = room_new(&m, r, err);

	blas_begin();
	for (uint32_t f = 0; f < r->n_folds && ret == 0; f++) {
		if (r->w)
			ret = read_words(&m, r, f, err);
		if (ret == 0)
			ret = find_base(r, &m, f, err);
		if (ret == 0)
			find_left(r, &m, f);
	}
	room_free(&m);
	return ret;
}
