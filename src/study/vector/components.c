/* SPDX-License-Identifier: MIT */
/* Principal components of pairs. */
#include "config.h"
#include <math.h>
#include <stdlib.h>
#include "base/err.h"
#include "study/vector/direction.h"

/* What components are taken of. */
struct spread {
	const struct view *v;
	struct balance w;
	bool balance, differences;
	bool centered;
	double *mean;		/* [dim] balanced: to be subtracted; or NULL */
};

/*
 * Rows for PCA: differences, or both sides (single: the one there is).  Balanced
 * ones are centered and weighted here.
 */
static size_t rows_of(float *out, const struct spread *s, uint64_t i,
		      const float *a, const float *b)
{
	const size_t dim = s->v->p->info.dim, k = s->v->p->info.n_letters;
	const double root = sqrt(balance_weight(&s->w, s->v, i));
	const double *p = s->w.offset, *q = p;

	if (p) {
		p += view_letter(s->v, i) * dim;
		q = p + k * dim;
	}
	for (size_t c = 0; c < dim; c++) {
		double x = (double)a[c] - (p ? p[c] : 0),
		       y = (double)b[c] - (q ? q[c] : 0);

		if (!s->balance) {
			out[c] = s->differences ? a[c] - b[c] : a[c];
			out[dim + c] = b[c];
			continue;
		}
		x -= s->mean ? s->mean[c] : 0;
		y -= s->mean ? s->mean[c] : 0;
		out[c] = (float)(root * (s->differences ? x - y : x));
		out[dim + c] = (float)(root * y);
	}
	return s->differences || s->v->p->info.single ? 1 : 2;
}

/* The weighted mean of both sides. */
static int find_mean(struct spread *s, struct syc_err *err)
{
	const size_t dim = s->v->p->info.dim;
	const float *a, *b;
	int ret;

	s->mean = calloc(dim, sizeof(*s->mean));
	ret = s->mean ? 0 : syc_nomem(err);
	for (uint64_t i = 0; i < s->v->n && ret == 0; i++) {
		const double w = balance_weight(&s->w, s->v, i);

		ret = view_get(s->v, i, &a, &b, err);
		for (size_t c = 0; c < dim && ret == 0; c++)
			s->mean[c] += w * ((double)a[c] + (double)b[c]) / 2 /
				      (double)s->v->n;
	}
	return ret;
}

static int spread_begin(struct spread *s, const struct view *v,
			enum syc_center center, bool balance,
			struct syc_err *err)
{
	int ret;

	*s = (struct spread){ .v = v, .balance = balance,
			      .differences = center == SYC_CENTER_PAIR,
			      .centered = center == SYC_CENTER_ALL };
	ret = balance_begin(&s->w, v, balance, true, err);
	if (ret == 0 && balance && s->centered) {
		s->centered = false;
		ret = find_mean(s, err);
	}
	return ret;
}

/* Components of few rows from the rows, of many from their moments. */
static int components_of(struct syc_pca **out, const struct spread *s, size_t k,
			 struct syc_err *err)
{
	const size_t dim = s->v->p->info.dim, n = (size_t)s->v->n * 2,
		     keep = n < dim ? n : 2;
	float *x = calloc((keep + 1) * dim, sizeof(*x));
	struct syc_moments *m = NULL;
	const float *a, *b;
	size_t at = 0;
	int ret = x ? 0 : syc_nomem(err);

	if (ret == 0 && n >= dim)
		ret = syc_moments_new(&m, dim, SYC_MOMENTS_COV, err);
	for (uint64_t i = 0; i < s->v->n && ret == 0; i++) {
		ret = view_get(s->v, i, &a, &b, err);
		if (ret < 0)
			break;
		at += rows_of(x + at * dim, s, i, a, b);
		if (m) {
			ret = syc_moments_add(m, x, at, err);
			at = 0;
		}
	}
	if (ret == 0)
		ret = m ? syc_pca_moments(out, m, s->centered, k, err) :
		      syc_pca_rows(out, x, at, dim, s->centered, k, err);
	syc_moments_free(m);
	free(x);
	return ret;
}

int method_components(struct syc_pca **out, const struct view *v,
		      enum syc_center center, size_t k, bool balance,
		      struct syc_err *err)
{
	struct spread s;
	int ret = spread_begin(&s, v, center, balance, err);

	*out = NULL;
	if (ret == 0)
		ret = components_of(out, &s, k, err);
	balance_end(&s.w);
	free(s.mean);
	return ret;
}
