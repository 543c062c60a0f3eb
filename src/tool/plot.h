/* SPDX-License-Identifier: MIT */
/* What syc-plot was asked for, and its kinds of plot. */
#ifndef SRC_TOOL_PLOT_H
#define SRC_TOOL_PLOT_H
#include "tool/gnuplot.h"
#include "tool/rows.h"

struct plot {
	const struct syc_tool *tool;
	const char *vector, *site;	/* NULL: not chosen */
	const char *xlabel;		/* or NULL */
	uint32_t *layer;		/* [n_layers] as chosen; n_layers 0: all */
	size_t n_layers;
	bool layers_given, keep_going;
	char *const *paths;		/* [n_paths] */
	int n_paths;
};

/* Fill g's script from the inputs.  0 or a negative code. */
int plot_auc(const struct plot *p, struct gp *g, struct syc_err *err);
int plot_heat(const struct plot *p, struct gp *g, struct syc_err *err);
int plot_points(const struct plot *p, struct gp *g, struct syc_err *err);
int plot_sweep(const struct plot *p, struct gp *g, struct syc_err *err);

/* Whether p's choice takes a vector's scores at a site. */
bool plot_wants(const struct plot *p, const char *vector, const char *site);

#endif
