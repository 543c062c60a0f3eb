/* SPDX-License-Identifier: MIT */
/*
 * Areas of very many scores, each used once: sorting is all there is to it,
 * and a sort by digits is what is fastest for that.
 */
#include "config.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "base/mem.h"
#include "base/par.h"
#include "syc/resample.h"

enum { DIGIT = 11, SIZE = 1 << DIGIT };

/* A float's bits in an order of whole numbers, and the label. */
struct key {
	uint32_t bits;
	uint32_t y;
};

struct many {
	const float *score;	/* [n][k] */
	const int8_t *label;
	size_t n, k;
	struct key **room;	/* [threads][2 n] */
	double *out;
};

static uint32_t ordered(float x)
{
	uint32_t u;

	x += 0.0f;	/* one zero of the two */
	memcpy(&u, &x, sizeof(u));
	return u >> 31 ? ~u : u | 0x80000000u;
}

/* Sort n keys of a, with b for room; the sorted ones are in *a. */
static void sort(struct key **a, struct key **b, size_t n)
{
	for (int shift = 0; shift < 32; shift += DIGIT) {
		size_t at[SIZE] = { 0 }, sum = 0;
		struct key *t;

		for (size_t i = 0; i < n; i++)
			at[(*a)[i].bits >> shift & (SIZE - 1)]++;
		for (int d = 0; d < SIZE; d++) {
			const size_t here = at[d];

			at[d] = sum;
			sum += here;
		}
		for (size_t i = 0; i < n; i++)
			(*b)[at[(*a)[i].bits >> shift & (SIZE - 1)]++] = (*a)[i];
		t = *a;
		*a = *b;
		*b = t;
	}
}

static double area(const struct key *s, size_t n)
{
	uint64_t wins = 0, pos = 0, neg = 0;
	size_t to;

	for (size_t from = 0; from < n; from = to) {
		uint64_t here[2] = { 0, 0 };

		for (to = from; to < n && s[to].bits == s[from].bits; to++)
			here[s[to].y]++;
		wins += here[1] * (2 * neg + here[0]);
		pos += here[1];
		neg += here[0];
	}
	return pos && neg ? (double)wins / (2.0 * (double)pos * (double)neg) : NAN;
}

static void one(void *arg, size_t part, unsigned thread)
{
	struct many *m = arg;
	struct key *a = m->room[thread], *b = a + m->n;
	size_t n = 0;

	for (size_t i = 0; i < m->n; i++) {
		const float x = m->score[i * m->k + part];

		if (isfinite(x) && (m->label[i] == 0 || m->label[i] == 1))
			a[n++] = (struct key){ ordered(x), (uint32_t)m->label[i] };
	}
	sort(&a, &b, n);
	m->out[part] = area(a, n);
}

int syc_many_auc(double *out, const float *score, const int8_t *label, size_t n,
		 size_t n_columns,
		 unsigned threads, struct syc_err *err)
{
	struct many m = { .score = score, .label = label, .n = n,
			  .k = n_columns, .out = out };
	struct syc_par *par;
	int ret = syc_par_new(&par, threads, err);

	if (ret < 0)
		return ret;
	threads = syc_par_threads(par);
	m.room = syc_calloc(threads, sizeof(*m.room));
	for (unsigned t = 0; t < threads && m.room; t++) {
		m.room[t] = syc_calloc(n, 2 * sizeof(**m.room));
		if (!m.room[t])
			ret = syc_nomem(err);
	}
	if (!m.room)
		ret = syc_nomem(err);
	if (ret == 0)
		syc_par_run(par, n_columns, one, &m);
	for (unsigned t = 0; t < threads && m.room; t++)
		free(m.room[t]);
	free(m.room);
	syc_par_free(par);
	return ret;
}
