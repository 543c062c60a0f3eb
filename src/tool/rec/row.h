/* SPDX-License-Identifier: MIT */
/* syc-rec's rows: the token sequences that an input row asks for. */
#ifndef SRC_TOOL_REC_ROW_H
#define SRC_TOOL_REC_ROW_H
#include "syc/record.h"
#include "tool/common/load.h"
#include "tool/common/rows.h"

/* A sequence to be recorded: a prompt and what was answered. */
struct syc_rec_item {
	struct syc_job job;
	struct syc_row *row;	/* borrowed or own, see owns */
	bool owns;
	char *line;		/* [len] the row's bytes */
	size_t len;
	const struct syc_prompt *prompt;
	int answer;		/* 1 the matching, 0 the other, -1 a completion */
	struct syc_ids ids;	/* prompt and answer */
	size_t n_prompt;
	struct syc_spots at;
};

/* The positions of a prompt without an answer. */
#define SYC_REC_ALONE (1u << SYC_POSITION_PROMPT | 1u << SYC_POSITION_ALL)

/* How answers are chosen. */
struct syc_rec_rules {
	bool answers;		/* the two answers even where a completion is */
	unsigned positions;
	size_t n_ctx;
};

/*
 * Make the items of a row: one for its completion (or its prompt alone, when
 * the positions need no more), or two, the matching answer first.  out [2];
 * *n how many.  Takes over row (also on failure).
 */
int syc_rec_items(struct syc_rec_item **out, size_t *n, const struct syc_rec_rules *rules,
		  const struct syc_prompter *p, const char *line, size_t len,
		  struct syc_row *row, struct syc_err *err);
/*
 * The two prompts of a contrast pair, the positive one first.  Otherwise as
 * syc_rec_items().
 */
int syc_rec_prompt_items(struct syc_rec_item **out, const struct syc_rec_rules *rules,
			 const struct syc_prompter *p, const char *line, size_t len,
			 struct syc_row *row, struct syc_err *err);
void syc_rec_item_free(struct syc_rec_item *it);
/* The output row with its newline; acts_path NULL: nothing is recorded. */
int syc_rec_item_write(const struct syc_rec_item *it, const char *acts_path, uint64_t acts_row,
		       struct syc_buf *out, struct syc_err *err);

#endif
