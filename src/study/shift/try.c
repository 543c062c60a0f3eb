/* SPDX-License-Identifier: MIT */
/*
 * The mean shift as steering: added to the base, its direction ablated in the tuned model,
 * and likewise other vectors.  The mean shift of one half of the claims is for the other.
 */
#include "config.h"
#include <math.h>
#include <stdlib.h>
#include "base/err.h"
#include "base/mem.h"
#include "study/shift/shift.h"
#include "syc/random.h"

/* ---- mean shifts -------------------------------------------------------------- */

int deal_claims(struct study *s, struct syc_err *err)
{
	const size_t n = s->moments.n_claims;
	uint32_t *order = syc_calloc(n + 1, sizeof(*order));

	s->half = syc_calloc(n + 1, sizeof(*s->half));
	if (!order || !s->half) {
		free(order);
		return syc_nomem(err);
	}
	syc_random_order(order, n, s->plan->seed);
	for (size_t i = 0; i < n; i++)
		s->half[order[i]] = i % HALVES;
	free(order);
	return 0;
}

struct syc_vector *mean_shift(const struct study *s, int place, int half)
{
	const struct moments *m = &s->moments;
	struct syc_vector *v = syc_vector_new(m->n_layers, m->dim);
	double n = 0;

	for (size_t c = 0; c < m->n_claims; c++)
		n += half == HALVES || s->half[c] == half;
	for (size_t l = 0; v && l < m->n_layers; l++) {
		const double *x = m->shift + moments_at(m, place, l) *
						     m->n_claims * m->dim;

		for (size_t j = 0; j < m->dim; j++) {
			double sum = 0;

			for (size_t c = 0; c < m->n_claims; c++)
				if (half == HALVES || s->half[c] == half)
					sum += x[c * m->dim + j];
			v->v[l * m->dim + j] = (float)(sum / n);
			v->has[l] |= v->v[l * m->dim + j] != 0;
		}
	}
	return v;
}

/* ---- settings ----------------------------------------------------------------- */

int steer_at(struct syc_steer **out, const struct syc_model *m,
	     const struct syc_vector *v, enum syc_steer_op op, double scale,
	     uint32_t layer, struct syc_err *err)
{
	const struct syc_steer_rule rule = {
		.op = op,
		.scale = (float)scale,
		.layers = &layer,
		.n_layers = 1,
	};
	int ret = syc_steer_new(out, m, err);

	return ret < 0 ? ret : syc_steer_apply(*out, v, &rule, err);
}

/* What one model is asked under each of some vectors, at each layer. */
struct batch {
	struct asking *list;
	size_t n;
};

static int add(struct batch *b, const struct study *s, int side,
	       const struct syc_vector *v, uint32_t layer, struct answers *to,
	       struct syc_err *err)
{
	struct syc_steer *steer = NULL;
	int ret = answers_init(to, s, err);

	if (ret == 0)	/* added to the base, ablated in the tuned model */
		ret = steer_at(&steer,
			       side == BASE ? s->plan->base : s->plan->tuned, v,
			       side == BASE ? SYC_STEER_ADD : SYC_STEER_ABLATE,
			       1, layer, err);
	b->list[b->n++] = (struct asking){ steer, to };
	return ret;
}

bool vector_has(const struct syc_vector *v, uint32_t layer)
{
	return layer < v->n_layers && v->has[layer] &&
	       syc_vector_length(v, layer) > 0;
}

static int add_layer(struct batch *b, struct study *s, int side, size_t t,
		     struct syc_err *err)
{
	const struct syc_shift_plan *plan = s->plan;
	const uint32_t layer = plan->layers[t];
	struct answers *to =
		side == BASE ? &s->made[t * HALVES] : &s->undone[t * HALVES];
	int ret = 0;

	for (int h = 0; h < HALVES && ret == 0; h++)
		if (vector_has(s->mean[h], layer))
			ret = add(b, s, side, s->mean[h], layer, &to[h], err);
	for (size_t i = 0; side == TUNED && i < plan->n_vectors && ret == 0;
	     i++)
		if (vector_has(plan->vector[i].v, layer))
			ret = add(b, s, side, plan->vector[i].v, layer,
				  &s->other[t * plan->n_vectors + i], err);
	return ret;
}

static int try_side(struct study *s, int side, struct syc_err *err)
{
	const struct syc_shift_plan *plan = s->plan;
	struct batch b = {
		.list = syc_calloc(plan->n_layers * (HALVES + plan->n_vectors) +
					   1,
				   sizeof(*b.list)),
	};
	int ret = b.list ? 0 : syc_nomem(err);

	s->part = side == BASE ? "base and mean shift"
			       : "tuned model without vectors";
	for (size_t t = 0; t < plan->n_layers && ret == 0; t++)
		ret = add_layer(&b, s, side, t, err);
	if (ret == 0)
		ret = ask_all(s, side, b.list, b.n, ASK_QUESTIONS | ASK_PROMPTS,
			      err);
	for (size_t i = 0; i < b.n; i++)
		syc_steer_free((struct syc_steer *)(uintptr_t)b.list[i].steer);
	free(b.list);
	return ret;
}

int try_all(struct study *s, struct syc_err *err)
{
	const size_t n = s->plan->n_layers, n_vectors = s->plan->n_vectors;
	int ret = 0;

	s->made = syc_calloc(n * HALVES + 1, sizeof(*s->made));
	s->undone = syc_calloc(n * HALVES + 1, sizeof(*s->undone));
	s->other = syc_calloc(n * n_vectors + 1, sizeof(*s->other));
	if (!s->made || !s->undone || !s->other)
		return syc_nomem(err);
	for (int h = 0; h < HALVES; h++) {
		s->mean[h] = mean_shift(s, s->place, h);
		if (!s->mean[h])
			return syc_nomem(err);
	}
	ret = try_side(s, BASE, err);
	return ret < 0 ? ret : try_side(s, TUNED, err);
}

void tried_free(struct study *s)
{
	const size_t n = s->plan->n_layers;

	for (size_t i = 0; s->made && i < n * HALVES; i++)
		answers_free(&s->made[i]);
	for (size_t i = 0; s->undone && i < n * HALVES; i++)
		answers_free(&s->undone[i]);
	for (size_t i = 0; s->other && i < n * s->plan->n_vectors; i++)
		answers_free(&s->other[i]);
	free(s->made);
	free(s->undone);
	free(s->other);
	for (int h = 0; h < HALVES; h++)
		syc_vector_free(s->mean[h]);
}
