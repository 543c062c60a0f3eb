/* SPDX-License-Identifier: MIT */
/* The best of N over all subsets; levels of like size; a smooth curve. */
#include "config.h"
#include <math.h>
#include <stdlib.h>
#include "base/err.h"
#include "base/mem.h"
#include "study/best/best.h"

struct ranked {
	double reward, value;
	size_t at;
};

static int by_reward(const void *a, const void *b)
{
	const struct ranked *x = a, *y = b;

	if (x->reward != y->reward)
		return x->reward < y->reward ? -1 : 1;
	/* A sum does not depend on the order in which equal ones came. */
	if (x->value != y->value)
		return x->value < y->value ? -1 : 1;
	return (x->at > y->at) - (x->at < y->at);
}

/* Replace values by their mean among equal rewards. */
static void average_ties(struct ranked *r, size_t n)
{
	for (size_t i = 0, end; i < n; i = end) {
		double sum = 0;

		for (end = i; end < n && r[end].reward == r[i].reward; end++)
			sum += r[end].value;
		for (size_t k = i; k < end; k++)
			r[k].value = sum / (double)(end - i);
	}
}

/*
 * The weight of rank r for N is C(r-1, N-1) / C(n, N); from rank n, where it is
 * N / n, down by (r - N) / (r - 1).
 */
static double mean_best(const struct ranked *r, size_t n, size_t N)
{
	double w = (double)N / (double)n, sum = 0;

	for (size_t rank = n; rank >= N; rank--) {
		sum += w * r[rank - 1].value;
		if (rank > N)
			w *= (double)(rank - N) / (double)(rank - 1);
	}
	return sum;
}

int syc_best_of(double *out, size_t most, const double *reward,
		const double *value, size_t n, struct syc_err *err)
{
	struct ranked *r;

	if (most > n)
		return syc_fail(err, SYC_EINVAL,
				"the best of %zu of %zu samples", most, n);
	r = syc_calloc(n + 1, sizeof(*r));
	if (!r)
		return syc_nomem(err);
	for (size_t i = 0; i < n; i++) {
		if (!isfinite(reward[i])) {
			free(r);
			return syc_fail(err, SYC_EINVAL,
					"sample %zu: its reward is not finite",
					i);
		}
		r[i] = (struct ranked){ reward[i], value[i], i };
	}
	qsort(r, n, sizeof(*r), by_reward);
	average_ties(r, n);
	for (size_t N = 1; N <= most; N++)
		out[N - 1] = mean_best(r, n, N);
	free(r);
	return 0;
}

/* ---- levels ---------------------------------------------------------------- */

int best_levels(uint32_t *level, double *mean, size_t *count, size_t *n_levels,
		const double *x, size_t n, size_t wanted, struct syc_err *err)
{
	struct ranked *r = syc_calloc(n + 1, sizeof(*r));
	size_t at = 0, last = 0;

	if (!r)
		return syc_nomem(err);
	for (size_t i = 0; i < n; i++)
		r[i] = (struct ranked){ x[i], 0, i };
	qsort(r, n, sizeof(*r), by_reward);
	for (size_t i = 0; i < n; i++) {
		const size_t want = i * wanted / n;

		if (i == 0) {
			mean[0] = 0;
			count[0] = 0;
		} else if (want > last && r[i].reward != r[i - 1].reward) {
			last = want;
			mean[++at] = 0;
			count[at] = 0;
		}
		level[r[i].at] = (uint32_t)at;
		mean[at] += r[i].reward;
		count[at]++;
	}
	*n_levels = n ? at + 1 : 0;
	for (size_t i = 0; i < *n_levels; i++)
		mean[i] /= (double)count[i];
	free(r);
	return 0;
}

/* ---- a smooth curve --------------------------------------------------------- */

/* The weights of y in the local line's value at x0: w [n]; false: no line. */
static bool line_at(double *w, double x0, double h, const double *x, size_t n)
{
	double s0 = 0, s1 = 0, s2 = 0, d;

	for (size_t i = 0; i < n; i++) {
		const double u = x[i] - x0, k = exp(-u * u / (2 * h * h));

		w[i] = k;
		s0 += k;
		s1 += k * u;
		s2 += k * u * u;
	}
	d = s0 * s2 - s1 * s1;
	if (!(d > 1e-12 * s0 * s2))
		return false;
	for (size_t i = 0; i < n; i++)
		w[i] *= (s2 - s1 * (x[i] - x0)) / d;
	return true;
}

static double dot(const double *a, const double *b, size_t n)
{
	double sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += a[i] * b[i];
	return sum;
}

/* rest [n]: y less the curve without that point; their mean square, or infinity. */
static double left_out(double *rest, double *w, double h, const double *x,
		       const double *y, size_t n)
{
	double sum = 0;

	for (size_t i = 0; i < n; i++) {
		if (!line_at(w, x[i], h, x, n) || !(w[i] < 1 - 1e-9))
			return INFINITY;
		rest[i] = (y[i] - dot(w, y, n)) / (1 - w[i]);
		sum += rest[i] * rest[i];
	}
	return sum / (double)n;
}

static double choose(double *rest, double *w, const double *x, const double *y,
		     size_t n)
{
	double lo = INFINITY, hi = -INFINITY, least = INFINITY, best = NAN;

	for (size_t i = 0; i < n; i++) {
		lo = fmin(lo, x[i]);
		hi = fmax(hi, x[i]);
	}
	for (int step = 0; step <= 8; step++) {
		const double h = (hi - lo) / 16 * exp2(step / 2.0);
		const double loss = left_out(rest, w, h, x, y, n);

		if (loss < least) {
			least = loss;
			best = h;
		}
	}
	return best;
}

static size_t different(const double *x, size_t n)
{
	size_t count = 0;

	for (size_t i = 0; i < n && count < 4; i++) {
		size_t k = 0;

		while (k < i && x[k] != x[i])
			k++;
		count += k == i;
	}
	return count;
}

int syc_smooth(double *out, double *lo, double *hi, double *bandwidth,
	       const double *at, size_t n_at, const double *x, const double *y,
	       size_t n, struct syc_err *err)
{
	double *rest = syc_calloc(2 * n + 1, sizeof(*rest)), *w = rest + n;
	double h = NAN;

	if (!rest)
		return syc_nomem(err);
	if (different(x, n) == 4)
		h = choose(rest, w, x, y, n);
	if (!isnan(h))
		left_out(rest, w, h, x, y, n);
	*bandwidth = h;
	for (size_t i = 0; i < n_at; i++) {
		double var = 0;

		out[i] = lo[i] = hi[i] = NAN;
		if (isnan(h) || !line_at(w, at[i], h, x, n))
			continue;
		out[i] = dot(w, y, n);
		for (size_t k = 0; k < n; k++)
			var += w[k] * w[k] * rest[k] * rest[k];
		lo[i] = out[i] - 1.959963984540054 * sqrt(var);
		hi[i] = out[i] + 1.959963984540054 * sqrt(var);
	}
	free(rest);
	return 0;
}
