/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <inttypes.h>
#include <math.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base/err.h"
#include "base/half.h"
#include "base/mem.h"
#include "base/par.h"
#include "kern/math.h"
#include "model/model.h"

/* One matrix on its way in, its groups of 16 rows spread over the threads. */
struct syc_loader {
	struct syc_model *m;
	struct syc_par *par;
	const struct syc_model_opts *o;
	uint64_t done, total;		/* groups */
	struct syc_matrix *w;		/* the one under way */
	struct scratch *scratch;	/* [threads] */
	atomic_int bad;			/* a value that int8 or float cannot have */
};

struct scratch {
	float *row;		/* [cols padded] */
	int8_t *q;		/* [16][nb * 32] */
	uint16_t *scale;	/* [16][nb] */
};

enum { BAD_NONE, BAD_NAN, BAD_RANGE };

static const struct syc_tensor *find(const struct syc_model *m, uint32_t layer, const char *name,
				     char *full, size_t n)
{
	if (layer == UINT32_MAX)
		snprintf(full, n, "%s.weight", name);
	else
		snprintf(full, n, "blk.%" PRIu32 ".%s.weight", layer, name);
	return syc_gguf_tensor(m->file, full);
}

static int need(const struct syc_model *m, uint32_t layer, const char *name, uint64_t cols,
		uint64_t rows, const struct syc_tensor **out, struct syc_err *err)
{
	char full[64];
	const struct syc_tensor *t = find(m, layer, name, full, sizeof(full));
	const char *path = syc_gguf_path(m->file);

	*out = t;
	if (!t)
		return syc_fail(err, SYC_EFORMAT, "%s: no tensor '%s'", path, full);
	if (!syc_type_known(t->type))
		return syc_fail(err, SYC_EUNSUPP, "%s: tensor '%s' has type %s (%" PRIu32 "), which is not supported",
				path, full, syc_type_name(t->type), t->type);
	if (t->ne[0] != cols || (rows && t->ne[1] != rows) || t->ne[2] != 1 || t->ne[3] != 1)
		return syc_fail(err, SYC_EFORMAT, "%s: tensor '%s' is %" PRIu64 " x %" PRIu64 ", should be %" PRIu64 " x %" PRIu64,
				path, full, t->ne[0], t->ne[1], cols, rows);
	return 0;
}

static int bad_value(const struct syc_model *m, const char *name, int what, struct syc_err *err)
{
	if (what == BAD_RANGE)
		return syc_fail(err, SYC_EFORMAT, "%s: tensor '%s' has values too large for int8 (use --compute f32)",
				syc_gguf_path(m->file), name);
	return syc_fail(err, SYC_EFORMAT, "%s: tensor '%s' has NaN or infinite values",
			syc_gguf_path(m->file), name);
}

/* A float vector of n values; also checked. */
static int load_vector(struct syc_model *m, uint32_t layer, const char *name, size_t n,
		       float **out, struct syc_err *err)
{
	const struct syc_tensor *t;
	int ret = need(m, layer, name, n, 1, &t, err);

	if (ret < 0)
		return ret;
	*out = syc_aligned(n, sizeof(**out));
	if (!*out)
		return syc_nomem(err);
	syc_type_decode(*out, t->type, t->data, n);
	for (size_t i = 0; i < n; i++)
		if (!isfinite((*out)[i]))
			return bad_value(m, t->name, BAD_NAN, err);
	m->memory += n * sizeof(**out);
	return 0;
}

/*
 * 32 floats to int8 with a float16 scale.  The quotient uses the scale as it
 * is stored, so that rounding it costs nothing more.
 */
static int quantise_block(int8_t *q, uint16_t *scale, const float *x)
{
	float max = 0, d;

	for (int i = 0; i < SYC_Q_BLOCK; i++)
		max = fabsf(x[i]) > max ? fabsf(x[i]) : max;
	*scale = syc_f32_to_f16(max / 127.0f);
	d = syc_f16_to_f32(*scale);
	if (!isfinite(d))
		return BAD_RANGE;
	for (int i = 0; i < SYC_Q_BLOCK; i++) {
		float v = d > 0 ? rintf(x[i] / d) : 0;

		q[i] = (int8_t)(v > 127 ? 127 : v < -127 ? -127 : v);
	}
	return BAD_NONE;
}

/* A stored q8_0 row is taken as it is. */
static int copy_q8_row(int8_t *q, uint16_t *scale, const uint8_t *in, size_t nb)
{
	for (size_t b = 0; b < nb; b++, in += 2 + SYC_Q_BLOCK) {
		memcpy(&scale[b], in, 2);
		if ((scale[b] & 0x7c00) == 0x7c00)
			return BAD_NAN;
		memcpy(q + b * SYC_Q_BLOCK, in + 2, SYC_Q_BLOCK);
	}
	return BAD_NONE;
}

/* Row r of w, quantised into q and scale (both NULL: looked at only). */
static int take_row(const struct syc_matrix *w, size_t r, float *row, int8_t *q, uint16_t *scale)
{
	size_t bytes = w->t->bytes / w->rows;
	const uint8_t *in = w->t->data + r * bytes;
	int bad = BAD_NONE;

	if (q && w->t->type == SYC_TYPE_Q8_0)
		return copy_q8_row(q, scale, in, w->nb);
	syc_type_decode(row, w->t->type, in, w->cols);
	for (size_t i = 0; i < w->cols; i++)
		if (!isfinite(row[i]))
			return BAD_NAN;
	for (size_t b = 0; q && b < w->nb && !bad; b++)
		bad = quantise_block(q + b * SYC_Q_BLOCK, scale + b, row + b * SYC_Q_BLOCK);
	return bad;
}

static void load_group(void *arg, size_t g, unsigned thread)
{
	struct syc_loader *l = arg;
	struct syc_matrix *w = l->w;
	struct scratch *s = &l->scratch[thread];
	size_t row = w->nb * SYC_Q_BLOCK;

	for (size_t r = 0; r < SYC_Q_ROWS; r++) {
		size_t at = g * SYC_Q_ROWS + r;
		int bad = BAD_NONE;

		if (at < w->rows) {
			bad = take_row(w, at, s->row, w->packed ? s->q + r * row : NULL, s->scale + r * w->nb);
		} else if (w->packed) {
			memset(s->q + r * row, 0, row);
			memset(s->scale + r * w->nb, 0, w->nb * sizeof(*s->scale));
		}
		if (bad)
			atomic_store(&l->bad, bad);
	}
	if (w->packed)
		l->m->kern.pack_q8(w->packed + g * w->nb * SYC_Q_PACKED, s->q, s->scale, w->nb);
}

static void free_scratch(struct syc_loader *l)
{
	for (unsigned i = 0; l->scratch && i < syc_par_threads(l->par); i++) {
		free(l->scratch[i].row);
		free(l->scratch[i].q);
		free(l->scratch[i].scale);
	}
	free(l->scratch);
}

static int new_scratch(struct syc_loader *l, size_t max_cols, struct syc_err *err)
{
	size_t cols = syc_round_up(max_cols, SYC_Q_BLOCK);
	unsigned n = syc_par_threads(l->par);

	l->scratch = syc_calloc(n, sizeof(*l->scratch));
	if (!l->scratch)
		return syc_nomem(err);
	for (unsigned i = 0; i < n; i++) {
		struct scratch *s = &l->scratch[i];

		s->row = syc_calloc(cols, sizeof(*s->row));
		s->q = syc_aligned(SYC_Q_ROWS, cols);
		s->scale = syc_calloc(SYC_Q_ROWS * cols / SYC_Q_BLOCK, sizeof(*s->scale));
		if (!s->row || !s->q || !s->scale)
			return syc_nomem(err);
	}
	return 0;
}

/* Zero what lies between the end of a row and its last block's end. */
static void pad_rows(struct syc_loader *l, const struct syc_matrix *w)
{
	for (unsigned i = 0; i < syc_par_threads(l->par); i++)
		memset(l->scratch[i].row + w->cols, 0,
		       (w->nb * SYC_Q_BLOCK - w->cols) * sizeof(float));
}

static int load_tensor(struct syc_loader *l, const struct syc_tensor *t, size_t rows, size_t cols,
		       bool pack, struct syc_matrix *w, struct syc_err *err)
{
	size_t bytes;

	w->t = t;
	w->rows = rows;
	w->cols = cols;
	w->nb = syc_round_up(cols, SYC_Q_BLOCK) / SYC_Q_BLOCK;
	w->n_groups = syc_round_up(rows, SYC_Q_ROWS) / SYC_Q_ROWS;
	if (pack) {
		if (!syc_mul(&bytes, w->n_groups * w->nb, SYC_Q_PACKED) ||
		    !(w->packed = syc_aligned(bytes, 1)))
			return syc_nomem(err);
		l->m->memory += bytes;
	}
	l->w = w;
	pad_rows(l, w);
	syc_par_run(l->par, w->n_groups, load_group, l);
	if (pack && l->m->compute == SYC_COMPUTE_INT8)
		syc_map_forget(t->data, t->bytes);
	if (atomic_load(&l->bad))
		return bad_value(l->m, t->name, atomic_load(&l->bad), err);
	l->done += rows * cols;
	if (l->o->progress)
		l->o->progress(l->o->arg, l->done, l->total);
	return 0;
}

static int load_matrix(struct syc_loader *l, uint32_t layer, const char *name, size_t rows,
		       size_t cols, struct syc_matrix *w, struct syc_err *err)
{
	const struct syc_tensor *t;
	int ret = need(l->m, layer, name, cols, rows, &t, err);

	if (ret < 0)
		return ret;
	return load_tensor(l, t, rows, cols, l->m->compute != SYC_COMPUTE_F32, w, err);
}

static int refuse_biases(const struct syc_model *m, uint32_t layer, struct syc_err *err)
{
	static const char *const names[] = {
		"attn_q.bias", "attn_k.bias", "attn_v.bias", "attn_output.bias",
		"attn_q_norm.weight", "attn_k_norm.weight", "ffn_up.bias",
	};
	char full[64];

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(full, sizeof(full), "blk.%" PRIu32 ".%s", layer, names[i]);
		if (syc_gguf_tensor(m->file, full))
			return syc_fail(err, SYC_EUNSUPP, "%s: tensor '%s' is not supported",
					syc_gguf_path(m->file), full);
	}
	return 0;
}

static int load_block(struct syc_loader *l, uint32_t i, struct syc_err *err)
{
	const struct syc_config *c = &l->m->cfg;
	struct syc_block *b = &l->m->block[i];
	size_t q_dim = (size_t)c->n_heads * c->head_dim, kv_dim = (size_t)c->n_kv_heads * c->head_dim;
	int ret;

	if ((ret = refuse_biases(l->m, i, err)) < 0 ||
	    (ret = load_vector(l->m, i, "attn_norm", c->dim, &b->attn_norm, err)) < 0 ||
	    (ret = load_matrix(l, i, "attn_q", q_dim, c->dim, &b->q, err)) < 0 ||
	    (ret = load_matrix(l, i, "attn_k", kv_dim, c->dim, &b->k, err)) < 0 ||
	    (ret = load_matrix(l, i, "attn_v", kv_dim, c->dim, &b->v, err)) < 0 ||
	    (ret = load_matrix(l, i, "attn_output", c->dim, q_dim, &b->o, err)) < 0 ||
	    (ret = load_vector(l->m, i, "ffn_norm", c->dim, &b->ffn_norm, err)) < 0 ||
	    (ret = load_matrix(l, i, "ffn_gate", c->ffn_dim, c->dim, &b->gate, err)) < 0 ||
	    (ret = load_matrix(l, i, "ffn_up", c->ffn_dim, c->dim, &b->up, err)) < 0 ||
	    (ret = load_matrix(l, i, "ffn_down", c->dim, c->ffn_dim, &b->down, err)) < 0)
		return ret;
	return 0;
}

static int load_ends(struct syc_loader *l, struct syc_err *err)
{
	struct syc_model *m = l->m;
	struct syc_matrix embed = { 0 };
	char full[64];
	int ret;

	/* The embedding is read row by row as it is stored. */
	ret = load_tensor(l, m->embed, m->cfg.n_vocab, m->cfg.dim, false, &embed, err);
	if (ret == 0)
		ret = load_vector(m, UINT32_MAX, "output_norm", m->cfg.dim, &m->output_norm, err);
	if (ret < 0)
		return ret;
	m->cfg.tied_output = !find(m, UINT32_MAX, "output", full, sizeof(full));
	if (m->cfg.tied_output)
		return load_tensor(l, m->embed, m->cfg.n_vocab, m->cfg.dim,
				   m->compute != SYC_COMPUTE_F32, &m->output, err);
	return load_matrix(l, UINT32_MAX, "output", m->cfg.n_vocab, m->cfg.dim, &m->output, err);
}

/*
 * base^(-2i / head_dim), rounded to float as the reference implementation
 * does; then divided by the file's own factors, if it has them.
 */
static int make_rope(struct syc_model *m, struct syc_err *err)
{
	size_t n = m->cfg.head_dim / 2;
	double ln_base = syc_log((double)m->cfg.rope_base);
	float *factor = NULL;
	int ret = 0;

	m->rope_freq = syc_calloc(n, sizeof(*m->rope_freq));
	if (!m->rope_freq)
		return syc_nomem(err);
	if (syc_gguf_tensor(m->file, "rope_freqs.weight"))
		ret = load_vector(m, UINT32_MAX, "rope_freqs", n, &factor, err);
	for (size_t i = 0; i < n && ret == 0; i++) {
		m->rope_freq[i] = (float)syc_exp(-2.0 * (double)i / m->cfg.head_dim * ln_base);
		m->rope_freq[i] /= m->cfg.rope_scale;
		if (factor && !(factor[i] > 0))
			ret = syc_fail(err, SYC_EFORMAT, "%s: tensor 'rope_freqs.weight' has the factor %g",
				       syc_gguf_path(m->file), (double)factor[i]);
		else if (factor)
			m->rope_freq[i] /= factor[i];
	}
	free(factor);
	return ret;
}

/* Bytes that packing the matrices will take. */
static size_t packed_bytes(const struct syc_model *m)
{
	const struct syc_tensor *out = syc_gguf_tensor(m->file, "output.weight");
	size_t sum = 0;

	for (size_t i = 0; i < syc_gguf_n_tensors(m->file); i++) {
		const struct syc_tensor *t = syc_gguf_tensor_at(m->file, i);

		if (t->n_dims > 1 && (t != m->embed || !out))
			sum += (size_t)(t->ne[0] / SYC_Q_BLOCK + 1) * (size_t)(t->ne[1] / SYC_Q_ROWS + 1) * SYC_Q_PACKED;
	}
	return sum;
}

/* Better said now than found out by swapping. */
static int check_memory(const struct syc_model *m, struct syc_err *err)
{
	long pages = sysconf(_SC_PHYS_PAGES), size = sysconf(_SC_PAGESIZE);
	size_t need = m->compute != SYC_COMPUTE_F32 ? packed_bytes(m) : 0;

	if (pages > 0 && size > 0 && need / (size_t)size >= (size_t)pages)
		return syc_fail(err, SYC_ENOMEM, "%s: takes %zu MB of memory as int8, this machine has %zu MB",
				syc_gguf_path(m->file), need >> 20, (size_t)pages * ((size_t)size >> 10) >> 10);
	return 0;
}

int syc_weights_load(struct syc_model *m, const struct syc_model_opts *o, struct syc_err *err)
{
	struct syc_loader l = { .m = m, .o = o };
	const struct syc_config *c = &m->cfg;
	size_t widest = c->ffn_dim > c->dim ? c->ffn_dim : c->dim;
	int ret;

	if (widest < (size_t)c->n_heads * c->head_dim)
		widest = (size_t)c->n_heads * c->head_dim;
	ret = need(m, UINT32_MAX, "token_embd", c->dim, 0, &m->embed, err);
	if (ret < 0)
		return ret;
	if (m->embed->ne[1] > 1 << 22)
		return syc_fail(err, SYC_EFORMAT, "%s: %" PRIu64 " tokens are too many", syc_gguf_path(m->file), m->embed->ne[1]);
	m->cfg.n_vocab = (uint32_t)m->embed->ne[1];
	ret = check_memory(m, err);
	if (ret < 0)
		return ret;
	m->block = syc_calloc(c->n_layers, sizeof(*m->block));
	if (!m->block)
		return syc_nomem(err);
	for (size_t i = 0; i < syc_gguf_n_tensors(m->file); i++) {
		const struct syc_tensor *t = syc_gguf_tensor_at(m->file, i);

		if (t->n_dims > 1)
			l.total += t->ne[0] * t->ne[1];
	}
	ret = syc_par_new(&l.par, o->threads, err);
	if (ret < 0)
		return ret;
	ret = new_scratch(&l, widest, err);
	if (ret == 0)
		ret = make_rope(m, err);
	if (ret == 0)
		ret = load_ends(&l, err);
	for (uint32_t i = 0; i < c->n_layers && ret == 0; i++)
		ret = load_block(&l, i, err);
	free_scratch(&l);
	syc_par_free(l.par);
	return ret;
}

static void free_block(struct syc_block *b)
{
	free(b->attn_norm);
	free(b->ffn_norm);
	free(b->q.packed);
	free(b->k.packed);
	free(b->v.packed);
	free(b->o.packed);
	free(b->gate.packed);
	free(b->up.packed);
	free(b->down.packed);
}

void syc_weights_free(struct syc_model *m)
{
	for (uint32_t i = 0; m->block && i < m->cfg.n_layers; i++)
		free_block(&m->block[i]);
	free(m->block);
	free(m->output.packed);
	free(m->output_norm);
	free(m->rope_freq);
}
