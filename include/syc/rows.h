/* SPDX-License-Identifier: MIT */
/*
 * Streams of rows: JSON Lines from files or standard input, one object a line.
 * Fill the first fields of a zeroed struct syc_rows, then call syc_rows_next();
 * syc_rows_done() frees what it took.
 */
#ifndef SYC_ROWS_H
#define SYC_ROWS_H
#include <stdio.h>
#include "syc/seen.h"

#ifdef __cplusplus
extern "C" {
#endif

struct syc_rows {
	char *const *paths;	/* [n_paths]; none or "-" is standard input */
	int n_paths;
	bool keep_going;	/* count broken rows, tell `skipped`, go on */
	/* or NULL */
	void (*skipped)(void *arg, const char *place, const char *why);
	void *arg;
	/* behind each row, it with its choices reversed */
	bool both_orders;
	/*
	 * Rows may come twice: those without an id are told apart by a number
	 * behind the one that is made for them.  Else the second is SYC_ETWICE,
	 * whatever keep_going says, since nobody knows which of the two is
	 * meant.  Rows without id and prompt are never the same.
	 */
	bool allow_duplicates;
	/*
	 * Rows of another run than the first are SYC_EMIXED; the caller's, for
	 * several streams where one analysis reads them.  So are those in which
	 * another judge made a field, of this stream.  NULL: they are not.
	 */
	struct syc_one_run *one_run;
	uint64_t n_skipped;	/* so far */
	/* Private from here. */
	int at;
	FILE *f;
	const char *path;
	uint64_t line_no, n_bytes, n_total;
	char *buffer;			/* [from, to): read, not yet in a line */
	size_t from, to;
	bool ended;			/* the file */
	bool begun, ahead;		/* line is a part, or not yet given out */
	char *line;
	size_t len, cap;
	struct syc_buf reversed;	/* to come; empty: none */
	struct syc_row_ids *ids;	/* allow_duplicates, or */
	struct syc_seen *seen;
	struct syc_run_makers makers;
	char place[512];
};

/*
 * The next line that is a JSON object, parsed: *row (to be freed by the
 * caller) and in->line, in->len (without the newline, valid until the next
 * call).  Blank lines are passed over.  1 a row, 0 the end, negative an error
 * naming file and line.  With keep_going broken rows are skipped instead.
 * Unless duplicates are allowed, 27 to 55 bytes for each row stay in memory.
 */
SYC_API int syc_rows_next(struct syc_rows *in, struct syc_row **row,
			  struct syc_err *err);
/*
 * Whether syc_rows_next() would return without waiting for a writer, with a row
 * or what else it has.  Forgets the row last read: its line, place and path.
 */
SYC_API bool syc_rows_ready(struct syc_rows *in);
/*
 * A row that cannot be used: with keep_going tells err and the place to
 * `skipped`, counts it and returns 0; else puts the place into err and returns
 * its code, as it does whatever keep_going says where memory ran out.
 */
SYC_API int syc_rows_bad(struct syc_rows *in, struct syc_err *err);
/* "file:12" of the row last read, for messages. */
SYC_API const char *syc_rows_place(struct syc_rows *in);
/* The file of the row last read, borrowed; NULL: standard input. */
SYC_API const char *syc_rows_path(const struct syc_rows *in);
/* The share of the input that has been read; negative when not known. */
SYC_API double syc_rows_share(struct syc_rows *in);
SYC_API void syc_rows_done(struct syc_rows *in);

#ifdef __cplusplus
}
#endif
#endif
