/* SPDX-License-Identifier: MIT */
/* The settings of a sweep. */
#include "config.h"
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "syc/linear.h"
#include "tool/fail.h"
#include "tool/sweep.h"

void sweep_setting_free(struct sweep_setting *s)
{
	syc_steer_free(s->steer);
	free(s->p_match);
}

static struct sweep_setting *add(struct sweep *w, enum sweep_kind kind)
{
	size_t items = w->questions.n + w->control.n, cap = w->cap ? 2 * w->cap : 64;
	struct sweep_setting *s;

	if (w->n == w->cap) {
		s = realloc(w->setting, cap * sizeof(*s));
		if (!s)
			return NULL;
		w->setting = s;
		w->cap = cap;
	}
	s = &w->setting[w->n];
	*s = (struct sweep_setting){ .kind = kind, .reached = true };
	s->p_match = calloc(items ? items : 1, sizeof(*s->p_match));
	if (!s->p_match)
		return NULL;
	w->n++;
	return s;
}

/*
 * The vector of a random setting: as long as the one it stands beside, in the
 * direction of (seed, draw, layer) alone, so the same for all operators.
 */
static struct syc_vector *random_vector(const struct sweep *w, const struct sweep_setting *s)
{
	const struct syc_vector *v = s->vector->v;
	struct syc_vector *out = syc_vector_new(v->n_layers, v->dim);
	const float *like = v->v + s->layer * v->dim;
	double sq = 0;

	if (!out)
		return NULL;
	for (size_t i = 0; i < v->dim; i++)
		sq += (double)like[i] * (double)like[i];
	out->has[s->layer] = 1;
	syc_random_directions(out->v + s->layer * v->dim, 1, v->dim, sqrt(sq), w->common.seed,
			      (uint64_t)s->layer << 32 | s->draw);
	return out;
}

int sweep_steer(const struct sweep *w, struct sweep_setting *s, struct syc_err *err)
{
	struct syc_steer_rule rule = s->rule;
	struct syc_vector *made = NULL;
	struct syc_err e;
	int ret;

	syc_steer_free(s->steer);
	s->steer = NULL;
	if (s->kind != SWEEP_STEER && s->kind != SWEEP_RANDOM)
		return 0;
	rule.layers = &s->layer;
	rule.n_layers = 1;
	if (s->kind == SWEEP_RANDOM && !(made = random_vector(w, s)))
		return fail_nomem(err);
	ret = syc_steer_new(&s->steer, w->model, err);
	if (ret == 0 && (ret = syc_steer_apply(s->steer, made ? made : s->vector->v, &rule, &e)) < 0)
		fail(err, ret, "%s: %.400s", s->vector->name, e.msg);
	syc_vector_free(made);
	return ret;
}

/* Whether an earlier scale of the operator has the same sign: --at-kl needs one each. */
static bool sign_seen(const struct sweep_op *op, size_t k)
{
	for (size_t i = 0; i < k; i++)
		if ((op->scale[i] < 0) == (op->scale[k] < 0))
			return true;
	return false;
}

static int add_scales(struct sweep *w, enum sweep_kind kind, const struct sweep_vector *v, size_t draw,
		      uint32_t layer, const struct sweep_op *op, struct syc_err *err)
{
	for (size_t k = 0; k < op->n; k++) {
		struct sweep_setting *s;
		int ret;

		if (!isnan(w->at_kl) && (op->scale[k] == 0 || sign_seen(op, k)))
			continue;
		s = add(w, kind);
		if (!s)
			return fail_nomem(err);
		s->vector = v;
		s->draw = draw;
		s->layer = layer;
		s->rule = op->rule;
		s->rule.scale = (float)op->scale[k];
		ret = sweep_steer(w, s, err);	/* a bad one is found before the run */
		if (ret < 0)
			return ret;
	}
	return 0;
}

static int add_layer(struct sweep *w, const struct sweep_vector *v, uint32_t layer, struct syc_err *err)
{
	int ret = 0;

	for (size_t i = 0; i < w->n_ops && ret == 0; i++)
		ret = add_scales(w, SWEEP_STEER, v, 0, layer, &w->op[i], err);
	for (size_t i = 0; i < w->n_ops && ret == 0; i++) {
		if (w->op[i].rule.to_mean)	/* a random direction has none */
			continue;
		for (size_t d = 1; d <= w->n_random && ret == 0; d++)
			ret = add_scales(w, SWEEP_RANDOM, v, d, layer, &w->op[i], err);
	}
	return ret;
}

int sweep_settings(struct sweep *w, struct syc_err *err)
{
	int ret = add(w, SWEEP_NONE) ? 0 : fail_nomem(err);

	for (size_t i = 0; i < w->n_vectors && ret == 0; i++) {
		const struct sweep_vector *v = &w->vector[i];

		for (size_t k = 0; k < w->n_layers && ret == 0; k++)
			ret = add_layer(w, v, w->layers[k], err);
		for (uint32_t l = 0; !w->n_layers && l < v->v->n_layers && ret == 0; l++)
			if (v->v->has[l])
				ret = add_layer(w, v, l, err);
	}
	for (size_t i = 0; i < w->n_prompts && ret == 0; i++) {
		struct sweep_setting *s = add(w, SWEEP_PROMPT);

		if (!s)
			return fail_nomem(err);
		s->variant = i + 1;
		s->prompt = w->prompt[i];
	}
	return ret;
}
