/* SPDX-License-Identifier: MIT */
/* The VNNI instructions for 256-bit registers, on processors without AVX-512. */
#include "config.h"
#include <immintrin.h>
#include <string.h>
#include "kern/kern_impl.h"

enum {
	TILE = SYC_Q_TOKENS,
	HALF_ROWS = 8,
	STEPS = SYC_Q_BLOCK / 4,
	QUANTS = SYC_Q_ROWS * SYC_Q_BLOCK,
};

#define INLINE static inline __attribute__((always_inline))

/*
 * Per block: for each four neighboring values, 16 rows x 4 bytes; then 16
 * scales.  The top bit is flipped: dpbusd multiplies unsigned by signed.
 */
static void pack_q8(uint8_t *w, const int8_t *q, const uint16_t *scale, size_t nb)
{
	for (size_t b = 0; b < nb; b++, w += SYC_Q_PACKED) {
		for (size_t r = 0; r < SYC_Q_ROWS; r++) {
			const int8_t *row = q + (r * nb + b) * SYC_Q_BLOCK;

			for (size_t i = 0; i < SYC_Q_BLOCK; i += 4) {
				uint32_t four;

				memcpy(&four, row + i, sizeof(four));
				four ^= 0x80808080;
				memcpy(w + i * SYC_Q_ROWS + 4 * r, &four, sizeof(four));
			}
			memcpy(w + QUANTS + 2 * r, &scale[r * nb + b], 2);
		}
	}
}

/* One block, 16 rows in two halves by T tokens: the sums start at -128 x the
 * block's sum, which takes the bias of the flipped bit back out. */
INLINE void block(const int T, __m256 f[][TILE], const uint8_t *w,
		  const int8_t *a, const float *as, const int32_t *asum)
{
	__m256i c[2][TILE];

	UNROLL
	for (int t = 0; t < T; t++)
		c[0][t] = c[1][t] = _mm256_set1_epi32(asum[t]);
	UNROLL
	for (int k = 0; k < STEPS; k++) {
		__m256i x = _mm256_load_si256((const __m256i *)w + 2 * k);
		__m256i z = _mm256_load_si256((const __m256i *)w + 2 * k + 1);

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
	UNROLL
	for (int h = 0; h < 2; h++) {
		__m256 s = _mm256_cvtph_ps(_mm_load_si128((const __m128i *)(w + QUANTS) + h));

		UNROLL
		for (int t = 0; t < T; t++)
			f[h][t] = _mm256_fmadd_ps(_mm256_cvtepi32_ps(c[h][t]),
						  _mm256_mul_ps(s, _mm256_set1_ps(as[t])), f[h][t]);
	}
}

INLINE void tile(const int T, float *out, size_t ldo, const uint8_t *w, const int8_t *a,
		 const float *as, const int32_t *asum, size_t nb)
{
	__m256 f[2][TILE];

	UNROLL
	for (int t = 0; t < T; t++)
		f[0][t] = f[1][t] = _mm256_setzero_ps();
	for (size_t b = 0; b < nb; b++)
		block(T, f, w + b * SYC_Q_PACKED, a + b * TILE * SYC_Q_BLOCK, as + b * TILE, asum + b * TILE);
	UNROLL
	for (int t = 0; t < T; t++) {
		_mm256_storeu_ps(out + (size_t)t * ldo, f[0][t]);
		_mm256_storeu_ps(out + (size_t)t * ldo + HALF_ROWS, f[1][t]);
	}
}

static void mul_group(float *out, size_t ldo, const uint8_t *w, const int8_t *a,
		      const float *as, const int32_t *asum, size_t nb, size_t n_tok)
{
	const size_t step = nb * TILE;

	for (; n_tok >= TILE; n_tok -= TILE) {
		tile(TILE, out, ldo, w, a, as, asum, nb);
		out += TILE * ldo;
		a += step * SYC_Q_BLOCK;
		as += step;
		asum += step;
	}
	if (n_tok == 3)
		tile(3, out, ldo, w, a, as, asum, nb);
	else if (n_tok == 2)
		tile(2, out, ldo, w, a, as, asum, nb);
	else if (n_tok == 1)
		tile(1, out, ldo, w, a, as, asum, nb);
}

static void mul_q8(float *out, size_t ldo, const uint8_t *w, size_t n_groups, const int8_t *a,
		   const float *as, const int32_t *asum, size_t nb, size_t n_tok)
{
	for (size_t g = 0; g < n_groups; g++)
		mul_group(out + g * SYC_Q_ROWS, ldo, w + g * nb * SYC_Q_PACKED, a, as, asum, nb, n_tok);
}

void syc_kern_init_avxvnni(struct syc_kern *k)
{
	k->name    = "avxvnni";
	k->pack_q8 = pack_q8;
	k->mul_q8  = mul_q8;
}
