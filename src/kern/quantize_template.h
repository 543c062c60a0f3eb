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

/* What the first pass, s and q, left of x, in the one behind it. */
static void quantize_rest(int8_t *q, float *s, int32_t *sum, const float *x, size_t tile)
{
	float rest[SYC_Q_BLOCK];

	leave(rest, q, s[0], x);
	quantize_pass(q + tile * SYC_Q_BLOCK, s + 2 * tile, sum + 3 * tile, rest, largest(rest),
		      tile);
}

/*
 * Above which square a block of x has a second pass.  The largest values of blocks go to s,
 * where a tile has as many passes as it can.
 */
static float limit_of(float *s, const float *x, size_t nb, float second, size_t tile)
{
	float sum = 0;

	for (size_t b = 0; b < nb; b++) {
		const float max = largest(x + b * SYC_Q_BLOCK);

		s[b * 4 * tile] = max;
		sum += max * max;
	}
	return second * (sum / (float)nb);
}

static void quantize(int8_t *q, float *s, int32_t *sum, uint32_t *list, const float *x, size_t ldx,
		     size_t n, float second, size_t tile, size_t n_tok)
{
	const size_t nb = n / SYC_Q_BLOCK;
	const float *max = s;
	float limit[SYC_Q_WIDE];
	uint32_t pass = 0;

	for (size_t t = 0; t < n_tok; t++)
		limit[t] = limit_of(s + t, x + t * ldx, nb, second, tile);
	for (size_t b = 0; b < nb; b++, max += 4 * tile, x += SYC_Q_BLOCK) {
		const size_t at = pass * tile;
		bool any = false;

		for (size_t t = 0; t < n_tok; t++) {
			int8_t *tq = q + (at + t) * SYC_Q_BLOCK;
			float *ts = s + 2 * at + t;
			int32_t *tsum = sum + 3 * at + t;
			const float m = max[t];

			quantize_pass(tq, ts, tsum, x + t * ldx, m, tile);
			ts[2 * tile] = ts[3 * tile] = 0;
			if (m * m > limit[t]) {
				quantize_rest(tq, ts, tsum, x + t * ldx, tile);
				any = true;
			}
		}
		list[1 + pass] = list[1 + pass + any] = (uint32_t)b;
		pass += any ? 2 : 1;
	}
	list[0] = pass;
}
