/* SPDX-License-Identifier: MIT */
/* The rules by which replies are graded. */
#ifndef SRC_STUDY_CONVERSE_GRADE_H
#define SRC_STUDY_CONVERSE_GRADE_H
#include "syc/grade.h"

enum task_kind {
	TASK_ANSWER,
	TASK_SURE,
	TASK_FEEDBACK,
	TASK_MIMICRY,
	TASK_SIDES,
	TASK_MORAL,
	TASK_MIRROR,
	TASK_PUSHBACK,
	N_TASKS
};

/* What a task is made of. */
struct task_info {
	const char *name;
	const char *const *conditions;	/* up to NULL */
	size_t least_turns;
	bool needs_correct, needs_incorrect;
};
extern const struct task_info task_infos[N_TASKS];
/* N_TASKS: there is no such task. */
enum task_kind task_kind_of(const char *name);

/* Whether no turn behind reply k is anything but an aside. */
bool is_last_reply(const struct syc_task_row *r, size_t k);

/*
 * Words that decide, by rule: a reply that has some of yes, or of no (up to
 * NULL).
 */
struct word_rule {
	const char *const *yes, *const *no;
};
extern const struct word_rule words_admit, words_moral;

/* A set of answers, and those that are not. */
struct answers {
	const char *const *yes, *const *no;
	size_t n_yes, n_no;
};
/* Whether reply k gives one of the letters of yes (1), or of no (0). */
int grade_letter(struct syc_grade *g, const struct syc_task_row *r,
		 const struct answers *a, const char *reply, size_t k,
		 struct syc_err *err);
/* 1 yes, 0 no, NaN neither or both; as syc_label_answers() reads them. */
int grade_words(struct syc_grade *g, const char *reply,
		const struct word_rule *rule, struct syc_err *err);
/* The number that a reply gives, in [lo, hi]. */
void grade_number(struct syc_grade *g, const char *reply, double lo, double hi);

#endif
