/* SPDX-License-Identifier: MIT */
/* A sweep of the demo model with all that a plan can ask for. */
#ifndef TESTS_SWEEP_PLAN_H
#define TESTS_SWEEP_PLAN_H
#include "load.h"
#include "syc/sweep.h"

enum { N_QUESTIONS = 4, N_CONTROL = 2, N_ANSWERS = 2, MAX_NEW = 6, N_TEXT = 20 };

/* As the questions are, and with a system message. */
extern struct syc_prompter prompter[2];
void open_prompters(void);

/* What syc_rows skipped. */
struct skips {
	size_t n;
	char why[504];
};

/* Rows for the next read_rows(): the first n lines of a file, with text before and behind. */
void write_rows(const char *before, const char *from, size_t n,
		const char *behind);
/* Read them; skips NULL: the first bad row is an error. */
int read_rows(struct syc_sweep_questions *q, size_t n_ctx, struct skips *skips,
	      struct syc_err *err);
/* A question of raw text, which takes no system message. */
extern const char raw_row[];

/* A plan and what it borrows; change either, then plan_settings(). */
struct fixture {
	struct syc_sweep_questions questions, control;
	struct syc_sweep_vector vector;
	struct syc_sweep_op op[3];
	double scale[2], turn[1];
	uint32_t layer[4];
	struct syc_sweep_layers layers[3];
	struct syc_sweep_plan plan;
	struct syc_sweep_settings s;
	size_t n_told, last, of;	/* by progress */
};

void set_up(struct fixture *f);
void tear_down(struct fixture *f);
/* The settings anew. */
int plan_settings(struct fixture *f, struct syc_err *err);
/* Settings and all. */
void run_plan(struct fixture *f);
void run_plan_fails(struct fixture *f, int code, const char *why);

#endif
