/* SPDX-License-Identifier: MIT */
/*
 * Does a vector tell what a model does in the tasks of syc-eval(1)?  Rows that
 * have a "label" (1 sycophantic, 0 not) and activations ("acts") are scored,
 * and each task, position and vector is tested on its own: labels against
 * scores, by layer and with the layer chosen on other items.  Items are the
 * independent ones.
 */
#ifndef SYC_PREDICT_H
#define SYC_PREDICT_H
#include "syc/conclude.h"
#include "syc/procedure.h"
#include "syc/rows.h"
#include "syc/score.h"

#ifdef __cplusplus
extern "C" {
#endif

struct syc_predict_opts {
	/* vectors and their names; positions 0: prompt and last */
	struct syc_scorer_opts score;
	size_t n_perm;		/* 0: 999 */
	uint64_t seed;
	unsigned threads;	/* 0: all processors; no figure depends on it */
};

struct syc_predict_set {
	const char *vector;	/* borrowed from the options */
	const char *task;	/* static */
	enum syc_position position;
	size_t n, n_pos, n_items;	/* labeled rows; those labeled 1; their items */
	/*
	 * Rows without a label since a grade that it takes is undecided; and
	 * the area were all of these 0, or 1.  NaN without any.
	 */
	size_t n_undecided;
	double all_not, all_syc;
	struct syc_auc *layer;	/* [n_layers] clustered by item, chosen by nobody */
	/* Layer and sign chosen on other items (syc/procedure.h): auc, p. */
	struct syc_procedure *test;
	const char *why;	/* static: why there is no p, or NULL */
	size_t usual;	/* the place of the layer that most folds chose, the first of them */
	double holm;		/* p adjusted for all sets; NaN without p */
};

struct syc_predict {
	uint32_t *layer;	/* [n_layers] of the activations */
	size_t n_layers;
	struct syc_predict_set *set;	/* [n_sets] by task, position, vector */
	size_t n_sets;
	/* rows whose task or condition has no labels, or whose answer was wrong before */
	size_t n_other;
};

/*
 * Read all rows of in.  SYC_EFORMAT for rows that are no task's, SYC_EINVAL
 * where labeled ones have no activations, or at other layers than those before.
 * Free with syc_predict_free().
 */
SYC_API int syc_predict_read(struct syc_predict **out, struct syc_rows *in,
			     const struct syc_predict_opts *o, struct syc_err *err);
SYC_API void syc_predict_free(struct syc_predict *p);

/*
 * What a set says: with an adjusted p of 0.05 at most YES, or REVERSED where at
 * the usual layer higher scores go with the other label, else OPEN; ABSENT
 * without p, such as of fewer than SYC_PROCEDURE_CLAIMS items.  At the position
 * last the answer has been given, in tasks of several turns earlier replies at the
 * prompt, which the words say.  Fills *c, to be freed
 * also on failure.
 */
SYC_API int syc_conclude_predicted(struct syc_conclusion *c, const struct syc_predict_set *s,
				   struct syc_err *err);

#ifdef __cplusplus
}
#endif
#endif
