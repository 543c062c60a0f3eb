/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <arm_neon.h>
#include "kern/peak.h"

/* Chains that do not wait for each other: more than latency x throughput. */
enum { CHAINS = 16, BYTES = 16 };

static uint64_t read_all(const void *p, size_t n)
{
	const uint8_t *x = p;
	uint8x16_t s[8];

#pragma GCC unroll 8
	for (int j = 0; j < 8; j++)
		s[j] = vdupq_n_u8(0);
	for (size_t i = 0; i < n; i += 8 * BYTES)
#pragma GCC unroll 8
		for (int j = 0; j < 8; j++)
			s[j] = veorq_u8(s[j], vld1q_u8(x + i + j * BYTES));
#pragma GCC unroll 8
	for (int j = 1; j < 8; j++)
		s[0] = veorq_u8(s[0], s[j]);
	return vaddvq_u64(vreinterpretq_u64_u8(s[0]));
}

/* 16 products: two long multiplications and two pairwise additions. */
static uint64_t int8_loop(size_t n)
{
	const int8x16_t b = vdupq_n_s8(3);
	int8x16_t a = vdupq_n_s8(2);
	int32x4_t s[CHAINS];

#pragma GCC unroll 16
	for (int j = 0; j < CHAINS; j++)
		s[j] = vdupq_n_s32(0);
	for (size_t i = 0; i < n; i++)
#pragma GCC unroll 16
		for (int j = 0; j < CHAINS; j++) {
			__asm__ volatile("" : "+w"(a));
			s[j] = vpadalq_s16(s[j], vmull_s8(vget_low_s8(a), vget_low_s8(b)));
			s[j] = vpadalq_s16(s[j], vmull_high_s8(a, b));
		}
#pragma GCC unroll 16
	for (int j = 1; j < CHAINS; j++)
		s[0] = vaddq_s32(s[0], s[j]);
	return (uint64_t)vaddvq_s32(s[0]);
}

#define PEAK_LOOP fma_loop
#define PEAK_VEC float32x4_t
#define PEAK_FIRST(j) vdupq_n_f32((float)(j))
#define PEAK_STEP(s) (s) = vfmaq_f32(s, vdupq_n_f32(0.5f), vdupq_n_f32(1.0f))
#define PEAK_KEEP(s) "+w"(s)
#define PEAK_ADD(a, b) vaddq_f32(a, b)
#define PEAK_FOLD(s) vaddvq_f32(s)
#include "kern/peak_template.h"

void syc_peak_init_neon(struct syc_peak *p)
{
	p->name     = "neon";
	p->read     = read_all;
	p->int8     = int8_loop;
	p->fma      = fma_loop;
	p->int8_ops = CHAINS * BYTES * 2;
	p->fma_ops  = CHAINS * BYTES / 4 * 2;
}
