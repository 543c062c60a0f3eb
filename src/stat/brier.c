/* SPDX-License-Identifier: MIT */
/* How good predicted probabilities are. */
#include "config.h"
#include <math.h>
#include <stdlib.h>
#include "base/err.h"
#include "base/mem.h"
#include "stat/scored.h"
#include "syc/logit.h"

/* As scored_init(), of rows whose score is in [0, 1]. */
static int shares(struct scored *s, const double *prob, const int8_t *label,
		  const uint32_t *cluster, size_t n, struct syc_err *err)
{
	int ret = scored_init(s, prob, label, cluster, n, err);
	size_t kept = 0;

	if (ret < 0)
		return ret;
	s->n_pos = 0;
	for (size_t i = 0; i < s->n; i++) {
		if (!(s->row[i].x >= 0 && s->row[i].x <= 1))
			continue;
		s->row[kept] = s->row[i];
		s->n_pos += s->row[kept++].y == 1;
	}
	s->n = kept;
	return 0;
}

static int fill(struct syc_brier *b, const struct scored *s, struct syc_err *err)
{
	const double n = (double)s->n, rate = (double)s->n_pos / n;
	double *v = syc_calloc(s->n, sizeof(*v)), half;
	size_t g;

	if (!v)
		return syc_nomem(err);
	b->brier = b->loss = 0;
	for (size_t i = 0; i < s->n; i++) {
		const double d = s->row[i].x - s->row[i].y;

		v[i] = d * d;
		b->brier += v[i] / n;
		b->loss -= (s->row[i].y == 1 ? log(s->row[i].x) :
			    log1p(-s->row[i].x)) / n;
	}
	b->skill = rate > 0 && rate < 1 ? 1 - b->brier / (rate * (1 - rate)) : NAN;
	for (size_t i = 0; i < s->n; i++)
		v[i] -= b->brier;
	half = sqrt(scored_scatter(s, v, &g)) / n;
	/* The denominator of a variance; clusters have theirs already. */
	half *= s->n_slots ? 1 : sqrt(n / (n - 1));
	half *= syc_stat_t_quantile(0.05, (double)g - 1);
	b->lo = fmax(b->brier - half, 0);
	b->hi = fmin(b->brier + half, 1);
	if (isnan(half))
		b->lo = b->hi = NAN;
	free(v);
	return 0;
}

int syc_stat_brier(struct syc_brier *out, const double *prob, const int8_t *label,
		   const uint32_t *cluster, size_t n, struct syc_err *err)
{
	struct scored s;
	int ret = shares(&s, prob, label, cluster, n, err);

	*out = (struct syc_brier){ .n = s.n, .brier = NAN, .lo = NAN, .hi = NAN, .skill = NAN,
				   .loss = NAN };
	if (ret == 0 && s.n)
		ret = fill(out, &s, err);
	scored_free(&s);
	return ret;
}

/* The i/k quantile of sorted rows, between them by linear interpolation. */
static double quantile(const struct scored *s, size_t i, size_t k)
{
	const size_t at = i * (s->n - 1) / k, rest = i * (s->n - 1) % k;
	const double below = s->row[at].x;

	return rest ? below + (double)rest / (double)k * (s->row[at + 1].x - below) : below;
}

static void fill_bins(struct syc_calibration_bin *bin, size_t n_bins,
		      const struct scored *s)
{
	size_t r = 0;

	for (size_t b = 0; b < n_bins; b++) {
		const double edge = b + 1 < n_bins ?
			quantile(s, b + 1, n_bins) : INFINITY;
		double prob = 0, pos = 0;

		while (r < s->n && s->row[r].x <= edge) {
			prob += s->row[r].x;
			pos += s->row[r].y;
			bin[b].n++;
			r++;
		}
		if (!bin[b].n)
			continue;
		bin[b].prob = prob / (double)bin[b].n;
		bin[b].rate = pos / (double)bin[b].n;
		syc_stat_wilson(&bin[b].lo, &bin[b].hi, pos, (double)bin[b].n);
	}
}

/* Log odds for probabilities; those of 0 and 1 become infinite. */
static int cox(double *slope, double *intercept, const double *prob,
	       const int8_t *label,
	       size_t n, struct syc_err *err)
{
	double *odds = syc_calloc(n, sizeof(*odds));
	struct syc_logit f;
	int ret = odds ? 0 : syc_nomem(err);

	for (size_t i = 0; i < n && ret == 0; i++)
		odds[i] = log(prob[i]) - log1p(-prob[i]);
	if (ret == 0)
		ret = syc_stat_logit(&f, odds, label, n, err);
	if (ret == 0 && f.method == SYC_LOGIT_ML) {
		*slope = f.slope / f.sd;
		*intercept = f.intercept - f.slope * (f.mean / f.sd);
	}
	free(odds);
	return ret;
}

enum { LEAST_BINS = 2, ROWS_OF_BIN = 10 };

/* A share of one row is 0 or 1 whatever was predicted. */
static size_t bins_for(size_t n, size_t most)
{
	const size_t few = n / ROWS_OF_BIN > LEAST_BINS ? n / ROWS_OF_BIN : LEAST_BINS;

	return few < most ? few : most;
}

int syc_stat_calibration(struct syc_calibration_bin *bin, size_t n_bins,
			 double *slope,
			 double *intercept, const double *prob,
				 const int8_t *label, size_t n,
			 struct syc_err *err)
{
	struct scored s;
	int ret = shares(&s, prob, label, NULL, n, err);

	*slope = *intercept = NAN;
	for (size_t b = 0; b < n_bins; b++)
		bin[b] = (struct syc_calibration_bin){ 0, NAN, NAN, NAN, NAN };
	if (ret == 0 && s.n) {
		fill_bins(bin, bins_for(s.n, n_bins), &s);
		ret = cox(slope, intercept, prob, label, n, err);
	}
	scored_free(&s);
	return ret;
}
