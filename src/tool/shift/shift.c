/* SPDX-License-Identifier: MIT */
/* syc-shift: what an adapter did to its model, seen as steering. */
#include "config.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include "tool/common/fail.h"
#include "tool/common/out.h"
#include "tool/common/vectors.h"
#include "tool/run/questions.h"
#include "tool/shift/shift.h"

enum { LAYERS = 8 };		/* that are tried, if none are named */
static const double most_scale = 2;

static const char *const positions[] = { "prompt", "last", NULL };
static const char *const nulls[] = { "random", "cov", "flip", NULL };

static const struct opt opts[] = {
	OPT_HEAD("Comparing"),
	OPT_DOUBLE(0, "at-kl", "NATS", struct shift, at_kl, 1e-6, 100,
		   "scale the adapter to this KL(tuned || base) per token"),
	OPT_TEXTS('d', "direction", "[NAME=]FILE", struct shift, direction,
		  "beside the shift, the vector in FILE (may be repeated)"),
	OPT_FLAG(0, "foreign", struct shift, foreign,
		 "vectors of another model of the same width are meant"),
	OPT_TEXTS(
		0, "nulls", "[NAME=]FILE", struct shift, null_file,
		"null vectors of syc-vec for a vector's cosine (may be repeated)"),
	OPT_CHOICE(
		0, "position", "NAME", struct shift, position, unsigned,
		positions,
		"the shift at the prompt's end (default) or the last token is the vector"),
	OPT_TEXT(
		0, "layers", "LIST", struct shift, layers,
		"steer at each of these layers, as in 0,4-7 (default: 8 of them)"),
	OPT_CHOICE(0, "null", "KIND", struct shift, null, unsigned, nulls,
		   "null vectors to add and ablate: random (default), cov or flip"),
	OPT_SIZE(0, "draws", "N", struct shift, plan.n_draws, 0, 10000,
		 "N null vectors at each layer chosen (default: 19)"),
	OPT_TEXT(
		0, "kl-prompts", "FILE", struct shift, unrelated_path,
		"take the KL on answers to these prompts (default: built-in ones)"),
	OPT_SIZE('n', "max-tokens", "N", struct shift, plan.max_new, 1, 4096,
		 "these have at most N tokens (default: 24)"),
	OPT_FLAG(0, "both-orders", struct shift, in.both_orders,
		 "ask each question also with its choices reversed"),
	OPT_SIZE(0, "boot", "N", struct shift, plan.boot, 100, 1000000,
		 "draw N bootstrap samples (default: 1000)"),
	OPTS_OF_FORM(struct shift, form, "write a JSON document, for syc-plot"),
	OPTS_OF_ROWS(struct shift, in),
	OPT_OF_MIXED(struct shift, in),
	OPT_HEAD("Model"),
	OPTS_OF_MODEL(struct shift, load),
	OPTS_RANDOM_TO(struct shift, common, "FILE", "write the mean shift to FILE, as a vector")};

static const struct tool tool = {
	"syc-shift", "-m MODEL --lora ADAPTER [OPTION]... [FILE]...",
	"Compare a tuned model with what it was tuned from, as steering", opts,
};

static int parse(struct shift *w, int argc, char **argv)
{
	static const enum syc_null kind[] = {SYC_NULL_RANDOM, SYC_NULL_COV,
					     SYC_NULL_FLIP};
	const int operands = opt_parse(&tool, argc, argv, w);

	if (!w->load.model)
		tool_usage(&tool, "no model: give --model=FILE");
	if (!w->load.n_lora)
		tool_usage(&tool, "nothing to compare: give --lora=ADAPTER");
	w->plan.null = kind[w->null];
	w->plan.position =
		w->position ? SYC_POSITION_LAST : SYC_POSITION_PROMPT;
	return operands;
}

/* ---- vectors and their nulls ------------------------------------------------------- */

static int read_vectors(struct shift *w, struct syc_err *err)
{
	int ret = 0;

	w->vector = calloc(w->direction.n + 1, sizeof(*w->vector));
	if (!w->vector)
		return fail_nomem(err);
	for (size_t i = 0; i < w->direction.n && ret == 0; i++)
		ret = vector_named(&tool, &w->common, w->direction.text[i],
				   &w->vector[i].name, &w->vector[i].v, err);
	return ret;
}

static int read_kind(struct syc_shift_vector *to, struct syc_nulls *file,
		     enum syc_null kind, struct syc_err *err)
{
	const size_t n = syc_nulls_info(file)->n[kind];
	struct syc_vector **v = calloc(n + 1, sizeof(*v));
	int ret = v ? 0 : fail_nomem(err);

	to->null = (const struct syc_vector *const *)v;
	for (size_t i = 0; i < n && ret == 0; i++) {
		ret = syc_nulls_vector(&v[i], file, kind, i, err);
		to->n_nulls += ret == 0;
	}
	return ret;
}

/* The first kind that is made of data, as the vector is. */
static int read_nulls(struct shift *w, const char *arg, struct syc_err *err)
{
	static const enum syc_null by_worth[] = {
		SYC_NULL_FLIP, SYC_NULL_COV, SYC_NULL_SHUFFLE, SYC_NULL_RANDOM};
	struct syc_nulls *file = NULL;
	struct syc_shift_vector *v = NULL;
	const char *path;
	size_t of;
	int ret = nulls_open(&file, &path, &of, arg, &w->direction, err);

	if (ret == 0) {
		v = &w->vector[of];
		if (v->null)
			ret = fail(err, SYC_EINVAL, "%s: %s has null vectors already",
				   path, v->name);
	}
	for (size_t k = 0; k < SYC_N_NULLS && ret == 0 && !v->null; k++)
		if (syc_nulls_info(file)->n[by_worth[k]])
			ret = read_kind(v, file, by_worth[k], err);
	syc_nulls_close(file);
	return ret;
}

static void warn_foreign(const struct shift *w)
{
	char model[128];

	snprintf(model, sizeof(model), "{\"model\":\"%s\"}",
		 syc_model_digest(w->base));
	for (size_t i = 0; i < w->direction.n && !w->foreign; i++)
		if (syc_provenance_foreign(w->vector[i].v->provenance, model))
			tool_warn_foreign(&tool, &w->common, w->vector[i].name,
					  w->load.model);
}

/* ---- models and rows ------------------------------------------------------------------ */

/* The model with its adapters so many times as they were given. */
static int open_tuned(void *arg, struct syc_model **m, float scale,
		      struct syc_err *err)
{
	const struct shift *w = arg;
	struct opt_values quiet = w->common;
	struct load l = w->load;

	for (size_t i = 0; i < l.n_lora; i++)
		l.lora[i].scale *= scale;
	if (quiet.verbose >= 0 && w->at_kl > 0)
		quiet.verbose = -1;	/* again and again */
	return load_open(&tool, &quiet, &l, m, err);
}

static int open_base(struct shift *w, struct syc_err *err)
{
	struct load l = w->load;

	l.n_lora = 0;
	return load_open(&tool, &w->common, &l, &w->base, err);
}

/* The questions, and the prompts that KL is read on: a file's or the built-in ones. */
static int read_rows(struct shift *w, char *const *paths, int n_paths, struct syc_err *err)
{
	char *unrelated = (char *)(uintptr_t)w->unrelated_path;
	struct asking all = { .in = w->in, .prompter = &w->prompter, .n_variants = 1,
			      .n_ctx = questions_ctx(&w->load, w->base) };
	int ret = questions_read(&w->questions, &all, false, paths, n_paths, err);

	if (ret == 0)
		ret = unrelated ? questions_read(&w->unrelated, &all, true, &unrelated, 1, err)
				: syc_sweep_prompts_own(&w->unrelated, &w->prompter, 1,
							all.n_ctx, err);
	if (ret == 0 && all.n_skipped)
		tool_warn(&tool, "%" PRIu64 " rows were skipped", all.n_skipped);
	return ret;
}

/* Those of --layers, or some from the first to the last. */
static int list_layers(struct shift *w, struct syc_err *err)
{
	const uint32_t n = syc_model_config(w->base)->n_layers,
		       most = n < LAYERS ? n : LAYERS;
	uint32_t *layer;

	if (w->layers) {
		opt_list(&tool, "layers", w->layers, n, &layer,
			 &w->plan.n_layers);
	} else {
		layer = calloc(most, sizeof(*layer));
		if (!layer)
			return fail_nomem(err);
		for (uint32_t i = 0; i < most && most > 1; i++)
			layer[i] = i * (n - 1) / (most - 1);
		w->plan.n_layers = most;
	}
	w->plan.layers = layer;
	return 0;
}

/* ---- the run ---------------------------------------------------------------------------- */

static void show(void *arg, const char *part, size_t done, size_t of)
{
	struct shift *w = arg;

	if (part != w->part || !done) {
		progress_end(&w->progress);
		progress_begin(&w->progress, &tool, &w->common, part);
	}
	w->part = part;
	progress_show(&w->progress, done, of ? (double)done / (double)of : -1);
	if (done == of)
		progress_end(&w->progress);
}

static void make_plan(struct shift *w)
{
	struct syc_shift_plan *plan = &w->plan;

	plan->base = w->base;
	plan->engine = load_engine(&w->common, &w->load);
	plan->questions = &w->questions;
	plan->unrelated = &w->unrelated;
	plan->vector = w->vector;
	plan->n_vectors = w->direction.n;
	plan->seed = w->common.seed;
	plan->progress = show;
	plan->arg = w;
}

static int find_tuned(struct shift *w, struct syc_err *err)
{
	int ret;

	if (!(w->at_kl > 0)) {
		w->scale = (struct syc_shift_scale){ 1, 0, true };
		return open_tuned(w, &w->tuned, 1, err);
	}
	ret = syc_shift_scale(&w->scale, &w->tuned, &w->plan, w->at_kl,
			      most_scale, open_tuned, w, err);
	if (ret == 0 && !w->scale.reached)
		tool_warn(
			&tool,
			"warning: no scale up to %g has a KL of %g: at %g it is %.3g",
			most_scale, w->at_kl, w->scale.scale, w->scale.kl);
	return ret;
}

static int prepare(struct shift *w, char **paths, int n_paths,
		   struct syc_err *err)
{
	int ret = work_check(&tool, w->common.output, paths, n_paths, err);

	if (ret == 0)
		ret = read_vectors(w, err);
	for (size_t i = 0; i < w->null_file.n && ret == 0; i++)
		ret = read_nulls(w, w->null_file.text[i], err);
	if (ret == 0)
		ret = open_base(w, err);
	if (ret < 0)
		return ret;
	warn_foreign(w);
	if (w->load.ctx > syc_model_config(w->base)->n_ctx)
		tool_usage(&tool,
			   "--ctx: the model was trained for %" PRIu32
			   " tokens",
			   syc_model_config(w->base)->n_ctx);
	ret = list_layers(w, err);
	if (ret == 0)
		ret = load_prompter(&w->prompter, &w->load, w->base, err);
	if (ret == 0)
		ret = read_rows(w, paths, n_paths, err);
	make_plan(w);
	return ret;
}

/* Weights of both, and what the run kept. */
static void say_memory(const struct shift *w)
{
	if (w->common.verbose < 1)
		return;
	tool_warn(
		&tool,
		"weights %zu MB (both models), distributions and activations %zu MB",
		(syc_model_memory(w->base) + syc_model_memory(w->tuned)) /
			1000000,
		w->found->memory / 1000000);
	load_say(&tool, &w->common, &w->load, &w->found->stats[0],
		 "sequences of the base");
	load_say(&tool, &w->common, &w->load, &w->found->stats[1],
		 "of the tuned model");
}

static int run(struct shift *w, struct syc_err *err)
{
	struct syc_buf b = { 0 };
	int ret = find_tuned(w, err);

	w->plan.tuned = w->tuned;
	if (ret == 0)
		ret = syc_shift_run(&w->found, &w->plan, err);
	progress_end(&w->progress);
	if (ret < 0)
		return ret;
	if (shift_report(&b, w, &tool) < 0)
		ret = fail_nomem(err);
	if (ret == 0 && w->common.output)
		ret = syc_vector_write(w->found->mean, w->common.output,
				       SYC_VECTOR_AUTO, err);
	if (ret == 0)
		ret = syc_output_all(NULL, b.data, b.len, err);
	say_memory(w);
	syc_buf_free(&b);
	return ret;
}

static void free_all(struct shift *w)
{
	syc_shift_free(w->found);
	syc_sweep_questions_free(&w->questions);
	syc_sweep_questions_free(&w->unrelated);
	for (size_t i = 0; w->vector && i < w->direction.n; i++) {
		struct syc_shift_vector *d = &w->vector[i];

		for (size_t k = 0; k < d->n_nulls; k++)
			syc_vector_free(
				(struct syc_vector *)(uintptr_t)d->null[k]);
		free((void *)(uintptr_t)d->null);
		syc_vector_free((struct syc_vector *)(uintptr_t)d->v);
		free((char *)(uintptr_t)d->name);
	}
	free(w->vector);
	tool_warn_texts(&tool, &w->common, w->prompter.seen);
	syc_prompter_done(&w->prompter);
	syc_model_close(w->base);
	syc_model_close(w->tuned);
	free((uint32_t *)(uintptr_t)w->plan.layers);
	texts_free(&w->direction);
	texts_free(&w->null_file);
}

int main(int argc, char **argv)
{
	struct shift w = {
		.common = OPT_VALUES_INIT,
		.in = { ROWS_OF_ONE_RUN(&tool) },
		.plan = { .max_new = 24, .boot = 1000, .n_draws = 19 },
	};
	struct syc_err err = { 0 };
	const int at = parse(&w, argc, argv);
	int ret = prepare(&w, argv + at, argc - at, &err);

	if (ret == 0)
		ret = run(&w, &err);
	free_all(&w);
	return tool_finish(&tool, ret < 0 ? tool_err(&tool, &err) : 0);
}
