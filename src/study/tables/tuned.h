/* SPDX-License-Identifier: MIT */
/* Where in the documents of runs a number is. */
#ifndef SRC_STUDY_TABLES_TUNED_H
#define SRC_STUDY_TABLES_TUNED_H
#include "study/tables/tables.h"
#include "syc/tuned.h"

/* The member of "shifts" of a layer, at the end of the prompt; NULL. */
const json_t *tuned_shift_of(const json_t *doc, int layer);
/* The member of "vectors" of that name in it; NULL. */
const json_t *tuned_vector_of(const json_t *shift, const char *name);
/* How many layers the runs' documents have. */
int tuned_layers(const struct syc_tuned_documents *d);
/* Cosine at a layer of two vector files; NaN. */
double tuned_cosine(const struct syc_tuned_documents *d, const char *a, const char *b,
		    int layer);
/* The mean of those of run i with the other runs of an arm; NaN. */
double tuned_likeness(const struct syc_tuned_documents *d, size_t i, const char *arm, int layer);
/* Means over an arm's runs, by layer. */
enum tuned_by_layer {
	TUNED_CONSTANT,	/* share */
	TUNED_SEEDS,	/* cosine between its runs */
	TUNED_FIRST,	/* with the first arm's */
	TUNED_CONTRAST,	/* with the contrast vector */
	TUNED_BY_LAYER
};
double tuned_at(const struct syc_tuned_documents *d, const char *arm, int layer,
		enum tuned_by_layer what);
/* The middle 95 % of the null vectors' cosines with the first arm's shifts; NaN without. */
int tuned_null_range(double *lo, double *hi, const struct syc_tuned_documents *d, int layer,
		     struct syc_err *err);
/* How far a small set's tuning moved the model along the vector of answers. */
double tuned_came(const struct syc_tuned_documents *d, const struct syc_tuned_set *s);
/* The arm that the first one stands beside, or NULL. */
const char *tuned_reference(const struct syc_tuned_documents *d);
/* Arms with their means; freed by the caller. */
int tuned_arms(struct syc_tuned_arm **out, const struct syc_tuned_documents *d,
	       const struct syc_tuned_run *run, struct syc_err *err);

#endif
