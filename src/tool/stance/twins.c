/* SPDX-License-Identifier: MIT */
/* syc-stance twins and repeats: rows made of questions. */
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
typedef int maker(struct syc_buf *out, const char *rows, size_t len, struct syc_err *err);

static const struct opt opts[] = { OPTS_COMMON(struct args, common) };

/* Each file by itself, so that a message can name it. */
static int add_file(struct syc_buf *out, const char *path, maker *make, struct syc_err *err)
{
	const bool is_stdin = !path || strcmp(path, "-") == 0;
	struct syc_buf rows = { 0 };
	struct syc_err e = { 0 };
	int ret = read_all_of(&rows, is_stdin ? NULL : path, MOST, err);

	if (ret == 0) {
		ret = make(out, rows.data ? rows.data : "", rows.len, &e);
		if (ret < 0)
			fail(err, ret, "%s: %s", is_stdin ? "standard input" : path, e.msg);
	}
	syc_buf_free(&rows);
	return ret;
}

static int run(const struct tool *tool, maker *make, int argc, char **argv)
{
	struct args a = { OPT_VALUES_INIT };
	const int at = opt_parse(tool, argc, argv, &a);
	struct syc_buf out = { 0 };
	struct syc_err err = { 0 };
	int ret = work_check(tool, a.common.output, argv + at, argc - at, &err);

	if (ret == 0 && at == argc)
		ret = add_file(&out, NULL, make, &err);
	for (int i = at; i < argc && ret == 0; i++)
		ret = add_file(&out, argv[i], make, &err);
	if (ret == 0)
		ret = syc_output_all(a.common.output, out.data, out.len, &err);
	syc_buf_free(&out);
	return tool_finish(tool, ret < 0 ? tool_err(tool, &err) : 0);
}

int stance_twins(int argc, char **argv)
{
	static const struct tool tool = {
		"syc-stance twins", "[OPTION]... [FILE]...",
		"Add to the questions in FILEs or standard input the same without a view", opts,
	};

	return run(&tool, syc_rows_no_view, argc, argv);
}

int stance_repeats(int argc, char **argv)
{
	static const struct tool tool = {
		"syc-stance repeats", "[OPTION]... [FILE]...",
		"Make pairs whose answers repeat words of their user, or of another", opts,
	};

	return run(&tool, syc_rows_repeats, argc, argv);
}
