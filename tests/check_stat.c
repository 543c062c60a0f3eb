/* SPDX-License-Identifier: MIT */
/*
 * Statistics against figures of pROC, brglm2, statsmodels, scipy and mpmath,
 * stored by tests/ref/stat.py in tests/data/stat_cases.json.
 */
#include "config.h"
#include <string.h>
#include "base/rand.h"
#include "figures.h"
#include "syc/logit.h"

struct data {
	const char *name;
	double *x;
	int8_t *y;
	size_t n;
	const json_t *want;
};

static json_t *load(void)
{
	return load_figures("tests/data/stat_cases.json");
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

static void figure(const struct data *d, const json_t *from, const char *key,
		   double got,
		   double tol)
{
	near_key(d->name, from, key, got, tol, 1e-12);
}

static void check_auc(const struct data *d)
{
	struct syc_auc a;

	ck_assert_int_eq(syc_stat_auc(&a, d->x, d->y, d->n, NULL), 0);
	figure(d, d->want, "n", (double)(a.n_pos + a.n_neg), 0);
	figure(d, d->want, "positives", (double)a.n_pos, 0);
	figure(d, d->want, "auc", a.auc, 1e-14);
	figure(d, d->want, "auc_se", a.se, 1e-12);
	figure(d, d->want, "plain_lo", a.plain_lo, 1e-12);
	figure(d, d->want, "plain_hi", a.plain_hi, 1e-12);
	figure(d, d->want, "lo", a.lo, 1e-12);
	figure(d, d->want, "hi", a.hi, 1e-12);
	figure(d, d->want, "logit_lo", a.logit_lo, 1e-12);
	figure(d, d->want, "logit_hi", a.logit_hi, 1e-12);
}

static void check_ap(const struct data *d)
{
	struct syc_ap a;

	ck_assert_int_eq(syc_stat_ap(&a, d->x, d->y, d->n, NULL), 0);
	figure(d, d->want, "ap", a.ap, 1e-12);
	ck_assert(isnan(a.ap) ? isnan(a.lo) && isnan(a.hi) :
		  a.lo < a.ap && a.ap <= a.hi && a.lo > 0 && a.hi <= 1);
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
			  isnan(f.p) && isnan(f.lo) && isnan(f.r2));
		ck_assert(isnan(syc_stat_logit_at(&f, 0.3)));
		return;
	}
	figure(d, d->want, "mean", f.mean, 1e-12);
	figure(d, d->want, "sd", f.sd, 1e-9);
	figure(d, w, "slope", f.slope, 1e-8);
	figure(d, w, "se", f.se, 1e-8);
	figure(d, w, "z", f.z, 1e-8);
	figure(d, w, "p", f.p, 1e-7);
	near_key(d->name, w, "lo", f.lo, 1e-8, 1);
	near_key(d->name, w, "hi", f.hi, 1e-8, 1);
	near_key(d->name, w, "r2", f.r2, 1e-8, 1e-3);
	figure(d, w, "loglik", f.loglik, 1e-8);
	near(d->name, "intercept", f.intercept,
	     number(json_object_get(w, "intercept")), 1e-8, 1);
	near(d->name, "curve", syc_stat_logit_at(&f, f.mean + 0.5 * f.sd),
	     1 / (1 + exp(-f.intercept - 0.5 * f.slope)), 1e-7, 1);
}

static void check_ridge(const struct data *d)
{
	const struct syc_logit_opts o = { .ridge = 0.7 };
	const json_t *w = json_object_get(d->want, "ridge");
	struct syc_logit f;

	ck_assert_int_eq(syc_stat_logit_with(&f, d->x, d->y, d->n, &o, NULL), 0);
	if (!json_is_object(w)) {
		ck_assert(f.method == SYC_LOGIT_NONE);
		return;
	}
	ck_assert(f.method == SYC_LOGIT_RIDGE);
	near_key(d->name, w, "slope", f.slope, 1e-6, 1e-3);
	near_key(d->name, w, "intercept", f.intercept, 1e-6, 1);
	near_key(d->name, w, "se", f.se, 1e-6, 0);
}

/* A forecast made in stat.py: Brier's score, the bins that are not empty, Cox. */
static void check_forecast(const struct data *d)
{
	const json_t *w = json_object_get(d->want, "made");
	struct syc_calibration_bin bin[5];
	struct syc_brier b;
	double *p, slope, intercept, *prob, *rate, *cox;
	int8_t y[6000];
	size_t n, k = 0, n_prob, n_rate;

	if (!json_is_object(w))
		return;
	p = get_list(w, "p", &n);
	for (size_t i = 0; i < d->n; i++)
		if (d->y[i] >= 0 && isfinite(d->x[i]))
			y[k++] = d->y[i];
	ck_assert_uint_eq(k, n);
	ck_assert_int_eq(syc_stat_brier(&b, p, y, NULL, n, NULL), 0);
	figure(d, w, "brier", b.brier, 1e-12);
	figure(d, w, "lo", b.lo, 1e-7);
	figure(d, w, "hi", b.hi, 1e-7);
	figure(d, w, "skill", b.skill, 1e-10);
	/* scikit-learn cuts off what is nearer than 1e-15 to 0 and 1. */
	if (isfinite(b.loss))
		figure(d, w, "loss", b.loss, 1e-9);
	ck_assert_int_eq(syc_stat_calibration(bin, 5, &slope, &intercept, p, y,
					      n, NULL), 0);
	prob = get_list(w, "prob", &n_prob);
	rate = get_list(w, "rate", &n_rate);
	k = 0;
	for (size_t i = 0; i < 5; i++) {
		if (!bin[i].n)
			continue;
		near(d->name, "bin", bin[i].prob, prob[k], 1e-12, 1e-12);
		near(d->name, "bin", bin[i].rate, rate[k++], 1e-12, 1e-12);
		ck_assert(bin[i].lo <= bin[i].rate && bin[i].rate <= bin[i].hi);
	}
	ck_assert_uint_eq(k, n_prob);
	cox = get_list(w, "cox", &n);
	near(d->name, "cox", intercept, cox[0], 1e-6, 1);
	near(d->name, "cox", slope, cox[1], 1e-6, 1);
	free(p);
	free(prob);
	free(rate);
	free(cox);
}

static void check_corr(const struct data *d)
{
	struct syc_corr c;

	ck_assert_int_eq(syc_stat_corr(&c, d->x, d->y, d->n, NULL), 0);
	figure(d, d->want, "n", (double)c.n, 0);
	figure(d, d->want, "r", c.r, 1e-9);
	figure(d, d->want, "r_p", c.p, 1e-8);
	near_key(d->name, d->want, "r_lo", c.lo, 1e-7, 1e-2);
	near_key(d->name, d->want, "r_hi", c.hi, 1e-7, 1e-2);
	near_key(d->name, d->want, "rho", c.rho, 1e-9, 1e-6);
	near_key(d->name, d->want, "rho_p", c.rho_p, 1e-7, 1e-12);
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

START_TEST(average_precision_agrees_with_scikit_learn)
{
	each_case(check_ap);
}
END_TEST

START_TEST(ridge_agrees_with_scikit_learn)
{
	each_case(check_ridge);
}
END_TEST

START_TEST(forecasts_agree_with_scikit_learn)
{
	each_case(check_forecast);
}
END_TEST

START_TEST(corr_agrees_with_scipy)
{
	each_case(check_corr);
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

/* One score of 1e9 among ordinary ones: the maximum exists (Newton's method, 50 digits). */
START_TEST(one_far_away)
{
	double x[60];
	int8_t y[60];
	struct syc_logit f;

	for (int i = 0; i < 60; i++) {
		y[i] = i * 7 % 5 < 2;
		x[i] = (double)(i * 37 % 60) / 20 + 0.8 * y[i];
	}
	x[7] = 1e9;
	y[7] = 1;
	ck_assert_int_eq(syc_stat_logit(&f, x, y, 60, NULL), 0);
	ck_assert_int_eq(f.method, SYC_LOGIT_ML);
	ck_assert(fabs(f.slope / f.sd - 0.845786038997317) < 1e-8);
	ck_assert(fabs(f.se / f.sd - 0.330635446618733) < 1e-8);
	ck_assert(fabs(f.intercept - f.slope * f.mean / f.sd + 1.96246796801696) < 1e-6);
	ck_assert(fabs(syc_stat_logit_at(&f, 2) -
		       1 / (1 + exp(1.96246796801696 - 2 * 0.845786038997317))) < 1e-6);
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
	TEST(average_precision_agrees_with_scikit_learn),
	TEST(ridge_agrees_with_scikit_learn),
	TEST(forecasts_agree_with_scikit_learn),
	TEST(corr_agrees_with_scipy),
	TEST(order_of_rows_changes_no_bit),
	TEST(separation_is_found_exactly),
	TEST(overlap_by_almost_nothing),
	TEST(scale_does_not_matter),
	TEST(one_far_away),
	TEST(infinite_scores_and_no_rows),
};

int main(void)
{
	return RUN_TESTS("stat", tests);
}
