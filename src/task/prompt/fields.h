/* SPDX-License-Identifier: MIT */
/* From the fields of a source to those of an item. */
#ifndef SRC_TASK_PROMPT_FIELDS_H
#define SRC_TASK_PROMPT_FIELDS_H
#include <jansson.h>
#include <stdbool.h>
#include "syc/base.h"

enum syc_field_how {
	SYC_FIELD_TEXT,	   /* a string, or a number as its digits */
	SYC_FIELD_TEXTS,   /* a list of strings, or texts with ";" between */
	SYC_FIELD_OPTIONS, /* the same, or lines "(A) ..." */
	SYC_FIELD_LETTER,  /* "B", "(B)" */
};
/* The last of several to one field adds to the list, or does nothing. */
struct syc_field_map {
	const char *from;	/* "base.question" is within "base" */
	const char *to;		/* NULL: known, and of no use */
	enum syc_field_how how;
};

/* Fill an item's fields; null and empty is absent.  SYC_EFORMAT names a field. */
int syc_fields_map(const struct syc_field_map *map, const json_t *o,
		   json_t *fields, struct syc_err *err);
/* What the map does not name, and of the objects it looks into what is left there. */
void syc_fields_extra(const struct syc_field_map *map, const json_t *o,
		      json_t *extra);
/* A text more in a list, unless it is there. */
void syc_fields_add(json_t *fields, const char *list, const char *text);
/* Whether a list of answers has one that is the same but for case, marks and space. */
bool syc_fields_holds(const json_t *list, const char *text);
/* The lines "(A) ..." at the end of a question become its options. */
int syc_fields_split_question(json_t *fields, struct syc_err *err);
/*
 * Make options, letter, correct and incorrect agree: letters become their texts, a
 * letter says which answers are right.  An answer that is right is not wrong, too; where
 * no wrong one is left, "alike" is set.  SYC_EFORMAT: a letter is none of the options'.
 */
int syc_fields_answers(json_t *fields, struct syc_err *err);

#endif
