/* SPDX-License-Identifier: MIT */
#ifndef SRC_FORMAT_ENCODE_H
#define SRC_FORMAT_ENCODE_H
#include <stdbool.h>
#include <stdint.h>

/*
 * One block of q4_0, q4_k, q5_k or q6_k of finite floats; false where a scale is
 * beyond float16.
 */
bool syc_encode_block(uint8_t *out, uint32_t type, const float *in);

#endif
