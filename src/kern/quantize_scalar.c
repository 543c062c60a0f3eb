/* SPDX-License-Identifier: MIT */
/* Activations and weights to int8: the specification. */
#include "config.h"
#include <math.h>
#include <string.h>
#include "base/half.h"
#include "kern/kern_impl.h"

static uint32_t abs_bits(float x)
{
	uint32_t u;

	memcpy(&u, &x, sizeof(u));
	return u & 0x7fffffff;
}

static void quantize_block(int8_t *q, float *s, int32_t *sum, const float *x)
{
	uint32_t top = 0;
	float max, inv;

	/* As integers, NaN and infinity come out above every number. */
	for (int i = 0; i < SYC_Q_BLOCK; i++)
		if (abs_bits(x[i]) > top)
			top = abs_bits(x[i]);
	memcpy(&max, &top, sizeof(max));
	memset(q, 0, SYC_Q_BLOCK);
	sum[0] = sum[TILE] = sum[2 * TILE] = 0;
	s[0] = s[TILE] = top >= 0x7f800000 ? NAN : 0.0f;
	if (top >= 0x7f800000 || max < SYC_Q_TINY)
		return;
	inv = 127.0f / max;
	for (int i = 0; i < SYC_Q_BLOCK; i++) {
		q[i] = (int8_t)rintf(x[i] * inv);
		sum[(1 + i / SYC_Q_HALF) * TILE] -= q[i];
	}
	sum[0] = sum[TILE] + sum[2 * TILE];
	s[0] = max / 127.0f;
	s[TILE] = s[0] * (float)sum[0];
}

static void quantize(int8_t *q, float *s, int32_t *sum, const float *x, size_t n)
{
	for (size_t b = 0; b < n / SYC_Q_BLOCK; b++)
		quantize_block(q + b * TILE * SYC_Q_BLOCK, s + b * SYC_Q_FLOATS,
			       sum + b * SYC_Q_SUMS, x + b * SYC_Q_BLOCK);
}

/*
 * Weights are many and the machine may have no kernels of its own, so this is
 * written as compilers make vector code of it.  The largest value is found
 * among the bits; 1.5 * 2^23 rounds to the nearest even integer what is added
 * to it, and then holds that integer in its low bits.
 */
static inline uint32_t largest_bits(const float *restrict x)
{
	int32_t bits, top = 0;

	for (int i = 0; i < SYC_Q_BLOCK; i++) {
		memcpy(&bits, &x[i], sizeof(bits));
		bits &= 0x7fffffff;
		top = bits > top ? bits : top;
	}
	return (uint32_t)top;
}

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
