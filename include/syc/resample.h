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

#ifdef __cplusplus
}
#endif
#endif
