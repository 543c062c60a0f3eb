/* SPDX-License-Identifier: MIT */
/* A line on the terminal: how far, how fast, how long still. */
#ifndef SRC_TOOL_COMMON_PROGRESS_H
#define SRC_TOOL_COMMON_PROGRESS_H
#include "tool/options/opts.h"

struct progress {
	const struct tool *tool;
	const char *what;	/* "rows" */
	/* standard error is a terminal, and not --quiet */
	bool on;
	bool shown;
	double start, last;
};

/* Standard error is a terminal whose line can be written again. */
bool progress_can(void);

void progress_begin(struct progress *p, const struct tool *t,
			const struct opt_values *c, const char *what);
/* n are done; share of the whole in [0, 1], negative when not known. */
void progress_show(struct progress *p, uint64_t n, double share);
/* Wipe the line. */
void progress_end(struct progress *p);

#endif
