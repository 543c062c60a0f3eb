/* SPDX-License-Identifier: MIT */
/* Items, gathered from the objects of sources, and what their rows are made by. */
#ifndef SRC_TASK_PROMPT_ITEMS_H
#define SRC_TASK_PROMPT_ITEMS_H
#include "syc/prompts.h"
#include "task/prompt/formats.h"
#include "task/prompt/templates.h"

struct syc_item {
	json_t *fields, *extra;
	const char *name;	/* DATASET/KEY, of the set's by_name */
	const char *file;	/* of the set's files */
	size_t line;
	uint64_t key;		/* of its random numbers */
	bool taken;
};

struct syc_items {
	struct syc_item *item;	/* [n] as they came */
	size_t n, cap;
	json_t *by_name;	/* to their numbers */
	json_t *files;		/* names */
};

/* Whether rows have the same right letter or answer: the last ones. */
struct syc_prompts_same {
	char letter;
	const char *text;
	bool letter_differs, text_differs;
};

struct syc_prompts {
	struct syc_prompts_opts o;
	bool *found;		/* [o.n_fields] an object had that column */
	const struct syc_prompt_task *task;
	json_t *templates;
	struct syc_items items, shots;
	json_t *shown; /* [name, user's message, assistant's] of each example */
	struct syc_prompts_same same;
	struct syc_prompts_counts counts;
};

/* What an item's random numbers are drawn for. */
enum syc_item_draw {
	SYC_DRAW_PART,
	SYC_DRAW_SAMPLE,
	SYC_DRAW_ORDER,
	SYC_DRAW_WRONG,
	SYC_DRAW_WORDING
};

void syc_items_free(struct syc_items *s);
const char *syc_item_text(const struct syc_item *it, const char *field);
/* Add the objects of a text to a set; name is its file's. */
int syc_items_read(struct syc_prompts *p, struct syc_items *s, const char *name,
		   const char *text, size_t len, struct syc_err *err);
/* Say which are taken; returns how many.  SYC_ENOMEM. */
int syc_items_take(struct syc_items *s, const struct syc_prompts_opts *o,
		   size_t *n, struct syc_err *err);
/* Numbers of a set's items in an order by chance: the caller's, [n]; NULL without memory. */
size_t *syc_items_order(const struct syc_items *s);

/*
 * Append the rows of an item.  What makes them impossible, some words, is appended to
 * lacks; nothing is appended to out then.
 */
int syc_item_rows(struct syc_buf *out, struct syc_prompts *p,
		  const struct syc_item *it, struct syc_buf *lacks,
		  struct syc_err *err);
/* The same of an example and the list of those shown. */
int syc_item_shot(json_t *shown, const struct syc_prompts *p,
		  const struct syc_item *it, struct syc_buf *lacks,
		  struct syc_err *err);

#endif
