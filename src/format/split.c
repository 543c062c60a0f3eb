/* SPDX-License-Identifier: MIT */
/* The layouts are those of blocks.c and kquants.c, which say what they mean. */
#include "config.h"
#include "format/blocks.h"
#include "format/split.h"
#include "format/tensor.h"

enum { HALF = SYC_BLOCK / 2 };

/* ---- quants ----------------------------------------------------------------- */

/* 32 nibbles: first the low ones. */
static inline void nibbles(uint8_t *restrict q, const uint8_t *restrict in, const int half)
{
	for (int i = 0; i < half; i++) {
		q[i] = in[i] & 15;
		q[half + i] = in[i] >> 4;
	}
}

/*
 * Fifth bits, value i's in bit i of 4 bytes.  Eight at a time: bit i is left in the
 * i-th copy of its byte, and becomes 16.
 */
static inline void fifth_bits(uint8_t *restrict q, const uint8_t *in)
{
	for (int k = 0; k < SYC_BLOCK / 8; k++, q += 8) {
		uint64_t v = in[k] * 0x0101010101010101u & 0x8040201008040201u, to;

		v = ((v + 0x7f7f7f7f7f7f7f7fu) & 0x8080808080808080u) >> 3;
		memcpy(&to, q, sizeof(to));
		to |= v;
		memcpy(q, &to, sizeof(to));
	}
}

/* 256 two-bit numbers: of 32 bytes the lowest pairs are the first 32, and so on. */
static inline void pairs(uint8_t *restrict q, const uint8_t *restrict in)
{
	for (int part = 0; part < 2; part++, in += 32)
		for (int k = 0; k < 4; k++, q += 32)
			for (int i = 0; i < 32; i++)
				q[i] = in[i] >> 2 * k & 3;
}

/* Bit k of 32 bytes is bit `to` of the 32 values from 32 k on. */
static inline void planes(uint8_t *restrict q, const uint8_t *restrict in, const int to)
{
	for (int k = 0; k < 8; k++, q += 32)
		for (int i = 0; i < 32; i++)
			q[i] |= (uint8_t)((in[i] >> k & 1) << to);
}

static inline void four_bits_k(uint8_t *restrict q, const uint8_t *restrict in)
{
	for (int k = 0; k < 4; k++)
		nibbles(q + 64 * k, in + 32 * k, 32);
}

static void six_bits(uint8_t *restrict q, const uint8_t *restrict in)
{
	for (int part = 0; part < 2; part++, q += 128) {
		nibbles(q, in + 64 * part, 64);
		for (int k = 0; k < 4; k++)
			for (int i = 0; i < 32; i++)
				q[32 * k + i] |=
					(uint8_t)((in[128 + 32 * part + i] >> 2 * k & 3) << 4);
	}
}

/* ---- scales ----------------------------------------------------------------- */

/* 16 six-bit numbers: 16 low nibbles in 8 bytes, then 16 pairs of high bits in 4. */
static void scales_16(uint8_t *out, const uint8_t *in)
{
	for (int g = 0; g < 16; g++) {
		int low = in[g % 8] >> g / 8 * 4 & 15, high = in[8 + g % 4] >> g / 4 * 2 & 3;

		out[g] = (uint8_t)((low | high << 4) - 32);
	}
}

/* Eight scales and eight minima of six bits in 12 bytes. */
static void scales_8(uint8_t *s, uint8_t *min, const uint8_t *in)
{
	for (int g = 0; g < 4; g++) {
		s[g] = in[g] & 63;
		min[g] = in[g + 4] & 63;
		s[g + 4] = (uint8_t)((in[g + 8] & 15) | in[g] >> 6 << 4);
		min[g + 4] = (uint8_t)(in[g + 8] >> 4 | in[g + 4] >> 6 << 4);
	}
}

/* Eight scales: their high bits in two bytes, their low nibbles in four. */
static void scales_iq4(uint8_t *s, const uint8_t *in)
{
	const int high = in[0] | in[1] << 8;

	for (int g = 0; g < 8; g++)
		s[g] = (uint8_t)(((in[2 + g / 2] >> g % 2 * 4 & 15) | (high >> 2 * g & 3) << 4) -
				 32);
}

/* ---- types ------------------------------------------------------------------ */

static void split_32(const struct syc_split *to, uint32_t type, const uint8_t *in)
{
	const bool min = type == SYC_TYPE_Q4_1 || type == SYC_TYPE_Q5_1;

	memcpy(to->d, in, 2);
	if (min)
		memcpy(to->m, in + 2, 2);
	in += min ? 4 : 2;
	if (type == SYC_TYPE_Q8_0) {
		memcpy(to->q, in, SYC_BLOCK);
	} else if (type == SYC_TYPE_Q5_0 || type == SYC_TYPE_Q5_1) {
		nibbles(to->q, in + 4, HALF);
		fifth_bits(to->q, in);
	} else {
		nibbles(to->q, in, HALF);
	}
}

static void split_256(const struct syc_split *to, uint32_t type, const uint8_t *in)
{
	switch (type) {
	case SYC_TYPE_Q2_K:
		memcpy(to->s, in, 16);
		pairs(to->q, in + 16);
		memcpy(to->d, in + 80, 2);
		memcpy(to->m, in + 82, 2);
		break;
	case SYC_TYPE_Q3_K:
		pairs(to->q, in + 32);
		planes(to->q, in, 2);
		scales_16(to->s, in + 96);
		memcpy(to->d, in + 108, 2);
		break;
	case SYC_TYPE_Q4_K: case SYC_TYPE_Q5_K:
		memcpy(to->d, in, 2);
		memcpy(to->m, in + 2, 2);
		scales_8(to->s, to->min, in + 4);
		four_bits_k(to->q, in + (type == SYC_TYPE_Q4_K ? 16 : 48));
		if (type == SYC_TYPE_Q5_K)
			planes(to->q, in + 16, 4);
		break;
	case SYC_TYPE_Q6_K:
		six_bits(to->q, in);
		memcpy(to->s, in + 192, 16);
		memcpy(to->d, in + 208, 2);
		break;
	default:
		memcpy(to->d, in, 2);
		scales_iq4(to->s, in + 2);
		for (int g = 0; g < 8; g++)
			nibbles(to->q + SYC_BLOCK * g, in + 8 + 16 * g, HALF);
	}
}

bool syc_type_splits(uint32_t type)
{
	return syc_type_known(type) && syc_type_block(type) > 1;
}

void syc_type_split(const struct syc_split *to, uint32_t type, const uint8_t *in, size_t n)
{
	const size_t block = syc_type_block(type), bytes = syc_type_bytes(type),
		/* groups of 16 or 32 */
		groups = type == SYC_TYPE_Q2_K || type == SYC_TYPE_Q3_K ||
			 type == SYC_TYPE_Q6_K ? block / 16 : block / 32;
	struct syc_split at = *to;

	for (; n; n -= block, in += bytes) {
		if (block == SYC_BLOCK)
			split_32(&at, type, in);
		else
			split_256(&at, type, in);
		at.q += block;
		at.d++;
		at.m += at.m ? 1 : 0;
		at.s += at.s ? groups : 0;
		at.min += at.min ? groups : 0;
	}
}
