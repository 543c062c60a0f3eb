/* SPDX-License-Identifier: MIT */
/*
 * The area under the ROC curve and its variance.  With the scores sorted, a
 * row's placement (the share of the other class that it beats, ties half) is
 * the same for all rows of one group of ties, so two passes over the groups
 * give what DeLong's definition takes from all pairs.
 */
#include "config.h"
#include <math.h>
#include "stat/sample.h"
#include "syc/stat.h"

static const double z95 = 1.959963984540054;	/* normal quantile of 0.975 */

/* Rows [from, to) share one score. */
struct group {
	size_t from, to;
	double pos, neg;		/* rows in it */
	double pos_below, neg_below;	/* rows under it */
};

/* Advance to the next group; false at the end. */
static bool next_group(const struct sample *s, struct group *g)
{
	g->from = g->to;
	g->pos_below += g->pos;
	g->neg_below += g->neg;
	g->pos = g->neg = 0;
	while (g->to < s->n && s->row[g->to].x == s->row[g->from].x) {
		g->pos += s->row[g->to].y;
		g->neg += 1 - s->row[g->to].y;
		g->to++;
	}
	return g->from < g->to;
}

/* Halves and whole numbers: exact below 2^52. */
static double area(const struct sample *s)
{
	const double m = (double)s->n_pos, n = (double)(s->n - s->n_pos);
	struct group g = { 0 };
	double wins = 0;

	while (next_group(s, &g))
		wins += g.pos * (g.neg_below + g.neg / 2);
	return wins / (m * n);
}

static double variance(const struct sample *s, double auc)
{
	const double m = (double)s->n_pos, n = (double)(s->n - s->n_pos);
	struct group g = { 0 };
	double sx = 0, sy = 0;

	while (next_group(s, &g)) {
		const double x = (g.neg_below + g.neg / 2) / n - auc;
		const double y = 1 - (g.pos_below + g.pos / 2) / m - auc;

		sx += g.pos * x * x;
		sy += g.neg * y * y;
	}
	return sx / (m - 1) / m + sy / (n - 1) / n;
}

static double logistic(double x)
{
	return 1 / (1 + exp(-x));
}

static void intervals(struct syc_auc *a)
{
	const double odd = log(a->auc) - log1p(-a->auc);
	const double half = z95 * a->se / (a->auc * (1 - a->auc));

	a->plain_lo = fmax(a->auc - z95 * a->se, 0);
	a->plain_hi = fmin(a->auc + z95 * a->se, 1);
	if (a->auc > 0 && a->auc < 1) {
		a->lo = logistic(odd - half);
		a->hi = logistic(odd + half);
	}
}

int syc_stat_auc(struct syc_auc *out, const double *score, const int8_t *label,
		 size_t n, struct syc_err *err)
{
	struct sample s;
	int ret;

	*out = (struct syc_auc){ .auc = NAN, .se = NAN, .lo = NAN, .hi = NAN,
				 .plain_lo = NAN, .plain_hi = NAN };
	ret = sample_init(&s, score, label, n, err);
	if (ret < 0)
		return ret;
	out->n_pos = s.n_pos;
	out->n_neg = s.n - s.n_pos;
	out->n_dropped = s.n_dropped;
	if (out->n_pos && out->n_neg)
		out->auc = area(&s);
	if (out->n_pos > 1 && out->n_neg > 1) {
		/* All placements are alike there, whatever they round to. */
		const bool edge = out->auc == 0 || out->auc == 1;

		out->se = edge ? 0 : sqrt(variance(&s, out->auc));
		intervals(out);
	}
	sample_free(&s);
	return 0;
}
