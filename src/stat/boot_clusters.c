/* SPDX-License-Identifier: MIT */
/* The interval of a mean from samples of whole clusters. */
#include "config.h"
#include <math.h>
#include <stdlib.h>
#include "base/err.h"
#include "base/mem.h"
#include "base/rand.h"
#include "syc/resample.h"
#include "syc/stat.h"

/* A cluster's rows: their sum and number. */
struct cluster {
	double sum;
	size_t n;
};

/* Sum up rows by cluster; returns how many clusters there are, first in c. */
static size_t sum_up(struct cluster *c, const double *x, const uint32_t *cluster,
		     size_t n)
{
	size_t count = 0;

	for (size_t i = 0; i < n; i++) {
		const size_t at = cluster ? cluster[i] : i;

		c[at].sum += x[i];
		c[at].n++;
	}
	for (size_t i = 0; i < n; i++)
		if (c[i].n)
			c[count++] = c[i];
	return count;
}

double syc_stat_boot_tail(size_t g)
{
	const double df = (double)g - 1;

	return syc_stat_normal_p(sqrt((double)g / df) *
				 syc_stat_t_quantile(0.05, df)) / 2;
}

static void draw(double *mean, size_t boot, const struct cluster *c, size_t g,
		 uint64_t seed)
{
	for (size_t b = 0; b < boot; b++) {
		const uint64_t key = syc_rand_key(seed, "bootstrap of clusters", b);
		struct cluster all = { 0 };

		for (size_t i = 0; i < g; i++) {
			const struct cluster *one = &c[syc_rand_below(key, i, g)];

			all.sum += one->sum;
			all.n += one->n;
		}
		mean[b] = all.sum / (double)all.n;
	}
	syc_stat_sort(mean, boot);
}

int syc_stat_boot_clusters(double *lo, double *hi, const double *x,
			   const uint32_t *cluster, size_t n, size_t boot,
			   uint64_t seed, struct syc_err *err)
{
	struct cluster *c;
	double *mean;
	size_t g;
	int ret = 0;

	*lo = *hi = NAN;
	for (size_t i = 0; i < n; i++)
		if (!isfinite(x[i]))
			return 0;
	c = syc_calloc(n + 1, sizeof(*c));
	mean = syc_calloc(boot + 1, sizeof(*mean));
	if (c && mean) {
		g = sum_up(c, x, cluster, n);
		if (g >= SYC_BOOT_CLUSTERS && boot) {
			draw(mean, boot, c, g, seed);
			*lo = syc_stat_quantile(mean, boot, syc_stat_boot_tail(g));
			*hi = syc_stat_quantile(mean, boot, 1 - syc_stat_boot_tail(g));
		}
	} else {
		ret = syc_nomem(err);
	}
	free(c);
	free(mean);
	return ret;
}
