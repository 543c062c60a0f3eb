/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <arm_neon.h>
#include <math.h>
#include <string.h>
#include "base/half.h"
#include "kern/kern_impl.h"

enum { W = 4, PARTS = SYC_RUN / W };
_Static_assert(SYC_RUN % W == 0, "registers of keys");

INLINE float32x4_t load(const uint16_t *p)
{
	return vcvt_f32_f16(vreinterpret_f16_u16(vld1_u16(p)));
}

static void score_row(float *s, const float *q, const uint16_t *k, size_t hd)
{
	float32x4_t acc[PARTS];

	UNROLL for (int i = 0; i < PARTS; i++)
		acc[i] = vdupq_n_f32(0);
	for (size_t d = 0; d < hd; d++, k += SYC_RUN)
		UNROLL for (int i = 0; i < PARTS; i++)
			acc[i] = vfmaq_n_f32(acc[i], load(k + i * W), q[d]);
	UNROLL for (int i = 0; i < PARTS; i++)
		vst1q_f32(s + i * W, acc[i]);
}

static void scores(float *s, size_t lds, const float *const *q, size_t n_rows,
		   const uint16_t *k, size_t hd)
{
	for (size_t r = 0; r < n_rows; r++)
		score_row(s + r * lds, q[r], k, hd);
}

/* 16 columns of one output stay in registers over all values. */
static void mix_part(float *out, const float *p, const uint16_t *v, size_t n, size_t hd)
{
	float32x4_t acc[4];

	UNROLL for (int i = 0; i < 4; i++)
		acc[i] = vld1q_f32(out + i * W);
	for (size_t j = 0; j < n; j++)
		UNROLL for (int i = 0; i < 4; i++)
			acc[i] = vfmaq_n_f32(acc[i], load(v + j * hd + i * W), p[j]);
	UNROLL for (int i = 0; i < 4; i++)
		vst1q_f32(out + i * W, acc[i]);
}

static void mix(float *const *out, const float *p, size_t lds, size_t n_rows,
		const uint16_t *v, size_t n, size_t hd)
{
	size_t cols = hd / 16 * 16;

	for (size_t r = 0; r < n_rows; r++) {
		for (size_t at = 0; at < cols; at += 16)
			mix_part(out[r] + at, p + r * lds, v + at, n, hd);
		for (size_t j = 0; j < n; j++)
			for (size_t d = cols; d < hd; d++)
				out[r][d] = fmaf(p[r * lds + j], syc_f16_to_f32(v[j * hd + d]),
						 out[r][d]);
	}
}

void syc_attn_init_neon(struct syc_kern *k)
{
	k->scores = scores;
	k->mix = mix;
}
