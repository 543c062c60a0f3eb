/* SPDX-License-Identifier: MIT */
/* What syc-fit is asked for, what it finds, and the ways of writing it. */
#ifndef SRC_TOOL_FIT_FIT_H
#define SRC_TOOL_FIT_FIT_H
#include "syc/logit.h"
#include "syc/resample.h"
#include "tool/common/opts.h"
#include "tool/fit/scores.h"

enum { FIT_BINS = 10, FIT_CONFOUNDS = 16, FIT_FOLDS = 5 };
enum fit_metric { FIT_COSINE, FIT_DOT };

struct fit_opts {
	const struct tool *tool;
	const char *vector, *position;	/* NULL: all */
	uint32_t *layer;		/* [n_layers]; none: all */
	size_t n_layers;
	const char *cluster, *group;	/* fields, or NULL */
	const char *confound[FIT_CONFOUNDS];
	size_t n_confounds;
	size_t n_boot, n_perm, n_null, folds;	/* 0: not asked for */
	double ridge;			/* of one-score regressions; < 0: by cross-validation */
	bool multi, compare, transfer;
	enum fit_metric metric;
	bool center, keep_going;
	uint64_t seed;
	unsigned threads;
	int verbose;
};

/* Rows left out of the fit that tests them. */
struct fit_cv {
	struct syc_auc auc;	/* pairs left out together */
	struct syc_brier brier;
	double slope, intercept;	/* of calibration */
	struct syc_calibration_bin bin[FIT_BINS];
};

/* Random directions at a layer. */
struct fit_null {
	double lo, hi;		/* 95 % of their areas */
	double p, p_max;	/* as far from 1/2 as this; the best of all layers as far */
};

/* A layer with a confound. */
struct fit_beside {
	struct syc_auc within;
	struct syc_logit_adjusted beside;
};

struct fit_layer {
	struct syc_auc auc;
	struct syc_ap ap;
	struct syc_logit logit;
	struct syc_corr corr;
	struct syc_brier brier;		/* of the fit's own rows */
	double slope, intercept;	/* calibration of these */
	struct syc_calibration_bin bin[FIT_BINS];
	double ridge;
	double p_adj;			/* logit.p over the layers of its set */
	struct syc_boot boot;
	struct syc_perm perm;
	struct fit_cv cv;
	struct fit_null null;
	struct fit_beside confound[FIT_CONFOUNDS];
};

/* The best layer, chosen without the rows that test it. */
struct fit_best {
	struct fit_cv cv;
	size_t *chosen;		/* [n_layers] how many folds chose it */
};

/* All layers together. */
struct fit_multi {
	const char *why;	/* why there is none, or NULL */
	struct fit_cv cv;
	size_t n;
	double lambda;		/* chosen on all rows */
	double *w, bias;	/* [n_layers] of the scores themselves */
	double *w_sd;		/* [n_layers] per standard deviation of a layer's score */
};

struct fit_set {
	const struct scores_set *t;
	struct fit_layer *layer;	/* [n_layers] */
	uint32_t *cluster;		/* [n] or NULL */
	uint32_t *group;		/* [n] or NULL: what folds keep together */
	size_t n_clusters, n_groups;
	uint32_t *fold;			/* [n], with cross-validation */
	size_t n_folds;			/* 0: too few rows or groups, or one class */
	enum syc_shuffle how;
	struct fit_best best;
	struct fit_multi multi;
};

/* Two vectors at one position. */
struct fit_diff {
	const struct scores_set *a, *b;
	const char *paired;		/* "row" or "id" */
	struct syc_auc_diff *layer;	/* [n_layers] */
	double *p_adj;			/* [n_layers] */
};

/* One data set. */
struct fit {
	const struct fit_opts *o;
	char *name;			/* with --transfer */
	struct scores scores;
	struct fit_set *set;		/* [n_sets] */
	struct fit_diff *diff;		/* [n_diffs] */
	size_t n_diffs;
	size_t n_folds;			/* asked for, or the default */
	bool cross;			/* there is cross-validation */
	uint64_t n_skipped;
};

/* A layer chosen and fitted on one data set, tried on another. */
struct fit_cell {
	size_t train, test;		/* numbers of data sets */
	const char *vector, *position;	/* borrowed */
	uint32_t layer;
	bool turned;			/* low scores go with label 1 there */
	bool crossed;			/* train is test: by cross-validation */
	double train_auc;
	struct syc_auc auc;		/* of the test rows, turned alike */
	struct syc_brier brier;
	double slope, intercept;	/* calibration */
	struct syc_auc multi;		/* of all layers together, with --multi */
	struct syc_brier multi_brier;
};

struct transfer {
	const struct fit_opts *o;
	struct fit *data;		/* [n] */
	size_t n;
	struct fit_cell *cell;		/* [n_cells] by vector, position, train, test */
	size_t n_cells;
};

/* fit_set.c: everything about one data set, once its scores are there. */
int fit_all(struct fit *f, struct syc_err *err);
void fit_free(struct fit *f);

/* fit_cv.c: cross-validation of every layer and of the best. */
int fit_folds(const struct fit *f, struct fit_set *s, struct syc_err *err);
int fit_cross(const struct fit *f, struct fit_set *s, struct syc_err *err);
/* Probabilities of n rows into cv; strata are pairs' folds, or NULL. */
int fit_forecast(struct fit_cv *cv, const double *prob, const int8_t *label,
		 const uint32_t *fold, const uint32_t *cluster, size_t n, struct syc_err *err);
/* Number what is in g [n] anew, below n; *n_values different ones. */
int fit_compact(uint32_t *g, size_t n, size_t *n_values, struct syc_err *err);
/* What folds keep together, as numbers of the set's rows. */
const uint32_t *fit_groups(const struct fit_set *s);
/* fit_multi.c: all layers together. */
int fit_multi(const struct fit *f, struct fit_set *s, struct syc_err *err);
/* The probabilities it gives rows of scores [n][n_layers]; NaN where one is missing. */
void fit_multi_apply(double *prob, const struct fit_multi *m, const double *score, size_t n,
		     size_t n_layers);
/* fit_confound.c */
int fit_confounds(const struct fit *f, struct fit_set *s, struct syc_err *err);
/* fit_diff.c: pairs of vectors. */
int fit_diffs(struct fit *f, struct syc_err *err);
/* fit_null.c: random directions against the recorded activations. */
int fit_nulls(struct fit *f, struct syc_err *err);
/* fit_transfer.c: the data sets' cells. */
int transfer_all(struct transfer *t, struct syc_err *err);

/* +1, -1 or 0: which side of 1/2 the interval of an area lies on. */
int fit_sign(const struct syc_auc *a);

/* Append the report to b; they return 0 or SYC_ENOMEM. */
int fit_text(struct syc_buf *b, const struct fit *f);
int fit_tsv(struct syc_buf *b, const struct fit *f);
int fit_json(struct syc_buf *b, const struct fit *f);
int transfer_text(struct syc_buf *b, const struct transfer *t);
int transfer_tsv(struct syc_buf *b, const struct transfer *t);
int transfer_json(struct syc_buf *b, const struct transfer *t);

#endif
