/* SPDX-License-Identifier: MIT */
/*
 * What is asked of a vocabulary that could be read: ids must be in range, and
 * come back as the same text when nothing in the vocabulary stands in the way.
 */
#ifndef TESTS_FUZZ_USE_VOCAB_H
#define TESTS_FUZZ_USE_VOCAB_H
#include <string.h>
#include "base/utf8.h"
#include "fuzz.h"
#include "model/vocab.h"
#include "syc/chat.h"

static inline void need(int ok)
{
	if (!ok)
		abort();
}

/* Does every byte have a token that stands for it, and no token get in the way? */
static inline bool is_faithful(const struct syc_vocab *v, const char *s,
			       size_t n)
{
	for (int i = 0; i < 256; i++)
		if (v->byte[i] < 0)
			return false;
	if (v->meta.prefix_once && n && *s == ' ')	/* one is a space, or is not */
		return false;
	if (v->special.n || memmem(s, n, "\xe2\x96\x81", 3))
		return false;
	if (v->meta.kind == SYC_VOCAB_SPM)
		return true;
	for (size_t i = 0, len; i < n; i += len)
		if ((len = syc_utf8_len(s + i, n - i)) == 0)
			return false;
	for (size_t i = 0; i < v->meta.n; i++)
		if (v->meta.piece[i].type != SYC_PIECE_NORMAL)
			return false;
	return true;
}

static inline void round_trip(const struct syc_vocab *v, const char *s,
			      size_t n, unsigned flags)
{
	struct syc_ids ids = { 0 };
	struct syc_buf b = { 0 };
	bool prefixed = v->meta.add_prefix && !(flags & SYC_TOK_MIDDLE);

	if (syc_vocab_encode(v, s, n, flags, &ids, NULL) == 0) {
		for (size_t i = 0; i < ids.n; i++)
			need(ids.id[i] >= 0 &&
			     (size_t)ids.id[i] < syc_vocab_size(v));
		need(syc_vocab_decode(v, ids.id, ids.n, true, prefixed, &b) == 0);
		if (!(flags & SYC_TOK_BOS) && is_faithful(v, s, n))
			need(b.len == n &&
			     (n == 0 || memcmp(b.data, s, n) == 0));
	} else {
		need(ids.n == 0);
	}
	syc_ids_free(&ids);
	syc_buf_free(&b);
}

static inline void use_vocab(const struct syc_vocab *v, const char *s, size_t n)
{
	size_t len;

	for (int32_t id = -1; id <= (int32_t)syc_vocab_size(v); id++) {
		syc_vocab_piece(v, id, true, &len);
		syc_vocab_piece(v, id, false, &len);
		syc_vocab_is_end(v, id);
	}
	if (syc_vocab_chat_template(v, &len))
		syc_chat_detect(syc_vocab_chat_template(v, &len), len);
	for (unsigned flags = 0; flags < 8; flags++)
		round_trip(v, s, n, flags);
}

/* Close it again, whether it was read or not. */
static inline int done_vocab(struct syc_vocab_in *in, int ret,
			     const uint8_t *data, size_t size)
{
	if (ret == 0 && syc_vocab_finish(in) == 0)
		use_vocab(in->v, (const char *)data, size < 512 ? size : 512);
	syc_vocab_close(in->v);
	return 0;
}

#endif
