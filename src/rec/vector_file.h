/* SPDX-License-Identifier: MIT */
/* What the readers and writers of vector files share. */
#ifndef SRC_REC_VECTOR_FILE_H
#define SRC_REC_VECTOR_FILE_H
#include <stdio.h>
#include "format/tensor.h"
#include "syc/vector.h"

enum {
	VEC_MAX_LAYERS = 4096,
	VEC_MAX_TEXT = 1 << 24,		/* bytes of a string in a file */
	VEC_TEXTS = 5, VEC_DIAGS = 6,
	VEC_NPZ_VERSION = 1,
	VEC_MAX_FORMAT = 1 << 16,	/* of format.json in .npz, each of which may cost 40 */
};

/* "name", "method", "position", "layer_base", "model_hint": a string each. */
const char *vec_text_key(unsigned i);
char **vec_text(const struct syc_vector *v, unsigned i);
/* What an earlier version called the key of a text or a list, or the key. */
const char *vec_old_key(const char *key);
/* "norm", "explained", "dprime", "pair_cosine", "wrong_side", "center": [n_layers]. */
const char *vec_diag_key(unsigned i);
float **vec_diag(const struct syc_vector *v, unsigned i);
/* Copy n_layers floats, of any alignment, into a diagnostic. */
int vec_set_diag(struct syc_vector *v, unsigned i, const void *x);

/*
 * How the layers of what we write are numbered, and how those of a foreign
 * file were taken.
 */
extern const char vec_layer_base[];
const char *vec_import_text(bool tensors, int base);
/* The index of layer 0 that o asks for. */
int vec_base(const struct syc_vector_read_opts *o);
/* SYC_EINVAL when a file at path that does not say its base needs one from o. */
int vec_need_base(const struct syc_vector_read_opts *o, const char *path,
		  struct syc_err *err);
/* "direction.12" as 12; false for other names. */
bool vec_parse_direction(const char *name, uint32_t *layer);
/* The first layer with a NaN or infinity, or n_layers. */
size_t vec_not_finite(const struct syc_vector *v);
/* Layers that have a vector. */
size_t vec_count(const struct syc_vector *v);

/*
 * A vector from tensors "direction.<l>", as GGUF and safetensors have them.
 * at(file, i) is tensor i of n; those with other names are passed over when
 * strict is not set.  n_layers is what the file says, 0 if it does not.
 */
struct vec_tensors {
	const char *path;
	const struct syc_vector_read_opts *o;
	const void *file;
	const struct syc_tensor *(*at)(const void *file, size_t i);
	size_t n;
	uint64_t n_layers;
	size_t dim;		/* 0: not known from elsewhere */
	int base;		/* index of layer 0 */
	bool strict;
};
int vec_from_tensors(struct syc_vector **out, const struct vec_tensors *t,
		     struct syc_err *err);

/*
 * A new vector of the shape that the file at path claims, with the width that o
 * wants.  beside is the bytes that reading it takes besides.  SYC_EFORMAT when
 * that is too much of such a file.
 */
int vec_new(struct syc_vector **out, const char *path,
	    const struct syc_vector_read_opts *o, uint64_t n_layers, uint64_t dim,
	    uint64_t beside, struct syc_err *err);

typedef int vec_reader(struct syc_vector **out, const char *path,
		       const struct syc_vector_read_opts *o,
		       struct syc_err *err);
typedef int vec_writer(const struct syc_vector *v, FILE *f, const char *path,
		       struct syc_err *err);

vec_reader vec_read_gguf, vec_read_npz, vec_read_npy, vec_read_safetensors;
vec_reader vec_read_svec, vec_read_raw;
vec_writer vec_write_gguf, vec_write_npz, vec_write_npy, vec_write_safetensors;

#endif
