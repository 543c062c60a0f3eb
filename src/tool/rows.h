/* SPDX-License-Identifier: MIT */
/* Streams of rows: JSON Lines in from files or standard input, out again. */
#ifndef SRC_TOOL_ROWS_H
#define SRC_TOOL_ROWS_H
#include "syc/task.h"
#include "tool/opts.h"

struct syc_rows_in {
	const struct syc_tool *tool;
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
int syc_rows_next(struct syc_rows_in *in, struct syc_row **row, struct syc_err *err);
/*
 * Report a row that a program cannot use: with keep_going prints err with the
 * place, counts it and returns 0; else puts the place into err and returns its
 * code.
 */
int syc_rows_bad(struct syc_rows_in *in, struct syc_err *err);
/* "file:12" of the row last read, for messages. */
const char *syc_rows_place(struct syc_rows_in *in);
/* The share of the input that has been read; negative when not known. */
double syc_rows_share(struct syc_rows_in *in);
void syc_rows_done(struct syc_rows_in *in);

/*
 * Output that appears under its name only when it is whole: written to
 * PATH.part and renamed by syc_out_finish().  No path is standard output.
 */
struct syc_out {
	FILE *f;
	const char *path;	/* NULL: standard output */
	char *part;		/* the name while it is written */
};

int syc_out_open(struct syc_out *o, const char *path, struct syc_err *err);
/* Write n bytes; an error names the file. */
int syc_out_write(struct syc_out *o, const void *data, size_t n, struct syc_err *err);
/* Flush; for standard output and files alike. */
int syc_out_flush(struct syc_out *o, struct syc_err *err);
int syc_out_finish(struct syc_out *o, struct syc_err *err);
/* Remove the unfinished file. */
void syc_out_abandon(struct syc_out *o);
/* All of it at once. */
int syc_out_all(const char *path, const void *data, size_t n, struct syc_err *err);

/*
 * An operand NAME=FILE, or FILE whose name without folder and ending is the
 * name: *path points into arg, the name is the caller's, NULL without memory.
 * A NAME has no slash.
 */
char *syc_named_file(const char *arg, const char **path);

#endif
