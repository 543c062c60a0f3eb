/* SPDX-License-Identifier: MIT */
/* AArch64's base set: the 16 lanes of a sum are four registers of four. */
#include "config.h"
#include <arm_neon.h>
#include <float.h>
#include <math.h>
#include <string.h>
#include "kern/kern_impl.h"

/* Of the largest magnitude; NaN and infinity come out above every number. */
INLINE uint32_t largest_bits(const float *x)
{
	uint32x4_t top = vdupq_n_u32(0);

	UNROLL
	for (int i = 0; i < SYC_Q_BLOCK / 4; i++)
		top = vmaxq_u32(top, vreinterpretq_u32_f32(vabsq_f32(vld1q_f32(x + 4 * i))));
	return vmaxvq_u32(top);
}

INLINE void round_block(int8_t *q, int32_t *sum, const float *x, float a, size_t tile)
{
	int32x4_t v[SYC_Q_BLOCK / 4], total[2] = { vdupq_n_s32(0), vdupq_n_s32(0) };

	UNROLL
	for (int i = 0; i < SYC_Q_BLOCK / 4; i++) {
		v[i] = vcvtnq_s32_f32(vmulq_n_f32(vld1q_f32(x + 4 * i), a));
		total[i / 4] = vaddq_s32(total[i / 4], v[i]);
	}
	sum[tile] = -vaddvq_s32(total[0]);
	sum[2 * tile] = -vaddvq_s32(total[1]);
	UNROLL
	for (int i = 0; i < SYC_Q_BLOCK / 4; i += 2)
		vst1_s8(q + 4 * i, vmovn_s16(vcombine_s16(vmovn_s32(v[i]), vmovn_s32(v[i + 1]))));
}

#include "kern/quantize_template.h"

static int quantize_w(int8_t *q, uint16_t *scale, const float *x, size_t nb)
{
	for (size_t b = 0; b < nb; b++, q += SYC_Q_BLOCK, x += SYC_Q_BLOCK) {
		int32x4_t v[SYC_Q_BLOCK / 4], least = vdupq_n_s32(-127), some;
		uint32_t bits = largest_bits(x);
		float16x4_t half;
		float32x4_t s;
		float max;

		memcpy(&max, &bits, sizeof(max));
		if (bits >= 0x7f800000)
			return SYC_ROW_NAN;
		half = vcvt_f16_f32(vdupq_n_f32(max / 127.0f));
		scale[b] = vget_lane_u16(vreinterpret_u16_f16(half), 0);
		if (scale[b] >= 0x7c00)
			return SYC_ROW_RANGE;
		s = vcvt_f32_f16(half);
		some = vdupq_n_s32(scale[b] ? -1 : 0);	/* a scale of 0 gives 0 */
		UNROLL
		for (int i = 0; i < SYC_Q_BLOCK / 4; i++) {
			v[i] = vcvtnq_s32_f32(vdivq_f32(vld1q_f32(x + 4 * i), s));
			v[i] = vandq_s32(vmaxq_s32(v[i], least), some);
		}
		UNROLL
		for (int i = 0; i < SYC_Q_BLOCK / 4; i += 2)
			vst1_s8(q + 4 * i, vqmovn_s16(vcombine_s16(vqmovn_s32(v[i]),
								   vqmovn_s32(v[i + 1]))));
	}
	return SYC_ROW_GOOD;
}

INLINE float32x4_t load_f16(const uint16_t *p)
{
	return vcvt_f32_f16(vreinterpret_f16_u16(vld1_u16(p)));
}

/* The 16 lanes of a sum. */
struct lanes {
	float32x4_t v[4];
};

INLINE struct lanes zero(void)
{
	const float32x4_t z = vdupq_n_f32(0);

	return (struct lanes){ { z, z, z, z } };
}

/* Add the last n < 16 products, then the lanes in the order of kern.h. */
static float finish(struct lanes s, const float *a, const float *b, size_t n)
{
	float lane[16];
	float32x4_t x;
	float32x2_t y;

	if (n) {
		UNROLL
		for (int j = 0; j < 4; j++)
			vst1q_f32(lane + 4 * j, s.v[j]);
		for (size_t i = 0; i < n; i++)
			lane[i] = fmaf(a[i], b[i], lane[i]);
		UNROLL
		for (int j = 0; j < 4; j++)
			s.v[j] = vld1q_f32(lane + 4 * j);
	}
	x = vaddq_f32(vaddq_f32(s.v[0], s.v[2]), vaddq_f32(s.v[1], s.v[3]));
	y = vadd_f32(vget_low_f32(x), vget_high_f32(x));
	return vget_lane_f32(y, 0) + vget_lane_f32(y, 1);
}

static float dot(const float *a, const float *b, size_t n)
{
	struct lanes s = zero();
	size_t i = 0;

	for (; i + 16 <= n; i += 16)
		UNROLL
		for (size_t j = 0; j < 4; j++)
			s.v[j] = vfmaq_f32(s.v[j], vld1q_f32(a + i + 4 * j),
					   vld1q_f32(b + i + 4 * j));
	return finish(s, a + i, b + i, n - i);
}

/* The first n < 4 values; the other lanes are zero and are not read. */
INLINE float32x4_t load_f16_part(const uint16_t *p, size_t n)
{
	uint16_t h[4] = { 0 };

	memcpy(h, p, n * sizeof(*h));
	return load_f16(h);
}

INLINE float32x4_t load_part(const float *p, size_t n)
{
	float v[4] = { 0 };

	memcpy(v, p, n * sizeof(*v));
	return vld1q_f32(v);
}

INLINE void store_part(float *p, float32x4_t x, size_t n)
{
	float v[4];

	vst1q_f32(v, x);
	memcpy(p, v, n * sizeof(*v));
}

static void from_f16(float *y, const uint16_t *x, size_t n)
{
	size_t i = 0;

	for (; i + 4 <= n; i += 4)
		vst1q_f32(y + i, load_f16(x + i));
	if (i < n)
		store_part(y + i, load_f16_part(x + i, n - i), n - i);
}

static void rmsnorm(float *y, const float *x, const float *w, size_t n, float eps)
{
	float inv = 1.0f / sqrtf(dot(x, x, n) / (float)n + eps);
	size_t i = 0;

	for (; i + 4 <= n; i += 4)
		vst1q_f32(y + i, vmulq_f32(vmulq_n_f32(vld1q_f32(x + i), inv), vld1q_f32(w + i)));
	for (; i < n; i++)
		y[i] = x[i] * inv * w[i];
}

static void rope(float *x, const float *cs, size_t n)
{
	size_t i = 0;

	for (; i + 8 <= 2 * n; i += 8) {
		float32x4x2_t v = vld2q_f32(x + i), r = vld2q_f32(cs + i), to;

		to.val[0] = vfmaq_f32(vnegq_f32(vmulq_f32(v.val[1], r.val[1])), v.val[0], r.val[0]);
		to.val[1] = vfmaq_f32(vmulq_f32(v.val[0], r.val[1]), v.val[1], r.val[0]);
		vst2q_f32(x + i, to);
	}
	for (; i < 2 * n; i += 2) {
		float x0 = x[i], x1 = x[i + 1], c = cs[i], s = cs[i + 1];

		x[i] = fmaf(x0, c, -(x1 * s));
		x[i + 1] = fmaf(x1, c, x0 * s);
	}
}

INLINE float32x4_t exp4(float32x4_t x)
{
	float32x4_t n, r, p;

	/* max and min keep NaN; the conversion below turns it into 0. */
	x = vmaxq_f32(vdupq_n_f32(SYC_EXP_LO), x);
	x = vminq_f32(vdupq_n_f32(SYC_EXP_HI), x);
	n = vrndnq_f32(vmulq_n_f32(x, SYC_LOG2E));
	r = vfmaq_f32(x, n, vdupq_n_f32(-SYC_LN2_HI));
	r = vfmaq_f32(r, n, vdupq_n_f32(-SYC_LN2_LO));
	p = vfmaq_f32(vdupq_n_f32(SYC_EXP_P1), vdupq_n_f32(SYC_EXP_P0), r);
	p = vfmaq_f32(vdupq_n_f32(SYC_EXP_P2), p, r);
	p = vfmaq_f32(vdupq_n_f32(SYC_EXP_P3), p, r);
	p = vfmaq_f32(vdupq_n_f32(SYC_EXP_P4), p, r);
	p = vfmaq_f32(vdupq_n_f32(SYC_EXP_P5), p, r);
	p = vaddq_f32(vfmaq_f32(r, p, vmulq_f32(r, r)), vdupq_n_f32(1.0f));
	return vmulq_f32(p, vreinterpretq_f32_s32(vshlq_n_s32(
		vaddq_s32(vcvtnq_s32_f32(n), vdupq_n_s32(127)), 23)));
}

INLINE float32x4_t silu4(float32x4_t h, float32x4_t g)
{
	float32x4_t e = exp4(vnegq_f32(g));

	return vmulq_f32(h, vdivq_f32(g, vaddq_f32(vdupq_n_f32(1.0f), e)));
}

static void silu_mul(float *h, const float *g, size_t n)
{
	size_t i = 0;

	for (; i + 4 <= n; i += 4)
		vst1q_f32(h + i, silu4(vld1q_f32(h + i), vld1q_f32(g + i)));
	if (i < n)
		store_part(h + i, silu4(load_part(h + i, n - i), load_part(g + i, n - i)), n - i);
}

static void add(float *y, const float *x, size_t n)
{
	size_t i = 0;

	for (; i + 4 <= n; i += 4)
		vst1q_f32(y + i, vaddq_f32(vld1q_f32(y + i), vld1q_f32(x + i)));
	for (; i < n; i++)
		y[i] += x[i];
}

static void axpy(float *y, float a, const float *x, size_t n)
{
	size_t i = 0;

	for (; i + 4 <= n; i += 4)
		vst1q_f32(y + i, vfmaq_n_f32(vld1q_f32(y + i), vld1q_f32(x + i), a));
	for (; i < n; i++)
		y[i] = fmaf(a, x[i], y[i]);
}

/* Compared, not vmaxnmq_f32: that one lets signaling NaNs through. */
static float max(const float *x, size_t n)
{
	float32x4_t v = vdupq_n_f32(-INFINITY);
	float lane[4], m;
	size_t i = 0;

	for (; i + 4 <= n; i += 4) {
		float32x4_t next = vld1q_f32(x + i);

		v = vbslq_f32(vcgtq_f32(next, v), next, v);
	}
	vst1q_f32(lane, v);
	m = lane[0];
	for (int j = 1; j < 4; j++)
		m = lane[j] > m ? lane[j] : m;
	for (; i < n; i++)
		m = x[i] > m ? x[i] : m;
	return m;
}

static float exp_sum(float *y, const float *x, float m, size_t n)
{
	static const float one[16] = { 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1 };
	const float32x4_t v = vdupq_n_f32(m);
	struct lanes s = zero();
	size_t i = 0, from;

	for (; i + 16 <= n; i += 16) {
		UNROLL
		for (size_t j = 0; j < 4; j++) {
			float32x4_t e = exp4(vsubq_f32(vld1q_f32(x + i + 4 * j), v));

			s.v[j] = vaddq_f32(s.v[j], e);
			vst1q_f32(y + i + 4 * j, e);
		}
	}
	for (from = i; i < n; i += 4) {
		size_t left = n - i < 4 ? n - i : 4;

		store_part(y + i, exp4(vsubq_f32(load_part(x + i, left), v)), left);
	}
	return finish(s, y + from, one, n - from);	/* y * 1 + s is y + s */
}

static void scale(float *y, float a, size_t n)
{
	size_t i = 0;

	for (; i + 4 <= n; i += 4)
		vst1q_f32(y + i, vmulq_n_f32(vld1q_f32(y + i), a));
	for (; i < n; i++)
		y[i] *= a;
}

INLINE uint16x4_t half4(float32x4_t x)
{
	return vreinterpret_u16_f16(vcvt_f16_f32(x));
}

static void to_f16(uint16_t *y, const float *x, size_t n)
{
	uint16_t h[4];
	size_t i = 0;

	for (; i + 4 <= n; i += 4)
		vst1_u16(y + i, half4(vld1q_f32(x + i)));
	if (i < n) {
		vst1_u16(h, half4(load_part(x + i, n - i)));
		memcpy(y + i, h, (n - i) * sizeof(*y));
	}
}

void syc_kern_init_neon(struct syc_kern *k)
{
	k->name = "neon";
	k->quantize = quantize;
	k->quantize_w = quantize_w;
	k->rmsnorm = rmsnorm;
	k->rope = rope;
	k->silu_mul = silu_mul;
	k->add = add;
	k->axpy = axpy;
	k->dot = dot;
	k->max = max;
	k->exp_sum = exp_sum;
	k->scale = scale;
	k->to_f16 = to_f16;
	k->from_f16 = from_f16;
	syc_mul_init_neon(k);
	syc_attn_init_neon(k);
}
