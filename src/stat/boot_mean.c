/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <math.h>
#include <stdlib.h>
#include "base/err.h"
#include "base/mem.h"
#include "base/rand.h"
#include "syc/resample.h"
#include "syc/stat.h"

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
	syc_stat_sort(mean, boot);
	*lo = syc_stat_quantile(mean, boot, 0.025);
	*hi = syc_stat_quantile(mean, boot, 0.975);
	free(mean);
	return 0;
}
