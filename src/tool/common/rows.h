/* SPDX-License-Identifier: MIT */
/* Streams of rows: JSON Lines in from files or standard input, out again. */
#ifndef SRC_TOOL_COMMON_ROWS_H
#define SRC_TOOL_COMMON_ROWS_H
#include "syc/task.h"
#include "tool/common/opts.h"

struct rows_in {
	const struct tool *tool;
	char *const *paths;	/* [n_paths]; none or "-" is standard input */
	int n_paths;
	bool keep_going;	/* report broken rows, count them, go on */
	bool both_orders;	/* behind each row, it with its choices reversed */
	uint64_t n_skipped;	/* so far */
	/* Private from here. */
	int at;
	FILE *f;
	const char *path;
	uint64_t line_no, n_bytes, n_total;
	char *line;
	size_t len, cap;
	struct syc_buf reversed;	/* to come; empty: none */
	struct syc_row_ids *ids;
};

/*
 * The next line that is a JSON object, parsed: *row (to be freed by the
 * caller) and in->line, in->len (without the newline, valid until the next
 * call).  Blank lines are passed over.  1 a row, 0 the end, negative an error
 * naming file and line.  With keep_going broken rows are reported on standard
 * error and skipped instead.
 */
int rows_next(struct rows_in *in, struct syc_row **row, struct syc_err *err);
/*
 * Report a row that a program cannot use: with keep_going prints err with the
 * place, counts it and returns 0; else puts the place into err and returns its
 * code.
 */
int rows_bad(struct rows_in *in, struct syc_err *err);
/* "file:12" of the row last read, for messages. */
const char *rows_place(struct rows_in *in);
/* The share of the input that has been read; negative when not known. */
double rows_share(struct rows_in *in);
void rows_done(struct rows_in *in);

/*
 * Output that appears under its name only when it is whole: written to
 * PATH.part and renamed by out_finish().  No path is standard output.
 */
struct out {
	FILE *f;
	const char *path;	/* NULL: standard output */
	char *part;		/* the name while it is written */
};

int out_open(struct out *o, const char *path, struct syc_err *err);
/* Write n bytes; an error names the file. */
int out_write(struct out *o, const void *data, size_t n, struct syc_err *err);
/* Flush; for standard output and files alike. */
int out_flush(struct out *o, struct syc_err *err);
int out_finish(struct out *o, struct syc_err *err);
/* Remove the unfinished file. */
void out_abandon(struct out *o);
/* All of it at once. */
int out_all(const char *path, const void *data, size_t n, struct syc_err *err);

/*
 * An operand NAME=FILE, or FILE whose name without folder and ending is the
 * name: *path points into arg, the name is the caller's, NULL without memory.
 * A NAME has no slash.
 */
char *named_file(const char *arg, const char **path);

#endif
