/* SPDX-License-Identifier: MIT */
/*
 * Random numbers that are a pure function of where they are used: a key is
 * split off for (seed, name, index), a number is drawn for (key, step).
 * Nothing is stored, so order, threads and restarts cannot change a draw.
 */
#ifndef SRC_BASE_RAND_H
#define SRC_BASE_RAND_H
#include <stddef.h>
#include <stdint.h>

/* FNV-1a over n bytes, then mixed; start with h = 0 or chain an earlier hash. */
uint64_t syc_hash(uint64_t h, const void *data, size_t n);
/* The key of one stream. */
uint64_t syc_rand_key(uint64_t seed, const char *name, uint64_t index);
/* 64 uniform bits, and a double in [0, 1) with 53 of them. */
uint64_t syc_rand_u64(uint64_t key, uint64_t step);
double syc_rand_unit(uint64_t key, uint64_t step);
/* A uniform integer in [0, n), n > 0. */
uint64_t syc_rand_below(uint64_t key, uint64_t step, uint64_t n);

#endif
