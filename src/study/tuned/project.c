/* SPDX-License-Identifier: MIT */
/* How much farther along a vector training answers are than a model's own. */
#include "config.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "base/mem.h"
#include "syc/foretell.h"
#include "syc/score.h"

/* Sums of one stream; the layers are those of the first row of either. */
struct sums {
	struct syc_projected *p;
	double *sum;		/* [n_layers] */
	size_t n;
};

void syc_projected_free(struct syc_projected *p)
{
	if (!p)
		return;
	free(p->layer);
	free(p->difference);
	free(p);
}

/* The layers of the first row, or whether a row has them. */
static int take_layers(struct syc_projected *p, const struct syc_row_scores *r,
		       struct syc_err *err)
{
	if (p->layer)
		return p->n_layers == r->n_layers && memcmp(p->layer, r->layer,
							    r->n_layers * sizeof(*r->layer)) == 0
			       ? 0
			       : syc_fail(err, SYC_EINVAL,
					  "the recording has other layers than those before");
	p->n_layers = r->n_layers;
	p->layer = syc_calloc(p->n_layers, sizeof(*p->layer));
	p->difference = syc_calloc(p->n_layers, sizeof(*p->difference));
	if (!p->layer || !p->difference)
		return syc_nomem(err);
	memcpy(p->layer, r->layer, p->n_layers * sizeof(*p->layer));
	return 0;
}

static bool has_any(const double *x, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (isfinite(x[i]))
			return true;
	return false;
}

static int add_row(struct sums *s, struct syc_scorer *scorer, const struct syc_row *row,
		   enum syc_position at, struct syc_err *err)
{
	struct syc_row_scores r;
	struct syc_acts_place place;
	int ret = syc_score_acts(row, &place, err);

	if (ret == 0)
		ret = syc_scorer_row(scorer, &place, &r, err);
	if (ret == 0)
		ret = take_layers(s->p, &r, err);
	if (ret == 0 && !s->sum && !(s->sum = syc_calloc(r.n_layers, sizeof(*s->sum))))
		ret = syc_nomem(err);
	if (ret < 0 || !has_any(r.score[at], r.n_layers))
		return ret;
	for (size_t i = 0; i < r.n_layers; i++)
		s->sum[i] += r.score[at][i];
	s->n++;
	return 0;
}

static int add_rows(struct sums *s, struct syc_rows *in, const struct syc_scorer_opts *o,
		    enum syc_position at, struct syc_err *err)
{
	struct syc_scorer *scorer;
	struct syc_row *row;
	int ret = syc_scorer_new(&scorer, o, err);

	while (ret == 0 && (ret = syc_rows_next(in, &row, err)) > 0) {
		ret = add_row(s, scorer, row, at, err);
		syc_row_free(row);
		if (ret < 0)
			ret = syc_rows_bad(in, err);
	}
	syc_scorer_free(scorer);
	return ret < 0 || s->n ? ret :
	       syc_fail(err, SYC_EINVAL, "no row has an activation at '%s'",
			syc_position_name(at));
}

int syc_projection_difference(struct syc_projected **out, struct syc_rows *trained,
			      struct syc_rows *own, const struct syc_vector *v,
			      enum syc_position at, struct syc_err *err)
{
	static const char *const name = "vector";
	const struct syc_scorer_opts o = {
		.vector = &v, .name = &name, .n_vectors = 1,
		.metric = SYC_METRIC_PROJECTION, .positions = 1u << at,
	};
	struct syc_projected *p = syc_calloc(1, sizeof(*p));
	struct sums s[2] = { { .p = p }, { .p = p } };
	int ret;

	*out = NULL;
	if (!p)
		return syc_nomem(err);
	ret = add_rows(&s[0], trained, &o, at, err);
	if (ret == 0)
		ret = add_rows(&s[1], own, &o, at, err);
	p->n_trained = s[0].n;
	p->n_own = s[1].n;
	for (size_t i = 0; i < p->n_layers && ret == 0; i++)
		p->difference[i] = s[0].sum[i] / (double)s[0].n - s[1].sum[i] / (double)s[1].n;
	free(s[0].sum);
	free(s[1].sum);
	if (ret == 0)
		*out = p;
	else
		syc_projected_free(p);
	return ret;
}
