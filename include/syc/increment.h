/* SPDX-License-Identifier: MIT */
/*
 * What a score says of a label beyond baselines: the prompt's length and words,
 * a letter, a view.  What stat.h says of rows left out holds here.
 */
#ifndef SYC_INCREMENT_H
#define SYC_INCREMENT_H
#include "syc/stat.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Rows whose label is not 0 or 1, or which lack a plain baseline or the score of
 * a layer that any row has one of, are left out.
 */
struct syc_increment_in {
	const double *score;	/* [n][n_layers] */
	const int8_t *label;	/* [n] */
	const uint32_t *claim;	/* [n] below n */
	const double *plain;	/* [n][n_plain] */
	const float *words;	/* [n][n_words] finite, or NULL */
	size_t n, n_layers, n_plain, n_words;
};

struct syc_increment_opts {
	size_t folds;		/* 0: 5 */
	size_t n_perm;		/* 0: 999 */
	uint64_t seed;
	unsigned threads;	/* 0: all processors */
};

struct syc_increment_layer {
	/*
	 * Mean log loss of rows left out by baselines alone, less that with the
	 * score beside them, in nats a row: above 0 the score adds something.
	 */
	double gain;
	/* share of permutations with as large a gain, it being one */
	double p;
	double p_max;	/* the same of their best layer's */
	/* with the score, of pairs of rows left out together */
	double auc;
	/* log odds per standard deviation of what is left of the score */
	double slope;
	/* share of the score's variance that the baselines explain */
	double known;
};

struct syc_increment {
	const char *why;	/* static, when undefined, else NULL */
	size_t n, n_pos, n_claims, n_folds, n_perm;
	/* plain ones that vary, and the words as one */
	size_t n_features;
	/* of the labels' rate alone, and of the baselines */
	double loss_rate, loss;
	double auc;		/* of the baselines */
	struct syc_increment_layer *layer; /* [n_layers] NaN with a why */
	/* layer of the largest gain; its p_max is the test of all */
	size_t best;
};

/*
 * Folds are of whole claims.  Without each,
 *
 * 1. words become two numbers a row, what least squares with a ridge on them
 *    (syc_ridge_line()) makes of the label and of the score, of rows that it has
 *    not seen;
 * 2. logistic regression (a ridge of 1 per standard deviation) of the label on
 *    the plain baselines and the first of these gives log odds b;
 * 3. what is left of the score is its residual r, over all rows, on the plain
 *    baselines and both numbers by least squares;
 * 4. logit P = b + u + v b' + w r', primes standard scores, with a ridge of 1 on v
 *    and w, and the same without w r', are fitted; the fold's rows are predicted.
 *
 * p permutes r by whole claims, shuffled inside, a longer claim taking one again
 * and again, takes out what the baselines then make up of it, and repeats 4:
 * baselines and labels stay as they are, so that p is of what the score adds,
 * whatever the two share (the residual of the regressor is permuted as by Potter
 * 2005, who brings Freedman & Lane 1983 to logistic regression).  Undefined with fewer than 10 claims or one label.
 * SYC_EINVAL only of what the fits refuse.  Free with syc_increment_free().
 */
SYC_API int syc_increment_run(struct syc_increment **out,
			      const struct syc_increment_in *in,
			      const struct syc_increment_opts *o,
			      struct syc_err *err);
SYC_API void syc_increment_free(struct syc_increment *s);

#ifdef __cplusplus
}
#endif
#endif
