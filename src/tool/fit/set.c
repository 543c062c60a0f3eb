/* SPDX-License-Identifier: MIT */
/* One data set: every vector and position, layer by layer. */
#include "config.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "syc/probe.h"
#include "tool/common/fail.h"
#include "tool/fit/fit.h"

struct label {
	const char *text;
	size_t at;
};

static int by_text(const void *a, const void *b)
{
	return strcmp(((const struct label *)a)->text, ((const struct label *)b)->text);
}

/* Number the values of a field from 0 by their order as text. */
static int number(uint32_t **out, size_t *n_values, const struct scores *s,
		  const struct scores_set *t, size_t field, struct syc_err *err)
{
	struct label *l = calloc(t->n + 1, sizeof(*l));

	*out = calloc(t->n + 1, sizeof(**out));
	if (!l || !*out) {
		free(l);
		return fail_nomem(err);
	}
	for (size_t i = 0; i < t->n; i++)
		l[i] = (struct label){ s->row[t->row[i]].value[field].text, i };
	qsort(l, t->n, sizeof(*l), by_text);
	*n_values = t->n > 0;
	for (size_t i = 0; i < t->n; i++) {
		*n_values += i && strcmp(l[i - 1].text, l[i].text) != 0;
		(*out)[l[i].at] = (uint32_t)*n_values - 1;
	}
	free(l);
	return 0;
}

/* The fields stand in the order of fit.c: cluster, group, confounds. */
static int number_rows(const struct fit *f, struct fit_set *s, struct syc_err *err)
{
	const struct fit_opts *o = f->o;
	int ret = 0;

	if (o->cluster)
		ret = number(&s->cluster, &s->n_clusters, &f->scores, s->t, 0, err);
	if (ret == 0 && o->group)
		ret = number(&s->group, &s->n_groups, &f->scores, s->t, o->cluster != NULL, err);
	return ret;
}

/* The ridge of a one-score regression, when it is to be found. */
static int find_ridge(double *ridge, const struct fit *f, const struct fit_set *s, const double *x,
		      struct syc_err *err)
{
	const struct scores_set *t = s->t;
	const uint32_t *group = s->group ? s->group : s->cluster;
	const struct syc_logit none = { 0 };
	float *z = calloc(t->n + 1, sizeof(*z));
	int8_t *y = calloc(t->n + 1, sizeof(*y));
	uint32_t *g = calloc(t->n + 1, sizeof(*g));
	struct syc_ridge_opts o = { .seed = f->o->seed, .group = g };
	struct syc_logit fit = none;
	struct syc_ridge *r = NULL;
	size_t n = 0, n_groups = 0;
	int ret = z && y && g ? syc_stat_logit(&fit, x, t->label, t->n, err) : fail_nomem(err);

	for (size_t i = 0; i < t->n && ret == 0 && !fit.why; i++) {
		if (!isfinite(x[i]))
			continue;
		z[n] = (float)((x[i] - fit.mean) / fit.sd);
		y[n] = t->label[i];
		g[n++] = group ? group[i] : (uint32_t)i;
	}
	if (ret == 0)
		ret = fit_compact(g, n, &n_groups, err);
	o.folds = f->n_folds < n_groups ? f->n_folds : n_groups;
	if (ret == 0 && !fit.why && n_groups > 1)
		ret = syc_ridge_fit(&r, z, y, n, 1, &o, err);
	*ridge = r ? r->lambda : 0;
	syc_ridge_free(r);
	free(z);
	free(y);
	free(g);
	return ret;
}

static int in_sample(struct fit_layer *l, const struct fit_set *s, const double *x,
		     struct syc_err *err)
{
	const struct scores_set *t = s->t;
	double *prob = calloc(t->n + 1, sizeof(*prob));
	int ret;

	if (!prob)
		return fail_nomem(err);
	for (size_t i = 0; i < t->n; i++)
		prob[i] = syc_stat_logit_at(&l->logit, x[i]);
	ret = syc_stat_brier(&l->brier, prob, t->label, s->cluster, t->n, err);
	if (ret == 0)
		ret = syc_stat_calibration(l->bin, FIT_BINS, &l->slope, &l->intercept, prob,
					   t->label, t->n, err);
	free(prob);
	return ret;
}

static int fit_layer(const struct fit *f, const struct fit_set *s, struct fit_layer *l,
		     const double *x, struct syc_err *err)
{
	const struct scores_set *t = s->t;
	struct syc_logit_opts o = { .cluster = s->cluster };
	int ret;

	l->ridge = f->o->ridge;
	ret = l->ridge < 0 ? find_ridge(&l->ridge, f, s, x, err) : 0;
	o.ridge = l->ridge;
	if (ret == 0)
		ret = syc_stat_auc_clustered(&l->auc, x, t->label, s->cluster, t->n, err);
	if (ret == 0)
		ret = syc_stat_ap(&l->ap, x, t->label, t->n, err);
	if (ret == 0)
		ret = syc_stat_logit_with(&l->logit, x, t->label, t->n, &o, err);
	if (ret == 0)
		ret = syc_stat_corr_clustered(&l->corr, x, t->label, s->cluster, t->n, err);
	if (ret == 0)
		ret = in_sample(l, s, x, err);
	return ret;
}

static int fit_layers(const struct fit *f, struct fit_set *s, struct syc_err *err)
{
	const size_t n_layers = f->scores.n_layers;
	double *x = calloc(s->t->n + 1, sizeof(*x)), *p = calloc(n_layers + 1, sizeof(*p));
	int ret = x && p ? 0 : fail_nomem(err);

	for (size_t l = 0; l < n_layers && ret == 0; l++) {
		scores_column(&f->scores, s->t, l, x);
		ret = fit_layer(f, s, &s->layer[l], x, err);
		p[l] = s->layer[l].logit.p;
	}
	if (ret == 0)
		ret = syc_stat_bh(p, p, n_layers, err);
	for (size_t l = 0; l < n_layers && ret == 0; l++)
		s->layer[l].p_adj = p[l];
	free(x);
	free(p);
	return ret;
}

static int resample(const struct fit *f, struct fit_set *s, struct syc_err *err)
{
	const struct fit_opts *o = f->o;
	const size_t k = f->scores.n_layers;
	struct syc_boot *boot = calloc(k + 1, sizeof(*boot));
	struct syc_perm *perm = calloc(k + 1, sizeof(*perm));
	struct syc_ranks *r = NULL;
	int ret = boot && perm ? 0 : fail_nomem(err);

	if (ret == 0)
		ret = syc_ranks_new(&r, s->t->score, s->t->label, s->cluster, s->t->n, k, err);
	if (ret == 0 && o->n_boot)
		ret = syc_bootstrap_auc(boot, r, o->n_boot, o->seed, o->threads, err);
	if (ret == 0 && o->n_perm)
		ret = syc_permute_auc(perm, &s->how, r, o->n_perm, o->seed, o->threads, err);
	for (size_t l = 0; l < k && ret == 0; l++) {
		s->layer[l].boot = boot[l];
		s->layer[l].perm = perm[l];
	}
	syc_ranks_free(r);
	free(boot);
	free(perm);
	return ret;
}

static int fit_one(const struct fit *f, struct fit_set *s, struct syc_err *err)
{
	const struct fit_opts *o = f->o;
	int ret;

	s->layer = calloc(f->scores.n_layers + 1, sizeof(*s->layer));
	if (!s->layer)
		return fail_nomem(err);
	ret = number_rows(f, s, err);
	if (ret == 0)
		ret = fit_layers(f, s, err);
	if (ret == 0 && (o->n_boot || o->n_perm))
		ret = resample(f, s, err);
	if (ret == 0 && f->cross)
		ret = fit_folds(f, s, err);
	if (ret == 0 && f->cross)
		ret = fit_cross(f, s, err);
	if (ret == 0 && o->multi)
		ret = fit_multi(f, s, err);
	if (ret == 0 && o->n_confounds)
		ret = fit_confounds(f, s, err);
	return ret;
}

int fit_all(struct fit *f, struct syc_err *err)
{
	const struct fit_opts *o = f->o;
	int ret = scores_select(&f->scores, o->vector, o->position, o->layer, o->n_layers, err);

	if (ret == 0)
		ret = scores_sort(&f->scores, err);
	f->n_folds = o->folds ? o->folds : FIT_FOLDS;
	f->cross = o->folds || o->multi || o->transfer;
	f->set = calloc(f->scores.n_sets + 1, sizeof(*f->set));
	if (!f->set && ret == 0)
		ret = fail_nomem(err);
	for (size_t i = 0; i < f->scores.n_sets && ret == 0; i++) {
		f->set[i].t = &f->scores.set[i];
		ret = fit_one(f, &f->set[i], err);
	}
	if (ret == 0 && o->compare)
		ret = fit_diffs(f, err);
	if (ret == 0 && o->n_null)
		ret = fit_nulls(f, err);
	return ret;
}

int fit_sign(const struct syc_auc *a)
{
	return a->lo > 0.5 ? 1 : a->hi < 0.5 ? -1 : 0;
}

void fit_free(struct fit *f)
{
	for (size_t i = 0; i < f->scores.n_sets && f->set; i++) {
		struct fit_set *s = &f->set[i];

		free(s->layer);
		free(s->cluster);
		free(s->group);
		free(s->fold);
		free(s->best.chosen);
		free(s->multi.w);
		free(s->multi.w_sd);
	}
	for (size_t i = 0; i < f->n_diffs; i++) {
		free(f->diff[i].layer);
		free(f->diff[i].p_adj);
	}
	free(f->set);
	free(f->diff);
	free(f->name);
	scores_free(&f->scores);
}
