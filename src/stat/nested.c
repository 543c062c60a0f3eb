/* SPDX-License-Identifier: MIT */
/* Every row predicted by a fit, its penalty too, that has not seen its fold. */
#include "config.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "base/mem.h"
#include "syc/probe.h"

/* Rows to be fitted. */
struct rows {
	size_t n, dim;
	float *x;		/* [n][dim] */
	int8_t *label;		/* [n] */
	double *outcome;	/* [n] */
	uint32_t *fold;		/* [n] */
};

static int rows_new(struct rows *r, size_t n, size_t dim, struct syc_err *err)
{
	*r = (struct rows){ .dim = dim };
	r->x = syc_calloc(n, dim * sizeof(*r->x));
	r->label = syc_calloc(n, sizeof(*r->label));
	r->outcome = syc_calloc(n, sizeof(*r->outcome));
	r->fold = syc_calloc(n, sizeof(*r->fold));
	return r->x && r->label && r->outcome && r->fold ? 0 : syc_nomem(err);
}

static void rows_free(struct rows *r)
{
	free(r->x);
	free(r->label);
	free(r->outcome);
	free(r->fold);
}

/* The rows of in that are not of a fold; UINT32_MAX: all. */
static void take(struct rows *r, const struct syc_nested_in *in, uint32_t without)
{
	r->n = 0;
	for (size_t i = 0; i < in->n; i++) {
		if (in->fold[i] == without)
			continue;
		memcpy(r->x + r->n * r->dim, in->x + i * r->dim,
		       r->dim * sizeof(*r->x));
		if (in->label)
			r->label[r->n] = in->label[i];
		else
			r->outcome[r->n] = in->outcome[i];
		r->fold[r->n++] = in->fold[i];
	}
}

static int fit(struct syc_ridge **out, const struct rows *r,
	       const struct syc_nested_in *in, size_t folds, struct syc_err *err)
{
	const struct syc_ridge_opts o = { .folds = folds, .group = r->fold,
					  .lambda = in->lambda };

	return in->label ? syc_ridge_fit(out, r->x, r->label, r->n, r->dim, &o, err)
			 : syc_ridge_line(out, r->x, r->outcome, r->n, r->dim, &o, err);
}

static double at(const struct syc_ridge *f, const float *x)
{
	double y = f->bias;

	for (size_t c = 0; c < f->dim; c++)
		y += f->w[c] * (double)x[c];
	return y;
}

static int check(const struct syc_nested_in *in, struct syc_err *err)
{
	if (in->n_folds < 3)
		return syc_fail(err, SYC_EINVAL, "%zu folds: nested ones are 3 or more",
				in->n_folds);
	if (!in->n)
		return syc_fail(err, SYC_EINVAL, "no rows");
	for (size_t i = 0; i < in->n; i++)
		if (in->fold[i] >= in->n_folds)
			return syc_fail(err, SYC_EINVAL, "row %zu has no fold", i);
	return 0;
}

static int one_fold(struct syc_nested *s, const struct syc_nested_in *in,
		    struct rows *r, uint32_t fold, struct syc_err *err)
{
	struct syc_ridge *f;
	int ret;

	take(r, in, fold);
	ret = fit(&f, r, in, in->n_folds - 1, err);
	if (ret < 0)
		return ret;
	s->lambda[fold] = f->lambda;
	s->inner[fold] = f->cv_loss;
	for (size_t i = 0; i < in->n; i++)
		if (in->fold[i] == fold)
			s->pred[i] = at(f, in->x + i * in->dim);
	syc_ridge_free(f);
	return 0;
}

int syc_ridge_nested(struct syc_nested **out, const struct syc_nested_in *in,
		     struct syc_err *err)
{
	struct syc_nested *s = syc_calloc(1, sizeof(*s));
	struct rows r = { 0 };
	int ret = s ? check(in, err) : syc_nomem(err);

	*out = NULL;
	if (ret == 0) {
		s->pred = syc_calloc(in->n, sizeof(*s->pred));
		s->lambda = syc_calloc(in->n_folds, 2 * sizeof(*s->lambda));
		s->inner = s->lambda ? s->lambda + in->n_folds : NULL;
		ret = s->pred && s->lambda ? rows_new(&r, in->n, in->dim, err)
					   : syc_nomem(err);
	}
	for (uint32_t k = 0; ret == 0 && k < in->n_folds; k++)
		ret = one_fold(s, in, &r, k, err);
	if (ret == 0) {
		take(&r, in, UINT32_MAX);
		ret = fit(&s->fit, &r, in, in->n_folds, err);
	}
	rows_free(&r);
	if (ret < 0)
		syc_nested_free(s);
	else
		*out = s;
	return ret;
}

void syc_nested_free(struct syc_nested *s)
{
	if (!s)
		return;
	syc_ridge_free(s->fit);
	free(s->pred);
	free(s->lambda);
	free(s);
}
