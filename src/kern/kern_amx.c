/* SPDX-License-Identifier: MIT */
/*
 * Many tokens in tile registers: 16 tokens x 16 rows of weights at once, of one group
 * of columns, since each has scales of its own.  Their integer sums, 1 KB, are stored
 * and become float in vector registers while the next groups are multiplied.  Tile and
 * vector instructions take turns: a processor that two threads share looks ahead no
 * further than one group, and is a fifth slower without.  A tile of sums is cleared when
 * it has been stored, not before its product, which then waits for the product before.
 *
 * The first tile of tokens unpacks the weights on the way, a step before they are loaded:
 * for the next tiles, or, when there is none, into a few places that stay in the cache.
 *
 * Sums are exact and floats have the order of every other set, so that few tokens,
 * and the processors without tiles, come to the same bits.
 */
#include "config.h"
#include <immintrin.h>
#include <stdbool.h>
#include <stdint.h>
#include "kern/form.h"
#include "kern/kern_impl.h"

#define U_TO_FLIP 0
#include "kern/planes_avx512.h"

enum {
	TOKENS = SYC_Q_WIDE,
	AHEAD  = 3,		/* steps from a product to its sums' becoming floats */
	LIST   = AHEAD + 1,	/* steps that are looked ahead in all */
	RING   = 8,		/* tiles of weights that one tile of tokens needs: 2^n */
	BYTES  = TOKENS * SYC_Q_BLOCK,	/* of one pass of a block */
	FLOATS = 2 * TOKENS,
	SUMS   = 3 * TOKENS,
};
_Static_assert(SYC_Q_WIDE == 16, "the rows of a tile register");
_Static_assert(LIST < RING, "what is looked ahead is not written over");

/* How weights are stored, and whether they are unpacked yet. */
struct kind {
	enum syc_quants q;
	bool packed;
};

/*
 * A group of the tokens' passes and of a panel, block times groups plus the group; where
 * the block's quants are in its panel.
 */
struct step {
	uint32_t pass, at, from;
};
_Static_assert(SYC_MUL_SCRATCH(1) - SYC_MUL_SCRATCH(0) >=
	       SYC_MUL_PANELS * (SYC_TILE + 4 * SYC_Q_ROWS * sizeof(float)) +
	       4 * sizeof(struct step) &&
	       SYC_MUL_SCRATCH(0) >= LIST * (SYC_TILE + sizeof(struct step)),
	       "room for a block's two passes of two groups, and for what is looked ahead");

/* A tile of tokens times a few panels. */
struct work {
	float *out;
	size_t ldo;
	struct syc_tokens x;
	size_t n_tok;		/* of the tile */
	const uint8_t *packed;
	size_t bytes;		/* of a panel */
	/* Signed bytes, all panels' blocks in a row: block i is at i & mask. */
	uint8_t *tiles;
	size_t mask;
	const float *s, *m;	/* a panel's behind another's */
	size_t nb, n_panels;
	/*
	 * What will be multiplied next: so many cache lines are asked for at each step
	 * with packed weights.
	 */
	const uint8_t *next;
	size_t lines;
	/* Of one panel; LIST more begin the next. */
	struct step *step;
	size_t n_steps;
};

INLINE unsigned groups_of(const struct kind kind)
{
	return (unsigned)syc_quants_groups(kind.q);
}

/*
 * The steps behind a panel's are those that begin the next of `left` panels; behind
 * the last one they are anything that can be read.
 */
static void look_ahead(const struct work *k, size_t left, unsigned groups)
{
	struct step *to = k->step + k->n_steps;
	size_t panels = 1, j = 0;

	for (size_t i = 0; i < LIST; i++, to++) {
		*to = k->step[j];
		to->at += (uint32_t)(panels * k->nb) * groups;
		to->from += panels <= left ? (uint32_t)(panels * k->bytes) : 0;
		if (++j == k->n_steps) {
			panels++;
			j = 0;
		}
	}
}

/*
 * Tiles 0 to 3 are sums, 4 and 5 tokens, 6 and 7 weights of one group of columns.
 * The intrinsics want the numbers of tiles as digits.
 */
static void set_tiles(int columns)
{
	struct {
		uint8_t palette, start, reserved[14];
		uint16_t bytes[16];
		uint8_t rows[16];
	} c = { .palette = 1 };

	for (int i = 0; i < 2; i++) {
		c.rows[i] = c.rows[2 + i] = c.rows[4 + i] = TOKENS;
		c.rows[6 + i] = (uint8_t)(columns / 4);
		c.bytes[i] = c.bytes[2 + i] = c.bytes[6 + i] = 64;
		c.bytes[4 + i] = (uint16_t)columns;
	}
	/* The intrinsic reads 8 bytes, for all that the compiler knows. */
	__asm__ volatile("" : : "m"(c));
	_tile_loadconfig(&c);
}

/* Group i of blocks in a row. */
INLINE uint8_t *tile_at(const struct kind kind, uint8_t *tiles, size_t mask, size_t i)
{
	if (!kind.packed)
		return tiles + i * (SYC_TILE / groups_of(kind));
	return tiles + (i / groups_of(kind) & mask) * SYC_TILE +
		i % groups_of(kind) * (SYC_TILE / groups_of(kind));
}

/* A third of what a step multiplies. */
INLINE void unpack_third(const struct kind kind, uint8_t *tile, const uint8_t *packed,
			 const struct step step, const int third)
{
	const int n = SYC_TILE / U_BYTES / (int)groups_of(kind);

	if (!kind.packed)
		return;
	UNROLL
	for (int g = 0; g < (int)groups_of(kind); g++) {
		if (step.at % groups_of(kind) != (unsigned)g)
			continue;
		UNROLL
		for (int j = third * n / 3; j < (third + 1) * n / 3; j++)
			U_STORE(tile + j * U_BYTES,
				unpacked(kind.q, packed + step.from, g * n + j));
	}
}

#define UNPACK(third, i) \
	unpack_third(kind, tile_at(kind, w, mask, first + step[i].at), packed, step[i], third)
#define LOAD_TOKENS(tile, i) \
	_tile_loadd(tile, k->x.q + step[i].pass / groups_of(kind) * BYTES + \
		    step[i].pass % groups_of(kind) * SYC_Q_HALF, SYC_Q_BLOCK)
#define LOAD_WEIGHTS(tile, i) \
	_tile_loadd(tile, tile_at(kind, w, mask, first + step[i].at), 64)
#define BEGIN(sums, tokens, weights, i) do { \
	LOAD_TOKENS(tokens, i); \
	LOAD_WEIGHTS(weights, i); \
	_tile_dpbssd(sums, tokens, weights); \
} while (0)

/* What a step's sums are multiplied by. */
struct factors {
	const float *s, *m, *as, *of_m;
};

/* s, m of the panel; small [TOKENS] is for sums of half a block. */
INLINE struct factors factors(const struct kind kind, const struct syc_tokens *x,
			      const struct step step, const float *s, const float *m,
			      float *small)
{
	const size_t pass = step.pass / groups_of(kind), group = step.pass % groups_of(kind),
		at = (size_t)step.at * SYC_Q_ROWS;
	const float *as = x->s + pass * FLOATS;
	const int32_t *sum = x->sum + pass * SUMS + (1 + group) * TOKENS;

	if (syc_quants_min(kind.q) && groups_of(kind) > 1) {
		_mm512_store_ps(small, _mm512_mul_ps(_mm512_load_ps(as),
				_mm512_cvtepi32_ps(_mm512_load_si512(sum))));
		return (struct factors){ s + at, m + at, as, small };
	}
	return (struct factors){ s + at, m + at, as, as + TOKENS };
}

/*
 * As floats: two ways to the same value; of a sum below 2^22 the bits add to those of
 * 1.5 * 2^23.  Beside tile instructions only one port converts, multiplies and adds
 * products, but two add.
 */
INLINE __m512 converted(const int32_t *c)
{
	return _mm512_cvtepi32_ps(_mm512_load_si512(c));
}

INLINE __m512 added(const int32_t *c)
{
	const __m512i big = _mm512_set1_epi32(0x4b400000);
	const __m512i sum = _mm512_add_epi32(big, _mm512_load_si512(c));

	return _mm512_sub_ps(_mm512_castsi512_ps(sum), _mm512_castsi512_ps(big));
}

/* f += S s c, then M times what belongs to it, of some tokens. */
INLINE void finish(const struct kind kind, __m512 f[TOKENS], const int32_t *c,
		   const struct factors *by, const int from, const int to)
{
	const bool min = syc_quants_min(kind.q);
	const __m512 s = _mm512_load_ps(by->s), m = min ? _mm512_load_ps(by->m) : s;

	UNROLL
	for (int t = from; t < to; t++) {
		const int32_t *sums = c + t * SYC_Q_ROWS;
		const __m512 v = min && t % 2 ? added(sums) : converted(sums);

		f[t] = _mm512_fmadd_ps(_mm512_mul_ps(s, _mm512_set1_ps(by->as[t])), v, f[t]);
		if (min)
			f[t] = _mm512_fmadd_ps(m, _mm512_set1_ps(by->of_m[t]), f[t]);
	}
}

INLINE void store(float *out, const struct work *k, const __m512 f[TOKENS])
{
	UNROLL
	for (size_t t = 0; t < TOKENS; t++)
		if (t < k->n_tok)
			_mm512_storeu_ps(out + t * k->ldo, f[t]);
}

/* c has the sums of step i, c_next gets those of the step behind it. */
#define STEP(sums, later, tokens, weights, c_next, c) \
	by = factors(kind, &k->x, step[i], s, m, small); \
	_tile_stored(sums, c_next, 64); \
	_tile_zero(sums); \
	finish(kind, f, c, &by, 0, 5); \
	LOAD_TOKENS(tokens, i + AHEAD); \
	UNPACK(0, i + LIST); \
	finish(kind, f, c, &by, 5, 10); \
	LOAD_WEIGHTS(weights, i + AHEAD); \
	UNPACK(1, i + LIST); \
	finish(kind, f, c, &by, 10, TOKENS); \
	_tile_dpbssd(later, tokens, weights); \
	UNPACK(2, i + LIST); \
	for (size_t j = 0; kind.packed && j < k->lines; j++, next += 64) \
		__builtin_prefetch(next); \
	if (++i == k->n_steps) { \
		store(out, k, f); \
		if (--left == 0) \
			return; \
		look_ahead(k, left - 1, groups_of(kind)); \
		i = 0; \
		if (kind.packed) { \
			first += k->nb * groups_of(kind); \
			packed += k->bytes; \
		} else { \
			w += k->nb * SYC_TILE; \
		} \
		s += k->nb * groups_of(kind) * SYC_Q_ROWS; \
		m += k->nb * groups_of(kind) * SYC_Q_ROWS; \
		out += SYC_Q_ROWS; \
		clear(f); \
	}

INLINE void clear(__m512 f[TOKENS])
{
	UNROLL
	for (int t = 0; t < TOKENS; t++)
		f[t] = _mm512_setzero_ps();
}

INLINE void multiply(const struct kind kind, const struct work *k)
{
	_Alignas(64) int32_t c[2][TOKENS * SYC_Q_ROWS];
	_Alignas(64) float small[TOKENS];
	const uint8_t *packed = k->packed, *next = k->next;
	const float *s = k->s, *m = k->m;
	const struct step *const step = k->step;
	const size_t mask = k->mask;
	uint8_t *w = k->tiles;
	float *out = k->out;
	size_t left = k->n_panels, first = 0, i = 0;
	struct factors by;
	__m512 f[TOKENS];

	look_ahead(k, left - 1, groups_of(kind));
	for (size_t j = 0; j < LIST; j++) {
		UNPACK(0, j);
		UNPACK(1, j);
		UNPACK(2, j);
	}
	/* Tiles are loaded from memory, which the intrinsic does not say. */
	__asm__ volatile("" : : : "memory");
	_tile_zero(0);
	_tile_zero(1);
	_tile_zero(2);
	_tile_zero(3);
	BEGIN(0, 4, 6, 0);
	BEGIN(1, 5, 7, 1);
	BEGIN(2, 4, 6, 2);
	_tile_stored(0, c[0], 64);
	_tile_zero(0);
	clear(f);
	for (;;) {
		STEP(1, 3, 5, 7, c[1], c[0]);
		STEP(2, 0, 4, 6, c[0], c[1]);
		STEP(3, 1, 5, 7, c[1], c[0]);
		STEP(0, 2, 4, 6, c[0], c[1]);
	}
}

#define AMX_KIND(name, q, packed) \
static void name(const struct work *k) \
{ \
	multiply((struct kind){ q, packed }, k); \
}
AMX_KIND(packed_2m, SYC_QUANTS_2M, true)
AMX_KIND(packed_3, SYC_QUANTS_3, true)
AMX_KIND(packed_4, SYC_QUANTS_4, true)
AMX_KIND(packed_4m, SYC_QUANTS_4M, true)
AMX_KIND(packed_4l, SYC_QUANTS_4L, true)
AMX_KIND(packed_5, SYC_QUANTS_5, true)
AMX_KIND(packed_5m, SYC_QUANTS_5M, true)
AMX_KIND(packed_6, SYC_QUANTS_6, true)
AMX_KIND(packed_8, SYC_QUANTS_8, true)
/* Of these a tile has one or two groups, with and without M. */
AMX_KIND(tiles, SYC_QUANTS_8, false)
AMX_KIND(tiles_min, SYC_QUANTS_4M, false)
AMX_KIND(halves, SYC_QUANTS_6, false)
AMX_KIND(halves_min, SYC_QUANTS_2M, false)

typedef void amx_kind(const struct work *k);

static amx_kind *const of_packed[SYC_N_QUANTS] = {
	[SYC_QUANTS_2M] = packed_2m,
	[SYC_QUANTS_3] = packed_3,
	[SYC_QUANTS_4] = packed_4,
	[SYC_QUANTS_4M] = packed_4m,
	[SYC_QUANTS_4L] = packed_4l,
	[SYC_QUANTS_5] = packed_5,
	[SYC_QUANTS_5M] = packed_5m,
	[SYC_QUANTS_6] = packed_6,
	[SYC_QUANTS_8] = packed_8,
};

static amx_kind *of_tiles(enum syc_quants q)
{
	if (syc_quants_groups(q) == 1)
		return syc_quants_min(q) ? tiles_min : tiles;
	return syc_quants_min(q) ? halves_min : halves;
}

/*
 * A second pass is computed where one of the tile's tokens has one; to the others it
 * adds 0.
 */
static void list_steps(struct work *k, enum syc_quants q)
{
	const uint32_t groups = (uint32_t)syc_quants_groups(q), nb = (uint32_t)k->nb;
	const __mmask16 present = (__mmask16)((1u << k->n_tok) - 1);
	const float *second = k->x.s + k->nb * FLOATS;
	struct step *to = k->step;

	for (uint32_t b = 0; b < nb; b++, second += FLOATS) {
		const __m512i v = _mm512_maskz_loadu_epi32(present, second);
		const uint32_t at = b * groups, from = b * (uint32_t)syc_quants_bytes(q);

		for (uint32_t g = 0; g < groups; g++)
			*to++ = (struct step){ at + g, at + g, from };
		if (_mm512_test_epi32_mask(v, v))
			for (uint32_t g = 0; g < groups; g++)
				*to++ = (struct step){ nb * groups + at + g, at + g, from };
	}
	k->n_steps = (size_t)(to - k->step);
}

/* At most SYC_MUL_PANELS. */
static void mul_panels(float *out, size_t ldo, const struct syc_form *f, const uint8_t *packed,
		       size_t n_panels, const struct syc_tokens *x, size_t nb, size_t n_tok,
		       uint8_t *scratch)
{
	const size_t bytes = syc_form_bytes(f, nb),
		groups = nb * (size_t)syc_quants_groups(f->quants), floats = groups * SYC_Q_ROWS;
	float *s = (float *)(void *)(scratch + (SYC_MUL_PANELS * nb + LIST) * SYC_TILE),
	      *m = s + SYC_MUL_PANELS * floats;
	struct work k = {
		.ldo = ldo, .packed = packed, .bytes = bytes, .tiles = scratch,
		.mask = n_tok > TOKENS ? SIZE_MAX : RING - 1, .s = s, .m = m, .nb = nb,
		.n_panels = n_panels, .next = packed + n_panels * bytes,
		.lines = (bytes / groups + 63) / 64,
		.step = (struct step *)(void *)(m + SYC_MUL_PANELS * floats),
	};

	for (size_t p = 0; p < n_panels; p++)
		syc_scales_avx512(s + p * floats, m + p * floats, f, packed + p * bytes, nb);
	for (size_t t = 0; t < n_tok; t += TOKENS) {
		const size_t pass = t / TOKENS * 2 * nb;

		k.out = out + t * ldo;
		k.n_tok = n_tok - t < TOKENS ? n_tok - t : TOKENS;
		k.x = (struct syc_tokens){ x->q + pass * BYTES, x->s + pass * FLOATS,
					   x->sum + pass * SUMS, TOKENS };
		list_steps(&k, f->quants);
		(t ? of_tiles(f->quants) : of_packed[f->quants])(&k);
	}
}

static void mul(float *out, size_t ldo, const struct syc_form *f, const uint8_t *packed,
		size_t n_panels, const struct syc_tokens *x, size_t nb, size_t n_tok, void *scratch)
{
	const size_t bytes = syc_form_bytes(f, nb);

	if (x->tile != TOKENS) {
		syc_mul_avx512vnni(out, ldo, f, packed, n_panels, x, nb, n_tok, scratch);
		return;
	}
	set_tiles(SYC_Q_BLOCK / syc_quants_groups(f->quants));
	while (n_panels) {
		const size_t n = n_panels < SYC_MUL_PANELS ? n_panels : SYC_MUL_PANELS;

		mul_panels(out, ldo, f, packed, n, x, nb, n_tok, scratch);
		out += n * SYC_Q_ROWS;
		packed += n * bytes;
		n_panels -= n;
	}
	_tile_release();
}

void syc_kern_init_amx(struct syc_kern *k)
{
	k->name = "amx";
	k->wide = true;
	k->mul  = mul;
}
