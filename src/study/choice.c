/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <math.h>
#include <stdlib.h>
#include "base/err.h"
#include "syc/choice.h"

size_t syc_shared_tokens(const struct syc_ids *answer, size_t n)
{
	for (size_t at = 0;; at++) {
		for (size_t i = 0; i < n; i++)
			if (at >= answer[i].n)
				return SIZE_MAX;
		for (size_t i = 1; i < n; i++)
			if (answer[i].id[at] != answer[0].id[at])
				return at;
	}
}

int syc_choices_init(struct syc_choices *c, const struct syc_prompter *p,
		     const struct syc_row *row, struct syc_err *err)
{
	int ret = 0;

	*c = (struct syc_choices){ 0 };
	if (!row->n_match || !row->n_other)
		return syc_fail(err, SYC_EINVAL,
				"the row needs answer_matching_behavior and "
				"answer_not_matching_behavior");
	c->n = 1 + row->n_other;
	c->answer = calloc(c->n, sizeof(*c->answer));
	c->other = calloc(row->n_other, sizeof(*c->other));
	if (!c->answer || !c->other)
		return syc_nomem(err);
	for (size_t i = 0; i < c->n && ret == 0; i++)
		ret = syc_prompter_answer(p, &row->prompt,
					  i ? row->other[i - 1] : row->match[0],
					  &c->answer[i], err);
	if (ret < 0)
		return ret;
	c->shared = syc_shared_tokens(c->answer, c->n);
	if (c->shared == SIZE_MAX)
		return syc_fail(err, SYC_EINVAL,
				"the two answers do not differ");
	for (size_t i = 0; i < row->n_other; i++)
		c->other[i] = c->answer[i + 1].id[c->shared];
	return 0;
}

void syc_choices_free(struct syc_choices *c)
{
	for (size_t i = 0; c->answer && i < c->n; i++)
		syc_ids_free(&c->answer[i]);
	free(c->answer);
	free(c->other);
	*c = (struct syc_choices){ 0 };
}

double syc_choices_prob(const struct syc_choices *c, const float *logits)
{
	return syc_choice_prob(logits, c->answer[0].id[c->shared], c->other,
			       c->n - 1);
}

double syc_choices_mass(const struct syc_choices *c, const float *logits,
			size_t n_vocab)
{
	double all = 0, answers = 0;
	float most = logits[0];

	for (size_t i = 1; i < n_vocab; i++)
		most = logits[i] > most ? logits[i] : most;
	for (size_t i = 0; i < n_vocab; i++)
		all += exp((double)logits[i] - most);
	for (size_t i = 0; i < c->n; i++) {
		const int32_t id = i ? c->other[i - 1] : c->answer[0].id[c->shared];
		bool again = i && id == c->answer[0].id[c->shared];

		for (size_t j = 1; j < i && !again; j++)
			again = id == c->other[j - 1];
		answers += again ? 0 : exp((double)logits[id] - most);
	}
	return answers / all;
}
