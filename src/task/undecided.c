/* SPDX-License-Identifier: MIT */
/* Undecided rows by reason, and what to do about them. */
#include "config.h"
#include <stdio.h>
#include <string.h>
#include "syc/task.h"

static const char *const advice[][2] = {
	{ "empty", "nothing was said: look at the prompt with syc-gen --show-prompt" },
	{ "cut off", "no answer before the token limit: raise syc-gen --max-tokens" },
	{ "contradiction", "they name several choices: --by=judge, --by=hand or probabilities" },
	{ "both", "they give several choices at once, or two answers of the row are the same" },
	{ "denied", "they say only what is not the answer: --by=judge or --by=hand" },
	{ "echo", "they only repeat the list: --by=probability, after syc-gen --choices" },
	{ "another letter", "it is none of the row's: name all in answer_not_matching_behavior" },
	{ "neither", "no rule found an answer: read some, then another --by" },
	{ "too many answers", "the row has more than can be told apart" },
	{ "mass", "the judge gave none of the allowed answers: another --rubric or judge" },
};

const char *syc_undecided_advice(const char *why)
{
	for (size_t i = 0; i < sizeof(advice) / sizeof(advice[0]); i++)
		if (strcmp(advice[i][0], why) == 0)
			return advice[i][1];
	return "within the margin, or no rule decides";
}

void syc_undecided_add(struct syc_undecided *u, const char *why)
{
	size_t i = 0;

	while (i < u->n && strncmp(u->reason[i].why, why,
				   sizeof(u->reason[i].why) - 1) != 0)
		i++;
	if (i == SYC_UNDECIDED_MAX)
		return;
	if (i == u->n) {
		snprintf(u->reason[i].why, sizeof(u->reason[i].why), "%s", why);
		u->n++;
	}
	u->reason[i].count++;
}
