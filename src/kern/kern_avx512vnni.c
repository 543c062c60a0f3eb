/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <immintrin.h>
#include <math.h>
#include <string.h>
#include "kern/kern_impl.h"

enum {
	STEPS = SYC_Q_BLOCK / 4,
	GROUPS = 3,		/* 48 rows: each broadcast feeds three products */
};

/*
 * Two blocks together, so that loads stay 64-byte aligned: the quants of both,
 * then the scales of both.  An odd last block stands alone.
 */
INLINE const uint8_t *quants(const uint8_t *w, size_t b)
{
	return w + b / 2 * 2 * SYC_Q_PACKED + b % 2 * QUANTS;
}

INLINE const uint8_t *scales(const uint8_t *w, size_t b, size_t nb)
{
	return w + b / 2 * 2 * SYC_Q_PACKED + ((b | 1) < nb ? 2 * QUANTS : QUANTS) +
		b % 2 * 2 * SYC_Q_ROWS;
}

static int quantize_w(int8_t *q, uint16_t *scale, const float *x, size_t nb)
{
	const __m512i abs_mask = _mm512_set1_epi32(0x7fffffff), least = _mm512_set1_epi32(-127);

	for (size_t b = 0; b < nb; b++, q += SYC_Q_BLOCK, x += SYC_Q_BLOCK) {
		__m512i v = _mm512_loadu_si512(x), z = _mm512_loadu_si512(x + 16), top;
		uint32_t bits;
		__mmask16 some;
		__m512 s;
		float max;

		top = _mm512_max_epi32(_mm512_and_si512(v, abs_mask),
				       _mm512_and_si512(z, abs_mask));
		bits = (uint32_t)_mm512_reduce_max_epi32(top);
		memcpy(&max, &bits, sizeof(max));
		if (bits >= 0x7f800000)
			return SYC_ROW_NAN;
		scale[b] = _cvtss_sh(max / 127.0f, _MM_FROUND_TO_NEAREST_INT);
		if (scale[b] >= 0x7c00)
			return SYC_ROW_RANGE;
		some = scale[b] ? 0xffff : 0;	/* a scale of 0 gives 0 */
		s = _mm512_set1_ps(_cvtsh_ss(scale[b]));
		v = _mm512_cvtps_epi32(_mm512_maskz_div_ps(some, _mm512_castsi512_ps(v), s));
		z = _mm512_cvtps_epi32(_mm512_maskz_div_ps(some, _mm512_castsi512_ps(z), s));
		_mm_storeu_si128((__m128i *)q, _mm512_cvtsepi32_epi8(_mm512_max_epi32(v, least)));
		_mm_storeu_si128((__m128i *)q + 1,
				 _mm512_cvtsepi32_epi8(_mm512_max_epi32(z, least)));
	}
	return SYC_ROW_GOOD;
}

/* Block b of G groups, stride bytes apart: the sums start at -128 x the block's
 * sum, which takes the bias of the flipped bit back out. */
INLINE void block(const int G, const int T, __m512 f[][TILE], const uint8_t *w, size_t stride,
		  size_t b, size_t nb, const int8_t *a, const float *as, const int32_t *asum)
{
	__m512i c[GROUPS][TILE];

	UNROLL
	for (int t = 0; t < T; t++)
		UNROLL
		for (int g = 0; g < G; g++)
			c[g][t] = _mm512_set1_epi32(asum[b * TILE + (size_t)t]);
	UNROLL
	for (int k = 0; k < STEPS; k++) {
		__m512i x[GROUPS];

		UNROLL
		for (int g = 0; g < G; g++)
			x[g] = _mm512_loadu_si512(quants(w + (size_t)g * stride, b) + 64 * k);
		UNROLL
		for (int t = 0; t < T; t++) {
			int32_t four;
			__m512i y;

			memcpy(&four, a + (b * TILE + (size_t)t) * SYC_Q_BLOCK + 4 * k,
			       sizeof(four));
			y = _mm512_set1_epi32(four);
			UNROLL
			for (int g = 0; g < G; g++)
				c[g][t] = _mm512_dpbusd_epi32(c[g][t], x[g], y);
		}
	}
	UNROLL
	for (int g = 0; g < G; g++) {
		const uint8_t *p = scales(w + (size_t)g * stride, b, nb);
		__m512 s = _mm512_cvtph_ps(_mm256_loadu_si256((const __m256i *)p));

		UNROLL
		for (int t = 0; t < T; t++) {
			__m512 by = _mm512_mul_ps(s, _mm512_set1_ps(as[b * TILE + (size_t)t]));

			f[g][t] = _mm512_fmadd_ps(_mm512_cvtepi32_ps(c[g][t]), by, f[g][t]);
		}
	}
}

/* The top bit is flipped: dpbusd multiplies unsigned by signed. */
#define MUL_VEC __m512
#define MUL_ROWS 16
#define MUL_ZERO _mm512_setzero_ps()
#define MUL_STORE(p, v, t) _mm512_storeu_ps(p, v)
#define MUL_WORD uint32_t
#define MUL_FLIP 0x80808080
#define MUL_GROUPS 3
#define MUL_QUANTS(w, b) quants(w, b)
#define MUL_SCALES(w, b, nb) scales(w, b, nb)
#define MUL_BLOCK(G, T, f, w, b, nb, a, as, asum) \
	block(G, T, f, w, (nb) * SYC_Q_PACKED, b, nb, a, as, asum)
#include "kern/mul_template.h"
_Static_assert(MUL_GROUPS == GROUPS, "room in block()");

/* The first n < 16 lanes. */
INLINE __mmask16 first(size_t n)
{
	return (__mmask16)((1u << n) - 1);
}

/* Lanes j and j + 8 are added, then j and j + 4, j + 2, j + 1. */
INLINE float reduce(__m512 s)
{
	__m256 v = _mm256_add_ps(_mm512_castps512_ps256(s),
				 _mm256_castpd_ps(_mm512_extractf64x4_pd(_mm512_castps_pd(s),
									 1)));
	__m128 x = _mm_add_ps(_mm256_castps256_ps128(v), _mm256_extractf128_ps(v, 1));

	x = _mm_add_ps(x, _mm_movehl_ps(x, x));
	return _mm_cvtss_f32(_mm_add_ss(x, _mm_movehdup_ps(x)));
}

/* Lanes past the end keep their sums: adding 0 would turn -0 into 0. */
static float dot(const float *a, const float *b, size_t n)
{
	__m512 s = _mm512_setzero_ps();
	size_t i = 0;

	for (; i + 16 <= n; i += 16)
		s = _mm512_fmadd_ps(_mm512_loadu_ps(a + i), _mm512_loadu_ps(b + i), s);
	if (i < n) {
		__mmask16 m = first(n - i);

		s = _mm512_mask3_fmadd_ps(_mm512_maskz_loadu_ps(m, a + i),
					  _mm512_maskz_loadu_ps(m, b + i), s, m);
	}
	return reduce(s);
}

INLINE __m512 exp16(__m512 x)
{
	__m512 n, r, p;

	/* max and min return their second operand when one is NaN. */
	x = _mm512_max_ps(_mm512_set1_ps(SYC_EXP_LO), x);
	x = _mm512_min_ps(_mm512_set1_ps(SYC_EXP_HI), x);
	n = _mm512_roundscale_ps(_mm512_mul_ps(x, _mm512_set1_ps(SYC_LOG2E)),
				 _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
	r = _mm512_fmadd_ps(n, _mm512_set1_ps(-SYC_LN2_HI), x);
	r = _mm512_fmadd_ps(n, _mm512_set1_ps(-SYC_LN2_LO), r);
	p = _mm512_fmadd_ps(_mm512_set1_ps(SYC_EXP_P0), r, _mm512_set1_ps(SYC_EXP_P1));
	p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(SYC_EXP_P2));
	p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(SYC_EXP_P3));
	p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(SYC_EXP_P4));
	p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(SYC_EXP_P5));
	p = _mm512_add_ps(_mm512_fmadd_ps(p, _mm512_mul_ps(r, r), r), _mm512_set1_ps(1.0f));
	return _mm512_mul_ps(p, _mm512_castsi512_ps(_mm512_slli_epi32(
		_mm512_add_epi32(_mm512_cvtps_epi32(n), _mm512_set1_epi32(127)), 23)));
}

static float exp_sum(float *y, const float *x, float m, size_t n)
{
	const __m512 v = _mm512_set1_ps(m);
	__m512 s = _mm512_setzero_ps(), e;
	size_t i = 0;

	for (; i + 16 <= n; i += 16) {
		e = exp16(_mm512_sub_ps(_mm512_loadu_ps(x + i), v));
		s = _mm512_add_ps(s, e);
		_mm512_storeu_ps(y + i, e);
	}
	if (i < n) {
		__mmask16 k = first(n - i);

		e = exp16(_mm512_sub_ps(_mm512_maskz_loadu_ps(k, x + i), v));
		s = _mm512_mask_add_ps(s, k, s, e);
		_mm512_mask_storeu_ps(y + i, k, e);
	}
	return reduce(s);
}

INLINE __m512 silu16(__m512 h, __m512 g)
{
	__m512 e = exp16(_mm512_sub_ps(_mm512_set1_ps(-0.0f), g));

	return _mm512_mul_ps(h, _mm512_div_ps(g, _mm512_add_ps(_mm512_set1_ps(1.0f), e)));
}

static void silu_mul(float *h, const float *g, size_t n)
{
	size_t i = 0;

	for (; i + 16 <= n; i += 16)
		_mm512_storeu_ps(h + i, silu16(_mm512_loadu_ps(h + i), _mm512_loadu_ps(g + i)));
	if (i < n) {
		__mmask16 m = first(n - i);

		_mm512_mask_storeu_ps(h + i, m, silu16(_mm512_maskz_loadu_ps(m, h + i),
						       _mm512_maskz_loadu_ps(m, g + i)));
	}
}

void syc_kern_init_avx512vnni(struct syc_kern *k)
{
	k->name     = "avx512vnni";
	k->quantize_w = quantize_w;
	k->pack_q8  = pack_q8;
	k->mul_q8   = mul_q8;
	k->silu_mul = silu_mul;
	k->dot      = dot;
	k->exp_sum  = exp_sum;
	syc_attn_init_avx512(k);
}
