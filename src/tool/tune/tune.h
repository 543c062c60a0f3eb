/* SPDX-License-Identifier: MIT */
/* What the files of syc-tune share. */
#ifndef SRC_TOOL_TUNE_TUNE_H
#define SRC_TOOL_TUNE_TUNE_H
#include "syc/lora.h"
#include "syc/train.h"
#include "syc/tune.h"
#include "tool/common/rows.h"
#include "tool/run/load.h"

struct tune {
	struct opt_values common;
	struct load load;
	struct syc_lora_shape shape;
	struct syc_tune_plan plan;
	struct syc_rows in, held_in;
	struct syc_tune_read_opts read;
	char *eval;		/* held-out rows, or NULL */
	const char *log, *gguf, *merge;
	enum syc_weights type;	/* of the merged model */
	struct texts steers;
	size_t memory;		/* of a pass; 0: what the machine has */
	uint64_t checkpoint_every;	/* steps; 0: by time */
	bool foreign, resume, force, dry_run;
	/* Made on the way: */
	char *checkpoint;	/* its path */
	size_t keep;		/* bytes for what a pass keeps */
	struct syc_model *model;
	struct syc_prompter prompter;
	struct syc_tune_rows *train, *held;
	struct syc_steer *steer;
	float *added;		/* by steering, [n_layers][dim], or NULL */
	struct syc_lora_weights *weights;
	struct syc_trainer *trainer;
	struct syc_tune *run;
	struct syc_buf settings;
};
extern const struct tool tune_tool;

/* syc-tune rows: its exit status. */
int tune_rows(int argc, char **argv);

/*
 * What is written is not there yet, can be written, and is nothing that is
 * read. 1: with --resume, all is there already.
 */
int tune_check_outputs(struct tune *t, struct syc_err *err);
/* Settings that shape the result, one JSON object. */
int tune_settings(struct tune *t, struct syc_err *err);
/*
 * Say what memory and time it takes, and find keep; an error, with what would fit, where there
 * is not as much.
 */
int tune_need(struct tune *t, struct syc_err *err);
/* Train, and write what comes of it. */
int tune_train(struct tune *t, struct syc_err *err);

#endif
