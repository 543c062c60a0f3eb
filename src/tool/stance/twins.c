/* SPDX-License-Identifier: MIT */
/* syc-stance twins: questions, and the same without a view. */
#include "config.h"
#include <string.h>
#include "syc/questions.h"
#include "tool/common/fail.h"
#include "tool/common/rows.h"
#include "tool/stance/stance.h"

enum { MOST = 1 << 30 };	/* bytes of a file */

struct args {
	struct opt_values common;
};

static const struct opt opts[] = { OPTS_COMMON(struct args, common) };

static const struct tool tool = {
	"syc-stance twins",
	"[OPTION]... [FILE]...",
	"Add to the questions in FILEs or standard input the same without a view",
	opts,
};

/* Each file by itself, so that a message can name it. */
static int add_file(struct syc_buf *out, const char *path, struct syc_err *err)
{
	const bool is_stdin = !path || strcmp(path, "-") == 0;
	struct syc_buf rows = { 0 };
	struct syc_err e = { 0 };
	int ret = read_all_of(&rows, is_stdin ? NULL : path, MOST, err);

	if (ret == 0) {
		ret = syc_rows_no_view(out, rows.data ? rows.data : "", rows.len, &e);
		if (ret < 0)
			fail(err, ret, "%s: %s", is_stdin ? "standard input" : path, e.msg);
	}
	syc_buf_free(&rows);
	return ret;
}

int stance_twins(int argc, char **argv)
{
	struct args a = { OPT_VALUES_INIT };
	const int at = opt_parse(&tool, argc, argv, &a);
	struct syc_buf out = { 0 };
	struct syc_err err = { 0 };
	int ret = work_check(&tool, a.common.output, argv + at, argc - at, &err);

	if (ret == 0 && at == argc)
		ret = add_file(&out, NULL, &err);
	for (int i = at; i < argc && ret == 0; i++)
		ret = add_file(&out, argv[i], &err);
	if (ret == 0)
		ret = syc_output_all(a.common.output, out.data, out.len, &err);
	syc_buf_free(&out);
	return tool_finish(&tool, ret < 0 ? tool_err(&tool, &err) : 0);
}
