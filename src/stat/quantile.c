/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <stdlib.h>
#include "syc/stat.h"

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
