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

enum syc_info_kind { SYC_INFO_VECTOR, SYC_INFO_MODEL, SYC_INFO_ADAPTER };

/* Says what it is; prints nothing of a vector. */
int syc_info_model(const struct syc_info *i, enum syc_info_kind *kind, struct syc_err *err);
int syc_info_acts(const struct syc_info *i, struct syc_err *err);
int syc_info_vector(const struct syc_info *i, struct syc_err *err);

#endif
