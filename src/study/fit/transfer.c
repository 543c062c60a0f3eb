/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "syc/transfer.h"

/* One data set's part in a cell. */
struct side {
	const struct syc_fit *f;
	const struct syc_fit_set *s;
};

static struct side find_side(const struct syc_fit *f,
			     const struct syc_scores_set *like)
{
	const struct syc_scores_set *t =
		syc_scores_find(f->scores, like->vector, like->position);

	return (struct side){ f, t ? &f->set[t - f->scores->set] : NULL };
}

/* The farthest from chance; n_layers when none is defined. */
static size_t best_layer(const struct side *a)
{
	size_t best = a->f->scores->n_layers;
	double reach = -1;

	for (size_t l = 0; l < a->f->scores->n_layers; l++) {
		const double here = fabs(a->s->layer[l].auc.auc - 0.5);

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

/* The scores of a side at a layer of any table into x [n], NaN where it has none. */
static void column(double *x, const struct side *b, uint32_t layer)
{
	const size_t at = syc_scores_layer(b->f->scores, layer);

	if (at < b->f->scores->n_layers)
		syc_scores_column(b->f->scores, b->s->t, at, x);
	for (size_t i = 0; i < b->s->t->n && at == b->f->scores->n_layers; i++)
		x[i] = NAN;
}

/* The test set at the layer, by the training set's regression; room [2][n]. */
static int try_layer(struct syc_transfer_cell *c, const struct syc_logit *logit,
		     const struct side *b, double *room, struct syc_err *err)
{
	const struct syc_scores_set *t = b->s->t;
	struct syc_calibration_bin bin[SYC_FIT_BINS];
	double *x = room, *prob = room + t->n;
	int ret;

	column(x, b, c->layer);
	for (size_t i = 0; i < t->n; i++)
		prob[i] = syc_stat_logit_at(logit, x[i]);
	ret = syc_stat_auc_clustered(&c->auc, x, t->label, b->s->cluster, t->n,
				     err);
	if (ret == 0)
		ret = syc_stat_brier(&c->brier, prob, t->label, b->s->cluster,
				     t->n, err);
	if (ret == 0)
		ret = syc_stat_calibration(bin, SYC_FIT_BINS, &c->slope,
					   &c->intercept, prob, t->label, t->n,
					   err);
	if (c->turned)
		turn_area(&c->auc);
	return ret;
}

/* All layers of the training set, which the test set must have; room [2][n]. */
static int try_multi(struct syc_transfer_cell *c, const struct side *a,
		     const struct side *b, double *room, struct syc_err *err)
{
	const struct syc_scores_set *t = b->s->t;
	const size_t k = a->f->scores->n_layers;
	double *x = room, *prob = room + t->n,
	       *all = calloc(t->n + 1, k * sizeof(*all));
	int ret;

	if (!all)
		return syc_nomem(err);
	for (size_t l = 0; l < k; l++) {
		column(x, b, a->f->scores->layer[l]);
		for (size_t i = 0; i < t->n; i++)
			all[i * k + l] = x[i];
	}
	syc_fit_multi_apply(prob, &a->s->multi, all, t->n, k);
	free(all);
	ret = syc_stat_auc_clustered(&c->multi, prob, t->label, b->s->cluster,
				     t->n, err);
	if (ret == 0)
		ret = syc_stat_brier(&c->multi_brier, prob, t->label,
				     b->s->cluster, t->n, err);
	return ret;
}

/* The training set itself: rows left out tell, and folds choose the layer. */
static void cross(struct syc_transfer_cell *c, const struct syc_fit_set *s)
{
	c->crossed = true;
	c->auc = s->best.cv.auc;
	c->brier = s->best.cv.brier;
	c->slope = s->best.cv.slope;
	c->intercept = s->best.cv.intercept;
	c->multi = s->multi.cv.auc;
	c->multi_brier = s->multi.cv.brier;
}

/* The cell from a to b; 1 made, 0 there is none. */
static int fill(struct syc_transfer_cell *c, const struct side *a,
		const struct side *b, struct syc_err *err)
{
	const size_t l = a->s && b->s ? best_layer(a) : 0;
	double *room;
	int ret;

	if (!a->s || !b->s || l == a->f->scores->n_layers)
		return 0;
	c->vector = a->s->t->vector;
	c->position = a->s->t->position;
	c->layer = a->f->scores->layer[l];
	c->train_auc = a->s->layer[l].auc.auc;
	c->turned = c->train_auc < 0.5;
	if (a->f == b->f) {
		cross(c, a->s);
		return 1;
	}
	room = calloc(b->s->t->n + 1, 2 * sizeof(*room));
	ret = room ? try_layer(c, &a->s->layer[l].logit, b, room, err)
		   : syc_nomem(err);
	if (ret == 0 && a->f->o.multi)
		ret = try_multi(c, a, b, room, err);
	free(room);
	return ret < 0 ? ret : 1;
}

static int by_name(const void *a, const void *b)
{
	const struct syc_scores_set *p =
		*(const struct syc_scores_set *const *)a;
	const struct syc_scores_set *q =
		*(const struct syc_scores_set *const *)b;
	const int c = strcmp(p->vector, q->vector);

	return c ? c : strcmp(p->position, q->position);
}

/* A set for every vector and position that some fit has, by name; NULL: no memory. */
static const struct syc_scores_set **all_names(const struct syc_fit *const *fit,
					       size_t n, size_t *n_names)
{
	const struct syc_scores_set **name;
	size_t total = 0, kept = 0;

	for (size_t i = 0; i < n; i++)
		total += fit[i]->scores->n_sets;
	name = calloc(total + 1, sizeof(*name));
	if (!name)
		return NULL;
	total = 0;
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < fit[i]->scores->n_sets; k++)
			name[total++] = &fit[i]->scores->set[k];
	qsort(name, total, sizeof(*name), by_name);
	for (size_t i = 0; i < total; i++)
		if (!kept || by_name(&name[i], &name[kept - 1]) != 0)
			name[kept++] = name[i];
	*n_names = kept;
	return name;
}

/* The cells of a vector and position. */
static int fill_all(struct syc_transfer *t, const struct syc_fit *const *fit,
		    size_t n, const struct syc_scores_set *name,
		    struct syc_err *err)
{
	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < n; j++) {
			const struct side a = find_side(fit[i], name),
					  b = find_side(fit[j], name);
			struct syc_transfer_cell *c = &t->cell[t->n_cells];
			int ret;

			*c = (struct syc_transfer_cell){ .train = i, .test = j };
			ret = fill(c, &a, &b, err);
			if (ret < 0)
				return ret;
			t->n_cells += (size_t)ret;
		}
	return 0;
}

static int check(const struct syc_fit *const *fit, size_t n,
		 struct syc_err *err)
{
	for (size_t i = 0; i < n; i++) {
		if (!fit[i]->cross)
			return syc_fail(err, SYC_EINVAL,
					"fit %zu is not cross-validated", i);
		if (fit[i]->o.multi != fit[0]->o.multi)
			return syc_fail(err, SYC_EINVAL,
					"fit %zu has %s of all layers together",
					i, fit[i]->o.multi ? "one" : "none");
	}
	return 0;
}

int syc_transfer_new(struct syc_transfer **out,
		     const struct syc_fit *const *fit, size_t n,
		     struct syc_err *err)
{
	struct syc_transfer *t = calloc(1, sizeof(*t));
	const struct syc_scores_set **name;
	size_t n_names = 0;
	int ret = check(fit, n, err);

	*out = NULL;
	name = ret == 0 ? all_names(fit, n, &n_names) : NULL;
	if (t && name)
		t->cell = calloc(n_names * n * n + 1, sizeof(*t->cell));
	if (ret == 0 && (!t || !name || !t->cell))
		ret = syc_nomem(err);
	for (size_t k = 0; k < n_names && ret == 0; k++)
		ret = fill_all(t, fit, n, name[k], err);
	free(name);
	if (ret == 0)
		*out = t;
	else
		syc_transfer_free(t);
	return ret;
}

void syc_transfer_free(struct syc_transfer *t)
{
	if (!t)
		return;
	free(t->cell);
	free(t);
}
