/* SPDX-License-Identifier: MIT */
/* Kappas against statsmodels' (tests/ref/agree.py). */
#include "config.h"
#include "figures.h"
#include "syc/agree.h"

enum { RATERS = 5, ROWS = 80 };

static void check(const char *name, const json_t *want, const struct syc_kappa *k)
{
	near_key(name, want, "n", (double)k->n, 0, 0);
	near_key(name, want, "agree", k->agree, 1e-12, 0);
	near_key(name, want, "kappa", k->kappa, 1e-10, 1e-3);
	near_key(name, want, "se", k->se, 1e-6, 1e-3);
	if (json_object_get(want, "agree_lo")) {
		near_key(name, want, "agree_lo", k->agree_lo, 1e-9, 1e-3);
		near_key(name, want, "agree_hi", k->agree_hi, 1e-9, 0);
	}
	if (json_object_get(want, "lo")) {
		near_key(name, want, "lo", k->lo, 1e-7, 1e-3);
		near_key(name, want, "hi", k->hi, 1e-7, 1e-3);
	}
	ck_assert(isnan(k->kappa) == isnan(k->lo));
	if (!isnan(k->kappa))
		ck_assert(k->lo <= k->kappa + 1e-12 &&
			  k->kappa <= k->hi + 1e-12 && k->hi <= 1);
}

START_TEST(kappas_agree_with_statsmodels)
{
	json_t *doc = load_figures("tests/data/agree_cases.json");

	ck_assert_uint_ge(json_array_size(doc), 11);
	for (size_t i = 0; i < json_array_size(doc); i++) {
		const json_t *c = json_array_get(doc, i),
			*labels = json_object_get(c, "labels");
		const char *name = json_string_value(json_object_get(c, "name"));
		const size_t n_raters = json_array_size(labels);
		const size_t n = json_array_size(json_array_get(labels, 0));
		int8_t label[RATERS][ROWS];
		const int8_t *all[RATERS];
		struct syc_kappa k;

		ck_assert(n_raters <= RATERS && n <= ROWS);
		for (size_t r = 0; r < n_raters; r++) {
			all[r] = label[r];
			for (size_t j = 0; j < n; j++)
				label[r][j] =
					(int8_t)number(json_array_get(json_array_get(labels, r),
								      j));
		}
		/* Rows that a rater left undecided are left out of all. */
		ck_assert_int_eq(syc_stat_fleiss(&k, all, n_raters, n, false,
						 NULL), 0);
		check(name, json_object_get(c, "fleiss"), &k);
		ck_assert_int_eq(syc_stat_fleiss(&k, all, n_raters, n, true,
						 NULL), 0);
		check(name, json_object_get(c, "fleiss_all"), &k);
		ck_assert_int_eq(syc_stat_cohen(&k, all[0], all[1], n, true,
						NULL), 0);
		check(name, json_object_get(c, "cohen_all"), &k);
		if (n_raters > 2)
			continue;
		ck_assert_int_eq(syc_stat_cohen(&k, all[0], all[1], n, false,
						NULL), 0);
		check(name, json_object_get(c, "cohen"), &k);
	}
	json_decref(doc);
}
END_TEST

START_TEST(nothing_to_compare)
{
	const int8_t y[] = { -1, -1 };
	const int8_t *const one[] = { y };
	struct syc_kappa k;

	ck_assert_int_eq(syc_stat_cohen(&k, y, y, 2, false, NULL), 0);
	ck_assert(k.n == 0 && isnan(k.agree) && isnan(k.kappa) && isnan(k.hi));
	ck_assert_int_eq(syc_stat_fleiss(&k, one, 1, 2, false, NULL), SYC_EINVAL);
}
END_TEST

static const struct test tests[] = {
	TEST(kappas_agree_with_statsmodels),
	TEST(nothing_to_compare),
};

int main(void)
{
	return RUN_TESTS("agree", tests);
}
