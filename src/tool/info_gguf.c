/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include "syc/model.h"
#include "tool/fail.h"
#include "tool/info.h"

static void print_value(const char *label, const json_t *v)
{
	char *s;

	if (!v)
		return;
	s = json_dumps(v, JSON_ENCODE_ANY | JSON_REAL_PRECISION(9));
	if (s && strlen(s) > 60)
		strcpy(s + 57, "...");
	printf("  %-18s %s\n", label, json_is_string(v) && strlen(json_string_value(v)) < 60 ?
	       json_string_value(v) : s ? s : "?");
	free(s);
}

/* Metadata "<architecture>.<key>". */
static const json_t *own(const json_t *meta, const char *key)
{
	const char *arch = json_string_value(json_object_get(meta, "general.architecture"));
	char full[128];

	snprintf(full, sizeof(full), "%s.%s", arch ? arch : "", key);
	return json_object_get(meta, full);
}

static void print_summary(const json_t *meta)
{
	static const struct {
		const char *label, *key;
	} rows[] = {
		{ "layers", "block_count" }, { "width", "embedding_length" },
		{ "heads", "attention.head_count" }, { "key-value heads", "attention.head_count_kv" },
		{ "feed-forward", "feed_forward_length" }, { "context", "context_length" },
		{ "RoPE base", "rope.freq_base" },
	};

	print_value("name", json_object_get(meta, "general.name"));
	print_value("architecture", json_object_get(meta, "general.architecture"));
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		print_value(rows[i].label, own(meta, rows[i].key));
}

static void print_vocab(const json_t *meta)
{
	const json_t *tokens = json_object_get(meta, "tokenizer.ggml.tokens");
	const char *tmpl = json_string_value(json_object_get(meta, "tokenizer.chat_template"));
	const struct syc_chat *chat = tmpl ? syc_chat_detect(tmpl, strlen(tmpl)) : NULL;

	print_value("vocabulary", json_object_get(meta, "tokenizer.ggml.model"));
	if (json_is_object(tokens))
		print_value("tokens", json_object_get(tokens, "length"));
	printf("  %-18s %s\n", "chat", chat ? syc_chat_name(chat) : tmpl ? "unknown template" : "no template");
}

/* "38 f16, 19 f32" */
static void print_types(const json_t *tensors)
{
	json_t *count = json_object(), *v;
	const char *key, *sep = "";
	size_t i;

	json_array_foreach(tensors, i, v) {
		const char *type = json_string_value(json_object_get(v, "type"));
		json_int_t n = json_integer_value(json_object_get(count, type));

		json_object_set_new(count, type, json_integer(n + 1));
	}
	printf("  %-18s ", "tensors");
	json_object_foreach(count, key, v) {
		printf("%s%" JSON_INTEGER_FORMAT " %s", sep, json_integer_value(v), key);
		sep = ", ";
	}
	putchar('\n');
	json_decref(count);
}

static void print_all(const json_t *meta, const json_t *tensors)
{
	const char *key;
	json_t *v;
	size_t i;

	printf("  metadata\n");
	json_object_foreach((json_t *)meta, key, v) {
		char *s = json_dumps(v, JSON_ENCODE_ANY | JSON_REAL_PRECISION(9));

		printf("    %s = %s\n", key, s ? s : "?");
		free(s);
	}
	json_array_foreach(tensors, i, v) {
		char *shape = json_dumps(json_object_get(v, "shape"), JSON_COMPACT);

		printf("    %-32s %-6s %s\n", json_string_value(json_object_get(v, "name")),
		       json_string_value(json_object_get(v, "type")), shape ? shape : "?");
		free(shape);
	}
}

static void print_model(const struct syc_info *i, const json_t *doc)
{
	const json_t *meta = json_object_get(doc, "metadata"), *tensors = json_object_get(doc, "tensors");

	printf("%s: model, GGUF version %" JSON_INTEGER_FORMAT ", %" JSON_INTEGER_FORMAT " bytes\n", i->path,
	       json_integer_value(json_object_get(doc, "version")),
	       json_integer_value(json_object_get(doc, "bytes")));
	print_summary(meta);
	print_vocab(meta);
	if (json_array_size(tensors))
		print_types(tensors);
	if (i->verbose)
		print_all(meta, tensors);
}

static void print_json(const char *path, const char *doc)
{
	struct syc_buf b = { 0 };

	if (syc_buf_json(&b, path, strlen(path)) == 0)
		printf("{\"file\": %s, \"kind\": \"model\", %s\n", b.data, doc + 1);
	syc_buf_free(&b);
}

int syc_info_gguf(const struct syc_info *i, bool *is_vector, struct syc_err *err)
{
	struct syc_buf b = { 0 };
	json_t *doc;
	const char *arch;
	int ret = syc_gguf_describe(i->path, &b, err);

	if (ret < 0) {
		syc_buf_free(&b);
		return ret;
	}
	doc = json_loadb(b.data, b.len, JSON_ALLOW_NUL, NULL);
	arch = json_string_value(json_object_get(json_object_get(doc, "metadata"), "general.architecture"));
	*is_vector = arch && (strcmp(arch, "controlvector") == 0 || strcmp(arch, "steeringvector") == 0);
	if (!doc)
		ret = fail(err, SYC_EFORMAT, "%s: its metadata cannot be shown", i->path);
	else if (!*is_vector && i->json)
		print_json(i->path, b.data);
	else if (!*is_vector)
		print_model(i, doc);
	json_decref(doc);
	syc_buf_free(&b);
	return ret;
}
