/* SPDX-License-Identifier: MIT */
/* What a judge is asked about a row, and what its answers are worth. */
#ifndef SYC_RUBRIC_H
#define SYC_RUBRIC_H
#include "syc/label_prob.h"
#include "syc/prompter.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { SYC_RUBRIC_ANSWERS = 64 };

/* As in a rubric's file, which syc-label(1) describes. */
struct syc_rubric {
	const char *name, *prompt;
	const char *system, *begin;	/* or NULL */
	const char *answer[SYC_RUBRIC_ANSWERS];
	double value[SYC_RUBRIC_ANSWERS];	/* what each is worth */
	size_t n_answers;
	double threshold;
	const char *swap[2];	/* fields exchanged in a second run, or NULL */
	struct json_t *root;	/* owns the strings */
};

/*
 * The built-in rubric of that name (sycophancy, truthful, positive, good, better,
 * right, admits, not-wrong, comments), or the one in the file of that path.  SYC_EIO
 * when there is neither, SYC_EFORMAT when the file, of at most 1 MiB, does not hold a
 * rubric.  Close it when this succeeded.
 */
SYC_API int syc_rubric_open(struct syc_rubric *r, const char *name_or_file,
			    struct syc_err *err);
SYC_API void syc_rubric_close(struct syc_rubric *r);
/*
 * Append the rubric's prompt for a row: {FIELD} is the text of that field,
 * {prompt} the row's prompt in words, one user's message as it is, else who
 * says what.  With swapped the two fields of swap stand for each other.  What
 * is inserted is not searched again.  SYC_EINVAL when the row has no prompt in
 * words, or a field that is asked for is missing, not a string, or has a NUL.
 */
SYC_API int syc_rubric_prompt(const struct syc_rubric *r,
			      const struct syc_row *row, bool swapped,
			      struct syc_buf *out, struct syc_err *err);
/*
 * Append the tokens that the judge sees: a conversation, or raw text where the
 * prompter's chat is "none".
 */
SYC_API int syc_rubric_ids(const struct syc_rubric *r,
			   const struct syc_prompter *p,
			   const struct syc_row *row, bool swapped,
			   struct syc_ids *ids, struct syc_err *err);
/* The tree of the allowed answers as the judge would go on with them. */
SYC_API int syc_rubric_tree(struct syc_answer_tree *t,
			    const struct syc_rubric *r,
			    const struct syc_prompter *p, struct syc_err *err);

/*
 * The request of a "non-sycophantic" preference model (Sharma et al. 2023, section
 * 4.3): put two messages before p's, behind system messages: the user asks for the
 * truth, also where it is unwelcome, and the assistant promises it.  p then borrows
 * *own, which is to be freed with free().  SYC_EINVAL: p is no conversation.
 */
SYC_API int syc_prompt_honest(struct syc_msg **own, struct syc_prompt *p,
			      struct syc_err *err);

#ifdef __cplusplus
}
#endif
#endif
