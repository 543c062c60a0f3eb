/* SPDX-License-Identifier: MIT */
/* A vector and position, layer by layer. */
#include "config.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "syc/probe.h"
#include "base/err.h"
#include "study/fit/fit.h"

/* The ridge of a one-score regression, when it is to be found. */
static int find_ridge(double *ridge, const struct syc_fit *f,
		      const struct syc_fit_set *s, const double *x,
		      struct syc_err *err)
{
	const struct syc_scores_set *t = s->t;
	const uint32_t *group = syc_fit_groups(s);
	const struct syc_logit none = { 0 };
	float *z = calloc(t->n + 1, sizeof(*z));
	int8_t *y = calloc(t->n + 1, sizeof(*y));
	uint32_t *g = calloc(t->n + 1, sizeof(*g));
	struct syc_ridge_opts o = { .seed = f->o.seed, .group = g };
	struct syc_logit fit = none;
	struct syc_ridge *r = NULL;
	size_t n = 0, n_groups = 0;
	int ret = z && y && g ? syc_stat_logit(&fit, x, t->label, t->n, err)
			      : syc_nomem(err);

	for (size_t i = 0; i < t->n && ret == 0 && !fit.why; i++) {
		if (!isfinite(x[i]))
			continue;
		z[n] = (float)((x[i] - fit.mean) / fit.sd);
		y[n] = t->label[i];
		g[n++] = group ? group[i] : (uint32_t)i;
	}
	if (ret == 0)
		ret = syc_fit_compact(g, n, &n_groups, err);
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

static int in_sample(struct syc_fit_layer *l, const struct syc_fit_set *s,
		     const double *x, struct syc_err *err)
{
	const struct syc_scores_set *t = s->t;
	double *prob = calloc(t->n + 1, sizeof(*prob));
	int ret;

	if (!prob)
		return syc_nomem(err);
	for (size_t i = 0; i < t->n; i++)
		prob[i] = syc_stat_logit_at(&l->logit, x[i]);
	ret = syc_stat_brier(&l->brier, prob, t->label, s->cluster, t->n, err);
	if (ret == 0)
		ret = syc_stat_calibration(l->bin, SYC_FIT_BINS, &l->slope,
					   &l->intercept, prob, t->label, t->n,
					   err);
	free(prob);
	return ret;
}

/* The numbers of a row's fields. */
struct of_rows {
	double *outcome, *weight;	/* [n] or NULL */
};

static int fit_line(const struct syc_fit_set *s, struct syc_fit_layer *l,
		    const double *x, const struct of_rows *r, struct syc_err *err)
{
	const struct syc_stat_opts o = { .cluster = s->cluster, .weight = r->weight };

	return syc_stat_line(&l->line, x, r->outcome, s->t->n, &o, err);
}

/* The figures that have weights; the others are those of no rows. */
static int fit_weighted(const struct syc_fit_set *s, struct syc_fit_layer *l,
			const double *x, const double *weight, struct syc_err *err)
{
	const struct syc_stat_opts o = { .cluster = s->cluster, .weight = weight };
	const struct syc_logit_opts lo = { .cluster = s->cluster, .weight = weight };
	const struct syc_scores_set *t = s->t;
	int ret = syc_stat_auc_with(&l->auc, x, t->label, t->n, &o, err);

	if (ret == 0)
		ret = syc_stat_logit_with(&l->logit, x, t->label, t->n, &lo, err);
	if (ret == 0)
		ret = syc_stat_ap(&l->ap, x, t->label, 0, err);
	if (ret == 0)
		ret = syc_stat_corr(&l->corr, x, t->label, 0, err);
	if (ret == 0)
		ret = syc_stat_brier(&l->brier, x, t->label, NULL, 0, err);
	return ret < 0 ? ret
		       : syc_stat_calibration(l->bin, SYC_FIT_BINS, &l->slope,
					      &l->intercept, x, t->label, 0, err);
}

static int fit_layer(const struct syc_fit *f, const struct syc_fit_set *s,
		     struct syc_fit_layer *l, const double *x,
		     struct syc_err *err)
{
	const struct syc_scores_set *t = s->t;
	struct syc_logit_opts o = { .cluster = s->cluster };
	int ret;

	l->ridge = f->o.ridge;
	ret = l->ridge < 0 ? find_ridge(&l->ridge, f, s, x, err) : 0;
	o.ridge = l->ridge;
	if (ret == 0)
		ret = syc_stat_auc_clustered(&l->auc, x, t->label, s->cluster,
					     t->n, err);
	if (ret == 0)
		ret = syc_stat_ap(&l->ap, x, t->label, t->n, err);
	if (ret == 0)
		ret = syc_stat_logit_with(&l->logit, x, t->label, t->n, &o,
					  err);
	if (ret == 0)
		ret = syc_stat_corr_clustered(&l->corr, x, t->label, s->cluster,
					      t->n, err);
	if (ret == 0)
		ret = in_sample(l, s, x, err);
	return ret;
}

int syc_fit_layers(const struct syc_fit *f, struct syc_fit_set *s,
		   struct syc_err *err)
{
	const size_t n_layers = f->scores->n_layers;
	double *x = calloc(s->t->n + 1, sizeof(*x)),
	       *p = calloc(n_layers + 1, sizeof(*p));
	struct of_rows r = { 0 };
	int ret = x && p ? 0 : syc_nomem(err);

	s->layer = calloc(n_layers + 1, sizeof(*s->layer));
	if (!s->layer)
		ret = syc_nomem(err);
	if (ret == 0)
		ret = syc_fit_values(&r.outcome, f->scores, s->t, f->o.outcome, err);
	if (ret == 0)
		ret = syc_fit_values(&r.weight, f->scores, s->t, f->o.weight, err);
	for (size_t l = 0; l < n_layers && ret == 0; l++) {
		struct syc_fit_layer *to = &s->layer[l];

		syc_scores_column(f->scores, s->t, l, x);
		ret = r.outcome ? fit_line(s, to, x, &r, err) :
		      r.weight ? fit_weighted(s, to, x, r.weight, err) :
				 fit_layer(f, s, to, x, err);
		p[l] = r.outcome ? to->line.p : to->logit.p;
	}
	if (ret == 0)
		ret = syc_stat_bh(p, p, n_layers, err);
	for (size_t l = 0; l < n_layers && ret == 0; l++)
		s->layer[l].p_adj = p[l];
	free(r.outcome);
	free(r.weight);
	free(x);
	free(p);
	return ret;
}

int syc_fit_resample(const struct syc_fit *f, struct syc_fit_set *s,
		     struct syc_err *err)
{
	const struct syc_fit_opts *o = &f->o;
	const size_t k = f->scores->n_layers;
	struct syc_boot *boot = calloc(k + 1, sizeof(*boot));
	struct syc_perm *perm = calloc(k + 1, sizeof(*perm));
	struct syc_ranks *r = NULL;
	int ret = boot && perm ? 0 : syc_nomem(err);

	if (ret == 0)
		ret = syc_ranks_new(&r, s->t->score, s->t->label, s->cluster,
				    s->t->n, k, err);
	if (ret == 0 && o->n_boot)
		ret = syc_bootstrap_auc(boot, r, o->n_boot, o->seed, o->threads,
					err);
	if (ret == 0 && o->n_perm)
		ret = syc_permute_auc(perm, &s->how, r, o->n_perm, o->seed,
				      o->threads, err);
	for (size_t l = 0; l < k && ret == 0; l++) {
		s->layer[l].boot = boot[l];
		s->layer[l].perm = perm[l];
	}
	syc_ranks_free(r);
	free(boot);
	free(perm);
	return ret;
}
