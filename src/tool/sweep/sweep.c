/* SPDX-License-Identifier: MIT */
/* syc-sweep: what steering does, by layer, operator and scale. */
#include "config.h"
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include "syc/acts.h"
#include "tool/common/fail.h"
#include "tool/common/out.h"
#include "tool/common/vectors.h"
#include "tool/run/questions.h"
#include "tool/sweep/sweep.h"

enum { MAX_TEXT = 1 << 20 };	/* bytes */

/* ---- options ------------------------------------------------------------------------ */

/* One more of *list, zeroed; it lives until the end. */
static void *another(const struct tool *t, void *list, size_t n, size_t size)
{
	char **p = list, *grown = realloc(*p, (n + 1) * size);

	if (!grown)
		tool_usage(t, "out of memory");
	*p = grown;
	return memset(grown + n * size, 0, size);
}

/* ":-2,2", up to a KEY=VALUE; returns what is behind them. */
static const char *scales(const struct tool *t, const struct opt *o,
			  struct syc_sweep_op *op, const char *s)
{
	double *scale = NULL;
	char text[256];

	for (char stop = ':'; *s == stop; stop = ',') {
		const size_t len = strcspn(s + 1, ",");

		if (stop == ',' && memchr(s + 1, '=', len))
			break;
		snprintf(text, sizeof(text), "%.*s", len < 64 ? (int)len : 64, s + 1);
		another(t, &scale, op->n, sizeof(*scale));
		scale[op->n++] = opt_num(t, o->name, text, -1e6, 1e6);
		s += 1 + len;
	}
	op->scale = scale;
	return s;
}

/* "add:-2,2,hook=attn": the name, its scales, and more of the rule. */
static void set_op(const struct tool *t, const struct opt *o, void *at,
		   char *arg)
{
	struct sweep *w = at;
	struct syc_sweep_op *op = another(t, &w->op, w->n_ops++, sizeof(*op));
	const size_t name = strcspn(arg, ":,");
	const char *rest = scales(t, o, op, arg + name);
	struct syc_err err;
	char text[256];

	if (name + strlen(rest) + 4 > sizeof(text))
		tool_usage(t, "--%s: '%s' is too long", o->name, arg);
	snprintf(text, sizeof(text), "op=%.*s%s", (int)name, arg, rest);
	if (syc_steer_rule_parse(&op->rule, text, &err) < 0)
		tool_usage(t, "--%s: %s", o->name, err.msg);
}

static const char *op_name(unsigned op)
{
	return op < SYC_STEER_N_OPS ? syc_steer_op_info((enum syc_steer_op)op)->name : NULL;
}

static const char *const kl_on[] = { "answers", "text", NULL };
static const char *const ways[] = { "lowers", "raises", NULL };

static const struct opt opts[] = {
	OPT_HEAD("Settings"),
	OPT_TEXTS('d', "direction", "[NAME=]FILE", struct sweep, direction,
		  "steer with the vector in FILE (may be repeated)"),
	OPT_FLAG(0, "foreign", struct sweep, foreign,
		 "vectors of another model of the same width are meant"),
	OPT_TEXT(0, "layers", "LIST", struct sweep, layers,
		 "each of these layers, as in 0,4-7 (default: the vector's)"),
	OPT_TEXTS(0, "at-once", "LIST", struct sweep, at_once,
		  "one setting that steers all of these layers (may be repeated)"),
	{ OPT_ROW(0, "op", "SPEC",
		  "NAME[:SCALE,...][,KEY=VALUE]... (may be repeated; default: add and ablate)",
		  set_op, 0), .nth = op_name },
	OPT_DOUBLE(0, "at-kl", "NATS", struct sweep, plan.at_kl, 1e-6, 100,
		   "find for each the scale that has this KL per token"),
	OPT_CHOICE(0, "kl-on", "WHAT", struct sweep, kl_on, unsigned, kl_on,
		   "the KL of --at-kl is that on answers (default) or text"),
	OPT_HEAD("Baselines"),
	OPT_TEXTS(0, "prompt", "TEXT", struct sweep, prompt,
		  "no steering, but the system message TEXT (may be repeated)"),
	OPT_SIZE(0, "random", "N", struct sweep, plan.n_random, 0, 1000,
		 "N random directions of equal length beside each vector"),
	{ OPT_ROW(0, "null", "KIND[:N],...",
		  "test vectors against N whole draws of null vectors; N: random ones", opt_text,
		  OPT_AT(struct sweep, nulls, const char *)), .nth = syc_null_name },
	OPT_TEXTS(0, "nulls", "[NAME=]FILE", struct sweep, null_file,
		  "null vectors of syc-vec for a vector (may be repeated)"),
	OPT_CHOICE(0, "way", "WAY", struct sweep, primary, unsigned, ways,
		   "the first vector lowers (default) or raises what is measured"),
	OPT_TEXT(0, "control", "FILE", struct sweep, control_path,
		 "questions whose matching answers are true"),
	OPT_HEAD("Measuring"),
	OPT_SIZE('n', "max-tokens", "N", struct sweep, plan.max_new, 0, 4096,
		 "answers of at most N tokens (default: 24; 0: none)"),
	OPT_SIZE(0, "answers", "N", struct sweep, plan.n_answers, 1, 4096,
		 "answer the first N questions (default: 16)"),
	OPT_TEXT(0, "kl-prompts", "FILE", struct sweep, unrelated_path,
		 "take the KL on answers to these prompts, not to the questions"),
	OPT_FLAG(0, "per-question", struct sweep, per_question,
		 "the slope of each question in the scale"),
	OPT_DOUBLE(0, "margin", "X", struct sweep, margin, 0, 100,
		   "error of the log odds, which moves no question"),
	OPT_FLAG(0, "both-orders", struct sweep, in.both_orders,
		 "ask each question also with its choices reversed"),
	OPT_TEXT(0, "text", "FILE", struct sweep, text_path,
		 "held-out text (default: a short one that is built in)"),
	OPT_SIZE(0, "text-tokens", "N", struct sweep, plan.n_text, 2, 65536,
		 "at most N tokens of it (default: 256)"),
	OPT_SIZE(0, "boot", "N", struct sweep, plan.boot, 100, 1000000,
		 "draw N bootstrap samples (default: 1000)"),
	OPT_FLAG(0, "tsv", struct sweep, tsv, "write columns separated by tabs"),
	OPT_FLAG(0, "json", struct sweep, json, "write a JSON document, for syc-plot"),
	OPTS_OF_ROWS(struct sweep, in),
	OPT_OF_MIXED(struct sweep, in),
	OPT_HEAD("Model"),
	OPTS_OF_MODEL(struct sweep, load),
	OPTS_RANDOM(struct sweep, common)
};

static const struct tool tool = {
	"syc-sweep", "-m MODEL -d FILE [OPTION]... [FILE]...",
	"Measure what steering does, by layer, operator and scale", opts,
};

static int parse(struct sweep *w, int argc, char **argv)
{
	const int operands = opt_parse(&tool, argc, argv, w);

	w->plan.kl_on_text = w->kl_on == 1;
	if (!w->load.model)
		tool_usage(&tool, "no model: give --model=FILE");
	if (!w->direction.n && !w->prompt.n)
		tool_usage(&tool, "nothing to compare: give --direction=FILE or --prompt=TEXT");
	if (w->json && w->tsv)
		tool_usage(&tool, "--json and --tsv: it is one or the other");
	if (!w->plan.max_new && w->plan.at_kl > 0 && !w->plan.kl_on_text)
		tool_usage(&tool, "--at-kl without answers needs --kl-on=text");
	nulls_parse(w, &tool);
	if (!w->n_ops) {
		another(&tool, &w->op, w->n_ops++, sizeof(*w->op));
		another(&tool, &w->op, w->n_ops++, sizeof(*w->op));
		w->op[0].rule.op = SYC_STEER_ADD;
		w->op[1].rule.op = SYC_STEER_ABLATE;
	}
	return operands;
}

/* ---- what the plan points to ----------------------------------------------------------- */

static int read_vectors(struct sweep *w, struct syc_err *err)
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

/* Each of --layers alone, then those of every --at-once. */
static void list_layers(struct sweep *w)
{
	const uint32_t n_model = syc_model_config(w->model)->n_layers;
	uint32_t *layer;
	size_t n;

	if (w->layers) {
		opt_list(&tool, "layers", w->layers, n_model, &layer, &n);
		for (size_t i = 0; i < n; i++) {
			another(&tool, &w->list, w->n_lists, sizeof(*w->list));
			w->list[w->n_lists].layer = layer + i;
			w->list[w->n_lists++].n = 1;
		}
	}
	for (size_t i = 0; i < w->at_once.n; i++) {
		opt_list(&tool, "at-once", w->at_once.text[i], n_model, &layer,
			 &n);
		another(&tool, &w->list, w->n_lists, sizeof(*w->list));
		w->list[w->n_lists++] = (struct syc_sweep_layers){ layer, n };
	}
}

static int open_prompters(struct sweep *w, struct syc_err *err)
{
	int ret = 0;

	w->prompter = calloc(w->prompt.n + 1, sizeof(*w->prompter));
	if (!w->prompter)
		return fail_nomem(err);
	for (size_t i = 0; i <= w->prompt.n && ret == 0; i++) {
		struct load l = w->load;

		if (i)
			l.system = w->prompt.text[i - 1];
		ret = load_prompter(&w->prompter[i], &l, w->model, err);
	}
	return ret;
}

/* Raw prompts, and those with a system message of their own, take no other. */
static int check_prompts(const struct sweep *w, struct syc_err *err)
{
	const size_t n = w->questions.n;

	for (size_t i = 0; i < w->prompt.n; i++) {
		const struct syc_sweep_questions *q = &w->questions;
		const size_t same = syc_sweep_questions_same(q, i + 1);

		if (same == n)
			return fail(err, SYC_EINVAL,
				    "--prompt '%.60s' changes no question: they are raw text, "
				    "or have a system message",
				    w->prompt.text[i]);
		if (same && w->common.verbose >= 0)
			tool_warn(&tool,
				  "warning: --prompt '%.60s' does not change %zu of %zu questions",
				  w->prompt.text[i], same, n);
	}
	return 0;
}

static int read_questions(struct sweep *w, char **paths, int n_paths,
			  struct syc_err *err)
{
	char *control = (char *)(uintptr_t)w->control_path;
	char *unrelated = (char *)(uintptr_t)w->unrelated_path;
	struct asking all = { .in = w->in, .prompter = w->prompter,
			      .n_variants = w->prompt.n + 1,
			      .n_ctx = questions_ctx(&w->load, w->model) };
	int ret = questions_read(&w->questions, &all, false, paths, n_paths, err);

	if (ret == 0)
		ret = check_prompts(w, err);
	if (ret == 0 && control)
		ret = questions_read(&w->control, &all, false, &control, 1, err);
	if (ret == 0 && unrelated)
		ret = questions_read(&w->unrelated, &all, true, &unrelated, 1, err);
	if (ret == 0 && all.n_skipped)
		tool_warn(&tool, "%" PRIu64 " rows were skipped", all.n_skipped);
	return ret;
}

/* ---- the run ---------------------------------------------------------------------------- */

static void show(void *arg, size_t done, size_t of)
{
	struct sweep *w = arg;

	if (!done)
		progress_begin(&w->progress, &tool, &w->common, "runs");
	else
		progress_show(&w->progress, done, (double)done / (double)of);
	if (done == of)
		progress_end(&w->progress);
}

static void make_plan(struct sweep *w)
{
	struct syc_sweep_plan *plan = &w->plan;

	plan->model = w->model;
	plan->engine = load_engine(&w->common, &w->load);
	plan->questions = &w->questions;
	plan->control = w->control_path ? &w->control : NULL;
	plan->unrelated = w->unrelated_path ? &w->unrelated : NULL;
	plan->null = w->null;
	plan->n_nulls = w->n_nulls;
	plan->vector = w->vector;
	plan->n_vectors = w->direction.n;
	plan->op = w->op;
	plan->n_ops = w->n_ops;
	plan->layers = w->list;
	plan->n_layers = w->n_lists;
	plan->seed = w->common.seed;
	if (w->text_path)
		plan->text = w->text.data ? w->text.data : "";
	plan->text_len = w->text.len;
	plan->progress = show;
	plan->arg = w;
}

static void warn_foreign(const struct sweep *w)
{
	char model[128];

	snprintf(model, sizeof(model), "{\"model\":\"%s\"}", syc_model_digest(w->model));
	for (size_t i = 0; i < w->direction.n && !w->foreign; i++)
		if (syc_provenance_foreign(w->vector[i].v->provenance, model))
			tool_warn_foreign(&tool, &w->common, w->vector[i].name, w->load.model);
}

static int prepare(struct sweep *w, char **paths, int n_paths,
		   struct syc_err *err)
{
	int ret = work_check(&tool, w->common.output, paths, n_paths, err);

	if (ret == 0)
		ret = read_vectors(w, err);
	if (ret == 0)
		ret = nulls_read(w, err);
	if (ret == 0)
		ret = load_open(&tool, &w->common, &w->load, &w->model, err);
	if (ret < 0)
		return ret;
	warn_foreign(w);
	if (w->load.ctx > syc_model_config(w->model)->n_ctx)
		tool_usage(&tool, "--ctx: the model was trained for %" PRIu32 " tokens",
			   syc_model_config(w->model)->n_ctx);
	list_layers(w);
	ret = open_prompters(w, err);
	if (ret == 0)
		ret = read_questions(w, paths, n_paths, err);
	if (ret == 0 && w->text_path)
		ret = read_all_of(&w->text, w->text_path, MAX_TEXT, err);
	make_plan(w);
	if (ret < 0)
		return ret;
	return syc_sweep_settings_init(&w->settings, &w->plan, err);
}

/* What null vectors cost, before they do. */
static void say_cost(const struct sweep *w)
{
	struct syc_sweep_cost c;

	if (!w->plan.n_nulls || w->common.verbose < 0)
		return;
	syc_sweep_cost(&c, &w->settings, &w->plan);
	tool_warn(&tool, "null vectors are %zu more settings beside %zu: "
		  "about %.3g of %.3g million tokens, less what is shared",
		  c.n_null, c.n_settings, c.null_tokens / 1e6, c.tokens / 1e6);
}

static int run(struct sweep *w, struct syc_err *err)
{
	struct syc_buf b = { 0 };
	int ret;

	say_cost(w);
	ret = syc_sweep_run(&w->settings, &w->plan, err);
	progress_end(&w->progress);
	if (ret == 0)
		ret = syc_sweep_tests_make(&w->tests, &w->settings, &w->plan,
					   w->primary ? 1 : -1, err);
	if (ret == 0 && w->per_question)
		ret = syc_sweep_curves_make(&w->curves, &w->settings, &w->plan,
					    w->margin, err);
	if (ret < 0)
		return ret;
	if (sweep_report(&b, w, &tool) < 0)
		ret = fail_nomem(err);
	else
		ret = syc_output_all(w->common.output, b.data, b.len, err);
	load_say(&tool, &w->common, &w->load, &w->settings.stats, "sequences");
	syc_buf_free(&b);
	return ret;
}

static void free_all(struct sweep *w)
{
	syc_sweep_tests_free(&w->tests);
	syc_sweep_curves_free(&w->curves);
	syc_sweep_settings_free(&w->settings);
	syc_sweep_questions_free(&w->questions);
	syc_sweep_questions_free(&w->unrelated);
	syc_sweep_questions_free(&w->control);
	for (size_t i = 0; w->vector && i < w->direction.n; i++) {
		syc_vector_free((struct syc_vector *)(uintptr_t)w->vector[i].v);
		free((char *)(uintptr_t)w->vector[i].name);
	}
	for (size_t i = 0; i < w->n_ops; i++)
		free((double *)(uintptr_t)w->op[i].scale);
	for (size_t i = 0; w->prompter && i <= w->prompt.n; i++) {
		tool_warn_texts(&tool, &w->common, i ? NULL : w->prompter->seen);
		syc_prompter_done(&w->prompter[i]);
	}
	syc_model_close(w->model);
	/* Lists of --layers are one array, of --at-once each its own. */
	for (size_t i = 0; i < w->n_lists; i++)
		if (!i || !w->layers || i >= w->n_lists - w->at_once.n)
			free((uint32_t *)(uintptr_t)w->list[i].layer);
	free(w->prompter);
	free(w->vector);
	free(w->op);
	free(w->list);
	syc_buf_free(&w->text);
	nulls_free(w);
	texts_free(&w->direction);
	texts_free(&w->prompt);
	texts_free(&w->at_once);
}

int main(int argc, char **argv)
{
	struct sweep w = {
		.common = OPT_VALUES_INIT,
		.in = { ROWS_OF_ONE_RUN(&tool) },
		.plan = {
			.max_new = 24, .n_answers = 16, .n_text = 256,
			.boot = 1000,
		},
	};
	struct syc_err err = { 0 };
	const int at = parse(&w, argc, argv);
	int ret = prepare(&w, argv + at, argc - at, &err);

	if (ret == 0)
		ret = run(&w, &err);
	free_all(&w);
	return tool_finish(&tool, ret < 0 ? tool_err(&tool, &err) : 0);
}
