/* SPDX-License-Identifier: MIT */
/*
 * How far one way of computing a model is from another: the same text through
 * both, layer by layer.
 */
#ifndef SYC_FIDELITY_H
#define SYC_FIDELITY_H
#include "syc/engine.h"
#include "syc/vector.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Sums over all tokens compared so far. */
struct syc_fidelity;

struct syc_fidelity_opts {
	unsigned threads;	/* 0: all cores */
	/* Directions along which errors are measured; they must outlive it. */
	/* [n_vectors] may be none */
	const struct syc_vector *const *vectors;
	size_t n_vectors;
};

/*
 * Compare model with reference, which may be the same file opened another way
 * or another file of the same shape and vocabulary size; both must outlive it.
 * SYC_EINVAL when the shapes, or a vector's width, differ.  One thread at a
 * time.
 */
SYC_API int syc_fidelity_new(struct syc_fidelity **out,
	const struct syc_model *reference, const struct syc_model *model,
	const struct syc_fidelity_opts *o, struct syc_err *err);
SYC_API void syc_fidelity_free(struct syc_fidelity *f);
/*
 * Run n tokens, one sequence, through both.  They must fit both contexts.  After
 * a failure the sums are worth nothing.
 * Memory: 4 bytes for each token, layer and element, for the longest sequence.
 */
SYC_API int syc_fidelity_add(struct syc_fidelity *f, const int32_t *tokens,
			     size_t n, struct syc_err *err);

/* x_t is the reference's activation at token t after the block, y_t the other's. */
struct syc_fidelity_layer {
	double cosine;		/* mean over t of x_t.y_t / (|x_t| |y_t|) */
	double least_cosine;
	double error;		/* sqrt(sum |y_t - x_t|^2 / sum |x_t|^2) */
};
SYC_API void syc_fidelity_layer(const struct syc_fidelity *f, uint32_t layer,
				struct syc_fidelity_layer *out);
/*
 * The error along vector v of that layer, over v's own length: the root of the
 * mean over t of ((y_t - x_t).v / |v|^2)^2.  NaN where there is no such vector,
 * or it is zero.
 */
SYC_API double syc_fidelity_noise(const struct syc_fidelity *f, uint32_t layer,
				  size_t vector);

struct syc_fidelity_total {
	uint64_t n_tokens;
	/* Reward models predict no tokens: of them the rest is 0 or NaN. */
	/* tokens behind which the most probable were compared: all */
	uint64_t n_compared;
	uint64_t n_agree;	/* times that both found the same one */
	/* tokens with another in front, in their sequence */
	uint64_t n_predicted;
	/* exp of the mean over these of -ln P(token | those in front). */
	double reference_perplexity, perplexity;
};
SYC_API void syc_fidelity_total(const struct syc_fidelity *f,
				struct syc_fidelity_total *out);

#ifdef __cplusplus
}
#endif
#endif
