/* SPDX-License-Identifier: MIT */
/* The options of programs that run a model. */
#ifndef SRC_TOOL_RUN_MODEL_OPTS_H
#define SRC_TOOL_RUN_MODEL_OPTS_H
#include "syc/model.h"
#include "tool/options/opts.h"

enum { MAX_LORA = 16 };

struct load {
	const char *model;
	enum syc_compute compute;
	/* a name or file; NULL: found from the model's template */
	const char *chat;
	const char *system;	/* NULL: none */
	bool no_special, no_sharing;
	bool set_weights;	/* --weights: */
	enum syc_weights weights;
	bool set_window;	/* --window: */
	uint32_t window;	/* 0: none */
	struct syc_adapter lora[MAX_LORA];
	size_t n_lora;
	uint32_t ctx, batch;
	size_t kv_memory;
	uint32_t shard, n_shards;	/* --shard I/N; 0: all rows */
};

/* The rows; T has a struct load l. */
#define OPTS_OF_MODEL(T, l) OPT_OF_MODEL(T, l), OPT_OF_LORA(T, l), OPTS_OF_RUNNING(T, l)
/* But the model and its adapters. */
#define OPTS_OF_RUNNING(T, l) \
	OPT_OF_COMPUTE(T, l), OPT_OF_WEIGHTS(T, l), OPT_OF_WINDOW(T, l), \
		OPT_TEXT( \
			0, "chat", "NAME", T, l.chat, \
			"chat format, or its FILE (default: the model's); none: text as it is"), \
		OPT_TEXT(0, "system", "TEXT", T, l.system, \
			 "system message of prompts that have none"), \
		OPT_FLAG(0, "no-special", T, l.no_special, \
			 "read \"</s>\" and the like in prompts as text"), \
		OPT_U32(0, "ctx", "N", T, l.ctx, 1, 1 << 24, \
			"longest row in tokens (default: the model's)"), \
		OPT_U32(0, "batch", "N", T, l.batch, 1, 65536, \
			"tokens per step (default: 512)"), \
		OPT_OF_KV(T, l), \
		OPT_FLAG(0, "no-sharing", T, l.no_sharing, \
			 "compute beginnings that rows share again and again")
/* Those that programs also have alone. */
#define OPT_OF_MODEL(T, l) \
	OPT_TEXT('m', "model", "PATH", T, l.model, \
		 "the model: a GGUF or safetensors file, or a folder")
#define OPT_OF_COMPUTE(T, l) \
	OPT_CHOICE( \
		0, "compute", "HOW", T, l.compute, enum syc_compute, \
		compute_names, \
		"int8 (default), int8x2 (near f32), f32 (stored weights), auto")
#define OPT_OF_WEIGHTS(T, l) \
	OPT_OWN_OF( \
		0, "weights", "TYPE", T, l, opt_weights, weights_names, \
		"hold floats as q8_0, q6_k, q5_k, q4_k or q4_0 (default: int8)")
#define OPT_OF_LORA(T, l) \
	OPT_OWN_AT(0, "lora", "PATH[:SCALE]", T, l, opt_lora, \
		   "add an adapter, SCALE times (default: 1); may be repeated")
#define OPT_OF_WINDOW(T, l) \
	OPT_OWN_AT(0, "window", "N", T, l, opt_window, \
		"attention sees N tokens (default: as the model says; 0: all)")
#define OPT_OF_KV(T, l) \
	{ OPT_ROW(0, "kv-memory", "BYTES", \
		  "memory for keys and values (K, M, G; default: a quarter)", \
		  opt_bytes, OPT_AT(T, l.kv_memory, size_t)) }
#define OPT_OF_SHARD(T, l) \
	OPT_OWN_AT(0, "shard", "I/N", T, l, opt_shard, \
		   "every N-th row, beginning with row I")
extern const char *const compute_names[], *const weights_names[];
/* Of a struct load, but opt_bytes, which has a size_t. */
opt_setter opt_weights, opt_lora, opt_window, opt_bytes, opt_shard;

/* Whether row number n (from 0) of the input is in this shard. */
static inline bool in_shard(const struct load *l, uint64_t n)
{
	return !l->n_shards || n % l->n_shards == l->shard - 1;
}

#endif
