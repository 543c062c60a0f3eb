/* SPDX-License-Identifier: MIT */
/* syc-eval: one run of a task's rows through a model, and several. */
#ifndef SRC_TOOL_EVAL_EVAL_H
#define SRC_TOOL_EVAL_EVAL_H
#include "syc/judging.h"
#include "tool/common/table.h"
#include "tool/run/recording.h"

/* What the command line says; the same for all runs. */
struct eval_opts {
	/* its rows, model and outputs are the first run's */
	struct recording r;
	struct texts lora;	/* [NAME=]PATH[:SCALE] */
	struct texts stop, vectors;
	struct syc_sampling sampling;
	size_t max_tokens, user_tokens;
	uint32_t samples;
	const char *judge, *rubric, *user_model;
	double min_mass;
	const char *models, *tasks;
	enum sheet_form form;
};

/*
 * A model that judges or plays the user: its own, or the one that is evaluated.
 */
struct voice {
	struct load load;
	struct syc_model *model;	/* NULL: that one */
	struct syc_prompter prompter;
	struct syc_engine *engine;	/* its own, or NULL */
	struct syc_speaker speaker;
};

/* A row of the input, while its samples are under way. */
struct eval_row {
	struct syc_row *row;
	struct syc_task_row task;
	char *line;		/* [len] */
	size_t len;
	char *place;		/* for messages */
	struct eval_sample *sample;	/* [samples] */
};

struct eval_sample {
	struct syc_talk talk;
	bool written;		/* by the run that is resumed */
	struct syc_grade *grade;	/* [n_turns + 1] */
};

struct eval {
	const struct eval_opts *o;
	struct recording r;
	const char *task;
	struct syc_sampling sampling;
	struct syc_speaker model;
	struct voice judge, user;
	struct syc_judging judging[2];	/* [n_judging] by rubric */
	size_t n_judging;
	struct syc_talk_opts talk;
	struct eval_row *taken;	/* by take_row(), or NULL: dropped */
	struct eval_row **row;	/* [n_rows] of the batch: whole items */
	size_t n_rows, cap_rows;
	uint64_t n_dropped, n_written;
	double share;
};

extern const struct tool eval_tool;

/*
 * Read whole items until there are enough rows for a batch: 1, 0 at the end, or
 * an error.
 */
int batch_read(struct eval *e, struct syc_err *err);
/*
 * Hold the conversations of the batch that are not written yet, and grade them.
 */
int batch_run(struct eval *e, struct syc_err *err);
/* Write its rows, and forget it. */
int batch_write(struct eval *e, struct syc_err *err);
void batch_free(struct eval *e);

/*
 * Run a task's rows through a model: e->r has options, model, rows and
 * outputs.  The exit status; what it says is said.
 */
int eval_run(struct eval *e);
/* Runs of several models, or of all tasks ("all"); the exit status. */
int eval_many(const struct eval_opts *o, const char *task, char *const *rows,
	      int n_rows);

/* Of the judge: the model itself with no path. */
int voice_open(struct voice *v, const struct eval *e, const char *path,
	       bool quotes, struct syc_err *err);
void voice_close(struct voice *v);

#endif
