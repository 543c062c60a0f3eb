/* SPDX-License-Identifier: MIT */
/* AArch64 with sdot: four products of one row in each int32 lane. */
#include "config.h"
#include <arm_neon.h>
#include <string.h>
#include "kern/kern_impl.h"

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

/* One block, 16 rows by T tokens: 16 values of each token in a register. */
INLINE void block(const int T, float32x4_t f[][TILE], const uint8_t *w, const int8_t *a,
		  const float *as, const int32_t *asum)
{
	int32x4_t c[QUARTERS][TILE];

	(void)asum;	/* signed by signed: no bias to take out */
	UNROLL
	for (int g = 0; g < QUARTERS; g++)
		UNROLL
		for (int t = 0; t < T; t++)
			c[g][t] = vdupq_n_s32(0);
	UNROLL
	for (int half = 0; half < 2; half++) {
		int8x16_t y[TILE];

		UNROLL
		for (int t = 0; t < T; t++)
			y[t] = vld1q_s8(a + t * SYC_Q_BLOCK + 16 * half);
		UNROLL
		for (int k = 0; k < 4; k++) {
			const uint8_t *p = w + 256 * half + 64 * k;

			UNROLL
			for (int g = 0; g < QUARTERS; g++) {
				int8x16_t x = vreinterpretq_s8_u8(vld1q_u8(p + 16 * g));

				UNROLL
				for (int t = 0; t < T; t++)
					c[g][t] = dot_lane(c[g][t], x, y[t], k);
			}
		}
	}
	UNROLL
	for (int g = 0; g < QUARTERS; g++) {
		const uint16_t *p = (const uint16_t *)(const void *)(w + QUANTS) + 4 * g;
		float32x4_t s = vcvt_f32_f16(vreinterpret_f16_u16(vld1_u16(p)));

		UNROLL
		for (int t = 0; t < T; t++)
			f[g][t] = vfmaq_f32(f[g][t], vcvtq_f32_s32(c[g][t]), vmulq_n_f32(s, as[t]));
	}
}

#define MUL_VEC float32x4_t
#define MUL_ROWS 4
#define MUL_ZERO vdupq_n_f32(0)
#define MUL_STORE(p, v, t) vst1q_f32(p, v)
#define MUL_WORD uint32_t
#include "kern/mul_template.h"

void syc_kern_init_dotprod(struct syc_kern *k)
{
	k->name    = "dotprod";
	k->pack_q8 = pack_q8;
	k->mul_q8  = mul_q8;
}
