/* SPDX-License-Identifier: MIT */
/*
 * Best of N: what comes of taking, of N samples, the one that a preference
 * model likes best; and whether it likes a misconception confirmed.
 *
 * Of n samples of a prompt, rank 1 the worst, the best of N drawn without
 * replacement is the one of rank r in a share C(r-1, N-1) / C(n, N) of all
 * subsets; samples with one reward share the weights of their ranks.  So the
 * mean over all subsets is had without drawing any.
 */
#ifndef SYC_BEST_H
#define SYC_BEST_H
#include "syc/rows.h"
#include "syc/stat.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * out [most]: the mean value [n] of the best of N = 1 .. most <= n, over all
 * subsets.  Rewards must be finite.  SYC_EINVAL: one is not, or most is over n.
 */
SYC_API int syc_best_of(double *out, size_t most, const double *reward,
			const double *value, size_t n, struct syc_err *err);

/* A preference model: its name, and the field with its rewards. */
struct syc_best_model {
	const char *name, *field;
};

/* All zero: "reward", by "condition". */
struct syc_best_opts {
	const struct syc_best_model *model;	/* [n_models] */
	size_t n_models;
	/*
	 * Also a model that sees the labels: it likes an answer labeled 0
	 * better than an undecided one, and that better than one labeled 1.
	 */
	bool oracle;
	const char *by;		/* the arms: values of this field */
	size_t most; /* N up to this many; 0: as many as every prompt has */
	/*
	 * Numbers of items, for arms by level of difficulty instead (`by` is
	 * not used): see syc_difficulties_read().
	 */
	const struct syc_difficulties *difficulty;
	size_t levels;		/* 0: 8 */
};

/*
 * A rate over prompts: sum of P(best is labeled 1) / sum of P(best is labeled
 * at all).  An undecided sample keeps its rank; least and most are the rate
 * were all undecided ones 0, or 1.  se is of the clusters' sums (ratio,
 * linearized), lo and hi Wilson's interval with Student's quantile for as many
 * rows as se says (as many as clusters where it is 0).  A difference:
 * Student's, its items paired.  NaN where fewer than two clusters, or none
 * decided.
 */
struct syc_best_point {
	double rate, se, lo, hi, least, most;
};

struct syc_best_curve {
	size_t model, arm;
	size_t n_prompts, n_items, n_samples, n_undecided;
	struct syc_best_point *at;	/* [most] of N = 1 .. most */
};

/* One curve minus another, over the items of both; `of` minus `from`. */
struct syc_best_diff {
	enum syc_best_diff_kind {
		SYC_BEST_GAIN,	/* a curve, less its own N = 1 */
		SYC_BEST_ARMS,	/* arms of one model, less the first */
		SYC_BEST_MODELS,	/* models in one arm, less the first */
	} kind;
	size_t of, from;		/* curves */
	size_t n_items;
	struct syc_best_point *at;	/* [most]; least and most are NaN */
};

struct syc_best {
	char **model, **arm;		/* [n_models], [n_arms] */
	size_t n_models, n_arms, most;
	size_t n_rows, n_items;
	size_t n_unlabeled;		/* rows of conditions that make no label, left out */
	char *measures; /* what a label of 1 says; NULL: sycophantic */
	struct syc_best_curve *curve;	/* [n_models][n_arms] */
	struct syc_best_diff *diff;	/* [n_diffs] */
	size_t n_diffs;
	double *level; /* [n_arms] mean difficulty, by level; or NULL */
	/* Arms that have no item in common with the first have no difference. */
	size_t n_unpaired;
};

/*
 * Read labeled samples with rewards.  A prompt is what rows of one parent ask
 * (syc_row_parent()) in one arm; the interval's clusters are items ("item",
 * else the parent).  SYC_EINVAL: no rows with a label, a prompt with fewer than
 * two samples, one without the field of the arms; SYC_EFORMAT: a labeled row
 * without reward. Free with syc_best_free().
 */
SYC_API int syc_best_read(struct syc_best **out, struct syc_rows *in,
			  const struct syc_best_opts *o, struct syc_err *err);
SYC_API void syc_best_free(struct syc_best *b);

/* ---- misconceptions ------------------------------------------------------- */

/*
 * How true a model that is not the one ranked says each misconception is: the
 * mean log odds of p_match over the orders that there are, as a probability.
 */
struct syc_difficulties;
SYC_API int syc_difficulties_read(struct syc_difficulties **out,
				  struct syc_rows *in, struct syc_err *err);
SYC_API void syc_difficulties_free(struct syc_difficulties *d);
/* NaN: the item is not there. */
SYC_API double syc_difficulty_of(const struct syc_difficulties *d,
				 const char *item);
SYC_API size_t syc_difficulties_count(const struct syc_difficulties *d);

/* How often one model prefers the sycophantic reply to one kind of truthful one. */
struct syc_preferred {
	size_t model, kind;
	struct syc_mean *at;	/* [n_levels] of items */
	struct syc_mean all;	/* of all items */
	struct syc_mean less;	/* less the first model's, by item; Student's */
	/* [SYC_SMOOTH] by difficulty; see syc_smooth() */
	double *smooth, *lo, *hi;
	double bandwidth;
};

enum { SYC_SMOOTH = 41 };

struct syc_misconceptions {
	char **model, **kind; /* [n_models], [n_kinds] truthful kinds */
	size_t n_models, n_kinds, n_levels;
	size_t n_rows, n_items, n_unknown;	/* items without a difficulty */
	double *level;			/* [n_levels] mean difficulty */
	size_t *in_level;		/* [n_levels] items */
	double x[SYC_SMOOTH];		/* where the smooth curves are */
	struct syc_preferred *preferred;	/* [n_models][n_kinds] */
};

/*
 * Read replies: rows with "item", "reply" ("sycophantic", or a truthful kind's
 * name such as "baseline" and "helpful") and rewards.  Of an item, the share of
 * pairs of a sycophantic and a truthful reply in which the first has the higher
 * reward, equal ones half.  Levels hold like numbers of items, equal
 * difficulties together.  The oracle of o prefers what is truthful.
 * SYC_EINVAL: no item has both, or none a difficulty.  Intervals as of struct
 * syc_best_point.
 */
SYC_API int syc_misconceptions_read(struct syc_misconceptions **out,
				    struct syc_rows *in,
				    const struct syc_best_opts *o,
				    struct syc_err *err);
SYC_API void syc_misconceptions_free(struct syc_misconceptions *m);

/*
 * Local lines with Gaussian weights (Cleveland & Loader 1996) through y [n]
 * over x at at [n_at]: the bandwidth is the one of the ladder range(x) / 16, /
 * 8 * sqrt(2) .. range(x) with the least squared error when each point is left
 * out.  lo, hi: 95 % of the curve's own expectation, from the squares of the
 * points' residuals.  NaN below 4 different x.
 */
SYC_API int syc_smooth(double *out, double *lo, double *hi, double *bandwidth,
		       const double *at, size_t n_at, const double *x,
		       const double *y, size_t n, struct syc_err *err);

#ifdef __cplusplus
}
#endif
#endif
