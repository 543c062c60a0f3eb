/* SPDX-License-Identifier: MIT */
/*
 * Data sets to rows of tasks: what syc-prompt(1) does.  A source (the text of a
 * file) is read in one of several formats into items; an item and the templates of
 * a task make its rows, one for each condition, as syc-rows(5) has them under
 * FIELDS OF A TASK.
 *
 * FORMATS are known by their fields, unless named: syc_prompts_format() lists the
 * names, syc-prompt(1) their fields.  A source is JSON Lines, one JSON array of
 * objects, or a table with a first line of names (commas, or tabs where that line
 * has any).  An object that lacks what its format needs is SYC_EFORMAT and names
 * file, line and field; one that has another format's fields names the tasks that
 * those make.
 *
 * ITEMS are what all rows of one source object share.  An item's name is "DATASET/KEY":
 * the data set as the object has it (SycophancyEval), else the format's (a table's:
 * the file's, without folder and ending); the key is the object's id, where the
 * format has one, else 16 hexadecimal digits, a hash of what is asked.  Objects of
 * one name are one item: what the first lacks is filled in from the next (the four
 * prompts of a question in SycophancyEval, both files of ELEPHANT).  Two objects
 * of one id that ask differently are SYC_EINVAL.  Fields that a format does not
 * know go into the item's rows, under "source_" and their name where syc-rows(5) gives
 * that name a meaning.
 *
 * TEMPLATES are texts with {names} of fields, which are those of the item (in the
 * terms of syc-prompt(1), FIELDS), or the source's own.  A JSON file may replace a
 * task's; syc_prompts_templates() writes those in force.  An item makes no row at all,
 * which is told to `skipped` and counted, if a condition has no template for it, if its
 * template names a field that it lacks, or if no wrong answer can be told from a right one.
 *
 * RANDOM CHOICES (order of the options, which wrong answer, which of several
 * wordings, parts, samples) are drawn from the seed and the item's name, so that
 * neither a file's order nor other items change them.
 */
#ifndef SYC_PROMPTS_H
#define SYC_PROMPTS_H
#include <stdbool.h>
#include "syc/base.h"

#ifdef __cplusplus
extern "C" {
#endif

/* "answer", "sure", ...; NULL beyond the last. */
SYC_API const char *syc_prompts_task(unsigned i);
/* The conditions of a task, in order; NULL beyond the last, or for no task. */
SYC_API const char *syc_prompts_condition(const char *task, unsigned i);
/* "sycophancy-eval", "truthfulqa", ...; NULL beyond the last. */
SYC_API const char *syc_prompts_format(unsigned i);
/* The tasks that a format's objects can make, with ", " between; NULL: no such format. */
SYC_API const char *syc_prompts_format_tasks(const char *format);

/* How questions with a right answer are asked (sure, pushback). */
enum syc_prompts_form {
	SYC_PROMPTS_AS_GIVEN, /* with choices where the source lists some */
	SYC_PROMPTS_CHOICES, /* else between the right answer and a wrong one */
	SYC_PROMPTS_FREE,
};

struct syc_prompts_opts {
	const char *task;
	const char *format;		/* NULL: by its fields */
	const char *dataset;	/* first part of items' names; NULL: as above */
	/* [n_fields] "FIELD=COLUMN": where the source has another name */
	const char *const *field;
	size_t n_fields;
	enum syc_prompts_form form;
	bool shuffle; /* options that a source lists, too, in an order by seed */
	bool both_orders; /* each row with options again, with these reversed */
	bool confidence;	/* with the templates' asides */
	size_t n_turns;		/* at most so many turns of pushback; 0: all */
	size_t n_shots; /* examples in front of a prompt; 0: all there are */
	uint64_t seed;
	/* Items of parts part_from to part_to, from 1, of n_parts; 0: all items. */
	uint32_t part_from, part_to, n_parts;
	size_t sample;		/* so many items of these; 0: all */
	/* Broken objects are told, counted and left out, as items that make no row are. */
	bool keep_going;
	/* Told of each that is left out; place is "file:12".  Or NULL. */
	void (*skipped)(void *arg, const char *place, const char *why);
	void *arg;
};

/* Items and templates of one task.  One thread at a time. */
struct syc_prompts;

/* Everything o points to is borrowed until syc_prompts_free().  SYC_EINVAL: no such task,
   format or field. */
SYC_API int syc_prompts_new(struct syc_prompts **out,
			    const struct syc_prompts_opts *o,
			    struct syc_err *err);
SYC_API void syc_prompts_free(struct syc_prompts *p);

/*
 * Take the templates of a JSON text: a list of objects, see syc-prompt(1).  Those of a
 * task that it has replace all of that task.  SYC_EFORMAT names what is wrong; tasks
 * and conditions must be known.
 */
SYC_API int syc_prompts_use(struct syc_prompts *p, const char *json, size_t len,
			    struct syc_err *err);
/* Append the templates in force of the task (NULL: of all tasks), such a text. */
SYC_API int syc_prompts_templates(struct syc_buf *out,
				  const struct syc_prompts *p, const char *task,
				  struct syc_err *err);

/* Add a source; name is its file's, for messages and names. */
SYC_API int syc_prompts_read(struct syc_prompts *p, const char *name,
			     const char *text, size_t len, struct syc_err *err);
/*
 * A source of examples: items whose question, asked as under the task's first
 * condition, and answer (the field "reply", else the right answer) stand in front
 * of every prompt; never an item's own.  SYC_EINVAL: one has no answer.
 */
SYC_API int syc_prompts_shots(struct syc_prompts *p, const char *name,
			      const char *text, size_t len,
			      struct syc_err *err);

struct syc_prompts_counts {
	size_t n_objects;	/* read */
	size_t n_merged;	/* of these, into an item that was there */
	size_t n_broken;	/* of these, left out */
	size_t n_items;		/* there are */
	size_t n_taken;		/* by part and sample */
	size_t n_dropped;	/* of these, that make no row */
	size_t n_rows;
	/*
	 * The letter of the right option where it is the same in all rows (of two items
	 * or more); 0: it is not, or there are none.
	 */
	char constant;
	/* Of all rows the right answer where it is the same text; else NULL.  As p lives. */
	const char *same_answer;
};

/*
 * Append the rows, item by item as they came, each in its conditions' order.
 * counts (or NULL) is filled also on failure.  SYC_EINVAL: there are none, or no object
 * had a column that o names.
 */
SYC_API int syc_prompts_make(struct syc_buf *out, struct syc_prompts *p,
			     struct syc_prompts_counts *counts,
			     struct syc_err *err);

#ifdef __cplusplus
}
#endif
#endif
