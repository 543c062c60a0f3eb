/* SPDX-License-Identifier: MIT */
/* What other parts of src/stat see of struct syc_moments. */
#ifndef SRC_STAT_MOMENTS_H
#define SRC_STAT_MOMENTS_H
#include "syc/linear.h"

/* The sum over rows of |x - mean|^4; m has covariances. */
double moments_fourth(struct syc_moments *m);

#endif
