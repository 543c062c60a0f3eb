/* SPDX-License-Identifier: MIT */
/* Prompts left out one at a time, by importance sampling. */
#include "config.h"
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "base/mem.h"
#include "study/prefer/prefer.h"
#include "syc/stat.h"

enum { FEWEST = 5 };	/* draws of a tail */
static const double bad_k = 0.7;

/*
 * A generalized Pareto distribution for the excesses x [n], rising (Zhang &
 * Stephens 2009): the shape, drawn toward 1/2 as by 10 draws, and *sigma.
 */
static double pareto_fit(const double *x, size_t n, double *sigma)
{
	const size_t m = 30 + (size_t)sqrt((double)n);
	const double quarter = x[(size_t)((double)n / 4 + 0.5) - 1],
		     longest = x[n - 1];
	double b[30 + 1000], size[30 + 1000], sum = 0, best = 0, k = 0;

	for (size_t i = 0; i < m; i++) {
		double mean = 0;

		b[i] = (1 - sqrt((double)m / ((double)i + 0.5))) /
			       (3 * quarter) +
		       1 / longest;
		for (size_t j = 0; j < n; j++)
			mean += log1p(-b[i] * x[j]) / (double)n;
		size[i] = (double)n * (log(-b[i] / mean) - mean - 1);
	}
	for (size_t i = 0; i < m; i++) {
		double w = 0;

		for (size_t j = 0; j < m; j++)
			w += exp(size[j] - size[i]);
		w = 1 / w;
		if (!(w >= 10 * DBL_EPSILON))
			continue;
		sum += w;
		best += w * b[i];
	}
	best /= sum;
	for (size_t j = 0; j < n; j++)
		k += log1p(-best * x[j]) / (double)n;
	*sigma = -k / best;
	return ((double)n * k + 5) / ((double)n + 10);
}

struct tail {
	double w;
	size_t at;
};

static int by_weight(const void *a, const void *b)
{
	const struct tail *p = a, *q = b;

	return p->w != q->w ? (p->w > q->w) - (p->w < q->w)
			    : (p->at > q->at) - (p->at < q->at);
}

/* Replace the m largest of w, tail's, by what the distribution expects of them. */
static double smooth(double *w, struct tail *t, size_t m, double cut,
		     double *room)
{
	const double base = exp(cut);
	double k, sigma;

	for (size_t i = 0; i < m; i++)
		room[i] = exp(t[i].w) - base;
	if (!(room[m - 1] > 0) ||
	    !(room[(size_t)((double)m / 4 + 0.5) - 1] > 0))
		return 0;
	k = pareto_fit(room, m, &sigma);
	if (!isfinite(k))
		return k;
	for (size_t i = 0; i < m; i++) {
		const double p = ((double)i + 0.5) / (double)m,
			     x = k ? sigma * expm1(-k * log1p(-p)) / k
				   : -sigma * log1p(-p);

		w[t[i].at] = fmin(log(x + base), 0);
	}
	return k;
}

/* The m largest of w, and above them the cut. */
static size_t find_tail(const double *w, size_t n, size_t m, double *cut,
			struct tail *t, double *room)
{
	size_t found = 0;

	memcpy(room, w, n * sizeof(*room));
	syc_stat_sort(room, n);
	*cut = fmax(room[n - m - 1], log(DBL_MIN));
	for (size_t i = 0; i < n && found < m; i++)
		if (w[i] > *cut)
			t[found++] = (struct tail){ w[i], i };
	qsort(t, found, sizeof(*t), by_weight);
	return found;
}

double psis(double *w, size_t n, double *room)
{
	const size_t m =
		(size_t)ceil(fmin(0.2 * (double)n, 3 * sqrt((double)n)));
	struct tail *t = syc_calloc(m + 1, sizeof(*t));
	double most = -INFINITY, sum = 0, cut, k = 0;
	size_t found;

	if (!t)
		return NAN;
	for (size_t i = 0; i < n; i++)
		most = fmax(most, w[i]);
	for (size_t i = 0; i < n; i++)
		w[i] -= most;
	found = m < n ? find_tail(w, n, m, &cut, t, room) : 0;
	if (found >= FEWEST)
		k = smooth(w, t, found, cut, room);
	for (size_t i = 0; i < n; i++)
		sum += w[i] = exp(w[i]);
	for (size_t i = 0; i < n; i++)
		w[i] /= sum;
	free(t);
	return k;
}

struct order {
	uint32_t prompt, row;
	size_t at;
};

static int by_prompt(const void *a, const void *b)
{
	const struct order *p = a, *q = b;

	if (p->prompt != q->prompt)
		return p->prompt < q->prompt ? -1 : 1;
	return (p->at > q->at) - (p->at < q->at);
}

struct loo {
	struct chances c;
	double *w, *room;	/* [n_draws] */
	double *chance;		/* [n_rows] */
};

/* A prompt's pairs, at o [n]: weights from all of them, then each one's chance. */
static double leave_out(struct loo *l, const struct order *o, size_t n)
{
	const size_t draws = l->c.n_draws;
	uint32_t row[PREFER_BLOCK];
	double k = NAN;

	memset(l->w, 0, draws * sizeof(*l->w));
	for (int pass = 0; pass < 2; pass++) {
		for (size_t i = 0; i < n; i += PREFER_BLOCK) {
			const size_t m =
				n - i < PREFER_BLOCK ? n - i : PREFER_BLOCK;

			for (size_t r = 0; r < m; r++)
				row[r] = o[i + r].row;
			if (!pass || n > PREFER_BLOCK)
				chances_fill(&l->c, row, m);
			for (size_t r = 0; r < m; r++) {
				const double *s = l->c.s + r * draws;
				double sum = 0;

				for (size_t d = 0; d < draws; d++)
					if (pass)
						sum += l->w[d] * s[d];
					else
						l->w[d] -= log(s[d]);
				l->chance[o[i + r].at] = sum;
			}
		}
		if (!pass)
			k = psis(l->w, draws, l->room);
	}
	return k;
}

static int run(struct syc_prefer_loo *out, struct loo *l, struct order *o,
	       const uint32_t *row, size_t n, struct syc_err *err)
{
	const struct syc_prefer_data *p = l->c.p;

	for (size_t i = 0; i < n; i++)
		o[i] = (struct order){ p->prompt[row[i]], row[i], i };
	qsort(o, n, sizeof(*o), by_prompt);
	for (size_t i = 0, j; i < n; i = j) {
		double k;

		for (j = i + 1; j < n && o[j].prompt == o[i].prompt; j++)
			;
		k = leave_out(l, o + i, j - i);
		out->most_k = fmax(out->most_k, k);
		out->n_bad += !(k <= bad_k);
	}
	return prefer_score(&out->score, p, row, n, l->chance, err);
}

int syc_prefer_loo(struct syc_prefer_loo *out, const struct syc_prefer_data *p,
		   const uint32_t *row, size_t n_rows,
		   const struct syc_nuts *draws, struct syc_err *err)
{
	struct order *o = syc_calloc(n_rows + 1, sizeof(*o));
	struct loo l;
	int ret;

	*out = (struct syc_prefer_loo){ .most_k = -INFINITY };
	ret = chances_init(&l.c, p, draws, err);
	if (ret < 0) {
		free(o);
		return ret;
	}
	l.w = syc_calloc(2 * l.c.n_draws + n_rows, sizeof(double));
	if (l.w && o) {
		l.room = l.w + l.c.n_draws;
		l.chance = l.room + l.c.n_draws;
		ret = run(out, &l, o, row, n_rows, err);
	} else {
		ret = syc_nomem(err);
	}
	free(l.w);
	free(o);
	chances_free(&l.c);
	return ret;
}
