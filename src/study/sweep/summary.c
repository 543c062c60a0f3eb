/* SPDX-License-Identifier: MIT */
/* What a sweep found: the figures of each setting. */
#include "config.h"
#include <math.h>
#include <stdlib.h>
#include "base/err.h"
#include "base/mem.h"
#include "study/sweep/sweep.h"
#include "syc/resample.h"
#include "syc/sweep_test.h"

static double chosen(double p)
{
	return p > 0.5 ? 1 : p < 0.5 ? 0 : 0.5;
}

/*
 * The mean of y and that of its difference from x, which goes into d, over n
 * items, those of a claim (or NULL) resampled together.
 */
static int compare(struct syc_sweep_mean *m, const double *x, const double *y,
		   double *d, size_t n, const uint32_t *claim, size_t boot,
		   uint64_t seed, struct syc_err *err)
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
	if (claim)
		return syc_stat_boot_clusters(&m->lo, &m->hi, d, claim, n, boot,
					      seed, err);
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
	      size_t n, const uint32_t *claim, int way, size_t boot,
	      uint64_t seed, struct syc_err *err)
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
	ret = compare(&r->p, a, b, d, n, claim, boot, seed, err);
	r->wrong = wrong_way(d, n, way, r->p.change);
	for (size_t i = 0; i < n; i++) {
		a[i] = chosen(a[i]);
		b[i] = chosen(b[i]);
	}
	if (ret == 0)
		ret = compare(&r->chosen, a, b, d, n, claim, boot, seed, err);
	free(a);
	return ret;
}

int intended(const struct syc_sweep_setting *s)
{
	if (s->kind != SYC_SWEEP_STEER)
		return 0;
	return (s->scale < 0 ? -1 : 1) * syc_steer_op_info(s->rule.op)->way;
}

static double mean(double sum, size_t n)
{
	return n ? sum / (double)n : NAN;
}

/* The questions that count in P(matching), one behind the other. */
struct counted {
	float *x, *y;
	uint32_t *claim;
	size_t n;
};

static int count(struct counted *c, const struct syc_sweep_questions *q, const float *x,
		 const float *y, struct syc_err *err)
{
	const size_t most = q ? q->n : 0;
	const bool all = !q || !any_user(q);

	*c = (struct counted){ syc_calloc(most + 1, sizeof(*x)), syc_calloc(most + 1, sizeof(*y)),
			       syc_calloc(most + 1, sizeof(*c->claim)), 0 };
	if (!c->x || !c->y || !c->claim)
		return syc_nomem(err);
	for (size_t i = 0; i < most; i++) {
		if (!all && !has_user(&q->question[i]))
			continue;
		c->x[c->n] = x[i];
		c->y[c->n] = y[i];
		c->claim[c->n++] = q->question[i].claim;
	}
	return 0;
}

/* P(matching) of questions beside the unsteered model's, both [q->n]. */
static int summarize_questions(struct syc_sweep_result *r,
			       const struct syc_sweep_questions *q,
			       const float *x, const float *y, int way,
			       const struct syc_sweep_plan *plan,
			       struct syc_err *err)
{
	struct counted c;
	int ret = count(&c, q, x, y, err);

	if (ret == 0)
		ret = summarize(r, c.x, c.y, c.n, q && q->n_claims < q->n ? c.claim : NULL, way,
				plan->boot, plan->seed, err);
	free(c.x);
	free(c.y);
	free(c.claim);
	return ret;
}

/* The outcome beside the unsteered model's, by_claim of which is there. */
static int summarize_outcome(const struct sweep *w, struct syc_sweep_setting *s,
			     struct syc_err *err)
{
	const struct syc_sweep_setting *base = &w->all->setting[0];
	const size_t n_claims = w->all->n_claims;
	double *x = syc_calloc(3 * n_claims + 1, sizeof(*x)), *y, *d;
	size_t n = 0;
	int ret;

	if (!x)
		return syc_nomem(err);
	y = x + n_claims;
	d = y + n_claims;
	ret = syc_sweep_by_claim(s->by_claim, w->plan->questions, w->all->outcome,
				 s->p_match, err);
	for (size_t c = 0; c < n_claims && ret == 0; c++)
		if (isfinite(s->by_claim[c])) {
			x[n] = base->by_claim[c];
			y[n++] = s->by_claim[c];
		}
	if (ret == 0)	/* each its own cluster: quantiles for few claims */
		ret = compare(&s->effect, x, y, d, n, w->claim_number,
			      w->plan->boot, w->plan->seed, err);
	free(x);
	return ret;
}

int summarize_setting(const struct sweep *w, struct syc_sweep_setting *s,
		      struct syc_err *err)
{
	const struct syc_sweep_plan *plan = w->plan;
	const struct syc_sweep_setting *base = &w->all->setting[0];
	const struct sums *sum = &w->sums[s - base];
	const size_t n = plan->questions->n;
	const int way = intended(s);
	int ret;

	s->kl = s == base ? 0 : mean(sum->kl, sum->n_kl);
	s->text_kl = mean(sum->text_kl, sum->n_text);
	s->perplexity = exp(mean(sum->nll, sum->n_text));
	s->repetition = mean(sum->repetition, sum->n_repetition);
	ret = summarize_questions(&s->main, plan->questions, base->p_match,
				  s->p_match, way, plan, err);
	if (ret == 0)
		ret = summarize_questions(&s->control, plan->control,
					  base->p_match + n, s->p_match + n, way,
					  plan, err);
	if (ret == 0)
		ret = summarize_outcome(w, s, err);
	if (s == base)
		s->main.wrong = s->control.wrong = NAN;
	return ret;
}
