/* SPDX-License-Identifier: MIT */
/*
 * A numeric outcome against one score: least squares, Pearson's and Spearman's
 * correlation.  What stat.h says of scores, rows left out, their order,
 * clusters, weights and undefined figures holds here; a row whose outcome is not
 * finite is left out, as an undecided one is there.
 */
#ifndef SYC_REGRESS_H
#define SYC_REGRESS_H
#include "syc/stat.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Least squares, each row's square times its weight,
 *
 *     outcome = intercept + slope (score - mean) / sd
 *
 * with mean and sd (n - 1 in the denominator) those of the scores used, so that
 * slope is the outcome's change per standard deviation and intercept the
 * outcome's mean.
 *
 * se supposes residuals of one spread, with n - 2 degrees of freedom; with G
 * clusters it is the sandwich's (Liang & Zeger 1986) times G / (G - 1) (n - 1) /
 * (n - 2), with G - 1; with weights and no clusters every row is one.  t =
 * slope / se, p and the 95 % interval are Student's.
 *
 * r is Pearson's correlation with its interval as in struct syc_corr (toward the
 * variance 1 / (n - 3) of normal numbers), r2 its square.  rho is Spearman's, r
 * of the midranks, its interval likewise from the influence of rows on the ranks
 * of all (Croux & Dehon 2010), over (1 - h)^0.5, drawn toward the variance (1 +
 * rho^2 / 2) / (n - 3) of Bonett & Wright (2000).  With weights n is there the
 * number of rows that equal ones would be, (sum w)^2 / sum w^2.  rho_p is
 * Student's with n - 2 degrees of freedom, and with clusters or weights by the
 * interval's standard error, with clusters - 1 or n - 1.
 *
 * Undefined (NaN, why says the reason): fewer than three rows or one cluster;
 * scores or outcomes that are all equal.  Intervals of r and rho also where
 * these are 1 or -1.
 */
struct syc_line {
	const char *why;	/* static text when undefined, else NULL */
	size_t n, n_clusters;
	double mean, sd;
	double intercept, slope, se, t, p, lo, hi;
	double r, r_lo, r_hi, r2;
	double rho, rho_p, rho_lo, rho_hi;
};

/* o may be NULL; its strata are not used. */
SYC_API int syc_stat_line(struct syc_line *out, const double *score,
			  const double *outcome, size_t n,
			  const struct syc_stat_opts *o, struct syc_err *err);
/* The fitted outcome at a score; NaN where the fit is undefined. */
SYC_API double syc_stat_line_at(const struct syc_line *f, double score);

#ifdef __cplusplus
}
#endif
#endif
