/* SPDX-License-Identifier: MIT */
/* syc-info's kinds of file, each as text or one JSON object; and --fidelity. */
#ifndef SRC_TOOL_INFO_H
#define SRC_TOOL_INFO_H
#include <stdbool.h>
#include "syc/model.h"
#include "tool/load.h"

struct syc_info {
	const char *path;
	bool json, verbose;
};

enum syc_info_kind { SYC_INFO_VECTOR, SYC_INFO_MODEL, SYC_INFO_ADAPTER };

/* Says what it is; prints nothing of a vector. */
int syc_info_model(const struct syc_info *i, enum syc_info_kind *kind, struct syc_err *err);
int syc_info_acts(const struct syc_info *i, struct syc_err *err);
int syc_info_vector(const struct syc_info *i, struct syc_err *err);

/* What --fidelity compares, and on what. */
struct syc_info_fidelity {
	struct syc_load load;	/* how; of both but for compute */
	const char *reference;	/* a model's path; NULL: the same */
	const char *text;	/* a file; NULL: syc_info_text */
	const char **vectors;	/* [n_vectors] files */
	size_t n_vectors;
};

int syc_info_fidelity(const struct syc_tool *t, const struct syc_info *i,
		      const struct syc_info_fidelity *f, const struct syc_common *c, struct syc_err *err);
/* A page of plain English. */
extern const char syc_info_text[];

#endif
