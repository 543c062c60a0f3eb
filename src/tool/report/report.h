/* SPDX-License-Identifier: MIT */
/* syc-report: pieces of a page, each appended to HTML in a buffer. */
#ifndef SRC_TOOL_REPORT_REPORT_H
#define SRC_TOOL_REPORT_REPORT_H
#include <stdbool.h>
#include "syc/base.h"
#include "tool/plot/doc.h"
#include "tool/common/rows.h"

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
int report_svg(struct syc_buf *b, const struct report_file *f,
	       struct syc_err *err);
/* A document (or one per line) of numbers as tables and lists. */
int report_json(struct syc_buf *b, const struct report_file *f,
		struct syc_err *err);
/* Rows: the first few prompts with their completions and labels. */
int report_rows(struct syc_buf *b, const struct report_file *f,
		struct syc_err *err);
int report_tsv(struct syc_buf *b, const struct report_file *f,
	       struct syc_err *err);
int report_plain(struct syc_buf *b, const struct report_file *f,
		 struct syc_err *err);

/* What the page is made with. */
struct report {
	const struct tool *tool;
	size_t n_rows;		/* shown of a file of rows */
	bool no_plots;
	struct syc_rows in;	/* how labels are read */
	unsigned n_figures;	/* so far: keeps ids of pictures apart */
};

enum report_kind {
	REPORT_SECTION, REPORT_TEXT,
	REPORT_FILE,		/* what a file holds, with its pictures */
	REPORT_TABLE,		/* what a file holds */
	REPORT_FIGURES,		/* the pictures of documents of one kind */
	REPORT_SCORES,		/* those of scored rows */
	/* how files of rows are labeled, and some of the rows */
	REPORT_COUNTS,
};

/* A piece of the page. */
struct report_item {
	enum report_kind kind;
	const char *text, *caption;	/* borrowed; caption may be NULL */
	enum doc_kind of;		/* of figures */
	/* [n_paths] of files; own, as are they */
	char **paths;
	size_t n_paths;
	/* of scores: a report on the same rows, or NULL */
	char *fit;
};

struct report_items {
	struct report_item *item;	/* [n] */
	size_t n;
};

/* An item at the end, all zero, or NULL. */
struct report_item *report_add(struct report_items *r, enum report_kind kind);
void report_items_free(struct report_items *r);
/* Append a section for each kind of what a study left in a folder. */
int report_folder(struct report_items *out, const char *path,
		  struct syc_err *err);

/*
 * A picture by syc-plot, with its options (NULL at the end) behind --kind.  One
 * that cannot be drawn is left out, and the reason said.
 */
int report_plot(struct report *r, struct syc_buf *b, const char *kind,
		const char *const *options, const char *const *paths, size_t n,
		const char *caption, struct syc_err *err);
/* All pictures of documents of one kind; caption names them, or NULL: their files do. */
int report_figures(struct report *r, struct syc_buf *b, enum doc_kind of,
		   char *const *paths, size_t n, const char *caption,
		   struct syc_err *err);
/* Rows against the best vector and layer of a report on them (NULL: none), and ROC curves. */
int report_scores(struct report *r, struct syc_buf *b, const char *rows,
		  const char *fit, struct syc_err *err);
/* A table of how the rows of files are labeled. */
int report_counts(const struct report *r, struct syc_buf *b, char *const *paths, size_t n,
		  struct syc_err *err);

#endif
