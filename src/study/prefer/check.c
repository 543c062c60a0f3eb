/* SPDX-License-Identifier: MIT */
/* Features from which nothing can be learned, and their scales. */
#include "config.h"
#include <cblas.h>
#include <math.h>
#include <stdlib.h>
#include "base/err.h"
#include "base/mem.h"
#include "stat/lapack.h"
#include "study/prefer/prefer.h"

/* of a feature's size, what others do not make of it: less is nothing */
static const double nothing = 1e-9;

void prefer_scale(struct syc_prefer_data *p)
{
	for (size_t j = 0; j < p->k; j++) {
		double mean = 0, squares = 0;
		bool whole = true;

		for (size_t i = 0; i < p->n; i++) {
			const double d = p->d[i * p->k + j];

			whole &= d == 0 || fabs(d) == 1;
			mean += d / (double)p->n;
		}
		for (size_t i = 0; i < p->n; i++) {
			const double off = p->d[i * p->k + j] - mean;

			squares += off * off;
		}
		p->scale[j] = whole || !(squares > 0)
				      ? 1
				      : sqrt(squares / (double)p->n);
		for (size_t i = 0; i < p->n; i++)
			p->d[i * p->k + j] /= p->scale[j];
	}
}

/* What is feature `at` made of?  a has the factor of those before it, c what solves it. */
static int tell(const struct syc_prefer_data *p, size_t at, const double *c,
		struct syc_err *err)
{
	struct syc_buf b = { 0 };
	int ret;

	for (size_t j = 0; j < at; j++)
		if (fabs(c[j]) > 1e-6)
			syc_buf_printf(
				&b, "%s%.3g of '%.40s'", b.len ? ", " : "",
				c[j] * p->scale[at] / p->scale[j], p->name[j]);
	ret = b.failed
		      ? syc_nomem(err)
		      : syc_fail(
				err, SYC_EFORMAT,
				"feature '%.60s' says nothing of its own, "
				"others make it in all pairs: "
				"%.200s; leave one of them out",
				p->name[at], b.len ? b.data : "nothing");
	syc_buf_free(&b);
	return ret;
}

/* Cholesky's factor of the products of features, row by row. */
static int independent(const struct syc_prefer_data *p, double *a,
		       struct syc_err *err)
{
	const int n = (int)p->n, k = (int)p->k;

	cblas_dsyrk(CblasRowMajor, CblasLower, CblasTrans, k, n, 1, p->d, k, 0,
		    a, k);
	for (int j = 0; j < k; j++) {
		double *c = a + (size_t)j * p->k, left = c[j];

		cblas_dtrsv(CblasRowMajor, CblasLower, CblasNoTrans,
			    CblasNonUnit, j, a, k, c, 1);
		left -= cblas_ddot(j, c, 1, c, 1);
		if (!(left > nothing * c[j])) {
			cblas_dtrsv(CblasRowMajor, CblasLower, CblasTrans,
				    CblasNonUnit, j, a, k, c, 1);
			return tell(p, (size_t)j, c, err);
		}
		c[j] = sqrt(left);
	}
	return 0;
}

int prefer_check(const struct syc_prefer_data *p, struct syc_err *err)
{
	double *a;
	int ret;

	for (size_t j = 0; j < p->k; j++)
		if (!p->n_differ[j])
			return syc_fail(
				err, SYC_EFORMAT,
				"feature '%.100s' is the same in both answers of all %zu pairs",
				p->name[j], p->n);
	blas_begin();
	a = syc_calloc(p->k, p->k * sizeof(*a));
	ret = a ? independent(p, a, err) : syc_nomem(err);
	free(a);
	return ret;
}
