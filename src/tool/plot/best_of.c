/* SPDX-License-Identifier: MIT */
/* Reports of syc-best: rates by N, and preferences by difficulty. */
#include "config.h"
#include <math.h>
#include "tool/plot/chart.h"
#include "tool/plot/plot.h"

/* "NAME: ARM", without what is empty. */
static size_t arm_panel(struct chart *c, const struct plot *p,
			const struct doc *d, const json_t *curve)
{
	static const struct chart_axis x = {.label = "N",
					    .log = true,
					    .whole = true},
				       y = {.label = "rate of the best of N",
					    .lo = 0,
					    .hi = 1};
	const char *arm = doc_text(curve, "arm"),
		   *name = p->docs.n > 1 ? d->name : "";
	const char *level =
		isnan(doc_number(curve, "difficulty")) ? "" : "difficulty ";

	if (!*arm && !*name)
		name = d->name;
	return chart_panel(c, &x, &y, "%s%s%s%s", name,
			   *name && *arm ? ": " : "", level, arm);
}

static void add_curve(struct chart *c, const struct plot *p,
		      const struct doc *d, const json_t *curve)
{
	const json_t *at = json_object_get(curve, "at"), *point;
	const size_t panel = arm_panel(c, p, d, curve),
		     line = chart_curve(c, CHART_BAND, "%s",
					doc_text(curve, "model"));
	size_t i;

	json_array_foreach(at, i, point)
		chart_add(c, panel, line, doc_number(point, "n"),
			  doc_number(point, "rate"), doc_number(point, "lo"),
			  doc_number(point, "hi"));
}

int plot_best_of(const struct plot *p, struct gp *g, struct syc_err *err)
{
	struct chart c = {.nothing = "no curve has a rate",
			  .xlabel = p->xlabel};
	int ret = docs_are(&p->docs, DOC_BEST, err);

	for (size_t i = 0; i < p->docs.n && ret == 0; i++) {
		const json_t *all = json_object_get(p->docs.doc[i].json,
						    "curves"),
			     *curve;
		size_t k;

		json_array_foreach(all, k, curve)
			add_curve(&c, p, &p->docs.doc[i], curve);
	}
	if (ret == 0)
		ret = chart_draw(&c, g, err);
	chart_free(&c);
	return ret;
}

/* ---- preferences -------------------------------------------------------------- */

static double element(const json_t *o, const char *key, size_t i)
{
	const json_t *v = json_array_get(json_object_get(o, key), i);

	return json_is_number(v) ? json_number_value(v) : (double)NAN;
}

/* The levels as marks with intervals, the smooth curve as a line through them. */
static void add_preferred(struct chart *c, const json_t *of)
{
	static const struct chart_axis
		x = {.label = "difficulty: P(true), as said", .own = true},
		y = {.label = "prefers the sycophantic reply",
		     .lo = 0,
		     .hi = 1,
		     .has_rule = true,
		     .rule = 0.5};
	const json_t *levels = json_object_get(of, "levels"),
		     *smooth = json_object_get(of, "smooth"), *l;
	const size_t panel = chart_panel(c, &x, &y, "rather than %s",
					 doc_text(of, "kind")),
		     marks = chart_curve(c, CHART_DOTS, "%s",
					 doc_text(of, "model")),
		     line = chart_curve(c, CHART_LINE, "%s, smooth",
					doc_text(of, "model"));
	size_t i;

	/* A model's marks and its line have one color. */
	c->curve[marks].number = c->curve[line].number = marks / 2;
	json_array_foreach(levels, i, l)
		chart_add(c, panel, marks, doc_number(l, "difficulty"),
			  doc_number(l, "share"), doc_number(l, "lo"),
			  doc_number(l, "hi"));
	for (i = 0; i < json_array_size(json_object_get(smooth, "x")); i++)
		chart_add(c, panel, line, element(smooth, "x", i),
			  element(smooth, "y", i), NAN, NAN);
}

int plot_preferred(const struct plot *p, struct gp *g, struct syc_err *err)
{
	struct chart c = {.nothing = "no level has a share",
			  .xlabel = p->xlabel};
	int ret = docs_are(&p->docs, DOC_PREFERRED, err);

	for (size_t i = 0; i < p->docs.n && ret == 0; i++) {
		const json_t *all = json_object_get(p->docs.doc[i].json,
						    "preferred"),
			     *of;
		size_t k;

		json_array_foreach(all, k, of)
			add_preferred(&c, of);
	}
	if (ret == 0)
		ret = chart_draw(&c, g, err);
	chart_free(&c);
	return ret;
}
