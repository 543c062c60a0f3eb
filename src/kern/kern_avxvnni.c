/* SPDX-License-Identifier: MIT */
/* The VNNI instructions for 256-bit registers, on processors without AVX-512. */
#include "config.h"
#include <immintrin.h>
#include <string.h>
#include "kern/kern_impl.h"

enum { STEPS = SYC_Q_BLOCK / 4 };

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

/* The top bit is flipped: dpbusd multiplies unsigned by signed. */
#define MUL_VEC __m256
#define MUL_ROWS 8
#define MUL_ZERO _mm256_setzero_ps()
#define MUL_STORE(p, v, t) _mm256_storeu_ps(p, v)
#define MUL_WORD uint32_t
#define MUL_FLIP 0x80808080
#include "kern/mul_template.h"

void syc_kern_init_avxvnni(struct syc_kern *k)
{
	k->name    = "avxvnni";
	k->pack_q8 = pack_q8;
	k->mul_q8  = mul_q8;
}
