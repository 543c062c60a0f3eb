/* SPDX-License-Identifier: MIT */
/* How each question moves with the scale. */
#include "config.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "base/mem.h"
#include "study/sweep/sweep.h"
#include "syc/sweep_test.h"

static double log_odds(double p)
{
	p = fmin(fmax(p, 1e-7), 1 - 1e-7);
	return log(p / (1 - p));
}

/* The slope of a question in the scale, the unsteered model at 0. */
static double slope_of(const struct syc_sweep_curve *c,
		       const struct syc_sweep_settings *s, size_t question)
{
	const double n = (double)c->n_settings;
	double x = 0, y = 0, xx = 0, xy = 0;

	for (size_t k = 0; k < c->n_settings; k++) {
		const struct syc_sweep_setting *at = &s->setting[c->setting[k]];
		const double odds = log_odds((double)at->p_match[question]);

		x += at->scale / n;
		y += odds / n;
	}
	for (size_t k = 0; k < c->n_settings; k++) {
		const struct syc_sweep_setting *at = &s->setting[c->setting[k]];
		const double odds = log_odds((double)at->p_match[question]);

		xx += (at->scale - x) * (at->scale - x);
		xy += (at->scale - x) * (odds - y);
	}
	return xy / xx;
}

static bool is_curve(const struct syc_sweep_setting *s)
{
	return s->kind == SYC_SWEEP_STEER &&
	       !syc_steer_op_info(s->rule.op)->one_way &&
	       syc_steer_op_info(s->rule.op)->way && s->scale != 0;
}

static bool same_curve(const struct syc_sweep_setting *a,
		       const struct syc_sweep_setting *b)
{
	const struct syc_steer_rule *r = &a->rule, *q = &b->rule;

	return a->vector == b->vector && r->op == q->op && r->hook == q->hook &&
	       r->side == q->side && r->when == q->when && r->count == q->count &&
	       r->decay == q->decay && r->n_layers == q->n_layers &&
	       memcmp(r->layers, q->layers, r->n_layers * sizeof(*r->layers)) == 0;
}

static size_t last_of(const struct syc_sweep_curve *c)
{
	return c->setting[c->n_settings - 1];
}

/* Put setting number i into its curve. */
static int add_setting(struct syc_sweep_curves *out,
		       const struct syc_sweep_settings *s, size_t i,
		       struct syc_err *err)
{
	const double scale = s->setting[i].scale;
	struct syc_sweep_curve *c = NULL;

	for (size_t k = 0; k < out->n && !c; k++)
		if (same_curve(&s->setting[last_of(&out->curve[k])], &s->setting[i]))
			c = &out->curve[k];
	if (!c) {
		c = &out->curve[out->n++];
		c->setting = syc_calloc(s->n + 1, sizeof(*c->setting));
		/* At 0 it ablates: the unsteered model is no point of its curve. */
		c->n_settings = s->setting[i].rule.op != SYC_STEER_ABLATE_ADD;
	}
	if (!c->setting)
		return syc_nomem(err);
	c->setting[c->n_settings++] = i;
	c->lowest = fmin(c->lowest, scale);
	c->highest = fmax(c->highest, scale);
	return 0;
}

/* Questions by their first orders. */
static void fill_slopes(struct syc_sweep_curve *c,
			const struct syc_sweep_settings *s,
			const struct syc_sweep_questions *q, double margin,
			size_t *at)
{
	margin /= c->highest - c->lowest;
	for (size_t i = 0; i < q->n; i++) {
		const struct syc_sweep_question *a = &q->question[i];
		const double slope = slope_of(c, s, i);
		struct syc_sweep_slope *o;

		if (a->matching >= 0 && a->view < 0)	/* nobody's opinion */
			continue;
		if (a->asks == i) {
			at[i] = c->n;
			c->slope[c->n++] = (struct syc_sweep_slope){ i, slope, margin };
			continue;
		}
		o = &c->slope[at[a->asks]];
		o->margin += fabs(o->slope - slope) / 2;
		o->slope = (o->slope + slope) / 2;
	}
}

/* The mean over claims, and who goes the wrong way. */
static int summarize_curve(struct syc_sweep_curve *c,
			   const struct syc_sweep_questions *q, struct syc_err *err)
{
	double *sum = syc_calloc(2 * q->n_claims + 1, sizeof(*sum)), *n;
	int ret;

	if (!sum)
		return syc_nomem(err);
	n = sum + q->n_claims;
	for (size_t i = 0; i < c->n; i++) {
		const struct syc_sweep_slope *o = &c->slope[i];

		sum[q->question[o->question].claim] += o->slope;
		n[q->question[o->question].claim]++;
		c->wrong += o->slope < -o->margin;
		c->wrong_any += o->slope < 0;
	}
	for (size_t i = 0; i < q->n_claims; i++) {
		c->n_claims += n[i] > 0;
		sum[i] /= n[i];
	}
	c->wrong /= (double)c->n;
	c->wrong_any /= (double)c->n;
	ret = syc_stat_mean(&c->mean, sum, q->n_claims, err);
	free(sum);
	return ret;
}

int syc_sweep_curves_make(struct syc_sweep_curves *out,
			  const struct syc_sweep_settings *s,
			  const struct syc_sweep_plan *plan, double margin,
			  struct syc_err *err)
{
	const struct syc_sweep_questions *q = plan->questions;
	size_t *at = syc_calloc(q->n + 1, sizeof(*at));
	int ret = 0;

	*out = (struct syc_sweep_curves){ 0 };
	out->curve = syc_calloc(s->n + 1, sizeof(*out->curve));
	if (!out->curve || !at)
		ret = syc_nomem(err);
	for (size_t i = 1; i < s->n && ret == 0; i++)
		if (is_curve(&s->setting[i]))
			ret = add_setting(out, s, i, err);
	for (size_t k = 0; k < out->n && ret == 0; k++) {
		struct syc_sweep_curve *c = &out->curve[k];

		c->slope = syc_calloc(q->n + 1, sizeof(*c->slope));
		if (!c->slope) {
			ret = syc_nomem(err);
			break;
		}
		fill_slopes(c, s, q, margin, at);
		ret = summarize_curve(c, q, err);
	}
	free(at);
	return ret;
}

void syc_sweep_curves_free(struct syc_sweep_curves *c)
{
	for (size_t k = 0; c->curve && k < c->n; k++) {
		free(c->curve[k].setting);
		free(c->curve[k].slope);
	}
	free(c->curve);
	*c = (struct syc_sweep_curves){ 0 };
}
