/* SPDX-License-Identifier: MIT */
/* Shares and ratios over claims, their intervals and nulls: functions of numbers. */
#include "config.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "base/mem.h"
#include "base/rand.h"
#include "study/shift/shift.h"
#include "syc/resample.h"
#include "syc/stat.h"

/* The products of all claims' shifts, and their squares. */
struct shares {
	double *product;	/* [n][n] */
	const double *square;
	size_t n;
	double *weight;		/* [n] of claims: how often drawn, or a sign */
	double *value;		/* [draws] */
};

static void multiply(double *g, const double *mean, size_t n, size_t dim)
{
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k <= i; k++) {
			double sum = 0;

			for (size_t j = 0; j < dim; j++)
				sum += mean[i * dim + j] * mean[k * dim + j];
			g[i * n + k] = g[k * n + i] = sum;
		}
}

/* Products of different claims, weighed, over the sum of their weights. */
static double between(const struct shares *s)
{
	const double *w = s->weight;
	double sum = 0, all = 0, same = 0;

	for (size_t i = 0; i < s->n; i++) {
		double row = 0;

		for (size_t k = 0; k < i && w[i] != 0; k++)
			row += w[k] * s->product[i * s->n + k];
		sum += 2 * w[i] * row;
		all += fabs(w[i]);
		same += w[i] * w[i];
	}
	return sum / (all * all - same);
}

static double squares(const struct shares *s)
{
	double sum = 0, all = 0;

	for (size_t i = 0; i < s->n; i++) {
		sum += s->weight[i] * s->square[i];
		all += s->weight[i];
	}
	return sum / all;
}

static void set_all(struct shares *s, double x)
{
	for (size_t i = 0; i < s->n; i++)
		s->weight[i] = x;
}

/* Samples of claims in which two or more differ. */
static void sample(struct syc_shift_figure *f, struct shares *s, size_t boot,
		   uint64_t seed)
{
	size_t n = 0;

	for (size_t b = 0; b < boot; b++) {
		const uint64_t key = syc_rand_key(seed, "shift, samples", b);
		double x;

		set_all(s, 0);
		for (size_t i = 0; i < s->n; i++)
			s->weight[syc_rand_below(key, i, s->n)]++;
		x = between(s) / squares(s);
		if (isfinite(x))
			s->value[n++] = x;
	}
	syc_stat_sort(s->value, n);
	if (n) {
		f->lo = syc_stat_quantile(s->value, n,
					  syc_stat_boot_tail(s->n));
		f->hi = syc_stat_quantile(s->value, n,
					  1 - syc_stat_boot_tail(s->n));
	}
}

/* All claims' squares stay as they are: only signs change. */
static void flip(struct syc_shift_share *out, struct shares *s, size_t draws,
		 uint64_t seed)
{
	size_t above = 0;

	for (size_t d = 0; d < draws; d++) {
		const uint64_t key = syc_rand_key(seed, "shift, signs", d);

		for (size_t i = 0; i < s->n; i++)
			s->weight[i] = syc_rand_u64(key, i) & 1 ? 1 : -1;
		s->value[d] = between(s) / out->square;
		above += s->value[d] >= out->constant.value;
	}
	syc_stat_sort(s->value, draws);
	if (draws) {
		out->p = (double)(1 + above) / (double)(1 + draws);
		out->null_95 = syc_stat_quantile(s->value, draws, 0.95);
	}
}

static double length_of(const double *mean, size_t n, size_t dim)
{
	double sq = 0;

	for (size_t j = 0; j < dim; j++) {
		double sum = 0;

		for (size_t i = 0; i < n; i++)
			sum += mean[i * dim + j];
		sq += sum * sum;
	}
	return sqrt(sq) / (double)n;
}

int syc_shift_share(struct syc_shift_share *out, const double *mean,
		    const double *square, size_t n, size_t dim, size_t boot,
		    uint64_t seed, struct syc_err *err)
{
	size_t cells;
	struct shares s = { .square = square, .n = n };
	int ret = 0;

	*out = (struct syc_shift_share){
		NAN, NAN, { NAN, NAN, NAN }, NAN, NAN,
	};
	if (!n)
		return 0;
	s.product = syc_mul(&cells, n, n) ? syc_calloc(cells, sizeof(double))
					  : NULL;
	s.weight = syc_calloc(n, sizeof(double));
	s.value = syc_calloc(boot + 1, sizeof(double));
	if (s.product && s.weight && s.value) {
		multiply(s.product, mean, n, dim);
		set_all(&s, 1);
		out->length = length_of(mean, n, dim);
		out->square = squares(&s);
		if (n > 1 && out->square > 0)
			out->constant.value = between(&s) / out->square;
		if (n >= SYC_BOOT_CLUSTERS && out->square > 0) {
			sample(&out->constant, &s, boot, seed);
			flip(out, &s, boot, seed);
		}
	} else {
		ret = syc_nomem(err);
	}
	free(s.product);
	free(s.weight);
	free(s.value);
	return ret;
}

/* ---- ratios ------------------------------------------------------------------- */

/* Those with both, in front. */
static size_t pick(double *x, double *y, const double *num, const double *den,
		   size_t n)
{
	size_t m = 0;

	for (size_t i = 0; i < n; i++)
		if (isfinite(num[i]) && isfinite(den[i])) {
			x[m] = num[i];
			y[m++] = den[i];
		}
	return m;
}

static double ratio_of(const double *x, const double *y, size_t n)
{
	double a = 0, b = 0;

	for (size_t i = 0; i < n; i++) {
		a += x[i];
		b += y[i];
	}
	return a / b;
}

static int sample_ratio(struct syc_shift_figure *f, const double *x,
			const double *y, size_t n, size_t boot, uint64_t seed,
			struct syc_err *err)
{
	double *value = syc_calloc(boot + 1, sizeof(*value));
	size_t m = 0;

	if (!value)
		return syc_nomem(err);
	for (size_t b = 0; b < boot; b++) {
		const uint64_t key = syc_rand_key(seed, "shift, ratios", b);
		double p = 0, q = 0;

		for (size_t i = 0; i < n; i++) {
			const size_t at = syc_rand_below(key, i, n);

			p += x[at];
			q += y[at];
		}
		if (isfinite(p / q))
			value[m++] = p / q;
	}
	syc_stat_sort(value, m);
	if (m) {
		f->lo = syc_stat_quantile(value, m, syc_stat_boot_tail(n));
		f->hi = syc_stat_quantile(value, m, 1 - syc_stat_boot_tail(n));
	}
	free(value);
	return 0;
}

int syc_shift_ratio(struct syc_shift_figure *out, const double *num,
		    const double *den, size_t n, size_t boot, uint64_t seed,
		    struct syc_err *err)
{
	double *x = syc_calloc(2 * n + 1, sizeof(*x)), lo, hi;
	size_t m;
	int ret;

	*out = (struct syc_shift_figure){ NAN, NAN, NAN };
	if (!x)
		return syc_nomem(err);
	m = pick(x, x + n, num, den, n);
	ret = syc_stat_boot_clusters(&lo, &hi, x + n, NULL, m, boot, seed, err);
	if (ret == 0 && (lo > 0 || hi < 0)) {
		out->value = ratio_of(x, x + n, m);
		ret = sample_ratio(out, x, x + n, m, boot, seed, err);
	}
	free(x);
	return ret;
}

int shift_mean(struct syc_shift_figure *out, const double *x, size_t n,
	       size_t boot, uint64_t seed, struct syc_err *err)
{
	double *y = syc_calloc(n + 1, sizeof(*y)), sum = 0;
	size_t m = 0;
	int ret;

	*out = (struct syc_shift_figure){ NAN, NAN, NAN };
	if (!y)
		return syc_nomem(err);
	for (size_t i = 0; i < n; i++)
		if (isfinite(x[i])) {
			sum += x[i];
			y[m++] = x[i];
		}
	if (m)
		out->value = sum / (double)m;
	ret = syc_stat_boot_clusters(&out->lo, &out->hi, y, NULL, m, boot, seed,
				     err);
	free(y);
	return ret;
}
