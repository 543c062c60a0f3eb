/* SPDX-License-Identifier: MIT */
#ifndef SRC_TASK_EACH_H
#define SRC_TASK_EACH_H
#include <stdbool.h>
#include "syc/rows.h"

/* Without its '\n'; a '\r' before that stays. */
struct syc_line {
	const char *s;
	size_t n;
};

/*
 * The next line that is not blank, *at behind it; false at the end.  *number, 0 before
 * the first, counts all lines; a byte order mark before the first is passed over.
 */
bool syc_next_line(const char **at, const char *end, struct syc_line *l, size_t *number);

/* What is done with a row, which is freed afterwards; err is of the line. */
typedef int syc_take_row(void *to, struct syc_row *row, struct syc_line line,
			 struct syc_err *err);
/* Every row of a text, up to the first that fails: "line 3: ...". */
int syc_rows_each(const char *rows, size_t len, syc_take_row *take, void *to,
		  struct syc_err *err);
/* Every row of a stream; one that cannot be taken is told to syc_rows_bad(). */
int syc_rows_take(struct syc_rows *in, syc_take_row *take, void *to, struct syc_err *err);

#endif
