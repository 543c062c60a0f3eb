/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <immintrin.h>
#include <float.h>
#include <math.h>
#include <string.h>
#include "kern/kern_impl.h"

/* The largest of 32 values, as its bits without the sign; v gets them all. */
INLINE uint32_t load_block(__m256i v[4], const float *x)
{
	__m256i top = _mm256_setzero_si256();
	__m128i t;

	UNROLL
	for (int i = 0; i < 4; i++) {
		v[i] = _mm256_loadu_si256((const __m256i *)(x + 8 * i));
		top = _mm256_max_epi32(top, _mm256_and_si256(v[i], _mm256_set1_epi32(0x7fffffff)));
	}
	t = _mm_max_epi32(_mm256_castsi256_si128(top), _mm256_extracti128_si256(top, 1));
	t = _mm_max_epi32(t, _mm_shuffle_epi32(t, 0x4e));
	t = _mm_max_epi32(t, _mm_shuffle_epi32(t, 0xb1));
	return (uint32_t)_mm_cvtsi128_si32(t);
}

INLINE void store_block(int8_t *q, const __m256i v[4])
{
	__m256i b = _mm256_packs_epi16(_mm256_packs_epi32(v[0], v[1]),
				       _mm256_packs_epi32(v[2], v[3]));

	/* The packs work within halves: put the groups of four back in order. */
	b = _mm256_permutevar8x32_epi32(b, _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7));
	_mm256_storeu_si256((__m256i *)q, b);
}

/* Minus the sum of each half's 16 numbers. */
INLINE void sum_block(int32_t *sum, const __m256i v[4], size_t tile)
{
	__m256i a = _mm256_add_epi32(v[0], v[1]), b = _mm256_add_epi32(v[2], v[3]);
	/* a's and b's halves added up, in turns */
	__m256i h = _mm256_hadd_epi32(a, b);
	__m128i t = _mm_add_epi32(_mm256_castsi256_si128(h), _mm256_extracti128_si256(h, 1));

	t = _mm_hadd_epi32(t, t);
	sum[tile] = -_mm_cvtsi128_si32(t);
	sum[2 * tile] = -_mm_extract_epi32(t, 1);
}

INLINE uint32_t largest_bits(const float *x)
{
	__m256i v[4];

	return load_block(v, x);
}

INLINE void round_block(int8_t *q, int32_t *sum, const float *x, float a, size_t tile)
{
	__m256i v[4];

	UNROLL
	for (int i = 0; i < 4; i++)
		v[i] = _mm256_cvtps_epi32(_mm256_mul_ps(_mm256_loadu_ps(x + 8 * i),
							_mm256_set1_ps(a)));
	sum_block(sum, v, tile);
	store_block(q, v);
}

#include "kern/quantize_template.h"

static int quantize_w(int8_t *q, uint16_t *scale, const float *x, size_t nb)
{
	for (size_t b = 0; b < nb; b++, q += SYC_Q_BLOCK, x += SYC_Q_BLOCK) {
		__m256i v[4];
		uint32_t bits = load_block(v, x);
		float max;

		memcpy(&max, &bits, sizeof(max));
		if (bits >= 0x7f800000)
			return SYC_ROW_NAN;
		scale[b] = _cvtss_sh(max / 127.0f, _MM_FROUND_TO_NEAREST_INT);
		if (scale[b] >= 0x7c00)
			return SYC_ROW_RANGE;
		UNROLL
		for (int i = 0; i < 4; i++) {
			__m256 y = _mm256_div_ps(_mm256_castsi256_ps(v[i]),
						 _mm256_set1_ps(_cvtsh_ss(scale[b])));

			/* The pack holds it within -128 to 127; a scale of 0 gives 0. */
			v[i] = _mm256_max_epi32(_mm256_cvtps_epi32(y), _mm256_set1_epi32(-127));
			v[i] = _mm256_and_si256(v[i], _mm256_set1_epi32(scale[b] ? -1 : 0));
		}
		store_block(q, v);
	}
	return SYC_ROW_GOOD;
}

/* Lanes 0-7 and 8-15 of a sum. */
struct lanes {
	__m256 lo, hi;
};

/* Add the last n < 16 products, then the lanes in the order of kern.h. */
INLINE float finish(struct lanes s, const float *a, const float *b, size_t n)
{
	float lane[16];
	__m256 v;
	__m128 x;

	if (n) {
		_mm256_storeu_ps(lane, s.lo);
		_mm256_storeu_ps(lane + 8, s.hi);
		for (size_t i = 0; i < n; i++)
			lane[i] = fmaf(a[i], b[i], lane[i]);
		s.lo = _mm256_loadu_ps(lane);
		s.hi = _mm256_loadu_ps(lane + 8);
	}
	v = _mm256_add_ps(s.lo, s.hi);
	x = _mm_add_ps(_mm256_castps256_ps128(v), _mm256_extractf128_ps(v, 1));
	x = _mm_add_ps(x, _mm_movehl_ps(x, x));
	x = _mm_add_ss(x, _mm_movehdup_ps(x));
	return _mm_cvtss_f32(x);
}

static float dot(const float *a, const float *b, size_t n)
{
	struct lanes s = { _mm256_setzero_ps(), _mm256_setzero_ps() };
	size_t i = 0;

	for (; i + 16 <= n; i += 16) {
		s.lo = _mm256_fmadd_ps(_mm256_loadu_ps(a + i), _mm256_loadu_ps(b + i), s.lo);
		s.hi = _mm256_fmadd_ps(_mm256_loadu_ps(a + i + 8), _mm256_loadu_ps(b + i + 8),
				       s.hi);
	}
	return finish(s, a + i, b + i, n - i);
}

INLINE __m256 load_f16(const uint16_t *p)
{
	return _mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)p));
}

/* The same for the last n < 8 values; the rest is zero. */
static __m256 load_f16_part(const uint16_t *p, size_t n)
{
	uint16_t h[8] = { 0 };

	memcpy(h, p, n * sizeof(*h));
	return load_f16(h);
}

/* The first n floats of p; the other lanes are zero and are not read. */
INLINE __m256 load_part(const float *p, size_t n)
{
	float v[8] = { 0 };

	memcpy(v, p, n * sizeof(*v));
	return _mm256_loadu_ps(v);
}

INLINE void store_part(float *p, __m256 x, size_t n)
{
	float v[8];

	_mm256_storeu_ps(v, x);
	memcpy(p, v, n * sizeof(*v));
}

INLINE __m256 exp8(__m256 x)
{
	__m256 n, r, p;

	/* max and min return their second operand when one is NaN. */
	x = _mm256_max_ps(_mm256_set1_ps(SYC_EXP_LO), x);
	x = _mm256_min_ps(_mm256_set1_ps(SYC_EXP_HI), x);
	n = _mm256_round_ps(_mm256_mul_ps(x, _mm256_set1_ps(SYC_LOG2E)),
			    _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
	r = _mm256_fmadd_ps(n, _mm256_set1_ps(-SYC_LN2_HI), x);
	r = _mm256_fmadd_ps(n, _mm256_set1_ps(-SYC_LN2_LO), r);
	p = _mm256_fmadd_ps(_mm256_set1_ps(SYC_EXP_P0), r, _mm256_set1_ps(SYC_EXP_P1));
	p = _mm256_fmadd_ps(p, r, _mm256_set1_ps(SYC_EXP_P2));
	p = _mm256_fmadd_ps(p, r, _mm256_set1_ps(SYC_EXP_P3));
	p = _mm256_fmadd_ps(p, r, _mm256_set1_ps(SYC_EXP_P4));
	p = _mm256_fmadd_ps(p, r, _mm256_set1_ps(SYC_EXP_P5));
	p = _mm256_add_ps(_mm256_fmadd_ps(p, _mm256_mul_ps(r, r), r), _mm256_set1_ps(1.0f));
	return _mm256_mul_ps(p, _mm256_castsi256_ps(_mm256_slli_epi32(
		_mm256_add_epi32(_mm256_cvtps_epi32(n), _mm256_set1_epi32(127)), 23)));
}

static void rmsnorm(float *y, const float *x, const float *w, size_t n, float eps)
{
	float inv = 1.0f / sqrtf(dot(x, x, n) / (float)n + eps);
	__m256 v = _mm256_set1_ps(inv);
	size_t i = 0;

	for (; i + 8 <= n; i += 8)
		_mm256_storeu_ps(y + i, _mm256_mul_ps(_mm256_mul_ps(_mm256_loadu_ps(x + i), v),
						      _mm256_loadu_ps(w + i)));
	for (; i < n; i++)
		y[i] = x[i] * inv * w[i];
}

INLINE __m256 rotate4(__m256 x, __m256 cs)
{
	__m256 swapped = _mm256_permute_ps(x, 0xb1);

	return _mm256_fmaddsub_ps(x, _mm256_moveldup_ps(cs),
				  _mm256_mul_ps(swapped, _mm256_movehdup_ps(cs)));
}

static void rope(float *x, const float *cs, size_t n)
{
	size_t i = 0, left;

	for (; i + 8 <= 2 * n; i += 8)
		_mm256_storeu_ps(x + i, rotate4(_mm256_loadu_ps(x + i), _mm256_loadu_ps(cs + i)));
	left = 2 * n - i;
	if (left)
		store_part(x + i, rotate4(load_part(x + i, left), load_part(cs + i, left)), left);
}

INLINE __m256 silu8(__m256 h, __m256 g)
{
	__m256 e = exp8(_mm256_xor_ps(g, _mm256_set1_ps(-0.0f)));

	return _mm256_mul_ps(h, _mm256_div_ps(g, _mm256_add_ps(_mm256_set1_ps(1.0f), e)));
}

static void silu_mul(float *h, const float *g, size_t n)
{
	size_t i = 0;

	for (; i + 8 <= n; i += 8)
		_mm256_storeu_ps(h + i, silu8(_mm256_loadu_ps(h + i), _mm256_loadu_ps(g + i)));
	if (i < n)
		store_part(h + i, silu8(load_part(h + i, n - i), load_part(g + i, n - i)), n - i);
}

static void add(float *y, const float *x, size_t n)
{
	size_t i = 0;

	for (; i + 8 <= n; i += 8)
		_mm256_storeu_ps(y + i, _mm256_add_ps(_mm256_loadu_ps(y + i),
						      _mm256_loadu_ps(x + i)));
	for (; i < n; i++)
		y[i] += x[i];
}

static void axpy(float *y, float a, const float *x, size_t n)
{
	__m256 v = _mm256_set1_ps(a);
	size_t i = 0;

	for (; i + 8 <= n; i += 8)
		_mm256_storeu_ps(y + i, _mm256_fmadd_ps(v, _mm256_loadu_ps(x + i),
							_mm256_loadu_ps(y + i)));
	for (; i < n; i++)
		y[i] = fmaf(a, x[i], y[i]);
}

static float max(const float *x, size_t n)
{
	__m256 v = _mm256_set1_ps(-INFINITY);
	float lane[8], m;
	size_t i = 0;

	for (; i + 8 <= n; i += 8)
		v = _mm256_max_ps(_mm256_loadu_ps(x + i), v);
	_mm256_storeu_ps(lane, v);
	m = lane[0];
	for (int j = 1; j < 8; j++)
		m = lane[j] > m ? lane[j] : m;
	for (; i < n; i++)
		m = x[i] > m ? x[i] : m;
	return m;
}

static float exp_sum(float *y, const float *x, float m, size_t n)
{
	static const float one[16] = { 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1 };
	struct lanes s = { _mm256_setzero_ps(), _mm256_setzero_ps() };
	__m256 v = _mm256_set1_ps(m), e;
	size_t i = 0, from;

	for (; i + 16 <= n; i += 16) {
		e = exp8(_mm256_sub_ps(_mm256_loadu_ps(x + i), v));
		s.lo = _mm256_add_ps(s.lo, e);
		_mm256_storeu_ps(y + i, e);
		e = exp8(_mm256_sub_ps(_mm256_loadu_ps(x + i + 8), v));
		s.hi = _mm256_add_ps(s.hi, e);
		_mm256_storeu_ps(y + i + 8, e);
	}
	for (from = i; i < n; i += 8) {
		size_t left = n - i < 8 ? n - i : 8;

		store_part(y + i, exp8(_mm256_sub_ps(load_part(x + i, left), v)), left);
	}
	return finish(s, y + from, one, n - from);	/* y * 1 + s is y + s */
}

static void scale(float *y, float a, size_t n)
{
	__m256 v = _mm256_set1_ps(a);
	size_t i = 0;

	for (; i + 8 <= n; i += 8)
		_mm256_storeu_ps(y + i, _mm256_mul_ps(_mm256_loadu_ps(y + i), v));
	for (; i < n; i++)
		y[i] *= a;
}

static void to_f16(uint16_t *y, const float *x, size_t n)
{
	__m128i h;
	size_t i = 0;

	for (; i + 8 <= n; i += 8)
		_mm_storeu_si128((__m128i *)(y + i),
				 _mm256_cvtps_ph(_mm256_loadu_ps(x + i),
						 _MM_FROUND_TO_NEAREST_INT));
	if (i < n) {
		h = _mm256_cvtps_ph(load_part(x + i, n - i), _MM_FROUND_TO_NEAREST_INT);
		memcpy(y + i, &h, (n - i) * sizeof(*y));
	}
}

static void from_f16(float *y, const uint16_t *x, size_t n)
{
	size_t i = 0;

	for (; i + 8 <= n; i += 8)
		_mm256_storeu_ps(y + i, load_f16(x + i));
	if (i < n)
		store_part(y + i, load_f16_part(x + i, n - i), n - i);
}

void syc_kern_init_avx2(struct syc_kern *k)
{
	k->name = "avx2";
	k->quantize = quantize;
	k->quantize_w = quantize_w;
	k->rmsnorm = rmsnorm;
	k->rope = rope;
	k->silu_mul = silu_mul;
	k->add = add;
	k->axpy = axpy;
	k->dot = dot;
	k->max = max;
	k->exp_sum = exp_sum;
	k->scale = scale;
	k->to_f16 = to_f16;
	k->from_f16 = from_f16;
	syc_mul_init_avx2(k);
	syc_attn_init_avx2(k);
}
