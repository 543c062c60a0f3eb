/* SPDX-License-Identifier: MIT */
/* Streams of rows as the programs read them: what is skipped is said. */
#ifndef SRC_TOOL_COMMON_ROWS_H
#define SRC_TOOL_COMMON_ROWS_H
#include "syc/rows.h"
#include "tool/common/out.h"
#include "tool/options/opts.h"

/* Initializers of a struct syc_rows: t says on standard error what is skipped. */
#define ROWS_OF(t) .skipped = rows_say_skipped, .arg = (void *)(uintptr_t)(t)
/* The same of an analysis, whose rows are of one run. */
#define ROWS_OF_ONE_RUN(t) ROWS_OF(t), .one_run = &rows_run
extern struct syc_one_run rows_run;
void rows_say_skipped(void *tool, const char *place, const char *why);

/* The rows of options; T has a struct syc_rows in. */
#define OPTS_OF_ROWS(T, in) \
	OPT_FLAG(0, "keep-going", T, in.keep_going, "report rows that cannot be used, skip them"), \
	OPT_OF_DUPLICATES(T, in)
#define OPT_OF_DUPLICATES(T, in) \
	OPT_FLAG(0, "allow-duplicates", T, in.allow_duplicates, "take rows that come twice")
#define OPT_OF_MIXED(T, in) \
	OPT_OWN_AT(0, "mixed", NULL, T, in.one_run, rows_set_mixed, \
		   "take rows of different runs as one")
opt_setter rows_set_mixed;

#endif
