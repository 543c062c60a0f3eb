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
	SYC_VERDICT_RANDOM,	/* shown, but random directions do as much */
	SYC_VERDICT_FIGURES,	/* no yes or no: figures alone */
};

/* "absent", "open", ...: static, for programs that read documents. */
SYC_API const char *syc_verdict_name(enum syc_verdict v);

/* Zero-initialize; functions that fill it empty it first. */
struct syc_conclusion {
	const char *key;	/* static: the question's name, for programs */
	enum syc_verdict verdict;
	struct syc_buf question;	/* the words, UTF-8 */
	struct syc_buf answer;		/* empty where there is none to give */
	struct syc_buf figures;
	struct syc_buf numbers;		/* JSON: all numbers that it rests on */
};

SYC_API void syc_conclusion_free(struct syc_conclusion *c);

/*
 * All of these fill *out, to be freed also on failure, and return 0 or
 * SYC_ENOMEM.
 */

/*
 * Does the model follow the view that its user states?  Of each set, whose effect
 * comes from syc_stance_effect(), the verdict of syc_stance_verdict(), with
 * SYC_STANCE_RELEVANT for the least effect that matters.  YES where it follows on all
 * sets that have claims, REVERSED where it goes against on all, NO where no relevant
 * effect is on any, OPEN where none can be told; ABSENT without such a set, else SOME.
 */
struct syc_followed {
	const char *set;
	struct syc_estimate effect;
	size_t n_claims;	/* with two views; 0: nothing can be said */
};
SYC_API int syc_conclude_stance(struct syc_conclusion *out,
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

/*
 * Does a vector predict the answers on new claims of the set it was made from?
 * YES with p of the whole procedure (syc/procedure.h) below 0.05, else OPEN; ABSENT
 * without p, such as of too few claims.
 */
struct syc_prediction {
	const char *train;		/* the set */
	/* between claims: cross-validated, and what permutations give */
	double auc, p, null_lo, null_hi;
	size_t n_claims;
	const char *why;		/* of p that is not there, or "" */
};
SYC_API int syc_conclude_prediction(struct syc_conclusion *out,
				    const struct syc_prediction *p,
				    struct syc_err *err);

/*
 * Better than random directions?  YES with p below 0.05, where p is the chance
 * that the best layer of a random direction does as well.
 */
struct syc_chance {
	size_t n;	/* directions drawn */
	double lo, hi;	/* the middle 95 % of their AUC at the layer */
	double p;
};
SYC_API int syc_conclude_random(struct syc_conclusion *out,
				const struct syc_chance *c,
				struct syc_err *err);

/*
 * Does the vector predict on n other sets?  A set counts where its AUC has an
 * interval, as a yes where that is above 0.5.  YES on all, OPEN on none, else
 * SOME.
 */
SYC_API int syc_conclude_elsewhere(struct syc_conclusion *out,
				   const char *train,
				   const struct syc_figure *auc, size_t n,
				   struct syc_err *err);

/* Which vector has the largest AUC?  The first of equal ones. */
SYC_API int syc_conclude_best(struct syc_conclusion *out, const char *train,
			      const struct syc_figure *auc, size_t n,
			      struct syc_err *err);

/*
 * Is it another property of the questions?  within is the AUC among rows that
 * are alike in a field; the field counts whose AUC is nearest to 0.5.  OPEN
 * where the AUC alone has 0.5 in its interval or has no interval, else NO
 * where that within has not, else PERHAPS.
 */
SYC_API int syc_conclude_confounds(struct syc_conclusion *out,
				   const struct syc_estimate *alone,
				   const struct syc_figure *within, size_t n,
				   struct syc_err *err);

/*
 * Do all methods find one direction?  YES when all cosines with the first
 * vector are above 0.9.
 */
struct syc_likeness {
	int layer;
	/* [n] cosines of the other vectors with the first */
	const struct syc_figure *cosine;
	size_t n;
	struct syc_estimate halves;	/* cosine of two halves of the pairs */
};
SYC_API int syc_conclude_likeness(struct syc_conclusion *out,
				  const struct syc_likeness *l,
				  struct syc_err *err);

/* What a setting did to the mean P(matching), paired over questions. */
enum syc_setting_kind {
	SYC_SETTING_VECTOR,
	SYC_SETTING_RANDOM,	/* a random direction of the same length */
	SYC_SETTING_PROMPT,	/* a system message instead */
};
struct syc_setting {
	enum syc_setting_kind kind;
	const char *name;	/* of the vector, or the message */
	const char *op;		/* "add", "ablate"; NULL for a message */
	double scale;
	const char *layers;		/* "3" or "1-3" */
	struct syc_estimate change;	/* of P(matching) */
	struct syc_estimate control;	/* of P(true answer) of a control */
};

/*
 * Does steering move it the way (-1: down, 1: up)?  Of the vectors' settings
 * the one with the largest change that way is taken.  OPEN when it goes the other
 * way, or its interval has 0 in it; RANDOM when a random direction changes as
 * much, either way.
 */
SYC_API int syc_conclude_steering(struct syc_conclusion *out, int way,
				  double at_kl, const struct syc_setting *set,
				  size_t n, struct syc_err *err);
/*
 * Does the setting that lowers it most deny true statements?  YES with the
 * whole interval of the control's change below 0.
 */
SYC_API int syc_conclude_denial(struct syc_conclusion *out,
				const struct syc_setting *set, size_t n,
				struct syc_err *err);
/* Does asking do it?  The changes of the messages. */
SYC_API int syc_conclude_asking(struct syc_conclusion *out,
				const struct syc_setting *set, size_t n,
				struct syc_err *err);

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
