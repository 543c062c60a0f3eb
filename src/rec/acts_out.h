/* SPDX-License-Identifier: MIT */
/* The writer's insides, shared by acts_write.c and acts_resume.c. */
#ifndef SRC_REC_ACTS_OUT_H
#define SRC_REC_ACTS_OUT_H
#include "rec/acts_file.h"
#include "syc/output.h"

struct syc_acts_out {
	char *path;
	struct syc_output file;
	int fd;				/* its */
	bool cut;			/* what lies behind `at` goes with the next write */
	bool sealed;			/* has its end */
	struct acts_desc d;
	struct syc_zip_dir dir;		/* members on disk */
	uint64_t at;			/* where the next one goes */
	uint64_t saved;			/* rows on disk */
	size_t n_chunks;		/* on disk */

	/* The chunk in hand. */
	size_t n;			/* rows */
	size_t n_tokens;		/* of ACTS_ALL */
	struct syc_buf part[ACTS_KINDS];/* header's place, then the values;
					   ids are UCS-4 one after another */
	size_t *id_len;			/* [chunk_rows] characters */
	struct syc_buf out;		/* packed, about to be written */
};

/* A writer into a file that is open, and the writer's from here on, even on failure. */
int acts_out_new(struct syc_acts_out **out, const char *path,
		 struct syc_output *file, const struct acts_desc *d,
		 struct syc_err *err);
/* The file stays as it is. */
void acts_out_free(struct syc_acts_out *w);
/* Write w->out at w->at.  On failure the file is cut back to w->at. */
int acts_out_write(struct syc_acts_out *w, struct syc_err *err);
/* Write the description of an empty file. */
int acts_out_begin(struct syc_acts_out *w, struct syc_err *err);
/* Write the directory and make sure that all is on disk. */
int acts_out_end(struct syc_acts_out *w, struct syc_err *err);

#endif
