/* SPDX-License-Identifier: MIT */
/* Activation files that are kept open, and the means of their rows. */
#ifndef SRC_STUDY_SCORE_FILES_H
#define SRC_STUDY_SCORE_FILES_H
#include "syc/acts.h"

enum { SYC_ACTS_OPEN = 8 };	/* files kept open at once */

struct syc_acts_kept {
	char *path;
	struct syc_acts *acts;
	uint64_t used;		/* when, for closing the oldest */
	float *mean[SYC_POSITION_ALL];	/* [n_layers][dim], or NULL */
};

/* Zero-initialize it (but for center), free with syc_acts_files_free(). */
struct syc_acts_files {
	struct syc_acts_kept file[SYC_ACTS_OPEN];
	uint64_t now;
	bool center;		/* have the means of each file */
};

/* The file at path, opened if it was not; borrowed until the next call. */
int syc_acts_files_get(struct syc_acts_files *s, const char *path,
		       struct syc_acts_kept **out, struct syc_err *err);
/*
 * The file that has the row at that place: one of acts [n] where some are given,
 * else where the row says, what is being written there, or beside the row's own
 * file.  When none has it, the error of the first that could be opened.
 */
int syc_acts_files_find(struct syc_acts_files *s, const struct syc_acts_place *at,
			const char *const *acts, size_t n,
			struct syc_acts_kept **out, struct syc_err *err);
/*
 * Its path, or where nothing is there that of the file of this name beside the
 * rows; to be freed.  For places that outlive the name of their rows.
 */
char *syc_acts_named(const struct syc_acts_place *at);
void syc_acts_files_free(struct syc_acts_files *s);
/*
 * A row's activations at a position into out [n_layers][dim], less the mean when
 * there is one.
 */
int syc_acts_kept_read(struct syc_acts_kept *f, enum syc_position position,
		       uint64_t row, float *out, struct syc_err *err);

#endif
