/* SPDX-License-Identifier: MIT */
/*
 * Newton's method for the likelihood l(beta) = sum log P(y_i), which for the
 * logit link is iteratively reweighted least squares:
 *
 *     beta += (X'WX)^-1 U,    U = X'(y - pi),    W = diag(pi (1 - pi))
 *
 * Firth's penalised likelihood l + log det(X'WX) / 2 has the score
 *
 *     U = X'(y - pi + h (1/2 - pi))
 *
 * with h the diagonal of the hat matrix W^1/2 X (X'WX)^-1 X' W^1/2 (Heinze &
 * Schemper 2002, equation 2).  Its slope, h held fixed, is -X'W(1 + h)X, and
 * that is what a step divides by: with X'WX alone, as in the papers, steps
 * swing to and fro without end where rows are few and h is near 1.
 */
#include "config.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "base/mem.h"
#include "stat/irls.h"

enum { MAX_STEPS = 500, MAX_HALVES = 40 };

/* The state at one beta. */
struct point {
	double *beta;	/* [k] */
	double *chol;	/* [k][k] lower: L L' = X'WX */
	double like;	/* log likelihood, penalised for firth */
};

struct work {
	struct point now, next;
	double *bend;	/* [k][k] lower: factor of X'W(1 + h)X */
	double *step;	/* [k] */
	double *v;	/* [k] */
	double *block;	/* what all the above lies in */
};

/* a [k][k], lower half, becomes its Cholesky factor; false: not positive. */
static bool cholesky(double *a, size_t k)
{
	for (size_t i = 0; i < k; i++) {
		for (size_t j = 0; j <= i; j++) {
			double s = a[i * k + j];

			for (size_t c = 0; c < j; c++)
				s -= a[i * k + c] * a[j * k + c];
			if (i != j)
				a[i * k + j] = s / a[j * k + j];
			else if (s > 1e-14 * a[i * k + i])
				a[i * k + i] = sqrt(s);
			else
				return false;
		}
	}
	return true;
}

/* v becomes L^-1 v. */
static void forward(const double *l, double *v, size_t k)
{
	for (size_t i = 0; i < k; i++) {
		for (size_t c = 0; c < i; c++)
			v[i] -= l[i * k + c] * v[c];
		v[i] /= l[i * k + i];
	}
}

/* v becomes L'^-1 v. */
static void backward(const double *l, double *v, size_t k)
{
	for (size_t i = k; i-- > 0;) {
		for (size_t c = i + 1; c < k; c++)
			v[i] -= l[c * k + i] * v[c];
		v[i] /= l[i * k + i];
	}
}

static double dot(const double *a, const double *b, size_t k)
{
	double s = 0;

	for (size_t i = 0; i < k; i++)
		s += a[i] * b[i];
	return s;
}

/* pi and pi (1 - pi), keeping the digits of a small one. */
static double probability(double eta, double *w)
{
	const double e = exp(-fabs(eta));

	*w = e / ((1 + e) * (1 + e));
	return eta < 0 ? e / (1 + e) : 1 / (1 + e);
}

/* log P(y): -log(1 + exp(-eta)) for y = 1, with eta turned for y = 0. */
static double log_p(double eta, double y)
{
	const double t = y > 0 ? eta : -eta;

	return fmin(t, 0) - log1p(exp(-fabs(t)));
}

/* The lower half of sum gets w x x'. */
static void add_square(double *sum, const double *x, double w, size_t k)
{
	for (size_t i = 0; i < k; i++)
		for (size_t j = 0; j <= i; j++)
			sum[i * k + j] += w * x[i] * x[j];
}

/* Fill p's factor and likelihood; false when the information is singular. */
static bool look(const struct irls *m, struct point *p)
{
	const size_t k = m->k;

	memset(p->chol, 0, k * k * sizeof(*p->chol));
	p->like = 0;
	for (size_t r = 0; r < m->n; r++) {
		const double *x = m->x + r * k;
		const double eta = dot(x, p->beta, k);
		double w;

		probability(eta, &w);
		p->like += log_p(eta, m->y[r]);
		add_square(p->chol, x, w, k);
	}
	if (!cholesky(p->chol, k))
		return false;
	for (size_t i = 0; m->firth && i < k; i++)
		p->like += log(p->chol[i * k + i]);
	return isfinite(p->like);
}

/* h of a row with weight var. */
static double leverage(const struct irls *m, struct work *w, const double *x,
		       double var)
{
	if (!m->firth)
		return 0;
	memcpy(w->v, x, m->k * sizeof(*x));
	forward(w->now.chol, w->v, m->k);
	return var * dot(w->v, w->v, m->k);
}

/*
 * The step from w->now.  Returns the square of its length in standard errors,
 * NaN when there is none.
 */
static double find_step(const struct irls *m, struct work *w)
{
	const size_t k = m->k;
	double length;

	memset(w->step, 0, k * sizeof(*w->step));
	memset(w->bend, 0, k * k * sizeof(*w->bend));
	for (size_t r = 0; r < m->n; r++) {
		const double *x = m->x + r * k;
		double var;
		const double pi = probability(dot(x, w->now.beta, k), &var);
		const double h = leverage(m, w, x, var);

		for (size_t i = 0; i < k; i++)
			w->step[i] += (m->y[r] - pi + h * (0.5 - pi)) * x[i];
		add_square(w->bend, x, var * (1 + h), k);
	}
	if (!cholesky(w->bend, k))
		return NAN;
	forward(w->bend, w->step, k);
	length = dot(w->step, w->step, k);
	backward(w->bend, w->step, k);
	return length;
}

/* Step, by halves until the likelihood does not fall; false: cannot. */
static bool take_step(const struct irls *m, struct work *w)
{
	const double slack = 1e-11 * (1 + fabs(w->now.like));
	double part = 1;

	for (int half = 0; half < MAX_HALVES; half++, part /= 2) {
		struct point old = w->now;

		for (size_t i = 0; i < m->k; i++)
			w->next.beta[i] = w->now.beta[i] + part * w->step[i];
		if (!look(m, &w->next) || w->next.like < w->now.like - slack)
			continue;
		w->now = w->next;
		w->next = old;
		return true;
	}
	return false;
}

static bool climb(const struct irls *m, struct work *w)
{
	if (!look(m, &w->now))
		return false;
	for (int i = 0; i < MAX_STEPS; i++) {
		const double length = find_step(m, w);

		if (isnan(length) || !take_step(m, w))
			return false;
		/* A step of 1e-10 standard errors was the last. */
		if (length < 1e-20)
			return true;
	}
	return false;
}

static void invert(const struct irls *m, const double *chol, double *cov)
{
	const size_t k = m->k;

	/* Symmetric, so column c may be written as row c. */
	memset(cov, 0, k * k * sizeof(*cov));
	for (size_t c = 0; c < k; c++) {
		cov[c * k + c] = 1;
		forward(chol, cov + c * k, k);
		backward(chol, cov + c * k, k);
	}
}

static int work_init(struct work *w, size_t k, struct syc_err *err)
{
	double *p;

	*w = (struct work){ 0 };
	w->block = p = syc_calloc(k, (3 * k + 4) * sizeof(*p));
	if (!p)
		return syc_nomem(err);
	w->now.beta = p;
	w->next.beta = p + k;
	w->step = p + 2 * k;
	w->v = p + 3 * k;
	w->now.chol = p + 4 * k;
	w->next.chol = p + (4 + k) * k;
	w->bend = p + (4 + 2 * k) * k;
	return 0;
}

int irls_fit(const struct irls *m, double *beta, double *cov,
	     struct syc_err *err)
{
	struct work w;
	bool found;

	if (work_init(&w, m->k, err) < 0)
		return SYC_ENOMEM;
	memcpy(w.now.beta, beta, m->k * sizeof(*beta));
	found = climb(m, &w);
	if (found) {
		memcpy(beta, w.now.beta, m->k * sizeof(*beta));
		invert(m, w.now.chol, cov);
	}
	free(w.block);
	return found;
}
