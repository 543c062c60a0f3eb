/* SPDX-License-Identifier: MIT */
/*
 * What a sweep shows: the outcome of settings by claim, tests of vectors beside
 * whole draws of null vectors, and how each question moves with the scale.
 * These are functions of what a run left in its settings; they need no model.
 */
#ifndef SYC_SWEEP_TEST_H
#define SYC_SWEEP_TEST_H
#include "syc/draws.h"
#include "syc/stance.h"
#include "syc/sweep.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- outcomes --------------------------------------------------------------- */

/*
 * The first of these outcomes that SYC_BOOT_CLUSTERS claims or more have: the effect against
 * the other view, against no view, P(matching).  It depends on what is asked,
 * never on answers.
 */
SYC_API int syc_sweep_outcome_of(enum syc_sweep_outcome *out,
				 const struct syc_sweep_questions *q,
				 struct syc_err *err);
/* "stance effect", "stance effect against no view", "P(matching)"; static. */
SYC_API const char *syc_sweep_outcome_name(enum syc_sweep_outcome o);
/* Its value at each claim from p [q->n], P(matching); NaN where it has none. */
SYC_API int syc_sweep_by_claim(double *value,
			       const struct syc_sweep_questions *q,
			       enum syc_sweep_outcome o, const float *p,
			       struct syc_err *err);

/* ---- tests ------------------------------------------------------------------- */

/*
 * A hypothesis: the vector's best setting that intends to, lowers (way -1) or
 * raises (1) the outcome, and does so more than null vectors whose best is
 * chosen among the same settings.  Settings that intend nothing count in both.
 */
struct syc_sweep_test {
	const struct syc_sweep_vector *vector;
	int way;
	bool primary; /* fixed before: the first of its way, see below */
	size_t n_settings;	/* that its best is chosen from */
	size_t setting;		/* the best */
	/* its mean change, with the interval by claim (not corrected for choosing) */
	struct syc_sweep_mean effect;
	double se;		/* of the change, over claims */
	size_t n_claims;
	/* [n_nulls] beside each kind of null vector; n_draws 0: not for this one */
	struct syc_draws *null;
	/*
	 * The largest p and p_least of these, for a vector must do more than
	 * every kind; NaN without any.  adjusted: by Holm's method among the tests that are not
	 * primary; the primary one's own.
	 */
	double p, p_least, adjusted, adjusted_least;
	double detectable;	/* the largest, 0 and above */
	enum syc_draws_verdict
		verdict; /* SYC_STANCE_RELEVANT is what matters */
};

struct syc_sweep_tests {
	struct syc_sweep_test *test; /* [n] by vector, lowers before raises */
	size_t n;
	size_t n_others;	/* that Holm's method is about */
};

/*
 * The tests of a sweep that was run with null vectors; none without.  The
 * primary one is of the plan's first vector: that it goes `way`, or the other
 * where no setting of it intends that.  out is zeroed first; free it always.
 */
SYC_API int syc_sweep_tests_make(struct syc_sweep_tests *out,
				 const struct syc_sweep_settings *s,
				 const struct syc_sweep_plan *plan, int way,
				 struct syc_err *err);
SYC_API void syc_sweep_tests_free(struct syc_sweep_tests *t);

/* ---- questions one by one ------------------------------------------------------ */

/*
 * How a question moves with the scale (Tan et al. 2024, "Analyzing the
 * Generalization and Reliability of Steering Vectors"): the least-squares slope
 * of the log odds of the matching option in the scale, over the settings of one
 * vector, layers and operator and the unsteered model at 0; of both orders of
 * the choices the mean.
 */
struct syc_sweep_slope {
	size_t question;	/* its first order */
	double slope;		/* log odds per unit of the scale */
	/*
	 * Half the difference of the two orders' slopes (0 of one order), and
	 * the margin in log odds over the range of scales.
	 */
	double margin;
};

struct syc_sweep_curve {
	/* [n_settings] 0 for the unsteered model first, but for ablate+add */
	size_t *setting;
	size_t n_settings;
	double lowest, highest;	/* scale, 0 included */
	struct syc_sweep_slope *slope;	/* [n] in the order of questions */
	size_t n, n_claims;
	struct syc_mean mean;	/* of the claims' mean slopes */
	/* shares of questions whose slope is below 0 by more than its margin, and at all */
	double wrong, wrong_any;
};

struct syc_sweep_curves {
	struct syc_sweep_curve *curve;	/* [n] in the order of the settings */
	size_t n;
};

/*
 * Curves of the operators whose scale's sign says which way, in order of their
 * first settings.  margin >= 0 in log odds.  out is zeroed first; free it always.
 */
SYC_API int syc_sweep_curves_make(struct syc_sweep_curves *out,
				  const struct syc_sweep_settings *s,
				  const struct syc_sweep_plan *plan,
				  double margin, struct syc_err *err);
SYC_API void syc_sweep_curves_free(struct syc_sweep_curves *c);

#ifdef __cplusplus
}
#endif
#endif
