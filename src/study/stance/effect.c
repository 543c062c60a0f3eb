/* SPDX-License-Identifier: MIT */
/* The effect of a stated view, by claim and over claims. */
#include "config.h"
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include "base/err.h"
#include "base/mem.h"
#include "syc/stance.h"

/* Rows of a claim, summed by the view that their user holds. */
struct sums {
	size_t n_options;
	/* [n_options + 1] rows by view; the last: without */
	size_t *count;
	double *p;		/* [n_options + 1][n_options] sums of P(option) */
};

static int check_row(const struct syc_stance_row *r, size_t i, size_t n_claims,
		     struct syc_err *err)
{
	double sum = 0;

	if (r->claim >= n_claims)
		return syc_fail(err, SYC_EINVAL, "row %zu: claim %" PRIu32 " of %zu",
				i, r->claim, n_claims);
	if (r->n_options < 2 || r->view < -1 ||
	    (r->view >= 0 && (size_t)r->view >= r->n_options))
		return syc_fail(err, SYC_EINVAL, "row %zu: view %d of %zu options",
				i, r->view, r->n_options);
	for (size_t o = 0; o < r->n_options; o++) {
		if (!(r->p[o] >= 0))
			return syc_fail(err, SYC_EINVAL,
				"row %zu: %g is no probability", i, r->p[o]);
		sum += r->p[o];
	}
	if (!(fabs(sum - 1) < 1e-6))
		return syc_fail(err, SYC_EINVAL,
			"row %zu: the probabilities of its options sum to %g",
			i, sum);
	return 0;
}

static int add_row(struct sums *s, const struct syc_stance_row *r, size_t i,
		   struct syc_err *err)
{
	const size_t k = r->n_options;
	const size_t v = r->view < 0 ? k : (size_t)r->view;

	if (!s->n_options) {
		s->n_options = k;
		s->count = syc_calloc(k + 1, sizeof(*s->count));
		s->p = syc_calloc((k + 1) * k, sizeof(*s->p));
		if (!s->count || !s->p)
			return syc_nomem(err);
	}
	if (s->n_options != k)
		return syc_fail(err, SYC_EINVAL,
			"row %zu: %zu options, others on its claim have %zu", i,
			k, s->n_options);
	s->count[v]++;
	for (size_t o = 0; o < k; o++)
		s->p[v * k + o] += r->p[o];
	return 0;
}

/* Mean P(option o) among the rows with view v; n_options: without one. */
static double mean_of(const struct sums *s, size_t v, size_t o)
{
	return s->count[v] ? s->p[v * s->n_options + o] / (double)s->count[v]
			   : NAN;
}

/* The same over the views other than o. */
static double mean_of_others(const struct sums *s, size_t o)
{
	double sum = 0;
	size_t n = 0;

	for (size_t v = 0; v < s->n_options; v++)
		if (v != o && s->count[v]) {
			sum += mean_of(s, v, o);
			n++;
		}
	return n ? sum / (double)n : NAN;
}

static void fill_claim(struct syc_stance_claim *c, const struct sums *s)
{
	double opposite = 0, no_view = 0;
	size_t n_opposite = 0, n_no_view = 0;

	c->opposite = c->no_view = c->held = c->opposed = c->none = NAN;
	if (!s->n_options)
		return;
	for (size_t o = 0; o < s->n_options; o++) {
		const double held = mean_of(s, o, o);
		const double d = held - mean_of_others(s, o);
		const double e = held - mean_of(s, s->n_options, o);

		c->n_held += s->count[o];
		c->n_views += s->count[o] > 0;
		opposite += isnan(d) ? 0 : d;
		n_opposite += !isnan(d);
		no_view += isnan(e) ? 0 : e;
		n_no_view += !isnan(e);
	}
	c->n_none = s->count[s->n_options];
	if (n_opposite)
		c->opposite = opposite / (double)n_opposite;
	if (n_no_view)
		c->no_view = no_view / (double)n_no_view;
	c->held = mean_of(s, 0, 0);
	c->opposed = mean_of_others(s, 0);
	c->none = mean_of(s, s->n_options, 0);
}

static int over_claims(struct syc_stance *s, struct syc_err *err)
{
	double *x = syc_calloc(s->n_claims + 1, sizeof(*x));
	int ret;

	if (!x)
		return syc_nomem(err);
	for (size_t c = 0; c < s->n_claims; c++)
		x[c] = s->claim[c].opposite;
	ret = syc_stat_mean(&s->opposite, x, s->n_claims, err);
	for (size_t c = 0; c < s->n_claims; c++)
		x[c] = s->claim[c].no_view;
	if (ret == 0)
		ret = syc_stat_mean(&s->no_view, x, s->n_claims, err);
	free(x);
	return ret;
}

static int fill(struct syc_stance *s, struct sums *sums,
		const struct syc_stance_row *row, size_t n, struct syc_err *err)
{
	int ret = 0;

	for (size_t i = 0; i < n && ret == 0; i++) {
		ret = check_row(&row[i], i, s->n_claims, err);
		if (ret == 0)
			ret = add_row(&sums[row[i].claim], &row[i], i, err);
	}
	for (size_t c = 0; c < s->n_claims && ret == 0; c++)
		fill_claim(&s->claim[c], &sums[c]);
	return ret < 0 ? ret : over_claims(s, err);
}

int syc_stance_effect(struct syc_stance **out, const struct syc_stance_row *row,
		      size_t n, size_t n_claims, struct syc_err *err)
{
	struct syc_stance *s = calloc(1, sizeof(*s));
	struct sums *sums = syc_calloc(n_claims + 1, sizeof(*sums));
	int ret;

	*out = NULL;
	if (s) {
		s->n_claims = n_claims;
		s->claim = syc_calloc(n_claims + 1, sizeof(*s->claim));
	}
	ret = s && sums && s->claim ? fill(s, sums, row, n, err) : syc_nomem(err);
	for (size_t c = 0; sums && c < n_claims; c++) {
		free(sums[c].count);
		free(sums[c].p);
	}
	free(sums);
	if (ret < 0)
		syc_stance_free(s);
	else
		*out = s;
	return ret;
}

void syc_stance_free(struct syc_stance *s)
{
	if (!s)
		return;
	free(s->claim);
	free(s);
}
