/* SPDX-License-Identifier: MIT */
/* A study of tuning (--tune): arms and seeds, what each did, one page. */
#ifndef SRC_TOOL_STUDY_TUNE_H
#define SRC_TOOL_STUDY_TUNE_H
#include "syc/tuned.h"
#include "tool/study/study.h"

/* An arm, or a small training set, tuned once. */
struct tuned {
	const char *arm;	/* static, or the set's name */
	unsigned seed;
	char *stem;		/* tune/ARM-SEED, sets/NAME: its files but for their endings */
};

struct tuning {
	struct study *s;
	const char *arm[16];	/* [n_arms] static names, the one asked about first */
	size_t n_arms;
	struct tuned *run;	/* [n_runs] by arm, then seed */
	size_t n_runs;
	struct tuned *set;	/* [n_sets] */
	size_t n_sets;
	size_t n_examples, n_tested;
	bool has_truth;		/* there are rows for the arm agree */
};

/* What --arms says; ends the program where that is nonsense. */
void tuning_parse(struct study *s);
/* The small sets can be read. */
int tuning_prepare(struct study *s, struct syc_err *err);
int study_tune(struct study *s, struct syc_err *err);

/* ---- questions: tune_choose.c ------------------------------------------------- */

/* Pairs of prompts make the contrast vector; of answers, that which sets are put on. */
bool tuning_makes_pairs(const struct study *s);
int tuning_choose_truth(struct tuning *t, struct syc_err *err);
int tuning_choose(struct tuning *t, struct syc_err *err);

/* ---- what was found: tune_found.c, and the page: tune_page.c ------------------ */

int tuning_tables(struct tuning *t, struct syc_err *err);
int tuning_page(struct tuning *t, struct syc_err *err);

#endif
