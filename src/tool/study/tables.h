/* SPDX-License-Identifier: MIT */
/* Cells of the study's tables: tab-separated, for syc-report. */
#ifndef SRC_TOOL_STUDY_TABLES_H
#define SRC_TOOL_STUDY_TABLES_H
#include "tool/study/study.h"

/* A table in the making; the cells of a row follow each other. */
struct cells {
	struct syc_buf b;
	bool begun;		/* a row has a cell */
};

/* Begin a cell; what is put into c->b next is in it. */
struct syc_buf *cell(struct cells *c);
/* A cell of its own: a text, a number (a plain minus, for they are aligned), parts of a hundred. */
void cell_text(struct cells *c, const char *text);
void cell_number(struct cells *c, double x, int digits);
void cell_percent(struct cells *c, double x);
void cell_estimate(struct cells *c, const struct syc_estimate *e);
/* Cells of texts with tabs between them. */
void cells_texts(struct cells *c, const char *texts);
void row_end(struct cells *c);
/*
 * A row of an object's members, as many digits as programs write: columns are
 * their names with tabs between; control_X is X of "control".
 */
void cells_members(struct cells *c, const json_t *o, const char *columns);

/* The cosine of two vectors at the study's layer; NaN without. */
double cosine_of(const struct study *s, const char *a, const char *b);

/* Writes a table; those that are there are left alone. */
typedef int table_fn(struct study *s, struct cells *c, struct syc_err *err);
int table_make(struct study *s, const char *file, table_fn *fn, struct syc_err *err);

#endif
