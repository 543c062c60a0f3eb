/* SPDX-License-Identifier: MIT */
/* The settings of a sweep. */
#include "config.h"
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include "base/err.h"
#include "base/mem.h"
#include "study/sweep/sweep.h"
#include "syc/linear.h"

static void setting_free(struct syc_sweep_setting *s)
{
	syc_steer_free(s->steer);
	for (size_t i = 0; s->answer && i < s->n_answered; i++)
		syc_ids_free(&s->answer[i]);
	free(s->answer);
	free(s->p_match);
	free(s->by_claim);
}

struct syc_vector *random_vector(const struct syc_vector *v,
				 const uint32_t *layer, size_t n, uint64_t seed,
				 size_t draw)
{
	struct syc_vector *out = syc_vector_new(v->n_layers, v->dim);

	for (size_t k = 0; out && k < n; k++) {
		const size_t at = layer[k] * v->dim;
		double sq = 0;

		if (layer[k] >= v->n_layers)	/* which steering refuses */
			continue;
		for (size_t i = 0; i < v->dim; i++)
			sq += (double)v->v[at + i] * (double)v->v[at + i];
		out->has[layer[k]] = v->has[layer[k]];
		syc_random_directions(out->v + at, 1, v->dim, sqrt(sq), seed,
				      (uint64_t)layer[k] << 32 | draw);
	}
	return out;
}

struct syc_vector *null_vector(const struct syc_vector *null,
			       const struct syc_vector *v,
			       const uint32_t *layer, size_t n)
{
	struct syc_vector *out = syc_vector_new(v->n_layers, v->dim);

	for (size_t k = 0; out && k < n; k++) {
		const size_t l = layer[k], at = l * v->dim;
		double sq = 0, own = 0;

		/* What it lacks is refused where it is to steer. */
		if (l >= v->n_layers || l >= null->n_layers || !null->has[l] ||
		    null->dim != v->dim)
			continue;
		for (size_t i = 0; i < v->dim; i++) {
			sq += (double)v->v[at + i] * (double)v->v[at + i];
			own += (double)null->v[at + i] * (double)null->v[at + i];
		}
		out->has[l] = own > 0;
		for (size_t i = 0; i < v->dim && own > 0; i++)
			out->v[at + i] = (float)((double)null->v[at + i] *
						 sqrt(sq / own));
	}
	return out;
}

int setting_steer(struct syc_sweep_setting *s, const struct syc_model *m,
		  uint64_t seed, struct syc_err *err)
{
	const struct syc_vector *v = s->vector->v;
	struct syc_vector *made = NULL;
	struct syc_err e;
	int ret;

	syc_steer_free(s->steer);
	s->steer = NULL;
	if (s->kind == SYC_SWEEP_RANDOM) {
		made = s->null ? null_vector(s->null, v, s->rule.layers,
					     s->rule.n_layers)
			       : random_vector(v, s->rule.layers,
					       s->rule.n_layers, seed, s->draw);
		if (!made)
			return syc_nomem(err);
	}
	ret = syc_steer_new(&s->steer, m, err);
	if (ret == 0 && (ret = syc_steer_apply(s->steer, made ? made : v,
					       &s->rule, &e)) < 0)
		syc_fail(err, ret, "%s: %.400s", s->vector->name, e.msg);
	syc_vector_free(made);
	return ret;
}

/* What all settings of some layers have in common while they are added. */
struct adding {
	struct syc_sweep_settings *to;
	const struct syc_sweep_plan *plan;
	const struct syc_sweep_vector *vector;
	struct syc_sweep_layers at;
};

struct syc_sweep_setting *setting_add(struct syc_sweep_settings *to,
				      const struct syc_sweep_plan *plan,
				      enum syc_sweep_kind kind)
{
	const size_t n = plan->questions->n +
			 (plan->control ? plan->control->n : 0);
	struct syc_sweep_setting *s;

	if (!syc_grow(&to->setting, &to->cap, to->n + 1, sizeof(*to->setting)))
		return NULL;
	s = &to->setting[to->n];
	*s = (struct syc_sweep_setting){ .kind = kind, .reached = true,
					 .key = SIZE_MAX };
	to->n++;
	s->p_match = syc_calloc(n + 1, sizeof(*s->p_match));
	s->by_claim = syc_calloc(plan->questions->n_claims + 1, sizeof(*s->by_claim));
	return s->p_match && s->by_claim ? s : NULL;
}

static int add_steered(const struct adding *a, const struct syc_sweep_op *op,
		       double scale, size_t draw, struct syc_err *err)
{
	struct syc_sweep_setting *s =
		setting_add(a->to, a->plan, draw ? SYC_SWEEP_RANDOM : SYC_SWEEP_STEER);

	if (!s)
		return syc_nomem(err);
	s->vector = a->vector;
	s->draw = draw;
	s->scale = scale;
	s->rule = op->rule;
	s->rule.scale = (float)scale;
	s->rule.layers = a->at.layer;
	s->rule.n_layers = a->at.n;
	/* A bad one is found before the run. */
	return setting_steer(s, a->plan->model, a->plan->seed, err);
}

/* Whether an earlier scale has the same sign: at equal KL one of each is enough. */
static bool sign_seen(const double *scale, size_t k)
{
	for (size_t i = 0; i < k; i++)
		if (scale[i] != 0 && (scale[i] < 0) == (scale[k] < 0))
			return true;
	return false;
}

static int add_scales(const struct adding *a, const struct syc_sweep_op *op,
		      size_t draw, struct syc_err *err)
{
	const struct syc_steer_op_info *info = syc_steer_op_info(op->rule.op);
	const double *scale = op->n ? op->scale : info ? info->scales : NULL;
	const size_t n = op->n ? op->n : info ? info->n_scales : 0;
	int ret = info ? 0
		       : syc_fail(err, SYC_EINVAL, "operator %d: there is none",
				  (int)op->rule.op);

	for (size_t k = 0; k < n && ret == 0; k++)
		if (!(a->plan->at_kl > 0) ||
		    (scale[k] != 0 && !sign_seen(scale, k)))
			ret = add_steered(a, op, scale[k], draw, err);
	return ret;
}

/* The vector at some layers, then random ones. */
static int add_layers(const struct adding *a, struct syc_err *err)
{
	const struct syc_sweep_plan *plan = a->plan;
	int ret = 0;

	for (size_t i = 0; i < plan->n_ops && ret == 0; i++)
		ret = add_scales(a, &plan->op[i], 0, err);
	for (size_t i = 0; i < plan->n_ops && ret == 0; i++) {
		if (plan->op[i].rule.to_mean) /* a random direction has none */
			continue;
		for (size_t d = 1; d <= plan->n_random && ret == 0; d++)
			ret = add_scales(a, &plan->op[i], d, err);
	}
	return ret;
}

/* Each layer that the vector has and the model computes. */
static int add_own(struct adding *a, const uint32_t *own, size_t n,
		   struct syc_err *err)
{
	const struct syc_vector *v = a->vector->v;
	int ret = 0;

	for (size_t l = 0; l < n && l < v->n_layers && ret == 0; l++) {
		a->at = (struct syc_sweep_layers){ &own[l], 1 };
		if (v->has[l])
			ret = add_layers(a, err);
	}
	return ret;
}

static int add_vector(struct adding *a, size_t n_model, struct syc_err *err)
{
	int ret = 0;

	if (!a->plan->n_layers)
		return add_own(a, a->to->own_layer, n_model, err);
	for (size_t k = 0; k < a->plan->n_layers && ret == 0; k++) {
		a->at = a->plan->layers[k];
		ret = add_layers(a, err);
	}
	return ret;
}

static int number_layers(struct syc_sweep_settings *s, size_t n,
			 struct syc_err *err)
{
	s->own_layer = calloc(n, sizeof(*s->own_layer));
	if (!s->own_layer)
		return syc_nomem(err);
	for (size_t i = 0; i < n; i++)
		s->own_layer[i] = (uint32_t)i;
	return 0;
}

int syc_sweep_settings_init(struct syc_sweep_settings *s,
			    const struct syc_sweep_plan *plan,
			    struct syc_err *err)
{
	const size_t n_model = syc_model_config(plan->model)->n_layers;
	struct adding a = { .to = s, .plan = plan };
	int ret;

	*s = (struct syc_sweep_settings){ 0 };
	ret = number_layers(s, n_model, err);
	if (ret == 0 && !setting_add(s, plan, SYC_SWEEP_NONE))
		ret = syc_nomem(err);
	for (size_t i = 0; i < plan->n_vectors && ret == 0; i++) {
		a.vector = &plan->vector[i];
		ret = add_vector(&a, n_model, err);
	}
	for (size_t i = 1; i < plan->questions->n_variants && ret == 0; i++) {
		struct syc_sweep_setting *p = setting_add(s, plan, SYC_SWEEP_PROMPT);

		if (!p)
			return syc_nomem(err);
		p->variant = i;
	}
	return ret < 0 ? ret : null_keys(s, plan, err);
}

void syc_sweep_settings_free(struct syc_sweep_settings *s)
{
	for (size_t i = 0; i < s->n; i++)
		setting_free(&s->setting[i]);
	free(s->setting);
	free(s->own_layer);
	free(s->key);
	free(s->null_change);
	*s = (struct syc_sweep_settings){ 0 };
}

int syc_sweep_layers_text(struct syc_buf *out, const uint32_t *layer, size_t n)
{
	for (size_t i = 0, end; i < n; i = end) {
		end = i + 1;
		while (end < n && layer[end] == layer[end - 1] + 1)
			end++;
		syc_buf_printf(out, "%s%" PRIu32, i ? "," : "", layer[i]);
		if (end - i > 1)
			syc_buf_printf(out, "%s%" PRIu32,
				       end - i > 2 ? "-" : ",", layer[end - 1]);
	}
	return out->failed ? SYC_ENOMEM : 0;
}
