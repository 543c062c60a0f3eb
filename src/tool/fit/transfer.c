/* SPDX-License-Identifier: MIT */
/*
 * Chosen and fitted on one data set, tried on another: the layer that tells
 * labels apart best in training, its direction, its regression.
 */
#include "config.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "tool/common/fail.h"
#include "tool/fit/fit.h"

static const struct fit_set *find_set(const struct fit *f, const struct scores_set *like)
{
	for (size_t i = 0; i < f->scores.n_sets; i++)
		if (strcmp(f->set[i].t->vector, like->vector) == 0 &&
		    strcmp(f->set[i].t->position, like->position) == 0)
			return &f->set[i];
	return NULL;
}

static size_t find_layer(const struct fit *f, uint32_t layer)
{
	size_t i = 0;

	while (i < f->scores.n_layers && f->scores.layer[i] != layer)
		i++;
	return i;
}

/* The farthest from chance; n_layers when none is defined. */
static size_t best_layer(const struct fit *f, const struct fit_set *s)
{
	size_t best = f->scores.n_layers;
	double reach = -1;

	for (size_t l = 0; l < f->scores.n_layers; l++) {
		const double here = fabs(s->layer[l].auc.auc - 0.5);

		if (here > reach) {
			reach = here;
			best = l;
		}
	}
	return best;
}

static void turn(double *lo, double *hi)
{
	const double t = *lo;

	*lo = 1 - *hi;
	*hi = 1 - t;
}

static void turn_area(struct syc_auc *a)
{
	a->auc = 1 - a->auc;
	turn(&a->lo, &a->hi);
	turn(&a->logit_lo, &a->logit_hi);
	turn(&a->plain_lo, &a->plain_hi);
}

static int fill(struct fit_cell *c, const struct syc_logit *logit, const double *x,
		const struct fit_set *s, struct syc_err *err)
{
	const struct scores_set *t = s->t;
	struct syc_calibration_bin bin[FIT_BINS];
	double *prob = calloc(t->n + 1, sizeof(*prob));
	int ret = prob ? syc_stat_auc_clustered(&c->auc, x, t->label, s->cluster, t->n, err)
		       : fail_nomem(err);

	for (size_t i = 0; i < t->n && ret == 0; i++)
		prob[i] = syc_stat_logit_at(logit, x[i]);
	if (ret == 0)
		ret = syc_stat_brier(&c->brier, prob, t->label, s->cluster, t->n, err);
	if (ret == 0)
		ret = syc_stat_calibration(bin, FIT_BINS, &c->slope, &c->intercept, prob, t->label,
					   t->n, err);
	if (c->turned)
		turn_area(&c->auc);
	free(prob);
	return ret;
}

/* All layers of the training set, which the test set must have. */
static int fill_multi(struct fit_cell *c, const struct fit *a, const struct fit_set *from,
		      const struct fit *b, const struct fit_set *to, struct syc_err *err)
{
	const struct scores_set *t = to->t;
	const size_t k = a->scores.n_layers;
	double *x = calloc(t->n + 1, k * sizeof(*x)), *prob = calloc(t->n + 1, sizeof(*prob));
	int ret = x && prob ? 0 : fail_nomem(err);

	for (size_t l = 0; l < k && ret == 0; l++) {
		const size_t at = find_layer(b, a->scores.layer[l]);

		for (size_t i = 0; i < t->n; i++)
			x[i * k + l] = at < b->scores.n_layers ?
				t->score[i * b->scores.n_layers + at] : NAN;
	}
	if (ret == 0) {
		fit_multi_apply(prob, &from->multi, x, t->n, k);
		ret = syc_stat_auc_clustered(&c->multi, prob, t->label, to->cluster, t->n, err);
	}
	if (ret == 0)
		ret = syc_stat_brier(&c->multi_brier, prob, t->label, to->cluster, t->n, err);
	free(x);
	free(prob);
	return ret;
}

/* The training set itself: rows left out tell, and folds choose the layer. */
static void crossed(struct fit_cell *c, const struct fit_set *s)
{
	c->crossed = true;
	c->auc = s->best.cv.auc;
	c->brier = s->best.cv.brier;
	c->slope = s->best.cv.slope;
	c->intercept = s->best.cv.intercept;
	c->multi = s->multi.cv.auc;
	c->multi_brier = s->multi.cv.brier;
}

static int one_cell(struct transfer *t, size_t i, size_t j, const struct fit_set *from,
		    const struct fit_set *to, struct syc_err *err)
{
	const struct fit *a = &t->data[i], *b = &t->data[j];
	const size_t l = best_layer(a, from);
	struct fit_cell *c = &t->cell[t->n_cells];
	double *x;
	size_t at;
	int ret;

	if (l == a->scores.n_layers)
		return 0;
	*c = (struct fit_cell){ .train = i, .test = j, .vector = from->t->vector,
				.position = from->t->position, .layer = a->scores.layer[l],
				.turned = from->layer[l].auc.auc < 0.5,
				.train_auc = from->layer[l].auc.auc };
	t->n_cells++;
	if (i == j) {
		crossed(c, from);
		return 0;
	}
	at = find_layer(b, c->layer);
	x = calloc(to->t->n + 1, sizeof(*x));
	if (!x)
		return fail_nomem(err);
	for (size_t r = 0; r < to->t->n; r++)
		x[r] = at < b->scores.n_layers ? to->t->score[r * b->scores.n_layers + at] : NAN;
	ret = fill(c, &from->layer[l].logit, x, to, err);
	if (ret == 0 && t->o->multi)
		ret = fill_multi(c, a, from, b, to, err);
	free(x);
	return ret;
}

struct name {
	const struct scores_set *t;
};

static int by_name(const void *a, const void *b)
{
	const struct scores_set *p = ((const struct name *)a)->t, *q = ((const struct name *)b)->t;
	const int c = strcmp(p->vector, q->vector);

	return c ? c : strcmp(p->position, q->position);
}

/* Every vector and position that some data set has, each once. */
static struct name *all_names(const struct transfer *t, size_t *n)
{
	size_t total = 1;
	struct name *name;

	for (size_t i = 0; i < t->n; i++)
		total += t->data[i].scores.n_sets;
	name = calloc(total, sizeof(*name));
	*n = 0;
	for (size_t i = 0; i < t->n && name; i++)
		for (size_t k = 0; k < t->data[i].scores.n_sets; k++)
			name[(*n)++].t = t->data[i].set[k].t;
	if (!name || !*n)
		return name;
	qsort(name, *n, sizeof(*name), by_name);
	total = *n;
	*n = 1;
	for (size_t i = 1; i < total; i++)
		if (by_name(&name[i], &name[*n - 1]) != 0)
			name[(*n)++] = name[i];
	return name;
}

int transfer_all(struct transfer *t, struct syc_err *err)
{
	size_t n;
	struct name *name = all_names(t, &n);
	int ret = 0;

	t->cell = calloc(n * t->n * t->n + 1, sizeof(*t->cell));
	if (!name || !t->cell)
		ret = fail_nomem(err);
	for (size_t k = 0; k < n && ret == 0; k++)
		for (size_t i = 0; i < t->n && ret == 0; i++)
			for (size_t j = 0; j < t->n && ret == 0; j++) {
				const struct fit_set *from = find_set(&t->data[i], name[k].t);
				const struct fit_set *to = find_set(&t->data[j], name[k].t);

				if (from && to)
					ret = one_cell(t, i, j, from, to, err);
			}
	free(name);
	return ret;
}
