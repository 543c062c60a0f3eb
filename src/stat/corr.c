/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <math.h>
#include <stdlib.h>
#include "base/err.h"
#include "base/mem.h"
#include "stat/scored.h"
#include "syc/stat.h"

/*
 * Whether each class has one score of its own: r is 1 or -1 then, and must
 * not miss it by a rounding, since p is very steep there.
 */
static bool two_points(const struct scored *s)
{
	const double x0 = s->row[0].x, y0 = s->row[0].y;
	const double x1 = s->row[s->n - 1].x;

	for (size_t i = 0; i < s->n; i++)
		if (s->row[i].x != (s->row[i].y == y0 ? x0 : x1))
			return false;
	return true;
}

/* Pearson's r of x, which becomes standardized, with the label. */
static double pearson(struct scored *s)
{
	const double rate = (double)s->n_pos / (double)s->n;
	const double y_last = s->row[s->n - 1].y;
	double mean, sd, sum = 0;
	bool exact;

	if (s->n_pos == 0 || s->n_pos == s->n)
		return NAN;
	exact = two_points(s) && s->row[0].x != s->row[s->n - 1].x;
	if (!scored_standardize(s, &mean, &sd))
		return NAN;
	if (exact)
		return y_last == 1 ? 1 : -1;
	for (size_t i = 0; i < s->n; i++)
		sum += s->row[i].x * (s->row[i].y - rate);
	/* The label's own variance is rate (1 - rate) n / (n - 1). */
	sum /= sqrt((double)(s->n - 1) * (double)s->n * rate * (1 - rate));
	return fmax(-1, fmin(1, sum));
}

static double p_of_r(double r, size_t n)
{
	const double df = (double)n - 2;

	return n > 2 ? syc_stat_t_p(r * sqrt(df / ((1 - r) * (1 + r))), df) : NAN;
}

/*
 * The influence of a row with standard scores x, y is x y - r (x^2 + y^2) / 2
 * (Devlin, Gnanadesikan & Kettenring 1975), divided by n; x is standardized.
 */
static int interval(struct syc_corr *c, const struct scored *s, struct syc_err *err)
{
	const double n = (double)s->n, rate = (double)s->n_pos / n,
		sd = sqrt(rate * (1 - rate));
	double *v = syc_calloc(s->n, sizeof(*v)), se, q;
	size_t g;

	if (!v)
		return syc_nomem(err);
	for (size_t i = 0; i < s->n; i++) {
		/* Both with n in the denominator. */
		const double x = s->row[i].x * sqrt(n / (n - 1)),
			y = (s->row[i].y - rate) / sd;

		v[i] = (x * y - c->r * (x * x + y * y) / 2) / n;
	}
	se = sqrt(scored_scatter(s, v, &g)) / (1 - c->r * c->r);
	free(v);
	q = syc_stat_t_quantile(0.05, (double)g - 1);
	if (fabs(c->r) < 1) {
		c->lo = tanh(atanh(c->r) - q * se);
		c->hi = tanh(atanh(c->r) + q * se);
	}
	if (s->n_slots)
		c->p = syc_stat_t_p(atanh(c->r) / se, (double)g - 1);
	return 0;
}

/* Midranks for the scores. */
static void rank(struct scored *s)
{
	size_t to;

	for (size_t from = 0; from < s->n; from = to) {
		const double x = s->row[from].x;

		for (to = from; to < s->n && s->row[to].x == x; to++)
			;
		for (size_t i = from; i < to; i++)
			s->row[i].x = (double)(from + to + 1) / 2;
	}
}

int syc_stat_corr_clustered(struct syc_corr *out, const double *score,
			    const int8_t *label,
			    const uint32_t *cluster, size_t n, struct syc_err *err)
{
	struct scored s;
	int ret = scored_init(&s, score, label, cluster, n, err);

	*out = (struct syc_corr){ .n = s.n, .r = NAN, .p = NAN, .lo = NAN, .hi = NAN,
				  .rho = NAN, .rho_p = NAN };
	if (ret == 0 && s.n > 1) {
		out->r = pearson(&s);
		out->p = p_of_r(out->r, s.n);
		if (!isnan(out->r))
			ret = interval(out, &s, err);
	}
	scored_free(&s);
	if (ret == 0)
		ret = scored_init(&s, score, label, NULL, n, err);
	if (ret == 0 && s.n > 1) {
		rank(&s);
		out->rho = pearson(&s);
		out->rho_p = cluster ? NAN : p_of_r(out->rho, s.n);
	}
	scored_free(&s);
	return ret;
}

int syc_stat_corr(struct syc_corr *out, const double *score,
		  const int8_t *label, size_t n,
		  struct syc_err *err)
{
	return syc_stat_corr_clustered(out, score, label, NULL, n, err);
}
