/* SPDX-License-Identifier: MIT */
/*
 * The input is a chat format's file, and a Jinja template.  A format that is
 * read is written as a file that says the same; its texts hold all of what
 * messages say, and the stretches of content lie in order.
 */
#include "config.h"
#include <string.h>
#include "fuzz.h"
#include "model/chat.h"

static void need(int ok)
{
	if (!ok)
		abort();
}

static void use(const struct syc_chat *c, const struct syc_chat *copy,
		const char *said)
{
	const struct syc_msg msg[] = {
		{ "system", said }, { "user", "q" }, { "assistant", said },
		{ "user", said }, { "assistant", " a" },
	};

	for (size_t from = 0; from < 5; from++) {
		struct syc_buf a = { 0 }, b = { 0 };
		struct syc_spans s = { 0 };
		bool bos[2] = { false, false };
		size_t at = 0;
		int ret = syc_chat_render(c, "<s>", "</s>", msg + from,
					  5 - from, &bos[0], &a, &s, NULL);

		need(ret == syc_chat_render(copy, "<s>", "</s>", msg + from,
					    5 - from, &bos[1], &b, NULL, NULL));
		need(bos[0] == bos[1] && a.len == b.len &&
		     (a.len == 0 || memcmp(a.data, b.data, a.len) == 0));
		for (size_t i = 0; i < s.n; at = s.span[i++].to)
			need(at <= s.span[i].from &&
			     s.span[i].from <= s.span[i].to &&
			     s.span[i].to <= a.len);
		need(ret == 0 || (a.len == 0 && s.n == 0));
		syc_buf_free(&a);
		syc_buf_free(&b);
		syc_spans_free(&s);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* A copy of the exact size: reading past it is found out. */
	char *file = malloc(size ? size : 1),
		*said = strndup((const char *)data, size < 200 ? size : 200);
	struct syc_chat *c, *copy;
	struct syc_buf a = { 0 }, b = { 0 };
	uint64_t digest;

	if (!file || !said)
		abort();
	if (size)
		memcpy(file, data, size);
	syc_chat_digest(&digest, file, size);
	if (syc_chat_parse(&c, file, size, "x", NULL) == 0) {
		need(syc_chat_write(c, &a) == 0);
		need(syc_chat_parse(&copy, a.data, a.len, "x", NULL) == 0);
		need(syc_chat_write(copy, &b) == 0);
		need(strcmp(a.data, b.data) == 0);
		use(c, copy, said);
		syc_chat_free(c);
		syc_chat_free(copy);
	}
	syc_buf_free(&a);
	syc_buf_free(&b);
	free(file);
	free(said);
	return 0;
}
