/* SPDX-License-Identifier: MIT */
/* What store.c (files and tensors) and store_index.c (an index of files) share. */
#ifndef SRC_FORMAT_STORE_FILE_H
#define SRC_FORMAT_STORE_FILE_H
#include "format/safetensors.h"
#include "format/store.h"

struct syc_store_part {
	struct syc_gguf *gguf;		/* one of the two */
	struct syc_safetensors *st;
};

/* A tensor, and the file that it is in. */
struct syc_store_entry {
	const struct syc_tensor *t;
	size_t part;
};

struct syc_store {
	char *path;
	char *folder;		/* of safetensors */
	struct syc_store_part *part;	/* [n_parts] */
	size_t n_parts, cap_parts;
	/* [n] file by file, in each file's order */
	struct syc_store_entry *entry;
	struct syc_store_entry *by_name;	/* [n] sorted */
	size_t n;
};

/* Open one more file. */
int syc_store_add(struct syc_store *s, const char *path, bool gguf,
		  struct syc_err *err);
size_t syc_store_part_size(const struct syc_store_part *p);
/* The folder of a path, "." when it names none; the caller frees. */
char *syc_store_folder_of(const char *path);
/* "folder/name", or NULL; the caller frees. */
char *syc_store_join(const char *folder, const char *name);

/* All files of an index, and what it says of them. */
int syc_store_open_index(struct syc_store *s, const char *path,
			 struct syc_err *err);

#endif
