/* SPDX-License-Identifier: MIT */
/* Least squares of a number on one score. */
#include "config.h"
#include <math.h>
#include <stdlib.h>
#include "base/err.h"
#include "base/mem.h"
#include "stat/correlate.h"
#include "syc/regress.h"

/*
 * Residuals of y on x, standard both, in v, times what each row adds to the
 * slope; the sum of their weighted squares.
 */
static double residuals(const struct scored *s, double r, double *v)
{
	double sum = 0;

	for (size_t i = 0; i < s->n; i++) {
		const struct pair *p = &s->row[i];
		const double e = p->y - r * p->x;

		sum += p->w * e * e;
		v[i] = p->w * p->x * e;
	}
	return sum;
}

/* se and its degrees of freedom, in outcomes of standard deviation 1. */
static int error(struct syc_line *f, const struct scored *s, double r, double *df,
		 struct syc_err *err)
{
	const double n = (double)s->n;
	double *v = syc_calloc(s->n, sizeof(*v)), square;
	size_t g;

	if (!v)
		return syc_nomem(err);
	square = residuals(s, r, v);
	if (!s->n_slots && !s->weighted) {
		f->se = sqrt(square / (n - 2) / (n - 1));
		*df = n - 2;
	} else {
		square = scored_scatter(s, v, &g);
		f->n_clusters = s->n_slots ? g : 0;
		square *= s->n_slots ? (n - 1) / (n - 2) : n / (n - 2);
		f->se = sqrt(square) / (n - 1);
		*df = (double)g - 1;
	}
	free(v);
	return 0;
}

static void test(struct syc_line *f, double df)
{
	const double q = syc_stat_t_quantile(0.05, df);

	f->t = f->slope / f->se;
	f->p = syc_stat_t_p(f->t, df);
	f->lo = f->slope - q * f->se;
	f->hi = f->slope + q * f->se;
}

static int fit(struct syc_line *f, struct scored *s, struct syc_err *err)
{
	const double r = f->r;
	double mean, sd, df = NAN;
	int ret;

	scored_standardize(s, &f->mean, &f->sd);
	scored_standardize_outcome(s, &mean, &sd);
	ret = error(f, s, r, &df, err);
	f->intercept = mean;
	f->slope = r * sd;
	f->se *= sd;
	f->r2 = r * r;
	test(f, df);
	return ret;
}

static int correlations(struct syc_line *f, const struct scored *s, struct syc_err *err)
{
	struct correlation r, rho;
	int ret = correlate(&r, s, 3, err);

	if (ret == 0)
		ret = correlate_ranks(&rho, s, err);
	if (ret < 0)
		return ret;
	f->r = r.r;
	f->r_lo = r.lo;
	f->r_hi = r.hi;
	f->rho = rho.r;
	f->rho_lo = rho.lo;
	f->rho_hi = rho.hi;
	f->rho_p = (s->n_slots || s->weighted) && fabs(rho.r) < 1 ?
		rho.p : correlate_p(rho.r, s->n);
	return 0;
}

static const char *why(const struct scored *s)
{
	bool same = true, one = s->n_slots > 0;

	for (size_t i = 0; i < s->n; i++) {
		same &= s->row[i].y == s->row[0].y;
		one &= s->row[i].c == s->row[0].c;
	}
	if (s->n < 3)
		return s->n ? "fewer than three rows" : "no rows";
	if (one)
		return "one cluster only";
	if (s->row[0].x == s->row[s->n - 1].x)
		return "all scores are equal";
	return same ? "all outcomes are equal" : NULL;
}

int syc_stat_line(struct syc_line *out, const double *score, const double *outcome,
		  size_t n, const struct syc_stat_opts *o, struct syc_err *err)
{
	const struct scored_in in = { .score = score, .outcome = outcome, .n = n,
				      .cluster = o ? o->cluster : NULL,
				      .weight = o ? o->weight : NULL };
	struct scored s;
	int ret = scored_fill(&s, &in, err);

	*out = (struct syc_line){ .n = s.n, .mean = NAN, .sd = NAN, .intercept = NAN,
				  .slope = NAN, .se = NAN, .t = NAN, .p = NAN,
				  .lo = NAN, .hi = NAN, .r = NAN, .r_lo = NAN,
				  .r_hi = NAN, .r2 = NAN, .rho = NAN, .rho_p = NAN,
				  .rho_lo = NAN, .rho_hi = NAN };
	if (ret < 0)
		return ret;
	out->why = why(&s);
	if (!out->why) {
		ret = correlations(out, &s, err);
		if (ret == 0)
			ret = fit(out, &s, err);
	}
	scored_free(&s);
	return ret;
}

double syc_stat_line_at(const struct syc_line *f, double score)
{
	return f->intercept + f->slope * ((score - f->mean) / f->sd);
}
