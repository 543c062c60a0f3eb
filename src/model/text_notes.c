/* SPDX-License-Identifier: MIT */
/* Texts whose ids may not be what was wanted: counted, and said. */
#include "config.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>
#include "model/vocab.h"

/* Nothing below U+0300 changes, which begins with this byte. */
enum { FIRST_MARK = 0xcc };

/* Whether it is in normalization form C; what is not UTF-8 counts as if. */
static bool is_nfc(const char *text, size_t len)
{
	utf8proc_uint8_t *made = NULL;
	utf8proc_ssize_t n;
	size_t i = 0;
	bool same;

	while (i < len && (unsigned char)text[i] < FIRST_MARK)
		i++;
	if (i == len)
		return true;
	n = utf8proc_map((const utf8proc_uint8_t *)text, (utf8proc_ssize_t)len,
			 &made, UTF8PROC_STABLE | UTF8PROC_COMPOSE);
	same = n < 0 || ((size_t)n == len && memcmp(made, text, len) == 0);
	free(made);
	return same;
}

void syc_text_count(struct syc_text_counts *c, const struct syc_vocab *v,
		    const char *text, size_t len, const int32_t *id, size_t n)
{
	const int32_t bos = v->meta.bos;

	c->twice += bos >= 0 && n > 1 && id[0] == bos && id[1] == bos;
	c->not_nfc += v->meta.nfc && !is_nfc(text, len);
}

int syc_text_notes(const struct syc_text_counts *c, struct syc_buf *out)
{
	int bad = 0;

	if (c->twice)
		bad |= syc_buf_printf(out,
			"texts that begin with BOS as text and got another "
			"in front: %" PRIu64 " (leave it out of them)\n",
			c->twice);
	if (c->not_nfc)
		bad |= syc_buf_printf(out,
			"texts that are not in Unicode's form NFC, which the "
			"vocabulary is for: %" PRIu64 " (their tokens are not "
			"those of transformers)\n", c->not_nfc);
	return bad ? SYC_ENOMEM : 0;
}
