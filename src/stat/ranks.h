/* SPDX-License-Identifier: MIT */
/* What the bootstrap and the permutations see of struct syc_ranks. */
#ifndef SRC_STAT_RANKS_H
#define SRC_STAT_RANKS_H
#include "syc/resample.h"

struct column {
	uint32_t *order;	/* [n] rows by rising score, those that have one */
	uint32_t *end;		/* [n_groups] where groups of ties end; NULL: no ties */
	size_t n, n_groups;
};

struct syc_ranks {
	size_t n, k, n_pos;
	int8_t *label;		/* [n] 0 or 1 */
	uint32_t *cluster;	/* [n] from 0 in order of appearance, or NULL */
	size_t n_clusters;
	struct column *column;	/* [k] */
};

/* Put the finite of x [n] in order; c is zeroed before, freed always. */
int ranks_sort(struct column *c, const double *x, size_t n, struct syc_err *err);
void ranks_column_free(struct column *c);
/*
 * The area of a column when row r counts weight[r] >> 1 times and has the label
 * weight[r] & 1; NaN with one class.  Sums are whole numbers below 2^63.
 */
double ranks_area(const struct column *c, const uint32_t *weight);

#endif
