/* SPDX-License-Identifier: MIT */
/* The reports of syc-best. */
#ifndef SRC_TOOL_BEST_BEST_H
#define SRC_TOOL_BEST_BEST_H
#include "syc/best.h"
#include "tool/common/table.h"

void best_sheet(struct sheet *o, const struct syc_best *b);
void misconceptions_sheet(struct sheet *o, const struct syc_misconceptions *m);

#endif
