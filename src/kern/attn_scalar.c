/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <math.h>
#include <stdbool.h>
#include "base/half.h"
#include "kern/kern_impl.h"

INLINE float one(const bool half, const void *p, size_t i)
{
	return half ? syc_f16_to_f32(((const uint16_t *)p)[i]) : ((const float *)p)[i];
}

INLINE void all_scores(const bool half, float *s, size_t lds, const float *const *q,
		       size_t n_rows, const void *k, size_t hd)
{
	for (size_t r = 0; r < n_rows; r++) {
		for (size_t j = 0; j < SYC_RUN; j++) {
			float acc = 0;

			for (size_t d = 0; d < hd; d++)
				acc = fmaf(q[r][d], one(half, k, d * SYC_RUN + j), acc);
			s[r * lds + j] = acc;
		}
	}
}

INLINE void all_mix(const bool half, float *const *out, const float *p, size_t lds,
		    size_t n_rows, const void *v, size_t n, size_t hd)
{
	for (size_t r = 0; r < n_rows; r++)
		for (size_t j = 0; j < n; j++)
			for (size_t d = 0; d < hd; d++)
				out[r][d] = fmaf(p[r * lds + j], one(half, v, j * hd + d),
						 out[r][d]);
}

#define ATTN_INIT syc_attn_init_scalar
#include "kern/attn_template.h"
