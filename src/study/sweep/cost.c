/* SPDX-License-Identifier: MIT */
/* What a sweep will compute. */
#include "config.h"
#include "study/sweep/sweep.h"

enum { TRIES = 4 };	/* of a search, about */

struct tokens {
	double n, sum;	/* sequences and their tokens */
};

/* Prompts of q, the first n_answers with an answer behind. */
static struct tokens asked(const struct syc_sweep_questions *q,
			   size_t n_answers, size_t max_new)
{
	struct tokens t = { 0, 0 };

	for (size_t i = 0; q && i < q->n; i++) {
		t.n++;
		t.sum += (double)(q->question[i].prompt[0].n +
				  (i < n_answers ? max_new : 0));
	}
	return t;
}

/* Passages of answers. */
static struct tokens followed(const struct syc_sweep_questions *q,
			      size_t n_answers, size_t max_new)
{
	struct syc_sweep_questions first = *q;

	first.n = !max_new ? 0 : n_answers < q->n ? n_answers : q->n;
	return asked(&first, first.n, max_new);
}

void syc_sweep_cost(struct syc_sweep_cost *c,
		    const struct syc_sweep_settings *s,
		    const struct syc_sweep_plan *plan)
{
	const struct tokens q = asked(plan->questions, plan->n_answers,
				      plan->max_new),
			    control = asked(plan->control, 0, 0),
			    plain = asked(plan->questions, 0, 0),
			    answers =
				    followed(plan->unrelated ? plan->unrelated
							     : plan->questions,
					     plan->n_answers, plan->max_new),
			    text = {1, (double)plan->n_text},
			    of = plan->kl_on_text ? text : answers;
	const double tries = plan->at_kl > 0 ? TRIES : 0;
	double draws = 0, n;

	for (size_t i = 0; i < plan->n_nulls; i++)
		draws += (double)plan->null[i].n;
	n = draws * (double)s->n_keys;
	*c = (struct syc_sweep_cost){ .n_settings = s->n, .n_null = (size_t)n };
	c->null_tokens = n * (plain.sum + tries * of.sum);
	c->tokens = c->null_tokens + (double)s->n *
		(q.sum + control.sum + answers.sum + text.sum + tries * of.sum);
	c->sequences = n * (plain.n + tries * of.n) + (double)s->n *
		(q.n + control.n + answers.n + text.n + tries * of.n);
}
