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

/* Those that an answer before does not allow are planned, not made. */
static void unask(struct page_tests *t, const struct syc_study_documents *d, double *p)
{
	const size_t n = d->n_sets;

	for (size_t i = 0; i < n; i++)
		if (i == d->train || !page_has_effect(&t->followed[i]))
			p[n + i] = NAN;
}

static void give_back(struct page_tests *t, const double *p, const double *holm, size_t n)
{
	struct syc_test *all[] = {
		&t->prediction, &t->random, &t->steering[0].test, &t->steering[1].test
	};

	for (size_t i = 0; i < n; i++) {
		t->followed[i].test.holm = holm[i];
		t->elsewhere[i].test = (struct syc_test){ p[n + i], holm[n + i] };
	}
	for (size_t i = 0; i < 4; i++)
		*all[i] = (struct syc_test){ p[2 * n + i], holm[2 * n + i] };
}

/* What was planned and not made counts as 1; the set of the vectors is not elsewhere. */
static int holm_of(double *holm, const double *p, const struct syc_study_documents *d,
		   struct syc_err *err)
{
	const size_t n = 2 * d->n_sets + 4;
	int ret;

	for (size_t i = 0; i < n; i++)
		holm[i] = isnan(p[i]) && i != d->n_sets + d->train ? 1 : p[i];
	ret = syc_stat_holm(holm, holm, n, err);
	for (size_t i = 0; i < n; i++)
		holm[i] = isnan(p[i]) ? NAN : holm[i];
	return ret;
}

/*
 * What the draws of a test of steering can come to at best, and how many would do: the
 * least of the form 20 k - 1, for p is 1 / (1 + draws) then.
 */
static int find_draws(struct page_tests *t, const struct syc_study_documents *d, double *p,
		      double *holm, size_t k, struct syc_err *err)
{
	const size_t at = 2 * d->n_sets + 2 + k;
	struct steering_test *s = &t->steering[k];
	const double own = p[at], least = number_of(steering_of(d, k == 0), "p_least");
	int ret = 0;

	p[at] = least;
	ret = holm_of(holm, p, d, err);
	s->least_holm = holm[at];
	for (size_t m = 1; m <= t->n_tests && ret == 0; m++) {
		s->n_needed = syc_draws_for(m);
		p[at] = 1 / (1 + (double)s->n_needed);
		ret = holm_of(holm, p, d, err);
		if (ret == 0 && holm[at] <= SYC_DRAWS_LEVEL)
			break;
	}
	p[at] = own;
	return ret;
}

/*
 * Twice: which other sets are asked depends on their own effects.  A p that is dropped
 * makes no other smaller, since all that were planned count.
 */
static int adjust(struct page_tests *t, const struct syc_study_documents *d, double *p,
		  double *holm, struct syc_err *err)
{
	int ret = holm_of(holm, p, d, err);

	if (ret < 0)
		return ret;
	give_back(t, p, holm, d->n_sets);
	unask(t, d, p);
	ret = holm_of(holm, p, d, err);
	if (ret == 0)
		give_back(t, p, holm, d->n_sets);
	for (size_t k = 0; k < 2 && ret == 0; k++)
		ret = find_draws(t, d, p, holm, k, err);
	return ret;
}

int page_tests_make(struct page_tests *t, const struct syc_study_documents *d,
		    struct syc_err *err)
{
	const json_t *own = procedure_of(d->doc[SYC_STUDY_FIT], "mean", "between");
	const size_t n = d->n_sets;
	double *p = syc_calloc(4 * n + 8, sizeof(*p)), *holm = p ? p + 2 * n + 4 : NULL;
	int ret;

	*t = (struct page_tests){ .n_tests = 2 * n + 3 };
	t->followed = syc_calloc(n, sizeof(*t->followed));
	t->elsewhere = syc_calloc(n, sizeof(*t->elsewhere));
	if (!p || !t->followed || !t->elsewhere) {
		free(p);
		return syc_nomem(err);
	}
	for (size_t i = 0; i < n; i++) {
		fill_followed(&t->followed[i], &d->set[i], t->n_tests);
		fill_elsewhere(t, d, i);
		p[i] = t->followed[i].test.p;
		p[n + i] = i == d->train ? NAN : t->elsewhere[i].test.p;
	}
	p[2 * n] = number_of(own, "p");
	p[2 * n + 1] = number_of(fit_of(d->doc[SYC_STUDY_FIT], "mean", d->layer), "null_p_max");
	for (size_t k = 0; k < 2; k++)
		p[2 * n + 2 + k] = number_of(steering_of(d, k == 0), "p");
	ret = adjust(t, d, p, holm, err);
	free(p);
	return ret;
}

void page_tests_free(struct page_tests *t)
{
	free(t->followed);
	free(t->elsewhere);
	*t = (struct page_tests){ 0 };
}

bool page_has_effect(const struct syc_followed *f)
{
	const enum syc_stance_verdict v = syc_followed_verdict(f);

	return v == SYC_STANCE_FOLLOWS || v == SYC_STANCE_AGAINST;
}
