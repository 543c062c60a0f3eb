/* SPDX-License-Identifier: MIT */
/*
 * The input is a GGUF file.  If it has a vocabulary, the file's own bytes are
 * a text: ids must be in range, and come back as the same text when nothing
 * in the vocabulary stands in the way.
 */
#include "config.h"
#include <string.h>
#include "fuzz.h"
#include "model/vocab.h"
#include "syc/chat.h"

static void need(int ok)
{
	if (!ok)
		abort();
}

/* Does every piece stand for its name, and every byte have a token? */
static bool is_faithful(const struct syc_vocab *v)
{
	for (int i = 0; i < 256; i++)
		if (v->byte[i] < 0)
			return false;
	return true;
}

static void round_trip(const struct syc_vocab *v, const char *s, size_t n, unsigned flags)
{
	struct syc_ids ids = { 0 };
	struct syc_buf b = { 0 };
	bool prefixed = v->meta.add_prefix && !(flags & SYC_TOK_MIDDLE);

	if (syc_vocab_encode(v, s, n, flags, &ids, NULL) == 0) {
		for (size_t i = 0; i < ids.n; i++)
			need(ids.id[i] >= 0 && (size_t)ids.id[i] < syc_vocab_size(v));
		need(syc_vocab_decode(v, ids.id, ids.n, true, prefixed, &b) == 0);
		if (is_faithful(v) && v->special.n == 0 && !(flags & SYC_TOK_BOS) &&
		    !memmem(s, n, "\xe2\x96\x81", 3))
			need(b.len == n && (n == 0 || memcmp(b.data, s, n) == 0));
	} else {
		need(ids.n == 0);
	}
	syc_ids_free(&ids);
	syc_buf_free(&b);
}

static void use(const struct syc_vocab *v, const char *s, size_t n)
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

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct syc_vocab *v;

	if (syc_vocab_open(&v, fuzz_file(data, size), NULL) == 0) {
		use(v, (const char *)data, size < 4096 ? size : 4096);
		syc_vocab_close(v);
	}
	return 0;
}
