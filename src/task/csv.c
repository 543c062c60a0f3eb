/* SPDX-License-Identifier: MIT */
/* Comma-separated values. */
#include "config.h"
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "base/mem.h"
#include "syc/questions.h"

static bool at_end(const struct syc_csv *c)
{
	return c->at >= c->len;
}

static bool take(struct syc_csv *c, char want)
{
	if (at_end(c) || c->data[c->at] != want)
		return false;
	c->at++;
	return true;
}

/* LF or CRLF. */
static bool take_newline(struct syc_csv *c)
{
	if (!at_end(c) && c->data[c->at] == '\r' && c->at + 1 < c->len &&
	    c->data[c->at + 1] == '\n')
		c->at++;
	if (!take(c, '\n'))
		return false;
	c->next_line++;
	return true;
}

/* Behind the opening quote, past the closing one. */
static int quoted(struct syc_csv *c, struct syc_err *err)
{
	for (;;) {
		const char *s = c->data + c->at,
			   *end = at_end(c) ? NULL :
				  memchr(s, '"', c->len - c->at);

		if (!end)
			return syc_fail(err, SYC_EFORMAT,
					"line %zu: a quote is not closed",
					c->line);
		for (const char *p = s; p < end; p++)
			c->next_line += *p == '\n';
		syc_buf_add(&c->text, s, (size_t)(end - s));
		c->at += (size_t)(end - s) + 1;
		if (!take(c, '"'))
			return 0;
		syc_buf_puts(&c->text, "\"");
	}
}

static char comma(const struct syc_csv *c)
{
	return c->comma ? c->comma : ',';
}

/* Up to the comma or the end of the line, without the CR of a CRLF. */
static void plain(struct syc_csv *c)
{
	const size_t from = c->at;
	size_t n;

	while (!at_end(c) && c->data[c->at] != comma(c) && c->data[c->at] != '\n')
		c->at++;
	n = c->at - from;
	if (n && c->data[c->at - 1] == '\r' &&
	    (at_end(c) || c->data[c->at] == '\n'))
		n--;
	syc_buf_add(&c->text, c->data + from, n);
}

/* The fields are in text, a NUL behind each. */
static int point(struct syc_csv *c, struct syc_err *err)
{
	const char *p = c->text.data;

	if (c->text.failed ||
	    !syc_grow(&c->field, &c->cap, c->n, sizeof(*c->field)))
		return syc_nomem(err);
	for (size_t i = 0; i < c->n; i++) {
		c->field[i] = p;
		p += strlen(p) + 1;
	}
	if (p != c->text.data + c->text.len)
		return syc_fail(err, SYC_EFORMAT, "line %zu: a NUL character",
				c->line);
	return 1;
}

int syc_csv_next(struct syc_csv *c, struct syc_err *err)
{
	if (!c->at) {
		c->next_line = 1;
		if (c->len >= 3 && memcmp(c->data, "\357\273\277", 3) == 0)
			c->at = 3;
	}
	while (take_newline(c))
		;
	c->n = 0;
	c->text.len = 0;
	c->line = c->next_line;
	if (at_end(c))
		return 0;
	do {
		if (take(c, '"')) {
			int ret = quoted(c, err);

			if (ret < 0)
				return ret;
		}
		plain(c);
		syc_buf_add(&c->text, "", 1);
		c->n++;
	} while (take(c, comma(c)));
	take_newline(c);
	return point(c, err);
}

int syc_csv_find(const struct syc_csv *c, const char *name)
{
	for (size_t i = 0; i < c->n; i++)
		if (strcmp(c->field[i], name) == 0)
			return (int)i;
	return -1;
}

void syc_csv_free(struct syc_csv *c)
{
	free(c->field);
	syc_buf_free(&c->text);
	*c = (struct syc_csv){ 0 };
}
