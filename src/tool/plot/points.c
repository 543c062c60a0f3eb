/* SPDX-License-Identifier: MIT */
/* Labels against scores with the fitted logistic curve: a panel per layer. */
#include "config.h"
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "syc/logit.h"
#include "syc/random.h"
#include "syc/scores.h"
#include "tool/common/fail.h"
#include "tool/plot/plot.h"

enum { CURVE_POINTS = 200 };

/* One dot of a panel. */
struct dot {
	double x, y;
	uint64_t key;
};

/* A list of what there is, for the message that asks to choose. */
static void list_sets(const struct syc_scores *s, char *out, size_t size)
{
	size_t len = 0;

	out[0] = 0;
	for (size_t i = 0; i < s->n_sets && len < size; i++)
		len += (size_t)snprintf(out + len, size - len, "%s'%s' at %s",
					i ? ", " : "", s->set[i].vector,
					s->set[i].position);
}

/* The one set that was asked for, or NULL. */
static const struct syc_scores_set *choose_set(const struct plot *p,
					       const struct syc_scores *s,
					       struct syc_err *err)
{
	const struct syc_scores_set *found = NULL;
	char there[300];
	size_t n = 0;

	for (size_t i = 0; i < s->n_sets; i++) {
		if (!plot_wants(p, s->set[i].vector, s->set[i].position))
			continue;
		found = &s->set[i];
		n++;
	}
	if (n == 1)
		return found;
	list_sets(s, there, sizeof(there));
	if (!s->n_sets)
		fail(err, SYC_EINVAL,
		     s->n_rows ? "no row has a score" : "no rows");
	else if (n == 0)
		fail(err, SYC_EINVAL,
		     "no such vector and position; there is %s", there);
	else
		fail(err, SYC_EINVAL,
		     "choose one with --vector and --position: %s", there);
	return NULL;
}

/* A number in [-0.5, 0.5) that only the row's id decides. */
static double jitter(uint64_t key)
{
	return (double)(syc_mix64(key) >> 11) * 0x1p-53 - 0.5;
}

static int by_key(const void *a, const void *b)
{
	const struct dot *p = a, *q = b;

	if (p->key != q->key)
		return (p->key > q->key) - (p->key < q->key);
	return (p->x > q->x) - (p->x < q->x);
}

static void add_dots(struct gp *g, const struct dot *d, size_t n, size_t panel,
		     int label)
{
	size_t n_there = 0;

	gp_add(g, "$p%zu_%d << EOD\n", panel, label);
	for (size_t i = 0; i < n; i++) {
		if ((d[i].y > 0.5) != label || !isfinite(d[i].x))
			continue;
		gp_num(g, d[i].x);
		gp_num(g, d[i].y);
		gp_add(g, "\n");
		n_there++;
	}
	gp_add(g, "%sEOD\n", n_there ? "" : " NaN NaN\n");
}

static void add_curve(struct gp *g, const struct syc_logit *f, double lo,
		      double hi, size_t panel)
{
	gp_add(g, "$c%zu << EOD\n", panel);
	for (int i = 0; i <= CURVE_POINTS; i++) {
		const double x = lo + (hi - lo) * i / CURVE_POINTS;

		gp_num(g, x);
		gp_num(g, syc_stat_logit_at(f, x));
		gp_add(g, "\n");
	}
	gp_add(g, "EOD\n");
}

static void add_title(struct gp *g, uint32_t layer, const struct syc_auc *a,
		      const struct syc_logit *f)
{
	char s[128];
	int len = snprintf(s, sizeof(s), "layer %" PRIu32, layer);

	if (!isnan(a->auc))
		len += snprintf(s + len, sizeof(s) - (size_t)len, ": AUC %.2f",
				a->auc);
	if (!isnan(a->lo))
		len += snprintf(s + len, sizeof(s) - (size_t)len,
				" [%.2f, %.2f]", a->lo, a->hi);
	snprintf(s + len, sizeof(s) - (size_t)len, ", n = %zu%s",
		 a->n_pos + a->n_neg,
		 f->method == SYC_LOGIT_FIRTH ? ", Firth" : "");
	gp_add(g, "set title ");
	gp_text(g, s, gp_title_room(g));
	gp_add(g, "\n");
}

/* What a label of 1 says. */
static const char *measured(const struct syc_scores *s)
{
	return s->measures ? s->measures : "sycophantic";
}

static void add_axes(struct gp *g, const struct plot *p, const struct syc_scores *s,
		     size_t panel, double lo, double hi)
{
	const double pad =
		lo < hi ? 0.04 * (hi - lo) : fmax(fabs(lo), 1e-3) * 0.05;
	char label[64];

	gp_add(g,
	       "set xrange [%.9g:%.9g]\nset yrange [-0.16:1.16]\nset xtics %.3g\n",
	       lo - pad, hi + pad, gp_step(hi - lo + 2 * pad));
	gp_add(g,
	       "set ytics ('0' 0, '' 0.25, '0.5' 0.5, '' 0.75, '1' 1)\nset xlabel ");
	gp_text(g, p->xlabel ? p->xlabel : "score", gp_title_room(g));
	gp_add(g, "\n");
	snprintf(label, sizeof(label), "P(%s)", measured(s));
	gp_ylabel(g, panel % g->cols ? "" : label, 0.2);
}

static void add_plot(struct gp *g, size_t panel, size_t n)
{
	const double size = n > 2000 ? 0.25 : n > 400 ? 0.4 : n > 50 ? 0.6 : 0.9;
	const char *const faint = n > 2000 ? "90" : n > 400 ? "50" : "20";

	if (g->kind == GP_TEXT) {
		gp_add(g,
		       "plot $p%zu_0 with points pointtype 14, $p%zu_1 with points "
		       "pointtype 19, $c%zu with lines linetype 1\n",
		       panel, panel, panel);
		return;
	}
	gp_add(g, "plot");
	for (int y = 0; y <= 1; y++)
		gp_add(g,
		       " $p%zu_%d with points pointtype %d pointsize %g linewidth 1.5 "
		       "linecolor rgb '#%s%s' notitle,",
		       panel, y, y ? 7 : 6, size, faint, gp_color((size_t)y) + 1);
	gp_add(g,
	       " $c%zu with lines linewidth 2 linecolor rgb '#222222' notitle\n",
	       panel);
}

/* Both arrays have room for the set's rows. */
static int add_panel(struct gp *g, const struct plot *p,
		     const struct syc_scores *s, const struct syc_scores_set *t,
		     size_t at, size_t panel, double *x, struct dot *d,
		     struct syc_err *err)
{
	double lo = INFINITY, hi = -INFINITY;
	struct syc_auc a;
	struct syc_logit f;

	syc_scores_column(s, t, at, x);
	if (syc_stat_auc(&a, x, t->label, t->n, err) < 0 ||
	    syc_stat_logit(&f, x, t->label, t->n, err) < 0)
		return SYC_ENOMEM;
	for (size_t i = 0; i < t->n; i++) {
		d[i] = (struct dot){ x[i],
				     t->label[i] + 0.2 * jitter(t->key[i]),
				     t->key[i] };
		lo = fmin(lo, x[i]);
		hi = fmax(hi, x[i]);
	}
	if (!(lo <= hi))
		return fail(err, SYC_EINVAL,
			    "no labeled row has a score at layer %" PRIu32,
			    s->layer[at]);
	qsort(d, t->n, sizeof(*d), by_key);
	gp_panel(g, (unsigned)panel);
	add_dots(g, d, t->n, panel, 0);
	add_dots(g, d, t->n, panel, 1);
	add_curve(g, &f, lo, hi, panel);
	add_title(g, s->layer[at], &a, &f);
	add_axes(g, p, s, panel, lo, hi);
	add_plot(g, panel, t->n);
	return 0;
}

static void add_legend(struct gp *g, const char *said)
{
	gp_legend(g);
	if (g->kind == GP_TEXT) {
		gp_add(g, "plot NaN with points pointtype 14 title 'not', "
		       "NaN with points pointtype 19 title '%s', "
		       "NaN with lines linetype 1 title 'logistic fit'\n", said);
		return;
	}
	gp_add(g,
	       "plot NaN with points pointtype 6 linecolor rgb '%s' title 'not %s', "
	       "NaN with points pointtype 7 linecolor rgb '%s' title '%s', "
	       "NaN with lines linewidth 2 linecolor rgb '#222222' title 'logistic fit'\n",
	       gp_color(0), said, gp_color(1), said);
}

static int draw(const struct plot *p, const struct syc_scores *s,
		const struct syc_scores_set *t, struct gp *g,
		struct syc_err *err)
{
	double *x = calloc(t->n + 1, sizeof(*x));
	struct dot *d = calloc(t->n + 1, sizeof(*d));
	size_t *at = NULL, n = 0;
	int ret = x && d ? plot_choose_layers(p, s->layer, s->n_layers, &at, &n,
					      err) :
			   fail_nomem(err);

	if (ret == 0) {
		g->n_panels = (unsigned)n;
		g->n_legend = 3;
		g->legend_chars = 15;
		gp_begin(g);
	}
	for (size_t i = 0; i < n && ret == 0; i++)
		ret = add_panel(g, p, s, t, at[i], i, x, d, err);
	if (ret == 0) {
		add_legend(g, measured(s));
		gp_add(g, "unset multiplot\n");
	}
	free(x);
	free(d);
	free(at);
	return ret;
}

int plot_points(const struct plot *p, struct gp *g, struct syc_err *err)
{
	struct syc_rows in = p->in;
	const struct syc_scores_set *t = NULL;
	struct syc_scores *s;
	int ret = syc_scores_read(&s, &in, NULL, err);

	if (ret == 0)
		t = choose_set(p, s, err);
	if (t)
		ret = draw(p, s, t, g, err);
	else if (ret == 0)
		ret = err->code;
	syc_scores_free(s);
	syc_rows_done(&in);
	return ret;
}
