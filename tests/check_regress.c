/* SPDX-License-Identifier: MIT */
/*
 * Firth's penalized ratio, linear fits, weights and intervals of correlations
 * against figures stored by tests/ref/regress.py.
 */
#include "config.h"
#include <string.h>
#include "figures.h"
#include "syc/logit.h"
#include "syc/regress.h"

/* A case of the file; c and w are NULL where it has none. */
struct rows {
	const json_t *want;
	const char *name;
	double *x, *y, *w;
	int8_t *label;
	uint32_t *c;
	size_t n;
};

static double *get_some(const json_t *from, const char *key)
{
	size_t n;

	return json_is_array(json_object_get(from, key)) ? get_list(from, key, &n) : NULL;
}

static void get_rows(struct rows *r, const json_t *item)
{
	double *c = get_some(item, "c");

	*r = (struct rows){ .want = item };
	r->name = json_string_value(json_object_get(item, "name"));
	r->x = get_list(item, "x", &r->n);
	r->y = get_some(item, "y");
	r->w = get_some(item, "w");
	r->label = calloc(r->n, sizeof(*r->label));
	r->c = c ? calloc(r->n, sizeof(*r->c)) : NULL;
	for (size_t i = 0; i < r->n; i++) {
		r->label[i] = (int8_t)r->y[i];
		if (c)
			r->c[i] = (uint32_t)c[i];
	}
	free(c);
}

static void free_rows(struct rows *r)
{
	free(r->x);
	free(r->y);
	free(r->w);
	free(r->label);
	free(r->c);
}

static void each(const char *list, size_t least, void (*check)(struct rows *r))
{
	json_t *doc = load_figures("tests/data/regress_cases.json");
	const json_t *all = json_object_get(doc, list);

	ck_assert_uint_ge(json_array_size(all), least);
	for (size_t i = 0; i < json_array_size(all); i++) {
		struct rows r;

		get_rows(&r, json_array_get(all, i));
		check(&r);
		free_rows(&r);
	}
	json_decref(doc);
}

static void figure(const struct rows *r, const char *key, double got)
{
	near_key(r->name, r->want, key, got, 1e-7, 1e-6);
}

static void check_firth(struct rows *r)
{
	const size_t k = (size_t)number(json_object_get(r->want, "k"));
	double *cols = get_some(r->want, "cols");
	struct syc_logit_adjusted a;
	struct syc_logit f;

	ck_assert_int_eq(syc_stat_logit_adjusted(&a, r->x, cols, k, r->label, r->n,
						 NULL, NULL), 0);
	ck_assert_int_eq(syc_stat_logit(&f, r->x, r->label, r->n, NULL), 0);
	for (int i = 0; i < (k ? 1 : 2); i++) {
		const struct syc_logit *g = i ? &f : &a.with;

		ck_assert_int_eq(g->method, SYC_LOGIT_FIRTH);
		figure(r, "slope", g->slope);
		figure(r, "z", g->z);
		figure(r, "lo", g->lo);
		figure(r, "hi", g->hi);
		near_key(r->name, r->want, "p", g->p, 1e-6, 0);
	}
	ck_assert(a.p == a.with.p);
	free(cols);
}

START_TEST(firths_ratio_agrees_with_direct_maximization)
{
	each("firth", 7, check_firth);
}
END_TEST

/* Rows that belong together, or do not weigh the same, have no ratio. */
static void check_no_ratio(struct rows *r)
{
	struct syc_logit_opts o = { .cluster = calloc(r->n, sizeof(uint32_t)) };
	uint32_t *c = (uint32_t *)o.cluster;
	double *w = calloc(r->n, sizeof(*w));
	struct syc_logit f, plain;

	for (size_t i = 0; i < r->n; i++) {
		c[i] = (uint32_t)i / 2;
		w[i] = 2;
	}
	ck_assert_int_eq(syc_stat_logit(&plain, r->x, r->label, r->n, NULL), 0);
	for (int i = 0; plain.method == SYC_LOGIT_FIRTH && i < 2; i++) {
		ck_assert_int_eq(syc_stat_logit_with(&f, r->x, r->label, r->n, &o,
						     NULL), 0);
		ck_assert(f.method == SYC_LOGIT_FIRTH && isfinite(f.se));
		near(r->name, "slope", f.slope, plain.slope, 1e-9, 0);
		ck_assert(isnan(f.z) && isnan(f.p) && isnan(f.lo) && isnan(f.hi));
		o = (struct syc_logit_opts){ .weight = w };
	}
	free(c);
	free(w);
}

START_TEST(firth_has_no_p_with_clusters_or_weights)
{
	each("firth", 7, check_no_ratio);
}
END_TEST

static void check_line(struct rows *r)
{
	const struct syc_stat_opts o = { .cluster = r->c, .weight = r->w };
	struct syc_line f;

	ck_assert_int_eq(syc_stat_line(&f, r->x, r->y, r->n, &o, NULL), 0);
	ck_assert(!f.why && f.n == r->n);
	figure(r, "clusters", (double)f.n_clusters);
	figure(r, "mean", f.mean);
	figure(r, "sd", f.sd);
	figure(r, "intercept", f.intercept);
	figure(r, "slope", f.slope);
	figure(r, "se", f.se);
	figure(r, "t", f.t);
	figure(r, "p", f.p);
	figure(r, "lo", f.lo);
	figure(r, "hi", f.hi);
	figure(r, "r", f.r);
	figure(r, "r_lo", f.r_lo);
	figure(r, "r_hi", f.r_hi);
	figure(r, "rho", f.rho);
	figure(r, "rho_p", f.rho_p);
	figure(r, "rho_lo", f.rho_lo);
	figure(r, "rho_hi", f.rho_hi);
	near(r->name, "r2", f.r2, f.r * f.r, 1e-15, 0);
	near(r->name, "at", syc_stat_line_at(&f, f.mean + 2 * f.sd),
	     f.intercept + 2 * f.slope, 1e-9, 1);
}

START_TEST(lines_agree_with_statsmodels_and_scipy)
{
	each("lines", 6, check_line);
}
END_TEST

static void check_weighted(struct rows *r)
{
	const struct syc_logit_opts lo = { .cluster = r->c, .weight = r->w };
	const struct syc_stat_opts o = { .cluster = r->c, .weight = r->w };
	struct syc_logit f;
	struct syc_auc a;

	ck_assert_int_eq(syc_stat_logit_with(&f, r->x, r->label, r->n, &lo, NULL), 0);
	figure(r, "slope", f.slope);
	figure(r, "intercept", f.intercept);
	figure(r, "se", f.se);
	figure(r, "p", f.p);
	figure(r, "loglik", f.loglik);
	ck_assert_int_eq(syc_stat_auc_with(&a, r->x, r->label, r->n, &o, NULL), 0);
	figure(r, "auc", a.auc);
	figure(r, "auc_se", a.se);
	ck_assert(a.lo < a.auc && a.auc < a.hi);
}

START_TEST(weighted_fits_agree_with_statsmodels)
{
	each("logits", 2, check_weighted);
}
END_TEST

static void check_corr(struct rows *r)
{
	struct syc_corr c;

	ck_assert_int_eq(syc_stat_corr_clustered(&c, r->x, r->label, r->c, r->n,
						 NULL), 0);
	figure(r, "r", c.r);
	figure(r, "lo", c.lo);
	figure(r, "hi", c.hi);
	figure(r, "p", c.p);
}

START_TEST(intervals_of_r_agree_with_their_definition)
{
	each("corrs", 3, check_corr);
}
END_TEST

enum { ROWS = 12, COPIES = 40 };

/* Each row as often as its whole weight. */
struct copies {
	double x[COPIES], y[COPIES];
	int8_t label[COPIES];
	size_t n;
};

static const double xs[ROWS] = { .1, .4, .4, .9, -1, 2, 1.5, -.3, .7, .2, -2, 1 };
static const double ys[ROWS] = { 1, 0, 3, 2, 1, 4, 2, 2, 0, 1, -1, 2.5 };
static const double ws[ROWS] = { 1, 3, 2, 1, 4, 2, 1, 1, 5, 2, 1, 3 };
static const int8_t labels[ROWS] = { 1, 0, 1, 1, 0, 1, 0, 0, 1, 0, 0, 1 };

static void repeat(struct copies *r)
{
	r->n = 0;
	for (size_t i = 0; i < ROWS; i++)
		for (int k = 0; k < ws[i]; k++) {
			r->x[r->n] = xs[i];
			r->y[r->n] = ys[i];
			r->label[r->n++] = labels[i];
		}
}

START_TEST(whole_weights_are_rows_repeated)
{
	const struct syc_stat_opts o = { .weight = ws };
	const struct syc_logit_opts lo = { .weight = ws };
	struct syc_logit_adjusted c, d;
	struct syc_logit f, g;
	struct syc_line k, l;
	struct syc_auc a, b;
	struct copies r;

	repeat(&r);
	ck_assert_int_eq(syc_stat_auc_with(&a, xs, labels, ROWS, &o, NULL), 0);
	ck_assert_int_eq(syc_stat_auc(&b, r.x, r.label, r.n, NULL), 0);
	near("auc", "weighted", a.auc, b.auc, 1e-14, 0);
	ck_assert(a.se > b.se && a.lo < b.lo && a.n_pos + a.n_neg == ROWS);
	ck_assert_int_eq(syc_stat_logit_with(&f, xs, labels, ROWS, &lo, NULL), 0);
	ck_assert_int_eq(syc_stat_logit(&g, r.x, r.label, r.n, NULL), 0);
	near("logit", "slope", f.slope / f.sd, g.slope / g.sd, 1e-9, 0);
	near("logit", "at", syc_stat_logit_at(&f, 0.3), syc_stat_logit_at(&g, 0.3),
	     1e-9, 0);
	near("logit", "r2", f.r2, g.r2, 1e-9, 0);
	ck_assert_int_eq(syc_stat_logit_adjusted(&c, xs, ys, 1, labels, ROWS, &lo,
						 NULL), 0);
	ck_assert_int_eq(syc_stat_logit_adjusted(&d, r.x, r.y, 1, r.label, r.n, NULL,
						 NULL), 0);
	near("adjusted", "slope", c.with.slope / c.with.sd, d.with.slope / d.with.sd,
	     1e-8, 0);
	near("adjusted", "r2_rest", c.r2_rest, d.r2_rest, 1e-9, 0);
	ck_assert(isnan(c.p) && isfinite(d.p) && isfinite(c.with.p));
	ck_assert_int_eq(syc_stat_line(&k, xs, ys, ROWS, &o, NULL), 0);
	ck_assert_int_eq(syc_stat_line(&l, r.x, r.y, r.n, NULL, NULL), 0);
	near("line", "slope", k.slope / k.sd, l.slope / l.sd, 1e-12, 0);
	near("line", "r", k.r, l.r, 1e-12, 0);
	near("line", "rho", k.rho, l.rho, 1e-12, 0);
}
END_TEST

/* Firth's penalty is that of the weighted information, as logistf's is. */
START_TEST(weighted_firth_is_that_of_rows_scaled)
{
	const double x[] = { 0, 0, 1, 1 };
	const int8_t y[] = { 0, 0, 1, 1 };
	const double w[] = { 1, 5, 3, 3 };
	const struct syc_logit_opts o = { .weight = w };
	struct syc_logit f;

	/* A class's log odds are those of its weight, of 4 in all, and a half. */
	ck_assert_int_eq(syc_stat_logit_with(&f, x, y, 4, &o, NULL), 0);
	ck_assert_int_eq(f.method, SYC_LOGIT_FIRTH);
	near("firth", "odds", syc_stat_logit_at(&f, 1), 2.5 / 3, 1e-9, 0);
	near("firth", "odds", syc_stat_logit_at(&f, 0), 0.5 / 3, 1e-9, 0);
}
END_TEST

/* Rows without a weight that counts are not there, nor is the order of rows. */
START_TEST(rows_of_no_weight_are_left_out)
{
	double x[ROWS + 3], y[ROWS + 3], w[ROWS + 3];
	const struct syc_stat_opts o = { .weight = w }, kept = { .weight = ws };
	int8_t label[ROWS + 3];
	struct syc_line f, g;
	struct syc_auc a, b;

	for (size_t i = 0; i < ROWS + 3; i++) {
		const size_t from = (i * 5 + 2) % ROWS;

		x[i] = i < ROWS ? xs[from] : 7;
		y[i] = i < ROWS ? ys[from] : -3;
		label[i] = i < ROWS ? labels[from] : 1;
		w[i] = i < ROWS ? ws[from] * 8 : i == ROWS ? 0 : i > ROWS + 1 ? NAN : -1;
	}
	ck_assert_int_eq(syc_stat_line(&f, x, y, ROWS + 3, &o, NULL), 0);
	ck_assert_int_eq(syc_stat_line(&g, xs, ys, ROWS, &kept, NULL), 0);
	ck_assert(f.n == ROWS && f.slope == g.slope && f.se == g.se &&
		  f.rho_lo == g.rho_lo);
	ck_assert_int_eq(syc_stat_auc_with(&a, x, label, ROWS + 3, &o, NULL), 0);
	ck_assert_int_eq(syc_stat_auc_with(&b, xs, labels, ROWS, &kept, NULL), 0);
	ck_assert(a.auc == b.auc && a.n_pos == b.n_pos && a.n_dropped == 0);
}
END_TEST

START_TEST(lines_that_are_not_defined)
{
	static const double x[] = { 1, 2, 3, NAN }, same[] = { 5, 5, 5, 5 };
	static const uint32_t one[] = { 2, 2, 2, 2 };
	const struct syc_stat_opts o = { .cluster = one };
	struct syc_line f;

	ck_assert_int_eq(syc_stat_line(&f, x, same, 4, NULL, NULL), 0);
	ck_assert_str_eq(f.why, "all outcomes are equal");
	ck_assert(f.n == 3 && isnan(f.slope) && isnan(f.rho));
	ck_assert(isnan(syc_stat_line_at(&f, 1)));
	ck_assert_int_eq(syc_stat_line(&f, same, x, 4, NULL, NULL), 0);
	ck_assert_str_eq(f.why, "all scores are equal");
	ck_assert_int_eq(syc_stat_line(&f, x, x, 2, NULL, NULL), 0);
	ck_assert_str_eq(f.why, "fewer than three rows");
	ck_assert_int_eq(syc_stat_line(&f, x, ys, 0, NULL, NULL), 0);
	ck_assert_str_eq(f.why, "no rows");
	ck_assert_int_eq(syc_stat_line(&f, x, ys, 3, &o, NULL), 0);
	ck_assert_str_eq(f.why, "one cluster only");
	/* A line without a residual. */
	ck_assert_int_eq(syc_stat_line(&f, x, x, 3, NULL, NULL), 0);
	ck_assert(!f.why && f.r == 1 && f.rho == 1 && isnan(f.r_lo) && f.p < 1e-6);
}
END_TEST

static const struct test tests[] = {
	TEST(firths_ratio_agrees_with_direct_maximization),
	TEST(firth_has_no_p_with_clusters_or_weights),
	TEST(lines_agree_with_statsmodels_and_scipy),
	TEST(weighted_fits_agree_with_statsmodels),
	TEST(intervals_of_r_agree_with_their_definition),
	TEST(whole_weights_are_rows_repeated),
	TEST(weighted_firth_is_that_of_rows_scaled),
	TEST(rows_of_no_weight_are_left_out),
	TEST(lines_that_are_not_defined),
};

int main(void)
{
	return RUN_TESTS("regress", tests);
}
