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
	SYC_TUNED_REACHED,	/* 1: that KL is the one asked for; 0: the adapter has less */
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
	 * SYC_TUNED_COSINE, _KL_LEFT, _MAKE, _UNDO and _UNDO_CONTRAST; NULL: there are none.
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

/* Which way is far: 1 up, -1 down (of what is left), 0 either (of a cosine). */
SYC_API int syc_tuned_way(enum syc_tuned_figure f);
/*
 * The share of null values at least as far as x: of |null| at least |x|, with way 1 of
 * null at least x, with -1 at most x, x included, (1 + k) / (1 + n).  NaN without any, or
 * without x.
 */
SYC_API double syc_null_share(double x, const double *null, size_t n, int way);
/*
 * That of the mean of a figure over an arm's runs.  Of SYC_TUNED_COSINE, whose null
 * vectors are the same in all runs, beside each one's mean over the runs; else, where
 * each run has its own, beside the values of all of them as they are: a mean of runs
 * scatters less than one value, so that p is rather too large.
 */
struct syc_tuned_nulls {
	size_t n;	/* null vectors */
	double most;	/* the farthest */
	double p;
};
SYC_API int syc_tuned_beside_nulls(struct syc_tuned_nulls *out, const struct syc_tuned_run *run,
				   size_t n_runs, const char *arm, enum syc_tuned_figure f,
				   struct syc_err *err);

/* ---- what they say, as in conclude.h ------------------------------------------- */

/* A figure of an arm beside that of another: means over runs. */
struct syc_tuned_beside {
	const char *arm, *other;
	struct syc_estimate own, others;
	struct syc_welch diff;
	struct syc_test test;
	size_t n_runs, n_others;	/* runs with the figure */
	size_t n_short;			/* of both, those that came short of that KL */
	double at_kl;
};
/*
 * At equal KL, does P(matching) rise more in an arm than in the other?  YES where the
 * difference is above 0 with an adjusted p of 0.05 at most, REVERSED below 0, else OPEN;
 * ABSENT without p: one run an arm shows nothing.
 */
SYC_API int syc_conclude_rises(struct syc_conclusion *out, const struct syc_tuned_beside *b,
			       struct syc_err *err);
/*
 * Is the arm's shift more one constant vector than in each of n other arms?  YES with an
 * adjusted p of 0.05 at most, where p is the largest of the n, and 1 where an arm has
 * more (syc_tuned_beside_all()); else OPEN, ABSENT without p.
 */
SYC_API double syc_tuned_beside_all(const struct syc_tuned_beside *b, size_t n);
SYC_API int syc_conclude_constant(struct syc_conclusion *out, const struct syc_tuned_beside *b,
				  size_t n, const struct syc_test *test, struct syc_err *err);

/* A figure of an arm beside null vectors. */
struct syc_tuned_against {
	const char *arm, *contrast;	/* contrast: the vector's name */
	struct syc_estimate own;
	struct syc_tuned_nulls nulls;
	struct syc_test test;
	double least_holm;	/* of the smallest p that so many can give */
	size_t n_runs;
	int layer;
};
/*
 * YES with an adjusted p of 0.05 at most; RANDOM where null vectors do as much, ABSENT
 * without p, or where they are too few for a yes.
 *
 * aligned: does the mean shift point as the contrast vector does?  Either way counts as
 * far; REVERSED where it is shown to point the other way.
 * undoes: does taking its direction out undo the tuning?  That of the mean shift, or
 * (contrast) of the contrast vector.
 */
SYC_API int syc_conclude_aligned(struct syc_conclusion *out, const struct syc_tuned_against *a,
				 struct syc_err *err);
SYC_API int syc_conclude_undoes(struct syc_conclusion *out, bool contrast,
				const struct syc_tuned_against *a, struct syc_err *err);

/*
 * Does the mean shift, added to the untuned model, move its answers the way tuning did?  As
 * undoes, of the share of the change of P(matching) that it makes; figures where there are
 * no null vectors.  Beside it what KL to the tuned model is left, and what the null vector
 * leaves that leaves least, which are not tested.
 */
struct syc_tuned_made {
	struct syc_tuned_against make;
	struct syc_estimate kl_left;
	struct syc_tuned_nulls left;
};
SYC_API int syc_conclude_made(struct syc_conclusion *out, const struct syc_tuned_made *m,
			      struct syc_err *err);

/*
 * Does the mean shift predict how far a view moves the untuned model's answers?  YES with
 * an adjusted p of 0.05 at most, else OPEN, ABSENT without p; "turned" is said of a
 * negative rho.  And does it steer that model?  Figures: the change of the view's effect
 * as the mean shift of each of n arms is added, by claim.
 */
struct syc_tuned_predicts {
	const char *arm;
	double rho;
	struct syc_test test;
	struct syc_counts counts;
	int layer;
};
SYC_API int syc_conclude_predicts(struct syc_conclusion *out,
				  const struct syc_tuned_predicts *p, struct syc_err *err);
SYC_API int syc_conclude_steers_untuned(struct syc_conclusion *out, const struct syc_figure *arm,
					size_t n, double at_kl, struct syc_counts counts,
					struct syc_err *err);

/*
 * Does the projection difference of a training set on a vector, before tuning, foretell how far it
 * moves the model along that vector?  YES where r is above 0 with an adjusted p of
 * 0.05 at most, REVERSED below, else OPEN; UNASKED without sets.
 */
struct syc_tuned_foretold {
	const struct syc_foretold *f;	/* NULL: no sets */
	struct syc_test test;
	int layer;
};
SYC_API int syc_conclude_foretold(struct syc_conclusion *out, const struct syc_tuned_foretold *t,
				  struct syc_err *err);

/* ---- from the programs' documents ----------------------------------------------- */

struct json_t;
/* A run, by the document of syc-shift and the file of its mean shift. */
struct syc_tuned_doc {
	const char *arm, *vector;
	uint64_t seed;
	const struct json_t *shift;
};
/* A small training set: see syc_projection_difference(), and the shift that came. */
struct syc_tuned_set {
	const char *name, *vector;	/* the file of its mean shift */
	size_t n_rows;
	double foretold;
	const struct json_t *shift;
};
/* All is borrowed; what a document lacks is NaN, never an error. */
struct syc_tuned_documents {
	/* [n_arms] the first is asked about; beside it stands `reference`, or the second */
	const char *const *arm;
	size_t n_arms;
	const char *reference;
	const struct syc_tuned_doc *run;	/* [n_runs] */
	size_t n_runs;
	const struct json_t *cosines;	/* array of what "syc-vec compare --json" writes */
	/* [n_arms] syc-fit on the shift of the log odds, of each arm's mean vector; NULL */
	const struct json_t *const *predicted;
	const struct json_t *steered;	/* syc-sweep with these vectors, named by their arm */
	const char *contrast;		/* the contrast vector's name in the documents */
	/* The vector of what is foretold: its file's name in cosines, beside the sets'. */
	const char *answers;
	const struct syc_tuned_set *set;	/* [n_sets] */
	size_t n_sets;
	int layer;			/* of all figures that are of a layer */
	double at_kl;
};

/* The figures of run i; null values are syc_tuned_read()'s, freed by syc_tuned_free(). */
struct syc_tuned_runs {
	struct syc_tuned_run *run;	/* [n_runs] */
	double *memory;
};
SYC_API int syc_tuned_read(struct syc_tuned_runs *out, const struct syc_tuned_documents *d,
			   struct syc_err *err);
SYC_API void syc_tuned_free(struct syc_tuned_runs *r);

/*
 * Append a table, as syc_study_table() does:
 *
 *	arms		what tuning did, by arm: means over runs [95 %]
 *	directions	where the mean shifts point, and what they do in the untuned model
 *	beside		the first arm's figures beside null vectors
 *	layers		cosines and constant share by layer
 *	foretold	small sets: what was foretold and what came
 *
 * and in full, of 12 digits: tuned, a row a run.
 */
SYC_API int syc_tuned_table(struct syc_buf *out, const struct syc_tuned_documents *d,
			    const char *name, struct syc_err *err);

/* All of it but single runs as a document: syc-study(1), tuned.json. */
SYC_API int syc_tuned_json(struct syc_buf *out, const struct syc_tuned_documents *d,
			   struct syc_err *err);

/*
 * The conclusions, in the order of the functions above; p is adjusted by Holm's method
 * for the tests of all eight that have one, made or not.  Zero-initialize and free as
 * those of syc_study_conclude(), whose words the other two have, too.
 */
enum syc_tuned_question {
	SYC_TUNED_RISES,
	SYC_TUNED_IS_CONSTANT,
	SYC_TUNED_ALIGNED,
	SYC_TUNED_UNDOES,
	SYC_TUNED_CONTRAST_UNDOES,
	SYC_TUNED_MAKES,
	SYC_TUNED_PREDICTS,
	SYC_TUNED_STEERS,
	SYC_TUNED_FORETOLD,
	SYC_TUNED_QUESTIONS
};
SYC_API int syc_tuned_conclude(struct syc_conclusion out[SYC_TUNED_QUESTIONS],
			       const struct syc_tuned_documents *d, struct syc_err *err);
SYC_API int syc_tuned_glance(struct syc_buf *out,
			     const struct syc_conclusion c[SYC_TUNED_QUESTIONS],
			     struct syc_err *err);
SYC_API int syc_tuned_conclusions(struct syc_buf *out, const struct syc_tuned_documents *d,
				  const struct syc_conclusion c[SYC_TUNED_QUESTIONS],
				  struct syc_err *err);

#ifdef __cplusplus
}
#endif
#endif
