/* SPDX-License-Identifier: MIT */
/*
 * One p for a procedure that tries many settings and keeps the best: all of it
 * is done again with things that say nothing (null vectors), its best chosen in
 * the same way, and p is the share of these draws that do as well.  Choosing
 * needs no correction then, however many settings there are and however alike.
 */
#ifndef SYC_DRAWS_H
#define SYC_DRAWS_H
#include "syc/stat.h"

#ifdef __cplusplus
extern "C" {
#endif

#define SYC_DRAWS_LEVEL 0.05

/*
 * By setting and claim, the change that is asked about (turned, so that more is
 * more of it).  A claim that lacks one is NaN everywhere.
 */
struct syc_draws_data {
	const double *given;	/* [n_settings][n_claims] of what is tested */
	const double *null;	/* [n_draws][n_settings][n_claims] */
	size_t n_draws, n_settings, n_claims;
	size_t boot;		/* samples of claims */
	uint64_t seed;
};

struct syc_draws {
	size_t n_draws, n_above;	/* draws that do as well or better */
	size_t n_claims;		/* that have a change */
	size_t best;			/* the setting with the largest mean */
	/* its mean, and syc_stat_boot_clusters(): not corrected for choosing */
	double value, lo, hi;
	double se;		/* of that mean, over claims; NaN for one claim */
	/*
	 * (1 + n_above) / (1 + n_draws), which is below x in a share x of all
	 * null vectors at most, whatever the number of draws (Phipson & Smyth
	 * 2010); and the least that p can be.  NaN without draws.
	 */
	double p, p_least;
	/* of the draws' best: median, 95 % quantile and the largest */
	double null_median, null_95, null_most;
	/*
	 * The change that would be found with 80 % power: null_95 + t(0.8,
	 * n_claims - 1) times the median over draws of their best setting's
	 * standard error over claims.  It does not depend on what was found.
	 * NaN where p_least is above SYC_DRAWS_LEVEL.
	 */
	double detectable;
};

/* NaN in all figures where no claim has a change; SYC_EINVAL without settings. */
SYC_API int syc_draws_test(struct syc_draws *out, const struct syc_draws_data *d,
			   struct syc_err *err);

/* The draws that so many tests need, if p of one can pass Holm: 20 n - 1. */
static inline size_t syc_draws_for(size_t n_tests)
{
	return n_tests ? 20 * n_tests - 1 : 0;
}

enum syc_draws_verdict {
	/* p is above the level and so is an effect that matters: cannot tell */
	SYC_DRAWS_UNKNOWN,
	/* the least possible p is above the level: more draws are needed */
	SYC_DRAWS_FEW,
	/* p is not above the level, and the interval is above 0 */
	SYC_DRAWS_YES,
	/* the interval is above 0, but null vectors do as much */
	SYC_DRAWS_NULL,
	/* the best setting's interval lies within +- relevant */
	SYC_DRAWS_NO_EFFECT,
};
/* p and p_least are adjusted for other tests where there are any. */
SYC_API enum syc_draws_verdict syc_draws_verdict(double p, double p_least,
						 double lo, double hi,
						 double relevant);
/* "cannot tell", "too few draws", "steers", "as null vectors", "no relevant effect"; static. */
SYC_API const char *syc_draws_verdict_name(enum syc_draws_verdict v);

#ifdef __cplusplus
}
#endif
#endif
