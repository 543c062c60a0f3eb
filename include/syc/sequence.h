/* SPDX-License-Identifier: MIT */
/* The token sequences that a row asks for: a prompt and what was answered. */
#ifndef SYC_SEQUENCE_H
#define SYC_SEQUENCE_H
#include "syc/prompter.h"
#include "syc/record.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A sequence to be recorded: a prompt and what was answered. */
struct syc_sequence {
	struct syc_job job;
	struct syc_row *row;	/* borrowed or own, see owns */
	bool owns;
	char *line;		/* [len] the row's bytes */
	size_t len;
	const struct syc_prompt *prompt;
	int answer; /* 1 the matching, 0 the other, -1 a completion */
	struct syc_ids ids;	/* prompt and answer */
	size_t n_prompt;
	struct syc_spots at;
};

/* The positions of a prompt without an answer. */
#define SYC_POSITIONS_ALONE (1u << SYC_POSITION_PROMPT | 1u << SYC_POSITION_ALL)

/* How answers are chosen. */
struct syc_sequence_rules {
	bool answers;		/* the two answers even where a completion is */
	unsigned positions;
	size_t n_ctx;
};

/*
 * Make the items of a row: one for its completion (or its prompt alone, when
 * the positions need no more), or two, the matching answer first.  out [2];
 * *n how many.  Takes over row (also on failure).
 */
SYC_API int syc_sequences_of_row(struct syc_sequence **out, size_t *n,
				 const struct syc_sequence_rules *rules,
				 const struct syc_prompter *p, const char *line,
				 size_t len, struct syc_row *row,
				 struct syc_err *err);
/*
 * The two prompts of a contrast pair, the positive one first.  Otherwise as
 * syc_sequences_of_row().
 */
SYC_API int syc_sequences_of_prompts(struct syc_sequence **out,
				     const struct syc_sequence_rules *rules,
				     const struct syc_prompter *p,
				     const char *line, size_t len,
				     struct syc_row *row, struct syc_err *err);
SYC_API void syc_sequence_free(struct syc_sequence *it);

#ifdef __cplusplus
}
#endif
#endif
