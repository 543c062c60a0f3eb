/* SPDX-License-Identifier: MIT */
/*
 * Floats to types of few bits.  What is least is the sum of squares of what is
 * lost: some roundings of a group are tried, each gets the scale (and minimum)
 * that fits it best, and the best of them is taken; then, with the scales as they
 * are stored, every value goes to the nearest.
 */
#include "config.h"
#include <math.h>
#include <string.h>
#include "format/blocks.h"
#include "format/encode.h"
#include "format/tensor.h"

enum { TRIES = 9, GROUPS = 16 };

static float half_of(float x)
{
	return syc_f16_to_f32(syc_f32_to_f16(x));
}

/* The nearest integer, halves to even, held within low and high. */
static inline float nearest(float x, float low, float high)
{
	const float round = 0x1.8p23f;

	x = x < low ? low : x > high ? high : x;
	return x + round - round;
}

/* What rounding by 1 / inv leaves: sums over q, q^2 and x q. */
struct sums {
	float q, qq, xq;
};

static struct sums try_inverse(const float *x, int n, float shift, float inv, float low, float high)
{
	struct sums s = { 0 };

	for (int i = 0; i < n; i++) {
		const float q = nearest((x[i] + shift) * inv, low, high);

		s.q += q;
		s.qq += q * q;
		s.xq += x[i] * q;
	}
	return s;
}

/* The scale d of n values that are d q, low <= q < -low. */
static float fit_scale(const float *x, int n, float low)
{
	float far = 0, best = 0, d = 0;

	for (int i = 0; i < n; i++)
		far = fabsf(x[i]) > fabsf(far) ? x[i] : far;
	if (fabsf(far) < 1e-30f)
		return 0;
	for (int k = 0; k < TRIES; k++) {
		const float inv = (low + 0.125f * (float)(k - TRIES / 2)) / far;
		const struct sums s = try_inverse(x, n, 0, inv, low, -low - 1);

		/* what is lost is the sum of x^2 less this */
		if (s.qq > 0 && s.xq * s.xq > best * s.qq) {
			best = s.xq * s.xq / s.qq;
			d = s.xq / s.qq;
		}
	}
	return d;
}

/* The sum of squares of x - (s q - m) but for that of x. */
static float lost(const struct sums *t, float n, float sum, float s, float m)
{
	return s * s * t->qq - 2 * s * m * t->q + n * m * m - 2 * s * t->xq + 2 * m * sum;
}

/* s and m >= 0 of n values that are s q - m, 0 <= q <= high. */
static void fit_line(float *s, float *m, const float *x, int n, float high)
{
	float low = 0, top = 0, sum = 0, best = INFINITY;

	*s = *m = 0;
	for (int i = 0; i < n; i++) {
		low = x[i] < low ? x[i] : low;
		top = x[i] > top ? x[i] : top;
		sum += x[i];
	}
	if (top - low < 1e-30f)
		return;
	for (int k = 0; k < TRIES; k++) {
		const float inv = (high + 0.125f * (float)(k - TRIES / 2)) / (top - low);
		const struct sums t = try_inverse(x, n, -low, inv, 0, high);
		const float det = (float)n * t.qq - t.q * t.q;
		float a = det > 0 ? ((float)n * t.xq - t.q * sum) / det : 0,
			b = (a * t.q - sum) / (float)n, e;

		if (!(det > 0) || b < 0) {	/* no minimum then */
			a = t.qq > 0 ? t.xq / t.qq : 0;
			b = 0;
		}
		e = lost(&t, (float)n, sum, a, b);
		if (a >= 0 && e < best) {
			best = e;
			*s = a;
			*m = b;
		}
	}
	if (best == INFINITY)	/* numbers whose squares are none */
		*s = INFINITY;
}

/* q [n] = (x + m) / s to the nearest, what is added to it included. */
static void round_all(uint8_t *q, const float *x, int n, float s, float m, float low, float high)
{
	for (int i = 0; i < n; i++)
		q[i] = (uint8_t)(int)((s == 0 ? 0 : nearest((x[i] + m) / s, low, high)) - low);
}

static bool put_half(uint8_t *out, float x)
{
	const uint16_t h = syc_f32_to_f16(x);

	memcpy(out, &h, sizeof(h));
	return (h & 0x7c00) != 0x7c00;
}

/* The layout of decode_q4_0. */
static bool encode_q4_0(uint8_t *out, const float *x)
{
	const float d = fit_scale(x, SYC_BLOCK, -8);
	uint8_t q[SYC_BLOCK];

	if (!put_half(out, d))
		return false;
	round_all(q, x, SYC_BLOCK, half_of(d), 0, -8, 7);
	for (int i = 0; i < SYC_BLOCK / 2; i++)
		out[2 + i] = (uint8_t)(q[i] | q[SYC_BLOCK / 2 + i] << 4);
	return true;
}

static float largest(const float *x, int n)
{
	float far = 0;

	for (int i = 0; i < n; i++)
		far = fabsf(x[i]) > fabsf(far) ? x[i] : far;
	return far;
}

/* The layout of decode_q6_k. */
static bool encode_q6_k(uint8_t *out, const float *x)
{
	float s[GROUPS], d;
	uint8_t q[SYC_BLOCK_K];

	for (int g = 0; g < 16; g++)
		s[g] = fit_scale(x + 16 * g, 16, -32);
	d = largest(s, 16) / -128;
	memset(out, 0, 208);
	if (!put_half(out + 208, d))
		return false;
	for (int g = 0; g < 16; g++) {
		const float by = half_of(d) == 0 ? 0 : nearest(s[g] / half_of(d), -128, 127);

		out[192 + g] = (uint8_t)(int8_t)by;
		round_all(q + 16 * g, x + 16 * g, 16, half_of(d) * by, 0, -32, 31);
	}
	for (int i = 0; i < SYC_BLOCK_K; i++) {
		const int part = i / 128, in = i % 128;

		out[64 * part + in % 64] |= (uint8_t)((q[i] & 15) << in / 64 * 4);
		out[128 + 32 * part + in % 32] |= (uint8_t)(q[i] >> 4 << in / 32 * 2);
	}
	return true;
}

/* Eight scales and eight minima of six bits as q4_k and q5_k have them. */
static void put_scales(uint8_t *out, const uint8_t *s, const uint8_t *m)
{
	for (int g = 0; g < 4; g++) {
		out[g] = (uint8_t)(s[g] | s[g + 4] >> 4 << 6);
		out[g + 4] = (uint8_t)(m[g] | m[g + 4] >> 4 << 6);
		out[g + 8] = (uint8_t)((s[g + 4] & 15) | (m[g + 4] & 15) << 4);
	}
}

/* d, m, and q of 256 values whose groups of 32 have six-bit scales and minima. */
static bool scale_groups(uint8_t *out, uint8_t *q, const float *x, float high)
{
	float s[8], m[8], d, dm;
	uint8_t by[8], less[8];

	for (int g = 0; g < 8; g++)
		fit_line(&s[g], &m[g], x + 32 * g, 32, high);
	d = largest(s, 8) / 63;
	dm = largest(m, 8) / 63;
	if (!put_half(out, d) || !put_half(out + 2, dm))
		return false;
	for (int g = 0; g < 8; g++) {
		const float hd = half_of(d), hm = half_of(dm),
			a = hd == 0 ? 0 : nearest(s[g] / hd, 0, 63),
			b = hm == 0 ? 0 : nearest(m[g] / hm, 0, 63);

		by[g] = (uint8_t)a;
		less[g] = (uint8_t)b;
		round_all(q + 32 * g, x + 32 * g, 32, hd * a, hm * b, 0, high);
	}
	put_scales(out + 4, by, less);
	return true;
}

/* The layouts of decode_q4_k and decode_q5_k. */
static bool encode_q45_k(uint8_t *out, const float *x, bool five)
{
	uint8_t q[SYC_BLOCK_K], *nibbles = out + (five ? 48 : 16);

	if (!scale_groups(out, q, x, five ? 31 : 15))
		return false;
	for (int i = 0; i < SYC_BLOCK_K / 2; i++)
		nibbles[i] = (uint8_t)((q[i / 32 * 64 + i % 32] & 15) |
				       (q[i / 32 * 64 + 32 + i % 32] & 15) << 4);
	for (int i = 0; i < 32 && five; i++) {
		out[16 + i] = 0;
		for (int g = 0; g < 8; g++)
			out[16 + i] |= (uint8_t)(q[32 * g + i] >> 4 << g);
	}
	return true;
}

bool syc_encode_block(uint8_t *out, uint32_t type, const float *in)
{
	switch (type) {
	case SYC_TYPE_Q4_0: return encode_q4_0(out, in);
	case SYC_TYPE_Q6_K: return encode_q6_k(out, in);
	default: return encode_q45_k(out, in, type == SYC_TYPE_Q5_K);
	}
}
