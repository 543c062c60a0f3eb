/* SPDX-License-Identifier: MIT */
/* Two models on the same items. */
#include "config.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "base/mem.h"
#include "study/eval/eval.h"

/* The value of an item among those of the other table, which are in order, from *at. */
static const struct value *find_value(const struct syc_eval_values *a,
				      size_t *at, const struct value *v)
{
	int d = 1;

	while (*at < a->n && (d = strcmp(a->v[*at].item, v->item)) < 0)
		++*at;
	return d == 0 && strcmp(a->v[*at].domain, v->domain) == 0 ? &a->v[*at]
								  : NULL;
}

static void subtract(struct value *to, const struct value *a,
		     const struct value *b)
{
	to->in = a->in && b->in;
	to->bounded = a->bounded && b->bounded;
	to->whole = a->whole && b->whole;
	to->x = b->x - a->x;
	to->least = b->least - a->most;
	to->most = b->most - a->least;
	to->rows = fmin(a->rows, b->rows);
	to->n_rows = a->n_rows + b->n_rows;
	to->n_undecided = a->n_undecided + b->n_undecided;
}

static int pair(struct syc_eval_values *to, const struct syc_eval_values *a,
		const struct syc_eval_values *b, struct syc_err *err)
{
	size_t at = 0;

	to->v = syc_calloc(b->n + 1, sizeof(*to->v));
	if (!to->v)
		return syc_nomem(err);
	for (size_t i = 0; i < b->n; i++) {
		const struct value *v = &b->v[i],
				   *other = find_value(a, &at, v);
		struct value *d = &to->v[to->n];

		if (!other)
			continue;
		subtract(d, other, v);
		d->item = strdup(v->item);
		d->domain = strdup(v->domain);
		to->n++;
		if (!d->item || !d->domain)
			return syc_nomem(err);
	}
	return 0;
}

/* Figure fb, of values b, less that of values a. */
static int add_pair(struct syc_eval_table *t, const struct syc_eval_figure *fb,
		    const struct syc_eval_values *a,
		    const struct syc_eval_values *b, struct syc_err *err)
{
	struct syc_eval_figure *f = &t->figure[t->n];
	struct syc_eval_values *v = &t->values[t->n];

	*f = *fb;
	f->domain = NULL;
	t->n++;
	if (fb->domain && !(f->domain = strdup(fb->domain)))
		return syc_nomem(err);
	v->look = fb->unit == SYC_EVAL_CHANGE ? TWICE : 0;
	v->by_domain = b->by_domain;
	f->unit =
		fb->unit == SYC_EVAL_POINTS ? SYC_EVAL_POINTS : SYC_EVAL_CHANGE;
	if (pair(v, a, b, err) < 0)
		return SYC_ENOMEM;
	eval_summarize(f, v);
	return 0;
}

int syc_eval_compare(struct syc_eval_table **out,
		     const struct syc_eval_table *a,
		     const struct syc_eval_table *b, struct syc_err *err)
{
	struct syc_eval_table *t = syc_calloc(1, sizeof(*t));
	int ret = 0;

	*out = NULL;
	if (!t)
		return syc_nomem(err);
	t->figure = syc_calloc(b->n + 1, sizeof(*t->figure));
	t->values = syc_calloc(b->n + 1, sizeof(*t->values));
	t->n_rows = a->n_rows + b->n_rows;
	t->n_undecided = a->n_undecided + b->n_undecided;
	if (!t->figure || !t->values)
		ret = syc_nomem(err);
	for (size_t i = 0; i < b->n && ret == 0; i++) {
		const struct syc_eval_figure *f = &b->figure[i], *other =
			syc_eval_find(a, f->task, f->name, f->domain);

		if (other && f->unit != SYC_EVAL_TURN)
			ret = add_pair(t, f, &a->values[other - a->figure],
				       &b->values[i], err);
	}
	if (ret == 0)
		*out = t;
	else
		syc_eval_table_free(t);
	return ret;
}
