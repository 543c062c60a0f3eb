/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <math.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include "tool/common/fail.h"
#include "tool/plot/gnuplot.h"

static const char *const endings[] = {
	[GP_PNG] = ".png", [GP_SVG] = ".svg", [GP_PDF] = ".pdf",
};

int gp_kind_of(enum gp_kind *kind, const char *path, struct syc_err *err)
{
	const char *dot = path ? strrchr(path, '.') : NULL;

	*kind = GP_TEXT;
	if (!path)
		return 0;
	for (int k = GP_PNG; dot && k <= GP_PDF; k++) {
		if (strcasecmp(dot, endings[k]) != 0)
			continue;
		*kind = (enum gp_kind)k;
		return 0;
	}
	return fail(err, SYC_EINVAL,
		    "%s: the name must end in .png, .svg or .pdf", path);
}

void gp_add(struct gp *g, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	if (syc_buf_vprintf(&g->script, fmt, ap) < 0)
		g->bad = true;
	va_end(ap);
}

/* Characters of UTF-8, and the place of character n. */
static size_t count_chars(const char *s)
{
	size_t n = 0;

	for (; *s; s++)
		n += ((unsigned char)*s & 0xc0) != 0x80;
	return n;
}

static const char *char_at(const char *s, size_t n)
{
	while (*s) {
		if (((unsigned char)*s & 0xc0) != 0x80 && n-- == 0)
			break;
		s++;
	}
	return s;
}

/*
 * Letters as they are, every other byte as an octal escape: what gnuplot looks
 * for in a line before it looks for strings (backquoted commands, macros) is
 * then nowhere to be found.  Single quotes with '' for a quote do not do: a
 * string that begins with a quote ends at once.  Digits are escaped since an
 * escape would take in the ones behind it.
 */
static void add_escaped(struct gp *g, const char *s, const char *end,
			bool is_format)
{
	for (; s < end; s++) {
		const unsigned char c = (unsigned char)*s;

		if (c == '%' && is_format)
			gp_add(g, "%s", "\\045");
		if ((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'))
			gp_add(g, "%c", c);
		else
			gp_add(g, "\\%03o", c < ' ' || c == 127 ? ' ' : c);
	}
}

static void add_quoted(struct gp *g, const char *s, size_t max, bool is_format)
{
	const char *dots = g->kind == GP_TEXT ? "~" : "\xe2\x80\xa6";
	const size_t n = count_chars(s);

	gp_add(g, "\"");
	if (max < 4 || n <= max) {
		add_escaped(g, s, s + strlen(s), is_format);
	} else {
		add_escaped(g, s, char_at(s, (max - 1) / 2), is_format);
		add_escaped(g, dots, dots + strlen(dots), false);
		add_escaped(g, char_at(s, n - (max - 1 - (max - 1) / 2)),
			    s + strlen(s), is_format);
	}
	gp_add(g, "\"");
}

void gp_text(struct gp *g, const char *s, size_t max)
{
	add_quoted(g, s, max, false);
}

void gp_tic(struct gp *g, const char *s, size_t max)
{
	add_quoted(g, s, max, true);
}

void gp_num(struct gp *g, double x)
{
	if (isfinite(x))
		gp_add(g, " %.9g", x);
	else
		gp_add(g, " NaN");
}

const char *gp_color(size_t i)
{
	/* Okabe & Ito's, less the yellow, which white swallows. */
	static const char *const color[] = {
		"#0072b2", "#d55e00", "#009e73", "#cc79a7",
		"#e69f00", "#56b4e9", "#444444",
	};

	return color[i % (sizeof(color) / sizeof(color[0]))];
}

/* Margins of a panel and sizes of the strips, by kind. */
struct metrics {
	double left, right, above, below;
	double title, legend;		/* one line each */
	double char_width;
};

static struct metrics metrics_of(const struct gp *g)
{
	const double n = (double)g->label_chars,
		     line = g->kind == GP_SVG ? 20 : 18;

	if (g->kind == GP_TEXT)
		return (struct metrics){ fmax(8, n + 3), 2, 2, 4, 2, 1, 1 };
	return (struct metrics){ fmax(64, 16 + 6.4 * n), 16, 28, 44, 30, line,
		6.4 };
}

static unsigned columns(const struct gp *g)
{
	const unsigned fit = g->panel_width > 0 ? (unsigned)fmax(1, 1260 / g->panel_width) : 4;

	if (g->kind == GP_TEXT)
		return 1;
	if (g->n_panels <= 3 || fit < 3)
		return g->n_panels < fit ? g->n_panels : fit;
	return g->n_panels == 4 ? 2 : g->n_panels <= 12 ? 3 : 4;
}

static void text_size(struct gp *g)
{
	struct winsize w = { 0 };

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &w) < 0 || w.ws_col < 40)
		w.ws_col = 80;
	g->width = w.ws_col > 120 ? 120 : w.ws_col - 1;
	g->height = (g->panel_height > 0 ? g->panel_height : 22) * g->rows;
}

static void choose_size(struct gp *g)
{
	if (g->width > 0)
		return;
	if (g->kind == GP_TEXT) {
		text_size(g);
	} else {
		/* The panels of a grid may be smaller than a lone one. */
		const double w = g->cols == 1 ? 620 : g->cols == 2 ? 410 : 340;
		const double h = g->cols == 1 ? 380 : 290;

		g->width = g->cols * (g->panel_width > 0 ? g->panel_width : w);
		g->height = g->rows *
			    (g->panel_height > 0 ? g->panel_height : h);
	}
	g->auto_height = true;
}

/* The strips above and below the panels, which make the picture higher. */
static void choose_strips(struct gp *g)
{
	const struct metrics m = metrics_of(g);
	/* gnuplot takes letters for wider than most are, and must not need more rows. */
	const size_t in_row = (size_t)(0.96 * g->width /
				       (g->kind == GP_TEXT ? 1 : 7.4));
	size_t rows;

	g->legend_cols = (unsigned)(in_row / (g->legend_chars + 10));
	if (!g->legend_cols)
		g->legend_cols = 1;
	rows = (g->n_legend + g->legend_cols - 1) / g->legend_cols;
	g->top = g->title ? m.title : 0;
	g->bottom = rows ? ((double)rows + 0.8) * m.legend : 0;
	if (g->auto_height)
		g->height += g->top + g->bottom;
}

static void add_terminal(struct gp *g)
{
	const double w = g->width, h = g->height;

	switch (g->kind) {
	case GP_TEXT:
		gp_add(g, "set terminal dumb noenhanced mono size %.0f,%.0f\n",
		       w, h);
		break;
	case GP_PNG:	/* two pixels to a point, for paper and dense screens */
		/* Pango's font of 8.6 at 96 dots to an inch is svg's of 11.5. */
		gp_add(g,
		       "set terminal pngcairo noenhanced background '#ffffff' font 'sans,8.6' "
		       "fontscale 2 linewidth 2 pointscale 2 size %.0f,%.0f\n",
		       2 * w, 2 * h);
		break;
	case GP_SVG:
		gp_add(g,
		       "set terminal svg noenhanced dynamic background '#ffffff' "
		       "font 'sans-serif,11.5' size %.0f,%.0f\n",
		       w, h);
		break;
	case GP_PDF:	/* 96 points to an inch */
		gp_add(g,
		       "set terminal pdfcairo noenhanced background '#ffffff' font 'sans,8.6' "
		       "fontscale 0.75 linewidth 0.75 pointscale 0.75 size %.4fin,%.4fin\n",
		       w / 96, h / 96);
	}
}

void gp_begin(struct gp *g)
{
	const struct metrics m = metrics_of(g);

	g->cols = columns(g);
	g->rows = (g->n_panels + g->cols - 1) / g->cols;
	choose_size(g);
	choose_strips(g);
	gp_add(g, "set encoding utf8\n");
	add_terminal(g);
	gp_add(g,
	       "set border 3 linecolor '#444444'\nset tics nomirror out scale 0.6\n");
	if (g->kind != GP_TEXT)
		gp_add(g,
		       "set grid linecolor '#dddddd' linetype 1 linewidth 0.5\nset grid back\n");
	if (g->kind != GP_TEXT)
		gp_add(g,
		       "set title offset 0,-0.4\nset xlabel offset 0,%g\n"
		       "set xtics offset 0,0.2\n",
		       g->kind == GP_SVG ? 0.9 : 0.4);
	gp_add(g, "unset key\nset multiplot");
	if (g->title) {
		gp_add(g, " title ");
		gp_text(g, g->title, (size_t)(0.8 * g->width / m.char_width));
		gp_add(g, g->kind == GP_SVG ? " font ',13.5'" : " font ',10'");
	}
	gp_add(g, "\n");
}

static void add_margins(struct gp *g, double x0, double x1, double y0,
			double y1)
{
	gp_add(g, "set lmargin at screen %.6f\nset rmargin at screen %.6f\n"
	       "set bmargin at screen %.6f\nset tmargin at screen %.6f\n",
	       x0 / g->width, x1 / g->width, y0 / g->height, y1 / g->height);
}

void gp_panel(struct gp *g, unsigned i)
{
	const struct metrics m = metrics_of(g);
	const double w = g->width / g->cols;
	const double h = (g->height - g->top - g->bottom) / g->rows;
	const double x = w * (i % g->cols);
	const double y = g->height - g->top - h * (i / g->cols + 1);

	add_margins(g, x + m.left, x + w - m.right, y + m.below,
		    y + h - m.above);
}

void gp_ylabel(struct gp *g, const char *s, double offset)
{
	/* svg leaves more room than the others, which the edge has not. */
	gp_add(g, "set ylabel ");
	gp_text(g, s, 0);
	gp_add(g, " offset %g,0\n", offset + (g->kind == GP_SVG));
}

void gp_legend(struct gp *g)
{
	add_margins(g, 0.02 * g->width, 0.98 * g->width,
		    0.2 * metrics_of(g).legend, g->bottom);
	gp_add(g,
	       "unset border\nunset tics\nunset grid\nunset xlabel\nunset ylabel\n"
	       "unset title\nunset object\nunset arrow\nset key center center horizontal Left "
	       "reverse samplen 2.5 maxcols %u\nset xrange [0:1]\nset yrange [0:1]\n",
	       g->legend_cols);
}

size_t gp_title_room(const struct gp *g)
{
	const struct metrics m = metrics_of(g);

	return (size_t)((g->width / g->cols - m.right - 8) / m.char_width);
}

double gp_step(double span)
{
	const double ten = pow(10, floor(log10(span / 3)));
	const double rest = span / 3 / ten;

	return (rest >= 5 ? 5 : rest >= 2 ? 2 : 1) * ten;
}

int gp_whole_step(double span)
{
	static const int step[] = { 1, 2, 5, 10, 20, 50, 100 };

	for (size_t i = 0; i < sizeof(step) / sizeof(step[0]); i++)
		if (span / step[i] <= 10)
			return step[i];
	return 1000;
}

void gp_free(struct gp *g)
{
	syc_buf_free(&g->script);
}
