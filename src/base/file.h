/* SPDX-License-Identifier: MIT */
/* Files that appear under their name only when they are whole. */
#ifndef SRC_BASE_FILE_H
#define SRC_BASE_FILE_H
#include <stdio.h>
#include "syc/base.h"

struct syc_file {
	FILE *f;		/* write here */
	const char *path;	/* borrowed */
	char *part;		/* the name until then; NULL: path itself */
};

/*
 * Begin to write path.  A device or a pipe that is already there is written
 * directly, it must not be replaced.
 */
int syc_file_begin(struct syc_file *o, const char *path, struct syc_err *err);
/* Flush, make sure that it is on disk, give it its name. */
int syc_file_commit(struct syc_file *o, struct syc_err *err);
/* Forget it: what path was before stays. */
void syc_file_drop(struct syc_file *o);

#endif
