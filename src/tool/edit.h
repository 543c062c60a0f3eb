/* SPDX-License-Identifier: MIT */
/* Setting several fields of a row, one after the other. */
#ifndef SRC_TOOL_EDIT_H
#define SRC_TOOL_EDIT_H
#include "syc/task.h"

struct syc_edit {
	struct syc_buf value;	/* fill with JSON, then syc_edit_set() */
	/* Private from here. */
	struct syc_buf line, next;
	struct syc_err *err;
	int ret;		/* the first failure */
};

/* Begin with a copy of a row of len bytes. */
void syc_edit_begin(struct syc_edit *e, const char *line, size_t len, struct syc_err *err);
/* Set field key to value, and empty value. */
void syc_edit_set(struct syc_edit *e, const char *key);
/* Set "acts" to where a row's activations are. */
void syc_edit_acts(struct syc_edit *e, const char *path, int64_t row);
/* Append the row and a newline to out; frees e; 0 or the first failure. */
int syc_edit_end(struct syc_edit *e, struct syc_buf *out);

#endif
