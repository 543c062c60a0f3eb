/* SPDX-License-Identifier: MIT */
/* AArch64 with smmla: two tokens by two rows, eight products in each lane. */
#include "config.h"
#include <arm_neon.h>
#include <string.h>
#include "kern/form.h"
#include "kern/kern_impl.h"
#include "kern/planes_neon.h"

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

/* The lanes of a sum are token t's rows r and r + 1, then those of token t + 1. */
INLINE float32x4_t two_floats(const int T, const float *s, int t)
{
	return vcombine_f32(vdup_n_f32(s[t]), vdup_n_f32(t + 1 < T ? s[t + 1] : 0));
}

INLINE int32x4_t two_sums(const int T, const int32_t *sum, int t, const int n)
{
	return vshlq_s32(vcombine_s32(vdup_n_s32(sum[t]), vdup_n_s32(t + 1 < T ? sum[t + 1] : 0)),
			 vdupq_n_s32(n));
}

INLINE float32x4_t two_rows(const float *s)
{
	return vcombine_f32(vld1_f32(s), vld1_f32(s));
}

/* Eight values of a row lie together. */
INLINE void products(const enum syc_quants q, const int G, const int T, int32x4_t c[][PAIRS],
		     const uint8_t *w, size_t stride, const int half, const int8_t *a)
{
	(void)G;
	(void)stride;
	UNROLL
	for (int k = 2 * half; k < 2 * half + 2; k++) {
		int8x16_t y[PAIRS];

		UNROLL
		for (int t = 0; t < T; t += 2)
			y[t / 2] = two_tokens(T, a + 8 * k, t);
		UNROLL
		for (int r = 0; r < ROW_PAIRS; r++) {
			int8x16_t x = vreinterpretq_s8_u8(quants(q, w, 8 * k + r));

			UNROLL
			for (int t = 0; t < T; t += 2)
				c[r][t / 2] = vmmlaq_s32(c[r][t / 2], y[t / 2], x);
		}
	}
}

#define MUL_SUM int32x4_t
#define MUL_VEC float32x4_t
#define MUL_ROWS 2
#define MUL_PER 2
#define MUL_GROUPS 1
#define MUL_ZERO vdupq_n_f32(0)
#define MUL_ZERO_SUM vdupq_n_s32(0)
#define MUL_START(T, sum, t, n) two_sums(T, sum, t, n)
#define MUL_TOKEN(T, s, t) two_floats(T, s, t)
#define MUL_SCALES(s) two_rows(s)
#define MUL_FMA(f, m, x) vfmaq_f32(f, m, x)
#define MUL_MUL(s, x) vmulq_f32(s, x)
#define MUL_FLOAT(c) vcvtq_f32_s32(c)
#define MUL_STORE(p, v, t) vst1_f32(p, (t) % 2 ? vget_high_f32(v) : vget_low_f32(v))
#define MUL_FORM_SCALES syc_scales_neon
#include "kern/mul_template.h"

void syc_kern_init_i8mm(struct syc_kern *k)
{
	k->name    = "i8mm";
	k->together = 8;
	k->flip    = U_FLIP;
	k->mul     = mul;
}
