/* SPDX-License-Identifier: MIT */
/*
 * The files of one model as one set of named tensors, whatever they are:
 *  - a GGUF file, or the first of a split one (NAME-00001-of-00003.gguf, with
 *    split.count in its metadata; the others lie beside it);
 *  - a safetensors file, an index (*.safetensors.index.json, whose weight_map
 *    says which tensor is in which file), or a folder of the hub's layout with
 *    either of them in it (model.safetensors first) or exactly one GGUF file.
 *
 * Opening checks all of it: files that are missing or disagree, a tensor in
 * two files or in none, an index that names what is not there, a name with a
 * folder in it.  Names are as the files have them.
 */
#ifndef SRC_FORMAT_STORE_H
#define SRC_FORMAT_STORE_H
#include "format/gguf.h"
#include "format/tensor.h"
#include "syc/base.h"

struct syc_store;

int syc_store_open(struct syc_store **out, const char *path,
		   struct syc_err *err);
void syc_store_close(struct syc_store *s);
/* The path it was opened with, for messages. */
const char *syc_store_path(const struct syc_store *s);
/* The metadata: the first GGUF file's; NULL for safetensors. */
const struct syc_gguf *syc_store_gguf(const struct syc_store *s);
/* For safetensors the folder where config.json and the like are; else NULL. */
const char *syc_store_folder(const struct syc_store *s);

/* The files that tensors are in, in a fixed order: for digests and messages. */
size_t syc_store_n_files(const struct syc_store *s);
const char *syc_store_file(const struct syc_store *s, size_t i);
/* The bytes [*len] of one, mapped. */
const uint8_t *syc_store_bytes(const struct syc_store *s, size_t i, size_t *len);

size_t syc_store_n_tensors(const struct syc_store *s);
const struct syc_tensor *syc_store_tensor_at(const struct syc_store *s,
					     size_t i);
/* NULL when there is none of that name. */
const struct syc_tensor *syc_store_tensor(const struct syc_store *s,
					  const char *name);

#endif
