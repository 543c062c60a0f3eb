/* SPDX-License-Identifier: MIT */
/*
 * The posterior as the sampler sees it.  Pairs lie in blocks by columns, [k][BLOCK],
 * with their signs turned so that every choice is 1: log P = -log(1 + exp(-s)).
 */
#include "config.h"
#include <cblas.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "base/mem.h"
#include "stat/lapack.h"
#include "study/prefer/prefer.h"

enum { BLOCK = 256 };
/* beyond it erfc() is near its end: the asymptotic series, to 1e-9 */
static const double far_out = 30;

struct posterior {
	size_t n, k;
	double b;
	double *x;		/* [ceil(n / BLOCK)][k][BLOCK] */
};

double laplace_of_normal(double z, double *slope)
{
	const double a = fabs(z), tail = erfc(a * M_SQRT1_2), q = 1 / (a * a);
	double value;

	if (a < far_out) {
		value = -log(tail);
		*slope = sqrt(2 / M_PI) * exp(-a * a / 2) / tail;
	} else {
		const double rest = 1 - q * (1 - q * (3 - 15 * q));

		value = a * a / 2 + log(a * sqrt(M_PI / 2)) - log(rest);
		*slope = a / rest;
	}
	return z < 0 ? -value : value;
}

/* Of n sums the log likelihood; each becomes what moves it, 1 - P. */
static double take(double *s, size_t n)
{
	double sum = 0, product = 1;

	for (size_t i = 0; i < n; i++) {
		const double e = exp(-fabs(s[i]));

		sum += s[i] < 0 ? s[i] : 0;
		product *= 1 + e;	/* at most 2^BLOCK */
		s[i] = (s[i] > 0 ? e : 1) / (1 + e);
	}
	return sum - log(product);
}

static double density(void *arg, unsigned thread, const double *z, double *grad)
{
	const struct posterior *p = arg;
	const int k = (int)p->k;
	double s[BLOCK], slope[SYC_PREFER_MOST], beta[SYC_PREFER_MOST],
		log_p = 0;

	(void)thread;
	for (size_t j = 0; j < p->k; j++) {
		beta[j] = p->b * laplace_of_normal(z[j], &slope[j]);
		grad[j] = 0;
	}
	for (size_t at = 0; at < p->n; at += BLOCK) {
		const double *x = p->x + at * p->k;
		const size_t n = p->n - at < BLOCK ? p->n - at : BLOCK;

		cblas_dgemv(CblasColMajor, CblasNoTrans, (int)n, k, 1, x, BLOCK,
			    beta, 1, 0, s, 1);
		log_p += take(s, n);
		cblas_dgemv(CblasColMajor, CblasTrans, (int)n, k, 1, x, BLOCK,
			    s, 1, 1, grad, 1);
	}
	for (size_t j = 0; j < p->k; j++) {
		grad[j] = grad[j] * p->b * slope[j] - z[j];
		log_p -= z[j] * z[j] / 2;
	}
	return log_p;
}

static int fill(struct posterior *q, const struct syc_prefer_data *p,
		const uint32_t *row, struct syc_err *err)
{
	q->x = syc_calloc(syc_round_up(q->n, BLOCK), q->k * sizeof(double));
	if (!q->x)
		return syc_nomem(err);
	for (size_t i = 0; i < q->n; i++) {
		const size_t r = row ? row[i] : i;
		double *to = q->x + (i - i % BLOCK) * q->k + i % BLOCK;

		for (size_t j = 0; j < q->k; j++)
			to[j * BLOCK] = p->choice[r] ? p->d[r * p->k + j]
						     : -p->d[r * p->k + j];
	}
	return 0;
}

/* From z to beta. */
static void transform(struct syc_nuts *s, double b)
{
	const size_t n = s->n_chains * s->n_draws * s->dim;
	double slope;

	for (size_t i = 0; i < n; i++)
		s->x[i] = b * laplace_of_normal(s->x[i], &slope);
}

int syc_prefer_sample(struct syc_nuts **draws, const struct syc_prefer_data *p,
		      const uint32_t *row, size_t n_rows, double b,
		      const struct syc_nuts_opts *o, struct syc_err *err)
{
	struct posterior q = { row ? n_rows : p->n, p->k, b, NULL };
	const struct syc_density f = { p->k, density, &q };
	int ret;

	*draws = NULL;
	if (!(b > 0) || !isfinite(b))
		return syc_fail(err, SYC_EINVAL,
				"the prior's scale %g is not above 0", b);
	blas_begin();
	ret = fill(&q, p, row, err);
	if (ret == 0)
		ret = syc_nuts_run(draws, &f, o, err);
	if (ret == 0)
		transform(*draws, b);
	free(q.x);
	return ret;
}
