/* SPDX-License-Identifier: MIT */
/* Draws of null vectors. */
#ifndef SRC_STUDY_VECTOR_NULL_H
#define SRC_STUDY_VECTOR_NULL_H
#include "study/vector/direction.h"
#include "syc/null.h"

/* What pairs are about, and which matching answer a claim has more of. */
struct claims {
	uint32_t *of;		/* [pairs] number of its claim */
	uint64_t *hash;		/* [n] rising */
	signed char *lean;	/* [n] to the first of two letters, 1, the other, -1 */
	size_t n;
};

int claims_read(struct claims *c, const struct syc_pairs *p,
		struct syc_err *err);
void claims_free(struct claims *c);
/*
 * The activations of draw i of SYC_NULL_FLIP: act [pairs][2].  Claims that lean to
 * one letter are turned together with one that leans to the other, so that a vector
 * in which the letters cancel has nulls in which they do.  Signs are drawn for such
 * blocks, each with 1/2: unlike exact halves, which would leave out of the nulls what
 * claims have in common and call too much beyond them when claims are few.
 */
int claims_flip(uint32_t *act, const struct claims *c, uint64_t n,
		uint64_t seed, uint64_t i);

/* All draws of a kind at a layer. */
struct draws {
	const struct syc_pairs *control;	/* or NULL */
	const struct syc_recipe *r;	/* settled for the layer */
	const struct syc_vector *v;
	const struct claims *claims;
	enum syc_null kind;
	size_t n;
	uint64_t seed;
	unsigned threads;
};

/* Into out [n][dim]; view holds its activations. */
int draws_make(float *out, const struct draws *d, const struct view *view,
	       struct syc_err *err);
/* Whether the kind makes sense for the recipe. */
int draws_check(const struct draws *d, struct syc_err *err);

#endif
