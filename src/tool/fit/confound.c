/* SPDX-License-Identifier: MIT */
/*
 * What is left of a score when a field of the rows is held fixed: pairs within
 * its strata, and the slope beside it.
 */
#include "config.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "tool/common/fail.h"
#include "tool/fit/fit.h"

enum { STRATA = 5, MAX_LEVELS = 200 };

/* A field as features and as strata. */
struct field {
	double *x;		/* [n][k] */
	size_t k;
	uint32_t *stratum;	/* [n] */
	const char *why;	/* why there are no features, or NULL */
};

struct value {
	const struct scores_value *v;
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
	return strcmp(((const struct value *)a)->v->text, ((const struct value *)b)->v->text);
}

/*
 * A number is a feature as it is; its strata are fifths, or its values when
 * there are no more than that.
 */
static int as_number(struct field *f, struct value *v, size_t n, struct syc_err *err)
{
	uint32_t values = n > 0, below = 0;

	f->k = 1;
	f->x = calloc(n + 1, sizeof(*f->x));
	if (!f->x)
		return fail_nomem(err);
	qsort(v, n, sizeof(*v), by_number);
	for (size_t i = 0; i < n; i++) {
		f->x[v[i].at] = v[i].v->number;
		values += i && v[i].v->number != v[i - 1].v->number;
	}
	for (size_t i = 0; i < n; i++) {
		if (i && v[i].v->number != v[i - 1].v->number)
			below = values <= STRATA ? below + 1 : (uint32_t)(i * STRATA / n);
		f->stratum[v[i].at] = below;
	}
	return 0;
}

/* A text is a feature for every value but the first. */
static int as_levels(struct field *f, struct value *v, size_t n, struct syc_err *err)
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
		return fail_nomem(err);
	for (size_t i = 0; i < n; i++)
		if (f->stratum[i])
			f->x[i * level + f->stratum[i] - 1] = 1;
	return 0;
}

static int read_field(struct field *f, const struct fit *fit, const struct fit_set *s, size_t at,
		      struct syc_err *err)
{
	const struct scores_set *t = s->t;
	struct value *v = calloc(t->n + 1, sizeof(*v));
	bool numbers = true;
	int ret;

	f->stratum = calloc(t->n + 1, sizeof(*f->stratum));
	if (!v || !f->stratum) {
		free(v);
		return fail_nomem(err);
	}
	for (size_t i = 0; i < t->n; i++) {
		v[i] = (struct value){ &fit->scores.row[t->row[i]].value[at], i };
		numbers &= isfinite(v[i].v->number) != 0;
	}
	ret = numbers ? as_number(f, v, t->n, err) : as_levels(f, v, t->n, err);
	free(v);
	return ret;
}

static int beside(struct fit_layer *l, size_t c, const struct field *field,
		  const struct fit_set *s, const double *x, struct syc_err *err)
{
	const struct scores_set *t = s->t;
	const struct syc_logit_opts o = { .cluster = s->cluster, .ridge = l->ridge };
	struct fit_beside *b = &l->confound[c];
	int ret = syc_stat_auc_within(&b->within, x, t->label, field->stratum, s->cluster, t->n,
				      err);

	if (ret == 0)
		ret = syc_stat_logit_adjusted(&b->beside, x, field->x, field->why ? 0 : field->k,
					    t->label, t->n, &o, err);
	if (ret == 0 && field->why) {
		b->beside.with = (struct syc_logit){
			.why = field->why, .n = b->beside.with.n, .slope = NAN, .se = NAN,
			.z = NAN, .p = NAN, .lo = NAN, .hi = NAN, .loglik = NAN, .r2 = NAN,
		};
		b->beside.p = b->beside.r2_rest = NAN;
	}
	return ret;
}

int fit_confounds(const struct fit *f, struct fit_set *s, struct syc_err *err)
{
	const struct fit_opts *o = f->o;
	const size_t first = (o->cluster != NULL) + (o->group != NULL);
	double *x = calloc(s->t->n + 1, sizeof(*x));
	int ret = x ? 0 : fail_nomem(err);

	for (size_t c = 0; c < o->n_confounds && ret == 0; c++) {
		struct field field = { 0 };

		ret = read_field(&field, f, s, first + c, err);
		for (size_t l = 0; l < f->scores.n_layers && ret == 0; l++) {
			scores_column(&f->scores, s->t, l, x);
			ret = beside(&s->layer[l], c, &field, s, x, err);
		}
		free(field.x);
		free(field.stratum);
	}
	free(x);
	return ret;
}
