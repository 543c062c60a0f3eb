/* SPDX-License-Identifier: MIT */
/*
 * Pictures drawn by gnuplot.  A script is text in a syc_buf; nothing that
 * comes from files or the command line gets into it but through gp_text() or
 * as a number, and gnuplot is never told a file's name.
 */
#ifndef SRC_TOOL_PLOT_GNUPLOT_H
#define SRC_TOOL_PLOT_GNUPLOT_H
#include <stdbool.h>
#include "syc/base.h"

enum gp_kind { GP_TEXT, GP_PNG, GP_SVG, GP_PDF };

/* A grid of panels with a title above and a legend below them. */
struct gp {
	struct syc_buf script;
	bool bad;		/* out of memory on the way */
	enum gp_kind kind;
	const char *title;	/* or NULL */
	double width, height;	/* 0: chosen by gp_begin() */
	unsigned n_panels;
	size_t n_legend;	/* names in the legend */
	size_t legend_chars;	/* in the longest of them */
	/* in the longest name left of a panel; 0: numbers */
	size_t label_chars;
	/* that suit what is drawn; 0: the usual */
	double panel_width, panel_height;
	/* Private from here; in points, or characters for GP_TEXT. */
	unsigned cols, rows, legend_cols;
	bool auto_height;
	double top, bottom;	/* heights of the title and the legend */
};

/* The kind by the ending of path (NULL: text); negative when none fits. */
int gp_kind_of(enum gp_kind *kind, const char *path, struct syc_err *err);

/* Append to the script; a failure is remembered in g->bad. */
__attribute__((format(printf, 2, 3)))
void gp_add(struct gp *g, const char *fmt, ...);
/*
 * Append s as one quoted string in which gnuplot finds nothing but text, cut in
 * the middle to max characters (0: as it is).
 */
void gp_text(struct gp *g, const char *s, size_t max);
/* The same as the name of a mark on an axis, in which gnuplot looks for formats. */
void gp_tic(struct gp *g, const char *s, size_t max);
/* A number of a data block; "NaN" where there is none. */
void gp_num(struct gp *g, double x);

/* Terminal, layout and looks; the fields above "private" must be set. */
void gp_begin(struct gp *g);
/* Move to panel i, counted from the upper left. */
void gp_panel(struct gp *g, unsigned i);
/* Name the vertical axis, offset characters nearer to it than is usual. */
void gp_ylabel(struct gp *g, const char *s, double offset);
/* Move to the strip below the panels, without axes, for a key. */
void gp_legend(struct gp *g);
/* How many characters fit above a panel. */
size_t gp_title_room(const struct gp *g);

/* Of 1, 2 and 5 times a power of ten, what gives an axis three to six marks. */
double gp_step(double span);
/* Whole numbers between the marks of an axis, of which there are about ten. */
int gp_whole_step(double span);

/* The color of series i, "#0072b2", apart also for the color-blind. */
const char *gp_color(size_t i);

/* Run gnuplot on the script and append what it draws to out. */
int gp_run(struct gp *g, struct syc_buf *out, struct syc_err *err);
void gp_free(struct gp *g);

#endif
