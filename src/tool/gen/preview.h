/* SPDX-License-Identifier: MIT */
/* --show-prompt: what a run would do, without doing it. */
#ifndef SRC_TOOL_GEN_PREVIEW_H
#define SRC_TOOL_GEN_PREVIEW_H
#include "syc/acts.h"
#include "tool/run/model_rows.h"

struct preview {
	struct model_rows *m;
	size_t max_tokens;
	uint32_t samples;
	size_t n_layers;	/* recorded; 0: nothing is */
	bool steered;
	unsigned n_positions;
	enum syc_dtype dtype;
};

/*
 * Print the first row's prompt, its tokens, and what all rows will take: read
 * to the end, and measured on the first prompt.
 */
int preview(const struct preview *p, struct syc_err *err);

#endif
