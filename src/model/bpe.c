/* SPDX-License-Identifier: MIT */
/*
 * Byte-level BPE.  A text is split into words, every byte of a word begins as a
 * symbol, and neighbors merge in the order of the list of merges.
 */
#include "config.h"
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "model/merge.h"
#include "model/pretok.h"
#include "model/vocab.h"

/*
 * GPT-2's alphabet: bytes that can be seen in Latin-1 are their own character,
 * the others follow from U+0100 on.
 */
static unsigned char_of(unsigned b)
{
	return b <= 0x20 ? 0x100 + b : b >= 0x7f && b <= 0xa0 ? 0x121 + b - 0x7f :
	       b == 0xad ? 0x143 : b;
}

/* The other way; -1 for a character that is not in it. */
static int byte_of(unsigned c)
{
	unsigned b = c < 0x100 ? c : c <= 0x120 ? c - 0x100 : c <= 0x142 ? c - 0x121 + 0x7f :
		     c == 0x143 ? 0xad : 0x100;

	return b < 0x100 && char_of(b) == c ? (int)b : -1;
}

size_t syc_bpe_unmap(char *to, const char *s, size_t n)
{
	size_t len = 0, step;

	for (size_t i = 0; i < n; i += step) {
		unsigned c = (unsigned char)s[i];
		int b;

		step = syc_utf8_len(s + i, n - i);
		if (step == 2)
			c = (c & 0x1f) << 6 | ((unsigned char)s[i + 1] & 0x3f);
		b = step == 1 || step == 2 ? byte_of(c) : -1;
		if (b < 0)
			return SIZE_MAX;
		to[len++] = (char)b;
	}
	return len;
}

/* The character for a byte; returns its length. */
static size_t map_byte(char *to, unsigned b)
{
	unsigned c = char_of(b);

	if (c < 0x80) {
		to[0] = (char)c;
		return 1;
	}
	to[0] = (char)(0xc0 | c >> 6);
	to[1] = (char)(0x80 | (c & 0x3f));
	return 2;
}

static size_t merge_hash(int32_t a, int32_t b)
{
	uint64_t h = ((uint64_t)(uint32_t)a << 32 | (uint32_t)b) *
		     0x9e3779b97f4a7c15u;

	return (size_t)(h ^ h >> 32);
}

/* The slot of a merge, or the free one where it would go. */
static int32_t *find_merge(const struct syc_vocab *v, int32_t a, int32_t b)
{
	size_t i = merge_hash(a, b) & v->merge_mask;

	for (; v->merge_slot[i] >= 0; i = (i + 1) & v->merge_mask) {
		const struct syc_merge *m = &v->meta.merge[v->merge_slot[i]];

		if (m->left == a && m->right == b)
			break;
	}
	return &v->merge_slot[i];
}

int syc_bpe_prepare(struct syc_vocab *v)
{
	size_t cap = 16;

	for (unsigned b = 0; b < 256; b++) {
		char name[2];

		v->byte[b] = syc_names_find(&v->plain, v->meta.piece, name,
					    map_byte(name, b));
	}
	while (cap / 2 < v->meta.n_merge)
		cap *= 2;
	v->merge_slot = syc_calloc(cap, sizeof(*v->merge_slot));
	if (!v->merge_slot)
		return SYC_ENOMEM;
	memset(v->merge_slot, 0xff, cap * sizeof(*v->merge_slot));
	v->merge_mask = cap - 1;
	for (size_t i = 0; i < v->meta.n_merge; i++) {
		const struct syc_merge *m = &v->meta.merge[i];
		int32_t *slot = find_merge(v, m->left, m->right);

		if (*slot < 0)	/* the first of equals counts */
			*slot = (int32_t)i;
	}
	return 0;
}

struct work {
	const struct syc_vocab *v;
	struct syc_merger m;
	struct syc_buf name;		/* of a word, in the alphabet */
	struct syc_ids *out;
	struct syc_err *err;
};

static uint32_t pair(const struct syc_merger *m, const struct syc_symbol *a,
		     const struct syc_symbol *b, int32_t *whole)
{
	const struct syc_vocab *v = m->arg;
	int32_t i;

	if (a->id < 0 || b->id < 0)
		return SYC_MERGE_NEVER;
	i = *find_merge(v, a->id, b->id);
	if (i < 0)
		return SYC_MERGE_NEVER;
	*whole = v->meta.merge[i].whole;
	return (uint32_t)i;
}

/* The token that a whole word is, or -1. */
static int32_t whole_word(struct work *w, const char *s, size_t n)
{
	if (n > w->v->max_plain)
		return -1;
	w->name.len = 0;
	for (size_t i = 0; i < n; i++) {
		char c[2];

		if (syc_buf_add(&w->name, c, map_byte(c, (unsigned char)s[i])) < 0)
			return -1;
	}
	return syc_names_find(&w->v->plain, w->v->meta.piece, w->name.data,
			      w->name.len);
}

static int merge_word(struct work *w, const char *s, size_t n)
{
	struct syc_merger *m = &w->m;

	if (n > INT32_MAX)
		return syc_fail(w->err, SYC_EINVAL,
				"the text has a word of more than 2 GiB");
	m->n = 0;
	m->s = s;
	for (size_t i = 0; i < n; i++)
		if (!syc_merge_add(m, i, 1, w->v->byte[(unsigned char)s[i]]))
			return syc_nomem(w->err);
	if (!syc_merge_run(m))
		return syc_nomem(w->err);
	/* A byte that has no token is left out, as everybody does. */
	for (int32_t i = 0; i >= 0; i = m->sym[i].next)
		if (m->sym[i].id >= 0 &&
		    syc_ids_add(w->out, &m->sym[i].id, 1) < 0)
			return syc_nomem(w->err);
	return 0;
}

static int word(void *arg, const char *s, size_t n)
{
	struct work *w = arg;
	int32_t id = w->v->ignore_merges ? whole_word(w, s, n) : -1;

	if (w->name.failed)
		return syc_nomem(w->err);
	if (id < 0)
		return merge_word(w, s, n);
	return syc_ids_add(w->out, &id, 1) < 0 ? syc_nomem(w->err) : 0;
}

/* Bytes of s that are ASCII or, counted with it, UTF-8. */
static size_t valid(const char *s, size_t n)
{
	size_t i = 0, len;

	while (i < n) {
		uint64_t eight;

		if (n - i >= 8) {
			memcpy(&eight, s + i, 8);
			if (!(eight & 0x8080808080808080u)) {
				i += 8;
				continue;
			}
		}
		len = syc_utf8_len(s + i, n - i);
		if (len == 0)
			break;
		i += len;
	}
	return i;
}

/* A copy in which every byte that is not part of a character is U+FFFD. */
static int replace_invalid(struct syc_buf *b, const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		size_t len = valid(s + i, n - i);

		syc_buf_add(b, s + i, len);
		i += len;
		if (i < n)
			syc_buf_puts(b, "\xef\xbf\xbd");
	}
	return b->failed ? SYC_ENOMEM : 0;
}

int syc_bpe_encode(const struct syc_vocab *v, const char *s, size_t n,
		   struct syc_ids *out, struct syc_err *err)
{
	struct work w = { .v = v, .m = { .pair = pair, .arg = v }, .out = out, .err = err };
	struct syc_buf clean = { 0 };
	int ret = 0;

	if (valid(s, n) < n) {
		ret = replace_invalid(&clean, s, n);
		s = clean.data;
		n = clean.len;
	}
	ret = ret < 0 ? syc_nomem(err) :
			syc_pretok_split(v->pretok, s, n, word, &w, err);
	syc_merge_free(&w.m);
	syc_buf_free(&w.name);
	syc_buf_free(&clean);
	return ret;
}
