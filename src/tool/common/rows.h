/* SPDX-License-Identifier: MIT */
/* Streams of rows as the programs read them: what is skipped is said. */
#ifndef SRC_TOOL_COMMON_ROWS_H
#define SRC_TOOL_COMMON_ROWS_H
#include "syc/rows.h"
#include "tool/common/opts.h"
#include "tool/common/out.h"

/* Initializers of a struct syc_rows: t says on standard error what is skipped. */
#define ROWS_OF(t) .skipped = rows_say_skipped, .arg = (void *)(uintptr_t)(t)
void rows_say_skipped(void *tool, const char *place, const char *why);

#endif
