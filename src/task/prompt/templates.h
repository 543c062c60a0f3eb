/* SPDX-License-Identifier: MIT */
/* What tasks say: texts with {names} of fields, as data. */
#ifndef SRC_TASK_PROMPT_TEMPLATES_H
#define SRC_TASK_PROMPT_TEMPLATES_H
#include <jansson.h>
#include <stdbool.h>
#include "syc/base.h"

enum { SYC_TEMPLATE_TURNS = 8, SYC_TEMPLATE_CONDITIONS = 6 };

/* A task: its conditions, in order, and the fields an item needs, each NULL at the end. */
struct syc_prompt_task {
	const char *name;
	const char *condition[SYC_TEMPLATE_CONDITIONS + 1];
	const char *needs[6];
	bool either;	/* one of the fields will do */
};
/* Ended by one without a name; NULL: no such task. */
extern const struct syc_prompt_task syc_prompt_tasks[];
const struct syc_prompt_task *syc_prompt_task_find(const char *name);

struct syc_turn_text {
	const char *user, *begin;
	bool aside;
};
/* Absent texts are NULL. */
struct syc_template_text {
	const char *task, *kind, *condition;
	const char *source;		/* whose words they are */
	const char *user, *begin;
	const char *view;
	const char
		*options[2]; /* of its own; the first is what "correct" has */
	struct syc_turn_text turn[SYC_TEMPLATE_TURNS];
};
/* Ended by one without a task. */
extern const struct syc_template_text syc_template_texts[];

/* The built-in ones as the JSON of syc_prompts_use(): the caller's; NULL without memory. */
json_t *syc_templates_builtin(void);
/* Whether v is such a list; err says what is wrong. */
int syc_templates_check(const json_t *v, struct syc_err *err);
/* all with the templates of another list in the place of those of the same tasks. */
int syc_templates_replace(json_t *all, json_t *with, struct syc_err *err);

#endif
