/* SPDX-License-Identifier: MIT */
/* Correlations of rows' two numbers, with intervals. */
#ifndef SRC_STAT_CORRELATE_H
#define SRC_STAT_CORRELATE_H
#include "stat/scored.h"

struct correlation {
	double r;		/* NaN where x or y does not vary */
	double lo, hi;		/* as stat.h says; NaN where |r| is 1 */
	double p;		/* by the interval's standard error, Student's */
};

/*
 * Pearson's and Spearman's.  kurtosis is that of y in the model that the
 * variance is drawn toward: 3 of a normal outcome.
 */
int correlate(struct correlation *c, const struct scored *s, double kurtosis,
	      struct syc_err *err);
int correlate_ranks(struct correlation *c, const struct scored *s,
		    struct syc_err *err);
/* P of r in n rows: Student's with n - 2 degrees of freedom. */
double correlate_p(double r, size_t n);

#endif
