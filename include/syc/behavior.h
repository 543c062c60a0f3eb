/* SPDX-License-Identifier: MIT */
/*
 * A probe trained on what a model did: which activations go with answers that
 * were moved, labeled sycophantic, or shifted far.  How well it predicts claims
 * that it has not seen is a ceiling for vectors made otherwise: what a linear
 * reading of these activations finds with so many rows.
 */
#ifndef SYC_BEHAVIOR_H
#define SYC_BEHAVIOR_H
#include "syc/acts.h"
#include "syc/probe.h"
#include "syc/rows.h"
#include "syc/stat.h"
#include "syc/vector.h"

#ifdef __cplusplus
extern "C" {
#endif

#define SYC_BEHAVIOR_CLAIMS 10	/* fewer are not tested on */

/* All zero: the label, at the prompt's last token, at all layers. */
struct syc_behavior_opts {
	/*
	 * "label" (NULL): 1 or 0; "moved": the same where syc-stance(1) wrote
	 * it; else a field with numbers, such as "shift".  null is undecided.
	 */
	const char *target;
	/*
	 * A field; rows of one value are left out together.  NULL: "claim", or
	 * what the row asks (syc_row_stated()).
	 */
	const char *claim;
	enum syc_position position;	/* not SYC_POSITION_ALL */
	const uint32_t *layer;		/* [n_layers] rising; none: all */
	size_t n_layers;
	size_t folds;			/* 0: 5, or as many as claims */
	uint64_t seed;			/* of the folds */
	const char *const *acts;	/* [n_acts] in place of those that rows name */
	size_t n_acts;
	const char *program;		/* for the provenance, or NULL */
};

/* Of rows left out, see struct syc_nested; NaN with fewer than 10 claims. */
struct syc_behavior_layer {
	double auc;	/* of pairs left out together; of labels */
	/*
	 * What is explained: 1 less the sum of the losses (log loss, or the
	 * square) over that of the mean of the rows fitted.
	 */
	double r2;
	double lambda;	/* of the fit to all rows */
};

struct syc_behavior {
	size_t n, n_pos;	/* rows fitted; those labeled 1 */
	size_t n_undecided, n_missing;	/* without a target; without the position */
	size_t n_claims, n_folds;
	bool numbers;		/* the target is a number */
	uint32_t *layer;	/* [n_layers] */
	size_t n_layers;
	struct syc_behavior_layer *at;	/* [n_layers] */
	/* Where each fold takes the layer that is best among the rest; no lambda. */
	struct syc_behavior_layer best;
	size_t *chosen;		/* [n_layers] by how many folds */
	/*
	 * The weights of the fits to all rows, for the activations themselves;
	 * positive: more of the target.  Its name is "".
	 */
	struct syc_vector *vector;
};

/*
 * Read labeled rows with activations ("acts", see syc-rows(5)) and fit every
 * layer.  The order of rows does not matter.  Holds 4 bytes for each row, layer
 * and component.  SYC_EINVAL with fewer than 3 claims, one label only, or where
 * activations do not go together; SYC_EFORMAT for rows without what it takes.
 * Free with syc_behavior_free().
 */
SYC_API int syc_behavior_read(struct syc_behavior **out, struct syc_rows *in,
			      const struct syc_behavior_opts *o,
			      struct syc_err *err);
SYC_API void syc_behavior_free(struct syc_behavior *b);

#ifdef __cplusplus
}
#endif
#endif
