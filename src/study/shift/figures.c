/* SPDX-License-Identifier: MIT */
/* From answers to figures by claim, and from these to ratios. */
#include "config.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "base/mem.h"
#include "study/shift/shift.h"
#include "syc/sweep_test.h"

/* Means of x [questions] by claim. */
static void mean_by_claim(double *out, const struct study *s, const double *x)
{
	const struct syc_sweep_questions *q = s->plan->questions;
	const double *count = s->moments.count[AT_PROMPT];

	for (size_t c = 0; c < q->n_claims; c++)
		out[c] = 0;
	for (size_t i = 0; i < q->n; i++)
		out[q->question[i].claim] += x[i];
	for (size_t c = 0; c < q->n_claims; c++)
		out[c] /= count[c];
}

int by_claim(double *out, const struct study *s, enum of what,
	     const struct answers *a, struct syc_err *err)
{
	const enum syc_sweep_outcome o =
		what == OF_EFFECT ? s->out->outcome : SYC_SWEEP_MATCHING;

	if (a->p && (what == OF_KL || what == OF_MASS)) {
		mean_by_claim(out, s, what == OF_KL ? a->kl : a->mass);
		return 0;
	}
	if (a->p && (what == OF_P || o != SYC_SWEEP_MATCHING))
		return syc_sweep_by_claim(out, s->plan->questions, o, a->p,
					  err);
	for (size_t c = 0; c < s->moments.n_claims; c++)
		out[c] = NAN;
	return 0;
}

/* ---- of halves ---------------------------------------------------------------- */

/*
 * As by_claim() of a layer's answers under the two mean shifts: each claim's is of the
 * shift of the half that it is not in.  at [2]: whose layer serves which half.
 */
int crossed(double *out, const struct study *s, enum of what,
	    const struct answers *a, const size_t at[HALVES],
	    struct syc_err *err)
{
	const size_t n = s->moments.n_claims;
	double *x = syc_calloc(n + 1, sizeof(*x));
	int ret = x ? 0 : syc_nomem(err);

	for (int h = 0; h < HALVES && ret == 0; h++) {
		ret = by_claim(x, s, what, &a[at[h] * HALVES + (size_t)(1 - h)],
			       err);
		for (size_t c = 0; c < n && ret == 0; c++)
			if (s->half[c] == h)
				out[c] = x[c];
	}
	free(x);
	return ret;
}

/* The same of a vector's answers, which are one for both halves. */
static int dealt(double *out, const struct study *s, enum of what,
		 size_t vector, const size_t at[HALVES], struct syc_err *err)
{
	const size_t n = s->moments.n_claims;
	double *x = syc_calloc(n + 1, sizeof(*x));
	int ret = x ? 0 : syc_nomem(err);

	for (int h = 0; h < HALVES && ret == 0; h++) {
		ret = by_claim(x, s, what,
			       &s->other[at[h] * s->plan->n_vectors + vector],
			       err);
		for (size_t c = 0; c < n && ret == 0; c++)
			if (s->half[c] == h)
				out[c] = x[c];
	}
	free(x);
	return ret;
}

/* ---- ratios ------------------------------------------------------------------- */

/* (x - y) / (tuned - base), x or y being NULL for the tuned model or the base. */
static int part_of(struct syc_shift_figure *f, const struct study *s,
		   enum of what, const double *x, const double *y,
		   struct syc_err *err)
{
	const size_t n = s->moments.n_claims;
	const double *tuned = s->tuned_by[what], *base = s->base_by[what];
	double *num = syc_calloc(2 * n + 1, sizeof(*num));
	int ret;

	if (!num)
		return syc_nomem(err);
	for (size_t c = 0; c < n; c++) {
		num[c] = (x ? x[c] : tuned[c]) - (y ? y[c] : base[c]);
		num[n + c] = tuned[c] - base[c];
	}
	ret = syc_shift_ratio(f, num, num + n, n, s->plan->boot, s->plan->seed,
			      err);
	free(num);
	return ret;
}

double undone_by(const struct study *s, const double *x)
{
	double num = 0, den = 0;

	for (size_t c = 0; c < s->moments.n_claims; c++)
		if (isfinite(x[c]) && isfinite(s->tuned_by[OF_P][c]) &&
		    isfinite(s->base_by[OF_P][c])) {
			num += s->tuned_by[OF_P][c] - x[c];
			den += s->tuned_by[OF_P][c] - s->base_by[OF_P][c];
		}
	return num / den;
}

double left_by(const struct study *s, const double *x)
{
	double num = 0, den = 0;

	for (size_t c = 0; c < s->moments.n_claims; c++)
		if (isfinite(x[c]) && isfinite(s->base_by[OF_KL][c])) {
			num += x[c];
			den += s->base_by[OF_KL][c];
		}
	return num / den;
}

/* KL a token of both mean shifts, or of a vector, from the model they are tried in. */
static double kl_tried(const struct study *s, int side, size_t vector, const size_t at[HALVES])
{
	const struct answers *mean = side == BASE ? s->made : s->undone;
	double sum = 0;

	for (int h = 0; h < HALVES; h++) {
		const struct answers *a =
			vector == OF_MEAN
				? &mean[at[h] * HALVES + (size_t)(1 - h)]
				: &s->other[at[h] * s->plan->n_vectors + vector];

		sum += a->p ? ask_kl(s, side, a) / HALVES : NAN;
	}
	return sum;
}

int fill_made(struct syc_shift_made *m, const struct study *s, const size_t at[HALVES],
	      struct syc_err *err)
{
	const size_t n = s->moments.n_claims;
	double *x = syc_calloc(n + 1, sizeof(*x));
	int ret = x ? crossed(x, s, OF_KL, s->made, at, err) : syc_nomem(err);

	if (ret == 0)
		ret = syc_shift_ratio(&m->kl_left, x, s->base_by[OF_KL], n,
				      s->plan->boot, s->plan->seed, err);
	if (ret == 0)
		ret = crossed(x, s, OF_P, s->made, at, err);
	if (ret == 0)
		ret = part_of(&m->make, s, OF_P, x, NULL, err);
	if (ret == 0)
		ret = crossed(x, s, OF_EFFECT, s->made, at, err);
	if (ret == 0)
		ret = part_of(&m->effect, s, OF_EFFECT, x, NULL, err);
	m->kl = kl_tried(s, BASE, OF_MEAN, at);
	free(x);
	return ret;
}

int fill_undone(struct syc_shift_undo *u, const struct study *s, size_t vector,
		const size_t at[HALVES], struct syc_err *err)
{
	double *x = syc_calloc(s->moments.n_claims + 1, sizeof(*x));
	int ret = x ? 0 : syc_nomem(err);

	u->kl = kl_tried(s, TUNED, vector, at);
	for (int k = 0; k < 2 && ret == 0; k++) {
		const enum of what = k ? OF_EFFECT : OF_P;

		ret = vector == OF_MEAN
			      ? crossed(x, s, what, s->undone, at, err)
			      : dealt(x, s, what, vector, at, err);
		if (ret == 0)
			ret = part_of(k ? &u->effect : &u->p, s, what, NULL, x,
				      err);
	}
	free(x);
	return ret;
}

/* Over prompts: the mean of both halves' mean shifts. */
int fill_left_on_prompts(struct syc_shift_figure *f, const struct study *s,
			 size_t t, struct syc_err *err)
{
	const struct answers *a = &s->made[t * HALVES];
	double *x = syc_calloc(s->n_u + 1, sizeof(*x));
	int ret;

	if (!x)
		return syc_nomem(err);
	for (size_t i = 0; i < s->n_u; i++)
		x[i] = a[0].p && a[1].p ? (a[0].along[i] + a[1].along[i]) / 2
					: NAN;
	ret = syc_shift_ratio(f, x, s->base.along, s->n_u, s->plan->boot,
			      s->plan->seed, err);
	free(x);
	return ret;
}

/* ---- the choice --------------------------------------------------------------- */

/* What a layer is worth, the less the better: on the half that is not h. */
typedef int worth(double *out, const struct study *s, size_t vector, size_t t,
		  int h, struct syc_err *err);

static int kl_worth(double *out, const struct study *s, size_t vector, size_t t,
		    int h, struct syc_err *err)
{
	(void)vector;
	return by_claim(out, s, OF_KL, &s->made[t * HALVES + (size_t)(1 - h)],
			err);
}

/* What is left of the change, whichever way that is. */
static int undo_worth(double *out, const struct study *s, size_t vector,
		      size_t t, int h, struct syc_err *err)
{
	const struct answers *a =
		vector == OF_MEAN ? &s->undone[t * HALVES + (size_t)(1 - h)]
				  : &s->other[t * s->plan->n_vectors + vector];
	double change = 0;
	int ret = by_claim(out, s, OF_P, a, err);

	for (size_t c = 0; c < s->moments.n_claims; c++)
		if (s->half[c] != h)
			change += s->tuned_by[OF_P][c] - s->base_by[OF_P][c];
	for (size_t c = 0; c < s->moments.n_claims; c++)
		out[c] *= change < 0 ? -1 : 1;
	return ret;
}

static int choose(size_t at[HALVES], const struct study *s, size_t vector,
		  worth *is_worth, struct syc_err *err)
{
	const size_t n = s->moments.n_claims;
	double *x = syc_calloc(n + 1, sizeof(*x)),
	       least[HALVES] = {INFINITY, INFINITY};
	int ret = x ? 0 : syc_nomem(err);

	at[0] = at[1] = 0;
	for (size_t t = 0; t < s->plan->n_layers && ret == 0; t++)
		for (int h = 0; h < HALVES && ret == 0; h++) {
			double sum = 0;

			ret = is_worth(x, s, vector, t, h, err);
			for (size_t c = 0; c < n && ret == 0; c++)
				sum += s->half[c] != h ? x[c] : 0;
			if (ret == 0 && sum < least[h]) {
				least[h] = sum;
				at[h] = t;
			}
		}
	free(x);
	return ret;
}

int choose_to_make(size_t at[HALVES], const struct study *s,
		   struct syc_err *err)
{
	return choose(at, s, OF_MEAN, kl_worth, err);
}

int choose_to_undo(size_t at[HALVES], const struct study *s, size_t vector,
		   struct syc_err *err)
{
	return choose(at, s, vector, undo_worth, err);
}
