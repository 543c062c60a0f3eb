/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <immintrin.h>
#include <stdbool.h>
#include "kern/form.h"
#include "kern/kern_impl.h"

INLINE __m256 halves(const uint8_t *p)
{
	return _mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)(const void *)p));
}

/* Eight bytes, signed or not. */
INLINE __m256 bytes(const uint8_t *p, const bool sign)
{
	const __m128i v = _mm_loadl_epi64((const __m128i *)(const void *)p);

	return _mm256_cvtepi32_ps(sign ? _mm256_cvtepi8_epi32(v) : _mm256_cvtepu8_epi32(v));
}

INLINE __m256 nibbles(const uint8_t *p, const bool high)
{
	__m128i v = _mm_loadl_epi64((const __m128i *)(const void *)p);

	v = _mm_and_si128(high ? _mm_srli_epi16(v, 4) : v, _mm_set1_epi8(15));
	return _mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(v));
}

#define S_VEC __m256
#define S_WIDTH 8
#define S_NAME syc_scales_avx2
#define S_STORE(p, v) _mm256_store_ps(p, v)
#define S_MUL(v, w) _mm256_mul_ps(v, w)
#define S_NEGATE(v) _mm256_xor_ps(v, _mm256_set1_ps(-0.0f))
#include "kern/scales_template.h"
