/* SPDX-License-Identifier: MIT */
/* adapter_config.json, as PEFT writes it for LoRA. */
#include "config.h"
#define PCRE2_CODE_UNIT_WIDTH 8
#include <math.h>
#include <pcre2.h>
#include <string.h>
#include "base/err.h"
#include "model/lora.h"

enum { MATCH_LIMIT = 100000, HEAP_LIMIT_KIB = 16384 };

/* null, false, 0, "", [] and {} change nothing. */
static bool is_nothing(const json_t *v)
{
	return !v || json_is_false(v) ||
		(json_is_number(v) && json_number_value(v) == 0) ||
		(json_is_string(v) && !json_string_length(v)) ||
		(json_is_array(v) && !json_array_size(v)) ||
		(json_is_object(v) && !json_object_size(v));
}

/* Some ways to begin training change the model that the adapter is for. */
static int check_init(const struct syc_settings *in)
{
	static const char *const harmless[] = { "gaussian", "eva",
						"orthogonal" };
	const json_t *v = syc_settings_get(in, "init_lora_weights");
	const char *name = json_string_value(v);

	if (!v || json_is_boolean(v))
		return 0;
	for (size_t i = 0; name && i < sizeof(harmless) / sizeof(harmless[0]); i++)
		if (strcmp(name, harmless[i]) == 0)
			return 0;
	return syc_fail(in->err, SYC_EUNSUPP,
			"%s: 'init_lora_weights' '%.60s' is not supported: it "
			"changes the model, too", in->path, name ? name : "?");
}

int syc_peft_check(const struct syc_settings *in)
{
	static const char *const unsupported[] = {
		"modules_to_save", "use_dora", "lora_bias", "fan_in_fan_out",
			"layer_replication",
		"trainable_token_indices", "target_parameters",
		"alora_invocation_tokens", "arrow_config",
		"use_qalora", "use_bdlora", "monteclora_config",
	};
	const char *type, *bias;
	uint32_t rank;
	float alpha;
	int ret;

	if ((ret = syc_settings_text(in, "peft_type", &type)) < 0 ||
	    (ret = syc_settings_text(in, "bias", &bias)) < 0)
		return ret;
	if (!type)
		return syc_fail(in->err, SYC_EFORMAT, "%s: no 'peft_type'",
				in->path);
	if (strcmp(type, "LORA") != 0)
		return syc_fail(in->err, SYC_EUNSUPP,
			"%s: 'peft_type' '%.60s' is not supported (LORA is)",
			in->path, type);
	if (bias && strcmp(bias, "none") != 0)
		return syc_fail(in->err, SYC_EUNSUPP,
				"%s: 'bias' '%.60s' is not supported", in->path,
				bias);
	for (size_t i = 0; i < sizeof(unsupported) / sizeof(unsupported[0]); i++)
		if (!is_nothing(syc_settings_get(in, unsupported[i])))
			return syc_fail(in->err, SYC_EUNSUPP,
					"%s: '%s' is not supported", in->path,
					unsupported[i]);
	if ((ret = check_init(in)) < 0 ||
	    (ret = syc_settings_count(in, "r", 0, SYC_LORA_MAX_RANK, &rank)) < 0)
		return ret;
	return syc_settings_float(in, "lora_alpha", 0, &alpha);
}

/* Whether "(.*\.)?(KEY)" matches the whole name; 1 yes, 0 no. */
static int key_matches(const struct syc_settings *in, const char *key,
		       const char *module)
{
	pcre2_match_context *limits = pcre2_match_context_create(NULL);
	pcre2_match_data *data = NULL;
	pcre2_code *code = NULL;
	struct syc_buf b = { 0 };
	PCRE2_SIZE at;
	int why = 0, ret;

	if (limits && syc_buf_printf(&b, "(?:.*\\.)?(?:%s)", key) == 0) {
		code = pcre2_compile((PCRE2_SPTR)b.data, b.len,
				     PCRE2_ANCHORED | PCRE2_ENDANCHORED, &why,
				     &at, NULL);
		data = code ? pcre2_match_data_create_from_pattern(code, NULL) :
			      NULL;
	}
	if (code && data) {
		pcre2_set_match_limit(limits, MATCH_LIMIT);
		pcre2_set_heap_limit(limits, HEAP_LIMIT_KIB);
		why = pcre2_match(code, (PCRE2_SPTR)module, strlen(module), 0,
				  0, data, limits);
		ret = why == PCRE2_ERROR_NOMATCH ? 0 : 1;
	}
	if (!code && why)
		ret = syc_fail(in->err, SYC_EFORMAT,
			       "%s: '%.100s' is no pattern", in->path, key);
	else if (!code || !data)
		ret = syc_nomem(in->err);
	else if (why < 0 && why != PCRE2_ERROR_NOMATCH)
		ret = syc_fail(in->err, SYC_EFORMAT,
			       "%s: pattern '%.100s' takes too long", in->path,
			       key);
	pcre2_match_data_free(data);
	pcre2_code_free(code);
	pcre2_match_context_free(limits);
	syc_buf_free(&b);
	return ret;
}

/* The first key of rank_pattern or alpha_pattern that matches; else NULL. */
static int find_pattern(const struct syc_settings *in, const char *name,
			const char *module, const char **key)
{
	const json_t *o = syc_settings_get(in, name);
	const char *k;
	json_t *v;

	*key = NULL;
	if (o && !json_is_object(o))
		return syc_fail(in->err, SYC_EFORMAT,
				"%s: '%s' is not an object", in->path, name);
	json_object_foreach((json_t *)o, k, v) {
		int ret = key_matches(in, k, module);

		if (ret < 0)
			return ret;
		*key = k;
		if (ret)
			return 0;
	}
	*key = NULL;
	return 0;
}

int syc_peft_scale(const struct syc_settings *in, const char *module,
		   size_t rank, float *scale)
{
	struct syc_settings ranks = {
		.o = syc_settings_get(in, "rank_pattern"), .path = in->path, .err = in->err,
	};
	struct syc_settings alphas = {
		.o = syc_settings_get(in, "alpha_pattern"), .path = in->path, .err = in->err,
	};
	const char *rank_key, *alpha_key;
	uint32_t r;
	float alpha;
	bool rs;
	int ret;

	if ((ret = find_pattern(in, "rank_pattern", module, &rank_key)) < 0 ||
	    (ret = find_pattern(in, "alpha_pattern", module, &alpha_key)) < 0 ||
	    (ret = syc_settings_count(rank_key ? &ranks : in,
				      rank_key ? rank_key : "r", 0, SYC_LORA_MAX_RANK,
				      &r)) < 0 ||
	    (ret = syc_settings_float(alpha_key ? &alphas : in,
				      alpha_key ? alpha_key : "lora_alpha", 0,
				      &alpha)) < 0 ||
	    (ret = syc_settings_bool(in, "use_rslora", false, &rs)) < 0)
		return ret;
	if (r != rank)
		return syc_fail(in->err, SYC_EFORMAT,
				"%s: rank %u for '%.200s', whose tensors have "
				"rank %zu",
				in->path, (unsigned)r, module, rank);
	*scale = alpha / (rs ? sqrtf((float)r) : (float)r);
	return 0;
}
