/* SPDX-License-Identifier: MIT */
/* Reports of syc-fit as curves over layers. */
#include "config.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "tool/common/fail.h"
#include "tool/plot/chart.h"
#include "tool/plot/plot.h"

static const struct chart_axis layers_axis = { .label = "layer", .whole = true, .own = true };

/* "a to b" of the rows behind what is drawn of a report. */
static void extend(double n[2], const struct plot *p, const json_t *layers)
{
	const json_t *l;
	size_t i;

	json_array_foreach(layers, i, l) {
		if (!plot_wants_layer(p, doc_number(l, "layer")))
			continue;
		n[0] = fmin(n[0], doc_number(l, "n"));
		n[1] = fmax(n[1], doc_number(l, "n"));
	}
}

/* "name (n = 289)", with a range where layers or vectors differ. */
static char *name_report(const struct plot *p, const struct doc *d)
{
	const json_t *fits = json_object_get(d->json, "fits"), *f;
	double n[2] = { INFINITY, -INFINITY };
	char *name = NULL;
	size_t i;

	json_array_foreach(fits, i, f)
		if (plot_wants(p, doc_text(f, "vector"), doc_text(f, "position")))
			extend(n, p, json_object_get(f, "layers"));
	return asprintf(&name,
			isinf(n[0]) ? "%s" :
			n[0] < n[1] ? "%s (n = %.0f to %.0f)" : "%s (n = %.0f)",
			d->name, n[0], n[1]) < 0 ? NULL : name;
}

/* The points of one figure, its value and interval members of a layer; shifted along x. */
static void add_curve(struct chart *c, const struct plot *p, size_t panel, size_t curve,
		      double shift, const json_t *layers, const char *value,
		      const char *lo, const char *hi)
{
	const json_t *l;
	size_t i;

	json_array_foreach(layers, i, l)
		if (plot_wants_layer(p, doc_number(l, "layer")))
			chart_add(c, panel, curve, doc_number(l, "layer") + shift,
				  value ? doc_number(l, value) : NAN,
				  doc_number(l, lo), doc_number(l, hi));
}

static bool has(const json_t *layers, const char *key)
{
	const json_t *l;
	size_t i;

	json_array_foreach(layers, i, l)
		if (json_is_number(json_object_get(l, key)))
			return true;
	return false;
}

/* Whether chosen fits differ in a member, in any report. */
static bool differ(const struct plot *p, const char *key)
{
	const char *first = NULL;

	for (size_t d = 0; d < p->docs.n; d++) {
		const json_t *fits = json_object_get(p->docs.doc[d].json, "fits"), *f;
		size_t i;

		json_array_foreach(fits, i, f) {
			if (!plot_wants(p, doc_text(f, "vector"),
					doc_text(f, "position")))
				continue;
			first = first ? first : doc_text(f, key);
			if (strcmp(first, doc_text(f, key)) != 0)
				return true;
		}
	}
	return false;
}

/* A panel named "vector, position", or by the one of them in which they differ. */
static size_t panel_of(struct chart *c, const struct plot *p, const json_t *f,
		       const struct chart_axis *y)
{
	const bool vectors = differ(p, "vector"), positions = differ(p, "position");

	if (vectors != positions)
		return chart_panel(c, &layers_axis, y, "%s",
				   doc_text(f, vectors ? "vector" : "position"));
	return chart_panel(c, &layers_axis, y, "%s, %s", doc_text(f, "vector"),
			   doc_text(f, "position"));
}

/* Two lines with nothing between them. */
static void add_limits(struct chart *c, const struct plot *p, size_t panel,
		       const json_t *layers, const char *name, const char *lo,
		       const char *hi)
{
	const size_t k = chart_curve(c, CHART_HOLLOW | CHART_LINE, "%s", name);

	add_curve(c, p, panel, k, 0, layers, lo, "", "");
	chart_add(c, panel, k, NAN, NAN, NAN, NAN);
	add_curve(c, p, panel, k, 0, layers, hi, "", "");
}

/* What chance gives, and how far the curve may go. */
static void add_chance(struct chart *c, const struct plot *p, size_t panel,
		       const json_t *layers, bool alone)
{
	if (has(layers, "null_lo"))
		add_curve(c, p, panel,
			  chart_curve(c, CHART_AREA,
				      "random directions, 95 %%"),
			  0, layers, NULL, "null_lo", "null_hi");
	if (has(layers, "perm_max_lo"))
		add_limits(c, p, panel, layers,
			   "permuted labels, 95 % at all layers", "perm_max_lo",
			   "perm_max_hi");
	if (alone && has(layers, "band_lo"))
		add_limits(c, p, panel, layers, "95 % band over all layers",
			   "band_lo", "band_hi");
}

/* From 0.4, or from the tenth below what is lower, to 1. */
static void fit_axis(struct chart *c)
{
	double lo = 0.4;

	for (size_t i = 0; i < c->n_points; i++) {
		if (isnan(c->point[i].y + c->point[i].lo) &&
		    !(c->curve[c->point[i].curve].look & CHART_AREA))
			lo = fmin(lo, c->point[i].y);
		else
			lo = fmin(lo, c->point[i].lo);
	}
	for (size_t i = 0; i < c->n_panels; i++) {
		c->panel[i].y.lo = fmax(0, floor(lo * 10 + 1e-9) / 10) - 0.01;
		c->panel[i].y.hi = 1.01;
	}
}

static int finish(struct chart *c, struct gp *g, struct syc_err *err)
{
	const int ret = chart_draw(c, g, err);

	chart_free(c);
	return ret;
}

/* The curves of one report; those behind the first one beside it, and without its band. */
static void add_report(struct chart *c, const struct plot *p, size_t number, const char *name)
{
	static const struct chart_axis y = {
		.label = "AUC (95 % interval)", .has_rule = true, .rule = 0.5};
	const json_t *fits = json_object_get(p->docs.doc[number].json, "fits"), *f;
	const size_t curve = chart_curve(c, number ? 0 : CHART_BAND, "%s", name);
	size_t i;

	json_array_foreach(fits, i, f) {
		const json_t *layers = json_object_get(f, "layers");
		size_t panel;

		if (!plot_wants(p, doc_text(f, "vector"), doc_text(f, "position")))
			continue;
		panel = panel_of(c, p, f, &y);
		add_curve(c, p, panel, curve, 0.08 * (double)number, layers, "auc", "auc_lo",
			  "auc_hi");
		if (!number)
			add_chance(c, p, panel, layers, p->docs.n == 1);
	}
}

int plot_auc(const struct plot *p, struct gp *g, struct syc_err *err)
{
	struct chart c = { .xlabel = p->xlabel,
			   .nothing = "no AUC is defined in what was chosen" };
	int ret = docs_are(&p->docs, DOC_FIT, err);

	for (size_t d = 0; d < p->docs.n && ret == 0; d++) {
		char *name = name_report(p, &p->docs.doc[d]);

		if (name)
			add_report(&c, p, d, name);
		else
			ret = fail_nomem(err);
		free(name);
	}
	if (!c.n_points)
		c.nothing = "no report has a fit of the chosen vector and position";
	fit_axis(&c);
	if (ret == 0)
		return finish(&c, g, err);
	chart_free(&c);
	return ret;
}

int plot_diff(const struct plot *p, struct gp *g, struct syc_err *err)
{
	static const struct chart_axis y = {.label = "difference of AUC (95 %)", .has_rule = true};
	struct chart c = { .xlabel = p->xlabel,
		.nothing = "no report has differences (syc-fit --compare)" };
	int ret = docs_are(&p->docs, DOC_FIT, err);

	for (size_t d = 0; d < p->docs.n && ret == 0; d++) {
		const json_t *pairs = json_object_get(p->docs.doc[d].json, "compare"), *o;
		size_t i;

		json_array_foreach(pairs, i, o) {
			const char *a = doc_text(o, "a"), *b = doc_text(o, "b"),
				   *position = doc_text(o, "position"),
				   *b_position = doc_text(o, "b_position");
			const bool same = !*b_position || strcmp(position, b_position) == 0;

			if (!plot_wants(p, a, position) &&
			    !plot_wants(p, b, position))
				continue;
			add_curve(&c, p,
				chart_panel(&c, &layers_axis, &y, "%s, %s",
					p->docs.doc[d].name, same ? position : a),
				chart_curve(&c, 0, "%s \xe2\x88\x92 %s", same ? a : position,
					    same ? b : b_position),
				0, json_object_get(o, "layers"), "diff", "lo",
				"hi");
		}
	}
	return ret < 0 ? ret : finish(&c, g, err);
}

static void add_within(struct chart *c, const struct plot *p, size_t panel,
		       const json_t *layers)
{
	const json_t *l, *o;
	size_t i, k;

	json_array_foreach(layers, i, l) {
		if (!plot_wants_layer(p, doc_number(l, "layer")))
			continue;
		json_array_foreach(json_object_get(l, "confounds"), k, o)
			chart_add(c, panel, chart_curve(c, 0, "within %s", doc_text(o, "field")),
				  doc_number(l, "layer") + 0.08 * (double)(k + 1),
				  doc_number(o, "within_auc"), doc_number(o, "within_lo"),
				  doc_number(o, "within_hi"));
	}
}

int plot_confound(const struct plot *p, struct gp *g, struct syc_err *err)
{
	static const struct chart_axis y = {
		.label = "AUC (95 % interval)", .has_rule = true, .rule = 0.5};
	struct chart c = { .xlabel = p->xlabel,
		.nothing = "no report has confounds (syc-fit --confound)" };
	int ret = docs_are(&p->docs, DOC_FIT, err);

	for (size_t d = 0; d < p->docs.n && ret == 0; d++) {
		const json_t *fits = json_object_get(p->docs.doc[d].json, "fits"), *f;
		size_t i;

		json_array_foreach(fits, i, f) {
			const char *vector = doc_text(f, "vector"),
				   *position = doc_text(f, "position");
			const json_t *layers = json_object_get(f, "layers");
			size_t panel;

			if (!plot_wants(p, vector, position) ||
			    !json_object_get(json_array_get(layers, 0),
					     "confounds"))
				continue;
			panel = chart_panel(&c, &layers_axis, &y, "%s: %s, %s",
					    p->docs.doc[d].name, vector,
					    position);
			add_curve(&c, p, panel,
				  chart_curve(&c, 0, "all pairs of rows"),
				  0, layers, "auc", "auc_lo", "auc_hi");
			add_within(&c, p, panel, layers);
		}
	}
	fit_axis(&c);
	return ret < 0 ? ret : finish(&c, g, err);
}
