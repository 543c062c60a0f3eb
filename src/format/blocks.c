/* SPDX-License-Identifier: MIT */
/*
 * Types of 32 values with a float16 scale d.  Of four-bit numbers the first
 * half of a block is in the low nibbles of 16 bytes, the second in the high.
 */
#include "config.h"
#include "format/blocks.h"

enum { HALF = SYC_BLOCK / 2 };

const int8_t syc_iq4_level[16] = {
	-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113,
};

/* d; 16 bytes: d * (q - 8). */
void syc_decode_q4_0(float *restrict out, const uint8_t *restrict in, size_t n)
{
	for (; n; n -= SYC_BLOCK, in += 18, out += SYC_BLOCK) {
		const uint8_t *q = in + 2;
		float d = syc_half_at(in);

		for (int i = 0; i < HALF; i++)
			out[i] = d * (float)((q[i] & 15) - 8);
		for (int i = 0; i < HALF; i++)
			out[HALF + i] = d * (float)((q[i] >> 4) - 8);
	}
}

/* d; m; 16 bytes: d * q + m. */
void syc_decode_q4_1(float *restrict out, const uint8_t *restrict in, size_t n)
{
	for (; n; n -= SYC_BLOCK, in += 20, out += SYC_BLOCK) {
		const uint8_t *q = in + 4;
		float d = syc_half_at(in), m = syc_half_at(in + 2);

		for (int i = 0; i < HALF; i++)
			out[i] = d * (float)(q[i] & 15) + m;
		for (int i = 0; i < HALF; i++)
			out[HALF + i] = d * (float)(q[i] >> 4) + m;
	}
}

/* The fifth bits, those of value i in bit i of 4 bytes, each as 0 or 16. */
static inline void fifth_bits(int32_t *restrict high, const uint8_t *in)
{
	uint32_t bits;

	memcpy(&bits, in, sizeof(bits));
	for (int i = 0; i < SYC_BLOCK; i++)
		high[i] = (int32_t)(bits >> i & 1) << 4;
}

/* d; 4 bytes of fifth bits; 16 bytes: d * (q - 16). */
void syc_decode_q5_0(float *restrict out, const uint8_t *restrict in, size_t n)
{
	for (; n; n -= SYC_BLOCK, in += 22, out += SYC_BLOCK) {
		const uint8_t *q = in + 6;
		float d = syc_half_at(in);
		int32_t high[SYC_BLOCK];

		fifth_bits(high, in + 2);
		for (int i = 0; i < HALF; i++)
			out[i] = d * (float)((q[i] & 15) + high[i] - 16);
		for (int i = 0; i < HALF; i++)
			out[HALF + i] = d * (float)((q[i] >> 4) +
						    high[HALF + i] - 16);
	}
}

/* d; m; 4 bytes of fifth bits; 16 bytes: d * q + m. */
void syc_decode_q5_1(float *restrict out, const uint8_t *restrict in, size_t n)
{
	for (; n; n -= SYC_BLOCK, in += 24, out += SYC_BLOCK) {
		const uint8_t *q = in + 8;
		float d = syc_half_at(in), m = syc_half_at(in + 2);
		int32_t high[SYC_BLOCK];

		fifth_bits(high, in + 4);
		for (int i = 0; i < HALF; i++)
			out[i] = d * (float)((q[i] & 15) + high[i]) + m;
		for (int i = 0; i < HALF; i++)
			out[HALF + i] = d * (float)((q[i] >> 4) + high[HALF + i]) + m;
	}
}

/* d; 32 signed bytes: d * q. */
void syc_decode_q8_0(float *restrict out, const uint8_t *restrict in, size_t n)
{
	for (; n; n -= SYC_BLOCK, in += 34, out += SYC_BLOCK) {
		const uint8_t *q = in + 2;
		float d = syc_half_at(in);

		for (int i = 0; i < SYC_BLOCK; i++)
			out[i] = d * (float)(int8_t)q[i];
	}
}

/* d; 16 bytes: d * level[q]. */
void syc_decode_iq4_nl(float *restrict out, const uint8_t *restrict in,
		       size_t n)
{
	for (; n; n -= SYC_BLOCK, in += 18, out += SYC_BLOCK) {
		const uint8_t *q = in + 2;
		float d = syc_half_at(in);

		for (int i = 0; i < HALF; i++) {
			out[i] = d * (float)syc_iq4_level[q[i] & 15];
			out[HALF + i] = d * (float)syc_iq4_level[q[i] >> 4];
		}
	}
}
