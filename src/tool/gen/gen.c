/* SPDX-License-Identifier: MIT */
/* syc-gen: answers to the questions of rows. */
#include "config.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include "tool/common/fail.h"
#include "tool/gen/preview.h"
#include "tool/gen/row.h"

struct gen {
	struct recording r;
	struct gen_opts o;
	bool show;
	struct gen_row *row; /* the one whose samples are handed out */
	uint32_t sample;
};

static const struct opt opts[] = {
	OPT_HEAD("Model"),
	OPTS_OF_MODEL(struct gen, r.m.load),
	OPT_HEAD("Generating"),
	OPT_SIZE('n', "max-tokens", "N", struct gen, o.max_tokens, 1, 1 << 20,
		 "generate at most N tokens (default: 256)"),
	OPT_U32(0, "samples", "N", struct gen, o.samples, 1, 1000000,
		"draw N answers per row (default: 1)"),
	OPT_FLOAT(0, "temperature", "T", struct gen, o.sampling.temperature, 0, 100,
		  "sample at temperature T (default: 0, greedy)"),
	OPT_U32(0, "top-k", "K", struct gen, o.sampling.top_k, 0, 1 << 22,
		"sample among the K most probable tokens"),
	OPT_FLOAT(0, "top-p", "P", struct gen, o.sampling.top_p, 0, 1,
		  "sample among the fewest that reach P"),
	OPT_TEXTS(0, "stop", "TEXT", struct gen, o.stop,
		  "end an answer in front of TEXT (may be repeated)"),
	OPT_OF_STEER(struct gen, r),
	OPT_HEAD("Reading out"),
	OPTS_OF_RECORDING(struct gen, r, "record at prompt, last (default: both)"),
	OPT_FLAG(0, "choices", struct gen, o.choices,
		 "add p_match, the probability of the matching answer"),
	OPT_FLAG(0, "both-orders", struct gen, r.m.in.both_orders,
		 "run each row again with its choices in reverse order"),
	OPT_U32(0, "logprobs", "K", struct gen, o.logprobs, 1, 100,
		"add the K most probable tokens of each step"),
	OPT_FLAG(0, "ids", struct gen, o.ids, "add prompt_ids and completion_ids"),
	OPT_FLAG(0, "show-prompt", struct gen, show,
		 "show the first prompt, estimate time and memory, stop"),
	OPTS_OF_RESUMING(struct gen, r),
	OPTS_RANDOM(struct gen, r.m.common)
};

static const struct tool tool = {
	"syc-gen",
	"-m MODEL [OPTION]... [FILE]...",
	"Generate answers to the questions in FILEs or standard input",
	opts,
};

/* What does not go together; the rest is recording_check()'s. */
static void check_options(struct gen *g)
{
	const struct recording *r = &g->r;
	struct syc_sampling *s = &g->o.sampling;

	if (!r->path && (r->layers_arg || r->positions || r->pre))
		tool_usage(&tool, "--layers, --positions and --pre need --record");
	if (r->positions & ~POSITIONS_BOTH)
		tool_usage(
			&tool,
			"--positions: syc-gen records prompt and last (syc-rec knows more)");
	if (!(s->temperature > 0)) {
		if (g->o.samples > 1)
			tool_usage(
				&tool,
				"--samples without --temperature gives the same answer every time");
		if (s->top_k || s->top_p > 0)
			tool_usage(&tool, "--top-k and --top-p need --temperature");
	}
	if (!r->positions)
		g->r.positions = POSITIONS_BOTH;
	s->seed = r->m.common.seed;
	g->o.acts_path = r->path;
	g->o.feed_last = r->path && r->positions & 1u << SYC_POSITION_LAST;
}

/* What is generated, and how; what is said of it. */
static void set_run(struct gen *g)
{
	static const char *const made[] = {
		"completion",	"parent",	  "sample", "finish",  "n_prompt",
		"n_completion", "logprob",	  "run",    "p_match", "logprobs",
		"prompt_ids",	"completion_ids", "acts",   NULL};
	static const char *const no_yes[] = { "false", "true" };
	const struct gen_opts *o = &g->o;
	struct syc_run *run = &g->r.run;

	run->max_tokens = g->o.max_tokens;
	run->sampling = g->o.sampling;
	run->stop = g->o.stop.text;
	run->n_stop = g->o.stop.n;
	g->o.run = g->r.digest;
	g->r.made = made;
	syc_buf_printf(&g->r.shape,
		       ", \"samples\": %" PRIu32 ", \"choices\": %s, \"both_orders\": %s"
		       ", \"logprobs\": %" PRIu32 ", \"ids\": %s",
		       o->samples, no_yes[o->choices], no_yes[g->r.m.in.both_orders], o->logprobs,
		       no_yes[o->ids]);
}

static int take_row(void *arg, struct syc_row *row, struct syc_err *err)
{
	struct gen *g = arg;

	return gen_row_new(&g->row, &g->o, &g->r.m, row, err);
}

/* One sample less of the row. */
static void count_sample(struct gen *g)
{
	if (++g->sample < g->o.samples)
		return;
	gen_row_unref(g->row);
	g->row = NULL;
	g->sample = 0;
}

/* The row whose next sample is to be made: 1, 0 at the end, or an error. */
static int next_sample(struct gen *g, struct syc_err *err)
{
	for (;; count_sample(g)) {
		int ret = g->row ? 1 : recording_next(&g->r, take_row, g, err);

		if (ret <= 0)
			return ret;
		ret = recording_has(&g->r, g->row->row, (int32_t)g->sample, -1, err);
		if (ret <= 0)
			return ret < 0 ? ret : 1;
	}
}

static int next_job(void *arg, struct syc_job **job, struct syc_err *err)
{
	struct gen *g = arg;
	struct gen_item *it;
	struct syc_spots at = { .letter = SYC_NOWHERE, .end = SYC_NOWHERE };
	int ret;

	*job = NULL;
	ret = next_sample(g, err);
	if (ret <= 0)
		return ret;
	it = gen_item_new(&g->o, syc_model_vocab(g->r.m.model), g->row, g->sample);
	count_sample(g);
	if (!it)
		return fail_nomem(err);
	at.begin = (uint32_t)it->job.n_tokens;
	at.prompt = at.begin - 1;
	ret = recording_job(&g->r, &it->job, it->job.n_tokens, &at, err);
	if (ret < 0)
		gen_job_drop(NULL, &it->job);
	else
		*job = &it->job;
	return ret;
}

static int job_done(void *arg, struct syc_job *job, struct syc_err *err)
{
	struct gen *g = arg;
	struct gen_item *it = job->user;
	struct syc_acts_row acts = { .id = job->id,
				     .sample = (int32_t)job->sample,
				     .answer = -1 };
	struct syc_buf line = { 0 };
	int ret;

	if (job->rec) {
		acts.position[SYC_POSITION_PROMPT] =
			syc_take_position(job->rec, SYC_POSITION_PROMPT);
		if (job->out.n)
			acts.position[SYC_POSITION_LAST] =
				syc_take_position(job->rec, SYC_POSITION_LAST);
	}
	ret = gen_item_write(it, job->rec ? (int64_t)g->r.dump.n_rows : -1, &line, err);
	if (ret == 0)
		ret = recording_add(&g->r, &acts, &line, err);
	syc_buf_free(&line);
	gen_job_drop(NULL, &it->job);
	return ret;
}

static int record(struct gen *g, struct syc_err *err)
{
	const struct jobs work = {
		"rows", "rows", &g->r.m.progress, next_job, job_done, gen_job_drop, g,
	};
	int ret;

	set_run(g);
	ret = recording_begin(&g->r, err);
	return ret < 0 ? ret : recording_run(&g->r, &work, 0, err);
}

static int show(struct gen *g, struct syc_err *err)
{
	struct preview p = {
		.m = &g->r.m,
		.max_tokens = g->o.max_tokens,
		.samples = g->o.samples,
		.n_layers = g->r.path ? g->r.n_layers : 0,
		.n_positions = (unsigned)__builtin_popcount(g->r.positions),
		.dtype = g->r.dtype,
		.steered = g->r.specs.n > 0,
	};

	return preview(&p, err);
}

int main(int argc, char **argv)
{
	struct gen g = { .r.m = MODEL_ROWS_OF(&tool),
			 .o = { .max_tokens = 256, .samples = 1 } };
	struct syc_err err = { 0 };
	int ret = 0;

	model_rows_parse(&g.r.m, argc, argv, &g);
	check_options(&g);
	ret = recording_check(&g.r, &err);
	if (ret == 0)
		ret = recording_open(&g.r, &err);
	if (ret == 0)
		ret = g.show ? show(&g, &err) : record(&g, &err);
	gen_row_unref(g.row);
	texts_free(&g.o.stop);
	return recording_end(&g.r, ret, &err);
}
