/* SPDX-License-Identifier: MIT */
/* config.json, as transformers writes it for the models of the family. */
#include "config.h"
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include "base/err.h"
#include "model/arch.h"
#include "model/model.h"
#include "model/rope.h"
#include "model/settings.h"

/* The class decides; files without one have a model_type at least. */
static int read_arch(struct syc_config *cfg, const struct syc_settings *in,
		     const struct syc_arch **arch)
{
	const json_t *list = syc_settings_get(in, "architectures");
	const char *class = json_string_value(json_array_get(list, 0)), *type;

	if (list && (!class || json_array_size(list) != 1))
		return syc_fail(in->err, SYC_EFORMAT,
				"%s: 'architectures' is not a list of one name",
				in->path);
	if (syc_settings_text(in, "model_type", &type) < 0)
		return SYC_EFORMAT;
	if (!class && !type)
		return syc_fail(in->err, SYC_EFORMAT,
				"%s: neither 'architectures' nor 'model_type'",
				in->path);
	*arch = syc_arch_hub(class, type, &cfg->reward);
	if (!*arch || (type && strcmp(type, (*arch)->type) != 0))
		return syc_fail(in->err, SYC_EUNSUPP,
				"%s: architecture '%.60s' (%.60s) is not "
				"supported",
				in->path, class ? class : "?",
				type ? type : "?");
	snprintf(cfg->arch, sizeof(cfg->arch), "%s", (*arch)->gguf);
	return 0;
}

/* What would be computed wrongly is refused by name, unless it says that it does nothing. */
static int refuse_features(const struct syc_settings *in)
{
	static const struct { const char *key; double nothing; } features[] = {
		{ "partial_rotary_factor", 1 },
		{ "rotary_pct", 1 },
		{ "num_local_experts", 0 },
		{ "num_experts", 0 },
		{ "n_routed_experts", 0 },
		{ "attn_logit_softcapping", 0 },
		{ "final_logit_softcapping", 0 },
		{ "clip_qkv", 0 },
		{ "logits_scaling", 1 },
		{ "logit_scale", 1 },
		{ "embedding_multiplier", 1 },
		{ "residual_multiplier", 1 },
		{ "attention_multiplier", 1 },
		{ "query_pre_attn_scalar", 0 },
		{ "num_nextn_predict_layers", 0 },
		{ "quantization_config", 0 },
		{ "no_rope_layers", 0 },
	};
	const char *act;

	for (size_t i = 0; i < sizeof(features) / sizeof(features[0]); i++) {
		const json_t *v = syc_settings_get(in, features[i].key);

		if (v && !(json_is_number(v) &&
			   json_number_value(v) == features[i].nothing))
			return syc_fail(in->err, SYC_EUNSUPP,
					"%s: '%s' is not supported", in->path,
					features[i].key);
	}
	if (syc_settings_text(in, "hidden_act", &act) < 0)
		return SYC_EFORMAT;
	if (act && strcmp(act, "silu") != 0 && strcmp(act, "swish") != 0)
		return syc_fail(in->err, SYC_EUNSUPP,
				"%s: 'hidden_act' '%.60s' is not supported",
				in->path, act);
	return 0;
}

static int read_llama3(struct syc_rope *r, const struct syc_settings *in)
{
	int ret;

	r->type = SYC_ROPE_LLAMA3;
	if ((ret = syc_settings_float(in, "factor", 0, &r->factor)) < 0 ||
	    (ret = syc_settings_float(in, "low_freq_factor", 0, &r->slow)) < 0 ||
	    (ret = syc_settings_float(in, "high_freq_factor", 0, &r->fast)) < 0)
		return ret;
	return syc_settings_count(in, "original_max_position_embeddings", 0,
				  SYC_MAX_CTX, &r->n_ctx);
}

/* Numbers that are 0 count as absent here. */
static float number_or(const struct syc_settings *in, const char *key,
		       float fallback)
{
	const json_t *v = syc_settings_get(in, key);
	double x = json_number_value(v);

	return v && x != 0 ? (float)x : fallback;
}

static int read_yarn(struct syc_rope *r, const struct syc_settings *in,
		     uint32_t n_ctx)
{
	float mscale = number_or(in, "mscale", 0),
		all = number_or(in, "mscale_all_dim", 0), usual;
	bool truncate;
	int ret;

	r->type = SYC_ROPE_YARN;
	r->fast = number_or(in, "beta_fast", 32);
	r->slow = number_or(in, "beta_slow", 1);
	if ((ret = syc_settings_count(in, "original_max_position_embeddings",
				      n_ctx, SYC_MAX_CTX, &r->n_ctx)) < 0 ||
	    (ret = syc_settings_float(in, "factor",
				      (float)n_ctx / (float)r->n_ctx,
				      &r->factor)) < 0 ||
	    (ret = syc_settings_bool(in, "truncate", true, &truncate)) < 0)
		return ret;
	if (!(r->slow > 0 && r->fast < 1e30f && fabsf(mscale) < 1e6f &&
	      fabsf(all) < 1e6f))
		return syc_fail(in->err, SYC_EFORMAT,
				"%s: impossible numbers for yarn", in->path);
	r->fraction = !truncate;
	usual = syc_rope_mscale(r->factor, 1);
	if (mscale != 0 && all != 0)
		usual = syc_rope_mscale(r->factor, mscale) /
			syc_rope_mscale(r->factor, all);
	if (!(usual > 0 && usual < 1e6f))
		return syc_fail(in->err, SYC_EFORMAT,
				"%s: impossible 'mscale' for yarn", in->path);
	return syc_settings_float(in, "attention_factor", usual, &r->attention);
}

/*
 * Version 5 of transformers has the base and the scaling in rope_parameters,
 * earlier ones rope_theta and rope_scaling.
 */
static int read_rope(struct syc_config *cfg, const struct syc_settings *top)
{
	const json_t *v5 = syc_settings_get(top, "rope_parameters"),
		*o = v5 ? v5 : syc_settings_get(top, "rope_scaling");
	struct syc_settings in = { .o = o, .path = top->path, .err = top->err };
	struct syc_rope *r = &cfg->rope;
	const char *type = NULL;
	bool old;
	int ret;

	r->factor = r->attention = 1;
	if ((ret = syc_settings_float(top, "rope_theta", 10000, &r->base)) < 0)
		return ret;
	if (!o)
		return 0;
	old = !syc_settings_get(&in, "rope_type");
	if (!json_is_object(o))
		return syc_fail(in.err, SYC_EFORMAT,
				"%s: '%s' is not an object", in.path,
				v5 ? "rope_parameters" : "rope_scaling");
	if ((ret = syc_settings_float(&in, "rope_theta", r->base, &r->base)) < 0 ||
	    (ret = syc_settings_text(&in, old ? "type" : "rope_type", &type)) < 0)
		return ret;
	if (number_or(&in, "partial_rotary_factor", 1) != 1)
		return syc_fail(in.err, SYC_EUNSUPP,
				"%s: 'partial_rotary_factor' is not supported",
				in.path);
	if (syc_settings_get(&in, "full_attention") ||
	    syc_settings_get(&in, "sliding_attention"))
		return syc_fail(in.err, SYC_EUNSUPP,
				"%s: RoPE by kind of layer is not supported",
				in.path);
	if (!type && !v5)
		return syc_fail(in.err, SYC_EFORMAT,
				"%s: 'rope_scaling' has no 'rope_type'",
				in.path);
	if (!type || strcmp(type, "default") == 0)
		return 0;
	if (strcmp(type, "llama3") == 0)
		return read_llama3(r, &in);
	if (strcmp(type, "yarn") == 0)
		return read_yarn(r, &in, cfg->n_ctx);
	if (strcmp(type, "linear") != 0)
		return syc_fail(in.err, SYC_EUNSUPP,
				"%s: RoPE scaling '%.60s' is not supported",
				in.path, type);
	r->type = SYC_ROPE_LINEAR;
	return syc_settings_float(&in, "factor", 0, &r->factor);
}

static void set_no_window(struct syc_config *cfg, uint32_t l)
{
	cfg->no_window[l / 8] |= (uint8_t)(1 << l % 8);
}

static int read_layer_types(struct syc_config *cfg,
			    const struct syc_settings *in, const json_t *list)
{
	if (json_array_size(list) != cfg->n_layers)
		return syc_fail(in->err, SYC_EFORMAT,
				"%s: 'layer_types' does not name %" PRIu32 " "
				"layers", in->path, cfg->n_layers);
	for (uint32_t l = 0; l < cfg->n_layers; l++) {
		const char *type = json_string_value(json_array_get(list, l));

		if (type && strcmp(type, "full_attention") == 0)
			set_no_window(cfg, l);
		else if (!type || strcmp(type, "sliding_attention") != 0)
			return syc_fail(in->err, SYC_EUNSUPP,
				"%s: layer type '%.60s' is not supported",
				in->path, type ? type : "?");
	}
	return 0;
}

/* 4096 and 28 are what transformers takes where nothing is said. */
static int read_window(struct syc_config *cfg, const struct syc_settings *in,
		       enum syc_window_rule rule)
{
	const json_t *list = syc_settings_get(in, "layer_types");
	const json_t *max = syc_settings_get(in, "max_window_layers");
	bool switched = rule == SYC_WINDOW_SWITCHED,
	     use = rule == SYC_WINDOW_NAMED;
	json_int_t from = !switched ? 0 : max ? json_integer_value(max) : 28;
	int ret = switched ? syc_settings_bool(in, "use_sliding_window", false, &use) : 0;

	if (ret < 0 || !use ||
	    json_is_null(json_object_get(in->o, "sliding_window")))
		return ret;
	if ((ret = syc_settings_count(in, "sliding_window", 4096, INT32_MAX,
				      &cfg->window)) < 0)
		return ret;
	if (list)
		return read_layer_types(cfg, in, list);
	if (max && (!json_is_integer(max) || from < 0))
		return syc_fail(in->err, SYC_EFORMAT,
				"%s: 'max_window_layers' is not a number of "
				"layers", in->path);
	for (uint32_t l = 0; l < cfg->n_layers && l < from; l++)
		set_no_window(cfg, l);
	return 0;
}

/* transformers writes the names of scores, and their number only sometimes. */
static int check_labels(const struct syc_settings *in)
{
	const json_t *names = syc_settings_get(in, "id2label");
	uint32_t n = json_object_size(names) ? (uint32_t)json_object_size(names) : 1;
	int ret = syc_settings_count(in, "num_labels", n, INT32_MAX, &n);

	if (ret == 0 && n != 1)
		return syc_fail(in->err, SYC_EUNSUPP,
				"%s: %" PRIu32 " scores per text are not "
				"supported", in->path, n);
	return ret;
}

static int read_all(struct syc_config *cfg, const struct syc_settings *in)
{
	const struct syc_arch *arch = NULL;
	const char *name;
	uint32_t n;
	int ret;

	if ((ret = read_arch(cfg, in, &arch)) < 0 ||
	    (ret = refuse_features(in)) < 0 ||
	    (ret = syc_settings_text(in, "_name_or_path", &name)) < 0)
		return ret;
	snprintf(cfg->name, sizeof(cfg->name), "%s", name ? name : "");
	if ((ret = syc_settings_count(in, "num_hidden_layers", 0, SYC_MAX_LAYERS,
				      &cfg->n_layers)) < 0 ||
	    (ret = syc_settings_count(in, "hidden_size", 0, SYC_MAX_DIM,
				      &cfg->dim)) < 0 ||
	    (ret = syc_settings_count(in, "intermediate_size", 0, SYC_MAX_FFN,
				      &cfg->ffn_dim)) < 0 ||
	    (ret = syc_settings_count(in, "vocab_size", 0, SYC_MAX_VOCAB,
				      &cfg->n_vocab)) < 0 ||
	    (ret = syc_settings_count(in, "max_position_embeddings", arch->n_ctx,
				      SYC_MAX_CTX, &cfg->n_ctx)) < 0 ||
	    (ret = syc_settings_count(in, "num_attention_heads", 0, SYC_MAX_HEADS,
				      &cfg->n_heads)) < 0)
		return ret;
	n = arch->kv_heads ? cfg->n_heads : 0;
	if ((ret = syc_settings_count(in, "num_key_value_heads", n,
				      SYC_MAX_HEADS, &cfg->n_kv_heads)) < 0)
		return ret;
	n = arch->head_dim ? arch->head_dim : cfg->dim / cfg->n_heads;
	if ((ret = syc_settings_count(in, "head_dim", n, SYC_MAX_DIM,
				      &cfg->head_dim)) < 0 ||
	    (ret = syc_settings_float(in, "rms_norm_eps", 1e-6f,
				      &cfg->norm_eps)) < 0 ||
	    (ret = syc_settings_bool(in, "tie_word_embeddings", false,
				     &cfg->tied_output)) < 0 ||
	    (ret = read_rope(cfg, in)) < 0 ||
	    (ret = read_window(cfg, in, arch->window)) < 0)
		return ret;
	if (cfg->reward && (ret = check_labels(in)) < 0)
		return ret;
	return syc_config_check(cfg, in->path, in->err);
}

int syc_config_json(struct syc_config *cfg, const char *text, size_t n,
		    const char *path, struct syc_err *err)
{
	struct syc_settings in;
	int ret;

	*cfg = (struct syc_config){ 0 };
	ret = syc_settings_parse(&in, text, n, path, err);
	if (ret == 0)
		ret = read_all(cfg, &in);
	syc_settings_free(&in);
	return ret;
}

int syc_config_hub(struct syc_config *cfg, const char *folder,
		   struct syc_err *err)
{
	struct syc_settings in;
	int ret;

	*cfg = (struct syc_config){ 0 };
	ret = syc_settings_open(&in, folder, "config.json", err);
	if (ret == 0)
		ret = read_all(cfg, &in);
	syc_settings_free(&in);
	return ret;
}
