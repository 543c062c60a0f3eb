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

/* A tile of tokens, or several one behind the other, times a few panels. */
struct work {
	float *out;
	size_t ldo;
	struct syc_tokens x;
	size_t n_tok;
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
};

/*
 * What is multiplied in one go: a group of a pass of the tokens' and of a block of the
 * panels', each pass or block times groups plus the group; where the block's quants are.
 * Behind a panel's last one the sums of n tokens go to out; n is 0 behind others.
 */
struct step {
	size_t pass, at;
	const uint8_t *from;
	float *out;
	size_t n;
};
_Static_assert(SYC_MUL_SCRATCH(1) - SYC_MUL_SCRATCH(0) >=
	       SYC_MUL_PANELS * (SYC_TILE + 4 * SYC_Q_ROWS * sizeof(float)) &&
	       SYC_MUL_SCRATCH(0) >= LIST * SYC_TILE,
	       "room for a block's tile and scales, and for what is looked ahead");

/* Where the next step is: pass i of n of a tile of tokens, times a panel. */
struct cursor {
	const uint32_t *list;	/* of the passes' blocks */
	size_t i, n;
	unsigned group;
	size_t tokens;		/* from the tile's first one on */
	size_t pass;		/* the tile's first of all tiles' */
	size_t panel, block;	/* the panel's first of all panels' */
	const uint8_t *from;	/* the panel */
	float *out;
};

INLINE unsigned groups_of(const struct kind kind)
{
	return (unsigned)syc_quants_groups(kind.q);
}

static struct cursor first_step(const struct work *k)
{
	return (struct cursor){
		.list = k->x.list + 1, .n = k->x.list[0], .tokens = k->n_tok,
		.from = k->packed, .out = k->out,
	};
}

/* Behind the last panel of the last tile it goes on with what can be read. */
INLINE void next_panel(const struct work *k, struct cursor *c)
{
	c->i = 0;
	c->block += k->nb;
	c->out += SYC_Q_ROWS;
	if (++c->panel < k->n_panels)
		c->from += k->bytes;
	if (c->panel != k->n_panels || c->tokens <= TOKENS)
		return;
	c->out += TOKENS * k->ldo - k->n_panels * SYC_Q_ROWS;
	c->from = k->packed;
	c->panel = c->block = 0;
	c->tokens -= TOKENS;
	c->pass += 2 * k->nb;
	c->list += 1 + 2 * k->nb;
	c->n = c->list[-1];
}

INLINE struct step next_step(const struct kind kind, const struct work *k, struct cursor *c)
{
	const unsigned groups = groups_of(kind);
	const size_t block = c->list[c->i];
	struct step s = {
		.pass = (c->pass + c->i) * groups + c->group,
		.at = (c->block + block) * groups + c->group,
		.from = c->from + block * syc_quants_bytes(kind.q),
	};

	c->group = groups - 1 - c->group;
	if (c->group)
		return s;
	if (++c->i == c->n) {
		s.out = c->out;
		s.n = c->tokens < TOKENS ? c->tokens : TOKENS;
		next_panel(k, c);
	}
	return s;
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
INLINE void unpack_third(const struct kind kind, uint8_t *tile, const struct step step,
			 const int third)
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
				unpacked(kind.q, step.from, g * n + j));
	}
}

#define UNPACK(third, step) \
	unpack_third(kind, tile_at(kind, k->tiles, k->mask, (step).at), step, third)
#define LOAD_TOKENS(tile, step) \
	_tile_loadd(tile, k->x.q + (step).pass / groups_of(kind) * BYTES + \
		    (step).pass % groups_of(kind) * SYC_Q_HALF, SYC_Q_BLOCK)
#define LOAD_WEIGHTS(tile, step) \
	_tile_loadd(tile, tile_at(kind, k->tiles, k->mask, (step).at), 64)
#define BEGIN(sums, tokens, weights, step) do { \
	LOAD_TOKENS(tokens, step); \
	LOAD_WEIGHTS(weights, step); \
	_tile_dpbssd(sums, tokens, weights); \
} while (0)

/* What a step's sums are multiplied by. */
struct factors {
	const float *s, *m, *as, *of_m;
};

/* small [TOKENS] is for sums of half a block. */
INLINE struct factors factors(const struct kind kind, const struct work *k,
			      const struct step step, float *small)
{
	const size_t pass = step.pass / groups_of(kind), group = step.pass % groups_of(kind);
	const float *s = k->s + step.at * SYC_Q_ROWS, *m = k->m + step.at * SYC_Q_ROWS,
		    *as = k->x.s + pass * FLOATS;
	const int32_t *sum = k->x.sum + pass * SUMS + (1 + group) * TOKENS;

	if (syc_quants_min(kind.q) && groups_of(kind) > 1) {
		_mm512_store_ps(small, _mm512_mul_ps(_mm512_load_ps(as),
				_mm512_cvtepi32_ps(_mm512_load_si512(sum))));
		return (struct factors){ s, m, as, small };
	}
	return (struct factors){ s, m, as, as + TOKENS };
}

/*
 * As floats: two ways to the same value.  Beside tile instructions only one port converts,
 * multiplies and adds products, but two add.
 */
INLINE __m512 converted(const int32_t *c)
{
	return _mm512_cvtepi32_ps(_mm512_load_si512(c));
}

INLINE __m512 added(const int32_t *c)
{
	const __m512i big = _mm512_set1_epi32(SYC_BIAS_BITS);
	const __m512i sum = _mm512_add_epi32(big, _mm512_load_si512(c));

	return _mm512_sub_ps(_mm512_castsi512_ps(sum), _mm512_castsi512_ps(big));
}

/* f += M times what belongs to it, then S c s, of some tokens. */
INLINE void finish(const struct kind kind, __m512 f[TOKENS], const int32_t *c,
		   const struct factors *by, const int from, const int to)
{
	const bool min = syc_quants_min(kind.q);
	const __m512 s = _mm512_load_ps(by->s), m = min ? _mm512_load_ps(by->m) : s;

	UNROLL
	for (int t = from; t < to; t++) {
		const int32_t *sums = c + t * SYC_Q_ROWS;
		const __m512 v = min && t % 2 ? added(sums) : converted(sums);

		if (min)
			f[t] = _mm512_fmadd_ps(m, _mm512_set1_ps(by->of_m[t]), f[t]);
		f[t] = _mm512_fmadd_ps(_mm512_mul_ps(s, v), _mm512_set1_ps(by->as[t]), f[t]);
	}
}

INLINE void store(const struct step step, size_t ldo, const __m512 f[TOKENS])
{
	UNROLL
	for (size_t t = 0; t < TOKENS; t++)
		if (t < step.n)
			_mm512_storeu_ps(step.out + t * ldo, f[t]);
}

/* Stored soon, and likely another core's now; nothing happens to rows that are not there. */
INLINE void ask_rows(float *out, size_t ldo)
{
	UNROLL
	for (size_t t = 0; t < TOKENS; t++)
		__builtin_prefetch(out + t * ldo, 1);
}

/*
 * c has the sums of `now`, c_next gets those of the one behind it; `ahead` is AHEAD of
 * it.  It becomes the one behind that.
 */
#define STEP(sums, later, tokens, weights, c_next, c, now, ahead) do { \
	const struct step new = next_step(kind, k, &cursor); \
	const struct factors by = factors(kind, k, now, small); \
 \
	_tile_stored(sums, c_next, 64); \
	_tile_zero(sums); \
	finish(kind, f, c, &by, 0, 5); \
	LOAD_TOKENS(tokens, ahead); \
	UNPACK(0, new); \
	finish(kind, f, c, &by, 5, 10); \
	LOAD_WEIGHTS(weights, ahead); \
	UNPACK(1, new); \
	finish(kind, f, c, &by, 10, TOKENS); \
	_tile_dpbssd(later, tokens, weights); \
	UNPACK(2, new); \
	for (size_t j = 0; kind.packed && j < k->lines; j++, next += 64) \
		__builtin_prefetch(next); \
	if ((now).n) { \
		store(now, k->ldo, f); \
		if (--left == 0) \
			return; \
		clear(f); \
		ask_rows(cursor.out, k->ldo); \
	} \
	now = new; \
} while (0)

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
	const uint8_t *next = k->next;
	size_t left = (k->n_tok + TOKENS - 1) / TOKENS * k->n_panels;
	struct cursor cursor = first_step(k);
	struct step step[LIST];
	__m512 f[TOKENS];

	UNROLL
	for (int i = 0; i < LIST; i++) {
		step[i] = next_step(kind, k, &cursor);
		UNPACK(0, step[i]);
		UNPACK(1, step[i]);
		UNPACK(2, step[i]);
	}
	/* Tiles are loaded from memory, which the intrinsic does not say. */
	__asm__ volatile("" : : : "memory");
	_tile_zero(0);
	_tile_zero(1);
	_tile_zero(2);
	_tile_zero(3);
	BEGIN(0, 4, 6, step[0]);
	BEGIN(1, 5, 7, step[1]);
	BEGIN(2, 4, 6, step[2]);
	_tile_stored(0, c[0], 64);
	_tile_zero(0);
	clear(f);
	ask_rows(k->out, k->ldo);
	for (;;) {
		STEP(1, 3, 5, 7, c[1], c[0], step[0], step[3]);
		STEP(2, 0, 4, 6, c[0], c[1], step[1], step[0]);
		STEP(3, 1, 5, 7, c[1], c[0], step[2], step[1]);
		STEP(0, 2, 4, 6, c[0], c[1], step[3], step[2]);
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
		.out = out, .ldo = ldo, .x = *x, .n_tok = n_tok < TOKENS ? n_tok : TOKENS,
		.packed = packed, .bytes = bytes, .tiles = scratch,
		.mask = n_tok > TOKENS ? SIZE_MAX : RING - 1, .s = s, .m = m, .nb = nb,
		.n_panels = n_panels, .next = packed + n_panels * bytes,
		.lines = (bytes / groups + 63) / 64,
	};

	for (size_t p = 0; p < n_panels; p++)
		syc_scales_avx512(s + p * floats, m + p * floats, f,
				  packed + p * bytes + nb * syc_quants_bytes(f->quants), nb);
	of_packed[f->quants](&k);
	if (n_tok <= TOKENS)
		return;
	k.out += TOKENS * ldo;
	k.n_tok = n_tok - TOKENS;
	k.x = syc_tokens_tile(x, nb, 1);
	of_tiles(f->quants)(&k);
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
