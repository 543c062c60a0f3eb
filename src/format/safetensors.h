/* SPDX-License-Identifier: MIT */
/*
 * safetensors: u64 header length, a JSON object {name: {"dtype", "shape",
 * "data_offsets": [begin, end]}, "__metadata__": {key: string}}, then the
 * data.  Mapped read-only; everything is checked when the file is opened.
 */
#ifndef SRC_FORMAT_SAFETENSORS_H
#define SRC_FORMAT_SAFETENSORS_H
#include <stdio.h>
#include "base/mem.h"
#include "format/tensor.h"
#include "syc/base.h"

struct syc_safetensors;

int syc_safetensors_open(struct syc_safetensors **out, const char *path,
			 struct syc_err *err);
void syc_safetensors_close(struct syc_safetensors *s);
const char *syc_safetensors_path(const struct syc_safetensors *s);
/* The file, mapped. */
const struct syc_map *syc_safetensors_map(const struct syc_safetensors *s);

/*
 * Tensors in the order of their data.  As in all of syc_tensor, ne[0] is the
 * dimension whose values are adjacent: the last one of the shape.  A type that
 * is not decoded is no error until somebody needs the tensor.
 */
size_t syc_safetensors_n(const struct syc_safetensors *s);
const struct syc_tensor *syc_safetensors_at(const struct syc_safetensors *s,
					    size_t i);
/* NULL when there is none of that name. */
const struct syc_tensor *syc_safetensors_tensor(const struct syc_safetensors *s,
						const char *name);
/* A string of __metadata__, or NULL. */
const char *syc_safetensors_meta(const struct syc_safetensors *s,
				 const char *key);

struct syc_meta {
	const char *key, *value;
};

/*
 * Write n tensors of type F32 and the metadata; the names must differ and
 * bytes must be right.
 */
int syc_safetensors_write(const struct syc_tensor *t, size_t n,
			  const struct syc_meta *meta,
			  size_t n_meta, FILE *f, const char *path,
			  struct syc_err *err);

#endif
