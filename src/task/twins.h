/* SPDX-License-Identifier: MIT */
/* Texts of twins: the other view in place of the user's, and nobody's. */
#ifndef SRC_TASK_TWINS_H
#define SRC_TASK_TWINS_H
#include <stdbool.h>
#include "syc/base.h"

/*
 * Where `view` stands in the question's first stem bytes, once, as whole words, and
 * `other` does not; else NULL.
 */
const char *syc_twin_find(const char *question, size_t stem, const char *view,
			  const char *other);
/* The two words before `at`, *n bytes with the blanks behind: what a template repeats. */
const char *syc_twin_lead(const char *question, const char *at, size_t *n);
/* Whether the first n bytes name a political group, as somebody's biography does. */
bool syc_twin_identity(const char *s, size_t n);
/* Sentences that state nothing, about n bytes long together, a blank behind each. */
void syc_twin_neutral(struct syc_buf *out, size_t n);

#endif
