/* SPDX-License-Identifier: MIT */
/* Reports of numbers: text for the eye, values for programs, JSON. */
#ifndef SRC_TOOL_COMMON_TABLE_H
#define SRC_TOOL_COMMON_TABLE_H
#include <stdbool.h>
#include "syc/base.h"

enum { CELL = 32 };

/* A report in the making, which remembers when memory ran out. */
struct page {
	struct syc_buf *b;
	bool bad;
};

__attribute__((format(printf, 2, 3)))
void put(struct page *o, const char *fmt, ...);
/* A name from a file: no byte of it may break a table. */
void put_name(struct page *o, const char *s);

/* A number with so many digits, "-" when it is not defined. */
const char *fixed(char cell[CELL], double x, int digits);
/* A p value. */
const char *chance(char cell[CELL], double p);
/* "[0.123, 0.456]" */
const char *range(char cell[CELL], double lo, double hi);

/* A tab and a number, "NA" when it is not defined. */
void tsv_num(struct page *o, double x);

void json_text(struct page *o, const char *s);
/* A number of 12 digits, null when it is not finite. */
void json_num(struct page *o, double x);
/* "key":number */
void json_field(struct page *o, const char *key, double x);

struct table_field {
	const char *key;
	double x;
};

/* ,"key":number for each of n. */
void json_fields(struct page *o, const struct table_field *f, size_t n);
#define JSON_FIELDS(o, f) json_fields(o, f, sizeof(f) / sizeof((f)[0]))

#endif
