/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/mem.h"
#include "base/utf8.h"
#include "syc/base.h"

static int reserve(struct syc_buf *b, size_t n)
{
	size_t need;

	if (!syc_add(&need, b->len, n) || !syc_add(&need, need, 1) ||
	    !syc_grow(&b->data, &b->cap, need, 1))
		b->failed = 1;
	return b->failed ? SYC_ENOMEM : 0;
}

int syc_buf_add(struct syc_buf *b, const void *data, size_t n)
{
	if (reserve(b, n) < 0)
		return SYC_ENOMEM;
	if (n)
		memcpy(b->data + b->len, data, n);
	b->len += n;
	b->data[b->len] = 0;
	return 0;
}

int syc_buf_puts(struct syc_buf *b, const char *s)
{
	return syc_buf_add(b, s, strlen(s));
}

int syc_buf_vprintf(struct syc_buf *b, const char *fmt, va_list ap)
{
	va_list again;
	int n;

	va_copy(again, ap);
	n = vsnprintf(NULL, 0, fmt, again);
	va_end(again);
	if (n < 0 || reserve(b, (size_t)n) < 0)
		return SYC_ENOMEM;
	vsnprintf(b->data + b->len, (size_t)n + 1, fmt, ap);
	b->len += (size_t)n;
	return 0;
}

int syc_buf_printf(struct syc_buf *b, const char *fmt, ...)
{
	va_list ap;
	int ret;

	va_start(ap, fmt);
	ret = syc_buf_vprintf(b, fmt, ap);
	va_end(ap);
	return ret;
}

static int add_json_char(struct syc_buf *b, unsigned char c)
{
	static const char short_for[] = "btn.fr";	/* \b \t \n - \f \r */

	if (c == '"' || c == '\\')
		return syc_buf_printf(b, "\\%c", c);
	if (c >= 8 && c <= 13 && c != 11)
		return syc_buf_printf(b, "\\%c", short_for[c - 8]);
	if (c < ' ' || c == 127)
		return syc_buf_printf(b, "\\u%04x", c);
	return syc_buf_add(b, &c, 1);
}

int syc_buf_json(struct syc_buf *b, const char *s, size_t n)
{
	size_t len = b->len, step;
	int bad = syc_buf_add(b, "\"", 1);

	for (size_t i = 0; i < n && !bad; i += step) {
		step = syc_utf8_len(s + i, n - i);
		if (step > 1 && syc_utf8_steers(s + i, step))
			bad = syc_buf_printf(b, "\\u%04x", step == 2 ?
				(unsigned char)s[i + 1] :
				0x2000u | (s[i + 1] & 0x3fu) << 6 | (s[i + 2] & 0x3fu));
		else if (step > 1)
			bad = syc_buf_add(b, s + i, step);
		else if (step == 1)
			bad = add_json_char(b, (unsigned char)s[i]);
		else
			bad = syc_buf_puts(b, "\xef\xbf\xbd");
		step += step == 0;
	}
	if (!bad)
		bad = syc_buf_add(b, "\"", 1);
	if (bad)
		b->len = len;
	return bad;
}

int syc_buf_float(struct syc_buf *b, float x)
{
	char s[32];

	if (!isfinite(x))
		return syc_buf_puts(b, "null");
	for (int digits = 6; digits <= 9; digits++) {
		snprintf(s, sizeof(s), "%.*g", digits, (double)x);
		if (strtof(s, NULL) == x)
			break;
	}
	return syc_buf_puts(b, s);
}

void syc_buf_free(struct syc_buf *b)
{
	free(b->data);
	*b = (struct syc_buf){ 0 };
}

int syc_ids_add(struct syc_ids *ids, const int32_t *id, size_t n)
{
	size_t need;

	if (!syc_add(&need, ids->n, n) ||
	    !syc_grow(&ids->id, &ids->cap, need, sizeof(*ids->id)))
		return SYC_ENOMEM;
	if (n)
		memcpy(ids->id + ids->n, id, n * sizeof(*id));
	ids->n += n;
	return 0;
}

void syc_ids_free(struct syc_ids *ids)
{
	free(ids->id);
	*ids = (struct syc_ids){ 0 };
}

void syc_spans_free(struct syc_spans *s)
{
	free(s->span);
	*s = (struct syc_spans){ 0 };
}
