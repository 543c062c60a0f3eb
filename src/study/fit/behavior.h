/* SPDX-License-Identifier: MIT */
/* Rows with activations, for a probe. */
#ifndef SRC_STUDY_FIT_BEHAVIOR_H
#define SRC_STUDY_FIT_BEHAVIOR_H
#include "syc/behavior.h"

struct behavior_row {
	char *id, *claim;
	int8_t label;
	double outcome;
	float *x;		/* [n_layers][dim] */
};

struct behavior_rows {
	struct behavior_row *row;	/* [n] by claim, then id */
	size_t n, cap;
	uint32_t *layer;		/* [n_layers] */
	size_t n_layers, dim;
	size_t n_undecided, n_missing;
	char *provenance;		/* of the first file */
};

/* Zeroed first; free it always. */
int behavior_rows_read(struct behavior_rows *r, struct syc_rows *in,
		       const struct syc_behavior_opts *o, struct syc_err *err);
void behavior_rows_free(struct behavior_rows *r);
/* Whether the target is a label. */
bool behavior_is_label(const struct syc_behavior_opts *o);

#endif
