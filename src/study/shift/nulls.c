/* SPDX-License-Identifier: MIT */
/*
 * Null vectors in the place of the mean shift that is added to the base, and of those that
 * are ablated in the tuned model: as far from that model, in KL, as what they stand beside.
 */
#include "config.h"
#include <math.h>
#include <stdlib.h>
#include "base/err.h"
#include "base/mem.h"
#include "base/rand.h"
#include "study/shift/shift.h"
#include "syc/linear.h"

static const double largest = 1e3, least_kl = 1e-6;

/* One draw in the place of one vector. */
struct draw {
	struct syc_vector *v;	/* shared by those of a draw */
	struct syc_steer *steer;
	struct answers answers;
};

struct nulls {
	struct study *s;
	int side;
	uint32_t layer;
	struct draw *draw;	/* [n] of one target */
	size_t n;
};

/* ---- vectors ------------------------------------------------------------------ */

/* As many of one sign as of the other. */
static void signs(double *w, size_t n, uint64_t key)
{
	for (size_t i = 0; i < n; i++)
		w[i] = i < n / 2 ? -1 : 1;
	if (n % 2 && syc_rand_u64(key, n) & 1)
		w[n / 2] = -1;
	for (size_t i = n; i-- > 1;) {
		const size_t k = syc_rand_below(key, i, i + 1);
		const double x = w[i];

		w[i] = w[k];
		w[k] = x;
	}
}

/* Standard normal numbers less their mean: sums of shifts are then without m. */
static void normals(double *w, size_t n, uint64_t key)
{
	double mean = 0;

	for (size_t i = 0; i < n; i++) {
		const double u = 1 - syc_rand_unit(key, 2 * i),
			     a = syc_rand_unit(key, 2 * i + 1);

		w[i] = sqrt(-2 * log(u)) * cos(2 * 3.14159265358979323846 * a);
		mean += w[i] / (double)n;
	}
	for (size_t i = 0; i < n; i++)
		w[i] -= mean;
}

static int make_vector(struct syc_vector *v, const struct study *s,
		       uint32_t layer, size_t draw, struct syc_err *err)
{
	const struct moments *m = &s->moments;
	const double *x = m->shift +
			  moments_at(m, s->place, layer) * m->n_claims * m->dim;
	const uint64_t key =
		syc_rand_key(s->plan->seed, "shift, null vectors", draw);
	float *to = v->v + layer * m->dim;
	double *w;

	v->has[layer] = 1;
	if (s->plan->null == SYC_NULL_RANDOM) {
		syc_random_directions(to, 1, m->dim, 1, s->plan->seed,
				      (uint64_t)layer << 32 | (draw + 1));
		return 0;
	}
	w = syc_calloc(m->n_claims + 1, sizeof(*w));
	if (!w)
		return syc_nomem(err);
	if (s->plan->null == SYC_NULL_FLIP)
		signs(w, m->n_claims, key);
	else
		normals(w, m->n_claims, key);
	for (size_t j = 0; j < m->dim; j++) {
		double sum = 0;

		for (size_t c = 0; c < m->n_claims; c++)
			sum += w[c] * x[c * m->dim + j];
		to[j] = (float)sum;
	}
	free(w);
	return 0;
}

/* ---- equal KL ----------------------------------------------------------------- */

static int steer_draw(struct nulls *n, struct draw *d, double scale,
		      struct syc_err *err)
{
	const struct syc_shift_plan *plan = n->s->plan;
	const bool base = n->side == BASE;

	syc_steer_free(d->steer);
	d->steer = NULL;
	return steer_at(&d->steer, base ? plan->base : plan->tuned, d->v,
			base ? SYC_STEER_ADD : SYC_STEER_ABLATE, scale, n->layer, err);
}

static int measure(void *arg, struct kl_search *const *look, size_t n,
		   struct syc_err *err)
{
	struct nulls *all = arg;
	struct asking *list = syc_calloc(n + 1, sizeof(*list));
	int ret = list ? 0 : syc_nomem(err);

	for (size_t i = 0; i < n && ret == 0; i++) {
		struct draw *d = look[i]->user;

		ret = steer_draw(all, d, look[i]->scale, err);
		list[i] = (struct asking){ d->steer, &d->answers };
	}
	if (ret == 0)
		ret = ask_all(all->s, all->side, list, n, ASK_PROMPTS, err);
	for (size_t i = 0; i < n && ret == 0; i++) {
		const struct draw *d = look[i]->user;

		look[i]->kl = ask_kl(all->s, all->side, &d->answers);
	}
	free(list);
	return ret;
}

/* Ask the questions under all draws that came near. */
static int answer(struct nulls *n, const struct kl_search *search, double *p, double *kl,
		  struct syc_err *err)
{
	const size_t n_claims = n->s->moments.n_claims;
	struct asking *list = syc_calloc(n->n + 1, sizeof(*list));
	size_t k = 0;
	int ret = list ? 0 : syc_nomem(err);

	for (size_t i = 0; i < n->n && ret == 0; i++)
		if (search[i].reached) {
			ret = steer_draw(n, &n->draw[i], search[i].scale, err);
			list[k++] = (struct asking){n->draw[i].steer,
						    &n->draw[i].answers};
		}
	if (ret == 0)
		ret = ask_all(n->s, n->side, list, k, ASK_QUESTIONS, err);
	for (size_t i = 0; i < n->n && ret == 0; i++) {
		if (!search[i].reached)
			continue;
		ret = by_claim(p + i * n_claims, n->s, OF_P, &n->draw[i].answers, err);
		if (ret == 0)
			ret = by_claim(kl + i * n_claims, n->s, OF_KL, &n->draw[i].answers, err);
	}
	free(list);
	return ret;
}

static int search(struct nulls *n, double want, double *p, double *kl, struct syc_err *err)
{
	struct kl_search *a = syc_calloc(n->n + 1, sizeof(*a));
	int ret = a ? 0 : syc_nomem(err);

	for (size_t i = 0; a && i < n->n; i++)
		a[i] = (struct kl_search){
			.user = &n->draw[i], .scale = 1, .full = largest};
	if (ret == 0)
		ret = kl_search(a, n->n, want, measure, n, err);
	if (ret == 0)
		ret = answer(n, a, p, kl, err);
	free(a);
	return ret;
}

/* ---- a layer ------------------------------------------------------------------ */

/* As long as the mean shifts are in the mean: where the search begins. */
static void lengthen(struct syc_vector *v, const struct study *s, uint32_t layer)
{
	const double now = syc_vector_length(v, layer);
	double want = 0;

	for (int h = 0; h < HALVES; h++)
		want += syc_vector_length(s->mean[h], layer) / HALVES;
	for (size_t j = 0; j < v->dim && now > 0; j++)
		v->v[layer * v->dim + j] = (float)(v->v[layer * v->dim + j] * want / now);
}

static int make_draws(struct nulls *n, struct syc_err *err)
{
	int ret = 0;

	for (size_t i = 0; i < n->n && ret == 0; i++) {
		struct draw *d = &n->draw[i];

		d->v = syc_vector_new(n->s->moments.n_layers,
				      n->s->moments.dim);
		ret = d->v ? make_vector(d->v, n->s, n->layer, i, err)
			   : syc_nomem(err);
		if (ret == 0 && n->side == BASE)
			lengthen(d->v, n->s, n->layer);
		if (ret == 0)
			ret = answers_init(&d->answers, n->s, err);
	}
	return ret;
}

int null_answers(double *p, double *kl, struct study *s, int side, uint32_t layer, double want,
		 struct syc_err *err)
{
	struct nulls n = {
		.s = s, .side = side, .layer = layer, .n = s->plan->n_draws,
		.draw = syc_calloc(s->plan->n_draws + 1, sizeof(*n.draw)),
	};
	int ret = n.draw ? make_draws(&n, err) : syc_nomem(err);

	s->part = side == BASE ? "base and null vectors" : "null vectors";
	for (size_t i = 0; i < n.n * s->moments.n_claims && ret == 0; i++)
		p[i] = kl[i] = NAN;
	if (ret == 0 && want > least_kl && isfinite(want))
		ret = search(&n, want, p, kl, err);
	for (size_t i = 0; n.draw && i < n.n; i++) {
		syc_vector_free(n.draw[i].v);
		syc_steer_free(n.draw[i].steer);
		answers_free(&n.draw[i].answers);
	}
	free(n.draw);
	return ret;
}

/* ---- cosines ------------------------------------------------------------------ */

static double length(const float *x, size_t n)
{
	double sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += (double)x[i] * (double)x[i];
	return sqrt(sum);
}

/* Number i of what stands for v: its null vectors, else random directions. */
static const float *null_at(float *own, const struct syc_shift_vector *v,
			    size_t i, uint32_t layer, uint64_t seed)
{
	const size_t dim = v->v->dim;

	if (v->n_nulls)
		return vector_has(v->null[i], layer)
			       ? v->null[i]->v + layer * dim
			       : NULL;
	syc_random_directions(own, 1, dim, 1, seed,
			      (uint64_t)layer << 32 | (i + 1));
	return own;
}

int fill_cosine(struct syc_shift_along *a, const struct study *s, size_t vector,
		uint32_t layer, struct syc_err *err)
{
	const struct syc_shift_vector *v = &s->plan->vector[vector];
	const size_t dim = v->v->dim, n = v->n_nulls ? v->n_nulls : COSINES;
	const float *m = s->out->mean->v + layer * dim;
	float *own = syc_calloc(dim, sizeof(*own));
	size_t above = 0;

	a->cosine = a->p = NAN;
	if (!own)
		return syc_nomem(err);
	if (vector_has(v->v, layer) && length(m, dim) > 0) {
		a->null = syc_calloc(n, sizeof(*a->null));
		if (!a->null) {
			free(own);
			return syc_nomem(err);
		}
		a->cosine = syc_cosine(v->v->v + layer * dim, m, dim);
		for (size_t i = 0; i < n; i++) {
			const float *x =
				null_at(own, v, i, layer, s->plan->seed);

			if (!x)
				continue;
			a->null[a->n_nulls] = syc_cosine(x, m, dim);
			above += fabs(a->null[a->n_nulls++]) >= fabs(a->cosine);
		}
		a->p = (double)(1 + above) / (double)(1 + a->n_nulls);
	}
	free(own);
	return 0;
}
