/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <arm_neon.h>
#include <string.h>
#include "kern/form.h"
#include "kern/kern_impl.h"
#include "kern/planes_neon.h"

/*
 * Two neighbors of a row lie together.  Each product is widened to int16 and
 * each pair of them to int32 at once: two of -128 x -128 pass 32767.
 */
INLINE void products(const enum syc_quants q, const int G, const int T, int32x4_t c[][TILE],
		     const uint8_t *w, size_t stride, const int half, const int8_t *a)
{
	(void)G;
	(void)stride;
	UNROLL
	for (int k = 8 * half; k < 8 * half + 8; k++) {
		int8x16_t x = vreinterpretq_s8_u8(quants(q, w, 2 * k));
		int8x16_t z = vreinterpretq_s8_u8(quants(q, w, 2 * k + 1));

		UNROLL
		for (int t = 0; t < T; t++) {
			const int16_t *two =
				(const int16_t *)(const void *)(a + t * SYC_Q_BLOCK + 2 * k);
			int8x16_t y = vreinterpretq_s8_s16(vld1q_dup_s16(two));

			c[0][t] = vpadalq_s16(c[0][t], vmull_s8(vget_low_s8(x), vget_low_s8(y)));
			c[1][t] = vpadalq_s16(c[1][t], vmull_high_s8(x, y));
			c[2][t] = vpadalq_s16(c[2][t], vmull_s8(vget_low_s8(z), vget_low_s8(y)));
			c[3][t] = vpadalq_s16(c[3][t], vmull_high_s8(z, y));
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

void syc_mul_init_neon(struct syc_kern *k)
{
	k->together = 2;
	k->flip = U_FLIP;
	k->mul = mul;
}
