/* SPDX-License-Identifier: MIT */
/* Random draws of rows, and what is read off sorted numbers. */
#ifndef SRC_TOOL_DRAW_H
#define SRC_TOOL_DRAW_H
#include <stddef.h>
#include <stdint.h>

/* 64 random bits: SplitMix64 (Steele, Lea & Flood 2014). */
uint64_t syc_draw(uint64_t *state);
/* 0 to n - 1 in a random order; n below 2^32. */
void syc_shuffle(uint32_t *order, uint64_t n, uint64_t state);
/* n of them with replacement. */
void syc_resample(uint32_t *pick, uint64_t n, uint64_t state);

/* The least first; no NaN. */
void syc_sort(double *x, size_t n);
/* Between neighbours in the sorted x [n], n > 0, as numpy.quantile() does. */
double syc_quantile(const double *x, size_t n, double p);

#endif
