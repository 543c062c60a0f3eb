/* SPDX-License-Identifier: MIT */
/* Which of the scores count, and in which order. */
#include "config.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "tool/common/fail.h"
#include "tool/fit/scores.h"

/* Keep the columns at[n] of a set. */
static void keep_columns(struct scores_set *t, size_t n_layers, const size_t *at, size_t n)
{
	for (size_t r = 0; r < t->n; r++)
		for (size_t i = 0; i < n; i++)
			t->score[r * n + i] = t->score[r * n_layers + at[i]];
}

static int select_layers(struct scores *s, const uint32_t *layer, size_t n, struct syc_err *err)
{
	size_t *at = calloc(n + 1, sizeof(*at));

	if (!at)
		return fail_nomem(err);
	for (size_t i = 0; i < n; i++) {
		while (at[i] < s->n_layers && s->layer[at[i]] != layer[i])
			at[i]++;
		if (at[i] < s->n_layers)
			continue;
		free(at);
		return fail(err, SYC_EINVAL, "layer %u is not in the rows", layer[i]);
	}
	for (size_t k = 0; k < s->n_sets; k++)
		keep_columns(&s->set[k], s->n_layers, at, n);
	memcpy(s->layer, layer, n * sizeof(*layer));
	s->n_layers = n;
	free(at);
	return 0;
}

int scores_select(struct scores *s, const char *vector, const char *position, const uint32_t *layer,
		  size_t n_layers, struct syc_err *err)
{
	const size_t had = s->n_sets;
	size_t kept = 0;

	for (size_t i = 0; i < s->n_sets; i++) {
		struct scores_set *t = &s->set[i];

		if ((!vector || strcmp(t->vector, vector) == 0) &&
		    (!position || strcmp(t->position, position) == 0))
			s->set[kept++] = *t;
		else
			scores_set_free(t);
	}
	s->n_sets = kept;
	if (had && !kept)
		return fail(err, SYC_EINVAL, "no row has a score of the chosen vector and position");
	return n_layers && s->n_layers ? select_layers(s, layer, n_layers, err) : 0;
}

/* A row of a set on its way to its place. */
struct sorting {
	const struct scores *s;
	const struct scores_set *t;
	size_t at;
};

static int compare_scores(const double *a, const double *b, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (isnan(a[i]) != isnan(b[i]))
			return isnan(a[i]) ? -1 : 1;
		if (a[i] != b[i] && !isnan(a[i]))
			return a[i] < b[i] ? -1 : 1;
	}
	return 0;
}

static int by_content(const void *a, const void *b)
{
	const struct sorting *p = a, *q = b;
	const struct scores *s = p->s;
	const struct scores_row *x = &s->row[p->t->row[p->at]], *y = &s->row[q->t->row[q->at]];
	int c = p->t->label[p->at] - q->t->label[q->at];

	if (!c)
		c = compare_scores(p->t->score + p->at * s->n_layers,
				   q->t->score + q->at * s->n_layers, s->n_layers);
	for (size_t i = 0; i < s->n_fields && !c; i++)
		c = strcmp(x->value[i].text, y->value[i].text);
	return c ? c : (x->key > y->key) - (x->key < y->key);
}

/* a [n] of size bytes gets the order of from; room is as large. */
static void reorder(void *a, void *room, size_t size, const struct sorting *from, size_t n)
{
	memcpy(room, a, n * size);
	for (size_t i = 0; i < n; i++)
		memcpy((char *)a + i * size, (char *)room + from[i].at * size, size);
}

int scores_sort(struct scores *s, struct syc_err *err)
{
	for (size_t k = 0; k < s->n_sets; k++) {
		struct scores_set *t = &s->set[k];
		const size_t row = (s->n_layers + 1) * sizeof(double);
		struct sorting *from = calloc(t->n + 1, sizeof(*from));
		void *room = calloc(t->n + 1, row);

		if (!from || !room) {
			free(from);
			free(room);
			return fail_nomem(err);
		}
		for (size_t i = 0; i < t->n; i++)
			from[i] = (struct sorting){ s, t, i };
		qsort(from, t->n, sizeof(*from), by_content);
		reorder(t->label, room, sizeof(*t->label), from, t->n);
		reorder(t->key, room, sizeof(*t->key), from, t->n);
		reorder(t->score, room, s->n_layers * sizeof(*t->score), from, t->n);
		reorder(t->row, room, sizeof(*t->row), from, t->n);
		free(from);
		free(room);
	}
	return 0;
}
