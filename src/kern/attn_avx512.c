/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <immintrin.h>
#include <stdbool.h>
#include "kern/kern_impl.h"

enum { W = 16, SCORED = 8, ROWS = 4, COLS = 4 };
_Static_assert(SYC_RUN == 2 * W, "two registers of keys");

/* Some of 16 numbers from p[i] on, float16 or float. */
INLINE __m512 load(const bool half, const void *p, size_t i, __mmask16 some)
{
	if (half)
		return _mm512_cvtph_ps(_mm256_maskz_loadu_epi16(some, (const uint16_t *)p + i));
	return _mm512_maskz_loadu_ps(some, (const float *)p + i);
}

/* Keys across the lanes: 32 of them in two registers per query. */
INLINE void score_rows(const bool half, const int R, float *s, size_t lds,
		       const float *const *q, const void *k, size_t hd)
{
	__m512 acc[SCORED][2];

	UNROLL for (int r = 0; r < R; r++)
		acc[r][0] = acc[r][1] = _mm512_setzero_ps();
	for (size_t d = 0; d < hd; d++) {
		__m512 x0 = load(half, k, d * SYC_RUN, 0xffff),
			x1 = load(half, k, d * SYC_RUN + W, 0xffff);

		UNROLL for (int r = 0; r < R; r++) {
			__m512 y = _mm512_set1_ps(q[r][d]);

			acc[r][0] = _mm512_fmadd_ps(y, x0, acc[r][0]);
			acc[r][1] = _mm512_fmadd_ps(y, x1, acc[r][1]);
		}
	}
	UNROLL for (int r = 0; r < R; r++) {
		_mm512_storeu_ps(s + (size_t)r * lds, acc[r][0]);
		_mm512_storeu_ps(s + (size_t)r * lds + W, acc[r][1]);
	}
}

INLINE void all_scores(const bool half, float *s, size_t lds, const float *const *q,
		       size_t n_rows, const void *k, size_t hd)
{
	size_t r = 0;

	for (; r + SCORED <= n_rows; r += SCORED)
		score_rows(half, SCORED, s + r * lds, lds, q + r, k, hd);
	for (; r + ROWS <= n_rows; r += ROWS)
		score_rows(half, ROWS, s + r * lds, lds, q + r, k, hd);
	LAST_ROWS(n_rows - r, score_rows(half, R, s + r * lds, lds, q + r, k, hd));
}

/* C x 16 columns of R outputs, from column `at`, the last masked. */
INLINE void mix_tile(const bool half, const int R, const int C, float *const *out, size_t at,
		     __mmask16 last, const float *p, size_t lds, const void *v, size_t n, size_t hd)
{
	__m512 acc[ROWS][COLS], x[COLS];

	UNROLL for (int r = 0; r < R; r++)
		UNROLL for (int c = 0; c < C; c++)
			acc[r][c] = _mm512_maskz_loadu_ps(c + 1 < C ? 0xffff : last,
							  out[r] + at + c * W);
	for (size_t j = 0; j < n; j++) {
		UNROLL for (int c = 0; c < C; c++)
			x[c] = load(half, v, j * hd + at + c * W, c + 1 < C ? 0xffff : last);
		UNROLL for (int r = 0; r < R; r++) {
			__m512 y = _mm512_set1_ps(p[(size_t)r * lds + j]);

			UNROLL for (int c = 0; c < C; c++)
				acc[r][c] = _mm512_fmadd_ps(y, x[c], acc[r][c]);
		}
	}
	UNROLL for (int r = 0; r < R; r++)
		UNROLL for (int c = 0; c < C; c++)
			_mm512_mask_storeu_ps(out[r] + at + c * W, c + 1 < C ? 0xffff : last,
					      acc[r][c]);
}

INLINE void mix_rows(const bool half, const int R, float *const *out, const float *p, size_t lds,
		     const void *v, size_t n, size_t hd)
{
	size_t at = 0;

	for (; at + COLS * W <= hd; at += COLS * W)
		mix_tile(half, R, COLS, out, at, 0xffff, p, lds, v, n, hd);
	for (; at < hd; at += W)
		mix_tile(half, R, 1, out, at,
			 hd - at < W ? (__mmask16)((1u << (hd - at)) - 1) : 0xffff,
			 p, lds, v, n, hd);
}

INLINE void all_mix(const bool half, float *const *out, const float *p, size_t lds,
		    size_t n_rows, const void *v, size_t n, size_t hd)
{
	size_t r = 0;

	for (; r + ROWS <= n_rows; r += ROWS)
		mix_rows(half, ROWS, out + r, p + r * lds, lds, v, n, hd);
	LAST_ROWS(n_rows - r, mix_rows(half, R, out + r, p + r * lds, lds, v, n, hd));
}

#define ATTN_INIT syc_attn_init_avx512
#include "kern/attn_template.h"
