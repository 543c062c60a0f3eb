/* SPDX-License-Identifier: MIT */
/* Studies: claims by view; extraction choices; tuning, by arm, by layer and of small sets. */
#include "config.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "tool/common/fail.h"
#include "tool/plot/chart.h"
#include "tool/plot/plot.h"

enum { MAX_NAME = 34, NAME_ROOM = 160, MARKS = 3 };

static const char *const legend[MARKS] = {
	"single vectors",
	"mean and 95 %, p (Holm) above 0.05",
	"p at most 0.05",
};

/* The contrasts of an outcome, a line each and one above for every factor. */
struct panel {
	const json_t *doc, *contrasts;
	double lo, hi;
	size_t n_lines;
};

static bool is_new_factor(const json_t *list, size_t i)
{
	return !i ||
	       strcmp(doc_text(json_array_get(list, i), "factor"),
		      doc_text(json_array_get(list, i - 1), "factor")) != 0;
}

static void reach(struct panel *p, double x)
{
	p->lo = fmin(p->lo, x);
	p->hi = fmax(p->hi, x);
}

static size_t measure(struct panel *p, const json_t *doc)
{
	const json_t *c, *e;
	size_t longest = 0, i, k;

	*p = (struct panel){ .doc = doc, .contrasts = json_object_get(doc, "contrasts") };
	json_array_foreach(p->contrasts, i, c) {
		const size_t n = strlen(doc_text(c, "level")) + 2,
			     above = strlen(doc_text(c, "factor")) +
				     strlen(doc_text(c, "reference")) + 10;

		longest = n > longest ? n : longest;
		longest = above > longest ? above : longest;
		reach(p, doc_number(c, "difference"));
		reach(p, doc_number(c, "difference_lo"));
		reach(p, doc_number(c, "difference_hi"));
		json_array_foreach(json_object_get(c, "each"), k, e)
			reach(p, json_number_value(e));
		p->n_lines += 1 + is_new_factor(p->contrasts, i);
	}
	if (!(p->lo < p->hi)) {
		p->lo -= 0.05;
		p->hi += 0.05;
	}
	return longest < MAX_NAME ? longest : MAX_NAME;
}

/* ---- drawing -------------------------------------------------------------------- */

static void add_tic(struct gp *g, const char *comma, size_t at,
		    const char *text)
{
	gp_add(g, "%s", comma);
	gp_tic(g, text, MAX_NAME);
	gp_add(g, " %zu", at);
}

static void add_names(struct gp *g, const struct panel *p)
{
	char name[NAME_ROOM];
	const json_t *c;
	size_t i, at = 0;

	gp_add(g, "set ytics (");
	json_array_foreach(p->contrasts, i, c) {
		if (is_new_factor(p->contrasts, i)) {
			snprintf(name, sizeof(name),
				 "%.60s, against %.60s:", doc_text(c, "factor"),
				 doc_text(c, "reference"));
			add_tic(g, at ? ", " : "", at, name);
			at++;
		}
		add_tic(g, ", ", at++, doc_text(c, "level"));
	}
	gp_add(g, ")\n");
}

static int mark_of(const json_t *c)
{
	return doc_number(c, "p_holm") <= 0.05 ? 2 : 1;
}

/* Single differences lie below their mean. */
static void add_points(struct gp *g, const json_t *c, size_t at, int mark,
		       size_t *n)
{
	const double x = doc_number(c, "difference"),
		     lo = doc_number(c, "difference_lo"),
		     hi = doc_number(c, "difference_hi");
	const json_t *e;
	size_t k;

	if (mark) {
		if (mark != mark_of(c) || isnan(x))
			return;
		gp_num(g, x);
		gp_add(g, " %zu", at);
		gp_num(g, isnan(lo) ? x : lo);
		gp_num(g, isnan(hi) ? x : hi);
		gp_add(g, "\n");
		++*n;
		return;
	}
	if (json_array_size(json_object_get(c, "each")) < 2)
		return;
	json_array_foreach(json_object_get(c, "each"), k, e) {
		gp_num(g, json_number_value(e));
		gp_add(g, " %zu.3\n", at);
		++*n;
	}
}

static void add_data(struct gp *g, const struct panel *p, size_t number,
		     int mark)
{
	const json_t *c;
	size_t i, at = 0, n = 0;

	gp_add(g, "$g%zu_%d << EOD\n", number, mark);
	json_array_foreach(p->contrasts, i, c) {
		at += is_new_factor(p->contrasts, i);
		add_points(g, c, at++, mark, &n);
	}
	gp_add(g, "%sEOD\n", n ? "" : " NaN NaN NaN NaN\n");
}

static void add_looks(struct gp *g, int mark)
{
	static const int text[MARKS] = {14, 24, 15}, drawn[MARKS] = {7, 6, 7};

	if (g->kind == GP_TEXT)
		gp_add(g, " pointtype %d", text[mark]);
	else
		gp_add(g,
		       " linecolor rgb '%s' pointtype %d pointsize %s linewidth 1.3",
		       mark ? gp_color(0) : "#66888888", drawn[mark],
		       mark ? "0.75" : "0.3");
}

static void add_panel(struct gp *g, const struct plot *plot,
		      const struct panel *p, size_t number)
{
	const char *outcome = doc_text(p->doc, "outcome");
	const double pad = 0.04 * (p->hi - p->lo);
	char title[NAME_ROOM];

	gp_panel(g, (unsigned)number);
	snprintf(title, sizeof(title), "%.60s, %.0f claims", outcome,
		 doc_number(p->doc, "claims"));
	gp_add(g, "set title ");
	gp_text(g, title, gp_title_room(g));
	gp_add(g, "\nset xlabel ");
	gp_text(g,
		plot->xlabel ? plot->xlabel
		: strcmp(outcome, "steering") == 0
			? "difference in the effect's change"
			: "difference in concordance",
		gp_title_room(g));
	gp_add(g,
	       "\nset xrange [%.9g:%.9g]\nset xtics %.3g\nset yrange [%zu.7:-0.6]\n",
	       p->lo - pad, p->hi + pad, gp_step(p->hi - p->lo),
	       p->n_lines - 1);
	add_names(g, p);
	for (int mark = 0; mark < MARKS; mark++)
		add_data(g, p, number, mark);
	gp_add(g,
	       "unset arrow\nset arrow from first 0, graph 0 to first 0, graph 1 nohead %s\nplot",
	       g->kind == GP_TEXT
		       ? "linetype 0"
		       : "linecolor rgb '#777777' dashtype 2 linewidth 1");
	for (int mark = 0; mark < MARKS; mark++) {
		gp_add(g,
		       mark ? ", $g%zu_%d using 1:2:3:4 with xerrorbars"
			    : " $g%zu_%d using 1:2 with points",
		       number, mark);
		add_looks(g, mark);
	}
	gp_add(g, "\n");
}

static void draw(struct gp *g, const struct plot *plot, const struct panel *p,
		 size_t n, size_t longest)
{
	size_t lines = 0;

	for (size_t i = 0; i < n; i++)
		lines = p[i].n_lines > lines ? p[i].n_lines : lines;
	g->n_panels = (unsigned)n;
	g->n_legend = MARKS;
	g->legend_chars = strlen(legend[1]);
	g->label_chars = longest;
	g->panel_width = g->kind == GP_TEXT ? 0 : 330 + 6.4 * (double)longest;
	g->panel_height = g->kind == GP_TEXT ? 7 + (double)lines
					     : 80 + 17 * (double)lines;
	gp_begin(g);
	gp_add(g, "set key off\n");
	for (size_t i = 0; i < n; i++)
		add_panel(g, plot, &p[i], i);
	gp_add(g, "set key on\n");
	gp_legend(g);
	gp_add(g, "unset arrow\nplot");
	for (int mark = 0; mark < MARKS; mark++) {
		gp_add(g, "%s NaN with points", mark ? "," : "");
		add_looks(g, mark);
		gp_add(g, " title ");
		gp_text(g, legend[mark], 0);
	}
	gp_add(g, "\nunset multiplot\n");
}

int plot_grid(const struct plot *plot, struct gp *g, struct syc_err *err)
{
	const json_t *list = json_object_get(plot->docs.doc[0].json, "grid"),
		     *o;
	struct panel *p = calloc(json_array_size(list) + 1, sizeof(*p));
	size_t n = 0, longest = 0, i;
	int ret = docs_are(&plot->docs, DOC_GRID, err);

	if (!p)
		return fail_nomem(err);
	if (ret == 0 && plot->docs.n > 1)
		ret = fail(err, SYC_EINVAL,
			   "a comparison of choices is drawn alone");
	json_array_foreach(list, i, o) {
		const size_t chars = measure(&p[n], o);

		longest = chars > longest ? chars : longest;
		n += p[n].n_lines > 0;
	}
	if (ret == 0 && !n)
		ret = fail(err, SYC_EINVAL, "there is no contrast to draw");
	if (ret == 0)
		draw(g, plot, p, n, longest);
	free(p);
	return ret;
}

/* ---- tuning -------------------------------------------------------------- */

/* On one axis; ratios, which a small divisor blows up, are left to the tables. */
static const struct {
	const char *key, *name;
} shares[] = {
	{ "p_match", "P(matching)" }, { "effect_change", "change of the view's effect" },
	{ "constant", "constant share" }, { "cosine", "cosine with the contrast vector" },
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
		json_array_foreach(all, i, set) chart_add(
			&c, panel, chart_curve(&c, CHART_DOTS, "%s", doc_text(set, "set")),
			doc_number(set, "foretold"), doc_number(set, "came"), NAN, NAN);
	}
	if (ret == 0)
		ret = chart_draw(&c, g, err);
	chart_free(&c);
	return ret;
}

/* ---- claims, by the view of who asks --------------------------------------- */

/* What orders the claims: the answer without a view, or else between both. */
static double middle(const json_t *claim)
{
	const double none = doc_number(claim, "none");

	return isnan(none) ? (doc_number(claim, "held") + doc_number(claim, "opposed")) / 2
			   : none;
}

static int by_middle(const void *a, const void *b)
{
	const double x = middle(*(const json_t *const *)a),
		     y = middle(*(const json_t *const *)b);

	/* Those without come last. */
	return isnan(x) - isnan(y) ? isnan(x) - isnan(y) : (x > y) - (x < y);
}

static int add_set(struct chart *c, const struct doc *d, struct syc_err *err)
{
	static const struct chart_axis x = { .label = "claims, by P(choice) without a view",
					     .whole = true, .own = true },
				       y = { .label = "P(choice)", .lo = 0, .hi = 1 };
	static const struct {
		const char *key, *name;
	} users[] = { { "held", "users who hold it" }, { "none", "no view" },
		      { "opposed", "users who hold the other" } };
	const json_t *all = json_object_get(d->json, "by_claim"), *claim;
	const size_t n = json_array_size(all), panel =
		chart_panel(c, &x, &y, "%.*s", (int)strcspn(d->name, "."), d->name);
	const json_t **sorted = calloc(n + 1, sizeof(*sorted));
	size_t i;

	if (!sorted)
		return fail_nomem(err);
	json_array_foreach(all, i, claim)
		sorted[i] = claim;
	qsort(sorted, n, sizeof(*sorted), by_middle);
	for (size_t u = 0; u < 3; u++) {
		const size_t curve = chart_curve(c, CHART_DOTS, "%s", users[u].name);

		for (i = 0; i < n; i++)
			chart_add(c, panel, curve, (double)i + 1,
				  doc_number(sorted[i], users[u].key), NAN, NAN);
	}
	free(sorted);
	return 0;
}

int plot_views(const struct plot *p, struct gp *g, struct syc_err *err)
{
	struct chart c = { .nothing = "no claim has an answer", .xlabel = p->xlabel };
	int ret = docs_are(&p->docs, DOC_STANCE, err);

	for (size_t i = 0; i < p->docs.n && ret == 0; i++)
		ret = add_set(&c, &p->docs.doc[i], err);
	if (ret == 0)
		ret = chart_draw(&c, g, err);
	chart_free(&c);
	return ret;
}
