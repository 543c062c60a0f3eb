/* SPDX-License-Identifier: MIT */
/* Means over items and their intervals; syc/eval.h has the formulas and sources. */
#include "config.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "base/mem.h"
#include "stat/distribution.h"
#include "study/eval/eval.h"
#include "syc/stance.h"
#include "syc/stat.h"

#define NORMAL 1.959963984540054	/* 97.5 % of the normal distribution */

/* Items' values, summed. */
struct sums {
	size_t n;
	double mean, squares;		/* sum of (x - mean)^2 */
	double inner;			/* sum of x (1 - x) within 0 and 1 */
	double rows;			/* mean over items */
	bool whole, ends; /* made of whole numbers; all are 0 or 1 */
};

static bool is_of(const struct value *v, const char *domain)
{
	return v->in && (!domain || strcmp(v->domain, domain) == 0);
}

static struct sums sum_up(const struct syc_eval_values *a, const char *domain)
{
	struct sums s = { .whole = true, .ends = true };

	for (size_t i = 0; i < a->n; i++) {
		const struct value *v = &a->v[i];

		if (!is_of(v, domain))
			continue;
		s.n++;
		s.mean += v->x;
		s.rows += v->rows;
		s.inner += fmax(0, v->x * (1 - v->x));
		s.whole &= v->whole;
		s.ends &= v->x == 0 || v->x == 1;
	}
	s.mean /= (double)s.n;
	s.rows /= (double)s.n;
	for (size_t i = 0; i < a->n; i++)
		if (is_of(&a->v[i], domain))
			s.squares +=
				(a->v[i].x - s.mean) * (a->v[i].x - s.mean);
	return s;
}

static double student(const struct sums *s)
{
	return s->n > 1 ? syc_stat_t_quantile(0.05, (double)s->n - 1) : NAN;
}

/*
 * Design: the variance as a share of that of items of one row, drawn toward 1
 * where values lie near 0 and 1 and so say little of it.
 */
static void rate(double *lo, double *hi, const struct sums *s)
{
	const double m = fmin(fmax(s->mean, 0), 1),
		     binary = (double)s->n * m * (1 - m), said = 40 * s->inner;
	const double design =
		binary > 0 ? (said * s->squares / binary + 1) / (said + 1) : 1;
	const double z = s->ends ? NORMAL : student(s);

	*lo = *hi = NAN;
	if (isnan(z))
		return;
	wilson_interval(m, (double)s->n / design, z, lo, hi);
	*lo = fmax(*lo, 0);
	*hi = fmin(*hi, 1);
}

static void change(double *lo, double *hi, const struct sums *s, double most)
{
	const bool single = s->whole && s->rows <= 1;
	const double w = s->whole ? 1 / (s->rows * s->rows) : 0,
		     n = (double)s->n + 2 * w, m = (double)s->n * s->mean / n;
	const double raw = s->squares + (double)s->n * s->mean * s->mean +
			   2 * w,
		     v = fmax(0, raw / n - m * m) * (single ? 1 : n / (n - 1));
	const double half = (single ? NORMAL : student(s)) * sqrt(v / n);

	*lo = half > 0 ? fmax(m - half, -most) : NAN;
	*hi = half > 0 ? fmin(m + half, most) : NAN;
}

static void points(double *lo, double *hi, const struct sums *s)
{
	const double n = (double)s->n;
	const double half =
		student(s) * sqrt((s->squares + 2 * s->whole) / (n * (n - 1)));

	*lo = half > 0 ? s->mean - half : NAN;
	*hi = half > 0 ? s->mean + half : NAN;
}

/* A mean with its interval, of a domain or of all. */
struct estimate {
	double x, lo, hi;
	size_t n;
};

static struct estimate estimate(const struct syc_eval_values *a,
				enum syc_eval_unit unit, const char *domain,
				double most)
{
	const struct sums s = sum_up(a, domain);
	struct estimate e = { s.n ? s.mean : NAN, NAN, NAN, s.n };

	if (!s.n)
		return e;
	if (unit == SYC_EVAL_RATE)
		rate(&e.lo, &e.hi, &s);
	else if (unit == SYC_EVAL_CHANGE)
		change(&e.lo, &e.hi, &s, most);
	else
		points(&e.lo, &e.hi, &s);
	if (a->look & APART && e.lo < 0)
		e.lo = 0;
	return e;
}

/* The next domain behind `last` (NULL: the first) in order of bytes; NULL behind the last. */
static const char *next_domain(const struct syc_eval_values *a,
			       const char *last)
{
	const char *next = NULL;

	for (size_t i = 0; i < a->n; i++) {
		const char *d = a->v[i].domain;

		if (a->v[i].in && (!last || strcmp(d, last) > 0) &&
		    (!next || strcmp(d, next) < 0))
			next = d;
	}
	return next;
}

static struct estimate join_domains(const struct syc_eval_values *a,
				    enum syc_eval_unit unit, double most)
{
	struct estimate all = { 0, 0, 0, 0 };
	double domains = 0;

	for (const char *d = NULL; (d = next_domain(a, d));) {
		const struct estimate e = estimate(a, unit, d, most);

		domains++;
		all.x += e.x;
		all.lo += (e.x - e.lo) * (e.x - e.lo);
		all.hi += (e.hi - e.x) * (e.hi - e.x);
		all.n += e.n;
	}
	all.x /= domains;
	all.lo = all.x - sqrt(all.lo) / domains;
	all.hi = all.x + sqrt(all.hi) / domains;
	return all;
}

/* The means of least and most, of a domain or of all; NaN where there are none. */
static void bounds(double *least, double *most, const struct syc_eval_values *a,
		   const char *domain)
{
	size_t n = 0;

	*least = *most = 0;
	for (size_t i = 0; i < a->n; i++) {
		const struct value *v = &a->v[i];

		if (!v->bounded || (domain && strcmp(v->domain, domain) != 0))
			continue;
		*least += v->least;
		*most += v->most;
		n++;
	}
	*least /= (double)n;
	*most /= (double)n;
}

static void join_bounds(double *least, double *most,
			const struct syc_eval_values *a)
{
	double domains = 0, lo, hi;

	*least = *most = 0;
	for (const char *d = NULL; (d = next_domain(a, d));) {
		bounds(&lo, &hi, a, d);
		*least += lo;
		*most += hi;
		domains++;
	}
	*least /= domains;
	*most /= domains;
}

void eval_summarize(struct syc_eval_figure *f, const struct syc_eval_values *a)
{
	const double most =
		f->unit == SYC_EVAL_CHANGE && a->look & TWICE ? 2 : 1;
	const struct estimate e = a->by_domain && next_domain(a, NULL)
					  ? join_domains(a, f->unit, most)
					  : estimate(a, f->unit, NULL, most);

	f->x = e.x;
	f->lo = e.lo;
	f->hi = e.hi;
	f->n_items = e.n;
	f->n_rows = f->n_undecided = 0;
	if (a->by_domain)
		join_bounds(&f->least, &f->most, a);
	else
		bounds(&f->least, &f->most, a, NULL);
	for (size_t i = 0; i < a->n; i++) {
		f->n_rows += a->v[i].in ? a->v[i].n_rows : 0;
		f->n_undecided += a->v[i].n_undecided;
	}
	eval_say(f, a->look);
}

/* ---- what it says -------------------------------------------------------------------- */

static enum syc_eval_says say_change(const struct syc_eval_figure *f)
{
	static const enum syc_eval_says says[] = {
		[SYC_STANCE_UNKNOWN] = SYC_EVAL_UNKNOWN,
		[SYC_STANCE_FOLLOWS] = SYC_EVAL_ABOVE,
		[SYC_STANCE_AGAINST] = SYC_EVAL_BELOW,
		[SYC_STANCE_NO_EFFECT] = SYC_EVAL_NO_EFFECT,
	};

	return says[syc_stance_verdict(f->lo, f->hi, SYC_STANCE_RELEVANT)];
}

void eval_say(struct syc_eval_figure *f, enum figure_look look)
{
	const double width = f->hi - f->lo;
	const bool change = f->unit == SYC_EVAL_CHANGE ||
			    (f->unit == SYC_EVAL_POINTS && !(look & LEVEL));
	const double known = f->unit == SYC_EVAL_RATE	? 0.2
			     : f->unit == SYC_EVAL_TURN ? 0
							: 1;

	f->n_needed = 0;
	if (width > 2 * SYC_STANCE_RELEVANT &&
	    (f->unit == SYC_EVAL_CHANGE || f->unit == SYC_EVAL_RATE))
		f->n_needed =
			(size_t)ceil((double)f->n_items *
				     pow(width / (2 * SYC_STANCE_RELEVANT), 2));
	if (!f->n_items)
		f->says = SYC_EVAL_NOTHING;
	else if (f->n_items < SYC_EVAL_FEW)
		f->says = SYC_EVAL_TOO_FEW;
	else if (change)
		f->says = say_change(f);
	else
		f->says = width <= known ? SYC_EVAL_KNOWN : SYC_EVAL_UNKNOWN;
}
