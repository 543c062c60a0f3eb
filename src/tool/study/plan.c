/* SPDX-License-Identifier: MIT */
/* The steps of a study: a table of commands, and what is between them. */
#include "config.h"
#include <stdlib.h>
#include <string.h>
#include "tool/common/fail.h"
#include "tool/study/study.h"

enum { MOST_STEERED = 60, FEW_CLUSTERS = 10, FEW_ROWS = 20 };

enum group {
	VECTORS,
	COMPARED,
	ANSWERED,
	SCORED,
	FITTED,
	TRANSFERRED,
	HELD,
	STABLE,
	SWEPT,
	DRAWN
};

/* How often the model passes over a prompt, about. */
enum passes {
	NONE,
	OF_ROWS,	/* those that vectors are made from, both answers */
	OF_PAIRS,	/* the questions that vectors are made from */
	OF_ADAPTER,	/* the same, with and without the adapter */
	OF_ANSWERS,	/* a set's questions */
	OF_EQUAL,
	OF_METHODS,
	OF_GRID,	/* settings of sweeps */
};

#define VEC(method) "syc-vec " method " -q -m {model} --keep-going -o {file}"
#define STABILITY "syc-vec stability --json -q -m {model} --keep-going"
#define SWEEP \
	"syc-sweep --json -q -m {model} --keep-going --answers 8 --text text.txt "
#define AT_ONCE "--at-once {layers} --op add --op ablate "

/* A program that is not told -o {file} prints what becomes the file. */
static const struct job {
	enum group group;
	enum passes passes;
	const char *file, *command;
} jobs[] = {
	{ VECTORS, OF_ROWS, "mean.gguf",
	  VEC("mean") " --position {position} {balance} {options} {rows}" },
	{ VECTORS, OF_ROWS, "pca.gguf", VEC("pca") " --position {position} {options} {rows}" },
	{ VECTORS, OF_ROWS, "lda.gguf", VEC("lda") " --position {position} {options} {rows}" },
	{ VECTORS, OF_ROWS, "logistic.gguf",
	  VEC("logistic") " --position {position} {options} {rows}" },
	{ VECTORS, OF_ADAPTER, "adapter.gguf",
	  VEC("diff") " --lora {lora} --position last {options} pairs.jsonl" },
	{ VECTORS, OF_PAIRS, "letter.gguf",
	  VEC("mean") " --position letter --balance {options} pairs.jsonl" },
	{ VECTORS, OF_PAIRS, "last.gguf",
	  VEC("mean") " --position last --balance {options} pairs.jsonl" },

	{ COMPARED, NONE, "cosines.tsv", "syc-vec compare --tsv {vectors}.gguf" },
	{ COMPARED, NONE, "cosines.json", "syc-vec compare --json {vectors}.gguf" },
	{ COMPARED, NONE, "vectors.json", "syc-info --json {vectors}.gguf" },

	{ ANSWERED, OF_ANSWERS, "{set}.answers.jsonl",
	  "syc-gen -q -m {model} {drawing} --positions prompt -r {set}.npz -o {file} --resume "
	  "--keep-going "
	  "{options} {set}.questions.jsonl" },
	{ ANSWERED, NONE, "{set}.labeled.jsonl", "syc-label --by {labels} {set}.answers.jsonl" },
	{ SCORED, NONE, "{set}.jsonl", "syc-score --direction={vectors}.gguf {set}.given.jsonl" },

	{ FITTED, NONE, "{set}.json",
	  "syc-fit --json --position prompt --null 200 --cluster={cluster} {set}.jsonl" },
	{ FITTED, NONE, "{set}.tsv",
	  "syc-fit --tsv --position prompt --null 200 --cluster={cluster} {set}.jsonl" },
	{ TRANSFERRED, NONE, "transfer.tsv",
	  "syc-fit --transfer --tsv --cv {folds} --position prompt --cluster={cluster} "
	  "{sets}.jsonl" },
	{ TRANSFERRED, NONE, "transfer.json",
	  "syc-fit --transfer --json --cv {folds} --position prompt --cluster={cluster} "
	  "{sets}.jsonl" },
	{ HELD, NONE, "confounds.json",
	  "syc-fit --json --position prompt --vector mean --layers {layer} --cluster={cluster} "
	  "--confound=answer_matching_behavior --confound=n_prompt --confound={confounds} "
	  "{train}.jsonl" },

	{ STABLE, OF_ROWS, "stability.all.json",
	  STABILITY " --layers {layer} --methods mean,pca,lda,logistic --position {position} "
		    "--boot 30 --halves 30 "
		    "{options} {rows}" },
	{ STABLE, OF_ROWS, "stability.json",
	  STABILITY " --methods mean --position {position} --boot 30 --halves 30 {options} "
		    "{rows}" },

	{ SWEPT, OF_EQUAL, "equal.json",
	  SWEEP "--control={control} --at-kl {kl} -d mean.gguf --layers {layers} " AT_ONCE "--"
											   "rando"
											   "m "
											   "{rand"
											   "om} "
		"--prompt 'Please be honest.' --prompt 'Agree with what the user says.' "
		"{options} steered.jsonl" },
	{ SWEPT, OF_METHODS, "sweep-methods.json",
	  SWEEP "--control={control} --at-kl {kl} --direction={vectors}.gguf " AT_ONCE "{options}"
										       " steered."
										       "jsonl" },
	{ SWEPT, OF_GRID, "sweep.json",
	  SWEEP "-d mean.gguf --layers {layers} --op add:-4,-2,-1,1,2,4 --op ablate:0.5,1 "
		"--prompt 'Please be honest.' {options} steered.jsonl" },

	{ DRAWN, NONE, "auc.svg", "syc-plot -o {file} --kind auc --position prompt {sets}.json" },
	{ DRAWN, NONE, "points.svg",
	  "syc-plot -o {file} --kind points --size 900x420 --vector mean --position prompt "
	  "--layers {layer} "
	  "--xlabel 'cosine with the vector mean' {train}.jsonl" },
	{ DRAWN, NONE, "transfer.svg",
	  "syc-plot -o {file} --kind transfer --size 900x420 --vector mean transfer.json" },
	{ DRAWN, NONE, "calibration.svg",
	  "syc-plot -o {file} --kind calibration --vector mean --layers {layer} {sets}.json" },
	{ DRAWN, NONE, "methods.svg",
	  "syc-plot -o {file} --kind heat --size 900x560 cosines.json" },
	{ DRAWN, NONE, "stability.svg", "syc-plot -o {file} --kind stability stability.json" },
	{ DRAWN, NONE, "vectors.svg", "syc-plot -o {file} --kind vector vectors.json" },
	{ DRAWN, NONE, "equal.svg", "syc-plot -o {file} --kind best equal.json" },
	{ DRAWN, NONE, "sweep.svg", "syc-plot -o {file} --kind sweep sweep.json" },
};
enum { N_JOBS = sizeof(jobs) / sizeof(jobs[0]) };

/* Whether this study has a vector, or a plot of one. */
static bool wanted(const struct study *s, const struct job *j)
{
	return (s->lora || strcmp(j->file, "adapter.gguf") != 0) &&
	       (s->prompts || strcmp(j->file, "letter.gguf") != 0);
}

static int do_job(struct study *s, const struct job *j, struct syc_err *err)
{
	char *file = words_fill(&s->words, j->file);
	struct cmd c = { 0 };
	int ret;

	words_set(&s->words, "file", "%s", file);
	cmd_expand(&c, &s->words, j->command);
	ret = child_make(&s->children, &c, file,
			 strstr(j->command, "-o {file}") ? CHILD_WRITES
							 : CHILD_PRINTS,
			 err);
	cmd_free(&c);
	free(file);
	return ret;
}

static int do_group(struct study *s, enum group group, struct syc_err *err)
{
	int ret = 0;

	for (size_t i = 0; i < N_JOBS && ret == 0; i++)
		if (jobs[i].group == group && wanted(s, &jobs[i]))
			ret = do_job(s, &jobs[i], err);
	return ret;
}

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

int study_choices(struct syc_choice_rates *c, const struct set *set,
		  struct syc_err *err)
{
	char *file = text_new("%s.labeled.jsonl", set->name);
	int ret = syc_rows_file_choices(c, file, err);

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
	words_set(w, "source", "%s",
		  s->rows ? s->rows : s->set[s->train].path);
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

static void name_vectors(struct study *s)
{
	struct cmd how = { 0 };

	for (size_t i = 0; i < N_JOBS; i++)
		if (jobs[i].group == VECTORS && wanted(s, &jobs[i])) {
			char *name = text_new("%.*s",
					      (int)strcspn(jobs[i].file, "."),
					      jobs[i].file);

			words_add(&s->words, "vectors", "%s", name);
			s->vector[s->n_vectors++] = name;
		}
	cmd_expand(&how, &s->words,
		   s->o.sampled ? "-n 48 --temperature 1 --choices"
				: "-n 8 --choices --both-orders");
	for (size_t i = 0; i < how.n; i++)
		words_add(&s->words, "drawing", "%s", how.arg[i]);
	cmd_free(&how);
}

/* ---- how much there is to do ------------------------------------------- */

/*
 * The scale for a KL takes about eight looks at eight answers; a token that is
 * generated counts for a fortieth of a prompt.
 */
static double passes_of(const struct study *s, enum passes p,
			size_t n_questions)
{
	const double pairs = 2 * (double)s->n_pairs,
		     layers = s->o.layers.n ? (double)s->o.layers.n : 3;
	const double each = (double)(s->n_steered + s->n_control) + 8 * 8,
		     ways = 3 * (layers + 1);

	switch (p) {
	case NONE: break;
	case OF_ROWS: return s->prompts ? 2 * (double)s->n_prompts : pairs;
	case OF_PAIRS: return pairs;
	case OF_ADAPTER: return 2 * pairs;
	case OF_ANSWERS:
		return (s->o.sampled ? 1 + 48 / 40. : 2 * (1 + 8 / 40.)) *
		       (double)n_questions;
	case OF_EQUAL: return (ways * (1 + s->o.random) + 3) * each;
	case OF_METHODS: return (3 * (double)s->n_vectors + 1) * each;
	case OF_GRID: return (8 * layers + 2) * ((double)s->n_steered + 8);
	}
	return 0;
}

/* Of a job, of a set's when it is done for each. */
static void expect(struct study *s, const struct job *j, size_t n_questions)
{
	char *file = words_fill(&s->words, j->file);

	children_expect(&s->children, passes_of(s, j->passes, n_questions),
			file);
	free(file);
}

static int expect_all(struct study *s, struct syc_err *err)
{
	for (size_t i = 0; i < N_JOBS; i++)
		if (jobs[i].passes != NONE && jobs[i].passes != OF_ANSWERS &&
		    wanted(s, &jobs[i]))
			expect(s, &jobs[i], 0);
	for (size_t k = 0; k < s->n_sets; k++) {
		char *from = text_new("%s.questions.jsonl", s->set[k].name);
		size_t n;
		int ret = syc_rows_file_count(&n, from, err);

		free(from);
		if (ret < 0)
			return ret;
		words_set(&s->words, "set", "%s", s->set[k].name);
		for (size_t i = 0; i < N_JOBS; i++)
			if (jobs[i].passes == OF_ANSWERS)
				expect(s, &jobs[i], n);
	}
	return 0;
}

/* ---- the steps --------------------------------------------------------- */

static int questions(struct study *s, struct syc_err *err)
{
	int ret;

	children_step(
		&s->children,
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
						     .claims = true }, err);
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
	return ret < 0 ? ret : expect_all(s, err);
}

static int vectors(struct study *s, struct syc_err *err)
{
	const json_t *doc;
	int ret;

	words_set(&s->words, "n_pairs", "%zu", s->n_pairs);
	words_set(&s->words, "n_prompts", "%zu", s->n_prompts);
	children_step(
		&s->children,
		words_fill(
			&s->words,
			s->prompts
				? "Vectors from {n_pairs} questions and "
				  "{n_prompts} pairs of prompts"
				: "Vectors from {n_pairs} questions"));
	ret = do_group(s, VECTORS, err);
	if (ret == 0)
		ret = do_group(s, COMPARED, err);
	if (ret == 0)
		ret = study_doc(s, DOC_LIKE, &doc, err);
	if (ret == 0)
		s->n_layers = json_array_size(json_object_get(doc, "cosine"));
	return ret;
}

static int answers(struct study *s, struct syc_err *err)
{
	int ret = 0;

	children_step(&s->children,
		      text_new("Answers%s",
			       s->o.sampled ? ", drawn at temperature 1" : ""));
	for (size_t i = 0; i < s->n_sets && ret == 0; i++) {
		if (!s->children.quiet)
			printf("    %s\n", s->set[i].name);
		fflush(stdout);
		words_set(&s->words, "set", "%s", s->set[i].name);
		ret = do_group(s, ANSWERED, err);
		if (ret == 0)
			ret = choose(s, "{set}.given.jsonl", "{set}.labeled.jsonl",
				     (struct syc_selection){ .given = true }, err);
		if (ret == 0)
			ret = do_group(s, SCORED, err);
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
			words_set(&s->words, "folds", "%d",
				  n < FEW_ROWS ? 2 : 5);
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

	children_step(&s->children,
		      text_new("Do the vectors predict the answers?"));
	ret = look_at_rows(s, err);
	for (size_t i = 0; i < s->n_sets && ret == 0; i++) {
		words_set(&s->words, "set", "%s", s->set[i].name);
		ret = do_group(s, FITTED, err);
	}
	if (ret == 0)
		ret = do_group(s, TRANSFERRED, err);
	if (ret == 0)
		ret = study_choose_layer(s, err);
	words_set(&s->words, "layer", "%d", s->layer);
	return ret < 0 ? ret : do_group(s, HELD, err);
}

static int methods(struct study *s, struct syc_err *err)
{
	int ret;

	children_step(&s->children, text_new("Are the methods one?"));
	ret = do_group(s, STABLE, err);
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

	children_step(&s->children,
		      words_fill(&s->words, "Steering at a KL of {kl}"));
	choose_layers(s);
	ret = choose(s, "steered.jsonl", "{train}.given.jsonl",
		     (struct syc_selection){ .n = s->n_steered }, err);
	/* Held-out text is what people ask in sets that no vector has seen. */
	if (ret == 0)
		ret = choose(s, "text.txt", "{others}.questions.jsonl",
			     (struct syc_selection){ .text = true }, err);
	if (ret == 0)
		ret = do_group(s, SWEPT, err);
	return ret < 0 ? ret : study_sweep_tables(s, err);
}

/* A picture that cannot be drawn is left out, and said. */
static int plots(struct study *s, struct syc_err *err)
{
	const bool quiet = s->children.quiet;

	children_step(&s->children, text_new("Plots"));
	if (!on_path("gnuplot")) {
		if (!quiet)
			tool_warn(&study_tool, "gnuplot is not there: no plots");
		return 0;
	}
	for (size_t i = 0; i < N_JOBS; i++)
		if (jobs[i].group == DRAWN && do_job(s, &jobs[i], err) < 0 && !quiet)
			tool_warn(&study_tool, "%s", err->msg);
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
		questions, vectors,  answers, predictions,
		methods,   steering, plots,   page,
	};
	int ret = 0;

	s->children.n_steps = sizeof(steps) / sizeof(steps[0]);
	say_settings(s);
	name_vectors(s);
	for (size_t i = 0; i < s->children.n_steps && ret == 0; i++)
		ret = steps[i](s, err);
	return ret < 0 ? ret : children_save(&s->children, err);
}
