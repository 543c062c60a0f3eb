/* SPDX-License-Identifier: MIT */
/* Texts with {names} in them; "{{" and "}}" are the braces themselves. */
#ifndef SRC_TASK_PROMPT_FILL_H
#define SRC_TASK_PROMPT_FILL_H
#include <stdbool.h>
#include "syc/base.h"

/* Whether every brace belongs to a name or to another brace. */
bool syc_fill_ok(const char *text);
/* What a name stands for; NULL: nothing. */
typedef const char *syc_fill_value(const void *of, const char *name);
/*
 * Append such a text, filled in.  false: a name stands for nothing, which is
 * appended to `lacks`.
 */
bool syc_fill(struct syc_buf *out, const char *text, syc_fill_value *value,
	      const void *of, struct syc_buf *lacks);

#endif
