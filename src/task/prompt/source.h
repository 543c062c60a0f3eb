/* SPDX-License-Identifier: MIT */
/* The text of a file as JSON objects, in whichever of three ways it has them. */
#ifndef SRC_TASK_PROMPT_SOURCE_H
#define SRC_TASK_PROMPT_SOURCE_H
#include <jansson.h>
#include <stdbool.h>
#include "syc/base.h"

/*
 * What is done with an object, which stays the source's, or (o NULL) with one that is
 * broken, as err says; negative ends the reading.
 */
typedef int syc_take_object(void *to, const json_t *o, size_t line,
			    struct syc_err *err);

/*
 * Every object of JSON Lines, of an array, or of a table, whose cells are strings and
 * where empty absent.  A text that ends in the middle of an array or a quoted cell is
 * an error of its own, as is a table without lines; both name the line.
 */
int syc_source_each(const char *text, size_t len, syc_take_object *take,
		    void *to, struct syc_err *err);
/* Whether it is a JSON array or JSON Lines. */
bool syc_source_is_json(const char *text, size_t len);
/* One JSON text of any kind in n bytes, numbers as they are; *used (or NULL: all). */
json_t *syc_source_json(const char *s, size_t n, size_t *used, json_error_t *e);

#endif
