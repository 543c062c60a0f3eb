/* SPDX-License-Identifier: MIT */
/* What a sweep found: the figures of each setting. */
#include "config.h"
#include <math.h>
#include <stdlib.h>
#include "base/err.h"
#include "study/sweep/sweep.h"
#include "syc/resample.h"

static double chosen(double p)
{
	return p > 0.5 ? 1 : p < 0.5 ? 0 : 0.5;
}

/* The mean of y and that of its difference from x, which goes into d, over n items. */
static int compare(struct syc_sweep_mean *m, const double *x, const double *y,
		   double *d, size_t n, size_t boot, uint64_t seed,
		   struct syc_err *err)
{
	*m = (struct syc_sweep_mean){ NAN, NAN, NAN, NAN };
	if (!n)
		return 0;
	m->value = m->change = 0;
	for (size_t i = 0; i < n; i++) {
		d[i] = y[i] - x[i];
		m->value += y[i] / (double)n;
		m->change += d[i] / (double)n;
	}
	return syc_stat_boot_mean(&m->lo, &m->hi, d, n, boot, seed, err);
}

/* The share of differences that are against the way, or against the mean. */
static double wrong_way(const double *d, size_t n, int way, double mean)
{
	size_t wrong = 0;

	if (!way)
		way = mean < 0 ? -1 : 1;
	for (size_t i = 0; i < n; i++)
		wrong += d[i] * way < 0;
	return n ? (double)wrong / (double)n : NAN;
}

int summarize(struct syc_sweep_result *r, const float *x, const float *y,
	      size_t n, int way, size_t boot, uint64_t seed,
	      struct syc_err *err)
{
	double *a = calloc(3 * n + 1, sizeof(*a)), *b, *d;
	int ret;

	if (!a)
		return syc_nomem(err);
	b = a + n;
	d = b + n;
	for (size_t i = 0; i < n; i++) {
		a[i] = (double)x[i];
		b[i] = (double)y[i];
	}
	ret = compare(&r->p, a, b, d, n, boot, seed, err);
	r->wrong = wrong_way(d, n, way, r->p.change);
	for (size_t i = 0; i < n; i++) {
		a[i] = chosen(a[i]);
		b[i] = chosen(b[i]);
	}
	if (ret == 0)
		ret = compare(&r->chosen, a, b, d, n, boot, seed, err);
	free(a);
	return ret;
}

/* Which way P(matching) should move; 0 where the setting does not say. */
static int intended(const struct syc_sweep_setting *s)
{
	if (s->kind != SYC_SWEEP_STEER)
		return 0;
	return (s->scale < 0 ? -1 : 1) * syc_steer_op_info(s->rule.op)->way;
}

static double mean(double sum, size_t n)
{
	return n ? sum / (double)n : NAN;
}

int summarize_setting(const struct sweep *w, struct syc_sweep_setting *s,
		      struct syc_err *err)
{
	const struct syc_sweep_plan *plan = w->plan;
	const struct syc_sweep_setting *base = &w->all->setting[0];
	const struct sums *sum = &w->sums[s - base];
	const size_t n = plan->questions->n,
		     n_control = plan->control ? plan->control->n : 0;
	const int way = intended(s);
	int ret;

	s->kl = s == base ? 0 : mean(sum->kl, sum->n_kl);
	s->text_kl = mean(sum->text_kl, sum->n_text);
	s->perplexity = exp(mean(sum->nll, sum->n_text));
	s->repetition = mean(sum->repetition, sum->n_repetition);
	ret = summarize(&s->main, base->p_match, s->p_match, n, way, plan->boot,
			plan->seed, err);
	if (ret == 0)
		ret = summarize(&s->control, base->p_match + n, s->p_match + n,
				n_control, way, plan->boot, plan->seed, err);
	if (s == base)
		s->main.wrong = s->control.wrong = NAN;
	return ret;
}
