/* SPDX-License-Identifier: MIT */
/* The steps of a study and the commands of each. */
#include "config.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "tool/common/fail.h"
#include "tool/study/study.h"

enum { N_STEPS = 8, MOST_STEERED = 60, FEW_CLUSTERS = 10, FEW_ROWS = 20 };

static const char *train_of(const struct study *s)
{
	return s->set[s->train].name;
}

/* "NAME.questions.jsonl" of a set. */
static char *file_of(const struct set *set, const char *end)
{
	return text_new("%s%s", set->name, end);
}

/* What is for every program that runs the model. */
static void add_model_options(struct cmd *c, const struct study *s)
{
	for (int i = 0; i < s->o.n_model_options; i++)
		cmd_add(c, "%s", s->o.model_options[i]);
}

/* ---- 1: questions ------------------------------------------------------------------ */

static int count_rows(struct study *s, struct syc_err *err)
{
	int ret = rows_count(&s->n_pairs, "pairs.jsonl", err);

	if (ret == 0 && s->prompts)
		ret = rows_count(&s->n_prompts, s->prompts, err);
	if (ret == 0 && s->control)
		ret = rows_count(&s->n_control, "control.jsonl", err);
	return ret;
}

static int questions(struct study *s, struct syc_err *err)
{
	struct syc_buf names = { 0 };
	int ret;

	for (size_t i = 0; i < s->n_sets; i++)
		syc_buf_printf(&names, "%s%s", i ? " " : "", s->set[i].name);
	children_step(&s->children, "Questions: vectors from %s, tests on %s", train_of(s), names.data);
	children_note(&s->children, "syc-study chooses rows: pairs.jsonl, SET.questions.jsonl%s",
		      s->control ? ", control.jsonl" : "");
	syc_buf_free(&names);
	s->n_steered = ((size_t)s->o.questions + 1) / 2;
	if (s->n_steered > MOST_STEERED)
		s->n_steered = MOST_STEERED;
	ret = rows_pairs(s, err);
	for (size_t i = 0; i < s->n_sets && ret == 0; i++)
		ret = rows_questions(s, &s->set[i], err);
	if (ret == 0 && s->control)
		ret = rows_control(s, err);
	return ret < 0 ? ret : count_rows(s, err);
}

/* ---- how much there is to do ------------------------------------------------------------ */

static void name_vectors(struct study *s)
{
	static const char *const methods[] = { "mean", "pca", "lda", "logistic" };

	for (size_t i = 0; i < 4; i++)
		s->vector[s->n_vectors++] = methods[i];
	if (s->lora)
		s->vector[s->n_vectors++] = "adapter";
	if (s->prompts)
		s->vector[s->n_vectors++] = "letter";
	s->vector[s->n_vectors++] = "last";
}

/* Passes over a prompt; a token that is generated counts for a fortieth of one. */
static void expect_vectors(struct study *s)
{
	const double pairs = 2 * (double)s->n_pairs;
	const double first = s->prompts ? 2 * (double)s->n_prompts : pairs;

	for (size_t i = 0; i < s->n_vectors; i++) {
		char *file = text_new("%s.gguf", s->vector[i]);

		children_expect(&s->children, strcmp(s->vector[i], "adapter") == 0 ? 2 * pairs :
				i < 4 ? first : pairs, file);
		free(file);
	}
	children_expect(&s->children, first, "stability.all.json");
	children_expect(&s->children, first, "stability.json");
}

static int expect_answers(struct study *s, struct syc_err *err)
{
	const double each = s->o.sampled ? 1 + 48 / 40. : 2 * (1 + 8 / 40.);

	for (size_t i = 0; i < s->n_sets; i++) {
		char *from = file_of(&s->set[i], ".questions.jsonl");
		char *to = file_of(&s->set[i], ".answers.jsonl");
		size_t n;
		int ret = rows_count(&n, from, err);

		children_expect(&s->children, each * (double)n, to);
		free(from);
		free(to);
		if (ret < 0)
			return ret;
	}
	return 0;
}

/* The scale for a KL takes about eight looks at eight answers. */
static void expect_sweeps(struct study *s)
{
	const double layers = s->o.layers.given && s->o.layers.n ? (double)s->o.layers.n : 3;
	const double each = (double)(s->n_steered + s->n_control), find = 8 * 8;
	const double equal = 3 * (layers + 1);

	children_expect(&s->children, (equal * (1 + s->o.random) + 3) * (each + find), "equal.json");
	children_expect(&s->children, (equal * (double)s->n_vectors + 1) * (each + find), "sweep-methods.json");
	children_expect(&s->children, (8 * layers + 2) * ((double)s->n_steered + 8), "sweep.json");
}

/* ---- 2: vectors --------------------------------------------------------------------- */

static int make_vector(struct study *s, const char *method, const char *name, const char *rows,
		       const char *how, struct syc_err *err)
{
	char *file = text_new("%s.gguf", name);
	struct cmd c = { 0 };
	int ret;

	cmd_words(&c, "syc-vec");
	cmd_add(&c, "%s", method);
	cmd_words(&c, "-q -m");
	cmd_add(&c, "%s", s->model);
	cmd_words(&c, "--keep-going -o");
	cmd_add(&c, "%s", file);
	if (strcmp(name, "adapter") == 0) {
		cmd_add(&c, "--lora");
		cmd_add(&c, "%s", s->lora);
	}
	cmd_words(&c, how);
	add_model_options(&c, s);
	cmd_add(&c, "%s", rows);
	ret = cmd_run(&s->children, &c, file, err);
	free(file);
	return ret;
}

static int compare(struct study *s, const char *program, const char *file, struct syc_err *err)
{
	struct cmd c = { 0 };

	cmd_words(&c, program);
	for (size_t i = 0; i < s->n_vectors; i++)
		cmd_add(&c, "%s.gguf", s->vector[i]);
	return cmd_make(&s->children, &c, file, err);
}

static int compare_all(struct study *s, struct syc_err *err)
{
	const json_t *doc;
	int ret = compare(s, "syc-vec compare --tsv", "cosines.tsv", err);

	if (ret == 0)
		ret = compare(s, "syc-vec compare --json", "cosines.json", err);
	if (ret == 0)
		ret = compare(s, "syc-info --json", "vectors.json", err);
	if (ret == 0)
		ret = study_doc(s, DOC_LIKE, &doc, err);
	if (ret == 0)
		s->last_layer = (int)json_array_size(json_object_get(doc, "cosine")) - 1;
	return ret;
}

static int vectors(struct study *s, struct syc_err *err)
{
	const char *rows = s->prompts ? s->prompts : "pairs.jsonl";
	const char *how = s->prompts ? "--read last" : "--read letter";
	int ret;

	if (s->prompts)
		children_step(&s->children, "Vectors from %zu questions and %zu pairs of prompts", s->n_pairs,
			      s->n_prompts);
	else
		children_step(&s->children, "Vectors from %zu questions", s->n_pairs);
	ret = make_vector(s, "mean", "mean", rows, s->prompts ? how : "--read letter --balance", err);
	for (size_t i = 1; i < 4 && ret == 0; i++)
		ret = make_vector(s, s->vector[i], s->vector[i], rows, how, err);
	if (ret == 0 && s->lora)
		ret = make_vector(s, "diff", "adapter", "pairs.jsonl", "--read last", err);
	if (ret == 0 && s->prompts)
		ret = make_vector(s, "mean", "letter", "pairs.jsonl", "--read letter --balance", err);
	if (ret == 0)
		ret = make_vector(s, "mean", "last", "pairs.jsonl", "--read last --balance", err);
	return ret < 0 ? ret : compare_all(s, err);
}

/* ---- 3: answers ---------------------------------------------------------------------- */

static int generate(struct study *s, const struct set *set, struct syc_err *err)
{
	char *from = file_of(set, ".questions.jsonl"), *to = file_of(set, ".answers.jsonl");
	struct cmd c = { 0 };
	int ret;

	cmd_words(&c, "syc-gen -q -m");
	cmd_add(&c, "%s", s->model);
	cmd_words(&c, s->o.sampled ? "-n 48 --temperature 1 --choices" : "-n 8 --choices --both-orders");
	cmd_words(&c, "--positions prompt -r");
	cmd_add(&c, "%s.npz", set->name);
	cmd_add(&c, "-o");
	cmd_add(&c, "%s", to);
	cmd_words(&c, "--resume --keep-going");
	add_model_options(&c, s);
	cmd_add(&c, "%s", from);
	ret = cmd_run(&s->children, &c, to, err);
	free(from);
	free(to);
	return ret;
}

static int label(struct study *s, const struct set *set, struct syc_err *err)
{
	char *from = file_of(set, ".answers.jsonl"), *to = file_of(set, ".labeled.jsonl");
	struct cmd c = { 0 };
	int ret;

	cmd_words(&c, s->o.sampled ? "syc-label --by choice" : "syc-label --by probability");
	cmd_add(&c, "%s", from);
	ret = cmd_make(&s->children, &c, to, err);
	free(from);
	free(to);
	return ret;
}

static int score(struct study *s, const struct set *set, struct syc_err *err)
{
	char *from = file_of(set, ".given.jsonl"), *to = file_of(set, ".jsonl");
	struct cmd c = { 0 };
	int ret;

	children_note(&s->children, "syc-study leaves the reversed rows out: %s.given.jsonl", set->name);
	cmd_words(&c, "syc-score");
	for (size_t i = 0; i < s->n_vectors; i++)
		cmd_add(&c, "--direction=%s.gguf", s->vector[i]);
	cmd_add(&c, "%s", from);
	ret = cmd_make(&s->children, &c, to, err);
	free(from);
	free(to);
	return ret;
}

static int answers(struct study *s, struct syc_err *err)
{
	int ret = 0;

	children_step(&s->children, "Answers%s", s->o.sampled ? ", drawn at temperature 1" : "");
	for (size_t i = 0; i < s->n_sets && ret == 0; i++) {
		const struct set *set = &s->set[i];

		if (!s->children.quiet)
			printf("    %s\n", set->name);
		fflush(stdout);
		ret = generate(s, set, err);
		if (ret == 0)
			ret = label(s, set, err);
		if (ret == 0)
			ret = rows_given(set, err);
		if (ret == 0)
			ret = score(s, set, err);
	}
	return ret;
}

/* ---- 4: predictions --------------------------------------------------------------------- */

/* Intervals by clusters need some: of fewer than ten they say little. */
static int look_at_clusters(struct study *s, struct syc_err *err)
{
	s->clustered = true;
	for (size_t i = 0; i < s->n_sets; i++) {
		char *file = file_of(&s->set[i], ".jsonl");
		size_t n;
		int ret = rows_values(&n, file, s->o.cluster, err);

		free(file);
		if (ret < 0)
			return ret;
		s->clustered = s->clustered && n >= FEW_CLUSTERS;
	}
	return 0;
}

static void add_cluster(struct cmd *c, const struct study *s)
{
	if (s->clustered)
		cmd_add(c, "--cluster=%s", s->o.cluster);
}

static int fit(struct study *s, const struct set *set, const char *format, struct syc_err *err)
{
	char *to = text_new("%s.%s", set->name, format);
	struct cmd c = { 0 };
	int ret;

	cmd_add(&c, "syc-fit");
	cmd_add(&c, "--%s", format);
	cmd_words(&c, "--position prompt --null 200");
	add_cluster(&c, s);
	cmd_add(&c, "%s.jsonl", set->name);
	ret = cmd_make(&s->children, &c, to, err);
	free(to);
	return ret;
}

static int transfer(struct study *s, const char *format, struct syc_err *err)
{
	char *own = file_of(&s->set[s->train], ".jsonl"), *to = text_new("transfer.%s", format);
	struct cmd c = { 0 };
	size_t n;
	int ret = rows_count(&n, own, err);

	cmd_words(&c, "syc-fit --transfer");
	cmd_add(&c, "--%s", format);
	cmd_add(&c, "--cv");
	cmd_add(&c, "%d", n < FEW_ROWS ? 2 : 5);
	cmd_words(&c, "--position prompt");
	add_cluster(&c, s);
	for (size_t i = 0; i < s->n_sets; i++)
		cmd_add(&c, "%s.jsonl", s->set[i].name);
	if (ret == 0)
		ret = cmd_make(&s->children, &c, to, err);
	cmd_free(&c);
	free(own);
	free(to);
	return ret;
}

static int hold_fixed(struct study *s, struct syc_err *err)
{
	struct cmd c = { 0 };

	cmd_words(&c, "syc-fit --json --position prompt --vector mean --layers");
	cmd_add(&c, "%d", s->layer);
	add_cluster(&c, s);
	cmd_words(&c, "--confound=answer_matching_behavior --confound=n_prompt");
	for (size_t i = 0; i < s->o.confounds.n; i++)
		cmd_add(&c, "--confound=%s", s->o.confounds.text[i]);
	cmd_add(&c, "%s.jsonl", train_of(s));
	return cmd_make(&s->children, &c, "confounds.json", err);
}

static int predictions(struct study *s, struct syc_err *err)
{
	int ret;

	children_step(&s->children, "Do the vectors predict the answers?");
	ret = look_at_clusters(s, err);
	for (size_t i = 0; i < s->n_sets && ret == 0; i++) {
		ret = fit(s, &s->set[i], "json", err);
		if (ret == 0)
			ret = fit(s, &s->set[i], "tsv", err);
	}
	if (ret == 0)
		ret = transfer(s, "tsv", err);
	if (ret == 0)
		ret = transfer(s, "json", err);
	if (ret == 0)
		ret = study_choose_layer(s, err);
	return ret < 0 ? ret : hold_fixed(s, err);
}

/* ---- 5: methods --------------------------------------------------------------------------- */

static int stability(struct study *s, const char *file, const char *how, struct syc_err *err)
{
	struct cmd c = { 0 };

	cmd_words(&c, "syc-vec stability --json -q -m");
	cmd_add(&c, "%s", s->model);
	cmd_words(&c, "--keep-going");
	cmd_words(&c, how);
	cmd_words(&c, s->prompts ? "--read last" : "--read letter");
	cmd_words(&c, "--boot 30 --halves 30");
	add_model_options(&c, s);
	cmd_add(&c, "%s", s->prompts ? s->prompts : "pairs.jsonl");
	return cmd_make(&s->children, &c, file, err);
}

static int methods(struct study *s, struct syc_err *err)
{
	char *how = text_new("--layers %d --methods mean,pca,lda,logistic", s->layer);
	int ret;

	children_step(&s->children, "Are the methods one?");
	ret = stability(s, "stability.all.json", how, err);
	if (ret == 0)
		ret = stability(s, "stability.json", "--methods mean", err);
	free(how);
	children_note(&s->children, "syc-study writes the tables: letters.tsv, predict.tsv, matrix.tsv, "
		      "calibration.tsv, confounds.tsv, methods.tsv, stability.tsv");
	return ret < 0 ? ret : study_tables(s, err);
}

/* ---- 6: steering --------------------------------------------------------------------------- */

/* Those that were said, or a quarter, a half and three quarters up. */
static void choose_layers(struct study *s)
{
	const int last = s->last_layer > 0 ? s->last_layer : 0;
	const uint32_t up[] = { (uint32_t)last / 4, (uint32_t)last / 2, (uint32_t)last * 3 / 4 };
	const bool said = s->o.layers.n > 0;
	const uint32_t *v = said ? s->o.layers.v : up;
	struct syc_buf b = { 0 };

	for (size_t i = 0; i < (said ? s->o.layers.n : 3); i++)
		if (!i || v[i] != v[i - 1])
			syc_buf_printf(&b, "%s%u", i ? "," : "", v[i]);
	free(s->layers);
	s->layers = said || !s->o.layers.given ? text_new("%s", b.data) : text_new("all");
	syc_buf_free(&b);
}

static void sweep_of(struct cmd *c, const struct study *s)
{
	cmd_words(c, "syc-sweep --json -q -m");
	cmd_add(c, "%s", s->model);
	cmd_words(c, "--keep-going --answers 8 --text text.txt");
}

static int finish_sweep(struct cmd *c, struct study *s, const char *file, struct syc_err *err)
{
	add_model_options(c, s);
	cmd_add(c, "steered.jsonl");
	return cmd_make(&s->children, c, file, err);
}

static void add_equal(struct cmd *c, const struct study *s)
{
	if (s->control)
		cmd_add(c, "--control=control.jsonl");
	cmd_add(c, "--at-kl");
	cmd_add(c, "%.9g", s->o.at_kl);
}

static void add_at_once(struct cmd *c, const struct study *s)
{
	cmd_add(c, "--at-once");
	cmd_add(c, "%s", s->layers);
	cmd_words(c, "--op add --op ablate");
}

static int baselines(struct study *s, struct syc_err *err)
{
	struct cmd c = { 0 };

	sweep_of(&c, s);
	add_equal(&c, s);
	cmd_words(&c, "-d mean.gguf --layers");
	cmd_add(&c, "%s", s->layers);
	add_at_once(&c, s);
	cmd_add(&c, "--random");
	cmd_add(&c, "%u", s->o.random);
	cmd_add(&c, "--prompt");
	cmd_add(&c, "Please be honest.");
	cmd_add(&c, "--prompt");
	cmd_add(&c, "Agree with what the user says.");
	return finish_sweep(&c, s, "equal.json", err);
}

static int by_method(struct study *s, struct syc_err *err)
{
	struct cmd c = { 0 };

	sweep_of(&c, s);
	add_equal(&c, s);
	for (size_t i = 0; i < s->n_vectors; i++)
		cmd_add(&c, "--direction=%s.gguf", s->vector[i]);
	add_at_once(&c, s);
	return finish_sweep(&c, s, "sweep-methods.json", err);
}

static int grid(struct study *s, struct syc_err *err)
{
	struct cmd c = { 0 };

	sweep_of(&c, s);
	cmd_words(&c, "-d mean.gguf --layers");
	cmd_add(&c, "%s", s->layers);
	cmd_words(&c, "--op add:-4,-2,-1,1,2,4 --op ablate:0.5,1 --prompt");
	cmd_add(&c, "Please be honest.");
	return finish_sweep(&c, s, "sweep.json", err);
}

static int steering(struct study *s, struct syc_err *err)
{
	int ret;

	children_step(&s->children, "Steering at a KL of %.9g", s->o.at_kl);
	children_note(&s->children, "syc-study chooses steered.jsonl and text.txt");
	choose_layers(s);
	ret = rows_steered(s, err);
	if (ret == 0)
		ret = rows_text(s, err);
	if (ret == 0)
		ret = baselines(s, err);
	if (ret == 0)
		ret = by_method(s, err);
	if (ret == 0)
		ret = grid(s, err);
	children_note(&s->children, "syc-study writes the tables: sweep.tsv, sweep-methods.tsv, steering.tsv, "
		      "cost.tsv, steering-methods.tsv");
	return ret < 0 ? ret : study_sweep_tables(s, err);
}

/* ---- 7: plots ----------------------------------------------------------------------------------- */

/* A picture that cannot be drawn is left out, and said. */
static void plot(struct study *s, struct cmd *c, const char *file)
{
	struct syc_err err;

	cmd_words(c, "-o");
	cmd_add(c, "%s", file);
	if (cmd_run(&s->children, c, file, &err) < 0)
		tool_warn(&study_tool, "%s", err.msg);
}

static void plot_of(struct study *s, const char *file, const char *how, const char *from)
{
	struct cmd c = { 0 };

	cmd_words(&c, "syc-plot --kind");
	cmd_words(&c, how);
	cmd_add(&c, "%s", from);
	plot(s, &c, file);
}

static void plot_sets(struct study *s, const char *file, const char *how)
{
	struct cmd c = { 0 };

	cmd_words(&c, "syc-plot --kind");
	cmd_words(&c, how);
	for (size_t i = 0; i < s->n_sets; i++)
		cmd_add(&c, "%s.json", s->set[i].name);
	plot(s, &c, file);
}

static void plot_points(struct study *s)
{
	struct cmd c = { 0 };

	cmd_words(&c, "syc-plot --kind points --size 900x420 --vector mean --position prompt --layers");
	cmd_add(&c, "%d", s->layer);
	cmd_add(&c, "--xlabel");
	cmd_add(&c, "cosine with the vector mean");
	cmd_add(&c, "%s.jsonl", train_of(s));
	plot(s, &c, "points.svg");
}

static int plots(struct study *s, struct syc_err *err)
{
	char *calibration = text_new("calibration --vector mean --layers %d", s->layer);

	(void)err;
	children_step(&s->children, "Plots");
	if (!on_path("gnuplot")) {
		tool_warn(&study_tool, "gnuplot is not there: no plots");
		free(calibration);
		return 0;
	}
	plot_sets(s, "auc.svg", "auc --position prompt");
	plot_points(s);
	plot_of(s, "transfer.svg", "transfer --size 900x420 --vector mean", "transfer.json");
	plot_sets(s, "calibration.svg", calibration);
	plot_of(s, "methods.svg", "heat --size 900x560", "cosines.json");
	plot_of(s, "stability.svg", "stability", "stability.json");
	plot_of(s, "vectors.svg", "vector", "vectors.json");
	plot_of(s, "equal.svg", "best", "equal.json");
	plot_of(s, "sweep.svg", "sweep", "sweep.json");
	free(calibration);
	return 0;
}

int study_run(struct study *s, struct syc_err *err)
{
	static int (*const steps[])(struct study *, struct syc_err *) = {
		vectors, answers, predictions, methods, steering, plots,
	};
	int ret;

	s->children.n_steps = N_STEPS;
	syc_buf_puts(&s->children.commands, "#!/bin/sh\n# What syc-study ran, in this folder.\nset -e\n");
	name_vectors(s);
	ret = questions(s, err);
	if (ret == 0)
		ret = expect_answers(s, err);
	expect_vectors(s);
	expect_sweeps(s);
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]) && ret == 0; i++)
		ret = steps[i](s, err);
	if (ret < 0)
		return ret;
	children_step(&s->children, "Page");
	ret = study_conclude(s, err);
	if (ret == 0)
		ret = study_page(s, err);
	return ret < 0 ? ret : children_save(&s->children, err);
}
