/* SPDX-License-Identifier: MIT */
/*
 * syc-study: a study from questions to a page.  It runs the other programs and
 * draws the conclusions; all that it makes lies in one folder, which is the
 * current one while it works.
 */
#ifndef SRC_TOOL_STUDY_STUDY_H
#define SRC_TOOL_STUDY_STUDY_H
#include "syc/null.h"
#include "syc/study_tables.h"
#include "tool/options/opts.h"
#include "tool/plot/doc.h"
#include "tool/study/child.h"
#include "tool/study/fill.h"

extern const struct tool study_tool;

struct study_opts {
	const char *model, *folder, *train, *lora, *control, *cluster;
	const char *primary, *null, *unrelated;
	const char *arms, *small_sets, *tuning;	/* of --tune, or NULL */
	uint32_t seeds, examples, draws;
	bool tune;
	const char *grid;	/* factors of the comparison of choices, or NULL */
	struct texts data, rows, confounds, grid_pairs;
	struct opt_list layers;
	uint32_t questions, pairs, steered;	/* 0: not said */
	double at_kl;				/* the same */
	bool sampled, demo, quick, anyway;
	int verbose;		/* -1: quiet */
	char **model_options;	/* [n_model_options] behind "--" */
	int n_model_options;
};

/* Questions of one kind: NAME.questions.jsonl and what is made from them. */
struct set {
	char *name;
	char *path;
	size_t n_asked;		/* with a twin for each claim */
};

/* The one setting of steering that is tested: see --primary. */
struct primary {
	char *vector, *layers;	/* layers: NULL for the middle one */
	char op[16];
	char *rule;		/* more of it: ",when=last" */
	bool raises;
};

struct study {
	struct study_opts o;
	struct syc_buf command;	/* as it was given, but for where it goes */
	struct cmd arguments;	/* that were made of others: see --demo */
	struct children children;
	struct words words;	/* that commands and the page have */
	struct set *set;	/* [n_sets] */
	size_t n_sets, train;
	/* Absolute, or NULL. */
	char *model, *lora, *control, *unrelated;
	struct primary primary;
	bool has_truth;		/* the control is TruthfulQA's table */
	size_t n_draws[SYC_N_NULLS];	/* of null vectors; 0 of all: as many as it takes */
	char *prompts, *rows;	/* that vectors are made from: see --rows */
	char **grid_pairs;	/* [n_grid_pairs] more sets for --grid */
	size_t n_grid_pairs;
	char *small_folder, **small;	/* [n_small] names of small training sets in it */
	size_t n_small;
	char *folder;
	int lock;	/* the file of the settings */

	/* Known as it goes on. */
	size_t n_made_claims;	/* that the vectors of {rows} are made from */
	size_t n_pairs, n_prompts, n_control, n_steered;
	struct syc_picked steered;
	struct syc_study_part *part;	/* [n_parts] */
	size_t n_parts;
	char *vector[16];	/* [n_vectors] names */
	size_t n_vectors, n_layers;
	bool clustered;
	/* The declared answer: the view has an effect; true until it is known. */
	bool has_effect;
	char *unasked, *lacking;	/* else why what rests on it is not asked; what would do */
	json_t *doc[SYC_STUDY_N_DOCS];	/* NULL: not read yet */
	struct syc_study_set *asked;	/* [n_sets], or NULL */
	struct syc_study_documents found;	/* with the layer */
};

/* ---- before the first step: prepare.c ---------------------------------- */

/* Look at all files that are named, and choose the set of the vectors. */
int study_prepare(struct study *s, struct syc_err *err);
/* The path from the root, its last link as it is; NULL when it cannot be read. */
char *study_absolute(const char *path, struct syc_err *err);
/* Make the folder, or go on with it; it is the current one then. */
int study_enter(struct study *s, struct syc_err *err);

/* ---- what is tested of steering: primary.c ------------------------------ */

/* What --primary and --null say; ends the program where that is nonsense. */
void primary_parse(struct study *s);
/* Its vector is one of the study's. */
int primary_check(const struct study *s, struct syc_err *err);
/* Words of its commands, with so many draws; and behind its test those of its scales. */
void primary_words(struct study *s, size_t n_draws);
int primary_scales(struct study *s, struct syc_err *err);
void primary_free(struct primary *p);

/* ---- the steps: plan.c, page.c ----------------------------------------- */

int study_run(struct study *s, struct syc_err *err);
/* Whether no claim of the set of the vectors is asked by users of both views. */
bool study_has_one_view(const struct study *s);
int study_page(struct study *s, struct syc_err *err);

/* ---- tables and conclusions: found.c ----------------------------------- */

/* A document of the study, read once; those of several lines are arrays. */
int study_doc(struct study *s, unsigned which, const json_t **doc,
	      struct syc_err *err);
int study_choose_layer(struct study *s, struct syc_err *err);
/* Whether there are steps that rest on the declared answer: it allows them, or --anyway. */
bool study_goes_on(const struct study *s);
/* All tables of the predictions, and those of steering. */
int study_tables(struct study *s, struct syc_err *err);
int study_sweep_tables(struct study *s, struct syc_err *err);
/* Whether the view has an effect, once the answers are there. */
int study_ask_effect(struct study *s, struct syc_err *err);
/* glance.tsv and conclusions.json, after the tables. */
int study_conclude(struct study *s, struct syc_err *err);

/* ---- what it was made with: settings.c --------------------------------- */

void study_note_command(struct study *s, int argc, char **argv);
/* Say about how much memory the programs will take that run the model. */
void study_say_memory(const struct study *s);
int study_settings_table(struct study *s, struct syc_err *err);

/* ---- small ones: study.c ----------------------------------------------- */

bool is_there(const char *path);
int write_file(const char *path, const struct syc_buf *b, struct syc_err *err);

#endif
