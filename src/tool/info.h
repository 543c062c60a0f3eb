/* SPDX-License-Identifier: MIT */
/* syc-info's three kinds of file; each prints text or one JSON object. */
#ifndef SRC_TOOL_INFO_H
#define SRC_TOOL_INFO_H
#include <stdbool.h>
#include "syc/base.h"

struct syc_info {
	const char *path;
	bool json, verbose;
};

int syc_info_gguf(const struct syc_info *i, bool *is_vector, struct syc_err *err);
int syc_info_acts(const struct syc_info *i, struct syc_err *err);
int syc_info_vector(const struct syc_info *i, struct syc_err *err);

#endif
