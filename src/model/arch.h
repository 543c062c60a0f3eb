/* SPDX-License-Identifier: MIT */
/* The architectures: what sets one apart from the others, a row for each. */
#ifndef SRC_MODEL_ARCH_H
#define SRC_MODEL_ARCH_H
#include "syc/model.h"

/* When config.json's sliding_window counts. */
enum syc_window_rule {
	SYC_WINDOW_NEVER,
	SYC_WINDOW_NAMED,	/* as soon as it is there */
	/*
	 * With use_sliding_window, in the blocks from max_window_layers on
	 * unless layer_types lists them.
	 */
	SYC_WINDOW_SWITCHED,
};

struct syc_arch {
	/*
	 * config.json's model_type; its classes are stem + "ForCausalLM" and
	 * stem + "ForSequenceClassification".
	 */
	const char *type, *stem;
	/*
	 * general.architecture, and what comes before its keys.  Rows that
	 * share it are one architecture to GGUF and agree in the next two.
	 */
	const char *gguf;
	bool gguf_halves;	/* GGUF too has heads in halves (rope.h) */
	bool head_norms;	/* norms of each head's query and key */
	/* What config.json may leave out: */
	uint32_t n_ctx;		/* positions; 0: it may not */
	bool kv_heads;		/* key-value heads: as many as heads */
	uint32_t head_dim;	/* 0: dim / n_heads */
	enum syc_window_rule window;
};

/* The first row with that name in GGUF; NULL: there is none. */
const struct syc_arch *syc_arch_gguf(const char *name);
/*
 * The row of a class of transformers, which also says whether it has a reward
 * head, or where class is NULL of a model_type; NULL: there is none.
 */
const struct syc_arch *syc_arch_hub(const char *class, const char *type,
				    bool *reward);
/* The row of a configuration that was read. */
const struct syc_arch *syc_arch_of(const struct syc_config *cfg);
/* Row i, NULL behind the last. */
const struct syc_arch *syc_arch_at(size_t i);
/*
 * Whether the rows of queries and keys lie in halves (rope.h): in all
 * safetensors of hubs, and in GGUF files as the architecture has it.
 */
bool syc_arch_halves(const struct syc_config *cfg, bool hub);

#endif
