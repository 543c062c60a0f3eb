/* SPDX-License-Identifier: MIT */
/*
 * Types of 256 values with float16 scales for the small scales (and minima) of
 * its groups of 16 or 32.  Group g comes after group g - 1; what differs is
 * where its bits are.
 */
#include "config.h"
#include "format/blocks.h"

/*
 * 16 bytes of four-bit scales and minima, a pair per group; 64 bytes of
 * two-bit numbers, four groups in each 32; d; m: d * scale * q - m * min.
 */
void syc_decode_q2_k(float *restrict out, const uint8_t *restrict in, size_t n)
{
	for (; n; n -= SYC_BLOCK_K, in += 84, out += SYC_BLOCK_K) {
		float d = syc_half_at(in + 80), m = syc_half_at(in + 82);

		for (int g = 0; g < 16; g++) {
			const uint8_t *q = in + 16 + g / 8 * 32 + g % 2 * 16;
			float scale = d * (float)(in[g] & 15),
			      min = m * (float)(in[g] >> 4);
			int shift = g / 2 % 4 * 2;

			for (int i = 0; i < 16; i++)
				out[16 * g + i] = scale * (float)(q[i] >> shift & 3) - min;
		}
	}
}

/* 16 six-bit numbers: 16 low nibbles in 8 bytes, then 16 pairs of high bits in 4. */
static void unpack_scales_16(int32_t *out, const uint8_t *in)
{
	for (int g = 0; g < 16; g++) {
		int low = in[g % 8] >> g / 8 * 4 & 15,
		    high = in[8 + g % 4] >> g / 4 * 2 & 3;

		out[g] = low | high << 4;
	}
}

/*
 * 32 bytes of third bits, bit k for groups 2k and 2k + 1; 64 bytes of two-bit
 * numbers as in q2_k; 12 bytes of six-bit scales; d: d * (scale - 32) * (q - 4).
 */
void syc_decode_q3_k(float *restrict out, const uint8_t *restrict in, size_t n)
{
	for (; n; n -= SYC_BLOCK_K, in += 110, out += SYC_BLOCK_K) {
		float d = syc_half_at(in + 108);
		int32_t scales[16];

		unpack_scales_16(scales, in + 96);
		for (int g = 0; g < 16; g++) {
			const uint8_t *q = in + 32 + g / 8 * 32 + g % 2 * 16;
			const uint8_t *high = in + g % 2 * 16;
			float scale = d * (float)(scales[g] - 32);
			int shift = g / 2 % 4 * 2, bit = g / 2;

			for (int i = 0; i < 16; i++)
				out[16 * g + i] = scale *
					(float)((q[i] >> shift & 3) +
						(high[i] >> bit & 1) * 4 - 4);
		}
	}
}

/*
 * Multiply by the six-bit scale and minimum of group g of 8.  The first four are bytes g
 * and g + 4; of the others the low nibbles are byte g + 4, the upper bits
 * those that the first four leave.
 */
static inline void scale_and_min(float *scale, float *min, const uint8_t *in,
				 int g)
{
	if (g < 4) {
		*scale *= (float)(in[g] & 63);
		*min *= (float)(in[g + 4] & 63);
	} else {
		*scale *= (float)((in[g + 4] & 15) | in[g - 4] >> 6 << 4);
		*min *= (float)(in[g + 4] >> 4 | in[g] >> 6 << 4);
	}
}

/*
 * d; m; 12 bytes of scales and minima; 128 bytes of nibbles, of each 32 the
 * low ones are one group, the high ones the next: d * scale * q - m * min.
 */
void syc_decode_q4_k(float *restrict out, const uint8_t *restrict in, size_t n)
{
	for (; n; n -= SYC_BLOCK_K, in += 144, out += SYC_BLOCK_K) {
		float d = syc_half_at(in), m = syc_half_at(in + 2);

		for (int g = 0; g < 8; g++) {
			const uint8_t *q = in + 16 + g / 2 * 32;
			int shift = g % 2 * 4;
			float scale = d, min = m;

			scale_and_min(&scale, &min, in + 4, g);
			for (int i = 0; i < 32; i++)
				out[32 * g + i] = scale * (float)(q[i] >> shift & 15) - min;
		}
	}
}

/* As q4_k, with 32 bytes of fifth bits, bit g for group g, before the nibbles. */
void syc_decode_q5_k(float *restrict out, const uint8_t *restrict in, size_t n)
{
	for (; n; n -= SYC_BLOCK_K, in += 176, out += SYC_BLOCK_K) {
		const uint8_t *high = in + 16;
		float d = syc_half_at(in), m = syc_half_at(in + 2);

		for (int g = 0; g < 8; g++) {
			const uint8_t *q = in + 48 + g / 2 * 32;
			int shift = g % 2 * 4;
			float scale = d, min = m;

			scale_and_min(&scale, &min, in + 4, g);
			for (int i = 0; i < 32; i++)
				out[32 * g + i] = scale * (float)((q[i] >> shift & 15) +
						(high[i] >> g & 1) * 16) - min;
		}
	}
}

/*
 * 128 bytes of nibbles, in each half of the block 64: the low ones of its
 * first four groups, the high ones of the other four; 64 bytes of upper pairs
 * of bits, in each half 32; 16 signed scales; d: d * scale * (q - 32).
 */
void syc_decode_q6_k(float *restrict out, const uint8_t *restrict in, size_t n)
{
	for (; n; n -= SYC_BLOCK_K, in += 210, out += SYC_BLOCK_K) {
		float d = syc_half_at(in + 208);

		for (int g = 0; g < 16; g++) {
			const uint8_t *q = in + g / 8 * 64 + g % 4 * 16;
			const uint8_t *high = in + 128 + g / 8 * 32 +
					      g % 2 * 16;
			float scale = d * (float)(int8_t)in[192 + g];
			int shift = g / 4 % 2 * 4, shift_high = g / 2 % 4 * 2;

			for (int i = 0; i < 16; i++)
				out[16 * g + i] = scale * (float)((q[i] >> shift & 15) +
						(high[i] >> shift_high & 3) * 16 - 32);
		}
	}
}

/*
 * d; the upper pairs of bits of 8 scales in 2 bytes, their low nibbles in 4;
 * per group 16 bytes as in iq4_nl: d * (scale - 32) * level[q].
 */
void syc_decode_iq4_xs(float *restrict out, const uint8_t *restrict in,
		       size_t n)
{
	for (; n; n -= SYC_BLOCK_K, in += 136, out += SYC_BLOCK_K) {
		int high = in[2] | in[3] << 8;
		float d = syc_half_at(in);

		for (int g = 0; g < 8; g++) {
			int low = in[4 + g / 2] >> g % 2 * 4 & 15;
			float scale = d *
				(float)((low | (high >> 2 * g & 3) << 4) - 32);
			const uint8_t *q = in + 8 + 16 * g;

			for (int i = 0; i < 16; i++) {
				out[32 * g + i] = scale * (float)syc_iq4_level[q[i] & 15];
				out[32 * g + 16 + i] = scale * (float)syc_iq4_level[q[i] >> 4];
			}
		}
	}
}
