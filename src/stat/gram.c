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

enum { COLUMNS = 512 };	/* converted at once */

int gram_init(struct gram *g, const float *x, size_t n, size_t dim, bool center,
	      bool scale,
	      struct syc_err *err)
{
	struct syc_moments *m;
	int ret;

	*g = (struct gram){ .x = x, .n = n, .dim = dim };
	if (!blas_fits(n) || !blas_fits(dim))
		return syc_fail(err, SYC_EINVAL,
				"%zu rows of %zu numbers are too many", n, dim);
	g->shift = syc_calloc(dim, 2 * sizeof(*g->shift));
	if (!g->shift)
		return syc_nomem(err);
	g->scale = g->shift + dim;
	/* Also where nothing is centered: it looks at every value. */
	ret = syc_moments_new(&m, dim, SYC_MOMENTS_VAR, err);
	if (ret == 0)
		ret = syc_moments_add(m, x, n, err);
	if (ret == 0) {
		syc_moments_var(m, g->scale);
		if (center)
			memcpy(g->shift, syc_moments_mean(m),
			       dim * sizeof(*g->shift));
	}
	for (size_t i = 0; i < dim; i++)
		g->scale[i] = !scale ? 1 : g->scale[i] > 0 ?
			1 / sqrt(g->scale[i]) : 0;
	syc_moments_free(m);
	return ret;
}

void gram_free(struct gram *g)
{
	free(g->shift);
	*g = (struct gram){ 0 };
}

int gram_products(const struct gram *g, double *a, struct syc_err *err)
{
	const int n = (int)g->n;
	double *z = syc_calloc(g->n, COLUMNS * sizeof(*z));

	if (!z)
		return syc_nomem(err);
	for (size_t from = 0; from < g->dim; from += COLUMNS) {
		const size_t k = g->dim - from < COLUMNS ? g->dim - from : COLUMNS;

		for (size_t r = 0; r < g->n; r++)
			for (size_t c = 0; c < k; c++)
				z[r * k + c] = ((double)g->x[r * g->dim + from + c] -
						g->shift[from +
							 c]) * g->scale[from +
									c];
		cblas_dsyrk(CblasRowMajor, CblasLower, CblasNoTrans, n, (int)k,
			    1, z, (int)k, 1,
			    a, n);
	}
	free(z);
	return 0;
}

void gram_row(const struct gram *g, size_t r, double *out)
{
	for (size_t c = 0; c < g->dim; c++)
		out[c] = ((double)g->x[r * g->dim + c] - g->shift[c]) * g->scale[c];
}

void gram_times(const struct gram *g, const double *v, double *out)
{
	for (size_t r = 0; r < g->n; r++) {
		const float *x = g->x + r * g->dim;
		double sum = 0;

		for (size_t c = 0; c < g->dim; c++)
			sum += ((double)x[c] - g->shift[c]) * g->scale[c] * v[c];
		out[r] = sum;
	}
}

void gram_back(const struct gram *g, const double *v, double *out)
{
	memset(out, 0, g->dim * sizeof(*out));
	for (size_t r = 0; r < g->n; r++) {
		const float *x = g->x + r * g->dim;

		for (size_t c = 0; c < g->dim; c++)
			out[c] += v[r] * ((double)x[c] - g->shift[c]);
	}
	for (size_t c = 0; c < g->dim; c++)
		out[c] *= g->scale[c];
}
