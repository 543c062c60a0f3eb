/* SPDX-License-Identifier: MIT */
/* The rows of an increment that count. */
#include "config.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "base/mem.h"
#include "stat/increment.h"
#include "stat/scored.h"

/* Which layers and rows count; returns the number of rows. */
static size_t keep(bool *layer, bool *row, const struct syc_increment_in *in)
{
	size_t n = scored_whole(layer, row, in->score, in->label, in->n, in->n_layers);

	for (size_t i = 0; i < in->n; i++)
		for (size_t c = 0; c < in->n_plain && row[i]; c++) {
			row[i] = isfinite(in->plain[i * in->n_plain + c]) != 0;
			n -= !row[i];
		}
	return n;
}

static int allocate(struct rows_left *r, const struct syc_increment_in *in,
		    size_t n, size_t folds, struct syc_err *err)
{
	size_t wide;

	r->n = n;
	r->k = in->n_layers;
	r->w = in->words ? in->n_words : 0;
	r->n_folds = folds;
	if (!syc_mul(&wide, r->k + 1, folds))
		return syc_nomem(err);
	r->label = syc_calloc(n + 1, sizeof(*r->label));
	r->claim = syc_calloc(n + 1, sizeof(*r->claim));
	r->fold = syc_calloc(n + 1, sizeof(*r->fold));
	r->score = syc_calloc(n + 1, (r->k + 1) * sizeof(*r->score));
	r->plain = syc_calloc(n + 1, (in->n_plain + 1) * sizeof(*r->plain));
	r->words = syc_calloc(n + 1, (r->w + 1) * sizeof(*r->words));
	r->base = syc_calloc(n + 1, folds * sizeof(*r->base));
	r->left = syc_calloc(n + 1, wide * sizeof(*r->left));
	r->known = syc_calloc(r->k + 1, sizeof(*r->known));
	r->basis = syc_calloc(n + 1,
			      (in->n_plain + 2) * folds * sizeof(*r->basis));
	r->n_basis = syc_calloc(folds, sizeof(*r->n_basis));
	r->apart = syc_calloc(n + 1, wide * sizeof(*r->apart));
	return r->label && r->claim && r->fold && r->score && r->plain &&
			       r->words && r->base && r->left && r->known &&
			       r->basis && r->n_basis && r->apart
		       ? 0
		       : syc_nomem(err);
}

/* Column c of the plain baselines, where it varies. */
static void take_plain(struct rows_left *r, const struct syc_increment_in *in,
		       const bool *row, size_t c)
{
	double *to = r->plain + r->d * r->n, mean = 0, sum = 0;
	size_t at = 0;

	for (size_t i = 0; i < in->n; i++)
		if (row[i]) {
			to[at++] = in->plain[i * in->n_plain + c];
			mean += to[at - 1] / (double)r->n;
		}
	for (size_t i = 0; i < r->n; i++)
		sum += (to[i] - mean) * (to[i] - mean);
	if (!(sum > 1e-12 * (1 + mean * mean)))
		return;
	for (size_t i = 0; i < r->n; i++)
		to[i] = (to[i] - mean) / sqrt(sum / (double)(r->n - 1));
	r->d++;
}

int rows_left_take(struct rows_left *r, const struct syc_increment_in *in,
		   size_t folds, struct syc_err *err)
{
	bool *layer = syc_calloc(in->n_layers + 1, sizeof(*layer));
	bool *row = syc_calloc(in->n + 1, sizeof(*row));
	uint32_t *now = syc_calloc(in->n + 1, sizeof(*now));
	int ret = layer && row && now ? 0 : syc_nomem(err);
	size_t at = 0;

	if (ret == 0)
		ret = allocate(r, in, keep(layer, row, in), folds, err);
	for (size_t i = 0; i < in->n && ret == 0; i++) {
		if (!row[i])
			continue;
		for (size_t l = 0; l < r->k; l++)
			r->score[l * r->n + at] =
				layer[l] ? in->score[i * r->k + l] : 0;
		if (r->w)
			memcpy(r->words + at * r->w, in->words + i * r->w,
			       r->w * sizeof(*r->words));
		if (!now[in->claim[i]])
			now[in->claim[i]] = (uint32_t)++r->n_claims;
		r->claim[at] = now[in->claim[i]] - 1;
		r->label[at++] = in->label[i];
	}
	for (size_t c = 0; c < in->n_plain && ret == 0; c++)
		take_plain(r, in, row, c);
	free(layer);
	free(row);
	free(now);
	return ret;
}

void rows_left_free(struct rows_left *r)
{
	free(r->label);
	free(r->claim);
	free(r->fold);
	free(r->score);
	free(r->plain);
	free(r->words);
	free(r->base);
	free(r->left);
	free(r->known);
	free(r->basis);
	free(r->n_basis);
	free(r->apart);
}
