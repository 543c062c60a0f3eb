/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <immintrin.h>
#include <stdbool.h>
#include "kern/form.h"
#include "kern/kern_impl.h"

INLINE __m512 halves(const uint8_t *p)
{
	return _mm512_cvtph_ps(_mm256_loadu_si256((const __m256i *)(const void *)p));
}

INLINE __m512 bytes(const uint8_t *p, const bool sign)
{
	const __m128i v = _mm_loadu_si128((const __m128i *)(const void *)p);

	return _mm512_cvtepi32_ps(sign ? _mm512_cvtepi8_epi32(v) : _mm512_cvtepu8_epi32(v));
}

INLINE __m512 nibbles(const uint8_t *p, const bool high)
{
	const __m128i v = _mm_loadu_si128((const __m128i *)(const void *)p);

	return _mm512_cvtepi32_ps(_mm512_cvtepu8_epi32(
		_mm_and_si128(high ? _mm_srli_epi16(v, 4) : v, _mm_set1_epi8(15))));
}

#define S_VEC __m512
#define S_WIDTH 16
#define S_NAME syc_scales_avx512
#define S_STORE(p, v) _mm512_store_ps(p, v)
#define S_MUL(v, w) _mm512_mul_ps(v, w)
#define S_NEGATE(v) _mm512_sub_ps(_mm512_set1_ps(-0.0f), v)
#include "kern/scales_template.h"
