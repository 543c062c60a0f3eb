/* SPDX-License-Identifier: MIT */
/* Two models that can be compared, and the scale at which they are so far apart. */
#include "config.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "base/mem.h"
#include "study/shift/shift.h"

/* ---- both models --------------------------------------------------------------- */

static int check_shapes(const struct syc_config *a, const struct syc_config *b,
			struct syc_err *err)
{
	if (a->reward || b->reward)
		return syc_fail(err, SYC_EINVAL,
				"a reward model predicts no tokens");
	if (a->n_layers == b->n_layers && a->dim == b->dim &&
	    a->n_vocab == b->n_vocab)
		return 0;
	return syc_fail(err, SYC_EINVAL,
			"a model of %" PRIu32 " layers, width %" PRIu32
			" and %" PRIu32
			" tokens was not tuned from one of %" PRIu32
			", %" PRIu32 " and %" PRIu32,
			b->n_layers, b->dim, b->n_vocab, a->n_layers, a->dim,
			a->n_vocab);
}

static int check_plan(const struct syc_shift_plan *p, struct syc_err *err)
{
	const struct syc_config *c = syc_model_config(p->base);

	if (!p->unrelated->n || !p->max_new)
		return syc_fail(err, SYC_EINVAL,
				"there are no prompts to have a KL on");
	for (size_t i = 0; i < p->n_layers; i++)
		if (p->layers[i] >= c->n_layers)
			return syc_fail(err, SYC_EINVAL,
					"layer %" PRIu32
					": the model has %" PRIu32,
					p->layers[i], c->n_layers);
	for (size_t i = 0; i < p->n_vectors; i++)
		if (p->vector[i].v->dim != c->dim)
			return syc_fail(err, SYC_EINVAL,
					"%s has width %zu, the model %" PRIu32,
					p->vector[i].name, p->vector[i].v->dim,
					c->dim);
	return 0;
}

/* Room for distributions; engines are as models are there. */
static int make_room(struct study *s, struct syc_err *err)
{
	s->question = syc_calloc(s->n_q + 1, sizeof(*s->question));
	s->prompt = syc_calloc(s->n_u + 1, sizeof(*s->prompt));
	if (!s->question || !s->prompt)
		return syc_nomem(err);
	for (size_t i = 0; i < s->n_q; i++)
		s->question[i].n = 1;
	return answers_init(&s->base, s, err) < 0
		       ? SYC_ENOMEM
		       : answers_init(&s->tuned, s, err);
}

int study_open(struct study *s, struct syc_err *err)
{
	int ret = check_plan(s->plan, err);

	if (ret == 0 && !s->n_q)
		ret = syc_fail(err, SYC_EINVAL, "there are no questions");
	if (ret == 0)
		ret = check_shapes(syc_model_config(s->plan->base),
				   syc_model_config(s->plan->tuned), err);
	if (ret == 0)
		ret = make_room(s, err);
	s->own = syc_calloc(s->n_u + 1, sizeof(*s->own));
	if (ret == 0 && !s->own)
		ret = syc_nomem(err);
	for (int side = 0; side < N_SIDES && ret == 0; side++)
		ret = ask_open(s, side,
			       side == BASE ? s->plan->base : s->plan->tuned,
			       err);
	return ret;
}

void study_close(struct study *s)
{
	for (int side = 0; side < N_SIDES; side++)
		ask_close(s, side);
	for (size_t i = 0; s->question && i < s->n_q; i++)
		passage_free(&s->question[i]);
	for (size_t i = 0; s->prompt && i < s->n_u; i++)
		passage_free(&s->prompt[i]);
	for (size_t i = 0; s->own && i < s->n_u; i++)
		passage_free(&s->own[i]);
	free(s->question);
	free(s->prompt);
	free(s->own);
	answers_free(&s->base);
	answers_free(&s->tuned);
}

/* ---- the search ---------------------------------------------------------------- */

struct scaling {
	struct study s;
	struct syc_model *now;	/* the last that was opened */
	int (*open)(void *arg, struct syc_model **m, float scale,
		    struct syc_err *err);
	void *arg;
};

static int reopen(struct scaling *a, double scale, struct syc_err *err)
{
	syc_model_close(a->now);
	a->now = NULL;
	return a->open(a->arg, &a->now, (float)scale, err);
}

static int measure(void *arg, struct kl_search *const *look, size_t n,
		   struct syc_err *err)
{
	struct scaling *a = arg;
	const struct asking as_it_is = { NULL, &a->s.base };
	int ret = reopen(a, look[0]->scale, err);

	(void)n;	/* there is one */
	if (ret == 0)
		ret = check_shapes(syc_model_config(a->s.plan->base),
				   syc_model_config(a->now), err);
	if (ret == 0)
		ret = ask_open(&a->s, TUNED, a->now, err);
	if (ret == 0)
		ret = ask_tuned(&a->s, ASK_PROMPTS, err);
	if (ret == 0)
		ret = ask_all(&a->s, BASE, &as_it_is, 1, ASK_PROMPTS, err);
	look[0]->kl = ret == 0 ? ask_kl(&a->s, TUNED, &a->s.base) : 0;
	ask_close(&a->s, TUNED);
	return ret;
}

static int search(struct scaling *a, struct syc_shift_scale *out, double at_kl,
		  double most, struct syc_err *err)
{
	struct kl_search k = { .scale = most < 1 ? most : 1, .full = most };
	int ret = ask_open(&a->s, BASE, a->s.plan->base, err);

	a->s.part = "the scale";
	if (ret == 0)
		ret = ask_passages(&a->s, err);
	if (ret == 0)
		ret = kl_search(&k, 1, at_kl, measure, a, err);
	if (ret == 0)
		ret = reopen(a, k.scale, err);
	*out = (struct syc_shift_scale){ (double)(float)k.scale, k.kl, k.reached };
	return ret;
}

int syc_shift_scale(struct syc_shift_scale *out, struct syc_model **tuned,
		    const struct syc_shift_plan *plan, double at_kl,
		    double most,
		    int (*open)(void *arg, struct syc_model **m, float scale,
				struct syc_err *err),
		    void *arg, struct syc_err *err)
{
	struct scaling a = {
		.s = {.plan = plan, .n_u = plan->unrelated->n},
		.open = open,
		.arg = arg,
	};
	int ret = check_plan(plan, err);

	*tuned = NULL;
	if (ret == 0)
		ret = make_room(&a.s, err);
	if (ret == 0)
		ret = search(&a, out, at_kl, most, err);
	study_close(&a.s);
	if (ret < 0)
		syc_model_close(a.now);
	else
		*tuned = a.now;
	return ret;
}
