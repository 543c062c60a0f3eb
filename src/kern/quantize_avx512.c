/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <float.h>
#include <immintrin.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>
#include "kern/kern_impl.h"

/* The magnitudes of a block, as integers: of values i and i + 16 the larger. */
INLINE __m512i larger_half(const float *x)
{
	const __m512i abs_mask = _mm512_set1_epi32(0x7fffffff);

	return _mm512_max_epi32(_mm512_and_si512(_mm512_loadu_si512(x), abs_mask),
				_mm512_and_si512(_mm512_loadu_si512(x + 16), abs_mask));
}

INLINE uint32_t largest_bits(const float *x)
{
	return (uint32_t)_mm512_reduce_max_epi32(larger_half(x));
}

INLINE void round_block(int8_t *q, int32_t *sum, const float *x, float a, size_t tile)
{
	const __m512 by = _mm512_set1_ps(a);
	const __m512i v = _mm512_cvtps_epi32(_mm512_mul_ps(_mm512_loadu_ps(x), by)),
		      z = _mm512_cvtps_epi32(_mm512_mul_ps(_mm512_loadu_ps(x + 16), by));
	const __m256i all = _mm256_set_m128i(_mm512_cvtepi32_epi8(z), _mm512_cvtepi32_epi8(v));
	__m256i four;	/* sums of so many */

	_mm256_storeu_si256((__m256i *)(void *)q, all);
	four = _mm256_dpbusd_epi32(_mm256_setzero_si256(), _mm256_set1_epi8(1), all);
	four = _mm256_add_epi32(four, _mm256_shuffle_epi32(four, 0x4e));
	four = _mm256_add_epi32(four, _mm256_shuffle_epi32(four, 0xb1));
	sum[tile] = -_mm_cvtsi128_si32(_mm256_castsi256_si128(four));
	sum[2 * tile] = -_mm_cvtsi128_si32(_mm256_extracti128_si256(four, 1));
}

#define QUANTIZE_LEAVE
/* Whole registers are stored: they are loaded again at once. */
INLINE void leave(float *rest, const int8_t *q, float s, const float *x)
{
	UNROLL
	for (int i = 0; i < 32; i += 16)
		_mm512_storeu_ps(rest + i, _mm512_fnmadd_ps(
			_mm512_cvtepi32_ps(_mm512_cvtepi8_epi32(
				_mm_loadu_si128((const __m128i *)(const void *)(q + i)))),
			_mm512_set1_ps(s), _mm512_loadu_ps(x + i)));
}

#include "kern/quantize_template.h"

/* ---- a whole tile of tokens --------------------------------------------------- */

/*
 * Of each 128 bits of n registers OP of the four numbers: in 128 bits of n / 4 registers,
 * in the registers' order.
 */
#define ACROSS(OP, v, n) do { \
	UNROLL \
	for (int i = 0; i < (n) / 2; i++) \
		(v)[i] = OP(_mm512_unpacklo_epi32((v)[2 * i], (v)[2 * i + 1]), \
			    _mm512_unpackhi_epi32((v)[2 * i], (v)[2 * i + 1])); \
	UNROLL \
	for (int i = 0; i < (n) / 4; i++) \
		(v)[i] = OP(_mm512_unpacklo_epi64((v)[2 * i], (v)[2 * i + 1]), \
			    _mm512_unpackhi_epi64((v)[2 * i], (v)[2 * i + 1])); \
} while (0)

/* 128 bits 0 and 2 of v, then of w; 1 and 3. */
#define EVEN(v, w) _mm512_shuffle_i32x4(v, w, 0x88)
#define ODD(v, w) _mm512_shuffle_i32x4(v, w, 0xdd)

/* most [n_tok] = the largest magnitudes of the tokens' blocks at x[t] + at. */
INLINE void largest_of(const int n_tok, float *most, const float *const *x, size_t at)
{
	__m512i v[SYC_Q_WIDE];
	__m256i half;

	UNROLL
	for (int t = 0; t < n_tok; t++)
		v[t] = larger_half(x[t] + at);
	ACROSS(_mm512_max_epi32, v, n_tok);
	if (n_tok == SYC_Q_WIDE) {
		UNROLL
		for (int i = 0; i < 2; i++)
			v[i] = _mm512_max_epi32(EVEN(v[2 * i], v[2 * i + 1]),
						ODD(v[2 * i], v[2 * i + 1]));
		_mm512_storeu_si512(most, _mm512_max_epi32(EVEN(v[0], v[1]), ODD(v[0], v[1])));
		return;
	}
	half = _mm256_max_epi32(_mm512_castsi512_si256(v[0]), _mm512_extracti64x4_epi64(v[0], 1));
	_mm_storeu_si128((__m128i *)(void *)most,
			 _mm_max_epi32(_mm256_castsi256_si128(half),
				       _mm256_extracti128_si256(half, 1)));
}

/* Two tokens' blocks times a[0] and a[1], to nearest even. */
INLINE __m512i round_two(const float *x, const float *z, const float *a)
{
	const __m512i order = _mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
	__m512i v[4];

	UNROLL
	for (int i = 0; i < 4; i++)
		v[i] = _mm512_cvtps_epi32(_mm512_mul_ps(
			_mm512_loadu_ps((i < 2 ? x : z) + i % 2 * 16), _mm512_set1_ps(a[i / 2])));
	return _mm512_permutexvar_epi32(order, _mm512_packs_epi16(
		_mm512_packs_epi32(v[0], v[1]), _mm512_packs_epi32(v[2], v[3])));
}

/* quantize_pass() of 16 tokens' blocks that begin at x + at; q, s and sum are the block's. */
INLINE void quantize_16(int8_t *q, float *s, int32_t *sum, const float *const *x,
			size_t at, const float *largest)
{
	const __m512i tokens = _mm512_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7, 8, 12, 9, 13, 10, 14, 11, 15),
		      zero = _mm512_setzero_si512();
	const __m512 max = _mm512_loadu_ps(largest), most = _mm512_set1_ps(127.0f),
		     scale = _mm512_div_ps(max, most);
	_Alignas(64) float a[SYC_Q_WIDE];
	__m512i v[SYC_Q_WIDE / 2], first, other, both;

	_mm512_store_ps(a, _mm512_div_ps(most, max));
	UNROLL
	for (int i = 0; i < SYC_Q_WIDE / 2; i++) {
		v[i] = round_two(x[2 * i] + at, x[2 * i + 1] + at, a + 2 * i);
		_mm512_storeu_si512(q + 2 * i * SYC_Q_BLOCK, v[i]);
		v[i] = _mm512_dpbusd_epi32(zero, _mm512_set1_epi8(1), v[i]);
	}
	ACROSS(_mm512_add_epi32, v, 8);
	first = _mm512_sub_epi32(zero, _mm512_permutexvar_epi32(tokens, EVEN(v[0], v[1])));
	other = _mm512_sub_epi32(zero, _mm512_permutexvar_epi32(tokens, ODD(v[0], v[1])));
	both = _mm512_add_epi32(first, other);
	_mm512_storeu_si512(sum, both);
	_mm512_storeu_si512(sum + SYC_Q_WIDE, first);
	_mm512_storeu_si512(sum + 2 * SYC_Q_WIDE, other);
	_mm512_storeu_ps(s, scale);
	_mm512_storeu_ps(s + SYC_Q_WIDE, _mm512_mul_ps(scale, _mm512_cvtepi32_ps(both)));
}

/* The same of 4 tokens. */
INLINE void quantize_4(int8_t *q, float *s, int32_t *sum, const float *const *x, size_t at,
		       const float *largest)
{
	/* The first halves of tokens 0 to 3, then the other halves. */
	const __m512i order = _mm512_setr_epi32(0, 8, 1, 9, 4, 12, 5, 13, 0, 8, 1, 9, 4, 12, 5, 13);
	const __m512i zero = _mm512_setzero_si512(), one = _mm512_set1_epi8(1);
	const __m128 max = _mm_loadu_ps(largest), most = _mm_set1_ps(127.0f),
		     scale = _mm_div_ps(max, most);
	_Alignas(16) float a[SYC_Q_TOKENS];
	__m512i v[SYC_Q_TOKENS / 2], four;
	__m128i both;
	__m256i halves;

	_mm_store_ps(a, _mm_div_ps(most, max));
	UNROLL
	for (int i = 0; i < SYC_Q_TOKENS / 2; i++) {
		v[i] = round_two(x[2 * i] + at, x[2 * i + 1] + at, a + 2 * i);
		_mm512_storeu_si512(q + 2 * i * SYC_Q_BLOCK, v[i]);
		v[i] = _mm512_dpbusd_epi32(zero, one, v[i]);
	}
	four = _mm512_add_epi32(_mm512_unpacklo_epi32(v[0], v[1]),
				_mm512_unpackhi_epi32(v[0], v[1]));
	four = _mm512_add_epi32(four, _mm512_shuffle_epi32(four, 0x4e));
	halves = _mm256_sub_epi32(_mm256_setzero_si256(), _mm512_castsi512_si256(
		_mm512_permutexvar_epi32(order, four)));
	both = _mm_add_epi32(_mm256_castsi256_si128(halves), _mm256_extracti128_si256(halves, 1));
	_mm_storeu_si128((__m128i *)(void *)sum, both);
	_mm256_storeu_si256((__m256i *)(void *)(sum + SYC_Q_TOKENS), halves);
	_mm_storeu_ps(s, scale);
	_mm_storeu_ps(s + SYC_Q_TOKENS, _mm_mul_ps(scale, _mm_cvtepi32_ps(both)));
}

/* Of n numbers, 4 or 16, which are within these, as one bit each. */
INLINE unsigned within(const int n, const float *x, float low, float high)
{
	if (n == SYC_Q_WIDE) {
		const __m512 v = _mm512_loadu_ps(x);

		return _mm512_cmp_ps_mask(v, _mm512_set1_ps(low), _CMP_GE_OQ) &
		       _mm512_cmp_ps_mask(v, _mm512_set1_ps(high), _CMP_LE_OQ);
	} else {
		const __m128 v = _mm_loadu_ps(x);

		return _mm_cmp_ps_mask(v, _mm_set1_ps(low), _CMP_GE_OQ) &
		       _mm_cmp_ps_mask(v, _mm_set1_ps(high), _CMP_LE_OQ);
	}
}

INLINE unsigned squares_above(const int n, const float *x, const float *limit)
{
	if (n == SYC_Q_WIDE) {
		const __m512 v = _mm512_loadu_ps(x);

		return _mm512_cmp_ps_mask(_mm512_mul_ps(v, v), _mm512_loadu_ps(limit), _CMP_GT_OQ);
	} else {
		const __m128 v = _mm_loadu_ps(x);

		return _mm_cmp_ps_mask(_mm_mul_ps(v, v), _mm_loadu_ps(limit), _CMP_GT_OQ);
	}
}

INLINE void add_squares(const int n, float *sum, const float *x)
{
	if (n == SYC_Q_WIDE) {
		const __m512 v = _mm512_loadu_ps(x);

		_mm512_storeu_ps(sum, _mm512_add_ps(_mm512_loadu_ps(sum), _mm512_mul_ps(v, v)));
	} else {
		const __m128 v = _mm_loadu_ps(x);

		_mm_storeu_ps(sum, _mm_add_ps(_mm_loadu_ps(sum), _mm_mul_ps(v, v)));
	}
}

/* quantize() of W tokens together; absent ones are as the first one. */
INLINE void quantize_tile(const int W, int8_t *q, float *s, int32_t *sum, uint32_t *list,
			  const float *x, size_t ldx, size_t n, float second, size_t n_tok)
{
	const size_t nb = n / SYC_Q_BLOCK, tile = (size_t)W;
	const float *most = s, *row[SYC_Q_WIDE];
	float limit[SYC_Q_WIDE] = { 0 };
	uint32_t pass = 0;

	for (size_t t = 0; t < tile; t++)
		row[t] = x + (t < n_tok ? t * ldx : 0);
	for (size_t b = 0; b < nb; b++) {
		largest_of(W, s + 4 * b * tile, row, b * SYC_Q_BLOCK);
		add_squares(W, limit, s + 4 * b * tile);
	}
	for (size_t t = 0; t < tile; t++)
		limit[t] = second * (limit[t] / (float)nb);
	for (size_t b = 0; b < nb; b++, most += 4 * tile) {
		/* Whether quantize_pass() rounds the block of each token. */
		const bool usual = within(W, most, SYC_Q_TINY, FLT_MAX) == (1u << W) - 1;
		const size_t at = b * SYC_Q_BLOCK;
		unsigned rest = squares_above(W, most, limit);
		const uint32_t n_passes = rest ? 2 : 1;

		if (!usual)
			for (size_t t = 0; t < tile; t++)
				quantize_pass(q + t * SYC_Q_BLOCK, s + t, sum + t, row[t] + at,
					      most[t], tile);
		else if (W == SYC_Q_WIDE)
			quantize_16(q, s, sum, row, at, most);
		else
			quantize_4(q, s, sum, row, at, most);
		memset(s + 2 * tile, 0, 2 * tile * sizeof(*s));
		for (; rest; rest &= rest - 1) {
			const size_t t = (size_t)__builtin_ctz(rest);

			quantize_rest(q + t * SYC_Q_BLOCK, s + t, sum + t, row[t] + at, tile);
		}
		for (uint32_t i = 0; i < n_passes; i++)
			list[1 + pass++] = (uint32_t)b;
		q += n_passes * tile * SYC_Q_BLOCK;
		s += n_passes * 2 * tile;
		sum += n_passes * 3 * tile;
	}
	list[0] = pass;
}

static void quantize_any(int8_t *q, float *s, int32_t *sum, uint32_t *list, const float *x,
			 size_t ldx, size_t n, float second, size_t tile, size_t n_tok)
{
	if (tile == SYC_Q_WIDE)
		quantize_tile(SYC_Q_WIDE, q, s, sum, list, x, ldx, n, second, n_tok);
	else if (n_tok == SYC_Q_TOKENS)
		quantize_tile(SYC_Q_TOKENS, q, s, sum, list, x, ldx, n, second, n_tok);
	else
		quantize(q, s, sum, list, x, ldx, n, second, tile, n_tok);
}

/* ---- weights ----------------------------------------------------------------- */

static int quantize_w(int8_t *q, uint16_t *scale, const float *x, size_t nb)
{
	const __m512i least = _mm512_set1_epi32(-127);

	for (size_t b = 0; b < nb; b++, q += SYC_Q_BLOCK, x += SYC_Q_BLOCK) {
		__m512i v = _mm512_loadu_si512(x), z = _mm512_loadu_si512(x + 16);
		const uint32_t bits = largest_bits(x);
		__mmask16 some;
		__m512 s;
		float max;

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

void syc_quantize_init_avx512(struct syc_kern *k)
{
	k->quantize = quantize_any;
	k->quantize_w = quantize_w;
}
