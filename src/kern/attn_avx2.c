/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <immintrin.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>
#include "kern/kern_impl.h"

enum { W = 8, PARTS = SYC_RUN / W, SCORE_ROWS = 2, MIX_ROWS = 4 };
_Static_assert(SYC_RUN % W == 0, "registers of keys");

/* 8 numbers from p[i] on, float16 or float; and one. */
INLINE __m256 load(const bool half, const void *p, size_t i)
{
	if (half)
		return _mm256_cvtph_ps(_mm_loadu_si128(
			(const __m128i *)(const void *)((const uint16_t *)p + i)));
	return _mm256_loadu_ps((const float *)p + i);
}

INLINE float one(const bool half, const void *p, size_t i)
{
	return half ? _cvtsh_ss(((const uint16_t *)p)[i]) : ((const float *)p)[i];
}

/* Keys across the lanes: 32 of them in four registers per query. */
INLINE void score_rows(const bool half, const int R, float *s, size_t lds,
		       const float *const *q, const void *k, size_t hd)
{
	__m256 acc[SCORE_ROWS][PARTS];

	UNROLL for (int r = 0; r < R; r++)
		UNROLL for (int i = 0; i < PARTS; i++)
			acc[r][i] = _mm256_setzero_ps();
	for (size_t d = 0; d < hd; d++) {
		UNROLL for (int i = 0; i < PARTS; i++) {
			__m256 x = load(half, k, d * SYC_RUN + i * W);

			UNROLL for (int r = 0; r < R; r++)
				acc[r][i] = _mm256_fmadd_ps(_mm256_set1_ps(q[r][d]), x, acc[r][i]);
		}
	}
	UNROLL for (int r = 0; r < R; r++)
		UNROLL for (int i = 0; i < PARTS; i++)
			_mm256_storeu_ps(s + (size_t)r * lds + i * W, acc[r][i]);
}

INLINE void all_scores(const bool half, float *s, size_t lds, const float *const *q,
		       size_t n_rows, const void *k, size_t hd)
{
	size_t r = 0;

	for (; r + SCORE_ROWS <= n_rows; r += SCORE_ROWS)
		score_rows(half, SCORE_ROWS, s + r * lds, lds, q + r, k, hd);
	if (r < n_rows)
		score_rows(half, 1, s + r * lds, lds, q + r, k, hd);
}

/* 16 columns of R outputs stay in registers over all values. */
INLINE void mix_rows(const bool half, const int R, float *const *out, size_t at, const float *p,
		     size_t lds, const void *v, size_t n, size_t hd)
{
	__m256 acc[MIX_ROWS][2];

	UNROLL for (int r = 0; r < R; r++)
		UNROLL for (int i = 0; i < 2; i++)
			acc[r][i] = _mm256_loadu_ps(out[r] + at + i * W);
	for (size_t j = 0; j < n; j++) {
		__m256 x0 = load(half, v, j * hd + at), x1 = load(half, v, j * hd + at + W);

		UNROLL for (int r = 0; r < R; r++) {
			__m256 y = _mm256_set1_ps(p[(size_t)r * lds + j]);

			acc[r][0] = _mm256_fmadd_ps(y, x0, acc[r][0]);
			acc[r][1] = _mm256_fmadd_ps(y, x1, acc[r][1]);
		}
	}
	UNROLL for (int r = 0; r < R; r++)
		UNROLL for (int i = 0; i < 2; i++)
			_mm256_storeu_ps(out[r] + at + i * W, acc[r][i]);
}

/* The last columns, fewer than 16, one by one. */
INLINE void mix_rest(const bool half, float *out, size_t at, const float *p, const void *v,
		     size_t n, size_t hd)
{
	for (size_t j = 0; j < n; j++)
		for (size_t d = at; d < hd; d++)
			out[d] = fmaf(p[j], one(half, v, j * hd + d), out[d]);
}

INLINE void all_mix(const bool half, float *const *out, const float *p, size_t lds,
		    size_t n_rows, const void *v, size_t n, size_t hd)
{
	size_t cols = hd / 16 * 16, r = 0;

	for (; r + MIX_ROWS <= n_rows; r += MIX_ROWS)
		for (size_t at = 0; at < cols; at += 16)
			mix_rows(half, MIX_ROWS, out + r, at, p + r * lds, lds, v, n, hd);
	for (size_t at = 0; at < cols; at += 16)
		LAST_ROWS(n_rows - r,
			  mix_rows(half, R, out + r, at, p + r * lds, lds, v, n, hd));
	for (r = 0; cols < hd && r < n_rows; r++)
		mix_rest(half, out[r], cols, p + r * lds, v, n, hd);
}

#define ATTN_INIT syc_attn_init_avx2
#include "kern/attn_template.h"
