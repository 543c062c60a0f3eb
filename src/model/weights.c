/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base/err.h"
#include "base/mem.h"
#include "format/split.h"
#include "model/arch.h"
#include "model/convert.h"
#include "model/lora.h"
#include "model/model.h"
#include "model/tensor_checks.h"
#include "model/rope.h"

struct loader {
	struct syc_model *m;
	const struct syc_model_opts *o;
	struct syc_packer *packer;
	const char *path;
	/* names and order of the hub's safetensors */
	bool hub;
	bool halves;
	uint64_t done, total;		/* weights */
};

/* ---- tensors -------------------------------------------------------------- */

static bool has(const struct loader *l, enum syc_part part)
{
	char name[SYC_PART_NAME];

	return syc_part_tensor(l->m->store,
			       &(struct syc_part_at){ .part = part }, name);
}

static int need(const struct loader *l, const struct syc_part_at *at,
		const struct syc_tensor **out, struct syc_err *err)
{
	return syc_part_need(out, l->m->store, &l->m->cfg, at, err);
}

/* In the order of rope.h. */
static int rotate_vector(float *x, size_t n, size_t head_dim,
			 struct syc_err *err)
{
	float *old = syc_calloc(n, sizeof(*old));

	if (!old)
		return syc_nomem(err);
	memcpy(old, x, n * sizeof(*old));
	for (size_t i = 0; i < n; i++)
		x[i] = old[syc_rope_row(i, head_dim)];
	free(old);
	return 0;
}

/* A vector as floats; also looked at. */
static int load_vector(struct loader *l, enum syc_part part, uint32_t layer,
		       bool bias, float **out, struct syc_err *err)
{
	const struct syc_part_at at = { part, layer, bias };
	const struct syc_tensor *t;
	int ret = need(l, &at, &t, err);
	size_t n;

	if (ret < 0)
		return ret;
	n = (size_t)t->ne[0];
	*out = syc_aligned(n, sizeof(**out));
	if (!*out)
		return syc_nomem(err);
	syc_type_decode(*out, t->type, t->data, n);
	for (size_t i = 0; i < n; i++)
		if (!isfinite((*out)[i]))
			return syc_fail(err, SYC_EFORMAT,
					"%s: tensor '%s' has NaN or infinite "
					"values", l->path, t->name);
	l->m->memory += n * sizeof(**out);
	if (!l->halves || !syc_part_rotated(part))
		return 0;
	return rotate_vector(*out, n, l->m->cfg.head_dim, err);
}

static int load_tensor(struct loader *l, const struct syc_part_at *at,
		       const struct syc_tensor *t, bool pack,
		       struct syc_matrix *w, struct syc_err *err)
{
	/* The output may be the embedding again. */
	const bool sum = w == &l->m->embed || t != l->m->embed.t;
	int ret;

	w->t = t;
	w->type = l->o->set_weights ? syc_weights_type(t, l->o->weights)
				    : t->type;
	w->add = syc_lora_find(l->m->lora, at->part, at->layer);
	w->halves = l->halves && syc_part_rotated(at->part) ? l->m->cfg.head_dim
							    : 0;
	w->cols = (size_t)t->ne[0];
	w->rows = (size_t)t->ne[1];
	if (w->add && at->part != SYC_PART_EMBED &&
	    l->m->compute == SYC_COMPUTE_F32) {
		w->merged = syc_aligned(w->rows, w->cols * sizeof(float));
		if (!w->merged)
			return syc_nomem(err);
		l->m->memory += w->rows * w->cols * sizeof(float);
	}
	ret = syc_packer_run(l->packer, w, pack, sum, l->path, err);
	if (ret < 0)
		return ret;
	if (pack)
		l->m->memory += w->n_groups * w->panel;
	if (l->m->compute != SYC_COMPUTE_F32 || w->merged)
		syc_map_forget(t->data, t->bytes);
	l->done += t->ne[0] * t->ne[1];
	if (l->o->progress)
		l->o->progress(l->o->arg, l->done, l->total);
	return 0;
}

/* A matrix, and its bias where the file has one. */
static int load_matrix(struct loader *l, enum syc_part part, uint32_t layer,
		       struct syc_matrix *w, struct syc_err *err)
{
	const struct syc_part_at at = { part, layer, false },
				 bias = { part, layer, true };
	char name[SYC_PART_NAME];
	const struct syc_tensor *t;
	int ret = need(l, &at, &t, err);

	if (ret < 0)
		return ret;
	ret = load_tensor(l, &at, t, l->m->compute != SYC_COMPUTE_F32, w, err);
	if (ret == 0 && syc_part_tensor(l->m->store, &bias, name))
		ret = load_vector(l, part, layer, true, &w->bias, err);
	return ret;
}

/* ---- the whole ------------------------------------------------------------- */

/* A bias in some blocks only is damage, not a kind of model. */
static int check_bias(const struct loader *l, uint32_t i, enum syc_part part,
		      const struct syc_matrix *w,
		      const struct syc_matrix *first, struct syc_err *err)
{
	const struct syc_part_at at = { part, w->bias ? 0 : i, true };
	char name[SYC_PART_NAME];

	if (!w->bias == !first->bias)
		return 0;
	return syc_fail(err, SYC_EFORMAT,
			"%s: no tensor '%s', which other blocks have", l->path,
			syc_part_name(name, &at, l->hub));
}

static int load_block(struct loader *l, uint32_t i, struct syc_err *err)
{
	struct syc_block *b = &l->m->block[i], *b0 = &l->m->block[0];
	const struct {
		enum syc_part part;
		struct syc_matrix *w, *first;
	} matrix[] = {
		{SYC_PART_Q, &b->q, &b0->q},
		{SYC_PART_K, &b->k, &b0->k},
		{SYC_PART_V, &b->v, &b0->v},
		{SYC_PART_O, &b->o, &b0->o},
		{SYC_PART_GATE, &b->gate, &b0->gate},
		{SYC_PART_UP, &b->up, &b0->up},
		{SYC_PART_DOWN, &b->down, &b0->down},
	};
	int ret;

	if ((ret = load_vector(l, SYC_PART_ATTN_NORM, i, false, &b->attn_norm,
			       err)) < 0 ||
	    (ret = load_vector(l, SYC_PART_FFN_NORM, i, false, &b->ffn_norm,
			       err)) < 0)
		return ret;
	if (syc_arch_of(&l->m->cfg)->head_norms &&
	    ((ret = load_vector(l, SYC_PART_Q_NORM, i, false, &b->q_norm,
				err)) < 0 ||
	     (ret = load_vector(l, SYC_PART_K_NORM, i, false, &b->k_norm,
				err)) < 0))
		return ret;
	for (size_t k = 0; k < sizeof(matrix) / sizeof(matrix[0]) && ret == 0;
	     k++) {
		ret = load_matrix(l, matrix[k].part, i, matrix[k].w, err);
		if (ret == 0)
			ret = check_bias(l, i, matrix[k].part, matrix[k].w,
					 matrix[k].first, err);
	}
	return ret;
}

/*
 * The embedding, whose rows are read as they are stored; or as they are packed,
 * where the output is the same and packing loses nothing.
 */
static int load_embedding(struct loader *l, const struct syc_tensor *t,
			  struct syc_err *err)
{
	static const struct syc_part_at in = { .part = SYC_PART_EMBED },
		out = { .part = SYC_PART_OUTPUT };
	struct syc_model *m = l->m;
	struct syc_form form;
	int ret;

	if (!m->cfg.tied_output || m->cfg.reward ||
	    m->compute == SYC_COMPUTE_F32)
		return load_tensor(l, &in, t,
				   l->o->set_weights &&
					   syc_type_splits(syc_weights_type(
						   t, l->o->weights)),
				   &m->embed, err);
	ret = load_tensor(l, &out, t, true, &m->output, err);
	m->embed.t = t;
	m->embed.type = m->output.type;
	m->embed.add = syc_lora_find(m->lora, SYC_PART_EMBED, 0);
	m->embed.cols = m->output.cols;
	m->embed.rows = m->output.rows;
	m->embed.same =
		syc_matrix_form(&form, m->output.type) ? &m->output : NULL;
	return ret;
}

static int load_ends(struct loader *l, const struct syc_tensor *embed,
		     struct syc_err *err)
{
	static const struct syc_part_at out = { .part = SYC_PART_OUTPUT };
	struct syc_model *m = l->m;
	int ret = load_embedding(l, embed, err);

	if (ret == 0)
		ret = load_vector(l, SYC_PART_OUTPUT_NORM, 0, false,
				  &m->output_norm, err);
	if (ret == 0 && m->cfg.reward)
		ret = load_vector(l, SYC_PART_SCORE, 0, false, &m->score, err);
	if (ret < 0 || (m->cfg.reward && !has(l, SYC_PART_OUTPUT)))
		return ret;
	if (!m->cfg.tied_output)
		return load_matrix(l, SYC_PART_OUTPUT, 0, &m->output, err);
	if (m->output.packed)
		return 0;
	return load_tensor(l, &out, embed, m->compute != SYC_COMPUTE_F32,
			   &m->output, err);
}

/* The file's own factors divide what the configuration says. */
static int make_rope(struct loader *l, struct syc_err *err)
{
	size_t n = l->m->cfg.head_dim / 2;
	float *factor = NULL, *freq = syc_calloc(n, sizeof(*freq));
	int ret = 0;

	l->m->rope_freq = freq;
	if (!freq)
		return syc_nomem(err);
	syc_rope_freqs(freq, &l->m->cfg);
	if (!l->hub && has(l, SYC_PART_ROPE_FACTORS))
		ret = load_vector(l, SYC_PART_ROPE_FACTORS, 0, false, &factor,
				  err);
	for (size_t i = 0; factor && i < n && ret == 0; i++) {
		if (!(factor[i] > 0))
			ret = syc_fail(err, SYC_EFORMAT,
				       "%s: tensor 'rope_freqs.weight' has the "
				       "factor %g", l->path, (double)factor[i]);
		freq[i] /= factor[i];
		if (ret == 0 && !isfinite(freq[i]))
			ret = syc_fail(err, SYC_EFORMAT,
				       "%s: tensor 'rope_freqs.weight' has the "
				       "factor %g", l->path, (double)factor[i]);
	}
	free(factor);
	return ret;
}

static int open_adapters(struct loader *l, struct syc_err *err)
{
	struct syc_model *m = l->m;
	int ret;

	if (!l->o->n_adapters)
		return 0;
	ret = syc_lora_open(&m->lora, l->o->adapters, l->o->n_adapters, &m->cfg,
			    m->store, err);
	m->memory += syc_lora_memory(m->lora);
	return ret;
}

/* Better said now than found out by swapping; again when adapters are known. */
static int check_memory(const struct loader *l, struct syc_err *err)
{
	return syc_weights_fit(l->m->store, &l->m->cfg, l->o, l->m->lora, syc_machine_memory(),
			       err);
}

static int load_all(struct loader *l, struct syc_err *err)
{
	const struct syc_config *c = &l->m->cfg;
	size_t widest = c->ffn_dim > c->dim ? c->ffn_dim : c->dim;
	const struct syc_tensor *embed;
	struct syc_par *par;
	int ret;

	if (widest < (size_t)c->n_heads * c->head_dim)
		widest = (size_t)c->n_heads * c->head_dim;
	if ((ret = syc_config_complete(&l->m->cfg, l->m->store, &l->m->notes,
				       err)) < 0 ||
	    (ret = syc_weights_choose(&l->m->weights, l->m->store, l->o, err)) < 0 ||
	    (ret = check_memory(l, err)) < 0 ||
	    (ret = syc_tensors_check(&l->m->cfg, l->m->store, err)) < 0 ||
	    (ret = need(l, &(struct syc_part_at){ .part = SYC_PART_EMBED },
			&embed, err)) < 0)
		return ret;
	l->m->block = syc_calloc(c->n_layers, sizeof(*l->m->block));
	if (!l->m->block)
		return syc_nomem(err);
	if ((ret = open_adapters(l, err)) < 0 ||
	    (ret = check_memory(l, err)) < 0 ||
	    (ret = syc_par_new(&par, l->o->threads, err)) < 0)
		return ret;
	ret = syc_packer_new(&l->packer, &l->m->kern, par, widest, err);
	if (ret == 0)
		ret = make_rope(l, err);
	if (ret == 0)
		ret = load_ends(l, embed, err);
	for (uint32_t i = 0; i < c->n_layers && ret == 0; i++)
		ret = load_block(l, i, err);
	syc_packer_free(l->packer);
	syc_par_free(par);
	return ret;
}

int syc_weights_load(struct syc_model *m, const struct syc_model_opts *o,
		     struct syc_err *err)
{
	struct loader l = {
		.m = m, .o = o, .path = syc_store_path(m->store),
		.hub = !syc_store_gguf(m->store),
	};

	l.halves = syc_arch_halves(&m->cfg, l.hub);
	for (size_t i = 0; i < syc_store_n_tensors(m->store); i++) {
		const struct syc_tensor *t = syc_store_tensor_at(m->store, i);

		if (t->n_dims > 1)
			l.total += t->ne[0] * t->ne[1];
	}
	return load_all(&l, err);
}

static void free_matrix(struct syc_matrix *w)
{
	free(w->packed);
	free(w->merged);
	free(w->bias);
}

static void free_block(struct syc_block *b)
{
	struct syc_matrix *const matrix[] = {
		&b->q, &b->k, &b->v, &b->o, &b->gate, &b->up, &b->down,
	};

	free(b->attn_norm);
	free(b->ffn_norm);
	free(b->q_norm);
	free(b->k_norm);
	for (size_t i = 0; i < sizeof(matrix) / sizeof(matrix[0]); i++)
		free_matrix(matrix[i]);
}

void syc_weights_free(struct syc_model *m)
{
	for (uint32_t i = 0; m->block && i < m->cfg.n_layers; i++)
		free_block(&m->block[i]);
	free(m->block);
	free_matrix(&m->embed);
	free_matrix(&m->output);
	free(m->output_norm);
	free(m->score);
	syc_lora_free(m->lora);
	free(m->rope_freq);
}
