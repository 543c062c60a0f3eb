/* SPDX-License-Identifier: MIT */
/* Files that programs write or read whole, and the names that operands give to files. */
#ifndef SRC_TOOL_COMMON_OUT_H
#define SRC_TOOL_COMMON_OUT_H
#include "syc/output.h"
#include "tool/options/opts.h"

/* Add the files that operands [n] name, NAME=FILE too, and those of options. */
int inputs_of(struct syc_inputs *in, char *const *operands, int n, struct syc_err *err);
/*
 * Before any work: the operands are there to be read; path, which nobody goes
 * on with, may be written (syc_output_check(), an input being a usage error);
 * and both.
 */
int operands_check(char *const *operands, int n, struct syc_err *err);
int out_check(const struct tool *t, const char *path, char *const *operands, int n,
	      struct syc_err *err);
int work_check(const struct tool *t, const char *path, char *const *operands, int n,
	       struct syc_err *err);

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
