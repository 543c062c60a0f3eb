/* SPDX-License-Identifier: MIT */
/* Tables of numbers as shaded cells, with the numbers where they fit. */
#ifndef SRC_TOOL_PLOT_MATRIX_H
#define SRC_TOOL_PLOT_MATRIX_H
#include "tool/plot/gnuplot.h"

struct matrix {
	char *title;
	size_t rows, cols;
	/* [rows], [cols], or NULL: numbers from 0 */
	char **row_name, **col_name;
	double *value;			/* [rows][cols]; NaN: an empty cell */
	/* likewise, or both NULL; NaN: no interval */
	double *lo, *hi;
	/* [rows][cols] a star behind the number, or NULL */
	bool *star;
};

/* Those of a picture, on one scale that is white at mid. */
struct matrices {
	struct matrix *m;	/* [n] */
	size_t n;
	double min, mid, max;
	const char *xlabel, *ylabel;
	const char *scale;	/* what the shades are of */
	bool bad;		/* out of memory on the way */
};

/* One more, all NaN, with room for intervals; NULL without memory. */
struct matrix *matrix_add(struct matrices *s, const char *title, size_t rows,
			  size_t cols, bool intervals);
/* Its names, which are copied; named [n] begins as NULL. */
void matrix_name(struct matrices *s, char ***names, size_t n, size_t i,
		 const char *name);
/* Write g's script; SYC_EINVAL when no cell has a number. */
int matrix_draw(struct matrices *s, struct gp *g, struct syc_err *err);
void matrix_free(struct matrices *s);

#endif
