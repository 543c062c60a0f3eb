/* SPDX-License-Identifier: MIT */
/* What regressions on one score and on several have in common. */
#ifndef SRC_STAT_LOGIT_FIT_H
#define SRC_STAT_LOGIT_FIT_H
#include "stat/irls.h"
#include "syc/logit.h"

/* Everything undefined. */
void logit_none(struct syc_logit *f);
/* The log likelihood of the intercept alone; pos is the weight of y = 1 of n. */
double logit_null(double pos, double n);
/*
 * Fit m by a method, its ridge [k] taken with SYC_LOGIT_RIDGE alone, into beta
 * [k] and f: all but mean, sd, n, why and separated, the slope that of
 * coordinate 1.  1 done, 0 when there is no maximum, or negative.
 */
int logit_fit(struct syc_logit *f, double *beta, const struct irls *m,
	      enum syc_logit_method method, struct syc_err *err);
/*
 * z, p and interval of f->slope, coordinate 1 of m, which is Firth's with its
 * maximum goal at beta, by the penalized likelihood's ratio.
 */
int logit_ratio(struct syc_logit *f, const struct irls *m, const double *beta,
		double goal, struct syc_err *err);

#endif
