/* SPDX-License-Identifier: MIT */
/* syc-info's kinds of file, each as text or one JSON object; and --fidelity. */
#ifndef SRC_TOOL_INFO_INFO_H
#define SRC_TOOL_INFO_INFO_H
#include <stdbool.h>
#include "syc/model.h"
#include "tool/common/table.h"
#include "tool/run/load.h"

struct info {
	const char *path;
	bool json, verbose;
	struct sheet *o;	/* what is said of the file */
};

/* Begin a JSON object: the file's name and kind. */
void info_head(const struct info *i, const char *kind);

enum info_kind { INFO_VECTOR, INFO_MODEL, INFO_ADAPTER };

/* Says what it is; prints nothing of a vector. */
int info_model(const struct info *i, enum info_kind *kind, struct syc_err *err);
int info_acts(const struct info *i, struct syc_err *err);
int info_vector(const struct info *i, struct syc_err *err);

/* What --fidelity compares, and on what. */
struct info_fidelity {
	struct load load;	/* how; of both but for compute */
	const char *reference;	/* a model's path; NULL: the same */
	const char *text, *rows;	/* files; neither: syc's own prompts */
	struct texts vectors;	/* files */
};

int info_fidelity(const struct tool *t, const struct info *i,
		  const struct info_fidelity *f, const struct opt_values *c,
		  struct syc_err *err);

#endif
