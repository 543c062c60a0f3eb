/* SPDX-License-Identifier: MIT */
/* The questions on what tuning did: their numbers and tests. */
#include "config.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "base/mem.h"
#include "study/tables/tuned.h"

/* The tests that are planned, made or not. */
enum { RISES, CONSTANT, ALIGNED, UNDOES, CONTRAST_UNDOES, MAKES, PREDICTS, FORETOLD, N_TESTS };

struct asked {
	const struct syc_tuned_documents *d;
	struct syc_tuned_runs r;
	struct syc_tuned_arm *arm;	/* [n_arms] */
	struct syc_tuned_beside rises;
	struct syc_tuned_beside *constant;	/* [n_arms - 1] */
	struct syc_tuned_against against[N_TESTS];	/* of beside_nulls */
	struct syc_tuned_nulls left;
	struct syc_tuned_predicts predicts;
	struct syc_foretold foretold;
	struct syc_test test[N_TESTS];
	double least_holm[N_TESTS];
};

static const struct {
	int test;
	enum syc_tuned_figure figure;
} beside_nulls[] = {
	{ ALIGNED, SYC_TUNED_COSINE }, { UNDOES, SYC_TUNED_UNDO },
	{ CONTRAST_UNDOES, SYC_TUNED_UNDO_CONTRAST }, { MAKES, SYC_TUNED_MAKE },
};
enum { N_BESIDE = sizeof(beside_nulls) / sizeof(beside_nulls[0]) };

static struct syc_estimate estimate(const struct syc_mean *m)
{
	return (struct syc_estimate){ m->mean, m->lo, m->hi };
}

/* ---- numbers -------------------------------------------------------------------- */

/* The first arm beside another, or NULL, whose figures are not there. */
static struct syc_tuned_beside beside(const struct asked *q, const struct syc_tuned_arm *other,
				      enum syc_tuned_figure f)
{
	static const struct syc_mean none = { 0, NAN, NAN, NAN, NAN, NAN, NAN };
	const struct syc_mean *a = q->d->n_arms ? &q->arm[0].figure[f] : &none;
	const struct syc_mean *b = other ? &other->figure[f] : &none;
	struct syc_tuned_beside x = {
		.arm = q->d->n_arms ? q->arm[0].name : "sycophant",
		.other = other ? other->name : "other", .own = estimate(a),
		.others = estimate(b), .n_runs = a->n, .n_others = b->n, .at_kl = q->d->at_kl,
	};

	syc_stat_welch(&x.diff, a, b);
	for (size_t i = 0; i < q->d->n_runs; i++)
		x.n_short += q->r.run[i].figure[SYC_TUNED_REACHED] == 0 &&
			     (strcmp(q->r.run[i].arm, x.arm) == 0 ||
			      strcmp(q->r.run[i].arm, x.other) == 0);
	return x;
}

static int ask_arms(struct asked *q, struct syc_err *err)
{
	const struct syc_tuned_documents *d = q->d;
	const char *reference = tuned_reference(d);
	const struct syc_tuned_arm *other = NULL;

	q->constant = syc_calloc(d->n_arms + 1, sizeof(*q->constant));
	if (!q->constant)
		return syc_nomem(err);
	for (size_t i = 1; i < d->n_arms; i++) {
		q->constant[i - 1] = beside(q, &q->arm[i], SYC_TUNED_CONSTANT);
		if (strcmp(q->arm[i].name, reference) == 0)
			other = &q->arm[i];
	}
	q->rises = beside(q, other, SYC_TUNED_P_MATCH);
	q->test[RISES].p = q->rises.diff.p;
	q->test[CONSTANT].p = d->n_arms > 1 ? syc_tuned_beside_all(q->constant, d->n_arms - 1)
					    : NAN;
	return 0;
}

static int ask_nulls(struct asked *q, struct syc_err *err)
{
	const struct syc_tuned_documents *d = q->d;
	int ret = 0;

	for (size_t i = 0; i < N_BESIDE && ret == 0; i++) {
		const enum syc_tuned_figure f = beside_nulls[i].figure;
		struct syc_tuned_against *a = &q->against[beside_nulls[i].test];

		*a = (struct syc_tuned_against){
			.arm = d->arm[0], .contrast = d->contrast, .layer = d->layer,
			.own = estimate(&q->arm[0].figure[f]),
			.n_runs = q->arm[0].figure[f].n,
		};
		ret = syc_tuned_beside_nulls(&a->nulls, q->r.run, d->n_runs, d->arm[0], f, err);
		q->test[beside_nulls[i].test].p = a->nulls.p;
	}
	return ret < 0 ? ret : syc_tuned_beside_nulls(&q->left, q->r.run, d->n_runs, d->arm[0],
						      SYC_TUNED_KL_LEFT, err);
}

static void ask_predicts(struct asked *q)
{
	const struct syc_tuned_documents *d = q->d;
	const json_t *fit = d->predicted
		? json_array_get(json_object_get(d->predicted[0], "fits"), 0) : NULL;
	const json_t *layers = json_object_get(fit, "layers"), *o, *at = NULL;
	size_t i;

	json_array_foreach(layers, i, o)
		if (number_of(o, "layer") == d->layer)
			at = o;
	q->predicts = (struct syc_tuned_predicts){
		.arm = d->arm[0], .rho = number_of(at, "rho"), .layer = d->layer,
		.counts = { count_of(fit, "clusters"), count_of(at, "n") },
	};
	q->test[PREDICTS].p = number_of(at, "rho_p");
}

static int ask_foretold(struct asked *q, struct syc_err *err)
{
	const struct syc_tuned_documents *d = q->d;
	double *x = syc_calloc(d->n_sets + 1, 2 * sizeof(*x)), *y = x ? x + d->n_sets : NULL;
	int ret;

	if (!x)
		return syc_nomem(err);
	for (size_t i = 0; i < d->n_sets; i++) {
		x[i] = d->set[i].foretold;
		y[i] = tuned_came(d, &d->set[i]);
	}
	ret = syc_foretell(&q->foretold, x, y, d->n_sets, 1, err);
	q->test[FORETOLD].p = q->foretold.p;
	free(x);
	return ret;
}

/* ---- tests ---------------------------------------------------------------------- */

static int holm(double *out, const struct syc_test *test, struct syc_err *err)
{
	for (int i = 0; i < N_TESTS; i++)
		out[i] = isnan(test[i].p) ? 1 : test[i].p;
	return syc_stat_holm(out, out, N_TESTS, err);
}

/* Adjusted; and what the smallest p that so many null vectors can give would be. */
static int adjust(struct asked *q, struct syc_err *err)
{
	double is[N_TESTS];
	int ret = holm(is, q->test, err);

	for (int i = 0; i < N_TESTS; i++)
		q->test[i].holm = isnan(q->test[i].p) ? NAN : is[i];
	for (size_t i = 0; i < N_BESIDE && ret == 0; i++) {
		const int k = beside_nulls[i].test;
		const double own = q->test[k].p;

		q->test[k].p = 1 / (1 + (double)q->against[k].nulls.n);
		ret = holm(is, q->test, err);
		q->test[k].p = own;
		q->against[k].least_holm = is[k];
		q->against[k].test = q->test[k];
	}
	q->rises.test = q->test[RISES];
	q->predicts.test = q->test[PREDICTS];
	return ret;
}

static int ask(struct asked *q, struct syc_err *err)
{
	int ret = syc_tuned_read(&q->r, q->d, err);

	if (ret == 0)
		ret = tuned_arms(&q->arm, q->d, q->r.run, err);
	if (ret == 0)
		ret = ask_arms(q, err);
	if (ret == 0)
		ret = ask_nulls(q, err);
	if (ret == 0)
		ask_predicts(q);
	if (ret == 0)
		ret = ask_foretold(q, err);
	return ret < 0 ? ret : adjust(q, err);
}

/* ---- sentences ------------------------------------------------------------------- */

static int say_steers(struct syc_conclusion *out, const struct syc_tuned_documents *d,
		      struct syc_err *err)
{
	const json_t *all = json_object_get(d->steered, "settings"), *o;
	struct syc_figure *f = syc_calloc(d->n_arms + 1, sizeof(*f));
	size_t i, k = 0, n_claims = 0;
	int ret;

	if (!f)
		return syc_nomem(err);
	json_array_foreach(all, i, o) {
		if (!text_is(o, "kind", "steer") || k == d->n_arms)
			continue;
		f[k++] = (struct syc_figure){ text_of(o, "vector"), estimate_of(o, CHANGE) };
		n_claims = json_array_size(json_object_get(o, "by_claim"));
	}
	ret = syc_conclude_steers_untuned(
		out, f, k, d->at_kl, (struct syc_counts){n_claims, count_of(d->steered, "n")}, err);
	free(f);
	return ret;
}

static int say(struct syc_conclusion out[SYC_TUNED_QUESTIONS], const struct asked *q,
	       struct syc_err *err)
{
	const struct syc_tuned_documents *d = q->d;
	const struct syc_mean *own = q->arm[0].figure;
	const struct syc_tuned_made made = {
		q->against[MAKES], estimate(&own[SYC_TUNED_KL_LEFT]), q->left,
	};
	const struct syc_tuned_foretold foretold = {
		d->n_sets ? &q->foretold : NULL, q->test[FORETOLD], d->layer,
	};
	int ret = syc_conclude_rises(&out[SYC_TUNED_RISES], &q->rises, err);

	if (ret == 0)
		ret = syc_conclude_constant(&out[SYC_TUNED_IS_CONSTANT], q->constant,
					    d->n_arms - 1, &q->test[CONSTANT], err);
	if (ret == 0)
		ret = syc_conclude_aligned(&out[SYC_TUNED_ALIGNED], &q->against[ALIGNED], err);
	if (ret == 0)
		ret = syc_conclude_undoes(&out[SYC_TUNED_UNDOES], false, &q->against[UNDOES], err);
	if (ret == 0)
		ret = syc_conclude_undoes(&out[SYC_TUNED_CONTRAST_UNDOES], true,
					  &q->against[CONTRAST_UNDOES], err);
	if (ret == 0)
		ret = syc_conclude_made(&out[SYC_TUNED_MAKES], &made, err);
	if (ret == 0)
		ret = syc_conclude_predicts(&out[SYC_TUNED_PREDICTS], &q->predicts, err);
	if (ret == 0)
		ret = say_steers(&out[SYC_TUNED_STEERS], d, err);
	return ret < 0 ? ret : syc_conclude_foretold(&out[SYC_TUNED_FORETOLD], &foretold, err);
}

int syc_tuned_conclude(struct syc_conclusion out[SYC_TUNED_QUESTIONS],
		       const struct syc_tuned_documents *d, struct syc_err *err)
{
	struct asked q = { .d = d };
	int ret = d->n_arms ? ask(&q, err) : syc_fail(err, SYC_EINVAL, "no arm was tuned");

	if (ret == 0)
		ret = say(out, &q, err);
	syc_tuned_free(&q.r);
	free(q.arm);
	free(q.constant);
	return ret;
}

int syc_tuned_glance(struct syc_buf *out, const struct syc_conclusion c[SYC_TUNED_QUESTIONS],
		     struct syc_err *err)
{
	return conclusions_table(out, c, SYC_TUNED_QUESTIONS, err);
}

int syc_tuned_conclusions(struct syc_buf *out, const struct syc_tuned_documents *d,
			  const struct syc_conclusion c[SYC_TUNED_QUESTIONS],
			  struct syc_err *err)
{
	syc_buf_printf(out, "{\"program\": \"syc-study\", \"version\": \"%s\", \"at_kl\": %.9g",
		       syc_version(), d->at_kl);
	return conclusions_list(out, d->layer, c, SYC_TUNED_QUESTIONS, err);
}
