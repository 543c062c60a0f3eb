/* SPDX-License-Identifier: MIT */
/* Least squares with a ridge, of several numbers on the same features at once. */
#ifndef SRC_STAT_RIDGE_LINES_H
#define SRC_STAT_RIDGE_LINES_H
#include "syc/probe.h"

/* What struct syc_ridge has, of each of m numbers. */
struct ridge_lines {
	size_t dim, m;
	double *w;		/* [m][dim] for x itself */
	double *bias, *lambda;	/* [m] */
	double *loss, *cv_loss;	/* [m] mean squared errors */
};

/*
 * x [n][dim], y [n][m]; o as of syc_ridge_line().  Every number has a lambda of
 * its own, those of `like` [m] where it is not NULL.  Zeroed first; free it always.
 */
int ridge_lines_fit(struct ridge_lines *out, const float *x, const double *y,
		    size_t n, size_t dim, size_t m,
		    const struct syc_ridge_opts *o, const double *like,
		    struct syc_err *err);
void ridge_lines_free(struct ridge_lines *r);
/* Number k at a row x [dim]. */
double ridge_lines_at(const struct ridge_lines *r, size_t k, const float *x);

#endif
