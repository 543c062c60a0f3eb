/* SPDX-License-Identifier: MIT */
/* Samples as they were read, numbered. */
#ifndef SRC_STUDY_BEST_BEST_H
#define SRC_STUDY_BEST_BEST_H
#include <jansson.h>
#include "syc/best.h"

/* Names by number, in the order in which they came; all zero is none. */
struct best_names {
	json_t *number;
	char **name;		/* [n] */
	size_t n, cap;
};

/* *at is the name's number, a new one at the end. */
int best_name(struct best_names *b, const char *name, uint32_t *at,
	      struct syc_err *err);
void best_names_free(struct best_names *b);

struct best_sample {
	uint32_t arm, prompt, item;
	int8_t label;
	size_t row;		/* of the rewards */
};

/* Rows of a stream, with a reward for each model; the oracle is the last. */
struct best_rows {
	const struct syc_best_opts *o;
	struct best_names arm, prompt, item;
	struct best_sample *sample;	/* [n] */
	double *reward;			/* [n][n_models] */
	size_t n, cap, cap_reward, n_models, n_unlabeled;
	struct syc_buf key;		/* of the row at hand */
	char *measures;
};

/* The options' models, or the one that none stands for. */
size_t best_models(const struct syc_best_opts *o,
		   const struct syc_best_model **model);
/* Their names, of the oracle, too; to be freed with best_strings_free() of n + 1. */
int best_model_names(char ***name, size_t *n, const struct syc_best_opts *o,
		     struct syc_err *err);
void best_strings_free(char **s, size_t n);
/* Append the row's sample, whose number is b->n, with its rewards; liking is the oracle's. */
int best_add_sample(struct best_rows *b, const struct syc_row *row,
		    const struct best_sample *s, double liking, struct syc_err *err);
/* The row's item, or else its parent: borrowed from the row or from key. */
int best_item(struct syc_buf *key, const struct syc_row *row,
	      struct syc_err *err);

/*
 * Number the levels of x [n], which is finite: as many as wanted, or as there are
 * different values; mean [wanted] is theirs, count [wanted].
 */
int best_levels(uint32_t *level, double *mean, size_t *count, size_t *n_levels,
		const double *x, size_t n, size_t wanted, struct syc_err *err);

/*
 * Wilson's interval of a rate over m clusters, for the rows that its standard error
 * stands for, with Student's quantile; NaN where one of the two is.
 */
void best_interval(double *lo, double *hi, double rate, double se, double m);
/* Fill out's curves and differences from samples sorted by arm and prompt. */
int best_curves(struct syc_best *out, const struct best_rows *b,
		struct syc_err *err);

#endif
