/* SPDX-License-Identifier: MIT */
/* syc-label --agree: how far label sets of the same rows agree. */
#ifndef SRC_TOOL_LABEL_AGREE_H
#define SRC_TOOL_LABEL_AGREE_H
#include <stdbool.h>
#include "tool/common/opts.h"

struct agree {
	const struct tool *tool;
	const char *output;
	char *const *paths;	/* [n_paths] FILE or NAME=FILE */
	int n_paths;
	bool json, keep_going;
};

/* Read all sets and write the report. */
int agree_run(const struct agree *a, struct syc_err *err);

#endif
