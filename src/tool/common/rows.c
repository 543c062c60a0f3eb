/* SPDX-License-Identifier: MIT */
#include "config.h"
#include "tool/common/rows.h"

struct syc_one_run rows_run;

void rows_set_mixed(const struct tool *t, const struct opt *o, void *at, char *arg)
{
	(void)t, (void)o, (void)arg;
	*(struct syc_one_run **)at = NULL;
}

void rows_say_skipped(void *tool, const char *place, const char *why)
{
	tool_warn(tool, "%s: %s (row skipped)", place, why);
}
