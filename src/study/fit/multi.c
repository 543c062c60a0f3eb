/* SPDX-License-Identifier: MIT */
/*
 * All layers of a vector together: logistic regression with a ridge, tested by
 * cross-validation.  Layers that no row has a score at are left out, then rows
 * that lack one at any other.
 */
#include "config.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "syc/probe.h"
#include "base/err.h"
#include "study/fit/fit.h"

struct multi {
	const struct syc_fit *f;
	struct syc_fit_set *s;
	size_t *layer;		/* [k] layers in use */
	size_t k;
	size_t *row;		/* [n] rows in use */
	size_t n;
	double *mean, *sd;	/* [k] */
	float *z;		/* [n][k] standardized */
	/* Rows of one fit. */
	float *x;		/* [n][k] */
	int8_t *y;
	uint32_t *group;
};

static double score_at(const struct multi *m, size_t row, size_t layer)
{
	return m->s->t->score[row * m->f->scores->n_layers + layer];
}

static bool has_all(const struct multi *m, size_t row)
{
	for (size_t i = 0; i < m->k; i++)
		if (!isfinite(score_at(m, row, m->layer[i])))
			return false;
	return true;
}

static void choose(struct multi *m)
{
	const struct syc_scores_set *t = m->s->t;

	for (size_t l = 0; l < m->f->scores->n_layers; l++)
		for (size_t r = 0; r < t->n; r++)
			if (isfinite(score_at(m, r, l))) {
				m->layer[m->k++] = l;
				break;
			}
	for (size_t r = 0; r < t->n; r++)
		if (has_all(m, r))
			m->row[m->n++] = r;
}

/* In double, before the scores become floats. */
static void standardize(struct multi *m)
{
	for (size_t i = 0; i < m->k; i++) {
		double sum = 0, square = 0;

		for (size_t r = 0; r < m->n; r++)
			sum += score_at(m, m->row[r], m->layer[i]);
		m->mean[i] = sum / (double)m->n;
		for (size_t r = 0; r < m->n; r++) {
			const double d = score_at(m, m->row[r], m->layer[i]) -
					 m->mean[i];

			square += d * d;
		}
		m->sd[i] = sqrt(square / (double)(m->n - 1));
		for (size_t r = 0; r < m->n; r++) {
			const double x = score_at(m, m->row[r], m->layer[i]);
			float *z = &m->z[r * m->k + i];

			*z = 0;
			if (m->sd[i] > 0)
				*z = (float)((x - m->mean[i]) / m->sd[i]);
		}
	}
}

static int multi_init(struct multi *m, struct syc_err *err)
{
	const size_t n = m->s->t->n + 1, k = m->f->scores->n_layers + 1;

	m->layer = calloc(k, sizeof(*m->layer));
	m->row = calloc(n, sizeof(*m->row));
	m->mean = calloc(k, 2 * sizeof(*m->mean));
	m->z = calloc(n, k * sizeof(*m->z));
	m->x = calloc(n, k * sizeof(*m->x));
	m->y = calloc(n, sizeof(*m->y));
	m->group = calloc(n, sizeof(*m->group));
	m->s->multi.w = calloc(k, sizeof(double));
	m->s->multi.w_sd = calloc(k, sizeof(double));
	if (!m->layer || !m->row || !m->mean || !m->z || !m->x || !m->y ||
	    !m->group || !m->s->multi.w || !m->s->multi.w_sd)
		return syc_nomem(err);
	m->sd = m->mean + k;
	choose(m);
	m->s->multi.n = m->n;
	if (m->n > 1)
		standardize(m);
	return 0;
}

static void multi_free(struct multi *m)
{
	free(m->layer);
	free(m->row);
	free(m->mean);
	free(m->z);
	free(m->x);
	free(m->y);
	free(m->group);
}

/* Fit the rows that are not in fold; *out stays NULL where it cannot be. */
static int fit_without(struct multi *m, struct syc_ridge **out, uint32_t fold,
		       struct syc_err *err)
{
	const uint32_t *groups = syc_fit_groups(m->s);
	struct syc_ridge_opts o = { .seed = m->f->o.seed, .group = m->group };
	size_t n = 0, n_pos = 0, n_groups;
	int ret;

	*out = NULL;
	for (size_t r = 0; r < m->n; r++) {
		if (m->s->fold[m->row[r]] == fold)
			continue;
		memcpy(m->x + n * m->k, m->z + r * m->k, m->k * sizeof(*m->x));
		m->y[n] = m->s->t->label[m->row[r]];
		n_pos += m->y[n] == 1;
		m->group[n] = groups ? groups[m->row[r]] : (uint32_t)n;
		n++;
	}
	ret = syc_fit_compact(m->group, n, &n_groups, err);
	if (ret < 0 || !n_pos || n_pos == n || n_groups < 2)
		return ret;
	o.lambda = m->f->o.ridge > 0 ? m->f->o.ridge : 0;
	o.folds = m->f->n_folds < n_groups ? m->f->n_folds : n_groups;
	return syc_ridge_fit(out, m->x, m->y, n, m->k, &o, err);
}

static double odds(const struct syc_ridge *r, const float *x)
{
	double sum = r->bias;

	for (size_t i = 0; i < r->dim; i++)
		sum += r->w[i] * (double)x[i];
	return sum;
}

static int cross(struct multi *m, struct syc_err *err)
{
	const struct syc_scores_set *t = m->s->t;
	double *prob = calloc(t->n + 1, sizeof(*prob));
	int ret = prob ? 0 : syc_nomem(err);

	for (size_t r = 0; r < t->n && ret == 0; r++)
		prob[r] = NAN;
	for (uint32_t k = 0; k < m->s->n_folds && ret == 0; k++) {
		struct syc_ridge *fit;

		ret = fit_without(m, &fit, k, err);
		for (size_t r = 0; r < m->n && fit; r++) {
			const float *z = m->z + r * m->k;

			if (m->s->fold[m->row[r]] == k)
				prob[m->row[r]] = 1 / (1 + exp(-odds(fit, z)));
		}
		syc_ridge_free(fit);
	}
	if (ret == 0)
		ret = syc_fit_forecast(&m->s->multi.cv, prob, t->label,
				       m->s->fold, m->s->cluster, t->n, err);
	free(prob);
	return ret;
}

static int whole(struct multi *m, struct syc_err *err)
{
	struct syc_fit_multi *out = &m->s->multi;
	struct syc_ridge *fit;
	int ret = fit_without(m, &fit, UINT32_MAX, err);

	if (ret < 0 || !fit)
		return ret;
	out->lambda = fit->lambda;
	out->bias = fit->bias;
	for (size_t i = 0; i < m->k; i++) {
		out->w_sd[m->layer[i]] = fit->w[i];
		out->w[m->layer[i]] = m->sd[i] > 0 ? fit->w[i] / m->sd[i] : 0;
		out->bias -= out->w[m->layer[i]] * m->mean[i];
	}
	syc_ridge_free(fit);
	return 0;
}

int syc_fit_multi(const struct syc_fit *f, struct syc_fit_set *s,
		  struct syc_err *err)
{
	struct multi m = { .f = f, .s = s };
	int ret = multi_init(&m, err);

	s->multi.lambda = s->multi.bias = NAN;
	if (ret == 0 && !s->n_folds)
		s->multi.why = "one class, or too few rows";
	else if (ret == 0 && (m.n < s->n_folds || !m.k))
		s->multi.why = "too few rows have a score at every layer";
	if (ret == 0)
		ret = cross(&m, err);
	if (ret == 0 && !s->multi.why)
		ret = whole(&m, err);
	multi_free(&m);
	return ret;
}

void syc_fit_multi_apply(double *prob, const struct syc_fit_multi *m,
			 const double *score, size_t n, size_t n_layers)
{
	for (size_t r = 0; r < n; r++) {
		double sum = m->bias;

		for (size_t l = 0; l < n_layers; l++)
			if (m->w[l] != 0)
				sum += m->w[l] * score[r * n_layers + l];
		prob[r] = 1 / (1 + exp(-sum));
	}
}
