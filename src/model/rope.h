/* SPDX-License-Identifier: MIT */
/* Rotary positions: frequencies, and the two orders of a head's values. */
#ifndef SRC_MODEL_ROPE_H
#define SRC_MODEL_ROPE_H
#include "syc/model.h"

/* Radians per position of each pair, freq [head_dim / 2], as cfg->rope says. */
void syc_rope_freqs(float *freq, const struct syc_config *cfg);

/*
 * What divides each pair's frequency without scaling to give that with it,
 * factor [head_dim / 2]: GGUF has llama3 only as such, in rope_freqs.weight.
 */
void syc_rope_factors(float *factor, const struct syc_config *cfg);

/*
 * YaRN's factor for cosines and sines unless a file says otherwise,
 * 0.1 * mscale * ln(factor) + 1 (Peng et al. 2023, section 3.4); 1 when the
 * factor does not exceed 1.
 */
float syc_rope_mscale(float factor, float mscale);

/*
 * The forward pass rotates neighbors, (0, 1), (2, 3), ...  Some files have a
 * head's values in halves instead, (0, head_dim / 2), (1, head_dim / 2 + 1),
 * ...  The row of such a file that becomes row r; products of queries with keys
 * are the same either way.
 */
static inline size_t syc_rope_row(size_t r, size_t head_dim)
{
	size_t d = r % head_dim;

	return r - d + d % 2 * (head_dim / 2) + d / 2;
}

/* Where row r of such a file comes from: the inverse. */
static inline size_t syc_rope_row_of_halves(size_t r, size_t head_dim)
{
	size_t d = r % head_dim, half = head_dim / 2;

	return r - d + (d < half ? 2 * d : 2 * (d - half) + 1);
}

#endif
