/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <math.h>
#include <string.h>
#include "format/blocks.h"
#include "format/encode.h"
#include "format/tensor.h"

enum { INF_BITS = 0x7f800000 };

/* The largest magnitude, as its bits: NaN and infinity are above all numbers. */
static inline int32_t largest(const float *in, size_t n)
{
	int32_t bits, top = 0;

	for (size_t i = 0; i < n; i++) {
		memcpy(&bits, &in[i], sizeof(bits));
		bits &= 0x7fffffff;
		top = bits > top ? bits : top;
	}
	return top;
}

static void put_half(uint8_t *out, float x)
{
	uint16_t h = syc_f32_to_f16(x);

	memcpy(out, &h, sizeof(h));
}

static int encode_f16(uint8_t *out, const float *in, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		put_half(out + 2 * i, in[i]);
		if ((out[2 * i + 1] & 0x7c) == 0x7c)
			return SYC_ENCODE_RANGE;
	}
	return SYC_ENCODE_GOOD;
}

/*
 * roundf() as vector code: adding and taking away 1.5 * 2^23 rounds to the
 * nearest, of halves to the even; those that went to zero go one on.
 */
static inline void scale_and_round(uint8_t *restrict out,
				   const float *restrict in, float by)
{
	const float round = 0x1.8p23f;

	for (int i = 0; i < SYC_BLOCK; i++) {
		float x = in[i] * by, n = x + round - round, rest = x - n;
		int32_t up = (rest == 0.5f) & (x > 0),
			down = (rest == -0.5f) & (x < 0);

		out[i] = (uint8_t)((int32_t)n + up - down);
	}
}

static int encode_q8_0(uint8_t *out, const float *in)
{
	int32_t bits = largest(in, SYC_BLOCK);
	float max, d, inv;

	memcpy(&max, &bits, sizeof(max));
	if (bits >= INF_BITS)
		return SYC_ENCODE_NAN;
	d = max / 127.0f;
	inv = d > 0 ? 1.0f / d : 0;
	if (!isfinite(inv))	/* d as float16 is 0 long before */
		inv = 0;
	put_half(out, d);
	if ((out[1] & 0x7c) == 0x7c)
		return SYC_ENCODE_RANGE;
	scale_and_round(out + 2, in, inv);
	return SYC_ENCODE_GOOD;
}

int syc_type_encode(uint8_t *out, uint32_t type, const float *in, size_t n)
{
	int bad = SYC_ENCODE_GOOD;

	if (type == SYC_TYPE_Q8_0) {
		for (size_t i = 0; i < n && !bad; i += SYC_BLOCK)
			bad = encode_q8_0(out + i / SYC_BLOCK * 34, in + i);
		return bad;
	}
	if (largest(in, n) >= INF_BITS)
		return SYC_ENCODE_NAN;
	if (type == SYC_TYPE_F16)
		return encode_f16(out, in, n);
	if (type == SYC_TYPE_F32) {
		memcpy(out, in, n * sizeof(*in));
		return SYC_ENCODE_GOOD;
	}
	for (size_t i = 0, block = syc_type_block(type); i < n && !bad; i += block)
		bad = syc_encode_block(out + i / block * syc_type_bytes(type), type, in + i) ?
			SYC_ENCODE_GOOD : SYC_ENCODE_RANGE;
	return bad;
}
