/* SPDX-License-Identifier: MIT */
/* Files that programs write or read whole, and the names that operands give to files. */
#ifndef SRC_TOOL_COMMON_OUT_H
#define SRC_TOOL_COMMON_OUT_H
#include <stdio.h>
#include "syc/base.h"

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
/* Write n bytes, on a terminal through syc_text_show(); an error names the file. */
int out_write(struct out *o, const void *data, size_t n, struct syc_err *err);
/* Flush; for standard output and files alike. */
int out_flush(struct out *o, struct syc_err *err);
int out_finish(struct out *o, struct syc_err *err);
/* Remove the unfinished file. */
void out_abandon(struct out *o);
/* All of it at once. */
int out_all(const char *path, const void *data, size_t n, struct syc_err *err);

/*
 * Append all of a file (path NULL: standard input) to b; more than `most`
 * bytes are an error.
 */
int read_all_of(struct syc_buf *b, const char *path, size_t most, struct syc_err *err);

/*
 * An operand NAME=FILE, or FILE whose name without folder and ending is the
 * name: *path points into arg, the name is the caller's, NULL without memory.
 * A NAME has no slash.
 */
char *named_file(const char *arg, const char **path);

#endif
