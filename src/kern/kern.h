/* SPDX-License-Identifier: MIT */
/*
 * The kernels: numbers in, numbers out.  kern_scalar.c is the specification;
 * every variant gives the same bits for every input (NaNs may differ in sign
 * and payload).
 *
 * Float sums have one order: the value at index i goes to lane i % 16 with one
 * fused multiply-add (or add), in index order; then lanes j and j + 8 are
 * added, then j and j + 4, j + 2, j + 1.
 *
 * No kernel reads or writes outside the lengths given; none needs alignment
 * unless it says so; outputs may not overlap inputs unless it says so.
 */
#ifndef SRC_KERN_KERN_H
#define SRC_KERN_KERN_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	SYC_Q_BLOCK  = 32,	/* values of an activation per scale */
	SYC_Q_HALF   = 16,
	SYC_Q_ROWS   = 16,	/* rows packed together */
	SYC_RUN      = 32,	/* keys or values that lie together */
	SYC_ATTN_ROWS = 16,
	SYC_Q_TOKENS = 4,	/* tokens multiplied together */
	SYC_Q_WIDE = 16,	/* in tile registers */
};

/*
 * Tokens quantized to int8, in tiles of SYC_Q_TOKENS or SYC_Q_WIDE (syc_q_tile()), all
 * 64-byte aligned.  What the last tile's absent tokens would have is not read; in a
 * wide tile it is there, and may be anything.  A block has one pass or two: its values,
 * and, where any token's are large, what rounding left of them.  The scales of a second
 * pass that a token does not have are 0, and its q and sums are anything.  A tile's
 * passes lie one behind another; it has room for two of each block, and what is behind
 * the last one may be anything.
 */
struct syc_tokens {
	const int8_t *q;	/* [tiles][2 nb][tile][32] */
	/* [tiles][2 nb][2][tile]: scales; scales x minus the sum of q */
	const float *s;
	/* [tiles][2 nb][3][tile]: minus the sums of q: of the whole block, of
	 * its first 16, of its other 16 values */
	const int32_t *sum;
	size_t tile;
	/* [tiles][1 + 2 nb]: how many passes there are, each one's block. */
	const uint32_t *list;
};
/* Of one pass of a block in a tile of SYC_Q_TOKENS. */
enum {
	SYC_Q_BYTES = SYC_Q_BLOCK * SYC_Q_TOKENS,
	SYC_Q_FLOATS = 2 * SYC_Q_TOKENS,
	SYC_Q_SUMS = 3 * SYC_Q_TOKENS,
};

/* The tiles from this one on. */
static inline struct syc_tokens syc_tokens_tile(const struct syc_tokens *x, size_t nb, size_t tile)
{
	const size_t at = tile * 2 * nb * x->tile;

	return (struct syc_tokens){
		x->q + at * SYC_Q_BLOCK, x->s + 2 * at, x->sum + 3 * at, x->tile,
		x->list + tile * (1 + 2 * nb),
	};
}

struct syc_form;

/* What is wrong with a row of weights. */
enum { SYC_ROW_GOOD, SYC_ROW_NAN, SYC_ROW_RANGE };

struct syc_kern {
	const char *name;

	/*
	 * Quantize a tile's first n_tok tokens, each n values (a multiple of 32) at
	 * x + t * ldx: per block of 32
	 * s = max|x| / 127, q = x * (127 / max|x|) to nearest even.  Blocks
	 * whose largest value is below 1e-30 become zeros; a block with NaN or
	 * infinity gets s = NaN and q = 0.  Where max|x|^2 is above `second` times
	 * its mean over the token's blocks (summed as float, in order), what is
	 * left, fma(-q, s, x), is quantized in the same way as a second pass.
	 * q, s, sum and list are the tile's of struct syc_tokens; what absent tokens
	 * would have may be written in a wide tile.
	 */
	void (*quantize)(int8_t *q, float *s, int32_t *sum, uint32_t *list, const float *x,
			 size_t ldx, size_t n, float second, size_t tile, size_t n_tok);
	/*
	 * The same for nb blocks of weights, once when a model is loaded: scale =
	 * max|x| / 127 as float16; q = x / scale to nearest even, held within
	 * -127 to 127, with the scale as it is stored, so that rounding it costs
	 * nothing more.  A block whose scale rounds to 0 becomes zeros.  Returns
	 * SYC_ROW_NAN for NaN or infinity, SYC_ROW_RANGE for a scale beyond
	 * float16; q [nb * 32] and scale [nb] are then undefined.
	 */
	int (*quantize_w)(int8_t *q, uint16_t *scale, const float *x, size_t nb);
	/*
	 * What of packed weights (form.h) is this table's own: how many of a
	 * row's bytes lie together in a tile, and the bits flipped in signed ones.
	 */
	unsigned together, flip;
	/* Whether mul takes wide tiles. */
	bool wide;
	/*
	 * out[t * ldo + r], r < 16 * n_panels, t < n_tok: the products of panels
	 * that follow each other with tokens x.  Per group of 16 or 32 columns,
	 * in order, with isum the exact int32 sum of q times the token's q,
	 * in the block's first pass and then in its second
	 *
	 *	acc = fma(M, s * -(sum of the token's q), acc)	where there is M
	 *	acc = fma(S * isum, s, acc)
	 *
	 * scratch: SYC_MUL_SCRATCH(nb) bytes, 64-byte aligned, the caller's thread's.
	 * Any int8 value is allowed on both sides.
	 */
	void (*mul)(float *out, size_t ldo, const struct syc_form *f, const uint8_t *panel,
		    size_t n_panels, const struct syc_tokens *x, size_t nb, size_t n_tok,
		    void *scratch);

	/* y = x * w / sqrt(mean(x^2) + eps); y may be x. */
	void (*rmsnorm)(float *y, const float *x, const float *w, size_t n, float eps);
	/*
	 * Rotate n pairs of neighbors in place: cs [n][2] is cos, sin;
	 * x0' = fma(x0, cos, -(x1 * sin)), x1' = fma(x1, cos, x0 * sin).
	 */
	void (*rope)(float *x, const float *cs, size_t n);
	/* h = h * g / (1 + exp(-g)). */
	void (*silu_mul)(float *h, const float *g, size_t n);
	/* y = y + x, and y = fma(a, x, y). */
	void (*add)(float *y, const float *x, size_t n);
	void (*axpy)(float *y, float a, const float *x, size_t n);
	/*
	 * Attention with SYC_RUN keys or values of one head at a time, for
	 * n_rows queries (at most SYC_ATTN_ROWS) that share them.
	 * scores: s [n_rows][lds], the products of each query q[r] [hd] with
	 * all keys k [hd][SYC_RUN] float16, acc = fma(q[r][d], k[d][j], acc)
	 * for d in order.
	 * mix: out[r] [hd] += the sum of p [n_rows][lds] times the first n
	 * values of v [SYC_RUN][hd], out[r][d] = fma(p[r][j], v[j][d], out[r][d])
	 * for j in order.
	 */
	void (*scores)(float *s, size_t lds, const float *const *q, size_t n_rows,
		       const uint16_t *k, size_t hd);
	void (*mix)(float *const *out, const float *p, size_t lds, size_t n_rows,
		    const uint16_t *v, size_t n, size_t hd);
	/* The same with keys and values in float. */
	void (*scores_f32)(float *s, size_t lds, const float *const *q, size_t n_rows,
			   const float *k, size_t hd);
	void (*mix_f32)(float *const *out, const float *p, size_t lds, size_t n_rows,
			const float *v, size_t n, size_t hd);
	float (*dot)(const float *a, const float *b, size_t n);
	/* The largest value, NaNs passed over; -infinity when n is 0. */
	float (*max)(const float *x, size_t n);
	/* y = exp(x - m), y may be x; returns the sum of y. */
	float (*exp_sum)(float *y, const float *x, float m, size_t n);
	/* y = y * a. */
	void (*scale)(float *y, float a, size_t n);
	void (*to_f16)(uint16_t *y, const float *x, size_t n);
	void (*from_f16)(float *y, const uint16_t *x, size_t n);
};

/*
 * Fill k for a processor with these flags (see kern/cpu.h): a pure function,
 * scalar first, then each variant overrides what it has.
 */
void syc_kern_select(struct syc_kern *k, unsigned cpu);

/*
 * How many of n tokens lie in a tile: what a wide one lacks costs as much as what it
 * has, which is worth it up to a quarter of the tokens.
 */
static inline size_t syc_q_tile(const struct syc_kern *k, size_t n)
{
	const size_t absent = (SYC_Q_WIDE - n % SYC_Q_WIDE) % SYC_Q_WIDE;

	return k->wide && absent <= n / 4 ? SYC_Q_WIDE : SYC_Q_TOKENS;
}

#endif
