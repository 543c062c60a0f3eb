/* SPDX-License-Identifier: MIT */
/* syc-sweep's parts: its command line, and what it prints. */
#ifndef SRC_TOOL_SWEEP_SWEEP_H
#define SRC_TOOL_SWEEP_SWEEP_H
#include "syc/null.h"
#include "syc/resample.h"
#include "syc/sweep_test.h"
#include "tool/common/rows.h"
#include "tool/common/table.h"
#include "tool/run/load.h"

struct sweep {
	struct opt_values common;
	struct load load;
	struct texts direction, prompt, at_once, null_file;	/* as given */
	const char *layers, *control_path, *text_path, *unrelated_path, *nulls;
	bool json, tsv, foreign, per_question;
	unsigned primary;
	double margin;				/* in log odds */
	struct syc_rows in;			/* how they are read */
	unsigned kl_on;

	struct syc_model *model;
	struct syc_prompter *prompter;		/* [1 + prompt.n] */
	struct syc_sweep_questions questions, control, unrelated;
	struct syc_sweep_vector *vector;	/* [direction.n] */
	struct syc_sweep_op *op;		/* [n_ops] */
	size_t n_ops;
	struct syc_sweep_layers *list;		/* [n_lists] layers that are steered together */
	size_t n_lists;
	struct syc_buf text;			/* of text_path */
	size_t n_draws[SYC_N_NULLS];		/* that --null asks for */
	struct syc_sweep_null *null;		/* [n_nulls] */
	size_t n_nulls;
	struct syc_sweep_plan plan;
	struct syc_sweep_settings settings;
	struct syc_sweep_tests tests;
	struct syc_sweep_curves curves;
	struct progress progress;
};

/* What was found, in the form that the options ask for; SYC_ENOMEM. */
int sweep_report(struct syc_buf *b, const struct sweep *w, const struct tool *t);

/* ---- nulls.c ---------------------------------------------------------------- */

/* What --null says, into n_draws. */
void nulls_parse(struct sweep *w, const struct tool *t);
/* Behind the vectors; all that they are. */
int nulls_read(struct sweep *w, struct syc_err *err);
void nulls_free(struct sweep *w);

/* ---- shown.c: tests, curves, answers --------------------------------------- */

void text_tests(struct sheet *o, const struct sweep *w);
void text_curves(struct sheet *o, const struct sweep *w);
/* A row a question and curve. */
void tsv_curves(struct sheet *o, const struct sweep *w);
/* Members of the document, each after a comma. */
void json_shown(struct sheet *o, const struct sweep *w);

#endif
