/* SPDX-License-Identifier: MIT */
/*
 * Statistics against figures of pROC, brglm2, statsmodels, scipy and mpmath,
 * stored by tests/ref/stat.py in tests/data/stat_cases.json.
 */
#include "config.h"
#include <jansson.h>
#include <math.h>
#include <string.h>
#include "base/rand.h"
#include "syc/stat.h"
#include "suite.h"

struct data {
	const char *name;
	double *x;
	int8_t *y;
	size_t n;
	const json_t *want;
};

static json_t *load(void)
{
	json_error_t e;
	json_t *doc = json_load_file(source_path("tests/data/stat_cases.json"),
				     0, &e);

	ck_assert_msg(doc != NULL, "stat_cases.json: %s", e.text);
	return doc;
}

static double number(const json_t *v)
{
	return json_is_number(v) ? json_number_value(v) : NAN;
}

static void get_data(struct data *d, const json_t *item)
{
	const json_t *x = json_object_get(item, "x");
	const json_t *y = json_object_get(item, "y");

	d->name = json_string_value(json_object_get(item, "name"));
	d->want = json_object_get(item, "want");
	d->n = json_array_size(x);
	d->x = calloc(d->n, sizeof(*d->x));
	d->y = calloc(d->n, sizeof(*d->y));
	ck_assert(d->x && d->y && json_array_size(y) == d->n);
	for (size_t i = 0; i < d->n; i++) {
		d->x[i] = number(json_array_get(x, i));
		d->y[i] = (int8_t)number(json_array_get(y, i));
	}
}

static void free_data(struct data *d)
{
	free(d->x);
	free(d->y);
}

/* Agree to tol, relative to the figure, or to scale where that is larger. */
static void near(const char *name, const char *what, double got, double want,
		 double tol, double scale)
{
	const double unit = fmax(fabs(want), scale);

	if (isnan(want))
		ck_assert_msg(isnan(got), "%s: %s is %.17g, want NaN", name,
			      what, got);
	else
		ck_assert_msg(fabs(got - want) <= tol * unit,
			      "%s: %s is %.17g, want %.17g", name, what, got,
			      want);
}

static void near_key(const struct data *d, const json_t *from, const char *key,
		     double got, double tol)
{
	const json_t *v = json_object_get(from, key);

	ck_assert_msg(v != NULL, "%s: no figure %s", d->name, key);
	near(d->name, key, got, number(v), tol, 1e-12);
}

static void check_auc(const struct data *d)
{
	struct syc_auc a;

	ck_assert_int_eq(syc_stat_auc(&a, d->x, d->y, d->n, NULL), 0);
	near_key(d, d->want, "n", (double)(a.n_pos + a.n_neg), 0);
	near_key(d, d->want, "positives", (double)a.n_pos, 0);
	near_key(d, d->want, "auc", a.auc, 1e-14);
	near_key(d, d->want, "auc_se", a.se, 1e-12);
	near_key(d, d->want, "plain_lo", a.plain_lo, 1e-12);
	near_key(d, d->want, "plain_hi", a.plain_hi, 1e-12);
	near_key(d, d->want, "lo", a.lo, 1e-12);
	near_key(d, d->want, "hi", a.hi, 1e-12);
}

static void check_logit(const struct data *d)
{
	const json_t *w = json_object_get(d->want, "logit");
	const char *method =
		json_string_value(json_object_get(d->want, "method"));
	const bool separated =
		json_is_true(json_object_get(d->want, "separated"));
	struct syc_logit f;

	ck_assert_int_eq(syc_stat_logit(&f, d->x, d->y, d->n, NULL), 0);
	ck_assert_msg(strcmp(syc_stat_logit_name(f.method), method) == 0,
		      "%s: method is %d, want %s", d->name, f.method, method);
	ck_assert_msg(f.separated == separated,
		      "%s: separated is %d", d->name, f.separated);
	ck_assert_int_eq(f.why != NULL, !json_is_object(w));
	if (!json_is_object(w)) {
		ck_assert(isnan(f.slope) && isnan(f.se) && isnan(f.z) &&
			  isnan(f.p));
		ck_assert(isnan(syc_stat_logit_at(&f, 0.3)));
		return;
	}
	near_key(d, d->want, "mean", f.mean, 1e-12);
	near_key(d, d->want, "sd", f.sd, 1e-9);
	near_key(d, w, "slope", f.slope, 1e-8);
	near_key(d, w, "se", f.se, 1e-8);
	near_key(d, w, "z", f.z, 1e-8);
	near_key(d, w, "p", f.p, 1e-7);
	near(d->name, "intercept", f.intercept,
	     number(json_object_get(w, "intercept")), 1e-8, 1);
	near(d->name, "curve", syc_stat_logit_at(&f, f.mean + 0.5 * f.sd),
	     1 / (1 + exp(-f.intercept - 0.5 * f.slope)), 1e-7, 1);
}

static void check_corr(const struct data *d)
{
	struct syc_corr c;

	ck_assert_int_eq(syc_stat_corr(&c, d->x, d->y, d->n, NULL), 0);
	near_key(d, d->want, "n", (double)c.n, 0);
	near_key(d, d->want, "r", c.r, 1e-9);
	near_key(d, d->want, "r_p", c.p, 1e-8);
}

static void each_case(void (*check)(const struct data *))
{
	json_t *doc = load(), *cases = json_object_get(doc, "cases");
	struct data d;

	ck_assert_uint_gt(json_array_size(cases), 20);
	for (size_t i = 0; i < json_array_size(cases); i++) {
		get_data(&d, json_array_get(cases, i));
		check(&d);
		free_data(&d);
	}
	json_decref(doc);
}

START_TEST(auc_agrees_with_proc)
{
	each_case(check_auc);
}
END_TEST

START_TEST(logit_agrees_with_statsmodels_and_brglm2)
{
	each_case(check_logit);
}
END_TEST

START_TEST(corr_agrees_with_scipy)
{
	each_case(check_corr);
}
END_TEST

START_TEST(tails_agree_with_mpmath)
{
	json_t *doc = load();
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
	json_t *doc = load(), *bh = json_object_get(doc, "bh");

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

/* The first n rows of d in another order. */
static void shuffle(struct data *d, uint64_t key)
{
	for (size_t i = d->n; i > 1; i--) {
		const size_t k = syc_rand_below(key, i, i);
		const double x = d->x[k];
		const int8_t y = d->y[k];

		d->x[k] = d->x[i - 1];
		d->y[k] = d->y[i - 1];
		d->x[i - 1] = x;
		d->y[i - 1] = y;
	}
}

struct all {
	struct syc_auc auc;
	struct syc_logit logit;
	struct syc_corr corr;
};

static void run_all(struct all *a, const struct data *d)
{
	memset(a, 0, sizeof(*a));
	ck_assert_int_eq(syc_stat_auc(&a->auc, d->x, d->y, d->n, NULL), 0);
	ck_assert_int_eq(syc_stat_logit(&a->logit, d->x, d->y, d->n, NULL), 0);
	ck_assert_int_eq(syc_stat_corr(&a->corr, d->x, d->y, d->n, NULL), 0);
}

static bool same(double a, double b)
{
	return memcmp(&a, &b, sizeof(a)) == 0;
}

static void check_order(const struct data *given)
{
	struct data d = *given;
	struct all a, b;

	run_all(&a, &d);
	shuffle(&d, syc_rand_key(3, d.name, 0));
	run_all(&b, &d);
	ck_assert(same(a.auc.auc, b.auc.auc) && same(a.auc.se, b.auc.se));
	ck_assert(same(a.auc.lo, b.auc.lo) && same(a.auc.hi, b.auc.hi));
	ck_assert(same(a.logit.slope, b.logit.slope) &&
		  same(a.logit.p, b.logit.p));
	ck_assert(same(a.logit.intercept, b.logit.intercept));
	ck_assert(same(a.corr.r, b.corr.r) && same(a.corr.p, b.corr.p));
}

START_TEST(order_of_rows_changes_no_bit)
{
	each_case(check_order);
}
END_TEST

/* Every threshold on a grid of ties, decided by brute force. */
static bool splits(const double *x, const int8_t *y, size_t n)
{
	for (size_t c = 0; c < n; c++) {
		bool up = true, down = true;

		for (size_t i = 0; i < n; i++) {
			up   &= x[i] == x[c] || y[i] == (x[i] > x[c]);
			down &= x[i] == x[c] || y[i] == (x[i] < x[c]);
		}
		if (up || down)
			return true;
	}
	return false;
}

START_TEST(separation_is_found_exactly)
{
	unsigned n_sep = 0, n_ml = 0;

	/* All labels of all score patterns of six rows on three points. */
	for (unsigned code = 0; code < 729 * 64; code++) {
		double x[6];
		int8_t y[6];
		struct syc_logit f;

		for (unsigned i = 0, c = code / 64; i < 6; i++, c /= 3) {
			x[i] = 1 + 1e-9 * (c % 3);
			y[i] = code >> i & 1;
		}
		ck_assert_int_eq(syc_stat_logit(&f, x, y, 6, NULL), 0);
		if (f.method == SYC_LOGIT_NONE)
			continue;
		ck_assert_int_eq(f.separated, splits(x, y, 6));
		ck_assert_int_eq(f.method,
				 f.separated ? SYC_LOGIT_FIRTH : SYC_LOGIT_ML);
		ck_assert(isfinite(f.slope) && f.se > 0);
		n_sep += f.separated;
		n_ml += !f.separated;
	}
	ck_assert_uint_gt(n_sep, 1000);
	ck_assert_uint_gt(n_ml, 1000);
}
END_TEST

/* Classes that overlap by one part in 1e12 still end in a finite estimate. */
START_TEST(overlap_by_almost_nothing)
{
	double x[] = { -1, -0.5, 0, 1e-12, 0.5, 1 };
	int8_t y[] = { 0, 0, 1, 0, 1, 1 };
	struct syc_logit f;

	ck_assert_int_eq(syc_stat_logit(&f, x, y, 6, NULL), 0);
	ck_assert(!f.separated && f.method != SYC_LOGIT_NONE);
	ck_assert(isfinite(f.slope) && f.slope > 0 && isfinite(f.se));
}
END_TEST

/* Huge and tiny scores neither overflow nor vanish. */
START_TEST(scale_does_not_matter)
{
	static const double scale[] = { 1e-305, 1e-150, 1, 1e150, 1e307 };
	const double base[] = { -1.5, -0.75, 0.25, 0.5, 1, 2, 2.5, 3 };
	const int8_t y[] = { 0, 1, 0, 0, 1, 0, 1, 1 };
	double slope = NAN, r = NAN;

	for (size_t s = 0; s < 5; s++) {
		struct syc_logit f;
		struct syc_corr c;
		double x[8];

		for (size_t i = 0; i < 8; i++)
			x[i] = base[i] * scale[s];
		ck_assert_int_eq(syc_stat_logit(&f, x, y, 8, NULL), 0);
		ck_assert_int_eq(syc_stat_corr(&c, x, y, 8, NULL), 0);
		if (s > 0) {
			near("scale", "slope", f.slope, slope, 1e-9, 0);
			near("scale", "r", c.r, r, 1e-9, 0);
		}
		slope = f.slope;
		r = c.r;
	}
}
END_TEST

START_TEST(infinite_scores_and_no_rows)
{
	const double x[] = { 1, INFINITY, 2, -INFINITY, NAN, 3, 4 };
	const int8_t y[] = { 0, 1, 0, 0, -1, 1, 1 };
	struct syc_logit f;
	struct syc_auc a;
	struct syc_corr c;

	ck_assert_int_eq(syc_stat_auc(&a, x, y, 7, NULL), 0);
	ck_assert(a.n_pos == 2 && a.n_neg == 2 && a.n_dropped == 2 &&
		  a.auc == 1);
	ck_assert_int_eq(syc_stat_auc(&a, x, y, 0, NULL), 0);
	ck_assert_int_eq(syc_stat_logit(&f, x, y, 0, NULL), 0);
	ck_assert_int_eq(syc_stat_corr(&c, x, y, 0, NULL), 0);
	ck_assert(isnan(a.auc) && isnan(a.plain_lo) && isnan(f.slope) &&
		  isnan(c.r));
	ck_assert_str_eq(f.why, "no rows");
}
END_TEST

static const struct test tests[] = {
	TEST(auc_agrees_with_proc),
	TEST(logit_agrees_with_statsmodels_and_brglm2),
	TEST(corr_agrees_with_scipy),
	TEST(tails_agree_with_mpmath),
	TEST(bh_agrees_with_statsmodels),
	TEST(order_of_rows_changes_no_bit),
	TEST(separation_is_found_exactly),
	TEST(overlap_by_almost_nothing),
	TEST(scale_does_not_matter),
	TEST(infinite_scores_and_no_rows),
};

int main(void)
{
	return RUN_TESTS("stat", tests);
}
