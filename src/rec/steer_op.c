/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <math.h>
#include <string.h>
#include "kern/math.h"
#include "rec/steer.h"

enum { LANES = 8 };

static double sum(const double *s)
{
	return ((s[0] + s[4]) + (s[2] + s[6])) +
	       ((s[1] + s[5]) + (s[3] + s[7]));
}

double steer_dot(const float *a, const float *b, size_t n)
{
	double s[LANES] = { 0 };
	size_t i = 0;

	for (; i + LANES <= n; i += LANES)
		for (size_t j = 0; j < LANES; j++)
			s[j] += (double)a[i + j] * (double)b[i + j];
	for (size_t j = 0; i + j < n; j++)
		s[j] += (double)a[i + j] * (double)b[i + j];
	return sum(s);
}

/* |p x + q v|^2 */
static double square(const float *x, double p, const float *v, double q,
		     size_t n)
{
	double s[LANES] = { 0 };

	for (size_t i = 0; i < n; i += LANES) {
		for (size_t j = 0; j < LANES && i + j < n; j++) {
			double y = p * (double)x[i + j] + q * (double)v[i + j];

			s[j] += y * y;
		}
	}
	return sum(s);
}

/* x = p x + q v */
static void mix(float *x, double p, const float *v, double q, size_t n)
{
	for (size_t i = 0; i < n; i++)
		x[i] = (float)(p * (double)x[i] + q * (double)v[i]);
}

/* ---- operators -------------------------------------------------------------------- */

/* What an operator is given of a rule, a layer and a token. */
struct act {
	const float *v;		/* [n] */
	double sq, xv;		/* v.v and x.v */
	double share, k;	/* of the rule; its scale times that */
	double to;		/* c */
	size_t n;
};

static void add(float *x, const struct act *a)
{
	const float k = (float)a->k;

	for (size_t i = 0; i < a->n; i++)
		x[i] += k * a->v[i];
}

static void ablate(float *x, const struct act *a)
{
	mix(x, 1, a->v, -a->k * a->xv / a->sq, a->n);
}

static void ablate_add(float *x, const struct act *a)
{
	mix(x, 1, a->v, a->k - a->share * a->xv / a->sq, a->n);
}

static void clamp(float *x, const struct act *a)
{
	mix(x, 1, a->v, a->k * (a->to / sqrt(a->sq) - a->xv / a->sq), a->n);
}

/*
 * With c = x.u and w = x - c u, x is c u + w.  Turned by t toward u it is
 * (c cos t + |w| sin t) u + (|w| cos t - c sin t) w / |w|.
 */
static void rotate(float *x, const struct act *a)
{
	const double tiny = 1e-12, pi = 3.14159265358979323846;
	double length = sqrt(a->sq), c = a->xv / length, w, sin, cos, along,
	       across;

	w = sqrt(square(x, 1, a->v, -a->xv / a->sq, a->n));
	if (!(w * w > tiny * (c * c + w * w)))
		return;
	syc_sincos(a->k * pi / 180, &sin, &cos);
	along = c * cos + w * sin;
	across = (w * cos - c * sin) / w;
	mix(x, across, a->v, (along - across * c) / length, a->n);
}

static void norm_keep(float *x, const struct act *a)
{
	double from = steer_dot(x, x, a->n),
	       to = square(x, 1, a->v, a->k, a->n);
	double r = sqrt(from / to);

	if (to > 0)
		mix(x, r, a->v, r * a->k, a->n);
}

static const double both_ways[] = { -2, -1, 1, 2 }, all_of_it[] = { 1 },
		    turns[] = { -20, 20 };

#define SCALES(s) .scales = (s), .n_scales = sizeof(s) / sizeof(*(s))

static const struct op {
	struct syc_steer_op_info info;
	void (*apply)(float *x, const struct act *a);
	bool needs_xv;
} ops[] = {
	[SYC_STEER_ADD] = {
		{ .name = "add", .limit = INFINITY, .full = INFINITY, SCALES(both_ways), .way = 1 },
		add, false,
	},
	[SYC_STEER_ABLATE] = {
		{ .name = "ablate", .limit = INFINITY, .full = 1, SCALES(all_of_it), .way = -1,
		  .one_way = true },
		ablate, true,
	},
	[SYC_STEER_ABLATE_ADD] = {
		{ .name = "ablate+add", .limit = INFINITY, .full = INFINITY, SCALES(both_ways),
		  .way = 1 },
		ablate_add, true,
	},
	[SYC_STEER_CLAMP] = {
		{ .name = "clamp", .limit = INFINITY, .full = 1, SCALES(all_of_it), .one_way = true,
		  .needs_to = true },
		clamp, true,
	},
	[SYC_STEER_ROTATE] = {
		{ .name = "rotate", .unit = "degrees", .limit = 180, .full = 180, SCALES(turns),
		  .way = 1 },
		rotate, true,
	},
	[SYC_STEER_NORM_KEEP] = {
		{ .name = "norm-keep", .limit = INFINITY, .full = INFINITY, SCALES(both_ways),
		  .way = 1 },
		norm_keep, false,
	},
};
_Static_assert(sizeof(ops) / sizeof(*ops) == SYC_STEER_N_OPS,
	       "an operator without a row");

const struct syc_steer_op_info *syc_steer_op_info(enum syc_steer_op op)
{
	return (unsigned)op < SYC_STEER_N_OPS ? &ops[op].info : NULL;
}

const struct syc_steer_op_info *syc_steer_op_find(const char *name)
{
	for (size_t i = 0; i < SYC_STEER_N_OPS; i++)
		if (strcmp(ops[i].info.name, name) == 0)
			return &ops[i].info;
	return NULL;
}

void steer_one(const struct steer_rule *a, uint32_t layer, double f, float *x,
	       size_t dim)
{
	const struct syc_steer_rule *r = &a->r;
	const struct op *op = &ops[r->op];
	struct act act = {
		.v = a->row[layer], .sq = a->sq[layer], .share = f,
		.k = f * (double)r->scale, .to = (double)a->to[layer], .n = dim,
	};

	if (op->needs_xv || r->side != SYC_STEER_BOTH)
		act.xv = steer_dot(x, act.v, dim);
	if ((r->side == SYC_STEER_POSITIVE && !(act.xv > 0)) ||
	    (r->side == SYC_STEER_NEGATIVE && !(act.xv < 0)))
		return;
	op->apply(x, &act);
}
