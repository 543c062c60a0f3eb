/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <arm_neon.h>
#include "kern/peak.h"

/* Each instruction makes 32 products. */
enum { CHAINS = 16, PRODUCTS = 32 };

#define PEAK_LOOP int8_loop
#define PEAK_VEC int32x4_t
#define PEAK_FIRST(j) vdupq_n_s32(0)
#define PEAK_STEP(s) (s) = vmmlaq_s32(s, vdupq_n_s8(2), vdupq_n_s8(3))
#define PEAK_KEEP(s) "+w"(s)
#define PEAK_ADD(a, b) vaddq_s32(a, b)
#define PEAK_FOLD(s) vaddvq_s32(s)
#include "kern/peak_template.h"

void syc_peak_init_i8mm(struct syc_peak *p)
{
	p->name     = "i8mm";
	p->int8     = int8_loop;
	p->int8_ops = CHAINS * PRODUCTS * 2;
}
