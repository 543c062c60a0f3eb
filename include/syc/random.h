/* SPDX-License-Identifier: MIT */
/* Random numbers for whoever draws rows: SplitMix64 (Steele, Lea & Flood 2014). */
#ifndef SYC_RANDOM_H
#define SYC_RANDOM_H
#include "syc/base.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The finalizer: a permutation of the numbers of 64 bits that looks random. */
SYC_API uint64_t syc_mix64(uint64_t z);
/* 64 random bits; advances the state, which may be any number. */
SYC_API uint64_t syc_splitmix64(uint64_t *state);

/* order [n] gets 0 to n - 1 in a random order (Fisher & Yates); n below 2^32. */
SYC_API void syc_random_order(uint32_t *order, size_t n, uint64_t state);
/* pick [n] gets n numbers below n, drawn with replacement; n below 2^32. */
SYC_API void syc_random_picks(uint32_t *pick, size_t n, uint64_t state);

#ifdef __cplusplus
}
#endif
#endif
