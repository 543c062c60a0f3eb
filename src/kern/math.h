/* SPDX-License-Identifier: MIT */
/*
 * exp, log, sine and cosine in double from +, -, *, / alone, so that they give
 * the same bits on every CPU (libm picks variants by CPU).  Errors are a few
 * units in the last place: far below the float precision they serve.
 */
#ifndef SRC_KERN_MATH_H
#define SRC_KERN_MATH_H

/* |x| < 700. */
double syc_exp(double x);
/* x > 0, finite. */
double syc_log(double x);
/* |x| < 2^26. */
void syc_sincos(double x, double *s, double *c);

#endif
