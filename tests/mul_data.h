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

/*
 * Narrow ones, the last one cut off where its tokens end.  One in eight second passes is
 * there; of the others all but the scales is drawn, too.
 */
static inline struct tiles draw_tiles(size_t nb, size_t n_tok, int mode)
{
	const size_t absent = (SYC_Q_TOKENS - 1) - (n_tok - 1) % SYC_Q_TOKENS,
		all = (n_tok + SYC_Q_TOKENS - 1) / SYC_Q_TOKENS * nb * 2 * SYC_Q_TOKENS,
		n = all - absent, floats = 2 * all - absent, sums = 3 * all - absent;
	struct tiles k = { guarded_new(n * SYC_Q_BLOCK), guarded_new(floats * 4),
			   guarded_new(sums * 4), guarded_new(0), { 0 } };
	int32_t *sum = k.sum.p;
	int8_t *q = k.q.p;
	float *s = k.s.p;

	memset(q, 0xff, n * SYC_Q_BLOCK);
	memset(s, 0xff, floats * 4);	/* NaN */
	memset(sum, 0xff, sums * 4);
	for (size_t i = 0; i < n; i++) {
		const size_t pass = i / SYC_Q_TOKENS, t = i % SYC_Q_TOKENS;
		int32_t half[2] = { 0 };

		for (size_t j = 0; j < SYC_Q_BLOCK; j++) {
			int8_t v = mode == ANY ? (int8_t)rnd() : mode == LOWEST ? -128 : 127;

			q[i * SYC_Q_BLOCK + j] = v;
			half[j / SYC_Q_HALF] -= v;
		}
		for (size_t h = 0; h < 2; h++)
			sum[pass * SYC_Q_SUMS + (1 + h) * SYC_Q_TOKENS + t] = half[h];
		sum[pass * SYC_Q_SUMS + t] = half[0] + half[1];
		s[pass * SYC_Q_FLOATS + t] = pass % 2 && rnd() % 8 ? 0 : rnd_float(PLAIN);
		s[pass * SYC_Q_FLOATS + SYC_Q_TOKENS + t] =
			s[pass * SYC_Q_FLOATS + t] * (float)(half[0] + half[1]);
	}
	k.x = (struct syc_tokens){ q, s, sum, SYC_Q_TOKENS, NULL };
	return k;
}

static inline void tiles_free(struct tiles *k)
{
	guarded_free(&k->q);
	guarded_free(&k->s);
	guarded_free(&k->sum);
	guarded_free(&k->list);
}

/* Pass i of narrow tiles, of token t, to place `to` of wide ones; whether it is there. */
static inline bool put_pass(struct tiles *k, const struct syc_tokens *x, size_t to, size_t nb,
			    size_t i, size_t t)
{
	const size_t from = t / SYC_Q_TOKENS * 2 * nb + i, w = t % SYC_Q_WIDE, n = t % SYC_Q_TOKENS;
	int8_t *q = k->q.p;
	float *s = k->s.p;
	int32_t *sum = k->sum.p;

	memcpy(q + (to * SYC_Q_WIDE + w) * SYC_Q_BLOCK,
	       x->q + from * SYC_Q_BYTES + n * SYC_Q_BLOCK, SYC_Q_BLOCK);
	for (size_t j = 0; j < 2; j++)
		s[(to * 2 + j) * SYC_Q_WIDE + w] = x->s[from * SYC_Q_FLOATS + j * SYC_Q_TOKENS + n];
	for (size_t j = 0; j < 3; j++)
		sum[(to * 3 + j) * SYC_Q_WIDE + w] =
			x->sum[from * SYC_Q_SUMS + j * SYC_Q_TOKENS + n];
	return x->s[from * SYC_Q_FLOATS + n] != 0;
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
		uint32_t *list = (uint32_t *)k.list.p + tile * (1 + 2 * nb), passes = 0;

		for (size_t i = 0; i < 2 * nb; i++) {
			bool any = i % 2 == 0;

			for (size_t t = tile * SYC_Q_WIDE; t < n_tok && t < (tile + 1) * SYC_Q_WIDE; t++)
				any |= put_pass(&k, x, tile * 2 * nb + passes, nb, i, t);
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
