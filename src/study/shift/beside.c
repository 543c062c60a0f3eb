/* SPDX-License-Identifier: MIT */
/* What null vectors make and undo, beside what the mean shift and other vectors do. */
#include "config.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "base/mem.h"
#include "study/shift/shift.h"

/* Of one half's layer, then of the other's: [HALVES][n_draws][n_claims]. */
struct by {
	double *p, *kl;
	size_t half;	/* how many a half has */
};

struct syc_shift_layer *layer_of(const struct study *s, size_t t)
{
	return &s->out->layer[moments_at(&s->moments, s->place, s->plan->layers[t])];
}

/* The share of null values that are at least x, or with way -1 at most; those that are there. */
static double share(double x, const double *null, size_t n, int way, size_t *there)
{
	size_t far = 0, good = 0;

	for (size_t i = 0; i < n; i++) {
		good += !isnan(null[i]);
		far += way * null[i] >= way * x;
	}
	if (there)
		*there = good;
	return good && !isnan(x) ? (double)(1 + far) / (double)(1 + good) : NAN;
}

/* ---- made --------------------------------------------------------------------- */

static int take_made(struct syc_shift_made *m, const struct study *s, const double *p,
		     const double *kl, struct syc_err *err)
{
	const size_t n = s->plan->n_draws, n_claims = s->moments.n_claims;
	size_t good;

	m->null = syc_calloc(n + 1, sizeof(*m->null));
	m->null_left = syc_calloc(n + 1, sizeof(*m->null_left));
	if (!m->null || !m->null_left)
		return syc_nomem(err);
	m->n_nulls = n;
	for (size_t i = 0; i < n; i++) {
		m->null[i] = isnan(m->make.value) ? NAN : 1 - undone_by(s, p + i * n_claims);
		m->null_left[i] = left_by(s, kl + i * n_claims);
	}
	m->null_p = share(m->make.value, m->null, n, 1, NULL);
	m->null_left_p = share(m->kl_left.value, m->null_left, n, -1, &good);
	m->n_short = n - good;
	return 0;
}

static int take_undone(struct syc_shift_undo *u, const struct study *s, const double *p,
		       struct syc_err *err)
{
	const size_t n = s->plan->n_draws;
	size_t good;

	u->null = syc_calloc(n + 1, sizeof(*u->null));
	if (!u->null)
		return syc_nomem(err);
	u->n_nulls = n;
	for (size_t i = 0; i < n; i++)
		u->null[i] = undone_by(s, p + i * s->moments.n_claims);
	u->null_p = share(u->p.value, u->null, n, 1, &good);
	u->n_short = n - good;
	return 0;
}

/* ---- both halves -------------------------------------------------------------- */

static int by_init(struct by *b, const struct study *s, struct syc_err *err)
{
	b->half = s->plan->n_draws * s->moments.n_claims;
	b->p = syc_calloc(2 * HALVES * b->half + 1, sizeof(*b->p));
	b->kl = b->p ? b->p + HALVES * b->half : NULL;
	return b->p ? 0 : syc_nomem(err);
}

/* Ask at the layer of half h; whether that is new. */
static int ask_half(bool *is_new, struct by *b, struct study *s, int side, const size_t at[HALVES],
		    int h, double want, struct syc_err *err)
{
	const size_t here = (size_t)h * b->half;

	*is_new = !h || at[1] != at[0];
	if (*is_new)
		return null_answers(b->p + here, b->kl + here, s, side, s->plan->layers[at[h]],
				    want, err);
	memcpy(b->p + here, b->p, b->half * sizeof(*b->p));
	memcpy(b->kl + here, b->kl, b->half * sizeof(*b->kl));
	return 0;
}

/* Each claim's come from its half's layer. */
static void deal(struct by *b, const struct study *s)
{
	for (size_t i = 0; i < b->half; i++)
		if (s->half[i % s->moments.n_claims]) {
			b->p[i] = b->p[b->half + i];
			b->kl[i] = b->kl[b->half + i];
		}
}

int beside_made(struct study *s, const size_t at[HALVES], struct syc_err *err)
{
	struct by b;
	int ret = by_init(&b, s, err);

	for (int h = 0; h < HALVES && ret == 0; h++) {
		struct syc_shift_made *m = &layer_of(s, at[h])->made;
		const size_t here = (size_t)h * b.half;
		bool is_new;

		ret = ask_half(&is_new, &b, s, BASE, at, h, m->kl, err);
		if (ret == 0 && is_new)
			ret = take_made(m, s, b.p + here, b.kl + here, err);
	}
	if (ret == 0) {
		deal(&b, s);
		ret = take_made(&s->out->chosen.made, s, b.p, b.kl, err);
	}
	free(b.p);
	return ret;
}

int beside_undone(struct study *s, size_t vector, const size_t at[HALVES], struct syc_err *err)
{
	struct syc_shift_chosen *c = &s->out->chosen;
	struct by b;
	int ret = by_init(&b, s, err);

	for (int h = 0; h < HALVES && ret == 0; h++) {
		struct syc_shift_layer *l = layer_of(s, at[h]);
		struct syc_shift_undo *u =
			vector == OF_MEAN ? &l->undo : &l->along[vector].undo;
		bool is_new;

		ret = ask_half(&is_new, &b, s, TUNED, at, h, u->kl, err);
		if (ret == 0 && is_new)
			ret = take_undone(u, s, b.p + (size_t)h * b.half, err);
	}
	if (ret == 0) {
		deal(&b, s);
		ret = take_undone(vector == OF_MEAN ? &c->undo : &c->along[vector], s, b.p, err);
	}
	free(b.p);
	return ret;
}
