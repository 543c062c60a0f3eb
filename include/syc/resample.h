/* SPDX-License-Identifier: MIT */
/*
 * Cross-validation, bootstrap and permutation.  Random draws depend on the
 * seed and on what is drawn, never on threads; where rows are put in order
 * first (struct syc_ranks), not on their order either.
 */
#ifndef SYC_RESAMPLE_H
#define SYC_RESAMPLE_H
#include <stdbool.h>
#include "syc/base.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Divide n rows into k folds: fold [n] gets numbers below k.  Rows of one group
 * (numbers below n; NULL: every row its own) stay together, and the folds get
 * like shares of both classes as far as groups allow.  Depends on seed and on
 * the order of rows.  Fewer groups than folds is SYC_EINVAL.
 */
SYC_API int syc_stat_folds(uint32_t *fold, const int8_t *label,
			   const uint32_t *group, size_t n, size_t k,
			   uint64_t seed, struct syc_err *err);

/*
 * The 95 % interval of the mean of x [n] by the percentile bootstrap (Efron &
 * Tibshirani 1993, section 13.3) with boot resamples.  For paired data x is
 * the differences.  What is drawn depends on (seed, n, boot) alone, so that
 * equally long lists are resampled alike.  NaN below two values or when one
 * is not finite.
 */
SYC_API int syc_stat_boot_mean(double *lo, double *hi, const double *x,
			       size_t n, size_t boot, uint64_t seed,
			       struct syc_err *err);

/*
 * The same of whole clusters with replacement, all rows of those that are
 * drawn; cluster [n] numbers below n, NULL: every row its own.  With g clusters
 * it takes the quantiles at Phi(-+ sqrt(g / (g - 1)) t(0.975, g - 1)) instead of
 * 2.5 and 97.5 %, for plain percentiles are too narrow where clusters are few
 * (Hesterberg 2015, section 4.3).  NaN below SYC_BOOT_CLUSTERS, whose samples
 * are too few for such quantiles.
 */
enum { SYC_BOOT_CLUSTERS = 5 };
/* The share of samples below that interval, of g > 1 clusters. */
SYC_API double syc_stat_boot_tail(size_t g);
SYC_API int syc_stat_boot_clusters(double *lo, double *hi, const double *x,
				   const uint32_t *cluster, size_t n, size_t boot,
				   uint64_t seed, struct syc_err *err);

/*
 * Many scores of the same rows (the layers of a vector), each sorted once, so
 * that an area under the curve for other weights or labels is one pass.
 */
struct syc_ranks;

/*
 * score [n][k], NaN where a row lacks one; label 1, 0 or undecided (left out);
 * cluster [n] numbers below n, or NULL.  The rows are put into an order that
 * depends on nothing but them.  All is copied.  Free with syc_ranks_free().
 */
SYC_API int syc_ranks_new(struct syc_ranks **out, const double *score,
			  const int8_t *label, const uint32_t *cluster,
			  size_t n, size_t k, struct syc_err *err);
SYC_API void syc_ranks_free(struct syc_ranks *r);

/*
 * The area of column i from n_boot samples with replacement: of rows, each
 * class on its own, or of whole clusters.  se is their standard deviation, lo
 * and hi their 2.5 and 97.5 % quantiles.
 *
 * band_lo and band_hi hold the areas of all columns together 95 % of the time:
 * the interval of syc_stat_auc() with c for 1.96, where c is the 95 % quantile of
 * max |area of sample - auc| / se over columns.
 *
 * n is the number of samples with both classes.  NaN without two rows (or
 * clusters) of each class.
 */
struct syc_boot {
	size_t n;
	double auc, se, lo, hi, band_lo, band_hi;
};

/* out [k]; threads 0 means all processors. */
SYC_API int syc_bootstrap_auc(struct syc_boot *out, const struct syc_ranks *r,
			      size_t n_boot, uint64_t seed, unsigned threads,
			      struct syc_err *err);

enum syc_shuffle {
	SYC_SHUFFLE_ROWS,	/* labels of all rows */
	SYC_SHUFFLE_WITHIN,	/* labels of the rows of each cluster */
	/* labels of clusters: all rows of one have the same */
	SYC_SHUFFLE_CLUSTERS,
};

/*
 * The area of column i against n_perm permutations of the labels.  p is the
 * share, the given labels included, that lies as far from the center or
 * farther; the center is what is expected: 1/2, or another area within clusters.
 * p_max is the share in which some column lies as far from its center,
 * measured in the permutations' standard deviations, as this one does: p
 * adjusted for having looked at all columns (Westfall & Young 1993, single
 * step).  lo and hi lie as far from the center as 95 % of the permutations do at
 * most, max_lo and max_hi as far as their farthest columns do.  NaN where
 * nothing can be permuted.
 */
struct syc_perm {
	double auc, center, sd, p, p_max;
	double lo, hi, max_lo, max_hi;
};

SYC_API int syc_permute_auc(struct syc_perm *out, enum syc_shuffle *how,
			    const struct syc_ranks *r, size_t n_perm,
			    uint64_t seed, unsigned threads,
			    struct syc_err *err);

/*
 * The areas of very many scores of the same rows, such as random directions:
 * score [n][n_columns], label [n]; what is not finite or undecided is left out.
 * out [n_columns].
 */
SYC_API int syc_many_auc(double *out, const float *score, const int8_t *label,
			 size_t n, size_t n_columns, unsigned threads,
			 struct syc_err *err);

#ifdef __cplusplus
}
#endif
#endif
