/* SPDX-License-Identifier: MIT */
/* Fisher's discriminant and the shrinkage of Ledoit and Wolf. */
#include "config.h"
#include <cblas.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "base/mem.h"
#include "stat/lapack.h"
#include "stat/moments.h"
#include "syc/probe.h"

/* The sum of the scatters, lower triangle, into a [dim][dim]. */
static void pool(double *a, struct syc_moments *const *m, size_t n)
{
	const size_t d = syc_moments_dim(m[0]);

	memset(a, 0, d * d * sizeof(*a));
	for (size_t k = 0; k < n; k++)
		for (size_t i = 0; i < d; i++)
			cblas_daxpy((int)i + 1, 1,
				    syc_moments_scatter(m[k]) + i * d, 1,
				    a + i * d, 1);
}

static double trace(const double *a, size_t d)
{
	double sum = 0;

	for (size_t i = 0; i < d; i++)
		sum += a[i * d + i];
	return sum;
}

/* |A|^2 of a symmetric matrix. */
static double square(const double *a, size_t d)
{
	double sum = 0;

	for (size_t i = 0; i < d; i++)
		sum += 2 * cblas_ddot((int)i, a + i * d, 1, a + i * d, 1) +
			a[i * d + i] * a[i * d + i];
	return sum;
}

/*
 * Their equations 8 to 14, with S = a / n: the distance of S from t I is
 * |S|^2 / d - t^2, and the part of it that is noise
 * (sum |x|^4 / n - |S|^2) / (n d), at most all.
 */
static double shrinkage(const double *a, double fourth, size_t d, double n)
{
	const double t = trace(a, d) / n / (double)d, s2 = square(a, d) / n / n;
	const double all = s2 / (double)d - t * t;
	const double noise = (fourth / n - s2) / n / (double)d;

	if (isnan(fourth))
		return NAN;
	/* Where S is t I but for rounding, with one number always, nothing is to shrink. */
	return all > 1e-14 * t * t && noise > 0 ? fmin(noise / all, 1) : 0;
}

double syc_ledoit_wolf(struct syc_moments *const *m, size_t n)
{
	double fourth = 0, rows = 0, s, *a;
	size_t d;

	for (size_t k = 0; k < n; k++) {
		if (!syc_moments_scatter(m[k]))
			return NAN;
		fourth += moments_fourth(m[k]);
		rows += (double)syc_moments_n(m[k]);
	}
	if (!(rows > 0))
		return NAN;
	d = syc_moments_dim(m[0]);
	a = syc_calloc(d, d * sizeof(*a));
	if (!a)
		return NAN;
	pool(a, m, n);
	s = shrinkage(a, fourth, d, rows);
	free(a);
	return s;
}

static int check(struct syc_moments *const *m, const struct syc_lda_opts *o,
		 struct syc_err *err)
{
	if (!syc_moments_scatter(m[0]) || !syc_moments_scatter(m[1]))
		return syc_fail(err, SYC_EINVAL,
				"the discriminant needs covariances");
	if (syc_moments_dim(m[0]) != syc_moments_dim(m[1]))
		return syc_fail(err, SYC_EINVAL,
				"classes of different rows: %zu numbers, and %zu",
				syc_moments_dim(m[0]), syc_moments_dim(m[1]));
	if (!syc_moments_n(m[0]) || !syc_moments_n(m[1]))
		return syc_fail(err, SYC_EINVAL,
				"the discriminant needs rows of both classes");
	if (o && o->fixed && !(o->shrinkage >= 0 && o->shrinkage <= 1))
		return syc_fail(err, SYC_EINVAL,
				"shrinkage %g is not in [0, 1]", o->shrinkage);
	return 0;
}

/* Whether no pivot is left that is nothing but rounding. */
static bool well_posed(const double *factor, double t, size_t d)
{
	for (size_t i = 0; i < d; i++)
		if (!(factor[i * d + i] * factor[i * d + i] > 1e-13 * t))
			return false;
	return true;
}

/* a becomes the factor of C. */
static int covariance(double *a, double s, double n, size_t d, struct syc_err *err)
{
	const double t = trace(a, d) / n / (double)d;

	for (size_t i = 0; i < d; i++) {
		cblas_dscal((int)i + 1, (1 - s) / n, a + i * d, 1);
		a[i * d + i] += s * t;
	}
	if (!chol_factor(a, d) || !well_posed(a, t, d))
		return syc_fail(err, SYC_EINVAL,
				"the covariance within the classes is singular "
				"(shrinkage %g)", s);
	return 0;
}

/* w = C^-1 diff and what goes with it; a is the factor. */
static void solve(struct syc_lda *l, const double *a, struct syc_moments *const *m)
{
	const double *p = syc_moments_mean(m[0]), *q = syc_moments_mean(m[1]);
	double square_d = 0;

	for (size_t i = 0; i < l->dim; i++)
		l->w[i] = p[i] - q[i];
	chol_solve(a, l->w, l->dim);
	for (size_t i = 0; i < l->dim; i++) {
		square_d += l->w[i] * (p[i] - q[i]);
		l->bias -= l->w[i] * (p[i] + q[i]) / 2;
	}
	l->dprime = sqrt(fmax(square_d, 0));
}

static int fit(struct syc_lda *l, struct syc_moments *const *m,
	       const struct syc_lda_opts *o,
	       struct syc_err *err)
{
	const double n = (double)syc_moments_n(m[0]) + (double)syc_moments_n(m[1]);
	const double fourth = moments_fourth(m[0]) + moments_fourth(m[1]);
	double *a = syc_calloc(l->dim, l->dim * sizeof(*a));
	int ret;

	if (!a || !l->w || isnan(fourth)) {
		free(a);
		return syc_nomem(err);
	}
	pool(a, m, 2);
	l->shrinkage = o && o->fixed ? o->shrinkage : shrinkage(a, fourth, l->dim, n);
	ret = covariance(a, l->shrinkage, n, l->dim, err);
	if (ret == 0)
		solve(l, a, m);
	free(a);
	return ret;
}

int syc_lda_fit(struct syc_lda **out, struct syc_moments *pos,
		struct syc_moments *neg,
		const struct syc_lda_opts *o, struct syc_err *err)
{
	struct syc_moments *const m[2] = { pos, neg };
	struct syc_lda *l;
	int ret = check(m, o, err);

	*out = NULL;
	if (ret < 0)
		return ret;
	l = syc_calloc(1, sizeof(*l));
	if (!l)
		return syc_nomem(err);
	l->dim = syc_moments_dim(pos);
	l->w = syc_calloc(l->dim, sizeof(*l->w));
	ret = fit(l, m, o, err);
	if (ret < 0)
		syc_lda_free(l);
	else
		*out = l;
	return ret;
}

void syc_lda_free(struct syc_lda *l)
{
	if (!l)
		return;
	free(l->w);
	free(l);
}
