/* SPDX-License-Identifier: MIT */
/*
 * What tuning did to a model, seen as steering: the tuned model beside the one that it
 * was tuned from.  The shift of a text is
 *
 *     s = a(tuned) - a(base)
 *
 * of its activations a after a block, at the end of the prompt or of the answer.  E is a
 * mean over claims, each weighing the same, of means over a claim's questions (and
 * answers), all views that users state among them.
 *
 *     m           E s, the mean shift: a vector
 *     length      |m|
 *     relative    sqrt(E |s|^2 / E |a(base) - E a(base)|^2)
 *     constant    |E s|^2 / E |s|^2: the share of the shift that is one vector; 1 where a
 *                 text does not matter.  |E s|^2 comes from products of different claims,
 *
 *                     sum over c != d of s_c . s_d / (n (n - 1)),   s_c a claim's mean,
 *
 *                 which noise does not enlarge; so it may be below 0.
 *
 * Whether the model steers itself: with m added to the base at one layer, at all tokens,
 *
 *     kl_left     KL(tuned || base + m) / KL(tuned || base)
 *     make        (base + m - base) / (tuned - base), of P(matching), and of the effect
 *                 of the stated view (stance.h)
 *     undo        (tuned - ablated) / (tuned - base), with the direction of m, or of another
 *                 vector, ablated in the tuned model
 *
 * KL is of the next token's distribution, in nats a token: of questions behind the prompt
 * and what all answers begin with, of unrelated prompts along the base's greedy answers,
 * which are the same for whatever it was tuned to.  Claims are dealt into two halves by
 * the seed, and each is tested with the mean shift of the other.  A ratio whose divisor's
 * interval holds 0 is NaN: it cannot be told.
 */
#ifndef SYC_SHIFT_H
#define SYC_SHIFT_H
#include "syc/acts.h"
#include "syc/null.h"
#include "syc/sweep.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- how constant a shift is -------------------------------------------------- */

/*
 * A figure and its 95 % interval over claims (or prompts): samples of whole ones with
 * replacement, quantiles as of syc_stat_boot_clusters().  NaN: not known.
 */
struct syc_shift_figure {
	double value, lo, hi;
};

struct syc_shift_share {
	double length, square;	/* |m| and E |s|^2 */
	/*
	 * Samples leave out products of a claim with itself, which drawing it twice
	 * would bring in.
	 */
	struct syc_shift_figure constant;
	/*
	 * Beside shifts without a direction of their own: the same with the sign of each
	 * claim's shift flipped at random.  p is one-sided, (1 + k) / (1 + draws); null_95
	 * is their 95 % quantile.
	 */
	double p, null_95;
};
/*
 * mean [n][dim] of the claims' shifts, square [n] the claims' means of |s|^2.  NaN below
 * two claims, the interval below SYC_BOOT_CLUSTERS.
 */
SYC_API int syc_shift_share(struct syc_shift_share *out, const double *mean,
			    const double *square, size_t n, size_t dim, size_t boot,
			    uint64_t seed, struct syc_err *err);
/*
 * sum num / sum den over n claims: NaN where an interval of the mean of den holds 0, or
 * none is known.  Claims with one of both not finite are left out.
 */
SYC_API int syc_shift_ratio(struct syc_shift_figure *out, const double *num,
			    const double *den, size_t n, size_t boot, uint64_t seed,
			    struct syc_err *err);

/* ---- two models ----------------------------------------------------------------- */

struct syc_shift_vector {
	const char *name;
	const struct syc_vector *v;
	/* [n_nulls] for its cosine, layer by layer; none: random directions */
	const struct syc_vector *const *null;
	size_t n_nulls;
};

/* All that it points to must outlive the run. */
struct syc_shift_plan {
	const struct syc_model *base, *tuned;
	struct syc_engine_opts engine;	/* its hooks are the run's */
	/* One variant each; unrelated ones are prompts alone. */
	const struct syc_sweep_questions *questions, *unrelated;
	const struct syc_shift_vector *vector;	/* [n_vectors] */
	size_t n_vectors;
	/* SYC_POSITION_PROMPT or _LAST: which mean shift is a vector. */
	enum syc_position position;
	const uint32_t *layers;	/* [n_layers] rising, where it is tried; may be none */
	size_t n_layers;
	/*
	 * Null vectors for make and undo, at the chosen layers: SYC_NULL_RANDOM, or made of
	 * the claims' shifts, _COV or _FLIP.  Each is added to the base, or ablated in the
	 * tuned model, as many times as have the KL from that model that adding the mean
	 * shift, or ablating the vector, has.
	 */
	enum syc_null null;
	size_t n_draws;		/* of these, and of random directions for cosines */
	size_t max_new;		/* tokens of answers to unrelated prompts; 1 or more */
	size_t boot;
	uint64_t seed;
	/* Of `of` sequences of a part of the run `done` are computed; or NULL. */
	void (*progress)(void *arg, const char *part, size_t done, size_t of);
	void *arg;
};

/* What a model answers. */
struct syc_shift_model {
	struct syc_shift_figure p_match, effect;	/* effect NaN: views are not stated */
	struct syc_shift_figure mass;
};

/* What adding the mean shift to the base makes. */
struct syc_shift_made {
	struct syc_shift_figure kl_left, make, effect;	/* effect: make of the effect */
	double kl;	/* from the base, on unrelated prompts */
	/*
	 * [n_nulls] make and kl_left of each, in the order of draws; NULL: not tried here.
	 * make is NaN where that of the mean shift cannot be told.
	 */
	double *null, *null_left;
	size_t n_nulls;
	size_t n_short;	/* of these that did not come near that KL; they are NaN */
	double null_p;	/* (1 + nulls that make as much) / (1 + nulls) */
	double null_left_p;	/* those that leave as little */
};

/* What ablating a vector in the tuned model undoes. */
struct syc_shift_undo {
	struct syc_shift_figure p, effect;	/* of P(matching), of the effect */
	double kl;	/* from the tuned model, on unrelated prompts */
	/* [n_nulls] of P(matching), in the order of draws; NULL: not tried here */
	double *null;
	size_t n_nulls;
	size_t n_short;	/* of these that did not come near that KL; they are NaN */
	double null_p;	/* (1 + nulls that undo as much) / (1 + nulls) */
	uint32_t layer[2];	/* of the chosen: the first half's and the second's */
};

/* Another vector beside the mean shift. */
struct syc_shift_along {
	double cosine;
	double *null;		/* [n_nulls] cosines of null vectors with the mean shift */
	size_t n_nulls;
	double p;		/* two-sided: of |cosine| */
	struct syc_shift_undo undo;
};

struct syc_shift_layer {
	uint32_t layer;
	enum syc_position position;
	double relative;
	struct syc_shift_share share;
	struct syc_shift_along *along;	/* [n_vectors]; NULL at the other position */
	/* Of the plan's position and layers; else NaN. */
	bool tried;
	struct syc_shift_made made;
	struct syc_shift_figure kl_left_unrelated;
	struct syc_shift_undo undo;
};

/*
 * Each half with the other's mean shift, at the layer where the other has the least KL
 * left; what is undone at the layer where most of the other's change is.
 */
struct syc_shift_chosen {
	uint32_t layer[2];	/* the first half's and the second's */
	struct syc_shift_made made;	/* its kl is the mean of the layers', as that of undo */
	struct syc_shift_undo undo;
	struct syc_shift_undo *along;	/* [n_vectors] */
};

struct syc_shift_found {
	size_t n_questions, n_claims, n_prompts, n_tokens;	/* tokens that the KL is over */
	enum syc_sweep_outcome outcome;		/* what effect is; MATCHING: none */
	struct syc_shift_figure kl, kl_questions;	/* KL(tuned || base) */
	struct syc_shift_model base, tuned;
	struct syc_shift_figure change, effect_change;	/* tuned - base */
	struct syc_shift_layer *layer;	/* [n] by position, then layer */
	size_t n;
	bool has_chosen;	/* two claims or more in each half, and layers */
	struct syc_shift_chosen chosen;
	/* The mean shift of all claims: method "shift", with both digests. */
	struct syc_vector *mean;
	size_t memory;		/* bytes of distributions and activations that were kept */
	size_t n_vectors;
	struct syc_engine_stats stats[2];	/* of the base, and of the tuned model */
};

/*
 * Run it.  The result depends on neither threads nor batch.  SYC_EINVAL: models of other
 * shapes, a reward model, no questions or prompts, a layer or vector that is not the
 * model's, output that is not finite.  Free with syc_shift_free().
 */
SYC_API int syc_shift_run(struct syc_shift_found **out, const struct syc_shift_plan *plan,
			  struct syc_err *err);
SYC_API void syc_shift_free(struct syc_shift_found *f);

/* ---- equal KL -------------------------------------------------------------------- */

struct syc_shift_scale {
	double scale, kl;	/* the nearest found, and KL(tuned || base) there */
	bool reached;		/* within 10 %; the search ends within 2 */
};
/*
 * The scale from 0 to `most` at which an adapter has that KL on the plan's unrelated
 * prompts.  open() makes the model with an adapter scaled so; the last of these is left
 * in *tuned, the caller's.  Of the plan tuned and questions do not count.
 */
SYC_API int syc_shift_scale(struct syc_shift_scale *out, struct syc_model **tuned,
			    const struct syc_shift_plan *plan, double at_kl, double most,
			    int (*open)(void *arg, struct syc_model **m, float scale,
					struct syc_err *err),
			    void *arg, struct syc_err *err);

#ifdef __cplusplus
}
#endif
#endif
