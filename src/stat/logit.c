/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <math.h>
#include <stdlib.h>
#include "base/err.h"
#include "base/mem.h"
#include "stat/logit_fit.h"
#include "stat/scored.h"
#include "syc/logit.h"

/* Whether the classes' ranges meet in one point at most. */
static bool separated(const struct scored *s)
{
	double lo[2] = { INFINITY, INFINITY }, hi[2] = { -INFINITY, -INFINITY };

	for (size_t i = 0; i < s->n; i++) {
		const int y = s->row[i].y > 0;

		lo[y] = fmin(lo[y], s->row[i].x);
		hi[y] = fmax(hi[y], s->row[i].x);
	}
	return hi[0] <= lo[1] || hi[1] <= lo[0];
}

/* The design (1, x), labels, weights and clusters of the rows; to be freed. */
static double *design(struct irls *m, const struct scored *s)
{
	double *x = syc_calloc(s->n, 4 * sizeof(*x) + sizeof(uint32_t)),
		*y = x + 2 * s->n, *w = y + s->n;
	uint32_t *c = x ? (uint32_t *)(w + s->n) : NULL;

	for (size_t i = 0; i < s->n && x; i++) {
		x[2 * i] = 1;
		x[2 * i + 1] = s->row[i].x;
		y[i] = s->row[i].y;
		w[i] = s->row[i].w;
		c[i] = s->row[i].c;
	}
	*m = (struct irls){ .x = x, .y = y, .n = s->n, .k = 2,
			    .weight = s->weighted ? w : NULL,
			    .cluster = s->n_slots ? c : NULL, .n_slots = s->n_slots };
	return x;
}

/*
 * Where one score is so far away that the standard deviation is its distance, the
 * others look like one and the same beside it: they are spread out around their
 * median, by their quartiles.  No scores are told from a sum of intercept and
 * slope otherwise.
 */
struct scale {
	double center, spread;
};

static struct scale scale_of(const struct scored *s)
{
	const double q = s->row[3 * s->n / 4].x - s->row[s->n / 4].x;

	return q > 0 && q < 1e-3 ? (struct scale){ s->row[s->n / 2].x, q }
				 : (struct scale){ 0, 1 };
}

static void scale_back(struct syc_logit *f, const struct scale *by)
{
	f->slope /= by->spread;
	f->se /= by->spread;
	f->lo /= by->spread;
	f->hi /= by->spread;
	f->intercept -= f->slope * by->center;
}

static int fit(struct syc_logit *f, const struct scored *s,
	       enum syc_logit_method method, double ridge, struct syc_err *err)
{
	const struct scale by = ridge > 0 ? (struct scale){ 0, 1 } : scale_of(s);
	const double weight[2] = { 0, ridge };
	double beta[2];
	struct irls m;
	double *block = design(&m, s);
	int ret;

	if (!block)
		return syc_nomem(err);
	for (size_t i = 0; i < s->n; i++)
		block[2 * i + 1] = (block[2 * i + 1] - by.center) / by.spread;
	m.ridge = weight;
	ret = logit_fit(f, beta, &m, method, err);
	if (ret > 0)
		scale_back(f, &by);
	free(block);
	return ret;
}

static int fit_any(struct syc_logit *f, const struct scored *s, double ridge,
		   struct syc_err *err)
{
	int ret = 0;

	if (ridge > 0)
		ret = fit(f, s, SYC_LOGIT_RIDGE, ridge, err);
	else if (!f->separated)
		ret = fit(f, s, SYC_LOGIT_ML, 0, err);
	if (ret == 0)
		ret = fit(f, s, SYC_LOGIT_FIRTH, 0, err);
	if (ret == 0)
		f->why = "no maximum was found";
	return ret < 0 ? ret : 0;
}

int syc_stat_logit_with(struct syc_logit *out, const double *score,
			const int8_t *label, size_t n,
			const struct syc_logit_opts *o, struct syc_err *err)
{
	const struct scored_in in = { .score = score, .label = label, .n = n,
				      .cluster = o ? o->cluster : NULL,
				      .weight = o ? o->weight : NULL };
	struct scored s;
	int ret;

	logit_none(out);
	ret = scored_fill(&s, &in, err);
	if (ret < 0)
		return ret;
	out->n = s.n;
	if (s.n == 0)
		out->why = "no rows";
	else if (s.n_pos == 0 || s.n_pos == s.n)
		out->why = "one class only";
	out->separated = !out->why && separated(&s);
	if (!scored_standardize(&s, &out->mean, &out->sd) && !out->why)
		out->why = "all scores are equal";
	if (out->why)
		out->separated = false;
	else
		ret = fit_any(out, &s, o ? o->ridge : 0, err);
	scored_free(&s);
	return ret;
}

int syc_stat_logit(struct syc_logit *out, const double *score,
		   const int8_t *label, size_t n,
		   struct syc_err *err)
{
	return syc_stat_logit_with(out, score, label, n, NULL, err);
}

double syc_stat_logit_at(const struct syc_logit *f, double score)
{
	return 1 / (1 + exp(-(f->intercept +
			      f->slope * ((score - f->mean) / f->sd))));
}

const char *syc_stat_logit_name(enum syc_logit_method method)
{
	static const char *const names[] = {
		[SYC_LOGIT_NONE]  = "none",
		[SYC_LOGIT_ML]    = "ml",
		[SYC_LOGIT_FIRTH] = "firth",
		[SYC_LOGIT_RIDGE] = "ridge",
	};

	return (size_t)method < sizeof(names) / sizeof(names[0]) ? names[method]
								 : "none";
}
