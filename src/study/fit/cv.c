/* SPDX-License-Identifier: MIT */
/* Cross-validation: rows are tested by fits that have not seen them. */
#include "config.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "study/fit/fit.h"

const uint32_t *syc_fit_groups(const struct syc_fit_set *s)
{
	return s->group ? s->group : s->cluster;
}

int syc_fit_forecast(struct syc_fit_cv *cv, const double *prob,
		     const int8_t *label, const uint32_t *fold,
		     const uint32_t *cluster, size_t n, struct syc_err *err)
{
	int ret = syc_stat_auc_within(&cv->auc, prob, label, fold, cluster, n,
				      err);

	if (ret == 0)
		ret = syc_stat_brier(&cv->brier, prob, label, cluster, n, err);
	if (ret == 0)
		ret = syc_stat_calibration(cv->bin, SYC_FIT_BINS, &cv->slope,
					   &cv->intercept, prob, label, n, err);
	return ret;
}

/* The fit of one layer without one fold. */
struct part {
	struct syc_logit logit;
	double auc;
	size_t layer;
};

struct cross {
	const struct syc_fit *f;
	struct syc_fit_set *s;
	struct part *best;	/* [n_folds] */
	double *x, *prob;	/* [n] */
	int8_t *label;		/* [n] with the fold left out undecided */
};

static int fit_without(struct cross *c, struct part *p, size_t l, uint32_t fold,
		       struct syc_err *err)
{
	const struct syc_scores_set *t = c->s->t;
	const struct syc_logit_opts o = { .ridge = c->s->layer[l].ridge };
	struct syc_auc auc;
	int ret;

	for (size_t i = 0; i < t->n; i++)
		c->label[i] = c->s->fold[i] == fold ? SYC_LABEL_UNDECIDED
						    : t->label[i];
	ret = syc_stat_logit_with(&p->logit, c->x, c->label, t->n, &o, err);
	if (ret == 0)
		ret = syc_stat_auc(&auc, c->x, c->label, t->n, err);
	p->auc = ret == 0 ? auc.auc : NAN;
	p->layer = l;
	return ret;
}

static bool better(const struct part *p, const struct part *than)
{
	return !isnan(p->auc) &&
	       (isnan(than->auc) || fabs(p->auc - 0.5) > fabs(than->auc - 0.5));
}

static int cross_layer(struct cross *c, size_t l, struct syc_err *err)
{
	struct syc_fit_set *s = c->s;
	const struct syc_scores_set *t = s->t;
	int ret = 0;

	syc_scores_column(c->f->scores, t, l, c->x);
	for (uint32_t k = 0; k < s->n_folds && ret == 0; k++) {
		struct part p;

		ret = fit_without(c, &p, l, k, err);
		if (ret == 0 && better(&p, &c->best[k]))
			c->best[k] = p;
		for (size_t i = 0; i < t->n && ret == 0; i++)
			if (s->fold[i] == k)
				c->prob[i] =
					syc_stat_logit_at(&p.logit, c->x[i]);
	}
	if (ret == 0)
		ret = syc_fit_forecast(&s->layer[l].cv, c->prob, t->label,
				       s->fold, s->cluster, t->n, err);
	return ret;
}

static int cross_best(struct cross *c, struct syc_err *err)
{
	const size_t n_layers = c->f->scores->n_layers;
	struct syc_fit_set *s = c->s;

	s->best.chosen = calloc(n_layers + 1, sizeof(*s->best.chosen));
	if (!s->best.chosen)
		return syc_nomem(err);
	for (size_t k = 0; k < s->n_folds; k++)
		s->best.chosen[c->best[k].layer] += !isnan(c->best[k].auc);
	for (size_t i = 0; i < s->t->n; i++) {
		const struct part *p = &c->best[s->fold[i]];
		const double x = s->t->score[i * n_layers + p->layer];

		c->prob[i] = isnan(p->auc) ? NAN : syc_stat_logit_at(&p->logit, x);
	}
	return syc_fit_forecast(&s->best.cv, c->prob, s->t->label, s->fold,
				s->cluster, s->t->n, err);
}

/* Without folds every figure is undefined. */
static int cross_none(struct syc_fit_set *s, size_t n_layers,
		      struct syc_err *err)
{
	const double none = NAN;
	const int8_t label = SYC_LABEL_UNDECIDED;
	struct syc_fit_cv cv = { 0 };
	int ret = syc_fit_forecast(&cv, &none, &label, NULL, NULL, 1, err);

	for (size_t l = 0; l < n_layers; l++)
		s->layer[l].cv = cv;
	s->best.cv = cv;
	s->best.chosen = calloc(n_layers + 1, sizeof(*s->best.chosen));
	return ret == 0 && !s->best.chosen ? syc_nomem(err) : ret;
}

static int divide(const struct syc_fit *f, struct syc_fit_set *s,
		  struct syc_err *err)
{
	const struct syc_scores_set *t = s->t;
	const size_t n_groups = s->group ? s->n_groups :
				s->cluster ? s->n_clusters : t->n;
	size_t n_pos = 0;

	s->fold = calloc(t->n + 1, sizeof(*s->fold));
	if (!s->fold)
		return syc_nomem(err);
	for (size_t i = 0; i < t->n; i++)
		n_pos += t->label[i] == 1;
	if (!n_pos || n_pos == t->n)
		return 0;
	s->n_folds = f->n_folds;
	if (!f->o.folds && n_groups < s->n_folds)
		s->n_folds = n_groups < 2 ? 0 : n_groups;
	if (!s->n_folds)
		return 0;
	return syc_stat_folds(s->fold, t->label, syc_fit_groups(s), t->n,
			      s->n_folds, f->o.seed, err);
}

int syc_fit_cross(const struct syc_fit *f, struct syc_fit_set *s,
		  struct syc_err *err)
{
	struct cross c = { .f = f, .s = s };
	int ret = divide(f, s, err);

	if (ret < 0)
		return ret;
	if (!s->n_folds)
		return cross_none(s, f->scores->n_layers, err);
	c.best = calloc(s->n_folds, sizeof(*c.best));
	c.x = calloc(s->t->n, sizeof(*c.x));
	c.prob = calloc(s->t->n, sizeof(*c.prob));
	c.label = calloc(s->t->n, sizeof(*c.label));
	if (!c.best || !c.x || !c.prob || !c.label)
		ret = syc_nomem(err);
	for (size_t k = 0; k < s->n_folds && ret == 0; k++)
		c.best[k].auc = NAN;
	for (size_t l = 0; l < f->scores->n_layers && ret == 0; l++)
		ret = cross_layer(&c, l, err);
	if (ret == 0)
		ret = cross_best(&c, err);
	free(c.best);
	free(c.x);
	free(c.prob);
	free(c.label);
	return ret;
}
