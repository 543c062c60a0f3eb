/* SPDX-License-Identifier: MIT */
/*
 * A test of a whole procedure: the layer at which a score tells labels apart,
 * and its sign, are chosen on some claims and tried on others, and p comes from
 * doing all of it again with labels that say nothing.  A layer chosen by looking
 * needs no correction then, and rows of one claim may be as alike as they are.
 */
#ifndef SYC_PROCEDURE_H
#define SYC_PROCEDURE_H
#include <stdbool.h>
#include "syc/stat.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Which labels could have been otherwise. */
enum syc_procedure_of {
	/*
	 * Does it tell the rows of one claim from those of another?  Claims
	 * exchange their labels as blocks: claim a gets those of claim b in a
	 * random order, as often as they are needed.  The area is of all pairs
	 * of rows that are left out together.
	 */
	SYC_BETWEEN_CLAIMS,
	/*
	 * Does it tell rows of one claim and view apart?  Labels change places
	 * inside a claim and view, and the area is of pairs inside these alone.
	 */
	SYC_WITHIN_CLAIMS,
};

/* All zero: between claims, 5 folds, 999 permutations, all processors. */
struct syc_procedure_opts {
	enum syc_procedure_of of;
	size_t folds;		/* at most as many as there are claims */
	size_t n_perm;
	uint64_t seed;
	unsigned threads;	/* no figure depends on it */
};

enum { SYC_PROCEDURE_CLAIMS = 10 };	/* the fewest to test on */

struct syc_procedure {
	const char *why;	/* static: why there is no figure, or NULL */
	size_t n, n_pos;	/* labeled rows with all scores */
	/* with such rows; within: that have both labels in a view */
	size_t n_claims;
	size_t n_folds, n_perm;
	/*
	 * Cross-validated by claim: in each fold layer and sign with the
	 * largest area on the others; pairs of rows left out together.
	 */
	double auc;
	/* share of permutations, the labels given among them, with this area or more */
	double p;
	/* of the permutations: the mean, and the middle 95 % */
	double null_mean, null_lo, null_hi;
	size_t *chosen;	/* [n_layers] by how many folds */
	/*
	 * With twice SYC_PROCEDURE_CLAIMS claims: layer and sign (1, -1) chosen
	 * on half of them, one area on the other half, its interval by claim.
	 * For sign -1 it is of the turned score.  test.auc is NaN else.
	 */
	struct {
		size_t layer, n_claims;
		int sign;
		struct syc_auc auc;
		unsigned char *row;	/* [n given] 1: among those tested */
	} test;
};

/*
 * score [n][n_layers]; a layer that no row has a score at is left out, then rows
 * that lack another.  label 1, 0 or undecided (left out); claim [n] numbers below
 * n; view [n] any numbers, NULL: all the same.  Free with syc_procedure_free().
 */
SYC_API int syc_procedure_run(struct syc_procedure **out, const double *score,
			      const int8_t *label, const uint32_t *claim,
			      const int32_t *view, size_t n, size_t n_layers,
			      const struct syc_procedure_opts *o,
			      struct syc_err *err);
SYC_API void syc_procedure_free(struct syc_procedure *p);

#ifdef __cplusplus
}
#endif
#endif
