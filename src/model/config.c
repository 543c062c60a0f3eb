/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include "base/err.h"
#include "model/model.h"

enum { MAX_LAYERS = 1024, MAX_DIM = 1 << 16, MAX_HEADS = 1024, MAX_FFN = 1 << 20, MAX_CTX = 1 << 24 };

/* "llama" + "block_count"; the longest key we ask for fits. */
static const char *key_of(const struct syc_config *cfg, const char *name, char *buf, size_t n)
{
	snprintf(buf, n, "%s.%s", cfg->arch, name);
	return buf;
}

/* A count in [1, max]; absent is an error unless there is a fallback. */
static int read_count(const struct syc_gguf *g, const struct syc_config *cfg, const char *name,
		      uint32_t fallback, uint32_t max, uint32_t *out, struct syc_err *err)
{
	char key[96];
	uint64_t v = fallback;
	int ret = syc_gguf_u64(g, key_of(cfg, name, key, sizeof(key)), &v, err);

	if (ret < 0)
		return ret;
	if (ret == 0 && !fallback)
		return syc_fail(err, SYC_EFORMAT, "%s: no metadata '%s'", syc_gguf_path(g), key);
	if (v < 1 || v > max)
		return syc_fail(err, SYC_EFORMAT, "%s: '%s' is %" PRIu64 " (1 to %" PRIu32 " is possible)",
				syc_gguf_path(g), key, v, max);
	*out = (uint32_t)v;
	return 0;
}

static int read_float(const struct syc_gguf *g, const struct syc_config *cfg, const char *name,
		      float fallback, float *out, struct syc_err *err)
{
	char key[96];
	int ret;

	*out = fallback;
	ret = syc_gguf_f32(g, key_of(cfg, name, key, sizeof(key)), out, err);
	if (ret < 0)
		return ret;
	if (ret == 0 && !(fallback > 0))
		return syc_fail(err, SYC_EFORMAT, "%s: no metadata '%s'", syc_gguf_path(g), key);
	if (!(*out > 0 && *out < 1e30f))
		return syc_fail(err, SYC_EFORMAT, "%s: '%s' is %g", syc_gguf_path(g), key, (double)*out);
	return 0;
}

static int read_text(const struct syc_gguf *g, const char *key, char *out, size_t n, struct syc_err *err)
{
	struct syc_str s = { "", 0 };
	int ret = syc_gguf_str(g, key, &s, err);

	if (ret < 0)
		return ret;
	snprintf(out, n, "%.*s", (int)(s.len < n ? s.len : n), s.s);
	return ret;
}

static int read_arch(struct syc_config *cfg, const struct syc_gguf *g, struct syc_err *err)
{
	int ret = read_text(g, "general.architecture", cfg->arch, sizeof(cfg->arch), err);

	if (ret < 0)
		return ret;
	if (ret == 0)
		return syc_fail(err, SYC_EFORMAT, "%s: no metadata 'general.architecture'", syc_gguf_path(g));
	if (strcmp(cfg->arch, "llama") != 0)
		return syc_fail(err, SYC_EUNSUPP, "%s: architecture '%s' is not supported (llama is)",
				syc_gguf_path(g), cfg->arch);
	ret = read_text(g, "general.name", cfg->name, sizeof(cfg->name), err);
	return ret < 0 ? ret : 0;
}

static int read_rope(struct syc_config *cfg, const struct syc_gguf *g, struct syc_err *err)
{
	char type[32], key[96];
	uint32_t rotated;
	int ret;

	ret = read_float(g, cfg, "rope.freq_base", 10000.0f, &cfg->rope_base, err);
	if (ret == 0)
		ret = read_count(g, cfg, "rope.dimension_count", cfg->head_dim, MAX_DIM, &rotated, err);
	if (ret == 0 && rotated != cfg->head_dim)
		ret = syc_fail(err, SYC_EUNSUPP, "%s: RoPE over %" PRIu32 " of %" PRIu32 " values is not supported",
			       syc_gguf_path(g), rotated, cfg->head_dim);
	if (ret < 0)
		return ret;
	ret = read_text(g, key_of(cfg, "rope.scaling.type", key, sizeof(key)), type, sizeof(type), err);
	if (ret < 0)
		return ret;
	cfg->rope_scale = 1;
	if (ret == 1 && strcmp(type, "linear") == 0)
		return read_float(g, cfg, "rope.scaling.factor", 0, &cfg->rope_scale, err);
	if (ret == 1 && strcmp(type, "none") != 0)
		return syc_fail(err, SYC_EUNSUPP, "%s: RoPE scaling '%s' is not supported", syc_gguf_path(g), type);
	return 0;
}

/* What would be computed wrongly is refused by name. */
static int refuse_features(const struct syc_config *cfg, const struct syc_gguf *g, struct syc_err *err)
{
	static const char *const names[] = {
		"expert_count", "attention.sliding_window", "attention.clamp_kqv",
		"attention.logit_softcapping", "logit_scale", "residual_scale",
		"embedding_scale", "attention.scale",
	};
	char key[96];

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const struct syc_gguf_kv *kv = syc_gguf_kv(g, key_of(cfg, names[i], key, sizeof(key)));

		if (kv && (kv->type == SYC_GGUF_ARRAY || kv->type == SYC_GGUF_STRING || syc_gguf_num(kv, 0) != 0))
			return syc_fail(err, SYC_EUNSUPP, "%s: '%s' is not supported", syc_gguf_path(g), key);
	}
	return 0;
}

int syc_config_read(struct syc_config *cfg, const struct syc_gguf *g, struct syc_err *err)
{
	uint32_t value_dim;
	int ret;

	*cfg = (struct syc_config){ 0 };
	if ((ret = read_arch(cfg, g, err)) < 0 ||
	    (ret = refuse_features(cfg, g, err)) < 0 ||
	    (ret = read_count(g, cfg, "block_count", 0, MAX_LAYERS, &cfg->n_layers, err)) < 0 ||
	    (ret = read_count(g, cfg, "embedding_length", 0, MAX_DIM, &cfg->dim, err)) < 0 ||
	    (ret = read_count(g, cfg, "feed_forward_length", 0, MAX_FFN, &cfg->ffn_dim, err)) < 0 ||
	    (ret = read_count(g, cfg, "context_length", 0, MAX_CTX, &cfg->n_ctx, err)) < 0 ||
	    (ret = read_count(g, cfg, "attention.head_count", 0, MAX_HEADS, &cfg->n_heads, err)) < 0 ||
	    (ret = read_count(g, cfg, "attention.head_count_kv", cfg->n_heads, MAX_HEADS, &cfg->n_kv_heads, err)) < 0 ||
	    (ret = read_float(g, cfg, "attention.layer_norm_rms_epsilon", 0, &cfg->norm_eps, err)) < 0)
		return ret;
	if (cfg->n_heads % cfg->n_kv_heads)
		return syc_fail(err, SYC_EFORMAT, "%s: %" PRIu32 " heads over %" PRIu32 " key-value heads",
				syc_gguf_path(g), cfg->n_heads, cfg->n_kv_heads);
	if ((ret = read_count(g, cfg, "attention.key_length", cfg->dim / cfg->n_heads, MAX_DIM, &cfg->head_dim, err)) < 0 ||
	    (ret = read_count(g, cfg, "attention.value_length", cfg->head_dim, MAX_DIM, &value_dim, err)) < 0)
		return ret;
	if (cfg->head_dim % 2 || value_dim != cfg->head_dim)
		return syc_fail(err, SYC_EUNSUPP, "%s: heads of %" PRIu32 " and %" PRIu32 " values are not supported",
				syc_gguf_path(g), cfg->head_dim, value_dim);
	return read_rope(cfg, g, err);
}
