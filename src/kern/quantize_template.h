/* SPDX-License-Identifier: MIT */
/*
 * quantize of a variant, included behind
 *
 *	largest_bits(x)	the largest of 32 values' bits without sign, as an integer:
 *			NaN and infinity come out above every number
 *	round_block(q, sum, x, a)
 *			q = x * a to nearest even, and minus the sums of q in sum[TILE]
 *			(the first 16) and sum[2 * TILE]
 */

/* One pass over a block whose largest value is max. */
INLINE void quantize_pass(int8_t *q, float *s, int32_t *sum, const float *x, float max)
{
	if (max >= SYC_Q_TINY && max <= FLT_MAX) {
		round_block(q, sum, x, 127.0f / max);
		sum[0] = sum[TILE] + sum[2 * TILE];
		s[0] = max / 127.0f;
		s[TILE] = s[0] * (float)sum[0];
		return;
	}
	memset(q, 0, SYC_Q_BLOCK);
	sum[0] = sum[TILE] = sum[2 * TILE] = 0;
	s[0] = s[TILE] = max < SYC_Q_TINY ? 0.0f : NAN;
}

INLINE float largest(const float *x)
{
	const uint32_t bits = largest_bits(x);
	float max;

	memcpy(&max, &bits, sizeof(max));
	return max;
}

/* What the first pass, s and q, left of x. */
static void quantize_rest(int8_t *q, float *s, int32_t *sum, const float *x)
{
	float rest[SYC_Q_BLOCK];

	for (int i = 0; i < SYC_Q_BLOCK; i++)
		rest[i] = fmaf(-(float)q[i], s[0], x[i]);
	quantize_pass(q + SYC_Q_BYTES, s + SYC_Q_FLOATS, sum + SYC_Q_SUMS, rest, largest(rest));
}

static void quantize(int8_t *q, float *s, int32_t *sum, const float *x, size_t n, float second)
{
	const size_t nb = n / SYC_Q_BLOCK;
	float limit = 0;

	for (size_t b = 0; b < nb; b++) {
		const float max = largest(x + b * SYC_Q_BLOCK);

		s[b * 2 * SYC_Q_FLOATS] = max;
		limit += max * max;
	}
	limit = second * (limit / (float)nb);
	for (size_t b = 0; b < nb; b++) {
		const float max = s[0];

		quantize_pass(q, s, sum, x, max);
		if (max * max > limit)
			quantize_rest(q, s, sum, x);
		else
			s[SYC_Q_FLOATS] = s[SYC_Q_FLOATS + TILE] = 0;
		q += 2 * SYC_Q_BYTES;
		s += 2 * SYC_Q_FLOATS;
		sum += 2 * SYC_Q_SUMS;
		x += SYC_Q_BLOCK;
	}
}
