/* SPDX-License-Identifier: MIT */
/* Values with intervals, one below the other, of one series or several side by side. */
#include "config.h"
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "tool/common/fail.h"
#include "tool/plot/plot.h"

/* Room for one more at the end of an array of n; false: out of memory. */
static bool more(struct lines *l, void *array, size_t n, size_t size)
{
	void **at = array, *grown = realloc(*at, (n + 1) * size);

	if (grown)
		*at = grown;
	l->bad |= !grown;
	return grown != NULL;
}

size_t lines_row(struct lines *l, const char *fmt, ...)
{
	char *name = NULL;
	va_list ap;

	va_start(ap, fmt);
	if (vasprintf(&name, fmt, ap) < 0)
		name = NULL;
	va_end(ap);
	l->bad |= !name;
	for (size_t i = 0; name && l->beside && i < l->n_rows; i++)
		if (strcmp(l->row[i], name) == 0) {
			free(name);
			return i;
		}
	if (!name || !more(l, &l->row, l->n_rows, sizeof(*l->row))) {
		free(name);
		return 0;
	}
	l->row[l->n_rows] = name;
	return l->n_rows++;
}

size_t lines_series(struct lines *l, bool hollow, const char *name)
{
	if (!more(l, &l->series, l->n_series, sizeof(*l->series)))
		return 0;
	l->series[l->n_series] = (struct lines_series){ strdup(name), hollow };
	l->bad |= !l->series[l->n_series].name;
	return l->n_series++;
}

void lines_add(struct lines *l, size_t row, size_t series, double x, double lo,
	       double hi)
{
	if (!more(l, &l->point, l->n_points, sizeof(*l->point)))
		return;
	/* What no axis can show is no number. */
	l->point[l->n_points++] =
		(struct lines_point){row,
				     series,
				     fabs(x) < 1e12 ? x : NAN,
				     fabs(lo) < 1e12 ? lo : NAN,
				     fabs(hi) < 1e12 ? hi : NAN,
				     NAN,
				     NAN};
}

void lines_inner(struct lines *l, double lo, double hi)
{
	l->inner = true;
	if (l->n_points) {
		l->point[l->n_points - 1].in_lo = lo;
		l->point[l->n_points - 1].in_hi = hi;
	}
}

/* ---- drawing ------------------------------------------------------------------------ */

/* The ends of the axis; how many values there are. */
static size_t measure(const struct lines *l, double *lo, double *hi)
{
	size_t n = 0;

	*lo = *hi = l->rule;
	for (size_t i = 0; i < l->n_points; i++) {
		const struct lines_point *p = &l->point[i];

		n += isfinite(p->x);
		*lo = fmin(*lo, fmin(p->x, p->lo));
		*hi = fmax(*hi, fmax(p->x, p->hi));
	}
	if (!(*lo < *hi)) {
		*lo -= 0.05;
		*hi += 0.05;
	}
	return n;
}

static size_t name_chars(const struct lines *l)
{
	size_t longest = 0;

	for (size_t i = 0; i < l->n_rows; i++)
		if (strlen(l->row[i]) > longest)
			longest = strlen(l->row[i]);
	return longest < LINES_NAME ? longest : LINES_NAME;
}

/* How far below the middle of its row a series is. */
static double offset(const struct lines *l, size_t series)
{
	const double n = (double)l->n_series;

	return l->beside ? 0.7 * ((double)series - (n - 1) / 2) / n : 0;
}

static void add_data(struct gp *g, const struct lines *l, size_t series)
{
	size_t n = 0;

	gp_add(g, "$b%zu << EOD\n", series);
	for (size_t i = 0; i < l->n_points; i++) {
		const struct lines_point *p = &l->point[i];

		if (p->series != series || isnan(p->x))
			continue;
		gp_num(g, p->x);
		gp_num(g, (double)p->row + offset(l, series));
		gp_num(g, isnan(p->lo) ? p->x : p->lo);
		gp_num(g, isnan(p->hi) ? p->x : p->hi);
		gp_num(g, p->in_lo);
		gp_num(g, p->in_hi);
		gp_add(g, "\n");
		n++;
	}
	gp_add(g, "%sEOD\n", n ? "" : " NaN NaN NaN NaN NaN NaN\n");
}

static const char *series_color(const struct lines *l, size_t series)
{
	return l->series[series].hollow ? "#666666" : gp_color(series);
}

/* Thick bars, over which marks are drawn. */
static void add_inner(struct gp *g, const struct lines *l, size_t series)
{
	gp_add(g, "$b%zu using 5:2:($6-$5):(0) with vectors nohead ", series);
	if (g->kind == GP_TEXT)
		gp_add(g, "linetype 1, ");
	else
		gp_add(g, "linecolor rgb '%s' linewidth 4, ",
		       series_color(l, series));
}

/* The marks of a series: its data, or for the legend none. */
static void add_marks(struct gp *g, const struct lines *l, size_t series,
		      bool legend)
{
	static const int full[] = {7, 9, 5, 13, 11},
			 text[] = {24, 15, 8, 11, 3};
	const bool hollow = l->series[series].hollow;

	if (legend)
		gp_add(g, "NaN with points");
	else
		gp_add(g, "$b%zu using 1:2:3:4 with xerrorbars", series);
	if (g->kind == GP_TEXT)
		gp_add(g, " pointtype %d", text[series % 5]);
	else
		gp_add(g,
		       " linecolor rgb '%s' pointtype %d pointsize 0.7 linewidth 1.2",
		       series_color(l, series), hollow ? 6 : full[series % 5]);
}

static void add_panel(struct gp *g, const struct lines *l, double lo, double hi)
{
	const double pad = 0.05 * (hi - lo);

	gp_panel(g, 0);
	gp_add(g, "set xlabel ");
	gp_text(g, l->label, gp_title_room(g));
	gp_add(g,
	       "\nset xrange [%.9g:%.9g]\nset xtics %.3g\nset yrange [%zu.5:-0.5]\nset ytics (",
	       lo - pad, hi + pad, gp_step(hi - lo), l->n_rows - 1);
	for (size_t i = 0; i < l->n_rows; i++) {
		gp_add(g, "%s", i ? ", " : "");
		gp_tic(g, l->row[i], LINES_NAME);
		gp_add(g, " %zu", i);
	}
	gp_add(g, ")\n");
	for (size_t s = 0; s < l->n_series; s++)
		add_data(g, l, s);
	gp_add(g,
	       "set arrow from first %.9g, graph 0 to first %.9g, graph 1 nohead %s\nplot ",
	       l->rule, l->rule,
	       g->kind == GP_TEXT
		       ? "linetype 0"
		       : "linecolor rgb '#777777' dashtype 2 linewidth 1");
	for (size_t s = 0; s < l->n_series; s++) {
		gp_add(g, "%s", s ? ", " : "");
		if (l->inner)
			add_inner(g, l, s);
		add_marks(g, l, s, false);
	}
	gp_add(g, "\n");
}

static bool is_there(const struct lines *l, size_t series)
{
	for (size_t i = 0; i < l->n_points; i++)
		if (l->point[i].series == series)
			return true;
	return false;
}

static void add_legend(struct gp *g, const struct lines *l)
{
	bool any = false;

	gp_add(g, "set key on\n");
	gp_legend(g);
	gp_add(g, "unset arrow\nplot ");
	for (size_t s = 0; s < l->n_series; s++) {
		if (!is_there(l, s))
			continue;
		gp_add(g, "%s", any ? ", " : "");
		any = true;
		add_marks(g, l, s, true);
		gp_add(g, " title ");
		gp_text(g, l->series[s].name, 0);
	}
	gp_add(g, "\nunset multiplot\n");
}

int lines_draw(struct lines *l, struct gp *g, struct syc_err *err)
{
	const double marks = l->beside ? (double)l->n_series : 1;
	double lo, hi;

	if (l->bad)
		return fail_nomem(err);
	if (!measure(l, &lo, &hi))
		return fail(err, SYC_EINVAL, "%s", l->nothing);
	g->n_panels = 1;
	for (size_t s = 0; s < l->n_series; s++) {
		const size_t n = strlen(l->series[s].name);

		g->n_legend += is_there(l, s);
		g->legend_chars = g->legend_chars < n ? n : g->legend_chars;
	}
	g->label_chars = name_chars(l);
	g->panel_width =
		g->kind == GP_TEXT ? 0 : 470 + 6.4 * (double)g->label_chars;
	g->panel_height = g->kind == GP_TEXT
				  ? 6 + (1 + marks) * (double)l->n_rows
				  : 72 + (10 + 10 * marks) * (double)l->n_rows;
	gp_begin(g);
	gp_add(g, "set key off\n");
	add_panel(g, l, lo, hi);
	add_legend(g, l);
	return 0;
}

void lines_free(struct lines *l)
{
	for (size_t i = 0; i < l->n_rows; i++)
		free(l->row[i]);
	for (size_t s = 0; s < l->n_series; s++)
		free(l->series[s].name);
	free(l->row);
	free(l->series);
	free(l->point);
}
