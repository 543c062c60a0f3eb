/* SPDX-License-Identifier: MIT */
/* syc-shift's parts: its command line, and what it prints. */
#ifndef SRC_TOOL_SHIFT_SHIFT_H
#define SRC_TOOL_SHIFT_SHIFT_H
#include "syc/null.h"
#include "syc/shift.h"
#include "tool/common/rows.h"
#include "tool/common/table.h"
#include "tool/run/load.h"

struct shift {
	struct opt_values common;
	struct load load;
	struct syc_rows in;		/* how they are read */
	struct texts direction, null_file;	/* as given */
	const char *unrelated_path, *layers;
	unsigned position, null;
	double at_kl;
	bool foreign;
	enum sheet_form form;

	struct syc_model *base, *tuned;
	struct syc_prompter prompter;
	struct syc_sweep_questions questions, unrelated;
	struct syc_shift_vector *vector;	/* [direction.n] */
	struct syc_shift_plan plan;
	struct syc_shift_scale scale;	/* of the adapters as they are given */
	struct syc_shift_found *found;
	struct progress progress;
	const char *part;		/* that progress is of */
};

/* What was found, in the form that the options ask for; SYC_ENOMEM. */
int shift_report(struct syc_buf *b, const struct shift *w, const struct tool *t);

#endif
