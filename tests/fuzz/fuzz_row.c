/* SPDX-License-Identifier: MIT */
/*
 * A row that parses takes a new field and parses again; but for that field the
 * object is the same, and all bytes around the value are those that came in.
 */
#include "config.h"
#include <jansson.h>
#include <string.h>
#include "fuzz.h"
#include "syc/task.h"

static void need(int ok)
{
	if (!ok)
		abort();
}

static json_t *load(const char *s, size_t n)
{
	json_t *v = json_loadb(s, n, JSON_DECODE_INT_AS_REAL | JSON_ALLOW_NUL,
			       NULL);

	need(v != NULL);
	return v;
}

static void set(const char *line, size_t len, const char *key, const char *value)
{
	struct syc_buf b = { 0 }, again = { 0 };
	json_t *before = load(line, len), *after, *v;
	struct syc_row *row;

	need(syc_row_set(&b, line, len, key, value, NULL) == 0);
	after = load(b.data, b.len);
	v = json_loads(value, JSON_DECODE_ANY | JSON_DECODE_INT_AS_REAL, NULL);
	json_object_set_new(before, key, v);
	need(json_equal(before, after));
	/* Setting it once more changes nothing. */
	need(syc_row_set(&again, b.data, b.len, key, value, NULL) == 0);
	need(again.len == b.len && memcmp(again.data, b.data, b.len) == 0);
	need(syc_row_parse(&row, b.data, b.len, NULL) == 0);
	syc_row_free(row);
	json_decref(before);
	json_decref(after);
	syc_buf_free(&b);
	syc_buf_free(&again);
}

/* A row that can be reversed is one again, and can be reversed again. */
static void reverse(const struct syc_row *row, const char *line, size_t len)
{
	struct syc_buf once = { 0 }, twice = { 0 };
	struct syc_row *back;

	if (syc_row_reverse(&once, row, line, len, NULL) == 0) {
		need(syc_row_parse(&back, once.data, once.len, NULL) == 0);
		need(back->n_match == row->n_match &&
		     back->n_other == row->n_other);
		need(syc_row_reverse(&twice, back, once.data, once.len, NULL) == 0);
		syc_row_free(back);
	}
	syc_buf_free(&once);
	syc_buf_free(&twice);
}

static void compare(const struct syc_row *row)
{
	enum syc_label label;
	const char *why;

	if (row->completion)
		need(syc_label_answers(row->completion, row->match,
				       row->n_match, row->other,
				       row->n_other, &label, &why, NULL) == 0 &&
				       why);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* A copy of the exact size: reading past it is found out. */
	char *line = malloc(size ? size : 1);
	struct syc_buf b = { 0 };
	struct syc_row *row;
	const char *why;

	if (!line)
		return 0;
	if (size)
		memcpy(line, data, size);
	/* Whatever the line is, setting a field must not go astray. */
	syc_row_set(&b, line, size, "label", "1", NULL);
	if (syc_row_parse(&row, line, size, NULL) == 0) {
		need(row->id != NULL);
		syc_label_choice(row, &why);
		need(why != NULL);
		reverse(row, line, size);
		compare(row);
		set(line, size, "label", "null");
		set(line, size, "a\"\\\xc3\xa9", "{\"x\": [1, \"}\"]}");
		set(line, size, "", "\"\"");
		syc_row_free(row);
	}
	syc_buf_free(&b);
	free(line);
	return 0;
}
