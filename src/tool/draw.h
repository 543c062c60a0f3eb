/* SPDX-License-Identifier: MIT */
/* Random draws of rows. */
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

#endif
