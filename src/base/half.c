/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <string.h>
#include "base/half.h"

uint16_t syc_f32_to_f16(float x)
{
	uint32_t bits, sign, a;

	memcpy(&bits, &x, sizeof(bits));
	sign = bits >> 16 & 0x8000;
	a = bits & 0x7fffffff;
	if (a > 0x7f800000)	/* NaN: quiet, top bits of the payload kept */
		return (uint16_t)(sign | 0x7e00 | (a >> 13 & 0x3ff));
	if (a >= 0x477ff000)	/* 65520 and above round to infinity */
		return (uint16_t)(sign | 0x7c00);
	if (a < 0x38800000) {	/* below 2^-14: a multiple of 2^-24 */
		uint32_t shift, frac, rest, half;

		if (a < 0x33000000)
			return (uint16_t)sign;
		shift = 126 - (a >> 23);
		frac = (a & 0x7fffff) | 0x800000;
		rest = frac & ((1u << shift) - 1);
		half = 1u << (shift - 1);
		frac >>= shift;
		frac += rest > half || (rest == half && (frac & 1));
		return (uint16_t)(sign | frac);
	}
	a += 0xfff + (a >> 13 & 1);	/* to nearest even; may carry up */
	return (uint16_t)(sign | ((a - 0x38000000) >> 13));
}
