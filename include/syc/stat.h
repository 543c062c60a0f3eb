/* SPDX-License-Identifier: MIT */
/*
 * Statistics of a yes-or-no label against a score: ranks, logistic
 * regression, correlation, and p values for many tests at once.
 *
 * Scores come as doubles, labels as 1, 0 or SYC_LABEL_UNDECIDED (anything but
 * 0 and 1 is undecided).  Every function leaves out the rows that are
 * undecided or whose score is not finite, and sorts what is left before it
 * sums, so that its result is the same to the last bit in whatever order the
 * rows come.  What is not defined is NaN, never an error; the functions that
 * return int fail only for want of memory.  All of them may be called by any
 * number of threads at once.
 */
#ifndef SYC_STAT_H
#define SYC_STAT_H
#include <stdbool.h>
#include "syc/base.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * The area under the receiver operating characteristic: the chance that a
 * positive row scores above a negative one, a tie counting half (Mann-Whitney
 * with midranks; Bamber 1975).
 *
 * se is its standard error after DeLong, DeLong & Clarke-Pearson (1988),
 * computed from ranks as Sun & Xu (2014) do.  lo and hi are the 95 % interval
 * on the logit scale, logit(auc) -+ 1.96 se / (auc (1 - auc)), carried back
 * (Pepe 2003, section 5.2); plain_lo and plain_hi are auc -+ 1.96 se cut to
 * [0, 1], as pROC prints.
 *
 * Undefined (NaN): everything with one class only; se and both intervals when
 * either class has a single row; lo and hi where auc is exactly 0 or 1, since
 * the logit is infinite there.  se is 0 then and the plain interval a point,
 * which says nothing of how sure the figure is.
 */
struct syc_auc {
	size_t n_pos, n_neg;
	size_t n_dropped;	/* decided, but with a score that is not finite */
	double auc, se;
	double lo, hi;
	double plain_lo, plain_hi;
};

SYC_API int syc_stat_auc(struct syc_auc *out, const double *score,
			 const int8_t *label, size_t n, struct syc_err *err);

enum syc_logit_method {
	SYC_LOGIT_NONE,		/* undefined: why says the reason */
	SYC_LOGIT_ML,		/* maximum likelihood */
	SYC_LOGIT_FIRTH,	/* Firth's penalised likelihood */
};

/*
 * Logistic regression of the label on the standardised score:
 *
 *     P(label = 1) = 1 / (1 + exp(-(intercept + slope (score - mean) / sd)))
 *
 * with mean and sd (n - 1 in the denominator) those of the rows used, so that
 * slope is the log odds ratio of one standard deviation.  Maximum likelihood
 * by Newton's method with step halving.
 *
 * The maximum does not exist when the classes are separated (Albert &
 * Anderson 1984).  With one score that is so exactly when no row of one class
 * lies above the lowest of the other: completely when the two ranges do not
 * touch, quasi-completely when they share their end point.  The test compares
 * scores, not estimates, so it neither misses a case nor sees one that is not
 * there.  Then, and when Newton's method does not arrive because the classes
 * overlap by next to nothing, Firth's estimate is given (Firth 1993; Heinze &
 * Schemper 2002): the likelihood times the root of the determinant of Fisher's
 * information, which always has a finite maximum.
 *
 * se is from the inverse of Fisher's information at the estimate (for Firth's
 * too, as brglm2 has it), z = slope / se, p Wald's two-sided.
 *
 * Undefined (NaN, SYC_LOGIT_NONE): one class only, or all scores equal.
 */
struct syc_logit {
	enum syc_logit_method method;
	bool separated;		/* completely or quasi-completely */
	const char *why;	/* static text when undefined, else NULL */
	size_t n;
	double mean, sd;
	double intercept, slope, se, z, p;
};

SYC_API int syc_stat_logit(struct syc_logit *out, const double *score,
			   const int8_t *label, size_t n, struct syc_err *err);
/* The fitted P(label = 1) at a score; NaN where the fit is undefined. */
SYC_API double syc_stat_logit_at(const struct syc_logit *f, double score);
/* "ml", "firth" or "none". */
SYC_API const char *syc_stat_logit_name(enum syc_logit_method method);

/*
 * The point-biserial correlation, which is Pearson's r with the label as 0
 * and 1 (Tate 1954), and its two-sided p from Student's t with n - 2 degrees
 * of freedom.  NaN with one class only or all scores equal; p also for n < 3.
 */
struct syc_corr {
	size_t n;
	double r, p;
};

SYC_API int syc_stat_corr(struct syc_corr *out, const double *score,
			  const int8_t *label, size_t n, struct syc_err *err);

/*
 * Adjust n p values for the false discovery rate (Benjamini & Hochberg 1995):
 * adjusted[i] is the least rate at which p[i] would be rejected.  NaN is left
 * out of the count and stays NaN.  The arrays may be one and the same.
 */
SYC_API int syc_stat_bh(double *adjusted, const double *p, size_t n,
			struct syc_err *err);

/* P(|Z| >= |z|) of the standard normal distribution. */
SYC_API double syc_stat_normal_p(double z);
/*
 * P(|T| >= |t|) of Student's t with df > 0 degrees of freedom, to about 12
 * digits: the incomplete beta function I_x(df / 2, 1 / 2), x = df / (df + t^2),
 * by the continued fraction of DiDonato & Morris (1992).
 */
SYC_API double syc_stat_t_p(double t, double df);

#ifdef __cplusplus
}
#endif
#endif
