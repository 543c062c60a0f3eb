/* SPDX-License-Identifier: MIT */
/*
 * What is left of a score when a field of the rows is held fixed: pairs within
 * its strata, and the slope adjusted for it.
 */
#include "config.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "study/fit/fit.h"

enum { STRATA = 5, MAX_LEVELS = 200 };

/* A field as features and as strata. */
struct field {
	double *x;		/* [n][k] */
	size_t k;
	uint32_t *stratum;	/* [n] */
	const char *why;	/* why there are no features, or NULL */
};

struct value {
	const struct syc_scores_value *v;
	size_t at;
};

static int by_number(const void *a, const void *b)
{
	const double x = ((const struct value *)a)->v->number;
	const double y = ((const struct value *)b)->v->number;

	return (x > y) - (x < y);
}

static int by_text(const void *a, const void *b)
{
	return strcmp(((const struct value *)a)->v->text,
		      ((const struct value *)b)->v->text);
}

/*
 * A number is a feature as it is; its strata are fifths, or its values when
 * there are no more than that.
 */
static int as_number(struct field *f, struct value *v, size_t n,
		     struct syc_err *err)
{
	uint32_t values = n > 0, below = 0;

	f->k = 1;
	f->x = calloc(n + 1, sizeof(*f->x));
	if (!f->x)
		return syc_nomem(err);
	qsort(v, n, sizeof(*v), by_number);
	for (size_t i = 0; i < n; i++) {
		f->x[v[i].at] = v[i].v->number;
		values += i && v[i].v->number != v[i - 1].v->number;
	}
	for (size_t i = 0; i < n; i++) {
		if (i && v[i].v->number != v[i - 1].v->number)
			below = values <= STRATA ? below + 1
						 : (uint32_t)(i * STRATA / n);
		f->stratum[v[i].at] = below;
	}
	return 0;
}

/* A text is a feature for every value but the first. */
static int as_levels(struct field *f, struct value *v, size_t n,
		     struct syc_err *err)
{
	uint32_t level = 0;

	qsort(v, n, sizeof(*v), by_text);
	for (size_t i = 0; i < n; i++) {
		level += i && by_text(&v[i - 1], &v[i]) != 0;
		f->stratum[v[i].at] = level;
	}
	if (level >= MAX_LEVELS) {
		f->why = "too many values";
		return 0;
	}
	f->k = level;
	f->x = calloc(n + 1, (level + 1) * sizeof(*f->x));
	if (!f->x)
		return syc_nomem(err);
	for (size_t i = 0; i < n; i++)
		if (f->stratum[i])
			f->x[i * level + f->stratum[i] - 1] = 1;
	return 0;
}

static int read_field(struct field *f, const struct syc_scores *s,
		      const struct syc_scores_set *t, const char *name,
		      struct syc_err *err)
{
	const size_t at = syc_scores_field(s, name);
	struct value *v = calloc(t->n + 1, sizeof(*v));
	bool numbers = true;
	int ret;

	f->stratum = calloc(t->n + 1, sizeof(*f->stratum));
	if (!v || !f->stratum) {
		free(v);
		return syc_nomem(err);
	}
	for (size_t i = 0; i < t->n; i++) {
		v[i] = (struct value){ &s->row[t->row[i]].value[at], i };
		numbers &= isfinite(v[i].v->number) != 0;
	}
	ret = numbers ? as_number(f, v, t->n, err) : as_levels(f, v, t->n, err);
	free(v);
	return ret;
}

/* Where a field gives no features. */
static void set_why(struct syc_logit_adjusted *a, const char *why)
{
	a->with = (struct syc_logit){
		.why = why, .n = a->with.n, .slope = NAN, .se = NAN, .z = NAN,
		.p = NAN, .lo = NAN, .hi = NAN, .loglik = NAN, .r2 = NAN,
	};
	a->p = a->r2_rest = NAN;
}

static int hold(struct syc_fit_confound *c, const struct field *field,
		const struct syc_fit_set *s, const double *x, double ridge,
		const uint32_t *cluster, struct syc_err *err)
{
	const struct syc_scores_set *t = s->t;
	const struct syc_logit_opts o = { .cluster = cluster, .ridge = ridge };
	int ret = syc_stat_auc_within(&c->within, x, t->label, field->stratum,
				      cluster, t->n, err);

	if (ret == 0)
		ret = syc_stat_logit_adjusted(&c->adjusted, x, field->x,
					      field->why ? 0 : field->k,
					      t->label, t->n, &o, err);
	if (ret == 0 && field->why)
		set_why(&c->adjusted, field->why);
	return ret;
}

/* At the layer that some claims chose, on the others; room [n]. */
static int hold_apart(const struct syc_fit *f, struct syc_fit_set *s, size_t c,
		      const struct field *field, double *room,
		      struct syc_err *err)
{
	const struct syc_procedure *p = s->between;

	syc_scores_column(f->scores, s->t, p->test.layer, room);
	for (size_t i = 0; i < s->t->n; i++)
		room[i] = p->test.row[i] ? p->test.sign * room[i] : NAN;
	return hold(&s->apart[c], field, s, room, s->layer[p->test.layer].ridge,
		    s->cluster ? s->cluster : s->claim, err);
}

/* Confound number c at every layer; room [n]. */
static int hold_field(const struct syc_fit *f, struct syc_fit_set *s, size_t c,
		      double *room, struct syc_err *err)
{
	struct field field = { 0 };
	int ret = read_field(&field, f->scores, s->t, f->o.confound[c], err);

	for (size_t l = 0; l < f->scores->n_layers && ret == 0; l++) {
		syc_scores_column(f->scores, s->t, l, room);
		ret = hold(&s->layer[l].confound[c], &field, s, room,
			   s->layer[l].ridge, s->cluster, err);
	}
	if (ret == 0 && s->apart)
		ret = hold_apart(f, s, c, &field, room, err);
	free(field.x);
	free(field.stratum);
	return ret;
}

int syc_fit_confounds(const struct syc_fit *f, struct syc_fit_set *s,
		      struct syc_err *err)
{
	const size_t n = f->o.n_confounds;
	const bool apart = s->between && !isnan(s->between->test.auc.auc);
	double *x = calloc(s->t->n + 1, sizeof(*x));
	int ret = 0;

	s->confound = calloc(f->scores->n_layers + 1, n * sizeof(*s->confound));
	if (apart)
		s->apart = calloc(n, sizeof(*s->apart));
	if (!x || !s->confound || (apart && !s->apart))
		ret = syc_nomem(err);
	for (size_t l = 0; l < f->scores->n_layers && ret == 0; l++)
		s->layer[l].confound = s->confound + l * n;
	for (size_t c = 0; c < n && ret == 0; c++)
		ret = hold_field(f, s, c, x, err);
	free(x);
	return ret;
}
