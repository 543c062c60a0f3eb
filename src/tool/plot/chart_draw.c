/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "tool/plot/chart.h"
#include "tool/common/fail.h"

enum {
	MAX_NAME = 40,
	MAX_PANELS = 100,
	MAX_CURVES = 40,
	MARKS = 7,
	GRAY = CHART_HOLLOW | CHART_AREA | CHART_SPIKES
};

struct range {
	double lo, hi;
	bool log;
};

/* ---- ranges ----------------------------------------------------------------------- */

static bool is_drawn(const struct chart *c, const struct chart_point *p)
{
	const struct chart_panel *in = &c->panel[p->panel];
	const bool area = c->curve[p->curve].look & CHART_AREA;

	return isfinite(p->x) && isfinite(area ? p->lo + p->hi : p->y) &&
	       (!in->x.log || p->x > 0) && (!in->y.log || p->y > 0);
}

static void hold(struct range *r, double v)
{
	if (isfinite(v) && !(r->log && v <= 0)) {
		r->lo = fmin(r->lo, v);
		r->hi = fmax(r->hi, v);
	}
}

/* Whether the points of panel `other` count for the axis of panel `i`. */
static bool shared(const struct chart_axis *a, const struct chart_axis *b)
{
	return a == b ||
	       (!a->own && !b->own && strcmp(a->label, b->label) == 0);
}

static struct range range_of(const struct chart *c, size_t panel, bool is_y)
{
	const struct chart_panel *p = &c->panel[panel];
	const struct chart_axis *a = is_y ? &p->y : &p->x;
	struct range r = { INFINITY, -INFINITY, a->log };

	if (a->lo < a->hi)
		return (struct range){ a->lo, a->hi, false };
	for (size_t i = 0; i < c->n_points; i++) {
		const struct chart_point *q = &c->point[i];
		const struct chart_panel *in = &c->panel[q->panel];

		if (!shared(a, is_y ? &in->y : &in->x) || !is_drawn(c, q))
			continue;
		hold(&r, is_y ? q->y : q->x);
		if (is_y) {
			hold(&r, q->lo);
			hold(&r, q->hi);
		}
	}
	if (is_y && a->has_rule && !(r.log && a->rule <= 0))
		hold(&r, a->rule);
	if (!(r.lo <= r.hi))
		r = (struct range){ 0, 1, false };
	r.log &= r.lo > 0 && r.hi / r.lo >= 10;
	return r;
}

/* Room around the points, also where all are at one place. */
static void widen(struct range *r, const struct chart_axis *a)
{
	double pad = 0.05 * (r->hi - r->lo);

	if (a->lo < a->hi)
		return;
	if (a->whole)
		pad = 0.4;
	else if (!(pad > 1e-9 * (fabs(r->lo) + fabs(r->hi))))
		pad = fmax(0.05 * fabs(r->hi), 0.01);
	if (r->log) {
		r->lo /= 1.4;
		r->hi *= 1.4;
	} else {
		r->lo -= pad;
		r->hi += pad;
	}
}

static void add_axis(struct gp *g, char axis, struct range r,
		     const struct chart_axis *a)
{
	const double step = a->whole ? gp_whole_step(r.hi - r.lo) :
				       gp_step(r.hi - r.lo);

	widen(&r, a);
	gp_add(g, "%sset logscale %c\nset %crange [%.15g:%.15g]\nset format %c '%s'\n",
	       r.log ? "" : "un", axis, axis, r.lo, r.hi, axis,
	       r.log && r.lo < 1e-3 && axis == 'y' ? "%.0e" : "%g");
	if (r.log)
		gp_add(g, "set %ctics autofreq\n", axis);
	else
		gp_add(g, "set %ctics %.3g\n", axis,
		       step > 0 && isfinite(step) ? step : 1);
}

/* ---- a panel ------------------------------------------------------------------------ */

/* A data block $d<panel>_<curve>: x, y, lower, upper; the number of its points. */
static size_t add_data(struct gp *g, const struct chart *c, size_t panel,
		       size_t curve)
{
	size_t n = 0;

	gp_add(g, "$d%zu_%zu << EOD\n", panel, curve);
	for (size_t i = 0; i < c->n_points; i++) {
		const struct chart_point *p = &c->point[i];

		if (p->panel != panel || p->curve != curve)
			continue;
		gp_num(g, p->x);
		gp_num(g, p->y);
		gp_num(g, p->lo);
		gp_num(g, p->hi);
		gp_add(g, "\n");
		n++;
	}
	gp_add(g, "%sEOD\n", n ? "" : " NaN NaN NaN NaN\n");
	return n;
}

/* Told apart by dash and mark as by color, and beyond the colors by more dashes. */
static void add_style(struct gp *g, const struct chart_curve *k, size_t n_points)
{
	static const int full[MARKS] = { 7, 5, 9, 11, 13, 6, 4 },
			 hollow[] = { 6, 4, 8, 10, 12 };
	const size_t i = k->number, dash = (i + i / MARKS) % 5 + 1;

	if (g->kind == GP_TEXT &&
	    k->look & (CHART_LINE | CHART_AREA | CHART_SPIKES))
		gp_add(g, " with lines linetype %zu",
		       k->look & CHART_LINE && !(k->look & CHART_HOLLOW) ? i + 1 : 0);
	else if (g->kind == GP_TEXT)
		gp_add(g, " with points pointtype %zu",
		       k->look & CHART_HOLLOW ? i + 24 : i + 1);
	else if (k->look & CHART_AREA)
		gp_add(g, " with lines linecolor rgb '#bbbbbb' linewidth 7");
	else if (k->look & CHART_SPIKES)
		gp_add(g, " with lines linecolor rgb '#999999' linewidth 5");
	else if (k->look & CHART_HOLLOW && k->look & CHART_LINE)
		gp_add(g, " with lines linecolor rgb '#555555' dashtype %zu "
		       "linewidth 1.2", i % 4 + 2);
	else if (k->look & CHART_HOLLOW)
		gp_add(g, " with points linecolor rgb '#666666' pointtype %d "
		       "pointsize 0.6", hollow[i % 5]);
	else if (k->look & CHART_LINE)
		gp_add(g, " with lines linecolor rgb '%s' dashtype %zu "
		       "linewidth 1.8", gp_color(i), dash);
	else if (k->look & CHART_DOTS)
		gp_add(g, " with points linecolor rgb '%s' pointtype %d pointsize %g",
		       gp_color(i), full[i % MARKS],
		       n_points > 400 ? 0.25 : n_points > 100 ? 0.4 : 0.6);
	else
		gp_add(g, " with linespoints linecolor rgb '%s' dashtype %zu "
		       "linewidth 1.5 pointtype %d pointsize 0.6",
		       gp_color(i), dash, full[i % MARKS]);
}

static const char *gray_or_color(const struct chart_curve *k)
{
	return k->look & CHART_HOLLOW ? "#888888" : gp_color(k->number);
}

static size_t count(const struct chart *c, unsigned look)
{
	size_t n = 0;

	for (size_t i = 0; i < c->n_curves; i++)
		n += (c->curve[i].look & look) != 0;
	return n;
}

static bool has_interval(const struct chart *c, size_t panel, size_t curve)
{
	for (size_t i = 0; i < c->n_points; i++) {
		const struct chart_point *p = &c->point[i];

		if (p->panel == panel && p->curve == curve && isfinite(p->lo) &&
		    isfinite(p->hi))
			return true;
	}
	return false;
}

/* What lies below the curves: areas, spikes, bands and bars. */
static void add_below(struct gp *g, const struct chart *c, size_t i, size_t k)
{
	const struct chart_curve *u = &c->curve[k];
	/* Bands lie on each other: the more of them, the fainter. */
	const double n = (double)count(c, CHART_BAND),
		     alpha = n <= 3 ? 0.15 : 0.45 / n;

	if (g->kind == GP_TEXT && u->look & CHART_AREA)
		gp_add(g, ", $d%zu_%zu using 1:3 with lines linetype 0"
		       ", $d%zu_%zu using 1:4 with lines linetype 0",
		       i, k, i, k);
	else if (g->kind == GP_TEXT && u->look & CHART_SPIKES)
		gp_add(g, ", $d%zu_%zu using 1:2 with impulses linetype 0",
		       i, k);
	else if (!(u->look & CHART_SPIKES) && !has_interval(c, i, k))
		return;
	else if (g->kind == GP_TEXT &&
		 c->n_curves == count(c, CHART_AREA | CHART_SPIKES) + 1)
		gp_add(g, ", $d%zu_%zu using 1:2:3:4 with yerrorbars "
		       "linetype 0 pointtype 1", i, k);
	else if (g->kind == GP_TEXT)
		return;
	else if (u->look & CHART_AREA)
		gp_add(g, ", $d%zu_%zu using 1:3:4 with filledcurves "
		       "fillcolor rgb '#000000' "
		       "fillstyle transparent solid 0.12 noborder,"
		       " '' using 1:3 with lines linecolor rgb '#999999' "
		       "linewidth 0.8,"
		       " '' using 1:4 with lines linecolor rgb '#999999' "
		       "linewidth 0.8", i, k);
	else if (u->look & CHART_SPIKES)
		gp_add(g, ", $d%zu_%zu using 1:2 with impulses "
		       "linecolor rgb '#999999' linewidth 5", i, k);
	else if (u->look & CHART_BAND)
		gp_add(g, ", $d%zu_%zu using 1:3:4 with filledcurves "
		       "fillcolor rgb '%s' "
		       "fillstyle transparent solid %.3f noborder",
		       i, k, gray_or_color(u), alpha);
	else
		gp_add(g, ", $d%zu_%zu using 1:2:3:4 with yerrorbars "
		       "linecolor rgb '%s' pointtype 0 linewidth 0.8",
		       i, k, gray_or_color(u));
}

static void add_rules(struct gp *g, const struct chart_panel *p)
{
	const char *const look = g->kind == GP_TEXT ? "linetype 0" :
		"linecolor rgb '#777777' dashtype 2 linewidth 1";

	gp_add(g, "plot NaN");
	if (p->y.has_rule)
		gp_add(g, ", %.9g with lines %s", p->y.rule, look);
	if (p->diagonal)
		gp_add(g, ", x with lines %s", look);
}

static void add_panel(struct gp *g, const struct chart *c, size_t i)
{
	const struct chart_panel *p = &c->panel[i];
	/* An axis's name stands left of each panel whose neighbor has another. */
	const bool named = i % g->cols == 0 ||
			   strcmp(p->y.label, c->panel[i - 1].y.label) != 0;
	size_t n_points[MAX_CURVES];

	gp_panel(g, (unsigned)i);
	for (size_t k = 0; k < c->n_curves; k++)
		n_points[k] = add_data(g, c, i, k);
	gp_add(g, "set title ");
	gp_text(g, p->title, gp_title_room(g));
	gp_add(g, "\nset xlabel ");
	gp_text(g, c->xlabel ? c->xlabel : p->x.label, gp_title_room(g));
	gp_add(g, "\n");
	gp_ylabel(g, named ? p->y.label : "", 0.5);
	add_axis(g, 'x', range_of(c, i, false), &p->x);
	add_axis(g, 'y', range_of(c, i, true), &p->y);
	add_rules(g, p);
	for (size_t k = 0; k < c->n_curves; k++)
		if (n_points[k])
			add_below(g, c, i, k);
	for (size_t k = 0; k < c->n_curves; k++) {
		if (!n_points[k] || c->curve[k].look & (CHART_AREA | CHART_SPIKES))
			continue;
		gp_add(g, ", $d%zu_%zu using 1:2", i, k);
		add_style(g, &c->curve[k], n_points[k]);
	}
	gp_add(g, "\n");
}

static void add_legend(struct gp *g, const struct chart *c)
{
	size_t n = 0;

	gp_legend(g);
	gp_add(g, "unset logscale\nplot");
	/* What is found first, then what chance gives. */
	for (size_t i = 0; i < 2 * c->n_curves; i++) {
		const struct chart_curve *k = &c->curve[i % c->n_curves];

		if (((k->look & GRAY) != 0) != (i >= c->n_curves))
			continue;
		gp_add(g, "%s NaN", n++ ? "," : "");
		add_style(g, k, 0);
		gp_add(g, " title ");
		gp_text(g, k->name, MAX_NAME);
	}
	gp_add(g, "\n");
}

static int check(const struct chart *c, struct syc_err *err)
{
	size_t n = 0;

	if (c->bad)
		return fail_nomem(err);
	for (size_t i = 0; i < c->n_points; i++)
		n += is_drawn(c, &c->point[i]);
	if (!n)
		return fail(err, SYC_EINVAL, "%s", c->nothing);
	if (c->n_panels > MAX_PANELS)
		return fail(err, SYC_EINVAL,
			"%zu panels are more than %d: choose some (see --help)",
			c->n_panels, MAX_PANELS);
	if (c->n_curves > MAX_CURVES)
		return fail(err, SYC_EINVAL,
			"%zu curves are more than %d: choose some (see --help)",
			c->n_curves, MAX_CURVES);
	return 0;
}

int chart_draw(struct chart *c, struct gp *g, struct syc_err *err)
{
	const int ret = check(c, err);

	if (ret < 0)
		return ret;
	g->n_panels = (unsigned)c->n_panels;
	g->n_legend = c->n_curves;
	for (size_t k = 0; k < c->n_curves; k++) {
		const size_t n = strlen(c->curve[k].name);

		if (g->legend_chars < n)
			g->legend_chars = n < MAX_NAME ? n : MAX_NAME;
	}
	gp_begin(g);
	gp_add(g, "set key off\n");
	for (size_t i = 0; i < c->n_panels; i++)
		add_panel(g, c, i);
	gp_add(g, "set key on\n");
	add_legend(g, c);
	gp_add(g, "unset multiplot\n");
	return 0;
}
