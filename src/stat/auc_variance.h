/* SPDX-License-Identifier: MIT */
/*
 * Placements: the share of the other class that a row beats, ties half.  The
 * area under the curve is their mean over either class, and their scatter is
 * DeLong's variance.
 */
#ifndef SRC_STAT_AUC_VARIANCE_H
#define SRC_STAT_AUC_VARIANCE_H
#include <stdbool.h>
#include <stddef.h>
#include "syc/base.h"

struct placed {
	double x[2];	/* scores, finite */
	double v[2];	/* placements by them, in the row's stratum */
	double own;	/* the row's weight */
	double w;	/* the area is the sum of w v over either class */
	uint32_t c;	/* cluster */
	uint32_t s;	/* stratum */
	int8_t y;	/* 0 or 1 */
};

/* One or two scores of the same rows. */
struct places {
	struct placed *row;	/* [n] in an order that depends on nothing but them */
	size_t n, n_pos, n_dropped;
	int k;			/* scores: 1 or 2 */
	bool clustered;
	uint32_t n_slots;	/* clusters are below */
	double auc[2];
	double cov[2][2];	/* of the areas; NaN where undefined */
	double own[2];		/* the variance without regard to clusters */
	size_t n_clusters;	/* among the rows used */
};

struct places_in {
	const double *score[2];	/* [n] */
	int k;			/* how many of them */
	const int8_t *label;	/* [n] */
	const uint32_t *cluster;/* [n] below n, or NULL */
	const uint32_t *stratum;/* [n] below n: only pairs of one count; or NULL */
	const double *weight;	/* [n] or NULL */
	size_t n;
};

/*
 * Copy the usable rows, place them, and find areas and variances when both
 * classes are there.  Rows of a stratum with one class are dropped.  Free with
 * places_free().
 */
int places_init(struct places *p, const struct places_in *in, struct syc_err *err);
void places_free(struct places *p);
/*
 * The 95 % interval of area i (see stat.h), with quantile z; NaN when it is
 * not defined.
 */
void places_interval(const struct places *p, int i, double z, double *lo, double *hi);
/* The quantile that goes with p: normal, or Student's with clusters. */
double places_quantile(const struct places *p);

#endif
