/* SPDX-License-Identifier: MIT */
/* One fit by one method, and what is said of its slope. */
#include "config.h"
#include <math.h>
#include <stdlib.h>
#include "base/err.h"
#include "base/mem.h"
#include "stat/logit_fit.h"

void logit_none(struct syc_logit *f)
{
	*f = (struct syc_logit){ .mean = NAN, .sd = NAN, .intercept = NAN, .slope = NAN,
				 .se = NAN, .z = NAN, .p = NAN, .lo = NAN, .hi = NAN,
				 .loglik = NAN, .r2 = NAN };
}

double logit_null(double pos, double n)
{
	return pos * log(pos / n) + (n - pos) * log1p(-pos / n);
}

static size_t count_clusters(const struct irls *m)
{
	char *seen = syc_calloc(m->n_slots, 1);
	size_t n = 0;

	for (size_t i = 0; i < m->n && m->cluster && seen; i++) {
		n += !seen[m->cluster[i]];
		seen[m->cluster[i]] = 1;
	}
	free(seen);
	return n;
}

/* Wald's; with the sandwich Student's, its rows or clusters less one. */
static void wald(struct syc_logit *f, const struct irls *m)
{
	const double df = m->cluster ? (double)f->n_clusters - 1 :
			  m->weight ? (double)m->n - 1 : INFINITY;
	const double q = syc_stat_t_quantile(0.05, df);

	f->z = f->slope / f->se;
	f->p = syc_stat_t_p(f->z, df);
	f->lo = f->slope - q * f->se;
	f->hi = f->slope + q * f->se;
}

static double positive(const struct irls *m)
{
	double pos = 0;

	for (size_t r = 0; r < m->n; r++)
		pos += m->y[r] * (m->weight ? m->weight[r] : 1);
	return pos;
}

int logit_fit(struct syc_logit *f, double *beta, const struct irls *given,
	      enum syc_logit_method method, struct syc_err *err)
{
	const double pos = positive(given), n = (double)given->n;
	struct irls m = *given;
	struct irls_like like;
	double *cov = syc_calloc(m.k, m.k * sizeof(*cov));
	int ret;

	if (!cov)
		return syc_nomem(err);
	for (size_t i = 0; i < m.k; i++)
		beta[i] = i ? 0 : log(pos / (n - pos));
	m.firth = method == SYC_LOGIT_FIRTH;
	m.ridge = method == SYC_LOGIT_RIDGE ? m.ridge : NULL;
	ret = irls_fit(&m, beta, cov, &like, err);
	if (ret > 0) {
		f->method = method;
		f->loglik = like.loglik;
		f->r2 = 1 - like.loglik / logit_null(pos, n);
		f->intercept = beta[0];
		f->n_clusters = count_clusters(&m);
	}
	if (ret > 0 && m.k > 1) {
		f->slope = beta[1];
		f->se = sqrt(cov[m.k + 1]);
		if (!m.firth)
			wald(f, &m);
		else if (!m.cluster && !m.weight)
			ret = logit_ratio(f, &m, beta, like.goal, err);
	}
	free(cov);
	return ret;
}
