/* SPDX-License-Identifier: MIT */
/*
 * Corrected rates against ppi-python's (tests/ref/ppi.py), and how often their
 * intervals hold the truth.  SYC_LONG=1 makes the draws of tests/data/rates/ppi.txt.
 */
#include "config.h"
#include <string.h>
#include "base/rand.h"
#include "figures.h"
#include "syc/correct.h"

enum { ROWS = 1200, STRATA = 4 };

static void add(struct syc_ppi_row *row, size_t *n, double f, double y,
		uint32_t stratum)
{
	row[*n] = (struct syc_ppi_row){.judge = f,
				       .hand = y,
				       .p = 0.5,
				       .label = f > 0.5,
				       .stratum = stratum,
				       .cluster = (uint32_t)*n};
	++*n;
}

/* A stratum's rows: those in y are labeled, the rest of f is not. */
static void add_stratum(struct syc_ppi_row *row, size_t *n, const json_t *y,
			size_t labeled, const json_t *f, uint32_t stratum)
{
	for (size_t i = 0; i < json_array_size(f); i++)
		add(row, n, number(json_array_get(f, i)),
		    i < labeled ? number(json_array_get(y, i)) : NAN, stratum);
}

static void check(const char *name, const json_t *c,
		  const struct syc_ppi_row *row, size_t n)
{
	struct syc_ppi got;

	ck_assert_int_eq(syc_stat_ppi(&got, row, n, 1, NULL), 0);
	near_key(name, c, "theta", got.theta, 1e-9, 1e-3);
	near_key(name, c, "se", got.plain_se, 1e-9, 1e-3);
	ck_assert(got.lo <= got.theta && got.theta <= got.hi);
	ck_assert(got.se >= got.plain_se);
}

START_TEST(equals_independent_implementations)
{
	static const size_t labeled[] = { 10, 30, 12 };
	json_t *doc = load_figures("tests/data/ppi_cases.json"), *c;
	size_t i;

	ck_assert_uint_eq(json_array_size(json_object_get(doc, "one")), 12);
	json_array_foreach(json_object_get(doc, "one"), i, c) {
		const json_t *y = json_object_get(c, "y");
		struct syc_ppi_row row[ROWS];
		size_t n = 0;

		add_stratum(row, &n, y, json_array_size(y),
			    json_object_get(c, "f"), 0);
		check("one", c, row, n);
	}
	ck_assert_uint_eq(json_array_size(json_object_get(doc, "strata")), 4);
	json_array_foreach(json_object_get(doc, "strata"), i, c) {
		struct syc_ppi_row row[ROWS];
		size_t n = 0;

		for (uint32_t s = 0; s < 3; s++)
			add_stratum(row, &n,
				    json_array_get(json_object_get(c, "y"), s),
				    labeled[s],
				    json_array_get(json_object_get(c, "f"), s),
				    s);
		check("strata", c, row, n);
	}
	json_decref(doc);
}
END_TEST

START_TEST(all_labeled_by_hand_is_their_mean)
{
	struct syc_ppi_row row[ROWS];
	struct syc_ppi got, diff;
	size_t n = 0;

	for (int i = 0; i < 40; i++)
		add(row, &n, i % 3 / 3.0, i % 4 == 0, (uint32_t)(i % 2));
	ck_assert_int_eq(syc_stat_ppi(&got, row, n, 1, NULL), 0);
	ck_assert(fabs(got.theta - 0.25) < 1e-12 && got.n_hand == 40 &&
		  got.lambda == 0);
	/* The same rows in two arms, item by item: no difference, and no doubt of it. */
	for (int i = 0; i < 40; i++) {
		row[n] = row[i];
		row[n++].arm = 1;
	}
	ck_assert_int_eq(syc_stat_ppi_diff(&diff, row, n, 1, 0, NULL), 0);
	ck_assert(fabs(diff.theta) < 1e-12 && diff.plain_se < 1e-12);
}
END_TEST

START_TEST(a_stratum_without_labels_has_no_rate)
{
	struct syc_ppi_row row[ROWS];
	struct syc_ppi got;
	size_t n = 0;

	for (int i = 0; i < 20; i++)
		add(row, &n, i % 2, i % 2 ? NAN : 0, (uint32_t)(i % 2));
	ck_assert_int_eq(syc_stat_ppi(&got, row, n, 1, NULL), 0);
	ck_assert(isnan(got.theta) && isnan(got.lo) && got.n_empty == 1);
	row[0].p = 0;
	ck_assert_int_eq(syc_stat_ppi(&got, row, n, 1, NULL), SYC_EINVAL);
	row[0].p = 1;
	row[1].judge = NAN;
	ck_assert_int_eq(syc_stat_ppi(&got, row, n, 1, NULL), SYC_EINVAL);
}
END_TEST

START_TEST(rogan_and_gladen_by_condition)
{
	struct syc_ppi_row row[ROWS];
	struct syc_rogan_gladen got;
	size_t n = 0;

	/* Sensitivity 8/10, specificity 9/10, and the judge says 1 of 38 in 100. */
	for (int i = 0; i < 10; i++)
		add(row, &n, i < 8, 1, 0);
	for (int i = 0; i < 10; i++)
		add(row, &n, i < 1, 0, 0);
	for (int i = 0; i < 80; i++)
		add(row, &n, i < 29, NAN, 0);
	syc_stat_rogan_gladen(&got, row, n, 0);
	ck_assert(!got.refused && got.sensitivity == 0.8 &&
		  got.specificity == 0.9);
	ck_assert(fabs(got.rate - (0.38 - 0.1) / 0.7) < 1e-12);
	ck_assert(got.least < got.rate && got.rate < got.most);
	/* A judge that is worse than chance. */
	for (size_t i = 0; i < 20; i++)
		row[i].label = row[i].hand < 0.5;
	syc_stat_rogan_gladen(&got, row, n, 0);
	ck_assert(got.refused && isnan(got.rate));
	syc_stat_rogan_gladen(&got, row, n, 7);
	ck_assert(got.refused);
}
END_TEST

START_TEST(needs_follow_the_variance)
{
	const struct syc_ppi d = {.n = 400,
				  .n_hand = 100,
				  .n_clusters = 200,
				  .se = 0.05,
				  .var_rows = 0.2,
				  .var_hand = 0.15};
	struct syc_ppi_needs got;

	/* se^2 = 0.2 / 200 + 0.15 / 100 = 0.0025: what is seen with 80 % is 2.80 se. */
	syc_stat_ppi_needs(&got, &d, 0.05 * 2.80159);
	ck_assert_uint_eq(got.clusters, 200);
	ck_assert_uint_eq(got.clusters_labels, 100);
	ck_assert_uint_eq(got.labels, 100);
	ck_assert_uint_lt(got.alone, 200);
	syc_stat_ppi_needs(&got, &d, 0.05);
	ck_assert_uint_eq(got.labels, 0); /* 200 clusters are too few for it */
	ck_assert_uint_gt(got.clusters, 1500);
}
END_TEST

START_TEST(hands_get_like_numbers_of_each_stratum)
{
	enum { N = 100 };
	const char *key[N], *id[N];
	char name[N][8];
	struct syc_hand_sample a, b;
	size_t of[3] = { 0 };

	for (int i = 0; i < N; i++) {
		key[i] = i < 3 ? "x/0" : i < 40 ? "x/1" : "y/0";
		sprintf(name[i], "%d", i);
		id[i] = name[i];
	}
	ck_assert_int_eq(syc_hand_sample_draw(&a, key, id, N, 31, 5, NULL), 0);
	ck_assert_uint_eq(a.n, 31);
	ck_assert_uint_eq(a.n_strata, 3);
	for (size_t i = 0; i < a.n; i++) {
		const size_t s = a.row[i] < 3 ? 0 : a.row[i] < 40 ? 1 : 2;
		static const double size[] = { 3, 37, 60 };

		of[s]++;
		ck_assert(a.p[i] == (s ? 14 : 3) / size[s]);
		ck_assert_str_eq(a.stratum[i], key[a.row[i]]);
	}
	ck_assert(of[0] == 3 && of[1] == 14 && of[2] == 14);
	/* The same rows in another order. */
	for (int i = 0; i < N; i++) {
		key[i] = N - 1 - i < 3 ? "x/0" : N - 1 - i < 40 ? "x/1" : "y/0";
		id[i] = name[N - 1 - i];
	}
	ck_assert_int_eq(syc_hand_sample_draw(&b, key, id, N, 31, 5, NULL), 0);
	for (size_t i = 0; i < a.n; i++)
		ck_assert_uint_eq(b.row[i], N - 1 - a.row[i]);
	syc_hand_sample_free(&a);
	syc_hand_sample_free(&b);
	/* Few are wanted: two of each all the same. */
	ck_assert_int_eq(syc_hand_sample_draw(&b, key, id, N, 1, 6, NULL), 0);
	ck_assert_uint_eq(b.n, 6);
	syc_hand_sample_free(&b);
}
END_TEST

/* ---- coverage ------------------------------------------------------------------- */

struct world {
	const char *name;
	size_t items, hand;
	double rate[2], sens[2], spec[2];
	bool soft;		/* the judge gives a probability */
};

static const struct world worlds[] = {
	{"equal rates, unequal judge",
	 300,
	 100,
	 {.4, .4},
	 {.9, .6},
	 {.7, .95},
	 false},
	{"an effect", 300, 100, {.2, .5}, {.95, .9}, {.9, .85}, false},
	{"rare", 500, 200, {.05, .15}, {.8, .8}, {.9, .9}, false},
	{"a probability", 300, 100, {.3, .5}, {.8, .8}, {.8, .8}, true},
	{"few items", 60, 60, {.3, .6}, {.85, .85}, {.85, .85}, false},
};

/* Label by hand as many rows of each stratum as there are for it. */
static void draw_hand(struct syc_ppi_row *row, const double *y, size_t n,
		      size_t want, uint64_t key)
{
	for (uint32_t s = 0; s < STRATA; s++) {
		size_t at[ROWS], m = 0, q;

		for (size_t i = 0; i < n; i++)
			if (row[i].arm * 2 + row[i].stratum == s)
				at[m++] = i;
		q = want / STRATA < m ? want / STRATA : m;
		for (size_t k = 0; k < q; k++) {
			const size_t other =
				k + syc_rand_below(key, 100000 * (s + 1) + k,
						   m - k);
			const size_t i = at[other];

			at[other] = at[k];
			row[i].hand = y[i];
			row[i].p = (double)q / (double)m;
		}
	}
}

static size_t make(struct syc_ppi_row *row, const struct world *w, uint64_t key)
{
	double y[ROWS];
	size_t n = 0;

	for (uint32_t item = 0; item < w->items; item++) {
		const double u = syc_rand_unit(key, item);

		for (uint32_t arm = 0; arm < 2; arm++, n++) {
			const double own = syc_rand_unit(key, 10000 + n);
			const double luck = syc_rand_unit(key, 20000 + n);
			/* Half of the items' answers are the items' own matter. */
			y[n] = (syc_rand_unit(key, 40000 + n) < 0.5 ? u : own) <
			       w->rate[arm];
			row[n] = (struct syc_ppi_row){
				.hand = NAN,
				.arm = arm,
				.cluster = item,
				.label = y[n] > 0.5 ? luck < w->sens[arm]
						    : luck > w->spec[arm]};
			row[n].stratum = (uint32_t)row[n].label;
			row[n].judge = row[n].label;
			if (w->soft)
				row[n].judge =
					row[n].label
						? (y[n] > 0.5 ? 0.9 : 0.6) -
							  0.1 * own
						: (y[n] > 0.5 ? 0.4 : 0.1) +
							  0.1 * own;
		}
	}
	draw_hand(row, y, n, w->hand, key);
	return n;
}

START_TEST(coverage)
{
	const bool all = getenv("SYC_LONG") != NULL;
	const size_t draws = all ? 4000 : 150;

	for (size_t k = 0; k < sizeof(worlds) / sizeof(worlds[0]); k++) {
		const struct world *w = &worlds[k];
		size_t held[3] = { 0 };

		for (size_t t = 0; t < draws; t++) {
			struct syc_ppi_row row[ROWS];
			const size_t n =
				make(row, w, syc_rand_key(7, w->name, t));
			struct syc_ppi got[3];

			ck_assert_int_eq(syc_stat_ppi(got, row, n, 2, NULL), 0);
			ck_assert_int_eq(
				syc_stat_ppi_diff(&got[2], row, n, 1, 0, NULL),
				0);
			for (int i = 0; i < 3; i++) {
				const double truth =
					i < 2 ? w->rate[i]
					      : w->rate[1] - w->rate[0];

				held[i] += got[i].lo <= truth &&
					   truth <= got[i].hi;
			}
		}
		if (all)
			printf("%s: %zu, %zu, difference %zu of %zu\n", w->name,
			       held[0], held[1], held[2], draws);
		for (int i = 0; i < 3; i++)
			ck_assert_msg(
				(double)held[i] >= (all ? 0.93 : 0.88) *
							   (double)draws &&
					(double)held[i] <=
						(all ? 0.97 : 1) *
							(double)draws,
				"%s: %zu of %zu", w->name, held[i], draws);
	}
}
END_TEST

static const struct test tests[] = {
	TEST(equals_independent_implementations),
	TEST(all_labeled_by_hand_is_their_mean),
	TEST(a_stratum_without_labels_has_no_rate),
	TEST(rogan_and_gladen_by_condition),
	TEST(needs_follow_the_variance),
	TEST(hands_get_like_numbers_of_each_stratum),
	TEST(coverage),
};

int main(void)
{
	return RUN_TESTS("ppi", tests);
}
