/* SPDX-License-Identifier: MIT */
/*
 * quantize of a variant, included behind
 *
 *	largest_bits(x)	the largest of 32 values' bits without sign, as an integer:
 *			NaN and infinity come out above every number
 *	round_block(q, sum, x, a, tile)
 *			q = x * a to nearest even, and minus the sums of q in sum[tile]
 *			(the first 16) and sum[2 * tile]
 *	QUANTIZE_LEAVE	when it has a leave(rest, q, s, x) of its own:
 *			rest = fma(-q, s, x) of a block
 */

#ifndef QUANTIZE_LEAVE
INLINE void leave(float *rest, const int8_t *q, float s, const float *x)
{
	for (int i = 0; i < SYC_Q_BLOCK; i++)
		rest[i] = fmaf(-(float)q[i], s, x[i]);
}
#endif

/* One pass over a block whose largest value is max. */
INLINE void quantize_pass(int8_t *q, float *s, int32_t *sum, const float *x, float max,
			  size_t tile)
{
	if (max >= SYC_Q_TINY && max <= FLT_MAX) {
		round_block(q, sum, x, 127.0f / max, tile);
		sum[0] = sum[tile] + sum[2 * tile];
		s[0] = max / 127.0f;
		s[tile] = s[0] * (float)sum[0];
		return;
	}
	memset(q, 0, SYC_Q_BLOCK);
	sum[0] = sum[tile] = sum[2 * tile] = 0;
	s[0] = s[tile] = max < SYC_Q_TINY ? 0.0f : NAN;
}

INLINE float largest(const float *x)
{
	const uint32_t bits = largest_bits(x);
	float max;

	memcpy(&max, &bits, sizeof(max));
	return max;
}

/* What the first pass, s and q, left of x; `behind` passes later. */
static void quantize_rest(int8_t *q, float *s, int32_t *sum, const float *x, size_t tile,
			  size_t behind)
{
	float rest[SYC_Q_BLOCK];

	leave(rest, q, s[0], x);
	behind *= tile;
	quantize_pass(q + behind * SYC_Q_BLOCK, s + 2 * behind, sum + 3 * behind, rest,
		      largest(rest), tile);
}

static void quantize_token(int8_t *q, float *s, int32_t *sum, const float *x, size_t n,
			   float second, size_t tile)
{
	const size_t nb = n / SYC_Q_BLOCK, behind = syc_q_pass(tile, nb, 0, 1),
		next = syc_q_pass(tile, nb, 1, 0) * tile;
	float limit = 0;

	for (size_t b = 0; b < nb; b++) {
		const float max = largest(x + b * SYC_Q_BLOCK);

		s[b * 2 * next] = max;
		limit += max * max;
	}
	limit = second * (limit / (float)nb);
	for (size_t b = 0; b < nb; b++) {
		const float max = s[0];

		quantize_pass(q, s, sum, x, max, tile);
		if (max * max > limit)
			quantize_rest(q, s, sum, x, tile, behind);
		else
			s[2 * behind * tile] = s[2 * behind * tile + tile] = 0;
		q += next * SYC_Q_BLOCK;
		s += 2 * next;
		sum += 3 * next;
		x += SYC_Q_BLOCK;
	}
}

static void quantize(int8_t *q, float *s, int32_t *sum, const float *x, size_t ldx, size_t n,
		     float second, size_t tile, size_t n_tok)
{
	for (size_t t = 0; t < n_tok; t++)
		quantize_token(q + t * SYC_Q_BLOCK, s + t, sum + t, x + t * ldx, n, second, tile);
}
