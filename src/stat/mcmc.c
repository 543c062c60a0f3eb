/* SPDX-License-Identifier: MIT */
/* How far draws can be trusted, after Vehtari et al. (2021). */
#include "config.h"
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "base/mem.h"
#include "stat/distribution.h"
#include "syc/nuts.h"
#include "syc/stat.h"

/* Draws in chains split in half; of an odd number the one in the middle is left out. */
struct halves {
	size_t m, n, size;	/* chains, draws of each, of all */
	size_t n_all;		/* with those left out */
	double *x;		/* [m][n] */
	double *z;		/* [m][n] what is made of them */
	double *rho;		/* [n] */
	double *sorted;		/* [n_all] */
	struct ranked { double x; size_t at; } *rank;	/* [size] */
};

static void halves_free(struct halves *h)
{
	free(h->x);
	free(h->rank);
}

static int halves_init(struct halves *h, const double *x, size_t n_chains, size_t n_draws,
		       size_t stride, struct syc_err *err)
{
	const size_t n = n_draws / 2;

	if (n_draws < 4 || !n_chains)
		return syc_fail(err, SYC_EINVAL, "%zu chains of %zu draws: at least 4 are needed",
				n_chains, n_draws);
	*h = (struct halves){ .m = 2 * n_chains, .n = n, .size = 2 * n_chains * n,
			       .n_all = n_chains * n_draws };
	h->x = syc_calloc(2 * h->size + h->n_all + n, sizeof(double));
	h->rank = syc_calloc(h->size, sizeof(*h->rank));
	if (!h->x || !h->rank) {
		halves_free(h);
		return syc_nomem(err);
	}
	h->z = h->x + h->size;
	h->sorted = h->z + h->size;
	h->rho = h->sorted + h->n_all;
	for (size_t c = 0; c < h->m; c++)
		for (size_t i = 0; i < n; i++)
			h->x[c * n + i] = x[((c / 2) * n_draws +
					     (c % 2 ? n_draws - n : 0) + i) * stride];
	return 0;
}

static void sort(struct halves *h, const double *x, size_t stride)
{
	for (size_t i = 0; i < h->n_all; i++)
		h->sorted[i] = x[i * stride];
	syc_stat_sort(h->sorted, h->n_all);
}

static int by_value(const void *a, const void *b)
{
	const struct ranked *p = a, *q = b;

	return (p->x > q->x) - (p->x < q->x);
}

/* z becomes the normal scores of its midranks (Blom 1958). */
static void normal_scores(struct halves *h)
{
	for (size_t i = 0; i < h->size; i++)
		h->rank[i] = (struct ranked){ h->z[i], i };
	qsort(h->rank, h->size, sizeof(*h->rank), by_value);
	for (size_t i = 0, j; i < h->size; i = j) {
		double score;

		for (j = i + 1; j < h->size && h->rank[j].x == h->rank[i].x; j++)
			;
		score = normal_quantile(((double)(i + j + 1) / 2 - 0.375) /
					((double)h->size + 0.25));
		for (size_t k = i; k < j; k++)
			h->z[h->rank[k].at] = score;
	}
}

static double mean_of(const double *x, size_t n)
{
	double sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += x[i];
	return sum / (double)n;
}

/* Center each chain of z; the variance of the chains' means. */
static double center(struct halves *h)
{
	double sum = 0, squares = 0;

	for (size_t c = 0; c < h->m; c++) {
		double *z = h->z + c * h->n;
		const double mean = mean_of(z, h->n);

		for (size_t i = 0; i < h->n; i++)
			z[i] -= mean;
		h->sorted[c] = mean;
	}
	sum = mean_of(h->sorted, h->m);
	for (size_t c = 0; c < h->m; c++)
		squares += (h->sorted[c] - sum) * (h->sorted[c] - sum);
	return squares / (double)(h->m - 1);
}

/* Mean over chains of the autocovariance at lag t, of centered z. */
static double covariance(const struct halves *h, size_t t)
{
	double sum = 0;

	for (size_t c = 0; c < h->m; c++) {
		const double *z = h->z + c * h->n;

		for (size_t i = t; i < h->n; i++)
			sum += z[i] * z[i - t];
	}
	return sum / (double)h->size;
}

/* Potential scale reduction of z, which is spoiled. */
static double reduction(struct halves *h)
{
	const double n = (double)h->n, between = center(h),
		     within = covariance(h, 0) * n / (n - 1);

	return within > 0 ? sqrt(between / within + (n - 1) / n) : NAN;
}

/*
 * Effective number of draws of z, which is spoiled: autocorrelations summed in
 * pairs while these are positive, and made to fall (Geyer 1992).
 */
static double effective(struct halves *h)
{
	const double n = (double)h->n, all = (double)h->size, between = center(h),
		     within = covariance(h, 0) * n / (n - 1),
		     total = within * (n - 1) / n + between;
	double even = 1, odd = 1 - (within - covariance(h, 1)) / total, tau = -1;
	double *rho = h->rho;
	size_t t = 1, last;

	if (!(within > 0))
		return NAN;
	memset(rho, 0, h->n * sizeof(*rho));
	rho[0] = 1;
	rho[1] = odd;
	while (t + 3 < h->n && even + odd > 0) {
		even = 1 - (within - covariance(h, t + 1)) / total;
		odd = 1 - (within - covariance(h, t + 2)) / total;
		if (even + odd >= 0) {
			rho[t + 1] = even;
			rho[t + 2] = odd;
		}
		t += 2;
	}
	if (t == 1)
		return all * log10(all);
	last = t - 2;
	if (even > 0)
		rho[last + 1] = even;
	for (t = 1; t + 2 <= last; t += 2)
		if (rho[t + 1] + rho[t + 2] > rho[t - 1] + rho[t])
			rho[t + 1] = rho[t + 2] = (rho[t - 1] + rho[t]) / 2;
	for (t = 0; t <= last; t++)
		tau += 2 * rho[t];
	return all / fmax(tau + rho[last + 1], 1 / log10(all));
}

static void below(struct halves *h, double x)
{
	for (size_t i = 0; i < h->size; i++)
		h->z[i] = h->x[i] <= x;
}

int syc_mcmc_check(struct syc_mcmc *out, const double *x, size_t n_chains, size_t n_draws,
		   size_t stride, struct syc_err *err)
{
	double tail[2], median;
	struct halves h;
	const int ret = halves_init(&h, x, n_chains, n_draws, stride, err);

	*out = (struct syc_mcmc){ NAN, NAN, NAN };
	if (ret < 0)
		return ret;
	sort(&h, x, stride);
	tail[0] = syc_stat_quantile(h.sorted, h.n_all, 0.05);
	tail[1] = syc_stat_quantile(h.sorted, h.n_all, 0.95);
	memcpy(h.z, h.x, h.size * sizeof(double));
	syc_stat_sort(h.z, h.size);
	median = syc_stat_quantile(h.z, h.size, 0.5);
	memcpy(h.z, h.x, h.size * sizeof(double));
	normal_scores(&h);
	out->rhat = reduction(&h);
	memcpy(h.z, h.x, h.size * sizeof(double));
	normal_scores(&h);
	out->ess_bulk = effective(&h);
	for (size_t i = 0; i < h.size; i++)
		h.z[i] = fabs(h.x[i] - median);
	normal_scores(&h);
	out->rhat = fmax(out->rhat, reduction(&h));
	for (size_t i = 0; i < 2; i++) {
		below(&h, tail[i]);
		tail[i] = effective(&h);
	}
	out->ess_tail = fmin(tail[0], tail[1]);
	halves_free(&h);
	return 0;
}

int syc_mcmc_quantile(double *x_p, double *se, const double *x, size_t n_chains, size_t n_draws,
		      size_t stride, double p, struct syc_err *err)
{
	double off;
	struct halves h;
	const int ret = halves_init(&h, x, n_chains, n_draws, stride, err);

	*x_p = *se = NAN;
	if (ret < 0)
		return ret;
	sort(&h, x, stride);
	*x_p = syc_stat_quantile(h.sorted, h.n_all, p);
	below(&h, *x_p);
	off = sqrt(p * (1 - p) / effective(&h));
	/* what is sorted has become room */
	sort(&h, x, stride);
	if (off > 0)
		*se = (syc_stat_quantile(h.sorted, h.n_all, fmin(p + off, 1)) -
		       syc_stat_quantile(h.sorted, h.n_all, fmax(p - off, 0))) / 2;
	halves_free(&h);
	return 0;
}
