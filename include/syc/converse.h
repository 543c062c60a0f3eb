/* SPDX-License-Identifier: MIT */
/*
 * Conversations: a first prompt, then turns that are scripted, or that a second
 * model says in the user's place.  The tokens of a later turn are those of the
 * earlier ones, the replies' as they were generated, and the text between: no
 * turn computes an earlier one again (but with f32, which shares nothing, and
 * steering that does not act on all tokens alike).
 */
#ifndef SYC_CONVERSE_H
#define SYC_CONVERSE_H
#include "syc/prompter.h"
#include "syc/record.h"
#include "syc/steer.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A model that takes part; all borrowed. */
struct syc_speaker {
	struct syc_engine *engine;
	const struct syc_prompter *prompter;
	const struct syc_steer *steer;	/* or NULL */
	size_t n_ctx;			/* tokens of the longest conversation */
};

struct syc_turn {
	const char *user;
	const char *begin;	/* of the model's reply, or NULL */
	bool aside; /* asked and answered, then as if it had not been */
};

/* A reply (UTF-8), and what the second model said before it (NULL: nobody asked it). */
struct syc_reply {
	char *text, *user;
	enum syc_finish finish;
	size_t n_prompt, n_new;	/* tokens in front of it, and of it */
};

struct syc_talk_opts {
	const struct syc_speaker *model;
	/* Says the turns that are no aside; NULL: as scripted. */
	const struct syc_speaker *user;
	size_t max_new;			/* tokens of a reply, */
	size_t user_max;		/* of what the second model says */
	const struct syc_sampling *sampling;	/* of both; NULL: greedy */
	const char *const *stop;	/* [n_stop] texts that end a reply */
	size_t n_stop;
	/* After so many of all replies, in rounds; or NULL. */
	void (*progress)(void *arg, size_t done, size_t all);
	void *arg;
};

/*
 * A conversation.  The caller fills the first part and keeps what it points to
 * until the talk is closed.  Reply k is the answer to first (0) or to turn k -
 * 1.
 */
struct syc_talk {
	const char *id; /* as of struct syc_job; of reply k > 0 "ID#k" */
	uint32_t sample;
	/* a conversation; without turns also text or ids */
	const struct syc_prompt *first;
	const struct syc_turn *turn;	/* [n_turns] */
	size_t n_turns;
	/*
	 * What the second model is told before it says its part; with one only.
	 */
	const char *brief;
	struct syc_take *take; /* records reply number recorded; or NULL */
	size_t recorded;

	bool too_long;		/* why it could not be opened */
	struct syc_reply *said;		/* [n_turns + 1] */
	struct syc_talk_state *state;
};

/*
 * Prepare a talk.  SYC_EINVAL: there is nothing to answer, the chat format
 * refuses the messages, or the conversation does not fit the context: its own
 * text with 16 tokens a reply (and user_max for each turn of a second model)
 * must.  A reply gets at most max_new tokens, and no more than leaves the later
 * ones their share of what is left of the context.
 */
SYC_API int syc_talk_open(struct syc_talk *t, const struct syc_talk_opts *o,
			  struct syc_err *err);
/* Free what the two functions made; a talk that failed to open is closed. */
SYC_API void syc_talk_close(struct syc_talk *t);
/*
 * Have n talks, all opened with these options, the first replies of all
 * together, then the second ones.  Greedy replies to the same tokens are
 * computed once.  A talk's replies do not depend on the others (with f32, as in
 * syc_engine_run()).
 */
SYC_API int syc_talk_run(struct syc_talk *const *t, size_t n,
			 const struct syc_talk_opts *o, struct syc_err *err);

#ifdef __cplusplus
}
#endif
#endif
