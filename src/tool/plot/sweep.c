/* SPDX-License-Identifier: MIT */
/*
 * What settings of syc-sweep do: P(matching) against what it costs (KL),
 * against the scale, or against the layer.
 */
#include "config.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "syc/steer.h"
#include "tool/plot/chart.h"
#include "tool/common/fail.h"
#include "tool/plot/plot.h"

struct sweep_plot {
	const struct plot *p;
	enum plot_against against;
	const json_t *list;		/* [n] settings */
	const json_t **by_scale;	/* [n] the same, the scale growing */
	size_t n;
	double base;			/* of the model as it is */
	const char *kl;			/* the field that is its cost */
	size_t *layer, n_layers;	/* those that are curves of their own */
	struct chart chart;
};

static bool is(const json_t *s, const char *kind)
{
	return strcmp(doc_text(s, "kind"), kind) == 0;
}

/* What is measured of a setting, and the bounds of its change. */
struct effect {
	double value, lo, hi;
};

const struct measure *plot_measure(const struct plot *p)
{
	static const struct measure of[] = {
		[OF_MATCH] = { "p_match", "change", "change_lo", "change_hi", "P(match)" },
		[OF_CHOSEN] = { "chosen", "chosen_change", "chosen_change_lo",
				"chosen_change_hi", "share choosing the match" },
		[OF_CONTROL] = { "p_match", "change", "change_lo", "change_hi",
				 "P(match), control" },
		[OF_EFFECT] = { "effect", "effect_change", "effect_lo", "effect_hi",
				"stance effect" },
	};

	return &of[p->of];
}

const json_t *plot_measured(const struct plot *p, const json_t *setting)
{
	return p->of == OF_CONTROL ? json_object_get(setting, "control") : setting;
}

static struct effect effect_of(const struct sweep_plot *a, const json_t *s)
{
	const struct measure *m = plot_measure(a->p);
	const json_t *o = plot_measured(a->p, s);

	return (struct effect){ doc_number(o, m->value), a->base + doc_number(o, m->lo),
				a->base + doc_number(o, m->hi) };
}

static bool wants(const struct sweep_plot *a, const json_t *s)
{
	return plot_wants_layer(a->p, doc_number(s, "layer")) &&
	       (!a->p->vector ||
		strcmp(a->p->vector, doc_text(s, "vector")) == 0);
}

/* Whether the layer has a curve where layers are curves; several at once have. */
static bool is_curve(const struct sweep_plot *a, double layer)
{
	for (size_t i = 0; i < a->n_layers; i++)
		if ((double)a->layer[i] == layer)
			return true;
	return isnan(layer);
}

/* "layer 3", "layers 3,5". */
static const char *layer_word(const json_t *s)
{
	return isnan(doc_number(s, "layer")) ? "layers" : "layer";
}

static const char *sign_of(const json_t *s)
{
	const struct syc_steer_op_info *op = syc_steer_op_find(doc_text(s, "op"));

	if (op && op->one_way)
		return "";
	return doc_number(s, "scale") < 0 ? " \xe2\x88\x92" : " +";
}

static size_t panel_of(struct sweep_plot *a, const json_t *s)
{
	static const char *const x[] = {
		[AGAINST_KL] = "KL, nats per token",
		[AGAINST_SCALE] = "scale",
		[AGAINST_LAYER] = "layer",
	};
	const struct chart_axis across = {.label = x[a->against],
					  .log = a->against == AGAINST_KL,
					  .whole = a->against == AGAINST_LAYER,
					  .own = a->against == AGAINST_SCALE};
	const struct chart_axis up = { .label = plot_measure(a->p)->label, .has_rule = true,
				       .rule = a->base };

	if (a->against == AGAINST_KL)
		return chart_panel(&a->chart, &across, &up, "%s, %s %s",
				   doc_text(s, "vector"), layer_word(s),
				   doc_text(s, "layers"));
	if (a->against == AGAINST_SCALE)
		return chart_panel(&a->chart, &across, &up, "%s, %s",
				   doc_text(s, "vector"), doc_text(s, "op"));
	return chart_panel(&a->chart, &across, &up, "%s",
			   doc_text(s, "vector"));
}

static size_t curve_of(struct sweep_plot *a, const json_t *s, bool at_kl)
{
	if (is(s, "random"))
		return chart_curve(&a->chart, CHART_HOLLOW, "random");
	if (a->against == AGAINST_SCALE)
		return chart_curve(&a->chart, 0, "%s %s", layer_word(s),
				   doc_text(s, "layers"));
	if (a->against == AGAINST_KL || at_kl)
		return chart_curve(&a->chart, 0, "%s%s", doc_text(s, "op"),
				   sign_of(s));
	return chart_curve(&a->chart, 0, "%s %g", doc_text(s, "op"),
			   doc_number(s, "scale"));
}

static double x_of(const struct sweep_plot *a, const json_t *s)
{
	if (a->against == AGAINST_KL)
		return doc_number(s, a->kl);
	return doc_number(s, a->against == AGAINST_SCALE ? "scale" : "layer");
}

/* A system message has neither scale nor layer: a level across the panel. */
static void add_level(struct sweep_plot *a, size_t panel, const json_t *s,
		      double lo, double hi)
{
	const struct effect e = effect_of(a, s);
	const size_t curve = chart_curve(&a->chart, CHART_HOLLOW | CHART_LINE,
					 "\xe2\x80\x9c%s\xe2\x80\x9d",
					 doc_text(s, "system"));

	chart_add(&a->chart, panel, curve, lo, e.value, NAN, NAN);
	chart_add(&a->chart, panel, curve, hi, e.value, NAN, NAN);
}

static void add_prompts(struct sweep_plot *a)
{
	const size_t n_panels = a->chart.n_panels, n_points = a->chart.n_points;
	const json_t *s;
	size_t i;

	json_array_foreach(a->list, i, s) {
		const struct effect e = effect_of(a, s);

		for (size_t k = 0; k < n_panels && is(s, "prompt"); k++) {
			double lo = INFINITY, hi = -INFINITY;

			if (a->against == AGAINST_KL) {
				chart_add(&a->chart, k,
					chart_curve(&a->chart, CHART_HOLLOW,
						"\xe2\x80\x9c%s\xe2\x80\x9d",
						doc_text(s, "system")),
					x_of(a, s), e.value, e.lo, e.hi);
				continue;
			}
			for (size_t j = 0; j < n_points; j++) {
				if (a->chart.point[j].panel == k) {
					lo = fmin(lo, a->chart.point[j].x);
					hi = fmax(hi, a->chart.point[j].x);
				}
			}
			add_level(a, k, s, lo, hi);
		}
	}
}

static void add_settings(struct sweep_plot *a, bool at_kl)
{
	/* Steered first, so that their curves come first in the legend. */
	for (int random = 0; random <= 1; random++) {
		for (size_t i = 0; i < a->n; i++) {
			const json_t *s = a->by_scale[i];
			const struct effect e = effect_of(a, s);

			if (!is(s, random ? "random" : "steer") || !wants(a, s) || isnan(e.value) ||
			    (a->against == AGAINST_KL && !(x_of(a, s) > 0)) ||
			    (a->against == AGAINST_SCALE && !is_curve(a, doc_number(s, "layer"))) ||
			    (a->against == AGAINST_LAYER && isnan(doc_number(s, "layer"))))
				continue;
			chart_add(&a->chart, panel_of(a, s),
				  curve_of(a, s, at_kl), x_of(a, s), e.value,
				  e.lo, e.hi);
		}
	}
}

/* Several layers come last. */
static double layer_of(const json_t *s)
{
	const double l = doc_number(s, "layer");

	return isnan(l) ? INFINITY : l;
}

/* By the size of the scale along KL, by scale else, then by layer. */
static int rising(const void *x, const void *y)
{
	const json_t *s = *(const json_t *const *)x,
		     *t = *(const json_t *const *)y;
	const double d = doc_number(s, "scale") - doc_number(t, "scale");
	const double l = layer_of(s) - layer_of(t);

	if (d != 0 && !isnan(d))
		return d > 0 ? 1 : -1;
	return l > 0 ? 1 : l < 0 ? -1 : 0;
}

static int by_size(const void *x, const void *y)
{
	const json_t *s = *(const json_t *const *)x,
		     *t = *(const json_t *const *)y;
	const double d = fabs(doc_number(s, "scale")) -
			 fabs(doc_number(t, "scale"));

	if (d != 0 && !isnan(d))
		return d > 0 ? 1 : -1;
	return rising(x, y);
}

static int by_layer(const void *x, const void *y)
{
	const json_t *s = *(const json_t *const *)x,
		     *t = *(const json_t *const *)y;
	const double l = layer_of(s) - layer_of(t);

	return l > 0 ? 1 : l < 0 ? -1 : rising(x, y);
}

static int survey(struct sweep_plot *a, struct syc_err *err)
{
	uint32_t *layer = calloc(a->n + 1, sizeof(*layer));
	size_t i, k = 0, *at = NULL, n = 0;
	const json_t *s;
	int ret;

	a->by_scale = calloc(a->n + 1, sizeof(const json_t *));
	if (!layer || !a->by_scale) {
		free(layer);
		return fail_nomem(err);
	}
	json_array_foreach(a->list, i, s)
		a->by_scale[i] = s;
	qsort(a->by_scale, a->n, sizeof(const json_t *), by_layer);
	for (i = 0; i < a->n; i++) {
		const double l = doc_number(a->by_scale[i], "layer");

		if (is(a->by_scale[i], "steer") && l >= 0 && l < 1e9 &&
		    (!k || layer[k - 1] != (uint32_t)l))
			layer[k++] = (uint32_t)l;
	}
	ret = a->against == AGAINST_SCALE ? plot_choose_layers(a->p, layer, k, &at, &n, err) : 0;
	for (i = 0; i < n; i++)
		at[i] = layer[at[i]];
	a->layer = at;
	a->n_layers = n;
	if (a->against != AGAINST_LAYER)
		qsort(a->by_scale, a->n, sizeof(const json_t *),
		      a->against == AGAINST_KL ? by_size : rising);
	free(layer);
	return ret;
}

static int fill(struct sweep_plot *a, const json_t *doc, struct syc_err *err)
{
	const bool at_kl = json_is_number(json_object_get(doc, "at_kl"));
	const json_t *s;
	size_t i;
	int ret;

	a->list = json_object_get(doc, "settings");
	a->n = json_array_size(a->list);
	a->kl = strcmp(doc_text(doc, "kl_on"), "text") == 0 ? "text_kl" : "kl";
	a->against = at_kl ? AGAINST_LAYER : AGAINST_KL;
	if (a->p->against != AGAINST_AUTO)
		a->against = a->p->against;
	a->base = NAN;
	json_array_foreach(a->list, i, s)
		if (is(s, "none"))
			a->base = effect_of(a, s).value;
	if (isnan(a->base))
		return fail(err, SYC_EINVAL,
			"the sweep does not say this of the model as it is");
	ret = survey(a, err);
	if (ret == 0) {
		add_settings(a, at_kl);
		add_prompts(a);
	}
	return ret;
}

int plot_sweep(const struct plot *p, struct gp *g, struct syc_err *err)
{
	struct sweep_plot a = { .p = p, .chart = { .xlabel = p->xlabel, .nothing =
		"no setting of the chosen vector and layers has what is drawn" } };
	int ret = docs_are(&p->docs, DOC_SWEEP, err);

	if (ret == 0 && p->docs.n > 1)
		ret = fail(err, SYC_EINVAL,
			   "--kind=sweep draws one report, not %zu", p->docs.n);
	if (ret == 0)
		ret = fill(&a, p->docs.doc[0].json, err);
	if (ret == 0)
		ret = chart_draw(&a.chart, g, err);
	chart_free(&a.chart);
	free(a.by_scale);
	free(a.layer);
	return ret;
}

/* ---- how each question moves with the scale: slopes in order, with their margins ---- */

struct slope {
	double slope, margin;
};

static int by_slope(const void *a, const void *b)
{
	const struct slope *x = a, *y = b;

	return (x->slope > y->slope) - (x->slope < y->slope);
}

static int add_slopes(struct chart *c, const json_t *curve, struct syc_err *err)
{
	static const struct chart_axis
		x = { .label = "questions in order of their slopes", .own = true },
		y = { .label = "slope of the log odds", .own = true, .has_rule = true };
	const json_t *list = json_object_get(curve, "questions"), *q;
	struct slope *s = calloc(json_array_size(list) + 1, sizeof(*s));
	const double wrong = doc_number(curve, "wrong_way");
	size_t n = 0, i, panel, at;

	if (!s)
		return fail_nomem(err);
	json_array_foreach(list, i, q) {
		s[n] = (struct slope){ doc_number(q, "slope"), doc_number(q, "margin") };
		n += isfinite(s[n].slope) && isfinite(s[n].margin);
	}
	qsort(s, n, sizeof(*s), by_slope);
	panel = chart_panel(c, &x, &y, "%s, %s, layers %s: %.0f %% the wrong way",
			    doc_text(curve, "vector"), doc_text(curve, "op"),
			    doc_text(curve, "layers"), wrong * 100);
	at = chart_curve(c, 0, "question");
	for (i = 0; i < n; i++)
		chart_add(c, panel, at, (double)i + 1, s[i].slope,
			  s[i].slope - s[i].margin, s[i].slope + s[i].margin);
	free(s);
	return 0;
}

int plot_slopes(const struct plot *p, struct gp *g, struct syc_err *err)
{
	struct chart c = { .xlabel = p->xlabel, .nothing =
			   "the sweep has no slopes: syc-sweep --per-question makes them" };
	int ret = docs_are(&p->docs, DOC_SWEEP, err);

	for (size_t d = 0; d < p->docs.n && ret == 0; d++) {
		const json_t *list = json_object_get(p->docs.doc[d].json, "curves"), *o;
		size_t i;

		json_array_foreach(list, i, o)
			if (ret == 0 && (!p->vector ||
					 !strcmp(p->vector, doc_text(o, "vector"))))
				ret = add_slopes(&c, o, err);
	}
	if (ret == 0)
		ret = chart_draw(&c, g, err);
	chart_free(&c);
	return ret;
}
