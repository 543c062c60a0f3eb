/* SPDX-License-Identifier: MIT */
/* The ways to a direction; one that is added is a function and a row of methods[]. */
#include "config.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "study/vector/direction.h"
#include "syc/linear.h"
#include "syc/probe.h"

/*
 * The mean over all pairs, or over the means of the groups.  Summed in the
 * order of the pairs by plain additions, so that the bytes do not depend on
 * the processor.
 */
int method_mean(double *out, const struct view *v, bool balance,
		struct syc_err *err)
{
	const size_t dim = v->p->info.dim,
		     n_groups = balance ? v->p->info.n_letters : 1;
	double *sum = calloc(n_groups * dim, sizeof(*sum));
	uint64_t n[SYC_PAIRS_GROUPS] = { 0 };
	const float *a, *b;
	size_t used = 0;
	uint32_t g = 0;
	int ret = sum ? 0 : syc_nomem(err);

	for (uint64_t i = 0; i < v->n && ret == 0; i++) {
		ret = view_get(v, i, &a, &b, err);
		if (ret < 0)
			break;
		g = balance ? view_letter(v, i) : 0;
		n[g]++;
		for (size_t c = 0; c < dim; c++)
			sum[g * dim + c] += (double)a[c] - (double)b[c];
	}
	memset(out, 0, dim * sizeof(*out));
	for (g = 0; g < n_groups && ret == 0; g++) {
		used += n[g] > 0;
		for (size_t c = 0; c < dim && n[g]; c++)
			out[c] += balance ? sum[g * dim + c] / (double)n[g] :
				  sum[g * dim + c];
	}
	for (size_t c = 0; c < dim && ret == 0; c++)
		out[c] /= balance ? (double)used : (double)v->n;
	free(sum);
	return ret;
}

int method_sign(double *u, const struct view *v, bool on, struct syc_err *err)
{
	const size_t dim = v->p->info.dim;
	struct balance w;
	const float *a, *b;
	double sum = 0, votes = 0;
	int ret = balance_begin(&w, v, on, false, err);

	for (uint64_t i = 0; i < v->n && ret == 0; i++) {
		double d;

		ret = view_get(v, i, &a, &b, err);
		if (ret < 0)
			break;
		d = mixed_dot(u, a, dim) - mixed_dot(u, b, dim);
		votes += ((d > 0) - (d < 0)) * balance_weight(&w, v, i);
		sum += d * balance_weight(&w, v, i);
	}
	/* Weights of even numbers may miss zero by rounding. */
	if (fabs(votes) < 1e-9)
		votes = sum;
	for (size_t c = 0; c < dim && ret == 0 && votes < 0; c++)
		u[c] = -u[c];
	balance_end(&w);
	return ret;
}

static int pca(double *out, const struct view *v, const struct syc_recipe *r,
	       struct syc_err *err)
{
	struct syc_pca *p;
	int ret = method_components(&p, v, r->center, 1, r->balance, err);

	if (ret < 0)
		return ret;
	if (p->n_comp)
		memcpy(out, p->vec, v->p->info.dim * sizeof(*out));
	else
		ret = syc_fail(err, SYC_EINVAL, "the pairs do not differ");
	syc_pca_free(p);
	return ret < 0 ? ret : method_sign(out, v, r->balance, err);
}

bool method_letters(uint32_t two[2], const struct syc_pairs_info *info)
{
	const struct syc_pairs_group *g = info->letter;
	uint32_t most[2] = { 0, UINT32_MAX };

	for (uint32_t i = 1; i < info->n_letters; i++) {
		if (g[i].n > g[most[0]].n) {
			most[1] = most[0];
			most[0] = i;
		} else if (most[1] == UINT32_MAX || g[i].n > g[most[1]].n) {
			most[1] = i;
		}
	}
	if (most[1] == UINT32_MAX)
		return false;
	two[0] = strcmp(g[most[0]].name, g[most[1]].name) < 0 ? most[0] : most[1];
	two[1] = two[0] == most[0] ? most[1] : most[0];
	return true;
}

/* Half the differences' mean with one matching answer less that with another. */
static int letters(double *out, const struct view *v,
		   const struct syc_recipe *r, struct syc_err *err)
{
	const struct syc_pairs_info *info = &v->p->info;
	uint32_t two[2];
	uint64_t n[2] = { 0, 0 };
	const float *a, *b;
	int ret = 0;

	(void)r;
	if (!method_letters(two, info))
		return syc_fail(err, SYC_EINVAL,
				"the pairs' matching answer is always the same");
	memset(out, 0, info->dim * sizeof(*out));
	for (uint64_t i = 0; i < v->n; i++)
		for (size_t k = 0; k < 2; k++)
			n[k] += view_letter(v, i) == two[k];
	if (!n[0] || !n[1])
		return syc_fail(err, SYC_EINVAL,
				"the pairs' matching answer is always the same");
	for (uint64_t i = 0; i < v->n && ret == 0; i++) {
		const uint32_t g = view_letter(v, i);
		const double w = g == two[0] ? 0.5 / (double)n[0] :
				 g == two[1] ? -0.5 / (double)n[1] : 0;

		ret = view_get(v, i, &a, &b, err);
		for (size_t c = 0; c < info->dim && ret == 0; c++)
			out[c] += w * ((double)a[c] - (double)b[c]);
	}
	return ret;
}

static int lda(double *out, const struct view *v, const struct syc_recipe *r,
	       struct syc_err *err)
{
	const struct syc_lda_opts o = { r->shrinkage_given, r->shrinkage };
	struct syc_moments *m[2] = { NULL, NULL };
	const float *x[2];
	struct syc_lda *l;
	struct balance w;
	int ret = balance_begin(&w, v, r->balance, false, err);

	if (ret == 0)
		ret = syc_moments_new(&m[0], v->p->info.dim, SYC_MOMENTS_COV,
				      err);

	if (ret == 0)
		ret = syc_moments_new(&m[1], v->p->info.dim, SYC_MOMENTS_COV,
				      err);
	for (uint64_t i = 0; i < v->n && ret == 0; i++) {
		const double weight = balance_weight(&w, v, i);

		ret = view_get(v, i, &x[0], &x[1], err);
		for (int side = 0; side < 2 && ret == 0; side++)
			ret = syc_moments_weigh(m[side], x[side], &weight, 1,
						err);
	}
	if (ret == 0)
		ret = syc_lda_fit(&l, m[0], m[1], &o, err);
	if (ret == 0) {
		memcpy(out, l->w, v->p->info.dim * sizeof(*out));
		syc_lda_free(l);
	}
	syc_moments_free(m[0]);
	syc_moments_free(m[1]);
	return ret;
}

/* Numbers 0, 1, ... for the pairs, the same for one that was picked twice. */
static void number_pairs(uint32_t *group, const struct view *v, uint32_t *seen)
{
	uint32_t next = 1;

	for (uint64_t i = 0; i < v->n; i++) {
		const uint64_t k = v->pick ? v->pick[i] : i;

		if (!seen[k])
			seen[k] = next++;
		group[2 * i] = group[2 * i + 1] = seen[k] - 1;
	}
}

/* What a regression is given: a pair's two rows, one behind the other. */
struct rows {
	float *x;		/* [2 n][dim] */
	int8_t *y;		/* [2 n] */
	double *weight;		/* [2 n] */
	uint32_t *group, *seen;	/* [2 n] the pair; [pairs] */
};

static int read_rows(struct rows *o, const struct view *v, bool balance,
		     struct syc_err *err)
{
	const size_t dim = v->p->info.dim, n = (size_t)v->n;
	const float *a, *b;
	struct balance w;
	int ret = balance_begin(&w, v, balance, false, err);

	o->x = calloc(2 * n * dim, sizeof(*o->x));
	o->y = calloc(2 * n, 1);
	o->group = calloc(2 * n, sizeof(*o->group));
	o->seen = calloc((size_t)v->p->info.n, sizeof(*o->seen));
	o->weight = calloc(2 * n, sizeof(*o->weight));
	if (!o->x || !o->y || !o->group || !o->seen || !o->weight)
		return syc_nomem(err);
	for (size_t i = 0; i < n && ret == 0; i++) {
		ret = view_get(v, i, &a, &b, err);
		if (ret < 0)
			return ret;
		memcpy(o->x + 2 * i * dim, a, dim * sizeof(*a));
		memcpy(o->x + (2 * i + 1) * dim, b, dim * sizeof(*b));
		o->y[2 * i] = 1;
		o->weight[2 * i] = o->weight[2 * i + 1] =
			balance_weight(&w, v, i);
	}
	number_pairs(o->group, v, o->seen);
	return ret;
}

/* The two of a pair are left out of a fit together. */
static int regress(struct syc_ridge **fit, const struct view *v,
		   const struct syc_recipe *r, struct syc_err *err)
{
	struct rows rows = { 0 };
	struct syc_ridge_opts o = {
		.lambda = r->lambda, .folds = r->folds, .seed = r->seed};
	int ret = read_rows(&rows, v, r->balance, err);

	o.group = rows.group;
	o.weight = r->balance ? rows.weight : NULL;
	if (ret == 0)
		ret = syc_ridge_fit(fit, rows.x, rows.y, 2 * (size_t)v->n,
				    v->p->info.dim, &o, err);
	free(rows.x);
	free(rows.y);
	free(rows.weight);
	free(rows.group);
	free(rows.seen);
	return ret;
}

static int logistic(double *out, const struct view *v,
		    const struct syc_recipe *r, struct syc_err *err)
{
	struct syc_ridge *fit;
	int ret = regress(&fit, v, r, err);

	if (ret < 0)
		return ret;
	memcpy(out, fit->w, v->p->info.dim * sizeof(*out));
	syc_ridge_free(fit);
	return 0;
}

static int choose_lambda(struct syc_recipe *r, const struct view *v,
			 struct syc_err *err)
{
	struct syc_ridge *fit;
	int ret = r->lambda > 0 ? 1 : regress(&fit, v, r, err);

	if (ret)
		return ret < 0 ? ret : 0;
	r->lambda = fit->lambda;
	syc_ridge_free(fit);
	return 0;
}

static int mean_method(double *out, const struct view *v,
		       const struct syc_recipe *r, struct syc_err *err)
{
	return method_mean(out, v, r->balance, err);
}

int method_control(double **out, size_t *n, const struct view *v, size_t k,
		   struct syc_err *err)
{
	const size_t dim = v->p->info.dim;
	struct syc_pca *p;
	double length;
	int ret;

	k = v->p->info.single ? k : 1;
	*n = 0;
	*out = calloc(k * dim, sizeof(**out));
	if (!*out)
		return syc_nomem(err);
	if (v->p->info.single) {
		ret = method_components(&p, v, SYC_CENTER_ALL, k, false, err);
		if (ret < 0)
			return ret;
		*n = p->n_comp;
		memcpy(*out, p->vec, *n * dim * sizeof(**out));
		syc_pca_free(p);
		return 0;
	}
	ret = method_mean(*out, v, false, err);
	length = double_length(*out, dim);
	for (size_t c = 0; c < dim && length > 0; c++)
		(*out)[c] /= length;
	*n = length > 0;
	return ret;
}

static const struct method {
	struct syc_method_info info;
	int (*direction)(double *out, const struct view *v,
			 const struct syc_recipe *r, struct syc_err *err);
	int (*settle)(struct syc_recipe *r, const struct view *v,
		      struct syc_err *err);
} methods[] = {
	[SYC_METHOD_MEAN] = {
		{ "mean", "the mean-difference vector of contrast pairs",
		  SYC_TAKES_BALANCE },
		mean_method, NULL,
	},
	[SYC_METHOD_PCA] = {
		{ "pca",
		  "a vector of the first principal component of contrast pairs",
		  SYC_TAKES_CENTER | SYC_TAKES_BALANCE },
		pca, NULL,
	},
	[SYC_METHOD_LDA] = {
		{ "lda",
		  "Fisher's discriminant of the two sides of contrast pairs",
		  SYC_TAKES_SHRINKAGE | SYC_TAKES_BALANCE },
		lda, NULL,
	},
	[SYC_METHOD_LOGISTIC] = {
		{ "logistic", "a vector of the weights of a logistic regression",
		  SYC_TAKES_RIDGE | SYC_TAKES_BALANCE },
		logistic, choose_lambda,
	},
	[SYC_METHOD_LETTERS] = {
		{ "letters", "the direction of one matching answer less another",
		  0 },
		letters, NULL,
	},
};
_Static_assert(sizeof(methods) / sizeof(*methods) == SYC_N_METHODS,
	       "a method without a row");

const struct syc_method_info *syc_method_info(unsigned method)
{
	return method < SYC_N_METHODS ? &methods[method].info : NULL;
}

const char *syc_center_name(unsigned center)
{
	static const char *const names[SYC_N_CENTERS] = {"pair", "all", "none"};

	return center < SYC_N_CENTERS ? names[center] : NULL;
}

const char *syc_normalize_name(unsigned normalize)
{
	static const char *const names[SYC_N_NORMALIZES] = {"none", "unit",
							    "per-layer-mean"};

	return normalize < SYC_N_NORMALIZES ? names[normalize] : NULL;
}

const char *syc_recipe_name(const struct syc_recipe *r)
{
	static const char *const pca_names[SYC_N_CENTERS] = {
		"pca-pair", "pca-all", "pca-none"};

	return r->method == SYC_METHOD_PCA ? pca_names[r->center] :
	       methods[r->method].info.name;
}

enum syc_method syc_method_find(const char *name)
{
	unsigned i = 0;

	while (i < SYC_N_METHODS && strcmp(methods[i].info.name, name) != 0)
		i++;
	return (enum syc_method)i;
}

int method_direction(double *out, const struct view *v,
		     const struct syc_recipe *r, struct syc_err *err)
{
	struct syc_err why;
	int ret = methods[r->method].direction(out, v, r, &why);

	if (ret == SYC_EINVAL)
		return syc_fail(err, ret, "layer %u: %.400s",
				(unsigned)v->p->layers[v->layer], why.msg);
	return ret < 0 ? syc_fail(err, ret, "%s", why.msg) : 0;
}

int method_settle(struct syc_recipe *r, const struct view *v,
		  struct syc_err *err)
{
	const struct method *m = &methods[r->method];

	return m->settle ? m->settle(r, v, err) : 0;
}
