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
	const double *weight;	/* [n] above 0, of mean 1; NULL: all 1 */
	size_t n, k;
	bool firth;
	const double *ridge;	/* [k], or NULL; not with firth */
	const uint32_t *cluster;/* [n] below n_slots, or NULL */
	uint32_t n_slots;
	/*
	 * A coordinate that stays where it starts, its part in the information
	 * as before; 0 (the intercept's): none.
	 */
	size_t held;
};

/* Log likelihood, without and with penalty. */
struct irls_like {
	double loglik, goal;
};

/*
 * Find the maximum, starting from beta [k], and leave it there; cov [k][k]
 * becomes the covariance of the estimate as logit.h says (NULL: not wanted, and
 * never with a coordinate held).  1 done, 0 when no maximum was found (the rest
 * is no use then), negative when there is no memory.
 */
int irls_fit(const struct irls *m, double *beta, double *cov,
	     struct irls_like *like, struct syc_err *err);

#endif
