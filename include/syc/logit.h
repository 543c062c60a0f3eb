/* SPDX-License-Identifier: MIT */
/*
 * Logistic regression of a yes-or-no label on one score or a few, and how good
 * predicted probabilities are.  What stat.h says of labels, rows left out,
 * their order, clusters and undefined figures holds here.
 */
#ifndef SYC_LOGIT_H
#define SYC_LOGIT_H
#include "syc/stat.h"

#ifdef __cplusplus
extern "C" {
#endif

enum syc_logit_method {
	SYC_LOGIT_NONE,		/* undefined: why says the reason */
	SYC_LOGIT_ML,		/* maximum likelihood */
	SYC_LOGIT_FIRTH,	/* Firth's penalized likelihood */
	/* less ridge / 2 times the square of the slope */
	SYC_LOGIT_RIDGE,
};

struct syc_logit_opts {
	const uint32_t *cluster;	/* [n] or NULL */
	double ridge;			/* >= 0; 0: none */
	const double *weight;		/* [n] as stat.h has them, or NULL */
};

/*
 * Logistic regression of the label on the standardized score:
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
 * information, which always has a finite maximum.  With a ridge neither is
 * needed.
 *
 * se is from the inverse of Fisher's information I at the estimate (for
 * Firth's too, as brglm2 has it); with a ridge from (I + R)^-1 I (I + R)^-1
 * (le Cessie & van Houwelingen 1992); with G clusters from the sandwich with
 * the clusters' scores, times G / (G - 1) (n - 1) / (n - k) (Liang & Zeger
 * 1986; as statsmodels and R's sandwich have it).  z = slope / se, p Wald's
 * two-sided, lo and hi slope -+ 1.96 se; with clusters p and the interval are
 * Student's with G - 1 degrees of freedom.  With weights, scaled to a mean of 1,
 * each row's part of the likelihood, and of mean and sd, is multiplied by its
 * weight, and without clusters every row is one (with Student's n - 1).
 *
 * Wald's says nothing of a separated slope: the more certain, the larger its
 * standard error.  Firth's p is that of the penalized likelihood's ratio, twice
 * its maximum less the maximum with the slope at 0, the penalty being that of
 * the whole information in both (as logistf has it); z is its root with the
 * slope's sign, and lo and hi are the slopes with a ratio of 3.84 (its profile;
 * Heinze & Schemper 2002).  It takes rows to be independent and to weigh the
 * same: with clusters or weights Firth's z, p, lo and hi are undefined.
 *
 * loglik is the log likelihood without any penalty, r2 McFadden's (1974)
 * 1 - loglik / loglik of the intercept alone.
 *
 * Undefined (NaN, SYC_LOGIT_NONE): one class only, or all scores equal.
 */
struct syc_logit {
	enum syc_logit_method method;
	bool separated;		/* completely or quasi-completely */
	const char *why;	/* static text when undefined, else NULL */
	size_t n, n_clusters;
	double mean, sd;
	double intercept, slope, se, z, p, lo, hi;
	double loglik, r2;
};

SYC_API int syc_stat_logit(struct syc_logit *out, const double *score,
			   const int8_t *label, size_t n, struct syc_err *err);
/* o may be NULL. */
SYC_API int syc_stat_logit_with(struct syc_logit *out, const double *score,
				const int8_t *label, size_t n,
				const struct syc_logit_opts *o,
				struct syc_err *err);
/* The fitted P(label = 1) at a score; NaN where the fit is undefined. */
SYC_API double syc_stat_logit_at(const struct syc_logit *f, double score);
/* "ml", "firth", "ridge" or "none". */
SYC_API const char *syc_stat_logit_name(enum syc_logit_method method);

/*
 * The score adjusted for other features, x [n][k] by rows: what is left of its
 * slope when they are held fixed.  A feature that does not vary, or that those before
 * it make up, is left out; a row with one that is not finite is, too.  All are
 * standardized.  Separation shows by estimates that run away (log odds beyond
 * 30); then Firth's estimate is given.
 *
 * alone is the fit of the score on the same rows, without, with the one beside
 * the features, and r2_rest McFadden's of the features without the score.  p is
 * of the likelihood ratio with the score and without it (one degree of
 * freedom; where Firth was needed of the penalized one, and with.p), NaN with
 * clusters or weights.
 */
struct syc_logit_adjusted {
	struct syc_logit alone, with;
	size_t n_features;	/* kept */
	double r2_rest, p;
};

SYC_API int syc_stat_logit_adjusted(struct syc_logit_adjusted *out,
	const double *score, const double *x, size_t k, const int8_t *label,
	size_t n, const struct syc_logit_opts *o, struct syc_err *err);

/*
 * Predicted probabilities against labels.  brier is the mean of (prob - label)^2
 * (Brier 1950), lo and hi its 95 % interval from the scatter of rows or
 * clusters (Student's), skill 1 - brier / rate (1 - rate), loss the mean
 * logarithmic loss.  Rows whose probability is not in [0, 1] are left out.
 */
struct syc_brier {
	size_t n;
	double brier, lo, hi, skill, loss;
};

SYC_API int syc_stat_brier(struct syc_brier *out, const double *prob,
			   const int8_t *label, const uint32_t *cluster,
			   size_t n, struct syc_err *err);

/*
 * The calibration curve: rows in bins whose edges are the quantiles of
 * the probabilities (by linear interpolation; a row on an edge belongs below),
 * each with the mean probability, the share of label 1 and its Wilson interval.
 * There are n_bins of them, or as many as leave ten rows to each, and two at least.
 * Empty bins (ties, and those beyond) have n = 0 and NaN.
 *
 * slope and intercept: logistic regression of the label on the log odds of the
 * probability (Cox 1958): 1 and 0 for perfect ones, slope < 1 for those too
 * sure of themselves.  Rows at 0 or 1 are left out there; NaN when separated.
 */
struct syc_calibration_bin {
	size_t n;
	double prob, rate, lo, hi;
};

SYC_API int syc_stat_calibration(struct syc_calibration_bin *bin, size_t n_bins,
				 double *slope, double *intercept,
				 const double *prob, const int8_t *label,
				 size_t n, struct syc_err *err);

#ifdef __cplusplus
}
#endif
#endif
