/* SPDX-License-Identifier: MIT */
/* A layer chosen on some folds and tried on another, for any labels. */
#include "config.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "base/mem.h"
#include "base/rand.h"
#include "stat/procedure.h"

int blocks_init(struct blocks *b, const uint32_t *of, size_t n, size_t count,
		struct syc_err *err)
{
	*b = (struct blocks){ .count = count };
	b->row = syc_calloc(n + 1, sizeof(*b->row));
	b->from = syc_calloc(count + 2, sizeof(*b->from));
	if (!b->row || !b->from)
		return syc_nomem(err);
	for (size_t i = 0; i < n; i++)
		b->from[of[i] + 2]++;
	for (size_t c = 0; c < count; c++)
		b->from[c + 2] += b->from[c + 1];
	for (size_t i = 0; i < n; i++)
		b->row[b->from[of[i] + 1]++] = (uint32_t)i;
	return 0;
}

void blocks_free(struct blocks *b)
{
	free(b->row);
	free(b->from);
}

void shuffle_rows(uint32_t *v, size_t n, uint64_t key, uint64_t *step)
{
	for (size_t i = n; i > 1; i--) {
		const size_t j = syc_rand_below(key, (*step)++, i);
		const uint32_t w = v[j];

		v[j] = v[i - 1];
		v[i - 1] = w;
	}
}

void blocks_exchange(const struct blocks *b, size_t n, uint64_t key,
		     uint32_t *room, uint32_t *from)
{
	uint32_t *block = room + n;
	uint64_t step = 0;

	for (size_t c = 0; c < b->count; c++)
		block[c] = (uint32_t)c;
	shuffle_rows(block, b->count, key, &step);
	for (size_t c = 0; c < b->count; c++) {
		const uint32_t *row = b->row + b->from[block[c]];
		const size_t to = b->from[c + 1] - b->from[c];
		const size_t m = b->from[block[c] + 1] - b->from[block[c]];

		memcpy(room, row, m * sizeof(*room));
		for (size_t i = 0; i < to; i++) {
			if (i % m == 0)
				shuffle_rows(room, m, key, &step);
			from[b->row[b->from[c] + i]] = room[i % m];
		}
	}
}

int trial_room_init(struct trial_room *r, const struct trial *t,
		    struct syc_err *err)
{
	r->weight = syc_calloc(t->n + 1, sizeof(*r->weight));
	r->wins = syc_calloc(t->k * t->n_folds + 1, sizeof(*r->wins));
	r->pairs = syc_calloc(t->k * t->n_folds + 1, sizeof(*r->pairs));
	return r->weight && r->wins && r->pairs ? 0 : syc_nomem(err);
}

void trial_room_free(struct trial_room *r)
{
	free(r->weight);
	free(r->wins);
	free(r->pairs);
}

/* Wins and pairs of a layer in one stratum; a tie is half a win. */
static void count_pairs(const struct trial *t, const int8_t *label, size_t stratum,
			const double *x, double *wins, double *pairs)
{
	const uint32_t *row = t->strata.row + t->strata.from[stratum];
	const size_t n = t->strata.from[stratum + 1] - t->strata.from[stratum];

	for (size_t i = 0; i < n; i++) {
		if (!label[row[i]])
			continue;
		for (size_t j = 0; j < n; j++) {
			const double a = x[row[i]], b = x[row[j]];

			if (label[row[j]])
				continue;
			*wins += a > b ? 1 : a == b ? 0.5 : 0;
			++*pairs;
		}
	}
}

/* Fill wins and pairs of all layers and folds, within strata. */
static void count_strata(const struct trial *t, const int8_t *label,
			 struct trial_room *r)
{
	for (size_t i = 0; i < t->k * t->n_folds; i++)
		r->wins[i] = r->pairs[i] = 0;
	for (size_t s = 0; s < t->strata.count; s++) {
		const uint32_t f = t->fold[t->strata.row[t->strata.from[s]]];

		for (size_t l = 0; l < t->k; l++)
			count_pairs(t, label, s, t->x + l * t->n,
				    &r->wins[l * t->n_folds + f],
				    &r->pairs[l * t->n_folds + f]);
	}
}

static void weigh(const struct trial *t, const int8_t *label, size_t f,
		  bool inside, uint32_t *weight)
{
	for (size_t i = 0; i < t->n; i++)
		weight[i] = (t->fold[i] == f) == inside ? 2 | (uint32_t)label[i] : 0;
}

/* Area of layer l outside fold f, by counts or by weights. */
static double area_outside(const struct trial *t, size_t l, size_t f,
			   const struct trial_room *r)
{
	double wins = 0, pairs = 0;

	if (!t->strata.count)
		return ranks_area(&t->column[l], r->weight);
	for (size_t g = 0; g < t->n_folds; g++)
		if (g != f) {
			wins += r->wins[l * t->n_folds + g];
			pairs += r->pairs[l * t->n_folds + g];
		}
	return pairs > 0 ? wins / pairs : NAN;
}

/* The rest of trial_pick(), with strata counted. */
static struct pick pick(const struct trial *t, const int8_t *label, size_t f,
			struct trial_room *r)
{
	struct pick best = { 0 };
	double far = -1;

	if (!t->strata.count)
		weigh(t, label, f, false, r->weight);
	for (size_t l = 0; l < t->k; l++) {
		const double a = area_outside(t, l, f, r);

		if (!(fabs(a - 0.5) > far))
			continue;
		far = fabs(a - 0.5);
		best = (struct pick){ l, a < 0.5 ? -1 : 1 };
	}
	return best;
}

struct pick trial_pick(const struct trial *t, const int8_t *label, size_t f,
		       struct trial_room *r)
{
	if (t->strata.count)
		count_strata(t, label, r);
	return pick(t, label, f, r);
}

/* Wins and pairs of layer l in fold f. */
static void count_inside(const struct trial *t, const int8_t *label, size_t l,
			 size_t f, struct trial_room *r, double *wins,
			 double *pairs)
{
	size_t pos = 0, neg = 0;

	if (t->strata.count) {
		*wins = r->wins[l * t->n_folds + f];
		*pairs = r->pairs[l * t->n_folds + f];
		return;
	}
	weigh(t, label, f, true, r->weight);
	for (size_t i = 0; i < t->n; i++)
		if (t->fold[i] == f) {
			pos += label[i] == 1;
			neg += label[i] == 0;
		}
	*pairs = (double)pos * (double)neg;
	*wins = *pairs > 0 ? *pairs * ranks_area(&t->column[l], r->weight) : 0;
}

double trial_area(const struct trial *t, const int8_t *label,
		  struct trial_room *r, size_t *chosen)
{
	double wins = 0, pairs = 0;

	if (t->strata.count)
		count_strata(t, label, r);
	for (size_t f = 0; f < t->n_folds; f++) {
		const struct pick best = pick(t, label, f, r);
		double w, p;

		if (!best.sign)
			continue;
		count_inside(t, label, best.layer, f, r, &w, &p);
		wins += best.sign > 0 ? w : p - w;
		pairs += p;
		if (chosen)
			chosen[best.layer]++;
	}
	return pairs > 0 ? wins / pairs : NAN;
}
