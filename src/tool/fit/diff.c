/* SPDX-License-Identifier: MIT */
/* The areas of two vectors at one position, on the rows that have both. */
#include "config.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "tool/common/fail.h"
#include "tool/fit/fit.h"

/* A row of b for every row of a: by the row they stand in, else by id. */
struct pairing {
	size_t *mate;		/* [a->t->n] number in b, SIZE_MAX: none */
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

static uint64_t key_of(const struct scores_set *t, size_t i, bool by_row)
{
	return by_row ? t->row[i] : t->key[i];
}

/* Rows with a key that is there twice have no mate; labels must be the same. */
static int pair(struct pairing *p, const struct scores_set *a, const struct scores_set *b,
		bool by_row, struct syc_err *err)
{
	struct entry *e = calloc(b->n + 1, sizeof(*e)), *f = calloc(a->n + 1, sizeof(*f));

	p->n = 0;
	if (!e || !f) {
		free(e);
		free(f);
		return fail_nomem(err);
	}
	for (size_t i = 0; i < b->n; i++)
		e[i] = (struct entry){ key_of(b, i, by_row), i };
	for (size_t i = 0; i < a->n; i++) {
		f[i] = (struct entry){ key_of(a, i, by_row), i };
		p->mate[i] = SIZE_MAX;
	}
	qsort(e, b->n, sizeof(*e), by_key);
	qsort(f, a->n, sizeof(*f), by_key);
	for (size_t i = 0, j = 0; i < a->n; i++) {
		const bool twice = (i && f[i - 1].key == f[i].key) ||
			(i + 1 < a->n && f[i + 1].key == f[i].key);

		while (j < b->n && e[j].key < f[i].key)
			j++;
		if (twice || j == b->n || e[j].key != f[i].key ||
		    (j + 1 < b->n && e[j + 1].key == e[j].key) ||
		    a->label[f[i].at] != b->label[e[j].at])
			continue;
		p->mate[f[i].at] = e[j].at;
		p->n++;
	}
	free(e);
	free(f);
	return 0;
}

static int compare(const struct fit *f, struct fit_diff *d, const struct fit_set *s,
		   const struct pairing *p, struct syc_err *err)
{
	const size_t k = f->scores.n_layers, n = d->a->n;
	double *x = calloc(n + 1, 2 * sizeof(*x)), *y = x + n;
	double *all = calloc(k + 1, sizeof(*all));
	int ret = x && all ? 0 : fail_nomem(err);

	for (size_t l = 0; l < k && ret == 0; l++) {
		for (size_t i = 0; i < n; i++) {
			x[i] = d->a->score[i * k + l];
			y[i] = p->mate[i] == SIZE_MAX ? NAN : d->b->score[p->mate[i] * k + l];
		}
		ret = syc_stat_auc_diff(&d->layer[l], x, y, d->a->label, s->cluster, n, err);
		all[l] = d->layer[l].p;
	}
	if (ret == 0)
		ret = syc_stat_bh(d->p_adj, all, k, err);
	free(x);
	free(all);
	return ret;
}

static int add(struct fit *f, const struct fit_set *a, const struct fit_set *b,
	       struct syc_err *err)
{
	struct fit_diff *d = &f->diff[f->n_diffs];
	struct pairing p = { .mate = calloc(a->t->n + 1, sizeof(*p.mate)) };
	int ret = p.mate ? 0 : fail_nomem(err);

	*d = (struct fit_diff){ .a = a->t, .b = b->t, .paired = "row",
				.layer = calloc(f->scores.n_layers + 1, sizeof(*d->layer)),
				.p_adj = calloc(f->scores.n_layers + 1, sizeof(*d->p_adj)) };
	f->n_diffs++;
	if (!d->layer || !d->p_adj)
		ret = fail_nomem(err);
	if (ret == 0)
		ret = pair(&p, a->t, b->t, true, err);
	if (ret == 0 && !p.n) {
		d->paired = "id";
		ret = pair(&p, a->t, b->t, false, err);
	}
	if (ret == 0)
		ret = compare(f, d, a, &p, err);
	free(p.mate);
	return ret;
}

int fit_diffs(struct fit *f, struct syc_err *err)
{
	const size_t n = f->scores.n_sets;
	int ret = 0;

	f->diff = calloc(n * n + 1, sizeof(*f->diff));
	if (!f->diff)
		return fail_nomem(err);
	for (size_t i = 0; i < n && ret == 0; i++)
		for (size_t j = i + 1; j < n && ret == 0; j++)
			if (strcmp(f->set[i].t->position, f->set[j].t->position) == 0)
				ret = add(f, &f->set[i], &f->set[j], err);
	return ret;
}
