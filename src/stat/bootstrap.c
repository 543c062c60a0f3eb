/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "base/mem.h"
#include "base/par.h"
#include "base/rand.h"
#include "stat/auc_variance.h"
#include "stat/ranks.h"
#include "syc/resample.h"
#include "syc/stat.h"

struct draws {
	const struct syc_ranks *r;
	uint64_t seed;
	uint32_t *class_row[2];	/* rows of either class */
	uint32_t **weight;	/* [threads][n] */
	uint32_t **times;	/* [threads][n_clusters] */
	double *area;		/* [n_boot][k] */
};

/* A sample's weights, with the labels in the lowest bit. */
static void draw(const struct draws *d, size_t part, unsigned thread)
{
	const struct syc_ranks *r = d->r;
	const uint64_t key = syc_rand_key(d->seed, "bootstrap", part);
	const size_t n_class[2] = { r->n - r->n_pos, r->n_pos };
	uint32_t *w = d->weight[thread], *times = d->times[thread];
	uint64_t step = 0;

	memset(w, 0, r->n * sizeof(*w));
	for (int c = 0; c < 2 && !r->cluster; c++)
		for (size_t i = 0; i < n_class[c]; i++)
			w[d->class_row[c][syc_rand_below(key, step++,
							 n_class[c])]] += 2;
	if (r->cluster) {
		memset(times, 0, r->n_clusters * sizeof(*times));
		for (size_t i = 0; i < r->n_clusters; i++)
			times[syc_rand_below(key, step++, r->n_clusters)]++;
		for (size_t i = 0; i < r->n; i++)
			w[i] = 2 * times[r->cluster[i]];
	}
	for (size_t i = 0; i < r->n; i++)
		w[i] |= (uint32_t)r->label[i];
}

static void sample(void *arg, size_t part, unsigned thread)
{
	struct draws *d = arg;

	draw(d, part, thread);
	for (size_t i = 0; i < d->r->k; i++)
		d->area[part * d->r->k + i] =
			ranks_area(&d->r->column[i], d->weight[thread]);
}

static void draws_free(struct draws *d, unsigned threads)
{
	for (unsigned t = 0; t < threads; t++) {
		if (d->weight)
			free(d->weight[t]);
		if (d->times)
			free(d->times[t]);
	}
	free(d->weight);
	free(d->times);
	free(d->class_row[0]);
	free(d->class_row[1]);
	free(d->area);
}

static int draws_init(struct draws *d, const struct syc_ranks *r, size_t n_boot,
		      uint64_t seed,
		      unsigned threads, struct syc_err *err)
{
	size_t size, at[2] = { 0, 0 };
	bool bad;

	*d = (struct draws){ .r = r, .seed = seed };
	d->weight = syc_calloc(threads, sizeof(*d->weight));
	d->times = syc_calloc(threads, sizeof(*d->times));
	d->class_row[0] = syc_calloc(r->n, sizeof(uint32_t));
	d->class_row[1] = syc_calloc(r->n, sizeof(uint32_t));
	d->area = syc_mul(&size, n_boot, r->k) ?
		syc_calloc(size, sizeof(*d->area)) : NULL;
	bad = !d->weight || !d->times || !d->class_row[0] || !d->class_row[1] ||
		!d->area;
	for (unsigned t = 0; t < threads && !bad; t++) {
		d->weight[t] = syc_calloc(r->n, sizeof(uint32_t));
		d->times[t] = syc_calloc(r->n_clusters, sizeof(uint32_t));
		bad = !d->weight[t] || !d->times[t];
	}
	for (size_t i = 0; i < r->n && !bad; i++)
		d->class_row[r->label[i]][at[r->label[i]]++] = (uint32_t)i;
	return bad ? syc_nomem(err) : 0;
}

/* The standard deviation of sorted numbers. */
static double spread(const double *x, size_t n)
{
	double mean = 0, square = 0;

	if (x[0] == x[n - 1])
		return 0;
	for (size_t i = 0; i < n; i++)
		mean += x[i] / (double)n;
	for (size_t i = 0; i < n; i++)
		square += (x[i] - mean) * (x[i] - mean);
	return sqrt(square / (double)(n - 1));
}

/* What the samples say of one column; distances in spreads are left in their place. */
static void column(struct syc_boot *out, double *area, size_t n_boot, size_t k,
		   double *room)
{
	for (size_t b = 0; b < n_boot; b++)
		if (!isnan(area[b * k]))
			room[out->n++] = area[b * k];
	if (out->n < 2)
		return;
	syc_stat_sort(room, out->n);
	out->se = spread(room, out->n);
	out->lo = syc_stat_quantile(room, out->n, 0.025);
	out->hi = syc_stat_quantile(room, out->n, 0.975);
	for (size_t b = 0; b < n_boot; b++)
		area[b * k] = (area[b * k] - out->auc) / out->se;
}

/* The 95 % quantile of the farthest column; a column that is NaN or stiff is none. */
static double critical(const double *z, size_t n_boot, size_t k, double *room)
{
	size_t n = 0;

	for (size_t b = 0; b < n_boot; b++) {
		double most = NAN;

		for (size_t i = 0; i < k; i++)
			most = fmax(most, fabs(z[b * k + i]));
		if (!isnan(most))
			room[n++] = most;
	}
	syc_stat_sort(room, n);
	return n ? syc_stat_quantile(room, n, 0.95) : NAN;
}

/* The area's own interval, farther out: c takes the place of 1.96. */
static int band(struct syc_boot *b, const struct syc_ranks *r, size_t column,
		double c,
		double *rank, struct syc_err *err)
{
	const struct places_in in = { .score = { rank }, .k = 1, .label = r->label,
				      .cluster = r->cluster, .n = r->n };
	const struct column *k = &r->column[column];
	struct places p;
	int ret;

	for (size_t i = 0; i < r->n; i++)
		rank[i] = NAN;
	for (size_t i = 0, g = 0; i < k->n; i++) {
		rank[k->order[i]] = (double)g;
		g += !k->end || k->end[g] == i + 1;
	}
	ret = places_init(&p, &in, err);
	if (ret == 0)
		places_interval(&p, 0, c * places_quantile(&p) /
				syc_stat_t_quantile(0.05, INFINITY),
				&b->band_lo, &b->band_hi);
	places_free(&p);
	return ret;
}

/* Whether either class has two rows, in two clusters. */
static bool enough(const struct syc_ranks *r)
{
	const uint32_t none = UINT32_MAX;
	uint32_t first[2] = { none, none };
	bool more[2] = { false, false };

	for (size_t i = 0; i < r->n; i++) {
		const uint32_t c = r->cluster ? r->cluster[i] : (uint32_t)i;
		const int y = r->label[i];

		if (first[y] == none)
			first[y] = c;
		more[y] |= c != first[y];
	}
	return more[0] && more[1];
}

static int summarize(struct syc_boot *out, struct draws *d, size_t n_boot,
		     struct syc_err *err)
{
	const struct syc_ranks *r = d->r;
	double *room = syc_calloc(n_boot > r->n ? n_boot : r->n, sizeof(*room)), c;
	int ret = room ? 0 : syc_nomem(err);

	for (size_t i = 0; i < r->k && ret == 0; i++)
		column(&out[i], d->area + i, n_boot, r->k, room);
	if (ret == 0) {
		c = critical(d->area, n_boot, r->k, room);
		/* Where no sample differs nothing is known of how columns go together. */
		if (isnan(c))
			c = syc_stat_t_quantile(0.05 / (double)r->k, INFINITY);
	}
	for (size_t i = 0; i < r->k && ret == 0; i++)
		ret = band(&out[i], r, i, c, room, err);
	free(room);
	return ret;
}

/* The areas themselves. */
static int plain(struct syc_boot *out, const struct syc_ranks *r, struct syc_err *err)
{
	uint32_t *w = syc_calloc(r->n, sizeof(*w));

	if (!w)
		return syc_nomem(err);
	for (size_t i = 0; i < r->n; i++)
		w[i] = 2 | (uint32_t)r->label[i];
	for (size_t i = 0; i < r->k; i++)
		out[i] = (struct syc_boot){ .auc = ranks_area(&r->column[i], w),
					    .se = NAN,
					    .lo = NAN, .hi = NAN,
						    .band_lo = NAN,
							    .band_hi = NAN };
	free(w);
	return 0;
}

int syc_bootstrap_auc(struct syc_boot *out, const struct syc_ranks *r, size_t n_boot,
		      uint64_t seed, unsigned threads, struct syc_err *err)
{
	struct syc_par *par;
	struct draws d;
	int ret = plain(out, r, err);

	if (ret < 0 || !enough(r) || n_boot < 2)
		return ret;
	ret = syc_par_new(&par, threads, err);
	if (ret < 0)
		return ret;
	ret = draws_init(&d, r, n_boot, seed, syc_par_threads(par), err);
	if (ret == 0) {
		syc_par_run(par, n_boot, sample, &d);
		ret = summarize(out, &d, n_boot, err);
	}
	draws_free(&d, syc_par_threads(par));
	syc_par_free(par);
	return ret;
}

int syc_stat_boot_mean(double *lo, double *hi, const double *x, size_t n, size_t boot,
		       uint64_t seed, struct syc_err *err)
{
	double *mean;

	*lo = *hi = NAN;
	for (size_t i = 0; i < n; i++)
		if (!isfinite(x[i]))
			return 0;
	if (n < 2 || !boot)
		return 0;
	mean = syc_calloc(boot, sizeof(*mean));
	if (!mean)
		return syc_nomem(err);
	for (size_t b = 0; b < boot; b++) {
		uint64_t key = syc_rand_key(seed, "bootstrap of a mean", b);
		double sum = 0;

		for (size_t i = 0; i < n; i++)
			sum += x[syc_rand_below(key, i, n)];
		mean[b] = sum / (double)n;
	}
	syc_stat_sort(mean, boot);
	*lo = syc_stat_quantile(mean, boot, 0.025);
	*hi = syc_stat_quantile(mean, boot, 0.975);
	free(mean);
	return 0;
}
