/* SPDX-License-Identifier: MIT */
/* One layer's pairs, and what is made of them. */
#ifndef SRC_STUDY_VECTOR_DIRECTION_H
#define SRC_STUDY_VECTOR_DIRECTION_H
#include "study/vector/pairs.h"
#include "syc/direction.h"
#include "syc/linear.h"

/* Some or all pairs of a layer. */
struct view {
	const struct syc_pairs *p;
	size_t layer;		/* its place in the pairs' layers */
	const uint32_t *pick;	/* [n] numbers of pairs, or NULL: 0, 1, ... */
	uint64_t n;
	/*
	 * [pairs][2] whose activations stand for the sides of a pair: 2 i + 0
	 * or 1, a side of pair i; NULL: its own.  Needs all.
	 */
	const uint32_t *act;
	float *room;		/* [2][dim] */
	float *all;		/* [pairs][2][dim] or NULL: read from the file */
};

/* All pairs of a layer; with keep they are held in memory.  End in any case. */
int view_begin(struct view *v, const struct syc_pairs *p, size_t layer,
	       bool keep, struct syc_err *err);
void view_end(struct view *v);
/* Pair i of the view: [dim] each, borrowed until the next call. */
int view_get(const struct view *v, uint64_t i, const float **match,
	     const float **other, struct syc_err *err);
/* The number of its matching answer. */
uint32_t view_letter(const struct view *v, uint64_t i);

/* ---- balance.c ----------------------------------------------------------- */

/* What makes the pairs of every matching answer weigh the same. */
struct balance {
	/* of a pair by its letter; their mean over pairs is 1 */
	double weight[SYC_PAIRS_GROUPS];
	/*
	 * [2][letters][dim] how far the mean of a side's activations with that
	 * letter lies from the mean over letters
	 */
	double *offset;
};

/*
 * All weights are 1 without `on`.  offset is made if wanted: with it taken out,
 * no direction is one letter's less another's.  balance_end() in any case.
 */
int balance_begin(struct balance *b, const struct view *v, bool on, bool offset,
		  struct syc_err *err);
void balance_end(struct balance *b);
double balance_weight(const struct balance *b, const struct view *v, uint64_t i);

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
/* The two matching answers with most pairs, by name; false: there is one. */
bool method_letters(uint32_t two[2], const struct syc_pairs_info *info);
/* The mean difference [dim], or that of the groups' mean differences. */
int method_mean(double *out, const struct view *v, bool balance,
		struct syc_err *err);
/*
 * Turn a direction toward the match side in most pairs, as they weigh; by the
 * mean when they are even.
 */
int method_sign(double *direction, const struct view *v, bool balance,
		struct syc_err *err);
/*
 * Orthonormal directions [*n][dim] of a control: that of the mean difference of
 * pairs, or the first k components (about their mean) of single prompts.  Fewer
 * where there are no more.  The caller frees.
 */
int method_control(double **out, size_t *n, const struct view *v, size_t k,
		   struct syc_err *err);

/* ---- components.c -------------------------------------------------------- */

/* At most k components of the view's pairs; free with syc_pca_free(). */
int method_components(struct syc_pca **out, const struct view *v,
		      enum syc_center center, size_t k, bool balance,
		      struct syc_err *err);

/* ---- diagnose.c ---------------------------------------------------------- */

/* What syc-vector(5) says of a layer's diagnostics. */
struct diag {
	double norm, explained, dprime, pair_cosine, wrong_side, center;
	double length;		/* mean length of the activations */
	double whole;		/* sum of squares of the differences */
};

int diagnose(struct diag *out, const struct view *v, const double *direction,
	     bool balance, struct syc_err *err);

/* ---- make.c -------------------------------------------------------------- */

/*
 * The direction [dim] of a view, with what a control has at that layer taken
 * out; control may be NULL.
 */
int make_direction(double *out, const struct view *v,
		   const struct syc_pairs *control, const struct syc_recipe *r,
		   struct syc_err *err);

/* Take what the control has at the view's layer out of the direction. */
int make_apart(double *direction, const struct view *v,
	       const struct syc_pairs *control, const struct syc_recipe *r,
	       struct syc_err *err);

/* ---- sums over components, in their order -------------------------------- */

double double_length(const double *x, size_t n);
double double_cosine(const double *a, const double *b, size_t n);
double mixed_dot(const double *u, const float *x, size_t n);
/* Take n orthonormal directions [n][dim] out of x [dim]. */
void orthogonalize(double *x, const double *basis, size_t n, size_t dim);

#endif
