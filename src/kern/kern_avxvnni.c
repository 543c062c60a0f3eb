/* SPDX-License-Identifier: MIT */
/* The VNNI instructions for 256-bit registers, on processors without AVX-512. */
#include "config.h"
#include <immintrin.h>
#include <string.h>
#include "kern/form.h"
#include "kern/kern_impl.h"

/* Signed bytes have the top bit flipped: dpbusd multiplies unsigned by signed. */
#define U_FLIP 0x80
#define U_VEC __m256i
#define U_BYTES 32
#define U_LOAD(p) _mm256_load_si256((const __m256i *)(const void *)(p))
#define U_STORE(p, v) _mm256_store_si256((__m256i *)(void *)(p), v)
#define U_AND(v, n) _mm256_and_si256(v, _mm256_set1_epi8((char)(n)))
#define U_ADD(v, n) _mm256_add_epi8(v, _mm256_set1_epi8((char)(n)))
#define U_OR(v, w) _mm256_or_si256(v, w)
#define U_RIGHT(v, n) _mm256_srli_epi16(v, n)
#define U_LEFT(v, n) _mm256_slli_epi16(v, n)
#define U_LEVELS(v) levels(v)

INLINE __m256i levels(__m256i v)
{
	const __m128i table = _mm_setr_epi8(SYC_LEVELS);

	return _mm256_shuffle_epi8(_mm256_broadcastsi128_si256(
		_mm_xor_si128(table, _mm_set1_epi8((char)U_FLIP))), v);
}

#include "kern/planes.h"
#include "kern/biased_avx.h"

/* 16 rows in two halves. */
INLINE void products(const enum syc_quants q, const int G, const int T, __m256i c[][TILE],
		     const uint8_t *w, size_t stride, const int half, const int8_t *a)
{
	(void)G;
	(void)stride;
	UNROLL
	for (int k = 4 * half; k < 4 * half + 4; k++) {
		__m256i x = quants(q, w, 2 * k), z = quants(q, w, 2 * k + 1);

		UNROLL
		for (int t = 0; t < T; t++) {
			int32_t four;
			__m256i y;

			memcpy(&four, a + t * SYC_Q_BLOCK + 4 * k, sizeof(four));
			y = _mm256_set1_epi32(four);
			c[0][t] = _mm256_dpbusd_avx_epi32(c[0][t], x, y);
			c[1][t] = _mm256_dpbusd_avx_epi32(c[1][t], z, y);
		}
	}
}

/* With M there are too few registers for it. */
#define MUL_BIASED(min) (!(min))
#define MUL_BIASED_START(T, from, sum, n) biased_start(T, from, sum, n)
#define MUL_SUM_OF(n) _mm256_set1_epi32(n)
#define MUL_UNBIASED(c, s, b) _mm256_fmsub_ps(_mm256_castsi256_ps(c), s, b)
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

void syc_kern_init_avxvnni(struct syc_kern *k)
{
	k->name    = "avxvnni";
	k->together = 4;
	k->flip    = U_FLIP;
	k->mul     = mul;
}
