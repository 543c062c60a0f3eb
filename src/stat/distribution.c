/* SPDX-License-Identifier: MIT */
/* The normal, Student's, and that of given numbers: tails, quantiles, intervals of shares. */
#include "config.h"
#include <math.h>
#include <stdlib.h>
#include "base/err.h"
#include "base/mem.h"
#include "stat/distribution.h"
#include "syc/stat.h"

double syc_stat_normal_p(double z)
{
	return erfc(fabs(z) * 0.70710678118654752440);
}

double normal_quantile(double p)
{
	const double q = fmin(p, 1 - p), t = sqrt(-2 * log(q));
	/* Abramowitz & Stegun 26.2.23, to 4.5e-4; Halley's steps bring the rest */
	double z = t - (2.515517 + t * (0.802853 + t * 0.010328)) /
			       (1 + t * (1.432788 + t * (0.189269 + t * 0.001308)));

	for (int i = 0; i < 2; i++) {
		const double off = (0.5 * erfc(z * 0.70710678118654752440) - q) *
				   2.50662827463100050242 * exp(z * z / 2);

		z += off / (1 - z * off / 2);
	}
	return p <= q ? -z : z;
}

/*
 * log(Gamma(a + 1/2) / Gamma(a)).  The difference of two lgamma() loses its
 * digits as a grows, so from 25 on the asymptotic series (DLMF 5.11.13) is
 * used; the first term left out is below 1e-16 there.
 */
static double log_gamma_ratio(double a)
{
	const double q = 1 / (a * a);

	if (a < 25)
		return lgamma(a + 0.5) - lgamma(a);
	return 0.5 * log(a) - (1.0 / 8 - q * (1.0 / 192 - q * (1.0 / 640 -
		q * (17.0 / 14336 - q * (31.0 / 18432))))) / a;
}

/*
 * I_x(a, b) without the x^a y^b / B(a, b) in front: the continued fraction of
 * DiDonato & Morris (1992), by Lentz's method.  It takes y = 1 - x beside x,
 * so that nothing cancels where x is near 1 and a is large; all its terms are
 * positive for x < (a + 1) / (a + b + 2).
 */
static double beta_fraction(double a, double b, double x, double y)
{
	double f = a * (a * y - b * x + 1) / (a + 1), c = f, d = 0;

	for (double m = 1; m < 100000; m++) {
		const double e = a + 2 * m, before = f;
		const double num = (a + m - 1) * (a + b + m - 1) * m * (b - m) *
				   (x / (e - 1)) * (x / (e - 1));
		const double den = m + m * (b - m) * x / (e - 1) + (a + m) *
				   (a * y - b * x + 1 + m * (1 + y)) / (e + 1);

		d = 1 / (den + num * d);
		c = den + num / c;
		f *= c * d;
		if (fabs(f - before) <= 1e-16 * fabs(f))
			break;
	}
	return 1 / f;
}

/* I_x(df / 2, 1 / 2) with x = df / (df + t^2). */
double syc_stat_t_p(double t, double df)
{
	const double a = df / 2, r = t / sqrt(df), u = r * r;
	const double x = 1 / (1 + u), y = isinf(u) ? 1 : u / (1 + u);
	const double pi = 3.14159265358979323846;
	double front;

	if (isnan(t) || !(df > 0))
		return NAN;
	if (t == 0)
		return 1;
	if (isinf(df))
		return syc_stat_normal_p(t);
	/* x^a y^(1/2) / B(a, 1/2), with B(a, 1/2) = Gamma(a) sqrt(pi) / Gamma(a + 1/2). */
	front = exp(log_gamma_ratio(a) - a * log1p(u)) * sqrt(y / pi);
	if (isinf(u))	/* log1p(u) is 2 log(r) there */
		front = exp(log_gamma_ratio(a) - df * log(fabs(r))) / sqrt(pi);
	if (x < (a + 1) / (a + 2.5))
		return front * beta_fraction(a, 0.5, x, y);
	return 1 - front * beta_fraction(0.5, a, y, x);
}

double syc_stat_t_quantile(double p, double df)
{
	double lo = 0, hi = 1;

	if (!(p > 0 && p < 1) || !(df > 0))
		return NAN;
	while (syc_stat_t_p(hi, df) > p && hi < 1e300)
		hi *= 2;
	for (int i = 0; i < 200 && lo < hi; i++) {
		const double mid = lo + (hi - lo) / 2;

		if (mid == lo || mid == hi)
			break;
		if (syc_stat_t_p(mid, df) > p)
			lo = mid;
		else
			hi = mid;
	}
	return hi;
}

void wilson_interval(double a, double n, double z, double *lo, double *hi)
{
	const double mid = (a + z * z / (2 * n)) / (1 + z * z / n);
	const double half = z / (1 + z * z / n) * sqrt(a * (1 - a) / n +
						       z * z / (4 * n * n));

	/* Ends at 0 and 1 are exact, not 1e-17 off. */
	*lo = a == 0 ? 0 : fmax(mid - half, 0);
	*hi = a == 1 ? 1 : fmin(mid + half, 1);
}

void syc_stat_wilson(double *lo, double *hi, double k, double n)
{
	wilson_interval(k / n, n, syc_stat_t_quantile(0.05, INFINITY), lo, hi);
}

struct ranked {
	double p;
	size_t at;
};

static int by_p(const void *a, const void *b)
{
	const struct ranked *p = a, *q = b;

	if (p->p != q->p)
		return (p->p > q->p) - (p->p < q->p);
	return (p->at > q->at) - (p->at < q->at);
}

/* Those that are not NaN in order, *m of them; free() them.  NULL without memory. */
static struct ranked *rank_p(double *adjusted, const double *p, size_t n, size_t *m)
{
	struct ranked *r = syc_calloc(n ? n : 1, sizeof(*r));

	*m = 0;
	for (size_t i = 0; i < n && r; i++) {
		adjusted[i] = p[i];
		if (!isnan(p[i]))
			r[(*m)++] = (struct ranked){ p[i], i };
	}
	if (r)
		qsort(r, *m, sizeof(*r), by_p);
	return r;
}

int syc_stat_holm(double *adjusted, const double *p, size_t n,
		  struct syc_err *err)
{
	double most = 0;
	size_t m;
	struct ranked *r = rank_p(adjusted, p, n, &m);

	if (!r)
		return syc_nomem(err);
	for (size_t i = 0; i < m; i++) {
		most = fmax(most, fmin(1, r[i].p * (double)(m - i)));
		adjusted[r[i].at] = most;
	}
	free(r);
	return 0;
}

int syc_stat_bh(double *adjusted, const double *p, size_t n,
		struct syc_err *err)
{
	double least = 1;
	size_t m;
	struct ranked *r = rank_p(adjusted, p, n, &m);

	if (!r)
		return syc_nomem(err);
	for (size_t i = m; i-- > 0;) {
		least = fmin(least, r[i].p * (double)m / (double)(i + 1));
		adjusted[r[i].at] = least;
	}
	free(r);
	return 0;
}

static int by_size(const void *a, const void *b)
{
	const double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

void syc_stat_sort(double *x, size_t n)
{
	qsort(x, n, sizeof(*x), by_size);
}

double syc_stat_quantile(const double *x, size_t n, double p)
{
	const double at = p * (double)(n - 1);
	const size_t i = (size_t)at;

	return i + 1 < n ? x[i] + (at - (double)i) * (x[i + 1] - x[i]) : x[n - 1];
}
