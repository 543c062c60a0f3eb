/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <math.h>
#include <stdlib.h>
#include "base/err.h"
#include "base/mem.h"
#include "base/par.h"
#include "base/rand.h"
#include "stat/procedure.h"

struct shuffle {
	const struct syc_ranks *r;
	enum syc_shuffle how;
	struct blocks b;	/* of rows, or of clusters: each is shuffled on its own */
	int8_t *value;		/* the label by row, or by cluster */
	uint64_t seed;
	uint32_t **weight;	/* [threads][n] */
	int8_t **label;		/* [threads][n] shuffled values */
	double *area;		/* [n_perm][k] */
};

/* Whether all rows of each cluster have one label; if so it goes into value. */
static bool uniform(const struct syc_ranks *r, int8_t *value)
{
	for (size_t c = 0; c < r->n_clusters; c++)
		value[c] = -1;
	for (size_t i = 0; i < r->n; i++) {
		int8_t *v = &value[r->cluster[i]];

		if (*v >= 0 && *v != r->label[i])
			return false;
		*v = r->label[i];
	}
	return true;
}

/* All n are one block. */
static int one_block(struct blocks *b, size_t n, struct syc_err *err)
{
	uint32_t *none = syc_calloc(n + 1, sizeof(*none));
	const int ret = none ? blocks_init(b, none, n, 1, err) : syc_nomem(err);

	free(none);
	return ret;
}

static int choose(struct shuffle *s, struct syc_err *err)
{
	const struct syc_ranks *r = s->r;

	if (r->cluster && uniform(r, s->value)) {
		s->how = SYC_SHUFFLE_CLUSTERS;
		return one_block(&s->b, r->n_clusters, err);
	}
	for (size_t i = 0; i < r->n; i++)
		s->value[i] = r->label[i];
	s->how = r->cluster ? SYC_SHUFFLE_WITHIN : SYC_SHUFFLE_ROWS;
	return r->cluster ? blocks_init(&s->b, r->cluster, r->n, r->n_clusters, err)
			  : one_block(&s->b, r->n, err);
}

/* Fisher & Yates in every block. */
static void permute(const struct shuffle *s, uint64_t key, int8_t *label)
{
	uint64_t step = 0;

	for (size_t b = 0; b < s->b.count; b++) {
		const uint32_t *place = s->b.row + s->b.from[b];
		const size_t n = s->b.from[b + 1] - s->b.from[b];

		for (size_t i = 0; i < n; i++)
			label[place[i]] = s->value[place[i]];
		for (size_t i = n; i > 1; i--) {
			const size_t j = syc_rand_below(key, step++, i);
			const int8_t v = label[place[j]];

			label[place[j]] = label[place[i - 1]];
			label[place[i - 1]] = v;
		}
	}
}

static void one(void *arg, size_t part, unsigned thread)
{
	struct shuffle *s = arg;
	const struct syc_ranks *r = s->r;
	int8_t *label = s->label[thread];
	uint32_t *w = s->weight[thread];

	permute(s, syc_rand_key(s->seed, "permutation", part), label);
	for (size_t i = 0; i < r->n; i++)
		w[i] = 2 | (uint32_t)label[s->how == SYC_SHUFFLE_CLUSTERS ?
					   r->cluster[i] : i];
	for (size_t i = 0; i < r->k; i++)
		s->area[part * r->k + i] = ranks_area(&r->column[i], w);
}

static int shuffle_init(struct shuffle *s, const struct syc_ranks *r,
			size_t n_perm, uint64_t seed,
			unsigned threads, struct syc_err *err)
{
	size_t size;
	bool bad;

	*s = (struct shuffle){ .r = r, .seed = seed };
	s->value = syc_calloc(r->n, sizeof(*s->value));
	s->weight = syc_calloc(threads, sizeof(*s->weight));
	s->label = syc_calloc(threads, sizeof(*s->label));
	s->area = syc_mul(&size, n_perm, r->k) ?
		syc_calloc(size, sizeof(*s->area)) : NULL;
	bad = !s->value || !s->weight ||
		!s->label || !s->area;
	for (unsigned t = 0; t < threads && !bad; t++) {
		s->weight[t] = syc_calloc(r->n, sizeof(uint32_t));
		s->label[t] = syc_calloc(r->n, sizeof(int8_t));
		bad = !s->weight[t] || !s->label[t];
	}
	return bad ? syc_nomem(err) : 0;
}

static void shuffle_free(struct shuffle *s, unsigned threads)
{
	for (unsigned t = 0; t < threads; t++) {
		if (s->weight)
			free(s->weight[t]);
		if (s->label)
			free(s->label[t]);
	}
	blocks_free(&s->b);
	free(s->value);
	free(s->weight);
	free(s->label);
	free(s->area);
}

/*
 * The area expected within clusters: wins over pairs, both expected.  Row i is
 * positive with the rate p of its cluster, so a pair of different clusters has
 * the chance p_i q_j; one of the same, m n / (N (N - 1)).  Over all ordered
 * pairs of a cluster wins are N (N - 1) / 2, whatever the scores.
 */
static double expected(const struct shuffle *s, size_t column, double *rate)
{
	const struct syc_ranks *r = s->r;
	const struct column *c = &r->column[column];
	double wins = 0, pairs = 0, pos = 0, neg = 0;
	double *rows = rate + r->n_clusters, *here = rows + r->n_clusters;

	for (size_t k = 0; k < r->n_clusters; k++)
		here[k] = 0;
	for (size_t g = 0, i = 0; i < c->n; g++) {
		const size_t end = c->end ? c->end[g] : i + 1;
		double p = 0, q = 0;

		for (; i < end; i++) {
			const uint32_t k = r->cluster[c->order[i]];

			p += rate[k];
			q += 1 - rate[k];
			here[k]++;
		}
		wins += p * (neg + q / 2);
		pos += p;
		neg += q;
	}
	pairs = pos * neg;
	for (size_t k = 0; k < r->n_clusters; k++) {
		const double p = rate[k], all = rows[k], n = here[k];
		/* The chance of a pair, and what was counted for it and for i = j. */
		const double same = all > 1 ? p * (1 - p) * all / (all - 1) : 0;

		wins += n * (n - 1) / 2 * (same - p * (1 - p)) - n * p * (1 - p) / 2;
		pairs += n * (n - 1) * (same - p * (1 - p)) - n * p * (1 - p);
	}
	return wins / pairs;
}

/* Where each column's areas are centered. */
static int centers(struct syc_perm *out, const struct shuffle *s, struct syc_err *err)
{
	const struct syc_ranks *r = s->r;
	double *rate = syc_calloc(r->n_clusters, 3 * sizeof(*rate)),
		*rows = rate + r->n_clusters;

	if (!rate)
		return syc_nomem(err);
	for (size_t i = 0; i < r->n && s->how == SYC_SHUFFLE_WITHIN; i++) {
		rate[r->cluster[i]] += r->label[i];
		rows[r->cluster[i]]++;
	}
	for (size_t k = 0; k < r->n_clusters && s->how == SYC_SHUFFLE_WITHIN; k++)
		rate[k] /= rows[k];
	for (size_t i = 0; i < r->k; i++)
		out[i].center = s->how == SYC_SHUFFLE_WITHIN ?
			expected(s, i, rate) : 0.5;
	free(rate);
	return 0;
}

/* Equal areas come of equal whole numbers; this is for the center's rounding. */
static bool as_far(double x, double than)
{
	return x >= than - 1e-12;
}

static int rising(const void *a, const void *b)
{
	const double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* The distance that 95 % of the n are not beyond; sorts them. */
static double reach(double *x, size_t n)
{
	qsort(x, n, sizeof(*x), rising);
	return n ? x[(19 * n + 19) / 20 - 1] : NAN;
}

/* Spread, p and reach of one column; areas become distances in spreads. */
static void column(struct syc_perm *p, double *area, size_t n_perm, size_t k,
		   double *room)
{
	double square = 0, n = 0, far = 1;

	for (size_t b = 0; b < n_perm; b++) {
		const double d = area[b * k] - p->center;

		square += isnan(d) ? 0 : d * d;
		n += !isnan(d);
		far += as_far(fabs(d), fabs(p->auc - p->center));
	}
	p->sd = sqrt(square / n);
	/* Where every outcome is the same one, what is left of it is rounding. */
	if (isnan(p->auc) || !(p->sd > 1e-9)) {
		p->center = p->sd = NAN;
		return;
	}
	p->p = far / (n + 1);
	n = 0;
	for (size_t b = 0; b < n_perm; b++) {
		area[b * k] = fabs(area[b * k] - p->center) / p->sd;
		if (!isnan(area[b * k]))
			room[(size_t)n++] = area[b * k] * p->sd;
	}
	square = reach(room, (size_t)n);
	p->lo = fmax(0, p->center - square);
	p->hi = fmin(1, p->center + square);
}

static void adjust(struct syc_perm *out, const double *z, size_t n_perm,
		   size_t k, double *room)
{
	double far;

	for (size_t b = 0; b < n_perm; b++) {
		double most = 0;

		for (size_t i = 0; i < k; i++)
			if (!isnan(out[i].p))
				most = fmax(most, z[b * k + i]);
		for (size_t i = 0; i < k; i++)
			out[i].p_max += as_far(most,
					       fabs(out[i].auc -
						    out[i].center) / out[i].sd);
		room[b] = most;
	}
	far = reach(room, n_perm);
	for (size_t i = 0; i < k; i++) {
		out[i].p_max = isnan(out[i].p) ? NAN :
			(1 + out[i].p_max) / (double)(n_perm + 1);
		out[i].max_lo = isnan(out[i].p) ? NAN :
			fmax(0, out[i].center - far * out[i].sd);
		out[i].max_hi = isnan(out[i].p) ? NAN :
			fmin(1, out[i].center + far * out[i].sd);
	}
}

int syc_permute_auc(struct syc_perm *out, enum syc_shuffle *how,
		    const struct syc_ranks *r,
		    size_t n_perm, uint64_t seed, unsigned threads,
		    struct syc_err *err)
{
	struct syc_par *par;
	struct shuffle s;
	double *room;
	int ret = syc_par_new(&par, threads, err);

	if (ret < 0)
		return ret;
	ret = shuffle_init(&s, r, n_perm, seed, syc_par_threads(par), err);
	room = ret == 0 ? syc_calloc(n_perm + 1, sizeof(*room)) : NULL;
	if (ret == 0 && !room)
		ret = syc_nomem(err);
	for (size_t i = 0; i < r->n && ret == 0; i++)
		s.weight[0][i] = 2 | (uint32_t)r->label[i];
	for (size_t i = 0; i < r->k && ret == 0; i++)
		out[i] = (struct syc_perm){ .auc = ranks_area(&r->column[i],
							      s.weight[0]),
					    .center = NAN, .sd = NAN, .p = NAN,
						    .lo = NAN, .hi = NAN };
	if (ret == 0)
		ret = choose(&s, err);
	if (ret == 0) {
		*how = s.how;
		ret = centers(out, &s, err);
	}
	if (ret == 0) {
		syc_par_run(par, n_perm, one, &s);
		for (size_t i = 0; i < r->k; i++)
			column(&out[i], s.area + i, n_perm, r->k, room);
		adjust(out, s.area, n_perm, r->k, room);
	}
	free(room);
	shuffle_free(&s, syc_par_threads(par));
	syc_par_free(par);
	return ret;
}
