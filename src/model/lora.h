/* SPDX-License-Identifier: MIT */
/*
 * Adapters: LoRA (Hu et al. 2021), as PEFT and as llama.cpp's GGUF files have
 * it.  What several of them add to one matrix is kept as one product.
 */
#ifndef SRC_MODEL_LORA_H
#define SRC_MODEL_LORA_H
#include "format/store.h"
#include "model/matrix.h"
#include "model/tensor_names.h"
#include "model/settings.h"

struct syc_lora;

/* What PEFT puts before the names of a model's tensors. */
#define SYC_PEFT_FRONT "base_model.model."
/* The largest rank; alpha is below its limit. */
enum { SYC_LORA_MAX_RANK = 1 << 16 };
#define SYC_LORA_MAX_ALPHA 1e30f

/*
 * Read n adapters for a model of this configuration, in these files (or NULL:
 * copies of its matrices are refused).  An adapter for another
 * model (names that the model lacks, other shapes) is SYC_EFORMAT, what LoRA
 * alone cannot express is SYC_EUNSUPP by name.
 */
int syc_lora_open(struct syc_lora **out, const struct syc_adapter *adapter,
		  size_t n, const struct syc_config *cfg,
		  const struct syc_store *model, struct syc_err *err);
void syc_lora_free(struct syc_lora *l);
/* What is to be added to that matrix, with rows in the order of rope.h; or NULL. */
const struct syc_low_rank *syc_lora_find(const struct syc_lora *l,
					 enum syc_part part, uint32_t layer);
/* Bytes held. */
size_t syc_lora_memory(const struct syc_lora *l);
/*
 * "+crc32:89abcdef:244032*1" per adapter: the content of its files and its scale;
 * "" for none.
 */
const char *syc_lora_digest(const struct syc_lora *l);

/* ---- lora_base.c: copies of the model's own matrices ------------------------ */

/* 1: t is such a copy, 0: it is something else, negative: no true copy. */
int syc_lora_base(const struct syc_tensor *t, const struct syc_store *model,
		  const char *path, struct syc_err *err);

/* ---- peft.c: adapter_config.json ------------------------------------------- */

/* Check that the settings describe plain LoRA. */
int syc_peft_check(const struct syc_settings *in);
/* The scale of a module ("model.layers.0.self_attn.q_proj") of that rank. */
int syc_peft_scale(const struct syc_settings *in, const char *module,
		   size_t rank, float *scale);

#endif
