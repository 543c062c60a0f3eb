/* SPDX-License-Identifier: MIT */
/* The whole: split, choose b, draw, say. */
#include "config.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "base/mem.h"
#include "base/rand.h"
#include "study/prefer/prefer.h"
#include "syc/random.h"
#include "syc/stat.h"

enum { FIT, CHOOSE, TEST };
/* draws to choose b by, a chain */
enum { PATH_WARMUP = 300, PATH_DRAWS = 250 };

static const double usual_path[] = { 0.001, 0.003, 0.01, 0.03, 0.1,
				    0.3,   1,	  3,	10 };
static const double usual_split[3] = { 3, 1, 1 };
static const double probs[SYC_PREFER_QUANTILES] = {
	0.025, 0.25, 0.5, 0.75, 0.975 };

struct run {
	const struct syc_prefer_data *p;
	const struct syc_prefer_plan *plan;
	struct syc_prefer *out;
	uint32_t *row;		/* [n] pairs to fit, to choose b, to test */
};

/* ---- split ------------------------------------------------------------------ */

/* How many prompts each part has, by weight. */
static int share(struct run *r, const double *weight, struct syc_err *err)
{
	static const char *const what[3] = { "fit", "choose b", "test" };
	const double n = (double)r->p->n_prompts,
		     all = weight[FIT] + weight[CHOOSE] + weight[TEST];
	size_t *to = r->out->n_prompts;

	to[TEST] = (size_t)(n * weight[TEST] / all + 0.5);
	to[CHOOSE] = (size_t)(n * weight[CHOOSE] / all + 0.5);
	to[FIT] = to[TEST] + to[CHOOSE] < r->p->n_prompts ?
		  r->p->n_prompts - to[TEST] - to[CHOOSE] : 0;
	for (unsigned i = 0; i < 3; i++)
		if ((weight[i] > 0 || i == FIT) && to[i] < 2)
			return syc_fail(
				err, SYC_EINVAL,
				"%zu prompts leave %zu to %s: at least 2 are needed",
				r->p->n_prompts, to[i], what[i]);
	return 0;
}

static int split(struct run *r, struct syc_err *err)
{
	const struct syc_prefer_data *p = r->p;
	const double *w = r->plan->split;
	double weight[3] = { w[FIT], w[CHOOSE], w[TEST] };
	uint32_t *place = syc_calloc(p->n_prompts, sizeof(*place));
	size_t n = 0;
	int ret;

	if (!(w[FIT] + w[CHOOSE] + w[TEST] > 0))
		memcpy(weight, usual_split, sizeof(weight));
	if (r->plan->b > 0) {
		weight[FIT] += weight[CHOOSE];
		weight[CHOOSE] = 0;
	}
	ret = place ? share(r, weight, err) : syc_nomem(err);
	if (ret == 0)
		syc_random_order(place, p->n_prompts,
				 syc_rand_key(r->plan->nuts.seed, "split", 0));
	for (unsigned part = FIT; part <= TEST && ret == 0; part++) {
		const size_t from = n;
		size_t before = 0;

		for (unsigned i = 0; i < part; i++)
			before += r->out->n_prompts[i];
		for (size_t i = 0; i < p->n; i++) {
			const size_t at = place[p->prompt[i]];

			if (at >= before &&
			    at < before + r->out->n_prompts[part])
				r->row[n++] = (uint32_t)i;
		}
		r->out->n_rows[part] = n - from;
	}
	free(place);
	return ret;
}

/* ---- b ----------------------------------------------------------------------- */

static int worst_rhat(double *most, const struct syc_nuts *s,
		      struct syc_err *err)
{
	int ret = 0;

	*most = NAN;
	for (size_t j = 0; j < s->dim && ret == 0; j++) {
		struct syc_mcmc m;

		ret = syc_mcmc_check(&m, s->x + j, s->n_chains, s->n_draws,
				     s->dim, err);
		*most = fmax(*most, m.rhat);
	}
	return ret;
}

static int try_b(struct run *r, struct syc_prefer_tried *t, struct syc_err *err)
{
	const size_t *n = r->out->n_rows;
	struct syc_nuts_opts o = r->plan->nuts;
	struct syc_nuts *draws;
	int ret;

	if (!o.n_warmup || o.n_warmup > PATH_WARMUP)
		o.n_warmup = PATH_WARMUP;
	if (!o.n_draws || o.n_draws > PATH_DRAWS)
		o.n_draws = PATH_DRAWS;
	ret = syc_prefer_sample(&draws, r->p, r->row, n[FIT], t->b, &o, err);
	if (ret == 0)
		ret = syc_prefer_foretell(&t->score, r->p, r->row + n[FIT],
					  n[CHOOSE], draws, err);
	if (ret == 0)
		ret = worst_rhat(&t->rhat, draws, err);
	syc_nuts_free(draws);
	return ret;
}

static int choose(struct run *r, struct syc_err *err)
{
	struct syc_prefer *out = r->out;
	const double *path = r->plan->path ? r->plan->path : usual_path;
	const size_t n = r->plan->path
				 ? r->plan->n_path
				 : sizeof(usual_path) / sizeof(usual_path[0]);
	size_t best = 0;

	out->b = r->plan->b;
	if (out->b > 0)
		return 0;
	if (!out->n_rows[CHOOSE])
		return syc_fail(err, SYC_EINVAL,
				"no prompts are left to choose b by, and b is not given");
	out->tried = syc_calloc(n, sizeof(*out->tried));
	if (!out->tried)
		return syc_nomem(err);
	for (out->n_tried = 0; out->n_tried < n; out->n_tried++) {
		const size_t i = out->n_tried;
		int ret;

		out->tried[i].b = path[i];
		ret = try_b(r, &out->tried[i], err);
		if (ret < 0)
			return ret;
		if (out->tried[i].score.log_lik >
		    out->tried[best].score.log_lik)
			best = i;
	}
	out->b = path[best];
	out->b_at_end =
		n > 1 && (best == 0 || (r->plan->path && best == n - 1));
	return 0;
}

/* ---- what is said -------------------------------------------------------------- */

static int find(const struct syc_prefer_data *p, const char *name, size_t *at)
{
	for (*at = 0; *at < p->k; ++*at)
		if (strcmp(p->name[*at], name) == 0)
			return 0;
	return SYC_EINVAL;
}

static int describe(struct syc_prefer_effect *e, const struct syc_nuts *s,
		    const double *x, size_t stride, struct syc_err *err)
{
	int ret = syc_mcmc_check(&e->mcmc, x, s->n_chains, s->n_draws, stride,
				 err);

	for (size_t i = 0; i < SYC_PREFER_QUANTILES && ret == 0; i++) {
		ret = syc_mcmc_quantile(&e->beta[i], &e->se[i], x, s->n_chains,
					s->n_draws, stride, probs[i], err);
		e->p[i] = 1 / (1 + exp(-e->beta[i]));
	}
	return ret;
}

/* Add the draws of one feature to sum [n]. */
static void add_draws(double *sum, const struct syc_nuts *s, size_t at)
{
	const size_t n = s->n_chains * s->n_draws;

	for (size_t i = 0; i < n; i++)
		sum[i] += s->x[i * s->dim + at];
}

static int describe_sum(struct run *r, struct syc_prefer_effect *e,
			const struct syc_prefer_sum *sum, struct syc_err *err)
{
	const struct syc_nuts *s = r->out->draws;
	double *x = syc_calloc(s->n_chains, s->n_draws * sizeof(*x));
	size_t at;
	int ret = x ? 0 : syc_nomem(err);

	*e = (struct syc_prefer_effect){ .name = sum->name, .is_sum = true };
	for (size_t i = 0; i < sum->n && ret == 0; i++) {
		find(r->p, sum->part[i], &at);
		add_draws(x, s, at);
	}
	if (ret == 0)
		ret = describe(e, s, x, 1, err);
	free(x);
	return ret;
}

static int check_sums(const struct run *r, struct syc_err *err)
{
	const struct syc_prefer_plan *plan = r->plan;
	size_t at;

	for (size_t i = 0; i < plan->n_sums; i++)
		for (size_t j = 0; j < plan->sum[i].n; j++)
			if (find(r->p, plan->sum[i].part[j], &at) < 0)
				return syc_fail(
					err, SYC_EINVAL,
					"there is no feature '%.100s' to make '%.100s' of",
					plan->sum[i].part[j],
					plan->sum[i].name);
	return 0;
}

static double correlation(const struct syc_nuts *s, size_t a, size_t b)
{
	const size_t n = s->n_chains * s->n_draws;
	double ma = 0, mb = 0, aa = 0, bb = 0, ab = 0;

	for (size_t i = 0; i < n; i++) {
		ma += s->x[i * s->dim + a] / (double)n;
		mb += s->x[i * s->dim + b] / (double)n;
	}
	for (size_t i = 0; i < n; i++) {
		const double x = s->x[i * s->dim + a] - ma,
			     y = s->x[i * s->dim + b] - mb;

		aa += x * x;
		bb += y * y;
		ab += x * y;
	}
	return ab / sqrt(aa * bb);
}

static void find_pair(struct run *r)
{
	struct syc_prefer *out = r->out;

	out->pair_r = NAN;
	for (size_t a = 0; a < r->p->k; a++)
		for (size_t b = a + 1; b < r->p->k; b++) {
			const double c = correlation(out->draws, a, b);

			if (fabs(c) <= fabs(out->pair_r))
				continue;
			out->pair_r = c;
			out->pair[0] = r->p->name[a];
			out->pair[1] = r->p->name[b];
		}
}

struct place {
	double x;
	size_t at;
};

static int by_falling(const void *a, const void *b)
{
	const struct place *p = a, *q = b;

	return p->x != q->x ? (p->x < q->x) - (p->x > q->x)
			    : (p->at > q->at) - (p->at < q->at);
}

static int sort(struct syc_prefer *out, struct syc_err *err)
{
	struct place *p = syc_calloc(out->n, sizeof(*p));

	out->order = syc_calloc(out->n, sizeof(*out->order));
	if (!p || !out->order) {
		free(p);
		return syc_nomem(err);
	}
	for (size_t i = 0; i < out->n; i++)
		p[i] = (struct place){ out->effect[i].beta[SYC_PREFER_MEDIAN],
				       i };
	qsort(p, out->n, sizeof(*p), by_falling);
	for (size_t i = 0; i < out->n; i++)
		out->order[i] = p[i].at;
	free(p);
	return 0;
}

/* Of scale 1. */
static double laplace_quantile(size_t i)
{
	const double p = probs[i];

	return p < 0.5 ? log(2 * p) : -log(2 * (1 - p));
}

static int say(struct run *r, struct syc_err *err)
{
	struct syc_prefer *out = r->out;
	const size_t n = r->p->k + r->plan->n_sums;
	int ret = 0;

	out->effect = syc_calloc(n, sizeof(*out->effect));
	if (!out->effect)
		return syc_nomem(err);
	for (size_t i = 0; i < SYC_PREFER_QUANTILES; i++)
		out->prior[i] = 1 / (1 + exp(-out->b * laplace_quantile(i)));
	out->rhat = out->ess_bulk = out->ess_tail = NAN;
	for (out->n = 0; out->n < n && ret == 0; out->n++) {
		struct syc_prefer_effect *e = &out->effect[out->n];

		if (out->n < r->p->k) {
			e->name = r->p->name[out->n];
			ret = describe(e, out->draws, out->draws->x + out->n,
				       r->p->k, err);
		} else {
			ret = describe_sum(
				r, e, &r->plan->sum[out->n - r->p->k], err);
		}
		out->rhat = fmax(out->rhat, e->mcmc.rhat);
		out->ess_bulk = fmin(out->ess_bulk, e->mcmc.ess_bulk);
		out->ess_tail = fmin(out->ess_tail, e->mcmc.ess_tail);
	}
	find_pair(r);
	return ret < 0 ? ret : sort(out, err);
}

static int run(struct run *r, struct syc_err *err)
{
	struct syc_prefer *out = r->out;
	size_t *n = out->n_rows, n_fit;
	int ret = check_sums(r, err);

	if (ret == 0)
		ret = split(r, err);
	if (ret == 0)
		ret = choose(r, err);
	n_fit = n[FIT] + n[CHOOSE];
	if (ret == 0)
		ret = syc_prefer_sample(&out->draws, r->p, r->row, n_fit,
					out->b, &r->plan->nuts, err);
	if (ret == 0)
		ret = say(r, err);
	if (ret == 0 && n[TEST])
		ret = syc_prefer_foretell(&out->test, r->p, r->row + n_fit,
					  n[TEST], out->draws, err);
	return ret < 0 ? ret
		       : syc_prefer_loo(&out->loo, r->p, r->row, n_fit,
					out->draws, err);
}

static int check_plan(const struct syc_prefer_plan *plan, struct syc_err *err)
{
	for (unsigned i = 0; i < 3; i++)
		if (!(plan->split[i] >= 0) || !isfinite(plan->split[i]))
			return syc_fail(err, SYC_EINVAL,
					"a part of %g of the prompts",
					plan->split[i]);
	for (size_t i = 0; plan->path && i < plan->n_path; i++)
		if (!(plan->path[i] > (i ? plan->path[i - 1] : 0)) ||
		    !isfinite(plan->path[i]))
			return syc_fail(
				err, SYC_EINVAL,
				"the path of b is not of rising numbers above 0");
	if (plan->b < 0 || (plan->path && !plan->n_path))
		return syc_fail(err, SYC_EINVAL,
				"b is not above 0, or a path has no value");
	return 0;
}

int syc_prefer_run(struct syc_prefer **out, const struct syc_prefer_data *p,
		   const struct syc_prefer_plan *plan, struct syc_err *err)
{
	struct run r = { p, plan, NULL, NULL };
	int ret = check_plan(plan, err);

	*out = NULL;
	if (ret < 0)
		return ret;
	r.out = calloc(1, sizeof(*r.out));
	r.row = syc_calloc(p->n + 1, sizeof(*r.row));
	ret = r.out && r.row ? run(&r, err) : syc_nomem(err);
	free(r.row);
	if (ret == 0)
		*out = r.out;
	else
		syc_prefer_free(r.out);
	return ret;
}

void syc_prefer_free(struct syc_prefer *r)
{
	if (!r)
		return;
	syc_nuts_free(r->draws);
	free(r->tried);
	free(r->effect);
	free(r->order);
	free(r);
}
