/* SPDX-License-Identifier: MIT */
/* The rows a statistic uses: decided, finite, in one order. */
#ifndef SRC_STAT_SAMPLE_H
#define SRC_STAT_SAMPLE_H
#include <stdbool.h>
#include <stddef.h>
#include "syc/base.h"

struct pair {
	double x;	/* finite */
	double y;	/* 0 or 1 */
};

struct sample {
	struct pair *row;	/* [n] by rising x, then y */
	size_t n, n_pos;
	size_t n_dropped;	/* decided, but x not finite */
};

/* Copy the usable rows and sort them; the caller frees with sample_free(). */
int sample_init(struct sample *s, const double *score, const int8_t *label,
		size_t n, struct syc_err *err);
void sample_free(struct sample *s);

/*
 * Replace x by (x - mean) / sd, with the mean and the standard deviation
 * (n - 1).  False, with nothing changed but *mean = x and *sd = 0 (NaN for
 * fewer than two rows), when x does not vary.
 */
bool sample_standardise(struct sample *s, double *mean, double *sd);

#endif
