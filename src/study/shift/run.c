/* SPDX-License-Identifier: MIT */
/* A run from its plan to its figures. */
#include "config.h"
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "base/mem.h"
#include "study/shift/shift.h"
#include "syc/sweep_test.h"

static const struct syc_shift_figure unknown = { NAN, NAN, NAN };
static const struct syc_shift_made none = {
	.kl_left = {NAN, NAN, NAN},
	.make = {NAN, NAN, NAN},
	.effect = {NAN, NAN, NAN},
	.kl = NAN,
	.null_p = NAN,
	.null_left_p = NAN,
};
static const struct syc_shift_undo nothing = {
	.p = {NAN, NAN, NAN},
	.effect = {NAN, NAN, NAN},
	.kl = NAN,
	.null_p = NAN,
};

/* ---- what both models answer --------------------------------------------------- */

static int fill_model(struct syc_shift_model *m, const struct study *s,
		      const struct answers *a, double *const by[N_OF],
		      struct syc_err *err)
{
	const struct syc_shift_plan *plan = s->plan;
	const size_t n = s->moments.n_claims;
	double *mass = syc_calloc(n + 1, sizeof(*mass));
	int ret = mass ? by_claim(mass, s, OF_MASS, a, err) : syc_nomem(err);

	for (unsigned k = 0; k < N_OF && ret == 0; k++)
		ret = by_claim(by[k], s, k, a, err);
	if (ret == 0)
		ret = shift_mean(&m->p_match, by[OF_P], n, plan->boot,
				 plan->seed, err);
	if (ret == 0)
		ret = shift_mean(&m->effect, by[OF_EFFECT], n, plan->boot,
				 plan->seed, err);
	if (ret == 0)
		ret = shift_mean(&m->mass, mass, n, plan->boot, plan->seed,
				 err);
	free(mass);
	return ret;
}

static int fill_change(struct syc_shift_figure *f, const struct study *s,
		       enum of what, struct syc_err *err)
{
	const size_t n = s->moments.n_claims;
	double *x = syc_calloc(n + 1, sizeof(*x));
	int ret;

	if (!x)
		return syc_nomem(err);
	for (size_t c = 0; c < n; c++)
		x[c] = s->tuned_by[what][c] - s->base_by[what][c];
	ret = shift_mean(f, x, n, s->plan->boot, s->plan->seed, err);
	free(x);
	return ret;
}

/* Prompts weigh as many tokens as they have. */
static int fill_kl(struct study *s, struct syc_err *err)
{
	double *n = syc_calloc(s->n_u + 1, sizeof(*n));
	int ret;

	if (!n)
		return syc_nomem(err);
	for (size_t i = 0; i < s->n_u; i++)
		n[i] = (double)s->prompt[i].n;
	ret = syc_shift_ratio(&s->out->kl, s->base.along, n, s->n_u,
			      s->plan->boot, s->plan->seed, err);
	s->out->kl.value = ask_kl(s, TUNED, &s->base);
	free(n);
	return ret;
}

static int fill_models(struct study *s, struct syc_err *err)
{
	struct syc_shift_found *out = s->out;
	int ret = fill_model(&out->base, s, &s->base, s->base_by, err);

	if (ret == 0)
		ret = fill_model(&out->tuned, s, &s->tuned, s->tuned_by, err);
	if (ret == 0)
		ret = fill_change(&out->change, s, OF_P, err);
	if (ret == 0)
		ret = fill_change(&out->effect_change, s, OF_EFFECT, err);
	if (ret == 0)
		ret = shift_mean(&out->kl_questions, s->base_by[OF_KL],
				 s->moments.n_claims, s->plan->boot,
				 s->plan->seed, err);
	return ret < 0 ? ret : fill_kl(s, err);
}

/* ---- layers ------------------------------------------------------------------- */

static double relative(const struct study *s, int place, uint32_t layer)
{
	const struct moments *m = &s->moments;
	const size_t at = moments_at(m, place, layer);
	double sq = 0, mean = 0;

	for (size_t c = 0; c < m->n_claims; c++)
		sq += m->square[at * m->n_claims + c] / (double)m->n_claims;
	for (size_t j = 0; j < m->dim; j++)
		mean += m->base_mean[at * m->dim + j] *
			m->base_mean[at * m->dim + j];
	return sqrt(sq / (m->base_square[at] - mean));
}

static int fill_along(struct syc_shift_layer *l, const struct study *s,
		      struct syc_err *err)
{
	const size_t n = s->plan->n_vectors;
	int ret = 0;

	l->along = syc_calloc(n + 1, sizeof(*l->along));
	if (!l->along)
		return syc_nomem(err);
	for (size_t i = 0; i < n; i++)
		l->along[i].undo = nothing;
	for (size_t i = 0; i < n && ret == 0; i++)
		ret = fill_cosine(&l->along[i], s, i, l->layer, err);
	return ret;
}

static int fill_layer(struct syc_shift_layer *l, const struct study *s,
		      int place, uint32_t layer, struct syc_err *err)
{
	const struct moments *m = &s->moments;
	const size_t at = moments_at(m, place, layer);
	int ret;

	*l = (struct syc_shift_layer){
		.layer = layer,
		.made = none,
		.kl_left_unrelated = unknown,
		.position = place == AT_LAST ? SYC_POSITION_LAST
					     : SYC_POSITION_PROMPT,
		.relative = relative(s, place, layer),
		.undo = nothing,
	};
	ret = syc_shift_share(&l->share, m->shift + at * m->n_claims * m->dim,
			      m->square + at * m->n_claims, m->n_claims, m->dim,
			      s->plan->boot, s->plan->seed, err);
	return ret == 0 && place == s->place ? fill_along(l, s, err) : ret;
}

static int fill_layers(struct study *s, struct syc_err *err)
{
	const size_t n = s->moments.n_layers;
	int ret = 0;

	s->out->layer = syc_calloc(N_PLACES * n, sizeof(*s->out->layer));
	if (!s->out->layer)
		return syc_nomem(err);
	for (int place = 0; place < N_PLACES; place++)
		for (size_t l = 0; l < n && ret == 0; l++)
			ret = fill_layer(&s->out->layer[s->out->n++], s, place,
					 (uint32_t)l, err);
	return ret;
}

/* ---- what was tried ------------------------------------------------------------ */

static int fill_tried(struct study *s, size_t t, struct syc_err *err)
{
	struct syc_shift_layer *l = layer_of(s, t);
	const size_t at[HALVES] = { t, t };
	int ret = fill_made(&l->made, s, at, err);

	l->tried = true;
	if (ret == 0)
		ret = fill_left_on_prompts(&l->kl_left_unrelated, s, t, err);
	if (ret == 0)
		ret = fill_undone(&l->undo, s, OF_MEAN, at, err);
	for (size_t i = 0; i < s->plan->n_vectors && ret == 0; i++)
		ret = fill_undone(&l->along[i].undo, s, i, at, err);
	return ret;
}

/* What ablating a vector undoes, at layers of its own. */
static int fill_chosen_undo(struct study *s, size_t vector, struct syc_err *err)
{
	struct syc_shift_chosen *c = &s->out->chosen;
	struct syc_shift_undo *u =
		vector == OF_MEAN ? &c->undo : &c->along[vector];
	size_t at[HALVES];
	int ret = choose_to_undo(at, s, vector, err);

	*u = nothing;
	for (int h = 0; h < HALVES && ret == 0; h++)
		u->layer[h] = s->plan->layers[at[h]];
	if (ret == 0)
		ret = fill_undone(u, s, vector, at, err);
	if (ret < 0 || !s->plan->n_draws || isnan(u->p.value))
		return ret;
	return beside_undone(s, vector, at, err);
}

static int fill_chosen(struct study *s, struct syc_err *err)
{
	struct syc_shift_chosen *c = &s->out->chosen;
	const size_t n_vectors = s->plan->n_vectors;
	size_t at[HALVES];
	int ret = choose_to_make(at, s, err);

	c->along = syc_calloc(n_vectors + 1, sizeof(*c->along));
	if (!c->along)
		return syc_nomem(err);
	for (int h = 0; h < HALVES; h++)
		c->layer[h] = s->plan->layers[at[h]];
	if (ret == 0)
		ret = fill_made(&c->made, s, at, err);
	if (ret == 0 && s->plan->n_draws)
		ret = beside_made(s, at, err);
	if (ret == 0)
		ret = fill_chosen_undo(s, OF_MEAN, err);
	for (size_t i = 0; i < n_vectors && ret == 0; i++)
		ret = fill_chosen_undo(s, i, err);
	s->out->has_chosen = true;
	return ret;
}

static int run_tries(struct study *s, struct syc_err *err)
{
	int ret;

	if (!s->plan->n_layers || s->moments.n_claims < 2 * HALVES)
		return 0;
	ret = try_all(s, err);
	for (size_t t = 0; t < s->plan->n_layers && ret == 0; t++)
		ret = fill_tried(s, t, err);
	return ret < 0 ? ret : fill_chosen(s, err);
}

/* ---- the parts in order -------------------------------------------------------- */

static int describe_mean(struct study *s, struct syc_err *err)
{
	const struct syc_shift_plan *plan = s->plan;
	struct syc_buf b = { 0 };
	struct syc_vector *v = s->out->mean = mean_shift(s, s->place, HALVES);
	int bad = syc_buf_printf(
			  &b,
			  "{\"program\": \"syc-shift\", \"model\": \"%s\", "
			  "\"tuned\": \"%s\", \"questions\": %zu}",
			  syc_model_digest(plan->base),
			  syc_model_digest(plan->tuned), s->n_q) < 0;

	bad = bad || !v || syc_vector_str(&v->name, "shift") < 0 ||
	      syc_vector_str(&v->method, "shift") < 0 ||
	      syc_vector_str(&v->model_hint,
			     syc_model_config(plan->base)->arch) < 0 ||
	      syc_vector_str(&v->position, syc_position_name(plan->position)) <
		      0 ||
	      syc_vector_str(&v->provenance, b.data) < 0;
	if (!bad)
		v->n_pairs = (uint64_t)s->n_q;
	syc_buf_free(&b);
	return bad ? syc_nomem(err) : 0;
}

static int compare(struct study *s, struct syc_err *err)
{
	const struct asking as_it_is = { NULL, &s->base };
	int ret;

	s->part = "answers of both";
	ret = ask_passages(s, err);
	if (ret == 0)
		ret = ask_tuned(s, ASK_QUESTIONS | ASK_PROMPTS, err);
	if (ret == 0)
		ret = ask_all(s, BASE, &as_it_is, 1,
			      ASK_QUESTIONS | ASK_PROMPTS, err);
	s->part = "activations";
	if (ret == 0)
		ret = record_shifts(&s->moments, s, err);
	if (ret == 0)
		ret = deal_claims(s, err);
	if (ret == 0)
		ret = fill_models(s, err);
	if (ret == 0)
		ret = describe_mean(s, err);
	if (ret == 0)
		ret = fill_layers(s, err);
	return ret < 0 ? ret : run_tries(s, err);
}

static int begin(struct study *s, struct syc_err *err)
{
	struct syc_shift_found *out = s->out;
	int ret = study_open(s, err);

	if (ret == 0)
		ret = moments_init(&s->moments, s, err);
	if (ret == 0)
		ret = syc_sweep_outcome_of(&out->outcome, s->plan->questions,
					   err);
	for (unsigned k = 0; k < N_OF && ret == 0; k++) {
		s->base_by[k] = syc_calloc(out->n_claims + 1, sizeof(double));
		s->tuned_by[k] = syc_calloc(out->n_claims + 1, sizeof(double));
		if (!s->base_by[k] || !s->tuned_by[k])
			ret = syc_nomem(err);
	}
	return ret;
}

static void end(struct study *s)
{
	struct syc_shift_found *out = s->out;

	for (int side = 0; side < N_SIDES; side++)
		if (s->side[side].engine)
			syc_engine_stats(s->side[side].engine,
					 &out->stats[side]);
	out->n_tokens = s->n_tokens;
	out->memory = s->moments.bytes +
		(s->n_q + 2 * s->n_tokens) * s->side[TUNED].n_vocab * sizeof(float);
	tried_free(s);
	for (unsigned k = 0; k < N_OF; k++) {
		free(s->base_by[k]);
		free(s->tuned_by[k]);
	}
	free(s->half);
	moments_free(&s->moments);
	study_close(s);
}

int syc_shift_run(struct syc_shift_found **out,
		  const struct syc_shift_plan *plan, struct syc_err *err)
{
	struct study s = {
		.plan = plan,
		.place = plan->position == SYC_POSITION_LAST ? AT_LAST
							     : AT_PROMPT,
		.n_q = plan->questions->n,
		.n_u = plan->unrelated->n,
	};
	int ret;

	*out = NULL;
	s.out = syc_calloc(1, sizeof(*s.out));
	if (!s.out)
		return syc_nomem(err);
	s.out->n_questions = s.n_q;
	s.out->n_claims = plan->questions->n_claims;
	s.out->n_prompts = s.n_u;
	s.out->n_vectors = plan->n_vectors;
	s.out->chosen = (struct syc_shift_chosen){
		.made = none,
		.undo = nothing,
	};
	ret = begin(&s, err);
	if (ret == 0)
		ret = compare(&s, err);
	end(&s);
	if (ret < 0)
		syc_shift_free(s.out);
	else
		*out = s.out;
	return ret;
}

void syc_shift_free(struct syc_shift_found *f)
{
	if (!f)
		return;
	for (size_t i = 0; i < f->n; i++) {
		struct syc_shift_layer *l = &f->layer[i];

		free(l->made.null);
		free(l->made.null_left);
		free(l->undo.null);
		for (size_t k = 0; l->along && k < f->n_vectors; k++) {
			free(l->along[k].null);
			free(l->along[k].undo.null);
		}
		free(l->along);
	}
	for (size_t k = 0; f->chosen.along && k < f->n_vectors; k++)
		free(f->chosen.along[k].null);
	free(f->chosen.along);
	free(f->chosen.made.null);
	free(f->chosen.made.null_left);
	free(f->chosen.undo.null);
	free(f->layer);
	syc_vector_free(f->mean);
	free(f);
}
