/* SPDX-License-Identifier: MIT */
/* What a judge is asked, and what its answers are worth. */
#ifndef SRC_TOOL_LABEL_RUBRIC_H
#define SRC_TOOL_LABEL_RUBRIC_H
#include <jansson.h>
#include "syc/base.h"

enum { RUBRIC_ANSWERS = 64 };

struct rubric {
	const char *name, *prompt;
	const char *system, *begin;	/* or NULL */
	const char *answer[RUBRIC_ANSWERS];
	double value[RUBRIC_ANSWERS];	/* what each is worth */
	size_t n_answers;
	double threshold;
	const char *swap[2];		/* fields exchanged in a second run, or NULL */
	json_t *root;			/* owns the strings */
};

/* The built-in rubric of that name, or the one in the file. */
int rubric_open(struct rubric *r, const char *name_or_file, struct syc_err *err);
void rubric_close(struct rubric *r);
/*
 * Append the rubric's prompt for a row: {FIELD} is the text of that field,
 * {prompt} the row's prompt in words.  With swapped the two fields of swap
 * stand for each other.  What is inserted is not searched again.
 */
int rubric_prompt(const struct rubric *r, const json_t *row, const char *prompt, int swapped,
		  struct syc_buf *out, struct syc_err *err);

#endif
