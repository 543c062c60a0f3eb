/* SPDX-License-Identifier: MIT */
/* AArch64 with smmla: two tokens by two rows, eight products in each lane. */
#include "config.h"
#include <arm_neon.h>
#include <string.h>
#include "kern/kern_impl.h"

enum {
	PAIRS = TILE / 2,		/* of tokens */
	ROW_PAIRS = SYC_Q_ROWS / 2,
};

/* Eight values of token t and of its neighbor, zeros where there is none. */
INLINE int8x16_t two_tokens(const int T, const int8_t *a, int t)
{
	a += t * SYC_Q_BLOCK;
	return vcombine_s8(vld1_s8(a), t + 1 < T ? vld1_s8(a + SYC_Q_BLOCK) : vdup_n_s8(0));
}

INLINE float32x4_t two_scales(const int T, const float *as, int t)
{
	return vcombine_f32(vdup_n_f32(as[t]), vdup_n_f32(t + 1 < T ? as[t + 1] : 0));
}

/*
 * One block, 16 rows by T tokens.  The lanes of a sum are token t's rows r and
 * r + 1, then those of token t + 1.
 */
INLINE void block(const int T, float32x4_t f[][PAIRS], const uint8_t *w, const int8_t *a,
		  const float *as, const int32_t *asum)
{
	int32x4_t c[ROW_PAIRS][PAIRS];

	(void)asum;	/* signed by signed: no bias to take out */
	UNROLL
	for (int r = 0; r < ROW_PAIRS; r++)
		UNROLL
		for (int t = 0; t < T; t += 2)
			c[r][t / 2] = vdupq_n_s32(0);
	for (int k = 0; k < SYC_Q_BLOCK / 8; k++) {
		int8x16_t y[PAIRS];

		UNROLL
		for (int t = 0; t < T; t += 2)
			y[t / 2] = two_tokens(T, a + 8 * k, t);
		UNROLL
		for (int r = 0; r < ROW_PAIRS; r++) {
			int8x16_t x = vreinterpretq_s8_u8(vld1q_u8(w + 128 * k + 16 * r));

			UNROLL
			for (int t = 0; t < T; t += 2)
				c[r][t / 2] = vmmlaq_s32(c[r][t / 2], y[t / 2], x);
		}
	}
	UNROLL
	for (int r = 0; r < ROW_PAIRS; r += 2) {
		const uint16_t *p = (const uint16_t *)(const void *)(w + QUANTS) + 2 * r;
		float32x4_t s = vcvt_f32_f16(vreinterpret_f16_u16(vld1_u16(p)));
		float32x4_t lo = vcombine_f32(vget_low_f32(s), vget_low_f32(s));
		float32x4_t hi = vcombine_f32(vget_high_f32(s), vget_high_f32(s));

		UNROLL
		for (int t = 0; t < T; t += 2) {
			float32x4_t v = two_scales(T, as, t), *to = &f[r][t / 2],
				*next = &f[r + 1][t / 2];

			*to = vfmaq_f32(*to, vcvtq_f32_s32(c[r][t / 2]), vmulq_f32(lo, v));
			*next = vfmaq_f32(*next, vcvtq_f32_s32(c[r + 1][t / 2]), vmulq_f32(hi, v));
		}
	}
}

#define MUL_VEC float32x4_t
#define MUL_ROWS 2
#define MUL_PER 2
#define MUL_ZERO vdupq_n_f32(0)
#define MUL_STORE(p, v, t) vst1_f32(p, (t) % 2 ? vget_high_f32(v) : vget_low_f32(v))
#define MUL_WORD uint64_t
#include "kern/mul_template.h"

void syc_kern_init_i8mm(struct syc_kern *k)
{
	k->name    = "i8mm";
	k->pack_q8 = pack_q8;
	k->mul_q8  = mul_q8;
}
