/* SPDX-License-Identifier: MIT */
/*
 * With rows and numbers centered, w = (Z'Z + lambda)^-1 Z'y, or where there are
 * more features than rows Z' (Z Z' + lambda)^-1 y: one factor serves all numbers.
 */
#include "config.h"
#include <cblas.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "base/mem.h"
#include "stat/gram.h"
#include "stat/lapack.h"
#include "stat/ridge_lines.h"
#include "syc/resample.h"

enum { N_LAMBDA = 13, FOLDS = 5 };

struct problem {
	struct gram g;
	const double *y;	/* [n][m] */
	size_t n, d, m;
	double *z;		/* [n][d] standardized */
	double size;		/* mean of |z|^2 */
};

/* Some of the rows, centered. */
struct part {
	size_t n, d, m, side;
	double *x, *y;		/* [n][d], [n][m] */
	double *mx, *my;	/* [d], [m] their means */
	double *gram, *factor;	/* [side][side] */
	double *right;		/* [side][m] what is solved for */
	double *w;		/* [d][m] */
	double *guess;		/* [m] */
};

static int problem_init(struct problem *p, const float *x, const double *y,
			size_t n, size_t dim, size_t m, bool raw,
			struct syc_err *err)
{
	int ret = gram_init(&p->g, x, n, dim, true, !raw, err);

	p->y = y;
	p->n = n;
	p->d = dim;
	p->m = m;
	if (ret < 0)
		return ret;
	p->z = syc_calloc(n, dim * sizeof(*p->z));
	if (!p->z)
		return syc_nomem(err);
	for (size_t i = 0; i < n; i++) {
		gram_row(&p->g, i, p->z + i * dim);
		p->size += cblas_ddot((int)dim, p->z + i * dim, 1,
				      p->z + i * dim, 1);
	}
	p->size /= (double)n;
	return 0;
}

static void part_free(struct part *t)
{
	free(t->x);
	free(t->y);
	free(t->gram);
	free(t->right);
	free(t->w);
}

static int part_new(struct part *t, const struct problem *p, size_t n,
		    struct syc_err *err)
{
	*t = (struct part){ .n = n, .d = p->d, .m = p->m,
			    .side = n < p->d ? n : p->d };
	t->x = syc_calloc(n + 1, p->d * sizeof(*t->x));
	t->y = syc_calloc(n + 1, p->m * sizeof(*t->y));
	t->gram = syc_calloc(t->side, 2 * t->side * sizeof(*t->gram));
	t->right = syc_calloc(t->side, p->m * sizeof(*t->right));
	t->w = syc_calloc(p->d + 1, p->m * sizeof(*t->w));
	if (!t->x || !t->y || !t->gram || !t->right || !t->w)
		return syc_nomem(err);
	t->mx = t->x + n * p->d;
	t->my = t->y + n * p->m;
	t->guess = t->w + p->d * p->m;
	t->factor = t->gram + t->side * t->side;
	return 0;
}

/* Columns of x [n][k] less their means, which go behind. */
static void center(double *x, size_t n, size_t k)
{
	double *mean = x + n * k;

	for (size_t i = 0; i < n; i++)
		cblas_daxpy((int)k, 1 / (double)n, x + i * k, 1, mean, 1);
	for (size_t i = 0; i < n; i++)
		cblas_daxpy((int)k, -1, mean, 1, x + i * k, 1);
}

/* The rows whose fold is not `without`. */
static int part_take(struct part *t, const struct problem *p,
		     const uint32_t *fold, uint32_t without,
		     struct syc_err *err)
{
	const int d = (int)p->d, m = (int)p->m;
	size_t n = 0, at = 0;
	int ret;

	for (size_t i = 0; i < p->n; i++)
		n += !fold || fold[i] != without;
	ret = part_new(t, p, n, err);
	if (ret < 0)
		return ret;
	for (size_t i = 0; i < p->n; i++) {
		if (fold && fold[i] == without)
			continue;
		memcpy(t->x + at * p->d, p->z + i * p->d, p->d * sizeof(*t->x));
		memcpy(t->y + at++ * p->m, p->y + i * p->m,
		       p->m * sizeof(*t->y));
	}
	center(t->x, n, p->d);
	center(t->y, n, p->m);
	cblas_dsyrk(CblasRowMajor, CblasLower,
		    n < p->d ? CblasNoTrans : CblasTrans, (int)t->side,
		    n < p->d ? d : (int)n, 1, t->x, d, 0, t->gram,
		    (int)t->side);
	if (n >= p->d)
		cblas_dgemm(CblasRowMajor, CblasTrans, CblasNoTrans, d, m,
			    (int)n, 1, t->x, d, t->y, m, 0, t->right, m);
	else
		memcpy(t->right, t->y, n * p->m * sizeof(*t->y));
	return 0;
}

/* w of a lambda. */
static int solve(struct part *t, double lambda, struct syc_err *err)
{
	const int side = (int)t->side, m = (int)t->m, d = (int)t->d;
	const bool wide = t->n < t->d;
	double *to = wide ? syc_calloc(t->side, t->m * sizeof(*to)) : t->w;

	if (!to)
		return syc_nomem(err);
	memcpy(t->factor, t->gram, t->side * t->side * sizeof(*t->gram));
	for (size_t i = 0; i < t->side; i++)
		t->factor[i * t->side + i] += lambda;
	memcpy(to, t->right, t->side * t->m * sizeof(*to));
	if (!chol_factor(t->factor, t->side)) {
		if (wide)
			free(to);
		return syc_fail(err, SYC_EINVAL,
				"least squares with ridge %g: no solution",
				lambda);
	}
	cblas_dtrsm(CblasRowMajor, CblasLeft, CblasLower, CblasNoTrans,
		    CblasNonUnit, side, m, 1, t->factor, side, to, m);
	cblas_dtrsm(CblasRowMajor, CblasLeft, CblasLower, CblasTrans,
		    CblasNonUnit, side, m, 1, t->factor, side, to, m);
	if (wide) {
		cblas_dgemm(CblasRowMajor, CblasTrans, CblasNoTrans, d, m, side,
			    1, t->x, d, to, m, 0, t->w, m);
		free(to);
	}
	return 0;
}

/* Squared errors of row i, added to sum [m]. */
static void add_errors(const struct part *t, const struct problem *p, size_t i,
		       double *sum)
{
	double *y = t->guess;

	memcpy(y, t->my, p->m * sizeof(*y));
	for (size_t c = 0; c < p->d; c++)
		cblas_daxpy((int)p->m, p->z[i * p->d + c] - t->mx[c],
			    t->w + c * p->m, 1, y, 1);
	for (size_t k = 0; k < p->m; k++)
		sum[k] += (y[k] - p->y[i * p->m + k]) *
			  (y[k] - p->y[i * p->m + k]);
}

static double lambda_of(const struct problem *p, int i)
{
	return p->size > 0 ? p->size * pow(10, 2 - 0.5 * i) : 1;
}

/* Mean squared errors of rows left out: [N_LAMBDA][m]. */
static int try_all(double *error, const struct problem *p, const uint32_t *fold,
		   size_t folds, struct syc_err *err)
{
	int ret = 0;

	for (uint32_t f = 0; f < folds && ret == 0; f++) {
		struct part t;

		ret = part_take(&t, p, fold, f, err);
		for (int i = 0; i < N_LAMBDA && ret == 0; i++) {
			ret = solve(&t, lambda_of(p, i), err);
			for (size_t r = 0; r < p->n && ret == 0; r++)
				if (fold[r] == f)
					add_errors(&t, p, r,
						   error + (size_t)i * p->m);
		}
		part_free(&t);
	}
	for (size_t i = 0; i < N_LAMBDA * p->m; i++)
		error[i] /= (double)p->n;
	return ret;
}

static int choose(struct ridge_lines *out, const struct problem *p,
		  const struct syc_ridge_opts *o, struct syc_err *err)
{
	const size_t folds = o->folds ? o->folds : FOLDS;
	double *error = syc_calloc(N_LAMBDA, p->m * sizeof(*error));
	uint32_t *fold = syc_calloc(p->n, sizeof(*fold));
	int8_t *alike = syc_calloc(p->n, sizeof(*alike));
	int ret = error && fold && alike ? 0 : syc_nomem(err);

	if (ret == 0)
		ret = syc_stat_folds(fold, alike, o->group, p->n, folds,
				     o->seed, err);
	if (ret == 0)
		ret = try_all(error, p, fold, folds, err);
	for (size_t k = 0; k < p->m && ret == 0; k++) {
		int best = 0;

		for (int i = 1; i < N_LAMBDA; i++)
			if (error[(size_t)i * p->m + k] <
			    error[(size_t)best * p->m + k])
				best = i;
		out->lambda[k] = lambda_of(p, best);
		out->cv_loss[k] = error[(size_t)best * p->m + k];
	}
	free(error);
	free(fold);
	free(alike);
	return ret;
}

/* Number k of the part's solution in terms of x itself. */
static void take(struct ridge_lines *out, const struct problem *p,
		 const struct part *t, size_t k)
{
	double *w = out->w + k * p->d;

	out->bias[k] = t->my[k];
	for (size_t c = 0; c < p->d; c++) {
		const double z = t->w[c * p->m + k];

		w[c] = z * p->g.scale[c];
		out->bias[k] -= z * t->mx[c] + w[c] * p->g.shift[c];
	}
}

static int fit_all(struct ridge_lines *out, const struct problem *p,
		   struct syc_err *err)
{
	double *sum = syc_calloc(p->m, sizeof(*sum));
	bool *done = syc_calloc(p->m, sizeof(*done));
	struct part t = { 0 };
	int ret = sum && done ? part_take(&t, p, NULL, 0, err) : syc_nomem(err);

	for (size_t from = 0; from < p->m && ret == 0; from++) {
		if (done[from])
			continue;
		ret = solve(&t, out->lambda[from], err);
		memset(sum, 0, p->m * sizeof(*sum));
		for (size_t i = 0; i < p->n && ret == 0; i++)
			add_errors(&t, p, i, sum);
		/* All numbers of this lambda at once. */
		for (size_t k = from; k < p->m && ret == 0; k++)
			if (out->lambda[k] == out->lambda[from]) {
				take(out, p, &t, k);
				out->loss[k] = sum[k] / (double)p->n;
				done[k] = true;
			}
	}
	part_free(&t);
	free(sum);
	free(done);
	return ret;
}

int ridge_lines_fit(struct ridge_lines *out, const float *x, const double *y,
		    size_t n, size_t dim, size_t m,
		    const struct syc_ridge_opts *o, const double *like,
		    struct syc_err *err)
{
	struct problem p = { 0 };
	int ret = 0;

	*out = (struct ridge_lines){ .dim = dim, .m = m };
	if (!n || !dim)
		return syc_fail(err, SYC_EINVAL, "least squares of no numbers");
	for (size_t i = 0; i < n * m; i++)
		if (!isfinite(y[i]))
			return syc_fail(err, SYC_EINVAL,
					"the outcome of row %zu is not finite",
					i / m);
	out->w = syc_calloc(m, dim * sizeof(*out->w));
	out->bias = syc_calloc(m, 4 * sizeof(*out->bias));
	if (!out->w || !out->bias)
		return syc_nomem(err);
	out->lambda = out->bias + m;
	out->loss = out->bias + 2 * m;
	out->cv_loss = out->bias + 3 * m;
	blas_begin();
	for (size_t k = 0; k < m; k++) {
		out->lambda[k] = like ? like[k] : o->lambda;
		out->cv_loss[k] = NAN;
	}
	ret = problem_init(&p, x, y, n, dim, m, o->raw, err);
	if (ret == 0 && !like && !(o->lambda > 0))
		ret = choose(out, &p, o, err);
	if (ret == 0)
		ret = fit_all(out, &p, err);
	gram_free(&p.g);
	free(p.z);
	return ret;
}

void ridge_lines_free(struct ridge_lines *r)
{
	free(r->w);
	free(r->bias);
	*r = (struct ridge_lines){ 0 };
}

double ridge_lines_at(const struct ridge_lines *r, size_t k, const float *x)
{
	double y = r->bias[k];

	for (size_t c = 0; c < r->dim; c++)
		y += r->w[k * r->dim + c] * (double)x[c];
	return y;
}

/* ---- one number --------------------------------------------------------- */

int syc_ridge_line(struct syc_ridge **out, const float *x, const double *y,
		   size_t n, size_t dim, const struct syc_ridge_opts *opts,
		   struct syc_err *err)
{
	const struct syc_ridge_opts o =
		opts ? *opts : (struct syc_ridge_opts){0};
	struct syc_ridge *r = syc_calloc(1, sizeof(*r));
	struct ridge_lines l;
	int ret = r ? ridge_lines_fit(&l, x, y, n, dim, 1, &o, NULL, err)
		    : syc_nomem(err);

	*out = NULL;
	if (ret == 0) {
		*r = (struct syc_ridge){.dim = dim,
					.w = l.w,
					.bias = l.bias[0],
					.lambda = l.lambda[0],
					.loss = l.loss[0],
					.cv_loss = l.cv_loss[0],
					.cv_auc = NAN};
		l.w = NULL;
		*out = r;
	} else {
		free(r);
	}
	if (r)
		ridge_lines_free(&l);
	return ret;
}
