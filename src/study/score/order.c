/* SPDX-License-Identifier: MIT */
/* Which of the scores count, and in which order. */
#include "config.h"
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "study/score/row.h"

/* Keep the columns at[n] of a set; room [n]. */
static void keep_columns(struct syc_scores_set *t, size_t n_layers,
			 const size_t *at, size_t n, double *room)
{
	for (size_t r = 0; r < t->n; r++) {
		for (size_t i = 0; i < n; i++)
			room[i] = t->score[r * n_layers + at[i]];
		memcpy(t->score + r * n, room, n * sizeof(*room));
	}
}

/* Places of the layers into at [n]. */
static int find_layers(const struct syc_scores *s, size_t *at,
		       const uint32_t *layer, size_t n, struct syc_err *err)
{
	for (size_t i = 0; i < n; i++) {
		if (i && layer[i] <= layer[i - 1])
			return syc_fail(err, SYC_EINVAL,
					"layers %" PRIu32 ", %" PRIu32
					" do not rise",
					layer[i - 1], layer[i]);
		at[i] = syc_scores_layer(s, layer[i]);
		if (at[i] == s->n_layers)
			return syc_fail(err, SYC_EINVAL,
					"layer %" PRIu32 " is not in the rows",
					layer[i]);
	}
	return 0;
}

static int select_layers(struct syc_scores *s, const uint32_t *layer, size_t n,
			 struct syc_err *err)
{
	size_t *at = calloc(n, sizeof(*at));
	double *room = calloc(n, sizeof(*room));
	int ret =
		at && room ? find_layers(s, at, layer, n, err) : syc_nomem(err);

	for (size_t k = 0; k < s->n_sets && ret == 0; k++)
		keep_columns(&s->set[k], s->n_layers, at, n, room);
	if (ret == 0) {
		memcpy(s->layer, layer, n * sizeof(*layer));
		s->n_layers = n;
	}
	free(at);
	free(room);
	return ret;
}

int syc_scores_select(struct syc_scores *s, const char *vector,
		      const char *position, const uint32_t *layer,
		      size_t n_layers, struct syc_err *err)
{
	const size_t had = s->n_sets;
	size_t kept = 0;

	for (size_t i = 0; i < s->n_sets; i++) {
		struct syc_scores_set *t = &s->set[i];

		if ((!vector || strcmp(t->vector, vector) == 0) &&
		    (!position || strcmp(t->position, position) == 0))
			s->set[kept++] = *t;
		else
			syc_scores_set_free(t);
	}
	s->n_sets = kept;
	if (had && !kept)
		return syc_fail(err, SYC_EINVAL,
			"no row has a score of the chosen vector and position");
	return n_layers && s->n_layers ? select_layers(s, layer, n_layers, err)
				       : 0;
}

/* A row of a set on its way to its place. */
struct sorting {
	const struct syc_scores *s;
	const struct syc_scores_set *t;
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
	const struct syc_scores *s = p->s;
	const struct syc_scores_row *x = &s->row[p->t->row[p->at]],
				    *y = &s->row[q->t->row[q->at]];
	int c = p->t->label[p->at] - q->t->label[q->at];

	if (!c)
		c = compare_scores(p->t->score + p->at * s->n_layers,
				   q->t->score + q->at * s->n_layers,
				   s->n_layers);
	for (size_t i = 0; i < s->n_fields && !c; i++)
		c = strcmp(x->value[i].text, y->value[i].text);
	return c ? c : (x->key > y->key) - (x->key < y->key);
}

/* a [n] of size bytes gets the order of from; room is as large. */
static void reorder(void *a, void *room, size_t size,
		    const struct sorting *from, size_t n)
{
	memcpy(room, a, n * size);
	for (size_t i = 0; i < n; i++)
		memcpy((char *)a + i * size, (char *)room + from[i].at * size,
		       size);
}

int syc_scores_sort(struct syc_scores *s, struct syc_err *err)
{
	for (size_t k = 0; k < s->n_sets; k++) {
		struct syc_scores_set *t = &s->set[k];
		const size_t row = (s->n_layers + 1) * sizeof(double);
		struct sorting *from = calloc(t->n + 1, sizeof(*from));
		void *room = calloc(t->n + 1, row);

		if (!from || !room) {
			free(from);
			free(room);
			return syc_nomem(err);
		}
		for (size_t i = 0; i < t->n; i++)
			from[i] = (struct sorting){ s, t, i };
		qsort(from, t->n, sizeof(*from), by_content);
		reorder(t->label, room, sizeof(*t->label), from, t->n);
		reorder(t->key, room, sizeof(*t->key), from, t->n);
		reorder(t->score, room, s->n_layers * sizeof(*t->score), from,
			t->n);
		reorder(t->row, room, sizeof(*t->row), from, t->n);
		free(from);
		free(room);
	}
	return 0;
}
