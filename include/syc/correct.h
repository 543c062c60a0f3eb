/* SPDX-License-Identifier: MIT */
/* A judge's rows, a sample of them labeled by hand, and the rates these correct. */
#ifndef SYC_CORRECT_H
#define SYC_CORRECT_H
#include "syc/ppi.h"
#include "syc/rows.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * A stratified random sample of rows to label by hand: strata by task,
 * condition and the judge's label, each with a like number, or all it has; at
 * least 2 of each, whatever is wanted.  Draws depend on the seed and the rows'
 * ids alone.
 */
struct syc_hand_sample {
	size_t *row;		/* [n] numbers of rows, in a random order */
	double *p;		/* [n] of being drawn: drawn / rows of the stratum */
	char **stratum;		/* [n] "TASK/CONDITION/LABEL" */
	size_t n, n_strata;
};
/* key [n_rows] "TASK/CONDITION/LABEL", id [n_rows]. */
SYC_API int syc_hand_sample_draw(struct syc_hand_sample *out,
				 const char *const *key, const char *const *id,
				 size_t n_rows, size_t want, uint64_t seed,
				 struct syc_err *err);
SYC_API void syc_hand_sample_free(struct syc_hand_sample *s);
/* Append the stratum of a judged row. */
SYC_API int syc_hand_stratum(struct syc_buf *out, const struct syc_row *row,
			     struct syc_err *err);

struct syc_corrected_arm {
	char *name;
	size_t n_undecided;	/* by the judge */
	size_t n_hand_undecided;
	struct syc_ppi rate, diff;	/* diff: less the first arm */
	struct syc_rogan_gladen rg;
};

struct syc_corrected {
	struct syc_corrected_arm *arm;	/* [n_arms] by name, "TASK/CONDITION" */
	size_t n_arms, n_rows, n_hand;
	size_t n_unlabeled;	/* of conditions that make no label, left out */
	struct syc_ppi_row *row;	/* [n_rows] */
};

/*
 * Read a judge's rows and the hand's labels of some of them ("sampled", see
 * syc-label(1)), which are found by id and sample.  f is the judge's "value"
 * where the rows say it and it lies in [0, 1], else the label, 1/2 where it is
 * undecided.  A row that the hand left undecided counts as not labeled.
 * SYC_EFORMAT: a hand's label without a probability, of a row that the judge's
 * file lacks, or of one whose judge's label has changed.  Free with
 * syc_corrected_free().
 */
SYC_API int syc_corrected_read(struct syc_corrected **out,
			       struct syc_rows *judged, struct syc_rows *hand,
			       struct syc_err *err);
SYC_API void syc_corrected_free(struct syc_corrected *c);

#ifdef __cplusplus
}
#endif
#endif
