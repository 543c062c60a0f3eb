/* SPDX-License-Identifier: MIT */
/* The parts of syc_model_convert(): what to write, and its writing. */
#ifndef SRC_MODEL_CONVERT_H
#define SRC_MODEL_CONVERT_H
#include <stdio.h>
#include "base/par.h"
#include "format/store.h"
#include "kern/kern.h"
#include "model/lora.h"
#include "model/tensor_names.h"
#include "syc/model.h"

/* A tensor to write. */
struct syc_convert_item {
	struct syc_tensor to;	/* name, type, shape and bytes; no data */
	const struct syc_tensor *from;
	/* 0, or rows go from halves to neighbors (rope.h) */
	size_t head_dim;
	const struct syc_low_rank *add;	/* adapters, or NULL */
	size_t halves;		/* head_dim, where rows of `to` lie in halves */
	/* of `to`, when it is not the source's */
	char name[SYC_PART_NAME];
};

struct syc_convert {
	const char *path;		/* of the source, for messages */
	struct syc_store *store;
	struct syc_config cfg;
	struct syc_gguf_out *out;
	struct syc_buf *notes;		/* lines */
	struct syc_convert_item *item;	/* [n] in the order of the file, and room for one */
	size_t n;
	struct syc_lora *lora;		/* or NULL */
	struct syc_kern kern;
	float *factor;			/* owned: values of `made` */
	/* a tensor that no file has: rope_freqs.weight */
	struct syc_tensor made;
};

/*
 * A folder of the hub's layout: the tensors under their names in GGUF, and the
 * configuration and the vocabulary as metadata.  What GGUF cannot express is
 * SYC_EUNSUPP by name.
 */
int syc_convert_plan_hub(struct syc_convert *c, struct syc_err *err);
int syc_convert_config(struct syc_convert *c, struct syc_err *err);
int syc_convert_vocab(struct syc_convert *c, struct syc_err *err);

/* The type that a tensor gets. */
uint32_t syc_weights_type(const struct syc_tensor *t, enum syc_weights w);

struct syc_convert_progress {
	void (*fn)(void *arg, uint64_t done, uint64_t total);	/* or NULL */
	void *arg;
	/* values of the tensors before, and of all */
	uint64_t done, total;
};

/*
 * Decode an item's tensor, look at every value and write it in its new type,
 * padded to SYC_GGUF_ALIGN, to f, whose path for messages is `to`.
 */
int syc_convert_write(const struct syc_convert *c,
		      const struct syc_convert_item *item, struct syc_par *par,
		      FILE *f, const char *to,
		      const struct syc_convert_progress *p,
		      struct syc_err *err);

#endif
