/* SPDX-License-Identifier: MIT */
/*
 * From pairs to directions, and to whole vectors.  With a and b the activations
 * of a pair's two sides at one layer and d their difference, a direction tells
 * the a from the b; positive means the match side.
 */
#ifndef SYC_DIRECTION_H
#define SYC_DIRECTION_H
#include "syc/pairs.h"
#include "syc/vector.h"

#ifdef __cplusplus
extern "C" {
#endif

enum syc_method {
	SYC_METHOD_MEAN,	/* the mean of the d */
	SYC_METHOD_PCA,		/* the first principal component, of length 1,
				 * toward a in most pairs (linear.h) */
	SYC_METHOD_LDA,		/* Fisher's discriminant, C^-1 of the mean
				 * (probe.h) */
	SYC_METHOD_LOGISTIC,	/* weights of a logistic regression with a
				 * ridge, for the raw activations; the two of a
				 * pair are left out of a fit together (probe.h) */
	SYC_METHOD_LETTERS,	/* half the mean of the d of one matching answer
				 * less that of another, the two with most pairs
				 * in order of their names: (A) - (B) */
	SYC_N_METHODS,
};

/* About what principal components are taken. */
enum syc_center {
	SYC_CENTER_PAIR,	/* each pair's middle: +-d / 2 about zero */
	SYC_CENTER_ALL,		/* the mean of all a and b */
	SYC_CENTER_NONE,	/* zero */
	SYC_N_CENTERS,
};

/* The length that vectors get. */
enum syc_normalize {
	SYC_NORMALIZE_NONE,	/* its own */
	SYC_NORMALIZE_UNIT,	/* 1 */
	SYC_NORMALIZE_LAYER,	/* the mean of the activations' lengths, or of
				 * what is combined */
	SYC_N_NORMALIZES,
};

/* What methods take of a recipe. */
enum {
	SYC_TAKES_BALANCE = 1, SYC_TAKES_CENTER = 2, SYC_TAKES_SHRINKAGE = 4,
	SYC_TAKES_RIDGE = 8,	/* lambda, or folds and seed to choose it */
};

struct syc_method_info {
	const char *name;	/* "mean" */
	const char *what;	/* "the mean difference of contrast pairs" */
	unsigned takes;		/* SYC_TAKES_... */
};

/* NULL beyond the last. */
SYC_API const struct syc_method_info *syc_method_info(unsigned method);
/* The method of that name, or SYC_N_METHODS. */
SYC_API enum syc_method syc_method_find(const char *name);
/* "pair", ... and "none", ...; NULL beyond. */
SYC_API const char *syc_center_name(unsigned center);
SYC_API const char *syc_normalize_name(unsigned normalize);

/* How a vector is made; all zero is the plain mean. */
struct syc_recipe {
	enum syc_method method;
	enum syc_center center;
	/*
	 * Pairs of every matching answer weigh the same, in the method and in
	 * the diagnostics.  Components are then taken of activations less how
	 * far their side's mean with that answer lies from its mean over
	 * answers: weights alone leave the answers' own direction in second
	 * moments.
	 */
	bool balance;
	bool shrinkage_given;	/* else Ledoit and Wolf's */
	double shrinkage;	/* in [0, 1] */
	double lambda;		/* 0: chosen by cross-validation */
	size_t folds;		/* 0: five */
	uint64_t seed;
	enum syc_normalize normalize;
	size_t n_components;	/* of a control of prompts alone; 0: one */
};

/* "mean", "pca-pair", ..., "lda", "logistic". */
SYC_API const char *syc_recipe_name(const struct syc_recipe *r);

/*
 * The direction [dim] of pairs pick [n] (NULL: 0, 1, ...) at layers[layer],
 * before anything is done to its length.  SYC_EINVAL where there is none.
 */
SYC_API int syc_direction(double *out, const struct syc_pairs *p, size_t layer,
			  const uint32_t *pick, uint64_t n,
			  const struct syc_recipe *r, struct syc_err *err);

/*
 * A vector of all pairs at all their layers, with diagnostics, method, position
 * and provenance; the name is "".  Where there is a control (of the same layers
 * and width, or NULL), what it has at each layer is taken out: the mean
 * difference of its pairs, or the first components of its prompts about their
 * mean.  SYC_EINVAL naming the layer where the two sides do not differ, nothing
 * is left beside the control, or there is no length to normalize.
 */
SYC_API int syc_vector_of_pairs(struct syc_vector **out,
				const struct syc_pairs *p,
				const struct syc_pairs *control,
				const struct syc_recipe *r,
				struct syc_err *err);

/*
 * The cosines of a vector with SYC_METHOD_LETTERS of pairs, at its layers, into
 * out [v->n_layers]; NaN where there is none.  *a and *b, borrowed, are the two
 * answers, the first less the second; NULL when all pairs have one, and then all
 * is NaN.
 */
SYC_API int syc_vector_letters(double *out, const char **a, const char **b,
			       const struct syc_vector *v,
			       const struct syc_pairs *p, struct syc_err *err);

/*
 * Random directions at the layers of like, with its lengths; vector number i
 * depends on (seed, i).  program is for the provenance, or NULL.
 */
SYC_API int syc_vector_random(struct syc_vector **out,
			      const struct syc_vector *like, uint64_t seed,
			      uint64_t i, const char *program,
			      struct syc_err *err);

struct syc_combine_part {
	const struct syc_vector *v;
	double weight;
};

struct syc_combine {
	const struct syc_combine_part *in;	/* [n_in] what is added */
	size_t n_in;
	const struct syc_combine_part *out;	/* [n_out] is taken out */
	size_t n_out;
	bool unit;		/* of each the direction alone */
	bool average;		/* divide the sum by n_in */
	double scale;		/* in the end */
	enum syc_normalize normalize;
	const char *program;	/* for the provenance, or NULL */
};

/*
 * The weighted sum of vectors at the layers that all have, orthogonal to the
 * others.  SYC_EINVAL for widths that differ, no common layer, or a layer with
 * no length where one is needed.
 */
SYC_API int syc_vector_combine(struct syc_vector **out,
			       const struct syc_combine *c,
			       struct syc_err *err);

/* The Euclidean length of layer l, which must be below v->n_layers. */
SYC_API double syc_vector_length(const struct syc_vector *v, size_t l);
/* The cosine of layer l of a and layer k of b; NaN where one has none. */
SYC_API double syc_vector_cosine(const struct syc_vector *a, size_t l,
				 const struct syc_vector *b, size_t k);

#ifdef __cplusplus
}
#endif
#endif
