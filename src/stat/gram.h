/* SPDX-License-Identifier: MIT */
/* Rows of floats seen as doubles, centered and scaled by column. */
#ifndef SRC_STAT_GRAM_H
#define SRC_STAT_GRAM_H
#include <stdbool.h>
#include <stddef.h>
#include "syc/base.h"

struct gram {
	const float *x;		/* [n][dim] borrowed */
	size_t n, dim;
	double *shift;		/* [dim] z = (x - shift) scale */
	double *scale;		/* [dim] */
};

/*
 * shift becomes the mean or 0, scale 1 / sd (n - 1; 0 where a column does not
 * vary) or 1.  SYC_EINVAL names a value that is not finite.  Free it always.
 */
int gram_init(struct gram *g, const float *x, size_t n, size_t dim, bool center,
	      bool scale,
	      struct syc_err *err);
void gram_free(struct gram *g);
/* The lower triangle of Z Z' into a [n][n], which is zero. */
int gram_products(const struct gram *g, double *a, struct syc_err *err);
/* out [n] = Z v, and out [dim] = Z' v. */
void gram_times(const struct gram *g, const double *v, double *out);
void gram_back(const struct gram *g, const double *v, double *out);
/* Row r of Z into out [dim]. */
void gram_row(const struct gram *g, size_t r, double *out);

#endif
