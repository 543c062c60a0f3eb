/* SPDX-License-Identifier: MIT */
/* Text to ids and back, around the merging of one stretch in spm.c. */
#include "config.h"
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "model/vocab.h"

/* The special tokens of text[from, to); places are of the whole text. */
static bool find_in(const struct syc_vocab *v, const char *text, size_t from,
		    size_t to, bool all, struct syc_matches *out)
{
	size_t n = out->n;

	if (!syc_specials_find(&v->special, text + from, to - from, all, out))
		return false;
	for (; n < out->n; n++)
		out->m[n].at += from;
	return true;
}

/* Plain stretches and what lies between them are searched on their own. */
static bool find_all(const struct syc_vocab *v, const char *text, size_t len,
		     bool special, const struct syc_spans *plain,
		     struct syc_matches *out)
{
	size_t at = 0;

	for (size_t i = 0; plain && special && i < plain->n; i++) {
		if (!find_in(v, text, at, plain->span[i].from, true, out) ||
		    !find_in(v, text, plain->span[i].from, plain->span[i].to,
			     false, out))
			return false;
		at = plain->span[i].to;
	}
	return find_in(v, text, at, len, special, out);
}

/* Whether a stretch gets a space in front. */
static bool has_prefix(const struct syc_vocab *v, const char *s, size_t n,
		       bool first)
{
	const struct syc_vocab_meta *m = &v->meta;

	if (!m->add_prefix || (m->prefix_first && !first))
		return false;
	return !m->prefix_once || !n ||
		(*s != ' ' && (n < 3 || memcmp(s, "\xe2\x96\x81", 3) != 0));
}

/* One stretch between special tokens; spaces become U+2581. */
static int encode_stretch(const struct syc_vocab *v, const char *s, size_t n,
			  bool prefix, struct syc_ids *out, struct syc_err *err)
{
	struct syc_buf b = { 0 };
	int ret = 0;

	if (n == 0)
		return 0;
	if (v->meta.kind == SYC_VOCAB_BPE)
		return syc_bpe_encode(v, s, n, out, err);
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
	ret = ret < 0 ? syc_nomem(err) :
			syc_spm_encode(v, b.data, b.len, out, err);
	syc_buf_free(&b);
	return ret;
}

static int encode_parts(const struct syc_vocab *v, const char *text, size_t len,
			unsigned flags, const struct syc_matches *all,
			struct syc_ids *out, struct syc_err *err)
{
	bool prefix = !(flags & SYC_TOK_MIDDLE) &&
		      has_prefix(v, text, len, true);
	size_t at = 0;
	int ret = 0;

	if (flags & SYC_TOK_BOS && v->meta.add_bos && v->meta.bos >= 0 &&
	    syc_ids_add(out, &v->meta.bos, 1) < 0)
		return syc_nomem(err);
	for (size_t i = 0; i < all->n && ret == 0; i++) {
		const struct syc_match *m = &all->m[i];

		ret = encode_stretch(v, text + at, m->at - at, prefix, out,
				     err);
		if (ret == 0 && syc_ids_add(out, &m->id, 1) < 0)
			ret = syc_nomem(err);
		at = m->at + m->n;
		prefix = has_prefix(v, text + at, len - at, false);
	}
	if (ret == 0)
		ret = encode_stretch(v, text + at, len - at, prefix, out, err);
	return ret;
}

int syc_vocab_encode_plain(const struct syc_vocab *v, const char *text,
			   size_t len, unsigned flags,
			   const struct syc_spans *plain, struct syc_ids *out,
			   struct syc_err *err)
{
	struct syc_matches all = { 0 };
	size_t n = out->n;
	int ret;

	if (!find_all(v, text, len, flags & SYC_TOK_SPECIAL, plain, &all))
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

const char *syc_vocab_piece(const struct syc_vocab *v, int32_t id, bool special,
			    size_t *len)
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

	strip = strip && v->meta.add_prefix;
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

int syc_vocab_show(const struct syc_vocab *v, int32_t id, struct syc_buf *out)
{
	struct syc_buf text = { 0 };
	size_t n, len;
	const char *s = syc_vocab_piece(v, id, true, &n);
	int bad = 0;

	for (size_t i = 0; i < n && !bad; i += len ? len : 1) {
		len = syc_utf8_len(s + i, n - i);
		bad = len ? syc_buf_add(&text, s + i, len) :
			    syc_buf_printf(&text, "<0x%02X>",
					   (unsigned char)s[i]);
	}
	if (!bad)
		bad = syc_buf_json(out, text.data ? text.data : "", text.len);
	syc_buf_free(&text);
	return bad;
}
