/* SPDX-License-Identifier: MIT */
/*
 * pack_q8 and mul_q8 of a variant, included behind its block(), which adds the
 * products of a packed block's 16 rows with T tokens to sums f:
 *
 *	INLINE void block(const int T, MUL_VEC f[][TILE / MUL_PER], const uint8_t *w,
 *			  const int8_t *a, const float *as, const int32_t *asum);
 *
 * a, as and asum are the block's in the tokens' tile.  The variant defines
 *
 *	MUL_VEC		a register of float sums: of
 *	MUL_ROWS	rows
 *	MUL_PER		by tokens (1 unless defined)
 *	MUL_ZERO	its zero
 *	MUL_STORE(p, v, t)	put token t's sums in v to p [MUL_ROWS]
 *	MUL_WORD	an unsigned integer of the values of a row that lie together:
 *			quants are [32 / values][16 rows][values], 16 scales behind
 *	MUL_FLIP	bits to flip in it (0 unless defined)
 *
 * and one that takes several groups of rows at once, in an order of its own,
 *
 *	MUL_GROUPS	how many at most, 2 or 3
 *	MUL_QUANTS(w, b), MUL_SCALES(w, b, nb)	where a group has a block's
 *	MUL_BLOCK(G, T, f, w, b, nb, a, as, asum)	block b of G groups that begin
 *			at w and of a tile that begins at a, as and asum, for
 *			f [G * 16 / MUL_ROWS][...]
 *
 * All is inlined with G and T constant, so that registers stay registers.
 */
#ifndef MUL_PER
#define MUL_PER 1
#endif
#ifndef MUL_FLIP
#define MUL_FLIP 0
#endif
#ifndef MUL_GROUPS
#define MUL_GROUPS 1
#define MUL_QUANTS(w, b) ((w) + (b) * SYC_Q_PACKED)
#define MUL_SCALES(w, b, nb) (MUL_QUANTS(w, b) + QUANTS)
#define MUL_BLOCK(G, T, f, w, b, nb, a, as, asum) \
	block(T, f, MUL_QUANTS(w, b), (a) + (b) * TILE * SYC_Q_BLOCK, \
	      (as) + (b) * TILE, (asum) + (b) * TILE)
#endif

enum { VECS = SYC_Q_ROWS / MUL_ROWS };	/* registers of a group's rows */

static void pack_q8(uint8_t *w, const int8_t *q, const uint16_t *scale, size_t nb)
{
	for (size_t b = 0; b < nb; b++) {
		uint8_t *to = (uint8_t *)MUL_QUANTS(w, b), *s = (uint8_t *)MUL_SCALES(w, b, nb);

		for (size_t r = 0; r < SYC_Q_ROWS; r++) {
			const int8_t *row = q + (r * nb + b) * SYC_Q_BLOCK;
			MUL_WORD word;

			for (size_t i = 0; i < SYC_Q_BLOCK; i += sizeof(word)) {
				memcpy(&word, row + i, sizeof(word));
				word ^= MUL_FLIP;
				memcpy(to + i * SYC_Q_ROWS + sizeof(word) * r, &word, sizeof(word));
			}
			memcpy(s + 2 * r, &scale[r * nb + b], 2);
		}
	}
}

INLINE void tile(const int G, const int T, float *out, size_t ldo, const uint8_t *w,
		 const int8_t *a, const float *as, const int32_t *asum, size_t nb)
{
	MUL_VEC f[MUL_GROUPS * VECS][TILE / MUL_PER];

	UNROLL
	for (int i = 0; i < G * VECS; i++)
		UNROLL
		for (int t = 0; t < T; t += MUL_PER)
			f[i][t / MUL_PER] = MUL_ZERO;
	for (size_t b = 0; b < nb; b++)
		MUL_BLOCK(G, T, f, w, b, nb, a, as, asum);
	UNROLL
	for (int t = 0; t < T; t++)
		UNROLL
		for (int i = 0; i < G * VECS; i++)
			MUL_STORE(out + (size_t)t * ldo + i * MUL_ROWS, f[i][t / MUL_PER], t);
}

INLINE void tokens(const int G, float *out, size_t ldo, const uint8_t *w, const int8_t *a,
		   const float *as, const int32_t *asum, size_t nb, size_t n_tok)
{
	const size_t step = nb * TILE;

	for (; n_tok >= TILE; n_tok -= TILE) {
		tile(G, TILE, out, ldo, w, a, as, asum, nb);
		out += TILE * ldo;
		a += step * SYC_Q_BLOCK;
		as += step;
		asum += step;
	}
	if (n_tok == 3)
		tile(G, 3, out, ldo, w, a, as, asum, nb);
	else if (n_tok == 2)
		tile(G, 2, out, ldo, w, a, as, asum, nb);
	else if (n_tok == 1)
		tile(G, 1, out, ldo, w, a, as, asum, nb);
}

static void mul_q8(float *out, size_t ldo, const uint8_t *w, size_t n_groups, const int8_t *a,
		   const float *as, const int32_t *asum, size_t nb, size_t n_tok)
{
	for (; n_groups >= MUL_GROUPS; n_groups -= MUL_GROUPS) {
		tokens(MUL_GROUPS, out, ldo, w, a, as, asum, nb, n_tok);
		out += MUL_GROUPS * SYC_Q_ROWS;
		w += MUL_GROUPS * nb * SYC_Q_PACKED;
	}
#if MUL_GROUPS > 2
	if (n_groups == 2)
		tokens(2, out, ldo, w, a, as, asum, nb, n_tok);
#endif
#if MUL_GROUPS > 1
	if (n_groups == 1)
		tokens(1, out, ldo, w, a, as, asum, nb, n_tok);
#endif
}
