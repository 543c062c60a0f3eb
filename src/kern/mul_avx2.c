/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <immintrin.h>
#include "kern/form.h"
#include "kern/kern_impl.h"

#define U_FLIP 0
#define U_VEC __m128i
#define U_BYTES 16
#define U_LOAD(p) _mm_load_si128((const __m128i *)(const void *)(p))
#define U_STORE(p, v) _mm_store_si128((__m128i *)(void *)(p), v)
#define U_AND(v, n) _mm_and_si128(v, _mm_set1_epi8((char)(n)))
#define U_ADD(v, n) _mm_add_epi8(v, _mm_set1_epi8((char)(n)))
#define U_OR(v, w) _mm_or_si128(v, w)
#define U_RIGHT(v, n) _mm_srli_epi16(v, n)
#define U_LEFT(v, n) _mm_slli_epi16(v, n)
#define U_LEVELS(v) _mm_shuffle_epi8(_mm_setr_epi8(SYC_LEVELS), v)
#include "kern/planes.h"

/*
 * 16 rows in two halves; two neighbors lie together, so that 16 bytes feed 8
 * rows once they are widened.  Widened to int16 first: maddubs saturates once a
 * pair of products passes 32767.
 */
INLINE void products(const enum syc_quants q, const int G, const int T, __m256i c[][TILE],
		     const uint8_t *w, size_t stride, const int half, const int8_t *a)
{
	int32_t wide[TILE][SYC_Q_HALF / 2] __attribute__((aligned(32)));

	(void)G;
	(void)stride;
	UNROLL
	for (int t = 0; t < T; t++) {
		const int8_t *p = a + t * SYC_Q_BLOCK + half * SYC_Q_HALF;

		_mm256_store_si256((__m256i *)wide[t],
				   _mm256_cvtepi8_epi16(_mm_loadu_si128((const __m128i *)p)));
	}
	UNROLL
	for (int k = 0; k < SYC_Q_HALF / 2; k++) {
		const int j = 16 * half + 2 * k;
		__m256i x = _mm256_cvtepi8_epi16(quants(q, w, j));
		__m256i z = _mm256_cvtepi8_epi16(quants(q, w, j + 1));

		UNROLL
		for (int t = 0; t < T; t++) {
			__m256i y = _mm256_set1_epi32(wide[t][k]);

			c[0][t] = _mm256_add_epi32(c[0][t], _mm256_madd_epi16(x, y));
			c[1][t] = _mm256_add_epi32(c[1][t], _mm256_madd_epi16(z, y));
		}
	}
}

#define MUL_SUM __m256i
#define MUL_VEC __m256
#define MUL_ROWS 8
#define MUL_GROUPS 1
#define MUL_ZERO _mm256_setzero_ps()
#define MUL_ZERO_SUM _mm256_setzero_si256()
#define MUL_START(T, sum, t, n) _mm256_slli_epi32(_mm256_set1_epi32((sum)[t]), n)
#define MUL_TOKEN(T, s, t) _mm256_set1_ps((s)[t])
#define MUL_SCALES(s) _mm256_load_ps(s)
#define MUL_FMA(f, m, x) _mm256_fmadd_ps(m, x, f)
#define MUL_MUL(s, x) _mm256_mul_ps(s, x)
#define MUL_FLOAT(c) _mm256_cvtepi32_ps(c)
#define MUL_STORE(p, v, t) _mm256_storeu_ps(p, v)
#define MUL_FORM_SCALES syc_scales_avx2
#include "kern/mul_template.h"

void syc_mul_init_avx2(struct syc_kern *k)
{
	k->together = 2;
	k->flip = U_FLIP;
	k->mul = mul;
}
