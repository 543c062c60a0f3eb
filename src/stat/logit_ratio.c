/* SPDX-License-Identifier: MIT */
/*
 * The penalized likelihood's ratio (Heinze & Schemper 2002): twice what the
 * maximum loses when the slope is held at a value, the penalty being that of
 * the whole information still.  Its signed root hardly bends with the slope, so
 * that the ends of the interval, where it is the normal quantile, are found by
 * regula falsi in a few steps.
 */
#include "config.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "base/mem.h"
#include "stat/logit_fit.h"

struct profile {
	struct irls m;
	double *beta;		/* [k] where the last maximum was */
	double goal;		/* the maximum with nothing held */
	struct syc_err *err;
};

/* The root of the ratio with the slope held; 1, or as irls_fit(). */
static int root(struct profile *p, double slope, double *out)
{
	struct irls_like like;
	int ret;

	p->beta[1] = slope;
	ret = irls_fit(&p->m, p->beta, NULL, &like, p->err);
	if (ret > 0)
		*out = sqrt(fmax(2 * (p->goal - like.goal), 0));
	return ret;
}

/* A slope farther than `at` by steps that double, where the root is over q. */
static int bracket(struct profile *p, double *at, double step, double q, double *over)
{
	int ret = 1;

	for (int i = 0; i < 60 && ret > 0; i++, step *= 2) {
		ret = root(p, *at + step, over);
		if (ret > 0 && *over > q) {
			*at += step;
			return 1;
		}
	}
	return ret < 0 ? ret : 0;
}

/* Where the root is q, from the maximum toward the sign of step. */
static int end(struct profile *p, double best, double step, double q, double *out)
{
	double near = best, far = best, g_near = -q, g_far, g;
	int ret = bracket(p, &far, step, q, &g_far), side = 0;

	g_far -= q;
	for (int i = 0; i < 100 && ret > 0; i++) {
		*out = far - g_far * (far - near) / (g_far - g_near);
		ret = root(p, *out, &g);
		g -= q;
		if (ret <= 0 || fabs(g) < 1e-10)
			break;
		/* Illinois: an end that stays counts half. */
		if (g > 0) {
			far = *out;
			g_far = g;
			g_near /= side > 0 ? 2 : 1;
			side = 1;
		} else {
			near = *out;
			g_near = g;
			g_far /= side < 0 ? 2 : 1;
			side = -1;
		}
		if (fabs(far - near) < 1e-13 * fabs(far))
			break;
	}
	return ret;
}

int logit_ratio(struct syc_logit *f, const struct irls *m, const double *beta,
		double goal, struct syc_err *err)
{
	const double q = syc_stat_t_quantile(0.05, INFINITY);
	struct profile p = { .m = *m, .goal = goal, .err = err };
	double z, lo, hi;
	int ret;

	p.m.held = 1;
	p.beta = syc_calloc(m->k, sizeof(*p.beta));
	if (!p.beta)
		return syc_nomem(err);
	memcpy(p.beta, beta, m->k * sizeof(*beta));
	ret = root(&p, 0, &z);
	if (ret > 0) {
		f->z = copysign(z, f->slope);
		f->p = syc_stat_normal_p(z);
		memcpy(p.beta, beta, m->k * sizeof(*beta));
		ret = end(&p, f->slope, -q * f->se, q, &lo);
	}
	if (ret > 0) {
		memcpy(p.beta, beta, m->k * sizeof(*beta));
		ret = end(&p, f->slope, q * f->se, q, &hi);
	}
	if (ret > 0) {
		f->lo = lo;
		f->hi = hi;
	}
	free(p.beta);
	/* An end that is not found is undefined; the estimate stands. */
	return ret < 0 ? ret : 1;
}
