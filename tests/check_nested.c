/* SPDX-License-Identifier: MIT */
/* Nested cross-validation against scikit-learn on the same folds (tests/ref/nested.py). */
#include "config.h"
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include "suite.h"
#include "syc/probe.h"

struct rows {
	size_t n, dim;
	float *x;
	int8_t *label;
	double *outcome;
	uint32_t *fold;
};

static double number(const json_t *a, size_t i)
{
	return json_number_value(json_array_get(a, i));
}

static void take(struct rows *r, const json_t *all)
{
	const json_t *x = json_object_get(all, "x");

	r->n = json_array_size(x);
	r->dim = json_array_size(json_array_get(x, 0));
	r->x = calloc(r->n * r->dim, sizeof(*r->x));
	r->label = calloc(r->n, 1);
	r->outcome = calloc(r->n, sizeof(*r->outcome));
	r->fold = calloc(r->n, sizeof(*r->fold));
	for (size_t i = 0; i < r->n; i++) {
		for (size_t c = 0; c < r->dim; c++)
			r->x[i * r->dim + c] =
				(float)number(json_array_get(x, i), c);
		r->label[i] = (int8_t)number(json_object_get(all, "label"), i);
		r->outcome[i] = number(json_object_get(all, "outcome"), i);
		r->fold[i] = (uint32_t)number(json_object_get(all, "fold"), i);
	}
}

static void drop(struct rows *r)
{
	free(r->x);
	free(r->label);
	free(r->outcome);
	free(r->fold);
}

static void close_to(const char *what, double got, const json_t *list, size_t i)
{
	const double want = number(list, i);

	ck_assert_msg(fabs(got - want) < 1e-6 * (1 + fabs(want)),
		      "%s %zu: %.9g, not %.9g", what, i, got, want);
}

static void compare(const struct rows *r, const json_t *want, bool line)
{
	const struct syc_nested_in in = {.x = r->x,
					 .label = line ? NULL : r->label,
					 .outcome = line ? r->outcome : NULL,
					 .fold = r->fold,
					 .n = r->n,
					 .dim = r->dim,
					 .n_folds = 5};
	struct syc_nested *s;
	struct syc_err err;

	ck_assert_msg(syc_ridge_nested(&s, &in, &err) == 0, "%s", err.msg);
	for (size_t k = 0; k < 5; k++) {
		close_to("lambda", s->lambda[k],
			 json_object_get(want, "lambda"), k);
		close_to("inner", s->inner[k], json_object_get(want, "inner"),
			 k);
	}
	for (size_t i = 0; i < r->n; i++)
		close_to("pred", s->pred[i], json_object_get(want, "pred"), i);
	for (size_t c = 0; c < r->dim; c++)
		close_to("w", s->fit->w[c], json_object_get(want, "w"), c);
	syc_nested_free(s);
}

START_TEST(scikit_learn)
{
	json_t *all = json_load_file(
		source_path("tests/data/nested_cases.json"), 0, NULL);
	json_t *one;
	const char *name;

	ck_assert_uint_eq(json_object_size(all), 2);
	json_object_foreach(all, name, one) {
		struct rows r;

		take(&r, one);
		compare(&r, json_object_get(one, "logistic"), false);
		compare(&r, json_object_get(one, "line"), true);
		drop(&r);
	}
	json_decref(all);
}
END_TEST

/* What cannot be fitted is said. */
START_TEST(refused)
{
	const float x[] = { 1, 2, 3, 4, 5, 6 };
	const double y[] = { 1, 2, 3, 4, 5, NAN };
	const int8_t label[] = { 1, 0, 0, 0, 0, 0 };
	const uint32_t fold[] = { 0, 0, 1, 1, 2, 2 };
	struct syc_nested_in in = {.x = x,
				   .label = label,
				   .fold = fold,
				   .n = 6,
				   .dim = 1,
				   .n_folds = 2};
	struct syc_nested *s;
	struct syc_err err;

	ck_assert_int_eq(syc_ridge_nested(&s, &in, &err), SYC_EINVAL);
	ck_assert_str_eq(err.msg, "2 folds: nested ones are 3 or more");
	in.n_folds = 3;
	ck_assert_int_eq(syc_ridge_nested(&s, &in, &err), SYC_EINVAL);
	ck_assert_str_eq(err.msg, "logistic regression of one class only");
	in.label = NULL;
	in.outcome = y;
	ck_assert_int_eq(syc_ridge_nested(&s, &in, &err), SYC_EINVAL);
	ck_assert(s == NULL);
	in.n = 5;
	ck_assert_int_eq(syc_ridge_nested(&s, &in, &err), 0);
	syc_nested_free(s);
	syc_nested_free(NULL);
}
END_TEST

int main(void)
{
	static const struct test tests[] = {TEST(scikit_learn), TEST(refused)};

	return RUN_TESTS("nested", tests);
}
