/* SPDX-License-Identifier: MIT */
/* The settings of a sweep. */
#include "config.h"
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "syc/linear.h"
#include "tool/common/fail.h"
#include "tool/sweep/sweep.h"

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

	for (size_t k = 0; out && k < s->at->n; k++) {
		const uint32_t layer = s->at->layer[k];
		const float *like = v->v + layer * v->dim;
		double sq = 0;

		if (layer >= v->n_layers)	/* which steering refuses */
			continue;
		for (size_t i = 0; i < v->dim; i++)
			sq += (double)like[i] * (double)like[i];
		out->has[layer] = v->has[layer];
		syc_random_directions(out->v + layer * v->dim, 1, v->dim, sqrt(sq), w->common.seed,
				      (uint64_t)layer << 32 | s->draw);
	}
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
	rule.layers = s->at->layer;
	rule.n_layers = s->at->n;
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
		      const struct sweep_layers *at, const struct sweep_op *op, struct syc_err *err)
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
		s->at = at;
		s->rule = op->rule;
		s->rule.scale = (float)op->scale[k];
		ret = sweep_steer(w, s, err);	/* a bad one is found before the run */
		if (ret < 0)
			return ret;
	}
	return 0;
}

static int add_layers(struct sweep *w, const struct sweep_vector *v, const struct sweep_layers *at,
		      struct syc_err *err)
{
	int ret = 0;

	for (size_t i = 0; i < w->n_ops && ret == 0; i++)
		ret = add_scales(w, SWEEP_STEER, v, 0, at, &w->op[i], err);
	for (size_t i = 0; i < w->n_ops && ret == 0; i++) {
		if (w->op[i].rule.to_mean)	/* a random direction has none */
			continue;
		for (size_t d = 1; d <= w->n_random && ret == 0; d++)
			ret = add_scales(w, SWEEP_RANDOM, v, d, at, &w->op[i], err);
	}
	return ret;
}

/* "2-4,7" of ascending layers, NULL without memory. */
static char *list_text(const uint32_t *layer, size_t n)
{
	struct syc_buf b = { 0 };

	for (size_t i = 0, end; i < n; i = end) {
		for (end = i + 1; end < n && layer[end] == layer[end - 1] + 1; end++)
			;
		syc_buf_printf(&b, "%s%" PRIu32, i ? "," : "", layer[i]);
		if (end - i > 1)
			syc_buf_printf(&b, "%s%" PRIu32, end - i > 2 ? "-" : ",", layer[end - 1]);
	}
	if (b.failed)
		syc_buf_free(&b);
	return b.data;
}

/* Takes over the list. */
static int add_list(struct sweep *w, uint32_t *layer, size_t n, struct syc_err *err)
{
	struct sweep_layers *at = &w->layers[w->n_layers];

	*at = (struct sweep_layers){ layer, n, layer ? list_text(layer, n) : NULL };
	w->n_layers += layer != NULL;
	return at->text ? 0 : fail_nomem(err);
}

/* A list of its own for each of the layers. */
static int add_each(struct sweep *w, const uint32_t *layer, size_t n, struct syc_err *err)
{
	int ret = 0;

	for (size_t i = 0; i < n && ret == 0; i++) {
		uint32_t *one = malloc(sizeof(*one));

		if (one)
			*one = layer ? layer[i] : (uint32_t)i;
		ret = add_list(w, one, 1, err);
	}
	return ret;
}

int sweep_layers(struct sweep *w, struct syc_err *err)
{
	const uint32_t n_model = syc_model_config(w->model)->n_layers;
	uint32_t *layer = NULL;
	size_t n = 0;
	int ret = 0;

	w->layers = calloc((size_t)n_model + w->n_at_once, sizeof(*w->layers));
	if (!w->layers)
		return fail_nomem(err);
	w->vectors_own = !w->layers_arg && !w->n_at_once;
	if (w->layers_arg) {
		opt_list(w->tool, "layers", w->layers_arg, n_model, &layer, &n);
		ret = add_each(w, layer, n, err);
		free(layer);
	} else if (w->vectors_own) {
		ret = add_each(w, NULL, n_model, err);
	}
	for (size_t i = 0; i < w->n_at_once && ret == 0; i++) {
		opt_list(w->tool, "at-once", w->at_once[i], n_model, &layer, &n);
		ret = add_list(w, layer, n, err);
	}
	return ret;
}

int sweep_settings(struct sweep *w, struct syc_err *err)
{
	int ret = add(w, SWEEP_NONE) ? 0 : fail_nomem(err);

	for (size_t i = 0; i < w->n_vectors && ret == 0; i++) {
		const struct sweep_vector *v = &w->vector[i];

		for (size_t k = 0; k < w->n_layers && ret == 0; k++) {
			const uint32_t first = w->layers[k].layer[0];

			if (!w->vectors_own || (first < v->v->n_layers && v->v->has[first]))
				ret = add_layers(w, v, &w->layers[k], err);
		}
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
