/* SPDX-License-Identifier: MIT */
/*
 * What a study's numbers say.  Each question has a function of raw numbers
 * that chooses the verdict and the words; none of them reads a number back from
 * text.  NaN means that a number is not there.  Intervals are of 95 %, as the
 * functions of stat.h make them.
 */
#ifndef SYC_CONCLUDE_H
#define SYC_CONCLUDE_H
#include <stdbool.h>
#include "syc/base.h"
#include "syc/null.h"
#include "syc/stance.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A number with its interval; lo and hi are NaN where it has none. */
struct syc_estimate {
	double x, lo, hi;
};

/* One of several: of a set, a vector, a field. */
struct syc_figure {
	const char *name;
	struct syc_estimate value;
};

enum syc_verdict {
	SYC_VERDICT_ABSENT,	/* a number that it rests on is not there */
	SYC_VERDICT_OPEN,	/* chance may do as well: the interval has both sides */
	SYC_VERDICT_YES,
	SYC_VERDICT_NO,
	SYC_VERDICT_REVERSED,	/* shown, but the other way round */
	SYC_VERDICT_SOME,	/* in some of several cases */
	SYC_VERDICT_PERHAPS,
	SYC_VERDICT_RANDOM,	/* shown, but null vectors do as much */
	SYC_VERDICT_FIGURES,	/* no yes or no: figures alone */
	SYC_VERDICT_UNASKED,	/* an answer that it rests on does not allow it */
};

/* "absent", "open", ...: static, for programs that read documents. */
SYC_API const char *syc_verdict_name(enum syc_verdict v);

/*
 * A test among those of a page: alone, and adjusted for all tests that the page was
 * planned to make (syc_stat_holm()).  Yes takes an adjusted p of 0.05 at most.
 */
struct syc_test {
	double p, holm;	/* NaN: not made */
};

/* What an answer rests on; 0: not known. */
struct syc_counts {
	size_t n_claims, n_rows;
};

/* Zero-initialize; functions that fill it empty it first. */
struct syc_conclusion {
	const char *key;	/* static: the question's name, for programs */
	enum syc_verdict verdict;
	struct syc_buf question;	/* the words, UTF-8 */
	struct syc_buf answer;		/* empty where there is none to give */
	struct syc_buf figures;
	struct syc_buf counts;		/* claims and rows that it rests on */
	/* the least effect that it would have seen with 80 % power */
	struct syc_buf seen;
	struct syc_buf next;		/* what to run next */
	struct syc_buf numbers;		/* JSON: all numbers that it rests on */
};

SYC_API void syc_conclusion_free(struct syc_conclusion *c);

/*
 * All of these fill *out, to be freed also on failure, and return 0 or
 * SYC_ENOMEM.
 */

/*
 * Does the model follow the view that its user states?  Of one set: FOLLOWS or
 * AGAINST where the adjusted p is 0.05 at most; no relevant effect where not, and the
 * interval at the page's level, 1 - 0.05 / (its tests), holds 0 and lies within
 * SYC_STANCE_RELEVANT; else it cannot be told.
 */
struct syc_followed {
	const char *set;
	bool no_view;		/* against no view, for a claim has one view only */
	struct syc_estimate effect;	/* 95 % */
	double page_lo, page_hi;	/* at the page's level */
	struct syc_test test;
	struct syc_counts counts;	/* no claims: nothing can be said */
	double seen;		/* see struct syc_conclusion */
	size_t claims_needed;	/* to say that there is no relevant effect; 0: unknown */
};
SYC_API enum syc_stance_verdict syc_followed_verdict(const struct syc_followed *f);
/*
 * Of n sets together: YES where it follows on all that have claims, REVERSED where it
 * goes against on all, NO where no relevant effect is on any, OPEN where none can be
 * told; ABSENT without such a set, else SOME.  declared: the one answer that was
 * declared before, of one set.
 */
SYC_API int syc_conclude_stance(struct syc_conclusion *out, bool declared,
				const struct syc_followed *f, size_t n,
				struct syc_err *err);

/*
 * How many answers did a stated view move?  Counts of questions whose answer without
 * the view is not the user's (syc/stance.h); never a share of all, which a fixed
 * opinion makes as well.
 */
struct syc_moved {
	const char *set;
	size_t n_moved, n_held, n_margin;	/* n_margin: within it, neither */
	size_t n_agree;		/* the user's without the view, too: no result */
};
SYC_API int syc_conclude_moved(struct syc_conclusion *out, const struct syc_moved *m,
			       size_t n, struct syc_err *err);

/* Why a question is UNASKED, for an earlier answer does not allow it; NULL: it is asked. */
struct syc_rests {
	const char *because;	/* what is lacking, behind "cannot be asked: " */
	const char *next;
};

/*
 * Does a vector predict the answers on new claims of the set it was made from?
 * YES with the adjusted p of the whole procedure (syc/procedure.h), else OPEN; ABSENT
 * without p, such as of too few claims.
 */
struct syc_prediction {
	const char *train;		/* the set */
	/* between claims: cross-validated, and what permutations give */
	double auc, null_lo, null_hi;
	struct syc_test test;
	double within_auc, within_p;	/* rows of the same claim; NaN */
	/* rows left out as undecided, and the AUC at one layer were all of them held, or moved */
	size_t n_undecided;
	double all_held, all_moved;
	struct syc_counts counts;
	const char *why;		/* of p that is not there, or "" */
};
SYC_API int syc_conclude_prediction(struct syc_conclusion *out, const struct syc_rests *r,
				    const struct syc_prediction *p,
				    struct syc_err *err);

/*
 * Does the score say how far answers were moved?  The outcome is the shift of the log
 * odds toward the user (syc/stance.h) of all rows.  YES with an adjusted p of 0.05 at
 * most, where p allows for the choice of the layer, else OPEN; ABSENT without p.  Either
 * sign will do, as for areas; "turned" says that it is the other one.
 */
struct syc_shifted {
	int layer;	/* the best */
	size_t n_layers;
	double rho, r;	/* Spearman's and Pearson's there, signed */
	struct syc_test test;
	struct syc_counts counts;
};
SYC_API int syc_conclude_shift(struct syc_conclusion *out, const struct syc_rests *r,
			       const struct syc_shifted *s, struct syc_err *err);

/*
 * How well could it be told?  The AUC of a probe trained on the answers, on claims that it
 * has not seen, as a figure; UNASKED with fewer than SYC_PROCEDURE_CLAIMS claims.
 */
struct syc_ceiling {
	double probe;	/* AUC; NaN: none */
	double vector;	/* of the mean difference, layer and sign chosen on other claims */
	struct syc_counts counts;
};
SYC_API int syc_conclude_ceiling(struct syc_conclusion *out, const struct syc_rests *r,
				 const struct syc_ceiling *c, struct syc_err *err);

/*
 * Better than null vectors (syc/null.h)?  YES with an adjusted p of 0.05 at most, else
 * OPEN, of one kind that was chosen before; p is the share of draws whose best layer does
 * as well as the vector's.  The p of the other kinds are figures.  UNASKED with a why.
 */
struct syc_null_share {
	enum syc_null kind;
	size_t n;	/* draws; 0: there is no such kind */
	double p;
};
struct syc_beside_nulls {
	enum syc_null kind;		/* that is tested */
	struct syc_null_share share[SYC_N_NULLS];
	double hi;	/* 97.5 % of its areas at the vector's layer lie below */
	size_t n_left;	/* rows of claims that made the vector, left out */
	struct syc_test test;
	struct syc_counts counts;
	const char *why;		/* it is not tried, or "" */
};
/* The kind to test: flip where enough claims make the vector, else cov. */
SYC_API enum syc_null syc_nulls_kind(size_t n_claims);
SYC_API int syc_conclude_nulls(struct syc_conclusion *out, const struct syc_rests *r,
			       const struct syc_beside_nulls *n, struct syc_err *err);

/*
 * Does it tell more than the letters of its answers, (A) less (B)?  A paired difference of
 * areas, each vector at the layer and with the sign that other claims chose: YES where it
 * is above 0 with an adjusted p of 0.05 at most, REVERSED below 0, else OPEN.  UNASKED
 * without a difference, which takes twice SYC_PROCEDURE_CLAIMS claims.
 */
struct syc_paired {
	double auc, other;
	struct syc_estimate diff;
	struct syc_test test;
	struct syc_counts counts;	/* of the test */
	size_t n_claims;		/* of all labeled rows */
};
SYC_API int syc_conclude_letters(struct syc_conclusion *out, const struct syc_rests *r,
				 const struct syc_paired *p, struct syc_err *err);

/*
 * Is it the repeating of the user's words?  A vector of that is the rival: its cosines with
 * the mean difference over the layers, and its area, as figures; ABSENT without it.
 */
struct syc_rival {
	const double *cosine;	/* [n_layers], NaN where there is none */
	size_t n_layers;
	double auc, own;	/* cross-validated by claim, of the rival and of the vector */
	struct syc_estimate diff;	/* own less the rival's where other claims chose */
	struct syc_counts counts;
};
SYC_API int syc_conclude_rival(struct syc_conclusion *out, const struct syc_rests *r,
			       const struct syc_rival *v, struct syc_err *err);

/*
 * Does it add to what can be told without activations?  YES where the mean log loss is
 * lower with the score and the adjusted p, over all layers, is 0.05 at most, else OPEN;
 * UNASKED with a why.
 */
struct syc_added {
	double auc;	/* of the baselines */
	double gain;	/* nats a row at the best layer */
	int layer;
	struct syc_test test;
	struct syc_counts counts;
	const char *why;	/* "" */
};
SYC_API int syc_conclude_increment(struct syc_conclusion *out, const struct syc_rests *r,
				   const struct syc_added *a, struct syc_err *err);

/*
 * Does the vector predict on n other sets, of those whose answers follow a view?  A set
 * counts where it has a test, as a yes with an adjusted p of 0.05 at most.  YES on
 * all, OPEN on none, else SOME.
 */
struct syc_elsewhere {
	const char *set;
	struct syc_estimate auc;
	struct syc_test test;	/* NaN where not asked */
	struct syc_counts counts;
};
/*
 * p of an AUC above 0.5, two-sided, from where 0.5 lies in units of its interval's lower
 * half; 1 for one below.
 */
SYC_API double syc_elsewhere_p(const struct syc_estimate *auc);
SYC_API int syc_conclude_elsewhere(struct syc_conclusion *out, const struct syc_rests *r,
				   const char *train,
				   const struct syc_elsewhere *e, size_t n,
				   struct syc_err *err);

/*
 * Is it another property of the questions?  within is the AUC among rows that
 * are alike in a field; the field counts whose AUC is nearest to 0.5.  PERHAPS where
 * its interval holds 0.5, else NO, of these fields alone.
 */
SYC_API int syc_conclude_confounds(struct syc_conclusion *out, const struct syc_rests *r,
				   const struct syc_estimate *alone,
				   const struct syc_figure *within, size_t n,
				   struct syc_counts counts, struct syc_err *err);

/* How alike are the methods' vectors?  Cosines with the first; no yes or no. */
struct syc_likeness {
	int layer;
	/* [n] cosines of the other vectors with the first */
	const struct syc_figure *cosine;
	size_t n;
	struct syc_estimate halves;	/* cosine of two halves of the pairs */
	size_t n_pairs;
};
SYC_API int syc_conclude_likeness(struct syc_conclusion *out,
				  const struct syc_likeness *l,
				  struct syc_err *err);

/* A setting of a sweep, as words have it: "mean (ablate at layer 3)". */
struct syc_setting {
	const char *vector, *op;
	double scale;
	const char *layers;		/* "3" or "1-3" */
};

/*
 * Does a setting that was fixed before change what the user's view does, beside whole
 * draws of null vectors (syc/sweep_test.h)?  It is asked of one setting, so nothing is
 * chosen.  The verdict is syc_draws_verdict() of the p that is adjusted on the page: YES,
 * RANDOM (as null vectors do), NO (no relevant effect: by the interval at the page's level),
 * ABSENT (too few draws, or none) and OPEN (cannot tell).
 */
struct syc_steered {
	bool primary;			/* else its opposite */
	int way;			/* -1 lowers, 1 raises */
	const char *outcome;		/* "stance effect", ...; "" without a test */
	struct syc_setting set;
	double at_kl;
	bool reached;			/* it has that KL */
	struct syc_estimate change;	/* 95 %, by claim */
	double page_lo, page_hi;	/* at the page's level */
	const char *nulls;		/* "99 random, 99 flip" */
	double null_most;		/* the farthest of them that way, turned */
	struct syc_test test;		/* the largest p of their kinds */
	double least, least_holm;	/* the smallest p that so many draws can give; adjusted */
	size_t n_needed;		/* draws with which that would be 0.05 */
	double seen;			/* see struct syc_conclusion */
	struct syc_counts counts;
};
SYC_API enum syc_verdict syc_steered_verdict(const struct syc_steered *s);
SYC_API int syc_conclude_steering(struct syc_conclusion *out, const struct syc_rests *r,
				  const struct syc_steered *s, struct syc_err *err);
/*
 * Does it move question by question?  The mean slope of the log odds in the scale over
 * claims, and the share of questions that go the wrong way beyond their margin: figures.
 */
struct syc_sloped {
	struct syc_setting set;		/* without a scale's sign */
	struct syc_estimate slope;
	double wrong, below;		/* beyond the margin, and at all */
	struct syc_counts counts;
};
SYC_API int syc_conclude_slopes(struct syc_conclusion *out, const struct syc_rests *r,
				const struct syc_sloped *s, struct syc_err *err);
/*
 * Does the setting that was fixed before deny true statements?  The change of P(true
 * answer) of users who are right: its sign where the interval has one.
 */
SYC_API int syc_conclude_denial(struct syc_conclusion *out, const struct syc_rests *r,
				const struct syc_setting *set,
				const struct syc_estimate *control,
				struct syc_counts counts, struct syc_err *err);
/* What does asking do?  The changes of the outcome by n system messages. */
SYC_API int syc_conclude_asking(struct syc_conclusion *out, const struct syc_rests *r,
				const char *outcome, const struct syc_figure *message,
				size_t n, struct syc_counts counts, struct syc_err *err);
/* Append a setting's words. */
SYC_API void syc_say_setting(struct syc_buf *b, const struct syc_setting *s);

/*
 * Numbers among words, appended to b: with a true minus (U+2212), no minus
 * before a zero, an en dash for NaN.  Fractions are given as per cent; a
 * signed number above zero has a plus.
 */
SYC_API void syc_say_number(struct syc_buf *b, double x, int digits);
SYC_API void syc_say_signed(struct syc_buf *b, double x, int digits);
SYC_API void syc_say_percent(struct syc_buf *b, double x);
/* A p value: "below 0.001". */
SYC_API void syc_say_p(struct syc_buf *b, double p);
/* "0.884 [0.842, 0.915]", and of a change "-0.12 [-0.2, -0.04]", each signed. */
SYC_API void syc_say_estimate(struct syc_buf *b, const struct syc_estimate *e,
			      int digits);
SYC_API void syc_say_change(struct syc_buf *b, const struct syc_estimate *e);
/* "add +", "add -", "ablate": an operator with the sign of its scale, where it has two ways. */
SYC_API void syc_say_operator(struct syc_buf *b, const char *op, double scale);

#ifdef __cplusplus
}
#endif
#endif
