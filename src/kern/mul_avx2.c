/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <immintrin.h>
#include <string.h>
#include "kern/form.h"
#include "kern/kern_impl.h"

#define U_FLIP 0
#define U_VEC __m256i
#define U_BYTES 32
#define U_LOAD(p) _mm256_load_si256((const __m256i *)(const void *)(p))
#define U_STORE(p, v) _mm256_store_si256((__m256i *)(void *)(p), v)
#define U_AND(v, n) _mm256_and_si256(v, _mm256_set1_epi8((char)(n)))
#define U_ADD(v, n) _mm256_add_epi8(v, _mm256_set1_epi8((char)(n)))
#define U_OR(v, w) _mm256_or_si256(v, w)
#define U_RIGHT(v, n) _mm256_srli_epi16(v, n)
#define U_LEFT(v, n) _mm256_slli_epi16(v, n)
#define U_LEVELS(v) _mm256_shuffle_epi8(_mm256_broadcastsi128_si256(_mm_setr_epi8(SYC_LEVELS)), v)
#include "kern/planes.h"

/* Two neighbors of a row lie together, so that 32 bytes are 16 rows. */
enum { PAIRS = SYC_Q_HALF / 2 };

/* 16 sums of int16 to those of int32 in two halves. */
INLINE void widen(__m256i *lo, __m256i *hi, __m256i v)
{
	*lo = _mm256_add_epi32(*lo, _mm256_cvtepi16_epi32(_mm256_castsi256_si128(v)));
	*hi = _mm256_add_epi32(*hi, _mm256_cvtepi16_epi32(_mm256_extracti128_si256(v, 1)));
}

/*
 * Numbers of n < 8 bits are not negative: maddubs does not saturate, and int16
 * holds so many of its sums as 2 (2^n - 1) 128 goes into 32767.
 */
INLINE void products_low(const enum syc_quants q, const int T, __m256i c[][TILE],
			 const uint8_t *w, const int half, const int8_t *a)
{
	const int bits = syc_quants_bits(q), most = bits == 6 ? 2 : bits == 5 ? 4 : PAIRS;

	UNROLL
	for (int from = 0; from < PAIRS; from += most) {
		__m256i v[TILE];

		UNROLL
		for (int k = from; k < from + most; k++) {
			const __m256i x = quants(q, w, PAIRS * half + k);

			UNROLL
			for (int t = 0; t < T; t++) {
				int16_t two;
				__m256i p;

				memcpy(&two, a + t * SYC_Q_BLOCK + half * SYC_Q_HALF + 2 * k,
				       sizeof(two));
				p = _mm256_maddubs_epi16(x, _mm256_set1_epi16(two));
				v[t] = k == from ? p : _mm256_add_epi16(v[t], p);
			}
		}
		UNROLL
		for (int t = 0; t < T; t++)
			widen(&c[0][t], &c[1][t], v[t]);
	}
}

/* Bytes: widened to int16 first, for maddubs saturates once a pair of products passes 32767. */
INLINE void products_bytes(const enum syc_quants q, const int T, __m256i c[][TILE],
			   const uint8_t *w, const int half, const int8_t *a)
{
	int32_t wide[TILE][PAIRS] __attribute__((aligned(32)));

	UNROLL
	for (int t = 0; t < T; t++) {
		const int8_t *p = a + t * SYC_Q_BLOCK + half * SYC_Q_HALF;

		_mm256_store_si256((__m256i *)wide[t],
				   _mm256_cvtepi8_epi16(_mm_loadu_si128((const __m128i *)p)));
	}
	/* Twice, no more: the compiler would keep all of wide in registers. */
#pragma GCC unroll 2
	for (int k = 0; k < PAIRS; k++) {
		const __m256i v = quants(q, w, PAIRS * half + k);
		__m256i x = _mm256_cvtepi8_epi16(_mm256_castsi256_si128(v));
		__m256i z = _mm256_cvtepi8_epi16(_mm256_extracti128_si256(v, 1));

		UNROLL
		for (int t = 0; t < T; t++) {
			__m256i y = _mm256_set1_epi32(wide[t][k]);

			c[0][t] = _mm256_add_epi32(c[0][t], _mm256_madd_epi16(x, y));
			c[1][t] = _mm256_add_epi32(c[1][t], _mm256_madd_epi16(z, y));
		}
	}
}

INLINE void products(const enum syc_quants q, const int G, const int T, __m256i c[][TILE],
		     const uint8_t *w, size_t stride, const int half, const int8_t *a)
{
	(void)G;
	(void)stride;
	if (q == SYC_QUANTS_8 || q == SYC_QUANTS_4L)
		products_bytes(q, T, c, w, half, a);
	else
		products_low(q, T, c, w, half, a);
}

/* Up to four bits, unpacking again and again is cheaper than widening bytes. */
#define MUL_FEW_TOKENS(q) \
	((q) == SYC_QUANTS_4L || syc_quants_bits(q) > 4 ? TILE : SIZE_MAX)
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
