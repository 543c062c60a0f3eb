/* SPDX-License-Identifier: MIT */
/*
 * Statistics of a yes-or-no label against a score: ranks, correlation, and p
 * values for many tests at once.  Logistic regression is in logit.h.
 *
 * Scores come as doubles, labels as 1, 0 or SYC_LABEL_UNDECIDED (anything but
 * 0 and 1 is undecided).  Every function leaves out the rows that are
 * undecided or whose score is not finite, and sorts what is left before it
 * sums, so that its result is the same to the last bit in whatever order the
 * rows come.  What is not defined is NaN, never an error; the functions that
 * return int fail only for want of memory.  All of them may be called by any
 * number of threads at once.
 *
 * cluster [n] says which rows belong together (samples of one prompt, rows of
 * one topic), by any numbers below n; rows of different clusters are taken to
 * be independent, rows of one are not.  NULL: all rows are independent.
 *
 * weight [n] says how much a row counts (1 over the rows of its claim, so that
 * each claim weighs the same; 1 over the chance that it was drawn).  Only their
 * ratios matter; a row whose weight is not finite and above 0 is left out.
 * Estimates are those of a table that has each row so many times.  Standard
 * errors are not: they come from the scatter of what rows, or clusters, add to
 * the estimate (the sandwich), so that a row that counts thrice is one
 * observation.  NULL: all rows weigh the same.
 */
#ifndef SYC_STAT_H
#define SYC_STAT_H
#include <stdbool.h>
#include "syc/base.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What a function takes beside scores and labels; [n] each, or NULL. */
struct syc_stat_opts {
	const uint32_t *cluster;
	/*
	 * Only pairs of one stratum count (a confound's levels, or folds), by any
	 * numbers below n.
	 */
	const uint32_t *stratum;
	const double *weight;
};

/*
 * The area under the receiver operating characteristic: the chance that a
 * positive row scores above a negative one, a tie counting half (Mann-Whitney
 * with midranks; Bamber 1975).
 *
 * se is its standard error: DeLong, DeLong & Clarke-Pearson (1988), computed
 * from ranks as Sun & Xu (2014) do, and with clusters Obuchowski (1997).
 *
 * lo and hi are the 95 % interval.  It is Wilson's for a share of auc among
 * auc (1 - auc) / V rows, where V is se^2 with each class's part drawn toward
 * what a model makes of it, the more so the fewer of its rows say anything:
 *
 *     weight 1.5 / (1.5 + rows that neither beat nor lose to all others)
 *
 * The model's part of V is (q + 3 Q) / 4 - auc^2 with q < Q Hanley & McNeil's
 * (1982) auc / (2 - auc) and 2 auc^2 / (1 + auc).  With clusters the normal
 * quantile gives way to Student's with (clusters - 1) degrees of freedom.
 * syc-fit(1) has a table of how often it holds the truth.
 *
 * logit_lo and logit_hi are -+ 1.96 se on the logit scale (Pepe 2003, section
 * 5.2), plain_lo and plain_hi auc -+ 1.96 se cut to [0, 1], as pROC prints:
 * both hold too little near 0 and 1.
 *
 * Undefined (NaN): everything with one class only; se and the last two
 * intervals when either class has a single row; the logit's where auc is 0 or
 * 1 (se is 0 then and the plain interval a point, which says nothing of how
 * sure the figure is); with clusters, all of se and the intervals when the
 * rows of a class are in a single cluster.
 */
struct syc_auc {
	size_t n_pos, n_neg;
	/* decided, but with a score that is not finite */
	size_t n_dropped;
	size_t n_clusters;	/* of the rows used; 0 when none were given */
	double auc, se;
	double lo, hi;
	double logit_lo, logit_hi;
	double plain_lo, plain_hi;
};

SYC_API int syc_stat_auc(struct syc_auc *out, const double *score,
			 const int8_t *label, size_t n, struct syc_err *err);
SYC_API int syc_stat_auc_clustered(struct syc_auc *out, const double *score,
				   const int8_t *label, const uint32_t *cluster,
				   size_t n, struct syc_err *err);
/*
 * o may be NULL.  A pair weighs the product of its rows' weights; the variance
 * takes the strata to have one area.  Rows of a stratum with one class are left
 * out and not counted.
 */
SYC_API int syc_stat_auc_with(struct syc_auc *out, const double *score,
			      const int8_t *label, size_t n,
			      const struct syc_stat_opts *o,
			      struct syc_err *err);
/* The same with two of them. */
SYC_API int syc_stat_auc_within(struct syc_auc *out, const double *score,
				const int8_t *label, const uint32_t *stratum,
				const uint32_t *cluster, size_t n,
				struct syc_err *err);

/*
 * Two scores of the same rows, those with both: diff = auc of a - auc of b,
 * se from the covariance of the two (DeLong et al. 1988; Obuchowski 1997), z
 * and its two-sided p (normal, or Student's with clusters - 1), plain_lo and
 * plain_hi diff -+ 1.96 se.  lo and hi join the two areas' own intervals,
 * allowing for their correlation (Zou & Donner 2008), and stay within [-1, 1].
 */
struct syc_auc_diff {
	size_t n_pos, n_neg, n_clusters;
	double a, b;		/* the two areas */
	double diff, se, z, p;
	double lo, hi;
	double plain_lo, plain_hi;
};

SYC_API int syc_stat_auc_diff(struct syc_auc_diff *out, const double *a,
			      const double *b, const int8_t *label,
			      const uint32_t *cluster, size_t n,
			      struct syc_err *err);

/*
 * Average precision: sum (R_i - R_(i-1)) P_i over falling thresholds, with
 * precision P and recall R and rows of one score taken together.  Chance is
 * base, the share of positive rows.  lo and hi: Wilson's interval with the
 * positive rows for its n (binomial, as Boyd, Eng & Page 2013 advise); it is
 * rather too wide.  NaN with one class.
 */
struct syc_ap {
	size_t n;
	double ap, base, lo, hi;
};

SYC_API int syc_stat_ap(struct syc_ap *out, const double *score,
			const int8_t *label, size_t n, struct syc_err *err);

/*
 * The point-biserial correlation, which is Pearson's r with the label as 0
 * and 1 (Tate 1954), and its two-sided p from Student's t with n - 2 degrees
 * of freedom; with clusters from the interval's standard error and clusters -
 * 1.
 *
 * lo and hi: on Fisher's z scale, around atanh(r) - r / (2 (n - 1)) (Hotelling
 * 1953).  The variance is that of the rows' influences on r (Devlin,
 * Gnanadesikan & Kettenring 1975), each over (1 - h)^0.85 with h its leverage
 * among the points (score, label), between HC2 and HC3, so that no normal
 * distribution is supposed; it is drawn toward that of normal scores in both
 * classes (Tate 1954),
 *
 *     (1 + r^2 (k - 3) / 4) / (n - 3),   k = 1 / (share (1 - share)) - 3,
 *
 * with the weight 20 / (20 + n).  With clusters their summed influences alone
 * make it, times G / (G - 1), with Student's quantile of G - 1.  It is (-1, 1)
 * for n = 3, and holds r of rows drawn at random, their labels with them;
 * syc-fit(1) says how often.
 *
 * rho is Spearman's, r of the midranks, with its p in the same way; NaN with
 * clusters, where the area's interval serves, for rho rises with the area.
 *
 * NaN with one class only or all scores equal; p also for n < 3.
 */
struct syc_corr {
	size_t n;
	double r, p, lo, hi;
	double rho, rho_p;
};

SYC_API int syc_stat_corr(struct syc_corr *out, const double *score,
			  const int8_t *label, size_t n, struct syc_err *err);
SYC_API int syc_stat_corr_clustered(struct syc_corr *out, const double *score,
				    const int8_t *label,
				    const uint32_t *cluster, size_t n,
				    struct syc_err *err);

/*
 * Adjust n p values for the false discovery rate (Benjamini & Hochberg 1995):
 * adjusted[i] is the least rate at which p[i] would be rejected.  NaN is left
 * out of the count and stays NaN.  The arrays may be one and the same.
 */
SYC_API int syc_stat_bh(double *adjusted, const double *p, size_t n,
			struct syc_err *err);
/*
 * The same for the chance of any false rejection at all (Holm 1979): the i-th
 * smallest of n, from 0, times n - i, at least the one before and at most 1.
 */
SYC_API int syc_stat_holm(double *adjusted, const double *p, size_t n,
			  struct syc_err *err);

/* Wilson's (1927) 95 % interval of k out of n, n > 0 and not always whole. */
SYC_API void syc_stat_wilson(double *lo, double *hi, double k, double n);

/*
 * A mean with Student's 95 % interval, mean -+ t(0.975, n - 1) sd / sqrt(n), of
 * the n values that are finite; sd has n - 1 below.  NaN: the mean for n = 0,
 * all else for n = 1.
 */
struct syc_mean {
	size_t n;
	double mean, sd, se, lo, hi;
	double p;	/* two-sided, that the mean is 0; NaN also where se is 0 */
};
SYC_API int syc_stat_mean(struct syc_mean *out, const double *x, size_t n,
			  struct syc_err *err);

/* P(|Z| >= |z|) of the standard normal distribution. */
SYC_API double syc_stat_normal_p(double z);
/*
 * P(|T| >= |t|) of Student's t with df > 0 degrees of freedom, to about 12
 * digits: the incomplete beta function I_x(df / 2, 1 / 2), x = df / (df + t^2),
 * by the continued fraction of DiDonato & Morris (1992).
 */
SYC_API double syc_stat_t_p(double t, double df);
/* The t > 0 with P(|T| >= t) = p, 0 < p < 1, by bisection of that. */
SYC_API double syc_stat_t_quantile(double p, double df);

/* Sort x [n], the least first; NaN has no place in an order. */
SYC_API void syc_stat_sort(double *x, size_t n);
/*
 * The p quantile of sorted x [n], n > 0, interpolated between neighbors (type 7
 * of Hyndman & Fan 1996, numpy.quantile()'s own).
 */
SYC_API double syc_stat_quantile(const double *x, size_t n, double p);

#ifdef __cplusplus
}
#endif
#endif
