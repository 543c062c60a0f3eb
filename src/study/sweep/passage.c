/* SPDX-License-Identifier: MIT */
/* Tokens along which settings are compared: answers and a text. */
#include "config.h"
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "base/mem.h"
#include "run/engine.h"
#include "study/sweep/sweep.h"

/* What a model is not asked to have an opinion on. */
static const char neutral[] =
	"A lighthouse stands on the last rock of the bay. Its keeper climbs "
	"the stairs each evening, counts them without meaning to, and "
	"lights the lamp before the boats come home. In winter the wind is "
	"so strong that the windows hum, and the bread has to be brought "
	"over the ice by sledge. In summer there are visitors, who ask how "
	"far the light can be seen. Twenty miles, he says, when the air is "
	"clear. The mechanism was built by two brothers in a workshop "
	"behind the church. It runs on a weight that sinks through the "
	"tower, like that of a clock, and must be wound up again every four "
	"hours. The keeper writes the weather into a book: wind from the "
	"north, rain after noon, a ship with three masts at sunset. The "
	"oldest page is from a year that nobody remembers. On the shelf "
	"below the book lie a brass telescope, a box of matches and a map "
	"of the coast on which the depths are given in fathoms.";

/* An impossible token: p ln p is 0 and q has no say. */
static const float impossible = -1e30f;

static int init(struct passage *t, size_t n_variants)
{
	t->n_variants = n_variants;
	t->tokens = calloc(n_variants, sizeof(*t->tokens));
	t->n_prompt = calloc(n_variants, sizeof(*t->n_prompt));
	return t->tokens && t->n_prompt ? 0 : SYC_ENOMEM;
}

int passage_of_text(struct passage *t, const struct syc_sweep_plan *plan,
		    size_t n_ctx, struct syc_err *err)
{
	const char *text = plan->text ? plan->text : neutral;
	const size_t len = plan->text ? plan->text_len : strlen(neutral);
	const size_t max = plan->n_text < n_ctx ? plan->n_text : n_ctx;
	int ret = init(t, 1) < 0 ? syc_nomem(err) : 0;

	t->is_text = true;
	if (ret == 0)
		ret = syc_vocab_encode(syc_model_vocab(plan->model), text, len,
				       SYC_TOK_BOS, t->tokens, err);
	if (ret < 0)
		return ret;
	if (t->tokens->n > max)
		t->tokens->n = max;
	if (t->tokens->n < 2)
		return syc_fail(err, SYC_EINVAL,
				"the text has %zu tokens, not two or more",
				t->tokens->n);
	*t->n_prompt = 1;
	t->n = t->tokens->n - 1;
	return 0;
}

int passage_of_answer(struct passage *t, const struct syc_sweep_question *q,
		      size_t n_variants, const struct syc_ids *answer,
		      size_t n_ctx)
{
	const size_t behind = t->n ? t->n - 1 : 0;

	if (init(t, n_variants) < 0)
		return SYC_ENOMEM;
	for (size_t i = 0; i < n_variants; i++) {
		const struct syc_ids *p = &q->prompt[i];
		const size_t room = n_ctx - p->n;

		t->n_prompt[i] = p->n;
		if (syc_ids_add(&t->tokens[i], p->id, p->n) < 0 ||
		    syc_ids_add(&t->tokens[i], answer->id,
				behind < room ? behind : room) < 0)
			return SYC_ENOMEM;
	}
	return 0;
}

/* By the engine's kernels: in double it would be most of a sweep's time. */
static double log_sum(const struct sweep *w, const float *logits)
{
	return syc_step_log_sum(w->engine->kern, logits, w->n_vocab,
				w->engine->probs);
}

int passage_keep(struct passage *t, size_t i, const float *logits,
		 const struct sweep *w)
{
	const size_t n_vocab = w->n_vocab;
	const double lse = log_sum(w, logits);
	float *p = realloc(t->logprob, (i + 1) * n_vocab * sizeof(*p));

	if (!p)
		return SYC_ENOMEM;
	t->logprob = p;
	for (size_t k = 0; k < n_vocab; k++)
		p[i * n_vocab + k] = (float)((double)logits[k] - lse);
	return 0;
}

double passage_kl(const struct passage *t, size_t i, const float *logits,
		  const struct sweep *w, double *lse)
{
	const size_t n_vocab = w->n_vocab;
	const float *base = t->logprob + i * n_vocab;
	float *p = w->engine->probs;
	double kl = 0;

	*lse = log_sum(w, logits);
	w->engine->kern->exp_sum(p, base, 0, n_vocab);
	for (size_t k = 0; k < n_vocab; k++)
		if (base[k] > impossible)
			kl += (double)p[k] *
			      ((double)base[k] - ((double)logits[k] - *lse));
	return kl;
}

void passage_free(struct passage *t)
{
	for (size_t i = 0; t->tokens && i < t->n_variants; i++)
		syc_ids_free(&t->tokens[i]);
	free(t->tokens);
	free(t->n_prompt);
	free(t->logprob);
}
