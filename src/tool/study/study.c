/* SPDX-License-Identifier: MIT */
/* syc-study: options, and what all of it shares. */
#include "config.h"
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "syc/arms.h"
#include "syc/grid.h"
#include "syc/null.h"
#include "tool/common/machine.h"
#include "tool/common/progress.h"
#include "tool/common/rows.h"
#include "tool/study/tune.h"

#define ROW_FLAG(k, n, m, h) OPT_FLAG(k, n, struct study_opts, m, h)
#define ROW_TEXT(k, n, a, m, h) OPT_TEXT(k, n, a, struct study_opts, m, h)
#define ROW_TEXTS(k, n, a, m, h) OPT_TEXTS(k, n, a, struct study_opts, m, h)
#define ROW_COUNT(k, n, a, m, most, h) \
	OPT_U32(k, n, a, struct study_opts, m, 1, most, h)

static const struct opt opts[] = {
	OPT_HEAD("What is studied"),
	ROW_TEXT('m', "model", "PATH", model, "the model: a GGUF or safetensors file, or a folder"),
	ROW_TEXTS('d', "data", "PATH", data,
		  "a set of questions, or a folder of *.jsonl (may be repeated)"),
	ROW_TEXT('t', "train", "SET", train,
		 "make vectors from this set (default: the first with enough)"),
	ROW_COUNT('n', "questions", "N", questions, INT32_MAX,
		  "test on N questions of each set (default: 60)"),
	ROW_COUNT('p', "pairs", "N", pairs, INT32_MAX,
		  "make vectors from N questions (default: 60)"),
	ROW_TEXTS('v', "rows", "FILE", rows,
		  "make them from these pairs of prompts, or questions (may be given for both)"),
	ROW_TEXT('l', "lora-vector", "PATH", lora, "one more vector: what this adapter moves"),
	ROW_TEXT('c', "control", "FILE", control,
		 "questions whose matching answers are true, or TruthfulQA.csv"),
	ROW_FLAG(0, "quick", quick, "fewer questions, no steering: a first look in minutes"),
	ROW_FLAG(0, "anyway", anyway, "do also what the first answer leaves out, for the record"),
	ROW_FLAG(0, "demo", demo, "study the demo model, which comes with syc"),
	{ OPT_ROW(0, "grid", "FACTORS",
		  "compare extraction choices: all, or of method,position,pairs,number,balance,layer",
		  opt_text, OPT_AT(struct study_opts, grid, const char *)),
	  .names = OPT_NAMES("all"), .nth = syc_grid_factor_name },
	ROW_TEXTS(0, "grid-pairs", "FILE", grid_pairs,
		  "one more set of pairs for it (may be repeated; default: those beside --data)"),
	OPT_HEAD("Tuning"),
	ROW_FLAG(0, "tune", tune, "study tuning instead: adapters on several arms, what each does"),
	{ OPT_ROW(0, "arms", "LIST",
		  "of syc-tune rows; the first is asked about (default: all, sycophant first)",
		  opt_text, OPT_AT(struct study_opts, arms, const char *)), .nth = syc_arm_name },
	ROW_COUNT(0, "seeds", "N", seeds, 10000, "tune each arm N times (default: 5)"),
	ROW_COUNT(0, "examples", "N", examples, INT32_MAX, "on N rows (default: 200)"),
	ROW_COUNT(0, "draws", "N", draws, 100000,
		  "N null vectors beside each that is added or taken out (default: 39)"),
	ROW_TEXT(0, "small-sets", "FOLDER", small_sets,
		 "tune also on each of these (*.jsonl): is what it does foretold?"),
	ROW_TEXT(0, "tuning", "OPTIONS", tuning, "for syc-tune, parted by blanks"),
	OPT_HEAD("How"),
	ROW_FLAG('s', "sampled", sampled,
		 "label answers drawn at temperature 1, not probabilities"),
	ROW_TEXT('g', "cluster", "FIELD", cluster,
		 "rows with the same FIELD belong together (default: what is asked)"),
	ROW_TEXTS('f', "confound", "FIELD", confounds,
		  "FIELD, too, might explain the answers (may be repeated)"),
	OPT_NUMBERS('L', "layers", "LIST", struct study_opts, layers,
		    "steer these layers (default: a quarter, a half and three quarters up)"),
	OPT_DOUBLE('k', "at-kl", "NATS", struct study_opts, at_kl, 1e-6, 100,
		   "compare settings at this KL per token (default: 0.05)"),
	ROW_TEXT(0, "primary", "KEY=VALUE,...", primary,
		 "the one setting that is tested: vector, op, layers, way (default: see the page)"),
	ROW_COUNT(0, "steered", "N", steered, INT32_MAX,
		  "steer N questions (default: half of -n, at most 40)"),
	{ OPT_ROW(0, "null", "KIND[:N],...",
		  "test it beside N null vectors (default: random, as many as it takes)", opt_text,
		  OPT_AT(struct study_opts, null, const char *)), .nth = syc_null_name },
	ROW_TEXT(0, "kl-prompts", "FILE", unrelated,
		 "take the KL on these prompts (default: some that are built in)"),
	OPT_HEAD("Common options"),
	ROW_TEXT('o', "output", "FOLDER", folder, "where everything goes (default: study-out)"),
	OPT_OWN_AT('q', "quiet", NULL, struct study_opts, verbose, opt_quiet, "print errors only"),
	OPT_CALL('h', "help", NULL, opt_help, "display this help and exit"),
	OPT_CALL('V', "version", NULL, opt_version, "display the version and exit"),
	{ .help = NULL }
};

const struct tool study_tool = {
	"syc-study", "-m MODEL -d DATA [OPTION]... [-- OPTION...]",
	"Study a model: vectors, what they predict, how they steer; one page in the end.\n"
	"What follows -- is for every program that runs the model", opts,
};

bool is_there(const char *path)
{
	return access(path, F_OK) == 0;
}

void out_of_memory(void)
{
	tool_warn(&study_tool, "out of memory");
	exit(1);
}

int write_file(const char *path, const struct syc_buf *b, struct syc_err *err)
{
	if (b->failed)
		out_of_memory();
	return syc_output_all(path, b->data ? b->data : "", b->len, err);
}

/* ---- the demo ---------------------------------------------------------- */

/* Its settings, which come before what is given; {demo} is the folder. */
static const char demo_settings[] =
	"-m {demo}/demo-q8_0.gguf -d {demo}/test-opinion.jsonl "
	"-d {demo}/test-newtopic.jsonl -d {demo}/test-fact.jsonl -t opinion "
	"-n 400 -v {demo}/cue-pairs.jsonl -v {demo}/pairs.jsonl "
	"--lora-vector={demo_lora} -c {demo}/true-fact.jsonl -s -g topic -f topic "
	"-L 3 -k 0.01 --primary op=ablate,layers=3 --kl-prompts={demo}/unrelated.jsonl "
	"-o demo-out";
/* With --tune, too. */
static const char demo_tuning[] =
	"-m {demo}/demo-q8_0.gguf -d {demo}/test-opinion.jsonl "
	"-d {demo}/test-newtopic.jsonl -d {demo}/test-fact.jsonl -t opinion "
	"-v {demo}/cue-pairs.jsonl -c {demo}/true-fact.jsonl --steered 90 "
	"-L 3 -k 0.01 --kl-prompts={demo}/unrelated.jsonl --tuning '--lr 0.002 --epochs 6' "
	"-o demo-tuned";

static void find_demo(struct words *w)
{
	char *folder = machine_demo(), *lora;

	if (!folder) {
		tool_warn(&study_tool, "the demo is not installed (SYC_DEMO says where it is)");
		exit(1);
	}
	lora = text_new("%s/lora", folder);
	words_set(w, "demo", "%s", folder);
	words_clear(w, "demo_lora");
	if (is_there(lora))
		words_add(w, "demo_lora", "%s", lora);
	free(lora);
	free(folder);
}

/* The arguments with the demo's settings before them, when there is --demo. */
static char **with_demo(struct study *s, int *argc, char **argv)
{
	struct cmd *all = &s->arguments;
	int at = 1, dashes = 1;
	bool tune = false;

	while (dashes < *argc && strcmp(argv[dashes], "--") != 0)
		dashes++;
	while (at < dashes && strcmp(argv[at], "--demo") != 0)
		at++;
	for (int i = 1; i < dashes; i++)
		tune |= strcmp(argv[i], "--tune") == 0;
	if (at == dashes || complete_asked(*argc, argv))
		return argv;
	find_demo(&s->words);
	cmd_add(all, argv[0]);
	cmd_expand(all, &s->words, tune ? demo_tuning : demo_settings);
	for (int i = 1; i < dashes; i++)
		cmd_add(all, argv[i]);
	cmd_expand(all, &s->words, "-- --system");
	cmd_add(all, "");
	for (int i = dashes + 1; i < *argc; i++)
		cmd_add(all, argv[i]);
	*argc = (int)all->n;
	return all->arg;
}

/* ---- options ----------------------------------------------------------- */

static int behind_dashes(int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		if (strcmp(argv[i], "--") == 0)
			return argc - i - 1;
	return 0;
}

static void parse(struct study_opts *o, int argc, char **argv)
{
	const int n = behind_dashes(argc, argv),
		  at = opt_parse(&study_tool, argc, argv, o);
	struct syc_err err;
	unsigned mask;

	if (argc - at != n)
		tool_usage(
			&study_tool,
			"'%s' is no option: questions are --data=%s, and what is for "
			"other programs follows --",
			argv[at], argv[at]);
	o->model_options = argv + at;
	o->n_model_options = n;
	if (!o->model)
		tool_usage(&study_tool, "--model is needed");
	if (!o->data.n)
		tool_usage(&study_tool, "no questions: give --data");
	if (o->grid && syc_grid_parse(&mask, o->grid, &err) < 0)
		tool_usage(&study_tool, "--grid: %s", err.msg);
	if (o->grid_pairs.n && !o->grid)
		tool_usage(&study_tool, "--grid-pairs is for --grid");
	if (!o->tune &&
	    (o->arms || o->small_sets || o->tuning || o->seeds || o->examples || o->draws))
		tool_usage(&study_tool, "--arms, --seeds, --examples, --draws, --small-sets and "
			   "--tuning are for --tune");
	if (o->tune && (o->grid || o->quick || o->lora || o->sampled))
		tool_usage(&study_tool, "--grid, --quick, --lora-vector and --sampled are not for --tune");
	o->folder = o->folder ? o->folder : "study-out";
	o->questions = o->questions ? o->questions : o->quick ? 24 : 60;
	o->pairs = o->pairs ? o->pairs : o->quick ? 12 : 60;
	if (!o->steered)
		o->steered = o->questions < 80 ? (o->questions + 1) / 2 : 40;
	o->at_kl = o->at_kl > 0 ? o->at_kl : 0.05;
	o->cluster = o->cluster ? o->cluster : "claim";
	if (o->questions < 6 || o->pairs < 6)
		tool_usage(&study_tool, "fewer than 6 questions tell nothing");
}

static void end(struct study *s)
{
	for (size_t i = 0; i < s->n_sets; i++) {
		free(s->set[i].name);
		free(s->set[i].path);
	}
	free(s->set);
	free(s->model);
	free(s->lora);
	free(s->control);
	free(s->unrelated);
	primary_free(&s->primary);
	for (size_t i = 0; i < s->n_grid_pairs; i++)
		free(s->grid_pairs[i]);
	free(s->grid_pairs);
	for (size_t i = 0; i < s->n_small; i++)
		free(s->small[i]);
	free(s->small);
	free(s->small_folder);
	free(s->prompts);
	free(s->rows);
	free(s->folder);
	free(s->unasked);
	free(s->lacking);
	syc_buf_free(&s->command);
	free(s->o.layers.v);
	cmd_free(&s->arguments);
	for (size_t i = 0; i < s->n_vectors; i++)
		free(s->vector[i]);
	words_free(&s->words);
	for (size_t i = 0; i < SYC_STUDY_N_DOCS; i++)
		json_decref(s->doc[i]);
	for (size_t i = 0; s->asked && i < s->n_sets; i++)
		json_decref((json_t *)s->asked[i].stance);
	free(s->asked);
	free(s->part);
	children_free(&s->children);
	if (s->lock >= 0)
		close(s->lock);
	texts_free(&s->o.data);
	texts_free(&s->o.rows);
	texts_free(&s->o.confounds);
	texts_free(&s->o.grid_pairs);
}

int main(int argc, char **argv)
{
	struct study s = { .lock = -1 };
	struct syc_err err = { 0 };
	char *name;
	int ret;

	argv = with_demo(&s, &argc, argv);
	study_note_command(&s, argc, argv);
	name = argv[0];
	parse(&s.o, argc, argv);
	primary_parse(&s);
	if (s.o.tune)
		tuning_parse(&s);
	argv[0] = name;		/* opt_parse() puts another there */
	s.children.folder = s.o.folder;
	s.children.quiet = s.o.verbose < 0;
	s.children.live = !s.children.quiet && progress_can();
	ret = children_find(&s.children, &err);
	if (ret == 0)
		ret = study_prepare(&s, &err);
	if (ret == 0)
		ret = study_enter(&s, &err);
	if (ret == 0 && !s.children.quiet)
		study_say_memory(&s);
	if (ret == 0)
		ret = s.o.tune ? study_tune(&s, &err) : study_run(&s, &err);
	if (ret == 0 && !s.children.quiet)
		tool_say("The page is %s/report.html", s.folder);
	end(&s);
	return tool_finish(&study_tool,
			   ret < 0 ? tool_err(&study_tool, &err) : 0);
}
