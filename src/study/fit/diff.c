/* SPDX-License-Identifier: MIT */
/* The areas of two vectors at a position, or of one at two, on the rows that have both. */
#include "config.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "study/fit/fit.h"

/* A row of b for every row of a: by the line they stand in, else by id. */
struct pairing {
	size_t *mate;		/* [a->n] number in b, SIZE_MAX: none */
	size_t n;
};

struct entry {
	uint64_t key;
	size_t at;
};

static int by_key(const void *a, const void *b)
{
	const struct entry *p = a, *q = b;

	return (p->key > q->key) - (p->key < q->key);
}

/* The rows of a set by key; NULL: no memory. */
static struct entry *sort_keys(const struct syc_scores_set *t, bool by_id)
{
	struct entry *e = calloc(t->n + 1, sizeof(*e));

	for (size_t i = 0; i < t->n && e; i++)
		e[i] = (struct entry){ by_id ? t->key[i] : t->row[i], i };
	if (e)
		qsort(e, t->n, sizeof(*e), by_key);
	return e;
}

/* Whether e[i], of n, is the only one with its key. */
static bool alone(const struct entry *e, size_t i, size_t n)
{
	return !(i && e[i - 1].key == e[i].key) &&
	       !(i + 1 < n && e[i + 1].key == e[i].key);
}

/* Rows with a key that is there twice have no mate; labels must be the same. */
static int pair(struct pairing *p, const struct syc_scores_set *a,
		const struct syc_scores_set *b, bool by_id, struct syc_err *err)
{
	struct entry *e = sort_keys(a, by_id), *f = sort_keys(b, by_id);
	int ret = e && f ? 0 : syc_nomem(err);

	p->n = 0;
	for (size_t i = 0, j = 0; i < a->n && ret == 0; i++) {
		p->mate[e[i].at] = SIZE_MAX;
		while (j < b->n && f[j].key < e[i].key)
			j++;
		if (j == b->n || f[j].key != e[i].key || !alone(e, i, a->n) ||
		    !alone(f, j, b->n) ||
		    a->label[e[i].at] != b->label[f[j].at])
			continue;
		p->mate[e[i].at] = f[j].at;
		p->n++;
	}
	free(e);
	free(f);
	return ret;
}

static int compare(const struct syc_fit *f, struct syc_fit_diff *d,
		   const struct syc_fit_set *s, const struct pairing *p,
		   struct syc_err *err)
{
	const size_t k = f->scores->n_layers, n = d->a->n;
	double *x = calloc(n + 1, 2 * sizeof(*x)), *y = x + n;
	double *all = calloc(k + 1, sizeof(*all));
	int ret = x && all ? 0 : syc_nomem(err);

	for (size_t l = 0; l < k && ret == 0; l++) {
		for (size_t i = 0; i < n; i++) {
			x[i] = d->a->score[i * k + l];
			y[i] = p->mate[i] == SIZE_MAX ? NAN :
			       d->b->score[p->mate[i] * k + l];
		}
		ret = syc_stat_auc_diff(&d->layer[l], x, y, d->a->label,
					s->cluster, n, err);
		all[l] = d->layer[l].p;
	}
	if (ret == 0)
		ret = syc_stat_bh(d->p_adj, all, k, err);
	free(x);
	free(all);
	return ret;
}

/* The score of row i of s as its test has it; NaN where it was not tested. */
static double tested(const struct syc_fit_set *s, size_t i, size_t n_layers)
{
	const struct syc_procedure *p = s->between;

	return p->test.row[i] ? p->test.sign * s->t->score[i * n_layers + p->test.layer]
			      : NAN;
}

/* Both at layers that other claims chose. */
static int compare_chosen(const struct syc_fit *f, struct syc_fit_diff *d,
			  const struct syc_fit_set *a, const struct syc_fit_set *b,
			  const struct pairing *p, struct syc_err *err)
{
	const size_t k = f->scores->n_layers, n = a->t->n;
	const struct syc_fit_set *const two[2] = { a, b };
	double *x = calloc(n + 1, 2 * sizeof(*x)), *y = x + n;
	bool none = false;
	int ret;

	for (int i = 0; i < 2; i++) {
		none |= !two[i]->between || isnan(two[i]->between->test.auc.auc);
		d->test_layer[i] = none ? 0 : two[i]->between->test.layer;
		d->test_sign[i] = none ? 0 : two[i]->between->test.sign;
	}
	if (!x)
		return syc_nomem(err);
	for (size_t i = 0; i < n; i++) {
		const bool has = !none && p->mate[i] != SIZE_MAX;

		x[i] = has ? tested(a, i, k) : NAN;
		y[i] = has ? tested(b, p->mate[i], k) : NAN;
	}
	ret = syc_stat_auc_diff(&d->test, x, y, a->t->label, a->claim, n, err);
	d->test_claims = d->test.n_clusters;
	free(x);
	return ret;
}

static int add(struct syc_fit *f, const struct syc_fit_set *a,
	       const struct syc_fit_set *b, struct syc_err *err)
{
	struct syc_fit_diff *d = &f->diff[f->n_diffs];
	struct pairing p = { .mate = calloc(a->t->n + 1, sizeof(*p.mate)) };
	int ret = p.mate ? 0 : syc_nomem(err);

	*d = (struct syc_fit_diff){
		.a = a->t, .b = b->t,
		.layer = calloc(f->scores->n_layers + 1, sizeof(*d->layer)),
		.p_adj = calloc(f->scores->n_layers + 1, sizeof(*d->p_adj))};
	f->n_diffs++;
	if (!d->layer || !d->p_adj)
		ret = syc_nomem(err);
	if (ret == 0)
		ret = pair(&p, a->t, b->t, false, err);
	if (ret == 0 && !p.n) {
		d->by_id = true;
		ret = pair(&p, a->t, b->t, true, err);
	}
	if (ret == 0)
		ret = compare(f, d, a, &p, err);
	if (ret == 0)
		ret = compare_chosen(f, d, a, b, &p, err);
	free(p.mate);
	return ret;
}

static bool are_compared(const struct syc_scores_set *a, const struct syc_scores_set *b)
{
	return strcmp(a->position, b->position) == 0 || strcmp(a->vector, b->vector) == 0;
}

int syc_fit_diffs(struct syc_fit *f, struct syc_err *err)
{
	const size_t n = f->scores->n_sets;
	int ret = 0;

	f->diff = calloc(n * n + 1, sizeof(*f->diff));
	if (!f->diff)
		return syc_nomem(err);
	for (size_t i = 0; i < n && ret == 0; i++)
		for (size_t j = i + 1; j < n && ret == 0; j++)
			if (are_compared(f->set[i].t, f->set[j].t))
				ret = add(f, &f->set[i], &f->set[j], err);
	return ret;
}
