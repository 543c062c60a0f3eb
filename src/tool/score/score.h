/* SPDX-License-Identifier: MIT */
/* The parts of syc-score: activation files kept open, and their means. */
#ifndef SRC_TOOL_SCORE_SCORE_H
#define SRC_TOOL_SCORE_SCORE_H
#include <stdbool.h>
#include "syc/acts.h"

enum { SCORE_OPEN = 8 };	/* files kept open at once */

struct score_file {
	char *path;
	struct syc_acts *acts;
	uint64_t used;				/* when, for closing the oldest */
	float *mean[SYC_POSITION_ALL];		/* [n_layers][dim], or NULL */
};

/* Zero-initialize it (but for center), free with score_files_free(). */
struct score_files {
	struct score_file file[SCORE_OPEN];
	uint64_t now;
	bool center;		/* have the means of each file */
};

/* The file at path, opened if it was not; borrowed until the next call. */
int score_files_get(struct score_files *s, const char *path, struct score_file **out,
		    struct syc_err *err);
void score_files_free(struct score_files *s);
/*
 * Row's activations at a position into out [n_layers][dim], less the mean when
 * there is one.  SYC_EINVAL when the row's id is not id.
 */
int score_file_read(struct score_file *f, enum syc_position position, uint64_t row, const char *id,
		    float *out, struct syc_err *err);

#endif
