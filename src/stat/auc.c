/* SPDX-License-Identifier: MIT */
/* Areas under the ROC curve, differences of two, and under precision and recall. */
#include "config.h"
#include <math.h>
#include "stat/auc_variance.h"
#include "stat/scored.h"
#include "syc/stat.h"

static double logistic(double x)
{
	return 1 / (1 + exp(-x));
}

static void intervals(struct syc_auc *a, const struct places *p)
{
	const double z = places_quantile(p);
	const double odd = log(a->auc) - log1p(-a->auc);
	const double half = z * a->se / (a->auc * (1 - a->auc));

	places_interval(p, 0, z, &a->lo, &a->hi);
	if (isnan(a->se))
		return;
	a->plain_lo = fmax(a->auc - z * a->se, 0);
	a->plain_hi = fmin(a->auc + z * a->se, 1);
	if (a->auc > 0 && a->auc < 1) {
		a->logit_lo = logistic(odd - half);
		a->logit_hi = logistic(odd + half);
	}
}

int syc_stat_auc_with(struct syc_auc *out, const double *score, const int8_t *label,
		      size_t n, const struct syc_stat_opts *o, struct syc_err *err)
{
	const struct places_in in = { .score = { score }, .k = 1, .label = label,
				      .cluster = o ? o->cluster : NULL,
				      .stratum = o ? o->stratum : NULL,
				      .weight = o ? o->weight : NULL, .n = n };
	struct places p;
	int ret = places_init(&p, &in, err);

	*out = (struct syc_auc){
		.n_pos = p.n_pos, .n_neg = p.n - p.n_pos, .n_dropped = p.n_dropped,
		.n_clusters = p.n_clusters, .auc = p.auc[0], .se = sqrt(p.cov[0][0]),
		.lo = NAN, .hi = NAN, .logit_lo = NAN, .logit_hi = NAN,
		.plain_lo = NAN, .plain_hi = NAN,
	};
	if (ret == 0)
		intervals(out, &p);
	places_free(&p);
	return ret;
}

int syc_stat_auc_within(struct syc_auc *out, const double *score, const int8_t *label,
			const uint32_t *stratum, const uint32_t *cluster, size_t n,
			struct syc_err *err)
{
	const struct syc_stat_opts o = { .cluster = cluster, .stratum = stratum };

	return syc_stat_auc_with(out, score, label, n, &o, err);
}

int syc_stat_auc_clustered(struct syc_auc *out, const double *score,
			   const int8_t *label,
			   const uint32_t *cluster, size_t n, struct syc_err *err)
{
	return syc_stat_auc_within(out, score, label, NULL, cluster, n, err);
}

int syc_stat_auc(struct syc_auc *out, const double *score, const int8_t *label,
		 size_t n,
		 struct syc_err *err)
{
	return syc_stat_auc_clustered(out, score, label, NULL, n, err);
}

/*
 * The interval of a - b from those of a and b (Zou & Donner 2008): each end
 * lies as far from the difference as the two ends that make it do together,
 *
 *     (a - lo_a)^2 + (hi_b - b)^2 - 2 r (a - lo_a) (hi_b - b).
 */
static double reach(double x, double y, double r)
{
	return sqrt(fmax(x * x + y * y - 2 * r * x * y, 0));
}

static void difference(struct syc_auc_diff *d, const struct places *p)
{
	const double z = places_quantile(p), sd = sqrt(p->cov[0][0] * p->cov[1][1]);
	const double r = sd > 0 ? fmax(-1, fmin(1, p->cov[0][1] / sd)) : 0;
	double lo_a, hi_a, lo_b, hi_b;

	d->se = sqrt(fmax(p->cov[0][0] + p->cov[1][1] - 2 * p->cov[0][1], 0));
	if (isnan(sd))
		d->se = NAN;
	d->z = d->diff / d->se;
	if (d->diff == 0 && d->se == 0)
		d->z = 0;
	d->p = p->clustered ? syc_stat_t_p(d->z, (double)p->n_clusters - 1) :
		syc_stat_normal_p(d->z);
	d->plain_lo = d->diff - z * d->se;
	d->plain_hi = d->diff + z * d->se;
	places_interval(p, 0, z, &lo_a, &hi_a);
	places_interval(p, 1, z, &lo_b, &hi_b);
	if (isnan(d->se))
		return;
	d->lo = d->diff - reach(d->a - lo_a, hi_b - d->b, r);
	d->hi = d->diff + reach(hi_a - d->a, d->b - lo_b, r);
}

int syc_stat_auc_diff(struct syc_auc_diff *out, const double *a, const double *b,
		      const int8_t *label, const uint32_t *cluster, size_t n,
		      struct syc_err *err)
{
	const struct places_in in = { .score = { a, b }, .k = 2, .label = label,
				      .cluster = cluster, .n = n };
	struct places p;
	int ret = places_init(&p, &in, err);

	*out = (struct syc_auc_diff){
		.n_pos = p.n_pos, .n_neg = p.n - p.n_pos, .n_clusters = p.n_clusters,
		.a = p.auc[0], .b = p.auc[1], .diff = p.auc[0] - p.auc[1], .se = NAN,
		.z = NAN, .p = NAN, .lo = NAN, .hi = NAN, .plain_lo = NAN,
			.plain_hi = NAN,
	};
	if (ret == 0)
		difference(out, &p);
	places_free(&p);
	return ret;
}

/* From the highest score down, a group of ties at a time. */
static double average_precision(const struct scored *s)
{
	double pos = 0, rows = 0, sum = 0;
	size_t from;

	for (size_t to = s->n; to > 0; to = from) {
		double here = 0;

		for (from = to; from > 0 &&
		     s->row[from - 1].x == s->row[to - 1].x; from--)
			here += s->row[from - 1].y;
		pos += here;
		rows += (double)(to - from);
		sum += here * pos / rows;
	}
	return sum / (double)s->n_pos;
}

int syc_stat_ap(struct syc_ap *out, const double *score, const int8_t *label,
		size_t n,
		struct syc_err *err)
{
	struct scored s;
	int ret = scored_init(&s, score, label, NULL, n, err);

	*out = (struct syc_ap){ .n = s.n, .ap = NAN, .base = NAN, .lo = NAN, .hi = NAN };
	if (ret < 0)
		return ret;
	if (s.n)
		out->base = (double)s.n_pos / (double)s.n;
	if (s.n_pos && s.n_pos < s.n) {
		const double pos = (double)s.n_pos;

		out->ap = average_precision(&s);
		syc_stat_wilson(&out->lo, &out->hi, out->ap * pos, pos);
	}
	scored_free(&s);
	return 0;
}
