/* SPDX-License-Identifier: MIT */
/*
 * mul of a variant, included behind planes.h and behind its products(), which
 * adds to integer sums c those of one half (16 columns) of a block's G panels,
 * `stride` bytes apart, with T tokens:
 *
 *	INLINE void products(const enum syc_quants q, const int G, const int T,
 *			     MUL_SUM c[][TILE / MUL_PER], const uint8_t *w, size_t stride,
 *			     const int half, const int8_t *a);
 *
 * Weights are as quants() gives them.  The variant defines
 *
 *	MUL_SUM, MUL_VEC	registers of integer and of float sums: of
 *	MUL_ROWS		rows
 *	MUL_PER			by tokens (1 unless defined)
 *	MUL_GROUPS		panels at most at once, 1 to 3
 *	MUL_FORM_SCALES		its syc_form_scales()
 *	MUL_FEW_TOKENS(q)	how many are few (a tile unless defined)
 *	MUL_ZERO, MUL_ZERO_SUM
 *	MUL_START(T, sum, t, n)	sums that begin at sum[t] << n
 *	MUL_BIASED(min)		whether the sums of many tokens begin SYC_BIAS higher, so that
 *				their bits are floats, of weights with M or without (false
 *				unless defined), and then
 *	MUL_BIASED_START(T, from, sum, n)	from[t] = (sum[t] << n) + SYC_BIAS_BITS; n is
 *				-1: the bits alone
 *	MUL_SUM_OF(n)		sums that begin at the integer n
 *	MUL_UNBIASED(c, s, b)	s times the float c less b, rounded once
 *	MUL_TOKEN(T, s, t)	float s[t] for all rows
 *	MUL_SCALES(s)		floats of MUL_ROWS rows
 *	MUL_FMA(f, m, x)	f + m x
 *	MUL_MUL(s, x)
 *	MUL_FLOAT(c)
 *	MUL_STORE(p, v, t)	put token t's sums in v to p [MUL_ROWS]
 *
 * Few tokens meet weights that are unpacked in registers; for more, panels become
 * tiles of SYC_QUANTS_8 in the scratch memory.  All is inlined with constants, so
 * that registers stay registers.
 *
 * Weights come from memory once.  Few tokens take them faster than the processor
 * foresees: they are asked for AHEAD of their turn, also where their turn is in the
 * next panels, whose scales are asked for evenly meanwhile; and several panels
 * together are several streams, of which a core reads more than of one.  Scales
 * become floats a few blocks at a time, so that memory has no time off and they stay
 * in the first cache.  For more tokens the next panels are asked for while these are
 * multiplied.
 */
#ifndef MUL_BIASED
#define MUL_BIASED(min) false
#define MUL_BIASED_START(T, from, sum, n) ((void)(T), (void)(from), (void)(sum), (void)(n))
#define MUL_SUM_OF(n) ((void)(n), MUL_ZERO_SUM)
#define MUL_UNBIASED(c, s, b) MUL_MUL(s, MUL_FLOAT(c))
#endif
#ifndef MUL_PER
#define MUL_PER 1
#endif
#ifndef MUL_FEW_TOKENS
#define MUL_FEW_TOKENS(q) TILE
#endif

enum {
	VECS = SYC_Q_ROWS / MUL_ROWS,	/* registers of a panel's rows */
	AHEAD = MUL_GROUPS > 1 ? 2048 : 4096,	/* bytes of a stream, asked for before their turn */
	NEAR = 256 << 10,	/* bytes of tokens that leave room in the second cache */
};

INLINE size_t smaller(size_t a, size_t b)
{
	return a < b ? a : b;
}

INLINE void fetch(const uint8_t *w, size_t n)
{
	UNROLL
	for (size_t i = 0; i < n; i += 64)
		__builtin_prefetch(w + i);
}

/* What quants are, what their groups have, and whether tokens are few. */
struct kind {
	enum syc_quants q;
	int groups;	/* per block */
	bool min, few;
};

/*
 * Panels at their first block, and what lies between one and the next.  Of what is
 * due behind them, at next, so many bytes are asked for at each block of tokens: for
 * few tokens of the scales of each of the next panels, else of all that there is.
 */
struct panels {
	const uint8_t *w;
	size_t stride;
	float *s, *m, *bias;	/* S, M, S SYC_BIAS */
	size_t floats;
	const uint8_t *next, *end;
	size_t share;
	size_t jump;	/* from the end of the quants to those of the next panels */
	/* What the scales are that become s and m SYC_SUPER_BLOCKS blocks at a time; or NULL. */
	const struct syc_form *form;
	const uint8_t *scales;
};

/* Few tokens are at block b of nb. */
INLINE void fetch_ahead(const struct kind k, const int G, const struct panels *p, size_t b,
			size_t nb)
{
	const size_t bytes = syc_quants_bytes(k.q),
		ahead = AHEAD + (b + AHEAD / bytes < nb ? 0 : p->jump);

	for (int g = 0; g < G; g++) {
		fetch(p->w + (size_t)g * p->stride + b * bytes + ahead, bytes);
		__builtin_prefetch(p->next + (size_t)g * p->stride + b * p->share);
	}
}

INLINE void fetch_next(struct panels *p)
{
	if (p->next >= p->end)
		return;
	for (size_t i = 0; i < p->share; i += 64)
		__builtin_prefetch(p->next + i);
	p->next += p->share;
}

/* The scales of n blocks from block b on become floats. */
INLINE void next_scales(const struct panels *p, const int G, size_t b, size_t n)
{
	const uint8_t *scales = p->scales + b / SYC_SUPER_BLOCKS * syc_form_scales_bytes(p->form);

	for (int g = 0; g < G; g++)
		MUL_FORM_SCALES(p->s + (size_t)g * p->floats, p->m + (size_t)g * p->floats,
				p->form, scales + (size_t)g * p->stride, n);
}

INLINE bool biased(const struct kind k)
{
	return !k.few && MUL_BIASED(k.min);
}

/* What the sums of a pass begin at, of its block or of each half. */
INLINE void first_sums(const struct kind k, const int T, int32_t from[2][TILE], const int32_t *sum)
{
	if (!biased(k))
		return;
	UNROLL
	for (int g = 0; g < k.groups; g++)
		MUL_BIASED_START(T, from[g], sum + (k.groups == 1 ? 0 : (1 + g) * TILE),
				 offset_shift(k.q));
}

/* The integers of group g of a block begin; the group is the block when there is one. */
INLINE void start(const struct kind k, const int G, const int T, MUL_SUM c[][TILE / MUL_PER],
		  const int32_t *sum, const int32_t from[2][TILE], const int g)
{
	const int shift = offset_shift(k.q);

	sum += k.groups == 1 ? 0 : (1 + g) * TILE;
	UNROLL
	for (int t = 0; t < T; t += MUL_PER) {
		MUL_SUM v = biased(k) ? MUL_SUM_OF(from[g][t]) :
			    shift < 0 ? MUL_ZERO_SUM : MUL_START(T, sum, t, shift);

		UNROLL
		for (int i = 0; i < G * VECS; i++)
			c[i][t / MUL_PER] = v;
	}
}

/* f += M times what belongs to it, then S c s, of group g of a block whose scales are at `at`. */
INLINE void finish(const struct kind k, const int G, const int T, MUL_VEC f[][TILE / MUL_PER],
		   MUL_SUM c[][TILE / MUL_PER], const struct panels *p, size_t at, const float *as,
		   const int32_t *sum, const int g)
{
	float small[TILE];
	const float *of_m = as + TILE;

	if (k.min && k.groups > 1) {
		UNROLL
		for (int t = 0; t < T; t++)
			small[t] = as[t] * (float)sum[(1 + g) * TILE + t];
		of_m = small;
	}
	UNROLL
	for (int i = 0; i < G * VECS; i++) {
		const size_t to = at + (size_t)(i / VECS) * p->floats +
				  (size_t)(g * SYC_Q_ROWS + i % VECS * MUL_ROWS);

		UNROLL
		for (int t = 0; t < T; t += MUL_PER) {
			MUL_VEC *v = &f[i][t / MUL_PER];
			const MUL_SUM n = c[i][t / MUL_PER];

			if (k.min)
				*v = MUL_FMA(*v, MUL_SCALES(p->m + to), MUL_TOKEN(T, of_m, t));
			*v = MUL_FMA(*v, biased(k) ?
				     MUL_UNBIASED(n, MUL_SCALES(p->s + to),
						  MUL_SCALES(p->bias + to)) :
				     MUL_MUL(MUL_SCALES(p->s + to), MUL_FLOAT(n)),
				     MUL_TOKEN(T, as, t));
		}
	}
}

/* f += block b of the panels times a pass of tokens, whose sums begin at `from`. */
INLINE void block(const struct kind k, const int G, const int T, MUL_VEC f[][TILE / MUL_PER],
		  const struct panels *p, size_t b, const int8_t *a, const float *as,
		  const int32_t *sum, const int32_t from[2][TILE])
{
	const uint8_t *w = p->w + b * syc_quants_bytes(k.q);
	const size_t at = (k.few && p->form ? b % SYC_SUPER_BLOCKS : b) *
			  (size_t)k.groups * SYC_Q_ROWS;
	MUL_SUM c[MUL_GROUPS * VECS][TILE / MUL_PER];

	UNROLL
	for (int half = 0; half < 2; half++) {
		if (half == 0 || k.groups == 2)
			start(k, G, T, c, sum, from, half);
		products(k.q, G, T, c, w, p->stride, half, a);
		if (half == 1 || k.groups == 2)
			finish(k, G, T, f, c, p, at, as, sum, k.groups == 2 ? half : 0);
	}
}

/*
 * To tokens that do not have a second pass it adds 0, which changes nothing: sums begin at 0.
 * What a pass begins at is made during the one before: it goes through memory, and the
 * processor does not look so far ahead.
 */
INLINE void tile(const struct kind k, const int G, const int T, float *out, size_t ldo,
		 struct panels *p, const struct syc_tokens *x, size_t nb)
{
	const uint32_t *list = x->list + 1;
	const size_t n = x->list[0];
	const int8_t *a = x->q;
	const float *as = x->s;
	const int32_t *sum = x->sum;
	int32_t from[2][2][TILE] __attribute__((aligned(16)));
	MUL_VEC f[MUL_GROUPS * VECS][TILE / MUL_PER];

	UNROLL
	for (int i = 0; i < G * VECS; i++)
		UNROLL
		for (int t = 0; t < T; t += MUL_PER)
			f[i][t / MUL_PER] = MUL_ZERO;
	first_sums(k, T, from[0], sum);
	for (size_t i = 0; i < n; i++) {
		const int32_t *next = i + 1 < n ? sum + SYC_Q_SUMS : sum;
		const size_t b = list[i];

		if (k.few && p->form && b % SYC_SUPER_BLOCKS == 0)
			next_scales(p, G, b, smaller(nb - b, SYC_SUPER_BLOCKS));
		first_sums(k, T, from[(i + 1) % 2], next);
		block(k, G, T, f, p, b, a, as, sum, from[i % 2]);
		if (k.few)
			fetch_ahead(k, G, p, b, nb);
		else
			fetch_next(p);
		a += SYC_Q_BYTES;
		as += SYC_Q_FLOATS;
		sum = next;
	}
	UNROLL
	for (int t = 0; t < T; t++)
		UNROLL
		for (int i = 0; i < G * VECS; i++)
			MUL_STORE(out + (size_t)t * ldo + i * MUL_ROWS, f[i][t / MUL_PER], t);
}

INLINE void tokens(const struct kind k, const int G, float *out, size_t ldo,
		   struct panels *p, struct syc_tokens x, size_t nb, size_t n_tok)
{
	for (; n_tok >= TILE; n_tok -= TILE) {
		tile(k, G, TILE, out, ldo, p, &x, nb);
		out += TILE * ldo;
		x = syc_tokens_tile(&x, nb, 1);
	}
	if (n_tok == 3)
		tile(k, G, 3, out, ldo, p, &x, nb);
	else if (n_tok == 2)
		tile(k, G, 2, out, ldo, p, &x, nb);
	else if (n_tok == 1)
		tile(k, G, 1, out, ldo, p, &x, nb);
}

/* ---- kinds of weights, with what is the same for some of them ----------------- */

#define MUL_KIND(name, quants, groups, min, few) \
static void name(int G, float *out, size_t ldo, struct panels *p, \
		 const struct syc_tokens *x, size_t nb, size_t n_tok) \
{ \
	const struct kind k = { quants, groups, min, few }; \
 \
	if (MUL_GROUPS > 2 && G > 2) \
		tokens(k, MUL_GROUPS > 2 ? 3 : 1, out, ldo, p, *x, nb, n_tok); \
	else if (MUL_GROUPS > 1 && G > 1) \
		tokens(k, MUL_GROUPS > 1 ? 2 : 1, out, ldo, p, *x, nb, n_tok); \
	else \
		tokens(k, 1, out, ldo, p, *x, nb, n_tok); \
}
MUL_KIND(tiles, SYC_QUANTS_8, 1, false, false)
MUL_KIND(tiles_min, SYC_QUANTS_8, 1, true, false)
MUL_KIND(tiles_halves, SYC_QUANTS_8, 2, false, false)
MUL_KIND(tiles_halves_min, SYC_QUANTS_8, 2, true, false)
MUL_KIND(few_2m, SYC_QUANTS_2M, 2, true, true)
MUL_KIND(few_3, SYC_QUANTS_3, 2, false, true)
MUL_KIND(few_4, SYC_QUANTS_4, 1, false, true)
MUL_KIND(few_4m, SYC_QUANTS_4M, 1, true, true)
MUL_KIND(few_4l, SYC_QUANTS_4L, 1, false, true)
MUL_KIND(few_5, SYC_QUANTS_5, 1, false, true)
MUL_KIND(few_5m, SYC_QUANTS_5M, 1, true, true)
MUL_KIND(few_6, SYC_QUANTS_6, 2, false, true)
MUL_KIND(few_8, SYC_QUANTS_8, 1, false, true)

typedef void mul_kind(int G, float *out, size_t ldo, struct panels *p,
		      const struct syc_tokens *x, size_t nb, size_t n_tok);

/* Of tiles, whatever they were. */
static mul_kind *of_tiles(enum syc_quants q)
{
	if (syc_quants_groups(q) == 1)
		return syc_quants_min(q) ? tiles_min : tiles;
	return syc_quants_min(q) ? tiles_halves_min : tiles_halves;
}

/* As they are packed. */
static mul_kind *of_few(enum syc_quants q)
{
	switch (q) {
	case SYC_QUANTS_2M: return few_2m;
	case SYC_QUANTS_3: return few_3;
	case SYC_QUANTS_4: return few_4;
	case SYC_QUANTS_4M: return few_4m;
	case SYC_QUANTS_4L: return few_4l;
	case SYC_QUANTS_5: return few_5;
	case SYC_QUANTS_5M: return few_5m;
	case SYC_QUANTS_6: return few_6;
	default: return few_8;
	}
}

/* The tiles of nb blocks, as those of SYC_QUANTS_8. */
INLINE void unpack(const enum syc_quants q, uint8_t *tile, const uint8_t *w, size_t nb)
{
	for (; nb; nb--, tile += SYC_TILE, w += syc_quants_bytes(q)) {
#pragma GCC unroll 32
		for (int j = 0; j < SYC_TILE / U_BYTES; j++)
			U_STORE(tile + j * U_BYTES, unpacked(q, w, j));
	}
}

static void unpack_panel(const enum syc_quants q, uint8_t *tile, const uint8_t *w, size_t nb)
{
	switch (q) {
	case SYC_QUANTS_2M: unpack(SYC_QUANTS_2M, tile, w, nb); break;
	case SYC_QUANTS_3: unpack(SYC_QUANTS_3, tile, w, nb); break;
	case SYC_QUANTS_4: unpack(SYC_QUANTS_4, tile, w, nb); break;
	case SYC_QUANTS_4M: unpack(SYC_QUANTS_4M, tile, w, nb); break;
	case SYC_QUANTS_4L: unpack(SYC_QUANTS_4L, tile, w, nb); break;
	case SYC_QUANTS_5: unpack(SYC_QUANTS_5, tile, w, nb); break;
	case SYC_QUANTS_5M: unpack(SYC_QUANTS_5M, tile, w, nb); break;
	case SYC_QUANTS_6: unpack(SYC_QUANTS_6, tile, w, nb); break;
	default: break;
	}
}

/* bias = s SYC_BIAS. */
static void times_bias(float *bias, const float *s, size_t n)
{
	const float by[TILE] = { SYC_BIAS };

	for (size_t i = 0; i < n; i += MUL_ROWS)
		MUL_STORE(bias + i, MUL_MUL(MUL_SCALES(s + i), MUL_TOKEN(1, by, 0)), 0);
}

/* Tokens of a thread's that stay in its second cache, a multiple of a tile. */
static size_t tokens_at_once(size_t nb)
{
	const size_t bytes = SYC_Q_BYTES + SYC_Q_FLOATS * sizeof(float) +
			     SYC_Q_SUMS * sizeof(int32_t),
		n = NEAR / (nb * bytes);

	return (n ? n : 1) * TILE;
}

/* Few tokens times n panels, at most MUL_GROUPS. */
static void mul_few(float *out, size_t ldo, const struct syc_form *f, const uint8_t *panel,
		    size_t n, const struct syc_tokens *x, size_t nb, size_t n_tok, uint8_t *scratch)
{
	const bool once = n_tok <= TILE;
	const size_t bytes = syc_form_bytes(f, nb), quants = nb * syc_quants_bytes(f->quants),
		floats = (size_t)syc_quants_groups(f->quants) * SYC_Q_ROWS *
			 (once ? smaller(nb, SYC_SUPER_BLOCKS) : nb);
	float *s = (float *)(void *)scratch;
	struct panels p = {
		.w = panel, .stride = bytes,
		.s = s, .m = s + n * floats, .floats = floats,
		.next = panel + n * bytes + quants, .share = (bytes - quants + nb - 1) / nb,
		.jump = n * bytes - quants,
		.form = once ? f : NULL, .scales = panel + quants,
	};

	for (size_t g = 0; !once && g < n; g++)
		MUL_FORM_SCALES(p.s + g * floats, p.m + g * floats, f, p.scales + g * bytes, nb);
	of_few(f->quants)((int)n, out, ldo, &p, x, nb, n_tok);
}

/*
 * Tokens times n panels, at most SYC_MUL_PANELS, MUL_GROUPS at a time: some tokens meet all
 * panels before the next ones do, so that they come from the second cache.
 */
static void mul_many(float *out, size_t ldo, const struct syc_form *f, const uint8_t *panel,
		     size_t n, const struct syc_tokens *x, size_t nb, size_t n_tok, uint8_t *scratch)
{
	const enum syc_quants q = f->quants;
	const size_t bytes = syc_form_bytes(f, nb), quants = nb * syc_quants_bytes(q),
		floats = (size_t)syc_quants_groups(q) * SYC_Q_ROWS * nb,
		tiles = (n_tok + TILE - 1) / TILE, at_once = tokens_at_once(nb),
		rounds = tiles * ((n + MUL_GROUPS - 1) / MUL_GROUPS);
	float *s = (float *)(void *)(scratch + n * nb * SYC_TILE), *m = s + n * floats,
	      *bias = m + n * floats;
	struct panels p = {
		.stride = q == SYC_QUANTS_8 ? bytes : nb * SYC_TILE, .floats = floats,
		.next = panel + n * bytes, .end = panel + 2 * n * bytes,
		.share = n * bytes / (nb * rounds) / 64 * 64 + 64,
	};

	for (size_t g = 0; g < n; g++) {
		MUL_FORM_SCALES(s + g * floats, m + g * floats, f, panel + g * bytes + quants, nb);
		if (MUL_BIASED(syc_quants_min(q)))
			times_bias(bias + g * floats, s + g * floats, floats);
		if (q != SYC_QUANTS_8)
			unpack_panel(q, scratch + g * nb * SYC_TILE, panel + g * bytes, nb);
	}
	for (size_t t = 0; t < n_tok; t += at_once) {
		const struct syc_tokens from = syc_tokens_tile(x, nb, t / TILE);

		for (size_t g = 0; g < n; g += MUL_GROUPS) {
			p.w = (q == SYC_QUANTS_8 ? panel : scratch) + g * p.stride;
			p.s = s + g * floats;
			p.m = m + g * floats;
			p.bias = bias + g * floats;
			of_tiles(q)((int)smaller(n - g, MUL_GROUPS), out + t * ldo + g * SYC_Q_ROWS,
				    ldo, &p, &from, nb, smaller(n_tok - t, at_once));
		}
	}
}

static void mul(float *out, size_t ldo, const struct syc_form *f, const uint8_t *panel,
		size_t n_panels, const struct syc_tokens *x, size_t nb, size_t n_tok, void *scratch)
{
	const bool few = n_tok <= MUL_FEW_TOKENS(f->quants);

	while (n_panels) {
		const size_t n = smaller(n_panels, few ? MUL_GROUPS : SYC_MUL_PANELS);

		(few ? mul_few : mul_many)(out, ldo, f, panel, n, x, nb, n_tok, scratch);
		out += n * SYC_Q_ROWS;
		panel += n * syc_form_bytes(f, nb);
		n_panels -= n;
	}
}
