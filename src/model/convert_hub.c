/* SPDX-License-Identifier: MIT */
/* What a folder of the hub's layout becomes in GGUF: tensors and configuration. */
#include "config.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "base/mem.h"
#include "model/arch.h"
#include "model/convert.h"
#include "model/model.h"
#include "model/rope.h"
#include "model/tensor_checks.h"

/* ---- tensors ------------------------------------------------------------ */

static void add_item(struct syc_convert *c, const struct syc_part_at *at,
		     const struct syc_tensor *t)
{
	struct syc_convert_item *item = &c->item[c->n++];
	bool to_halves = syc_arch_halves(&c->cfg, false);

	item->from = t;
	item->to = *t;
	item->to.n_dims += t->n_dims == 0;	/* a shape of [] */
	item->to.name = syc_part_name(item->name, at, false);
	item->head_dim = !to_halves && syc_part_rotated(at->part) ? c->cfg.head_dim : 0;
}

static int add_part(struct syc_convert *c, const struct syc_part_at *at,
		    struct syc_err *err)
{
	char name[SYC_PART_NAME];
	const struct syc_tensor *t = syc_part_tensor(c->store, at, name);
	int ret;

	/* A copy of the embedding that some files hold all the same. */
	if (!t || (at->part == SYC_PART_OUTPUT && c->cfg.tied_output))
		return 0;
	ret = syc_part_need(&t, c->store, &c->cfg, at, err);
	if (ret == 0)
		add_item(c, at, t);
	return ret;
}

/* Factors are all that GGUF has for RoPE scaling "llama3". */
static int add_factors(struct syc_convert *c, struct syc_err *err)
{
	static const struct syc_part_at at = { .part = SYC_PART_ROPE_FACTORS };
	size_t n = c->cfg.head_dim / 2;

	if (c->cfg.rope.type != SYC_ROPE_LLAMA3)
		return 0;
	c->factor = syc_calloc(n, sizeof(*c->factor));
	if (!c->factor)
		return syc_nomem(err);
	syc_rope_factors(c->factor, &c->cfg);
	c->made = (struct syc_tensor){
		.name = "rope_scaling", .type = SYC_TYPE_F32, .n_dims = 1,
		.ne = { n, 1, 1, 1 }, .data = (const uint8_t *)c->factor,
		.bytes = n * sizeof(*c->factor),
	};
	add_item(c, &at, &c->made);
	return 0;
}

int syc_convert_plan_hub(struct syc_convert *c, struct syc_err *err)
{
	int ret;

	c->item = syc_calloc(syc_store_n_tensors(c->store) + 2,
			     sizeof(*c->item));
	if (!c->item)
		return syc_nomem(err);
	ret = add_factors(c, err);
	for (uint32_t layer = 0; layer < c->cfg.n_layers; layer++) {
		enum syc_part p = layer ? SYC_PART_ATTN_NORM : 0;

		for (; p < SYC_N_PARTS && ret == 0; p++) {
			ret = add_part(c,
				       &(struct syc_part_at){ p, layer, false },
				       err);
			if (ret == 0)
				ret = add_part(c,
					&(struct syc_part_at){ p, layer, true },
					err);
		}
	}
	return ret;
}

/* ---- configuration ------------------------------------------------------ */

/* "llama.block_count" */
struct key {
	char s[96];
};

static struct key key(const struct syc_convert *c, const char *name)
{
	struct key k;

	snprintf(k.s, sizeof(k.s), "%s.%s", c->cfg.arch, name);
	return k;
}

static void put_count(struct syc_convert *c, const char *name, uint32_t v)
{
	syc_gguf_put_u32(c->out, key(c, name).s, v);
}

static void put_float(struct syc_convert *c, const char *name, float v)
{
	syc_gguf_put_f32(c->out, key(c, name).s, v);
}

static void put_counts(struct syc_convert *c)
{
	const struct syc_config *cfg = &c->cfg;

	put_count(c, "vocab_size", cfg->n_vocab);
	put_count(c, "context_length", cfg->n_ctx);
	put_count(c, "embedding_length", cfg->dim);
	put_count(c, "block_count", cfg->n_layers);
	put_count(c, "feed_forward_length", cfg->ffn_dim);
	put_count(c, "attention.head_count", cfg->n_heads);
	put_count(c, "attention.head_count_kv", cfg->n_kv_heads);
	put_count(c, "attention.key_length", cfg->head_dim);
	put_count(c, "attention.value_length", cfg->head_dim);
	put_count(c, "rope.dimension_count", cfg->head_dim);
	put_float(c, "attention.layer_norm_rms_epsilon", cfg->norm_eps);
}

static void put_scaling(struct syc_convert *c, const char *type)
{
	syc_gguf_put_str(c->out, key(c, "rope.scaling.type").s, type,
			 strlen(type));
	put_float(c, "rope.scaling.factor", c->cfg.rope.factor);
}

/* Beside the factor for attention, which is relative to the paper's. */
static int put_yarn(struct syc_convert *c, struct syc_err *err)
{
	const struct syc_rope *r = &c->cfg.rope;
	float usual = syc_rope_mscale(r->factor, 1);

	if (r->fraction)
		return syc_fail(err, SYC_EUNSUPP,
				"%s: RoPE scaling 'yarn' with 'truncate' false "
				"cannot be written as GGUF", c->path);
	put_scaling(c, "yarn");
	put_count(c, "rope.scaling.original_context_length", r->n_ctx);
	put_float(c, "rope.scaling.yarn_beta_fast", r->fast);
	put_float(c, "rope.scaling.yarn_beta_slow", r->slow);
	if (r->attention != usual)
		put_float(c, "rope.scaling.attn_factor", r->attention / usual);
	return 0;
}

static int put_rope(struct syc_convert *c, struct syc_err *err)
{
	const struct syc_rope *r = &c->cfg.rope;

	put_float(c, "rope.freq_base", r->base);
	if (r->type == SYC_ROPE_LINEAR)
		put_scaling(c, "linear");
	return r->type == SYC_ROPE_YARN ? put_yarn(c, err) : 0;
}

static int put_window(struct syc_convert *c, struct syc_err *err)
{
	uint32_t n = c->cfg.n_layers, without = 0;
	bool *has;

	if (!c->cfg.window)
		return 0;
	has = syc_calloc(n, sizeof(*has));
	if (!has)
		return syc_nomem(err);
	for (uint32_t l = 0; l < n; l++) {
		has[l] = syc_config_window(&c->cfg, l) != 0;
		without += !has[l];
	}
	put_count(c, "attention.sliding_window", c->cfg.window);
	if (without)
		syc_gguf_put_bools(c->out,
				   key(c, "attention.sliding_window_pattern").s,
				   has, n);
	free(has);
	return 0;
}

/* The model's name, or that of its folder. */
static void put_name(struct syc_convert *c)
{
	const char *folder = syc_store_folder(c->store);
	size_t n = strlen(folder), from;

	if (c->cfg.name[0]) {
		syc_gguf_put_str(c->out, "general.name", c->cfg.name,
				 strlen(c->cfg.name));
		return;
	}
	while (n > 1 && folder[n - 1] == '/')
		n--;
	for (from = n; from && folder[from - 1] != '/'; from--)
		;
	if (n > from && folder[from] != '.')
		syc_gguf_put_str(c->out, "general.name", folder + from, n - from);
}

int syc_convert_config(struct syc_convert *c, struct syc_err *err)
{
	enum { POOLING_RANK = 4 };
	int ret;

	syc_gguf_put_str(c->out, "general.architecture", c->cfg.arch,
			 strlen(c->cfg.arch));
	put_name(c);
	put_counts(c);
	if (c->cfg.reward)
		put_count(c, "pooling_type", POOLING_RANK);
	ret = put_rope(c, err);
	return ret < 0 ? ret : put_window(c, err);
}
