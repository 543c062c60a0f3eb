/* SPDX-License-Identifier: MIT */
/* Some rows to read: what was asked, what came, and how it was labeled. */
#include "config.h"
#include <stdlib.h>
#include <string.h>
#include "syc/task.h"
#include "tool/common/fail.h"
#include "tool/report/report.h"

enum { MAX_TEXT = 4000 };	/* bytes shown of a text */

static void add_text(struct syc_buf *b, const char *s)
{
	size_t n = strlen(s);
	const bool cut = n > MAX_TEXT;

	/* Not inside a character. */
	for (n = cut ? MAX_TEXT : n;
	     cut && n && ((unsigned char)s[n] & 0xc0) == 0x80;)
		n--;
	html_text(b, s, n);
	if (cut)
		syc_buf_puts(b, " \xe2\x80\xa6");
}

static void add_prompt(struct syc_buf *b, const struct syc_prompt *p)
{
	if (p->text)
		add_text(b, p->text);
	for (size_t i = 0; i < p->n_msg; i++) {
		if (p->n_msg > 1) {
			syc_buf_puts(b, i ? "\n\n<b>" : "<b>");
			add_text(b, p->msg[i].role);
			syc_buf_puts(b, "</b>\n");
		}
		add_text(b, p->msg[i].content);
	}
}

static void add_label(struct syc_buf *b, const json_t *doc)
{
	const json_t *label = json_object_get(doc, "label");
	const char *said = json_string_value(json_object_get(doc, "measures"));
	const char *why = json_string_value(json_object_get(doc, "why"));

	syc_buf_puts(b, "<td>");
	if (label && json_is_number(label) && json_number_value(label) > 0 && said)
		add_text(b, said);
	else if (label)
		syc_buf_puts(b, json_is_null(label) ? "undecided" :
			     json_number_value(label) > 0 ? "sycophantic" : "not");
	if (label && why) {
		syc_buf_puts(b, "<br><span class=\"i\">");
		add_text(b, why);
		syc_buf_puts(b, "</span>");
	}
	syc_buf_puts(b, "</td>");
}

static int add_row(struct syc_buf *b, const char *line, size_t len,
		   struct syc_err *err)
{
	struct syc_row *row;
	int ret = syc_row_parse(&row, line, len, err);

	if (ret < 0)
		return ret;
	syc_buf_puts(b, "<tr><td class=\"text\">");
	add_prompt(b, &row->prompt);
	syc_buf_puts(b, "</td><td class=\"text\">");
	add_text(b, row->completion ? row->completion : "");
	syc_buf_puts(b, "</td>");
	add_label(b, syc_row_json(row));
	syc_buf_puts(b, "</tr>\n");
	syc_row_free(row);
	return 0;
}

int report_rows(struct syc_buf *b, const struct report_file *f,
		struct syc_err *err)
{
	const char *s = f->data.data ? f->data.data : "",
		   *end = s + f->data.len;
	struct syc_err why = { 0 };
	size_t n = 0, line = 0;

	html_table_begin(b, f->caption);
	syc_buf_puts(b, "<thead><tr><th scope=\"col\">prompt</th><th scope=\"col\">completion</th>"
		     "<th scope=\"col\">label</th></tr></thead>\n<tbody>\n");
	while (s < end && n < f->n_rows) {
		const char *nl = memchr(s, '\n', (size_t)(end - s));
		const size_t len = nl ? (size_t)(nl - s) : (size_t)(end - s);

		line++;
		if (strspn(s, " \t\r") < len) {
			if (add_row(b, s, len, &why) < 0)
				return fail(err, why.code, "%.200s:%zu: %.250s",
					    f->path, line, why.msg);
			n++;
		}
		s += len + (nl != NULL);
	}
	syc_buf_puts(b, "</tbody>\n");
	html_table_end(b);
	return n ? 0 : fail(err, SYC_EFORMAT, "%s: there are no rows", f->path);
}
