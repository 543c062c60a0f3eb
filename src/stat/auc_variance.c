/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <math.h>
#include <stdlib.h>
#include "base/err.h"
#include "base/mem.h"
#include "stat/auc_variance.h"
#include "stat/distribution.h"
#include "syc/stat.h"

static int compare(double a, double b)
{
	return (a > b) - (a < b);
}

static int by_rest(const struct placed *p, const struct placed *q)
{
	if (p->y != q->y)
		return p->y - q->y;
	if (p->c != q->c)
		return (p->c > q->c) - (p->c < q->c);
	return compare(p->own, q->own);
}

static int by_first(const void *a, const void *b)
{
	const struct placed *p = a, *q = b;
	const int c = compare(p->x[0], q->x[0]), d = compare(p->x[1], q->x[1]);

	if (p->s != q->s)
		return (p->s > q->s) - (p->s < q->s);
	return c ? c : d ? d : by_rest(p, q);
}

static int by_second(const void *a, const void *b)
{
	const struct placed *p = a, *q = b;

	if (p->s != q->s)
		return (p->s > q->s) - (p->s < q->s);
	return compare(p->x[1], q->x[1]);
}

/* One stratum's rows, in order of score i: one pass over the groups of ties. */
static double place_stratum(struct placed *row, size_t n_rows, int i, double m,
			    double n)
{
	double pos_below = 0, neg_below = 0, wins = 0;
	size_t to;

	for (size_t from = 0; from < n_rows; from = to) {
		double pos = 0, neg = 0;

		for (to = from; to < n_rows && row[to].x[i] == row[from].x[i]; to++) {
			pos += row[to].own * row[to].y;
			neg += row[to].own * (1 - row[to].y);
		}
		/* Halves and whole numbers, unless weighted: exact below 2^52. */
		wins += pos * (neg_below + neg / 2);
		for (size_t r = from; r < to; r++)
			row[r].v[i] = row[r].y ? (neg_below + neg / 2) / n :
				1 - (pos_below + pos / 2) / m;
		pos_below += pos;
		neg_below += neg;
	}
	return wins;
}

/* Rows are in order of stratum, then of score i. */
static void place(struct places *p, int i)
{
	double wins = 0, pairs = 0;
	size_t to;

	for (size_t from = 0; from < p->n; from = to) {
		double rows[2] = { 0, 0 };

		for (to = from; to < p->n && p->row[to].s == p->row[from].s; to++)
			rows[p->row[to].y] += p->row[to].own;
		wins += place_stratum(p->row + from, to - from, i, rows[1], rows[0]);
		pairs += rows[0] * rows[1];
		for (size_t r = from; r < to; r++)
			p->row[r].w = p->row[r].own * rows[1 - p->row[r].y];
	}
	p->auc[i] = wins / pairs;
	for (size_t r = 0; r < p->n; r++)
		p->row[r].w /= pairs;
}

/* Both parts of DeLong's covariance of areas i and j. */
static double delong(const struct places *p, int i, int j)
{
	const double m = (double)p->n_pos, n = (double)(p->n - p->n_pos);
	double sum[2] = { 0, 0 };

	for (size_t r = 0; r < p->n; r++)
		sum[p->row[r].y] += p->row[r].w * p->row[r].w *
			(p->row[r].v[i] - p->auc[i]) * (p->row[r].v[j] - p->auc[j]);
	return m < 2 || n < 2 ? NAN : sum[1] * m / (m - 1) + sum[0] * n / (n - 1);
}

/* What a cluster's rows of either class add up to. */
struct pile {
	double v[2][2];		/* [class][score] placements less their mean, weighted */
	size_t rows[2];		/* [class] */
};

static double rate(size_t k)
{
	return (double)k / (double)(k - 1);
}

/* Obuchowski (1997), equations 3 to 7. */
static void obuchowski(struct places *p, const struct pile *pile)
{
	double both[2][2] = { { 0 } }, pos[2][2] = { { 0 } }, neg[2][2] = { { 0 } };
	size_t with[2] = { 0, 0 };

	for (uint32_t c = 0; c < p->n_slots; c++) {
		const struct pile *q = &pile[c];

		p->n_clusters += q->rows[0] || q->rows[1];
		with[0] += q->rows[0] > 0;
		with[1] += q->rows[1] > 0;
		for (int i = 0; i < p->k; i++)
			for (int j = 0; j < p->k; j++) {
				pos[i][j] += q->v[1][i] * q->v[1][j];
				neg[i][j] += q->v[0][i] * q->v[0][j];
				both[i][j] += q->v[1][i] * q->v[0][j] +
					q->v[0][i] * q->v[1][j];
			}
	}
	for (int i = 0; i < p->k; i++)
		for (int j = 0; j < p->k; j++)
			p->cov[i][j] = with[0] < 2 || with[1] < 2 ? NAN :
				rate(with[1]) * pos[i][j] +
				rate(with[0]) * neg[i][j] +
				rate(p->n_clusters) * both[i][j];
	/* The last part is negative where clusters balance the classes. */
	for (int i = 0; i < p->k; i++)
		p->cov[i][i] = p->cov[i][i] < 0 ? 0 : p->cov[i][i];
}

static int by_cluster(struct places *p, struct syc_err *err)
{
	struct pile *pile = syc_calloc(p->n_slots, sizeof(*pile));

	if (!pile)
		return syc_nomem(err);
	for (size_t r = 0; r < p->n; r++) {
		struct pile *q = &pile[p->row[r].c];

		q->rows[p->row[r].y]++;
		for (int i = 0; i < p->k; i++)
			q->v[p->row[r].y][i] += p->row[r].w * (p->row[r].v[i] -
							       p->auc[i]);
	}
	obuchowski(p, pile);
	free(pile);
	return 0;
}

/* All placements are alike where the area is 0 or 1, whatever they round to. */
static void find_own(struct places *p)
{
	for (int i = 0; i < p->k; i++) {
		p->own[i] = delong(p, i, i);
		if (!isnan(p->own[i]) && (p->auc[i] == 0 || p->auc[i] == 1))
			p->own[i] = 0;
	}
}

static void no_clusters(struct places *p)
{
	for (int i = 0; i < p->k; i++)
		for (int j = 0; j < p->k; j++)
			p->cov[i][j] = i == j ? p->own[i] :
				p->own[i] * p->own[j] == 0 ? 0 :
				delong(p, i, j);
}

static bool usable(const struct places_in *in, size_t r)
{
	return isfinite(in->score[0][r]) && (in->k < 2 || isfinite(in->score[1][r]));
}

static void copy(struct places *p, const struct places_in *in)
{
	for (size_t r = 0; r < in->n; r++) {
		struct placed *q = &p->row[p->n];

		if (in->label[r] != 0 && in->label[r] != 1)
			continue;
		if (in->weight && !(isfinite(in->weight[r]) && in->weight[r] > 0))
			continue;
		if (!usable(in, r)) {
			p->n_dropped++;
			continue;
		}
		/* + 0.0 makes one zero of the two, which compare equal. */
		for (int i = 0; i < p->k; i++)
			q->x[i] = in->score[i][r] + 0.0;
		q->y = in->label[r];
		q->own = in->weight ? in->weight[r] : 1;
		q->c = in->cluster ? in->cluster[r] : 0;
		q->s = in->stratum ? in->stratum[r] : 0;
		if (in->cluster && q->c >= p->n_slots)
			p->n_slots = q->c + 1;
		p->n++;
	}
}

/* Sorted by stratum; a stratum with one class has no pairs. */
static void drop_lone(struct places *p)
{
	size_t kept = 0, to;

	for (size_t from = 0; from < p->n; from = to) {
		size_t rows[2] = { 0, 0 };

		for (to = from; to < p->n && p->row[to].s == p->row[from].s; to++)
			rows[p->row[to].y]++;
		for (size_t r = from; r < to && rows[0] && rows[1]; r++)
			p->row[kept++] = p->row[r];
		if (rows[0] && rows[1])
			p->n_pos += rows[1];
	}
	p->n = kept;
}

int places_init(struct places *p, const struct places_in *in, struct syc_err *err)
{
	*p = (struct places){ .k = in->k, .clustered = in->cluster };
	for (int i = 0; i < 2; i++)
		p->auc[i] = p->own[i] = p->cov[i][0] = p->cov[i][1] = NAN;
	p->row = syc_calloc(in->n, sizeof(*p->row));
	if (!p->row)
		return syc_nomem(err);
	copy(p, in);
	qsort(p->row, p->n, sizeof(*p->row), by_first);
	if (in->stratum)
		drop_lone(p);
	else
		for (size_t r = 0; r < p->n; r++)
			p->n_pos += p->row[r].y == 1;
	if (!p->n_pos || p->n_pos == p->n)
		return 0;
	if (p->k == 2) {
		qsort(p->row, p->n, sizeof(*p->row), by_second);
		place(p, 1);
		qsort(p->row, p->n, sizeof(*p->row), by_first);
	}
	place(p, 0);
	find_own(p);
	if (p->clustered)
		return by_cluster(p, err);
	no_clusters(p);
	return 0;
}

void places_free(struct places *p)
{
	free(p->row);
	p->row = NULL;
}

/*
 * One class's part of the variance: that of its placements, drawn toward the
 * model's with the weight that stat.h gives.
 */
struct part {
	double rows, telling;
	double sum;		/* of (w (v - auc))^2 */
	double scale;		/* of w^2 */
};

static double drawn(const struct part *q, double model)
{
	const double w = q->rows < 2 ? 1 : 1.5 / (1.5 + q->telling);
	const double v = q->rows < 2 ? 0 : q->sum * q->rows / (q->rows - 1);

	return (1 - w) * v + w * model * q->scale;
}

static double model_part(double a)
{
	const double q = a / (2 - a), r = 2 * a * a / (1 + a);

	return (fmin(q, r) + 3 * fmax(q, r)) / 4 - a * a;
}

/* Rows that beat, or lose to, all others tell nothing of how placements vary. */
static void count(const struct places *p, int i, struct part part[2])
{
	double low[2] = { 0, 0 }, high[2] = { 0, 0 };

	for (size_t r = 0; r < p->n; r++) {
		const struct placed *q = &p->row[r];
		const double d = q->w * (q->v[i] - p->auc[i]);

		part[q->y].rows++;
		part[q->y].sum += d * d;
		part[q->y].scale += q->w * q->w;
		low[q->y] += q->v[i] < 1;
		high[q->y] += q->v[i] > 0;
	}
	for (int y = 0; y < 2; y++)
		part[y].telling = fmin(low[y], high[y]);
}

void places_interval(const struct places *p, int i, double z, double *lo, double *hi)
{
	const double m = (double)p->n_pos, n = (double)(p->n - p->n_pos),
		least = 0.5 / (m * n);
	const double a = fmin(fmax(p->auc[i], least), 1 - least);
	struct part part[2] = { { 0 } };
	double v;

	*lo = *hi = NAN;
	if (isnan(p->auc[i]) || (p->clustered && isnan(p->cov[i][i])))
		return;
	count(p, i, part);
	v = drawn(&part[0], model_part(a)) + drawn(&part[1], model_part(a));
	if (p->clustered)
		v = p->cov[i][i] + fmax(v - (isnan(p->own[i]) ? 0 : p->own[i]), 0);
	wilson_interval(p->auc[i], a * (1 - a) / v, z, lo, hi);
}

double places_quantile(const struct places *p)
{
	if (!p->clustered)
		return syc_stat_t_quantile(0.05, INFINITY);
	return p->n_clusters < 2 ? NAN :
		syc_stat_t_quantile(0.05, (double)p->n_clusters - 1);
}
