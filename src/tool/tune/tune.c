/* SPDX-License-Identifier: MIT */
/* syc-tune: an adapter trained on rows. */
#include "config.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include "tool/common/fail.h"
#include "tool/tune/tune.h"

static const char *const losses[] = { "answers", "dpo", NULL };
static const char *const decays[] = { "cosine", "linear", "none", NULL };
static const char *const types[] = {
	[SYC_WEIGHTS_Q8_0] = "q8_0", [SYC_WEIGHTS_Q6_K] = "q6_k",
	[SYC_WEIGHTS_Q5_K] = "q5_k", [SYC_WEIGHTS_Q4_K] = "q4_k",
	[SYC_WEIGHTS_Q4_0] = "q4_0", [SYC_WEIGHTS_F16] = "f16",
	[SYC_WEIGHTS_F32] = "f32",   NULL,
};
/* By enum syc_lora_matrix. */
static const char *const matrices[] = {"q",    "k",  "v",    "o",
				       "gate", "up", "down", NULL};

/* "q,v" into a mask, cut where it stands. */
static void opt_matrices(const struct tool *t, const struct opt *o, void *at,
			 char *arg)
{
	unsigned *mask = at;
	char *s;

	*mask = 0;
	while ((s = strsep(&arg, ",")))
		*mask |= 1u << opt_named(t, o, s);
}

static void opt_eval(const struct tool *t, const struct opt *o, void *at,
		     char *arg)
{
	(void)t, (void)o;
	*(char **)at = arg;
}

static const char *command(unsigned i)
{
	return i ? NULL : "rows";
}

#define T struct tune
static const struct opt opts[] = {
	OPT_FIRST(command),
	OPT_HEAD("Model"),
	OPT_OF_MODEL(T, load),
	OPT_TEXT(
		0, "chat", "NAME", T, load.chat,
		"chat format, or its FILE (default: the model's); none: text as it is"),
	OPT_TEXT(0, "system", "TEXT", T, load.system,
		 "system message of prompts that have none"),
	OPT_FLAG(0, "no-special", T, load.no_special,
		 "read \"</s>\" and the like in prompts as text"),
	OPT_OF_WINDOW(T, load),
	OPT_HEAD("Adapter"),
	OPT_U32(0, "rank", "N", T, shape.rank, 1, 65536,
		"rank of its matrices (default: 8)"),
	OPT_FLOAT(0, "alpha", "X", T, shape.alpha, 1e-6, 1e6,
		  "it is added alpha / rank times (default: 16)"),
	OPT_FLAG(0, "rslora", T, shape.rslora,
		 "add it alpha / sqrt(rank) times instead"),
	OPT_FLOAT(0, "dropout", "P", T, shape.dropout, 0, 0.99,
		  "share of inputs dropped while learning (default: 0)"),
	OPT_OWN_OF(0, "matrices", "LIST", T, shape.matrices, opt_matrices, matrices,
		   "which matrices have one: q,k,v,o,gate,up,down (default: all)"),
	OPT_TEXT(0, "gguf", "OUTPUT", T, gguf,
		 "write the adapter for llama.cpp, too"),
	OPT_TEXT(0, "merge", "OUTPUT", T, merge,
		 "write the model with it in its weights, too"),
	OPT_CHOICE(
		0, "type", "NAME", T, type, enum syc_weights, types,
		"type of the matrices there: q8_0 (default), q6_k, q5_k, q4_k, q4_0, f16, f32"),
	OPT_HEAD("Training"),
	OPT_CHOICE(0, "loss", "NAME", T, plan.loss, enum syc_tune_loss, losses,
		   "answers (default), or dpo against a second answer"),
	OPT_DOUBLE(0, "beta", "X", T, plan.beta, 1e-6, 1e6,
		   "beta of dpo (default: 0.1)"),
	OPT_DOUBLE(0, "lr", "X", T, plan.adam.rate, 1e-12, 10,
		   "highest learning rate (default: 0.0002)"),
	OPT_DOUBLE(0, "warmup", "SHARE", T, plan.warmup, 0, 1,
		   "share of the steps in which it rises to that (default: 0.05)"),
	OPT_CHOICE(0, "decay", "NAME", T, plan.decay, enum syc_decay, decays,
		   "how it falls behind them: cosine (default), linear, none"),
	OPT_DOUBLE(0, "weight-decay", "X", T, plan.adam.decay, 0, 10,
		   "weight decay of AdamW (default: 0)"),
	OPT_DOUBLE(0, "clip", "X", T, plan.clip, 0, 1e9,
		   "longest gradient (default: 1; 0: any)"),
	OPT_SIZE(0, "batch-rows", "N", T, plan.batch, 1, 1 << 20,
		 "rows of a step (default: 8)"),
	OPT_DOUBLE(0, "epochs", "X", T, plan.epochs, 1e-6, 1e6,
		   "times that all rows are seen (default: 3)"),
	OPT_U64(0, "steps", "N", T, plan.steps, 1, 1000000000,
		"train N steps instead"),
	OPT_TEXTS(
		's', "steer", "SPEC", T, steers,
		"add while learning: FILE[:SCALE][@LAYERS] (may be repeated)"),
	OPT_FLAG(0, "foreign", T, foreign,
		 "vectors of another model of the same width are meant"),
	OPT_HEAD("Held-out rows"),
	OPT_OWN_AT(0, "eval", "FILE", T, eval, opt_eval,
		 "rows to look at, with two answers each"),
	OPT_U64(0, "eval-every", "N", T, plan.eval_every, 1, 1000000000,
		"look at them after every N steps (default: an epoch)"),
	OPT_FLAG(0, "best", T, plan.best,
		 "keep the adapter with the least held-out loss, not the last"),
	OPT_U64(0, "patience", "N", T, plan.patience, 1, 1000000,
		"end after N looks in a row that were no better; with --best"),
	OPT_HEAD("Rows"),
	OPT_SIZE(0, "max-length", "N", T, read.max_length, 2, 1 << 24,
		 "most tokens of prompt and answer (default: the model's)"),
	OPT_FLAG(0, "cut", T, read.cut,
		 "cut longer ones, or leave them out, instead of refusing"),
	OPTS_OF_ROWS(T, in),
	OPT_HEAD("Machine"),
	OPT_SIZE(0, "tokens", "N", T, plan.tokens, 1, 1 << 24,
		 "tokens that go through the model together (default: 1024)"),
	{OPT_ROW(0, "memory", "BYTES",
		 "memory for a pass of them (K, M, G; default: half of what is left)",
		 opt_bytes, OPT_AT(T, memory, size_t))},
	OPT_FLAG(0, "dry-run", T, dry_run, "say what it takes, and end"),
	OPT_U64(0, "checkpoint-every", "N", T, checkpoint_every, 1, 1000000000,
		"steps between checkpoints (default: five minutes)"),
	OPT_FLAG(0, "resume", T, resume, "go on with an interrupted run"),
	OPT_FLAG(0, "force", T, force,
		 "throw away an interrupted run's checkpoint"),
	OPT_TEXT(0, "log", "OUTPUT", T, log,
		 "write a row for each step, with what held-out rows showed"),
	OPTS_RANDOM_TO(T, common, "FOLDER",
		       "write the adapter to FOLDER, which must not be there yet")};
#undef T

const struct tool tune_tool = {
	"syc-tune",
	"-m MODEL -o ADAPTER [OPTION]... [FILE]...\n"
	"   or: syc-tune rows [OPTION]... [FILE]...",
	"Train an adapter on the answers of rows in FILEs or standard input; rows: make them",
	opts,
};

static void check_options(struct tune *t)
{
	if (!t->load.model)
		tool_usage(&tune_tool, "no model: give --model=PATH");
	if (!t->dry_run && syc_output_is_stdout(t->common.output))
		tool_usage(
			&tune_tool,
			"nowhere to write the adapter: give --output=FOLDER");
	if (!t->eval &&
	    (t->plan.best || t->plan.patience || t->plan.eval_every))
		tool_usage(&tune_tool,
			   "--best, --patience and --eval-every need --eval");
	if (t->resume && t->force)
		tool_usage(&tune_tool,
			   "--resume goes on, --force begins again");
	t->plan.best |= t->plan.patience > 0;
	t->plan.seed = t->common.seed;
	t->read.pairs = t->plan.loss == SYC_TUNE_DPO;
}

/* ---- rows ---------------------------------------------------------------- */

static void say_cut(const struct tune *t, const struct syc_tune_rows *rows,
		    const char *what)
{
	if (t->common.verbose >= 0 && (rows->n_cut || rows->n_left_out))
		tool_warn(&tune_tool,
			  "%s longer than %zu tokens: %" PRIu64
			  " lost the end of an answer, "
			  "%" PRIu64 " were left out",
			  what, t->read.max_length, rows->n_cut,
			  rows->n_left_out);
}

static int read_held(struct tune *t, struct syc_err *err)
{
	struct syc_tune_read_opts o = t->read;
	int ret;

	if (!t->eval)
		return 0;
	o.choices = true;
	t->held_in.paths = &t->eval;
	t->held_in.n_paths = 1;
	t->held_in.keep_going = t->in.keep_going;
	t->held_in.allow_duplicates = t->in.allow_duplicates;
	ret = syc_tune_read(&t->held, &t->held_in, &t->prompter, &o, err);
	if (ret == 0)
		say_cut(t, t->held, "held-out rows");
	if (ret == 0 && !t->in.allow_duplicates)
		ret = syc_tune_rows_apart(t->train, t->held, err);
	return ret;
}

static int read_all(struct tune *t, struct syc_err *err)
{
	const uint32_t most = syc_model_config(t->model)->n_ctx;
	int ret;

	if (t->read.max_length > most)
		tool_usage(&tune_tool,
			   "--max-length: the model was trained for %" PRIu32
			   " tokens",
			   most);
	if (!t->read.max_length)
		t->read.max_length = most;
	ret = syc_tune_read(&t->train, &t->in, &t->prompter, &t->read, err);
	if (ret == 0)
		say_cut(t, t->train, "rows");
	return ret < 0 ? ret : read_held(t, err);
}

/* ---- what is made of them ------------------------------------------------ */

static int open_steer(struct tune *t, struct syc_err *err)
{
	const struct syc_config *c = syc_model_config(t->model);
	int ret = t->steers.n ? syc_steer_new(&t->steer, t->model, err) : 0;

	for (size_t i = 0; i < t->steers.n && ret == 0; i++) {
		ret = syc_steer_parse(t->steer, t->steers.text[i], err);
		if (ret == 0 && syc_steer_assumed(t->steer))
			tool_warn_assumed(&tune_tool, &t->common,
					  t->steers.text[i]);
		if (ret == 0 && syc_steer_foreign(t->steer) && !t->foreign)
			tool_warn_foreign(&tune_tool, &t->common,
					  t->steers.text[i], t->load.model);
	}
	if (ret < 0 || !t->steer)
		return ret;
	t->added = calloc((size_t)c->n_layers * c->dim, sizeof(*t->added));
	return t->added ? syc_tune_steer(t->added, t->steer, err)
			: fail_nomem(err);
}

static int make(struct tune *t, struct syc_err *err)
{
	const struct syc_trainer_opts o = {.threads = t->common.threads,
					   .memory = t->keep ? t->keep : 1,
					   .steer = t->added,
					   .seed = t->common.seed};
	int ret = syc_lora_weights_new(&t->weights, syc_model_config(t->model),
				       &t->shape, err);

	if (ret < 0)
		return ret;
	syc_lora_weights_init(t->weights, t->common.seed);
	ret = syc_trainer_new(&t->trainer, t->model, t->weights, &o, err);
	return ret < 0 ? ret
		       : syc_tune_new(&t->run, t->trainer, t->weights, t->train,
				      t->held, &t->plan, err);
}

static int run(struct tune *t, struct syc_err *err)
{
	int ret = operands_check(t->in.paths, t->in.n_paths, err);

	if (ret == 0 && !t->dry_run)
		ret = tune_check_outputs(t, err);
	if (ret)
		return ret;
	ret = load_open(&tune_tool, &t->common, &t->load, &t->model, err);
	if (ret == 0)
		ret = load_prompter(&t->prompter, &t->load, t->model, err);
	if (ret == 0)
		ret = open_steer(t, err);
	if (ret == 0)
		ret = read_all(t, err);
	if (ret == 0)
		ret = tune_need(t, err);
	if (ret < 0 || t->dry_run)
		return ret;
	ret = make(t, err);
	if (ret == 0)
		ret = tune_settings(t, err);
	return ret < 0 ? ret : tune_train(t, err);
}

static void tune_free(struct tune *t)
{
	syc_tune_free(t->run);
	syc_trainer_free(t->trainer);
	syc_lora_weights_free(t->weights);
	syc_tune_rows_free(t->train);
	syc_tune_rows_free(t->held);
	syc_rows_done(&t->in);
	syc_rows_done(&t->held_in);
	syc_steer_free(t->steer);
	tool_warn_texts(&tune_tool, &t->common, t->prompter.seen);
	syc_prompter_done(&t->prompter);
	syc_model_close(t->model);
	syc_buf_free(&t->settings);
	texts_free(&t->steers);
	free(t->added);
	free(t->checkpoint);
}

int main(int argc, char **argv)
{
	struct tune t = {
		.common = OPT_VALUES_INIT,
		.load = {.compute = SYC_COMPUTE_F32},
		.shape = {.rank = 8, .alpha = 16},
		.plan = {.beta = 0.1,
			 .adam = {2e-4, 0.9, 0.999, 1e-8, 0},
			 .warmup = 0.05,
			 .clip = 1,
			 .batch = 8,
			 .tokens = 1024,
			 .epochs = 3},
		.in = {ROWS_OF(&tune_tool)},
		.held_in = {ROWS_OF(&tune_tool)},
	};
	struct syc_err err = { 0 };
	int at, ret;

	if (tool_begins("rows", &argc, &argv))
		return tune_rows(argc, argv);
	at = opt_parse(&tune_tool, argc, argv, &t);
	t.in.paths = argv + at;
	t.in.n_paths = argc - at;
	check_options(&t);
	ret = run(&t, &err);
	if (ret == 0 && t.in.n_skipped)
		tool_warn(&tune_tool, "%" PRIu64 " rows were skipped",
			  t.in.n_skipped);
	tune_free(&t);
	return tool_finish(&tune_tool,
			   ret < 0 ? tool_err(&tune_tool, &err) : 0);
}
