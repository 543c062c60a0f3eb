/* SPDX-License-Identifier: MIT */
/*
 * Logistic regression on a few features: maximum likelihood, Firth's penalized
 * likelihood, a ridge.
 */
#ifndef SRC_STAT_IRLS_H
#define SRC_STAT_IRLS_H
#include <stdbool.h>
#include <stddef.h>
#include "syc/base.h"

struct irls {
	const double *x;	/* [n][k] features, a column of ones among them */
	const double *y;	/* [n] 0 or 1 */
	size_t n, k;
	bool firth;
	const double *ridge;	/* [k], or NULL; not with firth */
	const uint32_t *cluster;/* [n] below n_slots, or NULL */
	uint32_t n_slots;
};

/*
 * Find the maximum, starting from beta [k], and leave it there; cov [k][k]
 * becomes the covariance of the estimate as logit.h says, and *loglik the log
 * likelihood without penalty.  1 done, 0 when no maximum was found (the rest is
 * no use then), negative when there is no memory.
 */
int irls_fit(const struct irls *m, double *beta, double *cov, double *loglik,
	     struct syc_err *err);

#endif
