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

/*
 * Tokens in tiles of k's, the last narrow one cut off where its tokens end, the same
 * numbers whatever the tile.  One in eight second passes is there; of the others all
 * but the scales is drawn, too.
 */
struct tokens {
	struct guarded q, s, sum, list;
	struct syc_tokens x;
};

static inline struct tokens tokens_new(const struct syc_kern *kern, size_t nb, size_t n_tok,
				       int mode)
{
	const size_t tile = syc_q_tile(kern, n_tok),
		n = (n_tok + SYC_Q_TOKENS - 1) / SYC_Q_TOKENS * nb * 2 * SYC_Q_TOKENS,
		absent = (SYC_Q_TOKENS - 1) - (n_tok - 1) % SYC_Q_TOKENS,
		all = (n_tok + tile - 1) / tile * nb * 2 * tile,
		cut = tile == SYC_Q_TOKENS ? absent : 0;
	struct tokens k = { guarded_new((all - cut) * SYC_Q_BLOCK),
			    guarded_new((2 * all - cut) * 4),
			    guarded_new((3 * all - cut) * 4),
			    guarded_new((n_tok + tile - 1) / tile * (1 + 2 * nb) * 4), { 0 } };
	int32_t *sum = k.sum.p;
	int8_t *q = k.q.p;
	float *s = k.s.p;

	memset(q, 0xff, (all - cut) * SYC_Q_BLOCK);
	memset(s, 0xff, (2 * all - cut) * 4);	/* NaN */
	memset(sum, 0xff, (3 * all - cut) * 4);
	for (size_t i = 0; i < n - absent; i++) {
		const size_t pass = i / SYC_Q_TOKENS % (2 * nb),
			token = i / SYC_Q_TOKENS / (2 * nb) * SYC_Q_TOKENS + i % SYC_Q_TOKENS,
			at = (token / tile * 2 * nb +
			      syc_q_pass(tile, nb, pass / 2, pass % 2)) * tile,
			t = token % tile;
		int32_t half[2] = { 0 };

		for (size_t j = 0; j < SYC_Q_BLOCK; j++) {
			int8_t v = mode == ANY ? (int8_t)rnd() : mode == LOWEST ? -128 : 127;

			q[(at + t) * SYC_Q_BLOCK + j] = v;
			half[j / SYC_Q_HALF] -= v;
		}
		for (size_t h = 0; h < 2; h++)
			sum[3 * at + (1 + h) * tile + t] = half[h];
		sum[3 * at + t] = half[0] + half[1];
		s[2 * at + t] = pass % 2 && rnd() % 8 ? 0 : rnd_float(PLAIN);
		s[2 * at + tile + t] = s[2 * at + t] * (float)(half[0] + half[1]);
	}
	k.x = (struct syc_tokens){ q, s, sum, tile, k.list.p };
	for (size_t t = 0; tile == SYC_Q_WIDE && t < n_tok; t += tile)
		syc_q_list((uint32_t *)k.list.p + t / tile * (1 + 2 * nb), s + 4 * t * nb, nb,
			   n_tok - t < tile ? n_tok - t : tile);
	return k;
}

static inline void tokens_free(struct tokens *k)
{
	guarded_free(&k->q);
	guarded_free(&k->s);
	guarded_free(&k->sum);
	guarded_free(&k->list);
}

static inline void *room(size_t n)
{
	void *p = aligned_alloc(64, (n + 63) / 64 * 64);

	if (!p)
		exit(99);
	return p;
}

#endif
