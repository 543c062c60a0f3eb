/* SPDX-License-Identifier: MIT */
/* One object of a data set as the fields of an item. */
#ifndef SRC_TASK_PROMPT_FORMATS_H
#define SRC_TASK_PROMPT_FORMATS_H
#include <jansson.h>
#include <stdbool.h>
#include "syc/base.h"

/*
 * A format: how its objects are known, and where the fields of an item are in them.
 * The fields that all formats end up with are those of "table":
 *
 *     id, dataset, domain, kind, reply
 *     question, correct, incorrect (lists), options (a list), letter (of the right one)
 *     text, problem, poem, facts, version_a, version_b, og, flip
 *     topic, stance1, stance2, userstance1, userstance2
 */
struct syc_format {
	const char *name;
	const char *dataset;	/* NULL: the file's name */
	const char *tasks;	/* that its objects can make, for messages */
	/* fields that all of them have, "base.question" within */
	const char *known[3];
	const struct syc_field_map *map;
	/* What no map says; may be NULL. */
	int (*finish)(json_t *fields, const json_t *o, struct syc_err *err);
	bool truth_first; /* options are listed right ones first: never as they are */
};
/* Ended by one without a name. */
extern const struct syc_format syc_formats[];

bool syc_format_is(const char *name);
/* Whether a format (NULL: any) has a field of that name [n]. */
bool syc_format_knows(const char *name, const char *field, size_t n);
/*
 * The format of an object, of that name (NULL: any).  *lacks: the field that objects
 * of that name need and this one has not, else NULL.
 */
const struct syc_format *syc_format_of(const json_t *o, const char *name,
				       const char **lacks);

/*
 * An object in that format as an item's fields and, in extra, the fields that the
 * format does not know.  SYC_EFORMAT: a field is of another kind, or contradicts others.
 */
int syc_format_take(const struct syc_format *f, const json_t *o, json_t *fields,
		    json_t *extra, struct syc_err *err);

#endif
