/* SPDX-License-Identifier: MIT */
/* Several runs of syc-eval, and the page on them. */
#ifndef SRC_TOOL_EVAL_MANY_H
#define SRC_TOOL_EVAL_MANY_H
#include "tool/eval/eval.h"
#include "tool/eval/results.h"

/* One model of several, "base=a.gguf" of --models. */
struct arm {
	char *name;
	const char *path;
	char *folder;		/* of its results, */
	char *rows[TASKS];		/* [n_rows] which are these files */
	int n_rows;
};

struct many {
	const struct eval_opts *o;
	const char *folder;
	char *list; /* what --models says, cut into the paths of arms */
	struct arm *arm;	/* [n] */
	size_t n;
	bool all;
	const char *task[TASKS];	/* [n_tasks] */
	char *rows[TASKS];		/* of all tasks: the file of each */
	size_t n_tasks;
	struct syc_buf said;	/* what the page says went wrong */
	int status;
};

/* Write FOLDER/index.html on what all runs came to, by syc-report. */
int many_page(const struct many *m, const struct results *r,
	      struct syc_err *err);

#endif
