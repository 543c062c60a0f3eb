/* SPDX-License-Identifier: MIT */
/* What a score adds to baselines, see syc/increment.h. */
#include "config.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "base/mem.h"
#include "base/par.h"
#include "base/rand.h"
#include "stat/increment.h"
#include "stat/procedure.h"
#include "syc/resample.h"

enum { CLAIMS = 10, FOLDS = 5, STEPS = 30 };

struct run {
	struct rows_left r;
	struct blocks claims;
	double *scaled;		/* [n_folds][n] base, standardized */
	double *loss;		/* [n] without a score */
	double *gain;		/* [n_perm][k] */
	uint32_t **order;	/* [threads][2 n + n_claims] */
	double **x;		/* [threads][n] */
	uint64_t seed;
};

/* ---- one fit ------------------------------------------------------------ */

/* u, v, w of logit P = base + u + v scaled + w x; x NULL: without w. */
struct fit {
	const double *base, *scaled, *x;	/* [n] */
	double u, v, w;
};

static double logit(const struct fit *f, size_t i)
{
	return f->base[i] + f->u + f->v * f->scaled[i] + (f->x ? f->w * f->x[i] : 0);
}

/* Gradient and information (lower, by rows) of the rows outside a fold. */
static void sum_up(const struct fit *f, const struct rows_left *r, uint32_t fold,
		   double g[3], double h[6])
{
	memset(g, 0, 3 * sizeof(*g));
	memset(h, 0, 6 * sizeof(*h));
	for (size_t i = 0; i < r->n; i++) {
		const double p = 1 / (1 + exp(-logit(f, i))), q = p * (1 - p);
		const double e = r->label[i] - p, a = f->scaled[i],
			     b = f->x ? f->x[i] : 0;

		if (r->fold[i] == fold)
			continue;
		g[0] += e;
		g[1] += e * a;
		g[2] += e * b;
		h[0] += q;
		h[1] += q * a;
		h[2] += q * a * a;
		h[3] += q * b;
		h[4] += q * a * b;
		h[5] += q * b * b;
	}
	g[1] -= f->v;
	g[2] -= f->w;
	h[0] += 1e-9;
	h[2] += 1;
	h[5] += 1;
}

/* g becomes H^-1 g by Cholesky's factor. */
static void solve(const double h[6], double g[3])
{
	const double a = sqrt(h[0]), b = h[1] / a, c = sqrt(h[2] - b * b);
	const double d = h[3] / a, e = (h[4] - d * b) / c, s = sqrt(h[5] - d * d - e * e);

	g[0] /= a;
	g[1] = (g[1] - b * g[0]) / c;
	g[2] = (g[2] - d * g[0] - e * g[1]) / s;
	g[2] /= s;
	g[1] = (g[1] - e * g[2]) / c;
	g[0] = (g[0] - b * g[1] - d * g[2]) / a;
}

static void climb(struct fit *f, const struct rows_left *r, uint32_t fold)
{
	double g[3], h[6], size = 1;

	for (int i = 0; i < STEPS && size > 1e-9; i++) {
		double part;

		sum_up(f, r, fold, g, h);
		solve(h, g);
		size = fmax(fabs(g[0]), fmax(fabs(g[1]), fabs(g[2])));
		part = size > 2 ? 2 / size : 1;
		f->u += part * g[0];
		f->v += part * g[1];
		f->w += f->x ? part * g[2] : 0;
	}
}

static double loss_of(double eta, int8_t label)
{
	const double t = label == 1 ? eta : -eta;

	return log1p(exp(-fabs(t))) - fmin(t, 0);
}

/* ---- all folds ---------------------------------------------------------- */

/*
 * The gain of layer l with its residuals taken from other rows (NULL: its own),
 * x [n] room; the log odds into eta, the mean weight into *w, where wanted.
 */
static double gain_of(const struct run *s, size_t l, const uint32_t *from, double *x,
		      double *eta, double *w)
{
	const struct rows_left *r = &s->r;
	double gain = 0;

	for (uint32_t k = 0; k < r->n_folds; k++) {
		const double *left = r->left + (k * r->k + l) * r->n;
		struct fit f = { .base = r->base + k * r->n,
				 .scaled = s->scaled + k * r->n, .x = x };

		for (size_t i = 0; i < r->n; i++)
			x[i] = left[from ? from[i] : i];
		if (from)
			rows_left_project(r, k, l, x);
		climb(&f, r, k);
		for (size_t i = 0; i < r->n; i++) {
			if (r->fold[i] != k)
				continue;
			gain += s->loss[i] - loss_of(logit(&f, i), r->label[i]);
			if (eta)
				eta[i] = logit(&f, i);
		}
		if (w)
			*w += f.w / (double)r->n_folds;
	}
	return gain / (double)r->n;
}

static void one(void *arg, size_t part, unsigned thread)
{
	struct run *s = arg;
	uint32_t *room = s->order[thread], *from = room + s->r.n + s->r.n_claims;

	blocks_exchange(&s->claims, s->r.n, syc_rand_key(s->seed, "increment", part),
			room, from);
	for (size_t l = 0; l < s->r.k; l++)
		s->gain[part * s->r.k + l] = gain_of(s, l, from, s->x[thread], NULL, NULL);
}

/* Log odds of the baselines into eta [n], their loss into s->loss. */
static void baselines(struct run *s, double *eta)
{
	const struct rows_left *r = &s->r;

	for (uint32_t k = 0; k < r->n_folds; k++) {
		double *to = s->scaled + k * r->n, mean = 0, sum = 0;
		struct fit f = { .base = r->base + k * r->n, .scaled = to };

		for (size_t i = 0; i < r->n; i++)
			mean += f.base[i] / (double)r->n;
		for (size_t i = 0; i < r->n; i++)
			sum += (f.base[i] - mean) * (f.base[i] - mean);
		for (size_t i = 0; i < r->n; i++)
			to[i] = sum > 1e-18 ? (f.base[i] - mean) /
					sqrt(sum / (double)(r->n - 1)) : 0;
		climb(&f, r, k);
		for (size_t i = 0; i < r->n; i++)
			if (r->fold[i] == k) {
				eta[i] = logit(&f, i);
				s->loss[i] = loss_of(eta[i], r->label[i]);
			}
	}
}

/* ---- figures ------------------------------------------------------------ */

static void count(struct syc_increment *p, const struct run *s)
{
	const size_t k = s->r.k;
	const double slack = 1e-12;

	for (size_t l = 0; l < k; l++)
		p->layer[l].p = p->layer[l].p_max = 1;
	for (size_t i = 0; i < p->n_perm; i++) {
		double most = -INFINITY;

		for (size_t l = 0; l < k; l++) {
			const double g = s->gain[i * k + l];

			most = fmax(most, g);
			p->layer[l].p += g >= p->layer[l].gain - slack;
		}
		for (size_t l = 0; l < k; l++)
			p->layer[l].p_max += most >= p->layer[l].gain - slack;
	}
	for (size_t l = 0; l < k; l++) {
		p->layer[l].p /= (double)p->n_perm + 1;
		p->layer[l].p_max /= (double)p->n_perm + 1;
		if (p->layer[l].gain > p->layer[p->best].gain)
			p->best = l;
	}
}

static int area(double *auc, const double *eta, const struct rows_left *r,
		struct syc_err *err)
{
	struct syc_auc a;
	int ret = syc_stat_auc_within(&a, eta, r->label, r->fold, NULL, r->n, err);

	*auc = a.auc;
	return ret;
}

static double rate_loss(const struct rows_left *r)
{
	double sum = 0;

	for (uint32_t k = 0; k < r->n_folds; k++) {
		double pos = 0, all = 0;

		for (size_t i = 0; i < r->n; i++)
			if (r->fold[i] != k) {
				pos += r->label[i];
				all++;
			}
		for (size_t i = 0; i < r->n; i++)
			if (r->fold[i] == k)
				sum += loss_of(log(pos / (all - pos)), r->label[i]);
	}
	return sum / (double)r->n;
}

static int threads_new(struct run *s, unsigned threads, struct syc_err *err)
{
	bool bad;

	s->order = syc_calloc(threads, sizeof(*s->order));
	s->x = syc_calloc(threads, sizeof(*s->x));
	bad = !s->order || !s->x;
	for (unsigned i = 0; i < threads && !bad; i++) {
		s->order[i] = syc_calloc(2 * s->r.n + s->r.n_claims, sizeof(**s->order));
		s->x[i] = syc_calloc(s->r.n, sizeof(**s->x));
		bad = !s->order[i] || !s->x[i];
	}
	return bad ? syc_nomem(err) : 0;
}

static int figures(struct syc_increment *p, struct run *s, double *eta,
		   struct syc_par *par, struct syc_err *err)
{
	const struct rows_left *r = &s->r;
	int ret;

	baselines(s, eta);
	for (size_t i = 0; i < r->n; i++)
		p->loss += s->loss[i] / (double)r->n;
	p->loss_rate = rate_loss(r);
	ret = area(&p->auc, eta, r, err);
	for (size_t l = 0; l < r->k && ret == 0; l++) {
		struct syc_increment_layer *to = &p->layer[l];

		to->slope = 0;
		to->gain = gain_of(s, l, NULL, s->x[0], eta, &to->slope);
		to->known = r->known[l];
		ret = area(&to->auc, eta, r, err);
	}
	if (ret < 0)
		return ret;
	syc_par_run(par, p->n_perm, one, s);
	count(p, s);
	return 0;
}

/* ---- all of it ---------------------------------------------------------- */

static void run_free(struct run *s, unsigned threads)
{
	for (unsigned i = 0; i < threads; i++) {
		if (s->order)
			free(s->order[i]);
		if (s->x)
			free(s->x[i]);
	}
	blocks_free(&s->claims);
	rows_left_free(&s->r);
	free(s->scaled);
	free(s->loss);
	free(s->gain);
	free(s->order);
	free(s->x);
}

/* Each fold leaves rows of both labels. */
static bool both_left(const struct rows_left *r)
{
	bool both = true;

	for (uint32_t k = 0; k < r->n_folds && both; k++) {
		bool has[2] = { false, false };

		for (size_t i = 0; i < r->n; i++)
			if (r->fold[i] != k)
				has[r->label[i]] = true;
		both = has[0] && has[1];
	}
	return both;
}

static int work(struct syc_increment *p, struct run *s, struct syc_par *par,
		struct syc_err *err)
{
	struct rows_left *r = &s->r;
	double *eta = syc_calloc(r->n + 1, sizeof(*eta));
	int ret = eta ? blocks_init(&s->claims, r->claim, r->n, s->r.n_claims, err)
		      : syc_nomem(err);

	if (ret == 0)
		ret = rows_left_fill(r, err);
	s->scaled = syc_calloc(r->n + 1, r->n_folds * sizeof(*s->scaled));
	s->loss = syc_calloc(r->n + 1, sizeof(*s->loss));
	s->gain = syc_calloc(p->n_perm + 1, (r->k + 1) * sizeof(*s->gain));
	if (ret == 0 && (!s->scaled || !s->loss || !s->gain))
		ret = syc_nomem(err);
	if (ret == 0)
		ret = threads_new(s, syc_par_threads(par), err);
	if (ret == 0)
		ret = figures(p, s, eta, par, err);
	free(eta);
	return ret;
}

static struct syc_increment *increment_new(size_t n_layers)
{
	struct syc_increment *p = syc_calloc(1, sizeof(*p));

	if (!p)
		return NULL;
	p->layer = syc_calloc(n_layers + 1, sizeof(*p->layer));
	for (size_t l = 0; p->layer && l < n_layers; l++)
		p->layer[l] = (struct syc_increment_layer){ NAN, NAN, NAN, NAN, NAN, NAN };
	if (p->layer)
		return p;
	free(p);
	return NULL;
}

static int begin(struct syc_increment *p, struct run *s,
		 const struct syc_increment_in *in,
		 const struct syc_increment_opts *o, struct syc_err *err)
{
	const size_t folds = o->folds ? o->folds : FOLDS;
	int ret = folds < 3 ? syc_fail(err, SYC_EINVAL, "%zu folds: 3 or more are needed",
				       folds)
			    : rows_left_take(&s->r, in, folds, err);

	p->n = s->r.n;
	p->n_claims = s->r.n_claims;
	p->n_folds = folds;
	p->n_perm = o->n_perm ? o->n_perm : 999;
	p->n_features = s->r.d + (s->r.w > 0);
	for (size_t i = 0; i < p->n && ret == 0; i++)
		p->n_pos += s->r.label[i] == 1;
	if (p->n_claims < CLAIMS || p->n_claims < folds)
		p->why = "fewer than 10 claims, or than folds";
	else if (!p->n_pos || p->n_pos == p->n)
		p->why = "all rows have one label";
	if (ret < 0 || p->why)
		return ret;
	ret = syc_stat_folds(s->r.fold, s->r.label, s->r.claim, p->n, folds, o->seed, err);
	if (ret == 0 && !both_left(&s->r))
		p->why = "one label is in the claims of one fold only";
	return ret;
}

int syc_increment_run(struct syc_increment **out, const struct syc_increment_in *in,
		      const struct syc_increment_opts *o, struct syc_err *err)
{
	static const struct syc_increment_opts none;
	struct syc_increment *p = increment_new(in->n_layers);
	struct run s = { .seed = o ? o->seed : 0 };
	struct syc_par *par = NULL;
	int ret = p ? begin(p, &s, in, o ? o : &none, err) : syc_nomem(err);

	*out = NULL;
	if (ret == 0 && p->why)
		p->loss = p->loss_rate = p->auc = NAN;
	else if (ret == 0)
		ret = syc_par_new(&par, o ? o->threads : 0, err);
	if (ret == 0 && par)
		ret = work(p, &s, par, err);
	run_free(&s, par ? syc_par_threads(par) : 0);
	syc_par_free(par);
	if (ret < 0)
		syc_increment_free(p);
	else
		*out = p;
	return ret;
}

void syc_increment_free(struct syc_increment *s)
{
	if (!s)
		return;
	free(s->layer);
	free(s);
}
