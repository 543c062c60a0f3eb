/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <math.h>
#include <string.h>
#include "run/product.h"

enum { TRIES = 3 };

/* Seconds that a product of n tokens takes, its input's making included. */
static double time_mul(struct syc_engine *e, size_t n, bool sgemm)
{
	const struct syc_matrix *w = &e->m->block[0].gate;
	double best = 1e30;

	e->sgemm_from = sgemm ? 1 : SIZE_MAX;
	e->b.n = n;
	for (int i = 0; i < TRIES; i++) {
		const double from = syc_seconds();

		syc_product_input(e, NULL, NULL, n, w->cols);
		syc_products(e, &(struct syc_product){ w, e->b.g, w->rows }, 1, n);
		best = fmin(best, syc_seconds() - from);
	}
	return best;
}

void syc_autotune(struct syc_engine *e)
{
	size_t from = SIZE_MAX;

	memset(e->b.xb, 0, e->b.max * e->wide * sizeof(*e->b.xb));
	for (size_t n = e->b.max; n > 0 &&
	     time_mul(e, n, true) < time_mul(e, n, false); n /= 2)
		from = n;
	e->sgemm_from = from;
	e->b.n = 0;
}
