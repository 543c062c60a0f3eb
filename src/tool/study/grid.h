/* SPDX-License-Identifier: MIT */
/* The designed comparison of extraction choices (--grid). */
#ifndef SRC_TOOL_STUDY_GRID_H
#define SRC_TOOL_STUDY_GRID_H
#include "tool/study/study.h"

/* The sets of pairs are there, and can be read. */
int grid_prepare(struct study *s, struct syc_err *err);
/* Tell the children how much the model will have to do. */
void grid_expect(struct study *s);
/* Behind steering: its files lie in the folder grid, tables beside it. */
int study_grid(struct study *s, struct syc_err *err);

#endif
