/* SPDX-License-Identifier: MIT */
/*
 * Adapters in memory, to be trained and written: LoRA (Hu et al. 2021), as PEFT
 * and llama.cpp have it.  Those of files are opened with a model (syc/model.h).
 */
#ifndef SYC_LORA_H
#define SYC_LORA_H
#include <stdbool.h>
#include "syc/model.h"

#ifdef __cplusplus
extern "C" {
#endif

enum syc_lora_matrix {
	SYC_LORA_Q, SYC_LORA_K, SYC_LORA_V, SYC_LORA_O,
	SYC_LORA_GATE, SYC_LORA_UP, SYC_LORA_DOWN,
	SYC_LORA_N,
};
/* As PEFT's target_modules call it: "q_proj", ... */
SYC_API const char *syc_lora_matrix_name(enum syc_lora_matrix m);

struct syc_lora_shape {
	uint32_t rank;		/* from 1 to 65536 */
	float alpha;		/* above 0 */
	bool rslora;		/* Kalajdzievski 2023, see scale below */
	float dropout;		/* of what goes into a, below 1; only kept here */
	/* of all blocks: 1u << enum syc_lora_matrix; 0: all */
	unsigned matrices;
};

/*
 * What is added to one matrix W [rows][cols]: y = W x + scale b (a x).  Rows of
 * SYC_LORA_Q and SYC_LORA_K are in the order of the forward pass, whatever the
 * file's: the two values of a head that are rotated together are neighbors.
 */
struct syc_lora_pair {
	uint32_t layer;
	enum syc_lora_matrix matrix;
	size_t rows, cols;
	float *a;		/* [rank][cols] */
	float *b;		/* [rows][rank] */
};

struct syc_lora_weights {
	struct syc_lora_shape shape;	/* matrices: never 0 */
	float scale;		/* alpha / rank; with rslora / sqrt(rank) */
	struct syc_lora_pair *pair;	/* [n] by layer, then by matrix */
	size_t n;
	float *values;		/* pair 0's a, its b, pair 1's a, ... */
	size_t n_values;
};

/*
 * An adapter for a model of that configuration, all zeros.  A shape that is none
 * is SYC_EINVAL, a reward model SYC_EUNSUPP.
 */
SYC_API int syc_lora_weights_new(struct syc_lora_weights **out,
				 const struct syc_config *c,
				 const struct syc_lora_shape *s,
				 struct syc_err *err);
SYC_API void syc_lora_weights_free(struct syc_lora_weights *w);
/*
 * As PEFT begins: a uniform within 1 / sqrt(cols) of 0, b zero, so that nothing is
 * added yet.  A pair's numbers come from the seed, its layer and matrix alone.
 */
SYC_API void syc_lora_weights_init(struct syc_lora_weights *w, uint64_t seed);

/*
 * Write it as PEFT does: a folder with adapter_config.json, which names `base` as
 * its model, and adapter_model.safetensors in F32.  c is the model's configuration.
 * The folder gets its name when it is whole; where something has that name
 * already, this is SYC_EINVAL, and so are values that are not finite.
 */
SYC_API int syc_lora_weights_write(const struct syc_lora_weights *w,
				   const struct syc_config *c, const char *base,
				   const char *folder, struct syc_err *err);
/*
 * Write it as llama.cpp has it, a GGUF file in F32, which replaces one of that
 * name.  The file knows alpha / rank alone: of rslora the alpha is written that
 * gives the same scale, or its neighbor among the floats.
 */
SYC_API int syc_lora_weights_write_gguf(const struct syc_lora_weights *w,
					const struct syc_config *c,
					const char *path, struct syc_err *err);

#ifdef __cplusplus
}
#endif
#endif
