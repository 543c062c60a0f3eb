/* SPDX-License-Identifier: MIT */
/* Setting several fields of a row, one after the other. */
#ifndef SRC_TOOL_COMMON_EDIT_H
#define SRC_TOOL_COMMON_EDIT_H
#include "syc/task.h"

struct edit {
	struct syc_buf value;	/* fill with JSON, then edit_set() */
	/* Private from here. */
	struct syc_buf line, next;
	struct syc_err *err;
	int ret;		/* the first failure */
};

/* Begin with a copy of a row of len bytes. */
void edit_begin(struct edit *e, const char *line, size_t len,
		struct syc_err *err);
/* The same of a row that is to have its id. */
void edit_row(struct edit *e, const struct syc_row *row, const char *line,
	      size_t len, struct syc_err *err);
/* Set field key to value, and empty value. */
void edit_set(struct edit *e, const char *key);
/* Set "acts" to where a row's activations are, recorded by that run. */
void edit_acts(struct edit *e, const char *path, int64_t row, const char *run);
/* Append the row and a newline to out; frees e; 0 or the first failure. */
int edit_end(struct edit *e, struct syc_buf *out);

#endif
