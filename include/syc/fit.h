/* SPDX-License-Identifier: MIT */
/*
 * Fits: how well the scores of each layer tell the labels of rows apart, and
 * the checks that such a figure needs.  What stat.h says of undefined figures
 * holds here: they are NaN, never an error.
 */
#ifndef SYC_FIT_H
#define SYC_FIT_H
#include "syc/increment.h"
#include "syc/logit.h"
#include "syc/null.h"
#include "syc/procedure.h"
#include "syc/regress.h"
#include "syc/resample.h"
#include "syc/score.h"
#include "syc/scores.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What an answer may be told from without activations; see features.h. */
enum syc_baseline {
	SYC_BASELINE_LENGTH,
	SYC_BASELINE_VIEW,	/* its text, of ten at most; else its place among the choices */
	SYC_BASELINE_LETTER,
	SYC_BASELINE_WORDS,
	SYC_BASELINE_OVERLAP,
	/*
	 * The model's own log odds of the user's answer.  Of a label by probability
	 * they are the label, which is SYC_EINVAL.
	 */
	SYC_BASELINE_ODDS,
	SYC_BASELINE_OTHER,	/* the same in the other order; not of a label of both */
	SYC_N_BASELINES,
};
#define SYC_BASELINES_PLAIN 31u	/* a mask of those before the log odds */
/* "length", ...; NULL beyond the last. */
SYC_API const char *syc_baseline_name(unsigned baseline);
/* Names with commas between, or "all" (the plain ones), as a mask of 1 << baseline. */
SYC_API int syc_baselines_parse(unsigned *mask, const char *list, struct syc_err *err);

enum { SYC_FIT_BINS = 10 };	/* of a calibration curve */

#define SYC_FIT_PARENT "parent"

/* The file of a vector's null vectors (syc_nulls_open()). */
struct syc_fit_nulls {
	const char *vector;	/* as the rows name it */
	struct syc_nulls *file;
};

/* All zero: areas, correlations and regressions of every layer, nothing more. */
struct syc_fit_opts {
	const char *vector, *position;	/* these alone; NULL: all */
	const uint32_t *layer;	/* [n_layers] rising; none: all */
	size_t n_layers;
	/*
	 * Names of fields, as in struct syc_scores_opts.  Values of cluster are
	 * independent, rows of one not; folds keep the rows of a group (NULL:
	 * of a cluster) together; confounds are held fixed one at a time.
	 * Without a cluster rows are one where they have one syc_row_parent(),
	 * and the fit's o.cluster is then SYC_FIT_PARENT; "": rows are
	 * independent.
	 */
	const char *cluster, *group;
	/*
	 * With claim: a test of the whole procedure between its values, and
	 * within them and those of view (NULL: all one view).
	 */
	const char *claim, *view;
	/* with claim: what the scores add to these, a mask; 0: none */
	unsigned baselines;
	const char *const *confound;	/* [n_confounds] */
	size_t n_confounds;
	/*
	 * outcome: a number to be fitted in place of the label, by the line of
	 * every layer alone; weight: how much a row counts.  Neither goes with
	 * more than a cluster.
	 */
	const char *outcome, *weight;
	enum syc_undecided_as undecided;	/* see struct syc_scores_opts */
	size_t n_boot, n_perm;	/* samples, permutations; 0: none */
	size_t n_procedure;	/* permutations of the procedure; 0: 999 */
	/*
	 * Null vectors of each kind: random ones are drawn here, the others are
	 * the first ones of a vector's file.
	 */
	size_t n_null[SYC_N_NULLS];
	const struct syc_fit_nulls *nulls;	/* [n_nulls] borrowed */
	size_t n_nulls;
	bool cross;		/* cross-validate: 5 folds, or fewer groups */
	size_t folds;		/* the same with exactly so many */
	bool multi;		/* all layers together; cross-validates, too */
	bool compare;		/* vectors with each other */
	double ridge;		/* of one score; < 0: by cross-validation */
	enum syc_metric metric;	/* of null vectors: PROJECTION is DOT */
	bool center;		/* as in struct syc_scorer_opts */
	uint64_t seed;
	unsigned threads;	/* 0: all processors; no figure depends on it */
};

/* Rows tested by fits that have not seen them. */
struct syc_fit_cv {
	struct syc_auc auc;		/* pairs of rows left out together */
	struct syc_brier brier;
	double slope, intercept;	/* of calibration */
	struct syc_calibration_bin bin[SYC_FIT_BINS];
};

/*
 * What null vectors of a kind reach with the same rows' activations.  lo and hi
 * hold the middle 95 % of their areas.  p is the share of them, the vector counted
 * as one, whose area is as far from 1/2 as the vector's or farther; p_max the share
 * that are so at the best of all layers for each.  Random directions are the same
 * at every layer.
 */
struct syc_fit_null {
	double lo, hi;
	double p, p_max;
};

/*
 * A score with a confound held fixed.  Its strata are the values of a text, or
 * of a number with at most 5 of them, else the number's fifths.  In the
 * regression a number is one feature and a text one for each value but the
 * first; adjusted.with.why says when there is none.
 */
struct syc_fit_confound {
	struct syc_auc within;		/* pairs within its strata */
	struct syc_logit_adjusted adjusted;
};

/*
 * A layer; what was not asked for is zero.  With weights the area and the
 * regression have them, and the other figures are NaN.
 */
struct syc_fit_layer {
	struct syc_auc auc;
	struct syc_ap ap;
	struct syc_corr corr;
	double ridge;
	struct syc_logit logit;
	struct syc_line line;		/* of an outcome, in place of all else */
	double p_adj;			/* of its p over the layers of its set */
	struct syc_brier brier;		/* of the regression's own rows */
	double slope, intercept;	/* calibration of these */
	struct syc_calibration_bin bin[SYC_FIT_BINS];
	struct syc_boot boot;
	struct syc_perm perm;
	struct syc_fit_cv cv;
	struct syc_fit_null null[SYC_N_NULLS];
	/*
	 * The side of 1/2 that its area lies on, 1 or -1, where sign_p, adjusted
	 * for all layers (syc_perm.p_max of n_perm or 999 permutations), is at
	 * most .05; else 0.
	 */
	int sign;
	double sign_p;
	struct syc_fit_confound *confound;	/* [n_confounds] */
	struct syc_increment_layer increment;	/* beside the baselines */
};

/* The layer with the area farthest from 1/2, chosen in each fold without its rows. */
struct syc_fit_best {
	struct syc_fit_cv cv;
	size_t *chosen;		/* [n_layers] how many folds chose it */
};

/*
 * All layers together: logistic regression with a ridge (syc_ridge_fit()) on
 * the standardized scores.  Layers that no row has a score at are left out,
 * then rows that lack one at any other.
 */
struct syc_fit_multi {
	const char *why;	/* static: why there is none, or NULL */
	struct syc_fit_cv cv;
	size_t n;		/* rows */
	/* The fit to all of them; its ridge is opts.ridge where above 0, else chosen. */
	double lambda;
	double *w, bias;	/* [n_layers] of the scores themselves */
	/* [n_layers] per standard deviation of the score */
	double *w_sd;
};

/* A vector at a position. */
struct syc_fit_set {
	/* its rows, in the order of what follows */
	const struct syc_scores_set *t;
	struct syc_fit_layer *layer;	/* [n_layers] */
	uint32_t *cluster;		/* [n] numbers of its values, or NULL */
	uint32_t *group;		/* [n] or NULL */
	size_t n_clusters, n_groups;
	uint32_t *fold;			/* [n] where cross-validated */
	/* 0: one class, or a single row or group */
	size_t n_folds;
	enum syc_shuffle how;		/* the permutations */
	struct syc_fit_best best;
	struct syc_fit_multi multi;
	struct syc_procedure *between, *within;	/* NULL without a claim */
	struct syc_increment *increment;	/* NULL without baselines */
	struct syc_fit_confound *confound;	/* what layers point to */
	/*
	 * [n_confounds] the same at the layer, and with the sign, of
	 * between->test, on the claims of that test alone; NULL without it.
	 */
	struct syc_fit_confound *apart;
	uint32_t *claim;		/* [n] numbers of its values, or NULL */
	size_t n_claims;
	/*
	 * Null vectors were tried on null_rows rows.  Where there is a field of
	 * claims and a file, rows whose claim helped to make the vector are left
	 * out, null_left of them; with fewer than SYC_PROCEDURE_CLAIMS claims
	 * left null_why says so, and nothing is tried.  null_p is the share of
	 * draws, the vector counted as one, whose best layer reaches as far as
	 * the vector's best; NaN for a kind that was not asked for or has no
	 * file.
	 */
	size_t null_rows, null_claims, null_left;
	const char *null_why;
	double null_p[SYC_N_NULLS];
};

/* Two vectors at one position, or one at two, on the rows that have both. */
struct syc_fit_diff {
	const struct syc_scores_set *a, *b;
	/* rows of different lines, paired by id and sample */
	bool by_id;
	struct syc_auc_diff *layer;	/* [n_layers] */
	double *p_adj;			/* [n_layers] layer.p over the layers */
	/*
	 * Each at its layer and with its sign of between->test, on the rows that
	 * both were tested on; by claim.  test.p is NaN without it.
	 */
	struct syc_auc_diff test;
	size_t test_layer[2], test_claims;
	int test_sign[2];
};

struct syc_fit {
	/* as given; what it points to is borrowed */
	struct syc_fit_opts o;
	struct syc_scores *scores;
	struct syc_fit_set *set;	/* [scores->n_sets] */
	/* [n_diffs] every two sets of a position, or of a vector */
	struct syc_fit_diff *diff;
	size_t n_diffs;
	size_t n_folds;			/* wanted: o.folds or 5 */
	bool cross;			/* there is cross-validation */
};

/*
 * Read all rows of in and fit them.  Free with syc_fit_free().  No rows give an
 * empty fit.  SYC_EINVAL when o leaves no vector, position or layer, asks for
 * more folds than there are groups or for null vectors that no file has, or the
 * activations that these need are not what the rows say; errors of rows as in syc_scores_read().
 */
SYC_API int syc_fit_rows(struct syc_fit **out, struct syc_rows *in,
			 const struct syc_fit_opts *o, struct syc_err *err);
/*
 * The same of a table that was read before, with the fields and, for n_null, the
 * activation files that o needs (else SYC_EINVAL).  The table is the fit's then,
 * also on failure; it is selected from and sorted.
 */
SYC_API int syc_fit_scores(struct syc_fit **out, struct syc_scores *scores,
			   const struct syc_fit_opts *o, struct syc_err *err);
SYC_API void syc_fit_free(struct syc_fit *f);

/* Whether null vectors of any kind are asked for. */
SYC_API bool syc_fit_has_nulls(const struct syc_fit_opts *o);
/*
 * The probabilities that m gives n rows of scores [n][n_layers] into prob [n];
 * NaN where a score is missing at a layer in use, and where m has a why.
 */
SYC_API void syc_fit_multi_apply(double *prob, const struct syc_fit_multi *m,
				 const double *score, size_t n,
				 size_t n_layers);

#ifdef __cplusplus
}
#endif
#endif
