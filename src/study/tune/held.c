/* SPDX-License-Identifier: MIT */
/* How the model does on rows that it is not trained on. */
#include "config.h"
#include <math.h>
#include "study/tune/tune.h"

double tune_softplus(double x)
{
	return x > 0 ? x + log1p(exp(-x)) : log1p(exp(x));
}

double tune_logistic(double x)
{
	return x > 0 ? 1 / (1 + exp(-x)) : exp(x) / (1 + exp(x));
}

/* The loss of a row times its weight, and what that is divided by. */
static double row_loss(const struct syc_tune *u, size_t i, double *by)
{
	const struct syc_tune_example *e = &u->held->e[i];
	const struct syc_tune_text *x = &e->text[e->trained];
	const double *lp = u->logprob[i], *ref;

	if (u->plan.loss == SYC_TUNE_ANSWERS) {
		*by += e->weight * (double)(x->n - x->n_prompt);
		return -e->weight * lp[e->trained];
	}
	ref = u->ref_held[i];
	*by += e->weight;
	return e->weight * tune_softplus(-u->plan.beta *
					 (lp[e->trained] - ref[e->trained] -
					  lp[e->rejected] + ref[e->rejected]));
}

static void sum_up(const struct syc_tune *u, struct syc_tune_held *out)
{
	const size_t n = u->held->n;
	double by = 0;

	*out = (struct syc_tune_held){ 0 };
	for (size_t i = 0; i < n; i++) {
		const struct syc_tune_example *e = &u->held->e[i];
		const double match = u->logprob[i][e->match],
			     other = u->logprob[i][e->other];

		out->loss += row_loss(u, i, &by);
		out->p_match += tune_logistic(match - other) / (double)n;
		out->mass += (exp(match) + exp(other)) / (double)n;
	}
	out->loss /= by;
}

int syc_tune_look(struct syc_tune *u, struct syc_tune_held *out,
		  struct syc_err *err)
{
	const unsigned which = TRAINED | CHOICES |
			       (u->plan.loss == SYC_TUNE_DPO ? REJECTED : 0);
	int ret = tune_refer(u, err);

	if (ret == 0)
		ret = tune_probs(u, u->held, SYC_TRAIN_TUNED, which, u->logprob,
				 err);
	if (ret == 0)
		sum_up(u, out);
	return ret;
}
