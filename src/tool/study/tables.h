/* SPDX-License-Identifier: MIT */
/* Cells of the study's tables: tab-separated, for syc-report. */
#ifndef SRC_TOOL_STUDY_TABLES_H
#define SRC_TOOL_STUDY_TABLES_H
#include "tool/study/study.h"

/* A table in the making; the cells of a row follow each other. */
struct cells {
	struct syc_buf b;
	bool begun;	/* a row has a cell */
};

/* Begin a cell; what is put into the buffer next is in it. */
struct syc_buf *cell(struct cells *c);
void cell_text(struct cells *c, const char *text);
/* With a plain minus, for such cells are aligned. */
void cell_number(struct cells *c, double x, int digits);
/*
 * Cells of an object's members, for the eye.  Columns are parted by blanks, as
 * "X:3 Y:%": a number of so many digits; a share, in per cent; X:e with its
 * interval; X:p a p value.
 */
void cells_of(struct cells *c, const json_t *o, const char *columns);
void row_end(struct cells *c);
/* A row that is there already, with tabs: the head. */
void row_text(struct cells *c, const char *row);
/*
 * A row of members in full; columns are their names, parted by tabs.  control_X
 * is X of "control".
 */
void row_members(struct cells *c, const json_t *o, const char *columns);

/* The cosine of two vectors at the study's layer; NaN without. */
double cosine_of(const struct study *s, const char *a, const char *b);

/* Fills a table; those that are there are left alone. */
typedef int table_fn(struct study *s, struct cells *c, struct syc_err *err);
int table_make(struct study *s, const char *file, table_fn *fn,
	       struct syc_err *err);

#endif
