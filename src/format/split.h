/* SPDX-License-Identifier: MIT */
/* What blocks are made of: integers and the numbers that scale them. */
#ifndef SRC_FORMAT_SPLIT_H
#define SRC_FORMAT_SPLIT_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Of n values: q [n] as stored, without what the type takes off (8 of q4_0, 16 of
 * q5_0, 4 of q3_k, 32 of q6_k), levels by number, q8_0's bytes; d and m per
 * block: float16; and where these are scaled, per group of 16 or 32 values, s and
 * min.  s is signed, what the type takes off is taken off; q2_k's has the
 * scale in its low nibble and the minimum in the high.  Arrays that a type has
 * no use for may be NULL.
 */
struct syc_split {
	uint8_t *q;
	uint16_t *d, *m;
	uint8_t *s, *min;
};

/* True for a type that is made so. */
bool syc_type_splits(uint32_t type);
/* n values (a multiple of the block) of such a type. */
void syc_type_split(const struct syc_split *to, uint32_t type, const uint8_t *in, size_t n);

#endif
