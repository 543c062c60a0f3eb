/* SPDX-License-Identifier: MIT */
/* Weights to int8, once, when a model is loaded. */
#ifndef SRC_MODEL_QUANTISE_H
#define SRC_MODEL_QUANTISE_H
#include <stddef.h>
#include <stdint.h>

/* What is wrong with a row. */
enum { SYC_ROW_GOOD, SYC_ROW_NAN, SYC_ROW_RANGE };

/*
 * nb blocks of 32 floats, x [nb * 32], to q [nb * 32] and scale [nb] (float16).
 * The scale is max|x| / 127, rounded to float16; q = x / scale to nearest even,
 * held within -127 to 127, with the scale as it is stored, so that rounding it
 * costs nothing more.  A block whose scale rounds to 0 becomes zeros.
 * SYC_ROW_NAN for NaN or infinity, SYC_ROW_RANGE for a scale beyond float16;
 * q and scale are then undefined.
 */
int syc_quantise_row(int8_t *restrict q, uint16_t *restrict scale, const float *restrict x, size_t nb);

#endif
