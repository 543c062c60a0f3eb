/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <string.h>
#include "base/rand.h"
#include "syc/random.h"

#define GOLDEN 0x9e3779b97f4a7c15u	/* 2^64 over the golden ratio */

uint64_t syc_mix64(uint64_t z)
{
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return z ^ (z >> 31);
}

uint64_t syc_splitmix64(uint64_t *state)
{
	return syc_mix64(*state += GOLDEN);
}

static uint32_t below(uint64_t *state, uint64_t n)
{
	return (uint32_t)((syc_splitmix64(state) >> 32) * n >> 32);
}

void syc_random_order(uint32_t *order, size_t n, uint64_t state)
{
	for (size_t i = 0; i < n; i++)
		order[i] = (uint32_t)i;
	for (size_t i = n; i > 1; i--) {
		const uint32_t k = below(&state, i), t = order[i - 1];

		order[i - 1] = order[k];
		order[k] = t;
	}
}

void syc_random_picks(uint32_t *pick, size_t n, uint64_t state)
{
	for (size_t k = 0; k < n; k++)
		pick[k] = below(&state, n);
}

uint64_t syc_hash(uint64_t h, const void *data, size_t n)
{
	const unsigned char *p = data;

	h ^= 0xcbf29ce484222325u;
	for (size_t i = 0; i < n; i++)
		h = (h ^ p[i]) * 0x100000001b3u;
	return syc_mix64(h);
}

uint64_t syc_rand_key(uint64_t seed, const char *name, uint64_t index)
{
	uint64_t h = syc_hash(syc_mix64(seed + GOLDEN), name, strlen(name));

	return syc_mix64(h + (index + 1) * GOLDEN);
}

uint64_t syc_rand_u64(uint64_t key, uint64_t step)
{
	return syc_mix64(syc_mix64(key) + (step + 1) * GOLDEN);
}

double syc_rand_unit(uint64_t key, uint64_t step)
{
	return (double)(syc_rand_u64(key, step) >> 11) * 0x1p-53;
}

uint64_t syc_rand_below(uint64_t key, uint64_t step, uint64_t n)
{
	/* Multiply-shift; the bias is below n / 2^64. */
	return (uint64_t)(((unsigned __int128)syc_rand_u64(key, step) * n) >> 64);
}
