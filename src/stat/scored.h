/* SPDX-License-Identifier: MIT */
/* The rows a statistic uses: decided, finite, in one order. */
#ifndef SRC_STAT_SCORED_H
#define SRC_STAT_SCORED_H
#include <stdbool.h>
#include <stddef.h>
#include "syc/base.h"

struct pair {
	double x;	/* finite */
	double y;	/* 0 or 1; of regressions any finite number */
	double w;	/* weight, of mean 1 over the rows */
	uint32_t c;	/* cluster */
};

struct scored {
	struct pair *row;	/* [n] by rising x, then y, cluster, weight */
	size_t n, n_pos;
	size_t n_dropped;	/* decided, but x not finite */
	uint32_t n_slots;	/* clusters are below; 0 when none were given */
	bool weighted;		/* else all weights are 1 */
};

/* [n] each. */
struct scored_in {
	const double *score;
	const int8_t *label;
	const double *outcome;	/* instead of labels */
	const uint32_t *cluster;/* or NULL */
	const double *weight;	/* or NULL: all 1 */
	size_t n;
};

/*
 * Copy the usable rows and sort them; cluster may be NULL.  The caller frees
 * with scored_free().
 */
int scored_fill(struct scored *s, const struct scored_in *in, struct syc_err *err);
int scored_init(struct scored *s, const double *score, const int8_t *label,
		const uint32_t *cluster, size_t n, struct syc_err *err);
void scored_free(struct scored *s);
/*
 * Of tables of many scores [n][n_layers]: into layer [n_layers], zeroed before, which
 * have a finite score of a decided row; into row [n] which are decided and have one at
 * all of these.  Returns the number of rows.
 */
size_t scored_whole(bool *layer, bool *row, const double *score, const int8_t *label,
		    size_t n, size_t n_layers);

/*
 * Replace x by (x - mean) / sd, with the weighted mean and the standard
 * deviation (n - 1).  False, with nothing changed but *mean = x and *sd = 0 (NaN for
 * fewer than two rows), when x does not vary.
 */
bool scored_standardize(struct scored *s, double *mean, double *sd);
/* The same of y. */
bool scored_standardize_outcome(struct scored *s, double *mean, double *sd);

/*
 * The sum over clusters of the square of their rows' summed v [n], times G /
 * (G - 1) with G clusters, in *g; without clusters every row is one, and
 * nothing is multiplied.  NaN below two clusters or without memory.
 */
double scored_scatter(const struct scored *s, const double *v, size_t *g);

#endif
