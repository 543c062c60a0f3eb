/* SPDX-License-Identifier: MIT */
/* syc-sweep: what steering does, by layer, operator and scale. */
#include "config.h"
#include <getopt.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "tool/common/fail.h"
#include "tool/sweep/sweep.h"

enum {
	KEY_LAYERS = OPT_OWN, KEY_OP, KEY_CONTROL, KEY_TEXT, KEY_TEXT_TOKENS, KEY_PROMPT,
	KEY_RANDOM, KEY_AT_KL, KEY_KL_ON, KEY_ANSWERS, KEY_BOOT, KEY_JSON, KEY_TSV, KEY_AT_ONCE, KEY_KEEP_GOING,
};

static const struct opt opts[] = {
	{ 0, NULL, NULL, "Settings" },
	{ 'd', "direction", "[NAME=]FILE", "steer with the vector in FILE (may be repeated)" },
	{ KEY_LAYERS, "layers", "LIST", "each of these layers, as in 0,4-7 (default: the vector's)" },
	{ KEY_AT_ONCE, "at-once", "LIST", "one setting that steers all of these layers (may be repeated)" },
	{ KEY_OP, "op", "SPEC", "NAME[:SCALE,...][,KEY=VALUE]... (may be repeated; default: add and ablate)" },
	{ KEY_AT_KL, "at-kl", "NATS", "find for each the scale that has this KL per token" },
	{ KEY_KL_ON, "kl-on", "WHAT", "the KL of --at-kl is that on answers (default) or text" },
	{ 0, NULL, NULL, "Baselines" },
	{ KEY_PROMPT, "prompt", "TEXT", "no steering, but the system message TEXT (may be repeated)" },
	{ KEY_RANDOM, "random", "N", "N random directions of equal length beside each vector" },
	{ KEY_CONTROL, "control", "FILE", "questions whose matching answers are true" },
	{ 0, NULL, NULL, "Measuring" },
	{ 'n', "max-tokens", "N", "answers of at most N tokens (default: 24; 0: none)" },
	{ KEY_ANSWERS, "answers", "N", "answer the first N questions (default: 16)" },
	{ KEY_TEXT, "text", "FILE", "held-out text (default: a short one that is built in)" },
	{ KEY_TEXT_TOKENS, "text-tokens", "N", "at most N tokens of it (default: 256)" },
	{ KEY_BOOT, "boot", "N", "draw N bootstrap samples (default: 1000)" },
	{ KEY_TSV, "tsv", NULL, "write columns separated by tabs" },
	{ KEY_JSON, "json", NULL, "write a JSON document, for syc-plot" },
	{ KEY_KEEP_GOING, "keep-going", NULL, "report and skip broken rows" },
	{ 0, NULL, NULL, "Model" },
	OPTS_LOAD,
	OPTS_SEEDED
};

static const struct tool tool = {
	"syc-sweep", "-m MODEL -d FILE [OPTION]... [FILE]...",
	"Measure what steering does, by layer, operator and scale", opts,
};

/* ---- options ------------------------------------------------------------------------ */

/* "NAME=FILE", or FILE, whose name without folder and ending is NAME. */
static void add_vector(struct sweep *w, const char *arg)
{
	const char *eq = strchr(arg, '='), *slash = strchr(arg, '/'), *path = arg, *base, *dot;
	struct sweep_vector *d = &w->vector[w->n_vectors++];
	struct syc_err err;

	if (eq && eq > arg && (!slash || eq < slash)) {
		path = eq + 1;
		d->name = strndup(arg, (size_t)(eq - arg));
	} else {
		base = slash ? strrchr(arg, '/') + 1 : arg;
		dot = strrchr(base, '.');
		d->name = strndup(base, dot && dot > base ? (size_t)(dot - base) : strlen(base));
	}
	if (!d->name || syc_vector_read(&d->v, path, NULL, &err) < 0) {
		tool_warn(&tool, "%s", d->name ? err.msg : "out of memory");
		exit(1);
	}
}

static void add_scale(struct sweep_op *op, double x)
{
	double *p = realloc(op->scale, (op->n + 1) * sizeof(*p));

	if (!p)
		tool_usage(&tool, "out of memory");
	op->scale = p;
	p[op->n++] = x;
}

/* "add:-2,2,hook=attn": the name, its scales, and more of the rule. */
static void add_op(struct sweep *w, const char *arg)
{
	struct sweep_op *op = &w->op[w->n_ops++];
	size_t name = strcspn(arg, ":,");
	const char *s = arg + name;
	const struct syc_steer_op_info *info;
	struct syc_err err;
	char text[256];
	bool given;

	for (char stop = ':'; *s == stop; stop = ',') {
		size_t len = strcspn(s + 1, ",");

		if (stop == ',' && memchr(s + 1, '=', len))
			break;
		snprintf(text, sizeof(text), "%.*s", len < 64 ? (int)len : 64, s + 1);
		add_scale(op, opt_num(&tool, "op", text, -1e6, 1e6));
		s += 1 + len;
	}
	given = op->n > 0;
	if (name + strlen(s) + 4 > sizeof(text))
		tool_usage(&tool, "--op: '%s' is too long", arg);
	snprintf(text, sizeof(text), "op=%.*s%s", (int)name, arg, s);
	if (syc_steer_rule_parse(&op->rule, text, &err) < 0)
		tool_usage(&tool, "--op: %s", err.msg);
	info = syc_steer_op_info(op->rule.op);
	for (size_t i = 0; !given && i < info->n_scales; i++)
		add_scale(op, info->scales[i]);
}

static void parse_options(struct sweep *w, int argc, char **argv)
{
	static const char *const kl_on[] = { "answers", "text" };
	int key;

	while ((key = opt_next(&tool, argc, argv)) != -1) {
		switch (key) {
		case 'd': add_vector(w, optarg); break;
		case KEY_LAYERS: w->layers_arg = optarg; break;
		case KEY_AT_ONCE: w->at_once[w->n_at_once++] = optarg; break;
		case KEY_OP: add_op(w, optarg); break;
		case KEY_AT_KL: w->at_kl = opt_num(&tool, "at-kl", optarg, 1e-6, 100); break;
		case KEY_KL_ON: w->kl_on_text = opt_enum(&tool, "kl-on", optarg, kl_on, 2) == 1; break;
		case KEY_PROMPT: w->prompt[w->n_prompts++] = optarg; break;
		case KEY_RANDOM: w->n_random = opt_whole(&tool, "random", optarg, 0, 1000); break;
		case KEY_CONTROL: w->control_path = optarg; break;
		case 'n': w->max_new = opt_whole(&tool, "max-tokens", optarg, 0, 4096); break;
		case KEY_ANSWERS: w->n_answers = opt_whole(&tool, "answers", optarg, 1, 4096); break;
		case KEY_TEXT: w->text_path = optarg; break;
		case KEY_TEXT_TOKENS: w->n_text = opt_whole(&tool, "text-tokens", optarg, 2, 65536); break;
		case KEY_BOOT: w->boot = opt_whole(&tool, "boot", optarg, 100, 1000000); break;
		case KEY_JSON: w->json = true; break;
		case KEY_TSV: w->tsv = true; break;
		case KEY_KEEP_GOING: w->keep_going = true; break;
		default:
			if (!load_opt(&tool, &w->load, key, optarg))
				opt_common(&tool, &w->common, key, optarg);
		}
	}
	if (!w->load.model)
		tool_usage(&tool, "no model: give --model=FILE");
	if (!w->n_vectors && !w->n_prompts)
		tool_usage(&tool, "nothing to compare: give --direction=FILE or --prompt=TEXT");
	if (w->json && w->tsv)
		tool_usage(&tool, "--json and --tsv: it is one or the other");
	if (!w->max_new && !isnan(w->at_kl) && !w->kl_on_text)
		tool_usage(&tool, "--at-kl without answers needs --kl-on=text");
	if (!w->n_ops) {
		add_op(w, "add");
		add_op(w, "ablate");
	}
}

/* ---- parts --------------------------------------------------------------------------- */

/* Raw prompts, and those with a system message of their own, take no other. */
static int check_prompts(const struct sweep *w, struct syc_err *err)
{
	const size_t n = w->questions.n;

	for (size_t i = 1; i < w->n_variants; i++) {
		size_t same = 0;

		for (size_t k = 0; k < n; k++) {
			const struct syc_ids *p = w->questions.q[k].prompt;

			same += p[i].n == p[0].n && memcmp(p[i].id, p[0].id, p[0].n * sizeof(*p->id)) == 0;
		}
		if (same == n)
			return fail(err, SYC_EINVAL, "--prompt '%.60s' changes no question: they are raw text, "
				    "or have a system message", w->prompt[i - 1]);
		if (same && w->common.verbose >= 0)
			tool_warn(&tool, "warning: --prompt '%.60s' does not change %zu of %zu questions",
				 w->prompt[i - 1], same, n);
	}
	return 0;
}

/* The prompts as they are, and with each --prompt for a system message. */
static int read_questions(struct sweep *w, char **paths, int n_paths, struct syc_err *err)
{
	size_t n_ctx = w->load.ctx ? w->load.ctx : syc_model_config(w->model)->n_ctx;
	struct syc_rows in = { ROWS_OF(&tool), .paths = paths, .n_paths = n_paths, .keep_going = w->keep_going };
	struct syc_rows control = { ROWS_OF(&tool), .n_paths = 1, .keep_going = w->keep_going };
	char *path = (char *)(uintptr_t)w->control_path;
	int ret = 0;

	control.paths = &path;
	for (size_t i = 0; i < w->n_variants && ret == 0; i++) {
		w->variant[i] = w->load;
		if (i)
			w->variant[i].system = w->prompt[i - 1];
		ret = load_prompter(&w->prompter[i], &w->variant[i], w->model, err);
	}
	if (ret == 0)
		ret = sweep_read(&w->questions, &in, w->prompter, w->n_variants, n_ctx, err);
	if (ret == 0 && !w->questions.n)
		ret = fail(err, SYC_EINVAL, "there are no questions");
	if (ret == 0)
		ret = check_prompts(w, err);
	if (ret == 0 && path)
		ret = sweep_read(&w->control, &control, w->prompter, w->n_variants, n_ctx, err);
	if (ret == 0 && in.n_skipped + control.n_skipped)
		tool_warn(&tool, "%" PRIu64 " rows were skipped", in.n_skipped + control.n_skipped);
	syc_rows_done(&in);
	syc_rows_done(&control);
	return ret;
}

static int make_passages(struct sweep *w, struct syc_err *err)
{
	uint32_t n_ctx = w->load.ctx ? w->load.ctx : syc_model_config(w->model)->n_ctx;
	size_t n = !w->max_new ? 0 : w->n_answers < w->questions.n ? w->n_answers : w->questions.n;

	w->n_answers = n;
	w->passage = calloc(n + 1, sizeof(*w->passage));
	if (!w->passage)
		return fail_nomem(err);
	w->n_passages = n + 1;
	return sweep_text(&w->passage[n], w->text_path, syc_model_vocab(w->model),
			  w->n_text < n_ctx ? w->n_text : n_ctx, err);
}

static int open_all(struct sweep *w, char **paths, int n_paths, struct syc_hook *hook, struct syc_err *err)
{
	struct syc_engine_opts eo = load_engine(&w->common, &w->load);
	int ret = load_open(&tool, &w->common, &w->load, &w->model, err);

	if (ret < 0)
		return ret;
	for (size_t i = 0; i < w->n_vectors; i++)
		if (w->vector[i].v->assumed)
			tool_warn_assumed(&tool, &w->common, w->vector[i].name);
	if (w->load.ctx > syc_model_config(w->model)->n_ctx)
		tool_usage(&tool, "--ctx: the model was trained for %" PRIu32 " tokens", syc_model_config(w->model)->n_ctx);
	ret = sweep_layers(w, err);
	if (ret < 0)
		return ret;
	w->variant = calloc(w->n_variants, sizeof(*w->variant));
	w->prompter = calloc(w->n_variants, sizeof(*w->prompter));
	ret = w->variant && w->prompter ? read_questions(w, paths, n_paths, err) : fail_nomem(err);
	if (ret == 0)
		ret = make_passages(w, err);
	if (ret == 0)
		ret = sweep_settings(w, err);
	*hook = syc_steer_hook();
	eo.hooks = hook;
	eo.n_hooks = 1;
	return ret < 0 ? ret : syc_engine_new(&w->engine, w->model, &eo, err);
}

static int run(struct sweep *w, struct syc_err *err)
{
	struct sweep_setting **list = calloc(w->n, sizeof(struct sweep_setting *));
	int ret = list ? sweep_run_base(w, err) : fail_nomem(err);

	if (ret == 0 && !isnan(w->at_kl))
		ret = sweep_find_kl(w, err);
	for (size_t i = 1; i < w->n && ret == 0; i++)
		list[i - 1] = &w->setting[i];
	if (ret == 0)
		ret = sweep_run(w, list, w->n - 1, false, err);
	free(list);
	return ret < 0 ? ret : sweep_summarize(w, err);
}

static int write_out(struct sweep *w, struct syc_err *err)
{
	struct syc_buf b = { 0 };
	struct out o;
	int ret = (w->json ? sweep_json : w->tsv ? sweep_tsv : sweep_table)(&b, w) < 0 ? fail_nomem(err) : 0;

	if (ret == 0)
		ret = out_open(&o, w->common.output, err);
	if (ret == 0) {
		ret = out_write(&o, b.data, b.len, err);
		if (ret == 0)
			ret = out_finish(&o, err);
		else
			out_abandon(&o);
	}
	syc_buf_free(&b);
	return ret;
}

static void free_all(struct sweep *w)
{
	for (size_t i = 0; i < w->n; i++)
		sweep_setting_free(&w->setting[i]);
	for (size_t i = 0; i < w->n_passages; i++) {
		struct sweep_passage *t = &w->passage[i];

		for (size_t k = 0; t->tokens && k < (t->is_text ? 1 : w->n_variants); k++)
			syc_ids_free(&t->tokens[k]);
		free(t->tokens);
		free(t->n_prompt);
		free(t->logprob);
	}
	for (size_t i = 0; i < w->n_vectors; i++) {
		syc_vector_free(w->vector[i].v);
		free(w->vector[i].name);
	}
	for (size_t i = 0; i < w->n_ops; i++)
		free(w->op[i].scale);
	sweep_set_free(&w->questions, w->n_variants);
	sweep_set_free(&w->control, w->n_variants);
	syc_engine_free(w->engine);
	syc_model_close(w->model);
	for (size_t i = 0; w->prompter && i < w->n_variants; i++)
		syc_prompter_done(&w->prompter[i]);
	free(w->prompter);
	free(w->variant);
	free(w->setting);
	free(w->passage);
	free(w->vector);
	free(w->op);
	free(w->prompt);
	free(w->at_once);
	for (size_t i = 0; i < w->n_layers; i++) {
		free(w->layers[i].layer);
		free(w->layers[i].text);
	}
	free(w->layers);
}

int main(int argc, char **argv)
{
	struct sweep w = {
		.tool = &tool, .common = OPT_VALUES_INIT, .max_new = 24, .n_answers = 16, .n_text = 256,
		.boot = 1000, .at_kl = NAN,
	};
	struct syc_err err = { 0 };
	struct syc_hook hook;
	int ret;

	w.vector = calloc((size_t)argc + 1, sizeof(*w.vector));
	w.op = calloc((size_t)argc + 2, sizeof(*w.op));
	w.prompt = calloc((size_t)argc + 1, sizeof(*w.prompt));
	w.at_once = calloc((size_t)argc + 1, sizeof(*w.at_once));
	if (!w.vector || !w.op || !w.prompt || !w.at_once)
		return 1;
	parse_options(&w, argc, argv);
	w.n_variants = 1 + w.n_prompts;
	ret = open_all(&w, argv + optind, argc - optind, &hook, &err);
	if (ret == 0)
		ret = run(&w, &err);
	if (ret == 0)
		ret = write_out(&w, &err);
	if (w.engine)
		load_say(&tool, &w.common, &w.load, w.engine, "sequences");
	free_all(&w);
	return tool_finish(&tool, ret < 0 ? tool_err(&tool, &err) : 0);
}
