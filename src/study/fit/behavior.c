/* SPDX-License-Identifier: MIT */
/* A probe trained on what a model did, at every layer. */
#include "config.h"
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "base/mem.h"
#include "base/rand.h"
#include "study/fit/behavior.h"
#include "syc/resample.h"

enum { FOLDS = 5 };

struct probe {
	struct syc_behavior *b;
	const struct syc_behavior_opts *o;
	struct behavior_rows rows;
	float *x;		/* [n][dim] of the layer in hand */
	int8_t *label;		/* [n] */
	double *outcome;	/* [n] */
	uint32_t *claim, *fold;	/* [n] */
	double *pred;		/* [n] of the layer that each fold chose */
	double *least;		/* [n_folds] */
	size_t *best;		/* [n_folds] */
};

/* ---- rows --------------------------------------------------------------- */

static int allocate(struct probe *p, struct syc_err *err)
{
	const struct behavior_rows *r = &p->rows;
	struct syc_behavior *b = p->b;
	const uint32_t blocks = r->n_layers ? r->layer[r->n_layers - 1] + 1 : 0;

	b->layer = syc_calloc(r->n_layers, sizeof(*b->layer));
	b->at = syc_calloc(r->n_layers, sizeof(*b->at));
	b->chosen = syc_calloc(r->n_layers, sizeof(*b->chosen));
	b->vector = syc_vector_new(blocks, r->dim);
	p->x = syc_calloc(r->n, r->dim * sizeof(*p->x));
	p->label = syc_calloc(r->n, sizeof(*p->label));
	p->outcome = syc_calloc(r->n, 2 * sizeof(*p->outcome));
	p->claim = syc_calloc(r->n, 2 * sizeof(*p->claim));
	p->least = syc_calloc(r->n, sizeof(*p->least));
	p->best = syc_calloc(r->n, sizeof(*p->best));
	if (!b->layer || !b->at || !b->chosen || !b->vector || !p->x || !p->label ||
	    !p->outcome || !p->claim || !p->least || !p->best)
		return syc_nomem(err);
	p->pred = p->outcome + r->n;
	p->fold = p->claim + r->n;
	b->vector->norm = syc_calloc(blocks, sizeof(*b->vector->norm));
	return b->vector->norm ? 0 : syc_nomem(err);
}

/* Targets, claims numbered in order, folds. */
static int take_rows(struct probe *p, struct syc_err *err)
{
	const struct behavior_rows *r = &p->rows;
	struct syc_behavior *b = p->b;

	b->n = r->n;
	b->n_undecided = r->n_undecided;
	b->n_missing = r->n_missing;
	b->n_layers = r->n_layers;
	b->numbers = !behavior_is_label(p->o);
	memcpy(b->layer, r->layer, r->n_layers * sizeof(*b->layer));
	for (size_t i = 0; i < r->n; i++) {
		b->n_claims += !i || strcmp(r->row[i].claim, r->row[i - 1].claim) != 0;
		p->claim[i] = (uint32_t)b->n_claims - 1;
		p->outcome[i] = r->row[i].outcome;
		p->label[i] = b->numbers ? 0 : r->row[i].label;
		b->n_pos += p->label[i] == 1;
	}
	b->n_folds = p->o->folds ? p->o->folds : FOLDS;
	if (!p->o->folds && b->n_claims < b->n_folds)
		b->n_folds = b->n_claims;
	if (b->n_folds < 3)
		return syc_fail(err, SYC_EINVAL,
				"%zu rows of %zu claims: a probe needs 3 claims, and 10 to "
				"be tested", b->n, b->n_claims);
	for (size_t k = 0; k < b->n_folds; k++)
		p->least[k] = INFINITY;
	return syc_stat_folds(p->fold, p->label, p->claim, r->n, b->n_folds,
			      p->o->seed, err);
}

/* ---- figures ------------------------------------------------------------ */

/* Loss of a prediction, log odds or a number. */
static double loss_of(const struct probe *p, size_t i, double pred)
{
	const double t = p->label[i] == 1 ? pred : -pred;

	if (p->b->numbers)
		return (p->outcome[i] - pred) * (p->outcome[i] - pred);
	return log1p(exp(-fabs(t))) - fmin(t, 0);
}

/* What the rows outside a fold alone predict: their mean, or its log odds. */
static double mean_without(const struct probe *p, uint32_t fold)
{
	double sum = 0, n = 0, share;

	for (size_t i = 0; i < p->b->n; i++)
		if (p->fold[i] != fold) {
			sum += p->b->numbers ? p->outcome[i] : p->label[i];
			n++;
		}
	share = sum / n;
	return p->b->numbers ? share : log(share / (1 - share));
}

static int figures(struct syc_behavior_layer *l, const struct probe *p,
		   const double *pred, struct syc_err *err)
{
	double left = 0, all = 0;
	struct syc_auc auc;
	int ret = syc_stat_auc_within(&auc, pred, p->label, p->fold, NULL, p->b->n, err);

	l->auc = l->r2 = NAN;
	if (ret < 0 || p->b->n_claims < SYC_BEHAVIOR_CLAIMS)
		return ret;
	for (uint32_t k = 0; k < p->b->n_folds; k++) {
		const double mean = mean_without(p, k);

		for (size_t i = 0; i < p->b->n; i++)
			if (p->fold[i] == k) {
				left += loss_of(p, i, pred[i]);
				all += loss_of(p, i, mean);
			}
	}
	l->auc = p->b->numbers ? NAN : auc.auc;
	l->r2 = 1 - left / all;
	return 0;
}

static void take_vector(struct syc_vector *v, uint32_t l, const struct syc_ridge *f)
{
	double square = 0;

	for (size_t c = 0; c < v->dim; c++) {
		v->v[l * v->dim + c] = (float)f->w[c];
		square += f->w[c] * f->w[c];
	}
	v->has[l] = 1;
	v->norm[l] = (float)sqrt(square);
}

/* Folds in which this layer did best among the rows fitted take it. */
static void keep_best(struct probe *p, const struct syc_nested *s, size_t layer)
{
	for (size_t i = 0; i < p->b->n; i++)
		if (s->inner[p->fold[i]] < p->least[p->fold[i]])
			p->pred[i] = s->pred[i];
	for (size_t k = 0; k < p->b->n_folds; k++)
		if (s->inner[k] < p->least[k]) {
			p->least[k] = s->inner[k];
			p->best[k] = layer;
		}
}

static int fit_layer(struct probe *p, size_t layer, struct syc_err *err)
{
	const size_t dim = p->rows.dim;
	struct syc_behavior *b = p->b;
	const struct syc_nested_in in = {
		.x = p->x, .label = b->numbers ? NULL : p->label, .outcome = p->outcome,
		.fold = p->fold, .n = b->n, .dim = dim, .n_folds = b->n_folds };
	struct syc_nested *s = NULL;
	struct syc_err e;
	int ret;

	for (size_t i = 0; i < b->n; i++)
		memcpy(p->x + i * dim, p->rows.row[i].x + layer * dim,
		       dim * sizeof(*p->x));
	ret = syc_ridge_nested(&s, &in, &e);
	if (ret < 0)
		return syc_fail(err, ret, "layer %" PRIu32 ": %.400s", b->layer[layer],
				e.msg);
	ret = figures(&b->at[layer], p, s->pred, err);
	b->at[layer].lambda = s->fit->lambda;
	keep_best(p, s, layer);
	take_vector(b->vector, b->layer[layer], s->fit);
	syc_nested_free(s);
	return ret;
}

/* ---- the vector --------------------------------------------------------- */

static uint64_t digest(const struct probe *p)
{
	uint64_t h = 0;

	for (size_t i = 0; i < p->b->n; i++) {
		const struct behavior_row *r = &p->rows.row[i];

		h = syc_hash(h, r->id, strlen(r->id) + 1);
		h = syc_hash(h, r->claim, strlen(r->claim) + 1);
		h = syc_hash(h, &r->outcome, sizeof(r->outcome));
	}
	return h;
}

static int describe(const struct probe *p, struct syc_err *err)
{
	const struct syc_behavior *b = p->b;
	const char *target = p->o->target ? p->o->target : "label";
	struct syc_vector *v = b->vector;
	struct syc_buf j = { 0 };
	int bad;

	syc_buf_printf(&j, "{\"program\": \"%s\", \"version\": \"%s\", \"target\": ",
		       p->o->program ? p->o->program : "syc", syc_version());
	syc_buf_json(&j, target, strlen(target));
	syc_buf_printf(&j, ", \"rows\": %zu, \"claims\": %zu, \"folds\": %zu, \"seed\": %"
		       PRIu64 ", \"data\": \"%016" PRIx64 "\", \"position\": \"%s\", ",
		       b->n, b->n_claims, b->n_folds, p->o->seed, digest(p),
		       syc_position_name(p->o->position));
	syc_buf_printf(&j, "\"acts\": %s}", p->rows.provenance);
	bad = j.failed;
	bad |= syc_vector_str(&v->name, "") < 0;
	bad |= syc_vector_str(&v->method, "probe") < 0;
	bad |= syc_vector_str(&v->position, syc_position_name(p->o->position)) < 0;
	bad |= j.data && syc_vector_str(&v->provenance, j.data) < 0;
	syc_buf_free(&j);
	return bad ? syc_nomem(err) : 0;
}

int syc_behavior_read(struct syc_behavior **out, struct syc_rows *in,
		      const struct syc_behavior_opts *o, struct syc_err *err)
{
	struct probe p = { .b = syc_calloc(1, sizeof(*p.b)), .o = o };
	int ret = p.b ? behavior_rows_read(&p.rows, in, o, err) : syc_nomem(err);

	*out = NULL;
	if (ret == 0 && !p.rows.n)
		ret = syc_fail(err, SYC_EINVAL, "no row has a target and activations");
	if (ret == 0)
		ret = allocate(&p, err);
	if (ret == 0)
		ret = take_rows(&p, err);
	for (size_t l = 0; ret == 0 && l < p.b->n_layers; l++)
		ret = fit_layer(&p, l, err);
	if (ret == 0)
		ret = figures(&p.b->best, &p, p.pred, err);
	for (size_t k = 0; ret == 0 && k < p.b->n_folds; k++)
		p.b->chosen[p.best[k]]++;
	if (ret == 0)
		ret = describe(&p, err);
	behavior_rows_free(&p.rows);
	free(p.x);
	free(p.label);
	free(p.outcome);
	free(p.claim);
	free(p.least);
	free(p.best);
	if (ret < 0)
		syc_behavior_free(p.b);
	else
		*out = p.b;
	return ret;
}

void syc_behavior_free(struct syc_behavior *b)
{
	if (!b)
		return;
	free(b->layer);
	free(b->at);
	free(b->chosen);
	syc_vector_free(b->vector);
	free(b);
}
