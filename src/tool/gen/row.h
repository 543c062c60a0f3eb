/* SPDX-License-Identifier: MIT */
/* syc-gen's rows: from an input row to jobs, from a finished job to a row. */
#ifndef SRC_TOOL_GEN_ROW_H
#define SRC_TOOL_GEN_ROW_H
#include "syc/choice.h"
#include "tool/run/recording.h"

struct gen_opts {
	struct syc_sampling sampling;
	size_t max_tokens;
	uint32_t samples;
	struct texts stop;
	bool choices, ids;
	uint32_t logprobs;
	const char *run;	/* the run's digest */
	const char *acts_path;	/* NULL: not recorded */
	bool feed_last;		/* compute the last token, too, to record it */
};

/* An input row while its samples are under way. */
struct gen_row {
	unsigned refs;
	struct syc_row *row;
	char *line;		/* [len] the row's bytes */
	size_t len;
	struct syc_ids prompt;
	struct syc_choices choices;	/* for --choices */
};

/* One sample of a row. */
struct gen_item {
	struct syc_job job;
	const struct gen_opts *o;
	struct gen_row *from;
	const struct syc_vocab *vocab;
	bool has_p_match;
	float p_match, mass;
	struct syc_buf steps;	/* JSON of --logprobs, without brackets */
};

/*
 * Read what is needed from the row last read of m; takes over row (also on
 * failure).
 */
int gen_row_new(struct gen_row **out, const struct gen_opts *o,
		const struct model_rows *m, struct syc_row *row,
		struct syc_err *err);
void gen_row_unref(struct gen_row *r);
struct gen_item *gen_item_new(const struct gen_opts *o,
			      const struct syc_vocab *v, struct gen_row *from,
			      uint32_t sample);
/* Free a job of gen_item_new(); arg is not used. */
void gen_job_drop(void *arg, struct syc_job *job);
/* The output row of a finished job with its newline; acts_row < 0: not recorded. */
int gen_item_write(struct gen_item *it, int64_t acts_row, struct syc_buf *out,
		   struct syc_err *err);

#endif
