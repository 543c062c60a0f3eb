/* SPDX-License-Identifier: MIT */
/* The steps of a study: commands, and what is between them. */
#include "config.h"
#include <stdlib.h>
#include <string.h>
#include "tool/common/fail.h"
#include "tool/study/jobs.h"

enum { MOST_STEERED = 60, FEW_CLUSTERS = 10, FEW_ROWS = 20 };

/* ---- rows ----------------------------------------------------------------- */

/* The rows of files that make another one, unless it is there. */
static int choose(struct study *s, const char *to, const char *from,
		  struct syc_selection how, struct syc_err *err)
{
	char *file = words_fill(&s->words, to);
	struct cmd files = { 0 };
	int ret = 0;

	cmd_expand(&files, &s->words, from);
	how.from = (const char *const *)files.arg;
	how.n_from = files.n;
	children_note(&s->children, file, "chosen by syc-study");
	if (!is_there(file))
		ret = syc_rows_file_select(file, &how, err);
	cmd_free(&files);
	free(file);
	return ret;
}

/* ---- what the commands are about --------------------------------------- */

/* What is known before the first step. */
static void say_settings(struct study *s)
{
	struct words *w = &s->words;

	words_set(w, "model", "%s", s->model);
	words_set(w, "train", "%s", s->set[s->train].name);
	words_set(w, "source", "%s", s->rows ? s->rows : s->set[s->train].path);
	words_set(w, "control_path", "%s", s->control ? s->control : "");
	words_set(w, "rows", "%s", s->prompts ? s->prompts : "pairs.jsonl");
	words_set(w, "position", "%s", s->prompts ? "prompt" : "letter");
	words_set(w, "labels", "%s", s->o.sampled ? "choice" : "probability");
	words_set(w, "kl", "%.9g", s->o.at_kl);
	words_set(w, "random", "%u", s->o.random);
	words_clear(w, "balance");
	words_clear(w, "control");
	words_clear(w, "lora");
	words_clear(w, "options");
	words_clear(w, "confounds");
	if (!s->prompts)
		words_add(w, "balance", "--balance");
	if (s->control)
		words_add(w, "control", "control.jsonl");
	if (s->lora)
		words_add(w, "lora", "%s", s->lora);
	for (int i = 0; i < s->o.n_model_options; i++)
		words_add(w, "options", "%s", s->o.model_options[i]);
	for (size_t i = 0; i < s->o.confounds.n; i++)
		words_add(w, "confounds", "%s", s->o.confounds.text[i]);
	for (size_t i = 0; i < s->n_sets; i++) {
		words_add(w, "sets", "%s", s->set[i].name);
		if (i != s->train)
			words_add(w, "others", "%s", s->set[i].name);
	}
}

/* ---- the steps --------------------------------------------------------- */

static int questions(struct study *s, struct syc_err *err)
{
	int ret;

	children_step(&s->children,
		      words_fill(&s->words,
				 "Questions: vectors from {train}, tests on {sets}"));
	s->n_steered = ((size_t)s->o.questions + 1) / 2;
	if (s->n_steered > MOST_STEERED)
		s->n_steered = MOST_STEERED;
	ret = choose(s, "pairs.jsonl", "{source}",
		     (struct syc_selection){ .n = s->rows ? 0 : s->o.pairs }, err);
	for (size_t i = 0; i < s->n_sets && ret == 0; i++) {
		words_set(&s->words, "set", "%s", s->set[i].name);
		words_set(&s->words, "set_path", "%s", s->set[i].path);
		ret = choose(s, "{set}.questions.jsonl", "{set_path}",
			     (struct syc_selection){ .without = "pairs.jsonl",
						     .n = s->o.questions,
						     .claims = true },
			     err);
	}
	if (ret == 0 && s->control)
		ret = choose(s, "{control}", "{control_path}",
			     (struct syc_selection){ .n = s->n_steered }, err);
	if (ret == 0)
		ret = syc_rows_file_count(&s->n_pairs, "pairs.jsonl", err);
	if (ret == 0 && s->prompts)
		ret = syc_rows_file_count(&s->n_prompts, s->prompts, err);
	if (ret == 0 && s->control)
		ret = syc_rows_file_count(&s->n_control, "control.jsonl", err);
	return ret < 0 ? ret : jobs_expect(s, err);
}

static int vectors(struct study *s, struct syc_err *err)
{
	const json_t *doc;
	int ret;

	words_set(&s->words, "n_pairs", "%zu", s->n_pairs);
	words_set(&s->words, "n_prompts", "%zu", s->n_prompts);
	children_step(
		&s->children,
		words_fill(&s->words, s->prompts ? "Vectors from {n_pairs} questions and "
						   "{n_prompts} pairs of prompts"
						 : "Vectors from {n_pairs} questions"));
	ret = jobs_do(s, VECTORS, err);
	if (ret == 0)
		ret = jobs_do(s, COMPARED, err);
	if (ret == 0)
		ret = study_doc(s, SYC_STUDY_COSINES, &doc, err);
	if (ret == 0)
		s->n_layers = json_array_size(
			json_object_get(json_array_get(doc, 0), "cosine"));
	return ret;
}

static int answers(struct study *s, struct syc_err *err)
{
	int ret = 0;

	children_step(
		&s->children,
		text_new("Answers%s", s->o.sampled ? ", drawn at temperature 1" : ""));
	for (size_t i = 0; i < s->n_sets && ret == 0; i++) {
		if (!s->children.quiet)
			tool_say("    %s", s->set[i].name);
		fflush(stdout);
		words_set(&s->words, "set", "%s", s->set[i].name);
		ret = jobs_do(s, ANSWERED, err);
		if (ret == 0)
			ret = choose(s, "{set}.given.jsonl", "{set}.labeled.jsonl",
				     (struct syc_selection){ .given = true }, err);
		if (ret == 0)
			ret = jobs_do(s, SCORED, err);
	}
	return ret;
}

/* Intervals by clusters need some: of fewer than ten they say little. */
static int look_at_rows(struct study *s, struct syc_err *err)
{
	int ret = 0;

	s->clustered = true;
	for (size_t i = 0; i < s->n_sets && ret == 0; i++) {
		char *file = text_new("%s.jsonl", s->set[i].name);
		size_t n = 0, n_values = 0;

		ret = syc_rows_file_values(&n_values, file, s->o.cluster, err);
		if (ret == 0)
			ret = syc_rows_file_count(&n, file, err);
		s->clustered = s->clustered && n_values >= FEW_CLUSTERS;
		if (i == s->train)
			words_set(&s->words, "folds", "%d", n < FEW_ROWS ? 2 : 5);
		free(file);
	}
	words_clear(&s->words, "cluster");
	if (s->clustered)
		words_add(&s->words, "cluster", "%s", s->o.cluster);
	return ret;
}

static int predictions(struct study *s, struct syc_err *err)
{
	int ret;

	children_step(&s->children, text_new("Do the vectors predict the answers?"));
	ret = look_at_rows(s, err);
	for (size_t i = 0; i < s->n_sets && ret == 0; i++) {
		words_set(&s->words, "set", "%s", s->set[i].name);
		ret = jobs_do(s, FITTED, err);
	}
	if (ret == 0)
		ret = jobs_do(s, TRANSFERRED, err);
	if (ret == 0)
		ret = study_choose_layer(s, err);
	words_set(&s->words, "layer", "%d", s->found.layer);
	return ret < 0 ? ret : jobs_do(s, HELD, err);
}

static int methods(struct study *s, struct syc_err *err)
{
	int ret;

	children_step(&s->children, text_new("Are the methods one?"));
	ret = jobs_do(s, STABLE, err);
	return ret < 0 ? ret : study_tables(s, err);
}

/* Those that were said, or a quarter, a half and three quarters up. */
static void choose_layers(struct study *s)
{
	const uint32_t last = s->n_layers ? (uint32_t)s->n_layers - 1 : 0;
	const uint32_t up[] = { last / 4, last / 2, last * 3 / 4 };
	const uint32_t *v = s->o.layers.n ? s->o.layers.v : up;
	char *list = text_new("%u", v[0]);

	for (size_t i = 1; i < (s->o.layers.n ? s->o.layers.n : 3); i++)
		if (v[i] != v[i - 1]) {
			char *more = text_new("%s,%u", list, v[i]);

			free(list);
			list = more;
		}
	words_set(&s->words, "layers", "%s",
		  s->o.layers.given && !s->o.layers.n ? "all" : list);
	free(list);
}

static int steering(struct study *s, struct syc_err *err)
{
	int ret;

	children_step(&s->children, words_fill(&s->words, "Steering at a KL of {kl}"));
	choose_layers(s);
	ret = choose(s, "steered.jsonl", "{train}.given.jsonl",
		     (struct syc_selection){ .n = s->n_steered }, err);
	/* Held-out text is what people ask in sets that no vector has seen. */
	if (ret == 0)
		ret = choose(s, "text.txt", "{others}.questions.jsonl",
			     (struct syc_selection){ .text = true }, err);
	if (ret == 0)
		ret = jobs_do(s, SWEPT, err);
	return ret < 0 ? ret : study_sweep_tables(s, err);
}

static int plots(struct study *s, struct syc_err *err)
{
	children_step(&s->children, text_new("Plots"));
	if (on_path("gnuplot"))
		return jobs_do(s, DRAWN, err);
	if (!s->children.quiet)
		tool_warn(&study_tool, "gnuplot is not there: no plots");
	return 0;
}

static int page(struct study *s, struct syc_err *err)
{
	int ret;

	children_step(&s->children, text_new("Page"));
	ret = study_conclude(s, err);
	return ret < 0 ? ret : study_page(s, err);
}

int study_run(struct study *s, struct syc_err *err)
{
	static int (*const steps[])(struct study *, struct syc_err *) = {
		questions, vectors, answers, predictions, methods, steering, plots, page,
	};
	int ret = 0;

	s->children.n_steps = sizeof(steps) / sizeof(steps[0]);
	say_settings(s);
	jobs_name_vectors(s);
	for (size_t i = 0; i < s->children.n_steps && ret == 0; i++)
		ret = steps[i](s, err);
	return ret < 0 ? ret : children_save(&s->children, err);
}
