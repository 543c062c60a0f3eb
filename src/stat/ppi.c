/* SPDX-License-Identifier: MIT */
/* Prediction-powered rates in strata, with influences by row. */
#include "config.h"
#include <math.h>
#include <stdlib.h>
#include "base/err.h"
#include "base/mem.h"
#include "stat/distribution.h"
#include "syc/ppi.h"
#include "syc/stat.h"

/* A stratum's sums; u: rows without a hand's label, l: with one. */
struct stratum {
	double n_u, n_l, f_u, f_l, y_l;		/* counts, then means */
	double weight;				/* sum of 1 / p */
	double all, pooled, within_u; /* mean f; var f of all; of u, by n */
	double cov;				/* of y and f among l, by n */
	double lambda, theta, rest;		/* rest: mean y - lambda f */
	double hand; /* sum of squared influences of l */
	double n_alike;				/* labels of the rarer kind */
	double n_one;
};

static bool has_hand(const struct syc_ppi_row *r)
{
	return !isnan(r->hand);
}

/* 1 / p, so that those of a stratum's labeled rows have a mean of 1. */
static double weight_of(const struct stratum *s, const struct syc_ppi_row *r)
{
	return s->n_l / s->weight / r->p;
}

static int check(const struct syc_ppi_row *row, size_t n, struct syc_err *err)
{
	for (size_t i = 0; i < n; i++) {
		if (!isfinite(row[i].judge))
			return syc_fail(
				err, SYC_EINVAL,
				"row %zu: the judge's number is not finite", i);
		if (row[i].cluster >= n || row[i].stratum >= n)
			return syc_fail(
				err, SYC_EINVAL,
				"row %zu: its cluster or stratum is not below %zu",
				i, n);
		if (has_hand(&row[i]) && !(row[i].p > 0 && row[i].p <= 1))
			return syc_fail(
				err, SYC_EINVAL,
				"row %zu: drawn with a probability of %g", i,
				row[i].p);
	}
	return 0;
}

static void add_means(struct stratum *s, const struct syc_ppi_row *row,
		      size_t n, uint32_t arm)
{
	for (size_t i = 0; i < n; i++) {
		struct stratum *t = &s[row[i].stratum];

		if (row[i].arm != arm)
			continue;
		t->all += row[i].judge;
		if (has_hand(&row[i])) {
			t->n_l++;
			t->weight += 1 / row[i].p;
			t->f_l += row[i].judge / row[i].p;
			t->y_l += row[i].hand / row[i].p;
			t->n_one += row[i].hand > 0.5;
		} else {
			t->n_u++;
			t->f_u += row[i].judge;
		}
	}
	for (size_t k = 0; k < n; k++) {
		s[k].all /= s[k].n_u + s[k].n_l;
		s[k].f_u = s[k].n_u > 0 ? s[k].f_u / s[k].n_u : 0;
		s[k].f_l /= s[k].weight;
		s[k].y_l /= s[k].weight;
		s[k].n_alike = fmin(s[k].n_one, s[k].n_l - s[k].n_one);
	}
}

static void add_squares(struct stratum *s, const struct syc_ppi_row *row,
			size_t n, uint32_t arm)
{
	for (size_t i = 0; i < n; i++) {
		struct stratum *t = &s[row[i].stratum];
		const double f = row[i].judge;

		if (row[i].arm != arm)
			continue;
		t->pooled += (f - t->all) * (f - t->all);
		if (has_hand(&row[i]))
			t->cov += weight_of(t, &row[i]) * (f - t->f_l) *
				  (row[i].hand - t->y_l);
		else
			t->within_u += (f - t->f_u) * (f - t->f_u);
	}
	for (size_t k = 0; k < n; k++) {
		struct stratum *t = &s[k];
		const double all = t->n_u + t->n_l;

		t->pooled /= all - 1;
		t->cov /= t->n_l;
		if (t->n_u > 0 && t->pooled > 1e-15)
			t->lambda = fmin(
				1, fmax(0, t->cov / ((1 + t->n_l / t->n_u) *
						     t->pooled)));
		t->rest = t->y_l - t->lambda * t->f_l;
		t->theta = t->lambda * t->f_u + t->rest;
	}
}

/* What an arm's rows come to; its strata [n], of which some are empty. */
struct arm {
	struct syc_ppi *out;
	struct stratum *s;
	uint32_t number;
	double n, floor;
};

static int open_arm(struct arm *a, struct syc_ppi *out, uint32_t number,
		    const struct syc_ppi_row *row, size_t n,
		    struct syc_err *err)
{
	*a = (struct arm){ out, syc_calloc(n + 1, sizeof(*a->s)), number, 0, 0 };
	*out = (struct syc_ppi){ .judge = 0, .theta = 0 };
	if (!a->s)
		return syc_nomem(err);
	add_means(a->s, row, n, number);
	add_squares(a->s, row, n, number);
	for (size_t k = 0; k < n; k++) {
		const struct stratum *s = &a->s[k];
		const double rows = s->n_u + s->n_l;

		if (!(rows > 0))
			continue;
		a->n += rows;
		out->n_hand += (size_t)s->n_l;
		out->n_strata++;
		out->n_empty += !(s->n_l > 0);
		out->judge += rows * s->all;
		out->theta += rows * s->theta;
		out->lambda += rows * s->lambda;
	}
	out->n = (size_t)a->n;
	out->judge /= a->n;
	out->theta /= a->n;
	out->lambda /= a->n;
	return 0;
}

/*
 * Influences of the arm's rows times sign, summed into z by cluster: of the
 * strata's shares, of f without a label, of y - lambda f with one; hand is the
 * last one's squares.
 */
static void add_influences(struct arm *a, double *z, double *hand, double sign,
			   const struct syc_ppi_row *row, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct stratum *s = &a->s[row[i].stratum];
		const double share = (s->n_u + s->n_l) / a->n;
		double x;

		if (row[i].arm != a->number)
			continue;
		if (has_hand(&row[i]))
			x = share * weight_of(s, &row[i]) *
			    (row[i].hand - s->lambda * row[i].judge - s->rest) /
			    s->n_l;
		else
			x = share * s->lambda * (row[i].judge - s->f_u) /
			    s->n_u;
		if (has_hand(&row[i]))
			*hand += x * x;
		z[row[i].cluster] +=
			sign * (x + (s->theta - a->out->theta) / a->n);
	}
}

/*
 * What strata whose labels are all alike add to the variance, as if a quarter
 * of a label of each kind had been seen besides: with none, intervals are too
 * short, with halves they hold 97 to 99 % where labels are rare
 * (tests/data/rates/ppi.txt).
 */
static double floor_of(const struct arm *a, size_t n)
{
	double sum = 0;

	for (size_t k = 0; k < n; k++) {
		const struct stratum *s = &a->s[k];
		const double share = (s->n_u + s->n_l) / a->n,
			     p = 0.25 / (s->n_l + 0.5);

		if (s->n_l > 0 && s->n_alike == 0)
			sum += share * share * p * (1 - p) / s->n_l;
	}
	return sum;
}

/* The interval from influences by cluster z [n]. */
static void finish(struct syc_ppi *o, const double *z, double hand,
		   double floor, const bool *used, const bool *labeled,
		   size_t n)
{
	double square = 0, clusters = 0, with = 0, t;

	for (size_t g = 0; g < n; g++) {
		square += z[g] * z[g];
		clusters += used[g];
		with += labeled[g];
	}
	o->n_clusters = (size_t)clusters;
	o->plain_se = sqrt(square);
	o->df = with - (double)o->n_strata;
	if (o->n_empty || !(o->df >= 1)) {
		o->theta = o->n_empty ? (double)NAN : o->theta;
		o->se = o->lo = o->hi = o->var_rows = o->var_hand = NAN;
		return;
	}
	square *= with / o->df;
	hand = hand * with / o->df + floor;
	o->se = sqrt(square + floor);
	o->var_hand = hand * (double)o->n_hand;
	o->var_rows = fmax(0, square + floor - hand) * clusters;
	t = syc_stat_t_quantile(0.05, o->df);
	o->lo = o->theta - t * o->se;
	o->hi = o->theta + t * o->se;
}

/* z [n] for influences, then flags of clusters: those there are, those with a label. */
static double *open_clusters(bool **used, bool **labeled, size_t n)
{
	double *z = syc_calloc(n + 1, sizeof(*z));

	*used = syc_calloc(2 * n + 1, sizeof(**used));
	*labeled = *used + n;
	if (z && *used)
		return z;
	free(z);
	free(*used);
	return NULL;
}

static void mark(bool *used, bool *labeled, const struct syc_ppi_row *row,
		 size_t n, uint32_t arm)
{
	for (size_t i = 0; i < n; i++) {
		used[row[i].cluster] |= row[i].arm == arm;
		labeled[row[i].cluster] |=
			row[i].arm == arm && has_hand(&row[i]);
	}
}

static int one_arm(struct syc_ppi *out, const struct syc_ppi_row *row, size_t n,
		   uint32_t arm, struct syc_err *err)
{
	bool *used, *labeled;
	double *z = open_clusters(&used, &labeled, n), hand = 0;
	struct arm a;
	int ret = z ? open_arm(&a, out, arm, row, n, err) : syc_nomem(err);

	if (!z)
		return ret;
	if (ret == 0) {
		add_influences(&a, z, &hand, 1, row, n);
		mark(used, labeled, row, n, arm);
		finish(out, z, hand, floor_of(&a, n), used, labeled, n);
		out->lo = isnan(out->lo) ? NAN : fmax(0, out->lo);
		out->hi = isnan(out->hi) ? NAN : fmin(1, out->hi);
	}
	free(a.s);
	free(z);
	free(used);
	return ret;
}

int syc_stat_ppi(struct syc_ppi *out, const struct syc_ppi_row *row, size_t n,
		 size_t n_arms, struct syc_err *err)
{
	int ret = check(row, n, err);

	for (size_t a = 0; a < n_arms && ret == 0; a++)
		ret = one_arm(&out[a], row, n, (uint32_t)a, err);
	return ret;
}

int syc_stat_ppi_diff(struct syc_ppi *out, const struct syc_ppi_row *row,
		      size_t n, uint32_t a, uint32_t b, struct syc_err *err)
{
	bool *used, *labeled;
	double *z = open_clusters(&used, &labeled, n), hand = 0;
	struct syc_ppi of[2];
	struct arm arm[2] = { 0 };
	int ret = z ? check(row, n, err) : syc_nomem(err);

	if (!z)
		return ret;
	for (int k = 0; k < 2 && ret == 0; k++) {
		ret = open_arm(&arm[k], &of[k], k ? b : a, row, n, err);
		if (ret < 0)
			break;
		add_influences(&arm[k], z, &hand, k ? -1 : 1, row, n);
		mark(used, labeled, row, n, k ? b : a);
	}
	if (ret == 0) {
		*out = (struct syc_ppi){
			.n = of[0].n + of[1].n,
			.n_hand = of[0].n_hand + of[1].n_hand,
			.n_strata = of[0].n_strata + of[1].n_strata,
			.n_empty = of[0].n_empty + of[1].n_empty,
			.judge = of[0].judge - of[1].judge,
			.theta = of[0].theta - of[1].theta,
			.lambda = (of[0].lambda + of[1].lambda) / 2,
		};
		finish(out, z, hand,
		       floor_of(&arm[0], n) + floor_of(&arm[1], n), used,
		       labeled, n);
	}
	free(arm[0].s);
	free(arm[1].s);
	free(z);
	free(used);
	return ret;
}

/* ---- Rogan & Gladen -------------------------------------------------------------- */

static double corrected(double q, double se, double sp)
{
	return fmin(1, fmax(0, (q + sp - 1) / (se + sp - 1)));
}

/* Over the corners of both intervals, at which the rate is at its ends. */
static void extremes(struct syc_rogan_gladen *o, double q, const double *n)
{
	const double z = 1.959963984540054;
	double se[2], sp[2];

	wilson_interval(o->sensitivity, n[1], z, &se[0], &se[1]);
	wilson_interval(o->specificity, n[0], z, &sp[0], &sp[1]);
	if (!(se[0] + sp[0] > 1))
		return;
	o->least = o->most = o->rate;
	for (int k = 0; k < 4; k++) {
		const double x = corrected(q, se[k & 1], sp[k >> 1]);

		o->least = fmin(o->least, x);
		o->most = fmax(o->most, x);
	}
}

void syc_stat_rogan_gladen(struct syc_rogan_gladen *out,
			   const struct syc_ppi_row *row, size_t n,
			   uint32_t arm)
{
	double rows = 0, ones = 0, right[2] = {0}, all[2] = {0}, count[2] = {0};

	for (size_t i = 0; i < n; i++) {
		const struct syc_ppi_row *r = &row[i];
		const int y = r->hand > 0.5;

		if (r->arm != arm || (r->label != 0 && r->label != 1))
			continue;
		rows++;
		ones += r->label;
		if (!has_hand(r))
			continue;
		all[y] += 1 / r->p;
		right[y] += (r->label == y) / r->p;
		count[y]++;
	}
	*out = (struct syc_rogan_gladen){ NAN, right[1] / all[1], right[0] / all[0], NAN, NAN, true };
	out->refused = !(out->sensitivity + out->specificity > 1);
	if (out->refused)
		return;
	out->rate = corrected(ones / rows, out->sensitivity, out->specificity);
	extremes(out, ones / rows, count);
}

/* ---- what an effect needs ---------------------------------------------------------- */

static size_t up(double x)
{
	return x > 0 && x < 1e15 ? (size_t)ceil(x) : 0;
}

void syc_stat_ppi_needs(struct syc_ppi_needs *out, const struct syc_ppi *d,
			double effect)
{
	const double se =
		fabs(effect) / (1.959963984540054 + 0.8416212335729143);
	const double g = (double)d->n_clusters,
		     a_cluster = (double)d->n_hand / g;
	const double rows = d->var_rows + d->var_hand / a_cluster;
	const double labels = d->var_hand / (se * se - d->var_rows / g);

	*out = (struct syc_ppi_needs){ 0 };
	if (!(se > 0) || isnan(d->se))
		return;
	out->clusters = up(rows / (se * se));
	out->clusters_labels = up(a_cluster * rows / (se * se));
	out->alone = up((d->var_rows + d->var_hand / ((double)d->n / g)) /
			(se * se));
	out->labels = labels > 0 && labels <= (double)d->n ? up(labels) : 0;
}
