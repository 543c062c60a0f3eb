/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include "model/tensor_names.h"

/* Full names but for the number of the block and ".weight" or ".bias". */
static const struct {
	const char *gguf, *hub;
	bool may_bias;
} names[SYC_N_PARTS] = {
	[SYC_PART_EMBED]        = { "token_embd",  "model.embed_tokens", false },
	[SYC_PART_OUTPUT_NORM]  = { "output_norm", "model.norm", false },
	[SYC_PART_OUTPUT]       = { "output",      "lm_head", false },
	[SYC_PART_SCORE]        = { "cls.output",  "score", false },
	[SYC_PART_ROPE_FACTORS] = { "rope_freqs",  "", false },
	[SYC_PART_ATTN_NORM]    = { "attn_norm",   "input_layernorm", false },
	[SYC_PART_Q]            = { "attn_q",      "self_attn.q_proj", true },
	[SYC_PART_K]            = { "attn_k",      "self_attn.k_proj", true },
	[SYC_PART_V]            = { "attn_v",      "self_attn.v_proj", true },
	[SYC_PART_O]            = { "attn_output", "self_attn.o_proj", true },
	[SYC_PART_Q_NORM]       = { "attn_q_norm", "self_attn.q_norm", false },
	[SYC_PART_K_NORM]       = { "attn_k_norm", "self_attn.k_norm", false },
	[SYC_PART_FFN_NORM]     = { "ffn_norm",    "post_attention_layernorm", false },
	[SYC_PART_GATE]         = { "ffn_gate",    "mlp.gate_proj", true },
	[SYC_PART_UP]           = { "ffn_up",      "mlp.up_proj", true },
	[SYC_PART_DOWN]         = { "ffn_down",    "mlp.down_proj", true },
};

static const char *const block[2] = { "blk.", "model.layers." };

const char *syc_part_name(char out[SYC_PART_NAME], const struct syc_part_at *at,
			  bool hub)
{
	const char *name = hub ? names[at->part].hub : names[at->part].gguf;
	const char *kind = at->bias ? "bias" : "weight";

	if (!*name)
		out[0] = 0;
	else if (at->part < SYC_PART_ATTN_NORM)
		snprintf(out, SYC_PART_NAME, "%s.%s", name, kind);
	else
		snprintf(out, SYC_PART_NAME, "%s%" PRIu32 ".%s.%s", block[hub],
			 at->layer, name, kind);
	return out;
}

/* "12." without leading zeros or sign; what follows it, or NULL. */
static const char *read_layer(const char *s, uint32_t *layer)
{
	uint32_t n = 0, digits = 0;

	for (; *s >= '0' && *s <= '9' && digits < 5; s++, digits++)
		n = 10 * n + (uint32_t)(*s - '0');
	*layer = n;
	return digits && *s == '.' && (s[-(int)digits] != '0' || digits == 1) ? s + 1 : NULL;
}

bool syc_part_find(struct syc_part_at *at, const char *name, bool hub)
{
	bool in_block = strncmp(name, block[hub], strlen(block[hub])) == 0;
	enum syc_part p = in_block ? SYC_PART_ATTN_NORM : 0,
		end = in_block ? SYC_N_PARTS : SYC_PART_ATTN_NORM;

	*at = (struct syc_part_at){ 0 };
	if (in_block)
		name = read_layer(name + strlen(block[hub]), &at->layer);
	if (!hub && name && strcmp(name, "cls.weight") == 0)	/* its other name */
		name = "cls.output.weight";
	for (; name && p < end; p++) {
		const char *own = hub ? names[p].hub : names[p].gguf;
		size_t n = strlen(own);

		if (!n || strncmp(name, own, n) != 0)
			continue;
		at->part = p;
		at->bias = strcmp(name + n, ".bias") == 0;
		if (strcmp(name + n, ".weight") == 0 ||
		    (at->bias && names[p].may_bias))
			return true;
	}
	return false;
}

bool syc_part_unused(const char *name)
{
	static const char end[] = "rotary_emb.inv_freq";
	size_t n = strlen(name);

	return n >= sizeof(end) - 1 && strcmp(name + n - (sizeof(end) - 1),
					      end) == 0;
}

void syc_part_shape(const struct syc_config *c, const struct syc_part_at *at,
		    uint64_t *cols, uint64_t *rows)
{
	uint64_t q = (uint64_t)c->n_heads * c->head_dim,
		kv = (uint64_t)c->n_kv_heads * c->head_dim;
	const struct { uint64_t rows, cols; } shape[SYC_N_PARTS] = {
		[SYC_PART_EMBED] = { c->n_vocab, c->dim }, [SYC_PART_OUTPUT_NORM] = { 1, c->dim },
		[SYC_PART_OUTPUT] = { c->n_vocab, c->dim }, [SYC_PART_SCORE] = { 1, c->dim },
		[SYC_PART_ROPE_FACTORS] = { 1, c->head_dim / 2 },
		[SYC_PART_ATTN_NORM] = { 1, c->dim },
		[SYC_PART_Q] = { q, c->dim },
		[SYC_PART_K] = { kv, c->dim },
		[SYC_PART_V] = { kv, c->dim },
		[SYC_PART_O] = { c->dim, q },
		[SYC_PART_Q_NORM] = { 1, c->head_dim }, [SYC_PART_K_NORM] = { 1, c->head_dim },
		[SYC_PART_FFN_NORM] = { 1, c->dim }, [SYC_PART_GATE] = { c->ffn_dim, c->dim },
		[SYC_PART_UP] = { c->ffn_dim, c->dim }, [SYC_PART_DOWN] = { c->dim, c->ffn_dim },
	};

	*cols = at->bias ? shape[at->part].rows : shape[at->part].cols;
	*rows = at->bias ? 1 : shape[at->part].rows;
}

bool syc_part_rotated(enum syc_part part)
{
	return part == SYC_PART_Q || part == SYC_PART_K ||
		part == SYC_PART_Q_NORM || part == SYC_PART_K_NORM;
}
