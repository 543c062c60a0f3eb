/* SPDX-License-Identifier: MIT */
/* Null vectors of a layer: the method on pairs that say nothing. */
#include "config.h"
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "base/mem.h"
#include "base/par.h"
#include "base/rand.h"
#include "study/vector/null.h"
#include "syc/linear.h"
#include "syc/random.h"

struct batch {
	const struct draws *d;
	const struct view *view;
	float *out;		/* [n][dim] */
	double length;		/* what they get */
	uint32_t **act;		/* [threads][pairs][2] */
	double **room;		/* [threads][dim] */
	struct balance w;	/* of the pairs as they are */
	double *mean;		/* [letters or 1][dim] of the differences */
	struct syc_err *err;	/* [threads] of the first draw that failed */
	size_t *failed;		/* [threads] its number, or n */
};

/* The activations of draw i in another order. */
static int deal(uint32_t *act, const struct batch *b, size_t i)
{
	const struct draws *d = b->d;
	const uint64_t n = b->view->p->info.n;

	if (d->kind == SYC_NULL_FLIP)
		return claims_flip(act, d->claims, n, d->seed, i);
	syc_random_order(act, (size_t)(2 * n), syc_rand_key(d->seed, "shuffle", i));
	return 0;
}

static int deal_and_make(const struct batch *b, size_t i, unsigned thread,
			 struct syc_err *err)
{
	struct view v = *b->view;

	if (deal(b->act[thread], b, i) < 0)
		return syc_nomem(err);
	v.act = b->act[thread];
	return make_direction(b->room[thread], &v, b->d->control, b->d->r, err);
}

/* A standard normal number (Box & Muller 1958). */
static double normal(uint64_t key, uint64_t step)
{
	const double u = 1 - syc_rand_unit(key, 2 * step),
		     v = syc_rand_unit(key, 2 * step + 1);

	return sqrt(-2 * log(u)) * cos(2 * 3.14159265358979323846 * v);
}

/* The means that differences are taken about. */
static int find_means(struct batch *b, struct syc_err *err)
{
	const size_t dim = b->view->p->info.dim, k = b->view->p->info.n_letters;
	const bool balance = b->d->r->balance;
	const float *x, *y;

	b->mean = syc_calloc(balance ? k : 1, dim * sizeof(*b->mean));
	if (!b->mean)
		return syc_nomem(err);
	for (uint64_t i = 0; i < b->view->n; i++) {
		const uint32_t g = balance ? view_letter(b->view, i) : 0;
		const double n = balance ? (double)b->view->p->letter[g].n
					 : (double)b->view->n;
		int ret = view_get(b->view, i, &x, &y, err);

		for (size_t c = 0; c < dim && ret == 0; c++)
			b->mean[g * dim + c] += ((double)x[c] - (double)y[c]) / n;
		if (ret < 0)
			return ret;
	}
	return 0;
}

/* Normal, with the differences' covariance; z is the same at all layers. */
static int draw_normal(const struct batch *b, size_t i, double *out,
		       struct syc_err *err)
{
	const size_t dim = b->view->p->info.dim;
	const uint64_t key = syc_rand_key(b->d->seed, "cov", i);
	const float *x, *y;

	memset(out, 0, dim * sizeof(*out));
	for (uint64_t k = 0; k < b->view->n; k++) {
		const double *m = b->mean;
		const double z = normal(key, k) *
				 sqrt(balance_weight(&b->w, b->view, k));
		int ret = view_get(b->view, k, &x, &y, err);

		if (ret < 0)
			return ret;
		if (b->d->r->balance)
			m += view_letter(b->view, k) * dim;
		for (size_t c = 0; c < dim; c++)
			out[c] += z * ((double)x[c] - (double)y[c] - m[c]);
	}
	return 0;
}

static int one_draw(struct batch *b, size_t i, unsigned thread,
		    struct syc_err *err)
{
	const struct draws *d = b->d;
	const struct syc_pairs_info *info = &b->view->p->info;
	const size_t dim = info->dim, layer = info->layers[b->view->layer];
	double *x = b->room[thread], length;
	float *out = b->out + i * dim;
	int ret;

	if (d->kind == SYC_NULL_RANDOM) {
		syc_random_directions(out, 1, dim, b->length, d->seed,
				      i * d->v->n_layers + layer);
		return 0;
	}
	ret = d->kind == SYC_NULL_COV ? draw_normal(b, i, x, err)
				      : deal_and_make(b, i, thread, err);
	if (ret == 0 && d->kind == SYC_NULL_COV && d->control)
		ret = make_apart(x, b->view, d->control, d->r, err);
	length = ret == 0 ? double_length(x, dim) : 0;
	if (ret == 0 && !(length > 0 && isfinite(length)))
		ret = syc_fail(err, SYC_EINVAL, "has no length");
	for (size_t c = 0; c < dim && ret == 0; c++)
		out[c] = (float)(x[c] * b->length / length);
	return ret;
}

static void draw(void *arg, size_t part, unsigned thread)
{
	struct batch *b = arg;
	struct syc_err err;

	if (part > b->failed[thread] || one_draw(b, part, thread, &err) == 0)
		return;
	b->failed[thread] = part;
	b->err[thread] = err;
}

/* The error of the first draw that has one, whichever thread it was in. */
static int first_error(const struct batch *b, unsigned threads,
		       struct syc_err *err)
{
	const struct syc_pairs_info *info = &b->view->p->info;
	unsigned first = 0;

	for (unsigned t = 1; t < threads; t++)
		if (b->failed[t] < b->failed[first])
			first = t;
	if (b->failed[first] == SIZE_MAX)
		return 0;
	return syc_fail(err, b->err[first].code,
			"layer %" PRIu32 ", null %s %zu: %.300s",
			info->layers[b->view->layer],
			syc_null_name(b->d->kind), b->failed[first] + 1,
			b->err[first].msg);
}

static int batch_begin(struct batch *b, unsigned threads, struct syc_err *err)
{
	const struct syc_pairs_info *info = &b->view->p->info;
	const size_t n = (size_t)info->n;
	int ret = balance_begin(&b->w, b->view, b->d->r->balance, false, err);

	b->act = syc_calloc(threads, sizeof(*b->act));
	b->room = syc_calloc(threads, sizeof(*b->room));
	b->err = syc_calloc(threads, sizeof(*b->err));
	b->failed = syc_calloc(threads, sizeof(*b->failed));
	if (ret == 0 && (!b->act || !b->room || !b->err || !b->failed))
		ret = syc_nomem(err);
	for (unsigned t = 0; t < threads && ret == 0; t++) {
		b->failed[t] = SIZE_MAX;
		b->act[t] = syc_calloc(2 * n + 1, sizeof(**b->act));
		b->room[t] = syc_calloc(info->dim + 1, sizeof(**b->room));
		if (!b->act[t] || !b->room[t])
			ret = syc_nomem(err);
	}
	return ret < 0 || b->d->kind != SYC_NULL_COV ? ret : find_means(b, err);
}

static void batch_end(struct batch *b, unsigned threads)
{
	for (unsigned t = 0; t < threads; t++) {
		if (b->act)
			free(b->act[t]);
		if (b->room)
			free(b->room[t]);
	}
	free(b->act);
	free(b->room);
	free(b->err);
	free(b->failed);
	free(b->mean);
	balance_end(&b->w);
}

int draws_make(float *out, const struct draws *d, const struct view *view,
	       struct syc_err *err)
{
	const size_t layer = view->p->info.layers[view->layer];
	struct batch b = { .d = d, .view = view, .out = out,
			   .length = syc_vector_length(d->v, layer) };
	struct syc_par *par;
	unsigned threads;
	int ret = syc_par_new(&par, d->threads, err);

	if (ret < 0)
		return ret;
	threads = syc_par_threads(par);
	ret = batch_begin(&b, threads, err);
	if (ret == 0)
		syc_par_run(par, d->n, draw, &b);
	if (ret == 0)
		ret = first_error(&b, threads, err);
	batch_end(&b, threads);
	syc_par_free(par);
	return ret;
}

int draws_check(const struct draws *d, struct syc_err *err)
{
	const bool pca = d->r->method == SYC_METHOD_PCA;

	if (d->kind == SYC_NULL_FLIP && d->claims->n < SYC_NULL_CLAIMS)
		return syc_fail(err, SYC_EINVAL,
			"null flip: the pairs have %zu claims, it needs %d",
			d->claims->n, SYC_NULL_CLAIMS);
	if (pca && d->kind == SYC_NULL_FLIP)
		return syc_fail(err, SYC_EINVAL,
			"null flip: components do not depend on the signs of differences");
	if (pca && d->kind == SYC_NULL_SHUFFLE && d->r->center != SYC_CENTER_PAIR)
		return syc_fail(err, SYC_EINVAL,
			"null shuffle: components of all activations do not "
			"depend on their labels");
	return 0;
}
