/* SPDX-License-Identifier: MIT */
/* Activations and weights to int8: the specification. */
#include "config.h"
#include <float.h>
#include <math.h>
#include <string.h>
#include "base/half.h"
#include "kern/kern_impl.h"

INLINE uint32_t largest_bits(const float *restrict x)
{
	int32_t bits, top = 0;

	for (int i = 0; i < SYC_Q_BLOCK; i++) {
		memcpy(&bits, &x[i], sizeof(bits));
		bits &= 0x7fffffff;
		top = bits > top ? bits : top;
	}
	return (uint32_t)top;
}

INLINE void round_block(int8_t *q, int32_t *sum, const float *x, float a, size_t tile)
{
	sum[tile] = sum[2 * tile] = 0;
	for (int i = 0; i < SYC_Q_BLOCK; i++) {
		q[i] = (int8_t)rintf(x[i] * a);
		sum[(1 + (size_t)i / SYC_Q_HALF) * tile] -= q[i];
	}
}

#include "kern/quantize_template.h"

/*
 * Weights are many and the machine may have no kernels of its own, so this is
 * written as compilers make vector code of it.  The largest value is found
 * among the bits; 1.5 * 2^23 rounds to the nearest even integer what is added
 * to it, and then holds that integer in its low bits.
 */
static inline void divide(int8_t *restrict q, const float *restrict x, float scale)
{
	const float round = 0x1.8p23f;

	for (int i = 0; i < SYC_Q_BLOCK; i++) {
		float v = x[i] / scale + round;
		int32_t n;

		memcpy(&n, &v, sizeof(n));
		n -= 0x4b400000;	/* the bits of 1.5 * 2^23 */
		n = n > 127 ? 127 : n;
		q[i] = (int8_t)(n < -127 ? -127 : n);
	}
}

static int quantize_w(int8_t *q, uint16_t *scale, const float *x, size_t nb)
{
	for (size_t b = 0; b < nb; b++, q += SYC_Q_BLOCK, x += SYC_Q_BLOCK) {
		uint32_t top = largest_bits(x);
		float max;

		memcpy(&max, &top, sizeof(max));
		if (top >= 0x7f800000)
			return SYC_ROW_NAN;
		scale[b] = syc_f32_to_f16(max / 127.0f);
		if (scale[b] >= 0x7c00)
			return SYC_ROW_RANGE;
		if (scale[b])
			divide(q, x, syc_f16_to_f32(scale[b]));
		else
			memset(q, 0, SYC_Q_BLOCK);
	}
	return SYC_ROW_GOOD;
}

void syc_quantize_init_scalar(struct syc_kern *k)
{
	k->quantize = quantize;
	k->quantize_w = quantize_w;
}
