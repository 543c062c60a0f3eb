/* SPDX-License-Identifier: MIT */
/*
 * Quants out of their planes (form.h), for any set of vectors.  A file that
 * includes it defines
 *
 *	U_VEC		a register of bytes, U_BYTES of them
 *	U_LOAD(p)	64 bytes at most, as aligned as a register is long
 *	U_STORE(p, v)
 *	U_AND(v, n), U_ADD(v, n)	with the byte n everywhere
 *	U_OR(v, w)
 *	U_RIGHT(v, n), U_LEFT(v, n)	by bits; what comes over from a neighboring
 *			byte is masked off afterwards
 *	U_LEVELS(v)	SYC_LEVELS of v, flipped like U_FLIP
 *	U_FLIP		kern->flip
 *	U_TO_FLIP	the same of unpacked tiles (U_FLIP unless defined)
 *
 * All is inlined with constants, so that what remains is loads, shifts and masks.
 */

#ifndef U_TO_FLIP
#define U_TO_FLIP U_FLIP
#endif

/* Register j of a tile: its plane of `bits` at w, moved up to bit `to`. */
INLINE U_VEC plane(const uint8_t *w, const int bits, const int j, const int to)
{
	const int per = bits * SYC_TILE / 8 / U_BYTES, right = j / per * bits - to,
		mask = ((1 << bits) - 1) << to;
	U_VEC v = U_LOAD(w + j % per * U_BYTES);

	if (right > 0)
		v = U_RIGHT(v, right);
	else if (right < 0)
		v = U_LEFT(v, -right);
	return U_AND(v, mask);
}

/* Register j of the tile of quants at w: q + offset, or bytes. */
INLINE U_VEC quants(const enum syc_quants q, const uint8_t *w, const int j)
{
	switch (q) {
	case SYC_QUANTS_2M:
		return plane(w, 2, j, 0);
	case SYC_QUANTS_3:
		return U_OR(plane(w, 2, j, 0), plane(w + 128, 1, j, 2));
	case SYC_QUANTS_4: case SYC_QUANTS_4M:
		return plane(w, 4, j, 0);
	case SYC_QUANTS_4L:
		return U_LEVELS(plane(w, 4, j, 0));
	case SYC_QUANTS_5: case SYC_QUANTS_5M:
		return U_OR(plane(w, 4, j, 0), plane(w + 256, 1, j, 4));
	case SYC_QUANTS_6:
		return U_OR(plane(w, 4, j, 0), plane(w + 256, 2, j, 4));
	default:
		return U_LOAD(w + j * U_BYTES);
	}
}

/* The bits that a sum of a token's values moves left to take out what quants() adds; -1: none. */
INLINE int offset_shift(const enum syc_quants q)
{
	switch (q) {
	case SYC_QUANTS_3: return 2;
	case SYC_QUANTS_4: return 3;
	case SYC_QUANTS_5: return 4;
	case SYC_QUANTS_6: return 5;
	case SYC_QUANTS_8: case SYC_QUANTS_4L: return U_FLIP ? 7 : -1;
	default: return -1;
	}
}

/* The same as a byte of SYC_QUANTS_8, flipped like U_TO_FLIP. */
INLINE U_VEC unpacked(const enum syc_quants q, const uint8_t *w, const int j)
{
	const bool bytes = q == SYC_QUANTS_4L || q == SYC_QUANTS_8;
	const int add = U_TO_FLIP - (bytes ? U_FLIP : syc_quants_offset(q));
	const U_VEC v = quants(q, w, j);

	return add ? U_ADD(v, add) : v;
}
