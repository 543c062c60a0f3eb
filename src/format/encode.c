/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <math.h>
#include <string.h>
#include "format/blocks.h"
#include "format/tensor.h"

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

static int encode_q8_0(uint8_t *out, const float *in)
{
	int32_t bits = largest(in, SYC_BLOCK);
	float max, d, inv;

	memcpy(&max, &bits, sizeof(max));
	d = max / 127.0f;
	inv = d > 0 ? 1.0f / d : 0;
	if (!isfinite(inv))	/* d as float16 is 0 long before */
		inv = 0;
	put_half(out, d);
	if ((out[1] & 0x7c) == 0x7c)
		return SYC_ENCODE_RANGE;
	for (int i = 0; i < SYC_BLOCK; i++)
		out[2 + i] = (uint8_t)(int8_t)roundf(in[i] * inv);
	return SYC_ENCODE_GOOD;
}

int syc_type_encode(uint8_t *out, uint32_t type, const float *in, size_t n)
{
	int bad = largest(in, n) < 0x7f800000 ? SYC_ENCODE_GOOD : SYC_ENCODE_NAN;

	if (bad)
		return bad;
	if (type == SYC_TYPE_F32)
		memcpy(out, in, n * sizeof(*in));
	else if (type == SYC_TYPE_F16)
		bad = encode_f16(out, in, n);
	for (size_t i = 0; type == SYC_TYPE_Q8_0 && i < n && !bad; i += SYC_BLOCK)
		bad = encode_q8_0(out + i / SYC_BLOCK * 34, in + i);
	return bad;
}
