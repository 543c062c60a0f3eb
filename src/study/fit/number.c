/* SPDX-License-Identifier: MIT */
/* Values as whole numbers. */
#include "config.h"
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "study/fit/fit.h"

struct numbered {
	uint32_t value;
	size_t at;
};

static int by_value(const void *a, const void *b)
{
	const struct numbered *p = a, *q = b;

	if (p->value != q->value)
		return (p->value > q->value) - (p->value < q->value);
	return (p->at > q->at) - (p->at < q->at);
}

int syc_fit_compact(uint32_t *g, size_t n, size_t *n_values,
		    struct syc_err *err)
{
	struct numbered *v = calloc(n + 1, sizeof(*v));

	*n_values = n > 0;
	if (!v)
		return syc_nomem(err);
	for (size_t i = 0; i < n; i++)
		v[i] = (struct numbered){ g[i], i };
	qsort(v, n, sizeof(*v), by_value);
	for (size_t i = 0; i < n; i++) {
		*n_values += i && v[i].value != v[i - 1].value;
		g[v[i].at] = (uint32_t)*n_values - 1;
	}
	free(v);
	return 0;
}

struct of_parent {
	uint64_t parent;	/* 0: none */
	size_t at;
};

static int by_parent(const void *a, const void *b)
{
	const struct of_parent *p = a, *q = b;

	if (p->parent != q->parent)
		return (p->parent > q->parent) - (p->parent < q->parent);
	return (p->at > q->at) - (p->at < q->at);
}

int syc_fit_parents(uint32_t **out, size_t *n_values, const struct syc_scores *s,
		    const struct syc_scores_set *t, struct syc_err *err)
{
	struct of_parent *v = calloc(t->n + 1, sizeof(*v));

	*out = calloc(t->n + 1, sizeof(**out));
	if (!v || !*out) {
		free(v);
		return syc_nomem(err);
	}
	for (size_t i = 0; i < t->n; i++)
		v[i] = (struct of_parent){ s->row[t->row[i]].parent, i };
	qsort(v, t->n, sizeof(*v), by_parent);
	*n_values = 0;
	for (size_t i = 0; i < t->n; i++) {
		*n_values += !i || !v[i].parent || v[i].parent != v[i - 1].parent;
		(*out)[v[i].at] = (uint32_t)*n_values - 1;
	}
	free(v);
	return 0;
}

struct named {
	const char *text;
	size_t at;
};

static int by_text(const void *a, const void *b)
{
	return strcmp(((const struct named *)a)->text,
		      ((const struct named *)b)->text);
}

int syc_fit_number(uint32_t **out, size_t *n_values, const struct syc_scores *s,
		   const struct syc_scores_set *t, const char *field,
		   struct syc_err *err)
{
	const size_t at = syc_scores_field(s, field);
	struct named *v = calloc(t->n + 1, sizeof(*v));

	*out = calloc(t->n + 1, sizeof(**out));
	if (!v || !*out) {
		free(v);
		return syc_nomem(err);
	}
	for (size_t i = 0; i < t->n; i++)
		v[i] = (struct named){ s->row[t->row[i]].value[at].text, i };
	qsort(v, t->n, sizeof(*v), by_text);
	*n_values = t->n > 0;
	for (size_t i = 0; i < t->n; i++) {
		*n_values += i && strcmp(v[i - 1].text, v[i].text) != 0;
		(*out)[v[i].at] = (uint32_t)*n_values - 1;
	}
	free(v);
	return 0;
}

int syc_fit_values(double **out, const struct syc_scores *s,
		   const struct syc_scores_set *t, const char *field,
		   struct syc_err *err)
{
	const size_t at = field ? syc_scores_field(s, field) : 0;

	*out = field ? calloc(t->n + 1, sizeof(**out)) : NULL;
	if (field && !*out)
		return syc_nomem(err);
	for (size_t i = 0; i < t->n && field; i++)
		(*out)[i] = s->row[t->row[i]].value[at].number;
	return 0;
}
