/* SPDX-License-Identifier: MIT */
/*
 * The decoders behind the table in tensor.c: n values, a multiple of the
 * type's block, from in to out.  Products and sums are those of the format's
 * definition, each rounded once, so the bits are the same everywhere.
 */
#ifndef SRC_FORMAT_BLOCKS_H
#define SRC_FORMAT_BLOCKS_H
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include "base/half.h"

enum {
	SYC_BLOCK   = 32,	/* values of a block that has one scale */
	SYC_BLOCK_K = 256,	/* and of one whose scales are scaled, too */
};

/* The 16 levels of iq4_nl and iq4_xs. */
extern const int8_t syc_iq4_level[16];

static inline float syc_half_at(const uint8_t *p)
{
	uint16_t h;

	memcpy(&h, p, sizeof(h));
	return syc_f16_to_f32(h);
}

void syc_decode_q4_0(float *restrict out, const uint8_t *restrict in, size_t n);
void syc_decode_q4_1(float *restrict out, const uint8_t *restrict in, size_t n);
void syc_decode_q5_0(float *restrict out, const uint8_t *restrict in, size_t n);
void syc_decode_q5_1(float *restrict out, const uint8_t *restrict in, size_t n);
void syc_decode_q8_0(float *restrict out, const uint8_t *restrict in, size_t n);
void syc_decode_iq4_nl(float *restrict out, const uint8_t *restrict in,
		       size_t n);

void syc_decode_q2_k(float *restrict out, const uint8_t *restrict in, size_t n);
void syc_decode_q3_k(float *restrict out, const uint8_t *restrict in, size_t n);
void syc_decode_q4_k(float *restrict out, const uint8_t *restrict in, size_t n);
void syc_decode_q5_k(float *restrict out, const uint8_t *restrict in, size_t n);
void syc_decode_q6_k(float *restrict out, const uint8_t *restrict in, size_t n);
void syc_decode_iq4_xs(float *restrict out, const uint8_t *restrict in,
		       size_t n);

#endif
