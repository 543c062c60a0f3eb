/* SPDX-License-Identifier: MIT */
/*
 * Newton's method.  On weights, of the bordered problem with z' = (z, 1):
 *
 *     step = (Z'WZ' + lambda I')^-1 (Z'(y - pi) - lambda w)
 *
 * with I' zero for b, and y - pi and W times the rows' weights.  On the kernel,
 * where w = Z'a / lambda and a = y - pi at the minimum: a step is weighted least
 * squares for u = eta + W^-1 (y - pi),
 *
 *     a = M (u - b),   b = 1'M u / 1'M 1,   M = (K / lambda + W^-1)^-1
 *
 * and with B = I + W^1/2 K W^1/2 / lambda, which is well conditioned whatever
 * W is, M v = W v - W^1/2 B^-1 W^1/2 K (W v) / lambda (Rasmussen & Williams
 * 2006, section 3.4.3).
 */
#include "config.h"
#include <cblas.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "base/mem.h"
#include "stat/lapack.h"
#include "stat/ridge.h"

enum { MAX_STEPS = 100, MAX_HALVES = 30, ROWS = 256 };

struct work {
	const struct ridge *p;
	const size_t *use;
	size_t m, k;		/* rows, and length of a */
	double lambda;
	double *h;		/* [m][m] B, or [k + 1][k + 1], becomes its factor */
	double *eta, *w, *r;	/* [m] log odds, pi (1 - pi), y - pi */
	double *step;		/* [k + 1] of a and b */
	double *move;		/* [m] what the step does to eta */
	double *v, *kv;		/* [m] */
	double *a;		/* [m] a of the rows in use, for the kernel */
	double *row;		/* [ROWS][k + 1] */
	double *block;
};

size_t ridge_size(const struct ridge *p)
{
	return p->k ? p->z.n : p->z.dim;
}

double ridge_loss(double eta, int8_t y)
{
	const double t = y == 1 ? eta : -eta;

	return log1p(exp(-fabs(t))) - fmin(t, 0);
}

static int work_init(struct work *w, const struct ridge *p, const size_t *use,
		     size_t m,
		     double lambda, struct syc_err *err)
{
	const size_t k = ridge_size(p), side = p->k ? m : k + 1;
	double *at;

	*w = (struct work){ .p = p, .use = use, .m = m, .k = k, .lambda = lambda };
	w->h = syc_calloc(side, side * sizeof(*w->h));
	w->row = p->k ? NULL : syc_calloc(k + 1, ROWS * sizeof(*w->row));
	w->block = at = syc_calloc(7 * m + k + 1, sizeof(*at));
	if (!w->h || !at || (!p->k && !w->row))
		return syc_nomem(err);
	w->eta = at;
	w->w = at + m;
	w->r = at + 2 * m;
	w->move = at + 3 * m;
	w->v = at + 4 * m;
	w->kv = at + 5 * m;
	w->a = at + 6 * m;
	w->step = at + 7 * m;
	return 0;
}

static void work_free(struct work *w)
{
	free(w->h);
	free(w->row);
	free(w->block);
}

/* out [m] = K v / lambda among the rows in use. */
static void times_kernel(const struct work *w, const double *v, double *out)
{
	const size_t n = w->p->z.n;

	for (size_t i = 0; i < w->m; i++) {
		const double *k = w->p->k + w->use[i] * n;
		double sum = 0;

		for (size_t j = 0; j < w->m; j++)
			sum += k[w->use[j]] * v[j];
		out[i] = sum / w->lambda;
	}
}

/* W^1/2 (W^1/2 K W^1/2 / lambda + I)^-1 W^1/2 K (v) / lambda, v less that. */
static void times_m(struct work *w, double *wv)
{
	times_kernel(w, wv, w->kv);
	for (size_t i = 0; i < w->m; i++)
		w->kv[i] *= sqrt(w->w[i]);
	chol_solve(w->h, w->kv, w->m);
	for (size_t i = 0; i < w->m; i++)
		wv[i] -= sqrt(w->w[i]) * w->kv[i];
}

/* The new a of the rows in use less the old into step, and the move of eta. */
static bool step_kernel(struct work *w, const struct ridge_fit *f)
{
	const size_t n = w->p->z.n;
	double up = 0, down = 0, b;

	for (size_t i = 0; i < w->m; i++)
		for (size_t j = 0; j <= i; j++)
			w->h[i * w->m + j] = (i == j) +
			w->p->k[w->use[i] * n + w->use[j]] *
				sqrt(w->w[i] * w->w[j]) / w->lambda;
	if (!chol_factor(w->h, w->m))
		return false;
	for (size_t i = 0; i < w->m; i++) {
		w->step[i] = w->w[i] * w->eta[i] + w->r[i];	/* W u */
		w->v[i] = w->w[i];				/* W 1 */
	}
	times_m(w, w->step);
	times_m(w, w->v);
	for (size_t i = 0; i < w->m; i++) {
		up += w->step[i];
		down += w->v[i];
	}
	b = up / down;
	for (size_t i = 0; i < w->m; i++)
		w->step[i] += -b * w->v[i] - w->a[i];
	w->step[w->m] = b - f->b;
	times_kernel(w, w->step, w->move);
	for (size_t i = 0; i < w->m; i++)
		w->move[i] += w->step[w->m];
	return isfinite(b);
}

/* The lower triangle of the information and the gradient. */
static void add_rows(struct work *w)
{
	const size_t d = w->k + 1;

	for (size_t from = 0; from < w->m; from += ROWS) {
		const size_t n = w->m - from < ROWS ? w->m - from : ROWS;

		for (size_t i = 0; i < n; i++) {
			double *row = w->row + i * d;

			gram_row(&w->p->z, w->use[from + i], row);
			row[w->k] = 1;
			cblas_daxpy((int)d, w->r[from + i], row, 1, w->step, 1);
			cblas_dscal((int)d, sqrt(w->w[from + i]), row, 1);
		}
		cblas_dsyrk(CblasRowMajor, CblasLower, CblasTrans, (int)d,
			    (int)n, 1, w->row,
			    (int)d, 1, w->h, (int)d);
	}
}

static bool step_weights(struct work *w, const struct ridge_fit *f)
{
	const size_t d = w->k + 1;

	memset(w->h, 0, d * d * sizeof(*w->h));
	memset(w->step, 0, d * sizeof(*w->step));
	add_rows(w);
	for (size_t i = 0; i < w->k; i++) {
		w->step[i] -= w->lambda * f->a[i];
		w->h[i * d + i] += w->lambda;
	}
	if (!chol_factor(w->h, d))
		return false;
	chol_solve(w->h, w->step, d);
	for (size_t i = 0; i < w->m; i++) {
		gram_row(&w->p->z, w->use[i], w->row);
		w->move[i] = cblas_ddot((int)w->k, w->row, 1, w->step, 1) +
			w->step[w->k];
	}
	return isfinite(w->step[w->k]);
}

/* What the log odds so far make of every row. */
static void look(struct work *w)
{
	for (size_t i = 0; i < w->m; i++) {
		const double e = exp(-fabs(w->eta[i]));
		const double pi = w->eta[i] < 0 ? e / (1 + e) : 1 / (1 + e);

		const double c = ridge_weight(w->p, w->use[i]);

		w->w[i] = c * e / ((1 + e) * (1 + e));
		w->r[i] = c * ((w->p->y[w->use[i]] == 1) - pi);
	}
}

/*
 * |w|^2 after part of the step: of weights by themselves, else a'K a / lambda^2
 * by eta and move, which hold K a / lambda + b.
 */
static double penalty(const struct work *w, const struct ridge_fit *f, double part)
{
	double sum = 0;

	if (!w->p->k) {
		for (size_t i = 0; i < w->k; i++) {
			const double a = f->a[i] + part * w->step[i];

			sum += a * a;
		}
		return sum;
	}
	for (size_t i = 0; i < w->m; i++) {
		const double a = w->a[i] + part * w->step[i];
		const double b = f->b + part * w->step[w->m];

		sum += a * (w->eta[i] + part * w->move[i] - b);
	}
	return sum / w->lambda;
}

static double goal(const struct work *w, const struct ridge_fit *f, double part)
{
	double sum = 0;

	for (size_t i = 0; i < w->m; i++)
		sum += ridge_weight(w->p, w->use[i]) *
		       ridge_loss(w->eta[i] + part * w->move[i], w->p->y[w->use[i]]);
	return sum + w->lambda / 2 * penalty(w, f, part);
}

/* Halve the step until the goal does not rise, and take it; its size, or NaN. */
static double take(struct work *w, struct ridge_fit *f)
{
	const double now = goal(w, f, 0), slack = 1e-12 * (1 + fabs(now));
	double part = 1, size = 0;
	int half = 0;

	while (!(goal(w, f, part) <= now + slack)) {
		part /= 2;
		if (++half > MAX_HALVES)
			return NAN;
	}
	for (size_t i = 0; i < w->m; i++) {
		w->eta[i] += part * w->move[i];
		size = fmax(size, fabs(part * w->move[i]) / (1 + fabs(w->eta[i])));
	}
	if (w->p->k) {
		cblas_daxpy((int)w->m, part, w->step, 1, w->a, 1);
		f->b += part * w->step[w->m];
	} else {
		cblas_daxpy((int)w->k, part, w->step, 1, f->a, 1);
		f->b += part * w->step[w->k];
	}
	return size;
}

static int climb(struct work *w, struct ridge_fit *f, struct syc_err *err)
{
	for (unsigned i = 0; i < MAX_STEPS; i++) {
		double size = NAN;

		look(w);
		if (w->p->k ? step_kernel(w, f) : step_weights(w, f))
			size = take(w, f);
		f->steps++;
		if (isnan(size))
			break;
		if (size < 1e-9)
			return 0;
	}
	return syc_fail(err, SYC_EINVAL,
			"logistic regression with ridge %g did not converge",
			w->lambda);
}

/* Between a of all rows, zero beyond those in use, and a of these. */
static void gather(struct work *w, const struct ridge_fit *f)
{
	for (size_t i = 0; w->p->k && i < w->m; i++)
		w->a[i] = f->a[w->use[i]];
}

static void scatter(const struct work *w, struct ridge_fit *f)
{
	if (!w->p->k)
		return;
	memset(f->a, 0, w->k * sizeof(*f->a));
	for (size_t i = 0; i < w->m; i++)
		f->a[w->use[i]] = w->a[i];
}

void ridge_margins(const struct ridge *p, const struct ridge_fit *f,
		   const size_t *use, size_t m,
		   double *eta, double *room)
{
	for (size_t i = 0; i < m; i++) {
		if (p->k) {
			eta[i] = cblas_ddot((int)p->z.n, p->k + use[i] * p->z.n,
					    1, f->a, 1) /
				f->lambda;
		} else {
			gram_row(&p->z, use[i], room);
			eta[i] = cblas_ddot((int)p->z.dim, room, 1, f->a, 1);
		}
		eta[i] += f->b;
	}
}

int ridge_solve(struct ridge_fit *f, const struct ridge *p, const size_t *use,
		size_t m,
		struct syc_err *err)
{
	double *room = syc_calloc(p->z.dim, sizeof(*room));
	struct work w;
	int ret = work_init(&w, p, use, m, f->lambda, err);

	if (ret == 0 && !room)
		ret = syc_nomem(err);
	if (ret == 0) {
		gather(&w, f);
		ridge_margins(p, f, use, m, w.eta, room);
		ret = climb(&w, f, err);
		scatter(&w, f);
	}
	work_free(&w);
	free(room);
	return ret;
}
