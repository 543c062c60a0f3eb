/* SPDX-License-Identifier: MIT */
/* The commands of syc-stance. */
#ifndef SRC_TOOL_STANCE_STANCE_H
#define SRC_TOOL_STANCE_STANCE_H
#include "syc/stance.h"
#include "tool/common/table.h"

int stance_exact(struct syc_stances **out, const struct tool *t, const char *path,
		 struct syc_err *err);
int stance_repeats(int argc, char **argv);
int stance_twins(int argc, char **argv);
int stance_truth(int argc, char **argv);
int stance_truthful(int argc, char **argv);
int stance_effect(int argc, char **argv);
int stance_label(int argc, char **argv);

#endif
