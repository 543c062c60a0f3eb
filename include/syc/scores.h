/* SPDX-License-Identifier: MIT */
/*
 * Tables of scores: rows with "label", "layers" and "score" (syc-rows(5)),
 * gathered by vector and position.
 */
#ifndef SYC_SCORES_H
#define SYC_SCORES_H
#include "syc/acts.h"
#include "syc/features.h"
#include "syc/rows.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * What undecided rows are taken for; those that say that they are not at risk
 * (at_risk false, see syc/stance.h) stay undecided.
 */
enum syc_undecided_as {
	SYC_UNDECIDED_OUT,
	SYC_UNDECIDED_NOT,	/* for 0 */
	SYC_UNDECIDED_SYC,	/* for 1 */
};

/* What is wanted of rows beside their scores; all zero: nothing. */
struct syc_scores_opts {
	/*
	 * [n_fields] names of fields, with dots between those of objects in
	 * objects ("meta.topic"), or "id", which every row has.
	 */
	const char *const *field;
	size_t n_fields;
	bool acts;		/* where the activations are */
	bool features;		/* what the rows say otherwise */
	/*
	 * One of the fields: the rows with a number there are kept, in place
	 * of those with a label, which need none; their label says whether it
	 * is above 0.  null is undecided.
	 */
	const char *outcome;
	enum syc_undecided_as undecided;
};

/* A field of a row. */
struct syc_scores_value {
	char *text;		/* a string as it is, else its JSON */
	double number;		/* NaN when it is none */
};

/* A labeled row. */
struct syc_scores_row {
	uint64_t key;	/* a hash of its id and sample, the same everywhere */
	uint64_t parent;	/* a hash of syc_row_parent(); 0: none */
	char *id;
	/* [n_fields] */
	struct syc_scores_value *value;
	char *acts;	/* the activation file, or NULL when not wanted */
	struct syc_acts_place place;	/* what the row says of it */
	struct syc_row_features features;	/* zero where not wanted */
};

/* The labeled rows that have one vector's scores at one position. */
struct syc_scores_set {
	char *vector, *position;
	size_t n;
	int8_t *label;		/* [n] 0 or 1 */
	uint64_t *key;		/* [n] of the row */
	uint32_t *row;		/* [n] its number in the table's row */
	double *score;		/* [n][n_layers], NaN where undefined */
	size_t cap_label, cap_key, cap_row, cap_score;	/* private */
};

struct syc_scores {
	/* [n_layers] as in the rows; none without rows */
	uint32_t *layer;
	size_t n_layers;
	char **field;		/* [n_fields] as wanted, each once */
	size_t n_fields;
	bool acts, features;
	const char *outcome;	/* the field's name, or NULL */
	enum syc_undecided_as undecided;
	/* what a label of 1 says by the rows' "measures"; NULL: sycophantic */
	char *measures;
	struct syc_scores_set *set;	/* [n_sets] by vector, then position */
	size_t n_sets;
	struct syc_scores_row *row;	/* [n_labeled] */
	size_t n_labeled;
	uint64_t n_rows;	/* without those skipped */
	uint64_t n_syc, n_not, n_undecided;
	/* Labeled rows whose label is made of p_match, and of both orders. */
	uint64_t n_by_prob, n_by_both;
	uint64_t n_skipped;	/* broken ones, with the stream's keep_going */
	size_t cap_sets, cap_rows;	/* private */
};

/*
 * Read all rows of in; o may be NULL.  Every row needs the same layers, and a
 * labeled one the fields.  An undecided row is counted, and makes its vectors
 * and positions known.  A row that is no use is left out whole, after the rules
 * of syc_rows_bad().  Free with syc_scores_free().
 */
SYC_API int syc_scores_read(struct syc_scores **out, struct syc_rows *in,
			    const struct syc_scores_opts *o,
			    struct syc_err *err);
SYC_API void syc_scores_free(struct syc_scores *s);
/*
 * Keep the sets of a vector and a position (NULL: of all), and the layers given
 * (rising; none: all).  SYC_EINVAL when the table had sets and none is left, or
 * lacks a layer; sets may be gone then.
 */
SYC_API int syc_scores_select(struct syc_scores *s, const char *vector,
			      const char *position, const uint32_t *layer,
			      size_t n_layers, struct syc_err *err);
/*
 * Put every set's rows into an order that depends on their labels, scores,
 * fields and keys alone, not on where they were read.
 */
SYC_API int syc_scores_sort(struct syc_scores *s, struct syc_err *err);
/* Copy the scores at layer[l] into out [set->n]. */
SYC_API void syc_scores_column(const struct syc_scores *s,
			       const struct syc_scores_set *set, size_t l,
			       double *out);
/* The place of a layer in layer; n_layers when it is not there. */
SYC_API size_t syc_scores_layer(const struct syc_scores *s, uint32_t layer);
/* The place of a field in field, and in every row's value; n_fields when it is not there. */
SYC_API size_t syc_scores_field(const struct syc_scores *s, const char *name);
/* The set of a vector and position, or NULL. */
SYC_API struct syc_scores_set *syc_scores_find(const struct syc_scores *s,
					       const char *vector,
					       const char *position);

#ifdef __cplusplus
}
#endif
#endif
