/* SPDX-License-Identifier: MIT */
/* What predicted probabilities are worth: the share of rows that are sycophantic. */
#include "config.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "tool/plot/chart.h"
#include "tool/plot/plot.h"

struct calibration {
	const struct plot *p;
	struct chart_axis x, y;
	char x_label[64], y_label[64];
	bool positions;		/* there are several */
	struct chart chart;
};

/* The share of one row, which ties may leave in a bin, says nothing. */
static bool is_shown(const json_t *bin)
{
	return doc_number(bin, "n") > 1;
}

static void add_bins(struct calibration *a, size_t panel, const json_t *from,
		     const char *name, unsigned look)
{
	struct chart *c = &a->chart;
	const json_t *bins = json_object_get(from, "bins"), *b;
	double total = 0;
	size_t i;

	json_array_foreach(bins, i, b)
		total += doc_number(b, "n");
	json_array_foreach(bins, i, b) {
		if (!look && is_shown(b))
			chart_add(c, panel,
				  chart_curve(
					  c, CHART_SPIKES,
					  "rows of the bin, as a share of all"),
				  doc_number(b, "prob"),
				  doc_number(b, "n") / total, NAN, NAN);
	}
	json_array_foreach(bins, i, b)
		if (is_shown(b))
			chart_add(c, panel, chart_curve(c, look, "%s", name),
				  doc_number(b, "prob"), doc_number(b, "rate"),
				  doc_number(b, "lo"), doc_number(b, "hi"));
}

/* "opinion, cue: best layer, n = 400, Brier 0.15", as far as they differ. */
static size_t add_panel(struct calibration *a, const struct doc *d,
			const json_t *fit, const char *what, double n,
			double brier)
{
	const bool docs = a->p->docs.n > 1;
	char score[32] = "";
	size_t panel;

	if (isfinite(brier))
		snprintf(score, sizeof(score), ", Brier %.3f", brier);
	panel = chart_panel(&a->chart, &a->x, &a->y,
			    "%s%s%s%s%s: %s, n = %.0f%s", docs ? d->name : "",
			    docs ? ", " : "", doc_text(fit, "vector"),
			    a->positions ? ", " : "",
			    a->positions ? doc_text(fit, "position") : "", what,
			    n, score);
	if (!a->chart.bad)
		a->chart.panel[panel].diagonal = true;
	return panel;
}

/* One that other rows test: the best layer, or all of them. */
static void add_tested(struct calibration *a, const struct doc *d,
		       const json_t *fit, const char *key, const char *what)
{
	const json_t *o = json_object_get(fit, key);

	if (o && json_is_number(json_object_get(o, "brier")))
		add_bins(a, add_panel(a, d, fit, what, doc_number(o, "n"), doc_number(o, "brier")),
			 json_object_get(o, "calibration"), "rows left out (cross-validation)", 0);
}

static void add_layer(struct calibration *a, const struct doc *d,
		      const json_t *fit, const json_t *l)
{
	const json_t *cv = json_object_get(l, "cv_calibration");
	char what[32];
	size_t panel;

	snprintf(what, sizeof(what), "layer %.0f", doc_number(l, "layer"));
	panel = add_panel(a, d, fit, what, doc_number(l, "n"),
			  doc_number(l, cv ? "cv_brier" : "brier"));
	add_bins(a, panel, json_object_get(l, "calibration"), "rows fitted",
		 cv ? CHART_HOLLOW : 0);
	if (cv)
		add_bins(a, panel, cv, "rows left out (cross-validation)", 0);
}

static int add_layers(struct calibration *a, const struct doc *d,
		      const json_t *fit, struct syc_err *err)
{
	const json_t *layers = json_object_get(fit, "layers"), *l;
	uint32_t *layer = calloc(json_array_size(layers) + 1, sizeof(*layer));
	size_t *at = NULL, n = 0, i;
	int ret;

	a->chart.bad |= !layer;
	if (!layer)
		return 0;
	json_array_foreach(layers, i, l)
		layer[i] = (uint32_t)fmax(0, fmin(doc_number(l, "layer"), 1e9));
	ret = plot_choose_layers(a->p, layer, i, &at, &n, err);
	for (size_t k = 0; k < n && ret == 0; k++)
		add_layer(a, d, fit, json_array_get(layers, at[k]));
	free(at);
	free(layer);
	return ret;
}

static void add_farthest(struct calibration *a, const struct doc *d,
			 const json_t *fit)
{
	const json_t *l = plot_farthest(a->p, json_object_get(fit, "layers"));

	if (l)
		add_layer(a, d, fit, l);
}

/* The axes, in the word for what the labels of the first report say. */
static void name_axes(struct calibration *a)
{
	const json_t *rows = json_object_get(a->p->docs.doc[0].json, "rows");
	const char *said = json_string_value(json_object_get(rows, "measures"));

	snprintf(a->x_label, sizeof(a->x_label), "predicted P(%.40s)",
		 said ? said : "sycophantic");
	snprintf(a->y_label, sizeof(a->y_label), "share %.40s (95 %%)",
		 said ? said : "sycophantic");
	a->x = (struct chart_axis){ .label = a->x_label, .lo = -0.03, .hi = 1.03 };
	a->y = (struct chart_axis){ .label = a->y_label, .lo = -0.03, .hi = 1.03 };
}

int plot_calibration(const struct plot *p, struct gp *g, struct syc_err *err)
{
	struct calibration a = {.p = p,
				.chart = {.xlabel = p->xlabel,
					  .nothing = "no report has a calibration "
						     "of the chosen vector, position and layers"}};
	int ret = docs_are(&p->docs, DOC_FIT, err);

	if (ret == 0)
		name_axes(&a);
	for (size_t k = 0; k < p->docs.n && ret == 0; k++) {
		const struct doc *d = &p->docs.doc[k];
		const json_t *fits = json_object_get(d->json, "fits"), *f;
		size_t i;

		json_array_foreach(fits, i, f)
			a.positions |= !p->position &&
				       strcmp(doc_text(f, "position"),
					      doc_text(json_array_get(fits, 0),
						       "position")) != 0;
		json_array_foreach(fits, i, f) {
			if (ret < 0 || !plot_wants(p, doc_text(f, "vector"),
						   doc_text(f, "position")))
				continue;
			/* Where there are honest ones, these unless others are asked for. */
			if (p->layers.given)
				ret = add_layers(&a, d, f, err);
			else if (json_object_get(f, "best"))
				add_tested(&a, d, f, "best", "best layer");
			else
				add_farthest(&a, d, f);
			add_tested(&a, d, f, "multi", "all layers");
		}
	}
	if (ret == 0)
		ret = chart_draw(&a.chart, g, err);
	chart_free(&a.chart);
	return ret;
}
