/* SPDX-License-Identifier: MIT */
/* One layer's pairs, and what is made of them. */
#ifndef SRC_STUDY_VECTOR_DIRECTION_H
#define SRC_STUDY_VECTOR_DIRECTION_H
#include "study/vector/pairs.h"
#include "syc/direction.h"

/* Some or all pairs of a layer. */
struct view {
	const struct syc_pairs *p;
	size_t layer;		/* its place in the pairs' layers */
	const uint32_t *pick;	/* [n] numbers of pairs, or NULL: 0, 1, ... */
	uint64_t n;
	float *room;		/* [2][dim] */
	float *all;		/* [pairs][2][dim] or NULL: read from the file */
};

/* All pairs of a layer; with keep they are held in memory.  End in any case. */
int view_begin(struct view *v, const struct syc_pairs *p, size_t layer,
	       bool keep, struct syc_err *err);
void view_end(struct view *v);
/*
 * Pair i of the view: [dim] each, borrowed until the next call; group may be
 * NULL.
 */
int view_get(const struct view *v, uint64_t i, const float **match,
	     const float **other, uint32_t *group, struct syc_err *err);

/* ---- method.c ------------------------------------------------------------ */

/* The direction [dim]; an error names the layer. */
int method_direction(double *out, const struct view *v,
		     const struct syc_recipe *r, struct syc_err *err);
/*
 * Choose from all pairs what the recipe leaves to be chosen, where r->method
 * has such a thing.
 */
int method_settle(struct syc_recipe *r, const struct view *v,
		  struct syc_err *err);
/* The mean difference [dim], or that of the groups' mean differences. */
int method_mean(double *out, const struct view *v, bool balance,
		struct syc_err *err);
/*
 * Turn a direction toward the match side in most pairs; by the mean when they
 * are even.
 */
int method_sign(double *direction, const struct view *v, struct syc_err *err);
/*
 * Orthonormal directions [*n][dim] of a control: that of the mean difference of
 * pairs, or the first k components (about their mean) of single prompts.  Fewer
 * where there are no more.  The caller frees.
 */
int method_control(double **out, size_t *n, const struct view *v, size_t k,
		   struct syc_err *err);

/* ---- diagnose.c ---------------------------------------------------------- */

/* What syc-vector(5) says of a layer's diagnostics. */
struct diag {
	double norm, explained, dprime, pair_cosine, wrong_side, center;
	double length;		/* mean length of the activations */
	double whole;		/* sum of squares of the differences */
};

int diagnose(struct diag *out, const struct view *v, const double *direction,
	     struct syc_err *err);

/* ---- sums over components, in their order -------------------------------- */

double double_length(const double *x, size_t n);
double double_cosine(const double *a, const double *b, size_t n);
double mixed_dot(const double *u, const float *x, size_t n);
/* Take n orthonormal directions [n][dim] out of x [dim]. */
void orthogonalize(double *x, const double *basis, size_t n, size_t dim);

#endif
