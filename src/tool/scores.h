/* SPDX-License-Identifier: MIT */
/* Rows with "label", "layers" and "score", gathered by vector and site. */
#ifndef SRC_TOOL_SCORES_H
#define SRC_TOOL_SCORES_H
#include "tool/rows.h"

/* The labelled rows that have one vector's scores at one site. */
struct scores_set {
	char *vector, *site;
	size_t n;
	int8_t *label;		/* [n] 0 or 1 */
	uint64_t *key;		/* [n] a hash of the row's id */
	double *score;		/* [n][n_layers], NaN where undefined */
	size_t cap_label, cap_key, cap_score;
};

struct scores {
	uint32_t *layer;	/* [n_layers] as in the rows */
	size_t n_layers;
	struct scores_set *set;	/* [n_sets] by vector, then site */
	size_t n_sets, cap_sets;
	uint64_t n_rows;	/* without those skipped */
	uint64_t n_syc, n_not, n_undecided;
};

/*
 * Read all rows of in.  A row that is no use is left out whole, after the
 * rules of syc_rows_bad().  *s may be half filled on failure; free it always.
 */
int scores_read(struct scores *s, struct syc_rows_in *in, struct syc_err *err);
/* Copy column l of the set into out [set->n]. */
void scores_column(const struct scores *s, const struct scores_set *set,
		   size_t l, double *out);
void scores_free(struct scores *s);

#endif
