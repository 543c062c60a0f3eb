/* SPDX-License-Identifier: MIT */
/*
 * Files that appear under their name only when they are whole.  A file PATH is
 * written as PATH.part, which nobody else writes at the same time, and gets its
 * name when it is complete and on disk; what PATH was before stays until then.
 * Where PATH is a symbolic link, all this happens where the link leads.  Devices
 * and pipes are written as they are, and no PATH or "-" is standard output.
 */
#ifndef SYC_OUTPUT_H
#define SYC_OUTPUT_H
#include <stdbool.h>
#include <stdio.h>
#include "syc/base.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What becomes of a PATH.part that a run left which was interrupted. */
enum syc_leftover {
	SYC_LEFTOVER_REPLACE,	/* nobody can go on with it: it is written over */
	SYC_LEFTOVER_REFUSE,	/* SYC_EIO names it; an empty one is nothing */
	SYC_LEFTOVER_TAKE,	/* it stays, to go on behind what is in it */
};

struct syc_output {
	FILE *f;		/* write here; NULL until it is opened */
	const char *path;	/* borrowed; NULL: standard output */
	enum syc_leftover leftover;
	char *part;		/* its name until it is whole; NULL: has no other */
	char *name;		/* and then: path, or where that leads */
};

/* Whether a path, NULL or "-", is standard output. */
SYC_API bool syc_output_is_stdout(const char *path);
/*
 * Say where to write; nothing is opened.  The first write does that, so a
 * program that fails before it has something to say leaves no trace.
 */
SYC_API void syc_output_begin(struct syc_output *o, const char *path,
			      enum syc_leftover leftover);
/*
 * Open it now, unless it is open: PATH.part is locked (flock(2)), and SYC_EIO
 * says when another program is writing it.  After a failure nothing is open.
 */
SYC_API int syc_output_open(struct syc_output *o, struct syc_err *err);
/*
 * Write n bytes, on a terminal through syc_text_show(), or what is buffered;
 * errors name the file.
 */
SYC_API int syc_output_write(struct syc_output *o, const void *data, size_t n,
			     struct syc_err *err);
SYC_API int syc_output_flush(struct syc_output *o, struct syc_err *err);
/* Make sure that all written so far is on disk. */
SYC_API int syc_output_sync(struct syc_output *o, struct syc_err *err);
/*
 * Sync, give it its name, and sync the folder.  What nothing was written to is
 * empty.  After a failure PATH.part is removed with SYC_LEFTOVER_REPLACE only.
 */
SYC_API int syc_output_finish(struct syc_output *o, struct syc_err *err);
/* Give up: remove PATH.part, or leave it for a later run; what PATH was stays. */
SYC_API void syc_output_drop(struct syc_output *o);
SYC_API void syc_output_keep(struct syc_output *o);
/* A file of n bytes, all at once. */
SYC_API int syc_output_all(const char *path, const void *data, size_t n,
			   struct syc_err *err);
/*
 * The name that a file has while it is written, for who reads along; the
 * caller's to free, NULL without memory or where links lead in a circle.
 */
SYC_API char *syc_output_part(const char *path);

/*
 * A folder of files that appears under its name when all of them are whole: until
 * then it is PATH.part, and what an interrupted run left under that name goes.
 */
struct syc_output_folder {
	const char *path;	/* borrowed */
	char *part, *name;	/* as of a file; NULL: not open */
	int fd;			/* of part, locked */
};

/*
 * What can be known before any work: whether there could be one.  SYC_EINVAL
 * when something has its name, SYC_EIO when the system or a program that is
 * writing it is in the way.  Changes nothing.
 */
SYC_API int syc_output_folder_check(const char *path, struct syc_err *err);
/* Make PATH.part, empty.  Errors are those of the check; then nothing is open. */
SYC_API int syc_output_folder_open(struct syc_output_folder *o, const char *path,
				   struct syc_err *err);
/*
 * The path of a file to be written there with syc_output_finish(), for the caller
 * to free; NULL without memory.
 */
SYC_API char *syc_output_folder_file(const struct syc_output_folder *o,
				     const char *name);
/* Give the folder its name, and sync that.  After a failure PATH.part is removed. */
SYC_API int syc_output_folder_finish(struct syc_output_folder *o, struct syc_err *err);
/* Give up: remove PATH.part. */
SYC_API void syc_output_folder_drop(struct syc_output_folder *o);

/*
 * Files that are read and so must not be written, known by device and inode:
 * another spelling, a hard link or a symbolic one is the same file.
 * Zero-initialize it.
 */
struct syc_inputs {
	struct syc_input *file;	/* [n] */
	size_t n, cap;
};

/*
 * Add a file.  Of a folder, and beside a file of several parts or one in
 * safetensors, the files count that make a model.  What is not there is
 * passed over.  "-" is standard input.  0 or SYC_ENOMEM.
 */
SYC_API int syc_inputs_add(struct syc_inputs *in, const char *path);
SYC_API void syc_inputs_free(struct syc_inputs *in);

/*
 * What can be known before any work: whether path could be opened, is none of
 * the inputs (may be NULL; else SYC_EINVAL), is written by nobody else, and left
 * by nobody unless that does not matter.  Changes nothing.
 */
SYC_API int syc_output_check(const char *path, enum syc_leftover leftover,
			     const struct syc_inputs *in, struct syc_err *err);
/* SYC_EINVAL when two outputs, or one and what the other is until it is whole, are one. */
SYC_API int syc_outputs_differ(const char *a, const char *b,
			       struct syc_err *err);

#ifdef __cplusplus
}
#endif
#endif
