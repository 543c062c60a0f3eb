/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <inttypes.h>
#include <string.h>
#include "tool/common/edit.h"
#include "tool/common/fail.h"

void edit_begin(struct edit *e, const char *line, size_t len,
		struct syc_err *err)
{
	*e = (struct edit){ .err = err };
	if (syc_buf_add(&e->line, line, len) < 0)
		e->ret = fail_nomem(err);
}

void edit_row(struct edit *e, const struct syc_row *row, const char *line,
	      size_t len, struct syc_err *err)
{
	edit_begin(e, line, len, err);
	if (row->has_id)
		return;
	syc_buf_json(&e->value, row->id, strlen(row->id));
	edit_set(e, "id");
}

void edit_set(struct edit *e, const char *key)
{
	struct syc_buf old = e->line;

	if (e->ret == 0 && e->value.failed)
		e->ret = fail_nomem(e->err);
	if (e->ret == 0) {
		e->next.len = 0;
		e->ret = syc_row_set(&e->next, e->line.data, e->line.len, key,
				     e->value.data ? e->value.data : "null",
				     e->err);
		e->line = e->next;
		e->next = old;
	}
	e->value.len = 0;
	if (e->value.data)
		e->value.data[0] = 0;
}

void edit_acts(struct edit *e, const char *path, int64_t row, const char *run)
{
	syc_buf_puts(&e->value, "{\"file\": ");
	syc_buf_json(&e->value, path, strlen(path));
	syc_buf_printf(&e->value, ", \"row\": %" PRId64 ", \"run\": \"%s\"}", row, run);
	edit_set(e, "acts");
}

int edit_end(struct edit *e, struct syc_buf *out)
{
	if (e->ret == 0 && (syc_buf_add(out, e->line.data, e->line.len) < 0 ||
			    syc_buf_puts(out, "\n") < 0))
		e->ret = fail_nomem(e->err);
	syc_buf_free(&e->line);
	syc_buf_free(&e->next);
	syc_buf_free(&e->value);
	return e->ret;
}
