/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <math.h>
#include <stdlib.h>
#include "base/err.h"
#include "study/vector/direction.h"

double double_length(const double *x, size_t n)
{
	double sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += x[i] * x[i];
	return sqrt(sum);
}

double double_cosine(const double *a, const double *b, size_t n)
{
	double sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += a[i] * b[i];
	return sum / double_length(a, n) / double_length(b, n);
}

double mixed_dot(const double *u, const float *x, size_t n)
{
	double sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += u[i] * (double)x[i];
	return sum;
}

void orthogonalize(double *x, const double *basis, size_t n, size_t dim)
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

int view_begin(struct view *v, const struct syc_pairs *p, size_t layer,
	       bool keep, struct syc_err *err)
{
	const size_t two = 2 * p->info.dim;

	*v = (struct view){ .p = p, .layer = layer, .n = p->info.n };
	v->room = calloc(two, sizeof(*v->room));
	if (!v->room || p->info.n > SIZE_MAX / two / sizeof(*v->all))
		return syc_nomem(err);
	if (!keep)
		return 0;
	v->all = malloc((size_t)p->info.n * two * sizeof(*v->all));
	if (!v->all)
		return syc_nomem(err);
	for (uint64_t i = 0; i < p->info.n; i++) {
		int ret = syc_pairs_get(p, i, layer, v->all + i * two,
					v->all + i * two + p->info.dim, NULL,
					err);

		if (ret < 0)
			return ret;
	}
	return 0;
}

void view_end(struct view *v)
{
	free(v->room);
	free(v->all);
	v->room = v->all = NULL;
}

int view_get(const struct view *v, uint64_t i, const float **match,
	     const float **other, struct syc_err *err)
{
	const size_t dim = v->p->info.dim;

	i = v->pick ? v->pick[i] : i;
	if (v->all) {
		*match = v->all + (v->act ? v->act[2 * i] : 2 * i) * dim;
		*other = v->all + (v->act ? v->act[2 * i + 1] : 2 * i + 1) * dim;
		return 0;
	}
	*match = v->room;
	*other = v->room + dim;
	return syc_pairs_get(v->p, i, v->layer, v->room, v->room + dim, NULL,
			     err);
}

uint32_t view_letter(const struct view *v, uint64_t i)
{
	return syc_pairs_letter(v->p, v->pick ? v->pick[i] : i);
}

int syc_direction(double *out, const struct syc_pairs *p, size_t layer,
		  const uint32_t *pick, uint64_t n, const struct syc_recipe *r,
		  struct syc_err *err)
{
	struct view v;
	int ret = n ? view_begin(&v, p, layer, false, err) :
		syc_fail(err, SYC_EINVAL, "there are no pairs");

	if (!n)
		return ret;
	v.pick = pick;
	v.n = n;
	if (ret == 0)
		ret = method_direction(out, &v, r, err);
	view_end(&v);
	return ret;
}
