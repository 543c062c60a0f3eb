/* SPDX-License-Identifier: MIT */
/* The specification: every other variant gives these bits. */
#include "config.h"
#include <math.h>
#include <string.h>
#include "base/half.h"
#include "kern/kern_impl.h"

enum { LANES = 16 };

/* Per block: 16 rows of 32 quants, then 16 scales. */
static void pack_q8(uint8_t *w, const int8_t *q, const uint16_t *scale, size_t nb)
{
	for (size_t b = 0; b < nb; b++, w += SYC_Q_PACKED) {
		for (size_t r = 0; r < SYC_Q_ROWS; r++) {
			memcpy(w + r * SYC_Q_BLOCK, q + (r * nb + b) * SYC_Q_BLOCK, SYC_Q_BLOCK);
			memcpy(w + SYC_Q_ROWS * SYC_Q_BLOCK + 2 * r, &scale[r * nb + b], 2);
		}
	}
}

static int32_t dot_block(const uint8_t *w, const int8_t *a)
{
	int32_t sum = 0;

	for (int i = 0; i < SYC_Q_BLOCK; i++)
		sum += (int8_t)w[i] * a[i];
	return sum;
}

/* One group of 16 rows with one token, whose blocks lie a tile apart. */
static void mul_token(float *acc, const uint8_t *w, const int8_t *a, const float *as, size_t nb)
{
	memset(acc, 0, SYC_Q_ROWS * sizeof(*acc));
	for (size_t b = 0; b < nb; b++, w += SYC_Q_PACKED) {
		for (size_t r = 0; r < SYC_Q_ROWS; r++) {
			uint16_t h;
			int32_t sum = dot_block(w + r * SYC_Q_BLOCK,
						a + b * SYC_Q_TOKENS * SYC_Q_BLOCK);

			memcpy(&h, w + SYC_Q_ROWS * SYC_Q_BLOCK + 2 * r, sizeof(h));
			acc[r] = fmaf((float)sum, syc_f16_to_f32(h) * as[b * SYC_Q_TOKENS], acc[r]);
		}
	}
}

static void mul_q8(float *out, size_t ldo, const uint8_t *w, size_t n_groups, const int8_t *a,
		   const float *as, const int32_t *asum, size_t nb, size_t n_tok)
{
	(void)asum;
	for (size_t g = 0; g < n_groups; g++) {
		for (size_t t = 0; t < n_tok; t++) {
			size_t at = t / SYC_Q_TOKENS * nb * SYC_Q_TOKENS + t % SYC_Q_TOKENS;

			mul_token(out + t * ldo + g * SYC_Q_ROWS, w + g * nb * SYC_Q_PACKED,
				  a + at * SYC_Q_BLOCK, as + at, nb);
		}
	}
}

static float reduce(float *lane)
{
	for (int step = LANES / 2; step; step /= 2)
		for (int j = 0; j < step; j++)
			lane[j] += lane[j + step];
	return lane[0];
}

static float dot(const float *a, const float *b, size_t n)
{
	float lane[LANES] = { 0 };

	for (size_t i = 0; i < n; i++)
		lane[i % LANES] = fmaf(a[i], b[i], lane[i % LANES]);
	return reduce(lane);
}

static void rmsnorm(float *y, const float *x, const float *w, size_t n, float eps)
{
	float inv = 1.0f / sqrtf(dot(x, x, n) / (float)n + eps);

	for (size_t i = 0; i < n; i++)
		y[i] = x[i] * inv * w[i];
}

static void rope(float *x, const float *cs, size_t n)
{
	for (size_t i = 0; i < 2 * n; i += 2) {
		float x0 = x[i], x1 = x[i + 1], c = cs[i], s = cs[i + 1];

		x[i] = fmaf(x0, c, -(x1 * s));
		x[i + 1] = fmaf(x1, c, x0 * s);
	}
}

static float exp_one(float x)
{
	float n, r, p;
	uint32_t bits;

	if (x != x)
		return x;
	x = SYC_EXP_LO > x ? SYC_EXP_LO : x;
	x = SYC_EXP_HI < x ? SYC_EXP_HI : x;
	n = rintf(x * SYC_LOG2E);
	r = fmaf(n, -SYC_LN2_HI, x);
	r = fmaf(n, -SYC_LN2_LO, r);
	p = fmaf(SYC_EXP_P0, r, SYC_EXP_P1);
	p = fmaf(p, r, SYC_EXP_P2);
	p = fmaf(p, r, SYC_EXP_P3);
	p = fmaf(p, r, SYC_EXP_P4);
	p = fmaf(p, r, SYC_EXP_P5);
	p = fmaf(p, r * r, r) + 1.0f;
	bits = (uint32_t)((int32_t)n + 127) << 23;
	memcpy(&n, &bits, sizeof(n));
	return p * n;
}

static void silu_mul(float *h, const float *g, size_t n)
{
	for (size_t i = 0; i < n; i++)
		h[i] = h[i] * (g[i] / (1.0f + exp_one(-g[i])));
}

static void add(float *y, const float *x, size_t n)
{
	for (size_t i = 0; i < n; i++)
		y[i] += x[i];
}

static void axpy(float *y, float a, const float *x, size_t n)
{
	for (size_t i = 0; i < n; i++)
		y[i] = fmaf(a, x[i], y[i]);
}

static float max(const float *x, size_t n)
{
	float m = -INFINITY;

	for (size_t i = 0; i < n; i++)
		m = x[i] > m ? x[i] : m;
	return m;
}

static float exp_sum(float *y, const float *x, float m, size_t n)
{
	float lane[LANES] = { 0 };

	for (size_t i = 0; i < n; i++) {
		y[i] = exp_one(x[i] - m);
		lane[i % LANES] += y[i];
	}
	return reduce(lane);
}

static void scale(float *y, float a, size_t n)
{
	for (size_t i = 0; i < n; i++)
		y[i] *= a;
}

static void to_f16(uint16_t *y, const float *x, size_t n)
{
	for (size_t i = 0; i < n; i++)
		y[i] = syc_f32_to_f16(x[i]);
}

static void from_f16(float *y, const uint16_t *x, size_t n)
{
	for (size_t i = 0; i < n; i++)
		y[i] = syc_f16_to_f32(x[i]);
}

void syc_kern_init_scalar(struct syc_kern *k)
{
	*k = (struct syc_kern){
		.name     = "scalar",
		.pack_q8  = pack_q8,
		.mul_q8   = mul_q8,
		.rmsnorm  = rmsnorm,
		.rope     = rope,
		.silu_mul = silu_mul,
		.add      = add,
		.axpy     = axpy,
		.dot      = dot,
		.max      = max,
		.exp_sum  = exp_sum,
		.scale    = scale,
		.to_f16   = to_f16,
		.from_f16 = from_f16,
	};
	syc_quantize_init_scalar(k);
	syc_attn_init_scalar(k);
}
