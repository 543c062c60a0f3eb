/* SPDX-License-Identifier: MIT */
/* The tensors of the family, under the names of GGUF and of the hub. */
#ifndef SRC_MODEL_PART_H
#define SRC_MODEL_PART_H
#include "format/store.h"
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
const char *syc_part_name(char out[SYC_PART_NAME], const struct syc_part_at *at, bool hub);
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
/*
 * Whether the rows of queries and keys lie in halves (see rope.h): all
 * safetensors, and GGUF files of other architectures than llama.
 */
bool syc_part_halves(const struct syc_config *cfg, bool hub);
/* Whether the rows (of a vector: the values) of this tensor are concerned. */
bool syc_part_rotated(enum syc_part part);

/*
 * The tensor that a model's files have for it, NULL when they have none; its
 * name in them goes to name either way.
 */
const struct syc_tensor *syc_part_tensor(const struct syc_store *s, const struct syc_part_at *at,
					 char name[SYC_PART_NAME]);
/* The same for what has to be there, of a type that is decoded and in the right shape. */
int syc_part_need(const struct syc_tensor **out, const struct syc_store *s, const struct syc_config *cfg,
		  const struct syc_part_at *at, struct syc_err *err);
/* Fill in what only tensors tell: the vocabulary's size; in GGUF whether there are heads. */
int syc_parts_complete(struct syc_config *cfg, const struct syc_store *s, struct syc_err *err);
/*
 * Everything is there in the right shape, and nothing else: a tensor that
 * nothing would read means that the model is another.
 */
int syc_parts_check(const struct syc_config *cfg, const struct syc_store *s, struct syc_err *err);

#endif
