/* SPDX-License-Identifier: MIT */
/*
 * Many tokens in tile registers: 16 tokens x 16 rows of weights at once, of one group
 * of columns, since each has scales of its own.  Their integer sums, 1 KB, are stored
 * and become float in vector registers while the next groups are multiplied.  Tile and
 * vector instructions take turns: a processor that two threads share looks ahead no
 * further than one group, and is a fifth slower without.
 *
 * Sums are exact and floats have the order of every other set, so that few tokens,
 * and the processors without tiles, come to the same bits.
 */
#include "config.h"
#include <immintrin.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include "kern/form.h"
#include "kern/kern_impl.h"

#define U_TO_FLIP 0
#include "kern/planes_avx512.h"

enum {
	TOKENS = SYC_Q_WIDE,
	AHEAD  = 3,		/* steps from a product to its sums' becoming floats */
	SPAN   = 64,		/* blocks of columns unpacked at once */
	BYTES  = TOKENS * SYC_Q_BLOCK,	/* of one pass of a block */
	FLOATS = 2 * TOKENS,
	SUMS   = 3 * TOKENS,
};
_Static_assert(SYC_Q_WIDE == 16, "the rows of a tile register");

/* What weights have: groups of columns per block, and M. */
struct kind {
	unsigned groups;
	bool min;
};

/* A group of the tokens' passes, and of a panel: block times groups, plus the group. */
struct step {
	uint32_t pass, at;
};

/* A tile of tokens times some blocks of a few panels. */
struct work {
	float *out;
	size_t ldo;
	bool more;		/* to be added to what is there */
	struct syc_tokens x;
	size_t n_tok;		/* of the tile */
	const uint8_t *w;	/* signed bytes, a panel behind another */
	const float *s, *m;	/* per step's `at` */
	size_t floats;		/* between panels' scales */
	size_t n_panels;
	/* What will be multiplied next: so many cache lines are asked for at each step. */
	const uint8_t *next;
	size_t lines;
	/* Of one panel; AHEAD steps more are of the next. */
	size_t n_steps;
	struct step step[2 * 2 * SPAN + AHEAD];
};

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
	_tile_loadconfig(&c);
}

#define LOAD_TOKENS(tile, i) \
	_tile_loadd(tile, k->x.q + k->step[i].pass / kind.groups * BYTES + \
		    k->step[i].pass % kind.groups * SYC_Q_HALF, SYC_Q_BLOCK)
#define LOAD_WEIGHTS(tile, i) \
	_tile_loadd(tile, w + k->step[i].at * (SYC_TILE / kind.groups), 64)
#define MULTIPLY(sums, tokens, weights) do { \
	_tile_zero(sums); \
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
	const size_t pass = step.pass / kind.groups, group = step.pass % kind.groups,
		at = (size_t)step.at * SYC_Q_ROWS;
	const float *as = x->s + pass * FLOATS;
	const int32_t *sum = x->sum + pass * SUMS + (1 + group) * TOKENS;

	if (kind.min && kind.groups > 1) {
		_mm512_store_ps(small, _mm512_mul_ps(_mm512_load_ps(as),
				_mm512_cvtepi32_ps(_mm512_load_si512(sum))));
		return (struct factors){ s + at, m + at, as, small };
	}
	return (struct factors){ s + at, m + at, as, as + TOKENS };
}

/* f += S s c, then M times what belongs to it, of some tokens. */
INLINE void finish(const struct kind kind, __m512 f[TOKENS], const int32_t *c,
		   const struct factors *by, const int from, const int to)
{
	const __m512 s = _mm512_load_ps(by->s), m = kind.min ? _mm512_load_ps(by->m) : s;

	UNROLL
	for (int t = from; t < to; t++) {
		const __m512 v = _mm512_cvtepi32_ps(_mm512_load_si512(c + t * SYC_Q_ROWS));

		f[t] = _mm512_fmadd_ps(_mm512_mul_ps(s, _mm512_set1_ps(by->as[t])), v, f[t]);
		if (kind.min)
			f[t] = _mm512_fmadd_ps(m, _mm512_set1_ps(by->of_m[t]), f[t]);
	}
}

INLINE void start(__m512 f[TOKENS], const struct work *k, const float *out)
{
	UNROLL
	for (size_t t = 0; t < TOKENS; t++)
		f[t] = k->more && t < k->n_tok ? _mm512_loadu_ps(out + t * k->ldo) :
						 _mm512_setzero_ps();
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
	by = factors(kind, &k->x, k->step[i], s, m, small); \
	_tile_stored(sums, c_next, 64); \
	finish(kind, f, c, &by, 0, 5); \
	LOAD_TOKENS(tokens, i + AHEAD); \
	finish(kind, f, c, &by, 5, 10); \
	LOAD_WEIGHTS(weights, i + AHEAD); \
	finish(kind, f, c, &by, 10, TOKENS); \
	MULTIPLY(later, tokens, weights); \
	for (size_t j = 0; j < k->lines; j++, next += 64) \
		__builtin_prefetch(next); \
	if (++i == k->n_steps) { \
		store(out, k, f); \
		if (++panel == k->n_panels) \
			return; \
		i = 0; \
		w += k->step[k->n_steps].at * (SYC_TILE / kind.groups); \
		s += k->floats; \
		m += k->floats; \
		out += SYC_Q_ROWS; \
		start(f, k, out); \
	}

INLINE void multiply(const struct kind kind, const struct work *k)
{
	_Alignas(64) int32_t c[2][TOKENS * SYC_Q_ROWS];
	_Alignas(64) float small[TOKENS];
	const uint8_t *w = k->w, *next = k->next;
	const float *s = k->s, *m = k->m;
	float *out = k->out;
	size_t panel = 0, i = 0;
	struct factors by;
	__m512 f[TOKENS];

	LOAD_TOKENS(4, 0);
	LOAD_WEIGHTS(6, 0);
	MULTIPLY(0, 4, 6);
	LOAD_TOKENS(5, 1);
	LOAD_WEIGHTS(7, 1);
	MULTIPLY(1, 5, 7);
	LOAD_TOKENS(4, 2);
	LOAD_WEIGHTS(6, 2);
	MULTIPLY(2, 4, 6);
	_tile_stored(0, c[0], 64);
	start(f, k, out);
	for (;;) {
		STEP(1, 3, 5, 7, c[1], c[0]);
		STEP(2, 0, 4, 6, c[0], c[1]);
		STEP(3, 1, 5, 7, c[1], c[0]);
		STEP(0, 2, 4, 6, c[0], c[1]);
	}
}

#define KIND(name, groups, min) \
static void name(const struct work *k) \
{ \
	multiply((struct kind){ groups, min }, k); \
}
KIND(blocks, 1, false)
KIND(blocks_min, 1, true)
KIND(halves, 2, false)
KIND(halves_min, 2, true)

static void (*of_quants(enum syc_quants q))(const struct work *)
{
	if (syc_quants_groups(q) == 1)
		return syc_quants_min(q) ? blocks_min : blocks;
	return syc_quants_min(q) ? halves_min : halves;
}

/*
 * Of n blocks, from `from` of nb on.  A second pass is computed where one of the tile's
 * tokens has one; to the others it adds 0.
 */
static void list_steps(struct work *k, size_t from, size_t n, size_t nb, uint32_t groups)
{
	const __mmask16 present = (__mmask16)((1u << k->n_tok) - 1);
	const float *second = k->x.s + (nb + from) * FLOATS;
	struct step *to = k->step;

	for (size_t b = 0; b < n; b++, second += FLOATS) {
		const __m512i v = _mm512_maskz_loadu_epi32(present, second);
		const uint32_t pass = (uint32_t)(from + b) * groups, at = (uint32_t)b * groups;

		for (uint32_t g = 0; g < groups; g++)
			*to++ = (struct step){ pass + g, at + g };
		if (_mm512_test_epi32_mask(v, v))
			for (uint32_t g = 0; g < groups; g++)
				*to++ = (struct step){ (uint32_t)nb * groups + pass + g, at + g };
	}
	k->n_steps = (size_t)(to - k->step);
	for (size_t i = 0; i < AHEAD; i++, to++) {
		*to = k->step[i % k->n_steps];
		to->at += (uint32_t)((i / k->n_steps + 1) * n) * groups;
	}
}

/* At most SYC_MUL_PANELS. */
static void mul_panels(float *out, size_t ldo, const struct syc_form *f, const uint8_t *packed,
		       size_t n_panels, const struct syc_tokens *x, size_t nb, size_t n_tok,
		       uint8_t *scratch)
{
	const enum syc_quants q = f->quants;
	const uint32_t groups = (uint32_t)syc_quants_groups(q);
	const size_t bytes = syc_form_bytes(f, nb), floats = nb * groups * SYC_Q_ROWS;
	float *s = (float *)(void *)(scratch + SYC_MUL_PANELS * nb * SYC_TILE),
	      *m = s + SYC_MUL_PANELS * floats;
	struct work k = { .ldo = ldo, .w = scratch, .floats = floats, .n_panels = n_panels };

	for (size_t p = 0; p < n_panels; p++)
		syc_scales_avx512(s + p * floats, m + p * floats, f, packed + p * bytes, nb);
	for (size_t b = 0; b < nb; b += SPAN) {
		const size_t n = nb - b < SPAN ? nb - b : SPAN;

		for (size_t p = 0; p < n_panels; p++)
			unpack_panel(q, scratch + p * n * SYC_TILE,
				     packed + p * bytes + b * syc_quants_bytes(q), n);
		k.more = b > 0;
		k.s = s + b * groups * SYC_Q_ROWS;
		k.m = m + b * groups * SYC_Q_ROWS;
		/* Asking once is enough: with the first tokens. */
		k.next = packed + n_panels * (bytes + b * bytes / nb);
		k.lines = (bytes / (nb * groups) + 63) / 64;
		for (size_t t = 0; t < n_tok; t += TOKENS) {
			const size_t pass = t / TOKENS * 2 * nb;

			k.out = out + t * ldo;
			k.n_tok = n_tok - t < TOKENS ? n_tok - t : TOKENS;
			k.x = (struct syc_tokens){ x->q + pass * BYTES, x->s + pass * FLOATS,
						   x->sum + pass * SUMS, TOKENS };
			list_steps(&k, b, n, nb, groups);
			of_quants(q)(&k);
			k.lines = 0;
		}
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
