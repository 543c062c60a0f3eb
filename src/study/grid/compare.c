/* SPDX-License-Identifier: MIT */
/* Planned contrasts of cells, by leaving out a claim at a time. */
#include "config.h"
#include <math.h>
#include <stdlib.h>
#include "base/err.h"
#include "base/mem.h"
#include "study/grid/grid.h"
#include "syc/stance.h"

#define LEVEL 0.05

/* Room for one contrast's cells and pseudo-values. */
struct room {
	const struct syc_grid *g;
	const struct syc_grid_outcome *o;
	size_t *cell, *partner;	/* [n] of the contrast in hand */
	size_t n;
	double *pseudo;		/* [n_claims] */
};

enum side { CELLS, PARTNERS, DIFFERENCE };

/* The mean of x[i * step] over cells i, over their partners, or the difference. */
static double mean_of(const struct room *r, const double *x, size_t step,
		      enum side of)
{
	double sum = 0;

	for (size_t i = 0; i < r->n; i++) {
		if (of != PARTNERS)
			sum += x[r->cell[i] * step];
		if (of != CELLS)
			sum += (of == PARTNERS ? 1 : -1) *
			       x[r->partner[i] * step];
	}
	return sum / (double)r->n;
}

static int figure(struct syc_grid_figure *f, const struct room *r, enum side of,
		  struct syc_err *err)
{
	const struct syc_grid_outcome *o = r->o;
	const double n = (double)o->n_claims, x = mean_of(r, o->value, 1, of),
		     nothing = of == DIFFERENCE ? 0 : o->nothing;
	struct syc_mean m;
	int ret;

	*f = (struct syc_grid_figure){ x, NAN, NAN, NAN, NAN };
	if (o->n_claims < SYC_GRID_CLAIMS)
		return 0;
	for (size_t c = 0; c < o->n_claims; c++)
		r->pseudo[c] = n * x - (n - 1) * mean_of(r, o->without + c,
							 o->n_claims, of);
	ret = syc_stat_mean(&m, r->pseudo, o->n_claims, err);
	/* Around the figure itself: the mean of pseudo-values is less biased, but no estimate. */
	f->se = m.se;
	f->lo = x - (m.hi - m.lo) / 2;
	f->hi = x + (m.hi - m.lo) / 2;
	f->p = m.se > 0 ? syc_stat_t_p((x - nothing) / m.se, n - 1) : NAN;
	return ret;
}

/* ---- contrasts ----------------------------------------------------------------- */

/* The cells of a level that have an outcome and a partner with one. */
static void gather(struct room *r, enum syc_grid_factor f, size_t level)
{
	r->n = 0;
	for (size_t i = 0; i < r->g->n_cells; i++) {
		const size_t p = r->g->cell[i].level[f] == level
					 ? syc_grid_partner(r->g, i, f)
					 : SIZE_MAX;

		if (p == SIZE_MAX || isnan(r->o->value[i]) ||
		    isnan(r->o->value[p]))
			continue;
		r->cell[r->n] = i;
		r->partner[r->n++] = p;
	}
}

static int contrast(struct syc_grid_contrast *c, const struct room *r,
		    struct syc_err *err)
{
	int ret = figure(&c->diff, r, DIFFERENCE, err);

	c->n_cells = r->n;
	c->each = syc_calloc(r->n, sizeof(*c->each));
	if (!c->each)
		return syc_nomem(err);
	for (size_t i = 0; i < r->n; i++)
		c->each[i] =
			r->o->value[r->cell[i]] - r->o->value[r->partner[i]];
	if (ret == 0)
		ret = figure(&c->mean, r, CELLS, err);
	if (ret == 0)
		ret = figure(&c->reference, r, PARTNERS, err);
	return ret;
}

static enum syc_grid_verdict verdict(const struct syc_grid_contrast *c)
{
	const double most = SYC_STANCE_RELEVANT;

	if (c->adjusted <= LEVEL)
		return c->diff.x > 0 ? SYC_GRID_MORE : SYC_GRID_LESS;
	return c->diff.lo > -most && c->diff.hi < most ? SYC_GRID_ALIKE
						       : SYC_GRID_UNKNOWN;
}

const char *syc_grid_verdict_name(enum syc_grid_verdict v)
{
	static const char *const name[] = {
		[SYC_GRID_UNKNOWN] = "cannot tell",
		[SYC_GRID_MORE] = "more",
		[SYC_GRID_LESS] = "less",
		[SYC_GRID_ALIKE] = "no relevant difference",
	};

	return name[v];
}

/* Holm's method, and what could have been seen. */
static int adjust(struct syc_grid_comparison *out, size_t n_claims,
		  struct syc_err *err)
{
	double *p = syc_calloc(out->n + 1, sizeof(*p));
	const double df = (double)n_claims - 1, m = (double)out->n;
	int ret = p ? 0 : syc_nomem(err);

	for (size_t i = 0; i < out->n && ret == 0; i++)
		p[i] = out->contrast[i].diff.p;
	if (ret == 0)
		ret = syc_stat_holm(p, p, out->n, err);
	for (size_t i = 0; i < out->n && ret == 0; i++) {
		struct syc_grid_contrast *c = &out->contrast[i];

		c->adjusted = p[i];
		c->detectable =
			isnan(c->diff.se)
				? NAN
				: c->diff.se *
					  (syc_stat_t_quantile(LEVEL / m, df) +
					   syc_stat_t_quantile(0.4, df));
		c->verdict = verdict(c);
	}
	free(p);
	return ret;
}

static int all_contrasts(struct syc_grid_comparison *out, struct room *r,
			 struct syc_err *err)
{
	int ret = 0;

	for (unsigned f = 0; f < SYC_GRID_FACTORS; f++)
		for (size_t level = 1; level < r->g->factor[f].n && ret == 0;
		     level++) {
			gather(r, (enum syc_grid_factor)f, level);
			if (!r->n)
				continue;
			out->contrast[out->n] = (struct syc_grid_contrast){
				.factor = (enum syc_grid_factor)f,
				.level = level};
			ret = contrast(&out->contrast[out->n++], r, err);
		}
	return ret < 0 ? ret : adjust(out, r->o->n_claims, err);
}

static int all_cells(struct syc_grid_comparison *out, struct room *r,
		     struct syc_err *err)
{
	int ret = 0;

	r->n = 1;
	for (size_t i = 0; i < r->g->n_cells && ret == 0; i++) {
		r->cell[0] = i;
		ret = figure(&out->cell[i], r, CELLS, err);
	}
	return ret;
}

int syc_grid_compare(struct syc_grid_comparison *out, const struct syc_grid *g,
		     const struct syc_grid_outcome *o, struct syc_err *err)
{
	struct room r = { .g = g, .o = o };
	int ret = 0;

	*out = (struct syc_grid_comparison){ 0 };
	r.cell = syc_calloc(g->n_cells, sizeof(*r.cell));
	r.partner = syc_calloc(g->n_cells, sizeof(*r.partner));
	r.pseudo = syc_calloc(o->n_claims + 1, sizeof(*r.pseudo));
	out->cell = syc_calloc(g->n_cells, sizeof(*out->cell));
	out->contrast = syc_calloc(SYC_GRID_FACTORS * SYC_GRID_LEVELS,
				   sizeof(*out->contrast));
	if (!r.cell || !r.partner || !r.pseudo || !out->cell || !out->contrast)
		ret = syc_nomem(err);
	if (ret == 0)
		ret = all_cells(out, &r, err);
	if (ret == 0)
		ret = all_contrasts(out, &r, err);
	free(r.cell);
	free(r.partner);
	free(r.pseudo);
	return ret;
}

void syc_grid_comparison_free(struct syc_grid_comparison *c)
{
	for (size_t i = 0; i < c->n; i++)
		free(c->contrast[i].each);
	free(c->cell);
	free(c->contrast);
	*c = (struct syc_grid_comparison){ 0 };
}
