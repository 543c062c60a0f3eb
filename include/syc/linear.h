/* SPDX-License-Identifier: MIT */
/*
 * Linear algebra of activations: streaming moments, principal components and
 * random directions.
 *
 * Rows are floats, sums are doubles.  The work is done by BLAS and LAPACK on
 * one thread, so that results do not depend on the number of threads; calls on
 * different objects may run at the same time.  (The first call sets OpenBLAS,
 * for the whole process, to one thread.)  Another order of rows may change
 * the last digits.  Functions return 0 or a negative code and fill err.
 */
#ifndef SYC_LINEAR_H
#define SYC_LINEAR_H
#include <stdbool.h>
#include "syc/base.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Mean, scatter and what Ledoit and Wolf need, of rows that come one after
 * another: memory does not grow with their number.  Blocks of rows are merged
 * by the formulas of Chan, Golub & LeVeque (1983), so nothing cancels when the
 * mean is large.
 */
struct syc_moments;

enum syc_moments_kind {
	SYC_MOMENTS_MEAN,	/* the mean alone: dim doubles */
	SYC_MOMENTS_VAR,	/* and the variance of every component */
	SYC_MOMENTS_COV,	/* and all covariances: dim^2 doubles */
};

SYC_API int syc_moments_new(struct syc_moments **out, size_t dim,
			    enum syc_moments_kind kind, struct syc_err *err);
SYC_API void syc_moments_free(struct syc_moments *m);
/*
 * Add n rows x [n][dim].  A value that is not finite is SYC_EINVAL naming row
 * and component; the rows before it are in, it and those behind are not.  How
 * rows are spread over calls changes nothing.
 */
SYC_API int syc_moments_add(struct syc_moments *m, const float *x, size_t n,
			    struct syc_err *err);
/*
 * The same with weights above 0 [n] (NULL: 1), as though a row came so many
 * times; where n enters a figure it is their sum, which should be the number of
 * rows.
 */
SYC_API int syc_moments_weigh(struct syc_moments *m, const float *x,
			      const double *weight, size_t n,
			      struct syc_err *err);
/*
 * Add the rows of from, which has the same dim and kind (else SYC_EINVAL).
 * Where rows were divided may change the last digits.
 */
SYC_API int syc_moments_merge(struct syc_moments *m, struct syc_moments *from,
			      struct syc_err *err);
SYC_API uint64_t syc_moments_n(const struct syc_moments *m);
SYC_API size_t syc_moments_dim(const struct syc_moments *m);
/* [dim], borrowed until m changes; zero when there are no rows. */
SYC_API const double *syc_moments_mean(struct syc_moments *m);
/* The variances (n - 1) into out [dim]; NaN below two rows or with MEAN. */
SYC_API void syc_moments_var(struct syc_moments *m, double *out);
/*
 * sum (x - mean)(x - mean)' as [dim][dim], of which the lower triangle is
 * defined; borrowed until m changes.  NULL without SYC_MOMENTS_COV.
 */
SYC_API const double *syc_moments_scatter(struct syc_moments *m);

/*
 * Principal components: unit directions of falling variance.
 *
 * centered takes second moments about the mean, with n - 1; otherwise they are
 * about zero, with n.  For contrast pairs, centering every pair at its own
 * middle leaves +-(a - b) / 2, whose mean is zero: their components are those
 * of the halved differences about zero, so feed these and do not center.
 * (Centering the differences would take out their mean, the very thing looked
 * for.)
 *
 * The sign of a direction is arbitrary: here its largest component, the first
 * of equals, is positive.  Directions of equal variance are arbitrary within
 * what they span.
 */
struct syc_pca {
	size_t dim, n_comp;
	uint64_t n;		/* rows */
	double total;		/* variance in all directions together */
	double *var;		/* [n_comp] falling */
	double *vec;		/* [n_comp][dim] */
};

/*
 * The first n_comp components (at most dim and, from rows, n are found), from
 * SYC_MOMENTS_COV, or from rows x [n][dim], which takes the n x n products of
 * rows instead where n < dim.  At least one row (two when centered) is needed,
 * else SYC_EINVAL.  Free with syc_pca_free().
 */
SYC_API int syc_pca_moments(struct syc_pca **out, struct syc_moments *m,
			    bool centered, size_t n_comp, struct syc_err *err);
SYC_API int syc_pca_rows(struct syc_pca **out, const float *x, size_t n,
			 size_t dim, bool centered, size_t n_comp,
			 struct syc_err *err);
SYC_API void syc_pca_free(struct syc_pca *p);

/*
 * n random directions, uniform on the sphere of radius length, into out
 * [n][dim]; number from + i depends on (seed, from + i, dim) alone.
 */
SYC_API void syc_random_directions(float *out, size_t n, size_t dim,
				   double length, uint64_t seed, uint64_t from);
/* out [n][k] = x [n][dim] w' for w [k][dim], in float (sgemm). */
SYC_API void syc_project(float *out, const float *x, size_t n, const float *w,
			 size_t k, size_t dim);

#ifdef __cplusplus
}
#endif
#endif
