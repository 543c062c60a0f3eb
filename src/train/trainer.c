/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <cblas.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "base/mem.h"
#include "model/lora_weights.h"
#include "train/train.h"

static int check_model(const struct syc_model *m, struct syc_err *err)
{
	if (m->compute != SYC_COMPUTE_F32)
		return syc_fail(err, SYC_EINVAL,
				"gradients are of models opened with "
				"compute f32; this one has %s",
				syc_compute_name(m->compute));
	if (!m->output.rows)
		return syc_fail(err, SYC_EINVAL,
				"gradients are not of reward models");
	return 0;
}

static int check_pair(const struct syc_config *c, const struct syc_lora_pair *p,
		      struct syc_err *err)
{
	const struct syc_part_at at = syc_lora_part(p);
	uint64_t cols, rows;

	syc_part_shape(c, &at, &cols, &rows);
	if (p->layer < c->n_layers && p->rows == rows && p->cols == cols)
		return 0;
	return syc_fail(err, SYC_EINVAL,
			"the adapter is for a model of another shape");
}

static int copy_steer(struct syc_trainer *t, const float *steer,
		      struct syc_err *err)
{
	const size_t n = (size_t)t->m->cfg.n_layers * t->dim;

	t->steer = syc_calloc(n, sizeof(*t->steer));
	if (!t->steer)
		return syc_nomem(err);
	memcpy(t->steer, steer, n * sizeof(*steer));
	return 0;
}

static int make(struct syc_trainer *t, const struct syc_trainer_opts *o,
		struct syc_err *err)
{
	const size_t n_layers = t->m->cfg.n_layers;
	int ret = syc_par_new(&t->par, o->threads, err);

	if (ret < 0)
		return ret;
	t->threads = syc_par_threads(t->par);
	t->pair = syc_calloc(n_layers * SYC_LORA_N, sizeof(*t->pair));
	t->kept = syc_calloc(n_layers, sizeof(*t->kept));
	t->x = syc_calloc(n_layers + 1, sizeof(*t->x));
	if (!t->pair || !t->kept || !t->x)
		return syc_nomem(err);
	t->lowest = (uint32_t)n_layers;
	for (size_t i = 0; i < t->w->n; i++) {
		const struct syc_lora_pair *p = &t->w->pair[i];

		if ((ret = check_pair(&t->m->cfg, p, err)) < 0)
			return ret;
		t->pair[(size_t)p->layer * SYC_LORA_N + p->matrix] = p;
		t->lowest = p->layer < t->lowest ? p->layer : t->lowest;
	}
	return o->steer ? copy_steer(t, o->steer, err) : 0;
}

int syc_trainer_new(struct syc_trainer **out, const struct syc_model *m,
		    const struct syc_lora_weights *w,
		    const struct syc_trainer_opts *o, struct syc_err *err)
{
	static const struct syc_trainer_opts none;
	struct syc_trainer *t;
	int ret = check_model(m, err);

	*out = NULL;
	if (ret < 0)
		return ret;
	if (!o)
		o = &none;
	t = calloc(1, sizeof(*t));
	if (!t)
		return syc_nomem(err);
	t->m = m;
	t->kern = &m->kern;
	t->w = w;
	t->seed = o->seed;
	t->memory = o->memory ? o->memory : syc_machine_memory() / 2;
	syc_train_widths(t, &m->cfg, &w->shape);
	openblas_set_num_threads(1);
	ret = make(t, o, err);
	if (ret < 0) {
		syc_trainer_free(t);
		return ret;
	}
	*out = t;
	return 0;
}

void syc_trainer_free(struct syc_trainer *t)
{
	if (!t)
		return;
	syc_par_free(t->par);
	free(t->pair);
	free(t->kept);
	free(t->x);
	free(t->steer);
	free(t->base);
	free(t->more);
	free(t);
}

static int check_sequence(const struct syc_config *c,
			  const struct syc_train_sequence *s, size_t i,
			  struct syc_err *err)
{
	if (s->n_prompt < 1 || s->n_prompt >= s->n)
		return syc_fail(err, SYC_EINVAL,
				"sequence %zu: %zu tokens, %zu of them a "
				"prompt's",
				i, s->n, s->n_prompt);
	if (s->n > c->n_ctx)
		return syc_fail(
			err, SYC_EINVAL,
			"sequence %zu has %zu tokens, the context %" PRIu32, i,
			s->n, c->n_ctx);
	for (size_t k = 0; k < s->n; k++)
		if (s->tokens[k] < 0 || (uint32_t)s->tokens[k] >= c->n_vocab)
			return syc_fail(
				err, SYC_EINVAL,
				"sequence %zu: there is no token %" PRId32, i,
				s->tokens[k]);
	return 0;
}

/* Tokens of all sequences; what is wrong with one is a negative code. */
static int count_tokens(const struct syc_trainer *t,
			const struct syc_train_sequence *s, size_t n,
			size_t *n_tokens, struct syc_err *err)
{
	*n_tokens = 0;
	for (size_t i = 0; i < n; i++) {
		int ret = check_sequence(&t->m->cfg, &s[i], i, err);

		if (ret < 0)
			return ret;
		*n_tokens += s[i].n;
	}
	return 0;
}

static void pack(struct syc_trainer *t, const struct syc_train_sequence *s,
		 size_t n)
{
	size_t at = 0;

	t->n_spans = n;
	t->n_answer = 0;
	for (size_t i = 0; i < n; at += s[i++].n) {
		t->span[i] = (struct syc_train_span){ at, s[i].n, s[i].key };
		memcpy(t->token + at, s[i].tokens, s[i].n * sizeof(*t->token));
		for (size_t k = 0; k < s[i].n; k++)
			t->of[at + k] = (uint32_t)i;
		for (size_t k = s[i].n_prompt; k < s[i].n; k++) {
			t->row[t->n_answer] = at + k - 1;
			t->target[t->n_answer++] = s[i].tokens[k];
		}
	}
}

static void embed_row(void *arg, size_t i, unsigned thread)
{
	const struct syc_trainer *t = arg;

	(void)thread;
	syc_matrix_rows(t->x[0] + i * t->dim, &t->m->embed, (size_t)t->token[i],
			1, t->kern);
}

int syc_trainer_forward(struct syc_trainer *t,
			const struct syc_train_sequence *s, size_t n,
			enum syc_train_mode mode, double *logprob,
			struct syc_err *err)
{
	int ret = count_tokens(t, s, n, &t->n, err);

	t->ready = false;
	if (ret < 0 || !t->n)
		return ret;
	t->mode = mode;
	t->keeps = mode == SYC_TRAIN_LEARN &&
		   syc_train_kept_bytes(t, t->n) <= t->memory;
	ret = syc_train_rooms(t, t->n, err);
	if (ret < 0)
		return ret;
	pack(t, s, n);
	syc_par_run(t->par, t->n, embed_row, t);
	for (uint32_t l = 0; l < t->m->cfg.n_layers; l++)
		syc_train_block(t, l);
	syc_train_head(t, logprob);
	t->ready = mode == SYC_TRAIN_LEARN;
	return 0;
}

int syc_trainer_backward(struct syc_trainer *t, const double *coef, float *grad,
			 struct syc_err *err)
{
	if (!t->ready)
		return syc_fail(err, SYC_EINVAL,
				"no pass of learning to go back through");
	syc_train_head_back(t, coef);
	for (uint32_t l = t->m->cfg.n_layers; l-- > t->lowest; )
		syc_train_block_back(t, l, grad);
	return 0;
}
