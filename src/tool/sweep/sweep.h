/* SPDX-License-Identifier: MIT */
/* syc-sweep's parts: its command line, and what it prints. */
#ifndef SRC_TOOL_SWEEP_SWEEP_H
#define SRC_TOOL_SWEEP_SWEEP_H
#include "syc/sweep.h"
#include "tool/common/load.h"
#include "tool/common/rows.h"
#include "tool/common/table.h"

struct sweep {
	struct opt_values common;
	struct load load;
	struct texts direction, prompt, at_once;	/* as given */
	const char *layers, *control_path, *text_path;
	bool json, tsv, foreign;
	struct syc_rows in;			/* how they are read */
	unsigned kl_on;

	struct syc_model *model;
	struct syc_prompter *prompter;		/* [1 + prompt.n] */
	struct syc_sweep_questions questions, control;
	struct syc_sweep_vector *vector;	/* [direction.n] */
	struct syc_sweep_op *op;		/* [n_ops] */
	size_t n_ops;
	struct syc_sweep_layers *list;		/* [n_lists] layers that are steered together */
	size_t n_lists;
	struct syc_buf text;			/* of text_path */
	struct syc_sweep_plan plan;
	struct syc_sweep_settings settings;
	struct progress progress;
};

/* What was found, in the form that the options ask for; SYC_ENOMEM. */
int sweep_report(struct syc_buf *b, const struct sweep *w, const struct tool *t);

#endif
