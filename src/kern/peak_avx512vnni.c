/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <immintrin.h>
#include "kern/peak.h"

/* Chains that do not wait for each other: more than latency x throughput. */
enum { CHAINS = 12, BYTES = 64 };

static uint64_t read_all(const void *p, size_t n)
{
	const char *x = p;
	__m512i s[8];

#pragma GCC unroll 8
	for (int j = 0; j < 8; j++)
		s[j] = _mm512_setzero_si512();
	for (size_t i = 0; i < n; i += 8 * BYTES)
#pragma GCC unroll 8
		for (int j = 0; j < 8; j++)
			s[j] = _mm512_xor_si512(s[j], _mm512_load_si512(x + i + j * BYTES));
#pragma GCC unroll 8
	for (int j = 1; j < 8; j++)
		s[0] = _mm512_xor_si512(s[0], s[j]);
	return (uint64_t)_mm512_reduce_add_epi64(s[0]);
}

#define PEAK_LOOP int8_loop
#define PEAK_VEC __m512i
#define PEAK_FIRST(j) _mm512_setzero_si512()
#define PEAK_STEP(s) \
	(s) = _mm512_dpbusd_epi32(s, _mm512_set1_epi8(2), _mm512_set1_epi8(3))
#define PEAK_KEEP(s) "+v"(s)
#define PEAK_ADD(a, b) _mm512_add_epi32(a, b)
#define PEAK_FOLD(s) _mm512_reduce_add_epi32(s)
#include "kern/peak_template.h"

#define PEAK_LOOP fma_loop
#define PEAK_VEC __m512
#define PEAK_FIRST(j) _mm512_set1_ps((float)(j))
#define PEAK_STEP(s) \
	(s) = _mm512_fmadd_ps(s, _mm512_set1_ps(0.5f), _mm512_set1_ps(1.0f))
#define PEAK_KEEP(s) "+v"(s)
#define PEAK_ADD(a, b) _mm512_add_ps(a, b)
#define PEAK_FOLD(s) _mm512_reduce_add_ps(s)
#include "kern/peak_template.h"

void syc_peak_init_avx512vnni(struct syc_peak *p)
{
	p->name     = "avx512vnni";
	p->read     = read_all;
	p->int8     = int8_loop;
	p->fma      = fma_loop;
	p->int8_ops = CHAINS * BYTES * 2;
	p->fma_ops  = CHAINS * BYTES / 4 * 2;
}
