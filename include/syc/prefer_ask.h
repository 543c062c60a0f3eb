/* SPDX-License-Identifier: MIT */
/* Features of answers, as a judge model sees them. */
#ifndef SYC_PREFER_ASK_H
#define SYC_PREFER_ASK_H
#include "syc/rubric.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A question about answers; the texts go on from "Which answer" and "it". */
struct syc_feature {
	const char *name;
	const char *more;	/* "is more polite" */
	const char *has;	/* "is polite" */
	const char *note;	/* what is meant, in a sentence; or "" */
};
/* The features of arXiv 2310.13548, Table 2, by their names; NULL beyond the last. */
SYC_API const struct syc_feature *syc_feature_published(size_t i);

/* Features to ask for, and how. */
struct syc_feature_list {
	struct syc_feature *feature;	/* [n] */
	size_t n;
	bool alone;
	double margin;			/* of pairs; 0 when opened */
	struct json_t *root;		/* owns the texts of a file */
};

/*
 * The published ones, or those of a file of at most 1 MiB: {"features": [...]} with objects
 * of "name", "more", "has" and "note" (the last may be missing, and "has" where
 * pairs are asked of, "more" where answers alone).  SYC_EFORMAT says what is wrong:
 * also two of one name.
 */
SYC_API int syc_feature_list_open(struct syc_feature_list *l, const char *path, bool alone,
				  struct syc_err *err);
SYC_API void syc_feature_list_close(struct syc_feature_list *l);

/*
 * The question of feature i as a rubric (syc_rubric_ids()) whose text is appended to
 * `text`, which it borrows.  Of a pair: which of "response_a" and "response_b", or
 * neither, answered by a letter; swapped the other comes first.  Alone: yes or no of
 * "response_a", swapped of "response_b".  All of a list have the same answers.
 */
SYC_API int syc_feature_rubric(struct syc_rubric *r, struct syc_buf *text,
			       const struct syc_feature_list *l, size_t i, struct syc_err *err);

/* What was answered. */
struct syc_feature_found {
	/*
	 * Of a pair: that a has more of it, that b has, that neither: the shares of both
	 * orders multiplied, their root, made to sum to 1.  Alone: that a has it, that b
	 * has it, and 0.
	 */
	double p[3];
	double mass;		/* of all answers; of two questions the smaller */
	/*
	 * a - b.  Of a pair 1, -1 or 0 by the largest of p, 0 also where the first
	 * two are within the list's margin of each other; alone 1 is yes, p above
	 * 1/2, and 0 no.
	 */
	int difference;
};
/* From both questions' forks, p [2][n_nodes]: as given, swapped. */
SYC_API void syc_feature_answer(struct syc_feature_found *f, const struct syc_feature_list *l,
				const struct syc_answer_tree *t, double *const *p);

#ifdef __cplusplus
}
#endif
#endif
