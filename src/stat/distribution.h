/* SPDX-License-Identifier: MIT */
#ifndef SRC_STAT_DISTRIBUTION_H
#define SRC_STAT_DISTRIBUTION_H

/* Wilson's interval of a share a of n rows, n any number, with quantile z. */
void wilson_interval(double a, double n, double z, double *lo, double *hi);

#endif
