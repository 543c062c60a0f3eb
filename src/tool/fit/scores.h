/* SPDX-License-Identifier: MIT */
/* Rows with "label", "layers" and "score", gathered by vector and position. */
#ifndef SRC_TOOL_FIT_SCORES_H
#define SRC_TOOL_FIT_SCORES_H
#include "tool/common/rows.h"

/* A field that the caller wants of every row. */
struct scores_value {
	char *text;		/* a string as it is, else its JSON */
	double number;		/* NaN when it is none */
};

/* What a labeled row has beside its scores. */
struct scores_row {
	uint64_t key;		/* a hash of its id and sample */
	char *id;
	struct scores_value *value;	/* [n_fields] */
	char *acts;		/* the activation file, or NULL; only when wanted */
	uint64_t acts_row;
};

/* The labeled rows that have one vector's scores at one position. */
struct scores_set {
	char *vector, *position;
	size_t n;
	int8_t *label;		/* [n] 0 or 1 */
	uint64_t *key;		/* [n] a hash of the row's id */
	uint32_t *row;		/* [n] its number in scores->row */
	double *score;		/* [n][n_layers], NaN where undefined */
	size_t cap_label, cap_key, cap_row, cap_score;
};

struct scores {
	/* The caller's wishes, before reading; the rest is zero. */
	const char *const *field;	/* [n_fields] names of fields every row must have */
	size_t n_fields;
	bool want_acts;

	uint32_t *layer;	/* [n_layers] as in the rows */
	size_t n_layers;
	struct scores_set *set;	/* [n_sets] by vector, then position */
	size_t n_sets, cap_sets;
	struct scores_row *row;	/* [n_kept] the labeled ones */
	size_t n_kept, cap_kept;
	uint64_t n_rows;	/* without those skipped */
	uint64_t n_syc, n_not, n_undecided;
};

/*
 * Read all rows of in.  A row that is no use is left out whole, after the
 * rules of syc_rows_bad().  *s may be half filled on failure; free it always.
 */
int scores_read(struct scores *s, struct syc_rows *in, struct syc_err *err);
/*
 * Keep the sets of a vector and a position (NULL: of all), and the layers given
 * (none: all).  SYC_EINVAL when nothing is left.
 */
int scores_select(struct scores *s, const char *vector, const char *position, const uint32_t *layer,
		  size_t n_layers, struct syc_err *err);
/*
 * Put every set's rows into an order that depends on their labels, scores and
 * fields alone, not on where they were read.
 */
int scores_sort(struct scores *s, struct syc_err *err);
/* Copy column l of the set into out [set->n]. */
void scores_column(const struct scores *s, const struct scores_set *set,
		   size_t l, double *out);
void scores_set_free(struct scores_set *t);
void scores_free(struct scores *s);

#endif
