/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <cblas.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "base/mem.h"
#include "stat/gram.h"
#include "stat/lapack.h"
#include "syc/linear.h"

/* What has less than this share of the variance is taken for rounding. */
static const double least_share = 1e-13;

static int pca_new(struct syc_pca **out, size_t dim, size_t n_comp, uint64_t n,
		   struct syc_err *err)
{
	struct syc_pca *p = syc_calloc(1, sizeof(*p));

	*out = p;
	if (!p)
		return syc_nomem(err);
	p->dim = dim;
	p->n = n;
	p->var = syc_calloc(n_comp, sizeof(*p->var));
	p->vec = syc_calloc(n_comp, dim * sizeof(*p->vec));
	return p->var && p->vec ? 0 : syc_nomem(err);
}

void syc_pca_free(struct syc_pca *p)
{
	if (!p)
		return;
	free(p->var);
	free(p->vec);
	free(p);
}

/* Keep the k components that have variance, and turn them the agreed way. */
static void finish(struct syc_pca *p, size_t k)
{
	while (k && !(p->var[k - 1] > least_share * p->total))
		k--;
	p->n_comp = k;
	for (size_t c = 0; c < k; c++) {
		double *v = p->vec + c * p->dim;
		const size_t at = cblas_idamax((int)p->dim, v, 1);

		if (v[at] < 0)
			cblas_dscal((int)p->dim, -1, v, 1);
	}
}

static int too_few(uint64_t n, struct syc_err *err)
{
	return syc_fail(err, SYC_EINVAL,
			"too few rows for principal components: %llu",
			(unsigned long long)n);
}

/* The lower triangle of the covariances, or of the moments about zero. */
static double *second_moments(struct syc_moments *m, bool centered)
{
	const size_t d = syc_moments_dim(m);
	const double n = (double)syc_moments_n(m), *mean = syc_moments_mean(m);
	const double *scatter = syc_moments_scatter(m);
	double *a = syc_calloc(d, d * sizeof(*a));

	for (size_t i = 0; a && i < d; i++)
		for (size_t j = 0; j <= i; j++)
			a[i * d + j] = centered ? scatter[i * d + j] / (n - 1) :
				scatter[i * d + j] / n + mean[i] * mean[j];
	return a;
}

int syc_pca_moments(struct syc_pca **out, struct syc_moments *m, bool centered,
		    size_t n_comp,
		    struct syc_err *err)
{
	const size_t d = syc_moments_dim(m), k = n_comp < d ? n_comp : d;
	const uint64_t n = syc_moments_n(m);
	struct syc_pca *p = NULL;
	double *a;
	int ret;

	*out = NULL;
	if (!syc_moments_scatter(m))
		return syc_fail(err, SYC_EINVAL,
				"principal components need covariances");
	if (n < 1 + (uint64_t)centered || !k)
		return too_few(n, err);
	a = second_moments(m, centered);
	ret = a ? pca_new(&p, d, k, n, err) : syc_nomem(err);
	if (ret == 0) {
		for (size_t i = 0; i < d; i++)
			p->total += a[i * d + i];
		ret = eigen_top(a, d, k, p->var, p->vec, err);
	}
	free(a);
	if (!a)
		return ret;
	if (ret < 0) {
		syc_pca_free(p);
		return ret;
	}
	finish(p, k);
	*out = p;
	return 0;
}

static int by_covariance(struct syc_pca **out, const float *x, size_t n,
			 size_t dim, bool centered,
			 size_t n_comp, struct syc_err *err)
{
	struct syc_moments *m;
	int ret = syc_moments_new(&m, dim, SYC_MOMENTS_COV, err);

	if (ret == 0)
		ret = syc_moments_add(m, x, n, err);
	if (ret == 0)
		ret = syc_pca_moments(out, m, centered, n_comp, err);
	syc_moments_free(m);
	return ret;
}

/*
 * The eigenvectors u of X X' give those of X'X as X'u / sqrt(value).  What the
 * division loses in length is put right.
 */
static void to_directions(struct syc_pca *p, const struct gram *g,
			  const double *u, size_t k)
{
	for (size_t c = 0; c < k; c++) {
		double *v = p->vec + c * p->dim, length;

		gram_back(g, u + c * g->n, v);
		length = cblas_dnrm2((int)p->dim, v, 1);
		if (length > 0)
			cblas_dscal((int)p->dim, 1 / length, v, 1);
	}
}

static int by_products(struct syc_pca *p, const struct gram *g, bool centered,
		       size_t k,
		       struct syc_err *err)
{
	const double by = (double)g->n - centered;
	double *a = syc_calloc(g->n, g->n * sizeof(*a)),
		*u = syc_calloc(g->n, k * sizeof(*u));
	int ret = a && u ? gram_products(g, a, err) : syc_nomem(err);

	if (ret == 0) {
		for (size_t i = 0; i < g->n; i++)
			p->total += a[i * g->n + i] / by;
		ret = eigen_top(a, g->n, k, p->var, u, err);
	}
	if (ret == 0) {
		cblas_dscal((int)k, 1 / by, p->var, 1);
		to_directions(p, g, u, k);
	}
	free(a);
	free(u);
	return ret;
}

int syc_pca_rows(struct syc_pca **out, const float *x, size_t n, size_t dim,
		 bool centered,
		 size_t n_comp, struct syc_err *err)
{
	const size_t k = n_comp < n ? n_comp : n;
	struct syc_pca *p = NULL;
	struct gram g;
	int ret;

	*out = NULL;
	if (n < 1 + (size_t)centered || !k)
		return too_few(n, err);
	if (n >= dim)
		return by_covariance(out, x, n, dim, centered, n_comp, err);
	ret = gram_init(&g, x, n, dim, centered, false, err);
	if (ret == 0)
		ret = pca_new(&p, dim, k, n, err);
	if (ret == 0)
		ret = by_products(p, &g, centered, k, err);
	gram_free(&g);
	if (ret < 0) {
		syc_pca_free(p);
		return ret;
	}
	finish(p, k);
	*out = p;
	return 0;
}
