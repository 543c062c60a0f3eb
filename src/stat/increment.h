/* SPDX-License-Identifier: MIT */
/* The rows of an increment, and what their baselines leave. */
#ifndef SRC_STAT_INCREMENT_H
#define SRC_STAT_INCREMENT_H
#include "syc/increment.h"

struct rows_left {
	size_t n, k, d, w, n_folds, n_claims;
	int8_t *label;		/* [n] */
	uint32_t *claim;	/* [n] from 0 */
	uint32_t *fold;		/* [n] */
	double *score;		/* [k][n] */
	double *plain;		/* [d][n] those that vary, standardized */
	float *words;		/* [n][w] */
	double *base;		/* [n_folds][n] log odds by the baselines without a fold */
	/* [n_folds][k][n] what they leave of the scores, of standard deviation 1, or 0 */
	double *left;
	double *basis;		/* [n_folds][d + 2][n] orthonormal: 1, plain, words of the label */
	size_t *n_basis;	/* [n_folds] how many there are */
	/* [n_folds][k][n] words of the scores, orthogonal to these, of length 1 or 0 */
	double *apart;
	double *known;		/* [k] share of the scores' variance that they explain */
};

/* Take the rows that count; the rest is zeroed.  Free it always. */
int rows_left_take(struct rows_left *r, const struct syc_increment_in *in,
		   size_t folds, struct syc_err *err);
void rows_left_free(struct rows_left *r);
/* Fill base, left and known from the rest; SYC_EINVAL of what fits refuse. */
int rows_left_fill(struct rows_left *r, struct syc_err *err);
/* Take out of x [n] what fold f's baselines of layer l make up. */
void rows_left_project(const struct rows_left *r, size_t f, size_t l, double *x);

#endif
