/* SPDX-License-Identifier: MIT */
/*
 * Directions that tell two classes of activations apart: Fisher's
 * discriminant and logistic regression in many dimensions.  What linear.h
 * says of threads and order holds here.
 */
#ifndef SYC_PROBE_H
#define SYC_PROBE_H
#include "syc/linear.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Fisher's linear discriminant of two classes,
 *
 *     w = C^-1 (mean of pos - mean of neg),   C = (1 - s) S / n + s t I,
 *
 * with S the scatter within the classes, n the rows of both and t = tr S / (n
 * dim).  s is the shrinkage; by default that of Ledoit & Wolf (2004), for rows
 * centered at their class's mean.  Both need SYC_MOMENTS_COV and a row.
 */
struct syc_lda {
	size_t dim;
	double *w;		/* [dim], in the rows' own units */
	double bias;		/* w.x + bias is 0 halfway between the means */
	double shrinkage;
	double dprime;		/* sqrt((mean diff)' C^-1 (mean diff)) */
};

struct syc_lda_opts {
	bool fixed;		/* take shrinkage as it is */
	double shrinkage;	/* in [0, 1] */
};

/* o may be NULL.  A covariance that is singular is SYC_EINVAL. */
SYC_API int syc_lda_fit(struct syc_lda **out, struct syc_moments *pos,
			struct syc_moments *neg, const struct syc_lda_opts *o,
			struct syc_err *err);
SYC_API void syc_lda_free(struct syc_lda *l);
/*
 * Ledoit and Wolf's shrinkage for the scatter of n classes about their own
 * means; NaN without covariances or rows.
 */
SYC_API double syc_ledoit_wolf(struct syc_moments *const *m, size_t n);

/*
 * Logistic regression with a ridge in many dimensions: the minimum over w, b of
 *
 *     sum log(1 + exp(-+(w.z + b))) + lambda / 2 |w|^2
 *
 * where z is x standardized (mean, standard deviation with n - 1; a component
 * that does not vary counts as 0), and b is free.  Newton's method: where
 * n <= 3/2 dim on the n x n kernel (Rasmussen & Williams 2006, algorithm 3.1,
 * with b added), else on the dim + 1 weights.  Rows may weigh: each log is then
 * multiplied, and means of losses are weighted; the standardization stays.
 */
struct syc_ridge {
	size_t dim;
	double *w;		/* [dim] for x itself: w_z / sd */
	double bias;		/* log odds = w.x + bias */
	double lambda;
	double loss;		/* mean log loss of the rows */
	/* mean log loss of rows left out; NaN unless lambda was chosen */
	double cv_loss;
	/* share of pairs of rows left out together in the right order */
	double cv_auc;
	unsigned steps;
};

struct syc_ridge_opts {
	double lambda;		/* 0: chosen by cross-validation */
	size_t folds;		/* 0: 5 */
	/* [n] numbers below n; a group is left out whole; or NULL */
	const uint32_t *group;
	uint64_t seed;		/* of the folds */
	bool raw;		/* do not divide by the standard deviation */
	const double *weight;	/* [n] above 0, or NULL: all 1 */
};

/*
 * x [n][dim], y [n] 0 or 1 (else SYC_EINVAL, also when a class is missing or a
 * value is not finite).  lambda is chosen from 13 values, k 10^-4 to k 10^2
 * with k the mean of |z|^2, for the least log loss; folds that leave one class
 * only to be fitted are passed over, and lambda is k when all do.  o may be
 * NULL.
 */
SYC_API int syc_ridge_fit(struct syc_ridge **out, const float *x,
			  const int8_t *y, size_t n, size_t dim,
			  const struct syc_ridge_opts *o, struct syc_err *err);
SYC_API void syc_ridge_free(struct syc_ridge *r);

/*
 * Least squares with a ridge: the minimum of sum (y - w.z - b)^2 + lambda |w|^2,
 * z and opts as above; loss and cv_loss are mean squared errors, cv_auc is NaN.
 * All 13 values of lambda are tried, and folds do not look at y.
 */
SYC_API int syc_ridge_line(struct syc_ridge **out, const float *x,
			   const double *y, size_t n, size_t dim,
			   const struct syc_ridge_opts *o, struct syc_err *err);

/*
 * Nested cross-validation: the rows of each fold are predicted by a fit to the
 * others, whose lambda was chosen among these by leaving out one of their folds
 * after the other.  Folds of whole claims keep claims apart everywhere.
 */
struct syc_nested_in {
	const float *x;		/* [n][dim] */
	/* one of them: [n] 0 or 1 (logistic), or numbers (least squares) */
	const int8_t *label;
	const double *outcome;
	const uint32_t *fold;	/* [n] below n_folds */
	size_t n, dim, n_folds;	/* 3 folds or more */
	double lambda;		/* 0: chosen */
};
struct syc_nested {
	double *pred;		/* [n] log odds, or numbers */
	/* [n_folds] of the fit without a fold, and its cv_loss (NaN if given) */
	double *lambda, *inner;
	struct syc_ridge *fit;	/* of all rows, lambda chosen by the same folds */
};
/* Errors as of the fits.  Free with syc_nested_free(). */
SYC_API int syc_ridge_nested(struct syc_nested **out,
			     const struct syc_nested_in *in,
			     struct syc_err *err);
SYC_API void syc_nested_free(struct syc_nested *s);

#ifdef __cplusplus
}
#endif
#endif
