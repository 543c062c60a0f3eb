/* SPDX-License-Identifier: MIT */
/* Reading a vocabulary from GGUF metadata, and what is asked of it alone. */
#include "config.h"
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "base/mem.h"
#include "model/vocab.h"

#define KEY "tokenizer.ggml."

struct reader {
	struct syc_vocab *v;
	const struct syc_gguf *g;
	const char *path;
	struct syc_err *err;
};

static int check_model(struct reader *r)
{
	struct syc_str s;
	int ret = syc_gguf_str(r->g, KEY "model", &s, r->err);

	if (ret < 0)
		return ret;
	if (ret == 0)
		return syc_fail(r->err, SYC_EFORMAT, "%s: no '" KEY "model': no vocabulary",
				r->path);
	if (s.len == 5 && memcmp(s.s, "llama", 5) == 0)
		return 0;
	return syc_fail(r->err, SYC_EUNSUPP,
			"%s: '" KEY "model' is '%.*s'; only 'llama' is supported",
			r->path, (int)(s.len < 40 ? s.len : 40), s.s);
}

static bool is_number(uint32_t elem)
{
	return elem != SYC_GGUF_STRING && elem != SYC_GGUF_BOOL;
}

/* An array of r->v->n elements; absent: NULL and, when needed, an error. */
static int get_array(struct reader *r, const char *key, bool strings, bool needed,
		     const struct syc_gguf_kv **out)
{
	const struct syc_gguf_kv *kv = syc_gguf_kv(r->g, key);

	*out = kv;
	if (!kv && needed)
		return syc_fail(r->err, SYC_EFORMAT, "%s: no '%s'", r->path, key);
	if (!kv)
		return 0;
	if (kv->type != SYC_GGUF_ARRAY ||
	    (strings ? kv->elem != SYC_GGUF_STRING : !is_number(kv->elem)))
		return syc_fail(r->err, SYC_EFORMAT, "%s: '%s' is not a list of %s",
				r->path, key, strings ? "strings" : "numbers");
	if (!strings && kv->n != r->v->n)
		return syc_fail(r->err, SYC_EFORMAT, "%s: '%s' has %zu entries for %zu tokens",
				r->path, key, kv->n, r->v->n);
	return 0;
}

/* "<0x0A>" is 10; -1 when the name is of another form. */
static int byte_of(const struct syc_piece *p)
{
	static const char hex[] = "0123456789ABCDEF";
	const char *hi, *lo;

	if (p->n_name != 6 || memcmp(p->name, "<0x", 3) != 0 || p->name[5] != '>')
		return -1;
	hi = memchr(hex, p->name[3], 16);
	lo = memchr(hex, p->name[4], 16);
	return hi && lo ? (int)((hi - hex) * 16 + (lo - hex)) : -1;
}

/* Copy n bytes with U+2581 as a space; returns the length. */
static uint32_t unescape(char *to, const char *s, uint32_t n)
{
	uint32_t len = 0;

	for (uint32_t i = 0; i < n; len++) {
		if (n - i >= 3 && memcmp(s + i, "\xe2\x96\x81", 3) == 0) {
			to[len] = ' ';
			i += 3;
		} else {
			to[len] = s[i++];
		}
	}
	return len;
}

/* Bytes for all names and texts; names go in at once. */
static int copy_names(struct reader *r, const struct syc_str *s, char **texts)
{
	struct syc_vocab *v = r->v;
	size_t total = 0, at = 0;

	for (size_t i = 0; i < v->n; i++) {
		if (s[i].len > UINT32_MAX / 4 || !syc_add(&total, total, s[i].len))
			return syc_fail(r->err, SYC_EFORMAT,
					"%s: '" KEY "tokens': token %zu has %zu bytes",
					r->path, i, s[i].len);
	}
	if (!syc_mul(&total, total, 2) || !(v->bytes = syc_calloc(total, 1)))
		return syc_nomem(r->err);
	for (size_t i = 0; i < v->n; i++) {
		memcpy(v->bytes + at, s[i].s, s[i].len);
		v->piece[i].name = v->bytes + at;
		v->piece[i].n_name = (uint32_t)s[i].len;
		at += s[i].len;
	}
	*texts = v->bytes + at;
	return 0;
}

static int read_names(struct reader *r, char **texts)
{
	const struct syc_gguf_kv *kv;
	struct syc_str *s;
	int ret = get_array(r, KEY "tokens", true, true, &kv);

	if (ret < 0)
		return ret;
	if (kv->n == 0 || kv->n > INT32_MAX)
		return syc_fail(r->err, SYC_EFORMAT, "%s: '" KEY "tokens' has %zu entries",
				r->path, kv->n);
	r->v->n = kv->n;
	r->v->piece = syc_calloc(kv->n, sizeof(*r->v->piece));
	s = syc_calloc(kv->n, sizeof(*s));
	if (!r->v->piece || !s) {
		free(s);
		return syc_nomem(r->err);
	}
	syc_gguf_strings(kv, s);
	ret = copy_names(r, s, texts);
	free(s);
	return ret;
}

static int read_scores(struct reader *r)
{
	const struct syc_gguf_kv *kv;
	int ret = get_array(r, KEY "scores", false, true, &kv);

	for (size_t i = 0; ret == 0 && i < r->v->n; i++) {
		double x = syc_gguf_num(kv, i);

		if (isnan(x))
			return syc_fail(r->err, SYC_EFORMAT,
					"%s: '" KEY "scores': token %zu has no number",
					r->path, i);
		/* Clamped: a double beyond float has no defined conversion. */
		r->v->piece[i].score = (float)fmax(-3e38, fmin(3e38, x));
	}
	return ret;
}

/* *id or -1; an id the vocabulary does not have is an error. */
static int read_id(struct reader *r, const char *key, int32_t *id)
{
	uint64_t n;
	int ret = syc_gguf_u64(r->g, key, &n, r->err);

	*id = -1;
	if (ret <= 0)
		return ret;
	if (n >= r->v->n)
		return syc_fail(r->err, SYC_EFORMAT,
				"%s: '%s' is %" PRIu64 ", there are %zu tokens",
				r->path, key, n, r->v->n);
	*id = (int32_t)n;
	return 0;
}

/* Tokens that end an answer by key or, as many files forget those, by name. */
static int read_ends(struct reader *r)
{
	static const char *const key[] = {
		KEY "eos_token_id", KEY "eot_token_id", KEY "eom_token_id",
	};
	static const char *const name[] = {
		"<|eot_id|>", "<|eom_id|>", "<|im_end|>", "<|end|>", "<|endoftext|>",
		"<end_of_turn>", "<|end_of_text|>",
	};
	struct syc_vocab *v = r->v;

	for (size_t i = 0; i < sizeof(key) / sizeof(key[0]); i++) {
		int32_t id;
		int ret = read_id(r, key[i], &id);

		if (ret < 0)
			return ret;
		if (id >= 0)
			v->piece[id].end = true;
	}
	for (size_t i = 0; i < sizeof(name) / sizeof(name[0]); i++) {
		int32_t id = syc_names_find(&v->special, v, name[i], strlen(name[i]));

		if (id >= 0)
			v->piece[id].end = true;
	}
	return 0;
}

static int read_settings(struct reader *r)
{
	struct syc_vocab *v = r->v;
	struct syc_str s;
	int ret;

	v->add_bos = v->add_prefix = true;
	if ((ret = read_id(r, KEY "bos_token_id", &v->bos)) < 0 ||
	    (ret = read_id(r, KEY "eos_token_id", &v->eos)) < 0 ||
	    (ret = read_id(r, KEY "unknown_token_id", &v->unk)) < 0 ||
	    (ret = syc_gguf_bool(r->g, KEY "add_bos_token", &v->add_bos, r->err)) < 0 ||
	    (ret = syc_gguf_bool(r->g, KEY "add_space_prefix", &v->add_prefix, r->err)) < 0 ||
	    (ret = syc_gguf_str(r->g, "tokenizer.chat_template", &s, r->err)) < 0)
		return ret;
	if (ret == 0)
		return 0;
	v->tmpl = syc_calloc(s.len + 1, 1);
	if (!v->tmpl)
		return syc_nomem(r->err);
	memcpy(v->tmpl, s.s, s.len);
	v->n_tmpl = s.len;
	return 0;
}

static int read_types(struct reader *r)
{
	struct syc_vocab *v = r->v;
	const struct syc_gguf_kv *kv;
	int ret = get_array(r, KEY "token_type", false, false, &kv);

	if (ret < 0)
		return ret;
	for (size_t i = 0; i < v->n; i++) {
		struct syc_piece *p = &v->piece[i];
		double t = kv ? syc_gguf_num(kv, i) :
			   byte_of(p) >= 0 ? SYC_PIECE_BYTE : SYC_PIECE_NORMAL;

		if (!(t >= 0 && t <= SYC_PIECE_BYTE))
			return syc_fail(r->err, SYC_EFORMAT,
					"%s: '" KEY "token_type': token %zu has type %g",
					r->path, i, t);
		p->type = (uint8_t)(t < 1 ? SYC_PIECE_NORMAL : t);
		if (p->type == SYC_PIECE_UNKNOWN && v->unk < 0)
			v->unk = (int32_t)i;
		if (p->type == SYC_PIECE_BYTE && byte_of(p) < 0)
			return syc_fail(r->err, SYC_EFORMAT,
					"%s: '" KEY "tokens': byte token %zu is '%.*s'", r->path, i,
					(int)(p->n_name < 40 ? p->n_name : 40), p->name);
	}
	if (!kv && v->bos >= 0)
		v->piece[v->bos].type = SYC_PIECE_CONTROL;
	if (!kv && v->eos >= 0)
		v->piece[v->eos].type = SYC_PIECE_CONTROL;
	if (!kv && v->unk >= 0)
		v->piece[v->unk].type = SYC_PIECE_UNKNOWN;
	return 0;
}

static int add_special(struct syc_vocab *v, int32_t id, size_t *cap)
{
	const struct syc_piece *p = &v->piece[id];

	syc_names_add(&v->special, v, id);
	v->special_first[(unsigned char)p->name[0]] = true;
	for (size_t i = 0; i < v->n_special_len; i++)
		if (v->special_len[i] == p->n_name)
			return 0;
	if (!syc_grow(&v->special_len, cap, v->n_special_len + 1, sizeof(*v->special_len)))
		return SYC_ENOMEM;
	v->special_len[v->n_special_len++] = p->n_name;
	return 0;
}

/* The text of a piece and where it is looked up. */
static int place_piece(struct syc_vocab *v, int32_t id, char **texts, size_t *cap)
{
	struct syc_piece *p = &v->piece[id];

	p->text = p->name;
	p->n_text = p->n_name;
	switch (p->type) {
	case SYC_PIECE_BYTE:
		**texts = (char)byte_of(p);
		p->text = (*texts)++;
		p->n_text = 1;
		v->byte[byte_of(p)] = id;
		return 0;
	case SYC_PIECE_CONTROL: case SYC_PIECE_UNKNOWN: case SYC_PIECE_USER:
		return p->n_name ? add_special(v, id, cap) : 0;
	}
	p->n_text = unescape(*texts, p->name, p->n_name);
	p->text = *texts;
	*texts += p->n_text;
	if (!p->n_name)
		return 0;
	syc_names_add(&v->plain, v, id);
	syc_pair_note(v, p->name, p->n_name);
	if (p->n_name > v->max_plain)
		v->max_plain = p->n_name;
	return 0;
}

static int place_pieces(struct reader *r, char *texts)
{
	struct syc_vocab *v = r->v;
	size_t cap = 0;

	memset(v->byte, 0xff, sizeof(v->byte));
	if (!syc_names_init(&v->plain, v->n) || !syc_names_init(&v->special, v->n))
		return syc_nomem(r->err);
	for (size_t i = 0; i < v->n; i++)
		if (place_piece(v, (int32_t)i, &texts, &cap) < 0)
			return syc_nomem(r->err);
	return 0;
}

int syc_vocab_from_gguf(struct syc_vocab **out, const struct syc_gguf *g, struct syc_err *err)
{
	struct reader r = { .g = g, .path = syc_gguf_path(g), .err = err };
	char *texts = NULL;
	int ret;

	*out = NULL;
	r.v = calloc(1, sizeof(*r.v));
	if (!r.v)
		return syc_nomem(err);
	if ((ret = check_model(&r)) < 0 || (ret = read_names(&r, &texts)) < 0 ||
	    (ret = read_scores(&r)) < 0 || (ret = read_settings(&r)) < 0 ||
	    (ret = read_types(&r)) < 0 || (ret = place_pieces(&r, texts)) < 0 ||
	    (ret = read_ends(&r)) < 0) {
		syc_vocab_close(r.v);
		return ret;
	}
	*out = r.v;
	return 0;
}

int syc_vocab_open(struct syc_vocab **out, const char *path, struct syc_err *err)
{
	struct syc_gguf *g;
	int ret;

	*out = NULL;
	ret = syc_gguf_open(&g, path, err);
	if (ret < 0)
		return ret;
	ret = syc_vocab_from_gguf(out, g, err);
	syc_gguf_close(g);
	return ret;
}

void syc_vocab_close(struct syc_vocab *v)
{
	if (!v)
		return;
	free(v->piece);
	free(v->bytes);
	free(v->plain.slot);
	free(v->special.slot);
	free(v->special_len);
	free(v->tmpl);
	free(v);
}

size_t syc_vocab_size(const struct syc_vocab *v)
{
	return v->n;
}

int32_t syc_vocab_bos(const struct syc_vocab *v)
{
	return v->bos;
}

int32_t syc_vocab_eos(const struct syc_vocab *v)
{
	return v->eos;
}

bool syc_vocab_is_end(const struct syc_vocab *v, int32_t id)
{
	return id >= 0 && (size_t)id < v->n && v->piece[id].end;
}

const char *syc_vocab_chat_template(const struct syc_vocab *v, size_t *len)
{
	*len = v->n_tmpl;
	return v->tmpl;
}
