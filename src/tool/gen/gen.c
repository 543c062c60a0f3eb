/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <getopt.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include "syc/steer.h"
#include "tool/common/dump.h"
#include "tool/common/fail.h"
#include "tool/gen/row.h"
#include "tool/common/preview.h"
#include "tool/common/progress.h"

enum {
	KEY_SAMPLES = OPT_OWN, KEY_STOP, KEY_TEMPERATURE, KEY_TOP_K, KEY_TOP_P,
	KEY_CHOICES, KEY_BOTH, KEY_LOGPROBS, KEY_IDS, KEY_LAYERS, KEY_POSITIONS, KEY_DTYPE,
	KEY_PRE, KEY_SHOW, KEY_RESUME, KEY_KEEP_GOING,
};

static const struct opt opts[] = {
	{ 0, NULL, NULL, "Model" },
	OPTS_LOAD,
	{ 0, NULL, NULL, "Generating" },
	{ 'n', "max-tokens", "N", "generate at most N tokens (default: 256)" },
	{ KEY_SAMPLES, "samples", "N", "draw N answers per row (default: 1)" },
	{ KEY_TEMPERATURE, "temperature", "T", "sample at temperature T (default: 0, greedy)" },
	{ KEY_TOP_K, "top-k", "K", "sample among the K most probable tokens" },
	{ KEY_TOP_P, "top-p", "P", "sample among the fewest that reach P" },
	{ KEY_STOP, "stop", "TEXT", "end an answer in front of TEXT (may be repeated)" },
	{ 's', "steer", "SPEC", "steer: FILE[:SCALE][@LAYERS][,KEY=VALUE]... (may be repeated)" },
	{ 0, NULL, NULL, "Reading out" },
	{ 'r', "record", "FILE", "record activations into FILE (.npz)" },
	{ KEY_LAYERS, "layers", "LIST", "record these layers, as in 0,4-7 (default: all)" },
	{ KEY_POSITIONS, "positions", "LIST", "record at prompt, last (default: both)" },
	{ KEY_DTYPE, "dtype", "TYPE", "record as f16 (default) or f32" },
	{ KEY_PRE, "pre", NULL, "record what a block put out, before steering" },
	{ KEY_CHOICES, "choices", NULL, "add p_match, the probability of the matching answer" },
	{ KEY_BOTH, "both-orders", NULL, "run each row again with its choices in reverse order" },
	{ KEY_LOGPROBS, "logprobs", "K", "add the K most probable tokens of each step" },
	{ KEY_IDS, "ids", NULL, "add prompt_ids and completion_ids" },
	{ KEY_SHOW, "show-prompt", NULL, "show the first prompt, estimate time and memory, stop" },
	{ KEY_RESUME, "resume", NULL, "go on with an interrupted run (needs -o)" },
	OPTS_SHARD,
	{ KEY_KEEP_GOING, "keep-going", NULL, "report and skip rows that cannot be used" },
	OPTS_SEEDED
};

static const struct tool tool = {
	"syc-gen", "-m MODEL [OPTION]... [FILE]...",
	"Generate answers to the questions in FILEs or standard input", opts,
};

struct gen {
	struct opt_values common;
	struct gen_opts o;
	struct syc_rows in;
	struct syc_model *model;
	struct syc_prompter prompter;
	struct syc_steer *steer;
	struct syc_recorder *recorder;
	struct dump dump;
	struct progress progress;
	uint32_t *layers;
	size_t n_layers, n_ctx;
	const char *layers_arg;
	enum syc_dtype dtype;
	bool pre, show, resume;
	const char **specs;	/* [n_specs] --steer */
	size_t n_specs;

	struct gen_row *row;	/* the one whose samples are handed out */
	uint32_t sample;
	uint64_t n_in;		/* input rows so far */
	uint64_t n_skip;		/* rows of the resumed run still to pass over */
};

static void parse_options(struct gen *g, int argc, char **argv)
{
	static const char *const dtypes[] = { "f16", "f32" };
	struct gen_opts *o = &g->o;
	struct syc_err err;
	int key;

	while ((key = opt_next(&tool, argc, argv)) != -1) {
		switch (key) {
		case 'n': o->max_tokens = opt_whole(&tool, "max-tokens", optarg, 1, 1 << 20); break;
		case KEY_SAMPLES: o->samples = (uint32_t)opt_whole(&tool, "samples", optarg, 1, 1000000); break;
		case KEY_TEMPERATURE: o->sampling.temperature = (float)opt_num(&tool, "temperature", optarg, 0, 100); break;
		case KEY_TOP_K: o->sampling.top_k = (uint32_t)opt_whole(&tool, "top-k", optarg, 0, 1 << 22); break;
		case KEY_TOP_P: o->sampling.top_p = (float)opt_num(&tool, "top-p", optarg, 0, 1); break;
		case KEY_STOP: o->stop[o->n_stop++] = optarg; break;
		case 's': g->specs[g->n_specs++] = optarg; break;
		case 'r': o->acts_path = optarg; break;
		case KEY_LAYERS: g->layers_arg = optarg; break;
		case KEY_POSITIONS:
			if (syc_positions_parse(&o->positions, optarg, &err) < 0)
				tool_usage(&tool, "--positions: %s", err.msg);
			break;
		case KEY_DTYPE: g->dtype = (enum syc_dtype)opt_enum(&tool, "dtype", optarg, dtypes, 2); break;
		case KEY_PRE: g->pre = true; break;
		case KEY_CHOICES: o->choices = true; break;
		case KEY_BOTH: g->in.both_orders = true; break;
		case KEY_LOGPROBS: o->logprobs = (uint32_t)opt_whole(&tool, "logprobs", optarg, 1, 100); break;
		case KEY_IDS: o->ids = true; break;
		case KEY_SHOW: g->show = true; break;
		case KEY_RESUME: g->resume = true; break;
		case KEY_KEEP_GOING: g->in.keep_going = true; break;
		default:
			if (!load_opt(&tool, &o->load, key, optarg))
				opt_common(&tool, &g->common, key, optarg);
		}
	}
}

static void check_options(struct gen *g)
{
	struct gen_opts *o = &g->o;

	if (g->resume && !g->common.output)
		tool_usage(&tool, "--resume needs --output");
	if (o->acts_path && g->common.output && strcmp(o->acts_path, g->common.output) == 0)
		tool_usage(&tool, "--output and --record are the same file");
	if (!o->acts_path && (g->layers_arg || o->positions || g->pre))
		tool_usage(&tool, "--layers, --positions and --pre need --record");
	if (o->positions & ~(1u << SYC_POSITION_PROMPT | 1u << SYC_POSITION_LAST))
		tool_usage(&tool, "--positions: syc-gen records prompt and last (syc-rec knows more)");
	if (!(o->sampling.temperature > 0)) {
		if (o->samples > 1)
			tool_usage(&tool, "--samples without --temperature gives the same answer every time");
		if (o->sampling.top_k || o->sampling.top_p > 0)
			tool_usage(&tool, "--top-k and --top-p need --temperature");
	}
	if (!o->positions)
		o->positions = 1u << SYC_POSITION_PROMPT | 1u << SYC_POSITION_LAST;
	o->sampling.seed = g->common.seed;
	if (!o->load.model)
		tool_usage(&tool, "no model: give --model=PATH");
}

static int open_model(struct gen *g, struct syc_err *err)
{
	const struct syc_config *c;
	int ret = load_open(&tool, &g->common, &g->o.load, &g->model, err);

	if (ret < 0)
		return ret;
	c = syc_model_config(g->model);
	if (g->o.load.ctx > c->n_ctx)
		tool_usage(&tool, "--ctx: the model was trained for %" PRIu32 " tokens", c->n_ctx);
	g->n_ctx = g->o.load.ctx ? g->o.load.ctx : c->n_ctx;
	opt_list(&tool, "layers", g->layers_arg ? g->layers_arg : "all", c->n_layers, &g->layers, &g->n_layers);
	ret = load_prompter(&g->prompter, &g->o.load, g->model, err);
	if (ret == 0 && g->n_specs)
		ret = syc_steer_new(&g->steer, g->model, err);
	for (size_t i = 0; i < g->n_specs && ret == 0; i++) {
		ret = syc_steer_parse(g->steer, g->specs[i], err);
		if (ret == 0 && syc_steer_assumed(g->steer))
			tool_warn_assumed(&tool, &g->common, g->specs[i]);
	}
	return ret;
}

/* What can change the recorded numbers, in one form. */
static int describe(struct gen *g, struct syc_buf *b)
{
	const struct syc_sampling *s = &g->o.sampling;
	int bad = syc_buf_puts(b, "{");

	bad |= load_describe(&tool, &g->o.load, g->prompter.chat, g->model, b);
	bad |= syc_buf_printf(b, ", \"recorded\": \"%s\", \"max_tokens\": %zu, \"samples\": %" PRIu32 ", \"temperature\": ",
			      g->pre ? "before steering" : "after steering", g->o.max_tokens, g->o.samples);
	bad |= syc_buf_float(b, s->temperature);
	if (s->temperature > 0) {
		bad |= syc_buf_printf(b, ", \"seed\": %" PRIu64 ", \"top_k\": %" PRIu32 ", \"top_p\": ", s->seed, s->top_k);
		bad |= syc_buf_float(b, s->top_p);
	}
	bad |= syc_buf_puts(b, ", \"stop\": [");
	for (size_t i = 0; i < g->o.n_stop; i++) {
		bad |= i ? syc_buf_puts(b, ", ") : 0;
		bad |= syc_buf_json(b, g->o.stop[i], strlen(g->o.stop[i]));
	}
	bad |= syc_buf_puts(b, "], \"steer\": ");
	bad |= syc_steer_describe(g->steer, b);
	return bad | syc_buf_puts(b, "}");
}

static int open_dump(struct gen *g, struct syc_err *err)
{
	struct syc_recorder_opts ro = { g->layers, g->n_layers, g->o.positions };
	struct syc_buf provenance = { 0 };
	struct syc_acts_opts ao = {
		.positions = g->o.positions, .layers = g->layers, .n_layers = g->n_layers,
		.dim = syc_model_config(g->model)->dim, .dtype = g->dtype,
	};
	int ret = 0;

	if (g->o.acts_path) {
		if (describe(g, &provenance) < 0)
			return fail_nomem(err);
		ao.provenance = provenance.data;
		ret = syc_recorder_new(&g->recorder, g->model, &ro, err);
	}
	if (ret == 0)
		ret = dump_open(&g->dump, &tool, g->common.output, g->o.acts_path,
				    g->o.acts_path ? &ao : NULL, g->resume, err);
	syc_buf_free(&provenance);
	g->n_skip = g->dump.n_resumed;
	if (ret == 0 && g->resume && g->common.verbose >= 0)
		tool_warn(&tool, "going on after %" PRIu64 " rows", g->n_skip);
	return ret;
}

/* The next input row that can be used; 1, 0 at the end, or an error. */
static int next_row(struct gen *g, struct syc_err *err)
{
	struct syc_row *row;
	int ret;

	while ((ret = syc_rows_next(&g->in, &row, err)) == 1) {
		if (!in_shard(&g->o.load, g->n_in++)) {
			syc_row_free(row);
			continue;
		}
		ret = gen_row_new(&g->row, &g->o, &g->prompter, &g->in, row, g->n_ctx, err);
		if (ret == 0)
			return 1;
		ret = syc_rows_bad(&g->in, err);
		if (ret < 0)
			return ret;
	}
	return ret;
}

static int next_job(void *arg, struct syc_job **job, struct syc_err *err)
{
	struct gen *g = arg;
	struct gen_item *it;
	int ret;

	*job = NULL;
	for (;;) {
		if (!g->row) {
			ret = next_row(g, err);
			if (ret <= 0)
				return ret;
			g->sample = 0;
		}
		if (!g->n_skip)
			break;
		g->n_skip--;
		if (++g->sample == g->o.samples) {
			gen_row_unref(g->row);
			g->row = NULL;
		}
	}
	it = gen_item_new(&g->o, syc_model_vocab(g->model), g->row, g->sample);
	if (++g->sample == g->o.samples) {
		gen_row_unref(g->row);
		g->row = NULL;
	}
	if (!it)
		return fail_nomem(err);
	syc_steer_job(g->steer, &it->job, it->job.n_tokens);
	if (g->recorder) {
		struct syc_spots at = {
			.prompt = (uint32_t)it->job.n_tokens - 1, .letter = SYC_NOWHERE,
			.begin = (uint32_t)it->job.n_tokens, .end = SYC_NOWHERE,
		};

		it->job.rec = syc_take_new(g->recorder);
		if (!it->job.rec || syc_take_begin(it->job.rec, &at) < 0) {
			syc_take_free(it->job.rec);
			gen_item_free(it);
			return fail_nomem(err);
		}
	}
	*job = &it->job;
	return 0;
}

static int job_done(void *arg, struct syc_job *job, struct syc_err *err)
{
	struct gen *g = arg;
	struct gen_item *it = job->user;
	struct syc_acts_row acts = { .id = job->id, .sample = (int32_t)job->sample, .answer = -1 };
	struct syc_buf line = { 0 };
	int ret;

	if (job->rec) {
		acts.position[SYC_POSITION_PROMPT] = syc_take_position(job->rec, SYC_POSITION_PROMPT);
		if (job->out.n)
			acts.position[SYC_POSITION_LAST] = syc_take_position(job->rec, SYC_POSITION_LAST);
	}
	ret = gen_item_write(it, job->rec ? (int64_t)g->dump.n_rows : -1, &line, err);
	if (ret == 0)
		ret = dump_add(&g->dump, &acts, &line, err);
	progress_show(&g->progress, g->dump.n_rows, syc_rows_share(&g->in));
	syc_buf_free(&line);
	syc_take_free(job->rec);
	gen_item_free(it);
	return ret;
}

static void job_dropped(void *arg, struct syc_job *job)
{
	(void)arg;
	syc_take_free(job->rec);
	gen_item_free(job->user);
}

static int run(struct gen *g, struct syc_err *err)
{
	struct syc_hook hooks[2] = { syc_steer_hook() };
	struct syc_engine_opts eo = load_engine(&g->common, &g->o.load);
	const struct jobs work = {
		"rows", "rows", &g->progress, next_job, job_done, job_dropped, g,
	};

	eo.hooks = hooks;
	eo.n_hooks = 1;
	if (g->recorder) {
		hooks[g->pre ? 1 : 0] = syc_steer_hook();
		hooks[g->pre ? 0 : 1] = syc_recorder_hook(g->recorder);
		eo.n_hooks = 2;
	}
	return load_run(&tool, &g->common, &g->o.load, g->model, &eo, &work, err);
}

static int show(struct gen *g, struct syc_err *err)
{
	struct preview p = {
		.tool = &tool, .common = &g->common, .load = &g->o.load, .model = g->model,
		.prompter = &g->prompter, .in = &g->in, .max_tokens = g->o.max_tokens,
		.samples = g->o.samples, .n_layers = g->o.acts_path ? g->n_layers : 0,
		.n_positions = (unsigned)__builtin_popcount(g->o.positions), .dtype = g->dtype,
	};

	return preview(&p, err);
}

int main(int argc, char **argv)
{
	struct gen g = {
		.common = OPT_VALUES_INIT, .in = { ROWS_OF(&tool) },
		.o = { .max_tokens = 256, .samples = 1 },
	};
	struct syc_err err = { 0 };
	int ret;

	g.o.stop = calloc((size_t)argc + 1, sizeof(*g.o.stop));
	g.specs = calloc((size_t)argc + 1, sizeof(*g.specs));
	if (!g.o.stop || !g.specs)
		return 1;
	parse_options(&g, argc, argv);
	check_options(&g);
	g.in.paths = argv + optind;
	g.in.n_paths = argc - optind;
	if (g.resume && dump_is_complete(g.common.output)) {
		tool_warn(&tool, "nothing to resume: %s is complete", g.common.output);
		free(g.o.stop);
		free(g.specs);
		return 0;
	}
	ret = open_model(&g, &err);
	if (ret == 0 && g.show)
		ret = show(&g, &err);
	else if (ret == 0 && (ret = open_dump(&g, &err)) == 0) {
		ret = run(&g, &err);
		if (dump_close(&g.dump, ret == 0, &err) < 0)
			ret = -1;
	}
	if (g.in.n_skipped && ret == 0)
		tool_warn(&tool, "%" PRIu64 " rows were skipped", g.in.n_skipped);
	gen_row_unref(g.row);
	syc_rows_done(&g.in);
	syc_recorder_free(g.recorder);
	syc_steer_free(g.steer);
	syc_prompter_done(&g.prompter);
	syc_model_close(g.model);
	free(g.layers);
	free(g.o.stop);
	free(g.specs);
	return tool_finish(&tool, ret < 0 ? tool_err(&tool, &err) : 0);
}
