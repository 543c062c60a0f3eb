/* SPDX-License-Identifier: MIT */
/* syc-plot: pictures of what syc-fit and syc-sweep find. */
#include "config.h"
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include "tool/fail.h"
#include "tool/plot.h"

enum {
	KEY_KIND = SYC_KEY_TOOL, KEY_VECTOR, KEY_SITE, KEY_LAYERS,
	KEY_TITLE, KEY_XLABEL, KEY_SIZE, KEY_KEEP_GOING,
};

static const struct syc_opt opts[] = {
	{ 0, NULL, NULL, "Plot" },
	{ KEY_KIND, "kind", "KIND",
	  "auc, from syc-fit --json (default); points, from rows; heat, from syc-vec "
	  "compare --between --json; or sweep" },
	{ KEY_VECTOR, "vector", "NAME", "only the vector NAME" },
	{ KEY_SITE, "site", "SITE", "only the site SITE" },
	{ KEY_LAYERS, "layers", "LIST", "only these layers: 0,3-5 or all" },
	{ 0, NULL, NULL, "Looks" },
	{ KEY_TITLE, "title", "TEXT", "write TEXT above the plot" },
	{ KEY_XLABEL, "xlabel", "TEXT",
	  "write TEXT below the horizontal axis" },
	{ KEY_SIZE, "size", "WxH",
	  "size in points of 1/96 inch (text: characters)" },
	{ 0, NULL, NULL, "Rows" },
	{ KEY_KEEP_GOING, "keep-going", NULL,
	  "report broken rows and skip them" },
	SYC_OPTS_PLAIN
};

static const struct syc_tool tool = {
	.name = "syc-plot",
	.usage = "[OPTION]... [FILE]...",
	.brief = "Plot AUC by layer, labels against scores, cosines, or what steering does",
	.opts = opts,
};

typedef int plotter(const struct plot *p, struct gp *g, struct syc_err *err);

struct args {
	struct syc_common common;
	struct plot plot;
	struct gp gp;
	plotter *draw;
};

static plotter *kind_of(const char *arg)
{
	static const char *const names[] = { "auc", "points", "heat", "sweep" };
	static plotter *const kinds[] = { plot_auc, plot_points, plot_heat, plot_sweep };

	return kinds[syc_opt_enum(&tool, "kind", arg, names, 4)];
}

static void set_size(struct gp *g, const char *arg)
{
	char *end;
	long w = 0, h = 0;

	errno = 0;
	w = strtol(arg, &end, 10);
	if (*end == 'x')
		h = strtol(end + 1, &end, 10);
	if (errno || *end || w < 40 || h < 15 || w > 10000 || h > 10000)
		syc_usage(&tool, "--size: '%s' is not like 620x380, "
			  "from 40x15 to 10000x10000", arg);
	g->width = (double)w;
	g->height = (double)h;
}

static void parse(struct args *a, int argc, char **argv)
{
	struct plot *p = &a->plot;
	int key;

	while ((key = syc_opt_next(&tool, argc, argv)) != -1) {
		switch (key) {
		case KEY_KIND: a->draw = kind_of(optarg); break;
		case KEY_VECTOR: p->vector = optarg; break;
		case KEY_SITE: p->site = optarg; break;
		case KEY_LAYERS:
			free(p->layer);
			syc_opt_list(&tool, "layers", optarg, 0, &p->layer,
				     &p->n_layers);
			p->layers_given = true;
			break;
		case KEY_TITLE: a->gp.title = optarg; break;
		case KEY_XLABEL: p->xlabel = optarg; break;
		case KEY_SIZE: set_size(&a->gp, optarg); break;
		case KEY_KEEP_GOING: p->keep_going = true; break;
		default: syc_opt_common(&tool, &a->common, key, optarg);
		}
	}
	p->paths = argv + optind;
	p->n_paths = argc - optind;
}

bool plot_wants(const struct plot *p, const char *vector, const char *site)
{
	return (!p->vector || strcmp(p->vector, vector) == 0) &&
	       (!p->site || strcmp(p->site, site) == 0);
}

static int draw(struct args *a, struct syc_err *err)
{
	struct syc_buf picture = { 0 };
	struct syc_out o;
	int ret = a->draw(&a->plot, &a->gp, err);

	if (ret == 0)
		ret = gp_run(&a->gp, &picture, err);
	if (ret == 0)
		ret = syc_out_open(&o, a->common.output, err);
	if (ret == 0) {
		ret = syc_out_write(&o, picture.data, picture.len, err);
		if (ret == 0)
			ret = syc_out_finish(&o, err);
		else
			syc_out_abandon(&o);
	}
	syc_buf_free(&picture);
	return ret;
}

int main(int argc, char **argv)
{
	struct args a = { .common = SYC_COMMON_INIT,
			  .draw = plot_auc,
			  .plot.tool = &tool };
	struct syc_err err = { 0 };
	int status = 0;

	parse(&a, argc, argv);
	if (gp_kind_of(&a.gp.kind, a.common.output, &err) < 0)
		syc_usage(&tool, "%s", err.msg);
	if (draw(&a, &err) < 0)
		status = syc_tool_err(&tool, &err);
	gp_free(&a.gp);
	free(a.plot.layer);
	return syc_tool_finish(&tool, status);
}
