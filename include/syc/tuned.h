/* SPDX-License-Identifier: MIT */
/*
 * What tuning on several arms (syc/arms.h), some times each, did to a model: figures of
 * runs, their means by arm, the tests between arms, tables and conclusions.  The unit
 * of uncertainty is the run (its seed): the questions are the same for all of them, and
 * others would give other figures.
 */
#ifndef SYC_TUNED_H
#define SYC_TUNED_H
#include "syc/conclude.h"
#include "syc/foretell.h"
#include "syc/stat.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Figures of a run, of one layer where they are of a layer; NaN: not known. */
enum syc_tuned_figure {
	SYC_TUNED_P_MATCH,	/* P(matching) of the tuned model */
	SYC_TUNED_CHANGE,	/* less the untuned one's */
	SYC_TUNED_EFFECT,	/* of the stated view, less the untuned one's */
	SYC_TUNED_KL,		/* KL(tuned || base) a token on unrelated prompts, nats */
	SYC_TUNED_SCALE,	/* of the adapter, for that */
	SYC_TUNED_LENGTH,	/* of the mean shift, in lengths of activations */
	SYC_TUNED_CONSTANT,	/* share of the shift that is one vector */
	SYC_TUNED_KL_LEFT,	/* KL(tuned || base + mean shift) / KL(tuned || base) */
	SYC_TUNED_MAKE,		/* (base + mean shift - base) / (tuned - base), of P(matching) */
	SYC_TUNED_UNDO,		/* (tuned - ablated) / (tuned - base), the mean shift's direction */
	SYC_TUNED_COSINE,	/* of the mean shift with the contrast vector */
	SYC_TUNED_UNDO_CONTRAST,	/* as undo, of the contrast vector */
	SYC_TUNED_SEEDS,	/* mean cosine with the shifts of the arm's other runs */
	SYC_TUNED_OTHERS,	/* mean cosine with the shifts of the first arm's runs */
	SYC_TUNED_FIGURES,
};
/* For programs, "p_match", and a table's head. */
SYC_API const char *syc_tuned_name(enum syc_tuned_figure f);
SYC_API const char *syc_tuned_head(enum syc_tuned_figure f);

struct syc_tuned_run {
	const char *arm;
	uint64_t seed;
	double figure[SYC_TUNED_FIGURES];
	/*
	 * [n_null] each: what the null vectors of this run do in place of the vector of
	 * SYC_TUNED_COSINE, _UNDO and _UNDO_CONTRAST; NULL: there are none.
	 */
	const double *null[SYC_TUNED_FIGURES];
	size_t n_null[SYC_TUNED_FIGURES];
};

/* An arm: means over its runs with Student's interval (of one run there is none). */
struct syc_tuned_arm {
	const char *name;
	size_t n_runs;
	struct syc_mean figure[SYC_TUNED_FIGURES];
};
/* out [n_arms], which are named by name; runs of other arms do not count. */
SYC_API int syc_tuned_arms(struct syc_tuned_arm *out, const char *const *name, size_t n_arms,
			   const struct syc_tuned_run *run, size_t n_runs,
			   struct syc_err *err);

/*
 * Two means of different spread (Welch 1947): a less b with its 95 % interval and
 * two-sided p; df is Satterthwaite's.  NaN where either has one value, or neither a
 * spread.
 */
struct syc_welch {
	double diff, se, df, lo, hi, p;
};
SYC_API void syc_stat_welch(struct syc_welch *out, const struct syc_mean *a,
			    const struct syc_mean *b);

/*
 * The share of null values at least as far as x: of |null| at least |x|, or with way 1
 * of null at least x, x included, (1 + k) / (1 + n).  NaN without any, or without x.
 */
SYC_API double syc_null_share(double x, const double *null, size_t n, int way);
/*
 * That of the mean of a figure over an arm's runs, beside the null values of all of
 * them as they are.  A mean of runs scatters less than one null value, so that p is
 * rather too large.
 */
struct syc_tuned_nulls {
	size_t n;	/* values */
	double most;	/* the farthest */
	double p;
};
SYC_API int syc_tuned_beside_nulls(struct syc_tuned_nulls *out, const struct syc_tuned_run *run,
				   size_t n_runs, const char *arm, enum syc_tuned_figure f,
				   int way, struct syc_err *err);

#ifdef __cplusplus
}
#endif
#endif
