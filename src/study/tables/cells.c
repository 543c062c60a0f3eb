/* SPDX-License-Identifier: MIT */
/* Cells of tables. */
#include "config.h"
#include <math.h>
#include <stdio.h>
#include <string.h>
#include "study/tables/tables.h"

#define MINUS "\342\210\222"

struct syc_buf *cell(struct cells *c)
{
	if (c->begun)
		syc_buf_puts(c->b, "\t");
	c->begun = true;
	return c->b;
}

void put_text(struct cells *c, const char *text)
{
	for (; *text; text++)
		syc_buf_add(c->b,
			    (unsigned char)*text < ' ' || *text == 127 ? "?"
								       : text,
			    1);
}

void cell_text(struct cells *c, const char *text)
{
	cell(c);
	put_text(c, text);
}

void row_end(struct cells *c)
{
	syc_buf_puts(c->b, "\n");
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
	const char *text;

	syc_say_number(&word, x, digits);
	text = word.data ? word.data : "";
	cell(c);
	if (strncmp(text, MINUS, strlen(MINUS)) == 0) {
		syc_buf_puts(c->b, "-");
		text += strlen(MINUS);
	}
	syc_buf_puts(c->b, text);
	c->b->failed |= word.failed;
	syc_buf_free(&word);
}

static void cell_of(struct cells *c, const json_t *o, const char *key, char how)
{
	const struct syc_estimate e = estimate_of(o, key);
	const bool mark = json_is_true(json_object_get(o, key));

	switch (how) {
	case '%': syc_say_percent(cell(c), e.x); break;
	case '*': syc_buf_puts(c->b, mark ? " *" : ""); break;
	case 'e': syc_say_estimate(cell(c), &e, 3); break;
	case 'p': syc_say_p(cell(c), e.x); break;
	case 't': cell_text(c, text_of(o, key)); break;
	default: cell_number(c, e.x, how - '0');
	}
}

void cells_of(struct cells *c, const json_t *o, const char *columns)
{
	char key[64], how;
	int n;

	for (; sscanf(columns, " %63[^:]:%c%n", key, &how, &n) == 2;
	     columns += n)
		cell_of(c, o, key, how);
}

/* ---- in full ----------------------------------------------------------- */

void cell_full(struct cells *c, double x)
{
	if (isfinite(x))
		syc_buf_printf(cell(c), "%.12g", x);
	else
		syc_buf_puts(cell(c), "NA");
}

static void cell_member(struct cells *c, const json_t *o, const char *key)
{
	const json_t *v = json_object_get(o, key);

	if (json_is_string(v))
		cell_text(c, json_string_value(v));
	else
		cell_full(c, json_is_boolean(v) ? json_is_true(v)
						: number_of(o, key));
}

void row_full(struct cells *c, const json_t *o, const char *columns)
{
	const json_t *control = json_object_get(o, "control");
	char key[64];
	int n;

	for (; sscanf(columns, " %63[^\t]%n", key, &n) == 1; columns += n) {
		if (control && strncmp(key, "control_", 8) == 0)
			cell_member(c, control, key + 8);
		else if (strcmp(key, "vector") == 0 &&
			 json_object_get(o, "system"))
			cell_member(c, o, "system");
		else
			cell_member(c, o, key);
	}
	row_end(c);
}
