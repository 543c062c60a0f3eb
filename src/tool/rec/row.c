/* SPDX-License-Identifier: MIT */
#include "config.h"
#include "tool/common/edit.h"
#include "tool/rec/row.h"

int rec_row_write(const struct syc_sequence *it, const char *acts_path, uint64_t acts_row,
		  const char *run, struct syc_buf *out, struct syc_err *err)
{
	struct edit e;

	edit_row(&e, it->row, it->line, it->len, err);
	if (it->answer >= 0) {
		syc_buf_puts(&e.value, it->answer ? "\"match\"" : "\"other\"");
		edit_set(&e, "answer");
	}
	syc_buf_printf(&e.value, "%zu", it->n_prompt);
	edit_set(&e, "n_prompt");
	syc_buf_printf(&e.value, "%zu", it->ids.n - it->n_prompt);
	edit_set(&e, "n_completion");
	edit_acts(&e, acts_path, (int64_t)acts_row, run);
	return edit_end(&e, out);
}
