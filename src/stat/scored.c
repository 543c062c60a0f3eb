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
	return (p->c > q->c) - (p->c < q->c);
}

int scored_init(struct scored *s, const double *score, const int8_t *label,
		const uint32_t *cluster, size_t n, struct syc_err *err)
{
	*s = (struct scored){ 0 };
	s->row = syc_calloc(n ? n : 1, sizeof(*s->row));
	if (!s->row)
		return syc_nomem(err);
	for (size_t i = 0; i < n; i++) {
		if (label[i] != 0 && label[i] != 1)
			continue;
		if (!isfinite(score[i])) {
			s->n_dropped++;
			continue;
		}
		/* + 0.0 makes one zero of the two, which compare equal. */
		s->row[s->n].x = score[i] + 0.0;
		s->row[s->n].c = cluster ? cluster[i] : 0;
		if (cluster && cluster[i] >= s->n_slots)
			s->n_slots = cluster[i] + 1;
		s->row[s->n++].y = label[i];
		s->n_pos += label[i] == 1;
	}
	qsort(s->row, s->n, sizeof(*s->row), by_all);
	return 0;
}

void scored_free(struct scored *s)
{
	free(s->row);
	*s = (struct scored){ 0 };
}

/*
 * Scaled by a power of two, which is exact, so that no square overflows or
 * vanishes.  The squares are taken from the mean in a second pass, whose
 * remainder is put back into the mean.
 */
bool scored_standardize(struct scored *s, double *mean, double *sd)
{
	const double n = (double)s->n;
	double m = 0, rest = 0, sq = 0;
	int e = 0;

	*mean = s->n ? s->row[0].x : NAN;
	*sd = s->n < 2 ? NAN : 0;
	if (s->n < 2 || s->row[0].x == s->row[s->n - 1].x)
		return false;
	frexp(fmax(-s->row[0].x, s->row[s->n - 1].x), &e);
	for (size_t i = 0; i < s->n; i++)
		m += s->row[i].x = ldexp(s->row[i].x, -e);
	m /= n;
	for (size_t i = 0; i < s->n; i++)
		rest += s->row[i].x -= m;
	rest /= n;
	for (size_t i = 0; i < s->n; i++) {
		s->row[i].x -= rest;
		sq += s->row[i].x * s->row[i].x;
	}
	sq = sqrt(sq / (n - 1));
	for (size_t i = 0; i < s->n; i++)
		s->row[i].x /= sq;
	*mean = ldexp(m + rest, e);
	*sd = ldexp(sq, e);
	return true;
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
