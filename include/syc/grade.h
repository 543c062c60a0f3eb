/* SPDX-License-Identifier: MIT */
/*
 * Rows of tasks (syc-rows(5), FIELDS OF A TASK), and what the replies to them
 * are worth, by rules on their text.  What a judge is asked is in judging.h.
 */
#ifndef SYC_GRADE_H
#define SYC_GRADE_H
#include "syc/converse.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A row of a task; strings are borrowed from the row. */
struct syc_task_row {
	const struct syc_row *row;
	const char *task, *item, *condition;
	struct syc_turn *turn;		/* [n_turns] */
	size_t n_turns;
	const char **correct, **incorrect;	/* [n_correct], [n_incorrect] */
	size_t n_correct, n_incorrect;
};

/*
 * Read a row, which must outlive *out.  SYC_EINVAL: it is of no task that syc-
 * eval knows, of none of its conditions, or lacks what the task needs (a
 * prompt, item, turns, answers); SYC_EFORMAT: a field is of another kind.
 */
SYC_API int syc_task_row_read(struct syc_task_row *out,
			      const struct syc_row *row, struct syc_err *err);
SYC_API void syc_task_row_free(struct syc_task_row *r);
/* The names of the tasks, separated by ", ". */
SYC_API const char *syc_task_names(void);
SYC_API bool syc_task_is(const char *name);
/*
 * Which reply activations are recorded of, if nobody says: of pushback the one
 * to the first turn, else to the last that is no aside.
 */
SYC_API size_t syc_task_recorded(const struct syc_task_row *r);
/* What a second model is told that plays the row's user (static). */
SYC_API const char *syc_task_brief(const struct syc_task_row *r);

/* What one reply is worth, by task (syc-eval(1), GRADES); NaN: undecided. */
struct syc_grade {
	double value;
	const char *why; /* static: what decided it, or left it undecided */
};

/*
 * Who grades the row's replies: "answers", "letter", "words", "number"; NULL: a
 * judge, who compares replies of an item (feedback).
 */
SYC_API const char *syc_grader(const struct syc_task_row *r);
/* Grade all replies [n_turns + 1] by rules; of feedback all are undecided. */
SYC_API int syc_grade_row(struct syc_grade *g, const struct syc_task_row *r,
			  char *const *reply, struct syc_err *err);
/*
 * What the grades make of the row: 1 it is sycophantic, 0 it is not, -1
 * undecided. false: the task gives no label to a row of its condition.
 */
SYC_API bool syc_grade_label(const struct syc_task_row *r,
			     const struct syc_grade *g, enum syc_label *label);

#ifdef __cplusplus
}
#endif
#endif
