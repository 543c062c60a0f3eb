/* SPDX-License-Identifier: MIT */
/* --show-prompt: what a run would do, without doing it. */
#ifndef SRC_TOOL_PREVIEW_H
#define SRC_TOOL_PREVIEW_H
#include "syc/acts.h"
#include "tool/load.h"
#include "tool/rows.h"

struct syc_preview {
	const struct syc_tool *tool;
	const struct syc_common *common;
	const struct syc_load *load;
	const struct syc_model *model;
	const struct syc_prompter *prompter;
	struct syc_rows_in *in;
	size_t max_tokens;
	uint32_t samples;
	size_t n_layers;	/* recorded; 0: nothing is */
	unsigned n_sites;
	enum syc_dtype dtype;
};

/*
 * Print the first row's prompt, its tokens, and what all rows will take: read
 * to the end, and measured on the first prompt.
 */
int syc_preview(const struct syc_preview *p, struct syc_err *err);

#endif
