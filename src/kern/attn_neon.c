/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <arm_neon.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>
#include "base/half.h"
#include "kern/kern_impl.h"

enum { W = 4, PARTS = SYC_RUN / W };
_Static_assert(SYC_RUN % W == 0, "registers of keys");

/* 4 numbers from p[i] on, float16 or float; and one. */
INLINE float32x4_t load(const bool half, const void *p, size_t i)
{
	if (half)
		return vcvt_f32_f16(vreinterpret_f16_u16(vld1_u16((const uint16_t *)p + i)));
	return vld1q_f32((const float *)p + i);
}

INLINE float one(const bool half, const void *p, size_t i)
{
	return half ? syc_f16_to_f32(((const uint16_t *)p)[i]) : ((const float *)p)[i];
}

INLINE void score_row(const bool half, float *s, const float *q, const void *k, size_t hd)
{
	float32x4_t acc[PARTS];

	UNROLL for (int i = 0; i < PARTS; i++)
		acc[i] = vdupq_n_f32(0);
	for (size_t d = 0; d < hd; d++)
		UNROLL for (int i = 0; i < PARTS; i++)
			acc[i] = vfmaq_n_f32(acc[i], load(half, k, d * SYC_RUN + i * W), q[d]);
	UNROLL for (int i = 0; i < PARTS; i++)
		vst1q_f32(s + i * W, acc[i]);
}

INLINE void all_scores(const bool half, float *s, size_t lds, const float *const *q,
		       size_t n_rows, const void *k, size_t hd)
{
	for (size_t r = 0; r < n_rows; r++)
		score_row(half, s + r * lds, q[r], k, hd);
}

/* 16 columns of one output stay in registers over all values. */
INLINE void mix_part(const bool half, float *out, size_t at, const float *p, const void *v,
		     size_t n, size_t hd)
{
	float32x4_t acc[4];

	UNROLL for (int i = 0; i < 4; i++)
		acc[i] = vld1q_f32(out + at + i * W);
	for (size_t j = 0; j < n; j++)
		UNROLL for (int i = 0; i < 4; i++)
			acc[i] = vfmaq_n_f32(acc[i], load(half, v, j * hd + at + i * W), p[j]);
	UNROLL for (int i = 0; i < 4; i++)
		vst1q_f32(out + at + i * W, acc[i]);
}

INLINE void all_mix(const bool half, float *const *out, const float *p, size_t lds,
		    size_t n_rows, const void *v, size_t n, size_t hd)
{
	size_t cols = hd / 16 * 16;

	for (size_t r = 0; r < n_rows; r++) {
		for (size_t at = 0; at < cols; at += 16)
			mix_part(half, out[r], at, p + r * lds, v, n, hd);
		for (size_t j = 0; j < n; j++)
			for (size_t d = cols; d < hd; d++)
				out[r][d] = fmaf(p[r * lds + j], one(half, v, j * hd + d),
						 out[r][d]);
	}
}

#define ATTN_INIT syc_attn_init_neon
#include "kern/attn_template.h"
