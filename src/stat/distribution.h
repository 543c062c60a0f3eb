/* SPDX-License-Identifier: MIT */
#ifndef SRC_STAT_DISTRIBUTION_H
#define SRC_STAT_DISTRIBUTION_H

/* Wilson's interval of a share a of n rows, n any number, with quantile z. */
void wilson_interval(double a, double n, double z, double *lo, double *hi);

/* The z with P(Z <= z) = p of the standard normal distribution, 0 < p < 1, to 15 digits. */
double normal_quantile(double p);

#endif
