/* SPDX-License-Identifier: MIT */
/* The commands of a study, in groups that are run together. */
#ifndef SRC_TOOL_STUDY_JOBS_H
#define SRC_TOOL_STUDY_JOBS_H
#include "tool/study/study.h"

enum group {
	VECTORS,
	COMPARED,
	ANSWERED,
	SCORED,
	PAIRED,
	FITTED,		/* a set of the others */
	OWN,		/* the set of the vectors */
	BESIDE,
	TRANSFERRED,
	STABLE,
	SWEPT,
	SCALED,			/* by scales that those before found */
	DRAWN,
	DRAWN_OF_LABELS		/* that tell moved answers from held ones */
};

/*
 * Those of a group whose files are not there.  A picture that cannot be drawn
 * is left out, and said.
 */
int jobs_do(struct study *s, enum group group, struct syc_err *err);
/* A file, unless it is there, of a command that has "-o {file}" or else prints it. */
int jobs_make(struct study *s, const char *file, const char *command, bool may_fail,
	      struct syc_err *err);
/* It is not asked: none of a group will be done. */
void jobs_skip(struct study *s, enum group group);
/* What a group costs is known better now. */
void jobs_renew(struct study *s, enum group group);
/* The null vectors of the steering that is tested, where --null asks for such as have a file. */
int jobs_make_nulls(struct study *s, struct syc_err *err);
/* The vectors of this study, in the order of their commands. */
void jobs_name_vectors(struct study *s);
/* Tell the children how much the model will have to do. */
void jobs_expect(struct study *s);

/* ---- steps, and what they share: plan.c, steer.c ---------------------------- */

/* Rows of files that make another one; none is on a claim of the files `not_on`. */
struct choice {
	const char *to, *from, *not_on, *shared;
	const char *use;	/* counted in the table of parts, or NULL */
	struct syc_selection how;
};
/* Unless it is there; what was picked is known in either case. */
int study_choose(struct study *s, struct choice c, struct syc_picked *got, struct syc_err *err);
/* Note it among the parts of the study, which are a table. */
void study_add_part(struct study *s, const char *from, const char *use,
		    const struct syc_picked *got);
/* pairs.jsonl, or prompts.jsonl: of the claims that the set has, too, a third. */
int study_make_from(struct study *s, bool prompts, size_t *n, struct syc_err *err);
/* unrelated.jsonl, that the KL is on. */
int study_take_unrelated(struct study *s, struct syc_err *err);
/* The words that are known before the first step. */
void study_say_settings(struct study *s);
/* Whether a step is done that rests on the declared answer; if not, it is said. */
bool study_is_asked(struct study *s);
int study_steer(struct study *s, struct syc_err *err);

#endif
