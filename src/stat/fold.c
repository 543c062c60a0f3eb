/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <stdlib.h>
#include "base/err.h"
#include "base/mem.h"
#include "base/rand.h"
#include "syc/resample.h"

/* Rows that stay together. */
struct unit {
	double n[2];		/* rows of either class */
	uint64_t at;		/* after the shuffle, for a stable order */
};

/* The bigger first, so that the smaller even out what they leave. */
static int by_size(const void *a, const void *b)
{
	const struct unit *const *p = a, *const *q = b;
	const double x = (*p)->n[0] + (*p)->n[1], y = (*q)->n[0] + (*q)->n[1];

	if (x != y)
		return (x < y) - (x > y);
	return ((*p)->at > (*q)->at) - ((*p)->at < (*q)->at);
}

/* What a unit adds to the sum over folds and classes of squared shares. */
static double cost(const struct unit *fold, const struct unit *u,
		   const double total[2])
{
	double sum = 0;

	for (int c = 0; c < 2; c++)
		if (total[c] > 0)
			sum += u->n[c] * (2 * fold->n[c] +
					  u->n[c]) / (total[c] * total[c]);
	return sum;
}

/* The cheapest; of equal ones the smallest, then the first. */
static size_t best_fold(const struct unit *fold, size_t k, const struct unit *u,
			const double total[2])
{
	size_t best = 0;

	for (size_t f = 1; f < k; f++) {
		const double a = cost(&fold[f], u, total),
			b = cost(&fold[best], u, total);

		if (a < b || (a == b && fold[f].n[0] + fold[f].n[1] <
			      fold[best].n[0] + fold[best].n[1]))
			best = f;
	}
	return best;
}

/* Deal the units; fold_of [n_units] goes by the unit's number. */
static void deal(struct unit *unit, struct unit **order, size_t n_units,
		 struct unit *fold,
		 size_t k, uint32_t *fold_of, uint64_t seed)
{
	const uint64_t key = syc_rand_key(seed, "folds", k);
	double total[2] = { 0, 0 };

	for (size_t i = 0; i < n_units; i++) {
		order[i] = &unit[i];
		total[0] += unit[i].n[0];
		total[1] += unit[i].n[1];
	}
	for (size_t i = n_units; i > 1; i--) {
		const size_t j = syc_rand_below(key, i, i);
		struct unit *u = order[j];

		order[j] = order[i - 1];
		order[i - 1] = u;
	}
	for (size_t i = 0; i < n_units; i++)
		order[i]->at = i;
	qsort(order, n_units, sizeof(*order), by_size);
	for (size_t i = 0; i < n_units; i++) {
		const size_t f = best_fold(fold, k, order[i], total);

		fold[f].n[0] += order[i]->n[0];
		fold[f].n[1] += order[i]->n[1];
		fold_of[order[i] - unit] = (uint32_t)f;
	}
}

/* Number the groups from 0 in the order in which they appear. */
static size_t number_groups(uint32_t *unit_of, const uint32_t *group, size_t n,
			    uint32_t *seen)
{
	size_t n_units = 0;

	for (size_t i = 0; i < n; i++) {
		if (!group) {
			unit_of[i] = (uint32_t)n_units++;
			continue;
		}
		if (!seen[group[i]])
			seen[group[i]] = (uint32_t)++n_units;
		unit_of[i] = seen[group[i]] - 1;
	}
	return n_units;
}

int syc_stat_folds(uint32_t *fold, const int8_t *label, const uint32_t *group,
		   size_t n,
		   size_t k, uint64_t seed, struct syc_err *err)
{
	struct unit *unit = syc_calloc(n, sizeof(*unit)),
		**order = syc_calloc(n, sizeof(*order));
	struct unit *size = syc_calloc(k, sizeof(*size));
	uint32_t *seen = syc_calloc(n, sizeof(*seen)),
		*unit_of = syc_calloc(n, 2 * sizeof(*unit_of));
	size_t n_units;
	int ret = 0;

	if (n > UINT32_MAX / 2 || !k)
		ret = syc_fail(err, SYC_EINVAL, "%zu folds of %zu rows", k, n);
	else if (!unit || !order || !size || !seen || !unit_of)
		ret = syc_nomem(err);
	for (size_t i = 0; group && i < n && ret == 0; i++)
		if (group[i] >= n)
			ret = syc_fail(err, SYC_EINVAL, "group %u of %zu rows",
				       group[i], n);
	if (ret == 0) {
		n_units = number_groups(unit_of, group, n, seen);
		for (size_t i = 0; i < n; i++)
			unit[unit_of[i]].n[label[i] == 1]++;
		deal(unit, order, n_units, size, k, unit_of + n, seed);
		for (size_t i = 0; i < n; i++)
			fold[i] = unit_of[n + unit_of[i]];
		if (n_units < k)
			ret = syc_fail(err, SYC_EINVAL, "%zu folds of %zu %s",
				       k, n_units,
				       group ? "groups" : "rows");
	}
	free(unit);
	free(order);
	free(size);
	free(seen);
	free(unit_of);
	return ret;
}
