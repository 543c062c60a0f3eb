/* SPDX-License-Identifier: MIT */
/* Studies of tuning: arms, layers, and what was foretold of small sets. */
#include "config.h"
#include <math.h>
#include "tool/plot/chart.h"
#include "tool/plot/plot.h"

/* Figures that are shares or probabilities, so that they have one axis. */
static const struct {
	const char *key, *name;
} shares[] = {
	{ "p_match", "P(matching)" }, { "constant", "constant share" }, { "undo", "undoes" },
	{ "make", "makes" }, { "cosine", "cosine with the contrast vector" },
};

static void add_arm(struct lines *l, const json_t *arm)
{
	const size_t series = lines_series(l, false, doc_text(arm, "arm"));

	for (size_t k = 0; k < sizeof(shares) / sizeof(shares[0]); k++) {
		const json_t *o = json_object_get(arm, shares[k].key);

		lines_add(l, lines_row(l, "%s", shares[k].name), series, doc_number(o, "mean"),
			  doc_number(o, "lo"), doc_number(o, "hi"));
	}
}

int plot_arms(const struct plot *p, struct gp *g, struct syc_err *err)
{
	struct lines l = {
		.label = p->xlabel ? p->xlabel : "mean over runs (95 % interval)",
		.beside = true, .nothing = "no arm has a figure",
	};
	int ret = docs_are(&p->docs, DOC_TUNED, err);

	for (size_t d = 0; d < p->docs.n && ret == 0; d++) {
		const json_t *all = json_object_get(p->docs.doc[d].json, "tuned"), *arm;
		size_t i;

		json_array_foreach(all, i, arm)
			add_arm(&l, arm);
	}
	if (ret == 0)
		ret = lines_draw(&l, g, err);
	lines_free(&l);
	return ret;
}

static void add_layer(struct chart *c, const size_t panel[3], const json_t *layer)
{
	static const char *const key[3] = { "constant", "others", "cosine" };
	const json_t *all = json_object_get(layer, "arms"), *arm;
	const double x = doc_number(layer, "layer");
	size_t i;

	json_array_foreach(all, i, arm) {
		const size_t curve = chart_curve(c, 0, "%s", doc_text(arm, "arm"));

		for (int k = 0; k < 3; k++)
			chart_add(c, panel[k], curve, x, doc_number(arm, key[k]), NAN, NAN);
	}
	chart_add(c, panel[2], chart_curve(c, CHART_AREA, "null vectors, 95 %%"), x, 0,
		  doc_number(layer, "null_lo"), doc_number(layer, "null_hi"));
}

int plot_tuned(const struct plot *p, struct gp *g, struct syc_err *err)
{
	static const struct chart_axis x = { .label = "layer", .whole = true },
				       share = { .label = "share or cosine" };
	struct chart c = { .nothing = "there are no layers", .xlabel = p->xlabel };
	const json_t *all, *layer;
	size_t i, panel[3];
	int ret = docs_are(&p->docs, DOC_TUNED, err);

	panel[0] = chart_panel(&c, &x, &share, "constant share of the shift");
	panel[1] = chart_panel(&c, &x, &share, "cosine with the first arm's shifts");
	panel[2] = chart_panel(&c, &x, &share, "cosine with the contrast vector");
	for (size_t d = 0; d < p->docs.n && ret == 0; d++) {
		all = json_object_get(p->docs.doc[d].json, "by_layer");
		json_array_foreach(all, i, layer)
			add_layer(&c, panel, layer);
	}
	if (ret == 0)
		ret = chart_draw(&c, g, err);
	chart_free(&c);
	return ret;
}

int plot_foretold(const struct plot *p, struct gp *g, struct syc_err *err)
{
	static const struct chart_axis x = { .label = "projection difference, before tuning" },
				       y = { .label = "shift along it, after" };
	struct chart c = { .nothing = "there are no small sets", .xlabel = p->xlabel };
	const json_t *all, *set;
	size_t i;
	int ret = docs_are(&p->docs, DOC_TUNED, err);

	for (size_t d = 0; d < p->docs.n && ret == 0; d++) {
		const size_t panel = chart_panel(&c, &x, &y, "small training sets");

		all = json_object_get(p->docs.doc[d].json, "sets");
		json_array_foreach(all, i, set)
			chart_add(&c, panel, chart_curve(&c, CHART_DOTS, "%s", doc_text(set, "set")),
				  doc_number(set, "foretold"), doc_number(set, "came"), NAN, NAN);
	}
	if (ret == 0)
		ret = chart_draw(&c, g, err);
	chart_free(&c);
	return ret;
}
