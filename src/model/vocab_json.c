/* SPDX-License-Identifier: MIT */
/* A vocabulary from a tokenizer.json, as Hugging Face's tokenizers write it. */
#include "config.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "base/mem.h"
#include "format/json.h"
#include "model/vocab.h"

#define SPACE "\xe2\x96\x81"	/* U+2581, a space in SentencePiece */

enum { MAX_JSON = 512 << 20, SHOWN = 40 };

struct reader {
	struct syc_vocab_in *in;
	const json_t *root, *model;
};

int syc_vocab_parse(struct syc_vocab_in *in, const uint8_t *data, size_t n,
		    json_t **root)
{
	*root = NULL;
	if (n > MAX_JSON)
		return syc_fail(in->err, SYC_EFORMAT,
				"%s: %zu bytes are too many", in->path, n);
	return syc_json_load(root, data ? (const char *)data : "", n, in->path,
			     "the file", in->err);
}

static int bad(struct reader *r, const char *what)
{
	return syc_fail(r->in->err, SYC_EFORMAT, "%s: %s", r->in->path, what);
}

static int unsupported(struct reader *r, const char *what, const char *name)
{
	return syc_fail(r->in->err, SYC_EUNSUPP,
			"%s: %s '%.*s' is not supported", r->in->path, what,
			SHOWN, name ? name : "?");
}

static bool is_type(const json_t *v, const char *type)
{
	const char *s = json_string_value(json_object_get(v, "type"));

	return s && strcmp(s, type) == 0;
}

/* Is there a part of that type, in v or in the sequence v is? */
static const json_t *find_type(const json_t *v, const char *list,
			       const char *type)
{
	const json_t *e;
	size_t i;

	if (is_type(v, type))
		return v;
	json_array_foreach((json_t *)json_object_get(v, list), i, e)
		if (is_type(e, type))
			return e;
	return NULL;
}

bool syc_vocab_json_is_bytes(const json_t *root)
{
	return find_type(json_object_get(root, "pre_tokenizer"),
			 "pretokenizers", "ByteLevel") ||
	       find_type(json_object_get(root, "decoder"), "decoders",
			 "ByteLevel");
}

/* What the model's own keys say that would change how it merges. */
static int check_model(struct reader *r)
{
	static const char *const key[] = { "continuing_subword_prefix",
					   "end_of_word_suffix" };
	const char *type = json_string_value(json_object_get(r->model, "type"));

	if (!json_is_object(r->model))
		return bad(r, "no 'model'");
	/* Files from before there was a type have merges if they are BPE. */
	if (type ? strcmp(type, "BPE") != 0 :
		   !json_object_get(r->model, "merges"))
		return unsupported(r, "model type", type);
	if (json_number_value(json_object_get(r->model, "dropout")) > 0)
		return unsupported(r, "key", "dropout");
	for (size_t i = 0; i < sizeof(key) / sizeof(key[0]); i++)
		if (json_string_length(json_object_get(r->model, key[i])))
			return unsupported(r, "key", key[i]);
	return 0;
}

/* Names by id into name[*n], which is at least the number of tokens long. */
static int order_names(struct reader *r, const json_t *vocab, const char **name,
		       size_t cap, size_t *n)
{
	const char *key;
	json_t *v;

	*n = 0;
	json_object_foreach((json_t *)vocab, key, v) {
		json_int_t id = json_integer_value(v);

		if (!json_is_integer(v) || id < 0 || (uint64_t)id >= cap)
			return syc_fail(r->in->err, SYC_EFORMAT,
					"%s: token '%.*s' has no id below %zu",
					r->in->path, SHOWN, key, cap);
		if (name[id])
			return syc_fail(r->in->err, SYC_EFORMAT,
					"%s: two tokens have id %d",
					r->in->path, (int)id);
		name[id] = key;
		if ((size_t)id >= *n)
			*n = (size_t)id + 1;
	}
	return 0;
}

static int type_of(const struct reader *r, const char *name, size_t n)
{
	const char *unk = json_string_value(json_object_get(r->model, "unk_token"));
	struct syc_piece p = { .name = name, .n_name = (uint32_t)n };

	if (r->in->v->meta.kind == SYC_VOCAB_BPE)
		return SYC_PIECE_NORMAL;
	if (unk && strcmp(unk, name) == 0)
		return SYC_PIECE_UNKNOWN;
	return syc_piece_byte(&p) >= 0 ? SYC_PIECE_BYTE : SYC_PIECE_NORMAL;
}

static int read_vocab(struct reader *r)
{
	const json_t *vocab = json_object_get(r->model, "vocab");
	size_t cap = json_object_size(vocab) + SYC_VOCAB_HOLE, n;
	const char **name;
	int ret;

	if (!json_is_object(vocab))
		return bad(r, "no 'vocab'");
	name = syc_calloc(cap, sizeof(*name));
	if (!name)
		return syc_nomem(r->in->err);
	ret = order_names(r, vocab, name, cap, &n);
	for (size_t i = 0; ret == 0 && i < n; i++) {
		if (!name[i])
			ret = syc_vocab_fill(r->in, i + 1);
		else
			ret = syc_vocab_add(r->in, name[i], strlen(name[i]), 0,
					    type_of(r, name[i],
						    strlen(name[i])));
	}
	free(name);
	return ret;
}

/* "a b" or ["a", "b"]. */
static int read_merge(struct reader *r, const json_t *v)
{
	const json_t *a = json_array_get(v, 0), *b = json_array_get(v, 1);
	const char *s = json_string_value(v),
		   *gap = s && *s ? strchr(s + 1, ' ') : NULL;

	if (gap)
		return syc_vocab_merge(r->in, s, (size_t)(gap - s), gap + 1,
				       strlen(gap + 1));
	if (!json_is_string(a) || !json_is_string(b) || json_array_size(v) != 2)
		return syc_fail(r->in->err, SYC_EFORMAT,
				"%s: merge %zu is not of two parts",
				r->in->path, r->in->v->meta.n_merge);
	return syc_vocab_merge(r->in, json_string_value(a),
			       json_string_length(a), json_string_value(b),
			       json_string_length(b));
}

static int read_merges(struct reader *r)
{
	const json_t *list = json_object_get(r->model, "merges"), *e;
	int ret = syc_vocab_index(r->in);
	size_t i;

	if (!json_is_array(list))
		return bad(r, "no 'merges'");
	json_array_foreach((json_t *)list, i, e)
		if (ret == 0)
			ret = read_merge(r, e);
	return ret;
}

static int read_added(struct reader *r)
{
	const json_t *list = json_object_get(r->root, "added_tokens"), *e;
	int ret = 0;
	size_t i;

	json_array_foreach((json_t *)list, i, e) {
		const json_t *id = json_object_get(e, "id");

		if (ret == 0)
			ret = syc_vocab_add_token(r->in, json_is_integer(id) ?
						  json_integer_value(id) : -1, e);
	}
	return ret;
}

/* The token that a part of a template writes, or -1. */
static int32_t template_token(const struct reader *r, const json_t *templ,
			      const json_t *part)
{
	const struct syc_vocab_meta *m = &r->in->v->meta;
	const char *name = json_string_value(json_object_get(
		json_object_get(part, "SpecialToken"), "id"));
	const json_t *token = json_object_get(json_object_get(templ, "special_tokens"),
					      name ? name : "");
	const json_t *id = json_array_get(json_object_get(token, "ids"), 0);

	return json_is_integer(id) && json_integer_value(id) >= 0 &&
	       (uint64_t)json_integer_value(id) < m->n ? (int32_t)json_integer_value(id) : -1;
}

/* Nothing but templates adds tokens; ByteLevel is about offsets. */
static int check_post(struct reader *r)
{
	const json_t *post = json_object_get(r->root, "post_processor"),
		     *e = post;
	const json_t *list = json_object_get(post, "processors");

	for (size_t i = 0;
	     list ? i < json_array_size(list) : i < 1 && json_is_object(post);
	     i++) {
		e = list ? json_array_get(list, i) : post;
		if (!is_type(e, "TemplateProcessing") &&
		    !is_type(e, "ByteLevel"))
			return unsupported(r, "post-processor",
				json_string_value(json_object_get(e, "type")));
	}
	return 0;
}

/* The template of one text: [BOS] text [EOS].  Says what is added, not what is BOS. */
static void read_template(struct reader *r)
{
	const json_t *templ =
		find_type(json_object_get(r->root, "post_processor"),
			  "processors",
					"TemplateProcessing");
	const json_t *single = json_object_get(templ, "single");
	struct syc_vocab_meta *m = &r->in->v->meta;
	size_t n = json_array_size(single);
	int32_t first = template_token(r, templ, json_array_get(single, 0));
	int32_t last = n > 1 ? template_token(r, templ, json_array_get(single, n - 1)) : -1;

	r->in->has_post = true;
	r->in->post_bos = first;
	m->add_bos = first >= 0;
	m->add_eos = last >= 0;
	if (first >= 0)
		m->bos = first;
	if (last >= 0)
		m->eos = last;
}

static int read_bytes(struct reader *r)
{
	const json_t *norm = json_object_get(r->root, "normalizer"), *e;
	const json_t *parts = json_object_get(norm, "normalizers");
	size_t i;

	/* NFC, which Qwen's has, is left out, as llama.cpp does, and said. */
	if (json_is_object(norm) && !is_type(norm, "NFC") &&
	    !is_type(norm, "Sequence"))
		return unsupported(r, "normalizer",
			json_string_value(json_object_get(norm, "type")));
	json_array_foreach((json_t *)parts, i, e)
		if (!is_type(e, "NFC"))
			return unsupported(r, "normalizer",
				json_string_value(json_object_get(e, "type")));
	r->in->v->meta.nfc = find_type(norm, "normalizers", "NFC");
	r->in->v->ignore_merges = json_is_true(json_object_get(r->model,
							       "ignore_merges"));
	return syc_vocab_read_pretok(r->in, r->root);
}

/* A space in front, which is U+2581 by then. */
static int read_prepend(struct reader *r, const json_t *e)
{
	const char *s = json_string_value(json_object_get(e, "prepend"));

	r->in->v->meta.add_prefix = true;
	return s && strcmp(s, SPACE) == 0 ? 0 : unsupported(r, "normalizer", "Prepend");
}

static int check_replace(struct reader *r, const json_t *e)
{
	const char *to = json_string_value(json_object_get(e, "content"));
	const char *from = json_string_value(json_object_get(json_object_get(e, "pattern"),
							      "String"));

	return from && to && strcmp(from, " ") == 0 && strcmp(to, SPACE) == 0 ? 0 :
	       unsupported(r, "normalizer", "Replace");
}

static int read_metaspace(struct reader *r, const json_t *e)
{
	const char *to = json_string_value(json_object_get(e, "replacement"));
	const char *scheme = json_string_value(json_object_get(e, "prepend_scheme"));
	struct syc_vocab_meta *m = &r->in->v->meta;

	if (!to || strcmp(to, SPACE) != 0 ||
	    !json_is_false(json_object_get(e, "split")))
		return unsupported(r, "pre-tokenizer", "Metaspace, splitting");
	m->add_prefix = scheme ? strcmp(scheme, "never") != 0 :
			!json_is_false(json_object_get(e, "add_prefix_space"));
	m->prefix_once = true;
	m->prefix_first = scheme && strcmp(scheme, "first") == 0;
	return 0;
}

/* What writes spaces as U+2581, the one way or the other. */
static int read_spaces(struct reader *r)
{
	const json_t *norm = json_object_get(r->root, "normalizer");
	const json_t *pre = json_object_get(r->root, "pre_tokenizer");
	const json_t *parts = json_object_get(norm, "normalizers"), *e = norm;
	bool replaced = false;

	for (size_t i = 0; parts ? i < json_array_size(parts) : i < 1 &&
	     json_is_object(norm); i++) {
		int ret = 0;

		e = parts ? json_array_get(parts, i) : norm;
		if (is_type(e, "Prepend"))
			ret = read_prepend(r, e);
		else if (is_type(e, "Replace"))
			ret = check_replace(r, e);
		else
			ret = unsupported(r, "normalizer",
				json_string_value(json_object_get(e, "type")));
		if (ret < 0)
			return ret;
		replaced |= is_type(e, "Replace");
	}
	if (is_type(pre, "Metaspace"))
		return read_metaspace(r, pre);
	if (json_is_object(pre) || !replaced)
		return unsupported(r, "pre-tokenizer",
			json_string_value(json_object_get(pre, "type")));
	return 0;
}

/*
 * SentencePiece's own file has a score for every piece; here the first merge
 * that makes a piece ranks it.  Some files lack the merges of a piece: they do
 * not make it, and neither do we.
 */
static void score_by_merges(struct syc_vocab_meta *m)
{
	for (size_t i = 0; i < m->n; i++)
		if (m->piece[i].type == SYC_PIECE_NORMAL)
			m->piece[i].score = -INFINITY;
	for (size_t i = m->n_merge; i-- > 0;)
		m->piece[m->merge[i].whole].score = -(float)i;
	m->n_merge = 0;
}

int syc_vocab_read_json(struct syc_vocab_in *in, const json_t *root)
{
	struct reader r = { .in = in, .root = root, .model = json_object_get(root, "model") };
	bool bytes = syc_vocab_json_is_bytes(root);
	int ret;

	in->v->meta.kind = bytes ? SYC_VOCAB_BPE : SYC_VOCAB_SPM;
	if ((ret = check_model(&r)) < 0 || (ret = read_vocab(&r)) < 0 ||
	    (ret = read_merges(&r)) < 0 || (ret = read_added(&r)) < 0 ||
	    (ret = check_post(&r)) < 0)
		return ret;
	read_template(&r);
	if (bytes)
		return read_bytes(&r);
	score_by_merges(&in->v->meta);
	return read_spaces(&r);
}

int syc_vocab_read_beside(struct syc_vocab_in *in, const json_t *root)
{
	struct reader r = { .in = in, .root = root };
	const json_t *pre = json_object_get(root, "pre_tokenizer");
	int ret = read_added(&r);

	if (ret == 0)
		ret = check_post(&r);
	if (ret < 0)
		return ret;
	read_template(&r);
	return is_type(pre, "Metaspace") ? read_metaspace(&r, pre) : 0;
}
