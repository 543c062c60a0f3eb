/* SPDX-License-Identifier: MIT */
/* What a chain tunes while it warms up. */
#ifndef SRC_STAT_NUTS_H
#define SRC_STAT_NUTS_H
#include <stdbool.h>
#include "syc/nuts.h"

/* Dual averaging of the step (Hoffman & Gelman 2014, section 3.2), Stan's constants. */
struct averaging {
	double mu, s, x_bar, accept;
	size_t n;
};
void averaging_begin(struct averaging *a, double step);
/* The next step, after one with that acceptance. */
double averaging_next(struct averaging *a, double accept);
/* The one to stay with. */
double averaging_end(const struct averaging *a);

/*
 * When the metric is learned: after `begin` draws, in windows that double, up to
 * `end`, behind which only the step is tuned.
 */
struct windows {
	size_t n, begin, end, size, next, at;
};
void windows_begin(struct windows *w, size_t n_warmup);
/*
 * Count a draw of warm-up: *inside says whether the metric learns of it; returns
 * whether a window ends with it.
 */
bool windows_next(struct windows *w, bool *inside);

/* Variances of the draws of a window (Welford 1962). */
struct spread {
	size_t dim, n;
	double *mean, *m2;	/* [dim] */
};
void spread_add(struct spread *s, const double *x);
/* Drawn toward 1e-3 as Stan does; begins anew. */
void spread_end(struct spread *s, double *var);

#endif
