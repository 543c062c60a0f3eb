/* SPDX-License-Identifier: MIT */
/* An item as a row asks it: which template, which options in which order. */
#ifndef SRC_TASK_PROMPT_ASKED_H
#define SRC_TASK_PROMPT_ASKED_H
#include "task/prompt/items.h"

struct syc_asked {
	const struct syc_prompts *p;
	const struct syc_item *it;
	const char *kind;	/* of its templates */
	json_t *options;	/* in the order asked, without a template's; NULL: none */
	const char *wrong;	/* one of the wrong answers; NULL: there are none */
};

/* a is freed by syc_asked_free(), also after a failure. */
int syc_asked_of(struct syc_asked *a, const struct syc_prompts *p, const struct syc_item *it,
		 struct syc_err *err);
void syc_asked_free(struct syc_asked *a);
/* The template for a condition, by chance where there are several; NULL: none. */
const json_t *syc_asked_template(const struct syc_asked *a, const char *condition);
/* The options that go with a template, a new list; NULL: it has none. */
json_t *syc_asked_options(const struct syc_asked *a, const json_t *t, bool reversed);
/* Whether one of them is right, or what "correct" has. */
bool syc_asked_is_right(const struct syc_asked *a, const json_t *t, const char *option);

#endif
