/* SPDX-License-Identifier: MIT */
/* The tensors of the family, under the names of GGUF and of the hub. */
#ifndef SRC_MODEL_TENSOR_NAMES_H
#define SRC_MODEL_TENSOR_NAMES_H
#include "syc/model.h"

enum syc_part {
	SYC_PART_EMBED, SYC_PART_OUTPUT_NORM, SYC_PART_OUTPUT,
	SYC_PART_SCORE,			/* of a reward model */
	SYC_PART_ROPE_FACTORS,		/* GGUF only: frequencies are divided by them */
	SYC_PART_ATTN_NORM,		/* the first of a block */
	SYC_PART_Q, SYC_PART_K, SYC_PART_V, SYC_PART_O,
	SYC_PART_Q_NORM, SYC_PART_K_NORM,
	SYC_PART_FFN_NORM, SYC_PART_GATE, SYC_PART_UP, SYC_PART_DOWN,
	SYC_N_PARTS,
};

struct syc_part_at {
	enum syc_part part;
	uint32_t layer;			/* 0 outside of blocks */
	bool bias;			/* "....bias", else "....weight" */
};

/* Room for any of the names. */
enum { SYC_PART_NAME = 96 };

/*
 * Write its name in a GGUF file, or in safetensors of the hub ("" where there
 * is no such tensor).  Returns out.
 */
const char *syc_part_name(char out[SYC_PART_NAME], const struct syc_part_at *at,
			  bool hub);
/* Which tensor has that name; false when it is none of the family's. */
bool syc_part_find(struct syc_part_at *at, const char *name, bool hub);
/* True for what some files hold and nothing reads: rotary_emb.inv_freq. */
bool syc_part_unused(const char *name);
/*
 * Its shape: values that are adjacent, and rows of them (1 for vectors).
 * cfg->n_vocab must be known.
 */
void syc_part_shape(const struct syc_config *cfg, const struct syc_part_at *at,
		    uint64_t *cols, uint64_t *rows);
/* Whether its rows (of a vector: its values) are of heads that are rotated: see rope.h. */
bool syc_part_rotated(enum syc_part part);

#endif
