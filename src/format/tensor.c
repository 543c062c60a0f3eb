/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <string.h>
#include "base/mem.h"
#include "format/blocks.h"
#include "format/tensor.h"

static void decode_f32(float *restrict out, const uint8_t *restrict in,
		       size_t n)
{
	memcpy(out, in, n * sizeof(*out));
}

static inline void halves(float *restrict out, const uint8_t *restrict in,
			  size_t n)
{
	for (size_t i = 0; i < n; i++)
		out[i] = syc_half_at(in + 2 * i);
}

static inline void brains(float *restrict out, const uint8_t *restrict in,
			  size_t n)
{
	for (size_t i = 0; i < n; i++) {
		uint16_t h;
		uint32_t bits;

		memcpy(&h, in + 2 * i, sizeof(h));
		bits = (uint32_t)h << 16;
		memcpy(&out[i], &bits, sizeof(bits));
	}
}

/* By blocks, since GCC at -O2 makes vector code of loops of fixed length only. */
static void decode_f16(float *restrict out, const uint8_t *restrict in,
		       size_t n)
{
	for (; n >= SYC_BLOCK;
	     n -= SYC_BLOCK, in += 2 * SYC_BLOCK, out += SYC_BLOCK)
		halves(out, in, SYC_BLOCK);
	halves(out, in, n);
}

static void decode_bf16(float *restrict out, const uint8_t *restrict in,
			size_t n)
{
	for (; n >= SYC_BLOCK;
	     n -= SYC_BLOCK, in += 2 * SYC_BLOCK, out += SYC_BLOCK)
		brains(out, in, SYC_BLOCK);
	brains(out, in, n);
}

/* Those without a decoder are named so that a refusal can say what they are. */
static const struct {
	uint32_t type;
	const char *name;
	size_t block, bytes;
	void (*decode)(float *restrict out, const uint8_t *restrict in,
		       size_t n);
} types[] = {
	{ SYC_TYPE_F32,    "f32",    1, 4, decode_f32 },
	{ SYC_TYPE_F16,    "f16",    1, 2, decode_f16 },
	{ SYC_TYPE_Q4_0,   "q4_0",   SYC_BLOCK, 18, syc_decode_q4_0 },
	{ SYC_TYPE_Q4_1,   "q4_1",   SYC_BLOCK, 20, syc_decode_q4_1 },
	{ SYC_TYPE_Q5_0,   "q5_0",   SYC_BLOCK, 22, syc_decode_q5_0 },
	{ SYC_TYPE_Q5_1,   "q5_1",   SYC_BLOCK, 24, syc_decode_q5_1 },
	{ SYC_TYPE_Q8_0,   "q8_0",   SYC_BLOCK, 34, syc_decode_q8_0 },
	{ SYC_TYPE_Q2_K,   "q2_k",   SYC_BLOCK_K, 84, syc_decode_q2_k },
	{ SYC_TYPE_Q3_K,   "q3_k",   SYC_BLOCK_K, 110, syc_decode_q3_k },
	{ SYC_TYPE_Q4_K,   "q4_k",   SYC_BLOCK_K, 144, syc_decode_q4_k },
	{ SYC_TYPE_Q5_K,   "q5_k",   SYC_BLOCK_K, 176, syc_decode_q5_k },
	{ SYC_TYPE_Q6_K,   "q6_k",   SYC_BLOCK_K, 210, syc_decode_q6_k },
	{ SYC_TYPE_IQ4_NL, "iq4_nl", SYC_BLOCK, 18, syc_decode_iq4_nl },
	{ SYC_TYPE_IQ4_XS, "iq4_xs", SYC_BLOCK_K, 136, syc_decode_iq4_xs },
	{ SYC_TYPE_BF16,   "bf16",   1, 2, decode_bf16 },
	{ 4,  "q4_2",         0, 0, NULL },
	{ 5,  "q4_3",         0, 0, NULL },
	{ 9,  "q8_1",         0, 0, NULL },
	{ 15, "q8_k",         0, 0, NULL },
	{ 16, "iq2_xxs",      0, 0, NULL },
	{ 17, "iq2_xs",       0, 0, NULL },
	{ 18, "iq3_xxs",      0, 0, NULL },
	{ 19, "iq1_s",        0, 0, NULL },
	{ 21, "iq3_s",        0, 0, NULL },
	{ 22, "iq2_s",        0, 0, NULL },
	{ 24, "i8",           0, 0, NULL },
	{ 25, "i16",          0, 0, NULL },
	{ 26, "i32",          0, 0, NULL },
	{ 27, "i64",          0, 0, NULL },
	{ 28, "f64",          0, 0, NULL },
	{ 29, "iq1_m",        0, 0, NULL },
	{ 31, "q4_0_4_4",     0, 0, NULL },
	{ 32, "q4_0_4_8",     0, 0, NULL },
	{ 33, "q4_0_8_8",     0, 0, NULL },
	{ 34, "tq1_0",        0, 0, NULL },
	{ 35, "tq2_0",        0, 0, NULL },
	{ 36, "iq4_nl_4_4",   0, 0, NULL },
	{ 37, "iq4_nl_4_8",   0, 0, NULL },
	{ 38, "iq4_nl_8_8",   0, 0, NULL },
	{ 39, "mxfp4",        0, 0, NULL },
	{ 40, "nvfp4",        0, 0, NULL },
	{ 41, "q1_0",         0, 0, NULL },
	{ 42, "q2_0",         0, 0, NULL },
	{ SYC_TYPE_U8,      "u8",      0, 0, NULL },
	{ SYC_TYPE_U16,     "u16",     0, 0, NULL },
	{ SYC_TYPE_U32,     "u32",     0, 0, NULL },
	{ SYC_TYPE_U64,     "u64",     0, 0, NULL },
	{ SYC_TYPE_BOOL,    "bool",    0, 0, NULL },
	{ SYC_TYPE_F8_E4M3, "f8_e4m3", 0, 0, NULL },
	{ SYC_TYPE_F8_E5M2, "f8_e5m2", 0, 0, NULL },
	{ SYC_TYPE_F8_E8M0, "f8_e8m0", 0, 0, NULL },
};

enum { N_TYPES = sizeof(types) / sizeof(types[0]) };
_Static_assert((int)SYC_TYPE_BLOCK_MAX >= SYC_BLOCK_K, "no block is longer");

static size_t find(uint32_t type)
{
	size_t i = 0;

	while (i < N_TYPES && types[i].type != type)
		i++;
	return i;
}

const char *syc_type_name(uint32_t type)
{
	size_t i = find(type);

	return i < N_TYPES ? types[i].name : "unknown";
}

const char *syc_type_way_out(uint32_t type)
{
	return type >= SYC_TYPE_OTHER ?
		"the same model in bf16, f16 or f32 is needed" :
		"llama.cpp's 'llama-quantize --allow-requantize' makes q8_0 or q4_k_m of it";
}

bool syc_type_known(uint32_t type)
{
	size_t i = find(type);

	return i < N_TYPES && types[i].decode;
}

size_t syc_type_block(uint32_t type)
{
	size_t i = find(type);

	return i < N_TYPES ? types[i].block : 0;
}

size_t syc_type_bytes(uint32_t type)
{
	size_t i = find(type);

	return i < N_TYPES ? types[i].bytes : 0;
}

bool syc_type_size(size_t *bytes, uint32_t type, uint64_t n)
{
	size_t i = find(type);

	if (i >= N_TYPES || !types[i].block || n % types[i].block)
		return false;
	n /= types[i].block;
	return n <= SIZE_MAX && syc_mul(bytes, (size_t)n, types[i].bytes);
}

void syc_type_decode(float *out, uint32_t type, const uint8_t *in, size_t n)
{
	types[find(type)].decode(out, in, n);
}
