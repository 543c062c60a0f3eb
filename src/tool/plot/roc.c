/* SPDX-License-Identifier: MIT */
/* ROC curves of scored rows: a panel per layer, a curve per vector and position. */
#include "config.h"
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "syc/scores.h"
#include "syc/stat.h"
#include "tool/plot/chart.h"
#include "tool/common/fail.h"
#include "tool/plot/plot.h"

static const struct chart_axis x_axis = {
	.label = "false positives, share of the others", .lo = -0.02, .hi = 1.02};
static const struct chart_axis y_axis = { .label = "true positives", .lo = -0.02, .hi = 1.02 };

struct roc_plot {
	const struct plot *p;
	const struct syc_scores *s;
	size_t *at, n_at;	/* layers, as places in s->layer */
	struct chart chart;
};

struct scored {
	double x;
	int label;
};

static int falling(const void *a, const void *b)
{
	const double x = ((const struct scored *)a)->x,
		     y = ((const struct scored *)b)->x;

	return (x < y) - (x > y);
}

/* The corners: a tie is a slope; a run of one class ends at its end. */
static void add_corners(struct chart *c, size_t panel, size_t curve,
			struct scored *r, size_t n, size_t pos)
{
	size_t tp = 0, fp = 0;
	int before = -1;	/* the class of the step before; 2: both */

	qsort(r, n, sizeof(*r), falling);
	for (size_t i = 0, to; i < n; i = to) {
		size_t up = 0, over = 0;
		int now;

		for (to = i; to < n && r[to].x == r[i].x; to++) {
			up += r[to].label == 1;
			over += r[to].label == 0;
		}
		now = up && over ? 2 : up > 0;
		if (now != before || now == 2)
			chart_add(c, panel, curve,
				  (double)fp / (double)(n - pos),
				  (double)tp / (double)pos, NAN, NAN);
		before = now;
		tp += up;
		fp += over;
	}
	chart_add(c, panel, curve, 1, 1, NAN, NAN);
}

/* With one curve to a panel, the title gives its area. */
static int add_layer(struct roc_plot *a, const struct syc_scores_set *t,
		     size_t at, bool alone, double *x, struct scored *r,
		     struct syc_err *err)
{
	const uint32_t layer = a->s->layer[at];
	size_t n = 0, pos = 0, panel;
	struct syc_auc auc;

	syc_scores_column(a->s, t, at, x);
	if (syc_stat_auc(&auc, x, t->label, t->n, err) < 0)
		return SYC_ENOMEM;
	if (isnan(auc.auc))
		return 0;
	for (size_t i = 0; i < t->n; i++) {
		if (!isfinite(x[i]) || t->label[i] < 0)
			continue;
		r[n++] = (struct scored){ x[i], t->label[i] };
		pos += t->label[i] == 1;
	}
	if (alone)
		panel = chart_panel(&a->chart, &x_axis, &y_axis,
				    "layer %" PRIu32
				    ": AUC %.2f [%.2f, %.2f], n = %zu",
				    layer, auc.auc, auc.lo, auc.hi, n);
	else
		panel = chart_panel(&a->chart, &x_axis, &y_axis,
				    "layer %" PRIu32, layer);
	if (!a->chart.bad)
		a->chart.panel[panel].diagonal = true;
	add_corners(&a->chart, panel,
		    chart_curve(&a->chart, CHART_LINE, "%s, %s", t->vector,
				t->position),
		    r, n, pos);
	return 0;
}

static int fill(struct roc_plot *a, struct syc_err *err)
{
	size_t most = 0, n_sets = 0;
	struct scored *r;
	double *x;
	int ret = 0;

	for (size_t i = 0; i < a->s->n_sets; i++) {
		most = a->s->set[i].n > most ? a->s->set[i].n : most;
		n_sets += plot_wants(a->p, a->s->set[i].vector,
				     a->s->set[i].position);
	}
	x = calloc(most + 1, sizeof(*x));
	r = calloc(most + 1, sizeof(*r));
	if (!x || !r)
		ret = fail_nomem(err);
	for (size_t k = 0; k < a->n_at && ret == 0; k++)
		for (size_t i = 0; i < a->s->n_sets && ret == 0; i++)
			if (plot_wants(a->p, a->s->set[i].vector,
				       a->s->set[i].position))
				ret = add_layer(a, &a->s->set[i], a->at[k],
						n_sets == 1, x, r, err);
	free(x);
	free(r);
	return ret;
}

int plot_roc(const struct plot *p, struct gp *g, struct syc_err *err)
{
	struct syc_rows in = p->in;
	struct syc_scores *s;
	struct roc_plot a = { .p = p, .chart = { .xlabel = p->xlabel, .nothing =
		"no curve is defined: the chosen scores need rows of both labels" } };
	int ret = syc_scores_read(&s, &in, NULL, err);

	a.s = s;
	if (ret == 0 && !s->n_sets)
		ret = fail(err, SYC_EINVAL,
			   s->n_rows ? "no row has a score" : "no rows");
	if (ret == 0)
		ret = plot_choose_layers(p, s->layer, s->n_layers, &a.at,
					 &a.n_at, err);
	if (ret == 0)
		ret = fill(&a, err);
	if (ret == 0)
		ret = chart_draw(&a.chart, g, err);
	chart_free(&a.chart);
	free(a.at);
	syc_scores_free(s);
	syc_rows_done(&in);
	return ret;
}
