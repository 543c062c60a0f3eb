/* SPDX-License-Identifier: MIT */
/*
 * A conversation as one of those who take part has it: its tokens, and what
 * comes next.
 */
#ifndef SRC_STUDY_CONVERSE_SIDE_H
#define SRC_STUDY_CONVERSE_SIDE_H
#include "syc/converse.h"

struct side {
	const struct syc_speaker *who;
	struct syc_msg *
		/*
		 * [n_msg] contents borrowed; own replies are only their places
		 */
		msg;
	size_t n_msg, cap_msg;
	struct syc_ids ids;	/* up to where the next reply begins */
	/* of ids: those there before the aside that is asked */
	size_t n_before;
	struct syc_job job;
};

/* Begin with a prompt, or again: what was there is forgotten. */
int side_begin(struct side *s, const struct syc_speaker *who,
	       const struct syc_prompt *first, struct syc_err *err);
void side_end(struct side *s);
/*
 * Append the tokens that a message and the beginning of the next reply (or
 * NULL) come to.
 */
int side_piece(const struct side *s, const char *said, const char *begin,
	       struct syc_ids *ids, struct syc_err *err);
/*
 * The same, and it is said: one that is an aside is forgotten with its reply.
 */
int side_hear(struct side *s, const char *said, const char *begin, bool aside,
	      struct syc_err *err);
/* Set the job that generates the reply, of at most max_new tokens. */
void side_ask(struct side *s, const char *id, uint32_t sample, size_t max_new,
	      const struct syc_talk_opts *o);
/* The reply is these tokens. */
int side_reply(struct side *s, const struct syc_ids *reply, bool aside,
	       struct syc_err *err);

#endif
