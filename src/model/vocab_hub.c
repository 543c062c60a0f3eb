/* SPDX-License-Identifier: MIT */
/* A vocabulary from a folder as hubs have it: the tokenizer and its settings. */
#include "config.h"
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base/err.h"
#include "base/mem.h"
#include "model/model.h"
#include "model/settings.h"
#include "model/vocab.h"

struct hub {
	struct syc_vocab_in in;
	const char *folder;
	char path[4096];	/* of the file in hand; in.path points here */
	struct syc_err *err;
};

static int bad(struct hub *h, const char *key, const char *what)
{
	return syc_fail(h->err, SYC_EFORMAT, "%s: '%s' %s", h->path, key, what);
}

/* Make h->path; 1 when there is such a file, 0 when not. */
static int find(struct hub *h, const char *name)
{
	int n = snprintf(h->path, sizeof(h->path), "%s/%s", h->folder, name);

	if (n < 0 || (size_t)n >= sizeof(h->path))
		return syc_fail(h->err, SYC_EINVAL, "%.400s: name too long",
				h->folder);
	return access(h->path, F_OK) == 0;
}

/* The object in a file; *out is NULL when there is no such file. */
static int load(struct hub *h, const char *name, json_t **out)
{
	struct syc_map map;
	int ret = find(h, name);

	*out = NULL;
	if (ret <= 0 || (ret = syc_map_open(&map, h->path, h->err)) < 0)
		return ret;
	ret = syc_vocab_parse(&h->in, map.data, map.len, out);
	syc_map_close(&map);
	return ret;
}

/* A token's text is a string, or an object that has it as "content". */
static const json_t *content(const json_t *v)
{
	return json_is_object(v) ? json_object_get(v, "content") : v;
}

static int by_id(const void *a, const void *b)
{
	long long x = *(const long long *)a, y = *(const long long *)b;

	return (x > y) - (x < y);
}

/* {"32000": {"content": "<pad>", "special": true}, ...}, lowest id first. */
static int read_added(struct hub *h, const json_t *list)
{
	size_t n = json_object_size(list), at = 0;
	long long *id;
	const char *key;
	json_t *v;
	int ret = 0;

	if (!list)
		return 0;
	if (!json_is_object(list))
		return bad(h, "added_tokens_decoder", "is not an object");
	id = syc_calloc(n + 1, sizeof(*id));
	if (!id)
		return syc_nomem(h->err);
	json_object_foreach((json_t *)list, key, v) {
		char *end;

		errno = 0;
		id[at] = strtoll(key, &end, 10);
		if (errno || *end || end == key || id[at] < 0)
			ret = bad(h, "added_tokens_decoder",
				  "has an id that is no number");
		at++;
	}
	qsort(id, n, sizeof(*id), by_id);
	for (size_t i = 0; ret == 0 && i < n; i++) {
		char name[24];

		snprintf(name, sizeof(name), "%lld", id[i]);
		v = json_object_get(list, name);
		ret = v ? syc_vocab_add_token(&h->in, id[i], v)
			: bad(h, "added_tokens_decoder",
			      "has an id that is no number");
	}
	free(id);
	return ret;
}

/* Older folders: {"<pad>": 32000, ...}. */
static int read_added_file(struct hub *h)
{
	const char *key;
	json_t *root, *v;
	int ret = load(h, "added_tokens.json", &root);

	json_object_foreach(root, key, v) {
		json_t *token = json_pack("{s:s}", "content", key);

		if (ret == 0 && !json_is_integer(v))
			ret = bad(h, key, "has no id");
		if (ret == 0)
			ret = token ? syc_vocab_add_token(&h->in,
					      json_integer_value(v), token) :
				      syc_nomem(h->err);
		json_decref(token);
	}
	json_decref(root);
	return ret;
}

/* The last token of that name, as the text it stands for is not known yet. */
static int32_t id_of(const struct syc_vocab_meta *m, const char *s, size_t n)
{
	for (size_t i = m->n; i-- > 0;)
		if (m->piece[i].n_name == n &&
		    memcmp(m->piece[i].name, s, n) == 0)
			return (int32_t)i;
	return -1;
}

/* "bos_token": "<s>"; null says that there is none. */
static int read_token(struct hub *h, const json_t *root, const char *key,
		      int32_t *id)
{
	const json_t *v = json_object_get(root, key), *s = content(v);

	if (!v)
		return 0;
	*id = -1;
	if (json_is_null(v))
		return 0;
	if (!json_is_string(s))
		return bad(h, key, "is not a token");
	*id = id_of(&h->in.v->meta, json_string_value(s), json_string_length(s));
	/* The others a reader can do without; scripts name them and forget to add them. */
	if (*id < 0 && (strcmp(key, "bos_token") == 0 ||
			strcmp(key, "eos_token") == 0))
		return bad(h, key, "is no token of the vocabulary");
	return 0;
}

static int read_flag(struct hub *h, const json_t *root, const char *key,
		     bool *flag)
{
	const json_t *v = json_object_get(root, key);

	if (!v || json_is_null(v))
		return 0;
	if (!json_is_boolean(v))
		return bad(h, key, "is neither true nor false");
	*flag = json_is_true(v);
	return 0;
}

static int read_tokens(struct hub *h, const json_t *root)
{
	struct syc_vocab_meta *m = &h->in.v->meta;
	int ret;

	if ((ret = read_token(h, root, "bos_token", &m->bos)) < 0 ||
	    (ret = read_token(h, root, "eos_token", &m->eos)) < 0 ||
	    (ret = read_token(h, root, "unk_token", &m->unk)) < 0)
		return ret;
	return read_token(h, root, "pad_token", &m->pad);
}

static int set_template(struct hub *h, const char *s, size_t n)
{
	h->in.v->meta.tmpl = syc_vocab_keep(h->in.v, s, n);
	h->in.v->meta.n_tmpl = n;
	return h->in.v->meta.tmpl ? 0 : syc_nomem(h->err);
}

/* A text, or [{"name": "default", "template": ...}, ...]. */
static int read_template(struct hub *h, const json_t *v)
{
	const json_t *t = v, *e;
	size_t i;

	if (!v || json_is_null(v))
		return 0;
	if (json_is_array(v)) {
		t = NULL;
		if (json_array_size(v) == 1)
			t = json_object_get(json_array_get(v, 0), "template");
		json_array_foreach((json_t *)v, i, e) {
			const char *name = json_string_value(json_object_get(e, "name"));

			if (name && strcmp(name, "default") == 0)
				t = json_object_get(e, "template");
		}
	}
	if (!json_is_string(t))
		return bad(h, "chat_template", "has no default");
	return set_template(h, json_string_value(t), json_string_length(t));
}

/* Classes that went by the flags once: up to version 4 of transformers. */
static bool had_flags(const char *class)
{
	static const char *const names[] = { "Llama", "CodeLlama", "Gemma",
					     "Cohere", "GPTNeoX" };

	for (size_t i = 0; class && i < sizeof(names) / sizeof(names[0]); i++)
		if (strncmp(class, names[i], strlen(names[i])) == 0)
			return true;
	return false;
}

/*
 * What is put around a text: by the post-processor of tokenizer.json where
 * there is one of these, else by the flags.
 */
static int read_around(struct hub *h, const json_t *root)
{
	const char *class = json_string_value(json_object_get(root, "tokenizer_class"));
	struct syc_vocab_meta *m = &h->in.v->meta;
	bool bos = m->add_bos, eos = m->add_eos;
	int ret;

	if ((ret = read_flag(h, root, "add_bos_token", &bos)) < 0 ||
	    (ret = read_flag(h, root, "add_eos_token", &eos)) < 0)
		return ret;
	if (!h->in.has_post) {
		m->add_bos = bos;
		m->add_eos = eos;
	} else if (bos != m->add_bos && had_flags(class)) {
		ret = syc_vocab_note(&h->in,
			"add_bos_token is %s, and tokenizer.json adds %s: it "
			"counts, as in transformers 5 (not in 4)",
			bos ? "true" : "false", m->add_bos ? "BOS" : "none");
	}
	return ret;
}

/* BOS by its name, and the token that tokenizer.json puts in front. */
static int check_bos(struct hub *h)
{
	struct syc_vocab_meta *m = &h->in.v->meta;

	if (h->in.post_bos < 0 || m->bos == h->in.post_bos)
		return 0;
	if (m->bos >= 0)
		return syc_fail(h->err, SYC_EUNSUPP,
				"%s: 'bos_token' is token %d, tokenizer.json "
				"begins texts with %d", h->folder, (int)m->bos,
				(int)h->in.post_bos);
	m->bos = h->in.post_bos;
	return 0;
}

static int read_config(struct hub *h)
{
	struct syc_vocab_meta *m = &h->in.v->meta;
	json_t *root;
	int ret = load(h, "tokenizer_config.json", &root);

	if (root && m->kind == SYC_VOCAB_SPM)
		ret = read_flag(h, root, "add_prefix_space", &m->add_prefix);
	if (root && ret == 0 &&
		(ret = read_added(h,
			 json_object_get(root, "added_tokens_decoder"))) == 0 &&
		(ret = read_tokens(h, root)) == 0 &&
		(ret = read_around(h, root)) == 0)
		ret = read_template(h, json_object_get(root, "chat_template"));
	json_decref(root);
	return ret;
}

static int read_map_file(struct hub *h)
{
	json_t *root;
	int ret = load(h, "special_tokens_map.json", &root);

	if (root)
		ret = read_tokens(h, root);
	json_decref(root);
	return ret;
}

static int read_template_file(struct hub *h)
{
	struct syc_map map;
	int ret = find(h, "chat_template.jinja");

	if (ret <= 0 || (ret = syc_map_open(&map, h->path, h->err)) < 0)
		return ret;
	ret = set_template(h, (const char *)map.data, map.len);
	syc_map_close(&map);
	return ret;
}

static void mark_end(struct syc_vocab_meta *m, json_int_t id)
{
	m->piece[id].end = true;
	if (m->eot < 0 && id != m->eos)
		m->eot = (int32_t)id;
}

/* "eos_token_id": a number or a list of them; each ends an answer. */
static int mark_ends(struct hub *h, const json_t *ids, bool strict)
{
	struct syc_vocab_meta *m = &h->in.v->meta;
	size_t n = json_is_array(ids) ? json_array_size(ids) :
					ids && !json_is_null(ids);

	for (size_t i = 0; i < n; i++) {
		const json_t *v = json_is_array(ids) ? json_array_get(ids, i) : ids;
		json_int_t id = json_is_integer(v) ? json_integer_value(v) : -1;

		if (id >= 0 && (uint64_t)id < m->n)
			mark_end(m, id);
		else if (strict)
			return bad(h, "eos_token_id",
				   "is no token of the vocabulary");
	}
	return 0;
}

/* As transformers does, what config.json says counts where this file is not. */
static int read_generation(struct hub *h)
{
	json_t *root;
	int ret = load(h, "generation_config.json", &root);
	bool own = root;

	if (ret == 0 && !own)
		ret = load(h, "config.json", &root);
	if (ret == 0)
		ret = mark_ends(h, json_object_get(root, "eos_token_id"), own);
	json_decref(root);
	return ret;
}

static int read_sp(struct hub *h)
{
	struct syc_map map;
	int ret = syc_map_open(&map, h->path, h->err);

	if (ret < 0)
		return ret;
	ret = syc_vocab_read_sp(&h->in, map.data, map.len);
	syc_map_close(&map);
	return ret;
}

/*
 * tokenizer.json when it is byte-level, and when there is nothing else;
 * tokenizer.model has the scores that the other kind is made from, but not all
 * that transformers, which reads the other, does with them.
 */
static int read_tokenizer(struct hub *h)
{
	json_t *root;
	int ret = load(h, "tokenizer.json", &root);

	if (root && syc_vocab_json_is_bytes(root)) {
		ret = syc_vocab_read_json(&h->in, root);
	} else if (ret == 0 && (ret = find(h, "tokenizer.model")) > 0) {
		ret = read_sp(h);
		if (ret == 0 && root && (ret = find(h, "tokenizer.json")) >= 0)
			ret = syc_vocab_read_beside(&h->in, root);
	} else if (ret == 0 && root) {
		find(h, "tokenizer.json");
		ret = syc_vocab_read_json(&h->in, root);
	} else if (ret == 0) {
		ret = syc_fail(h->err, SYC_EIO,
			       "%.400s: neither tokenizer.json nor "
			       "tokenizer.model", h->folder);
	}
	json_decref(root);
	return ret;
}

/* Rows of the embedding, as config.json has them; 0 where it does not say. */
static size_t rows_of(const char *folder)
{
	struct syc_settings in;
	uint32_t n = 0;

	if (syc_settings_open(&in, folder, "config.json", NULL) == 0 &&
	    syc_settings_count(&in, "vocab_size", 0, SYC_MAX_VOCAB, &n) < 0)
		n = 0;
	syc_settings_free(&in);
	return n;
}

int syc_vocab_from_folder(struct syc_vocab **out, const char *folder,
			  size_t n_rows, struct syc_err *err)
{
	struct hub h = { .folder = folder, .err = err, .in = {
		.err = err, .post_bos = -1,
		.n_rows = n_rows ? n_rows : rows_of(folder) } };
	int ret;

	*out = NULL;
	h.in.path = h.path;
	h.in.v = syc_vocab_new();
	if (!h.in.v)
		return syc_nomem(err);
	/* What is said of the tokens in general comes before what is said of one. */
	if ((ret = read_tokenizer(&h)) < 0 || (ret = read_added_file(&h)) < 0 ||
	    (ret = read_map_file(&h)) < 0 || (ret = read_config(&h)) < 0 ||
	    (ret = read_template_file(&h)) < 0 ||
	    (ret = read_generation(&h)) < 0)
		goto fail;
	h.in.path = folder;
	if ((ret = check_bos(&h)) < 0 ||
	    (ret = syc_vocab_fill_rows(&h.in, h.in.n_rows)) < 0 ||
	    (ret = syc_vocab_finish(&h.in)) < 0)
		goto fail;
	*out = h.in.v;
	return 0;
fail:
	syc_vocab_close(h.in.v);
	return ret;
}
