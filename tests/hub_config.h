/* SPDX-License-Identifier: MIT */
/* A config.json with members changed, as a configuration. */
#ifndef TESTS_HUB_CONFIG_H
#define TESTS_HUB_CONFIG_H
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include "model/model.h"
#include "suite.h"

#define LEN(a) (sizeof(a) / sizeof((a)[0]))

static const char base[] =
	"{\"architectures\": [\"LlamaForCausalLM\"],"
	" \"model_type\": \"llama\", \"hidden_size\": 64,"
	" \"num_attention_heads\": 4, \"num_key_value_heads\": 2, \"intermediate_size\": 160,"
	" \"num_hidden_layers\": 3, \"vocab_size\": 512, \"max_position_embeddings\": 2048,"
	" \"rms_norm_eps\": 1e-5}";

/* The base with the members of `own` in place of its own; null takes one out. */
static inline int read_with(struct syc_config *cfg, const char *own, struct syc_err *err)
{
	json_t *o = json_loads(base, 0, NULL), *add = json_loads(own, 0, NULL), *v;
	const char *key;
	char *text;
	int ret;

	ck_assert_msg(json_is_object(add), "%s", own);
	json_object_foreach(add, key, v) {
		if (json_is_null(v) && json_object_get(o, key))
			json_object_del(o, key);
		else
			json_object_set(o, key, v);
	}
	text = json_dumps(o, 0);
	ck_assert_ptr_nonnull(text);
	ret = syc_config_json(cfg, text, strlen(text), "config.json", err);
	free(text);
	json_decref(o);
	json_decref(add);
	return ret;
}

static inline struct syc_config good(const char *own)
{
	struct syc_config cfg;
	struct syc_err err = { 0 };

	ck_assert_msg(read_with(&cfg, own, &err) == 0, "%s: %s", own, err.msg);
	return cfg;
}

#endif
