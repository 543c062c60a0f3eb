/* SPDX-License-Identifier: MIT */
/*
 * Will a vector steer, will it transfer?  What can be said of vectors before either
 * is tried, from the activations of contrast pairs that made none of them.  All of
 * it is descriptive: figures to set beside what came out, over a handful of
 * vectors, with no claim that any of them holds elsewhere.
 */
#ifndef SYC_FORECAST_H
#define SYC_FORECAST_H
#include "syc/direction.h"
#include "syc/model.h"
#include "syc/null.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * With v the vector at a layer, a and b the two sides of a pair there, d = a - b:
 */
enum syc_forecast_kind {
	/*
	 * mean over pairs of the cosine of d and v: whether pairs agree on the
	 * direction (Braun, Eickhoff, Krueger, Bahrainian & Krasheninnikov 2025,
	 * arXiv:2505.22637, where v is the mean of the d themselves)
	 */
	SYC_FORECAST_COSINE,
	/*
	 * d' along v (Green & Swets 1966; Braun et al.): mean of v.a less mean of
	 * v.b, over sqrt((variance of v.a + variance of v.b) / 2), with n - 1
	 */
	SYC_FORECAST_SEPARATION,
	/*
	 * v'Cr / sqrt(v'Cv r'Cr) with r the reference and C the covariance of all
	 * activations about the mean of their set, shrunk: how alike the two read
	 * these activations (Ying et al. 2026; Ying, Hase & Kriegeskorte 2026,
	 * arXiv:2606.19603).  C = (1 - s) S / n + s t I as in probe.h, both sides
	 * of a set being one class
	 */
	SYC_FORECAST_MAHALANOBIS,
	/* the plain cosine of v and r */
	SYC_FORECAST_REFERENCE,
	/*
	 * what v, once, adds to the log odds of the first of two answers where its
	 * layer is read as the last (the logit lens, nostalgebraist 2020), the norm
	 * held: (w1 - w2).(g v) times the mean over activations of 1 / sqrt(their
	 * mean square + eps), with w the output's rows of the tokens in which the
	 * answers first differ and g the weights of the last norm
	 */
	SYC_FORECAST_LENS,
	SYC_N_FORECASTS,
};
/* "cosine", "separation", "mahalanobis", "reference", "lens"; NULL beyond. */
SYC_API const char *syc_forecast_name(unsigned kind);

struct syc_forecast_opts {
	const struct syc_vector *const *v;	/* [n] of the pairs' width */
	size_t n;
	/* made of other questions like those of the pairs; NULL: no figures with it */
	const struct syc_vector *reference;
	/*
	 * [n_made] files of null vectors, which say the claims of the pairs that
	 * made their vectors: pairs on these are left out.  Pairs must know their
	 * claims then, from a model or from rows.
	 */
	struct syc_nulls *const *made;
	size_t n_made;
	bool by_group;		/* each group of the pairs is a set; else all are one */
	bool shrinkage_given;	/* else Ledoit and Wolf's */
	double shrinkage;	/* in [0, 1] */
	const struct syc_model *model;	/* for the lens; NULL: without */
	size_t n_tokens;	/* each way that the lens tells, at most all */
};

struct syc_forecast_layer {
	double x[SYC_N_FORECASTS];	/* NaN where undefined */
	/* [n_tokens] what v writes most, and takes away most; NULL without a model */
	const int32_t *up, *down;
};

struct syc_forecast_vector {
	const char *name;	/* borrowed from the vector */
	struct syc_forecast_layer *layer;	/* [n_layers] */
	double mean[SYC_N_FORECASTS];		/* over the layers */
};

struct syc_forecast {
	struct syc_forecast_vector *vector;	/* [n] */
	size_t n, n_layers, n_tokens;
	uint32_t *layers;	/* [n_layers] of the pairs, all vectors and the reference */
	double *shrinkage;	/* [n_layers] as used; NaN without a reference */
	uint64_t n_pairs, n_left;	/* used; left out for their claim */
	size_t n_sets;
	/* The two matching answers with most pairs, "" where they are not known. */
	char answer[2][SYC_PAIRS_TEXT];
	int32_t *token;		/* those of all layers */
};

/*
 * Holds the activations of one layer and, with a reference, dim^2 numbers; of the
 * model its head alone is used.  SYC_EINVAL for widths that differ, a vector or
 * reference whose provenance says that it was made of these pairs, no common
 * layer, fewer than two pairs left, or a model without logits.  Free with
 * syc_forecast_free().
 */
SYC_API int syc_forecast(struct syc_forecast **out, const struct syc_pairs *p,
			 const struct syc_forecast_opts *o, struct syc_err *err);
SYC_API void syc_forecast_free(struct syc_forecast *f);

/*
 * What came out for each vector, by its name, into out [f->n]; NaN where the
 * document has none.  Of syc-fit --transfer the mean AUC from other data sets to
 * the data set `test` (NULL: to all); of syc-sweep the mean over the vector's
 * settings of the change of the effect (of P(matching) where there is none), its
 * sign turned where the scale is below 0.  *what is "transfer" or "steering".
 * SYC_EINVAL for another document.
 */
struct json_t;
SYC_API int syc_forecast_outcome(double *out, const char **what,
				 const struct syc_forecast *f,
				 const struct json_t *doc, const char *test,
				 struct syc_err *err);

/*
 * Spearman's correlation over the vectors that have both, of the means over
 * layers and an outcome [f->n]; the lens by its size.  NaN below three.
 */
struct syc_forecast_rank {
	size_t n;
	double rho;
};
SYC_API int syc_forecast_rank(struct syc_forecast_rank *out,
			      const struct syc_forecast *f,
			      enum syc_forecast_kind kind, const double *outcome,
			      struct syc_err *err);

#ifdef __cplusplus
}
#endif
#endif
