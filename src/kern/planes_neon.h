/* SPDX-License-Identifier: MIT */
/* planes.h with AArch64's registers. */
#define U_FLIP 0
#define U_VEC uint8x16_t
#define U_BYTES 16
#define U_LOAD(p) vld1q_u8(p)
#define U_STORE(p, v) vst1q_u8(p, v)
#define U_AND(v, n) vandq_u8(v, vdupq_n_u8((uint8_t)(n)))
#define U_ADD(v, n) vaddq_u8(v, vdupq_n_u8((uint8_t)(n)))
#define U_OR(v, w) vorrq_u8(v, w)
#define U_RIGHT(v, n) vshlq_u8(v, vdupq_n_s8((int8_t)-(n)))
#define U_LEFT(v, n) vshlq_u8(v, vdupq_n_s8((int8_t)(n)))
#define U_LEVELS(v) levels(v)

INLINE uint8x16_t levels(uint8x16_t v)
{
	static const int8_t table[16] = { SYC_LEVELS };

	return vqtbl1q_u8(vreinterpretq_u8_s8(vld1q_s8(table)), v);
}

#include "kern/planes.h"
