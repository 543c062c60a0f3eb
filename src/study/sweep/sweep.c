/* SPDX-License-Identifier: MIT */
/* A sweep from its plan to its figures. */
#include "config.h"
#include <math.h>
#include <stdlib.h>
#include "base/err.h"
#include "base/mem.h"
#include "study/sweep/sweep.h"
#include "syc/sweep_test.h"

/* Operators that know no largest scale are searched up to this one. */
static const double largest = 1e4;

/* ---- equal KL ---------------------------------------------------------------- */

static int steer_by(const struct sweep *w, struct syc_sweep_setting *s,
		    double scale, struct syc_err *err)
{
	s->rule.scale = (float)scale;
	s->scale = (double)s->rule.scale;
	return setting_steer(s, w->plan->model, w->plan->seed, err);
}

/* One run with all settings that are still looking. */
static int measure(void *arg, struct kl_search *const *look, size_t n,
		   struct syc_err *err)
{
	struct sweep *w = arg;
	struct syc_sweep_setting **list = calloc(n, sizeof(*list));
	int ret = list ? 0 : syc_nomem(err);

	for (size_t i = 0; i < n && ret == 0; i++) {
		list[i] = look[i]->user;
		ret = steer_by(w, list[i], look[i]->scale, err);
	}
	if (ret == 0)
		ret = sweep_pass(w, list, n, RUN_PASSAGES, err);
	for (size_t i = 0; i < n && ret == 0; i++) {
		const struct sums *sum = &w->sums[list[i] - w->all->setting];

		look[i]->kl = w->plan->kl_on_text ?
			sum->text_kl / (double)sum->n_text :
			sum->kl / (double)sum->n_kl;
	}
	free(list);
	return ret;
}

static double full_scale(enum syc_steer_op op)
{
	return fmin(syc_steer_op_info(op)->full, largest);
}

int find_scales(struct sweep *w, struct syc_err *err)
{
	struct kl_search *a = calloc(w->all->n, sizeof(*a));
	size_t n = 0;
	int ret;

	if (!a)
		return syc_nomem(err);
	for (size_t i = 0; i < w->all->n; i++) {
		struct syc_sweep_setting *s = &w->all->setting[i];

		if (is_steered(s))
			a[n++] = (struct kl_search){
				.user = s, .scale = (double)s->rule.scale,
				.full = full_scale(s->rule.op),
			};
	}
	ret = kl_search(a, n, w->plan->at_kl, measure, w, err);
	for (size_t i = 0; i < n && ret == 0; i++) {
		struct syc_sweep_setting *s = a[i].user;

		s->reached = a[i].reached;
		ret = steer_by(w, s, a[i].scale, err);
	}
	free(a);
	return ret;
}

/* ---- all of it ---------------------------------------------------------------- */

/* Room for the unsteered model's answers, and the text. */
static int make_passages(struct sweep *w, struct syc_err *err)
{
	const struct syc_sweep_plan *plan = w->plan;
	const size_t all = plan->unrelated ? plan->unrelated->n : plan->questions->n;
	size_t n = plan->n_answers < all ? plan->n_answers : all;

	if (!plan->max_new)
		n = 0;
	if (plan->at_kl > 0 && !plan->kl_on_text && !n)
		return syc_fail(err, SYC_EINVAL,
				"there are no answers to have that KL on");
	w->passage = calloc(n + 1, sizeof(*w->passage));
	if (!w->passage)
		return syc_nomem(err);
	w->n_passages = n + 1;
	return passage_of_text(&w->passage[n], plan, w->n_ctx, err);
}

/* What is to change, and room for it and for answers. */
static int make_room(struct sweep *w, struct syc_err *err)
{
	const struct syc_sweep_plan *plan = w->plan;
	const size_t all = plan->questions->n, n_claims = plan->questions->n_claims;
	size_t n = plan->n_answers < all ? plan->n_answers : all;

	if (!plan->max_new)
		n = 0;
	w->all->n_claims = n_claims;
	w->claim_number = syc_calloc(n_claims + 1, sizeof(*w->claim_number));
	if (!w->claim_number)
		return syc_nomem(err);
	for (size_t c = 0; c < n_claims; c++)
		w->claim_number[c] = (uint32_t)c;
	for (size_t i = 0; i < w->all->n; i++) {
		struct syc_sweep_setting *s = &w->all->setting[i];

		s->answer = syc_calloc(n + 1, sizeof(*s->answer));
		if (!s->answer)
			return syc_nomem(err);
		s->n_answered = n;
	}
	return syc_sweep_outcome_of(&w->all->outcome, plan->questions, err);
}

static int run_all(struct sweep *w, struct syc_err *err)
{
	const size_t n = w->all->n;
	struct syc_sweep_setting **list = calloc(n, sizeof(*list));
	int ret = list ? make_room(w, err) : syc_nomem(err);

	for (size_t i = 0; i < n && ret == 0; i++)
		list[i] = &w->all->setting[i];
	if (ret == 0)
		ret = sweep_pass(w, list, 1, RUN_BASE, err);
	if (ret == 0 && w->plan->at_kl > 0)
		ret = find_scales(w, err);
	if (ret == 0)
		ret = sweep_pass(w, list + 1, n - 1, RUN_ALL, err);
	for (size_t i = 0; i < n && ret == 0; i++)
		ret = summarize_setting(w, list[i], err);
	free(list);
	return ret < 0 ? ret : null_run(w, err);
}

static void sweep_free(struct sweep *w)
{
	for (size_t i = 0; i < w->n_passages; i++)
		passage_free(&w->passage[i]);
	free(w->passage);
	free(w->sums);
	free(w->claim_number);
	free(w->start);
	syc_engine_free(w->engine);
}

int syc_sweep_run(struct syc_sweep_settings *s,
		  const struct syc_sweep_plan *plan, struct syc_err *err)
{
	struct syc_hook hook = syc_steer_hook();
	struct syc_engine_opts eo = plan->engine;
	struct sweep w = {
		.plan = plan, .all = s, .n_ctx = eo.n_ctx,
		.n_vocab = syc_vocab_size(syc_model_vocab(plan->model)),
	};
	int ret;

	if (!w.n_ctx)
		w.n_ctx = syc_model_config(plan->model)->n_ctx;
	eo.hooks = &hook;
	eo.n_hooks = 1;
	w.sums = calloc(s->n, sizeof(*w.sums));
	ret = w.sums ? make_passages(&w, err) : syc_nomem(err);
	if (ret == 0)
		ret = syc_engine_new(&w.engine, plan->model, &eo, err);
	if (ret == 0)
		ret = run_all(&w, err);
	if (ret == 0) {
		s->n_answers = w.n_passages - 1;
		s->n_text = w.passage[s->n_answers].n + 1;
		syc_engine_stats(w.engine, &s->stats);
	}
	sweep_free(&w);
	return ret;
}
