/* SPDX-License-Identifier: MIT */
/* AArch64 with sdot: four products of one row in each int32 lane. */
#include "config.h"
#include <arm_neon.h>
#include <string.h>
#include "kern/form.h"
#include "kern/kern_impl.h"
#include "kern/planes_neon.h"

enum { QUARTERS = SYC_Q_ROWS / 4 };

/* The instruction holds the lane, so it must be a constant. */
INLINE int32x4_t dot_lane(int32x4_t c, int8x16_t x, int8x16_t y, const int lane)
{
	switch (lane) {
	case 0:  return vdotq_laneq_s32(c, x, y, 0);
	case 1:  return vdotq_laneq_s32(c, x, y, 1);
	case 2:  return vdotq_laneq_s32(c, x, y, 2);
	default: return vdotq_laneq_s32(c, x, y, 3);
	}
}

/* Four values of a row lie together; 16 values of each token are in a register. */
INLINE void products(const enum syc_quants q, const int G, const int T, int32x4_t c[][TILE],
		     const uint8_t *w, size_t stride, const int half, const int8_t *a)
{
	int8x16_t y[TILE];

	(void)G;
	(void)stride;
	UNROLL
	for (int t = 0; t < T; t++)
		y[t] = vld1q_s8(a + t * SYC_Q_BLOCK + SYC_Q_HALF * half);
	UNROLL
	for (int k = 0; k < 4; k++) {
		UNROLL
		for (int g = 0; g < QUARTERS; g++) {
			int8x16_t x = vreinterpretq_s8_u8(quants(q, w, 16 * half + 4 * k + g));

			UNROLL
			for (int t = 0; t < T; t++)
				c[g][t] = dot_lane(c[g][t], x, y[t], k);
		}
	}
}

#define MUL_SUM int32x4_t
#define MUL_VEC float32x4_t
#define MUL_ROWS 4
#define MUL_GROUPS 1
#define MUL_ZERO vdupq_n_f32(0)
#define MUL_ZERO_SUM vdupq_n_s32(0)
#define MUL_START(T, sum, t, n) vdupq_n_s32((int32_t)((uint32_t)(sum)[t] << (n)))
#define MUL_TOKEN(T, s, t) vdupq_n_f32((s)[t])
#define MUL_SCALES(s) vld1q_f32(s)
#define MUL_FMA(f, m, x) vfmaq_f32(f, m, x)
#define MUL_MUL(s, x) vmulq_f32(s, x)
#define MUL_FLOAT(c) vcvtq_f32_s32(c)
#define MUL_STORE(p, v, t) vst1q_f32(p, v)
#define MUL_FORM_SCALES syc_scales_neon
#include "kern/mul_template.h"

void syc_kern_init_dotprod(struct syc_kern *k)
{
	k->name    = "dotprod";
	k->together = 4;
	k->flip    = U_FLIP;
	k->mul     = mul;
}
