/* SPDX-License-Identifier: MIT */
/* A layer's figures by name, for the reports that programs read. */
#ifndef SRC_TOOL_FIT_FIGURES_H
#define SRC_TOOL_FIT_FIGURES_H
#include "tool/fit/fit.h"
#include "tool/common/table.h"

enum { FIT_MORE = 64 };

/*
 * Those that --tsv and --json have in common, beyond the first ones of --tsv;
 * what was not asked for is NaN.  Their number.
 */
size_t fit_more(struct table_field out[FIT_MORE], const struct fit_opts *o,
		const struct fit_layer *l, bool cross);
/* The labeled rows that have no score in a set. */
uint64_t fit_missing(const struct scores *s, const struct scores_set *t);

#endif
