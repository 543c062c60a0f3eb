/* SPDX-License-Identifier: MIT */
/* The cosines between the layers of two vectors: a panel per pair of vectors. */
#include "config.h"
#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "tool/fail.h"
#include "tool/plot.h"

enum { MAX_PANELS = 64, MAX_LAYERS = 4096 };

struct heat {
	const struct plot *p;
	json_t *panel[MAX_PANELS];	/* objects with a, b and between */
	size_t n;
};

/* Rows of numbers or null, all equally long. */
static bool is_matrix(const json_t *m)
{
	const size_t rows = json_array_size(m), cols = json_array_size(json_array_get(m, 0));

	if (rows < 1 || rows > MAX_LAYERS || cols < 1 || cols > MAX_LAYERS)
		return false;
	for (size_t i = 0; i < rows; i++) {
		const json_t *row = json_array_get(m, i);

		if (json_array_size(row) != cols)
			return false;
		for (size_t k = 0; k < cols; k++)
			if (!json_is_number(json_array_get(row, k)) && !json_is_null(json_array_get(row, k)))
				return false;
	}
	return true;
}

static int add(struct heat *h, json_t *o, const char *path, struct syc_err *err)
{
	if (!json_is_string(json_object_get(o, "a")) || !json_is_string(json_object_get(o, "b")) ||
	    !is_matrix(json_object_get(o, "between"))) {
		json_decref(o);
		return fail(err, SYC_EFORMAT, "%s: not from syc-vec compare --between --json", path);
	}
	if (h->n == MAX_PANELS) {
		json_decref(o);
		return fail(err, SYC_EINVAL, "%s: more than %d pairs of vectors", path, MAX_PANELS);
	}
	h->panel[h->n++] = o;
	return 0;
}

/* One JSON object after another. */
static int load(struct heat *h, const char *path, struct syc_err *err)
{
	const bool is_stdin = strcmp(path, "-") == 0;
	FILE *f = is_stdin ? stdin : fopen(path, "r");
	json_error_t e;
	int ret = 0;

	if (!f)
		return fail(err, SYC_EIO, "%s: %s", path, strerror(errno));
	path = is_stdin ? "standard input" : path;
	while (ret == 0) {
		json_t *o;
		int c;

		while ((c = getc(f)) == ' ' || c == '\n' || c == '\r' || c == '\t')
			;
		if (c == EOF)
			break;
		ungetc(c, f);
		o = json_loadf(f, JSON_DISABLE_EOF_CHECK, &e);
		ret = o ? add(h, o, path, err) : fail(err, SYC_EFORMAT, "%s: %s", path, e.text);
	}
	if (ret == 0 && ferror(f))
		ret = fail(err, SYC_EIO, "%s: cannot be read", path);
	if (!is_stdin)
		fclose(f);
	return ret;
}

static const char *base_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* Layers across, layers down, cosine; gnuplot leaves NaN white. */
static void add_data(struct gp *g, const json_t *m, size_t panel)
{
	gp_add(g, "$h%zu << EOD\n", panel);
	for (size_t i = 0; i < json_array_size(m); i++) {
		const json_t *row = json_array_get(m, i);

		for (size_t k = 0; k < json_array_size(row); k++) {
			const json_t *x = json_array_get(row, k);

			gp_add(g, "%zu %zu ", k, i);
			gp_num(g, json_is_number(x) ? json_number_value(x) : NAN);
			gp_add(g, "\n");
		}
		gp_add(g, "\n");
	}
	gp_add(g, "EOD\n");
}

/* A character per cell: the tenths of the cosine, "-" before those below 0. */
static void add_text_cells(struct gp *g, const json_t *m)
{
	const size_t rows = json_array_size(m);

	for (size_t i = 0; i < rows; i++) {
		const json_t *row = json_array_get(m, i);

		for (size_t k = 0; k < json_array_size(row); k++) {
			const json_t *x = json_array_get(row, k);
			const double v = json_is_number(x) ? json_number_value(x) : NAN;
			char cell[8] = ".";

			if (fabs(v) >= 0.95)
				snprintf(cell, sizeof(cell), v < 0 ? "-X" : "X");
			else if (fabs(v) >= 0.05)
				snprintf(cell, sizeof(cell), "%s%.0f", v < 0 ? "-" : "", fabs(v) * 10);
			gp_add(g, "set label ");
			gp_text(g, isnan(v) ? " " : cell, 0);
			gp_add(g, " at first %zu,%zu center\n", k, i);
		}
	}
}

static int step_of(size_t n)
{
	static const int step[] = { 1, 2, 5, 10, 20, 50, 100 };

	for (size_t i = 0; i < sizeof(step) / sizeof(step[0]); i++)
		if (n / (size_t)step[i] <= 10)
			return step[i];
	return 1000;
}

static void add_panel(struct gp *g, const struct heat *h, size_t i)
{
	const json_t *o = h->panel[i], *m = json_object_get(o, "between");
	const size_t rows = json_array_size(m), cols = json_array_size(json_array_get(m, 0));
	const char *a = base_of(json_string_value(json_object_get(o, "a")));
	const char *b = base_of(json_string_value(json_object_get(o, "b")));
	char *title = NULL;

	if (asprintf(&title, strcmp(a, b) ? "%s (down), %s (across)" : "%s", a, b) < 0)
		title = NULL;
	g->bad |= !title;
	gp_panel(g, (unsigned)i);
	add_data(g, m, i);
	gp_add(g, "unset label\nset title ");
	gp_text(g, title ? title : "", gp_title_room(g));
	gp_add(g, "\nset xlabel ");
	gp_text(g, h->p->xlabel ? h->p->xlabel : g->kind == GP_TEXT ? "layer; cosine in tenths, X is 1" : "layer",
		gp_title_room(g));
	gp_add(g, "\n");
	gp_ylabel(g, i % g->cols ? "" : "layer", 1);
	gp_add(g, "set xrange [-0.5:%zu.5]\nset yrange [%zu.5:-0.5]\nset xtics %d\nset ytics %d\n",
	       cols - 1, rows - 1, step_of(cols), step_of(rows));
	if (g->kind == GP_TEXT) {
		add_text_cells(g, m);
		gp_add(g, "plot NaN notitle\n");
	} else {
		if (i + 1 == h->n)
			gp_add(g, "set colorbox horizontal user origin screen 0.3,%g size screen 0.4,%g\n",
			       0.5 * g->bottom / g->height, 0.2 * g->bottom / g->height);
		gp_add(g, "plot $h%zu using 1:2:3 with image pixels notitle", i);
		/* Signs, so that black and white tells +0.8 from -0.8. */
		if (rows <= 64 && cols <= 64)
			gp_add(g, ", $h%zu using 1:2:($3 < -0.05 ? '-' : '') with labels textcolor rgb '#000000' notitle", i);
		gp_add(g, "\n");
	}
	free(title);
}

static void draw(const struct heat *h, struct gp *g)
{
	g->n_panels = (unsigned)h->n;
	/* Two lines below the panels: the bar of colours and its numbers. */
	g->n_legend = g->kind == GP_TEXT ? 0 : 2;
	g->legend_chars = 1000;
	gp_begin(g);
	gp_add(g, "unset grid\nset tics front\nset border 15\nset cbrange [-1:1]\nset cbtics 0.5\n"
	       "set palette defined (-1 '#b2182b', -0.5 '#f4a582', 0 '#ffffff', 0.5 '#92c5de', 1 '#2166ac')\n"
	       "unset colorbox\n");
	for (size_t i = 0; i < h->n; i++)
		add_panel(g, h, i);
	gp_add(g, "unset multiplot\n");
}

int plot_heat(const struct plot *p, struct gp *g, struct syc_err *err)
{
	struct heat h = { .p = p };
	int ret = 0;

	for (int i = 0; i < (p->n_paths ? p->n_paths : 1) && ret == 0; i++)
		ret = load(&h, p->n_paths ? p->paths[i] : "-", err);
	if (ret == 0 && h.n == 0)
		ret = fail(err, SYC_EINVAL, "no matrix of cosines");
	if (ret == 0)
		draw(&h, g);
	for (size_t i = 0; i < h.n; i++)
		json_decref(h.panel[i]);
	return ret;
}
