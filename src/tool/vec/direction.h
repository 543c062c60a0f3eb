/* SPDX-License-Identifier: MIT */
/* From the pairs of one layer to a direction, and how good it is. */
#ifndef SRC_TOOL_VEC_DIRECTION_H
#define SRC_TOOL_VEC_DIRECTION_H
#include "tool/vec/pairs.h"

enum syc_method { SYC_MEAN, SYC_PCA, SYC_LDA, SYC_LOGISTIC, SYC_N_METHODS };
/* About what principal components are taken. */
enum syc_center { SYC_CENTER_PAIR, SYC_CENTER_ALL, SYC_CENTER_NONE };
enum syc_normalize { SYC_NORMALIZE_NONE, SYC_NORMALIZE_UNIT, SYC_NORMALIZE_LAYER };

extern const char *const syc_method_names[];	/* [SYC_N_METHODS] "mean", ... */
extern const char *const syc_center_names[];	/* [3] */
extern const char *const syc_normalize_names[];	/* [3] */

struct syc_recipe {
	enum syc_method method;
	enum syc_center center;		/* PCA */
	bool balance;			/* MEAN: each group the same weight */
	bool shrinkage_given;		/* LDA */
	double shrinkage;
	double lambda;			/* LOGISTIC; 0: chosen */
	size_t folds;			/* 0: five */
	uint64_t seed;
	enum syc_normalize normalize;
};

/* "mean", "pca-pair", "pca-all", "pca-none", "lda", "logistic". */
const char *syc_recipe_name(const struct syc_recipe *r);

/* Some or all pairs of a layer. */
struct syc_view {
	const struct syc_pairs *p;
	size_t layer;		/* its place in p->layers */
	const uint32_t *pick;	/* [n] numbers of pairs, or NULL: 0, 1, ... */
	uint64_t n;
	float *room;		/* [2][dim] */
	float *all;		/* [p->n][2][dim] or NULL: read from the file */
};

/* All pairs of a layer; with keep they are held in memory. */
int syc_view_begin(struct syc_view *v, const struct syc_pairs *p, size_t layer, bool keep, struct syc_err *err);
void syc_view_end(struct syc_view *v);
/* Pair i of the view: [dim] each, borrowed until the next call; group may be NULL. */
int syc_view_get(const struct syc_view *v, uint64_t i, const float **match, const float **other,
		 uint32_t *group, struct syc_err *err);

/*
 * The direction [dim] of a view, before anything is done to its length: the
 * mean difference; a unit vector (pca), toward the match side in most pairs;
 * C^-1 of the mean difference (lda); weights for the raw activations
 * (logistic).
 */
int syc_direction(double *out, const struct syc_view *v, const struct syc_recipe *r, struct syc_err *err);

/* The ridge that cross-validation chooses for LOGISTIC. */
int syc_choose_lambda(double *lambda, const struct syc_view *v, const struct syc_recipe *r, struct syc_err *err);

/* Turn a direction [dim] toward the match side in most pairs; by the mean when they are even. */
int syc_set_sign(double *direction, const struct syc_view *v, struct syc_err *err);

/* What syc-vector(5) says of a layer's diagnostics. */
struct syc_diag {
	double norm, explained, dprime, pair_cosine, wrong_side, center;
	double length;		/* mean length of the activations */
	double whole;		/* sum of squares of the differences */
};

int syc_diagnose(struct syc_diag *out, const struct syc_view *v, const double *direction, struct syc_err *err);

/*
 * Orthonormal directions [*n][dim] of a control layer: that of the mean
 * difference of pairs, or the first k components (about their mean) of single
 * prompts.  Fewer where there are no more.  The caller frees.
 */
int syc_control(double **out, size_t *n, const struct syc_view *v, size_t k, struct syc_err *err);
/* Take n orthonormal directions [n][dim] out of x [dim]. */
void syc_orthogonalize(double *x, const double *basis, size_t n, size_t dim);

double syc_length(const double *x, size_t n);

#endif
