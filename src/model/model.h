/* SPDX-License-Identifier: MIT */
/* What the engine sees of a model. */
#ifndef SRC_MODEL_MODEL_H
#define SRC_MODEL_MODEL_H
#include "format/store.h"
#include "kern/kern.h"
#include "model/matrix.h"
#include "syc/model.h"

struct syc_block {
	float *attn_norm, *ffn_norm;		/* [dim] */
	float *q_norm, *k_norm;			/* [head_dim], or NULL */
	struct syc_matrix q, k, v, o;		/* attention */
	struct syc_matrix gate, up, down;	/* feed-forward */
};

struct syc_model {
	struct syc_config cfg;
	enum syc_compute compute;
	struct syc_kern kern;
	struct syc_store *store;
	struct syc_vocab *vocab;
	struct syc_matrix embed;	/* [n_vocab][dim], packed if quantized */
	float *output_norm;		/* [dim] */
	struct syc_matrix output;	/* [n_vocab][dim]; no rows: none */
	float *score;			/* [dim] of a reward model, or NULL */
	struct syc_block *block;	/* [n_layers] */
	struct syc_lora *lora;		/* or NULL */
	/* [head_dim / 2] radians per position */
	float *rope_freq;
	const char *weights;		/* the type floats are quantized to, or NULL */
	size_t memory;
	char *digest;
	struct syc_buf notes;		/* lines */
};

/* Limits of a configuration, beside SYC_MAX_LAYERS. */
enum {
	SYC_MAX_DIM = 1 << 16, SYC_MAX_HEADS = 1024, SYC_MAX_FFN = 1 << 20,
	SYC_MAX_CTX = 1 << 24, SYC_MAX_VOCAB = 1 << 22,
};

/*
 * Read and check the configuration: GGUF's metadata, or the config.json of a
 * folder.  Fills cfg but for n_vocab, which the embedding decides, and but for
 * what a GGUF file tells by its tensors alone (tied_output, reward).  An
 * architecture or a feature that is not computed is SYC_EUNSUPP by name.
 */
int syc_config_read(struct syc_config *cfg, const struct syc_store *s,
		    struct syc_err *err);
int syc_config_gguf(struct syc_config *cfg, const struct syc_gguf *g,
		    struct syc_err *err);
int syc_config_hub(struct syc_config *cfg, const char *folder,
		   struct syc_err *err);
/* From n bytes of config.json; path is for messages. */
int syc_config_json(struct syc_config *cfg, const char *text, size_t n,
		    const char *path, struct syc_err *err);
/* Whether the numbers go together. */
int syc_config_check(const struct syc_config *cfg, const char *path,
		     struct syc_err *err);
/* Keys that a query of this block sees; 0: all. */
static inline uint32_t syc_config_window(const struct syc_config *cfg,
					 uint32_t layer)
{
	return cfg->no_window[layer / 8] >> layer % 8 & 1 ? 0 : cfg->window;
}

/* Whether each token has a row. */
int syc_model_check_vocab(const struct syc_config *cfg,
			  const struct syc_vocab *v, const char *path,
			  struct syc_err *err);
/* Append lines to notes, with a newline between; "" adds nothing. */
int syc_notes_add(struct syc_buf *notes, const char *more);

/*
 * Find every tensor of m->cfg in m->store, check shapes and values, and pack
 * the matrices when m->compute is int8.
 */
int syc_weights_load(struct syc_model *m, const struct syc_model_opts *o,
		     struct syc_err *err);
void syc_weights_free(struct syc_model *m);

/* ---- needed.c --------------------------------------------------------------- */

struct syc_lora;

/*
 * syc_model_memory_needed() of these files, their complete configuration and
 * adapters (or NULL), without what these themselves take.
 */
void syc_weights_need(struct syc_model_need *out, const struct syc_store *s,
		      const struct syc_config *c, const struct syc_model_opts *o,
		      const struct syc_lora *lora);
/*
 * *type is what floats are quantized to with o->set_weights, NULL where that is
 * nothing; what does not go with it is SYC_EINVAL.
 */
int syc_weights_choose(const char **type, const struct syc_store *s,
		       const struct syc_model_opts *o, struct syc_err *err);
/*
 * SYC_ENOMEM where that is more than memory, saying in what type of weights it
 * would be less.
 */
int syc_weights_fit(const struct syc_store *s, const struct syc_config *c,
		    const struct syc_model_opts *o, const struct syc_lora *lora,
		    size_t memory, struct syc_err *err);

#endif
