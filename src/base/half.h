/* SPDX-License-Identifier: MIT */
/* float16, in software: the same bits on every CPU. */
#ifndef SRC_BASE_HALF_H
#define SRC_BASE_HALF_H
#include <stdint.h>

float syc_f16_to_f32(uint16_t h);
/* Round to nearest even; overflow gives infinity, NaN stays NaN. */
uint16_t syc_f32_to_f16(float x);

#endif
