/* SPDX-License-Identifier: MIT */
/* A line on the terminal: how far, how fast, how long still. */
#ifndef SRC_TOOL_PROGRESS_H
#define SRC_TOOL_PROGRESS_H
#include "tool/opts.h"

struct syc_progress {
	const struct syc_tool *tool;
	const char *what;	/* "rows" */
	bool on;		/* standard error is a terminal, and not --quiet */
	bool shown;
	double start, last;
};

void syc_progress_begin(struct syc_progress *p, const struct syc_tool *t,
			const struct syc_common *c, const char *what);
/* n are done; share of the whole in [0, 1], negative when not known. */
void syc_progress_show(struct syc_progress *p, uint64_t n, double share);
/* Wipe the line. */
void syc_progress_end(struct syc_progress *p);

#endif
