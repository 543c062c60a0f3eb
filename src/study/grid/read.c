/* SPDX-License-Identifier: MIT */
/* Scored rows of several sets of questions, for a designed comparison. */
#include "config.h"
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "base/mem.h"
#include "study/grid/grid.h"
#include "syc/null.h"
#include "syc/scores.h"

enum { SHIFT, CLAIM, N_FIELDS };
static const char *const fields[N_FIELDS] = { "shift", "claim" };

struct reading {
	const struct syc_grid *g;
	const char *const *path;
	struct syc_scores **table;	/* [n_sets] */
	size_t n_sets, train;
	struct syc_grid_rows *r;
	const char **claim;	/* [r->n_claims] borrowed from the tables */
	bool *of_train;		/* [r->n_claims] */
};

static int read_table(struct syc_scores **out, const char *path,
		      struct syc_err *err)
{
	char *one = (char *)(uintptr_t)path;
	struct syc_rows in = { .paths = &one, .n_paths = 1 };
	const struct syc_scores_opts o = {.field = fields,
					  .n_fields = N_FIELDS,
					  .outcome = fields[SHIFT]};
	int ret = syc_scores_read(out, &in, &o, err);

	syc_rows_done(&in);
	return ret;
}

static int read_tables(struct reading *d, struct syc_err *err)
{
	int ret = 0;

	for (size_t s = 0; s < d->n_sets && ret == 0; s++)
		ret = read_table(&d->table[s], d->path[s], err);
	for (size_t s = 1; s < d->n_sets && ret == 0; s++)
		if (d->table[s]->n_layers != d->table[0]->n_layers)
			ret = syc_fail(err, SYC_EINVAL,
				       "%s has %zu layers, %s %zu", d->path[s],
				       d->table[s]->n_layers, d->path[0],
				       d->table[0]->n_layers);
	return ret;
}

static int make_room(struct reading *d, struct syc_err *err)
{
	struct syc_grid_rows *r = d->r;
	size_t n = 0, all;

	r->n_layers = d->table[0]->n_layers;
	r->n_sets = d->n_sets;
	for (size_t s = 0; s < d->n_sets; s++)
		n += d->table[s]->n_labeled;
	if (!syc_mul(&all, n, r->n_layers) ||
	    !syc_mul(&all, all, d->g->n_vectors))
		return syc_nomem(err);
	r->score = syc_calloc(all + 1, sizeof(*r->score));
	r->y = syc_calloc(n + 1, sizeof(*r->y));
	r->label = syc_calloc(n + 1, sizeof(*r->label));
	r->claim = syc_calloc(n + 1, sizeof(*r->claim));
	r->set = syc_calloc(n + 1, sizeof(*r->set));
	r->chooses = syc_calloc(n + 1, sizeof(*r->chooses));
	r->layer = syc_calloc(r->n_layers + 1, sizeof(*r->layer));
	d->claim = syc_calloc(n + 1, sizeof(*d->claim));
	d->of_train = syc_calloc(n + 1, sizeof(*d->of_train));
	return r->score && r->y && r->label && r->claim && r->set &&
			       r->chooses && r->layer && d->claim && d->of_train
		       ? 0
		       : syc_nomem(err);
}

static uint32_t number_of_claim(struct reading *d, const char *claim)
{
	size_t c = 0;

	while (c < d->r->n_claims && strcmp(d->claim[c], claim) != 0)
		c++;
	if (c == d->r->n_claims)
		d->claim[d->r->n_claims++] = claim;
	return (uint32_t)c;
}

static void take_rows(struct reading *d)
{
	struct syc_grid_rows *r = d->r;

	for (size_t s = 0; s < d->n_sets; s++)
		for (size_t i = 0; i < d->table[s]->n_labeled; i++) {
			const struct syc_scores_value *v =
				d->table[s]->row[i].value;

			r->y[r->n] = v[SHIFT].number;
			r->claim[r->n] = number_of_claim(d, v[CLAIM].text);
			d->of_train[r->claim[r->n]] |= s == d->train;
			r->set[r->n++] = (uint32_t)s;
		}
}

/* The labels of the table's rows, which may be null: from the file once more. */
static int take_labels(int8_t *label, size_t n, const char *path,
		       struct syc_err *err)
{
	char *one = (char *)(uintptr_t)path;
	struct syc_rows in = { .paths = &one, .n_paths = 1 };
	struct syc_row *row;
	size_t at = 0;
	int ret;

	while ((ret = syc_rows_next(&in, &row, err)) > 0) {
		const json_t *o = syc_row_json(row),
			     *v = json_object_get(o, "label");

		if (at < n && json_is_number(json_object_get(o, fields[SHIFT])))
			label[at++] = !json_is_number(v)
					      ? -1
					      : json_number_value(v) > 0.5;
		syc_row_free(row);
	}
	syc_rows_done(&in);
	return ret < 0 || at == n
		       ? ret
		       : syc_fail(err, SYC_EIO, "%s has changed", path);
}

/* A vector's scores; those of a row that has none stay NaN. */
static int take_scores(struct reading *d, size_t vector, struct syc_err *err)
{
	struct syc_grid_rows *r = d->r;
	double *to = r->score + vector * r->n * r->n_layers;

	for (size_t i = 0; i < r->n * r->n_layers; i++)
		to[i] = NAN;
	for (size_t s = 0; s < d->n_sets; s++) {
		const struct syc_scores_set *t = syc_scores_find(
			d->table[s], d->g->vector[vector], "prompt");

		if (!t)
			return syc_fail(
				err, SYC_EINVAL,
				"%s: no scores of %.160s at the end of prompts",
				d->path[s], d->g->vector[vector]);
		for (size_t i = 0; i < t->n; i++)
			memcpy(to + t->row[i] * r->n_layers,
			       t->score + i * r->n_layers,
			       r->n_layers * sizeof(*to));
		to += d->table[s]->n_labeled * r->n_layers;
	}
	return 0;
}

/* ---- which claims choose ------------------------------------------------------- */

static int by_hash(const void *a, const void *b)
{
	const uint64_t x = syc_claim_hash(*(const char *const *)a),
		       y = syc_claim_hash(*(const char *const *)b);

	return x != y ? (x > y) - (x < y)
		      : strcmp(*(const char *const *)a,
			       *(const char *const *)b);
}

static int choose_half(struct reading *d, struct syc_err *err)
{
	struct syc_grid_rows *r = d->r;
	const char **own = syc_calloc(r->n_claims + 1, sizeof(*own));
	size_t n = 0;

	if (!own)
		return syc_nomem(err);
	for (size_t c = 0; c < r->n_claims; c++)
		if (d->of_train[c])
			own[n++] = d->claim[c];
	qsort(own, n, sizeof(*own), by_hash);
	for (size_t i = 0; i < r->n; i++)
		for (size_t k = 0; k < (n + 1) / 2 && !r->chooses[i]; k++)
			r->chooses[i] =
				strcmp(own[k], d->claim[r->claim[i]]) == 0;
	free(own);
	return 0;
}

static int fill(struct reading *d, struct syc_err *err)
{
	int ret = read_tables(d, err);

	if (ret == 0)
		ret = make_room(d, err);
	if (ret == 0)
		take_rows(d);
	for (size_t s = 0, at = 0; s < d->n_sets && ret == 0;
	     at += d->table[s++]->n_labeled)
		ret = take_labels(d->r->label + at, d->table[s]->n_labeled,
				  d->path[s], err);
	for (size_t l = 0; l < d->r->n_layers && ret == 0; l++)
		d->r->layer[l] = d->table[0]->layer[l];
	for (size_t v = 0; v < d->g->n_vectors && ret == 0; v++)
		ret = take_scores(d, v, err);
	return ret < 0 ? ret : choose_half(d, err);
}

int syc_grid_rows_read(struct syc_grid_rows **out, const struct syc_grid *g,
		       const char *const *path, size_t n_sets, size_t train,
		       struct syc_err *err)
{
	struct reading d = {
		.g = g, .path = path, .n_sets = n_sets, .train = train};
	int ret;

	*out = NULL;
	d.table = syc_calloc(n_sets + 1, sizeof(struct syc_scores *));
	d.r = calloc(1, sizeof(*d.r));
	ret = d.table && d.r ? fill(&d, err) : syc_nomem(err);
	for (size_t s = 0; d.table && s < n_sets; s++)
		syc_scores_free(d.table[s]);
	free(d.table);
	free(d.claim);
	free(d.of_train);
	if (ret < 0)
		syc_grid_rows_free(d.r);
	else
		*out = d.r;
	return ret;
}

void syc_grid_rows_free(struct syc_grid_rows *r)
{
	if (!r)
		return;
	free(r->score);
	free(r->y);
	free(r->label);
	free(r->claim);
	free(r->set);
	free(r->chooses);
	free(r->layer);
	free(r);
}
