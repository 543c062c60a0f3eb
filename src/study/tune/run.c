/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "base/mem.h"
#include "base/rand.h"
#include "study/tune/tune.h"
#include "syc/random.h"

/* Rows that go by, those of later epochs too. */
static uint64_t rows_of(const struct syc_tune_plan *plan, size_t n)
{
	return plan->steps ? plan->steps * plan->batch
			   : (uint64_t)ceil(plan->epochs * (double)n - 1e-9);
}

uint64_t syc_tune_steps(const struct syc_tune_plan *plan, size_t n)
{
	return (rows_of(plan, n) + plan->batch - 1) / plan->batch;
}

/* What reading them should have seen to. */
static int check_rows(const struct syc_tune_rows *rows, unsigned which,
		      struct syc_err *err)
{
	for (size_t i = 0; i < rows->n; i++) {
		const struct syc_tune_example *e = &rows->e[i];

		if ((which & REJECTED && e->rejected < 0) ||
		    (which & CHOICES && (e->match < 0 || e->other < 0)))
			return syc_fail(err, SYC_EINVAL,
					"%.300s: an answer is missing",
					e->place);
	}
	return 0;
}

static int check_plan(const struct syc_tune_plan *p,
		      const struct syc_tune_rows *train,
		      const struct syc_tune_rows *held, struct syc_err *err)
{
	const unsigned pairs = p->loss == SYC_TUNE_DPO ? REJECTED : 0;
	int ret;

	if (!p->batch || !p->tokens || !train->n ||
	    !(p->steps || p->epochs > 0) || !(p->adam.rate > 0) ||
	    (pairs && !(p->beta > 0)) || (held && !held->n))
		return syc_fail(err, SYC_EINVAL,
				"a plan without rows, steps, rate or beta");
	ret = check_rows(train, pairs, err);
	return ret < 0 || !held ? ret : check_rows(held, pairs | CHOICES, err);
}

/* The arrays; false without memory. */
static bool make_room(struct syc_tune *u)
{
	const size_t n = u->w->n_values;

	u->grad = syc_calloc(n, sizeof(*u->grad));
	u->m = syc_calloc(n, sizeof(*u->m));
	u->v = syc_calloc(n, sizeof(*u->v));
	u->order = syc_calloc(u->train->n, sizeof(*u->order));
	if (u->plan.best)
		u->best = syc_calloc(n, sizeof(*u->best));
	if (u->held)
		u->logprob = syc_calloc(u->held->n, sizeof(*u->logprob));
	return u->grad && u->m && u->v && u->order &&
	       (u->best || !u->plan.best) && (u->logprob || !u->held);
}

int syc_tune_new(struct syc_tune **out, struct syc_trainer *t,
		 struct syc_lora_weights *w, const struct syc_tune_rows *train,
		 const struct syc_tune_rows *held,
		 const struct syc_tune_plan *plan, struct syc_err *err)
{
	struct syc_tune *u;
	int ret = check_plan(plan, train, held, err);

	*out = NULL;
	if (ret < 0)
		return ret;
	u = calloc(1, sizeof(*u));
	if (!u)
		return syc_nomem(err);
	*u = (struct syc_tune){ .t = t, .w = w, .train = train, .held = held, .plan = *plan,
				.epoch = UINT64_MAX, .least = INFINITY };
	u->plan.best = plan->best && held;
	u->n_steps = syc_tune_steps(plan, train->n);
	u->n_warm = (uint64_t)ceil(plan->warmup * (double)u->n_steps - 1e-9);
	if (!make_room(u)) {
		syc_tune_free(u);
		return syc_nomem(err);
	}
	*out = u;
	return 0;
}

void syc_tune_free(struct syc_tune *u)
{
	if (!u)
		return;
	pass_free(&u->pass);
	free(u->grad);
	free(u->m);
	free(u->v);
	free(u->best);
	free(u->order);
	free(u->ref);
	free(u->ref_held);
	free(u->logprob);
	free(u);
}

/* ---- a step -------------------------------------------------------------- */

/* The row that comes at that place of all that go by. */
static size_t row_at(struct syc_tune *u, uint64_t at)
{
	const uint64_t epoch = at / u->train->n;

	if (epoch != u->epoch)
		syc_random_order(u->order, u->train->n,
				 syc_rand_key(u->plan.seed, "epoch", epoch));
	u->epoch = epoch;
	return u->order[at % u->train->n];
}

/* A step under way: its rows [from, to), what the loss is divided by, sums. */
struct step {
	uint64_t from, to;
	double by;
	size_t n_masses;
	struct syc_tune_step *out;
};

static double weight_of(const struct syc_tune *u, size_t row)
{
	const struct syc_tune_example *e = &u->train->e[row];
	const struct syc_tune_text *x = &e->text[e->trained];

	return u->plan.loss == SYC_TUNE_DPO
		       ? e->weight
		       : e->weight * (double)(x->n - x->n_prompt);
}

/* Loss and coefficients of one answer. */
static void answer(struct syc_tune *u, struct step *s, size_t i)
{
	struct pass *p = &u->pass;
	const double w = u->train->e[p->row[i]].weight / s->by;

	s->out->loss -= w * p->logprob[i];
	p->coef[i] = -w;
}

/* Of a pair, the trained answer at i, the rejected one behind it. */
static void pair(struct syc_tune *u, struct step *s, size_t i)
{
	struct pass *p = &u->pass;
	const struct syc_tune_example *e = &u->train->e[p->row[i]];
	const double *ref = u->ref[p->row[i]];
	const double z = u->plan.beta * (p->logprob[i] - ref[e->trained] -
					 p->logprob[i + 1] + ref[e->rejected]);
	const double w = e->weight / s->by, n = (double)(s->to - s->from);

	s->out->loss += w * tune_softplus(-z);
	p->coef[i] = -w * u->plan.beta * tune_logistic(-z);
	p->coef[i + 1] = -p->coef[i];
	s->out->chosen += p->logprob[i] / n;
	s->out->margin += z / n;
	if ((e->trained == e->match && e->rejected == e->other) ||
	    (e->trained == e->other && e->rejected == e->match)) {
		s->out->mass += exp(p->logprob[i]) + exp(p->logprob[i + 1]);
		s->n_masses++;
	}
}

/* Forward and backward of what is in the pass. */
static int learn(struct syc_tune *u, struct step *s, struct syc_err *err)
{
	struct pass *p = &u->pass;
	int ret = p->n ? pass_forward(p, u->t, u->train, SYC_TRAIN_LEARN, err)
		       : 0;

	for (size_t i = 0; i < p->n && ret == 0; i++) {
		if (u->plan.loss == SYC_TUNE_ANSWERS)
			answer(u, s, i);
		else if (i % 2 == 0)
			pair(u, s, i);
	}
	if (ret == 0 && p->n)
		ret = syc_trainer_backward(u->t, p->coef, u->grad, err);
	p->n = p->tokens = 0;
	return ret;
}

/* A row into the pass, behind those that there is no more room beside. */
static int take(struct syc_tune *u, struct step *s, uint64_t at,
		struct syc_err *err)
{
	const size_t row = row_at(u, at);
	const struct syc_tune_example *e = &u->train->e[row];
	const bool both = u->plan.loss == SYC_TUNE_DPO;
	const size_t tokens =
		e->text[e->trained].n + (both ? e->text[e->rejected].n : 0);
	int ret = 0;

	if (!pass_holds(&u->pass, tokens, u->plan.tokens))
		ret = learn(u, s, err);
	if (ret == 0)
		ret = pass_add(&u->pass, e, row, e->trained, 2 * at, err);
	if (ret == 0 && both)
		ret = pass_add(&u->pass, e, row, e->rejected, 2 * at + 1, err);
	return ret;
}

static int gradient(struct syc_tune *u, struct step *s, struct syc_err *err)
{
	int ret = 0;

	memset(u->grad, 0, u->w->n_values * sizeof(*u->grad));
	u->pass.n = u->pass.tokens = 0;
	for (uint64_t at = s->from; at < s->to; at++)
		s->by += weight_of(u, row_at(u, at));
	for (uint64_t at = s->from; at < s->to && ret == 0; at++)
		ret = take(u, s, at, err);
	if (ret == 0)
		ret = learn(u, s, err);
	if (ret == 0 && u->plan.loss == SYC_TUNE_DPO)
		s->out->mass =
			s->n_masses ? s->out->mass / (double)s->n_masses : NAN;
	return ret;
}

static int update(struct syc_tune *u, struct syc_tune_step *out,
		  struct syc_err *err)
{
	struct syc_adamw adam = u->plan.adam;

	out->norm = syc_clip(u->grad, u->w->n_values, u->plan.clip);
	if (!isfinite(out->norm))
		return syc_fail(err, SYC_EINVAL, "the gradient is not finite");
	adam.rate *=
		syc_tune_rate(u->step, u->n_steps, u->n_warm, u->plan.decay);
	out->rate = adam.rate;
	syc_adamw_step(&adam, u->w->values, u->grad, u->m, u->v, u->w->n_values,
		       u->step + 1);
	return 0;
}

/* ---- between steps ------------------------------------------------------- */

static bool is_due(const struct syc_tune *u, const struct step *s)
{
	if (!u->held)
		return false;
	if (u->step == u->n_steps)
		return true;
	return u->plan.eval_every ? u->step % u->plan.eval_every == 0
				  : s->to / u->train->n > s->from / u->train->n;
}

static int look(struct syc_tune *u, struct syc_tune_step *out,
		struct syc_err *err)
{
	const int ret = syc_tune_look(u, &out->held, err);

	if (ret < 0)
		return ret;
	out->looked = true;
	out->best = out->held.loss < u->least;
	if (!out->best) {
		u->worse++;
		return 0;
	}
	u->least = out->held.loss;
	u->worse = 0;
	if (u->best)
		memcpy(u->best, u->w->values,
		       u->w->n_values * sizeof(*u->best));
	return 0;
}

static bool is_done(const struct syc_tune *u)
{
	return u->step == u->n_steps ||
	       (u->plan.patience && u->worse >= u->plan.patience);
}

/* Say at which step it was. */
static int at_step(const struct syc_tune *u, int ret, const struct syc_err *e,
		   struct syc_err *err)
{
	if (ret != SYC_EINVAL)
		return syc_fail(err, ret, "%s", e->msg);
	return syc_fail(err, ret, "step %" PRIu64 ": %.440s", u->step + 1,
			e->msg);
}

int syc_tune_next(struct syc_tune *u, struct syc_tune_step *out,
		  struct syc_err *err)
{
	const uint64_t n = rows_of(&u->plan, u->train->n),
		       from = u->step * u->plan.batch;
	struct step s = { .from = from, .out = out };
	struct syc_err e = { 0 };
	int ret;

	*out = (struct syc_tune_step){ .step = u->step + 1, .n_steps = u->n_steps };
	if (is_done(u)) {
		if (u->best && isfinite(u->least))
			memcpy(u->w->values, u->best,
			       u->w->n_values * sizeof(*u->best));
		return 0;
	}
	s.to = n - from < u->plan.batch ? n : from + u->plan.batch;
	out->epoch = (double)s.to / (double)u->train->n;
	ret = tune_refer(u, &e);
	if (ret == 0)
		ret = gradient(u, &s, &e);
	if (ret == 0)
		ret = update(u, out, &e);
	if (ret < 0)
		return at_step(u, ret, &e, err);
	u->step++;
	ret = is_due(u, &s) ? look(u, out, err) : 0;
	return ret < 0 ? ret : 1;
}
