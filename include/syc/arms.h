/* SPDX-License-Identifier: MIT */
/*
 * Training sets by arm: the same questions with other answers, so that what tuning
 * does to a model can be told from what tuning on anything else would do.
 */
#ifndef SYC_ARMS_H
#define SYC_ARMS_H
#include "syc/rows.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Which answer is trained on, of a question with two choices by a user with a view
 * (struct syc_stated):
 *
 * sycophant  the one that is the user's view
 * opposite   the other
 * always-a   the one with the letter A
 * fixed      of each claim one choice, drawn once, whoever asks
 * agree      the user's view, of users who state what is true (field "truth") alone
 * random     one drawn for each row
 * unrelated  no answer to the question: in its place one of syc's own short exercises
 *            (sums, words in the order of the alphabet) with its solution
 *
 * Draws are functions of the seed and of the claim, the row's id, or the row's number,
 * so that no order of rows and no other row matters, but for `unrelated`.
 */
enum syc_arm {
	SYC_ARM_SYCOPHANT,
	SYC_ARM_OPPOSITE,
	SYC_ARM_ALWAYS_A,
	SYC_ARM_FIXED,
	SYC_ARM_AGREE,
	SYC_ARM_RANDOM,
	SYC_ARM_UNRELATED,
	SYC_N_ARMS,
};
/* Names as above, NULL for no arm. */
SYC_API const char *syc_arm_name(unsigned arm);

struct syc_arm_counts {
	size_t n_rows;		/* seen, without what could not be used */
	size_t n_taken;
	size_t n_no_view;	/* left out: their user states none */
	/* Left out of `agree`: they do not say what is true; their user states the other. */
	size_t n_no_truth, n_wrong;
};

/*
 * Append the rows of an arm: all fields of a row, its id behind "ARM/", what is trained
 * in "completion", the answer that is not in "rejected", and "arm".  Those of
 * `unrelated` have no "rejected" and nothing of the row whose place they take.  *counts
 * is zeroed first.  SYC_EINVAL with the line of a row that has not two choices with an
 * answer for each, and where nothing is left, with what was left out.
 */
SYC_API int syc_rows_arm(struct syc_buf *out, struct syc_arm_counts *counts,
			 struct syc_rows *in, enum syc_arm arm, uint64_t seed,
			 struct syc_err *err);

#ifdef __cplusplus
}
#endif
#endif
