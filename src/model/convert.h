/* SPDX-License-Identifier: MIT */
/* The parts of syc_model_convert(): what to write, and its writing. */
#ifndef SRC_MODEL_CONVERT_H
#define SRC_MODEL_CONVERT_H
#include <stdio.h>
#include "base/par.h"
#include "format/store.h"
#include "syc/model.h"

/* A tensor to write. */
struct syc_convert_item {
	struct syc_tensor to;		/* name, type, shape and bytes; no data */
	const struct syc_tensor *from;
};

struct syc_convert {
	const char *path;		/* of the source, for messages */
	struct syc_store *store;
	struct syc_gguf_out *out;
	struct syc_convert_item *item;	/* [n] in the order of the file */
	size_t n;
};

struct syc_convert_progress {
	void (*fn)(void *arg, uint64_t done, uint64_t total);	/* or NULL */
	void *arg;
	uint64_t done, total;		/* values of the tensors before, and of all */
};

/*
 * Decode an item's tensor, look at every value and write it in its new type,
 * padded to SYC_GGUF_ALIGN, to f, whose path for messages is `to`.
 */
int syc_convert_write(const struct syc_convert *c, const struct syc_convert_item *item, struct syc_par *par,
		      FILE *f, const char *to, const struct syc_convert_progress *p, struct syc_err *err);

#endif
