/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <inttypes.h>
#include <string.h>
#include "tool/edit.h"
#include "tool/fail.h"

void syc_edit_begin(struct syc_edit *e, const char *line, size_t len, struct syc_err *err)
{
	*e = (struct syc_edit){ .err = err };
	if (syc_buf_add(&e->line, line, len) < 0)
		e->ret = fail_nomem(err);
}

void syc_edit_set(struct syc_edit *e, const char *key)
{
	struct syc_buf old = e->line;

	if (e->ret == 0 && e->value.failed)
		e->ret = fail_nomem(e->err);
	if (e->ret == 0) {
		e->next.len = 0;
		e->ret = syc_row_set(&e->next, e->line.data, e->line.len, key,
				     e->value.data ? e->value.data : "null", e->err);
		e->line = e->next;
		e->next = old;
	}
	e->value.len = 0;
	if (e->value.data)
		e->value.data[0] = 0;
}

void syc_edit_acts(struct syc_edit *e, const char *path, int64_t row)
{
	syc_buf_puts(&e->value, "{\"file\": ");
	syc_buf_json(&e->value, path, strlen(path));
	syc_buf_printf(&e->value, ", \"row\": %" PRId64 "}", row);
	syc_edit_set(e, "acts");
}

int syc_edit_end(struct syc_edit *e, struct syc_buf *out)
{
	if (e->ret == 0 && (syc_buf_add(out, e->line.data, e->line.len) < 0 || syc_buf_puts(out, "\n") < 0))
		e->ret = fail_nomem(e->err);
	syc_buf_free(&e->line);
	syc_buf_free(&e->next);
	syc_buf_free(&e->value);
	return e->ret;
}
