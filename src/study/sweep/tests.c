/* SPDX-License-Identifier: MIT */
/* Vectors beside whole draws of null vectors. */
#include "config.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "base/mem.h"
#include "study/sweep/sweep.h"
#include "syc/sweep_test.h"

/* What a hypothesis chooses from. */
struct choosing {
	const struct syc_sweep_settings *s;
	const struct syc_sweep_plan *plan;
	size_t *setting;	/* [n] */
	size_t n;
	int way;
};

/* The settings of a vector that go a way, or say nothing of it. */
static void take_settings(struct choosing *c, const struct syc_sweep_vector *v,
			  int way)
{
	c->n = 0;
	c->way = way;
	for (size_t i = 0; i < c->s->n; i++) {
		const struct syc_sweep_setting *s = &c->s->setting[i];

		if (s->kind == SYC_SWEEP_STEER && s->vector == v &&
		    s->key != SIZE_MAX && intended(s) * way >= 0)
			c->setting[c->n++] = i;
	}
}

/* The changes of the given vector's settings, turned. */
static void given(double *x, const struct choosing *c)
{
	const double *base = c->s->setting[0].by_claim;

	for (size_t k = 0; k < c->n; k++) {
		const double *y = c->s->setting[c->setting[k]].by_claim;

		for (size_t i = 0; i < c->s->n_claims; i++)
			*x++ = c->way * (y[i] - base[i]);
	}
}

/* The same of n draws from number `from`. */
static void drawn(double *x, const struct choosing *c, size_t from, size_t n)
{
	const struct syc_sweep_settings *s = c->s;

	for (size_t d = from; d < from + n; d++)
		for (size_t k = 0; k < c->n; k++) {
			const size_t key = s->setting[c->setting[k]].key;
			const double *y = s->null_change +
				(d * s->n_keys + key) * s->n_claims;

			for (size_t i = 0; i < s->n_claims; i++)
				*x++ = c->way * y[i];
		}
}

static int test_one(struct syc_draws *out, const struct choosing *c, size_t from,
		    size_t n, struct syc_err *err)
{
	const size_t size = c->n * c->s->n_claims;
	struct syc_draws_data d = {
		.n_draws = n, .n_settings = c->n, .n_claims = c->s->n_claims,
		.boot = c->plan->boot, .seed = c->plan->seed,
	};
	double *x;
	size_t all;
	int ret;

	if (!syc_mul(&all, size, n + 1) || !(x = syc_calloc(all + 1, sizeof(*x))))
		return syc_nomem(err);
	given(x, c);
	drawn(x + size, c, from, n);
	d.given = x;
	d.null = x + size;
	ret = syc_draws_test(out, &d, err);
	free(x);
	return ret;
}

/* A kind of null vectors beside those before it: what is asked is more of each. */
static void join_null(struct syc_sweep_test *t, const struct syc_draws *d, bool first)
{
	if (first) {
		t->p = d->p;
		t->p_least = d->p_least;
		t->detectable = d->detectable;
		return;
	}
	t->p = fmax(t->p, d->p);
	t->p_least = fmax(t->p_least, d->p_least);
	t->detectable = isnan(t->detectable) || isnan(d->detectable) ? NAN :
			fmax(t->detectable, d->detectable);
}

/* What all kinds come to together. */
static void join(struct syc_sweep_test *t, const struct choosing *c)
{
	const struct syc_draws *d = &t->null[0];
	bool first = true;

	t->p = t->p_least = t->detectable = NAN;
	t->setting = c->setting[d->best];
	t->n_claims = d->n_claims;
	t->se = d->se;
	t->effect = (struct syc_sweep_mean){
		c->s->setting[t->setting].effect.value, t->way * d->value,
		t->way < 0 ? -d->hi : d->lo, t->way < 0 ? -d->lo : d->hi,
	};
	for (size_t i = 0; i < c->plan->n_nulls; i++)
		if (t->null[i].n_draws) {
			join_null(t, &t->null[i], first);
			first = false;
		}
}

static int add_test(struct syc_sweep_tests *out, const struct choosing *c,
		    const struct syc_sweep_vector *v, struct syc_err *err)
{
	const struct syc_sweep_plan *plan = c->plan;
	struct syc_sweep_test *t = &out->test[out->n];
	size_t from = 0;
	int ret = 0;

	if (!c->n)
		return 0;
	out->n++;
	*t = (struct syc_sweep_test){ .vector = v, .way = c->way,
				      .n_settings = c->n };
	t->null = syc_calloc(plan->n_nulls, sizeof(*t->null));
	if (!t->null)
		return syc_nomem(err);
	for (size_t i = 0; i < plan->n_nulls && ret == 0; i++) {
		const struct syc_sweep_null *null = &plan->null[i];

		ret = test_one(&t->null[i], c, from,
			       null->of && null->of != v ? 0 : null->n, err);
		from += null->n;
	}
	if (ret == 0)
		join(t, c);
	return ret;
}

/* Which is primary, and the rest by Holm's method. */
static int adjust(struct syc_sweep_tests *out, const struct syc_sweep_vector *first,
		  int way, struct syc_err *err)
{
	double *p = syc_calloc(2 * out->n + 1, sizeof(*p));
	size_t primary = 0, n = 0;
	int ret;

	if (!p)
		return syc_nomem(err);
	for (size_t i = 0; i < out->n; i++)
		if (out->test[i].vector == first && out->test[i].way == way)
			primary = i;
	for (size_t i = 0; i < out->n; i++)
		if (i != primary)
			p[n++] = out->test[i].p;
	ret = syc_stat_holm(p, p, n, err);
	out->n_others = n;
	for (size_t i = 0, k = 0; i < out->n && ret == 0; i++) {
		struct syc_sweep_test *t = &out->test[i];

		t->primary = i == primary;
		t->adjusted = t->primary ? t->p : p[k++];
		t->adjusted_least = t->primary ? t->p_least :
				    fmin(1, t->p_least * (double)n);
		t->verdict = syc_draws_verdict(
			t->adjusted, t->adjusted_least,
			t->way < 0 ? -t->effect.hi : t->effect.lo,
			t->way < 0 ? -t->effect.lo : t->effect.hi,
			SYC_STANCE_RELEVANT);
	}
	free(p);
	return ret;
}

int syc_sweep_tests_make(struct syc_sweep_tests *out,
			 const struct syc_sweep_settings *s,
			 const struct syc_sweep_plan *plan, int way,
			 struct syc_err *err)
{
	struct choosing c = { .s = s, .plan = plan };
	int ret = 0;

	*out = (struct syc_sweep_tests){ 0 };
	if (!s->null_change)
		return 0;
	out->test = syc_calloc(2 * plan->n_vectors + 1, sizeof(*out->test));
	c.setting = syc_calloc(s->n + 1, sizeof(*c.setting));
	if (!out->test || !c.setting)
		ret = syc_nomem(err);
	for (size_t i = 0; i < 2 * plan->n_vectors && ret == 0; i++) {
		take_settings(&c, &plan->vector[i / 2], i % 2 ? 1 : -1);
		ret = add_test(out, &c, &plan->vector[i / 2], err);
	}
	if (ret == 0 && out->n)
		ret = adjust(out, plan->vector, way, err);
	free(c.setting);
	return ret;
}

void syc_sweep_tests_free(struct syc_sweep_tests *t)
{
	for (size_t i = 0; t->test && i < t->n; i++)
		free(t->test[i].null);
	free(t->test);
	*t = (struct syc_sweep_tests){ 0 };
}
