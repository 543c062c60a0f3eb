/* SPDX-License-Identifier: MIT */
/* Text to ids and back, around the merging of one stretch in spm.c. */
#include "config.h"
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "base/mem.h"
#include "model/vocab.h"

/* A special token at a place of the text. */
struct match {
	size_t at;
	uint32_t n;
	int32_t id;
};

struct matches {
	struct match *m;	/* [n] */
	size_t n, cap;
};

static int by_rank(const void *a, const void *b)
{
	const struct match *x = a, *y = b;

	if (x->n != y->n)
		return x->n > y->n ? -1 : 1;
	if (x->id != y->id)
		return x->id < y->id ? -1 : 1;
	return (x->at > y->at) - (x->at < y->at);
}

static int by_place(const void *a, const void *b)
{
	const struct match *x = a, *y = b;

	return (x->at > y->at) - (x->at < y->at);
}

/* Where control tokens are looked for. */
struct scope {
	bool special;			/* at all */
	const struct syc_spans *plain;	/* but not here; NULL: everywhere */
	size_t next;			/* first of plain that ends behind the place */
};

/* Places rise from call to call. */
static bool in_scope(struct scope *sc, size_t at, size_t n)
{
	const struct syc_spans *p = sc->plain;

	while (p && sc->next < p->n && p->span[sc->next].to <= at)
		sc->next++;
	return sc->special && !(p && sc->next < p->n && p->span[sc->next].from < at + n);
}

/* Every special token at every place, overlapping ones too. */
static bool find_all(const struct syc_vocab *v, const char *s, size_t n, struct scope sc,
		     struct matches *all)
{
	for (size_t at = 0; at < n; at++) {
		if (!v->special_first[(unsigned char)s[at]])
			continue;
		for (size_t i = 0; i < v->n_special_len; i++) {
			uint32_t len = v->special_len[i];
			int32_t id = -1;

			if (len <= n - at)
				id = syc_names_find(&v->special, v->meta.piece, s + at, len);
			if (id < 0 || (v->meta.piece[id].type != SYC_PIECE_USER && !in_scope(&sc, at, len)))
				continue;
			if (!syc_grow(&all->m, &all->cap, all->n + 1, sizeof(*all->m)))
				return false;
			all->m[all->n++] = (struct match){ at, len, id };
		}
	}
	return true;
}

/*
 * Longer tokens are served first wherever they stand; what is left of the text
 * is searched for shorter ones.  So of overlapping matches the longest stays,
 * not the leftmost.
 */
static bool drop_overlaps(struct matches *all, size_t n)
{
	unsigned char *taken;
	size_t kept = 0;

	if (all->n < 2)
		return true;
	taken = calloc(n, 1);
	if (!taken)
		return false;
	qsort(all->m, all->n, sizeof(*all->m), by_rank);
	for (size_t i = 0; i < all->n; i++) {
		struct match m = all->m[i];

		if (memchr(taken + m.at, 1, m.n))
			continue;
		memset(taken + m.at, 1, m.n);
		all->m[kept++] = m;
	}
	free(taken);
	all->n = kept;
	qsort(all->m, all->n, sizeof(*all->m), by_place);
	return true;
}

/* One stretch between special tokens; spaces become U+2581. */
static int encode_stretch(const struct syc_vocab *v, const char *s, size_t n, bool prefix,
			  struct syc_ids *out, struct syc_err *err)
{
	struct syc_buf b = { 0 };
	int ret = 0;

	if (n == 0)
		return 0;
	if (prefix)
		ret = syc_buf_puts(&b, "\xe2\x96\x81");
	while (n && ret == 0) {
		const char *space = memchr(s, ' ', n);
		size_t len = space ? (size_t)(space - s) : n;

		ret = syc_buf_add(&b, s, len);
		if (space && ret == 0)
			ret = syc_buf_puts(&b, "\xe2\x96\x81");
		s += len + (space != NULL);
		n -= len + (space != NULL);
	}
	ret = ret < 0 ? syc_nomem(err) : syc_spm_encode(v, b.data, b.len, out, err);
	syc_buf_free(&b);
	return ret;
}

static int encode_parts(const struct syc_vocab *v, const char *text, size_t len, unsigned flags,
			const struct matches *all, struct syc_ids *out, struct syc_err *err)
{
	bool prefix = v->meta.add_prefix && !(flags & SYC_TOK_MIDDLE);
	size_t at = 0;
	int ret = 0;

	if (flags & SYC_TOK_BOS && v->meta.add_bos && v->meta.bos >= 0 && syc_ids_add(out, &v->meta.bos, 1) < 0)
		return syc_nomem(err);
	for (size_t i = 0; i < all->n && ret == 0; i++) {
		const struct match *m = &all->m[i];

		ret = encode_stretch(v, text + at, m->at - at, prefix, out, err);
		if (ret == 0 && syc_ids_add(out, &m->id, 1) < 0)
			ret = syc_nomem(err);
		at = m->at + m->n;
		prefix = v->meta.add_prefix;
	}
	if (ret == 0)
		ret = encode_stretch(v, text + at, len - at, prefix, out, err);
	return ret;
}

int syc_vocab_encode_plain(const struct syc_vocab *v, const char *text, size_t len,
			   unsigned flags, const struct syc_spans *plain,
			   struct syc_ids *out, struct syc_err *err)
{
	struct scope sc = { .special = flags & SYC_TOK_SPECIAL, .plain = plain };
	struct matches all = { 0 };
	size_t n = out->n;
	int ret;

	if (!find_all(v, text, len, sc, &all) ||
	    !drop_overlaps(&all, len))
		ret = syc_nomem(err);
	else
		ret = encode_parts(v, text, len, flags, &all, out, err);
	if (ret < 0)
		out->n = n;
	free(all.m);
	return ret;
}

int syc_vocab_encode(const struct syc_vocab *v, const char *text, size_t len,
		     unsigned flags, struct syc_ids *out, struct syc_err *err)
{
	return syc_vocab_encode_plain(v, text, len, flags, NULL, out, err);
}

const char *syc_vocab_piece(const struct syc_vocab *v, int32_t id, bool special, size_t *len)
{
	const struct syc_piece *p;

	*len = 0;
	if (id < 0 || (size_t)id >= v->meta.n)
		return NULL;
	p = &v->meta.piece[id];
	if (p->type == SYC_PIECE_CONTROL || p->type == SYC_PIECE_UNKNOWN) {
		*len = special ? p->n_name : 0;
		return special ? p->name : "";
	}
	*len = p->n_text;
	return p->text;
}

int syc_vocab_decode(const struct syc_vocab *v, const int32_t *id, size_t n,
		     bool special, bool strip, struct syc_buf *out)
{
	size_t from = out->len, len;

	for (size_t i = 0; i < n; i++) {
		const char *s = syc_vocab_piece(v, id[i], special, &len);

		if (strip && len) {
			strip = false;
			if (*s == ' ') {
				s++;
				len--;
			}
		}
		if (len && syc_buf_add(out, s, len) < 0) {
			out->len = from;
			return SYC_ENOMEM;
		}
	}
	return 0;
}
