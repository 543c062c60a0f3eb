/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <math.h>
#include <stdlib.h>
#include "base/err.h"
#include "base/mem.h"
#include "stat/scored.h"

static int by_all(const void *a, const void *b)
{
	const struct pair *p = a, *q = b;

	if (p->x != q->x)
		return (p->x > q->x) - (p->x < q->x);
	if (p->y != q->y)
		return (p->y > q->y) - (p->y < q->y);
	if (p->c != q->c)
		return (p->c > q->c) - (p->c < q->c);
	return (p->w > q->w) - (p->w < q->w);
}

/* Decided, and of a weight that counts. */
static bool decided(const struct scored_in *in, size_t i)
{
	if (in->weight && !(isfinite(in->weight[i]) && in->weight[i] > 0))
		return false;
	return in->outcome ? isfinite(in->outcome[i]) != 0
			   : in->label[i] == 0 || in->label[i] == 1;
}

static void add(struct scored *s, const struct scored_in *in, size_t i)
{
	struct pair *p = &s->row[s->n++];

	/* + 0.0 makes one zero of the two, which compare equal. */
	p->x = in->score[i] + 0.0;
	p->y = in->outcome ? in->outcome[i] + 0.0 : in->label[i];
	p->w = in->weight ? in->weight[i] : 1;
	p->c = in->cluster ? in->cluster[i] : 0;
	if (in->cluster && p->c >= s->n_slots)
		s->n_slots = p->c + 1;
	s->n_pos += p->y == 1;
}

/* Weights of mean 1; those of huge numbers do not overflow their sum. */
static void scale(struct scored *s)
{
	double most = 0, sum = 0;

	for (size_t i = 0; i < s->n; i++)
		most = fmax(most, s->row[i].w);
	for (size_t i = 0; i < s->n; i++)
		sum += s->row[i].w /= most;
	for (size_t i = 0; i < s->n; i++)
		s->row[i].w *= (double)s->n / sum;
}

int scored_fill(struct scored *s, const struct scored_in *in, struct syc_err *err)
{
	*s = (struct scored){ .weighted = in->weight != NULL };
	s->row = syc_calloc(in->n ? in->n : 1, sizeof(*s->row));
	if (!s->row)
		return syc_nomem(err);
	for (size_t i = 0; i < in->n; i++) {
		if (!decided(in, i))
			continue;
		if (isfinite(in->score[i]))
			add(s, in, i);
		else
			s->n_dropped++;
	}
	qsort(s->row, s->n, sizeof(*s->row), by_all);
	if (in->weight)
		scale(s);
	return 0;
}

int scored_init(struct scored *s, const double *score, const int8_t *label,
		const uint32_t *cluster, size_t n, struct syc_err *err)
{
	const struct scored_in in = { .score = score, .label = label,
				      .cluster = cluster, .n = n };

	return scored_fill(s, &in, err);
}

void scored_free(struct scored *s)
{
	free(s->row);
	*s = (struct scored){ 0 };
}

size_t scored_whole(bool *layer, bool *row, const double *score, const int8_t *label,
		    size_t n, size_t n_layers)
{
	size_t kept = 0;

	for (size_t i = 0; i < n; i++) {
		row[i] = label[i] == 0 || label[i] == 1;
		for (size_t l = 0; l < n_layers && row[i]; l++)
			layer[l] |= isfinite(score[i * n_layers + l]) != 0;
	}
	for (size_t i = 0; i < n; i++) {
		for (size_t l = 0; l < n_layers && row[i]; l++)
			row[i] = !layer[l] || isfinite(score[i * n_layers + l]);
		kept += row[i];
	}
	return kept;
}

/* x or y of a row, by its offset. */
static double *at(struct scored *s, size_t i, size_t offset)
{
	return (double *)((char *)&s->row[i] + offset);
}

/*
 * Scaled by a power of two, which is exact, so that no square overflows or
 * vanishes.  The squares are taken from the mean in a second pass, whose
 * remainder is put back into the mean.
 */
static void scale_column(struct scored *s, size_t x, double most, double *mean,
			 double *sd)
{
	const double n = (double)s->n;
	double m = 0, rest = 0, sq = 0;
	int e = 0;

	frexp(most, &e);
	for (size_t i = 0; i < s->n; i++)
		m += s->row[i].w * (*at(s, i, x) = ldexp(*at(s, i, x), -e));
	m /= n;
	for (size_t i = 0; i < s->n; i++)
		rest += s->row[i].w * (*at(s, i, x) -= m);
	rest /= n;
	for (size_t i = 0; i < s->n; i++) {
		*at(s, i, x) -= rest;
		sq += s->row[i].w * *at(s, i, x) * *at(s, i, x);
	}
	sq = sqrt(sq / (n - 1));
	for (size_t i = 0; i < s->n; i++)
		*at(s, i, x) /= sq;
	*mean = ldexp(m + rest, e);
	*sd = ldexp(sq, e);
}

static bool standardize(struct scored *s, size_t x, double *mean, double *sd)
{
	double lo = INFINITY, hi = -INFINITY;

	for (size_t i = 0; i < s->n; i++) {
		lo = fmin(lo, *at(s, i, x));
		hi = fmax(hi, *at(s, i, x));
	}
	*mean = s->n ? lo : NAN;
	*sd = s->n < 2 ? NAN : 0;
	if (s->n < 2 || lo == hi)
		return false;
	scale_column(s, x, fmax(-lo, hi), mean, sd);
	return true;
}

bool scored_standardize(struct scored *s, double *mean, double *sd)
{
	return standardize(s, offsetof(struct pair, x), mean, sd);
}

bool scored_standardize_outcome(struct scored *s, double *mean, double *sd)
{
	return standardize(s, offsetof(struct pair, y), mean, sd);
}

double scored_scatter(const struct scored *s, const double *v, size_t *g)
{
	double *pile = syc_calloc(s->n_slots, sizeof(*pile)), sum = 0;
	char *seen = syc_calloc(s->n_slots, 1);

	*g = s->n_slots ? 0 : s->n;
	for (size_t i = 0; i < s->n && pile && seen; i++) {
		if (!s->n_slots) {
			sum += v[i] * v[i];
			continue;
		}
		pile[s->row[i].c] += v[i];
		*g += !seen[s->row[i].c];
		seen[s->row[i].c] = 1;
	}
	for (uint32_t c = 0; c < s->n_slots && pile && seen; c++)
		sum += pile[c] * pile[c];
	if (!pile || !seen || *g < 2)
		sum = NAN;
	if (s->n_slots)
		sum *= (double)*g / (double)(*g - 1);
	free(pile);
	free(seen);
	return sum;
}
