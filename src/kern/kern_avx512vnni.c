/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <immintrin.h>
#include <string.h>
#include "kern/form.h"
#include "kern/kern_impl.h"

/* ---- products --------------------------------------------------------------- */

#include "kern/planes_avx512.h"
#include "kern/biased_avx.h"

INLINE void products(const enum syc_quants q, const int G, const int T, __m512i c[][TILE],
		     const uint8_t *w, size_t stride, const int half, const int8_t *a)
{
	UNROLL
	for (int k = 4 * half; k < 4 * half + 4; k++) {
		__m512i x[SYC_MUL_PANELS];

		UNROLL
		for (int g = 0; g < G; g++)
			x[g] = quants(q, w + (size_t)g * stride, k);
		UNROLL
		for (int t = 0; t < T; t++) {
			int32_t four;
			__m512i y;

			memcpy(&four, a + t * SYC_Q_BLOCK + 4 * k, sizeof(four));
			y = _mm512_set1_epi32(four);
			UNROLL
			for (int g = 0; g < G; g++)
				c[g][t] = _mm512_dpbusd_epi32(c[g][t], x[g], y);
		}
	}
}

#define MUL_BIASED(min) true
#define MUL_BIASED_START(T, from, sum, n) biased_start(T, from, sum, n)
#define MUL_SUM_OF(n) _mm512_set1_epi32(n)
#define MUL_UNBIASED(c, s, b) _mm512_fmsub_ps(_mm512_castsi512_ps(c), s, b)
#define MUL_SUM __m512i
#define MUL_VEC __m512
#define MUL_ROWS 16
#define MUL_GROUPS 3		/* each broadcast feeds three products */
#define MUL_ZERO _mm512_setzero_ps()
#define MUL_ZERO_SUM _mm512_setzero_si512()
#define MUL_START(T, sum, t, n) _mm512_slli_epi32(_mm512_set1_epi32((sum)[t]), n)
#define MUL_TOKEN(T, s, t) _mm512_set1_ps((s)[t])
#define MUL_SCALES(s) _mm512_load_ps(s)
#define MUL_FMA(f, m, x) _mm512_fmadd_ps(m, x, f)
#define MUL_MUL(s, x) _mm512_mul_ps(s, x)
#define MUL_FLOAT(c) _mm512_cvtepi32_ps(c)
#define MUL_STORE(p, v, t) _mm512_storeu_ps(p, v)
#define MUL_FORM_SCALES syc_scales_avx512
#include "kern/mul_template.h"

void syc_mul_avx512vnni(float *out, size_t ldo, const struct syc_form *f, const uint8_t *panel,
			size_t n_panels, const struct syc_tokens *x, size_t nb, size_t n_tok,
			void *scratch)
{
	mul(out, ldo, f, panel, n_panels, x, nb, n_tok, scratch);
}

/* ---- vectors ---------------------------------------------------------------- */

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
	k->together = 4;
	k->flip     = U_FLIP;
	k->mul      = mul;
	k->silu_mul = silu_mul;
	k->dot      = dot;
	k->exp_sum  = exp_sum;
	syc_quantize_init_avx512(k);
	syc_attn_init_avx512(k);
}
