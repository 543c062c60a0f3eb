/* SPDX-License-Identifier: MIT */
/* The probability of the matching answer among a row's answers. */
#ifndef SYC_CHOICE_H
#define SYC_CHOICE_H
#include "syc/engine.h"
#include "syc/prompter.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * The answers of a row as tokens.  They are told apart by the first token in
 * which the matching one differs from the others; P(matching) is its
 * probability there among those of all answers.
 */
struct syc_choices {
	struct syc_ids *answer;	/* [n] the matching one first */
	size_t n;
	size_t shared;		/* tokens that all begin with */
	int32_t *other;		/* [n - 1] what the others have behind them */
};

/*
 * The number of tokens that all n answers begin with, SIZE_MAX when one is the
 * beginning of another.
 */
SYC_API size_t syc_shared_tokens(const struct syc_ids *answer, size_t n);
/*
 * The choices of a row, whose first matching answer and all others count.
 * SYC_EINVAL when it lacks one or the answers do not differ.  c is zeroed
 * first; free it always.
 */
SYC_API int syc_choices_init(struct syc_choices *c,
			     const struct syc_prompter *p,
			     const struct syc_row *row, struct syc_err *err);
SYC_API void syc_choices_free(struct syc_choices *c);
/* P(matching) from the logits [n_vocab] behind the prompt and the shared tokens. */
SYC_API double syc_choices_prob(const struct syc_choices *c,
				const float *logits);

/*
 * The probability of all answers together, among all n_vocab tokens: how much of
 * the model's answer P(matching) is conditional on.
 */
SYC_API double syc_choices_mass(const struct syc_choices *c,
				const float *logits, size_t n_vocab);

#ifdef __cplusplus
}
#endif
#endif
