/* SPDX-License-Identifier: MIT */
/* What options were called before: understood for one version, with a line on standard error. */
#ifndef SRC_TOOL_COMMON_OLD_NAMES_H
#define SRC_TOOL_COMMON_OLD_NAMES_H
#include <getopt.h>
#include "tool/common/opts.h"

enum { OLD_NAMES_MAX = 4 };	/* of one program */

/* Append the old names of what is among the n options in to, which has room for them. */
void old_names_add(const struct tool *t, struct option *to, size_t n);
/* An option was given by this name: say what is new, and put new names into its value (or NULL). */
void old_names_tell(const struct tool *t, const char *name, char *value);

#endif
