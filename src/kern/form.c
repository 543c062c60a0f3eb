/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <string.h>
#include "base/half.h"
#include "base/mem.h"
#include "kern/form.h"
#include "kern/kern_impl.h"

/* ---- sizes ------------------------------------------------------------------ */

/* Per block; per SYC_SUPER_BLOCKS of them where scales are scaled. */
static size_t scale_bytes(const struct syc_form *f)
{
	const size_t kinds = syc_quants_min(f->quants) ? 2 : 1,
		groups = (size_t)syc_quants_groups(f->quants) * SYC_SUPER_BLOCKS,
		halves = kinds * SYC_Q_ROWS * sizeof(uint16_t);

	if (f->scales == SYC_SCALES_HALF)
		return halves * (size_t)syc_quants_groups(f->quants);
	return halves + groups * SYC_Q_ROWS * (f->scales == SYC_SCALES_SUPER ? kinds : 1);
}

size_t syc_form_bytes(const struct syc_form *f, size_t nb)
{
	const size_t n = f->scales == SYC_SCALES_HALF ? nb : nb / SYC_SUPER_BLOCKS;

	return syc_round_up(nb * syc_quants_bytes(f->quants) + n * scale_bytes(f), 64);
}

/* ---- quants ----------------------------------------------------------------- */

INLINE void put_words(uint8_t *tile, const uint8_t *q, size_t row, const size_t v)
{
	for (size_t r = 0; r < SYC_Q_ROWS; r++)
		UNROLL
		for (size_t i = 0; i < SYC_Q_BLOCK; i += v)
			memcpy(tile + i * SYC_Q_ROWS + r * v, q + r * row + i, v);
}

static void put_tile(uint8_t *tile, const uint8_t *q, size_t row, unsigned v)
{
	switch (v) {
	case 2:  put_words(tile, q, row, 2); break;
	case 4:  put_words(tile, q, row, 4); break;
	case 8:  put_words(tile, q, row, 8); break;
	default: put_words(tile, q, row, 16);
	}
}

/* `bits` of each byte of a tile from bit `from` on; returns the end. */
INLINE uint8_t *put_plane(uint8_t *restrict w, const uint8_t *restrict tile, const int bits,
			  const int from)
{
	const int n = SYC_TILE * bits / 8;

	for (int j = 0; j < n; j++) {
		unsigned v = 0;

		UNROLL
		for (int k = 0; k < 8 / bits; k++)
			v |= (tile[k * n + j] >> from & ((1u << bits) - 1)) << k * bits;
		w[j] = (uint8_t)v;
	}
	return w + n;
}

static void put_quants(uint8_t *w, uint8_t *tile, enum syc_quants q, unsigned flip)
{
	switch (syc_quants_bits(q)) {
	case 2:
		put_plane(w, tile, 2, 0);
		break;
	case 3:
		put_plane(put_plane(w, tile, 2, 0), tile, 1, 2);
		break;
	case 4:
		put_plane(w, tile, 4, 0);
		break;
	case 5:
		put_plane(put_plane(w, tile, 4, 0), tile, 1, 4);
		break;
	case 6:
		put_plane(put_plane(w, tile, 4, 0), tile, 2, 4);
		break;
	default:
		for (int i = 0; i < SYC_TILE; i++)
			w[i] = (uint8_t)(tile[i] ^ flip);
	}
}

/* `bits` of byte i of a tile. */
static unsigned plane_at(const uint8_t *w, unsigned i, unsigned bits)
{
	const unsigned n = SYC_TILE * bits / 8;

	return w[i % n] >> i / n * bits & ((1u << bits) - 1);
}

static int quant_at(const uint8_t *w, unsigned i, enum syc_quants q, unsigned flip)
{
	static const int8_t level[16] = { SYC_LEVELS };
	const int offset = syc_quants_offset(q);

	switch (syc_quants_bits(q)) {
	case 2: return (int)plane_at(w, i, 2) - offset;
	case 3: return (int)(plane_at(w, i, 2) | plane_at(w + 128, i, 1) << 2) - offset;
	case 5: return (int)(plane_at(w, i, 4) | plane_at(w + 256, i, 1) << 4) - offset;
	case 6: return (int)(plane_at(w, i, 4) | plane_at(w + 256, i, 2) << 4) - offset;
	case 8: return (int8_t)(w[i] ^ flip);
	default:
		if (q == SYC_QUANTS_4L)
			return level[plane_at(w, i, 4)];
		return (int)plane_at(w, i, 4) - offset;
	}
}

/* The other way than put_plane(); returns the end of the plane. */
INLINE const uint8_t *get_plane(uint8_t *restrict tile, const uint8_t *restrict w, const int bits,
				const int to)
{
	const int n = SYC_TILE * bits / 8;

	UNROLL
	for (int k = 0; k < 8 / bits; k++)
		for (int j = 0; j < n; j++) {
			const int v = (w[j] >> k * bits & ((1 << bits) - 1)) << to;

			tile[k * n + j] = (uint8_t)(to ? tile[k * n + j] | v : v);
		}
	return w + n;
}

static void get_planes(uint8_t *tile, const uint8_t *w, enum syc_quants q)
{
	switch (syc_quants_bits(q)) {
	case 2:
		get_plane(tile, w, 2, 0);
		break;
	case 3:
		get_plane(tile, get_plane(tile, w, 2, 0), 1, 2);
		break;
	case 4:
		get_plane(tile, w, 4, 0);
		break;
	case 5:
		get_plane(tile, get_plane(tile, w, 4, 0), 1, 4);
		break;
	case 6:
		get_plane(tile, get_plane(tile, w, 4, 0), 2, 4);
		break;
	default:
		memcpy(tile, w, SYC_TILE);
	}
}

void syc_form_tile(int8_t *tile, enum syc_quants q, const uint8_t *w, unsigned flip)
{
	static const int8_t level[16] = { SYC_LEVELS };
	const unsigned offset = (unsigned)syc_quants_offset(q);
	uint8_t *t = (uint8_t *)tile;

	get_planes(t, w, q);
	if (q == SYC_QUANTS_8)
		for (int i = 0; i < SYC_TILE; i++)
			t[i] ^= (uint8_t)flip;
	else if (q == SYC_QUANTS_4L)
		for (int i = 0; i < SYC_TILE; i++)
			tile[i] = level[t[i]];
	else if (offset)
		for (int i = 0; i < SYC_TILE; i++)
			t[i] = (uint8_t)(t[i] - offset);
}

/* ---- scales ----------------------------------------------------------------- */

/* One number of each row, at [r * row], each of size bytes; returns the end. */
INLINE uint8_t *put_rows(uint8_t *w, const void *from, size_t row, const size_t size)
{
	for (size_t r = 0; r < SYC_Q_ROWS; r++)
		memcpy(w + r * size, (const uint8_t *)from + r * row * size, size);
	return w + SYC_Q_ROWS * size;
}

static void put_halves(uint8_t *w, const struct syc_form *f, const struct syc_form_rows *rows,
		       size_t nb)
{
	for (size_t b = 0; b < nb; b++) {
		w = put_rows(w, rows->d + b, nb, sizeof(uint16_t));
		if (syc_quants_min(f->quants))
			w = put_rows(w, rows->m + b, nb, sizeof(uint16_t));
	}
}

static void put_super(uint8_t *w, const struct syc_form *f, const struct syc_form_rows *rows,
		      size_t nb)
{
	const size_t groups = SYC_SUPER_BLOCKS * (size_t)syc_quants_groups(f->quants),
		n = nb / SYC_SUPER_BLOCKS;
	const bool min = syc_quants_min(f->quants);

	for (size_t i = 0; i < n; i++) {
		w = put_rows(w, rows->d + i, n, sizeof(uint16_t));
		if (min)
			w = put_rows(w, rows->m + i, n, sizeof(uint16_t));
		for (size_t g = 0; g < groups; g++)
			w = put_rows(w, rows->s + i * groups + g, n * groups, 1);
		for (size_t g = 0; g < groups && min && f->scales == SYC_SCALES_SUPER; g++)
			w = put_rows(w, rows->min + i * groups + g, n * groups, 1);
	}
}

/* ---- rows ------------------------------------------------------------------- */

void syc_form_pack(uint8_t *panel, const struct syc_kern *k, const struct syc_form *f,
		   const struct syc_form_rows *rows, size_t nb)
{
	const size_t bytes = syc_quants_bytes(f->quants);
	uint8_t tile[SYC_TILE];

	for (size_t b = 0; b < nb; b++) {
		put_tile(tile, rows->q + b * SYC_Q_BLOCK, nb * SYC_Q_BLOCK, k->together);
		put_quants(panel + b * bytes, tile, f->quants, k->flip);
	}
	if (f->scales == SYC_SCALES_HALF)
		put_halves(panel + nb * bytes, f, rows, nb);
	else
		put_super(panel + nb * bytes, f, rows, nb);
}

static float half_at(const uint8_t *p, size_t i)
{
	uint16_t h;

	memcpy(&h, p + i * sizeof(h), sizeof(h));
	return syc_f16_to_f32(h);
}

/* S and M of row r in group g; scales begin at w. */
static void scale_at(float *s, float *m, const struct syc_form *f, const uint8_t *w, size_t g,
		     size_t r)
{
	const size_t groups = (size_t)syc_quants_groups(f->quants),
		n = groups * SYC_SUPER_BLOCKS;
	const bool min = syc_quants_min(f->quants);
	const uint8_t *byte;

	if (f->scales == SYC_SCALES_HALF) {
		w += g / groups * scale_bytes(f);
		*s = half_at(w, r);
		*m = min ? -half_at(w, SYC_Q_ROWS + r) : 0;
		return;
	}
	w += g / n * scale_bytes(f);
	*s = half_at(w, r);
	*m = min ? half_at(w, SYC_Q_ROWS + r) : 0;
	byte = w + (min ? 2 : 1) * SYC_Q_ROWS * sizeof(uint16_t) + g % n * SYC_Q_ROWS + r;
	if (f->scales == SYC_SCALES_NIBBLES) {
		*s *= (float)(*byte & 15);
		*m *= (float)(*byte >> 4);
		return;
	}
	*s *= (float)(int8_t)*byte;
	if (min)
		*m *= (float)byte[n * SYC_Q_ROWS];
}

void syc_form_row(float *out, const struct syc_kern *k, const struct syc_form *f,
		  const uint8_t *panel, size_t r, size_t nb)
{
	const size_t bytes = syc_quants_bytes(f->quants), v = k->together,
		groups = (size_t)syc_quants_groups(f->quants);
	const uint8_t *scales = panel + nb * bytes;
	float s = 0, m = 0;

	for (size_t b = 0; b < nb; b++)
		for (size_t i = 0; i < SYC_Q_BLOCK; i++) {
			size_t at = i / v * v * SYC_Q_ROWS + r * v + i % v;

			if (i % (SYC_Q_BLOCK / groups) == 0)
				scale_at(&s, &m, f, scales,
					 b * groups + i * groups / SYC_Q_BLOCK, r);
			*out = s * (float)quant_at(panel + b * bytes, (unsigned)at, f->quants,
						   k->flip);
			if (syc_quants_min(f->quants))
				*out -= m;
			out++;
		}
}

/* One block of a panel, v bytes of a row together; s and m per group. */
INLINE void put_floats(float *restrict out, size_t ld, const int8_t *restrict tile,
		       const float *s, const float *m, int groups, const size_t v)
{
	for (size_t r = 0; r < SYC_Q_ROWS; r++)
		for (size_t i = 0; i < SYC_Q_BLOCK; i += v) {
			const size_t g = groups == 2 ? i / SYC_Q_HALF * SYC_Q_ROWS + r : r;

			UNROLL
			for (size_t k = 0; k < v; k++)
				out[r * ld + i + k] =
					s[g] * (float)tile[i * SYC_Q_ROWS + r * v + k] - m[g];
		}
}

void syc_form_floats(float *out, size_t ld, const struct syc_kern *k, const struct syc_form *f,
		     const uint8_t *panel, size_t nb)
{
	const size_t bytes = syc_quants_bytes(f->quants);
	const int groups = syc_quants_groups(f->quants);
	float s[2 * SYC_Q_ROWS], m[2 * SYC_Q_ROWS];
	int8_t tile[SYC_TILE];

	for (size_t b = 0; b < nb; b++, out += SYC_Q_BLOCK) {
		for (size_t i = 0; i < (size_t)groups * SYC_Q_ROWS; i++)
			scale_at(&s[i], &m[i], f, panel + nb * bytes,
				 b * (size_t)groups + i / SYC_Q_ROWS, i % SYC_Q_ROWS);
		syc_form_tile(tile, f->quants, panel + b * bytes, k->flip);
		switch (k->together) {
		case 2:  put_floats(out, ld, tile, s, m, groups, 2); break;
		case 4:  put_floats(out, ld, tile, s, m, groups, 4); break;
		case 8:  put_floats(out, ld, tile, s, m, groups, 8); break;
		default: put_floats(out, ld, tile, s, m, groups, 16);
		}
	}
}

size_t syc_form_scales_bytes(const struct syc_form *f)
{
	return scale_bytes(f) * (f->scales == SYC_SCALES_HALF ? SYC_SUPER_BLOCKS : 1);
}

void syc_form_scales(float *s, float *m, const struct syc_form *f, const uint8_t *scales,
		     size_t nb)
{
	const size_t groups = nb * (size_t)syc_quants_groups(f->quants);

	for (size_t g = 0; g < groups; g++)
		for (size_t r = 0; r < SYC_Q_ROWS; r++) {
			float min;

			scale_at(&s[g * SYC_Q_ROWS + r], &min, f, scales, g, r);
			if (syc_quants_min(f->quants))
				m[g * SYC_Q_ROWS + r] = min;
		}
}
