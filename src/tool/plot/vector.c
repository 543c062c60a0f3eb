/* SPDX-License-Identifier: MIT */
/* What is known of vectors, and of a model's exactness, layer by layer. */
#include "config.h"
#include <math.h>
#include <stdio.h>
#include <string.h>
#include "tool/plot/chart.h"
#include "tool/plot/plot.h"

static const struct chart_axis layers_axis = { .label = "layer", .whole = true, .own = true };

static int finish(struct chart *c, int ret, struct gp *g, struct syc_err *err)
{
	if (ret == 0)
		ret = chart_draw(c, g, err);
	chart_free(c);
	return ret;
}

static const char *base_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* A list with a number per layer. */
static void add_list(struct chart *c, const struct plot *p, size_t panel,
		     size_t curve, const json_t *list)
{
	const json_t *v;
	size_t i;

	json_array_foreach(list, i, v)
		if (plot_wants_layer(p, (double)i))
			chart_add(c, panel, curve, (double)i,
				json_is_number(v) ? json_number_value(v) : NAN,
				NAN, NAN);
}

int plot_vector(const struct plot *p, struct gp *g, struct syc_err *err)
{
	static const struct {
		const char *key, *title;
		struct chart_axis y;
	} of[] = {
		{"length", "Length of the vector", {.label = "length", .log = true}},
		{"dprime", "d': sides apart, in their own sd", {.label = "d'"}},
		{"explained",
		 "Share of the variance along it",
		 {.label = "share", .lo = -0.03, .hi = 1.03}},
		{"pair_cosine",
		 "Cosine of pairs with their mean",
		 {.label = "cosine", .lo = -1.05, .hi = 1.05}},
		{"wrong_side",
		 "Pairs on the wrong side",
		 {.label = "share", .lo = -0.03, .hi = 1.03, .has_rule = true, .rule = 0.5}},
	};
	struct chart c = { .xlabel = p->xlabel,
			   .nothing = "no vector of that name has figures" };
	int ret = docs_are(&p->docs, DOC_VECTOR, err);

	for (size_t k = 0; k < sizeof(of) / sizeof(of[0]); k++) {
		for (size_t d = 0; d < p->docs.n && ret == 0; d++) {
			const json_t *o = p->docs.doc[d].json,
				     *list = json_object_get(o, of[k].key);
			const char *name = *doc_text(o, "name") ?
				doc_text(o, "name") : base_of(doc_text(o, "file"));

			if (json_array_size(list) &&
			    (!p->vector || strcmp(p->vector, name) == 0))
				add_list(&c, p,
					 chart_panel(&c, &layers_axis, &of[k].y,
						     "%s", of[k].title),
					 chart_curve(&c, 0, "%s", name), list);
		}
	}
	return finish(&c, ret, g, err);
}

/* A line of syc-vec stability: over layers, but for the number of pairs. */
static void add_line(struct chart *c, const json_t *o)
{
	static const struct chart_axis
		y = { .label = "cosine (95 % of draws)" },
		pairs = { .label = "pairs", .log = true, .own = true };
	const char *what = doc_text(o, "what"),
		   *setting = doc_text(o, "setting");
	const double layer = doc_number(o, "layer"), lo = doc_number(o, "lo"),
		     hi = doc_number(o, "hi");
	const double v = doc_number(o, "cosine"), n = doc_number(o, "pairs");

	if (strcmp(what, "halves") == 0 || strcmp(what, "bootstrap") == 0)
		chart_add(c, chart_panel(c, &layers_axis, &y, "The same recipe, other pairs"),
			  chart_curve(c, CHART_BAND,
				      strcmp(what, "halves") ? "%s, bootstrap" : "%s, two halves",
				      setting),
			  layer, v, lo, hi);
	else if (strcmp(what, "number") == 0)
		chart_add(c,
			  chart_panel(c, &pairs, &y, "Fewer pairs, with all"),
			  chart_curve(c, 0, "layer %.0f", layer), n, v, lo, hi);
	else if (strcmp(what, "subset") == 0)
		chart_add(c, chart_panel(c, &layers_axis, &y, "A group of pairs, with the others"),
			  chart_curve(c, CHART_BAND, "%s", setting), layer, v, lo, hi);
	else
		chart_add(c, chart_panel(c, &layers_axis, &y, "Another %s, with the first", what),
			  chart_curve(c, CHART_BAND, "%s", setting), layer, v, lo, hi);
}

/* To 1, from the tenth below the lowest that is drawn in the panel. */
static void cosine_axes(struct chart *c)
{
	for (size_t k = 0; k < c->n_panels; k++) {
		double lo = 0.9;

		for (size_t i = 0; i < c->n_points; i++)
			if (c->point[i].panel == k)
				lo = fmin(lo,
					  fmin(c->point[i].y, c->point[i].lo));
		lo = floor(lo * 10) / 10;
		c->panel[k].y.lo = lo - 0.02 * (1 - lo);
		c->panel[k].y.hi = 1 + 0.02 * (1 - lo);
	}
}

/* Layers for which numbers of pairs are drawn: six at most. */
static bool few(const struct plot *p, double layer)
{
	double most = 0, step;

	for (size_t i = 0; i < p->docs.n; i++)
		most = fmax(most, doc_number(p->docs.doc[i].json, "layer"));
	step = floor(most / 5);
	return p->layers.given || most < 6 || fmod(layer, step) == 0;
}

int plot_stability(const struct plot *p, struct gp *g, struct syc_err *err)
{
	struct chart c = {.xlabel = p->xlabel,
			  .nothing = "no cosine is defined in what was chosen"};
	int ret = docs_are(&p->docs, DOC_STABILITY, err);

	for (size_t i = 0; i < p->docs.n && ret == 0; i++) {
		const json_t *o = p->docs.doc[i].json;
		const double layer = doc_number(o, "layer");

		if (plot_wants_layer(p, layer) &&
		    (strcmp(doc_text(o, "what"), "number") != 0 ||
		     few(p, layer)))
			add_line(&c, o);
	}
	cosine_axes(&c);
	return finish(&c, ret, g, err);
}

static void add_layer(struct chart *c, const json_t *doc, const char *name,
		      const json_t *l)
{
	static const struct chart_axis cosine = { .label = "1 \xe2\x88\x92 cosine", .log = true },
		error = { .label = "relative error", .log = true },
		noise = { .label = "error / length", .log = true, .has_rule = true, .rule = 1 };
	const double x = doc_number(l, "layer");
	const json_t *vectors = json_object_get(doc, "vectors"), *v;
	size_t i;

	chart_add(c, chart_panel(c, &layers_axis, &cosine, "Angle: 1 \xe2\x88\x92 cosine"),
		  chart_curve(c, 0, "%s", name), x, 1 - doc_number(l, "cosine"), NAN, NAN);
	chart_add(c,
		  chart_panel(c, &layers_axis, &cosine,
			      "Angle: 1 \xe2\x88\x92 cosine"),
		  chart_curve(c, CHART_HOLLOW, "%s, worst token", name), x,
		  1 - doc_number(l, "least_cosine"), NAN, NAN);
	chart_add(c, chart_panel(c, &layers_axis, &error, "Error of the activations"),
		  chart_curve(c, 0, "%s", name), x, doc_number(l, "error"), NAN, NAN);
	chart_add(c, chart_panel(c, &layers_axis, &cosine, "Angle: 1 \xe2\x88\x92 cosine"),
		  chart_curve(c, 0, "%s, centered", name), x,
		  1 - doc_number(l, "centered_cosine"), NAN, NAN);
	chart_add(c, chart_panel(c, &layers_axis, &error, "Error of the activations"),
		  chart_curve(c, 0, "%s, centered", name), x, doc_number(l, "centered_error"),
		  NAN, NAN);
	json_array_foreach(vectors, i, v) {
		const json_t *e = json_array_get(json_object_get(l, "noise"), i);

		chart_add(c,
			  chart_panel(c, &layers_axis, &noise,
				      "Error along a vector, in its lengths"),
			  chart_curve(c, 0, "%s, along %s", name,
				      base_of(json_is_string(v) ? json_string_value(v) : "")),
			  x, json_is_number(e) ? json_number_value(e) : NAN, NAN, NAN);
	}
}

int plot_fidelity(const struct plot *p, struct gp *g, struct syc_err *err)
{
	struct chart c = {.xlabel = p->xlabel,
			  .nothing = "no figure is defined in what was chosen"};
	int ret = docs_are(&p->docs, DOC_FIDELITY, err);

	for (size_t d = 0; d < p->docs.n && ret == 0; d++) {
		const json_t *doc = p->docs.doc[d].json,
			     *layers = json_object_get(doc, "layers"), *l;
		const char *file = base_of(doc_text(doc, "file")),
			   *compute = doc_text(doc, "compute");
		char name[64];
		size_t i;

		snprintf(name, sizeof(name), "%.48s%s%.12s",
			 p->docs.n > 1 ? file : "", p->docs.n > 1 ? ", " : "",
			 compute);
		json_array_foreach(layers, i, l)
			if (plot_wants_layer(p, doc_number(l, "layer")))
				add_layer(&c, doc, name, l);
	}
	return finish(&c, ret, g, err);
}
