/* SPDX-License-Identifier: MIT */
/* Cells of tables. */
#include "config.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "tool/common/table.h"
#include "tool/study/tables.h"

#define MINUS "\342\210\222"

struct syc_buf *cell(struct cells *c)
{
	if (c->begun)
		syc_buf_puts(&c->b, "\t");
	c->begun = true;
	return &c->b;
}

void cell_text(struct cells *c, const char *text)
{
	struct sheet o = { .b = cell(c) };

	put_name(&o, text);
}

void row_end(struct cells *c)
{
	syc_buf_puts(&c->b, "\n");
	c->begun = false;
}

void row_text(struct cells *c, const char *row)
{
	syc_buf_puts(cell(c), row);
	row_end(c);
}

/* ---- for the eye ------------------------------------------------------- */

void cell_number(struct cells *c, double x, int digits)
{
	struct syc_buf word = { 0 };

	syc_say_number(&word, x, digits);
	if (word.data && strncmp(word.data, MINUS, strlen(MINUS)) == 0)
		syc_buf_printf(cell(c), "-%s", word.data + strlen(MINUS));
	else
		syc_buf_puts(cell(c), word.data ? word.data : "");
	syc_buf_free(&word);
}

static void cell_of(struct cells *c, const json_t *o, const char *key, char how)
{
	const struct syc_estimate e = estimate(o, key);

	switch (how) {
	case '%': syc_say_percent(cell(c), e.x); break;
	case 'e': syc_say_estimate(cell(c), &e, 3); break;
	case 'p': syc_say_p(cell(c), e.x); break;
	default: cell_number(c, e.x, how - '0');
	}
}

void cells_of(struct cells *c, const json_t *o, const char *columns)
{
	while (*columns) {
		const size_t n = strcspn(columns, ":");
		char *key = text_new("%.*s", (int)n, columns);

		cell_of(c, o, key, columns[n + 1]);
		free(key);
		columns += n + 2;
		columns += *columns == ' ';
	}
}

/* ---- in full ----------------------------------------------------------- */

static void cell_member(struct cells *c, const json_t *o, const char *key)
{
	const json_t *v = json_object_get(o, key);
	struct sheet sheet = { .form = SHEET_TSV };

	if (json_is_string(v)) {
		cell_text(c, json_string_value(v));
	} else {
		sheet.b = cell(c);
		put_num(&sheet, json_is_boolean(v) ? json_is_true(v)
						   : doc_number(o, key));
	}
}

void row_members(struct cells *c, const json_t *o, const char *columns)
{
	const json_t *control = json_object_get(o, "control");

	while (*columns) {
		const size_t n = strcspn(columns, "\t");
		char *key = text_new("%.*s", (int)n, columns);

		if (control && strncmp(key, "control_", 8) == 0)
			cell_member(c, control, key + 8);
		else if (strcmp(key, "vector") == 0 &&
			 json_object_get(o, "system"))
			cell_member(c, o, "system");
		else
			cell_member(c, o, key);
		free(key);
		columns += n + (columns[n] == '\t');
	}
	row_end(c);
}

int table_make(struct study *s, const char *file, table_fn *fn,
	       struct syc_err *err)
{
	struct cells c = { 0 };
	int ret;

	if (is_there(file))
		return 0;
	ret = fn(s, &c, err);
	if (ret == 0)
		ret = write_file(file, &c.b, err);
	syc_buf_free(&c.b);
	return ret;
}
