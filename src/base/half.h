/* SPDX-License-Identifier: MIT */
/* float16, in software: the same bits on every CPU. */
#ifndef SRC_BASE_HALF_H
#define SRC_BASE_HALF_H
#include <stdint.h>
#include <string.h>

/* Exact.  Masks and no branches, so that loops over it become vector code. */
static inline float syc_f16_to_f32(uint16_t h)
{
	uint32_t rest = h & 0x7fff, bits, small = -(uint32_t)(rest < 0x400),
		high = -(uint32_t)(rest > 0x7bff);
	float x = (float)(h & 0x3ff) * 0x1p-24f;	/* a subnormal */

	memcpy(&bits, &x, sizeof(bits));
	bits = (bits & small) | (((rest << 13) + 0x38000000) & ~small);
	bits |= (high & 0x7f800000) | (uint32_t)(h & 0x8000) << 16;
	memcpy(&x, &bits, sizeof(x));
	return x;
}

/* Round to nearest even; overflow gives infinity, NaN stays NaN. */
uint16_t syc_f32_to_f16(float x);

#endif
