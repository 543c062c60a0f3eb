/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "tool/common/fail.h"
#include "tool/plot/matrix.h"

enum { MAX_NAME = 30, MAX_PANELS = 64, MANY = 16 };

struct matrix *matrix_add(struct matrices *s, const char *title, size_t rows,
			  size_t cols, bool intervals)
{
	struct matrix *more = realloc(s->m, (s->n + 1) * sizeof(*more)), *m;
	const size_t n = rows * cols;

	s->bad |= !more;
	if (!more)
		return NULL;
	s->m = more;
	m = &s->m[s->n++];
	*m = (struct matrix){ .title = strdup(title), .rows = rows, .cols = cols,
			      .value = malloc(n * sizeof(double)) };
	if (intervals) {
		m->lo = malloc(n * sizeof(double));
		m->hi = malloc(n * sizeof(double));
		m->star = calloc(n, sizeof(bool));
	}
	if (!m->title || !m->value ||
	    (intervals && (!m->lo || !m->hi || !m->star))) {
		s->bad = true;
		return NULL;
	}
	for (size_t i = 0; i < n; i++) {
		m->value[i] = NAN;
		if (intervals)
			m->lo[i] = m->hi[i] = NAN;
	}
	return m;
}

void matrix_name(struct matrices *s, char ***names, size_t n, size_t i,
		 const char *name)
{
	if (!*names)
		*names = calloc(n + 1, sizeof(char *));
	if (*names && !(*names)[i])
		(*names)[i] = strdup(name);
	s->bad |= !*names || !(*names)[i];
}

static void free_names(char **names, size_t n)
{
	for (size_t i = 0; names && i < n; i++)
		free(names[i]);
	free(names);
}

void matrix_free(struct matrices *s)
{
	for (size_t i = 0; i < s->n; i++) {
		struct matrix *m = &s->m[i];

		free_names(m->row_name, m->rows);
		free_names(m->col_name, m->cols);
		free(m->title);
		free(m->value);
		free(m->lo);
		free(m->hi);
		free(m->star);
	}
	free(s->m);
	*s = (struct matrices){ 0 };
}

/* Whether its numbers are written, not only their tenths or signs. */
static bool is_written(const struct matrix *m)
{
	return m->cols <= MANY && (m->rows <= MANY || m->row_name);
}

static bool has_interval(const struct matrix *m, size_t i)
{
	return m->lo && isfinite(m->lo[i]) && isfinite(m->hi[i]);
}

static bool has_intervals(const struct matrix *m)
{
	for (size_t i = 0; i < m->rows * m->cols; i++)
		if (has_interval(m, i))
			return true;
	return false;
}

/* ---- sizes -------------------------------------------------------------------------- */

static void choose_size(const struct matrices *s, struct gp *g)
{
	double w = 0, h = 0;
	bool all = true;

	for (size_t i = 0; i < s->n; i++) {
		const struct matrix *m = &s->m[i];
		const double wide = has_intervals(m) ? 92 : 44,
			     high = has_intervals(m) ? 46 : 28;
		double row;

		all &= is_written(m) || m->row_name != NULL;
		w = fmax(w, (double)m->cols * (is_written(m) ? wide : 16));
		row = is_written(m) ? high : 22;
		if (g->kind == GP_TEXT)
			row = has_intervals(m) ? 3 : 2;
		h = fmax(h, (double)m->rows * row);
		for (size_t k = 0; m->row_name && k < m->rows; k++) {
			const size_t n = strlen(m->row_name[k]);

			if (g->label_chars < n)
				g->label_chars = n < MAX_NAME ? n : MAX_NAME;
		}
	}
	if (g->kind == GP_TEXT)
		g->panel_height = fmin(fmax(h + 6, 10), 60);
	if (g->kind == GP_TEXT || !all)
		return;
	g->panel_width = fmax(fmax(64, 16 + 6.4 * (double)g->label_chars) + 16 + w, 320);
	g->panel_height = 72 + fmax(h, 60);
}

/* ---- cells -------------------------------------------------------------------------- */

/* Where m's value lies between white (0) and the ends (1). */
static double strength(const struct matrices *s, double v)
{
	return v < s->mid ? (s->mid - v) / (s->mid - s->min) :
			    (v - s->mid) / (s->max - s->mid);
}

/* A line of a cell, so many lines above its middle. */
static void add_label(struct gp *g, const char *text, size_t col, size_t row,
		      double up, bool white, bool small)
{
	gp_add(g, "set label ");
	gp_text(g, text, 0);
	if (g->kind == GP_TEXT)
		gp_add(g, " at first %zu,%.3f center front", col,
		       (double)row - 0.36 * up);
	else
		gp_add(g, " at first %zu,%zu center front offset 0,%.2f", col,
		       row, up);
	if (g->kind != GP_TEXT)
		gp_add(g, " textcolor rgb '%s' font ',%s'", white ? "#ffffff" : "#000000",
		       g->kind == GP_SVG ? small ? "9" : "11" : small ? "7" : "8.4");
	gp_add(g, "\n");
}

/* The value's tenths, X from 0.95, "." about 0. */
static void tenths(char *out, size_t size, double v)
{
	const char *sign = v < 0 ? "-" : "";

	if (fabs(v) >= 0.95)
		snprintf(out, size, "%sX", sign);
	else if (fabs(v) >= 0.05)
		snprintf(out, size, "%s%.0f", sign, fabs(v) * 10);
	else
		snprintf(out, size, ".");
}

static void add_cell(struct gp *g, const struct matrices *s,
		     const struct matrix *m, size_t row, size_t col, bool full)
{
	const size_t i = row * m->cols + col;
	const double v = m->value[i];
	const bool white = strength(s, v) > 0.7,
		   both = full && has_interval(m, i);
	char text[48];

	if (isnan(v))
		return;
	if (full)
		snprintf(text, sizeof(text), "%.2f%s", fabs(v) < 0.005 ? 0 : v,
			 m->star && m->star[i] ? "*" : "");
	else
		tenths(text, sizeof(text), v);
	add_label(g, text, col, row, both ? 0.45 : 0, white, false);
	if (!both)
		return;
	snprintf(text, sizeof(text), "[%.2f, %.2f]", m->lo[i], m->hi[i]);
	add_label(g, text, col, row, -0.6, white, true);
}

/* Signs, so that black and white tells +0.8 from -0.8. */
static void add_sign(struct gp *g, const struct matrices *s,
		     const struct matrix *m, size_t row, size_t col)
{
	const double v = m->value[row * m->cols + col];

	if (v < s->mid - 0.05 * (s->max - s->min) / 2)
		add_label(g, "-", col, row, 0, strength(s, v) > 0.7, true);
}

static void add_cells(struct gp *g, const struct matrices *s,
		      const struct matrix *m)
{
	const double room = (g->width / g->cols - (double)g->label_chars - 10) /
			    (double)m->cols;
	const bool full = is_written(m) &&
			  (g->kind != GP_TEXT ||
			   room >= (has_intervals(m) ? 13 : 6));

	gp_add(g, "unset label\n");
	for (size_t r = 0; r < m->rows; r++) {
		for (size_t c = 0; c < m->cols; c++) {
			if (full || g->kind == GP_TEXT)
				add_cell(g, s, m, r, c, full);
			else if (m->rows <= 64 && m->cols <= 64)
				add_sign(g, s, m, r, c);
		}
	}
}

static bool is_empty(const struct matrix *m)
{
	for (size_t i = 0; i < m->rows * m->cols; i++)
		if (isfinite(m->value[i]))
			return false;
	return true;
}

/* Column, row, value; what is NaN gets no box. */
static void add_data(struct gp *g, const struct matrix *m, size_t panel)
{
	size_t n = 0;

	gp_add(g, "$h%zu << EOD\n", panel);
	for (size_t i = 0; i < m->rows * m->cols; i++) {
		if (!isfinite(m->value[i]))
			continue;
		gp_add(g, "%zu %zu", i % m->cols, i / m->cols);
		gp_num(g, m->value[i]);
		gp_add(g, "\n");
		n++;
	}
	gp_add(g, "%sEOD\n", n ? "" : "NaN NaN NaN\n");
}

/* ---- a panel ------------------------------------------------------------------------ */

static void add_names(struct gp *g, char axis, char *const *names, size_t n,
		      size_t max)
{
	if (!names) {
		gp_add(g, "set %ctics %d\n", axis, gp_whole_step((double)n));
		return;
	}
	gp_add(g, "set %ctics (", axis);
	for (size_t i = 0; i < n; i++) {
		gp_add(g, "%s", i ? ", " : "");
		gp_tic(g, names[i] ? names[i] : "", max);
		gp_add(g, " %zu", i);
	}
	gp_add(g, ")\n");
}

static void add_panel(struct gp *g, const struct matrices *s,
		      const char *xlabel, size_t i)
{
	const struct matrix *m = &s->m[i];
	const double panel = g->width / g->cols,
		     char_width = g->kind == GP_TEXT ? 1 : 6.4;
	const double room = panel -
			    (m->row_name ? (double)g->label_chars * char_width :
					   50) -
			    20 * char_width / 6.4;

	gp_panel(g, (unsigned)i);
	gp_add(g, "set title ");
	gp_text(g, m->title, gp_title_room(g));
	gp_add(g, "\nset xlabel ");
	gp_text(g, xlabel, gp_title_room(g));
	gp_add(g, "\n");
	gp_ylabel(g, i % g->cols || m->row_name ? "" : s->ylabel, 1);
	gp_add(g, "set xrange [-0.5:%zu.5]\nset yrange [%zu.5:-0.5]\n",
	       m->cols - 1, m->rows - 1);
	add_names(g, 'x', m->col_name, m->cols,
		  (size_t)fmax(4, room / (double)m->cols / char_width - 1));
	add_names(g, 'y', m->row_name, m->rows, MAX_NAME);
	add_cells(g, s, m);
	if (is_empty(m))
		gp_add(g, "set label 'not defined' at graph 0.5,0.5 center\n");
	if (g->kind == GP_TEXT) {
		gp_add(g, "plot NaN notitle\n");
		return;
	}
	add_data(g, m, i);
	if (i + 1 == s->n) {
		gp_add(g, "set colorbox horizontal user "
		       "origin screen 0.3,%g size screen 0.4,%g\n"
		       "set cblabel ",
		       0.6 * g->bottom / g->height,
		       0.17 * g->bottom / g->height);
		gp_text(g, s->scale, 0);
		gp_add(g, " offset 0,0.6\nset cbtics offset 0,0.4\n");
	}
	gp_add(g, "plot $h%zu using 1:2:(0.5):(0.5):3 with boxxyerror "
	       "fillstyle solid 1 noborder linecolor palette notitle\n", i);
}

static int check(const struct matrices *s, struct syc_err *err)
{
	if (s->bad)
		return fail_nomem(err);
	if (s->n > MAX_PANELS)
		return fail(err, SYC_EINVAL, "%zu tables are more than %d",
			    s->n, MAX_PANELS);
	for (size_t i = 0; i < s->n; i++)
		if (!is_empty(&s->m[i]))
			return 0;
	return fail(err, SYC_EINVAL, "there is no number in what was chosen");
}

int matrix_draw(struct matrices *s, struct gp *g, struct syc_err *err)
{
	const int ret = check(s, err);

	if (ret < 0)
		return ret;
	choose_size(s, g);
	g->n_panels = (unsigned)s->n;
	/* Three lines below the panels: the bar of shades, its numbers and name. */
	g->n_legend = g->kind == GP_TEXT ? 0 : 3;
	g->legend_chars = 1000;
	gp_begin(g);
	gp_add(g, "unset grid\nset tics front\nset border 15\n"
	       "set cbrange [%.9g:%.9g]\nset cbtics %.9g\n"
	       "set palette defined (%.9g '#b2182b', %.9g '#f4a582', "
	       "%.9g '#ffffff', %.9g '#92c5de', %.9g '#2166ac')\n"
	       "unset colorbox\n",
	       s->min, s->max, (s->max - s->min) / 4, s->min,
	       (s->min + s->mid) / 2, s->mid, (s->mid + s->max) / 2, s->max);
	for (size_t i = 0; i < s->n; i++)
		add_panel(g, s, s->xlabel, i);
	gp_add(g, "unset multiplot\n");
	return 0;
}
