/* SPDX-License-Identifier: MIT */
/* What tuning did, by layer: shares, cosines, and what the mean shift makes and undoes. */
#include "config.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "syc/stat.h"
#include "tool/plot/chart.h"
#include "tool/plot/plot.h"

static const struct chart_axis layers_axis = {.label = "layer", .whole = true};

/* A figure with its interval, where it is known. */
static void add(struct chart *c, size_t panel, size_t curve, const json_t *o,
		const char *key)
{
	char lo[32], hi[32];

	snprintf(lo, sizeof(lo), "%s_lo", key);
	snprintf(hi, sizeof(hi), "%s_hi", key);
	if (!isnan(doc_number(o, key)))
		chart_add(c, panel, curve, doc_number(o, "layer"),
			  doc_number(o, key), doc_number(o, lo),
			  doc_number(o, hi));
}

static void add_share(struct chart *c, const json_t *o, const char *name)
{
	static const struct chart_axis share = {.label = "share",
						.has_rule = true};
	const size_t panel =
		chart_panel(c, &layers_axis, &share, "One constant vector, %s",
			    doc_text(o, "position"));

	add(c, panel, chart_curve(c, 0, "%s", name), o, "constant");
	chart_add(c, panel,
		  chart_curve(c, CHART_HOLLOW, "%s, 95 %% of flipped signs",
			      name),
		  doc_number(o, "layer"), doc_number(o, "constant_null_95"),
		  NAN, NAN);
}

/* The middle 95 % of a vector's null cosines, as an area. */
static void add_nulls(struct chart *c, size_t panel, const json_t *v,
		      double layer)
{
	const json_t *list = json_object_get(v, "cosine_nulls"), *x;
	double *sorted = calloc(json_array_size(list) + 1, sizeof(*sorted));
	size_t i, n = 0;

	c->bad |= !sorted;
	if (!sorted)
		return;
	json_array_foreach(list, i, x)
		if (json_is_number(x))
			sorted[n++] = json_number_value(x);
	syc_stat_sort(sorted, n);
	if (n)
		chart_add(c, panel,
			  chart_curve(c, CHART_AREA, "95 %% of null vectors"),
			  layer, syc_stat_quantile(sorted, n, 0.5),
			  syc_stat_quantile(sorted, n, 0.025),
			  syc_stat_quantile(sorted, n, 0.975));
	free(sorted);
}

static void add_vectors(struct chart *c, const struct plot *p, const json_t *o,
			const char *name)
{
	static const struct chart_axis cosine = {.label = "cosine",
						 .has_rule = true};
	const json_t *vectors = json_object_get(o, "vectors"), *v;
	size_t i;

	json_array_foreach(vectors, i, v) {
		const char *vector = doc_text(v, "vector");
		size_t panel;

		if (p->vector && strcmp(p->vector, vector) != 0)
			continue;
		panel = chart_panel(c, &layers_axis, &cosine,
				    "Cosine of the mean shift with %s", vector);
		add_nulls(c, panel, v, doc_number(o, "layer"));
		chart_add(c, panel, chart_curve(c, 0, "%s", name),
			  doc_number(o, "layer"), doc_number(v, "cosine"), NAN,
			  NAN);
	}
}

static void add_steering(struct chart *c, const json_t *o, const char *name)
{
	static const struct chart_axis left = {.label = "KL ratio",
					       .has_rule = true,
					       .rule = 1},
				       made = {.label = "share",
					       .has_rule = true};
	static const char *const key[] = { "make", "undo" };
	static const char *const title[] = {
		"Mean shift added: made of the change",
		"Its direction ablated: undone of it"};

	if (isnan(doc_number(o, "kl_left")))
		return;
	add(c,
	    chart_panel(c, &layers_axis, &left,
			"Mean shift added: KL that is left"),
	    chart_curve(c, 0, "%s", name), o, "kl_left");
	for (size_t k = 0; k < 2; k++)
		if (!isnan(doc_number(o, key[k])))
			add(c,
			    chart_panel(c, &layers_axis, &made, "%s", title[k]),
			    chart_curve(c, 0, "%s", name), o, key[k]);
}

int plot_shift(const struct plot *p, struct gp *g, struct syc_err *err)
{
	struct chart c = {.xlabel = p->xlabel,
			  .nothing = "no figure is defined in what was chosen"};
	int ret = docs_are(&p->docs, DOC_SHIFT, err);

	for (size_t d = 0; d < p->docs.n && ret == 0; d++) {
		const struct doc *doc = &p->docs.doc[d];
		const json_t *list = json_object_get(doc->json, "shifts"), *o;
		size_t i;

		json_array_foreach(list, i, o) {
			if (!plot_wants_layer(p, doc_number(o, "layer")) ||
			    (p->position &&
			     strcmp(p->position, doc_text(o, "position")) != 0))
				continue;
			add_share(&c, o, doc->name);
			add_vectors(&c, p, o, doc->name);
			add_steering(&c, o, doc->name);
		}
	}
	if (ret == 0)
		ret = chart_draw(&c, g, err);
	chart_free(&c);
	return ret;
}
