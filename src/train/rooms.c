/* SPDX-License-Identifier: MIT */
/*
 * The memory of a pass, and what it will take and compute before there is one.
 */
#include "config.h"
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "base/mem.h"
#include "kern/math.h"
#include "model/arch.h"
#include "model/tensor_names.h"
#include "train/train.h"

enum {
	CHUNK_FLOATS = 4 << 20,
	CHUNK_ROWS = 8192,
	LINE = 64,		/* bytes that rooms are aligned to */
};

size_t syc_train_chunk(size_t rows, size_t cols)
{
	size_t n = CHUNK_FLOATS / cols / SYC_Q_ROWS * SYC_Q_ROWS;

	n = n < SYC_Q_ROWS ? SYC_Q_ROWS : n < CHUNK_ROWS ? n : CHUNK_ROWS;
	return n < rows ? n : rows;
}

static size_t largest(size_t a, size_t b)
{
	return a > b ? a : b;
}

void syc_train_widths(struct syc_trainer *t, const struct syc_config *c,
		      const struct syc_lora_shape *s)
{
	t->dim = c->dim;
	t->hd = c->head_dim;
	t->q_dim = (size_t)c->n_heads * c->head_dim;
	t->kv_dim = (size_t)c->n_kv_heads * c->head_dim;
	t->ffn = c->ffn_dim;
	t->rank = s->rank;
}

/* ---- layout -------------------------------------------------------------- */

/* One block of memory, dealt out; base NULL: only counted. */
struct deal {
	char *base;
	size_t bytes;
};

static void *take(struct deal *d, size_t n, size_t size)
{
	void *p = d->base ? d->base + d->bytes : NULL;

	d->bytes += syc_round_up(n * size, LINE);
	return p;
}

static float *floats(struct deal *d, size_t n, size_t width)
{
	return take(d, n, width * sizeof(float));
}

static void deal_kept(struct deal *d, const struct syc_trainer *t,
		      const struct syc_config *c, unsigned matrices, size_t n,
		      struct syc_train_kept *k)
{
	k->q = floats(d, n, t->q_dim);
	k->k = floats(d, n, t->kv_dim);
	k->v = floats(d, n, t->kv_dim);
	k->q_raw = syc_arch_of(c)->head_norms ? floats(d, n, t->q_dim) : k->q;
	k->k_raw = syc_arch_of(c)->head_norms ? floats(d, n, t->kv_dim) : k->k;
	k->log_sum = floats(d, n, c->n_heads);
	k->mixed = floats(d, n, t->q_dim);
	k->mid = floats(d, n, t->dim);
	k->gate = floats(d, n, t->ffn);
	k->up = floats(d, n, t->ffn);
	for (int i = 0; i < SYC_LORA_N; i++)
		k->z[i] = matrices >> i & 1 ? floats(d, n, t->rank) : NULL;
}

/* What is decoded at once, of any matrix. */
static size_t decoded_floats(const struct syc_trainer *t,
			     const struct syc_config *c)
{
	const size_t shape[][2] = {
		{t->q_dim, t->dim}, {t->kv_dim, t->dim}, {t->dim, t->q_dim},
		{t->ffn, t->dim},   {t->dim, t->ffn},	 {c->n_vocab, t->dim},
	};
	size_t n = 0;

	for (size_t i = 0; i < sizeof(shape) / sizeof(shape[0]); i++)
		n = largest(n, syc_train_chunk(shape[i][0], shape[i][1]) *
				       shape[i][1]);
	return n;
}

static void deal_tokens(struct deal *d, struct syc_trainer *t, size_t n)
{
	t->span = take(d, n, sizeof(*t->span));
	t->of = take(d, n, sizeof(*t->of));
	t->token = take(d, n, sizeof(*t->token));
	t->row = take(d, n, sizeof(*t->row));
	t->target = take(d, n, sizeof(*t->target));
	t->top = take(d, n, sizeof(*t->top));
	t->sum = take(d, n, sizeof(*t->sum));
	t->picked = take(d, n, sizeof(*t->picked));
	t->turn = floats(d, n, t->hd);
	t->turn_back = floats(d, n, t->hd);
}

/* What every pass of n tokens has. */
static void deal_pass(struct deal *d, struct syc_trainer *t,
		      const struct syc_config *c,
		      const struct syc_lora_shape *s, size_t n)
{
	const size_t words = syc_train_chunk(c->n_vocab, t->dim);

	deal_tokens(d, t, n);
	for (size_t l = 0; l <= c->n_layers; l++) {
		float *x = floats(d, n, t->dim);

		if (d->base)
			t->x[l] = x;
	}
	t->xb = floats(d, n, t->dim);
	t->words = floats(d, n, t->dim);
	t->h = floats(d, n, t->ffn);
	t->dx = floats(d, n, t->dim);
	t->dxb = floats(d, n, t->dim);
	t->dmixed = floats(d, n, t->q_dim);
	t->dq = floats(d, n, t->q_dim);
	t->dk = floats(d, n, t->kv_dim);
	t->dv = floats(d, n, t->kv_dim);
	t->dgate = floats(d, n, t->ffn);
	t->dup = floats(d, n, t->ffn);
	t->dz = floats(d, n, t->rank);
	t->dropped =
		s->dropout > 0
			? floats(d, n,
				 largest(largest(t->dim, t->q_dim), t->ffn))
			: NULL;
	t->decoded = floats(d, decoded_floats(t, c), 1);
	t->logits =
		floats(d, n < SYC_TRAIN_LOGITS ? n : SYC_TRAIN_LOGITS, words);
	t->scores = floats(d, t->threads * 2 * SYC_TRAIN_QUERIES, n);
	deal_kept(d, t, c, s->matrices, n, &t->one);
}

static size_t kept_bytes(const struct syc_trainer *t,
			 const struct syc_config *c,
			 const struct syc_lora_shape *s, size_t n,
			 size_t n_blocks)
{
	struct syc_train_kept k;
	struct deal d = { 0 };

	deal_kept(&d, t, c, s->matrices, n, &k);
	return d.bytes * n_blocks;
}

size_t syc_train_kept_bytes(const struct syc_trainer *t, size_t n)
{
	return kept_bytes(t, &t->m->cfg, &t->w->shape, n,
			  t->m->cfg.n_layers - t->lowest);
}

/* ---- what is there ------------------------------------------------------- */

static void fill_turns(struct syc_trainer *t, size_t n)
{
	const size_t half = t->hd / 2;
	const float scale = t->m->cfg.rope.attention;
	double s, c;

	for (size_t i = 0; i < n * half; i++) {
		syc_sincos(
			(double)((float)(i / half) * t->m->rope_freq[i % half]),
			&s, &c);
		t->turn[2 * i] = t->turn_back[2 * i] = (float)c * scale;
		t->turn[2 * i + 1] = (float)s * scale;
		t->turn_back[2 * i + 1] = -((float)s * scale);
	}
}

static int pass_rooms(struct syc_trainer *t, size_t n, struct syc_err *err)
{
	struct deal d = { 0 };

	if (n <= t->base_tokens)
		return 0;
	free(t->base);
	t->base_bytes = t->base_tokens = 0;
	deal_pass(&d, t, &t->m->cfg, &t->w->shape, n);
	t->base = syc_aligned(d.bytes, 1);
	if (!t->base)
		return syc_nomem(err);
	t->base_bytes = d.bytes;
	t->base_tokens = n;
	d = (struct deal){ .base = t->base };
	deal_pass(&d, t, &t->m->cfg, &t->w->shape, n);
	fill_turns(t, n);
	return 0;
}

int syc_train_rooms(struct syc_trainer *t, size_t n, struct syc_err *err)
{
	struct deal d = { 0 };
	int ret = pass_rooms(t, n, err);

	if (ret < 0 || !t->keeps || n <= t->more_tokens)
		return ret;
	free(t->more);
	t->more_tokens = t->more_bytes = 0;
	t->more = d.base = syc_aligned(syc_train_kept_bytes(t, n), 1);
	if (!t->more)
		return syc_nomem(err);
	t->more_tokens = n;
	for (size_t l = t->lowest; l < t->m->cfg.n_layers; l++)
		deal_kept(&d, t, &t->m->cfg, t->w->shape.matrices, n,
			  &t->kept[l]);
	t->more_bytes = d.bytes;
	return 0;
}

size_t syc_trainer_memory(const struct syc_trainer *t)
{
	return t->base_bytes + t->more_bytes;
}

/* ---- what will be -------------------------------------------------------- */

size_t syc_trainer_need(const struct syc_config *c,
			const struct syc_lora_shape *s, unsigned threads,
			size_t n_tokens, bool with_checkpoints)
{
	struct syc_trainer t = {.threads = threads ? threads
						   : syc_machine_cores()};
	struct syc_lora_shape shape = *s;
	struct deal d = { 0 };

	if (!shape.matrices)
		shape.matrices = (1u << SYC_LORA_N) - 1;
	syc_train_widths(&t, c, &shape);
	deal_pass(&d, &t, c, &shape, n_tokens);
	return d.bytes + (with_checkpoints ? 0
					   : kept_bytes(&t, c, &shape, n_tokens,
							c->n_layers));
}

/* Multiplications of a token in a block. */
struct block_work {
	double all;	/* as every block has it, forward */
	double behind;	/* of it what comes behind attention */
	double inputs;	/* of q, k and v, without adapters */
	double low, low_behind; /* of all and behind, adapters */
};

static struct block_work count_block(const struct syc_config *c,
				     const struct syc_lora_shape *s)
{
	static const enum syc_part parts[SYC_LORA_N] = {
		SYC_PART_Q, SYC_PART_K, SYC_PART_V, SYC_PART_O,
		SYC_PART_GATE, SYC_PART_UP, SYC_PART_DOWN,
	};
	struct block_work n = { 0 };

	for (int i = 0; i < SYC_LORA_N; i++) {
		const struct syc_part_at at = { .part = parts[i] };
		const bool input = i == SYC_LORA_Q || i == SYC_LORA_K ||
				   i == SYC_LORA_V;
		uint64_t cols, rows;
		double low = 0;

		syc_part_shape(c, &at, &cols, &rows);
		if (!s->matrices || s->matrices >> i & 1)
			low = (double)s->rank * (double)(rows + cols);
		n.all += (double)rows * (double)cols + low;
		n.low += low;
		n.inputs += input ? (double)rows * (double)cols : 0;
		n.behind += input ? 0 : (double)rows * (double)cols + low;
		n.low_behind += input ? 0 : low;
	}
	return n;
}

/* Multiplications of `all` in every block and `behind` but in the last one. */
static double of_blocks(const struct syc_config *c,
			const struct syc_train_work *w, double all,
			double behind)
{
	return w->tokens * c->n_layers * all -
	       (w->tokens - w->answer) * behind;
}

double syc_trainer_flops(const struct syc_config *c,
			 const struct syc_lora_shape *s,
			 const struct syc_train_work *w, bool backward)
{
	const struct block_work b = count_block(c, s);
	const double head = w->answer * (double)c->n_vocab * c->dim,
		     product = w->pairs * c->n_heads * c->head_dim *
			       c->n_layers;
	double n = of_blocks(c, w, b.all, b.behind) + head + 2 * product;

	if (backward)
		n += of_blocks(c, w, b.all + b.low, b.behind + b.low_behind) -
		     w->tokens * b.inputs + head + 4 * product;
	return 2 * n;
}
