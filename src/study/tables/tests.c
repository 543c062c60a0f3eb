/* SPDX-License-Identifier: MIT */
/* All tests of a page, and what they rest on. */
#include "config.h"
#include <math.h>
#include <stdlib.h>
#include "base/err.h"
#include "base/mem.h"
#include "study/tables/tables.h"
#include "syc/draws.h"
#include "syc/stat.h"

size_t count_of(const json_t *o, const char *key)
{
	const double n = number_of(o, key);

	return n > 0 ? (size_t)n : 0;
}

/* The effect against the other view, or where no claim has both against none. */
static const json_t *effect_of(const json_t *stance, bool *no_view)
{
	const json_t *o = json_object_get(stance, "opposite_view");

	*no_view = !count_of(o, "claims");
	return *no_view ? json_object_get(stance, "no_view") : o;
}

/* With an interval and a least effect at the page's level. */
static void fill_followed(struct syc_followed *f, const struct syc_study_set *set,
			  size_t n_tests)
{
	const json_t *o = effect_of(set->stance, &f->no_view);
	const size_t n = count_of(o, "claims");
	const double level = 0.05 / (double)n_tests, df = (double)n - 1;
	const double se = number_of(o, "se");
	const double t = n > 1 ? syc_stat_t_quantile(level, df) : NAN;

	f->set = set->name;
	f->effect = estimate_of(o, EFFECT);
	f->page_lo = f->effect.x - t * se;
	f->page_hi = f->effect.x + t * se;
	f->test = (struct syc_test){ number_of(o, "p"), NAN };
	f->counts = (struct syc_counts){
		n, count_of(json_object_get(set->stance, "labels"), "with_view")
	};
	f->seen = n > 1 ? (t + syc_stat_t_quantile(0.4, df)) * se : NAN;
	f->claims_needed = syc_stance_claims_for(number_of(o, "sd"), SYC_STANCE_RELEVANT *
						 (n > 1 ? syc_stat_t_quantile(0.05, df) / t : 1));
}

static void fill_elsewhere(struct page_tests *t, const struct syc_study_documents *d, size_t i)
{
	const json_t *cell = transfer_of(d, "mean", train_of(d), d->set[i].name);
	struct syc_elsewhere *e = &t->elsewhere[i];

	*e = (struct syc_elsewhere){
		.set = d->set[i].name, .auc = estimate_of(cell, "auc"),
		.counts = { t->followed[i].counts.n_claims, count_of(cell, "n") },
	};
	e->test = (struct syc_test){ syc_elsewhere_p(&e->auc), NAN };
}

/* ---- planned, and adjusted for all that were --------------------------- */

/* NaN: not made, which counts as 1. */
static void plan(struct page_tests *t, struct syc_test *test, double p)
{
	*test = (struct syc_test){ p, NAN };
	t->planned[t->n_tests++] = test;
}

static int holm_of(struct page_tests *t, double *holm, struct syc_err *err)
{
	int ret;

	for (size_t i = 0; i < t->n_tests; i++)
		holm[i] = isnan(t->planned[i]->p) ? 1 : t->planned[i]->p;
	ret = syc_stat_holm(holm, holm, t->n_tests, err);
	for (size_t i = 0; i < t->n_tests && ret == 0; i++)
		t->planned[i]->holm = isnan(t->planned[i]->p) ? NAN : holm[i];
	return ret;
}

/* The adjusted p that a test would have, were its own p another. */
static int would_be(struct page_tests *t, struct syc_test *test, double p, double *holm,
		    double *is, struct syc_err *err)
{
	const struct syc_test own = *test;
	int ret;

	test->p = p;
	ret = holm_of(t, holm, err);
	*is = test->holm;
	test->p = own.p;
	return ret < 0 ? ret : holm_of(t, holm, err);
}

/*
 * What the draws of a test of steering can come to at best, and how many would do: the
 * least of the form 20 k - 1, for p is 1 / (1 + draws) then.
 */
static int find_draws(struct page_tests *t, const struct syc_study_documents *d, double *holm,
		      size_t k, struct syc_err *err)
{
	struct steering_test *s = &t->steering[k];
	double is = NAN;
	int ret = would_be(t, &s->test, steering_p(steering_of(d, k == 0), true), holm,
			   &s->least_holm, err);

	for (size_t m = 1; m <= t->n_tests && ret == 0 && !(is <= SYC_DRAWS_LEVEL); m++) {
		s->n_needed = syc_draws_for(m);
		ret = would_be(t, &s->test, 1 / (1 + (double)s->n_needed), holm, &is, err);
	}
	return ret;
}

/*
 * Twice: which other sets are asked depends on their own effects.  A p that is dropped
 * makes no other smaller, since all that were planned count.
 */
static int adjust(struct page_tests *t, const struct syc_study_documents *d,
		  struct syc_err *err)
{
	double *holm = syc_calloc(t->n_tests, sizeof(*holm));
	int ret = holm ? holm_of(t, holm, err) : syc_nomem(err);

	for (size_t i = 0; i < d->n_sets && ret == 0; i++)
		if (!page_has_effect(&t->followed[i]))
			t->elsewhere[i].test = (struct syc_test){ NAN, NAN };
	if (ret == 0)
		ret = holm_of(t, holm, err);
	for (size_t k = 0; k < 2 && ret == 0; k++)
		ret = find_draws(t, d, holm, k, err);
	free(holm);
	return ret;
}

/* The set of the vectors is not elsewhere. */
static void plan_all(struct page_tests *t, const struct syc_study_documents *d)
{
	const json_t *fit = d->doc[SYC_STUDY_FIT];
	struct syc_beside_nulls nulls;

	for (size_t i = 0; i < d->n_sets; i++) {
		plan(t, &t->followed[i].test, t->followed[i].test.p);
		if (i != d->train)
			plan(t, &t->elsewhere[i].test, t->elsewhere[i].test.p);
	}
	plan(t, &t->prediction, number_of(procedure_of(fit, "mean", "between"), "p"));
	plan(t, &t->shift, shift_p(d->doc[SYC_STUDY_SHIFT]));
	nulls_read(&nulls, d);
	plan(t, &t->nulls, nulls.test.p);
	plan(t, &t->letters, paired_of(d, "mean", "ab").test.p);
	plan(t, &t->increment, number_of(procedure_of(d->doc[SYC_STUDY_INCREMENT], "mean",
						      "increment"), "p"));
	for (size_t k = 0; k < 2; k++)
		plan(t, &t->steering[k].test, steering_p(steering_of(d, k == 0), false));
}

int page_tests_make(struct page_tests *t, const struct syc_study_documents *d,
		    struct syc_err *err)
{
	enum { OWN = 7 };	/* of the set of the vectors alone */
	const size_t n = d->n_sets;

	*t = (struct page_tests){ .n_tests = 0 };
	t->followed = syc_calloc(n, sizeof(*t->followed));
	t->elsewhere = syc_calloc(n, sizeof(*t->elsewhere));
	t->planned = syc_calloc(2 * n + OWN, sizeof(struct syc_test *));
	if (!t->planned || !t->followed || !t->elsewhere)
		return syc_nomem(err);
	for (size_t i = 0; i < n; i++) {
		fill_followed(&t->followed[i], &d->set[i], 2 * n - 1 + OWN);
		fill_elsewhere(t, d, i);
	}
	plan_all(t, d);
	return adjust(t, d, err);
}

void page_tests_free(struct page_tests *t)
{
	free(t->planned);
	free(t->followed);
	free(t->elsewhere);
	*t = (struct page_tests){ 0 };
}

bool page_has_effect(const struct syc_followed *f)
{
	const enum syc_stance_verdict v = syc_followed_verdict(f);

	return v == SYC_STANCE_FOLLOWS || v == SYC_STANCE_AGAINST;
}
