/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <math.h>
#include "base/half.h"
#include "kern/kern_impl.h"

static void scores_f32(float *s, size_t lds, const float *const *q, size_t n_rows,
		       const float *k, size_t hd)
{
	for (size_t r = 0; r < n_rows; r++) {
		for (size_t j = 0; j < SYC_RUN; j++) {
			float acc = 0;

			for (size_t d = 0; d < hd; d++)
				acc = fmaf(q[r][d], k[d * SYC_RUN + j], acc);
			s[r * lds + j] = acc;
		}
	}
}

static void mix_f32(float *const *out, const float *p, size_t lds, size_t n_rows,
		    const float *v, size_t n, size_t hd)
{
	for (size_t r = 0; r < n_rows; r++)
		for (size_t j = 0; j < n; j++)
			for (size_t d = 0; d < hd; d++)
				out[r][d] = fmaf(p[r * lds + j], v[j * hd + d], out[r][d]);
}

static void scores(float *s, size_t lds, const float *const *q, size_t n_rows,
		   const uint16_t *k, size_t hd)
{
	for (size_t r = 0; r < n_rows; r++) {
		for (size_t j = 0; j < SYC_RUN; j++) {
			float acc = 0;

			for (size_t d = 0; d < hd; d++)
				acc = fmaf(q[r][d], syc_f16_to_f32(k[d * SYC_RUN + j]), acc);
			s[r * lds + j] = acc;
		}
	}
}

static void mix(float *const *out, const float *p, size_t lds, size_t n_rows,
		const uint16_t *v, size_t n, size_t hd)
{
	for (size_t r = 0; r < n_rows; r++)
		for (size_t j = 0; j < n; j++)
			for (size_t d = 0; d < hd; d++)
				out[r][d] = fmaf(p[r * lds + j], syc_f16_to_f32(v[j * hd + d]),
						 out[r][d]);
}

void syc_attn_init_scalar(struct syc_kern *k)
{
	k->scores = scores;
	k->mix = mix;
	k->scores_f32 = scores_f32;
	k->mix_f32 = mix_f32;
}
