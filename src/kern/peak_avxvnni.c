/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <immintrin.h>
#include "kern/peak.h"

enum { CHAINS = 12, BYTES = 32 };

static uint64_t int8_loop(size_t n)
{
	const __m256i a = _mm256_set1_epi8(2), b = _mm256_set1_epi8(3);
	__m256i s[CHAINS];
	uint64_t x[4];

#pragma GCC unroll 12
	for (int j = 0; j < CHAINS; j++)
		s[j] = _mm256_setzero_si256();
	for (size_t i = 0; i < n; i++)
#pragma GCC unroll 12
		for (int j = 0; j < CHAINS; j++) {
			s[j] = _mm256_dpbusd_avx_epi32(s[j], a, b);
			__asm__ volatile("" : "+x"(s[j]));
		}
#pragma GCC unroll 12
	for (int j = 1; j < CHAINS; j++)
		s[0] = _mm256_add_epi32(s[0], s[j]);
	_mm256_storeu_si256((__m256i *)x, s[0]);
	return x[0] + x[1] + x[2] + x[3];
}

void syc_peak_init_avxvnni(struct syc_peak *p)
{
	p->name     = "avxvnni";
	p->int8     = int8_loop;
	p->int8_ops = CHAINS * BYTES * 2;
}
