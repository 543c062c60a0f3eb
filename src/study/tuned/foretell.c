/* SPDX-License-Identifier: MIT */
/* What was foretold of several sets, and what came. */
#include "config.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "base/mem.h"
#include "syc/foretell.h"
#include "syc/random.h"
#include "syc/stat.h"

enum {
	LEAST = 4,
	ALL = 8,	/* sets of which all exchanges are taken, 40,320 */
};

/* One of the two correlations: standardized values, and r of each exchange. */
struct side {
	double *x, *y;		/* [n] mean 0, length 1 */
	double *r;		/* [n_exchanges] */
	size_t n_at_least;	/* exchanges with as large an |r| */
	double given;
};

/* Mean 0 and length 1; false where all are one. */
static bool standardize(double *x, size_t n)
{
	double mean = 0, sum = 0, most = 0;

	for (size_t i = 0; i < n; i++)
		mean += x[i] / (double)n;
	for (size_t i = 0; i < n; i++) {
		most = fmax(most, fabs(x[i]));
		x[i] -= mean;
		sum += x[i] * x[i];
	}
	for (size_t i = 0; i < n; i++)
		x[i] /= sqrt(sum);
	/* What is left of equal numbers are the last bits of their mean. */
	return sqrt(sum) > 1e-12 * most;
}

static void midranks(double *rank, const double *x, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		rank[i] = 0.5;
		for (size_t k = 0; k < n; k++)
			rank[i] += (x[k] < x[i]) + 0.5 * (x[k] == x[i]);
	}
}

static void take(struct side *s, const uint32_t *order, size_t n, size_t at)
{
	double r = 0;

	for (size_t i = 0; i < n; i++)
		r += s->x[i] * s->y[order[i]];
	s->r[at] = r;
	/* Sums of other orders differ in their last bits. */
	s->n_at_least += fabs(r) >= fabs(s->given) - 1e-12;
}

static void swap(uint32_t *a, uint32_t *b)
{
	const uint32_t t = *a;

	*a = *b;
	*b = t;
}

/* The next order by size of its numbers; false behind the last. */
static bool next_order(uint32_t *o, size_t n)
{
	size_t i = n - 1, k = n - 1;

	while (i && o[i - 1] >= o[i])
		i--;
	if (!i)
		return false;
	while (o[k] <= o[i - 1])
		k--;
	swap(&o[i - 1], &o[k]);
	for (k = n - 1; i < k; i++, k--)
		swap(&o[i], &o[k]);
	return true;
}

static void exchange(struct side s[2], uint32_t *order, size_t n, size_t n_exchanges,
		     uint64_t seed)
{
	for (uint32_t i = 0; i < n; i++)
		order[i] = i;
	for (int k = 0; k < 2; k++) {
		s[k].given = 0;
		for (size_t i = 0; i < n; i++)
			s[k].given += s[k].x[i] * s[k].y[i];
	}
	for (size_t at = 0; at < n_exchanges; at++) {
		take(&s[0], order, n, at);
		take(&s[1], order, n, at);
		if (n <= ALL)
			next_order(order, n);
		else
			syc_random_order(order, n, syc_mix64(seed) + at);
	}
}

static void ends(const struct side *s, size_t n, double *r, double *lo, double *hi, double *p)
{
	*r = s->given;
	*p = (double)s->n_at_least / (double)n;
	syc_stat_sort(s->r, n);
	*lo = syc_stat_quantile(s->r, n, 0.025);
	*hi = syc_stat_quantile(s->r, n, 0.975);
}

static size_t count_exchanges(size_t n)
{
	size_t all = 1;

	if (n > ALL)
		return SYC_FORETELL_DRAWS + 1;
	for (size_t i = 2; i <= n; i++)
		all *= i;
	return all;
}

static int correlate(struct syc_foretold *out, double *memory, uint64_t seed,
		     struct syc_err *err)
{
	const size_t n = out->n;
	uint32_t *order = syc_calloc(n, sizeof(*order));
	struct side s[2] = {
		{ .x = memory, .y = memory + n },
		{ .x = memory + 2 * n, .y = memory + 3 * n },
	};
	bool differ;

	out->n_exchanges = count_exchanges(n);
	s[0].r = syc_calloc(2 * out->n_exchanges, sizeof(double));
	if (!order || !s[0].r) {
		free(order);
		free(s[0].r);
		return syc_nomem(err);
	}
	s[1].r = s[0].r + out->n_exchanges;
	midranks(s[1].x, s[0].x, n);
	midranks(s[1].y, s[0].y, n);
	differ = standardize(s[0].x, n) && standardize(s[0].y, n) &&
		 standardize(s[1].x, n) && standardize(s[1].y, n);
	if (differ) {
		exchange(s, order, n, out->n_exchanges, seed);
		ends(&s[0], out->n_exchanges, &out->r, &out->lo, &out->hi, &out->p);
		ends(&s[1], out->n_exchanges, &out->rho, &out->rho_lo, &out->rho_hi,
		     &out->rho_p);
	}
	free(order);
	free(s[0].r);
	return 0;
}

int syc_foretell(struct syc_foretold *out, const double *foretold, const double *came,
		 size_t n, uint64_t seed, struct syc_err *err)
{
	double *memory = syc_calloc(n + 1, 4 * sizeof(*memory));
	size_t k = 0;
	int ret = 0;

	*out = (struct syc_foretold){ .r = NAN, .lo = NAN, .hi = NAN, .p = NAN, .rho = NAN,
				      .rho_lo = NAN, .rho_hi = NAN, .rho_p = NAN };
	if (!memory)
		return syc_nomem(err);
	for (size_t i = 0; i < n; i++)
		out->n += isfinite(foretold[i]) && isfinite(came[i]);
	for (size_t i = 0; i < n; i++)
		if (isfinite(foretold[i]) && isfinite(came[i])) {
			memory[k] = foretold[i];
			memory[out->n + k++] = came[i];
		}
	if (out->n >= LEAST)
		ret = correlate(out, memory, seed, err);
	free(memory);
	return ret;
}
