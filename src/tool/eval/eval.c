/* SPDX-License-Identifier: MIT */
/* syc-eval: tasks of sycophancy in free text, put to a model and graded. */
#include "config.h"
#include <stdlib.h>
#include <string.h>
#include "tool/eval/eval.h"
#include "tool/eval/predict.h"
#include "tool/eval/results.h"

static const char *task(unsigned i)
{
	return i > 1 ? syc_eval_task(i - 2) : i ? "table" : "all";
}

static const struct opt opts[] = {
	OPT_FIRST(task),
	OPT_HEAD("Model"),
	OPT_OF_MODEL(struct eval_opts, r.m.load),
	OPT_TEXT(0, "models", "[NAME=]PATH,...", struct eval_opts, models,
		 "several; --lora=NAME=PATH and --steer=NAME=SPEC are of one"),
	OPT_TEXTS(0, "lora", "PATH[:SCALE]", struct eval_opts, lora,
		  "add an adapter, SCALE times (default: 1); may be repeated"),
	OPTS_OF_RUNNING(struct eval_opts, r.m.load),
	OPT_HEAD("Replies"),
	OPT_SIZE('n', "max-tokens", "N", struct eval_opts, max_tokens, 1,
		 1 << 20, "a reply has at most N tokens (default: 256)"),
	OPT_U32(0, "samples", "N", struct eval_opts, samples, 1, 1000000,
		"hold each conversation N times (default: 1)"),
	OPT_FLOAT(0, "temperature", "T", struct eval_opts, sampling.temperature,
		  0, 100, "sample at temperature T (default: 0, greedy)"),
	OPT_U32(0, "top-k", "K", struct eval_opts, sampling.top_k, 0, 1 << 22,
		"sample among the K most probable tokens"),
	OPT_FLOAT(0, "top-p", "P", struct eval_opts, sampling.top_p, 0, 1,
		  "sample among the fewest that reach P"),
	OPT_TEXTS(0, "stop", "TEXT", struct eval_opts, stop,
		  "end a reply in front of TEXT (may be repeated)"),
	OPT_OF_STEER(struct eval_opts, r),
	OPT_TEXT(0, "user-model", "PATH", struct eval_opts, user_model,
		 "a second model says the user's turns of pushback"),
	OPT_SIZE(0, "user-tokens", "N", struct eval_opts, user_tokens, 1,
		 1 << 20, "it says at most N tokens (default: 48)"),
	OPT_HEAD("Judging"),
	OPT_TEXT(
		0, "judge", "PATH", struct eval_opts, judge,
		"the model that judges (default: feedback by itself, else rules)"),
	OPT_TEXT(0, "rubric", "RUBRIC", struct eval_opts, rubric,
		 "what it is asked about feedback (default: comments)"),
	OPT_DOUBLE(0, "min-mass", "P", struct eval_opts, min_mass, 0, 1,
		   "undecided where its answers have less (default: 0.1)"),
	OPT_HEAD("Results"),
	OPTS_OF_RECORDING(struct eval_opts, r,
			  "record at prompt, last (default: both)"),
	OPT_TEXTS(
		0, "predict", "[NAME=]FILE", struct eval_opts, vectors,
		"does this vector tell what is labeled sycophantic? (needs -r)"),
	OPTS_OF_RESUMING(struct eval_opts, r),
	OPT_TEXT(0, "tasks", "PATH", struct eval_opts, tasks,
		 "all: the folder of rows, TASK.jsonl (default: syc's own)"),
	OPTS_OF_FORM(struct eval_opts, form, "the table as JSON"),
	OPTS_RANDOM(struct eval_opts, r.m.common)};

const struct tool eval_tool = {
	"syc-eval",
	"TASK -m MODEL [OPTION]... [ROWS]...\n"
	"  or:  syc-eval all -m MODEL -o FOLDER [OPTION]...\n"
	"  or:  syc-eval table [OPTION]... [RESULTS]...",
	"Put the rows of a task, or of all, to a model and grade its replies; table: the figures\n"
	"of rows that are graded already",
	opts,
};

static void check_options(struct eval_opts *o)
{
	const struct recording *r = &o->r;

	if (!r->path && (r->layers_arg || r->positions || r->pre))
		tool_usage(&eval_tool,
			   "--layers, --positions and --pre need --record");
	if (o->vectors.n && !r->path)
		tool_usage(&eval_tool, "--predict needs --record");
	if (r->positions & ~POSITIONS_BOTH)
		tool_usage(&eval_tool,
			   "--positions: syc-eval records prompt and last");
	if (!(o->sampling.temperature > 0) && o->samples > 1)
		tool_usage(
			&eval_tool,
			"--samples without --temperature gives the same replies "
			"every time");
	if (!(o->sampling.temperature > 0) &&
	    (o->sampling.top_k || o->sampling.top_p > 0))
		tool_usage(&eval_tool,
			   "--top-k and --top-p need --temperature");
	if (!r->positions)
		o->r.positions = POSITIONS_BOTH;
}

/* What belongs to one task only. */
static void check_task(const struct eval_opts *o, const char *task)
{
	if (!syc_task_is(task))
		tool_usage(&eval_tool, "'%s' is no task: %s, all", task,
			   syc_task_names());
	if (o->user_model && strcmp(task, "pushback") != 0)
		tool_usage(
			&eval_tool,
			"--user-model: only pushback has a user who goes on");
	if (o->rubric && strcmp(task, "feedback") != 0)
		tool_usage(&eval_tool,
			   "--rubric: only feedback is judged by another");
	if (o->judge &&
	    (strcmp(task, "mimicry") == 0 || strcmp(task, "mirror") == 0 ||
	     strcmp(task, "pushback") == 0))
		tool_usage(&eval_tool, "--judge: %s is graded by rules", task);
}

/* The figures of what a run wrote, and what vectors tell of it. */
static int show(struct eval_opts *o)
{
	const char *model;
	char *name = named_file(o->r.m.load.model, &model);
	struct results r = { .name = name ? name : "" };
	char *path = (char *)(uintptr_t)o->r.m.common.output;
	struct syc_buf b = { 0 };
	struct sheet out = { .b = &b, .form = o->form };
	struct syc_err err = { 0 };
	int ret = results_read(&r, path, &err);

	if (ret == 0)
		ret = results_compare(&r, 1, &err);
	if (ret == 0)
		ret = results_put(&out, &r, 1, &err);
	if (ret == 0 && o->vectors.n)
		ret = predict_put(&out, &eval_tool, &o->r.m.common, &o->vectors,
				  &path, 1, &err);
	if (b.len)
		fwrite(b.data, 1, b.len, stdout);
	syc_buf_free(&b);
	results_free(&r, 1);
	free(name);
	return tool_finish(&eval_tool,
			   ret < 0 ? tool_err(&eval_tool, &err) : 0);
}

/* The figures of rows that are graded already, such as those of shards. */
static int show_rows(struct eval_opts *o, char *const *rows, int n_rows)
{
	struct syc_rows in = { ROWS_OF_ONE_RUN(&eval_tool), .paths = rows, .n_paths = n_rows,
			       .keep_going = o->r.m.in.keep_going,
			       .allow_duplicates = o->r.m.in.allow_duplicates };
	const char *output = o->r.m.common.output;
	struct results r = { .name = "" };
	struct syc_buf b = { 0 };
	struct sheet out = { .b = &b, .form = o->form };
	struct syc_err err = { 0 };
	int ret;

	if (o->r.m.load.model || o->models || o->r.path || o->vectors.n)
		tool_usage(&eval_tool, "table runs no model: it reads rows that are graded");
	ret = work_check(&eval_tool, output, rows, n_rows, &err);
	if (ret == 0)
		ret = results_add(&r, &in, &err);
	if (ret == 0)
		ret = results_compare(&r, 1, &err);
	if (ret == 0)
		ret = results_put(&out, &r, 1, &err);
	if (ret == 0)
		ret = syc_output_all(output, b.data, b.len, &err);
	syc_buf_free(&b);
	results_free(&r, 1);
	return tool_finish(&eval_tool, ret < 0 ? tool_err(&eval_tool, &err) : 0);
}

/*
 * One model, one task: rows to --output, which leaves standard output to the
 * table.
 */
static int run_one(struct eval_opts *o, const char *task, char *const *rows,
		   int n_rows)
{
	static const struct opt lora = { .name = "lora" };
	struct eval e = { .o = o, .task = task };
	int status;

	if (syc_output_is_stdout(o->r.m.common.output) && o->form != SHEET_TEXT)
		tool_usage(&eval_tool,
			   "--json and --tsv need --output, for the rows");
	for (size_t i = 0; i < o->lora.n; i++)
		opt_lora(&eval_tool, &lora, &o->r.m.load,
			 (char *)(uintptr_t)o->lora.text[i]);
	e.r = o->r;
	e.r.m.in.paths = rows;
	e.r.m.in.n_paths = n_rows;
	status = eval_run(&e);
	o->r.specs = (struct texts){ 0 };	/* freed with the run */
	if (status || syc_output_is_stdout(o->r.m.common.output) ||
	    o->r.m.common.verbose < 0)
		return status;
	return show(o);
}

int main(int argc, char **argv)
{
	struct eval_opts o = {.r.m = MODEL_ROWS_OF(&eval_tool),
			      .max_tokens = 256,
			      .samples = 1,
			      .user_tokens = 48,
			      .min_mass = 0.1};
	const int at = opt_parse(&eval_tool, argc, argv, &o),
		  n_rows = argc - at - 1;
	bool all, table;
	int status;

	check_options(&o);
	if (at == argc)
		tool_usage(&eval_tool, "no task: %s, all", syc_task_names());
	all = strcmp(argv[at], "all") == 0;
	table = strcmp(argv[at], "table") == 0;
	if (!all && !table)
		check_task(&o, argv[at]);
	if (o.tasks && !all)
		tool_usage(&eval_tool, "--tasks: of all tasks, not of '%s'",
			   argv[at]);
	status = table ? show_rows(&o, argv + at + 1, n_rows)
		 : (all || o.models)
			 ? eval_many(&o, argv[at], argv + at + 1, n_rows)
			 : run_one(&o, argv[at], argv + at + 1, n_rows);
	texts_free(&o.stop);
	texts_free(&o.lora);
	texts_free(&o.vectors);
	texts_free(&o.r.specs);
	return status;
}
