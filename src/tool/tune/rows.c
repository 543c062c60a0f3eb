/* SPDX-License-Identifier: MIT */
/* syc-tune rows: the training set of an arm. */
#include "config.h"
#include "syc/arms.h"
#include "tool/common/fail.h"
#include "tool/common/rows.h"
#include "tool/tune/tune.h"

struct args {
	struct opt_values common;
	enum syc_arm arm;
	struct syc_rows in;
};

static const char *names[SYC_N_ARMS + 1];

#define A struct args
static const struct opt opts[] = {
	OPT_CHOICE(0, "arm", "NAME", A, arm, enum syc_arm, names,
		   "sycophant (default), opposite, always-a, fixed, agree, random, unrelated"),
	OPT_SEED_ROW(A, common),
	OPT_HEAD("Rows"),
	OPT_FLAG(0, "both-orders", A, in.both_orders, "each row also with its choices reversed"),
	OPTS_OF_ROWS(A, in),
	OPTS_COMMON(A, common)
};
#undef A

static const struct tool tool = {
	"syc-tune rows",
	"[OPTION]... [FILE]...",
	"Write the training set of an arm, made of the questions in FILEs or standard input",
	opts,
};

static void say(const struct syc_arm_counts *c, enum syc_arm arm)
{
	if (c->n_no_view)
		tool_warn(&tool, "%zu of %zu rows have no view, and are left out", c->n_no_view,
			  c->n_rows);
	if (arm == SYC_ARM_AGREE && c->n_no_truth + c->n_wrong)
		tool_warn(&tool, "%zu of %zu rows do not say what is true, in %zu the user states "
			  "the other: left out", c->n_no_truth, c->n_rows, c->n_wrong);
}

int tune_rows(int argc, char **argv)
{
	struct args a = { .common = OPT_VALUES_INIT, .in = { ROWS_OF(&tool) } };
	struct syc_arm_counts counts;
	struct syc_buf out = { 0 };
	struct syc_err err = { 0 };
	int at, ret;

	for (unsigned i = 0; i < SYC_N_ARMS; i++)
		names[i] = syc_arm_name(i);
	at = opt_parse(&tool, argc, argv, &a);
	a.in.paths = argv + at;
	a.in.n_paths = argc - at;
	ret = work_check(&tool, a.common.output, a.in.paths, a.in.n_paths, &err);
	if (ret == 0)
		ret = syc_rows_arm(&out, &counts, &a.in, a.arm, a.common.seed, &err);
	syc_rows_done(&a.in);
	if (ret == 0 && a.common.verbose >= 0)
		say(&counts, a.arm);
	if (ret == 0)
		ret = syc_output_all(a.common.output, out.data, out.len, &err);
	syc_buf_free(&out);
	return tool_finish(&tool, ret < 0 ? tool_err(&tool, &err) : 0);
}
