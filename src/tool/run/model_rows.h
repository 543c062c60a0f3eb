/* SPDX-License-Identifier: MIT */
/* Rows through a model: what every program that reads the one into the other does. */
#ifndef SRC_TOOL_RUN_MODEL_ROWS_H
#define SRC_TOOL_RUN_MODEL_ROWS_H
#include "tool/common/rows.h"
#include "tool/run/load.h"

/* The jobs of a program and what becomes of them, as in syc_engine_run(). */
struct jobs {
	const char *what;	/* "pairs": what progress counts */
	const char *jobs;	/* "answers": what the engine counts */
	struct progress *progress;
	int (*next)(void *arg, struct syc_job **job, struct syc_err *err);
	int (*done)(void *arg, struct syc_job *job, struct syc_err *err);
	void (*drop)(void *arg, struct syc_job *job);
	void *arg;
};

struct model_rows {
	const struct tool *tool;
	struct opt_values common;
	struct load load;
	struct syc_rows in;
	struct syc_model *model;
	struct syc_prompter prompter;
	struct syc_engine *engine;	/* during model_rows_run() */
	struct progress progress;
	size_t n_ctx;		/* tokens of the longest row */
	uint64_t n_in;		/* rows read, those of other shards included */
	/* A field: rows next to each other that have the same there are one of n_in. */
	const char *shard_by;
	char *shard_key;
};
#define MODEL_ROWS_OF(t) { .tool = t, .common = OPT_VALUES_INIT, .in = { ROWS_OF(t) } }

/* opt_parse() of all, the program's struct, whose part m is; the operands are the rows'. */
void model_rows_parse(struct model_rows *m, int argc, char **argv, void *all);
/* work_check(&tool, ) of the rows and --output. */
int model_rows_check(const struct model_rows *m, struct syc_err *err);
/* The model and its prompter; a context longer than the model's is an error. */
int model_rows_open(struct model_rows *m, struct syc_err *err);
/*
 * Have `make` take over rows of this shard until one can be used: 1, 0 at the
 * end or while the next is to come and jobs are under way, or an error.  in.line
 * is the row's text in make, which returns 0 or an error of the row.
 */
int model_rows_next(struct model_rows *m,
		    int (*make)(void *arg, struct syc_row *row,
				struct syc_err *err),
		    void *arg, struct syc_err *err);
/* A copy of the text of the row last read, in.len bytes; NULL without memory. */
char *model_rows_line(const struct model_rows *m);
/* Run the jobs on an engine of their own, with progress and, with -v, a last word. */
int model_rows_run(struct model_rows *m, const struct syc_engine_opts *eo,
		   const struct jobs *w, struct syc_err *err);
/* The two ends of that, for who runs the jobs by himself: m->engine. */
int model_rows_engine(struct model_rows *m, const struct syc_engine_opts *eo,
		      struct syc_err *err);
void model_rows_engine_end(struct model_rows *m, const char *jobs);
void model_rows_free(struct model_rows *m);
/* The same with the last words of a program; returns its exit status. */
int model_rows_end(struct model_rows *m, int ret, const struct syc_err *err);

#endif
