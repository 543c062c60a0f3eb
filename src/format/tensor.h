/* SPDX-License-Identifier: MIT */
/* Tensor types as GGUF numbers them, and their decoding to float. */
#ifndef SRC_FORMAT_TENSOR_H
#define SRC_FORMAT_TENSOR_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/half.h"

enum syc_type {
	SYC_TYPE_F32  = 0,
	SYC_TYPE_F16  = 1,
	SYC_TYPE_Q4_0 = 2,
	SYC_TYPE_Q4_1 = 3,
	SYC_TYPE_Q5_0 = 6,
	SYC_TYPE_Q5_1 = 7,
	SYC_TYPE_Q8_0 = 8,
	SYC_TYPE_Q2_K = 10,
	SYC_TYPE_Q3_K = 11,
	SYC_TYPE_Q4_K = 12,
	SYC_TYPE_Q5_K = 13,
	SYC_TYPE_Q6_K = 14,
	SYC_TYPE_IQ4_NL = 20,
	SYC_TYPE_IQ4_XS = 23,
	SYC_TYPE_BF16 = 30,
	/* What only safetensors has: not decoded, but known by name. */
	SYC_TYPE_OTHER = 0x73796300,
	SYC_TYPE_U8 = SYC_TYPE_OTHER, SYC_TYPE_U16, SYC_TYPE_U32, SYC_TYPE_U64,
	SYC_TYPE_BOOL, SYC_TYPE_F8_E4M3, SYC_TYPE_F8_E5M2, SYC_TYPE_F8_E8M0,
};

enum { SYC_TENSOR_DIMS = 4 };

/*
 * One tensor of a mapped file.  Dimensions are in GGUF's order: ne[0] values
 * are adjacent in memory; unused dimensions are 1.  data points into the map
 * and need not be aligned.
 */
struct syc_tensor {
	const char *name;	/* NUL-terminated, owned by the file */
	uint32_t type;
	uint32_t n_dims;
	uint64_t ne[SYC_TENSOR_DIMS];
	const uint8_t *data;
	size_t bytes;
};

/* The number of its values; files are checked so that it does not overflow. */
static inline uint64_t syc_tensor_values(const struct syc_tensor *t)
{
	return t->ne[0] * t->ne[1] * t->ne[2] * t->ne[3];
}

/*
 * Whether both have the same shape and hold the same numbers: in the same type
 * to the bit, in others as exactly as these can say it (of floats and Q8_0;
 * other types are never the same).
 */
bool syc_tensor_same(const struct syc_tensor *a, const struct syc_tensor *b);
/* "f16"; "unknown" for a number that names no type. */
const char *syc_type_name(uint32_t type);
/* Who makes of a type that is not decoded one that is: a clause. */
const char *syc_type_way_out(uint32_t type);
/* True for a type this version decodes. */
bool syc_type_known(uint32_t type);
/*
 * Values per block (at most SYC_TYPE_BLOCK_MAX) and bytes per block; 0 for a
 * type that is not decoded.
 */
enum { SYC_TYPE_BLOCK_MAX = 256 };
size_t syc_type_block(uint32_t type);
size_t syc_type_bytes(uint32_t type);
/*
 * Bytes of n values (n a multiple of the block); false when unknown, not a
 * multiple, or beyond size_t.
 */
bool syc_type_size(size_t *bytes, uint32_t type, uint64_t n);
/*
 * Decode n values (a multiple of the block) of a known type to float: exact
 * for f32, f16, bf16, each product and sum rounded once for the others, in the
 * order in which the types are defined (src/format/blocks.c, kquants.c).
 */
void syc_type_decode(float *out, uint32_t type, const uint8_t *in, size_t n);

/* What is wrong with values that are to be stored. */
enum { SYC_ENCODE_GOOD, SYC_ENCODE_NAN, SYC_ENCODE_RANGE };
/*
 * Store n floats (a multiple of the block) as f32, f16, q8_0, q6_k, q5_k, q4_k or
 * q4_0: float16 rounded to nearest even; of q8_0 as llama.cpp does, d = max|x| /
 * 127 as float16 and q = x * (1 / d), d not yet rounded, to nearest, halves away
 * from zero; of fewer bits so that the sum of squares of what is lost is small
 * (encode_k.c).
 * SYC_ENCODE_NAN for NaN or infinity, SYC_ENCODE_RANGE for what float16 cannot
 * hold; out is then undefined.
 */
int syc_type_encode(uint8_t *out, uint32_t type, const float *in, size_t n);

#endif
