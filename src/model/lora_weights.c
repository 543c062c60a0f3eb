/* SPDX-License-Identifier: MIT */
/* Adapters in memory. */
#include "config.h"
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include "base/err.h"
#include "base/mem.h"
#include "base/rand.h"
#include "model/lora.h"
#include "model/lora_weights.h"

static const struct {
	enum syc_part part;
	const char *name;
} matrices[SYC_LORA_N] = {
	[SYC_LORA_Q]    = { SYC_PART_Q,    "q_proj" },
	[SYC_LORA_K]    = { SYC_PART_K,    "k_proj" },
	[SYC_LORA_V]    = { SYC_PART_V,    "v_proj" },
	[SYC_LORA_O]    = { SYC_PART_O,    "o_proj" },
	[SYC_LORA_GATE] = { SYC_PART_GATE, "gate_proj" },
	[SYC_LORA_UP]   = { SYC_PART_UP,   "up_proj" },
	[SYC_LORA_DOWN] = { SYC_PART_DOWN, "down_proj" },
};

enum { ALL = (1u << SYC_LORA_N) - 1 };

const char *syc_lora_matrix_name(enum syc_lora_matrix m)
{
	return matrices[m].name;
}

struct syc_part_at syc_lora_part(const struct syc_lora_pair *p)
{
	return (struct syc_part_at){ matrices[p->matrix].part, p->layer,
				     false };
}

static int check_shape(const struct syc_config *c,
		       const struct syc_lora_shape *s, struct syc_err *err)
{
	if (c->reward)
		return syc_fail(err, SYC_EUNSUPP,
				"adapters of reward models are not supported");
	if (s->rank < 1 || s->rank > SYC_LORA_MAX_RANK)
		return syc_fail(err, SYC_EINVAL,
				"rank %" PRIu32 ": from 1 to %d", s->rank,
				SYC_LORA_MAX_RANK);
	if (!(s->alpha > 0 && s->alpha < SYC_LORA_MAX_ALPHA))
		return syc_fail(err, SYC_EINVAL, "alpha %g: a number above 0",
				(double)s->alpha);
	if (!(s->dropout >= 0 && s->dropout < 1))
		return syc_fail(err, SYC_EINVAL,
				"dropout %g: from 0 to below 1",
				(double)s->dropout);
	if (s->matrices & ~ALL)
		return syc_fail(err, SYC_EINVAL, "matrices %#x: there are %d",
				s->matrices, SYC_LORA_N);
	return 0;
}

/* All pairs without values, and how many these are; false: too many. */
static bool add_pairs(struct syc_lora_weights *w, const struct syc_config *c)
{
	for (uint32_t i = 0; i < c->n_layers * SYC_LORA_N; i++) {
		struct syc_lora_pair p = { .layer = i / SYC_LORA_N,
					   .matrix = i % SYC_LORA_N };
		const struct syc_part_at at = syc_lora_part(&p);
		uint64_t cols, rows;
		size_t n;

		if (!(w->shape.matrices >> p.matrix & 1))
			continue;
		syc_part_shape(c, &at, &cols, &rows);
		p.cols = (size_t)cols;
		p.rows = (size_t)rows;
		if (!syc_mul(&n, p.cols + p.rows, w->shape.rank) ||
		    !syc_add(&w->n_values, w->n_values, n))
			return false;
		w->pair[w->n++] = p;
	}
	return true;
}

static void place_values(struct syc_lora_weights *w)
{
	float *at = w->values;

	for (size_t i = 0; i < w->n; i++) {
		struct syc_lora_pair *p = &w->pair[i];

		p->a = at;
		p->b = p->a + w->shape.rank * p->cols;
		at = p->b + w->shape.rank * p->rows;
	}
}

int syc_lora_weights_new(struct syc_lora_weights **out,
			 const struct syc_config *c,
			 const struct syc_lora_shape *s, struct syc_err *err)
{
	struct syc_lora_weights *w;
	int ret = check_shape(c, s, err);

	*out = NULL;
	if (ret < 0)
		return ret;
	w = calloc(1, sizeof(*w));
	if (!w)
		return syc_nomem(err);
	w->shape = *s;
	w->shape.matrices = s->matrices ? s->matrices : ALL;
	w->scale =
		s->alpha / (s->rslora ? sqrtf((float)s->rank) : (float)s->rank);
	w->pair =
		syc_calloc((size_t)c->n_layers * SYC_LORA_N, sizeof(*w->pair));
	if (w->pair && add_pairs(w, c))
		w->values = syc_calloc(w->n_values, sizeof(*w->values));
	if (!w->values) {
		syc_lora_weights_free(w);
		return syc_nomem(err);
	}
	place_values(w);
	*out = w;
	return 0;
}

void syc_lora_weights_free(struct syc_lora_weights *w)
{
	if (!w)
		return;
	free(w->pair);
	free(w->values);
	free(w);
}

void syc_lora_weights_init(struct syc_lora_weights *w, uint64_t seed)
{
	for (size_t i = 0; i < w->n; i++) {
		const struct syc_lora_pair *p = &w->pair[i];
		const uint64_t key = syc_rand_key(
			seed, "lora",
			p->layer * (uint64_t)SYC_LORA_N + p->matrix);
		const double bound = 1 / sqrt((double)p->cols);

		for (size_t k = 0; k < w->shape.rank * p->cols; k++)
			p->a[k] = (float)(bound *
					  (2 * syc_rand_unit(key, k) - 1));
		for (size_t k = 0; k < w->shape.rank * p->rows; k++)
			p->b[k] = 0;
	}
}
