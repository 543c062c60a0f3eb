/* SPDX-License-Identifier: MIT */
/* The figures of one model or several, for the eye and for programs. */
#ifndef SRC_TOOL_EVAL_TABLE_H
#define SRC_TOOL_EVAL_TABLE_H
#include "syc/eval.h"
#include "tool/common/table.h"

/* A model and what is to be shown of it; all borrowed. */
struct shown {
	const char *model;	/* its name, or "" */
	const char *grader;	/* that graded its replies, or "" */
	const struct syc_eval_table *table;
	/* its difference from the first model (syc_eval_compare()); NULL: none */
	const struct syc_eval_table *diff;
};

/*
 * Put the figures of m [n] in the form of o: a table, a table of tabs with a
 * line of names, or the members "confidence" and "models" of a JSON object,
 * without its braces.
 */
void put_figures(struct sheet *o, const struct shown *m, size_t n);

#endif
