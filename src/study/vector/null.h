/* SPDX-License-Identifier: MIT */
/* Draws of null vectors. */
#ifndef SRC_STUDY_VECTOR_NULL_H
#define SRC_STUDY_VECTOR_NULL_H
#include "study/vector/direction.h"
#include "syc/null.h"

/* How pairs are turned: their claims, like next to like. */
struct claims {
	uint32_t *of;		/* [pairs] number of its claim */
	uint64_t *hash;		/* [n] rising */
	uint32_t *class;	/* [n] claims with as many of each letter: one */
	size_t n;
};

int claims_read(struct claims *c, const struct syc_pairs *p,
		struct syc_err *err);
void claims_free(struct claims *c);
/* The activations of draw i of SYC_NULL_FLIP: act [pairs][2]; order [c->n]. */
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
