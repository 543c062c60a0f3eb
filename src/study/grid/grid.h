/* SPDX-License-Identifier: MIT */
/* What the files of the designed comparison share. */
#ifndef SRC_STUDY_GRID_GRID_H
#define SRC_STUDY_GRID_GRID_H
#include "syc/grid.h"

/* Room for every cell's values, all NaN. */
int grid_outcome_init(struct syc_grid_outcome *o, const struct syc_grid *g,
		      size_t n_claims, struct syc_err *err);

#endif
