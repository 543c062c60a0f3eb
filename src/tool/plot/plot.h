/* SPDX-License-Identifier: MIT */
/* What syc-plot was asked for, and its kinds of plot. */
#ifndef SRC_TOOL_PLOT_PLOT_H
#define SRC_TOOL_PLOT_PLOT_H
#include "tool/plot/doc.h"
#include "tool/plot/gnuplot.h"
#include "tool/common/rows.h"

enum plot_against { AGAINST_AUTO, AGAINST_KL, AGAINST_SCALE, AGAINST_LAYER };
enum plot_of { OF_MATCH, OF_CHOSEN, OF_CONTROL, OF_EFFECT };

struct plot {
	const struct tool *tool;
	const char *vector, *position;	/* NULL: not chosen */
	const char *xlabel;		/* or NULL */
	struct opt_list layers;		/* as chosen; none: all */
	struct syc_rows in;		/* the inputs, also where they are no rows */
	enum plot_against against;
	enum plot_of of;
	struct docs docs;		/* but of kinds that read rows */
};

/* Fill g's script from the inputs.  0 or a negative code. */
typedef int plotter(const struct plot *p, struct gp *g, struct syc_err *err);
/* plot_fit.c: reports of syc-fit, curves over layers. */
plotter plot_auc, plot_diff, plot_confound;
/* plot_calibration.c */
plotter plot_calibration;
/* plot_best.c: values with intervals, one below the other. */
plotter plot_best;
/* plot_heat.c: tables of numbers, shaded. */
plotter plot_heat, plot_transfer, plot_agree;
/* plot_points.c, plot_roc.c: rows. */
plotter plot_points, plot_roc;
/* sweep.c */
plotter plot_sweep, plot_slopes;
/* plot_vector.c: by layer, of vectors and of models. */
plotter plot_vector, plot_stability, plot_fidelity;
/*
 * study.c: claims by the view of who asks; extraction choices; what tuning did, by arm, by
 * layer and of small sets.
 */
plotter plot_views, plot_grid, plot_arms, plot_tuned, plot_foretold;
/* best_of.c: samples and replies, by what a preference model makes of them. */
plotter plot_best_of, plot_preferred;
/* shift.c: a tuned model beside its base, by layer. */
plotter plot_shift;
/* eval.c: figures of tasks, by model. */
plotter plot_eval;

/*
 * lines.c: values with intervals, one below the other.  All zero is empty, but
 * for label, which is the axis', and nothing, which is said when there is no
 * value.
 */
enum { LINES_NAME = 60 };	/* characters of a row's name; longer ones are cut */
struct lines {
	char **row;		/* [n_rows] names, from above */
	size_t n_rows;
	struct lines_series {
		char *name;
		bool hollow;
	} *series;		/* [n_series] */
	size_t n_series;
	struct lines_point {
		size_t row, series;
		double x, lo, hi;	/* NaN: none */
		double in_lo, in_hi;	/* of a thick bar inside */
	} *point;		/* [n_points] */
	size_t n_points;
	const char *label, *nothing;
	double rule;		/* where nothing is found */
	bool beside;		/* series share rows: one name is one row */
	bool inner;		/* points have bars inside */
	bool bad;		/* out of memory on the way */
};
__attribute__((format(printf, 2, 3))) size_t lines_row(struct lines *l, const char *fmt, ...);
size_t lines_series(struct lines *l, bool hollow, const char *name);
void lines_add(struct lines *l, size_t row, size_t series, double x, double lo, double hi);
/* The interval inside that of the point added last. */
void lines_inner(struct lines *l, double lo, double hi);
/* Write g's script. */
int lines_draw(struct lines *l, struct gp *g, struct syc_err *err);
void lines_free(struct lines *l);

/* Keys of what is drawn of a sweep's setting, in this object of it; what axes call it. */
struct measure {
	const char *value, *change, *lo, *hi, *label;
};
const struct measure *plot_measure(const struct plot *p);
const json_t *plot_measured(const struct plot *p, const json_t *setting);

/* Whether p's choice takes a vector's scores at a position, or a layer. */
bool plot_wants(const struct plot *p, const char *vector, const char *position);
bool plot_wants_layer(const struct plot *p, double layer);
/* Of a fit's layers, the one whose area is farthest from 1/2 of those chosen; or NULL. */
const json_t *plot_farthest(const struct plot *p, const json_t *layers);

/*
 * The places in layer [n_layers] of the layers to draw: those given, all, or
 * by default at most six from the first to the last.  (*out) [*n] is to be
 * freed.
 */
int plot_choose_layers(const struct plot *p, const uint32_t *layer,
		       size_t n_layers, size_t **out, size_t *n,
		       struct syc_err *err);

#endif
