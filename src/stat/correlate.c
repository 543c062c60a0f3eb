/* SPDX-License-Identifier: MIT */
/*
 * Pearson's and Spearman's correlation.  An interval is made of what each row
 * adds to the estimate, its influence: n times the change of r when the row
 * counts a little more.
 */
#include "config.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "base/mem.h"
#include "stat/correlate.h"
#include "syc/stat.h"

/*
 * Rows that tell as much as a model: its weight is MODEL / (MODEL + n).  That
 * and the powers were chosen for how often intervals hold at n = 20
 * (tests/interval_coverage).
 */
#define MODEL 20.0
#define LIFT 0.85
#define LIFT_RANKS 0.5

double correlate_p(double r, size_t n)
{
	const double df = (double)n - 2;

	return n > 2 ? syc_stat_t_p(r * sqrt(df / ((1 - r) * (1 + r))), df) : NAN;
}

static int copy(struct scored *to, const struct scored *s, struct syc_err *err)
{
	*to = *s;
	to->row = syc_calloc(s->n, sizeof(*to->row));
	if (!to->row)
		return syc_nomem(err);
	memcpy(to->row, s->row, s->n * sizeof(*s->row));
	return 0;
}

/*
 * Whether x and y have two values each that go together: r is 1 or -1 then, and
 * must not miss it by a rounding, since p is very steep there.
 */
static bool two_points(const struct scored *s)
{
	const double x0 = s->row[0].x, x1 = s->row[s->n - 1].x;
	const double y0 = s->row[0].y, y1 = s->row[s->n - 1].y;

	for (size_t i = 0; i < s->n; i++) {
		const struct pair *p = &s->row[i];

		if (!(p->x == x0 && p->y == y0) && !(p->x == x1 && p->y == y1))
			return false;
	}
	return x0 != x1 && y0 != y1;
}

/* r of x and y, which become standardized. */
static double pearson(struct scored *s)
{
	const double up = s->n ? s->row[s->n - 1].y - s->row[0].y : 0;
	const bool exact = s->n && two_points(s);
	double mean, sd, sum = 0;

	if (!scored_standardize(s, &mean, &sd) ||
	    !scored_standardize_outcome(s, &mean, &sd))
		return NAN;
	if (exact)
		return up > 0 ? 1 : -1;
	for (size_t i = 0; i < s->n; i++)
		sum += s->row[i].w * s->row[i].x * s->row[i].y;
	sum /= (double)(s->n - 1);
	return fabs(sum) > 1 - 1e-14 ? copysign(1, sum) : sum;
}

/* As many rows as the weighted ones tell as much as (Kish). */
static double worth(const struct scored *s)
{
	double square = 0;

	for (size_t i = 0; i < s->n; i++)
		square += s->row[i].w * s->row[i].w;
	return (double)s->n * (double)s->n / square;
}

/*
 * The influence v of a row that r leans on is too small, as residuals are in a
 * regression: divided by a power of 1 - h, with h the row's share of the plane's
 * two axes and the mean (HC2 has 1/2, HC3 has 1; MacKinnon & White 1985).
 */
static void lift(const struct scored *s, double r, double power, double *v)
{
	const double n = (double)s->n, unit = n / (n - 1);

	for (size_t i = 0; i < s->n; i++) {
		const struct pair *p = &s->row[i];
		const double far = unit * (p->x * p->x + p->y * p->y -
					   2 * r * p->x * p->y) / ((1 - r) * (1 + r));

		v[i] /= pow(fmax(1 - p->w * (1 + far) / n, 1e-9), power);
	}
}

/*
 * The interval on Fisher's scale, v [n] being the rows' influences over n,
 * lifted.  model is n - 3 times the variance there by a model.
 */
static void interval(struct correlation *c, const struct scored *s, const double *v,
		     double model)
{
	const double n = worth(s), scale = (1 - c->r) * (1 + c->r);
	const double w = MODEL / (MODEL + n);
	double var, q, mid, rows;
	size_t g;

	var = scored_scatter(s, v, &g) / (scale * scale);
	rows = s->n_slots ? (double)g : n;
	if (!s->n_slots)
		var = n > 3 ? (1 - w) * var + w * model / (n - 3) : INFINITY;
	q = syc_stat_t_quantile(0.05, s->n_slots ? (double)g - 1 : INFINITY);
	/* What the mean of atanh(r) is too far from 0 (Hotelling 1953). */
	mid = atanh(c->r) - c->r / (2 * (rows - 1));
	c->lo = tanh(mid - q * sqrt(var));
	c->hi = tanh(mid + q * sqrt(var));
	c->p = syc_stat_t_p(atanh(c->r) / sqrt(var), (double)g - 1);
}

/*
 * The influence of a row with standard scores x, y is x y - r (x^2 + y^2) / 2
 * (Devlin, Gnanadesikan & Kettenring 1975).
 */
static void influence(const struct scored *s, double r, double *v)
{
	const double n = (double)s->n, unit = n / (n - 1);

	for (size_t i = 0; i < s->n; i++) {
		const struct pair *p = &s->row[i];

		v[i] = p->w * unit / n *
		       (p->x * p->y - r * (p->x * p->x + p->y * p->y) / 2);
	}
}

int correlate(struct correlation *c, const struct scored *given, double kurtosis,
	      struct syc_err *err)
{
	struct scored s;
	double *v = syc_calloc(given->n, sizeof(*v));

	*c = (struct correlation){ NAN, NAN, NAN, NAN };
	if (!v || copy(&s, given, err) < 0) {
		free(v);
		return syc_nomem(err);
	}
	c->r = pearson(&s);
	if (fabs(c->r) < 1) {
		influence(&s, c->r, v);
		lift(&s, c->r, LIFT, v);
		/* Of a line with normal residuals (Tate 1954 for two values). */
		interval(c, &s, v, 1 + c->r * c->r * (kurtosis - 3) / 4);
	}
	free(v);
	free(s.row);
	return 0;
}

/* A row's number, its weight's share, and its place in the rows. */
struct item {
	double v, w;
	size_t at;
};

static int by_value(const void *a, const void *b)
{
	const struct item *p = a, *q = b;

	if (p->v != q->v)
		return (p->v > q->v) - (p->v < q->v);
	return (p->at > q->at) - (p->at < q->at);
}

static size_t ties(const struct item *it, size_t n, size_t from)
{
	size_t to = from;

	while (to < n && it[to].v == it[from].v)
		to++;
	return to;
}

/* The share of rows below, ties half, less 1/2, of each row. */
static void places(const struct item *it, size_t n, double *out)
{
	double below = 0, here;
	size_t to;

	for (size_t from = 0; from < n; from = to, below += here) {
		here = 0;
		to = ties(it, n, from);
		for (size_t i = from; i < to; i++)
			here += it[i].w;
		for (size_t i = from; i < to; i++)
			out[it[i].at] = below + here / 2 - 0.5;
	}
}

/* The mean over rows of g, of those above a row (ties half), of each row. */
static void above(const struct item *it, size_t n, const double *g, double *out)
{
	double all = 0, here;
	size_t to;

	for (size_t i = 0; i < n; i++)
		all += it[i].w * g[it[i].at];
	for (size_t from = 0; from < n; from = to, all -= here) {
		here = 0;
		to = ties(it, n, from);
		for (size_t i = from; i < to; i++)
			here += it[i].w * g[it[i].at];
		for (size_t i = from; i < to; i++)
			out[it[i].at] = all - here / 2;
	}
}

static double mean_product(const struct scored *s, const double *a, const double *b)
{
	double sum = 0;

	for (size_t i = 0; i < s->n; i++)
		sum += s->row[i].w * a[i] * b[i];
	return sum / (double)s->n;
}

struct ranking {
	struct item *x, *y;	/* [n] in order */
	double *a, *b;		/* [n] places by x and y */
	/* [n] means above a row by x of b and a, by y of a and b */
	double *xb, *xa, *ya, *yb;
};

static int ranking_init(struct ranking *k, const struct scored *s, struct syc_err *err)
{
	const size_t n = s->n;

	*k = (struct ranking){ .x = syc_calloc(n, 2 * sizeof(*k->x)),
			       .a = syc_calloc(n, 6 * sizeof(*k->a)) };
	if (!k->x || !k->a)
		return syc_nomem(err);
	k->y = k->x + n;
	k->b = k->a + n;
	k->xb = k->b + n;
	k->xa = k->xb + n;
	k->ya = k->xa + n;
	k->yb = k->ya + n;
	for (size_t i = 0; i < n; i++) {
		const double w = s->row[i].w / (double)n;

		k->x[i] = (struct item){ s->row[i].x, w, i };
		k->y[i] = (struct item){ s->row[i].y, w, i };
	}
	qsort(k->x, n, sizeof(*k->x), by_value);
	qsort(k->y, n, sizeof(*k->y), by_value);
	places(k->x, n, k->a);
	places(k->y, n, k->b);
	above(k->x, n, k->b, k->xb);
	above(k->x, n, k->a, k->xa);
	above(k->y, n, k->a, k->ya);
	above(k->y, n, k->b, k->yb);
	return 0;
}

/*
 * A row moves the covariance of places by its own product and by the places of
 * all rows above it (Croux & Dehon 2010), and their variances likewise, which
 * ties make random.
 */
static void rank_influence(const struct ranking *k, const struct scored *s, double r,
			   double *v)
{
	const double xy = mean_product(s, k->a, k->b), xx = mean_product(s, k->a, k->a),
		     yy = mean_product(s, k->b, k->b), sd = sqrt(xx * yy);

	for (size_t i = 0; i < s->n; i++) {
		const double a = k->a[i], b = k->b[i];
		const double num = a * b + k->xb[i] + k->ya[i] - 3 * xy;
		const double x = (a * a + 2 * k->xa[i]) / xx - 3,
			     y = (b * b + 2 * k->yb[i]) / yy - 3;

		v[i] = s->row[i].w / (double)s->n * (num / sd - r / 2 * (x + y));
	}
}

int correlate_ranks(struct correlation *c, const struct scored *given,
		    struct syc_err *err)
{
	struct ranking k;
	struct scored s = { 0 };
	double *v = syc_calloc(given->n, sizeof(*v));
	int ret = v ? ranking_init(&k, given, err) : syc_nomem(err);

	*c = (struct correlation){ NAN, NAN, NAN, NAN };
	if (!v)
		return ret;
	if (ret == 0)
		ret = copy(&s, given, err);
	for (size_t i = 0; i < s.n && ret == 0; i++) {
		s.row[i].x = k.a[i];
		s.row[i].y = k.b[i];
	}
	if (ret == 0)
		c->r = pearson(&s);
	if (fabs(c->r) < 1) {
		rank_influence(&k, &s, c->r, v);
		lift(&s, c->r, LIFT_RANKS, v);
		/* Bonett & Wright 2000 */
		interval(c, &s, v, 1 + c->r * c->r / 2);
	}
	free(s.row);
	free(v);
	free(k.x);
	free(k.a);
	return ret;
}
