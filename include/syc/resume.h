/* SPDX-License-Identifier: MIT */
/* Going on with a run that was interrupted: is it the same run? */
#ifndef SYC_RESUME_H
#define SYC_RESUME_H
#include "syc/acts.h"
#include "syc/task.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * While rows are written as PATH.part, PATH.part.run has the settings that shape
 * them, one JSON object: NULL without memory, else the caller's.
 */
SYC_API char *syc_resume_settings_path(const char *part);
/*
 * Compare the settings with those that part was begun with: 1 equal, 0 none are
 * known (it was begun by an earlier version), else SYC_EINVAL says which setting
 * differs, with both values.
 */
SYC_API int syc_resume_compare(const char *part, const char *settings,
			       struct syc_err *err);

/* The rows that were written before, one after another. */
struct syc_resume;

/*
 * Open the rows, unfinished or done, and the recording of the first n_kept
 * (UINT64_MAX: all; NULL: none), unfinished where there is one that is.  The others
 * are made again; the file may then be cut behind n_kept.  run is the digest of the
 * run that goes on.
 */
SYC_API int syc_resume_open(struct syc_resume **out, const char *rows,
			    uint64_t n_kept, const char *acts, const char *run,
			    struct syc_err *err);
/* How many there are. */
SYC_API uint64_t syc_resume_rows(const struct syc_resume *r);
/*
 * The next row must be what this input row gave: its id, sample (-1: the row's)
 * and answer (1 match, 0 other, -1 neither), in the recording, too, all fields of
 * the input but those that the program makes (up to NULL), and of these "run", FIELD_run
 * and "run" in an object FIELD must name this run.  Else SYC_EINVAL with the row and what
 * differs.  A row without "run" is of an earlier version, one without FIELD_run of other
 * options.
 */
SYC_API int syc_resume_row(struct syc_resume *r, const struct syc_row *row,
			   int32_t sample, int32_t answer,
			   const char *const *made, struct syc_err *err);
SYC_API void syc_resume_close(struct syc_resume *r);

#ifdef __cplusplus
}
#endif
#endif
