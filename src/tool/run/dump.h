/* SPDX-License-Identifier: MIT */
/*
 * Where a recording program's rows and activations go.  A row leaves only when
 * the chunk with its activations is on disk, so whoever reads the row can read
 * them.  With an output file the run can be resumed.
 */
#ifndef SRC_TOOL_RUN_DUMP_H
#define SRC_TOOL_RUN_DUMP_H
#include "syc/acts.h"
#include "tool/common/rows.h"

struct dump {
	const struct tool *tool;
	/* NULL: standard output, none */
	const char *out_path, *acts_path;
	uint64_t n_rows;	/* so far, those of the resumed run included */
	uint64_t n_there;	/* whole rows of the resumed run */
	uint64_t n_resumed;	/* of these, kept: the others are made again */
	/* Private from here. */
	struct syc_output out;
	struct syc_acts_out *acts;
	struct syc_buf pending;	/* rows not written yet */
	uint64_t n_written;
	size_t *ends;		/* [n_rows - n_written] of each in pending */
	size_t n_ends, cap_ends;
	bool out_failed;
	bool known;		/* the settings of the interrupted run are, see dump_open() */
	bool cut;		/* rows behind `end` go with the next write */
	bool old;		/* the interrupted run has rows */
	off_t end;
	/* the row that must come first, see dump_open() */
	struct syc_buf again;
};

/*
 * Open both.  With SYC_LEFTOVER_TAKE what is whole of an interrupted run is kept;
 * the next row is number n_resumed.  Without acts, and where the settings of that run
 * are not known to be these, the last row is computed again, and dump_add() fails
 * when the first row added is another.
 */
int dump_open(struct dump *d, const struct tool *t, const char *out_path,
	      const char *acts_path, const struct syc_acts_opts *acts,
	      enum syc_leftover leftover, bool known, struct syc_err *err);
/*
 * Whether a run with --resume to out_path has nothing left to do: the rows are
 * there under their own name, and nobody has begun to make them or their
 * recording (may be NULL) again.
 */
bool dump_is_complete(const char *out_path, const char *acts_path);
/* Add a row (its text ends with a newline) with its activations, if recorded. */
int dump_add(struct dump *d, const struct syc_acts_row *acts,
		 const struct syc_buf *row, struct syc_err *err);
/*
 * Close both.  When ok, they appear under their names; else they stay in
 * PATH.part for --resume, the recording closed as it is.
 */
int dump_close(struct dump *d, bool ok, struct syc_err *err);

#endif
