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

#endif
