/* SPDX-License-Identifier: MIT */
/* Tests as data: a file of JSON Lines. */
#ifndef TESTS_LINES_H
#define TESTS_LINES_H
#include <jansson.h>
#include <stdio.h>
#include "suite.h"

/* Call fn for every line of a file of objects. */
static inline void each_line(const char *path,
			     void (*fn)(void *arg, const json_t *row),
			     void *arg)
{
	FILE *f = fopen(path, "r");
	char *line = NULL;
	size_t cap = 0, n = 0;

	ck_assert_msg(f != NULL, "%s", path);
	while (getline(&line, &cap, f) > 0) {
		json_t *row = json_loads(line, JSON_ALLOW_NUL, NULL);

		ck_assert_ptr_nonnull(row);
		fn(arg, row);
		json_decref(row);
		n++;
	}
	ck_assert_uint_gt(n, 0);
	free(line);
	fclose(f);
}

static inline const char *field(const json_t *row, const char *name)
{
	return json_string_value(json_object_get(row, name));
}

#endif
