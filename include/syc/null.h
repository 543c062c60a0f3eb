/* SPDX-License-Identifier: MIT */
/*
 * Null vectors: directions made as a vector was made, of data that say nothing,
 * and as long as that vector at every layer.  What a vector does has to be more
 * than what these do.  They are made where the pairs' activations are and wait
 * in a file beside the vector, from which other programs read them:
 *
 *     struct syc_nulls *n;
 *     struct syc_vector *v;
 *
 *     syc_nulls_open(&n, "last.null.npz", &err);
 *     for (i = 0; i < syc_nulls_info(n)->n[SYC_NULL_FLIP]; i++) {
 *             syc_nulls_vector(&v, n, SYC_NULL_FLIP, i, &err);
 *             ... use v as any vector ...
 *             syc_vector_free(v);
 *     }
 *     syc_nulls_close(n);
 *
 * Number i of a kind is one draw for all layers, so that what a draw reaches at
 * its best layer can be compared with the best of the vector's.
 */
#ifndef SYC_NULL_H
#define SYC_NULL_H
#include "syc/direction.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * With d the differences of pairs (match less other) and m their mean, both as
 * the recipe weighs them:
 */
enum syc_null {
	/* uniform on the sphere, at each layer on its own: syc_vector_random() */
	SYC_NULL_RANDOM,
	/*
	 * normal with the covariance of the differences, the same draw at all
	 * layers: sum over pairs of z sqrt(w) (d - m), z standard normal.
	 * Balanced, m is the mean of the pair's own matching answer.
	 */
	SYC_NULL_COV,
	/*
	 * the method on pairs whose sides are exchanged for some claims, each
	 * with 1/2; claims with more pairs of one matching answer are turned
	 * together with such as have more of the other, so that letters which
	 * cancel in the vector do so in its nulls
	 */
	SYC_NULL_FLIP,
	/* the method on all activations dealt anew to pairs and sides */
	SYC_NULL_SHUFFLE,
	SYC_N_NULLS,
};
/* "random", "cov", "flip", "shuffle"; NULL beyond. */
SYC_API const char *syc_null_name(unsigned kind);

enum {
	SYC_NULL_DRAWS = 200,	/* the usual number */
	SYC_NULL_LEAST = 20,	/* of a file, and to compare areas with */
	SYC_NULL_MOST = 100000,
	SYC_NULL_CLAIMS = 10,	/* the fewest that flip needs */
};

/*
 * NAME[:N],... into n [SYC_N_NULLS], each from least to SYC_NULL_MOST, and usual
 * where no number is said; a number alone is that many of random.  SYC_EINVAL says
 * what is wrong.
 */
SYC_API int syc_null_parse(size_t n[SYC_N_NULLS], const char *text, size_t least,
			   size_t usual, struct syc_err *err);

/* The number by which a claim is known among pairs and rows. */
SYC_API uint64_t syc_claim_hash(const char *claim);

struct syc_null_opts {
	size_t n[SYC_N_NULLS];
	uint64_t seed;		/* draws depend on it, their kind and number */
	unsigned threads;	/* 0: all processors; no draw depends on it */
	const char *program;	/* for the provenance, or NULL */
};

/*
 * Make null vectors of v, which syc_vector_of_pairs() has made of the same pairs,
 * control (or NULL) and recipe, and write them to path, which appears when it is
 * complete.  A ridge that is not given is chosen once a layer, on the pairs as
 * they are.  SYC_EINVAL for a kind that the method does not feel (components do
 * not depend on signs, nor those of all activations on how they are paired), for
 * flip below SYC_NULL_CLAIMS claims, or where a draw has no direction.
 */
SYC_API int syc_nulls_write(const char *path, const struct syc_pairs *p,
			    const struct syc_pairs *control,
			    const struct syc_recipe *r,
			    const struct syc_vector *v,
			    const struct syc_null_opts *o,
			    struct syc_err *err);

struct syc_nulls;

struct syc_nulls_info {
	const char *name;	/* of the vector they belong to */
	const char *position, *provenance;
	const uint32_t *layers;	/* [n_layers] rising */
	size_t n_layers, dim;
	size_t n_blocks;	/* of the model, as far as known */
	size_t n[SYC_N_NULLS];
	/* [n_claims] rising: syc_claim_hash() of what the pairs are about */
	const uint64_t *claim;
	size_t n_claims;
};

/* SYC_EFORMAT for what is none, or not whole. */
SYC_API int syc_nulls_open(struct syc_nulls **out, const char *path,
			   struct syc_err *err);
SYC_API void syc_nulls_close(struct syc_nulls *s);
/* Borrowed. */
SYC_API const struct syc_nulls_info *syc_nulls_info(const struct syc_nulls *s);
/* Whether a claim, by its hash, is among those the vector was made from. */
SYC_API bool syc_nulls_has_claim(const struct syc_nulls *s, uint64_t claim);
/* All draws of a kind at layers[layer], [n[kind]][dim]; the caller frees. */
SYC_API int syc_nulls_layer(float **out, struct syc_nulls *s,
			    enum syc_null kind, size_t layer,
			    struct syc_err *err);
/*
 * Draw i of a kind as a vector, method "null-flip" and the like, with a name of
 * the vector's, the kind and i + 1 ("last-flip-1").  Layers are kept once read:
 * so much memory as the kind has, until the next kind.
 */
SYC_API int syc_nulls_vector(struct syc_vector **out, struct syc_nulls *s,
			     enum syc_null kind, size_t i,
			     struct syc_err *err);

#ifdef __cplusplus
}
#endif
#endif
