/* SPDX-License-Identifier: MIT */
/*
 * Draws from a distribution whose log density and gradient are known: the
 * No-U-Turn sampler (Hoffman & Gelman 2014), with states drawn by their weight
 * along the path (Betancourt 2017) and a diagonal metric, tuned as the Stan
 * reference manual describes (2.36, "MCMC Sampling"); and how far draws can be
 * trusted (Vehtari, Gelman, Simpson, Carpenter & Burkner 2021).
 */
#ifndef SYC_NUTS_H
#define SYC_NUTS_H
#include "syc/base.h"

#ifdef __cplusplus
extern "C" {
#endif

struct syc_density {
	size_t dim;
	/*
	 * The log density at x [dim], up to a constant, and its gradient into
	 * grad [dim].  Called by several threads at once, each with a number
	 * below threads of its own; it must not depend on that number.  Not
	 * finite: the path ends there and is counted as divergent.
	 */
	double (*at)(void *arg, unsigned thread, const double *x, double *grad);
	void *arg;
};

/* All zero: what is said. */
struct syc_nuts_opts {
	size_t n_chains;	/* 4 */
	size_t n_warmup;	/* 500 draws a chain, thrown away */
	size_t n_draws;		/* 1500 a chain, kept; at least 4 */
	double accept; /* 0.8: mean acceptance that the step is tuned to */
	unsigned max_depth;	/* 10: paths of at most 2^10 - 1 steps */
	uint64_t seed;
	unsigned threads;	/* all processors; no figure depends on it */
};

struct syc_nuts_chain {
	double step;		/* after warm-up */
	double accept;		/* mean over the draws kept */
	double depth;		/* mean depth of the trees */
	size_t n_divergent; /* of the draws kept: energy off by more than 1000 */
	size_t n_deepest;	/* paths cut short by max_depth */
	uint64_t n_gradients;	/* warm-up included */
};

struct syc_nuts {
	size_t dim, n_chains, n_draws;
	double *x;		/* [n_chains][n_draws][dim] */
	struct syc_nuts_chain *chain;	/* [n_chains] */
	size_t n_divergent, n_deepest;	/* of all chains */
};

/*
 * Run the chains, each from a point drawn evenly from [-2, 2]^dim (as Stan
 * does; again, up to 100 times, where the density is not finite).  Random
 * numbers depend on (seed, chain, step) alone, so that the same seed gives the
 * same bytes whatever the threads.  Free with syc_nuts_free().  SYC_EINVAL: no
 * dimension, too few draws, or no point where the density is finite.
 */
SYC_API int syc_nuts_run(struct syc_nuts **out, const struct syc_density *f,
			 const struct syc_nuts_opts *o, struct syc_err *err);
SYC_API void syc_nuts_free(struct syc_nuts *s);

/*
 * What a quantity's draws, x [n_chains][n_draws] with `stride` numbers from one
 * to the next, are worth.  All from chains split in half:
 *   rhat      the larger of the potential scale reductions of the draws'
 *             normal scores and of those of their distances from the median
 *   ess_bulk  effective number of draws by the normal scores: for means, medians
 *   ess_tail  the smaller of those of "below the 5 %" and "below the 95 % quantile"
 * NaN where all draws are the same.  SYC_EINVAL below 4 draws a chain.
 */
struct syc_mcmc {
	double rhat, ess_bulk, ess_tail;
};
SYC_API int syc_mcmc_check(struct syc_mcmc *out, const double *x,
			   size_t n_chains, size_t n_draws, size_t stride,
			   struct syc_err *err);
/*
 * The p quantile of the draws (syc_stat_quantile()) and its Monte-Carlo
 * standard error: half the distance of the draws at p -+ sqrt(p (1 - p) / S),
 * with S the effective number of draws of "below the quantile".
 */
SYC_API int syc_mcmc_quantile(double *x_p, double *se, const double *x,
			      size_t n_chains, size_t n_draws, size_t stride,
			      double p, struct syc_err *err);

/* Limits beyond which draws are not to be trusted (Vehtari et al. 2021). */
#define SYC_MCMC_RHAT 1.01
#define SYC_MCMC_ESS 400.0

#ifdef __cplusplus
}
#endif
#endif
