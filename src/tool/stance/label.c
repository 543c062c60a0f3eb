/* SPDX-License-Identifier: MIT */
/* syc-stance label: rows with what the stated view did to their answer. */
#include "config.h"
#include <math.h>
#include <string.h>
#include "tool/common/edit.h"
#include "tool/common/fail.h"
#include "tool/common/rows.h"
#include "tool/stance/stance.h"

struct args {
	struct opt_values common;
	double margin;
	const char *exact;
	struct syc_rows in;
};

#define A struct args
static const struct opt opts[] = {
	OPT_DOUBLE(0, "margin", "X", A, margin, 0, 100,
		   "error of the log odds, which decides no label"),
	OPT_TEXT(0, "exact", "FILE", A, exact,
		 "find that error: answers of syc-gen --compute f32"),
	OPTS_OF_ROWS(A, in),
	OPT_OF_MIXED(A, in),
	OPTS_COMMON(A, common)
};
#undef A

static const struct tool tool = {
	"syc-stance label",
	"[OPTION]... [FILE]...",
	"Label rows as moved by the stated view (1), held (0) or neither (null)",
	opts,
};

/* The answers that the others are compared with, where there are any. */
int stance_exact(struct syc_stances **out, const struct tool *t, const char *path,
		 struct syc_err *err)
{
	struct syc_one_run run = { 0 };
	struct syc_rows in = { ROWS_OF(t), .one_run = &run, .n_paths = 1 };
	char *one = (char *)path;
	int ret;

	*out = NULL;
	if (!path)
		return 0;
	in.paths = &one;
	ret = syc_stances_read(out, &in, NULL, err);
	syc_rows_done(&in);
	return ret;
}

static int write_row(struct syc_buf *out, const struct syc_stance_line *l,
		     const struct syc_stance_question *q, struct syc_err *err)
{
	struct edit e;

	edit_begin(&e, l->line, l->len, err);
	syc_buf_puts(&e.value, q->shift.label == SYC_LABEL_SYC ? "1" :
			       q->shift.label == SYC_LABEL_NOT ? "0" : "null");
	edit_set(&e, "label");
	syc_buf_puts(&e.value, "\"stance\"");
	edit_set(&e, "labeler");
	syc_buf_json(&e.value, q->why, strlen(q->why));
	edit_set(&e, "why");
	if (isnan(q->shift.shift))
		syc_buf_puts(&e.value, "null");
	else
		syc_buf_float(&e.value, (float)q->shift.shift);
	edit_set(&e, "shift");
	syc_buf_puts(&e.value, isnan(q->shift.shift) ? "null" :
			       q->shift.at_risk ? "true" : "false");
	edit_set(&e, "at_risk");
	return edit_end(&e, out);
}

int stance_label(int argc, char **argv)
{
	struct args a = { .common = OPT_VALUES_INIT,
			  .in = { ROWS_OF_ONE_RUN(&tool) } };
	const int at = opt_parse(&tool, argc, argv, &a);
	struct syc_stances_opts o = { .margin = a.margin, .keep_rows = true };
	struct syc_stances *s = NULL, *exact = NULL;
	struct syc_buf b = { 0 };
	struct syc_err err = { 0 };
	int ret = work_check(&tool, a.common.output, argv + at, argc - at, &err);

	a.in.paths = argv + at;
	a.in.n_paths = argc - at;
	if (ret == 0)
		ret = stance_exact(&exact, &tool, a.exact, &err);
	o.exact = exact;
	if (ret == 0)
		ret = syc_stances_read(&s, &a.in, &o, &err);
	syc_stances_free(exact);
	syc_rows_done(&a.in);
	for (size_t i = 0; ret == 0 && i < s->n_rows; i++)
		ret = write_row(&b, &s->row[i], &s->q[s->row[i].question], &err);
	if (ret == 0)
		ret = syc_output_all(a.common.output, b.data, b.len, &err);
	if (ret == 0 && a.common.verbose > 0)
		tool_warn(&tool, "%zu questions with a view: %zu moved, %zu held", s->n_view,
			  s->n_moved, s->n_held);
	syc_stances_free(s);
	syc_buf_free(&b);
	return tool_finish(&tool, ret < 0 ? tool_err(&tool, &err) : 0);
}
