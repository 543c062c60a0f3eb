/* SPDX-License-Identifier: MIT */
/* How far several sets of labels of the same rows agree. */
#ifndef SYC_AGREE_H
#define SYC_AGREE_H
#include <stdbool.h>
#include "syc/base.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * agree is the share of pairs of labels that are the same, chance what it
 * would be if every rater labeled at random with the shares of labels given,
 * kappa = (agree - chance) / (1 - chance).
 *
 * se is by the influence of every row, which for two raters is the formula of
 * Fleiss, Cohen & Everitt (1969).  lo and hi are Wilson's interval of agree
 * with agree (1 - agree) / (se (1 - chance))^2 for its rows (all of them where
 * nobody disagrees), carried over to kappa: Wald's says kappa is sure to be 1
 * where no disagreement was seen.  agree_lo and agree_hi are Wilson's interval
 * of agree, by the rows.
 *
 * NaN without rows; kappa and its interval also where all labels are the same.
 */
struct syc_kappa {
	size_t n;		/* rows used */
	double agree, agree_lo, agree_hi;
	double chance, kappa, se, lo, hi;
};

/*
 * Two raters with shares of their own (Cohen 1960).  Labels are 1, 0 and
 * undecided (anything else), which leaves the row out, or is a third label
 * when undecided is true.
 */
SYC_API int syc_stat_cohen(struct syc_kappa *out, const int8_t *a,
			   const int8_t *b, size_t n, bool undecided,
			   struct syc_err *err);
/*
 * n_raters, at least two, with shares in common (Fleiss 1971): label [n_raters]
 * of [n].
 */
SYC_API int syc_stat_fleiss(struct syc_kappa *out, const int8_t *const *label,
			    size_t n_raters, size_t n, bool undecided,
			    struct syc_err *err);

#ifdef __cplusplus
}
#endif
#endif
