/* SPDX-License-Identifier: MIT */
/* AUC by layer with its 95 % band: a panel for each report of syc-fit. */
#include "config.h"
#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "tool/fail.h"
#include "tool/plot.h"

enum { MAX_NAME = 40 };	/* characters of a curve's name */

struct curve {
	const char *vector, *site;	/* borrowed from the reports */
};

struct auc_plot {
	const struct plot *p;
	json_t **report;		/* [n] */
	size_t n;
	struct curve *curve;		/* [n_curves] of all reports together */
	size_t n_curves;
	double y_min;
};

static const char *path_of(const struct plot *p, size_t i)
{
	return p->n_paths ? p->paths[i] : "-";
}

/* The file's name without folder and ending, for the panel. */
static char *short_name(const char *path)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash ? slash + 1 : path;
	const char *dot = strrchr(name, '.');

	if (strcmp(path, "-") == 0)
		return strdup("standard input");
	if (!dot || dot == name)
		return strdup(name);
	return strndup(name, (size_t)(dot - name));
}

static const char *text(const json_t *o, const char *key)
{
	return json_string_value(json_object_get(o, key));
}

static double number(const json_t *o, const char *key)
{
	const json_t *v = json_object_get(o, key);

	return json_is_number(v) ? json_number_value(v) : NAN;
}

/* Whether doc is what syc-fit --json writes, as far as it is drawn. */
static bool is_report(const json_t *doc)
{
	const json_t *fits = json_object_get(doc, "fits");

	for (size_t i = 0; i < json_array_size(fits); i++) {
		const json_t *f = json_array_get(fits, i);
		const json_t *l = json_object_get(f, "layers");

		if (!text(f, "vector") || !text(f, "site") || !json_is_array(l))
			return false;
		for (size_t k = 0; k < json_array_size(l); k++)
			if (isnan(number(json_array_get(l, k), "layer")))
				return false;
	}
	return json_is_array(fits);
}

static int load(json_t **out, const char *path, struct syc_err *err)
{
	const bool is_stdin = strcmp(path, "-") == 0;
	FILE *f = is_stdin ? stdin : fopen(path, "r");
	json_error_t e;

	if (!f)
		return fail(err, SYC_EIO, "%s: %s", path, strerror(errno));
	*out = json_loadf(f, 0, &e);
	if (!is_stdin)
		fclose(f);
	if (is_stdin)
		path = "standard input";
	if (!*out)
		return fail(err, SYC_EFORMAT, "%s:%d: %s", path, e.line,
			    e.text);
	if (!is_report(*out))
		return fail(err, SYC_EFORMAT,
			    "%s: not a report of syc-fit --json", path);
	return 0;
}

static int add_curve(struct auc_plot *a, const char *vector, const char *site)
{
	struct curve *c;

	for (size_t i = 0; i < a->n_curves; i++)
		if (strcmp(a->curve[i].vector, vector) == 0 &&
		    strcmp(a->curve[i].site, site) == 0)
			return 0;
	c = realloc(a->curve, (a->n_curves + 1) * sizeof(*c));
	if (!c)
		return SYC_ENOMEM;
	a->curve = c;
	c[a->n_curves++] = (struct curve){ vector, site };
	return 0;
}

static bool wants_layer(const struct plot *p, double layer)
{
	for (size_t i = 0; i < p->n_layers; i++)
		if (p->layer[i] == layer)
			return true;
	return p->n_layers == 0;
}

/* What is drawn of a fit: its points, its layers, its lowest end of a bar. */
struct extent {
	size_t n;
	double x_min, x_max, y_min;
};

static void measure(struct extent *e, const struct plot *p, const json_t *fit)
{
	const json_t *layers = json_object_get(fit, "layers");

	for (size_t i = 0; i < json_array_size(layers); i++) {
		const json_t *l = json_array_get(layers, i);
		const double x = number(l, "layer"), y = number(l, "auc");

		if (!wants_layer(p, x) || isnan(y))
			continue;
		e->n++;
		e->x_min = fmin(e->x_min, x);
		e->x_max = fmax(e->x_max, x);
		e->y_min = fmin(e->y_min, fmin(y, number(l, "auc_lo")));
	}
}

static struct extent extent_of(const struct plot *p, const json_t *report)
{
	const json_t *fits = json_object_get(report, "fits");
	struct extent e = { .x_min = INFINITY,
			    .x_max = -INFINITY,
			    .y_min = 0.4 };

	for (size_t k = 0; k < json_array_size(fits); k++) {
		const json_t *f = json_array_get(fits, k);

		if (plot_wants(p, text(f, "vector"), text(f, "site")))
			measure(&e, p, f);
	}
	if (!e.n)
		e.x_min = e.x_max = 0;
	return e;
}

/* Find the curves, and the foot of the axis that all panels share. */
static int survey(struct auc_plot *a, struct syc_err *err)
{
	size_t n_points = 0;

	a->y_min = 1;
	for (size_t i = 0; i < a->n; i++) {
		const json_t *fits = json_object_get(a->report[i], "fits");
		const struct extent e = extent_of(a->p, a->report[i]);

		n_points += e.n;
		a->y_min = fmin(a->y_min, e.y_min);
		for (size_t k = 0; k < json_array_size(fits); k++) {
			const json_t *f = json_array_get(fits, k);
			const char *vector = text(f, "vector"), *site = text(f, "site");

			if (plot_wants(a->p, vector, site) &&
			    add_curve(a, vector, site) < 0)
				return fail_nomem(err);
		}
	}
	if (!a->n_curves)
		return fail(err, SYC_EINVAL,
			    "no report has a fit of the chosen vector and site");
	if (!n_points)
		return fail(err, SYC_EINVAL,
			    "no AUC is defined in what was chosen");
	return 0;
}

/* The layers of curve c in a report, or NULL. */
static const json_t *find_layers(const json_t *report, const struct curve *c)
{
	const json_t *fits = json_object_get(report, "fits");

	for (size_t k = 0; k < json_array_size(fits); k++) {
		const json_t *f = json_array_get(fits, k);

		if (strcmp(text(f, "vector"), c->vector) == 0 &&
		    strcmp(text(f, "site"), c->site) == 0)
			return json_object_get(f, "layers");
	}
	return NULL;
}

/* The data block $d<panel>_<curve>: layer, AUC, lower, upper. */
static void add_data(struct gp *g, const struct auc_plot *a, size_t panel,
		     size_t c)
{
	const json_t *layers = find_layers(a->report[panel], &a->curve[c]);

	gp_add(g, "$d%zu_%zu << EOD\n", panel, c);
	for (size_t i = 0; i < json_array_size(layers); i++) {
		const json_t *l = json_array_get(layers, i);

		if (!wants_layer(a->p, number(l, "layer")))
			continue;
		gp_num(g, number(l, "layer"));
		gp_num(g, number(l, "auc"));
		gp_num(g, number(l, "auc_lo"));
		gp_num(g, number(l, "auc_hi"));
		gp_add(g, "\n");
	}
	if (!json_array_size(layers))
		gp_add(g, " NaN NaN NaN NaN\n");
	gp_add(g, "EOD\n");
}

/* The marks and lines of curve c; beyond the colours, dashed. */
static void add_style(struct gp *g, size_t c)
{
	static const int mark[] = { 7, 5, 9, 11, 13, 6, 4 };

	gp_add(g,
	       " with linespoints linecolor rgb '%s' dashtype %zu linewidth 1.6 "
	       "pointtype %d pointsize 0.55",
	       gp_colour(c), c / 7 % 4 + 1, mark[c % 7]);
}

/* In text a curve is its letter, and a lone one has bars for its band. */
static void add_text_curves(struct gp *g, const struct auc_plot *a,
			    size_t panel)
{
	gp_add(g, "plot 0.5 with lines linetype 0");
	if (a->n_curves == 1)
		gp_add(g,
		       ", $d%zu_0 using 1:2:3:4 with yerrorbars linetype 0 pointtype 1",
		       panel);
	for (size_t c = 0; c < a->n_curves; c++)
		gp_add(g, ", $d%zu_%zu using 1:2 with points pointtype %zu",
		       panel, c, c + 1);
	gp_add(g, "\n");
}

static void add_curves(struct gp *g, const struct auc_plot *a, size_t panel)
{
	/* Bands lie on each other: the more of them, the fainter. */
	const double alpha =
		a->n_curves <= 3 ? 0.15 : 0.45 / (double)a->n_curves;

	gp_add(g, "plot");
	for (size_t c = 0; c < a->n_curves; c++)
		gp_add(g,
		       " $d%zu_%zu using 1:3:4 with filledcurves fillcolor rgb '%s' fillstyle "
		       "transparent solid %.3f noborder notitle,",
		       panel, c, gp_colour(c), alpha);
	gp_add(g,
	       " 0.5 with lines linecolor rgb '#777777' dashtype 2 linewidth 1 notitle");
	for (size_t c = 0; c < a->n_curves; c++) {
		gp_add(g, ", $d%zu_%zu using 1:2", panel, c);
		add_style(g, c);
		gp_add(g, " notitle");
	}
	gp_add(g, "\n");
}

/* "name (n = 289)", with a range where the curves differ. */
static char *panel_title(const struct auc_plot *a, size_t panel)
{
	double lo = INFINITY, hi = -INFINITY;
	char *name = short_name(path_of(a->p, panel)), *title = NULL;
	const char *format = "%s";

	for (size_t c = 0; c < a->n_curves; c++) {
		const json_t *layers =
			find_layers(a->report[panel], &a->curve[c]);

		for (size_t i = 0; i < json_array_size(layers); i++) {
			const json_t *l = json_array_get(layers, i);

			if (!wants_layer(a->p, number(l, "layer")))
				continue;
			lo = fmin(lo, number(l, "n"));
			hi = fmax(hi, number(l, "n"));
		}
	}
	if (isfinite(lo))
		format = lo < hi ? "%s (n = %.0f to %.0f)" : "%s (n = %.0f)";
	if (!name || asprintf(&title, format, name, lo, hi) < 0)
		title = NULL;
	free(name);
	return title;
}

/* Whole layers between the marks, about ten marks to an axis. */
static int layer_step(const struct extent *e)
{
	static const int step[] = { 1, 2, 5, 10, 20, 50, 100 };

	for (size_t i = 0; i < sizeof(step) / sizeof(step[0]); i++)
		if ((e->x_max - e->x_min) / step[i] <= 10)
			return step[i];
	return 1000;
}

static void add_panel(struct gp *g, const struct auc_plot *a, size_t i)
{
	const struct extent e = extent_of(a->p, a->report[i]);
	char *title = panel_title(a, i);

	gp_panel(g, (unsigned)i);
	for (size_t c = 0; c < a->n_curves; c++)
		add_data(g, a, i, c);
	gp_add(g, "set title ");
	gp_text(g, title ? title : "", gp_title_room(g));
	gp_add(g, "\nset xlabel ");
	gp_text(g, a->p->xlabel ? a->p->xlabel : "layer", gp_title_room(g));
	gp_add(g, "\n");
	gp_ylabel(g, i % g->cols ? "" : "AUC (95 % interval)", 1);
	gp_add(g,
	       "set xrange [%g:%g]\nset yrange [%g:1.01]\nset xtics %d\nset ytics 0.1\n",
	       e.x_min - 0.4, e.x_max + 0.4,
	       floor(a->y_min * 10 + 1e-9) / 10 - 0.01, layer_step(&e));
	if (g->kind == GP_TEXT)
		add_text_curves(g, a, i);
	else
		add_curves(g, a, i);
	if (!title)
		g->bad = true;
	free(title);
}

/* "vector, site", or the one of them in which the curves differ. */
static char *curve_name(const struct auc_plot *a, size_t c)
{
	const struct curve *k = a->curve;
	bool vectors = false, sites = false;
	char *name;

	for (size_t i = 1; i < a->n_curves; i++) {
		vectors |= strcmp(k[i].vector, k[0].vector) != 0;
		sites |= strcmp(k[i].site, k[0].site) != 0;
	}
	if (vectors != sites)
		return strdup(vectors ? k[c].vector : k[c].site);
	if (asprintf(&name, "%s, %s", k[c].vector, k[c].site) < 0)
		return NULL;
	return name;
}

static void add_legend(struct gp *g, const struct auc_plot *a)
{
	gp_legend(g);
	gp_add(g, "plot");
	for (size_t c = 0; c < a->n_curves; c++) {
		char *name = curve_name(a, c);

		gp_add(g, "%s NaN", c ? "," : "");
		if (g->kind == GP_TEXT)
			gp_add(g, " with points pointtype %zu", c + 1);
		else
			add_style(g, c);
		gp_add(g, " title ");
		gp_text(g, name ? name : "", MAX_NAME);
		g->bad |= !name;
		free(name);
	}
	gp_add(g, "\n");
}

static void draw(const struct auc_plot *a, struct gp *g)
{
	g->n_panels = (unsigned)a->n;
	g->n_legend = a->n_curves;
	for (size_t c = 0; c < a->n_curves; c++) {
		char *name = curve_name(a, c);
		const size_t n = name ? strlen(name) : 0;

		if (g->legend_chars < n)
			g->legend_chars = n < MAX_NAME ? n : MAX_NAME;
		free(name);
	}
	gp_begin(g);
	for (size_t i = 0; i < a->n; i++)
		add_panel(g, a, i);
	add_legend(g, a);
	gp_add(g, "unset multiplot\n");
}

int plot_auc(const struct plot *p, struct gp *g, struct syc_err *err)
{
	struct auc_plot a = { .p = p,
			      .n = p->n_paths ? (size_t)p->n_paths : 1 };
	int ret = 0;

	a.report = calloc(a.n, sizeof(*a.report));
	if (!a.report)
		return fail_nomem(err);
	for (size_t i = 0; i < a.n && ret == 0; i++)
		ret = load(&a.report[i], path_of(p, i), err);
	if (ret == 0)
		ret = survey(&a, err);
	if (ret == 0)
		draw(&a, g);
	for (size_t i = 0; i < a.n; i++)
		json_decref(a.report[i]);
	free(a.report);
	free(a.curve);
	return ret;
}
