/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "syc/linear.h"
#include "syc/probe.h"
#include "tool/vec/direction.h"
#include "tool/common/fail.h"

const char *const syc_method_names[] = { "mean", "pca", "lda", "logistic" };
const char *const syc_center_names[] = { "pair", "all", "none" };
const char *const syc_normalize_names[] = { "none", "unit", "per-layer-mean" };

const char *syc_recipe_name(const struct syc_recipe *r)
{
	static const char *const pca[] = { "pca-pair", "pca-all", "pca-none" };

	return r->method == SYC_PCA ? pca[r->center] : syc_method_names[r->method];
}

double syc_length(const double *x, size_t n)
{
	double sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += x[i] * x[i];
	return sqrt(sum);
}

int syc_view_begin(struct syc_view *v, const struct syc_pairs *p, size_t layer, bool keep, struct syc_err *err)
{
	const size_t two = 2 * p->dim;

	*v = (struct syc_view){ .p = p, .layer = layer, .n = p->n };
	v->room = calloc(two, sizeof(*v->room));
	if (!v->room || p->n > SIZE_MAX / two / sizeof(*v->all))
		return fail_nomem(err);
	if (!keep)
		return 0;
	v->all = malloc((size_t)p->n * two * sizeof(*v->all));
	if (!v->all)
		return fail_nomem(err);
	for (uint64_t i = 0; i < p->n; i++) {
		int ret = syc_pairs_get(p, i, layer, v->all + i * two, v->all + i * two + p->dim, NULL, err);

		if (ret < 0)
			return ret;
	}
	return 0;
}

void syc_view_end(struct syc_view *v)
{
	free(v->room);
	free(v->all);
	v->room = v->all = NULL;
}

int syc_view_get(const struct syc_view *v, uint64_t i, const float **match, const float **other,
		 uint32_t *group, struct syc_err *err)
{
	const size_t dim = v->p->dim;
	float *at = v->room;

	i = v->pick ? v->pick[i] : i;
	if (v->all && !group)
		at = v->all + i * 2 * dim;
	*match = at;
	*other = at + dim;
	return v->all && !group ? 0 : syc_pairs_get(v->p, i, v->layer, at, at + dim, group, err);
}

/*
 * The mean over all pairs, or over the means of the groups.  Summed in the
 * order of the pairs by plain additions, so that the bytes do not depend on
 * the processor.
 */
static int mean(double *out, const struct syc_view *v, bool balance, struct syc_err *err)
{
	const size_t dim = v->p->dim, n_groups = balance ? v->p->n_groups : 1;
	double *sum = calloc(n_groups * dim, sizeof(*sum));
	uint64_t n[SYC_PAIRS_GROUPS] = { 0 };
	const float *a, *b;
	size_t used = 0;
	uint32_t g = 0;
	int ret = sum ? 0 : fail_nomem(err);

	for (uint64_t i = 0; i < v->n && ret == 0; i++) {
		ret = syc_view_get(v, i, &a, &b, balance ? &g : NULL, err);
		if (ret < 0)
			break;
		n[g]++;
		for (size_t c = 0; c < dim; c++)
			sum[g * dim + c] += (double)a[c] - (double)b[c];
	}
	memset(out, 0, dim * sizeof(*out));
	for (g = 0; g < n_groups && ret == 0; g++) {
		used += n[g] > 0;
		for (size_t c = 0; c < dim && n[g]; c++)
			out[c] += balance ? sum[g * dim + c] / (double)n[g] : sum[g * dim + c];
	}
	for (size_t c = 0; c < dim && ret == 0; c++)
		out[c] /= balance ? (double)used : (double)v->n;
	free(sum);
	return ret;
}

static double dot(const double *u, const float *x, size_t n)
{
	double sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += u[i] * (double)x[i];
	return sum;
}

int syc_set_sign(double *u, const struct syc_view *v, struct syc_err *err)
{
	const size_t dim = v->p->dim;
	const float *a, *b;
	double sum = 0;
	int64_t votes = 0;

	for (uint64_t i = 0; i < v->n; i++) {
		int ret = syc_view_get(v, i, &a, &b, NULL, err);
		double d;

		if (ret < 0)
			return ret;
		d = dot(u, a, dim) - dot(u, b, dim);
		votes += (d > 0) - (d < 0);
		sum += d;
	}
	for (size_t c = 0; c < dim && (votes < 0 || (votes == 0 && sum < 0)); c++)
		u[c] = -u[c];
	return 0;
}

/* Rows for PCA: differences, or both sides (single: the one there is). */
static size_t rows_of(float *out, const struct syc_view *v, const float *a, const float *b, bool differences)
{
	const size_t dim = v->p->dim;

	memcpy(out, a, dim * sizeof(*out));
	for (size_t c = 0; c < dim && differences; c++)
		out[c] = a[c] - b[c];
	if (differences || v->p->single)
		return 1;
	memcpy(out + dim, b, dim * sizeof(*out));
	return 2;
}

/* Components of few rows from the rows, of many from their moments. */
static int components(struct syc_pca **out, const struct syc_view *v, enum syc_center center, size_t k,
		      struct syc_err *err)
{
	const size_t dim = v->p->dim, n = (size_t)v->n * 2, keep = n < dim ? n : 2;
	const bool differences = center == SYC_CENTER_PAIR, centered = center == SYC_CENTER_ALL;
	float *x = calloc(keep * dim, sizeof(*x));
	struct syc_moments *m = NULL;
	const float *a, *b;
	size_t at = 0;
	int ret = x ? 0 : fail_nomem(err);

	*out = NULL;
	if (ret == 0 && n >= dim)
		ret = syc_moments_new(&m, dim, SYC_MOMENTS_COV, err);
	for (uint64_t i = 0; i < v->n && ret == 0; i++) {
		ret = syc_view_get(v, i, &a, &b, NULL, err);
		if (ret < 0)
			break;
		at += rows_of(x + at * dim, v, a, b, differences);
		if (m) {
			ret = syc_moments_add(m, x, at, err);
			at = 0;
		}
	}
	if (ret == 0)
		ret = m ? syc_pca_moments(out, m, centered, k, err) : syc_pca_rows(out, x, at, dim, centered, k, err);
	syc_moments_free(m);
	free(x);
	return ret;
}

static int pca(double *out, const struct syc_view *v, enum syc_center center, struct syc_err *err)
{
	struct syc_pca *p;
	int ret = components(&p, v, center, 1, err);

	if (ret < 0)
		return ret;
	if (p->n_comp)
		memcpy(out, p->vec, v->p->dim * sizeof(*out));
	else
		ret = fail(err, SYC_EINVAL, "the pairs do not differ");
	syc_pca_free(p);
	return ret < 0 ? ret : syc_set_sign(out, v, err);
}

static int lda(double *out, const struct syc_view *v, const struct syc_recipe *r, struct syc_err *err)
{
	const struct syc_lda_opts o = { r->shrinkage_given, r->shrinkage };
	struct syc_moments *m[2] = { NULL, NULL };
	const float *x[2];
	struct syc_lda *l;
	int ret = syc_moments_new(&m[0], v->p->dim, SYC_MOMENTS_COV, err);

	if (ret == 0)
		ret = syc_moments_new(&m[1], v->p->dim, SYC_MOMENTS_COV, err);
	for (uint64_t i = 0; i < v->n && ret == 0; i++) {
		ret = syc_view_get(v, i, &x[0], &x[1], NULL, err);
		for (int side = 0; side < 2 && ret == 0; side++)
			ret = syc_moments_add(m[side], x[side], 1, err);
	}
	if (ret == 0)
		ret = syc_lda_fit(&l, m[0], m[1], &o, err);
	if (ret == 0) {
		memcpy(out, l->w, v->p->dim * sizeof(*out));
		syc_lda_free(l);
	}
	syc_moments_free(m[0]);
	syc_moments_free(m[1]);
	return ret;
}

/* Numbers 0, 1, ... for the pairs, the same for one that was picked twice. */
static void number_pairs(uint32_t *group, const struct syc_view *v, uint32_t *seen)
{
	uint32_t next = 1;

	for (uint64_t i = 0; i < v->n; i++) {
		const uint64_t k = v->pick ? v->pick[i] : i;

		if (!seen[k])
			seen[k] = next++;
		group[2 * i] = group[2 * i + 1] = seen[k] - 1;
	}
}

/* The two of a pair are left out of a fit together.  out or lambda may be NULL. */
static int logistic(double *out, double *lambda, const struct syc_view *v, const struct syc_recipe *r,
		    struct syc_err *err)
{
	const size_t dim = v->p->dim, n = (size_t)v->n;
	float *x = calloc(2 * n * dim, sizeof(*x));
	int8_t *y = calloc(2 * n, 1);
	uint32_t *group = calloc(2 * n, sizeof(*group)), *seen = calloc((size_t)v->p->n, sizeof(*seen));
	struct syc_ridge_opts o = { .lambda = r->lambda, .folds = r->folds, .group = group, .seed = r->seed };
	struct syc_ridge *fit;
	const float *a, *b;
	int ret = x && y && group && seen ? 0 : fail_nomem(err);

	for (size_t i = 0; i < n && ret == 0; i++) {
		ret = syc_view_get(v, i, &a, &b, NULL, err);
		if (ret < 0)
			break;
		memcpy(x + 2 * i * dim, a, dim * sizeof(*x));
		memcpy(x + (2 * i + 1) * dim, b, dim * sizeof(*x));
		y[2 * i] = 1;
	}
	if (ret == 0) {
		number_pairs(group, v, seen);
		ret = syc_ridge_fit(&fit, x, y, 2 * n, dim, &o, err);
	}
	if (ret == 0) {
		if (out)
			memcpy(out, fit->w, dim * sizeof(*out));
		if (lambda)
			*lambda = fit->lambda;
		syc_ridge_free(fit);
	}
	free(x);
	free(y);
	free(group);
	free(seen);
	return ret;
}

int syc_direction(double *out, const struct syc_view *v, const struct syc_recipe *r, struct syc_err *err)
{
	struct syc_err why;
	int ret;

	switch (r->method) {
	case SYC_MEAN: return mean(out, v, r->balance, err);
	case SYC_PCA: ret = pca(out, v, r->center, &why); break;
	case SYC_LDA: ret = lda(out, v, r, &why); break;
	default: ret = logistic(out, NULL, v, r, &why);
	}
	return ret < 0 ? fail(err, ret, "layer %u: %.400s", (unsigned)v->p->layers[v->layer], why.msg) : 0;
}

int syc_choose_lambda(double *lambda, const struct syc_view *v, const struct syc_recipe *r, struct syc_err *err)
{
	return logistic(NULL, lambda, v, r, err);
}

/* Sums over pairs, first along the direction, then beside it. */
struct sums {
	double a, aa, b, bb;	/* projections of both sides */
	double along, whole;	/* squares of the differences */
	double cosine, length;
	uint64_t n_wrong, n_cosine;
};

static void add_sums(struct sums *s, const double *u, const double *mean_dir, double shift,
		     const float *a, const float *b, size_t dim)
{
	const double pa = dot(u, a, dim) - shift, pb = dot(u, b, dim) - shift, d = pa - pb;
	double dd = 0, dm = 0, aa = 0, bb = 0;

	for (size_t c = 0; c < dim; c++) {
		const double x = (double)a[c] - (double)b[c];

		dd += x * x;
		dm += x * mean_dir[c];
		aa += (double)a[c] * (double)a[c];
		bb += (double)b[c] * (double)b[c];
	}
	s->a += pa;
	s->aa += pa * pa;
	s->b += pb;
	s->bb += pb * pb;
	s->along += d * d;
	s->whole += dd;
	s->n_wrong += !(d > 0);
	s->length += sqrt(aa) + sqrt(bb);
	if (dd > 0) {
		s->cosine += dm / sqrt(dd);
		s->n_cosine++;
	}
}

static void finish(struct syc_diag *out, const struct sums *s, double n, bool single)
{
	const double var = (s->aa - s->a * s->a / n + s->bb - s->b * s->b / n) / (n - 1) / 2;

	out->whole = s->whole;
	out->explained = s->along / s->whole;
	out->dprime = n > 1 ? (s->a - s->b) / n / sqrt(fmax(var, 0)) : NAN;
	out->pair_cosine = s->n_cosine ? s->cosine / (double)s->n_cosine : NAN;
	out->wrong_side = (double)s->n_wrong / n;
	out->center = single ? s->a / n : (s->a + s->b) / n / 2;
	out->length = s->length / n / (single ? 1 : 2);
}

int syc_diagnose(struct syc_diag *out, const struct syc_view *v, const double *direction, struct syc_err *err)
{
	const size_t dim = v->p->dim;
	double *u = calloc(2 * dim, sizeof(*u)), *mean_dir = u ? u + dim : NULL, length, shift = 0;
	struct sums s = { 0 };
	const float *a, *b;
	int ret = u ? mean(mean_dir, v, false, err) : fail_nomem(err);

	out->norm = syc_length(direction, dim);
	length = u ? syc_length(mean_dir, dim) : 0;
	for (size_t c = 0; c < dim && ret == 0; c++) {
		u[c] = out->norm > 0 ? direction[c] / out->norm : 0;
		mean_dir[c] = length > 0 ? mean_dir[c] / length : NAN;
	}
	for (uint64_t i = 0; i < v->n && ret == 0; i++) {
		ret = syc_view_get(v, i, &a, &b, NULL, err);
		if (ret < 0)
			break;
		/* Near the projections, so that their squares do not cancel. */
		if (i == 0)
			shift = dot(u, a, dim);
		add_sums(&s, u, mean_dir, shift, a, b, dim);
	}
	if (ret == 0) {
		finish(out, &s, (double)v->n, v->p->single);
		out->center += shift;
	}
	free(u);
	return ret;
}

void syc_orthogonalize(double *x, const double *basis, size_t n, size_t dim)
{
	for (size_t k = 0; k < n; k++) {
		const double *u = basis + k * dim;
		double sum = 0;

		for (size_t c = 0; c < dim; c++)
			sum += x[c] * u[c];
		for (size_t c = 0; c < dim; c++)
			x[c] -= sum * u[c];
	}
}

int syc_control(double **out, size_t *n, const struct syc_view *v, size_t k, struct syc_err *err)
{
	const size_t dim = v->p->dim;
	struct syc_pca *p;
	double length;
	int ret = 0;

	k = v->p->single ? k : 1;
	*n = 0;
	*out = calloc(k * dim, sizeof(**out));
	if (!*out)
		return fail_nomem(err);
	if (v->p->single) {
		ret = components(&p, v, SYC_CENTER_ALL, k, err);
		if (ret < 0)
			return ret;
		*n = p->n_comp;
		memcpy(*out, p->vec, *n * dim * sizeof(**out));
		syc_pca_free(p);
		return 0;
	}
	ret = mean(*out, v, false, err);
	length = syc_length(*out, dim);
	for (size_t c = 0; c < dim && length > 0; c++)
		(*out)[c] /= length;
	*n = length > 0;
	return ret;
}
