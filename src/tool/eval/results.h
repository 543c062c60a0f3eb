/* SPDX-License-Identifier: MIT */
/* What runs came to: their rows read again, and the figures of these. */
#ifndef SRC_TOOL_EVAL_RESULTS_H
#define SRC_TOOL_EVAL_RESULTS_H
#include "tool/eval/table.h"

/*
 * Rows of a task, and those with a reply that counts and could not be decided.
 */
struct task_rows {
	size_t n, n_undecided;
	double first;		/* grade of the first reply of the first row */
	size_t n_same;		/* rows that have it, too */
};
enum { TASKS = 16 };

/* The results of a model. */
struct results {
	const char *name;	/* borrowed; "" */
	struct syc_eval *eval;
	struct syc_eval_table *table, *diff;	/* by results_compare() */
	struct syc_buf graders;	/* "letter, words" */
	struct task_rows task[TASKS];	/* by number, as of syc_eval_task() */
};

/* Add the rows of a file; *r is zeroed before the first but for its name. */
int results_read(struct results *r, const char *path, struct syc_err *err);
/* The same of rows, from the first on. */
int results_add(struct results *r, struct syc_rows *in, struct syc_err *err);
/*
 * The figures of all [n], and of those behind the first what they have more
 * than it.
 */
int results_compare(struct results *r, size_t n, struct syc_err *err);
void results_free(struct results *r, size_t n);
/* Put them in the form of o; JSON as an object with its braces. */
int results_put(struct sheet *o, const struct results *r, size_t n,
		struct syc_err *err);

#endif
