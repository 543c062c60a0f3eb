/* SPDX-License-Identifier: MIT */
/* What is in a chart; chart_draw.c draws it. */
#include "config.h"
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "tool/plot/chart.h"

/* A place at the end of the array, or NULL. */
static void *grow(struct chart *c, void **array, size_t n, size_t size)
{
	char *more = realloc(*array, (n + 1) * size);

	c->bad |= !more;
	if (!more)
		return NULL;
	*array = more;
	return more + n * size;
}

size_t chart_new_panel(struct chart *c, const struct chart_axis *x,
		       const struct chart_axis *y, const char *title)
{
	struct chart_panel *p = grow(c, (void **)&c->panel, c->n_panels,
				     sizeof(*p));
	char *copy = p ? strdup(title) : NULL;

	c->bad |= !copy;
	if (!copy)
		return 0;
	*p = (struct chart_panel){ .title = copy, .x = *x, .y = *y };
	return c->n_panels++;
}

size_t chart_panel(struct chart *c, const struct chart_axis *x,
		   const struct chart_axis *y, const char *fmt, ...)
{
	char *title;
	va_list ap;
	size_t i = 0;
	int n;

	va_start(ap, fmt);
	n = vasprintf(&title, fmt, ap);
	va_end(ap);
	c->bad |= n < 0;
	if (n < 0)
		return 0;
	while (i < c->n_panels && strcmp(c->panel[i].title, title) != 0)
		i++;
	if (i == c->n_panels)
		i = chart_new_panel(c, x, y, title);
	free(title);
	return i;
}

/* Baselines, areas and spikes do not use up the colors of the others. */
static size_t number_of(const struct chart *c, unsigned look)
{
	const unsigned gray = CHART_HOLLOW | CHART_AREA | CHART_SPIKES;
	size_t n = 0;

	for (size_t i = 0; i < c->n_curves; i++)
		n += (c->curve[i].look & gray) == (look & gray);
	return n;
}

size_t chart_curve(struct chart *c, unsigned look, const char *fmt, ...)
{
	struct chart_curve *k;
	char *name;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vasprintf(&name, fmt, ap);
	va_end(ap);
	c->bad |= n < 0;
	if (n < 0)
		return 0;
	for (size_t i = 0; i < c->n_curves; i++) {
		if (strcmp(c->curve[i].name, name) == 0) {
			free(name);
			return i;
		}
	}
	k = grow(c, (void **)&c->curve, c->n_curves, sizeof(*k));
	if (!k) {
		free(name);
		return 0;
	}
	*k = (struct chart_curve){ name, look, number_of(c, look) };
	return c->n_curves++;
}

/* What is too large to be told from its neighbors is no number here. */
static double tame(double x)
{
	return fabs(x) < 1e12 ? x : NAN;
}

void chart_add(struct chart *c, size_t panel, size_t curve, double x, double y,
	       double lo, double hi)
{
	if (c->n_points == c->cap_points) {
		const size_t cap = 2 * c->cap_points + 64;
		struct chart_point *more = realloc(c->point,
						   cap * sizeof(*more));

		c->bad |= !more;
		if (!more)
			return;
		c->point = more;
		c->cap_points = cap;
	}
	c->point[c->n_points++] =
		(struct chart_point){panel, curve, tame(x), tame(y), tame(lo), tame(hi)};
}

void chart_free(struct chart *c)
{
	for (size_t i = 0; i < c->n_panels; i++)
		free(c->panel[i].title);
	for (size_t i = 0; i < c->n_curves; i++)
		free(c->curve[i].name);
	free(c->panel);
	free(c->curve);
	free(c->point);
	*c = (struct chart){ 0 };
}
