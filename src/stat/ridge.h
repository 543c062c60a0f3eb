/* SPDX-License-Identifier: MIT */
/* Logistic regression with a ridge on some of the rows of a problem. */
#ifndef SRC_STAT_RIDGE_H
#define SRC_STAT_RIDGE_H
#include "stat/gram.h"

struct ridge {
	struct gram z;
	const int8_t *y;	/* [n] */
	const double *weight;	/* [n] of the rows' losses, or NULL: 1 */
	double *k;		/* [n][n] Z Z', or NULL: by weights */
};

/*
 * A fit: log odds of row r are (K a)_r / lambda + b, with a [n], zero beyond
 * the rows fitted, or z_r a + b, with a [dim].
 */
struct ridge_fit {
	double lambda, b;
	double *a;
	unsigned steps;
};

/* The length of a. */
size_t ridge_size(const struct ridge *p);
/*
 * Fit the m rows in use, beginning from *f as it is, whose lambda is given.
 * SYC_EINVAL when Newton's method does not arrive.
 */
int ridge_solve(struct ridge_fit *f, const struct ridge *p, const size_t *use,
		size_t m,
		struct syc_err *err);
/* The log odds of the m rows into eta [m]; room is for p->z.dim numbers. */
void ridge_margins(const struct ridge *p, const struct ridge_fit *f,
		   const size_t *use, size_t m,
		   double *eta, double *room);
static inline double ridge_weight(const struct ridge *p, size_t row)
{
	return p->weight ? p->weight[row] : 1;
}
/* log(1 + exp(-t)), with t turned for label 0. */
double ridge_loss(double eta, int8_t y);

#endif
