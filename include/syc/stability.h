/* SPDX-License-Identifier: MIT */
/*
 * How much a direction depends on which pairs it was made of, on how many, on
 * where they were read, and on the method.
 */
#ifndef SYC_STABILITY_H
#define SYC_STABILITY_H
#include "syc/direction.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What was compared. */
enum syc_stability_what {
	SYC_STABLE_HALVES,	/* the two halves of random divisions */
	SYC_STABLE_BOOTSTRAP,	/* samples drawn with replacement, and all */
	SYC_STABLE_NUMBER,	/* so many pairs drawn without, and all */
	SYC_STABLE_SUBSET,	/* the pairs of a group, and all others */
	SYC_STABLE_METHOD,	/* the first method and another, each of the
				 * same samples */
	SYC_STABLE_POSITION,	/* the first position and another, likewise */
	SYC_N_STABLES,
};
/* "halves", "bootstrap", ...; NULL beyond. */
SYC_API const char *syc_stability_name(unsigned what);

struct syc_stability_opts {
	/* [n_methods] the others beside the first */
	const enum syc_method *methods;
	size_t n_methods;	/* 0: the recipe's alone */
	uint64_t halves;	/* divisions, and drawings of each size */
	uint64_t boot;		/* samples; 0: none, others are compared once */
	/* [n_sizes]; none: 1/8, 1/4, 1/2 of the pairs */
	const uint32_t *sizes;
	size_t n_sizes;
	bool subsets;		/* by the groups of the pairs */
};

/*
 * Cosines of n_draws pairs of directions; those that do not exist are left out.
 */
struct syc_stability_line {
	uint32_t layer;		/* of the model */
	enum syc_stability_what what;
	char setting[SYC_PAIRS_TEXT];	/* method, number, group or position */
	uint64_t pairs;		/* that a direction was made of */
	size_t n_draws;
	double cosine;		/* their mean; NaN of none */
	double lo, hi;		/* the middle 95 %; NaN below two */
};

/*
 * Compare at each layer, by the recipe (whose method does not count when
 * methods are given); a ridge is chosen once a layer, from all pairs.  pairs
 * [n_pairs] are the same ones read at different positions, the first counts
 * where one is enough.  *lines [*n] is the caller's to free.  Random numbers
 * come from the recipe's seed, for each use a stream of its own.  SYC_EINVAL
 * when the pairs are not the same, or a size is none of theirs.
 */
SYC_API int syc_stability(struct syc_stability_line **lines, size_t *n,
			  const struct syc_pairs *const *pairs, size_t n_pairs,
			  const struct syc_recipe *r,
			  const struct syc_stability_opts *o,
			  struct syc_err *err);

#ifdef __cplusplus
}
#endif
#endif
