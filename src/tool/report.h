/* SPDX-License-Identifier: MIT */
/* syc-report: pieces of a page, each appended to HTML in a buffer. */
#ifndef SRC_TOOL_REPORT_H
#define SRC_TOOL_REPORT_H
#include <jansson.h>
#include <stdbool.h>
#include "syc/base.h"

/* A file to be shown. */
struct report_file {
	const char *path;
	const char *caption;	/* or NULL */
	struct syc_buf data;
	unsigned number;	/* of the figure; keeps ids of pictures apart */
	size_t n_rows;		/* most rows of a file of rows */
};

/* Append text with what HTML gives a meaning escaped; controls become U+FFFD. */
void html_text(struct syc_buf *b, const char *s, size_t n);
void html_puts(struct syc_buf *b, const char *s);
/* A number as a reader wants it: four significant digits, whole ones in full. */
void html_num(struct syc_buf *b, double x);
/* Begin and end a table, with its caption (may be NULL). */
void html_table_begin(struct syc_buf *b, const char *caption);
void html_table_end(struct syc_buf *b);

/*
 * An SVG picture, inline: elements and attributes known to draw are kept, ids
 * are made the page's own; scripts, styles, links and whatever loads something
 * are errors.
 */
int report_svg(struct syc_buf *b, const struct report_file *f, struct syc_err *err);
/* A document (or one per line) of numbers as tables and lists. */
int report_json(struct syc_buf *b, const struct report_file *f, struct syc_err *err);
/* Rows: the first few prompts with their completions and labels. */
int report_rows(struct syc_buf *b, const struct report_file *f, struct syc_err *err);
int report_tsv(struct syc_buf *b, const struct report_file *f, struct syc_err *err);
int report_plain(struct syc_buf *b, const struct report_file *f, struct syc_err *err);
/* The AUC by layer of a report of syc-fit, drawn by syc-plot as SVG. */
int report_draw(struct syc_buf *svg, const char *path, struct syc_err *err);
/* Whether doc is a report of syc-fit. */
bool report_is_fit(const json_t *doc);

#endif
