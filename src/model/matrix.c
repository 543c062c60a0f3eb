/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>
#include "base/err.h"
#include "base/mem.h"
#include "format/blocks.h"
#include "model/matrix.h"
#include "model/rope.h"

struct scratch {
	float *row;		/* [cols padded] */
	int8_t *q;		/* [16][nb * 32] */
	uint16_t *scale;	/* [16][nb] */
};

struct syc_packer {
	const struct syc_kern *kern;
	struct syc_par *par;
	struct scratch *scratch;	/* [threads] */
	const struct syc_matrix *w;	/* the one under way */
	/* a value that int8 or float cannot have */
	atomic_int bad;
	uint32_t *crc;	/* [n_groups] of stored rows; NULL: not wanted */
};

/* ---- rows ------------------------------------------------------------------ */

static const uint8_t *stored_row(const struct syc_matrix *w, size_t r)
{
	if (w->halves)
		r = syc_rope_row(r, w->halves);
	return w->t->data + r * (w->t->bytes / w->rows);
}

/* float16 by kernel, since it is what most files hold. */
static void decode(float *out, uint32_t type, const uint8_t *in, size_t n,
		   const struct syc_kern *kern)
{
	if (type == SYC_TYPE_F16 && (uintptr_t)in % sizeof(uint16_t) == 0)
		kern->from_f16(out, (const uint16_t *)(const void *)in, n);
	else
		syc_type_decode(out, type, in, n);
}

void syc_matrix_stored(float *out, const struct syc_matrix *w, size_t row,
		       size_t n, const struct syc_kern *kern)
{
	if (!w->halves)
		decode(out, w->t->type, stored_row(w, row), n * w->cols, kern);
	for (size_t i = 0; w->halves && i < n; i++)
		decode(out + i * w->cols, w->t->type, stored_row(w, row + i),
		       w->cols, kern);
}

void syc_matrix_rows(float *out, const struct syc_matrix *w, size_t row,
		     size_t n, const struct syc_kern *kern)
{
	const struct syc_low_rank *add = w->add;

	syc_matrix_stored(out, w, row, n, kern);
	for (size_t i = 0; add && i < n; i++)
		for (size_t k = 0; k < add->rank; k++)
			kern->axpy(out + i * w->cols,
				   add->b[k * w->rows + row + i],
				   add->a + k * w->cols, w->cols);
}

/* ---- packing --------------------------------------------------------------- */

_Static_assert((int)SYC_Q_BLOCK == (int)SYC_BLOCK,
	       "q8_0 is what kernels multiply");

/* A stored q8_0 row is taken as it is. */
static int copy_q8_row(int8_t *q, uint16_t *scale, const uint8_t *in, size_t nb)
{
	for (size_t b = 0; b < nb; b++, in += 2 + SYC_Q_BLOCK) {
		memcpy(&scale[b], in, 2);
		if ((scale[b] & 0x7c00) == 0x7c00)
			return SYC_ROW_NAN;
		memcpy(q + b * SYC_Q_BLOCK, in + 2, SYC_Q_BLOCK);
	}
	return SYC_ROW_GOOD;
}

/* Row r of w, quantized into q and scale (both NULL: looked at only). */
static int take_row(const struct syc_packer *p, size_t r, float *row, int8_t *q,
		    uint16_t *scale)
{
	const struct syc_matrix *w = p->w;

	if (q && w->t->type == SYC_TYPE_Q8_0 && !w->add)
		return copy_q8_row(q, scale, stored_row(w, r), w->nb);
	syc_matrix_rows(row, w, r, 1, p->kern);
	if (q)
		return p->kern->quantize_w(q, scale, row, w->nb);
	for (size_t i = 0; i < w->cols; i++)
		if (!isfinite(row[i]))
			return SYC_ROW_NAN;
	return SYC_ROW_GOOD;
}

/* While its bytes are at hand. */
static void sum_group(const struct syc_packer *p, size_t g)
{
	const size_t row = p->w->t->bytes / p->w->rows, from = g * SYC_Q_ROWS;
	const size_t left = p->w->rows - from;

	p->crc[g] = (uint32_t)crc32_z(0, p->w->t->data + from * row,
				      (left < SYC_Q_ROWS ? left : SYC_Q_ROWS) * row);
}

/* The CRC-32 of all stored rows from those of groups. */
static void sum_all(const struct syc_packer *p, struct syc_matrix *w)
{
	const size_t row = w->t->bytes / w->rows;

	w->crc = 0;
	for (size_t g = 0, left = w->rows; g < w->n_groups; g++) {
		const size_t n = left < SYC_Q_ROWS ? left : SYC_Q_ROWS;

		w->crc = (uint32_t)crc32_combine(w->crc, p->crc[g], (z_off_t)(n * row));
		left -= n;
	}
	w->summed = true;
}

static void pack_group(void *arg, size_t g, unsigned thread)
{
	struct syc_packer *p = arg;
	const struct syc_matrix *w = p->w;
	const struct scratch *s = &p->scratch[thread];
	size_t row = w->nb * SYC_Q_BLOCK;

	if (p->crc)
		sum_group(p, g);
	for (size_t r = 0; r < SYC_Q_ROWS; r++) {
		size_t at = g * SYC_Q_ROWS + r;
		int bad = SYC_ROW_GOOD;

		if (at < w->rows) {
			bad = take_row(p, at, s->row,
				       w->packed ? s->q + r * row : NULL,
				       s->scale + r * w->nb);
		} else if (w->packed) {
			memset(s->q + r * row, 0, row);
			memset(s->scale + r * w->nb, 0,
			       w->nb * sizeof(*s->scale));
		}
		if (bad)
			atomic_store(&p->bad, bad);
	}
	if (w->packed)
		p->kern->pack_q8(w->packed + g * w->nb * SYC_Q_PACKED, s->q,
				 s->scale, w->nb);
}

/* Zero what lies between the end of a row and its last block's end. */
static void pad_rows(struct syc_packer *p, const struct syc_matrix *w)
{
	for (unsigned i = 0; i < syc_par_threads(p->par); i++)
		memset(p->scratch[i].row + w->cols, 0,
		       (w->nb * SYC_Q_BLOCK - w->cols) * sizeof(float));
}

int syc_packer_run(struct syc_packer *p, struct syc_matrix *w, bool pack, bool sum,
		   const char *path, struct syc_err *err)
{
	size_t bytes;

	w->nb = syc_round_up(w->cols, SYC_Q_BLOCK) / SYC_Q_BLOCK;
	w->n_groups = syc_round_up(w->rows, SYC_Q_ROWS) / SYC_Q_ROWS;
	if (pack && (!syc_mul(&bytes, w->n_groups * w->nb, SYC_Q_PACKED) ||
		     !(w->packed = syc_aligned(bytes, 1))))
		return syc_nomem(err);
	if (sum && !(p->crc = syc_calloc(w->n_groups, sizeof(*p->crc))))
		return syc_nomem(err);
	p->w = w;
	atomic_store(&p->bad, SYC_ROW_GOOD);
	pad_rows(p, w);
	syc_par_run(p->par, w->n_groups, pack_group, p);
	if (sum)
		sum_all(p, w);
	free(p->crc);
	p->crc = NULL;
	switch (atomic_load(&p->bad)) {
	case SYC_ROW_GOOD: return 0;
	case SYC_ROW_RANGE:
		return syc_fail(err, SYC_EFORMAT,
				"%s: tensor '%s' has values too large for int8 "
				"(use --compute f32)", path, w->t->name);
	default:
		return syc_fail(err, SYC_EFORMAT,
				"%s: tensor '%s' has NaN or infinite values",
				path, w->t->name);
	}
}

void syc_packer_free(struct syc_packer *p)
{
	if (!p)
		return;
	for (unsigned i = 0; p->scratch && i < syc_par_threads(p->par); i++) {
		free(p->scratch[i].row);
		free(p->scratch[i].q);
		free(p->scratch[i].scale);
	}
	free(p->scratch);
	free(p);
}

int syc_packer_new(struct syc_packer **out, const struct syc_kern *kern,
		   struct syc_par *par, size_t max_cols, struct syc_err *err)
{
	size_t cols = syc_round_up(max_cols, SYC_Q_BLOCK);
	struct syc_packer *p = syc_calloc(1, sizeof(*p));
	unsigned n = syc_par_threads(par);

	*out = p;
	if (!p)
		return syc_nomem(err);
	p->kern = kern;
	p->par = par;
	p->scratch = syc_calloc(n, sizeof(*p->scratch));
	for (unsigned i = 0; p->scratch && i < n; i++) {
		struct scratch *s = &p->scratch[i];

		s->row = syc_calloc(cols, sizeof(*s->row));
		s->q = syc_aligned(SYC_Q_ROWS, cols);
		s->scale = syc_calloc(SYC_Q_ROWS * cols / SYC_Q_BLOCK,
				      sizeof(*s->scale));
		if (!s->row || !s->q || !s->scale)
			return syc_nomem(err);
	}
	return p->scratch ? 0 : syc_nomem(err);
}
