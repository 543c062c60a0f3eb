/* SPDX-License-Identifier: MIT */
/* Cross-validation, bootstrap and permutation. */
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
SYC_API int syc_stat_folds(uint32_t *fold, const int8_t *label, const uint32_t *group, size_t n,
			   size_t k, uint64_t seed, struct syc_err *err);

/*
 * The 95 % interval of the mean of x [n] by the percentile bootstrap (Efron &
 * Tibshirani 1993, section 13.3) with boot resamples.  For paired data x is
 * the differences.  What is drawn depends on (seed, n, boot) alone, so that
 * equally long lists are resampled alike.  NaN below two values or when one
 * is not finite.
 */
SYC_API int syc_stat_boot_mean(double *lo, double *hi, const double *x, size_t n, size_t boot,
			       uint64_t seed, struct syc_err *err);

#ifdef __cplusplus
}
#endif
#endif
