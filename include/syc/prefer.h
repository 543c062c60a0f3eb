/* SPDX-License-Identifier: MIT */
/*
 * Which features of an answer raters prefer (arXiv 2310.13548, section 4.1): of
 * pairs of answers with features, P(a is chosen) = 1 / (1 + exp(-s)),
 *
 *     s = sum over features of beta_f d_f,   d_f = feature of a - feature of b,
 *
 * with no intercept, for which of two answers is called a says nothing, and
 * beta_f ~ Laplace(0, b).  1 / (1 + exp(-beta_f)) is the chance that an answer
 * that has f is preferred to one that differs in nothing else of the list.
 */
#ifndef SYC_PREFER_H
#define SYC_PREFER_H
#include <stdbool.h>
#include "syc/nuts.h"
#include "syc/rows.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- pairs --------------------------------------------------------------- */

enum { SYC_PREFER_MOST = 512 };	/* features */

struct syc_prefer_opts {
	/* field of both answers' features whose higher value is the choice; or NULL */
	const char *choice_by;
	/* features [n_only] to take (none: all) and [n_without] to leave out */
	const char *const *only, *const *without;
	size_t n_only, n_without;
	bool allow_duplicates;	/* the same line twice */
};

struct syc_prefer_data {
	size_t n, k;
	char **name;		/* [k] */
	double *d;		/* [n][k] differences, by `scale` */
	/*
	 * [k] what differences were divided by: their standard deviation where
	 * any is other than -1, 0 and 1, else 1
	 */
	double *scale;
	size_t *n_differ;	/* [k] pairs with another difference than 0 */
	int8_t *choice;		/* [n] 1: a was chosen, 0: b */
	uint32_t *prompt; /* [n] which pairs share a prompt: below n_prompts */
	size_t n_prompts;
	size_t n_ties; /* left out: no choice, or the same value twice */
	size_t n_bare;		/* left out: without features */
	size_t n_promptless;	/* pairs that count as prompts of their own */
	/* [n_stray] features that the first pair lacks, left out */
	char **stray;
	size_t n_stray;
};

/*
 * Read pairs: "features", an object of differences, or else "features_a" and
 * "features_b", objects of numbers (true is 1); "choice" "a", "b", 1 (a), 0, or
 * null and "tie", which are left out.  Features are those of the first pair
 * that has any; a pair that lacks one is SYC_EFORMAT with its place.  "item",
 * else the prompt tells which pairs belong together.  SYC_EFORMAT also: one
 * answer's features without the other's, a line twice, no pairs, a feature that
 * is the same in all pairs, or one that is made of others; both are named; more
 * than SYC_PREFER_MOST.
 */
SYC_API int syc_prefer_read(struct syc_prefer_data **out, struct syc_rows *in,
			    const struct syc_prefer_opts *o,
			    struct syc_err *err);
SYC_API void syc_prefer_data_free(struct syc_prefer_data *p);

/* ---- the model ------------------------------------------------------------ */

/*
 * The posterior of beta given b, from the pairs row [n_rows] (NULL: all).  The
 * chains walk in z with beta = b g(z), where g takes a normal number to the
 * Laplace number of the same probability: the prior is normal in z and the kink
 * of Laplace's density is gone.  draws->x is [n_chains][n_draws][k] of beta.
 */
SYC_API int syc_prefer_sample(struct syc_nuts **draws,
			      const struct syc_prefer_data *p,
			      const uint32_t *row, size_t n_rows, double b,
			      const struct syc_nuts_opts *o,
			      struct syc_err *err);

/* How pairs are foretold by draws that did not see them. */
struct syc_prefer_score {
	size_t n, n_prompts;
	double log_lik; /* mean of log P(choice), P the mean over draws */
	double se;		/* of it, by prompt */
	double accuracy; /* share with P(choice) > 1/2, a tie counting half */
	double lo, hi;		/* its 95 % interval, by prompt */
};
SYC_API int syc_prefer_foretell(struct syc_prefer_score *out,
				const struct syc_prefer_data *p,
				const uint32_t *row, size_t n_rows,
				const struct syc_nuts *draws,
				struct syc_err *err);

/*
 * Leaving out one prompt at a time, all its pairs: the same by importance
 * sampling from draws that saw all of row [n_rows], with Pareto-smoothed
 * weights (Vehtari, Simpson, Gelman, Yao & Gabry 2024) of 1 / P(the prompt's
 * choices).
 */
struct syc_prefer_loo {
	struct syc_prefer_score score;
	double most_k;		/* the largest shape of a prompt's weights */
	size_t n_bad; /* prompts with one above 0.7: not to be trusted */
};
SYC_API int syc_prefer_loo(struct syc_prefer_loo *out,
			   const struct syc_prefer_data *p, const uint32_t *row,
			   size_t n_rows, const struct syc_nuts *draws,
			   struct syc_err *err);

/* ---- the whole ------------------------------------------------------------ */

struct syc_prefer_sum {
	const char *name;
	const char *const *part;	/* [n] names of features */
	size_t n;
};

struct syc_prefer_plan {
	double b;		/* 0: chosen of path */
	const double
		*path; /* [n_path] rising; NULL: 0.001 to 10, nine values */
	size_t n_path;
	/* prompts to fit, to choose b and to test, by weight; all 0: 3, 1, 1 */
	double split[3];
	const struct syc_prefer_sum *sum;	/* [n_sums] */
	size_t n_sums;
	struct syc_nuts_opts nuts; /* of the posterior; its seed also splits */
};

/* The ends of the 95 % and of the 50 % interval, and the median: */
enum { SYC_PREFER_LO95, SYC_PREFER_LO50, SYC_PREFER_MEDIAN, SYC_PREFER_HI50,
       SYC_PREFER_HI95, SYC_PREFER_QUANTILES };

/* One feature, or a sum of features. */
struct syc_prefer_effect {
	const char *name;	/* borrowed from data or plan */
	bool is_sum;
	/* quantiles of beta, and their Monte-Carlo standard errors */
	double beta[SYC_PREFER_QUANTILES], se[SYC_PREFER_QUANTILES];
	double p[SYC_PREFER_QUANTILES];	/* of 1 / (1 + exp(-beta)) */
	struct syc_mcmc mcmc;
};

struct syc_prefer_tried {
	double b;
	struct syc_prefer_score score;	/* on the pairs to choose by */
	double rhat;		/* the largest of the fit's features */
};

struct syc_prefer {
	double b;
	/* chosen, and the first of the path, or the last of one that was given */
	bool b_at_end;
	struct syc_prefer_tried *tried;	/* [n_tried]; none where b was given */
	size_t n_tried;
	size_t n_rows[3], n_prompts[3];	/* to fit, to choose, to test */
	/*
	 * [n] features in their order, then sums: of the pairs to fit and to
	 * choose, given b
	 */
	struct syc_prefer_effect *effect;
	size_t *order;		/* [n] of them by falling medians */
	size_t n;
	/* the same quantiles of P before any pair was seen */
	double prior[SYC_PREFER_QUANTILES];
	struct syc_prefer_score test;	/* n = 0: nothing was left to test */
	struct syc_prefer_loo loo;
	/* the two features whose betas correlate most over the draws */
	const char *pair[2];
	double pair_r;		/* NaN: one feature */
	double rhat, ess_bulk, ess_tail;	/* the worst of the effects */
	struct syc_nuts *draws;
};

/*
 * Split by prompt, choose b by held-out likelihood (of equals the smaller),
 * draw from the posterior and say all of the above.  SYC_EINVAL: a sum of a
 * feature that is not there, b or path not above 0, fewer than two prompts for
 * a part.
 */
SYC_API int syc_prefer_run(struct syc_prefer **out,
			   const struct syc_prefer_data *p,
			   const struct syc_prefer_plan *plan,
			   struct syc_err *err);
SYC_API void syc_prefer_free(struct syc_prefer *r);

#ifdef __cplusplus
}
#endif
#endif
