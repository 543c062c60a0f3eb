/* SPDX-License-Identifier: MIT */
/*
 * Weights as files store them, in panels of 16 rows.  Within a group of 16 or 32
 * columns a weight is
 *
 *	S q - M
 *
 * with a small integer q.  S and M are a float16, or a float16 times an integer
 * of at most 8 bits: as floats they are exact, and so is everything before the
 * product with a token's scale.  What tells the types apart is how many bits q
 * has and where it begins (enum syc_quants), and how S and M are kept (enum
 * syc_scales).  Nothing is rounded when weights are packed: a row comes out of
 * its panel as it went in.
 *
 * A panel has the quants of all its blocks of 32 columns, then the scales; its
 * size is a multiple of 64.
 *
 * Quants of one block are a tile of 512 bytes, [32 / v][16 rows][v columns],
 * v = kern->together, a divisor of 16: the first 256 bytes have the first 16
 * columns.  Of a tile's byte
 *	the low nibbles are 256 bytes, byte j that of j | that of j + 256 << 4,
 *	pairs of bits are 128 bytes, byte j those of j, j + 128, j + 256, j + 384,
 *	single bits are 64 bytes, byte j those of j, j + 64, j + 128, ...
 * the lowest first; 2 bits are pairs, 3 are pairs and then bits, 4 nibbles, 5
 * nibbles and bits, 6 nibbles and pairs, 8 the tile, with kern->flip.
 */
#ifndef SRC_KERN_FORM_H
#define SRC_KERN_FORM_H
#include <stdbool.h>
#include "kern/kern.h"

/* Bits; where q begins; columns of a group; whether there is M. */
enum syc_quants {
	SYC_QUANTS_2M,		/* 0 to 3, groups of 16, M */
	SYC_QUANTS_3,		/* -4 to 3, groups of 16 */
	SYC_QUANTS_4,		/* -8 to 7, groups of 32 */
	SYC_QUANTS_4M,		/* 0 to 15, groups of 32, M */
	SYC_QUANTS_4L,		/* one of 16 levels, groups of 32 */
	SYC_QUANTS_5,		/* -16 to 15, groups of 32 */
	SYC_QUANTS_5M,		/* 0 to 31, groups of 32, M */
	SYC_QUANTS_6,		/* -32 to 31, groups of 16 */
	SYC_QUANTS_8,		/* -128 to 127, groups of 32 */
	SYC_N_QUANTS,
};

/* Per panel, each for 16 rows: */
enum syc_scales {
	/* per group S, then -M: float16 */
	SYC_SCALES_HALF,
	/* per 256 columns d, then m: float16; then bytes per group, all of S,
	 * signed, then all of M: S = d * byte, M = m * byte */
	SYC_SCALES_SUPER,
	/* the same in one byte: S's in the low nibble, M's in the high */
	SYC_SCALES_NIBBLES,
};

struct syc_form {
	enum syc_quants quants;
	enum syc_scales scales;
};

enum {
	SYC_SUPER_BLOCKS = 8,	/* blocks of SYC_SCALES_SUPER and _NIBBLES */
	SYC_TILE = SYC_Q_ROWS * SYC_Q_BLOCK,
	SYC_MUL_PANELS = 6,	/* at most at once */
};

/* Of so many panels: tiles, and S, M and S SYC_BIAS per 16 columns; tiles that are looked ahead. */
#define SYC_MUL_SCRATCH(nb) \
	((nb) * SYC_MUL_PANELS * (SYC_TILE + 6 * SYC_Q_ROWS * sizeof(float)) + 4 * SYC_TILE)

/* The levels of SYC_QUANTS_4L. */
#define SYC_LEVELS -127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113

static inline bool syc_quants_min(enum syc_quants q)
{
	return q == SYC_QUANTS_2M || q == SYC_QUANTS_4M || q == SYC_QUANTS_5M;
}

/* Groups per block. */
static inline int syc_quants_groups(enum syc_quants q)
{
	return q == SYC_QUANTS_2M || q == SYC_QUANTS_3 || q == SYC_QUANTS_6 ? 2 : 1;
}

static inline int syc_quants_bits(enum syc_quants q)
{
	switch (q) {
	case SYC_QUANTS_2M: return 2;
	case SYC_QUANTS_3: return 3;
	case SYC_QUANTS_5: case SYC_QUANTS_5M: return 5;
	case SYC_QUANTS_6: return 6;
	case SYC_QUANTS_8: return 8;
	default: return 4;
	}
}

/* What is stored is q + this; of levels and bytes it is the value itself. */
static inline int syc_quants_offset(enum syc_quants q)
{
	switch (q) {
	case SYC_QUANTS_3: return 4;
	case SYC_QUANTS_4: return 8;
	case SYC_QUANTS_5: return 16;
	case SYC_QUANTS_6: return 32;
	default: return 0;
	}
}

/* A block's quants. */
static inline size_t syc_quants_bytes(enum syc_quants q)
{
	return (size_t)syc_quants_bits(q) * SYC_TILE / 8;
}

/* Of a panel of nb blocks (a multiple of 8 unless scales are SYC_SCALES_HALF). */
size_t syc_form_bytes(const struct syc_form *f, size_t nb);

/*
 * 16 rows of nb blocks.  q is what is stored: q + offset, the level's number, or
 * the byte.  d and m are one per group with SYC_SCALES_HALF, else one per 256
 * columns; s and min one per group, of SYC_SCALES_NIBBLES s is both.
 */
struct syc_form_rows {
	uint8_t *q;		/* [16][nb * 32] */
	uint16_t *d, *m;	/* [16][...] float16 */
	uint8_t *s, *min;	/* [16][...] */
};

void syc_form_pack(uint8_t *panel, const struct syc_kern *k, const struct syc_form *f,
		   const struct syc_form_rows *rows, size_t nb);
/*
 * out [nb * 32] = row r of a panel as floats, S q rounded and then the difference:
 * what decoding the row as it is stored gives.
 */
void syc_form_row(float *out, const struct syc_kern *k, const struct syc_form *f,
		  const uint8_t *panel, size_t r, size_t nb);
/* The same for all rows: out [16][ld], ld at least nb * 32. */
void syc_form_floats(float *out, size_t ld, const struct syc_kern *k, const struct syc_form *f,
		     const uint8_t *panel, size_t nb);
/* tile [512] = the q of a block whose quants begin at w; flip is the table's. */
void syc_form_tile(int8_t *tile, enum syc_quants q, const uint8_t *w, unsigned flip);
/*
 * S and M [nb * 32 / group][16] of nb blocks whose scales begin at `scales`; m is not
 * written where there is no M.  Those of SYC_SUPER_BLOCKS blocks take as many bytes.
 */
void syc_form_scales(float *s, float *m, const struct syc_form *f, const uint8_t *scales,
		     size_t nb);
size_t syc_form_scales_bytes(const struct syc_form *f);

#endif
