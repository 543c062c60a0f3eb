/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>
#include "tool/common/fail.h"
#include "tool/report/report.h"

/* What HTML does not allow as text at all. */
static bool is_forbidden(int32_t c)
{
	return (c < ' ' && c != '\t' && c != '\n' && c != '\r') ||
	       (c >= 0x7f && c < 0xa0) || (c >= 0xfdd0 && c <= 0xfdef) ||
	       (c & 0xfffe) == 0xfffe;
}

static const char *escape(int32_t c)
{
	switch (c) {
	case '&': return "&amp;";
	case '<': return "&lt;";
	case '>': return "&gt;";
	case '"': return "&quot;";
	case '\'': return "&#39;";
	default: return NULL;
	}
}

void html_text(struct syc_buf *b, const char *s, size_t n)
{
	while (n) {
		utf8proc_int32_t c;
		utf8proc_ssize_t
			len = utf8proc_iterate((const utf8proc_uint8_t *)s,
					       (utf8proc_ssize_t)n, &c);
		const char *e = len > 0 ? escape(c) : NULL;

		if (len <= 0 || is_forbidden(c))
			e = "\xef\xbf\xbd";
		len = len > 0 ? len : 1;
		if (e)
			syc_buf_puts(b, e);
		else
			syc_buf_add(b, s, (size_t)len);
		s += len;
		n -= (size_t)len;
	}
}

void html_puts(struct syc_buf *b, const char *s)
{
	html_text(b, s, strlen(s));
}

void html_num(struct syc_buf *b, double x)
{
	char s[64];
	const char *e;

	if (x == floor(x) && fabs(x) < 1e15)
		snprintf(s, sizeof(s), "%.0f", x);
	else if (fabs(x) >= 0.001 && fabs(x) < 1000)
		snprintf(s, sizeof(s), "%.*f", fabs(x) < 10 ? 3 : fabs(x) < 100 ? 2 : 1, x);
	else
		snprintf(s, sizeof(s), "%.2g", x);
	if (s[0] == '-')
		syc_buf_puts(b, "\xe2\x88\x92");
	e = strstr(s, "e-");
	if (e) {
		/* A hyphen would be a place to break the line. */
		syc_buf_add(b, s + (s[0] == '-'),
			    (size_t)(e - s) + 1 - (s[0] == '-'));
		syc_buf_puts(b, "\xe2\x88\x92");
		syc_buf_puts(b, e + 2);
	} else {
		syc_buf_puts(b, s + (s[0] == '-'));
	}
}

void html_table_begin(struct syc_buf *b, const char *caption)
{
	syc_buf_puts(b, "<div class=\"table\"><table>\n");
	if (caption) {
		/* A short one is not broken to fit a narrow table. */
		syc_buf_puts(b, strlen(caption) < 100 ? "<caption class=\"s\">" : "<caption>");
		html_puts(b, caption);
		syc_buf_puts(b, "</caption>\n");
	}
}

void html_table_end(struct syc_buf *b)
{
	syc_buf_puts(b, "</table></div>\n");
}

int report_plain(struct syc_buf *b, const struct report_file *f,
		 struct syc_err *err)
{
	(void)err;
	syc_buf_puts(b, "<figure><pre>");
	/* HTML drops a newline behind <pre>. */
	if (f->data.len && f->data.data[0] == '\n')
		syc_buf_puts(b, "\n");
	html_text(b, f->data.data, f->data.len);
	syc_buf_puts(b, "</pre>");
	if (f->caption) {
		syc_buf_puts(b, "<figcaption>");
		html_puts(b, f->caption);
		syc_buf_puts(b, "</figcaption>");
	}
	syc_buf_puts(b, "</figure>\n");
	return 0;
}

/* A field is a number when nothing but one is in it. */
static bool is_number(const char *s, size_t n)
{
	return n && strspn(s, "+-.0123456789eE") >= n &&
	       strcspn(s, "0123456789") < n;
}

/* Numbers are rounded for the eye. */
static void tsv_cell(struct syc_buf *b, const char *s, size_t n)
{
	char number[64], *end;
	double x;

	if (!is_number(s, n) || n >= sizeof(number) || !memchr(s, '.', n)) {
		html_text(b, s, n);
		return;
	}
	memcpy(number, s, n);
	number[n] = 0;
	x = strtod(number, &end);
	if (*end || !isfinite(x))
		html_text(b, s, n);
	else
		html_num(b, x);
}

/* Whether field number k of a line of n bytes is a number. */
static bool is_number_at(const char *s, size_t n, size_t k)
{
	for (;;) {
		const char *tab = memchr(s, '\t', n);
		const size_t len = tab ? (size_t)(tab - s) : n;

		if (k-- == 0)
			return is_number(s, len);
		if (!tab)
			return false;
		s += len + 1;
		n -= len + 1;
	}
}

/* The head, above the line `below`, or another line; columns of numbers end alike. */
static void tsv_line(struct syc_buf *b, const char *s, size_t n,
		     const char *below, size_t n_below)
{
	const bool head = below != NULL;
	size_t k = 0;

	syc_buf_puts(b, "<tr>");
	for (size_t at = 0;;) {
		const char *tab = memchr(s + at, '\t', n - at);
		const size_t len = tab ? (size_t)(tab - s) - at : n - at;

		syc_buf_printf(b, head ? "<th scope=\"col\"%s>" : "<td%s>",
			       (head ? is_number_at(below, n_below, k++) :
				is_number(s + at, len)) ? " class=\"n\"" : "");
		tsv_cell(b, s + at, len);
		syc_buf_puts(b, head ? "</th>" : "</td>");
		if (!tab)
			break;
		at += len + 1;
	}
	syc_buf_puts(b, "</tr>\n");
}

static size_t line_length(const char *s, const char *end)
{
	size_t n = 0;

	while (s + n < end && s[n] != '\n' && s[n] != '\r')
		n++;
	return n;
}

int report_tsv(struct syc_buf *b, const struct report_file *f,
	       struct syc_err *err)
{
	const char *s = f->data.data ? f->data.data : "";
	bool head = true;

	if (!f->data.len)
		return fail(err, SYC_EFORMAT, "%s: the table is empty",
			    f->path);
	html_table_begin(b, f->caption);
	for (const char *end = s + f->data.len; s < end; head = false) {
		const char *nl = memchr(s, '\n', (size_t)(end - s));
		size_t n = nl ? (size_t)(nl - s) : (size_t)(end - s);

		const char *below = s + n + (nl != NULL);

		syc_buf_puts(b, head ? "<thead>" : "");
		tsv_line(b, s, n && s[n - 1] == '\r' ? n - 1 : n,
			 head ? below : NULL,
			 head ? line_length(below, end) : 0);
		syc_buf_puts(b, head ? "</thead><tbody>\n" : "");
		s = below;
	}
	syc_buf_puts(b, "</tbody>\n");
	html_table_end(b);
	return 0;
}
