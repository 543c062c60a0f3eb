/* SPDX-License-Identifier: MIT */
/* Features of answers, as a judge model sees them. */
#ifndef SYC_PREFER_ASK_H
#define SYC_PREFER_ASK_H
#include "syc/judging.h"

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
	/* Private from here. */
	struct syc_judging *asked;	/* [n] */
	struct syc_buf *text;		/* [n] of their rubrics */
	struct json_t *root;		/* owns the texts of a file */
};

/*
 * The published ones, or those of a file of at most 1 MiB: {"features": [...]}
 * with objects of "name", "more", "has" and "note" (the last may be missing,
 * and "has" where pairs are asked of, "more" where answers alone).  SYC_EFORMAT
 * says what is wrong: also two of one name.
 */
SYC_API int syc_feature_list_open(struct syc_feature_list *l, const char *path,
				  bool alone, struct syc_err *err);
SYC_API void syc_feature_list_close(struct syc_feature_list *l);

/*
 * Get ready to ask a judge, whose prompter should take "</s>" in prompts for
 * text.  Of a pair it is asked which of "response_a" and "response_b", or
 * neither, answered by a letter, and again with the other first; alone
 * "response_a" and then "response_b", answered by yes or no.
 */
SYC_API int syc_feature_list_judge(struct syc_feature_list *l,
				   const struct syc_speaker *judge,
				   struct syc_err *err);
/* Feature i of a row as a case, whose jobs are to be run; errors are syc_case_open()'s. */
SYC_API int syc_feature_ask(struct syc_case *c,
			    const struct syc_feature_list *l, size_t i,
			    const struct syc_row *row, const char *id,
			    struct syc_err *err);

/* What was answered. */
struct syc_feature_found {
	/*
	 * Of a pair: that a has more of it, that b has, that neither: the
	 * shares of both orders multiplied, their root, made to sum to 1.
	 * Alone: that a has it, that b has it, and 0.
	 */
	double p[3];
	double mass; /* of all answers; of two questions the smaller */
	/*
	 * a - b.  Of a pair 1, -1 or 0 by the largest of p, 0 also where the
	 * first two are within the list's margin of each other; alone 1 is yes,
	 * p above 1/2, and 0 no.
	 */
	int difference;
};
/* When all jobs of the case have run. */
SYC_API void syc_feature_answer(struct syc_feature_found *f,
				const struct syc_feature_list *l,
				const struct syc_case *c);

#ifdef __cplusplus
}
#endif
#endif
