/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <immintrin.h>
#include "kern/peak.h"

/* Chains that do not wait for each other: more than latency x throughput. */
enum { CHAINS = 12, BYTES = 32 };

static uint64_t fold(__m256i v)
{
	uint64_t x[4];

	_mm256_storeu_si256((__m256i *)x, v);
	return x[0] + x[1] + x[2] + x[3];
}

static uint64_t read_all(const void *p, size_t n)
{
	const __m256i *x = p;
	__m256i s[8];

#pragma GCC unroll 8
	for (int j = 0; j < 8; j++)
		s[j] = _mm256_setzero_si256();
	for (size_t i = 0; i < n / BYTES; i += 8)
#pragma GCC unroll 8
		for (int j = 0; j < 8; j++)
			s[j] = _mm256_xor_si256(s[j], _mm256_load_si256(x + i + j));
#pragma GCC unroll 8
	for (int j = 1; j < 8; j++)
		s[0] = _mm256_xor_si256(s[0], s[j]);
	return fold(s[0]);
}

/* 32 products by maddubs, madd and add. */
static uint64_t int8_loop(size_t n)
{
	const __m256i b = _mm256_set1_epi8(3), one = _mm256_set1_epi16(1);
	__m256i s[CHAINS], a = _mm256_set1_epi8(2);

#pragma GCC unroll 12
	for (int j = 0; j < CHAINS; j++)
		s[j] = _mm256_setzero_si256();
	for (size_t i = 0; i < n; i++)
#pragma GCC unroll 12
		for (int j = 0; j < CHAINS; j++) {
			__asm__ volatile("" : "+x"(a));
			s[j] = _mm256_add_epi32(s[j],
						_mm256_madd_epi16(_mm256_maddubs_epi16(a, b),
								  one));
		}
#pragma GCC unroll 12
	for (int j = 1; j < CHAINS; j++)
		s[0] = _mm256_add_epi32(s[0], s[j]);
	return fold(s[0]);
}

#define PEAK_LOOP fma_loop
#define PEAK_VEC __m256
#define PEAK_FIRST(j) _mm256_set1_ps((float)(j))
#define PEAK_STEP(s) \
	(s) = _mm256_fmadd_ps(s, _mm256_set1_ps(0.5f), _mm256_set1_ps(1.0f))
#define PEAK_KEEP(s) "+x"(s)
#define PEAK_ADD(a, b) _mm256_add_ps(a, b)
#define PEAK_FOLD(s) fold(_mm256_castps_si256(s))
#include "kern/peak_template.h"

void syc_peak_init_avx2(struct syc_peak *p)
{
	p->name     = "avx2";
	p->read     = read_all;
	p->int8     = int8_loop;
	p->fma      = fma_loop;
	p->int8_ops = CHAINS * BYTES * 2;
	p->fma_ops  = CHAINS * BYTES / 4 * 2;
}
