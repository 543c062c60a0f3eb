/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <arm_neon.h>
#include <stdbool.h>
#include <string.h>
#include "kern/form.h"
#include "kern/kern_impl.h"

INLINE float32x4_t halves(const uint8_t *p)
{
	return vcvt_f32_f16(vreinterpret_f16_u8(vld1_u8(p)));
}

/* Four bytes, signed or not. */
INLINE uint8x8_t four(const uint8_t *p)
{
	uint32_t n;

	memcpy(&n, p, sizeof(n));
	return vcreate_u8(n);
}

INLINE float32x4_t number(uint8x8_t v)
{
	return vcvtq_f32_u32(vmovl_u16(vget_low_u16(vmovl_u8(v))));
}

INLINE float32x4_t bytes(const uint8_t *p, const bool sign)
{
	const int16x8_t v = vmovl_s8(vreinterpret_s8_u8(four(p)));

	return sign ? vcvtq_f32_s32(vmovl_s16(vget_low_s16(v))) : number(four(p));
}

INLINE float32x4_t nibbles(const uint8_t *p, const bool high)
{
	return number(high ? vshr_n_u8(four(p), 4) : vand_u8(four(p), vdup_n_u8(15)));
}

#define S_VEC float32x4_t
#define S_WIDTH 4
#define S_NAME syc_scales_neon
#define S_STORE(p, v) vst1q_f32(p, v)
#define S_MUL(v, w) vmulq_f32(v, w)
#define S_NEGATE(v) vnegq_f32(v)
#include "kern/scales_template.h"
