/* SPDX-License-Identifier: MIT */
/* The settings to look at first: values with intervals, one below the other. */
#include "config.h"
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "tool/common/fail.h"
#include "tool/plot/plot.h"

enum { EACH_WAY = 12 };

/* The two series: tested or steered; found on these very rows, or a null. */
enum { FULL, HOLLOW };

struct best_plot {
	const struct plot *p;
	struct lines lines;
	char label[80];		/* of the axis */
};

__attribute__((format(printf, 6, 7))) static void add(struct best_plot *b,
	double x, double lo, double hi, bool hollow, const char *fmt, ...)
{
	char *name = NULL;
	va_list ap;

	va_start(ap, fmt);
	if (vasprintf(&name, fmt, ap) < 0)
		name = NULL;
	va_end(ap);
	b->lines.bad |= !name;
	if (name)
		lines_add(&b->lines, lines_row(&b->lines, "%s", name), hollow ? HOLLOW : FULL, x,
			  lo, hi);
	free(name);
}

static void name_series(struct best_plot *b, const char *full, const char *hollow)
{
	lines_series(&b->lines, false, full);
	lines_series(&b->lines, true, hollow);
}

/* ---- what of a report ---------------------------------------------------------------- */

const json_t *plot_farthest(const struct plot *p, const json_t *layers)
{
	const json_t *l, *best = NULL;
	double most = -1;
	size_t i;

	json_array_foreach(layers, i, l) {
		const double far = fabs(doc_number(l, "auc") - 0.5);

		if (plot_wants_layer(p, doc_number(l, "layer")) && far > most) {
			most = far;
			best = l;
		}
	}
	return best;
}

/* The layer that most folds chose, and how many of them. */
static void choice(const json_t *best, double *layer, double *folds)
{
	const json_t *list = json_object_get(best, "chosen"), *c;
	size_t i;

	*layer = *folds = 0;
	json_array_foreach(list, i, c) {
		if (doc_number(c, "folds") > *folds) {
			*folds = doc_number(c, "folds");
			*layer = doc_number(c, "layer");
		}
	}
}

static void add_fit(struct best_plot *b, const struct doc *d, const json_t *f)
{
	const json_t *best = json_object_get(f, "best"),
		     *multi = json_object_get(f, "multi");
	const json_t *l = plot_farthest(b->p, json_object_get(f, "layers"));
	const char *vector = doc_text(f, "vector"),
		   *position = doc_text(f, "position");
	const bool docs = b->p->docs.n > 1;
	const char *name = docs ? d->name : "", *colon = docs ? ": " : "";
	double layer, folds;

	if (best && !b->p->layers.given) {
		choice(best, &layer, &folds);
		add(b, doc_number(best, "auc"), doc_number(best, "auc_lo"),
		    doc_number(best, "auc_hi"), false,
		    "%s%s%s, %s, best layer (%.0f in %.0f of %.0f)", name,
		    colon, vector, position, layer, folds,
		    doc_number(best, "folds"));
	} else if (l) {
		add(b, doc_number(l, "auc"), doc_number(l, "auc_lo"),
		    doc_number(l, "auc_hi"), true, "%s%s%s, %s, layer %.0f",
		    name, colon, vector, position, doc_number(l, "layer"));
	}
	if (multi && json_is_number(json_object_get(multi, "auc")))
		add(b, doc_number(multi, "auc"), doc_number(multi, "auc_lo"),
		    doc_number(multi, "auc_hi"), false,
		    "%s%s%s, %s, all layers", name, colon, vector, position);
}

static void add_fits(struct best_plot *b)
{
	snprintf(b->label, sizeof(b->label), "AUC (95 %% interval)");
	name_series(b, "tested on rows left out", "farthest from 1/2 on these very rows");
	b->lines.rule = 0.5;
	for (size_t d = 0; d < b->p->docs.n; d++) {
		const json_t *fits = json_object_get(b->p->docs.doc[d].json, "fits"), *f;
		size_t i;

		json_array_foreach(fits, i, f)
			if (plot_wants(b->p, doc_text(f, "vector"),
				       doc_text(f, "position")))
				add_fit(b, &b->p->docs.doc[d], f);
	}
}

struct setting {
	const json_t *s;
	double change, lo, hi;
};

static int by_change(const void *x, const void *y)
{
	const double d = ((const struct setting *)x)->change - ((const struct setting *)y)->change;

	return (d > 0) - (d < 0);
}

static void add_setting(struct best_plot *b, const struct setting *at, const char *kl)
{
	const json_t *s = at->s;
	const bool random = strcmp(doc_text(s, "kind"), "random") == 0;

	if (strcmp(doc_text(s, "kind"), "prompt") == 0)
		add(b, at->change, at->lo, at->hi, true, "\xe2\x80\x9c%s\xe2\x80\x9d",
		    doc_text(s, "system"));
	else
		add(b, at->change, at->lo, at->hi, random, "%s%s, layer %s, %s %.3g, KL %.2g",
		    random ? "random for " : "", doc_text(s, "vector"), doc_text(s, "layers"),
		    doc_text(s, "op"), doc_number(s, "scale"), doc_number(s, kl));
}

/* Of many, those that change most either way. */
static void add_sorted(struct best_plot *b, const json_t *doc, struct setting *s, size_t n,
		       size_t each)
{
	const char *kl = strcmp(doc_text(doc, "kl_on"), "text") == 0 ? "text_kl" : "kl";

	qsort(s, n, sizeof(*s), by_change);
	for (size_t i = 0; i < n; i++)
		if (n <= 2 * each || i < each || i >= n - each)
			add_setting(b, &s[i], kl);
}

static bool wants(const struct plot *p, const json_t *s)
{
	return strcmp(doc_text(s, "kind"), "prompt") == 0 ||
	       (plot_wants_layer(p, doc_number(s, "layer")) &&
		(!p->vector || strcmp(p->vector, doc_text(s, "vector")) == 0));
}

static int add_sweep(struct best_plot *b, const json_t *doc, struct syc_err *err)
{
	static const char *const kinds[] = { "steer", "prompt", "random" };
	const json_t *list = json_object_get(doc, "settings"), *s;
	const struct measure *m = plot_measure(b->p);
	struct setting *in = calloc(json_array_size(list) + 1, sizeof(*in));

	if (!in)
		return fail_nomem(err);
	snprintf(b->label, sizeof(b->label), "change of %s%s, 95 %% interval",
		 b->p->of == OF_MATCH || b->p->of == OF_CONTROL ? "" : "the ", m->label);
	name_series(b, "steered", "random direction, or \xe2\x80\x9csystem message\xe2\x80\x9d");
	for (size_t k = 0; k < 3; k++) {
		size_t i, n = 0;

		json_array_foreach(list, i, s) {
			const json_t *o = plot_measured(b->p, s);
			const double x = doc_number(o, m->change);

			if (strcmp(doc_text(s, "kind"), kinds[k]) == 0 && !isnan(x) &&
			    wants(b->p, s))
				in[n++] = (struct setting){ s, x, doc_number(o, m->lo),
							    doc_number(o, m->hi) };
		}
		add_sorted(b, doc, in, n, k == 2 ? 2 : EACH_WAY);
	}
	free(in);
	return 0;
}

/* Features, and sums of them, as in Figure 5 of arXiv 2310.13548. */
static void add_effects(struct best_plot *b)
{
	snprintf(b->label, sizeof(b->label),
		 "P(preferred), all else equal: 50 and 95 %% intervals");
	name_series(b, "answer with the feature", "with all of a sum");
	b->lines.rule = 0.5;
	for (size_t d = 0; d < b->p->docs.n; d++) {
		const struct doc *doc = &b->p->docs.doc[d];
		const json_t *list = json_object_get(doc->json, "effects"), *e;
		const bool docs = b->p->docs.n > 1;
		size_t i;

		json_array_foreach(list, i, e) {
			const json_t *p = json_object_get(e, "p");

			add(b, doc_number(p, "median"), doc_number(p, "lo95"),
			    doc_number(p, "hi95"),
			    json_is_true(json_object_get(e, "sum")), "%s%s%s",
			    docs ? doc->name : "", docs ? ": " : "",
			    doc_text(e, "feature"));
			lines_inner(&b->lines, doc_number(p, "lo50"),
				    doc_number(p, "hi50"));
		}
	}
}

int plot_best(const struct plot *p, struct gp *g, struct syc_err *err)
{
	const enum doc_kind kind = p->docs.doc[0].kind;
	const bool sweep = kind == DOC_SWEEP;
	struct best_plot b = {
		.p = p, .lines.nothing = "there is nothing of the chosen vector, position and "
					 "layers to compare" };
	int ret = docs_are(&p->docs, sweep || kind == DOC_PREFER ? kind : DOC_FIT, err);

	if (ret == 0 && sweep && p->docs.n > 1)
		ret = fail(err, SYC_EINVAL,
			   "--kind=best draws one sweep, not %zu", p->docs.n);
	if (ret == 0 && sweep)
		ret = add_sweep(&b, p->docs.doc[0].json, err);
	else if (ret == 0)
		(kind == DOC_PREFER ? add_effects : add_fits)(&b);
	b.lines.label = p->xlabel ? p->xlabel : b.label;
	if (ret == 0)
		ret = lines_draw(&b.lines, g, err);
	lines_free(&b.lines);
	return ret;
}
