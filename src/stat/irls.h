/* SPDX-License-Identifier: MIT */
/*
 * Logistic regression on any few features: maximum likelihood and Firth's
 * penalised likelihood.
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
};

/*
 * Find the maximum, starting from beta [k], and leave it there; cov [k][k]
 * becomes the inverse of Fisher's information X'WX at it.  1 done, 0 when no
 * maximum was found (beta and cov are no use then), negative when there is no
 * memory.
 */
int irls_fit(const struct irls *m, double *beta, double *cov,
	     struct syc_err *err);

#endif
