/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <inttypes.h>
#include <jansson.h>
#include <string.h>
#include "syc/chat.h"
#include "syc/model.h"
#include "tool/common/fail.h"
#include "tool/info/info.h"

static void print_value(struct sheet *o, const char *label, const json_t *v)
{
	char *s;

	if (!v)
		return;
	s = json_dumps(v, JSON_ENCODE_ANY | JSON_REAL_PRECISION(9));
	if (s && strlen(s) > 60)
		strcpy(s + 57, "...");
	put(o, "  %-18s %s\n", label,
	    json_is_string(v) && strlen(json_string_value(v)) < 60
		    ? json_string_value(v)
	    : s ? s
		: "?");
	free(s);
}

/* What a model says of itself: GGUF's metadata, or config.json. */
struct about {
	const json_t *meta, *config;
};

/* "<architecture>.<key>" of GGUF, or a member of config.json. */
static const json_t *own(const struct about *a, const char *key,
			 const char *hub)
{
	const char *arch = json_string_value(
		json_object_get(a->meta, "general.architecture"));
	const json_t *v5 = json_object_get(a->config, "rope_parameters"), *v;
	char full[128];

	if (a->config) {
		v = json_object_get(a->config, hub);
		return v ? v : json_object_get(v5, hub);
	}
	snprintf(full, sizeof(full), "%s.%s", arch ? arch : "", key);
	return json_object_get(a->meta, full);
}

static void print_summary(struct sheet *o, const struct about *a)
{
	static const struct {
		const char *label, *key, *hub;
	} rows[] = {
		{"layers", "block_count", "num_hidden_layers"},
		{"width", "embedding_length", "hidden_size"},
		{"heads", "attention.head_count", "num_attention_heads"},
		{"key-value heads", "attention.head_count_kv", "num_key_value_heads"},
		{"feed-forward", "feed_forward_length", "intermediate_size"},
		{"context", "context_length", "max_position_embeddings"},
		{"window", "attention.sliding_window", "sliding_window"},
		{"RoPE base", "rope.freq_base", "rope_theta"},
		{"RoPE scaling", "rope.scaling.type", "rope_scaling"},
	};
	const json_t *class =
		json_array_get(json_object_get(a->config, "architectures"), 0);

	print_value(o, "name", json_object_get(a->meta, "general.name"));
	print_value(o, "architecture", a->config ? class :
		    json_object_get(a->meta, "general.architecture"));
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const json_t *v = own(a, rows[i].key, rows[i].hub);

		print_value(o, rows[i].label, json_is_null(v) ? NULL : v);
	}
}

static void print_chat(struct sheet *o, const char *tmpl, size_t len)
{
	const struct syc_chat *chat = tmpl ? syc_chat_detect(tmpl, len) : NULL;
	uint64_t digest;

	if (!chat && tmpl && syc_chat_digest(&digest, tmpl, len) == 0)
		put(o, "  %-18s unknown template %016" PRIx64 "\n", "chat", digest);
	else
		put(o, "  %-18s %s\n", "chat", chat ? syc_chat_name(chat) :
		    tmpl ? "broken template" : "no template");
}

static void print_vocab(struct sheet *o, const json_t *meta)
{
	const json_t *tokens = json_object_get(meta, "tokenizer.ggml.tokens");
	const char *tmpl = json_string_value(
		json_object_get(meta, "tokenizer.chat_template"));

	print_value(o, "vocabulary",
		    json_object_get(meta, "tokenizer.ggml.model"));
	if (json_is_object(tokens))
		print_value(o, "tokens", json_object_get(tokens, "length"));
	print_chat(o, tmpl, tmpl ? strlen(tmpl) : 0);
}

/* The vocabulary beside safetensors, in the folder or in that of the file. */
static void print_folder_vocab(struct sheet *o, const char *path)
{
	const char *slash = strrchr(path, '/'), *tmpl;
	enum syc_file_kind kind;
	struct syc_err err = { 0 };
	char folder[4096] = ".";
	struct syc_vocab *v;
	size_t len;

	if (syc_file_kind(&kind, path, NULL) == 0 && kind == SYC_FILE_FOLDER)
		snprintf(folder, sizeof(folder), "%s", path);
	else if (slash)
		snprintf(folder, sizeof(folder), "%.*s",
			 (int)(slash - path) + 1, path);
	if (syc_vocab_open(&v, folder, &err) < 0) {
		put(o, "  %-18s %s\n", "vocabulary", err.msg);
		return;
	}
	tmpl = syc_vocab_chat_template(v, &len);
	put(o, "  %-18s %zu\n", "tokens", syc_vocab_size(v));
	print_chat(o, tmpl, len);
	syc_vocab_close(v);
}

static void print_adapter(struct sheet *o, const struct about *a)
{
	static const char *const keys[] = {
		"peft_type",	  "r",
		"lora_alpha",	  "use_rslora",
		"target_modules", "base_model_name_or_path",
	};

	print_value(o, "architecture",
		    json_object_get(a->meta, "general.architecture"));
	print_value(o, "adapter.type", json_object_get(a->meta, "adapter.type"));
	print_value(o, "alpha", json_object_get(a->meta, "adapter.lora.alpha"));
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		print_value(o, keys[i], json_object_get(a->config, keys[i]));
}

/* "38 f16, 19 f32" */
static void print_types(struct sheet *o, const json_t *tensors)
{
	json_t *count = json_object(), *v;
	const char *key, *sep = "";
	size_t i;

	json_array_foreach(tensors, i, v) {
		const char *type =
			json_string_value(json_object_get(v, "type"));
		json_int_t n = json_integer_value(json_object_get(count, type));

		json_object_set_new(count, type, json_integer(n + 1));
	}
	put(o, "  %-18s ", "tensors");
	json_object_foreach(count, key, v) {
		put(o, "%s%" JSON_INTEGER_FORMAT " %s", sep,
		    json_integer_value(v), key);
		sep = ", ";
	}
	put(o, "\n");
	json_decref(count);
}

static void print_members(struct sheet *o, const char *title, const json_t *of)
{
	const char *key;
	json_t *v;

	if (of)
		put(o, "  %s\n", title);
	json_object_foreach((json_t *)of, key, v) {
		char *s = json_dumps(v, JSON_ENCODE_ANY | JSON_REAL_PRECISION(9));

		put(o, "    %s = %s\n", key, s ? s : "?");
		free(s);
	}
}

static void print_tensors(struct sheet *o, const json_t *tensors)
{
	json_t *v;
	size_t i;

	json_array_foreach(tensors, i, v) {
		char *shape = json_dumps(json_object_get(v, "shape"), JSON_COMPACT);

		put(o, "    %-32s %-6s %s\n",
		    json_string_value(json_object_get(v, "name")),
		    json_string_value(json_object_get(v, "type")),
		    shape ? shape : "?");
		free(shape);
	}
}

static void print_model(const struct info *i, const json_t *doc, bool adapter)
{
	const struct about a = {json_object_get(doc, "metadata"),
				json_object_get(doc, "config")};
	const json_t *tensors = json_object_get(doc, "tensors");
	json_int_t files = json_integer_value(json_object_get(doc, "files"));
	struct sheet *o = i->o;

	put(o, "%s: %s, ", i->path, adapter ? "adapter" : "model");
	if (a.meta)
		put(o, "GGUF version %" JSON_INTEGER_FORMAT ", ",
		       json_integer_value(json_object_get(doc, "version")));
	else
		put(o, "safetensors, ");
	if (files > 1)
		put(o, "%" JSON_INTEGER_FORMAT " files, ", files);
	put(o, "%" JSON_INTEGER_FORMAT " bytes\n",
	       json_integer_value(json_object_get(doc, "bytes")));
	if (adapter)
		print_adapter(o, &a);
	else
		print_summary(o, &a);
	if (!adapter && a.meta)
		print_vocab(o, a.meta);
	else if (!adapter)
		print_folder_vocab(o, i->path);
	if (json_array_size(tensors))
		print_types(o, tensors);
	if (!i->verbose)
		return;
	print_members(o, "metadata", a.meta);
	print_members(o, "config", json_is_object(a.config) ? a.config : NULL);
	print_tensors(o, tensors);
}

static bool is_text(const json_t *o, const char *key, const char *want)
{
	const char *s = json_string_value(json_object_get(o, key));

	return s && strcmp(s, want) == 0;
}

/* By the metadata, or else by the names of tensors. */
static enum info_kind kind_of(const json_t *doc)
{
	const json_t *meta = json_object_get(doc, "metadata");
	json_t *v;
	size_t i;

	if (meta)
		return is_text(meta, "general.architecture", "controlvector") ||
			is_text(meta, "general.architecture", "steeringvector") ? INFO_VECTOR :
			is_text(meta, "general.type", "adapter") ? INFO_ADAPTER : INFO_MODEL;
	json_array_foreach(json_object_get(doc, "tensors"), i, v) {
		const char *name =
			json_string_value(json_object_get(v, "name"));

		if (name && strstr(name, ".lora_"))
			return INFO_ADAPTER;
		if (name && strncmp(name, "model.", 6) == 0)
			return INFO_MODEL;
	}
	return INFO_VECTOR;
}

int info_model(const struct info *i, enum info_kind *kind, struct syc_err *err)
{
	static const char *const names[] = { "vector", "model", "adapter" };
	struct syc_buf b = { 0 };
	json_t *doc = NULL;
	int ret = syc_model_describe(i->path, &b, err);

	if (ret == 0) {
		doc = json_loadb(b.data, b.len, JSON_ALLOW_NUL, NULL);
		if (!doc)
			ret = fail(err, SYC_EFORMAT,
				   "%s: its metadata cannot be shown", i->path);
	}
	*kind = kind_of(doc);
	if (ret == 0 && *kind != INFO_VECTOR && i->json) {
		info_head(i, names[*kind]);
		put(i->o, ", %s\n", b.data + 1);
	} else if (ret == 0 && *kind != INFO_VECTOR) {
		print_model(i, doc, *kind == INFO_ADAPTER);
	}
	json_decref(doc);
	syc_buf_free(&b);
	return ret == 0 && *kind == INFO_MODEL ? syc_model_check(i->path, err) : ret;
}
