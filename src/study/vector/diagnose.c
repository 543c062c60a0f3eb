/* SPDX-License-Identifier: MIT */
/* How well a direction tells the sides of pairs apart. */
#include "config.h"
#include <math.h>
#include <stdlib.h>
#include "base/err.h"
#include "study/vector/direction.h"

/* Sums over pairs, first along the direction, then beside it. */
struct sums {
	double a, aa, b, bb;	/* projections of both sides */
	double along, whole;	/* squares of the differences */
	double cosine, length;
	double n_wrong, n_cosine;
};

/* A pair of weight w; shift is near the projections. */
static void add_sums(struct sums *s, double w, const double *u,
		     const double *mean_dir, double shift, const float *a,
		     const float *b, size_t dim)
{
	const double pa = mixed_dot(u, a, dim) - shift,
		     pb = mixed_dot(u, b, dim) - shift, d = pa - pb;
	double dd = 0, dm = 0, aa = 0, bb = 0;

	for (size_t c = 0; c < dim; c++) {
		const double x = (double)a[c] - (double)b[c];

		dd += x * x;
		dm += x * mean_dir[c];
		aa += (double)a[c] * (double)a[c];
		bb += (double)b[c] * (double)b[c];
	}
	s->a += w * pa;
	s->aa += w * (pa * pa);
	s->b += w * pb;
	s->bb += w * (pb * pb);
	s->along += w * (d * d);
	s->whole += w * dd;
	s->n_wrong += w * !(d > 0);
	s->length += w * (sqrt(aa) + sqrt(bb));
	if (dd > 0) {
		s->cosine += w * (dm / sqrt(dd));
		s->n_cosine += w;
	}
}

static void finish(struct diag *out, const struct sums *s, double n,
		   bool single)
{
	const double var = (s->aa - s->a * s->a / n + s->bb - s->b * s->b / n) /
			   (n - 1) / 2;

	out->whole = s->whole;
	out->explained = s->along / s->whole;
	out->dprime = n > 1 ? (s->a - s->b) / n / sqrt(fmax(var, 0)) : NAN;
	out->pair_cosine = s->n_cosine > 0 ? s->cosine / s->n_cosine : NAN;
	out->wrong_side = s->n_wrong / n;
	out->center = single ? s->a / n : (s->a + s->b) / n / 2;
	out->length = s->length / n / (single ? 1 : 2);
}

int diagnose(struct diag *out, const struct view *v, const double *direction,
	     bool balance, struct syc_err *err)
{
	const size_t dim = v->p->info.dim;
	double *u = calloc(2 * dim, sizeof(*u)), *mean_dir = u ? u + dim : NULL,
	       length, shift = 0;
	struct sums s = { 0 };
	const float *a, *b;
	struct balance w;
	int ret = u ? method_mean(mean_dir, v, balance, err) : syc_nomem(err);

	if (ret == 0)
		ret = balance_begin(&w, v, balance, false, err);

	out->norm = double_length(direction, dim);
	length = u ? double_length(mean_dir, dim) : 0;
	for (size_t c = 0; c < dim && ret == 0; c++) {
		u[c] = out->norm > 0 ? direction[c] / out->norm : 0;
		mean_dir[c] = length > 0 ? mean_dir[c] / length : NAN;
	}
	for (uint64_t i = 0; i < v->n && ret == 0; i++) {
		ret = view_get(v, i, &a, &b, err);
		if (ret < 0)
			break;
		/* Near the projections, so that their squares do not cancel. */
		if (i == 0)
			shift = mixed_dot(u, a, dim);
		add_sums(&s, balance_weight(&w, v, i), u, mean_dir, shift, a, b,
			 dim);
	}
	if (ret == 0) {
		finish(out, &s, (double)v->n, v->p->info.single);
		out->center += shift;
	}
	free(u);
	return ret;
}
