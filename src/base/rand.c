/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <string.h>
#include "base/rand.h"

/* The finalizer of splitmix64 (Steele, Lea, Flood 2014). */
static uint64_t mix(uint64_t z)
{
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return z ^ (z >> 31);
}

uint64_t syc_hash(uint64_t h, const void *data, size_t n)
{
	const unsigned char *p = data;

	h ^= 0xcbf29ce484222325u;
	for (size_t i = 0; i < n; i++)
		h = (h ^ p[i]) * 0x100000001b3u;
	return mix(h);
}

uint64_t syc_rand_key(uint64_t seed, const char *name, uint64_t index)
{
	uint64_t h = syc_hash(mix(seed + 0x9e3779b97f4a7c15u), name, strlen(name));

	return mix(h + (index + 1) * 0x9e3779b97f4a7c15u);
}

uint64_t syc_rand_u64(uint64_t key, uint64_t step)
{
	return mix(mix(key) + (step + 1) * 0x9e3779b97f4a7c15u);
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
