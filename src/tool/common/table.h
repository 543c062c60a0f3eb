/* SPDX-License-Identifier: MIT */
/*
 * Reports of numbers: text for the eye, values for programs, JSON.  A number
 * for programs has 12 digits everywhere; one that is not defined is "-" for
 * the eye, NA among tabs and null in JSON.
 */
#ifndef SRC_TOOL_COMMON_TABLE_H
#define SRC_TOOL_COMMON_TABLE_H
#include <stdbool.h>
#include "tool/options/opts.h"

enum { CELL = 32 };

enum sheet_form { SHEET_TEXT, SHEET_TSV, SHEET_JSON };

/* The rows of a program whose struct T has an enum sheet_form m. */
#define OPTS_OF_FORM(T, m, json_help) \
	OPT_OWN_AT(0, "tsv", NULL, T, m, opt_tsv, "columns separated by tabs"), \
	OPT_OWN_AT(0, "json", NULL, T, m, opt_json, json_help)
opt_setter opt_tsv, opt_json;

/* A report in the making, which remembers when memory ran out. */
struct sheet {
	struct syc_buf *b;
	enum sheet_form form;
	bool bad;
};

__attribute__((format(printf, 2, 3)))
void put(struct sheet *o, const char *fmt, ...);
/* A name from a file: no byte of it may break a table. */
void put_name(struct sheet *o, const char *s);

/* A number with so many digits, "-" when it is not defined. */
const char *fixed(char cell[CELL], double x, int digits);
/* A p value. */
const char *chance(char cell[CELL], double p);
/* "[0.123, 0.456]" */
const char *range(char cell[CELL], double lo, double hi);

/* A number for programs, in the sheet's form. */
void put_num(struct sheet *o, double x);
/* A tab and a number. */
void tsv_num(struct sheet *o, double x);

void json_text(struct sheet *o, const char *s);
void json_num(struct sheet *o, double x);
/* "key":number */
void json_field(struct sheet *o, const char *key, double x);

struct table_field {
	const char *key;
	double x;
};

/* ,"key":number for each of n. */
void json_fields(struct sheet *o, const struct table_field *f, size_t n);
#define JSON_FIELDS(o, f) json_fields(o, f, sizeof(f) / sizeof((f)[0]))

#endif
