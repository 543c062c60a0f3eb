/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <cblas.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "base/mem.h"
#include "stat/lapack.h"
#include "stat/ridge.h"
#include "syc/probe.h"
#include "syc/resample.h"
#include "syc/stat.h"

enum { N_LAMBDA = 13, FOLDS = 5 };

/* One fold's fit and the rows in and out of it. */
struct part {
	struct ridge_fit f;
	size_t *use, *out;
	size_t n_use, n_out;
	bool both;		/* classes are in use */
};

struct choice {
	const struct ridge *p;
	struct part *part;	/* [n_parts] */
	size_t n_parts;
	double *eta;		/* [n] room */
	double *room;		/* [dim] */
	double *score;		/* [n] */
	int8_t *label;		/* [n] */
};

static int check(const int8_t *y, size_t n, size_t dim,
		 const struct syc_ridge_opts *o,
		 struct syc_err *err)
{
	size_t n_pos = 0;

	for (size_t i = 0; i < n; i++) {
		if (y[i] != 0 && y[i] != 1)
			return syc_fail(err, SYC_EINVAL,
					"label of row %zu is not 0 or 1", i);
		n_pos += y[i] == 1;
	}
	if (!n_pos || n_pos == n)
		return syc_fail(err, SYC_EINVAL,
				"logistic regression of one class only");
	if (!dim)
		return syc_fail(err, SYC_EINVAL, "logistic regression on no numbers");
	if (!(o->lambda >= 0) || isinf(o->lambda))
		return syc_fail(err, SYC_EINVAL, "ridge %g", o->lambda);
	return 0;
}

/* The whole of a symmetric matrix from its lower triangle. */
static void mirror(double *a, size_t n)
{
	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < i; j++)
			a[j * n + i] = a[i * n + j];
}

static int problem_init(struct ridge *p, const float *x, const int8_t *y,
			size_t n, size_t dim,
			bool raw, struct syc_err *err)
{
	int ret = gram_init(&p->z, x, n, dim, true, !raw, err);

	p->y = y;
	/* A step costs n^3 / 3 on the kernel, n dim^2 + dim^3 / 3 on weights. */
	if (ret < 0 || n / 3 * 2 > dim)
		return ret;
	p->k = syc_calloc(n, n * sizeof(*p->k));
	if (!p->k)
		return syc_nomem(err);
	ret = gram_products(&p->z, p->k, err);
	mirror(p->k, n);
	return ret;
}

static void problem_free(struct ridge *p)
{
	gram_free(&p->z);
	free(p->k);
}

/* The mean of |z|^2, which says what a ridge has to be compared with. */
static double mean_square(const struct ridge *p, double *room)
{
	double sum = 0;

	for (size_t r = 0; r < p->z.n; r++) {
		gram_row(&p->z, r, room);
		sum += cblas_ddot((int)p->z.dim, room, 1, room, 1);
	}
	return sum / (double)p->z.n;
}

static void choice_free(struct choice *c)
{
	for (size_t k = 0; c->part && k < c->n_parts; k++) {
		free(c->part[k].f.a);
		free(c->part[k].use);
	}
	free(c->part);
	free(c->eta);
	free(c->room);
	free(c->score);
	free(c->label);
}

static int choice_init(struct choice *c, const struct ridge *p, size_t n_parts,
		       struct syc_err *err)
{
	const size_t n = p->z.n;
	bool bad;

	*c = (struct choice){ .p = p, .n_parts = n_parts };
	c->part = syc_calloc(n_parts, sizeof(*c->part));
	c->eta = syc_calloc(n, sizeof(*c->eta));
	c->room = syc_calloc(p->z.dim, sizeof(*c->room));
	c->score = syc_calloc(n, sizeof(*c->score));
	c->label = syc_calloc(n, sizeof(*c->label));
	bad = !c->part || !c->eta || !c->room || !c->score || !c->label;
	for (size_t k = 0; k < n_parts && !bad; k++) {
		c->part[k].f.a = syc_calloc(ridge_size(p), sizeof(double));
		c->part[k].use = syc_calloc(n, 2 * sizeof(size_t));
		c->part[k].out = c->part[k].use ? c->part[k].use + n : NULL;
		bad = !c->part[k].f.a || !c->part[k].use;
	}
	return bad ? syc_nomem(err) : 0;
}

static int divide(struct choice *c, const struct syc_ridge_opts *o,
		  struct syc_err *err)
{
	const size_t n = c->p->z.n;
	uint32_t *fold = syc_calloc(n, sizeof(*fold));
	int ret = fold ? syc_stat_folds(fold, c->p->y, o->group, n, c->n_parts,
					o->seed, err)
		       : syc_nomem(err);

	for (size_t k = 0; k < c->n_parts && ret == 0; k++) {
		struct part *p = &c->part[k];

		for (size_t i = 0; i < n; i++)
			if (fold[i] == k)
				p->out[p->n_out++] = i;
			else
				p->use[p->n_use++] = i;
		for (size_t i = 1; i < p->n_use; i++)
			p->both |= c->p->y[p->use[i]] != c->p->y[p->use[0]];
	}
	free(fold);
	return ret;
}

/* Begin from what the weights were at another lambda. */
static void change_lambda(const struct ridge *p, struct ridge_fit *f, double lambda)
{
	if (p->k && f->lambda > 0)
		cblas_dscal((int)p->z.n, lambda / f->lambda, f->a, 1);
	f->lambda = lambda;
}

/* Rows left out of one fit: their loss is added, their pairs are counted. */
static int test(struct choice *c, const struct part *k, double *loss, double *right,
		double *pairs, struct syc_err *err)
{
	struct syc_auc auc;
	int ret;

	ridge_margins(c->p, &k->f, k->out, k->n_out, c->score, c->room);
	for (size_t i = 0; i < k->n_out; i++) {
		c->label[i] = c->p->y[k->out[i]];
		*loss += ridge_weight(c->p, k->out[i]) *
			 ridge_loss(c->score[i], c->label[i]);
	}
	ret = syc_stat_auc(&auc, c->score, c->label, k->n_out, err);
	if (ret == 0 && auc.n_pos && auc.n_neg) {
		*right += auc.auc * (double)auc.n_pos * (double)auc.n_neg;
		*pairs += (double)auc.n_pos * (double)auc.n_neg;
	}
	return ret;
}

/* The mean loss and the AUC of rows left out at lambda. */
static int try(struct choice *c, double lambda, double *loss, double *auc,
	       struct syc_err *err)
{
	double right = 0, pairs = 0, rows = 0;
	int ret = 0;

	*loss = 0;
	for (size_t k = 0; k < c->n_parts && ret == 0; k++) {
		struct part *p = &c->part[k];

		if (!p->both)
			continue;
		for (size_t i = 0; i < p->n_out; i++)
			rows += ridge_weight(c->p, p->out[i]);
		change_lambda(c->p, &p->f, lambda);
		ret = ridge_solve(&p->f, c->p, p->use, p->n_use, err);
		if (ret == 0)
			ret = test(c, p, loss, &right, &pairs, err);
	}
	*loss = rows > 0 ? *loss / rows : NAN;
	*auc = pairs > 0 ? right / pairs : NAN;
	return ret;
}

/* From the strongest ridge down, until the loss has risen twice in a row. */
static int choose(struct choice *c, struct syc_ridge *r, struct syc_err *err)
{
	const double k = mean_square(c->p, c->room);
	double last = INFINITY, loss, auc;
	unsigned rises = 0;
	int ret = 0;

	r->lambda = k > 0 ? k : 1;
	r->cv_loss = INFINITY;
	for (int i = 0; i < N_LAMBDA && rises < 2 && ret == 0; i++) {
		const double lambda = k > 0 ? k * pow(10, 2 - 0.5 * i) : 1;

		ret = try(c, lambda, &loss, &auc, err);
		if (ret == 0 && loss < r->cv_loss) {
			r->lambda = lambda;
			r->cv_loss = loss;
			r->cv_auc = auc;
		}
		rises = loss > last ? rises + 1 : 0;
		last = loss;
	}
	if (isinf(r->cv_loss))
		r->cv_loss = NAN;
	return ret;
}

static int choose_lambda(struct syc_ridge *r, const struct ridge *p,
			 const struct syc_ridge_opts *o,
			 struct syc_err *err)
{
	struct choice c;
	int ret = choice_init(&c, p, o->folds ? o->folds : FOLDS, err);

	if (ret == 0)
		ret = divide(&c, o, err);
	if (ret == 0)
		ret = choose(&c, r, err);
	choice_free(&c);
	return ret;
}

/* From the fit's own terms to weights of x, and the loss of all rows. */
static void translate(struct syc_ridge *r, const struct ridge *p,
		      const struct ridge_fit *f,
		      const double *eta)
{
	const struct gram *z = &p->z;
	double total = 0;

	for (size_t i = 0; i < z->n; i++)
		total += ridge_weight(p, i);
	r->bias = f->b;
	r->steps = f->steps;
	if (p->k) {
		gram_back(z, f->a, r->w);
		cblas_dscal((int)z->dim, 1 / f->lambda, r->w, 1);
	} else {
		memcpy(r->w, f->a, z->dim * sizeof(*r->w));
	}
	for (size_t i = 0; i < z->dim; i++) {
		r->w[i] *= z->scale[i];
		r->bias -= r->w[i] * z->shift[i];
	}
	for (size_t i = 0; i < z->n; i++)
		r->loss += ridge_weight(p, i) * ridge_loss(eta[i], p->y[i]) /
			   total;
}

static int fit_all(struct syc_ridge *r, const struct ridge *p, struct syc_err *err)
{
	const size_t n = p->z.n;
	struct ridge_fit f = { .lambda = r->lambda };
	size_t *use = syc_calloc(n, sizeof(*use));
	double *eta = syc_calloc(n + p->z.dim, sizeof(*eta));
	int ret = 0;

	f.a = syc_calloc(ridge_size(p), sizeof(*f.a));
	if (!use || !eta || !f.a)
		ret = syc_nomem(err);
	for (size_t i = 0; i < n && ret == 0; i++)
		use[i] = i;
	if (ret == 0)
		ret = ridge_solve(&f, p, use, n, err);
	if (ret == 0) {
		ridge_margins(p, &f, use, n, eta, eta + n);
		translate(r, p, &f, eta);
	}
	free(use);
	free(eta);
	free(f.a);
	return ret;
}

int syc_ridge_fit(struct syc_ridge **out, const float *x, const int8_t *y,
		  size_t n, size_t dim,
		  const struct syc_ridge_opts *opts, struct syc_err *err)
{
	const struct syc_ridge_opts o = opts ? *opts : (struct syc_ridge_opts){ 0 };
	struct ridge p = { .weight = o.weight };
	struct syc_ridge *r;
	int ret = check(y, n, dim, &o, err);

	*out = NULL;
	if (ret < 0)
		return ret;
	r = syc_calloc(1, sizeof(*r));
	if (r)
		r->w = syc_calloc(dim, sizeof(*r->w));
	if (!r || !r->w) {
		syc_ridge_free(r);
		return syc_nomem(err);
	}
	blas_begin();
	r->dim = dim;
	r->lambda = o.lambda;
	r->cv_loss = r->cv_auc = NAN;
	ret = problem_init(&p, x, y, n, dim, o.raw, err);
	if (ret == 0 && o.lambda == 0)
		ret = choose_lambda(r, &p, &o, err);
	if (ret == 0)
		ret = fit_all(r, &p, err);
	problem_free(&p);
	if (ret < 0)
		syc_ridge_free(r);
	else
		*out = r;
	return ret;
}

void syc_ridge_free(struct syc_ridge *r)
{
	if (!r)
		return;
	free(r->w);
	free(r);
}
