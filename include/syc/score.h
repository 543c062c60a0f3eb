/* SPDX-License-Identifier: MIT */
/*
 * Scores: how much of a vector is in the activations of a row, at each layer
 * of its activation file.
 */
#ifndef SYC_SCORE_H
#define SYC_SCORE_H
#include "syc/acts.h"
#include "syc/task.h"
#include "syc/vector.h"

#ifdef __cplusplus
extern "C" {
#endif

enum syc_metric {
	SYC_METRIC_COSINE,	/* x.v / (|x| |v|) */
	SYC_METRIC_DOT,		/* x.v */
	SYC_METRIC_PROJECTION,	/* x.v / |v| */
	SYC_N_METRICS,
};

/* "cosine", "dot", "projection". */
SYC_API const char *syc_metric_name(enum syc_metric m);
/*
 * The score of activation x against direction v, n floats each, summed in
 * double.  NaN for a direction of length zero, but for the dot product; with
 * the cosine also for such an activation.
 */
SYC_API double syc_metric_score(enum syc_metric m, const float *x,
				const float *v, size_t n);

/*
 * Where a row says that its activations are; borrows from the row.  SYC_EFORMAT
 * when it does not say.
 */
SYC_API int syc_score_acts(const struct syc_row *row, struct syc_acts_place *at,
			   struct syc_err *err);

struct syc_scorer_opts {
	const struct syc_vector *const *vector;	/* [n_vectors] borrowed */
	/* [n_vectors] for messages; borrowed */
	const char *const *name;
	size_t n_vectors;
	enum syc_metric metric;
	/* Mask of 1 << position; 0: all that a file has but SYC_POSITION_ALL. */
	unsigned positions;
	/* Subtract the mean of the file's rows first; it must be finished then. */
	bool center;
	/*
	 * Called once for a vector that was made with another model than an
	 * activation file was recorded with, or NULL.
	 */
	void (*foreign)(void *arg, const char *vector, const char *acts);
	void *arg;
	/* [n_acts] files to look in instead of where rows say; borrowed */
	const char *const *acts;
	size_t n_acts;
};

/*
 * Scores rows one after another, whichever files they are in; the last few
 * files stay open.  A file that is still being written is followed.  One thread
 * at a time.
 */
struct syc_scorer;

/* The scores of a row. */
struct syc_row_scores {
	const uint32_t *layer;	/* [n_layers] of its file */
	size_t n_layers;
	unsigned positions;	/* mask of those scored */
	/*
	 * Each [n_vectors][n_layers], NULL where not scored.  NaN at a layer
	 * that the vector lacks, and throughout where the row has no such
	 * position (no answer, say).
	 */
	const double *score[SYC_POSITION_ALL];
};

SYC_API int syc_scorer_new(struct syc_scorer **out,
			   const struct syc_scorer_opts *o,
			   struct syc_err *err);
SYC_API void syc_scorer_free(struct syc_scorer *s);
/*
 * Score the activations at that place, whose path is set.  What *out points to
 * is borrowed until the next call with s.  SYC_EINVAL says when the row is
 * another one there (syc_acts_check_row()), or the file lacks a position or is
 * of another width than a vector.
 */
SYC_API int syc_scorer_row(struct syc_scorer *s, const struct syc_acts_place *at,
			   struct syc_row_scores *out, struct syc_err *err);

#ifdef __cplusplus
}
#endif
#endif
