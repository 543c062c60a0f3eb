/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <getopt.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include "syc/steer.h"
#include "tool/common/dump.h"
#include "tool/common/fail.h"
#include "tool/common/progress.h"
#include "tool/common/load.h"
#include "tool/rec/row.h"

enum {
	KEY_POSITIONS = OPT_OWN, KEY_LAYERS, KEY_DTYPE, KEY_ANSWERS, KEY_PRE,
	KEY_RESUME, KEY_KEEP_GOING,
};

static const struct opt opts[] = {
	{ 0, NULL, NULL, "Model" },
	OPTS_LOAD,
	{ 's', "steer", "SPEC", "steer: FILE[:SCALE][@LAYERS][,KEY=VALUE]... (may be repeated)" },
	{ 0, NULL, NULL, "Recording" },
	{ 'r', "record", "FILE", "record activations into FILE (.npz)" },
	{ KEY_POSITIONS, "positions", "LIST", "prompt, last, letter, mean, all (default: first two)" },
	{ KEY_LAYERS, "layers", "LIST", "record these layers, as in 0,4-7 (default: all)" },
	{ KEY_DTYPE, "dtype", "TYPE", "record as f16 (default) or f32" },
	{ KEY_ANSWERS, "answers", NULL, "record the two answers even of rows with a completion" },
	{ KEY_PRE, "pre", NULL, "record what a block put out, before steering" },
	{ KEY_RESUME, "resume", NULL, "go on with an interrupted run (needs -o)" },
	OPTS_SHARD,
	{ KEY_KEEP_GOING, "keep-going", NULL, "report and skip rows that cannot be used" },
	OPTS_MODEL
};

static const struct tool tool = {
	"syc-rec", "-m MODEL -r FILE [OPTION]... [FILE]...",
	"Record activations of the given text in FILEs or standard input", opts,
};

struct rec {
	struct opt_values common;
	struct load load;
	struct syc_sequence_rules rules;
	struct syc_rows in;
	struct syc_model *model;
	struct syc_prompter prompter;
	struct syc_steer *steer;
	struct syc_recorder *recorder;
	struct dump dump;
	struct progress progress;
	const char *acts_path, *layers_arg;
	const char **specs;	/* [n_specs] --steer */
	size_t n_specs;
	uint32_t *layers;
	size_t n_layers;
	enum syc_dtype dtype;
	bool pre, resume;
	struct syc_sequence *second;	/* of a pair, still to be handed out */
	uint64_t n_in;		/* input rows so far */
	uint64_t n_skip;
};

static void parse_options(struct rec *r, int argc, char **argv)
{
	static const char *const dtypes[] = { "f16", "f32" };
	struct syc_err err;
	int key;

	while ((key = opt_next(&tool, argc, argv)) != -1) {
		switch (key) {
		case 'r': r->acts_path = optarg; break;
		case 's': r->specs[r->n_specs++] = optarg; break;
		case KEY_POSITIONS:
			if (syc_positions_parse(&r->rules.positions, optarg, &err) < 0)
				tool_usage(&tool, "--positions: %s", err.msg);
			break;
		case KEY_LAYERS: r->layers_arg = optarg; break;
		case KEY_DTYPE: r->dtype = (enum syc_dtype)opt_enum(&tool, "dtype", optarg, dtypes, 2); break;
		case KEY_ANSWERS: r->rules.answers = true; break;
		case KEY_PRE: r->pre = true; break;
		case KEY_RESUME: r->resume = true; break;
		case KEY_KEEP_GOING: r->in.keep_going = true; break;
		default:
			if (!load_opt(&tool, &r->load, key, optarg))
				opt_common(&tool, &r->common, key, optarg);
		}
	}
	if (!r->load.model)
		tool_usage(&tool, "no model: give --model=PATH");
	if (!r->acts_path)
		tool_usage(&tool, "nowhere to record: give --record=FILE");
	if (r->common.output && strcmp(r->acts_path, r->common.output) == 0)
		tool_usage(&tool, "--output and --record are the same file");
	if (r->resume && !r->common.output)
		tool_usage(&tool, "--resume needs --output");
	if (!r->rules.positions)
		r->rules.positions = 1u << SYC_POSITION_PROMPT | 1u << SYC_POSITION_LAST;
}

static int open_model(struct rec *r, struct syc_err *err)
{
	const struct syc_config *c;
	int ret = load_open(&tool, &r->common, &r->load, &r->model, err);

	if (ret < 0)
		return ret;
	c = syc_model_config(r->model);
	if (r->load.ctx > c->n_ctx)
		tool_usage(&tool, "--ctx: the model was trained for %" PRIu32 " tokens", c->n_ctx);
	r->rules.n_ctx = r->load.ctx ? r->load.ctx : c->n_ctx;
	opt_list(&tool, "layers", r->layers_arg ? r->layers_arg : "all", c->n_layers, &r->layers, &r->n_layers);
	ret = load_prompter(&r->prompter, &r->load, r->model, err);
	if (ret == 0 && r->n_specs)
		ret = syc_steer_new(&r->steer, r->model, err);
	for (size_t i = 0; i < r->n_specs && ret == 0; i++) {
		ret = syc_steer_parse(r->steer, r->specs[i], err);
		if (ret == 0 && syc_steer_assumed(r->steer))
			tool_warn_assumed(&tool, &r->common, r->specs[i]);
	}
	return ret;
}

static int open_dump(struct rec *r, struct syc_err *err)
{
	struct syc_recorder_opts ro = { r->layers, r->n_layers, r->rules.positions };
	struct syc_buf b = { 0 };
	struct syc_acts_opts ao = {
		.positions = r->rules.positions, .layers = r->layers, .n_layers = r->n_layers,
		.dim = syc_model_config(r->model)->dim, .dtype = r->dtype,
	};
	int ret, bad = syc_buf_puts(&b, "{");

	bad |= load_describe(&tool, &r->load, r->prompter.chat, r->model, &b);
	bad |= syc_buf_printf(&b, ", \"recorded\": \"%s\", \"answers\": %s, \"steer\": ",
			      r->pre ? "before steering" : "after steering", r->rules.answers ? "true" : "false");
	bad |= syc_steer_describe(r->steer, &b);
	bad |= syc_buf_puts(&b, "}");
	ao.provenance = b.data;
	ret = bad ? fail_nomem(err) : syc_recorder_new(&r->recorder, r->model, &ro, err);
	if (ret == 0)
		ret = dump_open(&r->dump, &tool, r->common.output, r->acts_path, &ao, r->resume, err);
	syc_buf_free(&b);
	r->n_skip = r->dump.n_resumed;
	if (ret == 0 && r->resume && r->common.verbose >= 0)
		tool_warn(&tool, "going on after %" PRIu64 " rows", r->n_skip);
	return ret;
}

/* The next sequence; NULL at the end. */
static int next_item(struct rec *r, struct syc_sequence **it, struct syc_err *err)
{
	struct syc_sequence *two[2];
	struct syc_row *row;
	size_t n;
	int ret;

	*it = r->second;
	r->second = NULL;
	if (*it)
		return 0;
	while ((ret = syc_rows_next(&r->in, &row, err)) == 1) {
		if (!in_shard(&r->load, r->n_in++)) {
			syc_row_free(row);
			continue;
		}
		if (row->has_pair && !row->has_prompt && !r->rules.answers)
			ret = syc_sequences_of_prompts(two, &r->rules, &r->prompter, r->in.line, r->in.len, row, err);
		else
			ret = syc_sequences_of_row(two, &n, &r->rules, &r->prompter, r->in.line, r->in.len, row, err);
		if (ret == 0) {
			*it = two[0];
			r->second = two[1];
			return 0;
		}
		ret = syc_rows_bad(&r->in, err);
		if (ret < 0)
			return ret;
	}
	return ret;
}

static int next_job(void *arg, struct syc_job **job, struct syc_err *err)
{
	struct rec *r = arg;
	struct syc_sequence *it;
	int ret;

	*job = NULL;
	while ((ret = next_item(r, &it, err)) == 0 && it && r->n_skip) {
		r->n_skip--;
		syc_sequence_free(it);
	}
	if (ret < 0 || !it)
		return ret;
	syc_steer_job(r->steer, &it->job, it->n_prompt);
	it->job.rec = syc_take_new(r->recorder);
	if (!it->job.rec || syc_take_begin(it->job.rec, &it->at) < 0) {
		syc_sequence_free(it);
		return fail_nomem(err);
	}
	*job = &it->job;
	return 0;
}

static int job_done(void *arg, struct syc_job *job, struct syc_err *err)
{
	struct rec *r = arg;
	struct syc_sequence *it = job->user;
	struct syc_acts_row acts = {
		.id = job->id, .sample = it->row->sample < 0 ? 0 : it->row->sample, .answer = it->answer,
		.all = syc_take_all(job->rec), .tokens = it->ids.id, .n_tokens = it->ids.n,
	};
	struct syc_buf line = { 0 };
	int ret;

	for (unsigned s = 0; s < SYC_POSITION_ALL; s++)
		acts.position[s] = syc_take_position(job->rec, (enum syc_position)s);
	ret = rec_row_write(it, r->acts_path, r->dump.n_rows, &line, err);
	if (ret == 0)
		ret = dump_add(&r->dump, &acts, &line, err);
	progress_show(&r->progress, r->dump.n_rows, syc_rows_share(&r->in));
	syc_buf_free(&line);
	syc_sequence_free(it);
	return ret;
}

static void job_dropped(void *arg, struct syc_job *job)
{
	(void)arg;
	syc_sequence_free(job->user);
}

static int run(struct rec *r, struct syc_err *err)
{
	struct syc_hook hooks[2];
	struct syc_engine_opts eo = load_engine(&r->common, &r->load);
	const struct jobs work = {
		"rows", "rows", &r->progress, next_job, job_done, job_dropped, r,
	};

	hooks[r->pre ? 1 : 0] = syc_steer_hook();
	hooks[r->pre ? 0 : 1] = syc_recorder_hook(r->recorder);
	eo.hooks = hooks;
	eo.n_hooks = 2;
	eo.n_layers = r->layers[r->n_layers - 1] + 1;
	return load_run(&tool, &r->common, &r->load, r->model, &eo, &work, err);
}

int main(int argc, char **argv)
{
	struct rec r = { .common = OPT_VALUES_INIT, .in = { ROWS_OF(&tool) } };
	struct syc_err err = { 0 };
	int ret;

	r.specs = calloc((size_t)argc + 1, sizeof(*r.specs));
	if (!r.specs)
		return 1;
	parse_options(&r, argc, argv);
	r.in.paths = argv + optind;
	r.in.n_paths = argc - optind;
	if (r.resume && dump_is_complete(r.common.output)) {
		tool_warn(&tool, "nothing to resume: %s is complete", r.common.output);
		free(r.specs);
		return 0;
	}
	ret = open_model(&r, &err);
	if (ret == 0 && (ret = open_dump(&r, &err)) == 0) {
		ret = run(&r, &err);
		if (dump_close(&r.dump, ret == 0, &err) < 0)
			ret = -1;
	}
	if (r.in.n_skipped && ret == 0)
		tool_warn(&tool, "%" PRIu64 " rows were skipped", r.in.n_skipped);
	syc_sequence_free(r.second);
	syc_rows_done(&r.in);
	syc_recorder_free(r.recorder);
	syc_steer_free(r.steer);
	syc_prompter_done(&r.prompter);
	syc_model_close(r.model);
	free(r.layers);
	free(r.specs);
	return tool_finish(&tool, ret < 0 ? tool_err(&tool, &err) : 0);
}
