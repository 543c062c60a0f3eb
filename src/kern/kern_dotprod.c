/* SPDX-License-Identifier: MIT */
/* AArch64 with sdot: four products of one row in each int32 lane. */
#include "config.h"
#include <arm_neon.h>
#include <string.h>
#include "kern/kern_impl.h"

enum { TILE = SYC_Q_TOKENS, QUARTERS = SYC_Q_ROWS / 4, QUANTS = SYC_Q_ROWS * SYC_Q_BLOCK };

#define INLINE static inline __attribute__((always_inline))

/* Per block: for each four neighboring values, 16 rows x 4 bytes; then 16
 * scales. */
static void pack_q8(uint8_t *w, const int8_t *q, const uint16_t *scale, size_t nb)
{
	for (size_t b = 0; b < nb; b++, w += SYC_Q_PACKED) {
		for (size_t r = 0; r < SYC_Q_ROWS; r++) {
			const int8_t *row = q + (r * nb + b) * SYC_Q_BLOCK;

			for (size_t i = 0; i < SYC_Q_BLOCK; i += 4)
				memcpy(w + i * SYC_Q_ROWS + 4 * r, row + i, 4);
			memcpy(w + QUANTS + 2 * r, &scale[r * nb + b], 2);
		}
	}
}

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
INLINE void block(const int T, float32x4_t f[][TILE], const uint8_t *w, const int8_t *a, const float *as)
{
	int32x4_t c[QUARTERS][TILE];

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

INLINE void tile(const int T, float *out, size_t ldo, const uint8_t *w,
		 const int8_t *a, const float *as, size_t nb)
{
	float32x4_t f[QUARTERS][TILE];

	UNROLL
	for (int g = 0; g < QUARTERS; g++)
		UNROLL
		for (int t = 0; t < T; t++)
			f[g][t] = vdupq_n_f32(0);
	for (size_t b = 0; b < nb; b++)
		block(T, f, w + b * SYC_Q_PACKED, a + b * TILE * SYC_Q_BLOCK, as + b * TILE);
	UNROLL
	for (int t = 0; t < T; t++)
		UNROLL
		for (int g = 0; g < QUARTERS; g++)
			vst1q_f32(out + (size_t)t * ldo + 4 * g, f[g][t]);
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

void syc_kern_init_dotprod(struct syc_kern *k)
{
	k->name    = "dotprod";
	k->pack_q8 = pack_q8;
	k->mul_q8  = mul_q8;
}
