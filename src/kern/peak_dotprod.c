/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <arm_neon.h>
#include "kern/peak.h"

/* Each instruction makes 16 products. */
enum { CHAINS = 16, PRODUCTS = 16 };

static uint64_t int8_loop(size_t n)
{
	const int8x16_t a = vdupq_n_s8(2), b = vdupq_n_s8(3);
	int32x4_t s[CHAINS];

#pragma GCC unroll 16
	for (int j = 0; j < CHAINS; j++)
		s[j] = vdupq_n_s32(0);
	for (size_t i = 0; i < n; i++)
#pragma GCC unroll 16
		for (int j = 0; j < CHAINS; j++) {
			s[j] = vdotq_s32(s[j], a, b);
			__asm__ volatile("" : "+w"(s[j]));
		}
#pragma GCC unroll 16
	for (int j = 1; j < CHAINS; j++)
		s[0] = vaddq_s32(s[0], s[j]);
	return (uint64_t)vaddvq_s32(s[0]);
}

void syc_peak_init_dotprod(struct syc_peak *p)
{
	p->name     = "dotprod";
	p->int8     = int8_loop;
	p->int8_ops = CHAINS * PRODUCTS * 2;
}
