/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <string.h>
#include "base/half.h"
#include "kern/kern.h"
#include "model/quantise.h"

/*
 * Written so that compilers make vector code of the loops: the largest value
 * is found among the bits, which order positive floats as they order integers,
 * and 1.5 * 2^23 rounds to the nearest even integer what is added to it, whose
 * low bits then are that integer.
 */
#define ROUND 0x1.8p23f
enum { INF_BITS = 0x7f800000, HALF_INF = 0x7c00, ROUND_BITS = 0x4b400000, LIMIT = 127 };

static inline float largest(const float *restrict x)
{
	int32_t bits, max = 0;
	float v;

	for (int i = 0; i < SYC_Q_BLOCK; i++) {
		memcpy(&bits, &x[i], sizeof(bits));
		bits &= 0x7fffffff;
		max = bits > max ? bits : max;
	}
	memcpy(&v, &max, sizeof(v));
	return v;
}

static inline void divide(int8_t *restrict q, const float *restrict x, float d)
{
	for (int i = 0; i < SYC_Q_BLOCK; i++) {
		float v = x[i] / d + ROUND;
		int32_t n;

		memcpy(&n, &v, sizeof(n));
		n -= ROUND_BITS;
		n = n > LIMIT ? LIMIT : n;
		q[i] = (int8_t)(n < -LIMIT ? -LIMIT : n);
	}
}

int syc_quantise_row(int8_t *restrict q, uint16_t *restrict scale, const float *restrict x, size_t nb)
{
	for (size_t b = 0; b < nb; b++, q += SYC_Q_BLOCK, x += SYC_Q_BLOCK) {
		float max = largest(x);
		int32_t bits;

		memcpy(&bits, &max, sizeof(bits));
		if (bits >= INF_BITS)
			return SYC_ROW_NAN;
		scale[b] = syc_f32_to_f16(max / LIMIT);
		if (scale[b] >= HALF_INF)
			return SYC_ROW_RANGE;
		if (scale[b])
			divide(q, x, syc_f16_to_f32(scale[b]));
		else
			memset(q, 0, SYC_Q_BLOCK);
	}
	return SYC_ROW_GOOD;
}
