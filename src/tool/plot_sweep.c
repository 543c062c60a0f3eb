/* SPDX-License-Identifier: MIT */
/*
 * What settings of syc-sweep do against what they cost: P(matching) over KL,
 * a panel for each vector and layer.
 */
#include "config.h"
#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "tool/fail.h"
#include "tool/plot.h"

enum { MAX_CURVES = 32, MAX_PANELS = 100, MAX_NAME = 24 };

/* One operator at scales of one sign, or a baseline. */
struct curve {
	char name[MAX_NAME];
	bool baseline;
};

struct panel {
	const char *vector;	/* borrowed from the report, as is the next */
	const char *layers;	/* that are steered at once */
	double layer;		/* NaN: several */
};

struct sweep_plot {
	const struct plot *p;
	const json_t *list;	/* settings */
	double p_base;		/* of the unsteered model */
	const char *kl;		/* the field that is the abscissa */
	struct curve curve[MAX_CURVES];
	size_t n_curves;
	struct panel panel[MAX_PANELS];
	size_t n_panels;
	double x_min, x_max, y_min, y_max;
};

static const char *text(const json_t *o, const char *key)
{
	const char *s = json_string_value(json_object_get(o, key));

	return s ? s : "";
}

static double number(const json_t *o, const char *key)
{
	const json_t *v = json_object_get(o, key);

	return json_is_number(v) ? json_number_value(v) : NAN;
}

static bool is_steered(const json_t *s)
{
	return strcmp(text(s, "kind"), "steer") == 0;
}

static bool wants_layer(const struct plot *p, double layer)
{
	for (size_t i = 0; i < p->n_layers; i++)
		if ((double)p->layer[i] == layer)
			return true;
	return !p->n_layers;
}

/* "add +", "ablate", "random", "system message" */
static void name_of(const json_t *s, char name[MAX_NAME])
{
	const char *op = text(s, "op");
	bool one_way = strcmp(op, "ablate") == 0 || strcmp(op, "clamp") == 0;

	if (is_steered(s))
		snprintf(name, MAX_NAME, "%.12s%s", op, one_way ? "" : number(s, "scale") < 0 ? " -" : " +");
	else
		snprintf(name, MAX_NAME, "%s", strcmp(text(s, "kind"), "random") == 0 ? "random" : "system message");
}

/* Whether a setting is drawn in a panel: system messages are in all of them. */
static bool is_in(const struct sweep_plot *a, const json_t *s, const struct panel *p)
{
	const char *kind = text(s, "kind");

	if (!(number(s, a->kl) > 0) || isnan(number(s, "p_match")) || strcmp(kind, "none") == 0)
		return false;
	return strcmp(kind, "prompt") == 0 ||
		(strcmp(text(s, "vector"), p->vector) == 0 && strcmp(text(s, "layers"), p->layers) == 0);
}

static int add_curve(struct sweep_plot *a, const json_t *s, struct syc_err *err)
{
	struct curve c = { .baseline = !is_steered(s) };

	name_of(s, c.name);
	for (size_t i = 0; i < a->n_curves; i++)
		if (strcmp(a->curve[i].name, c.name) == 0)
			return 0;
	if (a->n_curves == MAX_CURVES)
		return fail(err, SYC_EINVAL, "more than %d operators", MAX_CURVES);
	a->curve[a->n_curves++] = c;
	return 0;
}

static int add_panel(struct sweep_plot *a, const json_t *s, struct syc_err *err)
{
	struct panel p = { text(s, "vector"), text(s, "layers"), number(s, "layer") };

	if (!is_steered(s) || !wants_layer(a->p, p.layer) || (a->p->vector && strcmp(a->p->vector, p.vector) != 0))
		return 0;
	for (size_t i = 0; i < a->n_panels; i++)
		if (strcmp(a->panel[i].layers, p.layers) == 0 && strcmp(a->panel[i].vector, p.vector) == 0)
			return 0;
	if (a->n_panels == MAX_PANELS)
		return fail(err, SYC_EINVAL, "more than %d panels: choose --layers", MAX_PANELS);
	a->panel[a->n_panels++] = p;
	return 0;
}

/* One scale for all panels. */
static void extend(struct sweep_plot *a, const json_t *s)
{
	for (size_t i = 0; i < a->n_panels; i++) {
		if (!is_in(a, s, &a->panel[i]))
			continue;
		a->x_min = fmin(a->x_min, number(s, a->kl));
		a->x_max = fmax(a->x_max, number(s, a->kl));
		a->y_min = fmin(a->y_min, number(s, "p_match"));
		a->y_max = fmax(a->y_max, number(s, "p_match"));
	}
}

static int survey(struct sweep_plot *a, struct syc_err *err)
{
	const json_t *s;
	size_t i;
	int ret = 0;

	json_array_foreach(a->list, i, s) {
		if (strcmp(text(s, "kind"), "none") == 0)
			a->p_base = number(s, "p_match");
		ret = add_panel(a, s, err);
		if (ret < 0)
			return ret;
	}
	a->y_min = a->y_max = a->p_base;
	a->x_min = INFINITY;
	json_array_foreach(a->list, i, s) {
		extend(a, s);
		for (size_t k = 0; k < a->n_panels && ret == 0; k++)
			if (is_in(a, s, &a->panel[k]))
				ret = add_curve(a, s, err);
	}
	if (ret == 0 && (!a->n_curves || isnan(a->p_base)))
		return fail(err, SYC_EINVAL, "no setting of the chosen vector and layers has a KL");
	return ret;
}

static double size_of(const json_t *s)
{
	double x = fabs(number(s, "scale"));

	return isnan(x) ? 0 : x;
}

static int by_size(const void *a, const void *b)
{
	double x = size_of(*(const json_t *const *)a), y = size_of(*(const json_t *const *)b);

	return (x > y) - (x < y);
}

/* The data block $d<panel>_<curve>: KL, P(match), lower, upper; by scale. */
static void add_data(struct gp *g, const struct sweep_plot *a, size_t panel, size_t c)
{
	const json_t **in = calloc(json_array_size(a->list), sizeof(const json_t *)), *s;
	char name[MAX_NAME];
	size_t i, n = 0;

	g->bad |= !in;
	json_array_foreach(a->list, i, s) {
		name_of(s, name);
		if (in && is_in(a, s, &a->panel[panel]) && strcmp(name, a->curve[c].name) == 0)
			in[n++] = s;
	}
	if (n)
		qsort(in, n, sizeof(const json_t *), by_size);
	gp_add(g, "$d%zu_%zu << EOD\n", panel, c);
	for (i = 0; i < n; i++) {
		gp_num(g, number(in[i], a->kl));
		gp_num(g, number(in[i], "p_match"));
		gp_num(g, a->p_base + number(in[i], "change_lo"));
		gp_num(g, a->p_base + number(in[i], "change_hi"));
		gp_add(g, "\n");
	}
	if (!n)
		gp_add(g, " NaN NaN NaN NaN\n");
	gp_add(g, "EOD\n");
	free(in);
}

/* Told apart by mark as by colour; baselines are hollow and have no line. */
static void add_style(struct gp *g, const struct sweep_plot *a, size_t c)
{
	static const int full[] = { 7, 5, 9, 11, 13 }, hollow[] = { 6, 4, 8 };

	if (g->kind == GP_TEXT)
		gp_add(g, " with points pointtype %zu", c + 1);
	else if (a->curve[c].baseline)
		gp_add(g, " with points linecolor rgb '#777777' pointtype %d pointsize 0.6", hollow[c % 3]);
	else
		gp_add(g, " with linespoints linecolor rgb '%s' dashtype %zu linewidth 1.4 pointtype %d pointsize 0.6",
		       gp_colour(c), c / 5 % 4 + 1, full[c % 5]);
}

static void draw_panel(struct gp *g, const struct sweep_plot *a, size_t i)
{
	char title[64];

	gp_panel(g, (unsigned)i);
	for (size_t c = 0; c < a->n_curves; c++)
		add_data(g, a, i, c);
	snprintf(title, sizeof(title), "%.30s, layer%s %.20s", a->panel[i].vector,
		 isnan(a->panel[i].layer) ? "s" : "", a->panel[i].layers);
	gp_add(g, "set title ");
	gp_text(g, title, gp_title_room(g));
	gp_add(g, "\nset xlabel ");
	gp_text(g, a->p->xlabel ? a->p->xlabel : "KL, nats per token", gp_title_room(g));
	gp_add(g, "\n");
	gp_ylabel(g, i % g->cols ? "" : "P(match)", 0);
	gp_add(g, "set logscale x 10\nset xrange [%.9g:%.9g]\nset yrange [%.9g:%.9g]\n",
	       a->x_min / 1.5, a->x_max * 1.5, a->y_min - 0.05, a->y_max + 0.05);
	gp_add(g, "set format x '%%g'\nset xtics autofreq\nset ytics autofreq\nplot %.9g with lines ", a->p_base);
	gp_add(g, g->kind == GP_TEXT ? "linetype 0 notitle" : "linecolor rgb '#777777' dashtype 2 linewidth 1 notitle");
	for (size_t c = 0; c < a->n_curves && g->kind != GP_TEXT; c++)
		gp_add(g, ", $d%zu_%zu using 1:2:3:4 with yerrorbars linecolor rgb '%s' pointtype 0 linewidth 0.8 notitle",
		       i, c, a->curve[c].baseline ? "#777777" : gp_colour(c));
	for (size_t c = 0; c < a->n_curves; c++) {
		gp_add(g, ", $d%zu_%zu using 1:2", i, c);
		add_style(g, a, c);
		gp_add(g, " notitle");
	}
	gp_add(g, "\n");
}

static void draw_legend(struct gp *g, const struct sweep_plot *a)
{
	gp_legend(g);
	gp_add(g, "unset logscale x\nplot");
	for (size_t c = 0; c < a->n_curves; c++) {
		gp_add(g, "%s NaN", c ? "," : "");
		add_style(g, a, c);
		gp_add(g, " title ");
		gp_text(g, a->curve[c].name, MAX_NAME);
	}
	gp_add(g, "\n");
}

static void draw(const struct sweep_plot *a, struct gp *g)
{
	g->n_panels = (unsigned)a->n_panels;
	g->n_legend = a->n_curves;
	for (size_t c = 0; c < a->n_curves; c++)
		if (g->legend_chars < strlen(a->curve[c].name))
			g->legend_chars = strlen(a->curve[c].name);
	gp_begin(g);
	for (size_t i = 0; i < a->n_panels; i++)
		draw_panel(g, a, i);
	draw_legend(g, a);
	gp_add(g, "unset multiplot\n");
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
	if (!*out)
		return fail(err, SYC_EFORMAT, "%s:%d: %s", path, e.line, e.text);
	if (!json_is_array(json_object_get(*out, "settings")))
		return fail(err, SYC_EFORMAT, "%s: not what syc-sweep --json writes", path);
	return 0;
}

int plot_sweep(const struct plot *p, struct gp *g, struct syc_err *err)
{
	struct sweep_plot *a = calloc(1, sizeof(*a));
	json_t *doc = NULL;
	int ret = a ? 0 : fail_nomem(err);

	if (ret == 0 && p->n_paths > 1)
		ret = fail(err, SYC_EINVAL, "--kind=sweep draws one report, not %d", p->n_paths);
	if (ret == 0)
		ret = load(&doc, p->n_paths ? p->paths[0] : "-", err);
	if (ret == 0) {
		a->p = p;
		a->p_base = NAN;
		a->list = json_object_get(doc, "settings");
		a->kl = strcmp(text(doc, "kl_on"), "text") == 0 ? "text_kl" : "kl";
		ret = survey(a, err);
	}
	if (ret == 0)
		draw(a, g);
	json_decref(doc);
	free(a);
	return ret;
}
