/* SPDX-License-Identifier: MIT */
/*
 * Newton's method for the likelihood l(beta) = sum log P(y_i), which for the
 * logit link is iteratively reweighted least squares:
 *
 *     beta += (X'WX)^-1 U,    U = X'(y - pi),    W = diag(pi (1 - pi))
 *
 * Firth's penalized likelihood l + log det(X'WX) / 2 has the score
 *
 *     U = X'(y - pi + h (1/2 - pi))
 *
 * with h the diagonal of the hat matrix W^1/2 X (X'WX)^-1 X' W^1/2 (Heinze &
 * Schemper 2002, equation 2).  Its slope, h held fixed, is -X'W(1 + h)X, and
 * that is what a step divides by: with X'WX alone, as in the papers, steps
 * swing to and fro without end where rows are few and h is near 1.
 *
 * With a ridge l - beta'R beta / 2 is maximized: U loses R beta, and R is
 * added to X'WX.
 *
 * Weights multiply a row's part of l, of U and of W.  A coordinate that is held
 * has a step of 0: its row and column of what a step divides by are those of
 * the identity.
 */
#include "config.h"
#include <cblas.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "base/mem.h"
#include "stat/irls.h"
#include "stat/lapack.h"

enum { MAX_STEPS = 500, MAX_HALVES = 40, FEW = 8, ROWS = 128 };

/* The state at one beta. */
struct point {
	double *beta;	/* [k] */
	double *chol;	/* [k][k] lower: L L' = X'WX + R */
	double loglik;
	double goal;	/* the same, penalized */
};

struct work {
	struct point now, next;
	double *bend;	/* [k][k] lower: factor of X'W(1 + h)X + R */
	double *step;	/* [k] */
	double *v;	/* [k] */
	double *rows;	/* [ROWS][k] */
	double *pi;	/* [n] */
	double *w;	/* [n] */
	double *block;	/* what all the above lies in */
};

/* a [k][k], lower half, becomes its Cholesky factor; false: not positive. */
static bool cholesky(double *a, size_t k)
{
	for (size_t i = 0; i < k; i++) {
		for (size_t j = 0; j <= i; j++) {
			const double s = a[i * k + j] -
				cblas_ddot((int)j, a + i * k, 1, a + j * k, 1);

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
	for (size_t i = 0; i < k; i++)
		v[i] = (v[i] - cblas_ddot((int)i, l + i * k, 1, v, 1)) / l[i * k + i];
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

static double weight(const struct irls *m, size_t r)
{
	return m->weight ? m->weight[r] : 1;
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

/* The lower half of out becomes X'WX, by BLAS where it pays. */
static void information(const struct irls *m, const struct work *w, double *out)
{
	const size_t k = m->k;

	memset(out, 0, k * k * sizeof(*out));
	for (size_t r = 0; r < m->n && k <= FEW; r++)
		for (size_t i = 0; i < k; i++)
			for (size_t j = 0; j <= i; j++)
				out[i * k + j] += w->w[r] * m->x[r * k + i] *
						  m->x[r * k + j];
	for (size_t from = 0; from < m->n && k > FEW; from += ROWS) {
		const size_t n = m->n - from < ROWS ? m->n - from : ROWS;

		for (size_t r = 0; r < n; r++) {
			const double *x = m->x + (from + r) * k;

			for (size_t i = 0; i < k; i++)
				w->rows[r * k + i] = sqrt(w->w[from + r]) * x[i];
		}
		cblas_dsyrk(CblasRowMajor, CblasLower, CblasTrans, (int)k,
			    (int)n, 1, w->rows, (int)k, 1, out, (int)k);
	}
	for (size_t i = 0; m->ridge && i < k; i++)
		out[i * k + i] += m->ridge[i];
}

/* Fill p's factor and likelihood; false when the information is singular. */
static bool look(const struct irls *m, struct work *w, struct point *p)
{
	p->loglik = 0;
	for (size_t r = 0; r < m->n; r++) {
		const double eta = dot(m->x + r * m->k, p->beta, m->k);

		w->pi[r] = probability(eta, &w->w[r]);
		w->w[r] *= weight(m, r);
		p->loglik += weight(m, r) * log_p(eta, m->y[r]);
	}
	information(m, w, p->chol);
	if (!cholesky(p->chol, m->k))
		return false;
	p->goal = p->loglik;
	for (size_t i = 0; i < m->k; i++) {
		if (m->firth)
			p->goal += log(p->chol[i * m->k + i]);
		if (m->ridge)
			p->goal -= m->ridge[i] / 2 * p->beta[i] * p->beta[i];
	}
	return isfinite(p->goal);
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

/* The lower half of a becomes that of a problem without coordinate i. */
static void hold(double *a, size_t i, size_t k)
{
	for (size_t j = 0; j < i; j++)
		a[i * k + j] = 0;
	for (size_t j = i + 1; j < k; j++)
		a[j * k + i] = 0;
	a[i * k + i] = 1;
}

/*
 * The step from w->now, whose pi and w are at hand (take_step() looked there
 * last).  Returns the square of its length in standard errors, NaN when there
 * is none.
 */
static double find_step(const struct irls *m, struct work *w)
{
	const size_t k = m->k;
	double length;

	for (size_t i = 0; i < k; i++)
		w->step[i] = m->ridge ? -m->ridge[i] * w->now.beta[i] : 0;
	for (size_t r = 0; r < m->n; r++) {
		const double *x = m->x + r * k, pi = w->pi[r];
		const double h = leverage(m, w, x, w->w[r]), v = weight(m, r);

		for (size_t i = 0; i < k; i++)
			w->step[i] += (v * (m->y[r] - pi) + h * (0.5 - pi)) * x[i];
		w->w[r] *= 1 + h / v;
	}
	information(m, w, w->bend);
	if (m->held) {
		w->step[m->held] = 0;
		hold(w->bend, m->held, k);
	}
	if (!cholesky(w->bend, k))
		return NAN;
	forward(w->bend, w->step, k);
	length = dot(w->step, w->step, k);
	backward(w->bend, w->step, k);
	return length;
}

/* Step, by halves until the goal does not fall; false: cannot. */
static bool take_step(const struct irls *m, struct work *w)
{
	const double slack = 1e-11 * (1 + fabs(w->now.goal));
	double part = 1;

	for (int half = 0; half < MAX_HALVES; half++, part /= 2) {
		struct point old = w->now;

		for (size_t i = 0; i < m->k; i++)
			w->next.beta[i] = w->now.beta[i] + part * w->step[i];
		if (!look(m, w, &w->next) || w->next.goal < w->now.goal - slack)
			continue;
		w->now = w->next;
		w->next = old;
		return true;
	}
	return false;
}

static bool climb(const struct irls *m, struct work *w)
{
	/*
	 * A step of 1e-10 standard errors was the last; where only the maximum
	 * is wanted one of 1e-6, whose square is what it lacks.
	 */
	const double last = m->held ? 1e-12 : 1e-20;

	if (!look(m, w, &w->now))
		return false;
	for (int i = 0; i < MAX_STEPS; i++) {
		const double length = find_step(m, w);

		if (isnan(length) || !take_step(m, w))
			return false;
		if (length < last)
			return true;
	}
	return false;
}

static void invert(size_t k, const double *chol, double *cov)
{
	/* Symmetric, so column c may be written as row c. */
	memset(cov, 0, k * k * sizeof(*cov));
	for (size_t c = 0; c < k; c++) {
		cov[c * k + c] = 1;
		forward(chol, cov + c * k, k);
		backward(chol, cov + c * k, k);
	}
}

/* The rows' scores, squared and summed, into meat [k][k]; the factor. */
static void row_meat(const struct irls *m, const struct work *w, double *meat,
		     double *factor)
{
	for (size_t r = 0; r < m->n; r++) {
		const double u = weight(m, r) * (m->y[r] - w->pi[r]);

		cblas_dsyr(CblasRowMajor, CblasLower, (int)m->k, u * u,
			   m->x + r * m->k, 1, meat, (int)m->k);
	}
	*factor = (double)m->n / (double)(m->n - m->k);
}

/* The same of clusters' summed scores. */
static int cluster_meat(const struct irls *m, const struct work *w, double *meat,
			double *factor, struct syc_err *err)
{
	const size_t k = m->k;
	double *sum = syc_calloc(m->n_slots, k * sizeof(*sum)), g = 0;
	char *seen = syc_calloc(m->n_slots, 1);

	if (!sum || !seen) {
		free(sum);
		free(seen);
		return syc_nomem(err);
	}
	for (size_t r = 0; r < m->n; r++) {
		double *to = sum + m->cluster[r] * k;

		seen[m->cluster[r]] = 1;
		for (size_t i = 0; i < k; i++)
			to[i] += weight(m, r) * (m->y[r] - w->pi[r]) *
				 m->x[r * k + i];
	}
	for (size_t c = 0; c < m->n_slots; c++) {
		g += seen[c];
		cblas_dsyr(CblasRowMajor, CblasLower, (int)k, 1, sum + c * k, 1,
			   meat, (int)k);
	}
	*factor = g / (g - 1) * (double)(m->n - 1) / (double)(m->n - k);
	free(sum);
	free(seen);
	return 0;
}

/* cov = bread meat bread, where cov is the bread. */
static int sandwich(const struct irls *m, const struct work *w, double *cov,
		    struct syc_err *err)
{
	const size_t k = m->k;
	double *meat = syc_calloc(k, 2 * k * sizeof(*meat)),
		*half = meat + k * k, factor = 1;
	int ret = 0;

	if (!meat)
		return syc_nomem(err);
	if (m->cluster) {
		ret = cluster_meat(m, w, meat, &factor, err);
	} else if (m->weight) {
		row_meat(m, w, meat, &factor);
	} else {
		information(m, w, meat);
		for (size_t i = 0; i < k; i++)
			meat[i * k + i] -= m->ridge[i];
	}
	cblas_dsymm(CblasRowMajor, CblasLeft, CblasLower, (int)k, (int)k,
		    factor, meat, (int)k,
		    cov, (int)k, 0, half, (int)k);
	memcpy(meat, cov, k * k * sizeof(*cov));
	cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, (int)k, (int)k,
		    (int)k, 1, meat,
		    (int)k, half, (int)k, 0, cov, (int)k);
	free(meat);
	return ret;
}

static int work_init(struct work *w, const struct irls *m, struct syc_err *err)
{
	const size_t k = m->k;
	double *p;
	size_t size;

	*w = (struct work){ 0 };
	if (!syc_mul(&size, k, 3 * k + 4 + ROWS) || !syc_add(&size, size, 2 * m->n))
		return syc_nomem(err);
	w->block = p = syc_calloc(size, sizeof(*p));
	if (!p)
		return syc_nomem(err);
	w->now.beta = p;
	w->next.beta = p + k;
	w->step = p + 2 * k;
	w->v = p + 3 * k;
	w->now.chol = p + 4 * k;
	w->next.chol = p + (4 + k) * k;
	w->bend = p + (4 + 2 * k) * k;
	w->rows = p + (4 + 3 * k) * k;
	w->pi = w->rows + ROWS * k;
	w->w = w->pi + m->n;
	return 0;
}

int irls_fit(const struct irls *m, double *beta, double *cov,
	     struct irls_like *like, struct syc_err *err)
{
	struct work w;
	int ret;

	blas_begin();
	if (work_init(&w, m, err) < 0)
		return SYC_ENOMEM;
	memcpy(w.now.beta, beta, m->k * sizeof(*beta));
	ret = climb(m, &w);
	if (ret > 0) {
		memcpy(beta, w.now.beta, m->k * sizeof(*beta));
		*like = (struct irls_like){ w.now.loglik, w.now.goal };
	}
	if (ret > 0 && cov) {
		invert(m->k, w.now.chol, cov);
		if ((m->cluster || m->ridge || m->weight) &&
		    sandwich(m, &w, cov, err) < 0)
			ret = SYC_ENOMEM;
	}
	free(w.block);
	return ret;
}
