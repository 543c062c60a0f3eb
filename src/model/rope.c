/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <math.h>
#include "kern/math.h"
#include "model/rope.h"

#define PI 3.14159265358979323846

float syc_rope_mscale(float factor, float mscale)
{
	return factor > 1 ? (float)(0.1 * (double)mscale * syc_log((double)factor) + 1) : 1;
}

/* How much of 1 / factor a frequency takes: 0 for fast pairs, 1 for slow ones. */
static double llama3_share(const struct syc_rope *r, double freq)
{
	double turns = r->n_ctx * freq / (2 * PI);
	double share = ((double)r->fast - turns) / (double)(r->fast - r->slow);

	return share < 0 ? 0 : share > 1 ? 1 : share;
}

/* The number, not whole, of the pair that turns so often in the old context. */
static double yarn_pair(const struct syc_rope *r, double turns,
			uint32_t head_dim)
{
	return head_dim * syc_log(r->n_ctx / (turns * 2 * PI)) /
	       (2 * syc_log((double)r->base));
}

static double yarn_share(const struct syc_rope *r, size_t i, uint32_t head_dim)
{
	double low = yarn_pair(r, (double)r->fast, head_dim);
	double high = yarn_pair(r, (double)r->slow, head_dim), share;

	if (!r->fraction) {
		low = floor(low);
		high = ceil(high);
	}
	low = low > 0 ? low : 0;
	high = high < head_dim - 1 ? high : head_dim - 1;
	if (low == high)
		high += 0.001;
	share = ((double)i - low) / (high - low);
	return share < 0 ? 0 : share > 1 ? 1 : share;
}

/* base^(-2i / head_dim) is rounded to float first, as the reference does. */
static float freq_of(const struct syc_config *cfg, size_t i)
{
	const struct syc_rope *r = &cfg->rope;
	float f = (float)syc_exp(-2.0 * (double)i / cfg->head_dim *
				 syc_log((double)r->base));
	double share = r->type == SYC_ROPE_LLAMA3 ? llama3_share(r, (double)f) :
		r->type == SYC_ROPE_YARN ? yarn_share(r, i, cfg->head_dim) : 0;

	if (r->type == SYC_ROPE_LINEAR)
		f /= r->factor;
	return share > 0 ? (float)((double)f * (share / (double)r->factor + 1 - share)) : f;
}

void syc_rope_freqs(float *freq, const struct syc_config *cfg)
{
	for (size_t i = 0; i < cfg->head_dim / 2; i++)
		freq[i] = freq_of(cfg, i);
}

/* Quotients of floats: a neighbor may give back the number that the first misses. */
static float divisor(float plain, float scaled)
{
	float q = plain / scaled,
	      near[] = { q, nextafterf(q, 0), nextafterf(q, INFINITY) };

	for (size_t i = 0; i < 3; i++)
		if (plain / near[i] == scaled)
			return near[i];
	return q;
}

void syc_rope_factors(float *factor, const struct syc_config *cfg)
{
	struct syc_config plain = *cfg;

	plain.rope.type = SYC_ROPE_PLAIN;
	for (size_t i = 0; i < cfg->head_dim / 2; i++)
		factor[i] = divisor(freq_of(&plain, i), freq_of(cfg, i));
}
