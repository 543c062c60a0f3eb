/* SPDX-License-Identifier: MIT */
#ifndef SRC_TOOL_SCORE_SCORE_H
#define SRC_TOOL_SCORE_SCORE_H
#include "syc/score.h"
#include "tool/common/table.h"

void score_tsv_head(struct sheet *o);
/* A line for each vector [n], position and layer of a row. */
void score_tsv(struct sheet *o, const struct syc_row *row, char *const *name, size_t n,
	       const struct syc_row_scores *r);

#endif
