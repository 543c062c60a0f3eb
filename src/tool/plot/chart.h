/* SPDX-License-Identifier: MIT */
/*
 * Curves with intervals in panels: what most plots are.  A plot says what its
 * points are; ranges, marks, legend and the text form are the chart's.
 */
#ifndef SRC_TOOL_PLOT_CHART_H
#define SRC_TOOL_PLOT_CHART_H
#include "tool/plot/gnuplot.h"

/* How a curve looks; otherwise marks on a line, with bars where there are intervals. */
enum {
	/* a baseline: gray and hollow, without a line */
	CHART_HOLLOW = 1,
	CHART_LINE = 2,		/* without marks */
	CHART_AREA = 4,		/* nothing but the gray area from lo to hi */
	CHART_BAND = 8,		/* intervals are a band */
	CHART_SPIKES = 16,	/* gray spikes from 0 */
	CHART_DOTS = 32,	/* marks that no line joins; small where many are in a panel */
};

struct chart_axis {
	const char *label;
	double lo, hi;		/* both 0: those of the points */
	bool whole;		/* marks at whole numbers only */
	bool log;		/* unless the points do not span a decade */
	bool own;		/* panels need not have the same range */
	bool has_rule;		/* y: a dashed line at rule */
	double rule;
};

struct chart_panel {
	char *title;
	struct chart_axis x, y;
	bool diagonal;
};

struct chart_curve {
	char *name;
	unsigned look;
	size_t number;		/* among those of its sort */
};

struct chart_point {
	size_t panel, curve;
	double x, y, lo, hi;
};

/* All zero is empty. */
struct chart {
	struct chart_panel *panel;	/* [n_panels] */
	/* [n_curves] in the order of the legend */
	struct chart_curve *curve;
	struct chart_point *point;	/* [n_points] */
	size_t n_panels, n_curves, n_points, cap_points;
	/* what to say when no point can be drawn */
	const char *nothing;
	/* instead of the panels' own, or NULL */
	const char *xlabel;
	bool bad;			/* out of memory on the way */
};

/* The panel, or the curve, of that name: found, or added at the end. */
__attribute__((format(printf, 4, 5))) size_t chart_panel(struct chart *c,
	const struct chart_axis *x, const struct chart_axis *y, const char *fmt,
	...);
__attribute__((format(printf, 3, 4)))
size_t chart_curve(struct chart *c, unsigned look, const char *fmt, ...);
/* A panel with the same axes as any other of the name, but one of its own. */
size_t chart_new_panel(struct chart *c, const struct chart_axis *x,
		       const struct chart_axis *y, const char *title);
/* A point; no interval where lo or hi is NaN, a gap where y is. */
void chart_add(struct chart *c, size_t panel, size_t curve, double x, double y,
	       double lo, double hi);

/* Write g's script.  0, or SYC_EINVAL when there is nothing to draw or too much. */
int chart_draw(struct chart *c, struct gp *g, struct syc_err *err);
void chart_free(struct chart *c);

#endif
