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

enum { MAX_NAME = 52, EACH_WAY = 12 };

struct line {
	char *name;
	double x, lo, hi;
	double in_lo, in_hi;	/* of a thicker bar inside; NaN: none */
	bool hollow;
};

struct best_plot {
	const struct plot *p;
	struct line *line;	/* [n] from above */
	size_t n;
	char label[80];		/* of the axis */
	const char *full, *hollow;	/* what the marks are */
	double rule;		/* where nothing is found */
	bool inner;		/* lines have thicker bars inside */
	bool bad;
};

__attribute__((format(printf, 6, 7))) static void add(struct best_plot *b,
	double x, double lo, double hi, bool hollow, const char *fmt, ...)
{
	struct line *more = realloc(b->line, (b->n + 1) * sizeof(*more));
	va_list ap;

	b->bad |= !more;
	if (!more)
		return;
	b->line = more;
	/* What no axis can show is no number. */
	more[b->n] = (struct line){ NULL, fabs(x) < 1e12 ? x : NAN,
				    fabs(lo) < 1e12 ? lo : NAN,
				    fabs(hi) < 1e12 ? hi : NAN, NAN, NAN, hollow };
	va_start(ap, fmt);
	if (vasprintf(&more[b->n].name, fmt, ap) < 0)
		b->bad = true;
	else
		b->n++;
	va_end(ap);
}

/* ---- drawing ------------------------------------------------------------------------ */

/* The ends of the axis, how many values there are, the longest name. */
static size_t measure(const struct best_plot *b, double *lo, double *hi,
		      size_t *n_there)
{
	size_t longest = 0;

	*n_there = 0;
	*lo = *hi = b->rule;
	for (size_t i = 0; i < b->n; i++) {
		const struct line *l = &b->line[i];
		const size_t n = strlen(l->name);

		*n_there += isfinite(l->x);
		*lo = fmin(*lo, fmin(l->x, l->lo));
		*hi = fmax(*hi, fmax(l->x, l->hi));
		longest = longest < n ? n : longest;
	}
	if (!(*lo < *hi)) {
		*lo -= 0.05;
		*hi += 0.05;
	}
	return longest < MAX_NAME ? longest : MAX_NAME;
}

static void add_data(struct gp *g, const struct best_plot *b, bool hollow)
{
	size_t n = 0;

	gp_add(g, "$b%d << EOD\n", hollow);
	for (size_t i = 0; i < b->n; i++) {
		if (b->line[i].hollow != hollow || isnan(b->line[i].x))
			continue;
		gp_num(g, b->line[i].x);
		gp_add(g, " %zu", i);
		gp_num(g, isnan(b->line[i].lo) ? b->line[i].x : b->line[i].lo);
		gp_num(g, isnan(b->line[i].hi) ? b->line[i].x : b->line[i].hi);
		gp_num(g, b->line[i].in_lo);
		gp_num(g, b->line[i].in_hi);
		gp_add(g, "\n");
		n++;
	}
	gp_add(g, "%sEOD\n", n ? "" : " NaN NaN NaN NaN NaN NaN\n");
}

static void add_marks(struct gp *g, const char *data, bool hollow,
		      const char *how)
{
	how = *how ? how : " with points";
	if (g->kind == GP_TEXT)
		gp_add(g, "%s%s pointtype %d", data, how, hollow ? 15 : 24);
	else
		gp_add(g, "%s%s linecolor rgb '%s' pointtype %d pointsize 0.7 "
		       "linewidth 1.2", data, how,
		       hollow ? "#666666" : gp_color(0), hollow ? 6 : 7);
}

/* Thick, without a mark of their own. */
static void add_inner(struct gp *g, const char *data, bool hollow)
{
	gp_add(g, "%s using 5:2:($6-$5):(0) with vectors nohead", data);
	if (g->kind == GP_TEXT)
		gp_add(g, " linetype 1, ");
	else
		gp_add(g, " linecolor rgb '%s' linewidth 4, ", hollow ? "#666666" : gp_color(0));
}

static void add_panel(struct gp *g, const struct best_plot *b, double lo,
		      double hi)
{
	const double pad = 0.05 * (hi - lo);

	gp_panel(g, 0);
	gp_add(g, "set xlabel ");
	gp_text(g, b->p->xlabel ? b->p->xlabel : b->label, gp_title_room(g));
	gp_add(g, "\nset xrange [%.9g:%.9g]\nset xtics %.3g\nset yrange [%zu.5:-0.5]\nset ytics (",
	       lo - pad, hi + pad, gp_step(hi - lo), b->n - 1);
	for (size_t i = 0; i < b->n; i++) {
		gp_add(g, "%s", i ? ", " : "");
		gp_tic(g, b->line[i].name, MAX_NAME);
		gp_add(g, " %zu", i);
	}
	gp_add(g, ")\n");
	add_data(g, b, false);
	add_data(g, b, true);
	gp_add(g, "set arrow from first %.9g, graph 0 to first %.9g, graph 1 nohead %s\nplot ",
	       b->rule, b->rule,
	       g->kind == GP_TEXT ? "linetype 0" :
	       "linecolor rgb '#777777' dashtype 2 linewidth 1");
	for (int hollow = 0; hollow <= 1; hollow++) {
		gp_add(g, hollow ? ", " : "");
		if (b->inner)
			add_inner(g, hollow ? "$b1" : "$b0", hollow);
		add_marks(g, hollow ? "$b1 using 1:2:3:4" : "$b0 using 1:2:3:4",
			  hollow, " with xerrorbars");
	}
	gp_add(g, "\n");
}

static void draw(const struct best_plot *b, struct gp *g, double lo, double hi,
		 size_t longest)
{
	bool there[2] = { false, false };

	for (size_t i = 0; i < b->n; i++)
		there[b->line[i].hollow] = true;
	g->n_panels = 1;
	g->n_legend = (size_t)there[0] + there[1];
	g->legend_chars = strlen(b->hollow) > strlen(b->full) ? strlen(b->hollow) : strlen(b->full);
	g->label_chars = longest;
	g->panel_width = g->kind == GP_TEXT ? 0 : 470 + 6.4 * (double)longest;
	g->panel_height = g->kind == GP_TEXT ? 6 + 2 * (double)b->n :
					       72 + 20 * (double)b->n;
	gp_begin(g);
	gp_add(g, "set key off\n");
	add_panel(g, b, lo, hi);
	gp_add(g, "set key on\n");
	gp_legend(g);
	gp_add(g, "unset arrow\nplot ");
	for (int hollow = 0; hollow <= 1; hollow++) {
		if (!there[hollow])
			continue;
		add_marks(g, hollow && there[0] ? ", NaN" : "NaN", hollow, "");
		gp_add(g, " title ");
		gp_text(g, hollow ? b->hollow : b->full, 0);
	}
	gp_add(g, "\nunset multiplot\n");
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
	b->full = "tested on rows left out";
	b->hollow = "farthest from 1/2 on these very rows";
	b->rule = 0.5;
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
	b->full = "steered";
	b->hollow = "random direction, or \xe2\x80\x9csystem message\xe2\x80\x9d";
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

/* A feature, or a sum of them, as in Figure 5 of arXiv 2310.13548. */
static void add_effect(struct best_plot *b, const struct doc *d, const json_t *e)
{
	const json_t *p = json_object_get(e, "p");
	const bool docs = b->p->docs.n > 1, sum = json_is_true(json_object_get(e, "sum"));
	const size_t n = b->n;

	add(b, doc_number(p, "median"), doc_number(p, "lo95"), doc_number(p, "hi95"), sum, "%s%s%s",
	    docs ? d->name : "", docs ? ": " : "", doc_text(e, "feature"));
	if (b->n > n) {
		b->line[n].in_lo = doc_number(p, "lo50");
		b->line[n].in_hi = doc_number(p, "hi50");
	}
}

static void add_prefer(struct best_plot *b)
{
	snprintf(b->label, sizeof(b->label), "P(preferred), all else equal: 50 and 95 %% intervals");
	b->full = "answer with the feature";
	b->hollow = "with all of a sum";
	b->rule = 0.5;
	b->inner = true;
	for (size_t d = 0; d < b->p->docs.n; d++) {
		const json_t *list = json_object_get(b->p->docs.doc[d].json, "effects"), *e;
		size_t i;

		json_array_foreach(list, i, e)
			add_effect(b, &b->p->docs.doc[d], e);
	}
}

int plot_best(const struct plot *p, struct gp *g, struct syc_err *err)
{
	const enum doc_kind kind = p->docs.doc[0].kind;
	const bool sweep = kind == DOC_SWEEP;
	struct best_plot b = { .p = p };
	double lo, hi;
	size_t longest, n;
	int ret = docs_are(&p->docs, sweep || kind == DOC_PREFER ? kind : DOC_FIT, err);

	if (ret == 0 && sweep && p->docs.n > 1)
		ret = fail(err, SYC_EINVAL,
			   "--kind=best draws one sweep, not %zu", p->docs.n);
	if (ret == 0 && sweep)
		ret = add_sweep(&b, p->docs.doc[0].json, err);
	else if (ret == 0)
		(kind == DOC_PREFER ? add_prefer : add_fits)(&b);
	longest = measure(&b, &lo, &hi, &n);
	if (ret == 0 && b.bad)
		ret = fail_nomem(err);
	else if (ret == 0 && n == 0)
		ret = fail(err, SYC_EINVAL,
			   "there is nothing of the chosen vector, position and layers to compare");
	if (ret == 0)
		draw(&b, g, lo, hi, longest);
	for (size_t i = 0; i < b.n; i++)
		free(b.line[i].name);
	free(b.line);
	return ret;
}
