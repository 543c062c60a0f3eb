/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <immintrin.h>
#include "kern/peak.h"

enum { CHAINS = 12, BYTES = 32 };

static uint64_t fold(__m256i v)
{
	uint64_t x[4];

	_mm256_storeu_si256((__m256i *)x, v);
	return x[0] + x[1] + x[2] + x[3];
}

#define PEAK_LOOP int8_loop
#define PEAK_VEC __m256i
#define PEAK_FIRST(j) _mm256_setzero_si256()
#define PEAK_STEP(s) \
	(s) = _mm256_dpbusd_avx_epi32(s, _mm256_set1_epi8(2), _mm256_set1_epi8(3))
#define PEAK_KEEP(s) "+x"(s)
#define PEAK_ADD(a, b) _mm256_add_epi32(a, b)
#define PEAK_FOLD(s) fold(s)
#include "kern/peak_template.h"

void syc_peak_init_avxvnni(struct syc_peak *p)
{
	p->name     = "avxvnni";
	p->int8     = int8_loop;
	p->int8_ops = CHAINS * BYTES * 2;
}
