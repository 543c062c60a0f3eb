/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "base/mem.h"
#include "syc/record.h"

struct syc_recorder {
	size_t n_layers, dim;
	unsigned positions;
	uint32_t n_blocks;
	int32_t *index;		/* [n_blocks] place among the layers, or -1 */
};

struct syc_take {
	const struct syc_recorder *r;
	struct syc_spots at;
	float *position[SYC_POSITION_ALL];	/* [n_layers][dim] */
	bool filled[SYC_POSITION_ALL];
	double *sum;			/* [n_layers][dim] for the mean */
	float *all;			/* [n_tokens][n_layers][dim] */
	size_t all_cap;			/* tokens that fit */
};

int syc_recorder_new(struct syc_recorder **out, const struct syc_model *m,
		     const struct syc_recorder_opts *o, struct syc_err *err)
{
	const struct syc_config *c = syc_model_config(m);
	struct syc_recorder *r;

	*out = NULL;
	for (size_t i = 0; i < o->n_layers; i++)
		if (o->layers[i] >= c->n_layers)
			return syc_fail(err, SYC_EINVAL,
				"layer %u: the model's layers are 0 to %u",
				o->layers[i], c->n_layers - 1);
	r = calloc(1, sizeof(*r));
	if (!r)
		return syc_nomem(err);
	r->index = syc_calloc(c->n_layers, sizeof(*r->index));
	if (!r->index) {
		free(r);
		return syc_nomem(err);
	}
	r->n_layers = o->n_layers;
	r->dim = c->dim;
	r->positions = o->positions;
	r->n_blocks = c->n_layers;
	for (uint32_t l = 0; l < c->n_layers; l++)
		r->index[l] = -1;
	for (size_t i = 0; i < o->n_layers; i++)
		r->index[o->layers[i]] = (int32_t)i;
	*out = r;
	return 0;
}

void syc_recorder_free(struct syc_recorder *r)
{
	if (!r)
		return;
	free(r->index);
	free(r);
}

static void put(struct syc_take *t, enum syc_position position, size_t layer,
		const float *x)
{
	size_t dim = t->r->dim;

	if (!(t->r->positions & 1u << position))
		return;
	memcpy(t->position[position] + layer * dim, x, dim * sizeof(*x));
	t->filled[position] = true;
}

static void take_token(struct syc_take *t, uint32_t pos, size_t layer,
		       const float *x)
{
	const struct syc_spots *at = &t->at;
	size_t dim = t->r->dim;
	bool answer = at->begin != SYC_NOWHERE && pos >= at->begin &&
		      pos < at->end;

	if (pos == at->prompt)
		put(t, SYC_POSITION_PROMPT, layer, x);
	if (pos == at->letter)
		put(t, SYC_POSITION_LETTER, layer, x);
	if (answer && (at->end == SYC_NOWHERE || pos == at->end - 1))
		put(t, SYC_POSITION_LAST, layer, x);
	if (answer && t->sum) {
		for (size_t i = 0; i < dim; i++)
			t->sum[layer * dim + i] += (double)x[i];
		t->filled[SYC_POSITION_MEAN] = true;
	}
	if (t->all && pos < at->n_tokens)
		memcpy(t->all + (pos * t->r->n_layers + layer) * dim, x,
		       dim * sizeof(*x));
}

static void record(void *arg, enum syc_hook_point point, uint32_t layer,
		   size_t n, const struct syc_where *at, float *x)
{
	const struct syc_recorder *r = arg;

	(void)point;
	if (r->index[layer] < 0)
		return;
	for (size_t i = 0; i < n; i++)
		if (at[i].job->rec && !at[i].probe)
			take_token(at[i].job->rec, at[i].pos,
				   (size_t)r->index[layer], x + i * r->dim);
}

struct syc_hook syc_recorder_hook(struct syc_recorder *r)
{
	return (struct syc_hook){ SYC_HOOK_BLOCK, record, r };
}

struct syc_take *syc_take_new(const struct syc_recorder *r)
{
	struct syc_take *t = calloc(1, sizeof(*t));
	size_t n;

	if (!t)
		return NULL;
	t->r = r;
	if (!syc_mul(&n, r->n_layers, r->dim))
		goto fail;
	for (unsigned s = 0; s < SYC_POSITION_ALL; s++) {
		if (!(r->positions & 1u << s))
			continue;
		t->position[s] = syc_calloc(n, sizeof(float));
		if (!t->position[s])
			goto fail;
	}
	if (r->positions & 1u << SYC_POSITION_MEAN) {
		t->sum = syc_calloc(n, sizeof(*t->sum));
		if (!t->sum)
			goto fail;
	}
	return t;
fail:
	syc_take_free(t);
	return NULL;
}

void syc_take_free(struct syc_take *t)
{
	if (!t)
		return;
	for (unsigned s = 0; s < SYC_POSITION_ALL; s++)
		free(t->position[s]);
	free(t->sum);
	free(t->all);
	free(t);
}

int syc_take_begin(struct syc_take *t, const struct syc_spots *at)
{
	size_t per = t->r->n_layers * t->r->dim;

	t->at = *at;
	memset(t->filled, 0, sizeof(t->filled));
	if (t->sum)
		memset(t->sum, 0, per * sizeof(*t->sum));
	if (!(t->r->positions & 1u << SYC_POSITION_ALL))
		return 0;
	if (t->all_cap < at->n_tokens) {
		free(t->all);
		t->all = syc_aligned(at->n_tokens, per * sizeof(float));
		t->all_cap = t->all ? at->n_tokens : 0;
	}
	return t->all ? 0 : SYC_ENOMEM;
}

const float *syc_take_position(struct syc_take *t, enum syc_position position)
{
	size_t n = t->r->n_layers * t->r->dim;

	if (!t->filled[position])
		return NULL;
	if (position == SYC_POSITION_MEAN)
		for (size_t i = 0; i < n; i++)
			t->position[position][i] = (float)(t->sum[i] /
				(t->at.end - t->at.begin));
	return t->position[position];
}

const float *syc_take_all(const struct syc_take *t)
{
	return t->all;
}
