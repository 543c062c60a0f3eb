/* SPDX-License-Identifier: MIT */
/* Adapters of random numbers, b not zero, that change a model without breaking it. */
#ifndef TESTS_MADE_LORA_H
#define TESTS_MADE_LORA_H
#include <math.h>
#include "syc/lora.h"
#include "syc/random.h"

static inline void made_lora_fill(struct syc_lora_weights *w, uint64_t seed)
{
	syc_lora_weights_init(w, seed);
	for (size_t i = 0; i < w->n; i++) {
		const size_t n = w->pair[i].rows * w->shape.rank;
		/* What is added is no larger for a larger scale. */
		const float size = 1 / (w->scale * sqrtf((float)w->shape.rank));

		for (size_t k = 0; k < n; k++) {
			const uint64_t u = syc_splitmix64(&seed) >> 40;

			w->pair[i].b[k] = size * ((float)u * 0x1p-24f - 0.5f);
		}
	}
}

#endif
