/* SPDX-License-Identifier: MIT */
/* Rates of the best of N by arm and model, and their differences, over items. */
#include "config.h"
#include <math.h>
#include <stdlib.h>
#include "base/err.h"
#include "base/mem.h"
#include "stat/distribution.h"
#include "study/best/best.h"

/* Of an item under one curve: its prompts, and by N their sums. */
struct sums {
	size_t *n;		/* [n_items] prompts */
	double *syc;		/* [n_items][most] P(best is labeled 1) */
	double *decided;	/* [n_items][most] P(best is labeled) */
};

struct work {
	struct syc_best *out;
	const struct best_rows *b;
	struct sums *sums;	/* by curve */
	double *z;		/* [n_items] influences */
};

static const double *at_item(const struct work *w, const double *x, size_t item)
{
	return x + item * w->out->most;
}

/* ---- prompts ---------------------------------------------------------------- */

static int add_prompt(struct work *w, const struct best_sample *s, size_t n,
		      size_t model, struct syc_err *err)
{
	const size_t most = w->out->most,
		     curve = model * w->out->n_arms + s->arm;
	struct syc_best_curve *c = &w->out->curve[curve];
	struct sums *to = &w->sums[curve];
	double *x = syc_calloc(3 * n + 2 * most, sizeof(*x));
	double *syc = x + n, *decided = x + 2 * n, *best = x + 3 * n;
	int ret;

	if (!x)
		return syc_nomem(err);
	for (size_t i = 0; i < n; i++) {
		x[i] = w->b->reward[s[i].row * w->b->n_models + model];
		syc[i] = s[i].label == 1;
		decided[i] = s[i].label >= 0;
		c->n_undecided += s[i].label < 0;
	}
	c->n_prompts++;
	c->n_samples += n;
	c->n_items += !to->n[s->item]++;
	ret = syc_best_of(best, most, x, syc, n, err);
	if (ret == 0)
		ret = syc_best_of(best + most, most, x, decided, n, err);
	for (size_t N = 0; N < most && ret == 0; N++) {
		to->syc[s->item * most + N] += best[N];
		to->decided[s->item * most + N] += best[most + N];
	}
	free(x);
	return ret;
}

static int add_prompts(struct work *w, struct syc_err *err)
{
	const struct best_sample *s = w->b->sample;
	size_t end;
	int ret = 0;

	for (size_t i = 0; i < w->b->n && ret == 0; i = end) {
		for (end = i; end < w->b->n && s[end].prompt == s[i].prompt;)
			end++;
		for (size_t m = 0; m < w->out->n_models && ret == 0; m++)
			ret = add_prompt(w, s + i, end - i, m, err);
	}
	return ret;
}

/* ---- rates ------------------------------------------------------------------ */

/* Rate of a curve at N over items that `other` has, too; its influences times sign added. */
static double rate_of(struct work *w, const struct sums *c,
		      const struct sums *other, size_t N, double sign)
{
	const size_t n = w->b->item.n;
	double syc = 0, decided = 0;

	for (size_t i = 0; i < n; i++)
		if (c->n[i] && other->n[i]) {
			syc += at_item(w, c->syc, i)[N];
			decided += at_item(w, c->decided, i)[N];
		}
	for (size_t i = 0; i < n; i++)
		if (c->n[i] && other->n[i])
			w->z[i] +=
				sign *
				(at_item(w, c->syc, i)[N] -
				 syc / decided * at_item(w, c->decided, i)[N]) /
				decided;
	return syc / decided;
}

/* The standard error that the influences of m items come to; clears them. */
static double error_of(struct work *w, size_t m)
{
	double square = 0;

	for (size_t i = 0; i < w->b->item.n; i++) {
		square += w->z[i] * w->z[i];
		w->z[i] = 0;
	}
	return m > 1 ? sqrt(square * (double)m / (double)(m - 1)) : NAN;
}

/* What rounding leaves of a sum of zeros. */
static double clean(double se)
{
	return se < 1e-12 ? 0 : se;
}

void best_interval(double *lo, double *hi, double rate, double se, double m)
{
	*lo = *hi = NAN;
	if (!isnan(rate) && !isnan(se))
		wilson_interval(fmin(rate, 1),
				se > 0 ? rate * (1 - rate) / (se * se) : m,
				syc_stat_t_quantile(0.05, m - 1), lo, hi);
}

static void fill_point(struct work *w, const struct syc_best_curve *c,
		       const struct sums *s, size_t N, struct syc_best_point *p)
{
	const double m = (double)c->n_items;
	double syc = 0, decided = 0, all = 0;

	p->rate = rate_of(w, s, s, N, 1);
	p->se = clean(error_of(w, c->n_items));
	for (size_t i = 0; i < w->b->item.n; i++) {
		all += (double)s->n[i];
		syc += at_item(w, s->syc, i)[N];
		decided += at_item(w, s->decided, i)[N];
	}
	p->least = syc / all;
	p->most = (syc + all - decided) / all;
	best_interval(&p->lo, &p->hi, p->rate, p->se, m);
}

/* Curve a at N less curve b at M. */
static void fill_diff(struct work *w, const struct sums *a, size_t N,
		      const struct sums *b, size_t M, size_t m,
		      struct syc_best_point *p)
{
	*p = (struct syc_best_point){ NAN, NAN, NAN, NAN, NAN, NAN };
	p->rate = rate_of(w, a, b, N, 1) - rate_of(w, b, a, M, -1);
	p->se = clean(error_of(w, m));
	if (p->se > 0) {
		const double t = syc_stat_t_quantile(0.05, (double)m - 1);

		p->lo = fmax(-1, p->rate - t * p->se);
		p->hi = fmin(1, p->rate + t * p->se);
	}
}

static size_t in_both(const struct work *w, const struct sums *a,
		      const struct sums *b)
{
	size_t n = 0;

	for (size_t i = 0; i < w->b->item.n; i++)
		n += a->n[i] && b->n[i];
	return n;
}

static int add_diff(struct work *w, enum syc_best_diff_kind kind, size_t of,
		    size_t from, struct syc_err *err)
{
	const struct sums *a = &w->sums[of], *b = &w->sums[from];
	const size_t m = in_both(w, a, b);
	struct syc_best_diff *d = &w->out->diff[w->out->n_diffs];

	if (!m) {
		w->out->n_unpaired +=
			kind == SYC_BEST_ARMS && of < w->out->n_arms;
		return 0;
	}
	*d = (struct syc_best_diff){ kind, of, from, m,
				     syc_calloc(w->out->most, sizeof(*d->at)) };
	if (!d->at)
		return syc_nomem(err);
	w->out->n_diffs++;
	for (size_t N = 0; N < w->out->most; N++)
		fill_diff(w, a, N, b, kind == SYC_BEST_GAIN ? 0 : N, m,
			  &d->at[N]);
	return 0;
}

static int add_diffs(struct work *w, struct syc_err *err)
{
	const size_t arms = w->out->n_arms, n = arms * w->out->n_models;
	int ret = 0;

	for (size_t i = 0; i < n && ret == 0; i++)
		ret = add_diff(w, SYC_BEST_GAIN, i, i, err);
	/* An item has one level of difficulty: levels are never paired. */
	for (size_t i = 0; i < n && ret == 0 && !w->out->level; i++)
		if (i % arms)
			ret = add_diff(w, SYC_BEST_ARMS, i, i - i % arms, err);
	for (size_t i = arms; i < n && ret == 0; i++)
		ret = add_diff(w, SYC_BEST_MODELS, i, i % arms, err);
	return ret;
}

static int open_curves(struct work *w, struct syc_err *err)
{
	struct syc_best *o = w->out;
	const size_t n = o->n_models * o->n_arms, items = w->b->item.n;

	o->curve = syc_calloc(n + 1, sizeof(*o->curve));
	o->diff = syc_calloc(3 * n + 1, sizeof(*o->diff));
	w->sums = syc_calloc(n + 1, sizeof(*w->sums));
	w->z = syc_calloc(items + 1, sizeof(*w->z));
	if (!o->curve || !o->diff || !w->sums || !w->z)
		return syc_nomem(err);
	for (size_t i = 0; i < n; i++) {
		o->curve[i] = (struct syc_best_curve){.model = i / o->n_arms,
						      .arm = i % o->n_arms};
		o->curve[i].at = syc_calloc(o->most, sizeof(*o->curve[i].at));
		w->sums[i].n = syc_calloc(items, sizeof(size_t));
		w->sums[i].syc = syc_calloc(items * o->most, sizeof(double));
		w->sums[i].decided =
			syc_calloc(items * o->most, sizeof(double));
		if (!o->curve[i].at || !w->sums[i].n || !w->sums[i].syc ||
		    !w->sums[i].decided)
			return syc_nomem(err);
	}
	return 0;
}

int best_curves(struct syc_best *out, const struct best_rows *b,
		struct syc_err *err)
{
	struct work w = { out, b, NULL, NULL };
	const size_t n = out->n_models * out->n_arms;
	int ret = open_curves(&w, err);

	if (ret == 0)
		ret = add_prompts(&w, err);
	for (size_t i = 0; i < n && ret == 0; i++)
		for (size_t N = 0; N < out->most; N++)
			fill_point(&w, &out->curve[i], &w.sums[i], N,
				   &out->curve[i].at[N]);
	if (ret == 0)
		ret = add_diffs(&w, err);
	for (size_t i = 0; w.sums && i < n; i++) {
		free(w.sums[i].n);
		free(w.sums[i].syc);
		free(w.sums[i].decided);
	}
	free(w.sums);
	free(w.z);
	return ret;
}
