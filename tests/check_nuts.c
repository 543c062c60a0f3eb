/* SPDX-License-Identifier: MIT */
/* The sampler on distributions that are known, and arviz's figures of its draws. */
#include "config.h"
#include <jansson.h>
#include <math.h>
#include <string.h>
#include "stat/distribution.h"
#include "stat/nuts.h"
#include "suite.h"
#include "syc/nuts.h"
#include "syc/stat.h"

/* A normal distribution of 5 dimensions, with deviations from .01 to 100. */
enum { DIM = 5 };
static const double deviation[DIM] = { 0.01, 0.3, 1, 7, 100 };

static double normal_density(void *arg, unsigned thread, const double *x,
			     double *grad)
{
	double log_p = 0;

	(void)arg;
	(void)thread;
	for (size_t i = 0; i < DIM; i++) {
		const double z = x[i] / deviation[i];

		grad[i] = -z / deviation[i];
		log_p -= z * z / 2;
	}
	return log_p;
}

static struct syc_nuts *sample(const struct syc_density *f,
			       const struct syc_nuts_opts *o)
{
	struct syc_nuts *s;
	struct syc_err err;

	ck_assert_msg(syc_nuts_run(&s, f, o, &err) == 0, "%s", err.msg);
	return s;
}

START_TEST(of_normals)
{
	const struct syc_density f = { DIM, normal_density, NULL };
	struct syc_nuts *s = sample(&f, &(struct syc_nuts_opts){ .seed = 3 });

	ck_assert_uint_eq(s->n_divergent, 0);
	ck_assert_uint_eq(s->n_chains, 4);
	ck_assert_uint_eq(s->n_draws, 1500);
	for (size_t i = 0; i < DIM; i++) {
		/* quantiles of the normal, within 4 standard errors */
		static const double p[] = { 0.025, 0.5, 0.9 };
		struct syc_mcmc m;

		ck_assert_int_eq(
			syc_mcmc_check(&m, s->x + i, 4, 1500, DIM, NULL), 0);
		ck_assert_msg(
			m.rhat < 1.01 && m.ess_bulk > 1000 && m.ess_tail > 1000,
			"%zu: %g %g %g", i, m.rhat, m.ess_bulk, m.ess_tail);
		for (size_t j = 0; j < 3; j++) {
			const double z = deviation[i] * normal_quantile(p[j]);
			double x, se;

			syc_mcmc_quantile(&x, &se, s->x + i, 4, 1500, DIM, p[j],
					  NULL);
			ck_assert_msg(fabs(x - z) < 4 * se &&
					      se < 0.1 * deviation[i],
				      "%zu at %g: %g, not %g, +- %g", i, p[j],
				      x, z, se);
		}
	}
	for (size_t c = 0; c < 4; c++)
		ck_assert_msg(fabs(s->chain[c].accept - 0.8) < 0.15 &&
				      s->chain[c].depth < 4 &&
				      s->chain[c].depth > 1,
			      "%g %g", s->chain[c].accept, s->chain[c].depth);
	syc_nuts_free(s);
}
END_TEST

/* The same bytes with any number of threads; others with another seed. */
START_TEST(threads)
{
	const struct syc_density f = { DIM, normal_density, NULL };
	struct syc_nuts_opts o = {
		.seed = 5, .threads = 1, .n_warmup = 100, .n_draws = 50 };
	struct syc_nuts *a = sample(&f, &o), *b;
	const size_t bytes = 4 * 50 * DIM * sizeof(double);

	o.threads = 3;
	b = sample(&f, &o);
	ck_assert(memcmp(a->x, b->x, bytes) == 0);
	ck_assert(memcmp(a->chain, b->chain, 4 * sizeof(*a->chain)) == 0);
	syc_nuts_free(b);
	o.seed = 6;
	b = sample(&f, &o);
	ck_assert(memcmp(a->x, b->x, bytes) != 0);
	ck_assert(memcmp(a->x, a->x + 50 * DIM, 50 * DIM * sizeof(double)) !=
		  0);
	syc_nuts_free(a);
	syc_nuts_free(b);
}
END_TEST

/* Neal's funnel: its neck is too narrow for the step, which must be told. */
static double funnel(void *arg, unsigned thread, const double *x, double *grad)
{
	const double v = x[0], s = exp(-v);
	double log_p = -v * v / 18;

	(void)arg;
	(void)thread;
	grad[0] = -v / 9;
	for (size_t i = 1; i < DIM; i++) {
		log_p -= x[i] * x[i] * s / 2 + v / 2;
		grad[0] += x[i] * x[i] * s / 2 - 0.5;
		grad[i] = -x[i] * s;
	}
	return log_p;
}

static double nowhere(void *arg, unsigned thread, const double *x, double *grad)
{
	(void)arg;
	(void)thread;
	grad[0] = x[0];
	return NAN;
}

START_TEST(divergences)
{
	const struct syc_density f = {DIM, funnel, NULL },
				 none = { 1, nowhere, NULL };
	struct syc_nuts_opts o = { .seed = 1, .n_draws = 500, .threads = 1 };
	struct syc_nuts *s = sample(&f, &o);
	struct syc_err err;
	size_t sum = 0;

	for (size_t c = 0; c < 4; c++)
		sum += s->chain[c].n_divergent;
	ck_assert_msg(s->n_divergent > 5 && sum == s->n_divergent, "%zu",
		      s->n_divergent);
	syc_nuts_free(s);
	o.max_depth = 1;
	s = sample(&f, &o);
	ck_assert_uint_gt(s->n_deepest, 1000);
	syc_nuts_free(s);
	ck_assert_int_eq(syc_nuts_run(&s, &none, &o, &err), SYC_EINVAL);
	ck_assert_ptr_null(s);
	ck_assert_ptr_nonnull(strstr(err.msg, "chain 1 found no point in 100"));
	ck_assert_int_eq(syc_nuts_run(&s, &(struct syc_density){ 0 }, &o, &err),
			 SYC_EINVAL);
	o.n_draws = 3;
	ck_assert_int_eq(syc_nuts_run(&s, &f, &o, &err), SYC_EINVAL);
}
END_TEST

/* Warm-up as Stan has it: 75, then 25, 50, ... up to the last 50 draws. */
START_TEST(windows)
{
	static const struct {
		size_t n, inside, n_ends, end[6];
	} want[] = {
		{ 500, 375, 4, { 100, 150, 250, 450 } },
		{ 1000, 875, 5, { 100, 150, 250, 450, 950 } },
		{ 100, 75, 1, { 90 } },
		{ 19, 0, 0, { 0 } },
	};

	for (size_t k = 0; k < sizeof(want) / sizeof(want[0]); k++) {
		size_t inside = 0, ends = 0;
		struct windows w;
		bool in;

		windows_begin(&w, want[k].n);
		for (size_t i = 0; i < want[k].n; i++) {
			if (windows_next(&w, &in)) {
				ck_assert_uint_lt(ends, want[k].n_ends);
				ck_assert_uint_eq(i + 1, want[k].end[ends++]);
			}
			inside += in;
		}
		ck_assert_uint_eq(ends, want[k].n_ends);
		ck_assert_uint_eq(inside, want[k].inside);
	}
}
END_TEST

/* What arviz says of four sets of chains. */
START_TEST(arviz)
{
	json_t *all = json_load_file(source_path("tests/data/pref/checks.json"),
				     0, NULL),
	       *o;
	size_t k;

	ck_assert_uint_eq(json_array_size(all), 4);
	json_array_foreach(all, k, o) {
		const size_t n =
			(size_t)json_integer_value(json_object_get(o, "draws"));
		const json_t *list = json_object_get(o, "x");
		double x[4 * 200];
		struct syc_mcmc m;

		for (size_t i = 0; i < 4 * n; i++)
			x[i] = json_number_value(json_array_get(list, i));
		ck_assert_int_eq(syc_mcmc_check(&m, x, 4, n, 1, NULL), 0);
		ck_assert_double_eq_tol(
			m.rhat, json_number_value(json_object_get(o, "rhat")),
			1e-9);
		ck_assert_double_eq_tol(
			m.ess_bulk,
			json_number_value(json_object_get(o, "bulk")), 1e-6);
		ck_assert_double_eq_tol(
			m.ess_tail,
			json_number_value(json_object_get(o, "tail")), 1e-6);
	}
	json_decref(all);
}
END_TEST

START_TEST(constant)
{
	const double x[16] = { 0 };
	struct syc_mcmc m;
	double q, se;

	ck_assert_int_eq(syc_mcmc_check(&m, x, 2, 8, 1, NULL), 0);
	ck_assert(isnan(m.rhat) && isnan(m.ess_bulk) && isnan(m.ess_tail));
	ck_assert_int_eq(syc_mcmc_check(&m, x, 2, 3, 1, NULL), SYC_EINVAL);
	ck_assert_int_eq(syc_mcmc_quantile(&q, &se, x, 2, 8, 1, 0.5, NULL), 0);
	ck_assert(q == 0 && isnan(se));
}
END_TEST

START_TEST(quantiles)
{
	static const double p[] = { 1e-300, 1e-9, 0.02, 0.5, 0.75, 0.999 };

	for (size_t i = 0; i < sizeof(p) / sizeof(p[0]); i++)
		ck_assert_double_eq_tol(
			erfc(-normal_quantile(p[i]) * M_SQRT1_2) / 2 / p[i], 1,
			1e-12);
	ck_assert_double_eq_tol(normal_quantile(0.975), 1.959963984540054,
				1e-14);
}
END_TEST

int main(void)
{
	static const struct test tests[] = {
		TEST(of_normals), TEST(threads), TEST(divergences),
		TEST(windows),	  TEST(arviz),	 TEST(constant),
		TEST(quantiles),
	};

	return RUN_TESTS("nuts", tests);
}
