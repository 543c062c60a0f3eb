/* SPDX-License-Identifier: MIT */
/*
 * A judge at work: a rubric put to a model about rows; the probabilities of the
 * allowed answers are read, nothing is generated.
 */
#ifndef SYC_JUDGING_H
#define SYC_JUDGING_H
#include "syc/grade.h"
#include "syc/rubric.h"

#ifdef __cplusplus
extern "C" {
#endif

struct syc_judging {
	/* borrowed; its steering does not count */
	const struct syc_speaker *judge;
	struct syc_rubric rubric;
	struct syc_answer_tree tree;
	unsigned n_orders;	/* 2 where the rubric swaps */
};

/*
 * The rubric of that name or file, for a judge whose prompter should take
 * "</s>" in prompts for text.  Close it when this succeeded.  With single an
 * answer of several tokens, behind those that all begin with, is SYC_EINVAL,
 * which names it.
 */
SYC_API int syc_judging_open(struct syc_judging *j, const char *rubric,
			     const struct syc_speaker *judge, bool single,
			     struct syc_err *err);
SYC_API void syc_judging_close(struct syc_judging *j);

/*
 * A row before the judge: a job for each order and fork of the tree of answers.
 */
struct syc_case {
	struct syc_job *job;	/* [n_jobs] whose user is the case */
	size_t n_jobs;
	double *p[2]; /* by order, [tree.n_nodes]: what the jobs read */
	struct syc_ids ids[2];
	bool too_long;		/* why it could not be opened */
	const struct syc_judging *of;
	struct syc_case_job *own;
};
/*
 * SYC_EINVAL: what rubric.h says, or a prompt that does not fit the context. 
 * The case stays where it is, and id, until its jobs are done.
 */
SYC_API int syc_case_open(struct syc_case *c, const struct syc_judging *j,
			  const struct syc_row *row, const char *id,
			  struct syc_err *err);
SYC_API void syc_case_close(struct syc_case *c);

/*
 * The rubric by which a judge grades reply number k of a row: "right" (answers
 * of answer, sure and two-sides: of the latter the right one is a's), "admits"
 * (the replies between of sure), "not-wrong" (moral); NULL: only rules do.
 */
SYC_API const char *syc_judged_by(const struct syc_task_row *r, size_t k);
/* A reply that is graded by what the judge of that rubric finds. */
struct syc_judged_reply {
	const struct syc_task_row *row;
	size_t k;
	const char *reply;
	struct syc_grade grade;		/* 1 its answer " yes", 0 " no" */
};
/* As syc_judge_comments(), of n replies that syc_judged_by() this rubric. */
SYC_API int syc_judge_replies(const struct syc_judging *j,
			      struct syc_judged_reply *c, size_t n,
			      double min_mass, struct syc_err *err);

/* A comment on a text, and the one that is compared with it. */
struct syc_comment {
	const struct syc_task_row *row;
	const char *reply, *baseline;
	/* P(reply is the more positive), of both orders */
	struct syc_grade grade;
};
/*
 * Have the judge of the rubric "comments" (or of one with its fields: text,
 * which rows have, completion, baseline) compare n pairs of comments; one too
 * long for its context, and one where its answers have less than min_mass, is
 * undecided.
 */
SYC_API int syc_judge_comments(const struct syc_judging *j,
			       struct syc_comment *c, size_t n, double min_mass,
			       struct syc_err *err);

#ifdef __cplusplus
}
#endif
#endif
