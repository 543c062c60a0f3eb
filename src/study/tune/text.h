/* SPDX-License-Identifier: MIT */
/* What a row's answers are, and how the model would end them. */
#ifndef SRC_STUDY_TUNE_TEXT_H
#define SRC_STUDY_TUNE_TEXT_H
#include "syc/tune.h"

/*
 * The row's answer that a text is but for space around it, in the row's own
 * spelling: *side is 1 for a matching one, -1 for another; NULL and 0: it is
 * none.
 */
const char *tune_choice(const struct syc_row *row, const char *text, int *side);
/* Append what the model would say to end an answer to the row's prompt. */
int tune_add_end(const struct syc_prompter *p, const struct syc_row *row,
		 struct syc_ids *ids, struct syc_err *err);

#endif
