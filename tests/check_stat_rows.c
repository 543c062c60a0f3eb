/* SPDX-License-Identifier: MIT */
/*
 * Statistics of several scores, of clusters and of tails against figures of
 * pROC, statsmodels and mpmath, stored by tests/ref/stat.py.
 */
#include "config.h"
#include <string.h>
#include "figures.h"
#include "syc/logit.h"

/* Two scores, a label and perhaps clusters. */
struct rows {
	const char *name;
	double *a, *b;
	int8_t *y;
	uint32_t *c;
	size_t n;
};

static void get_rows(struct rows *r, const json_t *item)
{
	double *y, *c;
	size_t n;

	r->name = json_string_value(json_object_get(item, "name"));
	r->a = get_list(item, "a", &r->n);
	r->b = get_list(item, "b", &n);
	y = get_list(item, "y", &n);
	r->y = calloc(n, sizeof(*r->y));
	r->c = calloc(n, sizeof(*r->c));
	c = json_object_get(item, "c") ? get_list(item, "c", &n) : NULL;
	for (size_t i = 0; i < n; i++) {
		r->y[i] = (int8_t)y[i];
		r->c[i] = c ? (uint32_t)c[i] : 0;
	}
	free(y);
	free(c);
}

static void free_rows(struct rows *r)
{
	free(r->a);
	free(r->b);
	free(r->y);
	free(r->c);
}

START_TEST(paired_difference_agrees_with_proc)
{
	json_t *doc = load_figures("tests/data/stat_cases.json"),
		*all = json_object_get(doc, "pairs");

	ck_assert_uint_ge(json_array_size(all), 4);
	for (size_t i = 0; i < json_array_size(all); i++) {
		const json_t *w = json_array_get(all, i);
		struct syc_auc_diff d, e;
		struct rows r;

		get_rows(&r, w);
		ck_assert_int_eq(syc_stat_auc_diff(&d, r.a, r.b, r.y, NULL, r.n,
						   NULL), 0);
		near_key(r.name, w, "auc_a", d.a, 1e-12, 0);
		near_key(r.name, w, "auc_b", d.b, 1e-12, 0);
		near_key(r.name, w, "diff", d.diff, 1e-12, 1e-3);
		near_key(r.name, w, "se", d.se, 1e-10, 0);
		near_key(r.name, w, "z", d.z, 1e-9, 0);
		near_key(r.name, w, "p", d.p, 1e-8, 0);
		near_key(r.name, w, "plain_lo", d.plain_lo, 1e-9, 0);
		near_key(r.name, w, "plain_hi", d.plain_hi, 1e-9, 0);
		ck_assert(d.lo <= d.diff && d.diff <= d.hi && d.lo >= -1 &&
			  d.hi <= 1);
		/* The other way round it is the same with the other sign. */
		ck_assert_int_eq(syc_stat_auc_diff(&e, r.b, r.a, r.y, NULL, r.n,
						   NULL), 0);
		near(r.name, "turned", e.diff, -d.diff, 0, 0);
		near(r.name, "turned", e.lo, -d.hi, 1e-12, 1);
		/* A score does not differ from itself. */
		ck_assert_int_eq(syc_stat_auc_diff(&e, r.a, r.a, r.y, NULL, r.n,
						   NULL), 0);
		ck_assert(e.diff == 0 && e.se < 1e-7 && e.lo <= 0 && e.hi >= 0);
		free_rows(&r);
	}
	json_decref(doc);
}
END_TEST

START_TEST(clusters_agree_with_their_definition)
{
	json_t *doc = load_figures("tests/data/stat_cases.json"),
		*all = json_object_get(doc, "clusters");

	ck_assert_uint_ge(json_array_size(all), 4);
	for (size_t i = 0; i < json_array_size(all); i++) {
		const json_t *w = json_array_get(all, i);
		struct syc_auc_diff d;
		struct syc_logit f;
		struct syc_corr c;
		struct syc_auc a;
		struct rows r;

		get_rows(&r, w);
		ck_assert_int_eq(syc_stat_auc_clustered(&a, r.a, r.y, r.c, r.n,
							NULL), 0);
		near_key(r.name, w, "auc_a", a.auc, 1e-12, 0);
		near_key(r.name, w, "se_a", a.se, 1e-10, 0);
		near_key(r.name, w, "lo", a.lo, 1e-9, 0);
		near_key(r.name, w, "hi", a.hi, 1e-9, 0);
		near_key(r.name, w, "clusters", (double)a.n_clusters, 0, 0);
		ck_assert_int_eq(syc_stat_auc_within(&a, r.a, r.y, r.c, NULL,
						     r.n, NULL), 0);
		near_key(r.name, w, "within_auc", a.auc, 1e-12, 0);
		near_key(r.name, w, "within_se", a.se, 1e-10, 0);
		ck_assert_int_eq(syc_stat_auc_diff(&d, r.a, r.b, r.y, r.c, r.n,
						   NULL), 0);
		near_key(r.name, w, "diff_se", d.se, 1e-9, 0);
		near_key(r.name, w, "diff_p", d.p, 1e-8, 0);
		ck_assert_int_eq(syc_stat_logit_with(&f, r.a, r.y, r.n,
				 &(struct syc_logit_opts){ .cluster = r.c },
				 NULL), 0);
		near_key(r.name, w, "slope", f.slope, 1e-7, 0);
		near_key(r.name, w, "slope_se", f.se, 1e-7, 0);
		near_key(r.name, w, "slope_p", f.p, 1e-6, 0);
		near_key(r.name, w, "clusters", (double)f.n_clusters, 0, 0);
		ck_assert_int_eq(syc_stat_corr_clustered(&c, r.a, r.y, r.c, r.n,
							 NULL), 0);
		ck_assert(c.lo < c.r && c.r < c.hi && isfinite(c.p) &&
			  isnan(c.rho_p));
		free_rows(&r);
	}
	json_decref(doc);
}
END_TEST

START_TEST(features_beside_the_score)
{
	json_t *doc = load_figures("tests/data/stat_cases.json"),
		*all = json_object_get(doc, "beside");

	ck_assert_uint_ge(json_array_size(all), 3);
	for (size_t i = 0; i < json_array_size(all); i++) {
		const json_t *w = json_array_get(all, i);
		const char *name = json_string_value(json_object_get(w, "name"));
		const size_t k = (size_t)number(json_object_get(w, "k"));
		struct syc_logit_adjusted b;
		size_t n, nk;
		double *x = get_list(w, "x", &n), *cols = get_list(w, "cols", &nk);
		double *y = get_list(w, "y", &n);
		int8_t label[200];

		ck_assert(nk == n * k && n <= 200);
		for (size_t r = 0; r < n; r++)
			label[r] = (int8_t)y[r];
		ck_assert_int_eq(syc_stat_logit_adjusted(&b, x, cols, k, label,
							 n, NULL, NULL), 0);
		near_key(name, w, "kept", (double)b.n_features, 0, 0);
		near_key(name, w, "alone", b.alone.slope, 1e-7, 0);
		near_key(name, w, "slope", b.with.slope, 1e-7, 0);
		near_key(name, w, "se", b.with.se, 1e-7, 0);
		near_key(name, w, "p", b.p, 1e-6, 0);
		ck_assert_str_eq(syc_stat_logit_name(b.with.method),
				 json_string_value(json_object_get(w, "method")));
		if (b.with.method == SYC_LOGIT_ML) {
			near_key(name, w, "r2", b.with.r2, 1e-8, 0);
			near_key(name, w, "r2_rest", b.r2_rest, 1e-8, 0);
		}
		/* The score itself as a feature: nothing is left of it. */
		ck_assert_int_eq(syc_stat_logit_adjusted(&b, x, x, 1, label, n,
							 NULL, NULL), 0);
		ck_assert(b.with.method == SYC_LOGIT_NONE && b.with.why &&
			  isnan(b.with.slope));
		free(x);
		free(cols);
		free(y);
	}
	json_decref(doc);
}
END_TEST

START_TEST(tails_agree_with_mpmath)
{
	json_t *doc = load_figures("tests/data/stat_cases.json");
	const json_t *t = json_object_get(doc, "t");
	const json_t *z = json_object_get(doc, "normal");
	char name[64];

	for (size_t i = 0; i < json_array_size(t); i++) {
		const json_t *v = json_array_get(t, i);
		const double x = number(json_array_get(v, 0));
		const double df = number(json_array_get(v, 1));

		snprintf(name, sizeof(name), "t %g df %g", x, df);
		near(name, "p", syc_stat_t_p(x, df),
		     number(json_array_get(v, 2)), 1e-12, 0);
		near(name, "p", syc_stat_t_p(-x, df),
		     number(json_array_get(v, 2)), 1e-12, 0);
	}
	for (size_t i = 0; i < json_array_size(z); i++) {
		const json_t *v = json_array_get(z, i);

		near("normal", "p",
		     syc_stat_normal_p(number(json_array_get(v, 0))),
		     number(json_array_get(v, 1)), 1e-12, 0);
	}
	for (size_t i = 0; i < json_array_size(json_object_get(doc,
							       "quantile")); i++) {
		const json_t *v = json_array_get(json_object_get(doc,
								 "quantile"),
								 i);

		near("quantile", "t",
		     syc_stat_t_quantile(number(json_array_get(v, 0)),
							  number(json_array_get(v, 1))),
		     number(json_array_get(v, 2)), 1e-8, 0);
	}
	for (size_t i = 0; i < json_array_size(json_object_get(doc, "wilson"));
	     i++) {
		const json_t *v = json_array_get(json_object_get(doc, "wilson"), i);
		double lo, hi;

		syc_stat_wilson(&lo, &hi, number(json_array_get(v, 0)),
				number(json_array_get(v, 1)));
		near("wilson", "lo", lo, number(json_array_get(v, 2)), 1e-12, 1e-3);
		near("wilson", "hi", hi, number(json_array_get(v, 3)), 1e-12, 0);
	}
	ck_assert(syc_stat_t_p(0, 5) == 1 && syc_stat_t_p(INFINITY, 5) == 0);
	ck_assert(isnan(syc_stat_t_p(NAN, 5)) && isnan(syc_stat_t_p(1, 0)));
	ck_assert(isnan(syc_stat_normal_p(NAN)));
	/* t = 1e200 with one degree of freedom: 2 / (pi t), though t^2 overflows. */
	near("far", "p", syc_stat_t_p(1e200, 1),
	     2e-200 / 3.14159265358979323846, 1e-12, 0);
	json_decref(doc);
}
END_TEST

START_TEST(bh_agrees_with_statsmodels)
{
	json_t *doc = load_figures("tests/data/stat_cases.json"),
		*bh = json_object_get(doc, "bh");

	for (size_t i = 0; i < json_array_size(bh); i++) {
		const json_t *in = json_array_get(json_array_get(bh, i), 0);
		const json_t *want = json_array_get(json_array_get(bh, i), 1);
		const size_t n = json_array_size(in);
		double p[80], q[80];

		ck_assert_uint_le(n, 40);
		/* A NaN behind each value changes nothing and stays. */
		for (size_t k = 0; k < n; k++) {
			p[2 * k] = number(json_array_get(in, k));
			p[2 * k + 1] = NAN;
		}
		ck_assert_int_eq(syc_stat_bh(q, p, 2 * n, NULL), 0);
		for (size_t k = 0; k < n; k++) {
			near("bh", "p", q[2 * k],
			     number(json_array_get(want, k)), 1e-13, 0);
			ck_assert(isnan(q[2 * k + 1]));
		}
		ck_assert_int_eq(syc_stat_bh(p, p, 2 * n, NULL), 0);
		for (size_t k = 0; k < n; k++)
			ck_assert(p[2 * k] == q[2 * k]);
	}
	ck_assert_int_eq(syc_stat_bh(NULL, NULL, 0, NULL), 0);
	json_decref(doc);
}
END_TEST

static const struct test tests[] = {
	TEST(paired_difference_agrees_with_proc),
	TEST(clusters_agree_with_their_definition),
	TEST(features_beside_the_score),
	TEST(tails_agree_with_mpmath),
	TEST(bh_agrees_with_statsmodels),
};

int main(void)
{
	return RUN_TESTS("stat_rows", tests);
}
