/* SPDX-License-Identifier: MIT */
/* An item as a row asks it: which template, which options in which order. */
#ifndef SRC_TASK_PROMPT_POSED_H
#define SRC_TASK_PROMPT_POSED_H
#include "task/prompt/items.h"

struct syc_posed {
	const struct syc_prompts *p;
	const struct syc_item *it;
	const char *kind;	/* of its templates */
	json_t *options; /* in the order asked, without a template's; NULL: none */
	const char *wrong; /* one of the wrong answers; NULL: there are none */
};

/* a is freed by syc_posed_free(), also after a failure. */
int syc_posed_of(struct syc_posed *a, const struct syc_prompts *p,
		 const struct syc_item *it, struct syc_err *err);
void syc_posed_free(struct syc_posed *a);
/* The template for a condition, by chance where there are several; NULL: none. */
const json_t *syc_posed_template(const struct syc_posed *a,
				 const char *condition);
/* The options that go with a template, a new list; NULL: it has none. */
json_t *syc_posed_options(const struct syc_posed *a, const json_t *t,
			  bool reversed);
/* Whether one of them is right, or what "correct" has. */
bool syc_posed_is_right(const struct syc_posed *a, const json_t *t,
			const char *option);

#endif
