/* SPDX-License-Identifier: MIT */
/* The rows of a text in memory, line by line. */
#include "config.h"
#include <string.h>
#include "base/err.h"
#include "base/utf8.h"
#include "task/each.h"

bool syc_next_line(const char **at, const char *end, struct syc_line *l, size_t *number)
{
	if (*number == 0 && *at < end) {
		size_t left = (size_t)(end - *at);

		*at = syc_utf8_start(*at, &left);
	}
	while (*at < end) {
		const char *stop = memchr(*at, '\n', (size_t)(end - *at));
		size_t blank = 0;

		*l = (struct syc_line){ *at, (size_t)((stop ? stop : end) - *at) };
		*at += l->n + (stop != NULL);
		++*number;
		while (blank < l->n && strchr(" \t\r", l->s[blank]) && l->s[blank])
			blank++;
		if (blank < l->n)
			return true;
	}
	return false;
}

int syc_rows_each(const char *rows, size_t len, syc_take_row *take, void *to,
		  struct syc_err *err)
{
	const char *const end = rows + len;
	struct syc_line l;
	size_t number = 0;
	int ret = 0;

	while (ret == 0 && syc_next_line(&rows, end, &l, &number)) {
		struct syc_row *row;
		struct syc_err e = { 0 };

		ret = syc_row_parse(&row, l.s, l.n, &e);
		if (ret == 0) {
			ret = take(to, row, l, &e);
			syc_row_free(row);
		}
		if (ret < 0)
			syc_fail(err, ret, "line %zu: %s", number, e.msg);
	}
	return ret;
}

int syc_rows_take(struct syc_rows *in, syc_take_row *take, void *to, struct syc_err *err)
{
	struct syc_err own;
	struct syc_row *row;
	int ret;

	err = err ? err : &own;	/* a skipped row has a reason */
	while ((ret = syc_rows_next(in, &row, err)) > 0) {
		ret = take(to, row, (struct syc_line){ in->line, in->len }, err);
		syc_row_free(row);
		if (ret < 0 && (ret = syc_rows_bad(in, err)) < 0)
			return ret;
	}
	return ret;
}
