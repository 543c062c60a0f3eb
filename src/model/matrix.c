/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>
#include "base/err.h"
#include "base/half.h"
#include "base/mem.h"
#include "format/blocks.h"
#include "format/split.h"
#include "model/matrix.h"
#include "model/rope.h"

struct scratch {
	float *row;			/* [cols padded] */
	uint8_t *bytes; /* [cols padded], a row in its new type */
	struct syc_form_rows rows;	/* of as many blocks */
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
	if (w->type != SYC_TYPE_F16 || w->t->type == SYC_TYPE_F16)
		return;
	for (size_t i = 0; i < n * w->cols; i++)
		out[i] = syc_f16_to_f32(syc_f32_to_f16(out[i]));
}

/* The type's blocks are whole, so that a row needs no padding. */
static void packed_rows(float *out, const struct syc_matrix *w, size_t row,
			size_t n, const struct syc_kern *kern)
{
	for (size_t i = 0; i < n; i++, row++)
		syc_form_row(out + i * w->cols, kern, &w->form,
			     w->packed + row / SYC_Q_ROWS * w->panel,
			     row % SYC_Q_ROWS, w->nb);
}

void syc_matrix_rows(float *out, const struct syc_matrix *w, size_t row,
		     size_t n, const struct syc_kern *kern)
{
	const struct syc_low_rank *add = w->add;

	if (w->same)
		packed_rows(out, w->same, row, n, kern);
	else
		syc_matrix_stored(out, w, row, n, kern);
	for (size_t i = 0; add && i < n; i++)
		for (size_t k = 0; k < add->rank; k++)
			kern->axpy(out + i * w->cols,
				   add->b[k * w->rows + row + i],
				   add->a + k * w->cols, w->cols);
}

void syc_matrix_group(float *out, size_t ld, const struct syc_matrix *w,
		      size_t g, const struct syc_kern *kern)
{
	const size_t row = g * SYC_Q_ROWS, left = w->rows - row;

	if (w->packed)
		syc_form_floats(out, ld, kern, &w->form,
				w->packed + g * w->panel, w->nb);
	for (size_t i = 0; !w->packed && i < SYC_Q_ROWS && i < left; i++)
		syc_matrix_stored(out + i * ld, w, row + i, 1, kern);
}

/* ---- packing --------------------------------------------------------------- */

_Static_assert((int)SYC_Q_BLOCK == (int)SYC_BLOCK &&
		       SYC_Q_BLOCK * SYC_SUPER_BLOCKS == (int)SYC_BLOCK_K,
	       "what kernels multiply");

bool syc_matrix_form(struct syc_form *form, uint32_t type)
{
	static const struct {
		uint32_t type;
		struct syc_form form;
	} forms[] = {
		{ SYC_TYPE_Q4_0, { SYC_QUANTS_4, SYC_SCALES_HALF } },
		{ SYC_TYPE_Q4_1, { SYC_QUANTS_4M, SYC_SCALES_HALF } },
		{ SYC_TYPE_Q5_0, { SYC_QUANTS_5, SYC_SCALES_HALF } },
		{ SYC_TYPE_Q5_1, { SYC_QUANTS_5M, SYC_SCALES_HALF } },
		{ SYC_TYPE_Q8_0, { SYC_QUANTS_8, SYC_SCALES_HALF } },
		{ SYC_TYPE_Q2_K, { SYC_QUANTS_2M, SYC_SCALES_NIBBLES } },
		{ SYC_TYPE_Q3_K, { SYC_QUANTS_3, SYC_SCALES_SUPER } },
		{ SYC_TYPE_Q4_K, { SYC_QUANTS_4M, SYC_SCALES_SUPER } },
		{ SYC_TYPE_Q5_K, { SYC_QUANTS_5M, SYC_SCALES_SUPER } },
		{ SYC_TYPE_Q6_K, { SYC_QUANTS_6, SYC_SCALES_SUPER } },
		{ SYC_TYPE_IQ4_NL, { SYC_QUANTS_4L, SYC_SCALES_HALF } },
		{ SYC_TYPE_IQ4_XS, { SYC_QUANTS_4L, SYC_SCALES_SUPER } },
	};

	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++)
		if (forms[i].type == type) {
			*form = forms[i].form;
			return true;
		}
	*form = (struct syc_form){ SYC_QUANTS_8, SYC_SCALES_HALF };
	return false;
}

/* Row i of 16; n floats of scales in each. */
static struct syc_split row_of(const struct syc_form_rows *rows,
			       const struct syc_matrix *w, size_t i, size_t n)
{
	const size_t groups = w->nb * (size_t)syc_quants_groups(w->form.quants);

	return (struct syc_split){
		rows->q + i * w->nb * SYC_Q_BLOCK,
		rows->d + i * n,
		rows->m + i * n,
		rows->s + i * groups,
		rows->min + i * groups,
	};
}

static size_t n_scales(const struct syc_matrix *w)
{
	return w->form.scales == SYC_SCALES_HALF ? w->nb
						 : w->nb / SYC_SUPER_BLOCKS;
}

static bool all_finite(const uint16_t *half, size_t n)
{
	bool good = true;

	for (size_t i = 0; i < n; i++)
		good &= (half[i] & 0x7c00) != 0x7c00;
	return good;
}

_Static_assert((int)SYC_ROW_NAN == SYC_ENCODE_NAN &&
		       (int)SYC_ROW_RANGE == SYC_ENCODE_RANGE,
	       "encoders and kernels say the same");

/* Stored row r into row i of the 16 to be packed. */
static int take_row(const struct syc_packer *p, size_t r,
		    const struct scratch *s, size_t i)
{
	const struct syc_matrix *w = p->w;
	const size_t n = n_scales(w);
	const struct syc_split to = row_of(&s->rows, w, i, n);
	const uint8_t *row = stored_row(w, r);
	int bad = SYC_ROW_GOOD;

	if (!syc_type_splits(w->type)) {
		syc_matrix_stored(s->row, w, r, 1, p->kern);
		return p->kern->quantize_w((int8_t *)to.q, to.d, s->row, w->nb);
	}
	if (w->type != w->t->type) {
		decode(s->row, w->t->type, row, w->cols, p->kern);
		bad = syc_type_encode(s->bytes, w->type, s->row, w->cols);
		row = s->bytes;
	}
	if (bad)
		return bad;
	syc_type_split(&to, w->type, row, w->cols);
	return all_finite(to.d, n) && (!syc_quants_min(w->form.quants) ||
				       all_finite(to.m, n))
		       ? SYC_ROW_GOOD
		       : SYC_ROW_NAN;
}

/* Behind the last row. */
static void no_row(const struct syc_matrix *w, const struct scratch *s,
		   size_t i)
{
	const size_t n = n_scales(w);
	const struct syc_split to = row_of(&s->rows, w, i, n);

	memset(to.q, 0, w->nb * SYC_Q_BLOCK);
	memset(to.d, 0, n * sizeof(*to.d));
	memset(to.m, 0, n * sizeof(*to.m));
	memset(to.s, 0, w->nb * (size_t)syc_quants_groups(w->form.quants));
	memset(to.min, 0, w->nb * (size_t)syc_quants_groups(w->form.quants));
}

/* Kept only where adapters are merged. */
static int look_at_row(const struct syc_packer *p, size_t r, float *row)
{
	syc_matrix_rows(row, p->w, r, 1, p->kern);
	for (size_t i = 0; i < p->w->cols; i++)
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
				      (left < SYC_Q_ROWS ? left : SYC_Q_ROWS) *
					      row);
}

/* The CRC-32 of all stored rows from those of groups. */
static void sum_all(const struct syc_packer *p, struct syc_matrix *w)
{
	const size_t row = w->t->bytes / w->rows;

	w->crc = 0;
	for (size_t g = 0, left = w->rows; g < w->n_groups; g++) {
		const size_t n = left < SYC_Q_ROWS ? left : SYC_Q_ROWS;

		w->crc = (uint32_t)crc32_combine(w->crc, p->crc[g],
						 (z_off_t)(n * row));
		left -= n;
	}
	w->summed = true;
}

static void pack_group(void *arg, size_t g, unsigned thread)
{
	struct syc_packer *p = arg;
	const struct syc_matrix *w = p->w;
	const struct scratch *s = &p->scratch[thread];

	if (p->crc)
		sum_group(p, g);
	for (size_t i = 0; i < SYC_Q_ROWS; i++) {
		size_t r = g * SYC_Q_ROWS + i;
		int bad = SYC_ROW_GOOD;

		if (r < w->rows)
			bad = w->packed
				      ? take_row(p, r, s, i)
				      : look_at_row(
						p, r,
						w->merged ? w->merged +
								    r * w->cols
							  : s->row);
		else if (w->packed)
			no_row(w, s, i);
		if (bad)
			atomic_store(&p->bad, bad);
	}
	if (w->packed)
		syc_form_pack(w->packed + g * w->panel, p->kern, &w->form,
			      &s->rows, w->nb);
}

/* Zero what lies between the end of a row and its last block's end. */
static void pad_rows(struct syc_packer *p, const struct syc_matrix *w)
{
	for (unsigned i = 0; i < syc_par_threads(p->par); i++)
		memset(p->scratch[i].row + w->cols, 0,
		       (w->nb * SYC_Q_BLOCK - w->cols) * sizeof(float));
}

int syc_packer_run(struct syc_packer *p, struct syc_matrix *w, bool pack,
		   bool sum, const char *path, struct syc_err *err)
{
	w->nb = syc_round_up(w->cols, SYC_Q_BLOCK) / SYC_Q_BLOCK;
	w->n_groups = syc_round_up(w->rows, SYC_Q_ROWS) / SYC_Q_ROWS;
	if (syc_matrix_form(&w->form, w->type) && pack && w->type != w->t->type)
		w->same = w;
	w->panel = syc_form_bytes(&w->form, w->nb);
	if (pack && !(w->packed = syc_aligned(w->n_groups, w->panel)))
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
		const struct syc_form_rows *rows = &p->scratch[i].rows;

		free(p->scratch[i].row);
		free(p->scratch[i].bytes);
		free(rows->q);
		free(rows->d);
		free(rows->m);
		free(rows->s);
		free(rows->min);
	}
	free(p->scratch);
	free(p);
}

static bool scratch_new(struct scratch *s, size_t cols)
{
	const size_t n = SYC_Q_ROWS * cols / SYC_Q_BLOCK;

	s->row = syc_calloc(cols, sizeof(*s->row));
	s->bytes = syc_calloc(cols, 2);
	s->rows.q = syc_aligned(SYC_Q_ROWS, cols);
	s->rows.d = syc_calloc(n, sizeof(*s->rows.d));
	s->rows.m = syc_calloc(n, sizeof(*s->rows.m));
	s->rows.s = syc_calloc(n, 2);
	s->rows.min = syc_calloc(n, 2);
	return s->row && s->bytes && s->rows.q && s->rows.d && s->rows.m &&
	       s->rows.s && s->rows.min;
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
	for (unsigned i = 0; p->scratch && i < n; i++)
		if (!scratch_new(&p->scratch[i], cols))
			return syc_nomem(err);
	return p->scratch ? 0 : syc_nomem(err);
}
