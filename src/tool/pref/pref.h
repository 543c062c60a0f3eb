/* SPDX-License-Identifier: MIT */
/* The commands of syc-pref and the report it writes. */
#ifndef SRC_TOOL_PREF_PREF_H
#define SRC_TOOL_PREF_PREF_H
#include "syc/prefer.h"
#include "tool/common/table.h"

/* What the report is made of. */
struct pref_report {
	const struct syc_prefer_data *data;
	const struct syc_prefer_plan *plan;
	const struct syc_prefer *found;
	const char *choice_by;	/* or NULL */
};
void pref_text(struct sheet *o, const struct pref_report *r);
void pref_tsv(struct sheet *o, const struct pref_report *r);
void pref_json(struct sheet *o, const struct pref_report *r);

/* syc-pref features: its exit status. */
int pref_features(int argc, char **argv);

#endif
