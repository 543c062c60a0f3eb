/* SPDX-License-Identifier: MIT */
/* A mean and its interval. */
#include "config.h"
#include <math.h>
#include <stdlib.h>
#include "base/err.h"
#include "base/mem.h"
#include "syc/stat.h"

/* x sorted: its sums are then the same in whatever order it came. */
static void fill(struct syc_mean *m, const double *x, size_t n)
{
	double sum = 0, squares = 0, t;

	*m = (struct syc_mean){ n, NAN, NAN, NAN, NAN, NAN, NAN };
	for (size_t i = 0; i < n; i++)
		sum += x[i];
	if (n)
		m->mean = sum / (double)n;
	if (n < 2)
		return;
	for (size_t i = 0; i < n; i++)
		squares += (x[i] - m->mean) * (x[i] - m->mean);
	m->sd = sqrt(squares / (double)(n - 1));
	m->se = m->sd / sqrt((double)n);
	t = syc_stat_t_quantile(0.05, (double)(n - 1));
	m->lo = m->mean - t * m->se;
	m->hi = m->mean + t * m->se;
	if (m->se > 0)
		m->p = syc_stat_t_p(m->mean / m->se, (double)(n - 1));
}

int syc_stat_mean(struct syc_mean *out, const double *x, size_t n,
		  struct syc_err *err)
{
	double *finite = syc_calloc(n + 1, sizeof(*finite));
	size_t kept = 0;

	if (!finite)
		return syc_nomem(err);
	for (size_t i = 0; i < n; i++)
		if (isfinite(x[i]))
			finite[kept++] = x[i];
	syc_stat_sort(finite, kept);
	fill(out, finite, kept);
	free(finite);
	return 0;
}
