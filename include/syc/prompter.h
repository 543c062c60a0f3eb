/* SPDX-License-Identifier: MIT */
/* Prompts and answers to tokens, in the words of the model's chat format. */
#ifndef SYC_PROMPTER_H
#define SYC_PROMPTER_H
#include "syc/model.h"
#include "syc/task.h"

#ifdef __cplusplus
extern "C" {
#endif

struct syc_prompter_opts {
	const char *chat;	/* a format's name, the path of one, or "none"; NULL: the
				 * one that the model's template is recognized as */
	/* message of conversations that have none, or NULL */
	const char *system;
	bool no_special;	/* "</s>" and the like in prompts are text */
	const char *model;	/* what messages call the model */
};

/* Borrows the options' texts and the model; syc_prompter_done() frees it. */
struct syc_prompter {
	const struct syc_vocab *vocab;
	const struct syc_chat *chat;	/* NULL: none is known, or wanted */
	struct syc_chat *own;		/* the same when it is of a file */
	struct syc_prompter_opts o;
	/* texts encoded so far, but for answers */
	struct syc_text_counts *seen;
};

SYC_API int syc_prompter_init(struct syc_prompter *p, const struct syc_model *m,
			      const struct syc_prompter_opts *o,
			      struct syc_err *err);
SYC_API void syc_prompter_done(struct syc_prompter *p);
/*
 * Append a prompt's tokens to ids, and its text to text (may be NULL).  A
 * conversation needs a chat format, but for a single message with "none".
 */
SYC_API int syc_prompter_ids(const struct syc_prompter *p,
			     const struct syc_prompt *in, struct syc_ids *ids,
			     struct syc_buf *text, struct syc_err *err);
/* Append ids that a row gives: they must be the vocabulary's. */
SYC_API int syc_prompter_given(const struct syc_prompter *p, const int32_t *id,
			       size_t n, struct syc_ids *ids,
			       struct syc_err *err);
/*
 * Append the tokens of an answer to that prompt: in a chat its leading space
 * is trimmed and the format's own put there; after raw text, and after the
 * beginning of an answer, it is kept.
 */
SYC_API int syc_prompter_answer(const struct syc_prompter *p,
				const struct syc_prompt *in, const char *answer,
				struct syc_ids *ids, struct syc_err *err);
/*
 * Append the tokens behind a reply: what the chat format writes there, the messages
 * that follow it and where the next reply begins.  in is the conversation with a
 * message of the assistant, number reply, in the reply's place, whose text does not
 * matter.
 */
SYC_API int syc_prompter_behind(const struct syc_prompter *p, const struct syc_prompt *in,
				size_t reply, struct syc_ids *ids, struct syc_err *err);
/*
 * What opts.chat names: *chat a format (*own the same where it is of a file,
 * to be freed), or NULL for "none".
 */
SYC_API int syc_chat_choose(const struct syc_chat **chat, struct syc_chat **own,
			    const char *name, struct syc_err *err);

#ifdef __cplusplus
}
#endif
#endif
