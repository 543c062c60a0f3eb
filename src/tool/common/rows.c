/* SPDX-License-Identifier: MIT */
#include "config.h"
#include "tool/common/rows.h"

void rows_say_skipped(void *tool, const char *place, const char *why)
{
	tool_warn(tool, "%s: %s (row skipped)", place, why);
}
