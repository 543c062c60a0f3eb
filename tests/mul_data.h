/* SPDX-License-Identifier: MIT */
/* Packed weights of every form and quantized tokens, drawn. */
#ifndef TESTS_MUL_DATA_H
#define TESTS_MUL_DATA_H
#include "kern/form.h"
#include "kern_data.h"

/* What files have. */
static const struct {
	const char *name;
	struct syc_form form;
} forms[] = {
	{ "q4_0", { SYC_QUANTS_4, SYC_SCALES_HALF } },
	{ "q4_1", { SYC_QUANTS_4M, SYC_SCALES_HALF } },
	{ "q5_0", { SYC_QUANTS_5, SYC_SCALES_HALF } },
	{ "q5_1", { SYC_QUANTS_5M, SYC_SCALES_HALF } },
	{ "q8_0", { SYC_QUANTS_8, SYC_SCALES_HALF } },
	{ "q2_k", { SYC_QUANTS_2M, SYC_SCALES_NIBBLES } },
	{ "q3_k", { SYC_QUANTS_3, SYC_SCALES_SUPER } },
	{ "q4_k", { SYC_QUANTS_4M, SYC_SCALES_SUPER } },
	{ "q5_k", { SYC_QUANTS_5M, SYC_SCALES_SUPER } },
	{ "q6_k", { SYC_QUANTS_6, SYC_SCALES_SUPER } },
	{ "iq4_nl", { SYC_QUANTS_4L, SYC_SCALES_HALF } },
	{ "iq4_xs", { SYC_QUANTS_4L, SYC_SCALES_SUPER } },
};

enum { N_FORMS = sizeof(forms) / sizeof(forms[0]), MOST_BLOCKS = 16 };

/* Extremes first, then anything that fits. */
enum { LOWEST, HIGHEST, ANY, N_FILLS };

/* 16 rows, as they are before they are packed. */
struct drawn {
	uint8_t q[SYC_Q_ROWS * MOST_BLOCKS * SYC_Q_BLOCK];
	uint16_t d[SYC_Q_ROWS * MOST_BLOCKS], m[SYC_Q_ROWS * MOST_BLOCKS];
	uint8_t s[SYC_Q_ROWS * MOST_BLOCKS * 2], min[SYC_Q_ROWS * MOST_BLOCKS * 2];
};

static inline uint8_t draw_quant(enum syc_quants q, int mode)
{
	const unsigned most = (1u << syc_quants_bits(q)) - 1;

	if (mode == ANY)
		return (uint8_t)(rnd() & most);
	if (q == SYC_QUANTS_8)
		return mode == LOWEST ? 0x80 : 0x7f;
	return mode == LOWEST ? 0 : (uint8_t)most;
}

static inline void draw_rows(struct drawn *w, const struct syc_form *f, size_t nb, int mode)
{
	for (size_t i = 0; i < SYC_Q_ROWS * nb * SYC_Q_BLOCK; i++)
		w->q[i] = draw_quant(f->quants, mode);
	fill_half(w->d, SYC_Q_ROWS * nb, PLAIN);
	fill_half(w->m, SYC_Q_ROWS * nb, PLAIN);
	for (size_t i = 0; i < SYC_Q_ROWS * nb * 2; i++) {
		w->s[i] = mode == LOWEST ? 0x80 : mode == HIGHEST ? 0x7f : (uint8_t)rnd();
		w->min[i] = mode == ANY ? (uint8_t)rnd() : 0xff;
	}
}

static inline void pack(uint8_t *panel, const struct syc_kern *k, const struct syc_form *f,
		 struct drawn *w, size_t nb)
{
	const struct syc_form_rows rows = { w->q, w->d, w->m, w->s, w->min };

	syc_form_pack(panel, k, f, &rows, nb);
}

struct tiles {
	struct guarded q, s, sum, list;
	struct syc_tokens x;
};

/* A token's pass in a narrow tile; where it does not have it all but the scales is drawn. */
static inline void draw_pass(int8_t *q, float *s, int32_t *sum, bool has, int mode)
{
	int32_t half[2] = { 0 };

	for (size_t j = 0; j < SYC_Q_BLOCK; j++) {
		q[j] = mode == ANY ? (int8_t)rnd() : mode == LOWEST ? -128 : 127;
		half[j / SYC_Q_HALF] -= q[j];
	}
	for (size_t h = 0; h < 2; h++)
		sum[(1 + h) * SYC_Q_TOKENS] = half[h];
	sum[0] = half[0] + half[1];
	s[0] = has ? rnd_float(PLAIN) : 0;
	s[SYC_Q_TOKENS] = s[0] * (float)sum[0];
}

/* One in eight tokens has a second pass of a block. */
static inline void draw_tile(struct tiles *k, size_t tile, size_t nb, size_t n_tok, int mode)
{
	const size_t at = tile * 2 * nb;
	int8_t *q = (int8_t *)k->q.p + at * SYC_Q_BYTES;
	float *s = (float *)k->s.p + at * SYC_Q_FLOATS;
	int32_t *sum = (int32_t *)k->sum.p + at * SYC_Q_SUMS;
	uint32_t *list = (uint32_t *)k->list.p + tile * (1 + 2 * nb), pass = 0;

	for (size_t i = 0; i < 2 * nb; i++) {
		const uint64_t has = i % 2 ? rnd() & rnd() & rnd() : ~(uint64_t)0;

		if (!(has & ((1u << n_tok) - 1)))
			continue;
		for (size_t t = 0; t < n_tok; t++)
			draw_pass(q + pass * SYC_Q_BYTES + t * SYC_Q_BLOCK,
				  s + pass * SYC_Q_FLOATS + t, sum + pass * SYC_Q_SUMS + t,
				  has >> t & 1, mode);
		list[1 + pass++] = (uint32_t)(i / 2);
	}
	list[0] = pass;
}

/* Narrow ones, the last one cut off where its tokens end. */
static inline struct tiles draw_tiles(size_t nb, size_t n_tok, int mode)
{
	const size_t absent = (SYC_Q_TOKENS - 1) - (n_tok - 1) % SYC_Q_TOKENS,
		tiles = (n_tok + SYC_Q_TOKENS - 1) / SYC_Q_TOKENS,
		all = tiles * nb * 2 * SYC_Q_TOKENS,
		n = all - absent, floats = 2 * all - absent, sums = 3 * all - absent;
	struct tiles k = { guarded_new(n * SYC_Q_BLOCK), guarded_new(floats * 4),
			   guarded_new(sums * 4), guarded_new(tiles * (1 + 2 * nb) * 4), { 0 } };

	memset(k.q.p, 0xff, n * SYC_Q_BLOCK);
	memset(k.s.p, 0xff, floats * 4);	/* NaN */
	memset(k.sum.p, 0xff, sums * 4);
	for (size_t i = 0; i < tiles; i++)
		draw_tile(&k, i, nb, n_tok - i * SYC_Q_TOKENS < SYC_Q_TOKENS ?
			  n_tok - i * SYC_Q_TOKENS : SYC_Q_TOKENS, mode);
	k.x = (struct syc_tokens){ k.q.p, k.s.p, k.sum.p, SYC_Q_TOKENS, k.list.p };
	return k;
}

static inline void tiles_free(struct tiles *k)
{
	guarded_free(&k->q);
	guarded_free(&k->s);
	guarded_free(&k->sum);
	guarded_free(&k->list);
}

/* Token t of a block's pass, first or second, to place `to` of wide tiles; whether it has it. */
static inline bool put_pass(struct tiles *k, const struct syc_tokens *x, size_t to, size_t nb,
			    size_t block, bool second, size_t t)
{
	const struct syc_tokens tile = syc_tokens_tile(x, nb, t / SYC_Q_TOKENS);
	const size_t n = t % SYC_Q_TOKENS, at = t % SYC_Q_WIDE;
	int8_t *q = (int8_t *)k->q.p + (to * SYC_Q_WIDE + at) * SYC_Q_BLOCK;
	float *s = (float *)k->s.p + to * 2 * SYC_Q_WIDE + at;
	int32_t *sum = (int32_t *)k->sum.p + to * 3 * SYC_Q_WIDE + at;
	size_t from = 0;

	while (tile.list[1 + from] != block)
		from++;
	if (second && (++from == tile.list[0] || tile.list[1 + from] != block)) {
		s[0] = s[SYC_Q_WIDE] = 0;
		return false;
	}
	memcpy(q, tile.q + from * SYC_Q_BYTES + n * SYC_Q_BLOCK, SYC_Q_BLOCK);
	for (size_t j = 0; j < 2; j++)
		s[j * SYC_Q_WIDE] = tile.s[from * SYC_Q_FLOATS + j * SYC_Q_TOKENS + n];
	for (size_t j = 0; j < 3; j++)
		sum[j * SYC_Q_WIDE] = tile.sum[from * SYC_Q_SUMS + j * SYC_Q_TOKENS + n];
	return s[0] != 0;
}

static inline struct tiles widened(const struct syc_tokens *x, size_t nb, size_t n_tok)
{
	const size_t tiles = (n_tok + SYC_Q_WIDE - 1) / SYC_Q_WIDE, n = tiles * 2 * nb * SYC_Q_WIDE;
	struct tiles k = { guarded_new(n * SYC_Q_BLOCK), guarded_new(2 * n * 4),
			   guarded_new(3 * n * 4), guarded_new(tiles * (1 + 2 * nb) * 4), { 0 } };

	memset(k.q.p, 0xff, n * SYC_Q_BLOCK);
	memset(k.s.p, 0xff, 2 * n * 4);
	memset(k.sum.p, 0xff, 3 * n * 4);
	for (size_t tile = 0; tile < tiles; tile++) {
		const size_t from = tile * SYC_Q_WIDE,
			end = n_tok - from < SYC_Q_WIDE ? n_tok : from + SYC_Q_WIDE;
		uint32_t *list = (uint32_t *)k.list.p + tile * (1 + 2 * nb), passes = 0;

		for (size_t i = 0; i < 2 * nb; i++) {
			const size_t to = tile * 2 * nb + passes;
			bool any = i % 2 == 0;

			for (size_t t = from; t < end; t++)
				any |= put_pass(&k, x, to, nb, i / 2, i % 2, t);
			if (any)
				list[1 + passes++] = (uint32_t)(i / 2);
		}
		list[0] = passes;
	}
	k.x = (struct syc_tokens){ k.q.p, k.s.p, k.sum.p, SYC_Q_WIDE, k.list.p };
	return k;
}

/* For the specification, and the same numbers in tiles of a variant's. */
struct tokens {
	struct tiles narrow, wide;
	struct syc_tokens ref, x;
};

static inline struct tokens tokens_new(const struct syc_kern *kern, size_t nb, size_t n_tok,
				       int mode)
{
	struct tokens k = { .narrow = draw_tiles(nb, n_tok, mode) };

	k.ref = k.x = k.narrow.x;
	k.wide = widened(&k.ref, nb, n_tok);
	if (syc_q_tile(kern, n_tok) == SYC_Q_WIDE)
		k.x = k.wide.x;
	return k;
}

static inline void tokens_free(struct tokens *k)
{
	tiles_free(&k->narrow);
	tiles_free(&k->wide);
}

static inline void *room(size_t n)
{
	void *p = aligned_alloc(64, (n + 63) / 64 * 64);

	if (!p)
		exit(99);
	return p;
}

#endif
