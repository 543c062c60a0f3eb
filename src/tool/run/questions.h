/* SPDX-License-Identifier: MIT */
/* The questions of programs that ask each in several ways. */
#ifndef SRC_TOOL_RUN_QUESTIONS_H
#define SRC_TOOL_RUN_QUESTIONS_H
#include "syc/sweep.h"
#include "tool/run/load.h"

struct asking {
	struct syc_rows in;		/* how rows are read */
	const struct syc_prompter *prompter;	/* [n_variants] */
	size_t n_variants, n_ctx;
	uint64_t n_skipped;		/* rows, so far */
};

/*
 * Rows of paths as questions; prompts: as prompts alone, in the order given.  Those of a
 * call are of one run, unless in.one_run is NULL.  None are an error.
 */
int questions_read(struct syc_sweep_questions *q, struct asking *a, bool prompts,
		   char *const *paths, int n_paths, struct syc_err *err);
/* The tokens that a question may have. */
size_t questions_ctx(const struct load *l, const struct syc_model *m);

#endif
