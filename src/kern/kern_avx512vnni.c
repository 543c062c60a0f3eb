/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <immintrin.h>
#include <math.h>
#include <string.h>
#include "kern/kern_impl.h"

enum {
	TILE = SYC_Q_TOKENS,
	MAX_GROUPS = 3,		/* 48 rows: each broadcast feeds three products */
	STEPS = SYC_Q_BLOCK / 4,
	QUANTS = SYC_Q_ROWS * SYC_Q_BLOCK,
};

#define INLINE static inline __attribute__((always_inline))

/*
 * Two blocks together, so that loads stay 64-byte aligned: the quants of both,
 * then the scales of both.  An odd last block stands alone.
 */
INLINE const uint8_t *quants(const uint8_t *w, size_t b)
{
	return w + b / 2 * 2 * SYC_Q_PACKED + b % 2 * QUANTS;
}

INLINE const uint8_t *scales(const uint8_t *w, size_t b, size_t nb)
{
	return w + b / 2 * 2 * SYC_Q_PACKED + ((b | 1) < nb ? 2 * QUANTS : QUANTS) + b % 2 * 2 * SYC_Q_ROWS;
}

/* Four neighbouring values of 16 rows, then the next four; the top bit
 * flipped: dpbusd multiplies unsigned by signed. */
static void pack_q8(uint8_t *w, const int8_t *q, const uint16_t *scale, size_t nb)
{
	for (size_t b = 0; b < nb; b++) {
		uint8_t *to = (uint8_t *)quants(w, b), *s = (uint8_t *)scales(w, b, nb);

		for (size_t r = 0; r < SYC_Q_ROWS; r++) {
			const int8_t *row = q + (r * nb + b) * SYC_Q_BLOCK;

			for (size_t i = 0; i < SYC_Q_BLOCK; i++)
				to[i / 4 * 4 * SYC_Q_ROWS + 4 * r + i % 4] = (uint8_t)row[i] ^ 0x80;
			memcpy(s + 2 * r, &scale[r * nb + b], 2);
		}
	}
}

/* One block: the sums start at -128 x the block's sum, which takes the bias
 * of the flipped bit back out. */
INLINE void block(const int G, const int T, __m512 f[][TILE], const uint8_t *w, size_t stride,
		  size_t b, size_t nb, const int8_t *a, const float *as, const int32_t *asum)
{
	__m512i c[MAX_GROUPS][TILE];

	UNROLL
	for (int t = 0; t < T; t++)
		UNROLL
		for (int g = 0; g < G; g++)
			c[g][t] = _mm512_set1_epi32(asum[b * TILE + (size_t)t]);
	UNROLL
	for (int k = 0; k < STEPS; k++) {
		__m512i x[MAX_GROUPS];

		UNROLL
		for (int g = 0; g < G; g++)
			x[g] = _mm512_loadu_si512(quants(w + (size_t)g * stride, b) + 64 * k);
		UNROLL
		for (int t = 0; t < T; t++) {
			int32_t four;
			__m512i y;

			memcpy(&four, a + (b * TILE + (size_t)t) * SYC_Q_BLOCK + 4 * k, sizeof(four));
			y = _mm512_set1_epi32(four);
			UNROLL
			for (int g = 0; g < G; g++)
				c[g][t] = _mm512_dpbusd_epi32(c[g][t], x[g], y);
		}
	}
	UNROLL
	for (int g = 0; g < G; g++) {
		__m512 s = _mm512_cvtph_ps(_mm256_loadu_si256((const __m256i *)scales(w + (size_t)g * stride, b, nb)));

		UNROLL
		for (int t = 0; t < T; t++)
			f[g][t] = _mm512_fmadd_ps(_mm512_cvtepi32_ps(c[g][t]),
						  _mm512_mul_ps(s, _mm512_set1_ps(as[b * TILE + (size_t)t])), f[g][t]);
	}
}

INLINE void tile(const int G, const int T, float *out, size_t ldo, const uint8_t *w, size_t stride,
		 const int8_t *a, const float *as, const int32_t *asum, size_t nb)
{
	__m512 f[MAX_GROUPS][TILE];

	UNROLL
	for (int g = 0; g < G; g++)
		UNROLL
		for (int t = 0; t < T; t++)
			f[g][t] = _mm512_setzero_ps();
	for (size_t b = 0; b < nb; b++)
		block(G, T, f, w, stride, b, nb, a, as, asum);
	UNROLL
	for (int t = 0; t < T; t++)
		UNROLL
		for (int g = 0; g < G; g++)
			_mm512_storeu_ps(out + (size_t)t * ldo + g * SYC_Q_ROWS, f[g][t]);
}

INLINE void groups(const int G, float *out, size_t ldo, const uint8_t *w, const int8_t *a,
		   const float *as, const int32_t *asum, size_t nb, size_t n_tok)
{
	const size_t step = nb * TILE, stride = nb * SYC_Q_PACKED;

	for (; n_tok >= TILE; n_tok -= TILE) {
		tile(G, TILE, out, ldo, w, stride, a, as, asum, nb);
		out += TILE * ldo;
		a += step * SYC_Q_BLOCK;
		as += step;
		asum += step;
	}
	if (n_tok == 3)
		tile(G, 3, out, ldo, w, stride, a, as, asum, nb);
	else if (n_tok == 2)
		tile(G, 2, out, ldo, w, stride, a, as, asum, nb);
	else if (n_tok == 1)
		tile(G, 1, out, ldo, w, stride, a, as, asum, nb);
}

static void mul_q8(float *out, size_t ldo, const uint8_t *w, size_t n_groups, const int8_t *a,
		   const float *as, const int32_t *asum, size_t nb, size_t n_tok)
{
	for (; n_groups >= 3; n_groups -= 3) {
		groups(3, out, ldo, w, a, as, asum, nb, n_tok);
		out += 3 * SYC_Q_ROWS;
		w += 3 * nb * SYC_Q_PACKED;
	}
	if (n_groups == 2)
		groups(2, out, ldo, w, a, as, asum, nb, n_tok);
	else if (n_groups == 1)
		groups(1, out, ldo, w, a, as, asum, nb, n_tok);
}

void syc_kern_init_avx512vnni(struct syc_kern *k)
{
	k->name    = "avx512vnni";
	k->pack_q8 = pack_q8;
	k->mul_q8  = mul_q8;
}
