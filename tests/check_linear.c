/* SPDX-License-Identifier: MIT */
/*
 * Moments, components, discriminants and ridge regression against figures of
 * numpy and scikit-learn, stored by tests/ref/linear.py.
 */
#include "config.h"
#include <string.h>
#include "base/rand.h"
#include "figures.h"
#include "syc/probe.h"
#include "syc/resample.h"
#include "syc/stat.h"

struct data {
	const char *name;
	const json_t *want;
	float *x;		/* [n][dim] */
	int8_t *y;
	size_t n, dim;
};

static void get_data(struct data *d, const json_t *item)
{
	size_t nx, ny;
	double *x = get_list(item, "x", &nx), *y = get_list(item, "y", &ny);

	d->name = json_string_value(json_object_get(item, "name"));
	d->want = item;
	d->n = (size_t)number(json_object_get(item, "n"));
	d->dim = (size_t)number(json_object_get(item, "dim"));
	ck_assert(nx == d->n * d->dim && ny == d->n);
	d->x = calloc(nx, sizeof(*d->x));
	d->y = calloc(ny, sizeof(*d->y));
	ck_assert(d->x && d->y);
	for (size_t i = 0; i < nx; i++)
		d->x[i] = (float)x[i];
	for (size_t i = 0; i < ny; i++)
		d->y[i] = (int8_t)y[i];
	free(x);
	free(y);
}

static void each_case(void (*check)(const struct data *))
{
	json_t *doc = load_figures("tests/data/linear_cases.json");
	struct data d;

	ck_assert_uint_ge(json_array_size(doc), 8);
	for (size_t i = 0; i < json_array_size(doc); i++) {
		get_data(&d, json_array_get(doc, i));
		check(&d);
		free(d.x);
		free(d.y);
	}
	json_decref(doc);
}

/* The moments of one class (or of all rows, with c < 0), added in pieces. */
static struct syc_moments *moments(const struct data *d,
				   enum syc_moments_kind kind, int c,
				   size_t piece)
{
	struct syc_moments *m;
	size_t n = 0;
	float *x = calloc(d->n * d->dim, sizeof(*x));

	ck_assert(x != NULL);
	for (size_t r = 0; r < d->n; r++)
		if (c < 0 || d->y[r] == c)
			memcpy(x + n++ * d->dim, d->x + r * d->dim,
			       d->dim * sizeof(*x));
	ck_assert_int_eq(syc_moments_new(&m, d->dim, kind, NULL), 0);
	for (size_t r = 0; r < n; r += piece)
		ck_assert_int_eq(syc_moments_add(m, x + r * d->dim,
						 n - r < piece ? n - r : piece,
						 NULL), 0);
	free(x);
	return m;
}

static void check_figures(const struct data *d, struct syc_moments *m)
{
	double *var = calloc(d->dim, sizeof(*var));

	ck_assert_uint_eq(syc_moments_n(m), d->n);
	near_list(d->name, d->want, "mean", syc_moments_mean(m), d->dim, 1e-12);
	syc_moments_var(m, var);
	near_list(d->name, d->want, "var", var, d->dim, 1e-10);
	if (syc_moments_scatter(m))
		near_key(d->name, d->want, "shrinkage", syc_ledoit_wolf(&m, 1),
			 1e-9, 1e-3);
	free(var);
}

static void check_moments(const struct data *d)
{
	for (int kind = SYC_MOMENTS_VAR; kind <= SYC_MOMENTS_COV; kind++) {
		struct syc_moments *m = moments(d, kind, -1, d->n), *a, *b;

		check_figures(d, m);
		syc_moments_free(m);
		/* Each class on its own, then merged; and into nothing. */
		a = moments(d, kind, 0, 3);
		b = moments(d, kind, 1, 1);
		ck_assert_int_eq(syc_moments_merge(a, b, NULL), 0);
		check_figures(d, a);
		ck_assert_int_eq(syc_moments_new(&m, d->dim, kind, NULL), 0);
		ck_assert_int_eq(syc_moments_merge(m, a, NULL), 0);
		syc_moments_free(m);
		ck_assert_int_eq(syc_moments_new(&m, d->dim, kind, NULL), 0);
		ck_assert_int_eq(syc_moments_merge(a, m, NULL), 0);
		check_figures(d, a);
		syc_moments_free(m);
		syc_moments_free(a);
		syc_moments_free(b);
	}
}

START_TEST(moments_agree_with_numpy)
{
	each_case(check_moments);
}
END_TEST

static void check_pieces(const struct data *d)
{
	struct syc_moments *a = moments(d, SYC_MOMENTS_COV, -1, d->n);

	for (size_t piece = 1; piece < 300; piece += 37) {
		struct syc_moments *b = moments(d, SYC_MOMENTS_COV, -1, piece);

		ck_assert_int_eq(memcmp(syc_moments_mean(a), syc_moments_mean(b),
					d->dim * sizeof(double)), 0);
		ck_assert_int_eq(memcmp(syc_moments_scatter(a),
					syc_moments_scatter(b),
					d->dim * d->dim * sizeof(double)), 0);
		syc_moments_free(b);
	}
	syc_moments_free(a);
}

START_TEST(pieces_change_no_bit)
{
	each_case(check_pieces);
}
END_TEST

static void check_pca(const struct data *d, const struct syc_pca *p,
		      const char *key)
{
	const json_t *want = json_object_get(d->want, key);
	const json_t *vec = json_object_get(want, "vec");

	ck_assert_msg(p->n_comp == json_array_size(vec),
		      "%s %s: %zu components, want %zu",
		      d->name, key, p->n_comp, json_array_size(vec));
	near_key(d->name, want, "total", p->total, 1e-9, 0);
	near_list(d->name, want, "var", p->var, p->n_comp, 1e-9);
	for (size_t c = 0; c < p->n_comp; c++)
		for (size_t i = 0; i < d->dim; i++)
			near(d->name, key, p->vec[c * d->dim + i],
			     number(json_array_get(json_array_get(vec, c), i)),
			     1e-7, 1);
}

static void check_both_pcas(const struct data *d)
{
	for (int centered = 0; centered < 2; centered++) {
		const char *key = centered ? "centred" : "uncentred";
		struct syc_moments *m = moments(d, SYC_MOMENTS_COV, -1, d->n);
		struct syc_pca *p;

		ck_assert_int_eq(syc_pca_moments(&p, m, centered, 3, NULL), 0);
		check_pca(d, p, key);
		syc_pca_free(p);
		ck_assert_int_eq(syc_pca_rows(&p, d->x, d->n, d->dim, centered,
					      3, NULL), 0);
		check_pca(d, p, key);
		syc_pca_free(p);
		syc_moments_free(m);
	}
}

START_TEST(components_agree_with_scikit_learn)
{
	each_case(check_both_pcas);
}
END_TEST

static void check_lda(const struct data *d)
{
	const json_t *all = json_object_get(d->want, "lda");
	struct syc_moments *pos = moments(d, SYC_MOMENTS_COV, 1, 5);
	struct syc_moments *neg = moments(d, SYC_MOMENTS_COV, 0, 5);
	struct syc_moments *both[] = { pos, neg };

	near_key(d->name, d->want, "within", syc_ledoit_wolf(both, 2), 1e-9, 1e-3);
	for (size_t i = 0; i < json_array_size(all); i++) {
		const json_t *want = json_array_get(all, i);
		struct syc_lda_opts o = { .fixed = i > 0 };
		struct syc_lda *l;

		o.shrinkage = i ? number(json_object_get(want, "shrinkage")) : 0;
		ck_assert_int_eq(syc_lda_fit(&l, pos, neg, &o, NULL), 0);
		near_key(d->name, want, "shrinkage", l->shrinkage, 1e-9, 1e-3);
		near_list(d->name, want, "w", l->w, d->dim, 1e-6);
		near_key(d->name, want, "bias", l->bias, 1e-6, 1);
		near_key(d->name, want, "dprime", l->dprime, 1e-6, 0);
		syc_lda_free(l);
	}
	syc_moments_free(pos);
	syc_moments_free(neg);
}

START_TEST(discriminant_agrees_with_scikit_learn)
{
	each_case(check_lda);
}
END_TEST

static void check_ridge(const struct data *d)
{
	const json_t *all = json_object_get(d->want, "ridge");

	for (size_t i = 0; i < json_array_size(all); i++) {
		const json_t *want = json_array_get(all, i);
		struct syc_ridge_opts o = {
			.lambda = number(json_object_get(want, "lambda")),
			.raw = json_is_true(json_object_get(want, "raw")),
		};
		struct syc_ridge *r;

		ck_assert_int_eq(syc_ridge_fit(&r, d->x, d->y, d->n, d->dim, &o,
					       NULL), 0);
		near_list(d->name, want, "w", r->w, d->dim, 2e-6);
		near_key(d->name, want, "bias", r->bias, 2e-6, 1);
		near_key(d->name, want, "loss", r->loss, 2e-6, 1e-3);
		ck_assert(isnan(r->cv_loss) && isnan(r->cv_auc));
		syc_ridge_free(r);
	}
}

START_TEST(ridge_agrees_with_scikit_learn)
{
	each_case(check_ridge);
}
END_TEST

/* Rows of two classes in dim numbers, the first of which tells them apart. */
static struct data made(size_t n, size_t dim, double gap)
{
	struct data d = { .name = "made", .n = n, .dim = dim };
	const uint64_t key = syc_rand_key(11, "made", n);

	d.x = calloc(n * dim, sizeof(*d.x));
	d.y = calloc(n, sizeof(*d.y));
	ck_assert(d.x && d.y);
	syc_random_directions(d.x, n, dim, sqrt((double)dim), 11, 0);
	for (size_t r = 0; r < n; r++) {
		d.y[r] = syc_rand_below(key, r, 2) == 1;
		d.x[r * dim] += (float)(gap * d.y[r]);
	}
	return d;
}

/*
 * The gradient of what is minimized vanishes at what is found, in either form,
 * and cross-validation finds the one number that says something.
 */
static void check_minimum(size_t n, size_t dim)
{
	struct data d = made(n, dim, n < dim ? 6 : 2.5);
	struct syc_moments *m = moments(&d, SYC_MOMENTS_VAR, -1, n);
	double *var = calloc(dim, sizeof(*var)), *g = calloc(dim, sizeof(*g)),
		slack = 0;
	struct syc_ridge *r;

	ck_assert_int_eq(syc_ridge_fit(&r, d.x, d.y, n, dim, NULL, NULL), 0);
	ck_assert_msg(r->cv_auc > 0.75 && r->cv_loss < 0.6 && r->lambda > 0,
		      "AUC %g, loss %g",
		      r->cv_auc, r->cv_loss);
	syc_moments_var(m, var);
	for (size_t i = 0; i < n; i++) {
		double eta = r->bias, e;

		for (size_t c = 0; c < dim; c++)
			eta += r->w[c] * d.x[i * dim + c];
		e = 1 / (1 + exp(-eta)) - d.y[i];
		slack += e;
		for (size_t c = 0; c < dim; c++)
			g[c] += e * d.x[i * dim + c];
	}
	near("gradient", "bias", slack, 0, 1e-6, 1);
	for (size_t c = 0; c < dim; c++) {
		near("gradient", "weight", g[c] + r->lambda * r->w[c] * var[c],
		     0, 1e-5, 1);
		ck_assert(c == 0 || n < dim || fabs(r->w[c]) < r->w[0]);
	}
	syc_ridge_free(r);
	syc_moments_free(m);
	free(var);
	free(g);
	free(d.x);
	free(d.y);
}

START_TEST(ridge_is_at_its_minimum)
{
	check_minimum(60, 200);
	check_minimum(300, 30);
}
END_TEST

/* Centering differences takes out their mean; the halved differences keep it. */
START_TEST(centering_removes_the_mean_difference)
{
	struct data d = made(50, 6, 0);
	struct syc_pca *p;
	double cosine[2];

	for (size_t r = 0; r < d.n; r++)
		d.x[r * 6 + 3] += 5;
	for (int centered = 0; centered < 2; centered++) {
		ck_assert_int_eq(syc_pca_rows(&p, d.x, d.n, 6, centered, 1,
					      NULL), 0);
		cosine[centered] = fabs(p->vec[3]);
		syc_pca_free(p);
	}
	ck_assert(cosine[0] > 0.98 && cosine[1] < 0.9);
	free(d.x);
	free(d.y);
}
END_TEST

START_TEST(random_directions_are_even)
{
	enum { N = 4000, D = 7 };
	float *x = calloc(N, D * sizeof(*x)), *y = calloc(D, sizeof(*y)), dots[4];
	struct syc_moments *m;
	double var[D];

	syc_random_directions(x, N, D, 2, 5, 0);
	ck_assert_int_eq(syc_moments_new(&m, D, SYC_MOMENTS_VAR, NULL), 0);
	ck_assert_int_eq(syc_moments_add(m, x, N, NULL), 0);
	syc_moments_var(m, var);
	for (size_t i = 0; i < D; i++) {
		ck_assert(fabs(syc_moments_mean(m)[i]) < 0.06);
		ck_assert(fabs(var[i] - 4.0 / D) < 0.06);
	}
	for (size_t i = 0; i < N; i++) {
		double square = 0;

		for (size_t c = 0; c < D; c++)
			square += x[i * D + c] * x[i * D + c];
		ck_assert(fabs(square - 4) < 1e-5);
	}
	/* One alone is the same as one of many; another seed is another. */
	syc_random_directions(y, 1, D, 2, 5, 77);
	ck_assert_int_eq(memcmp(y, x + 77 * D, D * sizeof(*y)), 0);
	syc_random_directions(y, 1, D, 2, 6, 77);
	ck_assert_int_ne(memcmp(y, x + 77 * D, D * sizeof(*y)), 0);
	syc_project(dots, x, 2, x, 2, D);
	ck_assert(fabsf(dots[0] - 4) < 1e-5f && fabsf(dots[3] - 4) < 1e-5f &&
		  dots[1] == dots[2]);
	syc_moments_free(m);
	free(x);
	free(y);
}
END_TEST

static void refused(int ret, const struct syc_err *err, const char *text)
{
	ck_assert_int_lt(ret, 0);
	ck_assert_msg(strstr(err->msg, text) != NULL, "'%s' lacks '%s'",
		      err->msg, text);
}

START_TEST(bad_input_is_refused)
{
	float x[] = { 1, 2, 3, 4, NAN, 6 }, same[] = { 1, 1, 1, 1, 1, 1 };
	int8_t y[] = { 0, 1, 1 }, one[] = { 1, 1, 1 }, odd[] = { 0, 1, -1 };
	struct syc_moments *m, *k;
	struct syc_ridge *r;
	struct syc_pca *p;
	struct syc_lda *l;
	struct syc_err err;

	refused(syc_moments_new(&m, 0, SYC_MOMENTS_COV, &err), &err, "0 numbers");
	ck_assert_int_eq(syc_moments_new(&m, 2, SYC_MOMENTS_COV, NULL), 0);
	ck_assert_int_eq(syc_moments_new(&k, 2, SYC_MOMENTS_MEAN, NULL), 0);
	refused(syc_pca_moments(&p, m, false, 1, &err), &err, "too few rows");
	refused(syc_moments_add(m, x, 3, &err), &err, "row 2, component 0");
	ck_assert_uint_eq(syc_moments_n(m), 2);
	refused(syc_moments_merge(m, k, &err), &err, "different rows");
	refused(syc_pca_moments(&p, k, false, 1, &err), &err, "need covariances");
	refused(syc_lda_fit(&l, m, k, NULL, &err), &err, "needs covariances");
	refused(syc_pca_rows(&p, x, 3, 2, true, 1, &err), &err, "row 2");
	refused(syc_pca_rows(&p, x, 1, 2, true, 1, &err), &err, "too few rows");
	refused(syc_ridge_fit(&r, x, y, 3, 2, NULL, &err), &err, "row 2");
	refused(syc_ridge_fit(&r, x, one, 3, 2, NULL, &err), &err, "one class");
	refused(syc_ridge_fit(&r, x, odd, 3, 2, NULL, &err), &err,
		"row 2 is not 0 or 1");
	refused(syc_ridge_fit(&r, same, y, 3, 2, NULL, &err), &err,
		"5 folds of 3 rows");
	ck_assert(isnan(syc_ledoit_wolf(&k, 1)));
	syc_moments_free(m);
	/* No variance within the classes: singular, whatever the shrinkage. */
	syc_moments_free(k);
	ck_assert_int_eq(syc_moments_new(&m, 2, SYC_MOMENTS_COV, NULL), 0);
	ck_assert_int_eq(syc_moments_new(&k, 2, SYC_MOMENTS_COV, NULL), 0);
	refused(syc_lda_fit(&l, m, k, NULL, &err), &err, "rows of both classes");
	ck_assert_int_eq(syc_moments_add(m, same, 3, NULL), 0);
	ck_assert_int_eq(syc_moments_add(k, same, 2, NULL), 0);
	refused(syc_lda_fit(&l, m, k, NULL, &err), &err, "singular");
	refused(syc_lda_fit(&l, m, k, &(struct syc_lda_opts){ true, 2 }, &err),
		&err, "[0, 1]");
	ck_assert_int_eq(syc_pca_rows(&p, same, 3, 2, true, 1, NULL), 0);
	ck_assert_uint_eq(p->n_comp, 0);
	syc_pca_free(p);
	syc_moments_free(m);
	syc_moments_free(k);
}
END_TEST

/* Every fold has its share of both classes; groups stay whole. */
START_TEST(folds_are_fair)
{
	enum { N = 103, K = 5 };
	uint32_t group[N], fold[N], again[N], of_group[N];
	int8_t y[N];
	size_t pos[K] = { 0 }, rows[K] = { 0 };

	for (size_t i = 0; i < N; i++) {
		y[i] = i % 3 == 0;
		group[i] = (uint32_t)(i * i % 29);
		of_group[i] = UINT32_MAX;
	}
	ck_assert_int_eq(syc_stat_folds(fold, y, NULL, N, K, 1, NULL), 0);
	for (size_t i = 0; i < N; i++) {
		rows[fold[i]]++;
		pos[fold[i]] += y[i] == 1;
	}
	for (size_t k = 0; k < K; k++)
		ck_assert(rows[k] >= 20 && rows[k] <= 22 && pos[k] >= 7 &&
			  pos[k] <= 7);
	/* As many folds as rows: one each. */
	memset(of_group, 0, sizeof(of_group));
	ck_assert_int_eq(syc_stat_folds(fold, y, NULL, N, N, 1, NULL), 0);
	for (size_t i = 0; i < N; i++)
		ck_assert_uint_eq(of_group[fold[i]]++, 0);
	for (size_t i = 0; i < N; i++)
		of_group[i] = UINT32_MAX;
	ck_assert_int_eq(syc_stat_folds(fold, y, NULL, N, K, 1, NULL), 0);
	ck_assert_int_eq(syc_stat_folds(again, y, NULL, N, K, 2, NULL), 0);
	ck_assert_int_ne(memcmp(fold, again, sizeof(fold)), 0);
	ck_assert_int_eq(syc_stat_folds(fold, y, group, N, K, 1, NULL), 0);
	memset(rows, 0, sizeof(rows));
	for (size_t i = 0; i < N; i++) {
		if (of_group[group[i]] == UINT32_MAX)
			of_group[group[i]] = fold[i];
		ck_assert_uint_eq(of_group[group[i]], fold[i]);
		rows[fold[i]]++;
	}
	for (size_t k = 0; k < K; k++)
		ck_assert(rows[k] >= 14 && rows[k] <= 28);
	group[5] = N;
	ck_assert_int_eq(syc_stat_folds(fold, y, group, N, K, 1, NULL), SYC_EINVAL);
	ck_assert_int_eq(syc_stat_folds(fold, y, NULL, 3, K, 1, NULL), SYC_EINVAL);
}
END_TEST

enum { W_ROWS = 40, W_DIM = 5, W_MOST = 3 };

/* Rows with weights 1, 2, 3, 1, ..., and the same written out. */
static struct weighted {
	float x[W_ROWS * W_DIM], many[W_ROWS * W_MOST * W_DIM];
	int8_t y[W_ROWS], y_many[W_ROWS * W_MOST];
	double weight[W_ROWS];
} rows;

/* The first n rows; returns how many they are written out. */
static size_t weigh(size_t n)
{
	size_t all = 0;

	for (size_t r = 0; r < n; r++) {
		float *x = rows.x + r * W_DIM;

		rows.y[r] = (int8_t)(r % 2);
		rows.weight[r] = (double)(1 + r % W_MOST);
		for (size_t i = 0; i < W_DIM; i++)
			x[i] = (float)(syc_rand_unit(3, r * W_DIM + i) + rows.y[r] * (i == 1));
		for (size_t k = 0; k <= r % W_MOST; k++) {
			memcpy(rows.many + all * W_DIM, x, W_DIM * sizeof(*x));
			rows.y_many[all++] = rows.y[r];
		}
	}
	return all;
}

/* By the kernel, and by weights. */
START_TEST(ridge_weights_are_counts)
{
	for (size_t n = 4; n <= W_ROWS; n += W_ROWS - 4) {
		struct syc_ridge_opts o = { .lambda = 2, .raw = true };
		const size_t all = weigh(n);
		struct syc_ridge *a, *b;

		ck_assert_int_eq(syc_ridge_fit(&b, rows.many, rows.y_many, all, W_DIM, &o, NULL),
				 0);
		o.weight = rows.weight;
		ck_assert_int_eq(syc_ridge_fit(&a, rows.x, rows.y, n, W_DIM, &o, NULL), 0);
		for (size_t i = 0; i < W_DIM; i++)
			ck_assert(fabs(a->w[i] - b->w[i]) < 1e-9);
		ck_assert(fabs(a->bias - b->bias) < 1e-8);
		ck_assert(fabs(a->loss - b->loss) < 1e-9);
		syc_ridge_free(a);
		syc_ridge_free(b);
	}
}
END_TEST

/* What does not depend on the number of rows is the same. */
START_TEST(moment_weights_are_counts)
{
	const size_t all = weigh(W_ROWS);
	double var[2][W_DIM];
	struct syc_moments *a, *b;

	ck_assert_int_eq(syc_moments_new(&a, W_DIM, SYC_MOMENTS_COV, NULL), 0);
	ck_assert_int_eq(syc_moments_new(&b, W_DIM, SYC_MOMENTS_COV, NULL), 0);
	for (size_t r = 0; r < W_ROWS; r++)
		ck_assert_int_eq(syc_moments_weigh(a, rows.x + r * W_DIM, rows.weight + r, 1, NULL),
				 0);
	ck_assert_int_eq(syc_moments_add(b, rows.many, all, NULL), 0);
	syc_moments_var(a, var[0]);
	syc_moments_var(b, var[1]);
	for (size_t i = 0; i < W_DIM; i++) {
		ck_assert(fabs(syc_moments_mean(a)[i] - syc_moments_mean(b)[i]) < 1e-12);
		ck_assert(fabs(var[0][i] - var[1][i]) < 1e-12);
	}
	ck_assert_uint_eq(syc_moments_n(a), W_ROWS);
	syc_moments_free(a);
	syc_moments_free(b);
}
END_TEST

static const struct test tests[] = {
	TEST(moments_agree_with_numpy),
	TEST(pieces_change_no_bit),
	TEST(components_agree_with_scikit_learn),
	TEST(discriminant_agrees_with_scikit_learn),
	TEST(ridge_agrees_with_scikit_learn),
	TEST(ridge_is_at_its_minimum),
	TEST(centering_removes_the_mean_difference),
	TEST(random_directions_are_even),
	TEST(bad_input_is_refused),
	TEST(folds_are_fair),
	TEST(ridge_weights_are_counts), TEST(moment_weights_are_counts),
};

int main(void)
{
	return RUN_TESTS("linear", tests);
}
