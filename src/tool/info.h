/* SPDX-License-Identifier: MIT */
/* syc-info's kinds of file, each as text or one JSON object; and --fidelity. */
#ifndef SRC_TOOL_INFO_H
#define SRC_TOOL_INFO_H
#include <stdbool.h>
#include "syc/model.h"
#include "tool/opts.h"

struct syc_info {
	const char *path;
	bool json, verbose;
};

int syc_info_gguf(const struct syc_info *i, bool *is_vector, struct syc_err *err);
int syc_info_acts(const struct syc_info *i, struct syc_err *err);
int syc_info_vector(const struct syc_info *i, struct syc_err *err);

/* What --fidelity compares, and on what. */
struct syc_info_fidelity {
	const char *reference;	/* a model's file; NULL: the same */
	enum syc_compute compute;
	const char *text;	/* a file; NULL: syc_info_text */
	const char **vectors;	/* [n_vectors] files */
	size_t n_vectors;
	uint32_t window;	/* tokens run at once; 0: the default */
};

int syc_info_fidelity(const struct syc_tool *t, const struct syc_info *i,
		      const struct syc_info_fidelity *f, const struct syc_common *c, struct syc_err *err);
/* A page of plain English. */
extern const char syc_info_text[];

#endif
