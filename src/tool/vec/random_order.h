/* SPDX-License-Identifier: MIT */
/* Random draws of rows. */
#ifndef SRC_TOOL_VEC_RANDOM_ORDER_H
#define SRC_TOOL_VEC_RANDOM_ORDER_H
#include <stddef.h>
#include <stdint.h>

/* 64 random bits: SplitMix64 (Steele, Lea & Flood 2014). */
uint64_t draw_u64(uint64_t *state);
/* 0 to n - 1 in a random order; n below 2^32. */
void draw_order(uint32_t *order, uint64_t n, uint64_t state);
/* n of them with replacement. */
void draw_again(uint32_t *pick, uint64_t n, uint64_t state);

#endif
