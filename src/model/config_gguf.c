/* SPDX-License-Identifier: MIT */
/* The metadata of a GGUF file, as llama.cpp reads it for the models of the family. */
#include "config.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include "base/err.h"
#include "model/arch.h"
#include "model/model.h"
#include "model/rope.h"

/* "llama" + "block_count"; the longest key we ask for fits. */
static const char *key_of(const struct syc_config *cfg, const char *name,
			  char *buf, size_t n)
{
	snprintf(buf, n, "%.31s.%s", cfg->arch, name);
	return buf;
}

/* A count in [1, max]; absent is an error unless there is a fallback. */
static int read_count(const struct syc_gguf *g, const struct syc_config *cfg,
		      const char *name, uint32_t fallback, uint32_t max,
		      uint32_t *out, struct syc_err *err)
{
	char key[96];
	uint64_t v = fallback;
	int ret = syc_gguf_u64(g, key_of(cfg, name, key, sizeof(key)), &v, err);

	if (ret < 0)
		return ret;
	if (ret == 0 && !fallback)
		return syc_fail(err, SYC_EFORMAT, "%s: no metadata '%s'",
				syc_gguf_path(g), key);
	if (v < 1 || v > max)
		return syc_fail(err, SYC_EFORMAT,
				"%s: '%s' is %" PRIu64 " (1 to %" PRIu32 " is "
				"possible)", syc_gguf_path(g), key, v, max);
	*out = (uint32_t)v;
	return 0;
}

static int read_float(const struct syc_gguf *g, const struct syc_config *cfg,
		      const char *name, float fallback, float *out,
		      struct syc_err *err)
{
	char key[96];
	int ret;

	*out = fallback;
	ret = syc_gguf_f32(g, key_of(cfg, name, key, sizeof(key)), out, err);
	if (ret < 0)
		return ret;
	if (ret == 0 && !(fallback > 0))
		return syc_fail(err, SYC_EFORMAT, "%s: no metadata '%s'",
				syc_gguf_path(g), key);
	if (!(*out > 0 && *out < 1e30f))
		return syc_fail(err, SYC_EFORMAT, "%s: '%s' is %g",
				syc_gguf_path(g), key, (double)*out);
	return 0;
}

/* Leaves out as it is when there is no such text. */
static int read_text(const struct syc_gguf *g, const char *key, char *out,
		     size_t n, struct syc_err *err)
{
	struct syc_str s;
	int ret = syc_gguf_str(g, key, &s, err);

	if (ret == 1)
		snprintf(out, n, "%.*s", (int)(s.len < n ? s.len : n), s.s);
	return ret;
}

/* Names those that there are. */
static int refuse_arch(const struct syc_config *cfg, const struct syc_gguf *g,
		       struct syc_err *err)
{
	const struct syc_arch *last = NULL;
	struct syc_buf list = { 0 };
	int ret;

	for (size_t i = 0; syc_arch_at(i); i++) {
		const struct syc_arch *a = syc_arch_at(i);

		if (syc_arch_gguf(a->gguf) != a)
			continue;
		if (last)
			syc_buf_printf(&list, "%s%s", list.len ? ", " : "",
				       last->gguf);
		last = a;
	}
	syc_buf_printf(&list, " and %s", last->gguf);
	ret = list.failed ? syc_nomem(err)
		: syc_fail(err, SYC_EUNSUPP,
			   "%s: architecture '%s' is not supported (%s are)",
			   syc_gguf_path(g), cfg->arch, list.data);
	syc_buf_free(&list);
	return ret;
}

static int read_arch(struct syc_config *cfg, const struct syc_gguf *g,
		     struct syc_err *err)
{
	int ret = read_text(g, "general.architecture", cfg->arch,
			    sizeof(cfg->arch), err);

	if (ret < 0)
		return ret;
	if (ret == 0)
		return syc_fail(err, SYC_EFORMAT,
				"%s: no metadata 'general.architecture'",
				syc_gguf_path(g));
	if (!syc_arch_gguf(cfg->arch))
		return refuse_arch(cfg, g, err);
	ret = read_text(g, "general.name", cfg->name, sizeof(cfg->name), err);
	return ret < 0 ? ret : 0;
}

/* llama.cpp multiplies two factors of the file with the one of the paper. */
static int read_yarn(struct syc_config *cfg, const struct syc_gguf *g,
		     struct syc_err *err)
{
	struct syc_rope *r = &cfg->rope;
	float attn = 1, yarn_attn = 1, share = 1;
	int ret;

	r->type = SYC_ROPE_YARN;
	if ((ret = read_float(g, cfg, "rope.scaling.factor", 0, &r->factor,
			      err)) < 0 ||
	    (ret = read_count(g, cfg, "rope.scaling.original_context_length",
			      cfg->n_ctx, SYC_MAX_CTX, &r->n_ctx, err)) < 0 ||
	    (ret = read_float(g, cfg, "rope.scaling.attn_factor", 1, &attn,
			      err)) < 0 ||
	    (ret = read_float(g, cfg, "rope.scaling.yarn_attn_factor", 1,
			      &yarn_attn, err)) < 0 ||
	    (ret = read_float(g, cfg, "rope.scaling.yarn_beta_fast", 32,
			      &r->fast, err)) < 0 ||
	    (ret = read_float(g, cfg, "rope.scaling.yarn_beta_slow", 1,
			      &r->slow, err)) < 0 ||
	    (ret = read_float(g, cfg, "rope.scaling.yarn_ext_factor", 1, &share,
			      err)) < 0)
		return ret;
	if (share != 1)
		return syc_fail(err, SYC_EUNSUPP,
			"%s: '%s.rope.scaling.yarn_ext_factor' of %g is "
			"not supported",
			syc_gguf_path(g), cfg->arch, (double)share);
	r->attention = attn * yarn_attn * syc_rope_mscale(r->factor, 1);
	return 0;
}

/* As in llama.cpp a factor without a type is linear. */
static int read_scaling(struct syc_config *cfg, const struct syc_gguf *g,
			struct syc_err *err)
{
	char type[32] = "linear", key[96];
	struct syc_rope *r = &cfg->rope;
	int ret = read_text(g,
			    key_of(cfg, "rope.scaling.type", key, sizeof(key)),
			    type, sizeof(type), err);

	if (ret < 0)
		return ret;
	if (strcmp(type, "none") == 0)
		return 0;
	if (strcmp(type, "yarn") == 0)
		return read_yarn(cfg, g, err);
	if (strcmp(type, "linear") != 0)
		return syc_fail(err, SYC_EUNSUPP,
				"%s: RoPE scaling '%s' is not supported",
				syc_gguf_path(g), type);
	ret = read_float(g, cfg, "rope.scale_linear", 1, &r->factor, err);
	if (ret == 0)
		ret = read_float(g, cfg, "rope.scaling.factor", r->factor,
				 &r->factor, err);
	if (r->factor != 1)
		r->type = SYC_ROPE_LINEAR;
	return ret;
}

static int read_rope(struct syc_config *cfg, const struct syc_gguf *g,
		     struct syc_err *err)
{
	uint32_t rotated;
	int ret;

	cfg->rope.factor = cfg->rope.attention = 1;
	ret = read_float(g, cfg, "rope.freq_base", 10000.0f, &cfg->rope.base,
			 err);
	if (ret == 0)
		ret = read_count(g, cfg, "rope.dimension_count", cfg->head_dim,
				 SYC_MAX_DIM, &rotated, err);
	if (ret < 0)
		return ret;
	if (rotated != cfg->head_dim)
		return syc_fail(err, SYC_EUNSUPP,
				"%s: RoPE over %" PRIu32 " of %" PRIu32
				" values is not supported",
				syc_gguf_path(g), rotated, cfg->head_dim);
	return read_scaling(cfg, g, err);
}

/* One truth value per block: whether it has the window. */
static int read_pattern(struct syc_config *cfg, const struct syc_gguf *g,
			struct syc_err *err)
{
	char key[96];
	const char *name = "attention.sliding_window_pattern";
	const struct syc_gguf_kv *kv = syc_gguf_kv(g, key_of(cfg, name, key, sizeof(key)));

	if (!kv)
		return 0;
	if (kv->type != SYC_GGUF_ARRAY || kv->elem != SYC_GGUF_BOOL ||
	    kv->n != cfg->n_layers)
		return syc_fail(err, SYC_EUNSUPP,
				"%s: '%s' is not one truth value for each of "
				"%" PRIu32 " blocks", syc_gguf_path(g), key,
				cfg->n_layers);
	for (uint32_t l = 0; l < cfg->n_layers; l++)
		if (syc_gguf_num(kv, l) == 0)
			cfg->no_window[l / 8] |= (uint8_t)(1 << l % 8);
	return 0;
}

static int read_window(struct syc_config *cfg, const struct syc_gguf *g,
		       struct syc_err *err)
{
	uint64_t v = 0;
	char key[96];
	int ret = syc_gguf_u64(g, key_of(cfg, "attention.sliding_window", key,
					 sizeof(key)), &v, err);

	if (ret < 0)
		return ret;
	cfg->window = v < cfg->n_ctx ? (uint32_t)v : 0;
	return cfg->window ? read_pattern(cfg, g, err) : 0;
}

/* What would be computed wrongly is refused by name. */
static int refuse_features(const struct syc_config *cfg,
			   const struct syc_gguf *g, struct syc_err *err)
{
	static const char *const names[] = {
		"expert_count", "attention.clamp_kqv",
			"attention.logit_softcapping",
		"attn_logit_softcapping", "final_logit_softcapping",
		"logit_scale", "residual_scale",
		"embedding_scale", "attention.scale", "attention.output_scale",
		"attention.max_alibi_bias", "attention.temperature_length",
		"attention.temperature_scale",
		"rope.scaling.alpha", "rope.scaling.yarn_log_multiplier",
		"nextn_predict_layers",
		"use_parallel_residual",
	};
	bool causal = true;
	char key[96];
	int ret;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const struct syc_gguf_kv *kv = syc_gguf_kv(g,
							   key_of(cfg, names[i],
								  key, sizeof(key)));

		if (kv && (kv->type == SYC_GGUF_ARRAY ||
			   kv->type == SYC_GGUF_STRING ||
			   syc_gguf_num(kv, 0) != 0))
			return syc_fail(err, SYC_EUNSUPP,
					"%s: '%s' is not supported",
					syc_gguf_path(g), key);
	}
	ret = syc_gguf_bool(g,
			    key_of(cfg, "attention.causal", key, sizeof(key)),
			    &causal, err);
	if (ret >= 0 && !causal)
		return syc_fail(err, SYC_EUNSUPP,
				"%s: '%s' false is not supported",
				syc_gguf_path(g), key);
	return ret < 0 ? ret : 0;
}

int syc_config_gguf(struct syc_config *cfg, const struct syc_gguf *g,
		    struct syc_err *err)
{
	uint32_t value_dim;
	int ret;

	*cfg = (struct syc_config){ 0 };
	if ((ret = read_arch(cfg, g, err)) < 0 ||
	    (ret = refuse_features(cfg, g, err)) < 0 ||
	    (ret = read_count(g, cfg, "block_count", 0, SYC_MAX_LAYERS,
			      &cfg->n_layers, err)) < 0 ||
	    (ret = read_count(g, cfg, "embedding_length", 0, SYC_MAX_DIM,
			      &cfg->dim, err)) < 0 ||
	    (ret = read_count(g, cfg, "feed_forward_length", 0, SYC_MAX_FFN,
			      &cfg->ffn_dim, err)) < 0 ||
	    (ret = read_count(g, cfg, "context_length", 0, SYC_MAX_CTX,
			      &cfg->n_ctx, err)) < 0 ||
	    (ret = read_count(g, cfg, "attention.head_count", 0, SYC_MAX_HEADS,
			      &cfg->n_heads, err)) < 0 ||
	    (ret = read_count(g, cfg, "attention.head_count_kv", cfg->n_heads,
			      SYC_MAX_HEADS, &cfg->n_kv_heads, err)) < 0 ||
	    (ret = read_float(g, cfg, "attention.layer_norm_rms_epsilon", 0,
			      &cfg->norm_eps, err)) < 0 ||
	    (ret = read_count(g, cfg, "attention.key_length",
			      cfg->dim / cfg->n_heads, SYC_MAX_DIM,
			      &cfg->head_dim, err)) < 0 ||
	    (ret = read_count(g, cfg, "attention.value_length", cfg->head_dim,
			      SYC_MAX_DIM, &value_dim, err)) < 0)
		return ret;
	if (value_dim != cfg->head_dim)
		return syc_fail(err, SYC_EUNSUPP,
				"%s: heads of %" PRIu32 " and %" PRIu32
				" values are not supported",
				syc_gguf_path(g), cfg->head_dim, value_dim);
	if ((ret = read_rope(cfg, g, err)) < 0 ||
	    (ret = read_window(cfg, g, err)) < 0)
		return ret;
	return syc_config_check(cfg, syc_gguf_path(g), err);
}
