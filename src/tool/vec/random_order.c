/* SPDX-License-Identifier: MIT */
#include "config.h"
#include "tool/vec/random_order.h"

uint64_t draw_u64(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return z ^ z >> 31;
}

static uint32_t below(uint64_t *state, uint64_t n)
{
	return (uint32_t)((draw_u64(state) >> 32) * n >> 32);
}

void draw_order(uint32_t *order, uint64_t n, uint64_t state)
{
	for (uint64_t i = 0; i < n; i++)
		order[i] = (uint32_t)i;
	for (uint64_t i = n; i > 1; i--) {
		const uint32_t k = below(&state, i), t = order[i - 1];

		order[i - 1] = order[k];
		order[k] = t;
	}
}

void draw_again(uint32_t *pick, uint64_t n, uint64_t state)
{
	for (uint64_t k = 0; k < n; k++)
		pick[k] = below(&state, n);
}
