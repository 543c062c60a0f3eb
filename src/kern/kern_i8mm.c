/* SPDX-License-Identifier: MIT */
/* AArch64 with smmla: two tokens by two rows, eight products in each lane. */
#include "config.h"
#include <arm_neon.h>
#include <string.h>
#include "kern/kern_impl.h"

enum {
	TILE = SYC_Q_TOKENS,
	PAIRS = TILE / 2,		/* of tokens */
	ROW_PAIRS = SYC_Q_ROWS / 2,
	QUANTS = SYC_Q_ROWS * SYC_Q_BLOCK,
};

#define INLINE static inline __attribute__((always_inline))

/* Per block: for each eight neighboring values, 16 rows x 8 bytes; then 16
 * scales. */
static void pack_q8(uint8_t *w, const int8_t *q, const uint16_t *scale, size_t nb)
{
	for (size_t b = 0; b < nb; b++, w += SYC_Q_PACKED) {
		for (size_t r = 0; r < SYC_Q_ROWS; r++) {
			const int8_t *row = q + (r * nb + b) * SYC_Q_BLOCK;

			for (size_t i = 0; i < SYC_Q_BLOCK; i += 8)
				memcpy(w + i * SYC_Q_ROWS + 8 * r, row + i, 8);
			memcpy(w + QUANTS + 2 * r, &scale[r * nb + b], 2);
		}
	}
}

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
INLINE void block(const int T, float32x4_t f[][PAIRS], const uint8_t *w, const int8_t *a, const float *as)
{
	int32x4_t c[ROW_PAIRS][PAIRS];

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
			float32x4_t v = two_scales(T, as, t), *to = &f[r][t / 2], *next = &f[r + 1][t / 2];

			*to = vfmaq_f32(*to, vcvtq_f32_s32(c[r][t / 2]), vmulq_f32(lo, v));
			*next = vfmaq_f32(*next, vcvtq_f32_s32(c[r + 1][t / 2]), vmulq_f32(hi, v));
		}
	}
}

INLINE void tile(const int T, float *out, size_t ldo, const uint8_t *w,
		 const int8_t *a, const float *as, size_t nb)
{
	float32x4_t f[ROW_PAIRS][PAIRS];

	UNROLL
	for (int r = 0; r < ROW_PAIRS; r++)
		UNROLL
		for (int t = 0; t < T; t += 2)
			f[r][t / 2] = vdupq_n_f32(0);
	for (size_t b = 0; b < nb; b++)
		block(T, f, w + b * SYC_Q_PACKED, a + b * TILE * SYC_Q_BLOCK, as + b * TILE);
	UNROLL
	for (int t = 0; t < T; t++) {
		UNROLL
		for (int r = 0; r < ROW_PAIRS; r++) {
			float32x4_t v = f[r][t / 2];

			vst1_f32(out + (size_t)t * ldo + 2 * r, t % 2 ? vget_high_f32(v) : vget_low_f32(v));
		}
	}
}

static void mul_group(float *out, size_t ldo, const uint8_t *w, const int8_t *a,
		      const float *as, size_t nb, size_t n_tok)
{
	const size_t step = nb * TILE;

	for (; n_tok >= TILE; n_tok -= TILE, out += TILE * ldo, a += step * SYC_Q_BLOCK, as += step)
		tile(TILE, out, ldo, w, a, as, nb);
	if (n_tok == 3)
		tile(3, out, ldo, w, a, as, nb);
	else if (n_tok == 2)
		tile(2, out, ldo, w, a, as, nb);
	else if (n_tok == 1)
		tile(1, out, ldo, w, a, as, nb);
}

static void mul_q8(float *out, size_t ldo, const uint8_t *w, size_t n_groups, const int8_t *a,
		   const float *as, const int32_t *asum, size_t nb, size_t n_tok)
{
	(void)asum;	/* signed by signed: no bias to take out */
	for (size_t g = 0; g < n_groups; g++)
		mul_group(out + g * SYC_Q_ROWS, ldo, w + g * nb * SYC_Q_PACKED, a, as, nb, n_tok);
}

void syc_kern_init_i8mm(struct syc_kern *k)
{
	k->name    = "i8mm";
	k->pack_q8 = pack_q8;
	k->mul_q8  = mul_q8;
}
