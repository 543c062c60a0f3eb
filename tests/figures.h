/* SPDX-License-Identifier: MIT */
/* Stored figures of other people's code, and how near ours have to be. */
#ifndef TESTS_FIGURES_H
#define TESTS_FIGURES_H
#include <jansson.h>
#include <math.h>
#include "suite.h"

static inline json_t *load_figures(const char *name)
{
	json_error_t e;
	json_t *doc = json_load_file(source_path(name), 0, &e);

	ck_assert_msg(doc != NULL, "%s: %s", name, e.text);
	return doc;
}

static inline double number(const json_t *v)
{
	return json_is_number(v) ? json_number_value(v) : NAN;
}

/* Agree to tol, relative to the figure, or to scale where that is larger. */
static inline void near(const char *name, const char *what, double got,
			double want, double tol,
			double scale)
{
	const double unit = fmax(fabs(want), scale);

	if (isnan(want))
		ck_assert_msg(isnan(got), "%s: %s is %.17g, want NaN", name,
			      what, got);
	else
		ck_assert_msg(fabs(got - want) <= tol * unit,
			      "%s: %s is %.17g, want %.17g", name,
			      what, got, want);
}

/* The same for a figure by its key, which must be there (null: NaN). */
static inline void near_key(const char *name, const json_t *from,
			    const char *key, double got,
			    double tol, double scale)
{
	const json_t *v = json_object_get(from, key);

	ck_assert_msg(v != NULL, "%s: no figure %s", name, key);
	near(name, key, got, number(v), tol, scale);
}

/* A list of n figures, relative to the largest of them. */
static inline void near_list(const char *name, const json_t *from,
			     const char *key, const double *got, size_t n,
			     double tol)
{
	const json_t *v = json_object_get(from, key);
	double most = 1e-300;

	ck_assert_msg(json_array_size(v) == n, "%s: %zu figures %s, want %zu",
		      name, n, key, json_array_size(v));
	for (size_t i = 0; i < n; i++)
		most = fmax(most, fabs(number(json_array_get(v, i))));
	for (size_t i = 0; i < n; i++)
		near(name, key, got[i], number(json_array_get(v, i)), tol,
		     most);
}

/* A list of numbers as an array of *n, to be freed; null is NaN. */
static inline double *get_list(const json_t *from, const char *key, size_t *n)
{
	const json_t *v = json_object_get(from, key);
	double *x = calloc(json_array_size(v) + 1, sizeof(*x));

	ck_assert_msg(x && json_is_array(v), "no list %s", key);
	*n = json_array_size(v);
	for (size_t i = 0; i < *n; i++)
		x[i] = number(json_array_get(v, i));
	return x;
}

#endif
