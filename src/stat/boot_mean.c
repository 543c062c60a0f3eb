/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <math.h>
#include <stdlib.h>
#include "base/err.h"
#include "base/mem.h"
#include "base/rand.h"
#include "syc/resample.h"

static int rising(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* The p quantile of sorted v [n], interpolated (type 7 of Hyndman & Fan 1996). */
static double quantile(const double *v, size_t n, double p)
{
	double at = p * (double)(n - 1);
	size_t i = (size_t)at;

	return i + 1 < n ? v[i] + (at - (double)i) * (v[i + 1] - v[i]) : v[n - 1];
}

int syc_stat_boot_mean(double *lo, double *hi, const double *x, size_t n, size_t boot,
		       uint64_t seed, struct syc_err *err)
{
	double *mean;

	*lo = *hi = NAN;
	for (size_t i = 0; i < n; i++)
		if (!isfinite(x[i]))
			return 0;
	if (n < 2 || !boot)
		return 0;
	mean = syc_calloc(boot, sizeof(*mean));
	if (!mean)
		return syc_nomem(err);
	for (size_t b = 0; b < boot; b++) {
		uint64_t key = syc_rand_key(seed, "bootstrap of a mean", b);
		double sum = 0;

		for (size_t i = 0; i < n; i++)
			sum += x[syc_rand_below(key, i, n)];
		mean[b] = sum / (double)n;
	}
	qsort(mean, boot, sizeof(*mean), rising);
	*lo = quantile(mean, boot, 0.025);
	*hi = quantile(mean, boot, 0.975);
	free(mean);
	return 0;
}
