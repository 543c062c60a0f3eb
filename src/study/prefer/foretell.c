/* SPDX-License-Identifier: MIT */
/* Pairs foretold by draws. */
#include "config.h"
#include <cblas.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "base/mem.h"
#include "stat/lapack.h"
#include "study/prefer/prefer.h"
#include "syc/stat.h"

int chances_init(struct chances *c, const struct syc_prefer_data *p,
		 const struct syc_nuts *draws, struct syc_err *err)
{
	*c = (struct chances){ p, draws, draws->n_chains * draws->n_draws, NULL, NULL };
	blas_begin();
	c->x = syc_calloc(PREFER_BLOCK, p->k * sizeof(double));
	c->s = syc_calloc(c->n_draws, PREFER_BLOCK * sizeof(double));
	if (!c->x || !c->s) {
		chances_free(c);
		return syc_nomem(err);
	}
	return 0;
}

void chances_free(struct chances *c)
{
	free(c->x);
	free(c->s);
}

void chances_fill(struct chances *c, const uint32_t *row, size_t n)
{
	const size_t k = c->p->k;

	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < k; j++)
			c->x[i * k + j] = (c->p->choice[row[i]] ? -1 : 1) *
					  c->p->d[row[i] * k + j];
	cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasTrans, (int)n,
		    (int)c->n_draws, (int)k, 1, c->x, (int)k, c->draws->x,
		    (int)k, 0, c->s, (int)c->n_draws);
	for (size_t i = 0; i < n * c->n_draws; i++)
		c->s[i] = 1 / (1 + exp(c->s[i]));
}

/* The variance of a mean over pairs from its prompts' sums of x - mean. */
static double variance(const struct syc_prefer_data *p, const uint32_t *row,
		       size_t n, const double *x, double mean, double *sum,
		       size_t *n_prompts)
{
	double squares = 0, g = 0;

	memset(sum, 0, p->n_prompts * sizeof(*sum));
	for (size_t i = 0; i < n; i++)
		sum[p->prompt[row[i]]] += x[i] - mean;
	for (size_t i = 0; i < p->n_prompts; i++)
		squares += sum[i] * sum[i];
	memset(sum, 0, p->n_prompts * sizeof(*sum));
	for (size_t i = 0; i < n; i++) {
		g += sum[p->prompt[row[i]]] == 0;
		sum[p->prompt[row[i]]] = 1;
	}
	*n_prompts = (size_t)g;
	return squares * g / (g - 1) / ((double)n * (double)n);
}

int prefer_score(struct syc_prefer_score *out, const struct syc_prefer_data *p,
		 const uint32_t *row, size_t n, const double *chance,
		 struct syc_err *err)
{
	double *x = syc_calloc(n + p->n_prompts, sizeof(*x)), v;

	*out = (struct syc_prefer_score){ .n = n };
	if (!x)
		return syc_nomem(err);
	for (size_t i = 0; i < n; i++) {
		x[i] = log(chance[i]);
		out->log_lik += x[i] / (double)n;
	}
	out->se = sqrt(
		variance(p, row, n, x, out->log_lik, x + n, &out->n_prompts));
	for (size_t i = 0; i < n; i++) {
		x[i] = chance[i] > 0.5 ? 1 : chance[i] < 0.5 ? 0 : 0.5;
		out->accuracy += x[i] / (double)n;
	}
	v = variance(p, row, n, x, out->accuracy, x + n, &out->n_prompts);
	v = v > 0 ? out->accuracy * (1 - out->accuracy) / v : (double)n;
	syc_stat_wilson(&out->lo, &out->hi, out->accuracy * v, v);
	free(x);
	return 0;
}

int syc_prefer_foretell(struct syc_prefer_score *out,
			const struct syc_prefer_data *p, const uint32_t *row,
			size_t n_rows, const struct syc_nuts *draws,
			struct syc_err *err)
{
	double *chance = syc_calloc(n_rows + 1, sizeof(*chance));
	struct chances c;
	int ret;

	*out = (struct syc_prefer_score){ 0 };
	if (!chance)
		return syc_nomem(err);
	ret = chances_init(&c, p, draws, err);
	if (ret < 0) {
		free(chance);
		return ret;
	}
	for (size_t i = 0; i < n_rows; i += PREFER_BLOCK) {
		const size_t n =
			n_rows - i < PREFER_BLOCK ? n_rows - i : PREFER_BLOCK;

		chances_fill(&c, row + i, n);
		for (size_t r = 0; r < n * c.n_draws; r++)
			chance[i + r / c.n_draws] += c.s[r] / (double)c.n_draws;
	}
	ret = prefer_score(out, p, row, n_rows, chance, err);
	chances_free(&c);
	free(chance);
	return ret;
}
