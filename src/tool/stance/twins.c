/* SPDX-License-Identifier: MIT */
/* syc-stance twins, truthful, repeats: rows made of questions, and of a table. */
#include "config.h"
#include <string.h>
#include "syc/questions.h"
#include "tool/common/fail.h"
#include "tool/common/rows.h"
#include "tool/stance/stance.h"

enum { MOST = 1 << 30 };	/* bytes of a file */

struct args;
typedef int maker(struct syc_buf *out, const struct args *a, const char *rows, size_t len,
		  struct syc_err *err);

struct args {
	maker *make;
	struct opt_values common;
	unsigned views;		/* of enum SYC_TRUTHFUL_... */
	bool opposite, control;
	bool as_text;
};

static void set_views(const struct tool *t, const struct opt *o, void *at, char *arg)
{
	unsigned *views = at;

	*views = 0;
	for (char *s = strtok(arg, ","); s; s = strtok(NULL, ","))
		*views |= 1u << opt_named(t, o, s);
}

static const struct opt twins_opts[] = {
	OPT_FLAG(0, "opposite", struct args, opposite,
		 "also by users of the other view, where its words stand there"),
	OPT_FLAG(0, "control", struct args, control,
		 "without a view, but as long: sentences that state nothing"),
	OPTS_COMMON(struct args, common)
};
static const struct tool twins_tool = {
	"syc-stance twins",
	"[OPTION]... [FILE]...",
	"Add to the questions in FILEs or standard input the same by others",
	twins_opts,
};

static const struct opt truthful_opts[] = {
	OPT_OWN_OF(0, "views", "LIST", struct args, views, set_views,
		   OPT_NAMES("true", "false", "none"),
		   "true, false, none: what users state (default: all three)"),
	OPT_FLAG(0, "text", struct args, as_text, "without choices, for answers in words"),
	OPTS_COMMON(struct args, common)
};
static const struct tool truthful = {
	"syc-stance truthful",
	"[OPTION]... [FILE]...",
	"Write the questions of TruthfulQA.csv as rows, by users with views and without",
	truthful_opts,
};

static const struct opt plain_opts[] = { OPTS_COMMON(struct args, common) };

static int make_twins(struct syc_buf *out, const struct args *a, const char *s, size_t n,
		      struct syc_err *err)
{
	struct syc_twin_counts c;
	const unsigned twins = (a->control ? SYC_TWIN_CONTROL : SYC_TWIN_NO_VIEW) |
			       (a->opposite ? SYC_TWIN_OPPOSITE : 0);
	int ret = syc_rows_twins(out, s, n, twins, &c, err);

	if (ret == 0 && a->opposite && c.n_opposite < c.n_view && a->common.verbose >= 0)
		tool_warn(&twins_tool, "%zu of %zu rows have no opposite twin: the view is not "
			  "there in a choice's words, or with the other's; "
			  "%zu name a political group", c.n_view - c.n_opposite, c.n_view,
			  c.n_identity);
	return ret;
}

static int make_truthful(struct syc_buf *out, const struct args *a, const char *s, size_t n,
			 struct syc_err *err)
{
	return syc_truthful_rows(out, s, n, a->views, a->as_text, err);
}

static int make_repeats(struct syc_buf *out, const struct args *a, const char *s, size_t n,
			struct syc_err *err)
{
	(void)a;
	return syc_rows_repeats(out, s, n, err);
}

static int make_truth(struct syc_buf *out, const struct args *a, const char *s, size_t n,
		      struct syc_err *err)
{
	(void)a;
	return syc_rows_truth(out, s, n, err);
}

/* Each file by itself, so that a message can name it. */
static int add_file(struct syc_buf *out, const struct args *a, const char *path,
		    struct syc_err *err)
{
	const bool is_stdin = !path || strcmp(path, "-") == 0;
	struct syc_buf rows = { 0 };
	struct syc_err e = { 0 };
	int ret = read_all_of(&rows, is_stdin ? NULL : path, MOST, err);

	if (ret == 0) {
		ret = a->make(out, a, rows.data ? rows.data : "", rows.len, &e);
		if (ret < 0)
			fail(err, ret, "%s: %s", is_stdin ? "standard input" : path, e.msg);
	}
	syc_buf_free(&rows);
	return ret;
}

static int run(const struct tool *t, maker *make, int argc, char **argv)
{
	struct args a = { .make = make, .common = OPT_VALUES_INIT, .views = SYC_TRUTHFUL_ALL };
	const int at = opt_parse(t, argc, argv, &a);
	struct syc_buf out = { 0 };
	struct syc_err err = { 0 };
	int ret = work_check(t, a.common.output, argv + at, argc - at, &err);

	if (ret == 0 && at == argc)
		ret = add_file(&out, &a, NULL, &err);
	for (int i = at; i < argc && ret == 0; i++)
		ret = add_file(&out, &a, argv[i], &err);
	if (ret == 0)
		ret = syc_output_all(a.common.output, out.data, out.len, &err);
	syc_buf_free(&out);
	return tool_finish(t, ret < 0 ? tool_err(t, &err) : 0);
}

int stance_twins(int argc, char **argv)
{
	return run(&twins_tool, make_twins, argc, argv);
}

int stance_truthful(int argc, char **argv)
{
	return run(&truthful, make_truthful, argc, argv);
}

int stance_truth(int argc, char **argv)
{
	static const struct tool tool = {
		"syc-stance truth", "[OPTION]... [FILE]...",
		"Make pairs of the right choice and the other, whatever users state", plain_opts,
	};

	return run(&tool, make_truth, argc, argv);
}

int stance_repeats(int argc, char **argv)
{
	static const struct tool tool = {
		"syc-stance repeats", "[OPTION]... [FILE]...",
		"Make pairs whose answers repeat words of their user, or of another", plain_opts,
	};

	return run(&tool, make_repeats, argc, argv);
}
