/* SPDX-License-Identifier: MIT */
/*
 * planes.h in registers of 64 bytes.  Signed bytes have the top bit flipped: dpbusd
 * multiplies unsigned by signed.
 */
#define U_FLIP 0x80
#define U_VEC __m512i
#define U_BYTES 64
#define U_LOAD(p) _mm512_load_si512(p)
#define U_STORE(p, v) _mm512_store_si512(p, v)
#define U_AND(v, n) _mm512_and_si512(v, _mm512_set1_epi8((char)(n)))
#define U_ADD(v, n) _mm512_add_epi8(v, _mm512_set1_epi8((char)(n)))
#define U_OR(v, w) _mm512_or_si512(v, w)
#define U_RIGHT(v, n) _mm512_srli_epi16(v, n)
#define U_LEFT(v, n) _mm512_slli_epi16(v, n)
#define U_LEVELS(v) levels(v)

INLINE __m512i levels(__m512i v)
{
	const __m128i table = _mm_setr_epi8(SYC_LEVELS);

	return _mm512_shuffle_epi8(_mm512_broadcast_i32x4(
		_mm_xor_si128(table, _mm_set1_epi8((char)U_FLIP))), v);
}

#include "kern/planes.h"
