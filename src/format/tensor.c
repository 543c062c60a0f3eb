/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <stdio.h>
#include <string.h>
#include "base/mem.h"
#include "format/tensor.h"

enum { Q8_BLOCK = 32 };

static void decode_f32(float *out, const uint8_t *in, size_t n)
{
	memcpy(out, in, n * sizeof(*out));
}

static void decode_f16(float *out, const uint8_t *in, size_t n)
{
	uint16_t h;

	for (size_t i = 0; i < n; i++) {
		memcpy(&h, in + 2 * i, sizeof(h));
		out[i] = syc_f16_to_f32(h);
	}
}

static void decode_bf16(float *out, const uint8_t *in, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		uint32_t bits = (uint32_t)in[2 * i] << 16 | (uint32_t)in[2 * i + 1] << 24;

		memcpy(&out[i], &bits, sizeof(bits));
	}
}

/* A float16 scale, then 32 signed bytes. */
static void decode_q8_0(float *out, const uint8_t *in, size_t n)
{
	uint16_t h;

	for (size_t i = 0; i < n; i += Q8_BLOCK, in += 2 + Q8_BLOCK) {
		float scale;

		memcpy(&h, in, sizeof(h));
		scale = syc_f16_to_f32(h);
		for (size_t j = 0; j < Q8_BLOCK; j++)
			out[i + j] = scale * (float)(int8_t)in[2 + j];
	}
}

static const struct {
	uint32_t type;
	const char *name;
	size_t block, bytes;
	void (*decode)(float *out, const uint8_t *in, size_t n);
} types[] = {
	{ SYC_TYPE_F32,  "f32",  1, 4, decode_f32 },
	{ SYC_TYPE_F16,  "f16",  1, 2, decode_f16 },
	{ SYC_TYPE_Q8_0, "q8_0", Q8_BLOCK, 2 + Q8_BLOCK, decode_q8_0 },
	{ SYC_TYPE_BF16, "bf16", 1, 2, decode_bf16 },
	{ 2,  "q4_0",    0, 0, NULL },	/* named so that a refusal can say so */
	{ 3,  "q4_1",    0, 0, NULL },
	{ 6,  "q5_0",    0, 0, NULL },
	{ 7,  "q5_1",    0, 0, NULL },
	{ 9,  "q8_1",    0, 0, NULL },
	{ 10, "q2_k",    0, 0, NULL },
	{ 11, "q3_k",    0, 0, NULL },
	{ 12, "q4_k",    0, 0, NULL },
	{ 13, "q5_k",    0, 0, NULL },
	{ 14, "q6_k",    0, 0, NULL },
	{ 15, "q8_k",    0, 0, NULL },
	{ 16, "iq2_xxs", 0, 0, NULL },
	{ 17, "iq2_xs",  0, 0, NULL },
	{ 18, "iq3_xxs", 0, 0, NULL },
	{ 19, "iq1_s",   0, 0, NULL },
	{ 20, "iq4_nl",  0, 0, NULL },
	{ 21, "iq3_s",   0, 0, NULL },
	{ 22, "iq2_s",   0, 0, NULL },
	{ 23, "iq4_xs",  0, 0, NULL },
	{ 24, "i8",      0, 0, NULL },
	{ 25, "i16",     0, 0, NULL },
	{ 26, "i32",     0, 0, NULL },
	{ 27, "i64",     0, 0, NULL },
	{ 28, "f64",     0, 0, NULL },
	{ 29, "iq1_m",   0, 0, NULL },
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
