/* SPDX-License-Identifier: MIT */
/* The score's slope with other features held fixed. */
#include "config.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "base/mem.h"
#include "stat/logit_fit.h"

/* A row in use; v is what it is sorted by. */
struct row {
	const double *x;	/* [k] features */
	double score;
	size_t k;
	double w;
	uint32_t c;
	int8_t y;
};

struct table {
	struct row *row;	/* [n] */
	size_t n, k;
	double *x;		/* [n][2 + k]: 1, score, features kept */
	double *y;
	double *w;		/* of mean 1 */
	uint32_t *c;
	uint32_t n_slots;	/* 0: no clusters */
	bool weighted;
	size_t kept;
	double mean, sd;	/* of the score */
};

static int compare(double a, double b)
{
	return (a > b) - (a < b);
}

static int by_all(const void *a, const void *b)
{
	const struct row *p = a, *q = b;
	int c = compare(p->score, q->score);

	for (size_t i = 0; i < p->k && !c; i++)
		c = compare(p->x[i], q->x[i]);
	if (!c)
		c = p->y - q->y;
	if (!c)
		c = compare(p->w, q->w);
	return c ? c : (p->c > q->c) - (p->c < q->c);
}

static bool usable(const double *x, size_t k, double score, int8_t y, double w)
{
	for (size_t i = 0; i < k; i++)
		if (!isfinite(x[i]))
			return false;
	return (y == 0 || y == 1) && isfinite(score) && isfinite(w) && w > 0;
}

/* What the fit reads, from the rows in their order. */
static void copy_rows(struct table *t)
{
	double sum = 0;

	for (size_t i = 0; i < t->n; i++)
		sum += t->row[i].w / (double)t->n;
	for (size_t i = 0; i < t->n; i++) {
		t->y[i] = t->row[i].y;
		t->w[i] = t->row[i].w / sum;
		t->c[i] = t->row[i].c;
	}
}

static int table_init(struct table *t, const double *score, const double *x, size_t k,
		      const int8_t *label, size_t n, const struct syc_logit_opts *o,
		      struct syc_err *err)
{
	*t = (struct table){ .k = k, .weighted = o && o->weight };
	t->row = syc_calloc(n, sizeof(*t->row));
	t->x = syc_calloc(n, (2 + k) * sizeof(*t->x));
	t->y = syc_calloc(n, sizeof(*t->y));
	t->w = syc_calloc(n, sizeof(*t->w));
	t->c = syc_calloc(n, sizeof(*t->c));
	if (!t->row || !t->x || !t->y || !t->w || !t->c)
		return syc_nomem(err);
	for (size_t i = 0; i < n; i++) {
		const uint32_t c = o && o->cluster ? o->cluster[i] : 0;
		const double w = t->weighted ? o->weight[i] : 1;

		if (!usable(x + i * k, k, score[i], label[i], w))
			continue;
		t->row[t->n++] = (struct row){ x + i * k, score[i], k, w, c, label[i] };
		if (o && o->cluster && c >= t->n_slots)
			t->n_slots = c + 1;
	}
	qsort(t->row, t->n, sizeof(*t->row), by_all);
	copy_rows(t);
	return 0;
}

static void table_free(struct table *t)
{
	free(t->row);
	free(t->x);
	free(t->y);
	free(t->w);
	free(t->c);
}

/* Column i of the rows (-1: the score), standardized, into v; false: constant. */
static bool standardize(const struct table *t, long i, double *v, double *mean,
			double *sd)
{
	double sum = 0, square = 0;

	for (size_t r = 0; r < t->n; r++)
		sum += t->w[r] * (v[r] = i < 0 ? t->row[r].score : t->row[r].x[i]);
	*mean = sum / (double)t->n;
	for (size_t r = 0; r < t->n; r++) {
		v[r] -= *mean;
		square += t->w[r] * v[r] * v[r];
	}
	*sd = sqrt(square / (double)(t->n - 1));
	if (!(*sd > 1e-12 * fabs(*mean)))
		return false;
	for (size_t r = 0; r < t->n; r++)
		v[r] /= *sd;
	return true;
}

/* Whether v is more than a sum of the orthonormal columns q, which it joins. */
static bool adds(const struct table *t, const double *v, double *q, size_t n_q)
{
	double *u = q + n_q * t->n, length = 0;

	memcpy(u, v, t->n * sizeof(*v));
	for (int twice = 0; twice < 2; twice++)
		for (size_t j = 0; j < n_q; j++) {
			double s = 0;

			for (size_t r = 0; r < t->n; r++)
				s += u[r] * q[j * t->n + r];
			for (size_t r = 0; r < t->n; r++)
				u[r] -= s * q[j * t->n + r];
		}
	for (size_t r = 0; r < t->n; r++)
		length += u[r] * u[r];
	if (!(length > 1e-16 * (double)t->n))
		return false;
	for (size_t r = 0; r < t->n; r++)
		u[r] /= sqrt(length);
	return true;
}

static void set_column(struct table *t, size_t at, const double *v)
{
	for (size_t r = 0; r < t->n; r++)
		t->x[r * (2 + t->k) + at] = v ? v[r] : 1;
}

/* The columns that count; 1, or 0 when the score is none of them. */
static int choose(struct table *t, struct syc_err *err)
{
	double *q = syc_calloc(t->n, (t->k + 2) * sizeof(*q)), *v, mean, sd;
	int ret = 0;

	if (!q)
		return syc_nomem(err);
	v = q + (t->k + 1) * t->n;
	set_column(t, 0, NULL);
	for (size_t i = 0; i < t->k; i++)
		if (standardize(t, (long)i, v, &mean, &sd) && adds(t, v, q, t->kept))
			set_column(t, 2 + t->kept++, v);
	if (standardize(t, -1, v, &t->mean, &t->sd)) {
		set_column(t, 1, v);
		ret = adds(t, v, q, t->kept);
	}
	free(q);
	return ret;
}

/* The first k columns, or those behind the score, packed for the fit. */
static double *pack(const struct table *t, bool score, size_t *k)
{
	double *x;

	*k = t->kept + 1 + score;
	x = syc_calloc(t->n, *k * sizeof(*x));
	for (size_t r = 0; r < t->n && x; r++) {
		const double *from = t->x + r * (2 + t->k);
		double *to = x + r * *k;

		to[0] = 1;
		if (score)
			to[1] = from[1];
		memcpy(to + 1 + score, from + 2, t->kept * sizeof(*x));
	}
	return x;
}

/* Whether some row's log odds have run away. */
static bool ran_away(const struct irls *m, const double *beta)
{
	for (size_t r = 0; r < m->n; r++) {
		double eta = 0;

		for (size_t i = 0; i < m->k; i++)
			eta += m->x[r * m->k + i] * beta[i];
		if (fabs(eta) > 30)
			return true;
	}
	return false;
}

/* With the score or without; the method stays NONE where there is no maximum. */
static int fit(struct syc_logit *f, const struct table *t, bool score, double ridge,
	       struct syc_err *err)
{
	struct irls m = { .y = t->y, .n = t->n, .weight = t->weighted ? t->w : NULL,
			  .cluster = t->n_slots ? t->c : NULL, .n_slots = t->n_slots };
	double *x = pack(t, score, &m.k), *beta = syc_calloc(m.k, 2 * sizeof(*beta)),
	       *weight = beta + m.k;
	const struct syc_logit none = *f;
	int ret = x && beta ? 0 : syc_nomem(err);

	m.x = x;
	for (size_t i = 1; i < m.k && ret == 0; i++)
		weight[i] = ridge;
	m.ridge = weight;
	if (ret == 0)
		ret = logit_fit(f, beta, &m,
				ridge > 0 ? SYC_LOGIT_RIDGE : SYC_LOGIT_ML, err);
	if (ret > 0 && f->method == SYC_LOGIT_ML && ran_away(&m, beta)) {
		*f = none;
		ret = 0;
	}
	if (ret == 0)
		ret = logit_fit(f, beta, &m, SYC_LOGIT_FIRTH, err);
	free(x);
	free(beta);
	return ret < 0 ? ret : 0;
}

static void report(struct syc_logit_adjusted *out, const struct table *t,
		   const struct syc_logit *rest)
{
	struct syc_logit *f = &out->with;

	out->r2_rest = rest->r2;
	if (f->method == SYC_LOGIT_NONE)
		f->why = "no maximum was found";
	f->separated = f->method == SYC_LOGIT_FIRTH;
	if (f->separated)
		out->p = f->p;
	else if (!t->n_slots && !t->weighted && f->method == SYC_LOGIT_ML &&
		 rest->method == SYC_LOGIT_ML)
		out->p = syc_stat_normal_p(sqrt(fmax(2 * (f->loglik - rest->loglik),
						     0)));
}

static int alone(struct syc_logit_adjusted *out, const struct table *t,
		 const struct syc_logit_opts *o, struct syc_err *err)
{
	struct syc_logit_opts opts = { .cluster = t->n_slots ? t->c : NULL,
				       .weight = t->weighted ? t->w : NULL,
				       .ridge = o ? o->ridge : 0 };
	double *score = syc_calloc(t->n, sizeof(*score));
	int8_t *label = syc_calloc(t->n, sizeof(*label));
	int ret = score && label ? 0 : syc_nomem(err);

	for (size_t r = 0; r < t->n && ret == 0; r++) {
		score[r] = t->row[r].score;
		label[r] = t->row[r].y;
	}
	if (ret == 0)
		ret = syc_stat_logit_with(&out->alone, score, label, t->n,
					  &opts, err);
	free(score);
	free(label);
	return ret;
}

static int adjusted(struct syc_logit_adjusted *out, struct table *t,
		    const struct syc_logit_opts *o,
		    struct syc_err *err)
{
	const double ridge = o ? o->ridge : 0;
	struct syc_logit rest;
	int ret = alone(out, t, o, err);

	logit_none(&rest);
	out->with.n = t->n;
	if (ret < 0 || out->alone.why) {
		out->with.why = out->alone.why;
		return ret;
	}
	ret = choose(t, err);
	out->n_features = t->kept;
	if (ret == 0)
		out->with.why = "the features make up the score";
	if (ret <= 0)
		return ret;
	out->with.mean = t->mean;
	out->with.sd = t->sd;
	ret = fit(&out->with, t, true, ridge, err);
	if (ret == 0)
		ret = fit(&rest, t, false, ridge, err);
	if (ret == 0)
		report(out, t, &rest);
	return ret;
}

int syc_stat_logit_adjusted(struct syc_logit_adjusted *out, const double *score,
			    const double *x,
			  size_t k, const int8_t *label, size_t n,
			  const struct syc_logit_opts *o, struct syc_err *err)
{
	struct table t;
	int ret = table_init(&t, score, x, k, label, n, o, err);

	*out = (struct syc_logit_adjusted){ .r2_rest = NAN, .p = NAN };
	logit_none(&out->alone);
	logit_none(&out->with);
	if (ret == 0)
		ret = adjusted(out, &t, o, err);
	table_free(&t);
	return ret;
}
