/* SPDX-License-Identifier: MIT */
/*
 * A program that runs a model over rows and may steer it, and record it: its
 * options, what they open, and where rows and activations go.
 */
#ifndef SRC_TOOL_RUN_RECORDING_H
#define SRC_TOOL_RUN_RECORDING_H
#include "syc/record.h"
#include "syc/resume.h"
#include "tool/run/dump.h"
#include "tool/run/model_rows.h"

struct recording {
	struct model_rows m;
	const char *path;	/* of activations; NULL: nothing is recorded */
	struct texts specs;	/* --steer */
	const char *layers_arg;
	unsigned positions;
	enum syc_dtype dtype;
	bool pre, resume, force;
	bool foreign;		/* vectors of other models are meant */
	bool complete;		/* by recording_check(): --resume finds all there */
	/* Set by recording_open(): */
	struct syc_steer *steer;
	uint32_t *layers;	/* [n_layers] */
	size_t n_layers;
	/*
	 * JSON members ", \"key\": value" of the program: of run, and what shapes rows
	 * beside it
	 */
	struct syc_buf more, shape;
	const char *const *made;	/* fields that it makes, up to NULL */
	struct syc_run run;	/* the program adds what it sets by itself */
	/* By recording_begin(): */
	struct syc_recorder *recorder;	/* NULL: nothing is recorded */
	struct syc_hook hooks[2];
	char digest[SYC_RUN_DIGEST];	/* of run */
	struct syc_buf provenance;
	/* By recording_next(): */
	bool opened;
	struct dump dump;
	struct syc_resume *before;	/* the rows of the resumed run */
	char *settings_path;	/* beside the unfinished rows; NULL: there are none */
	uint64_t n_before;	/* rows of the resumed run still to be compared */
	uint64_t n_skip;	/* of these, still to pass over */
};

#define POSITIONS_BOTH (1u << SYC_POSITION_PROMPT | 1u << SYC_POSITION_LAST)

/* The rows; T has a struct recording r. */
#define OPT_OF_STEER(T, r) \
	OPT_TEXTS('s', "steer", "SPEC", T, r.specs, \
		"steer: FILE[:SCALE][@LAYERS][,KEY=VALUE]... (may be repeated)"), \
	OPT_FLAG(0, "foreign", T, r.foreign, \
		 "vectors of another model of the same width are meant")
#define OPTS_OF_RECORDING(T, r, positions_help) \
	OPT_TEXT('r', "record", "FILE", T, r.path, "record activations into FILE (.npz)"), \
	OPT_TEXT(0, "layers", "LIST", T, r.layers_arg, \
		 "record these layers, as in 0,4-7 (default: all)"), \
	{ OPT_ROW(0, "positions", "LIST", positions_help, opt_positions, \
		  OPT_AT(T, r.positions, unsigned)), .nth = syc_position_name }, \
	OPT_CHOICE(0, "dtype", "TYPE", T, r.dtype, enum syc_dtype, dtype_names, \
		   "record as f16 (default) or f32"), \
	OPT_FLAG(0, "pre", T, r.pre, "record what a block put out, before steering")
#define OPT_OF_RESUME(T, r) \
	OPT_FLAG(0, "resume", T, r.resume, "go on with an interrupted run (needs -o)")
#define OPTS_OF_RESUMING(T, r) \
	OPT_OF_RESUME(T, r), \
	OPT_OF_FORCE(T, r.force), \
	OPT_OF_SHARD(T, r.m.load), \
	OPTS_OF_ROWS(T, r.m.in)
extern const char *const dtype_names[];
opt_setter opt_positions;	/* a mask of 1 << enum syc_position */

/*
 * What does not go together is a usage error, and so is an output that is read; or
 * an error of the inputs or outputs.  Where --resume finds rows under their own
 * name, nothing is written: they are compared with the input.
 */
int recording_check(struct recording *r, struct syc_err *err);
/* Open the model, read which layers are recorded, and what steers it. */
int recording_open(struct recording *r, struct syc_err *err);
/* Add a value to more or shape; NULL is null. */
int settings_add(struct syc_buf *b, const char *key, const struct json_t *value);
/* Open the recorder, not yet rows and activations; all of r->run is set. */
int recording_begin(struct recording *r, struct syc_err *err);
/*
 * model_rows_next(), behind which, once the first row is known to be good or
 * there is none, rows and activations are opened.
 */
int recording_next(struct recording *r,
		   int (*make)(void *arg, struct syc_row *row, struct syc_err *err),
		   void *arg, struct syc_err *err);
/*
 * Whether the resumed run has written the next row: 1, pass over it; 0, it is to be
 * made.  What was written must be the same row (as in syc_resume_row()), and all of
 * the input's where it has its name already.
 */
int recording_has(struct recording *r, const struct syc_row *row, int32_t sample,
		  int32_t answer, struct syc_err *err);
/*
 * The next row that is to be made, where a row of the input makes one of the output: 1,
 * 0 at the end, or an error.  make keeps the row; pass lets go of what it kept last.
 */
int recording_next_missing(struct recording *r,
			   int (*make)(void *arg, struct syc_row *row, struct syc_err *err),
			   void (*pass)(void *arg), void *arg, struct syc_err *err);
/* Steer a job, and record it there; what it takes is the job's. */
int recording_job(const struct recording *r, struct syc_job *job,
		  size_t n_prompt, const struct syc_spots *at,
		  struct syc_err *err);
/*
 * Run the jobs, of rows, on an engine that computes layers below n_layers (0:
 * all), and close rows and activations.
 */
int recording_run(struct recording *r, const struct jobs *w, uint32_t n_layers,
		  struct syc_err *err);
/* The options of that engine, and the close, for who runs it by himself. */
struct syc_engine_opts recording_engine(struct recording *r, uint32_t n_layers);
int recording_close(struct recording *r, int ret, struct syc_err *err);
/* Add a row, whose text ends with a newline, and its activations (NULL: none). */
int recording_add(struct recording *r, const struct syc_acts_row *acts,
		  const struct syc_buf *row, struct syc_err *err);
void recording_free(struct recording *r);
/* Free all and say the last words; returns the program's exit status. */
int recording_end(struct recording *r, int ret, const struct syc_err *err);

#endif
