/* SPDX-License-Identifier: MIT */
/*
 * Transfer: chosen and fitted on one data set, tried on another.  Undefined
 * figures are NaN, as everywhere.
 */
#ifndef SYC_TRANSFER_H
#define SYC_TRANSFER_H
#include "syc/fit.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * A vector at a position, from one data set to another.  The layer is the one
 * whose area in training is farthest from 1/2, the first of equals; where low
 * scores go with label 1 there, all areas are turned (1 - area, and their
 * intervals) alike.  The test set's probabilities are from the training set's
 * regression at the layer.  All is undefined where the test set lacks the
 * layer.
 *
 * With train = test the figures are those of cross-validation, in which each
 * fold chose its own layer and sign.
 */
struct syc_transfer_cell {
	size_t train, test;		/* numbers of data sets */
	const char *vector, *position;	/* borrowed from the fits */
	uint32_t layer;
	bool turned;
	bool crossed;			/* train is test */
	double train_auc;		/* as it is, not turned */
	struct syc_auc auc;
	struct syc_brier brier;
	double slope, intercept;	/* calibration */
	struct syc_auc multi;		/* of all layers together, or zero */
	struct syc_brier multi_brier;
};

struct syc_transfer {
	/* [n_cells] by vector, position, train, test */
	struct syc_transfer_cell *cell;
	size_t n_cells;
};

/*
 * Every pair of n fits, for each vector and position that both have; no cell
 * where no area is defined in training.  The fits must be cross-validated, all
 * or none of them with multi, else SYC_EINVAL; they are borrowed as long as the
 * result is used.  Free with syc_transfer_free().
 */
SYC_API int syc_transfer_new(struct syc_transfer **out,
			     const struct syc_fit *const *fit, size_t n,
			     struct syc_err *err);
SYC_API void syc_transfer_free(struct syc_transfer *t);

#ifdef __cplusplus
}
#endif
#endif
