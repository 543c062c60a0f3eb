/* SPDX-License-Identifier: MIT */
/*
 * Pairs whose matching answer is (A) and pairs where it is (B), made to weigh
 * the same.  What is linear in the differences has then no letter in it; second
 * moments have, whatever the weights, so that the letter's own mean is taken
 * out of each side for them.
 */
#include "config.h"
#include <stdlib.h>
#include "base/err.h"
#include "study/vector/direction.h"

/* Pairs by letter; returns how many letters there are. */
static size_t count(uint64_t n[SYC_PAIRS_GROUPS], const struct view *v)
{
	size_t used = 0;

	for (uint64_t i = 0; i < v->n; i++)
		used += !n[view_letter(v, i)]++;
	return used;
}

/* The mean of a side's activations with each letter, less the mean of those. */
static int find_offsets(struct balance *b, const struct view *v,
			const uint64_t *n, double used, struct syc_err *err)
{
	const size_t dim = v->p->info.dim, k = v->p->info.n_letters;
	double *mean = calloc(dim, 2 * sizeof(*mean));
	const float *x[2];
	int ret = mean ? 0 : syc_nomem(err);

	for (uint64_t i = 0; i < v->n && ret == 0; i++) {
		const uint32_t g = view_letter(v, i);

		ret = view_get(v, i, &x[0], &x[1], err);
		for (size_t side = 0; side < 2 && ret == 0; side++)
			for (size_t c = 0; c < dim; c++)
				b->offset[(side * k + g) * dim + c] +=
					(double)x[side][c] / (double)n[g];
	}
	for (size_t at = 0; at < 2 * k * dim && ret == 0; at++)
		mean[at / (k * dim) * dim + at % dim] += b->offset[at] / used;
	for (size_t at = 0; at < 2 * k * dim && ret == 0; at++)
		b->offset[at] -= mean[at / (k * dim) * dim + at % dim];
	free(mean);
	return ret;
}

int balance_begin(struct balance *b, const struct view *v, bool on, bool offset,
		  struct syc_err *err)
{
	uint64_t n[SYC_PAIRS_GROUPS] = { 0 };
	const size_t used = count(n, v);

	b->offset = NULL;
	for (size_t g = 0; g < SYC_PAIRS_GROUPS; g++)
		b->weight[g] = on && n[g] ? (double)v->n / (double)used /
						    (double)n[g] : 1;
	if (!on || !offset)
		return 0;
	b->offset = calloc(v->p->info.n_letters * v->p->info.dim + 1,
			   2 * sizeof(*b->offset));
	if (!b->offset)
		return syc_nomem(err);
	return find_offsets(b, v, n, (double)used, err);
}

void balance_end(struct balance *b)
{
	free(b->offset);
	b->offset = NULL;
}

double balance_weight(const struct balance *b, const struct view *v, uint64_t i)
{
	return b->weight[view_letter(v, i)];
}
