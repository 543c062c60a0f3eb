/* SPDX-License-Identifier: MIT */
/*
 * The model of preferred features: its posterior against numpyro's, its forecasts
 * against their definitions.
 */
#include "config.h"
#include <jansson.h>
#include <math.h>
#include <string.h>
#include <time.h>
#include "made_pref.h"
#include "study/prefer/prefer.h"
#include "suite.h"

/* Pairs as drawn, `each` to a prompt. */
static struct syc_prefer_data *made(const struct made_pref *m, size_t each)
{
	struct syc_prefer_data *p = calloc(1, sizeof(*p));
	uint64_t state = m->seed;

	p->n = m->n;
	p->k = m->k;
	p->d = calloc(m->n * m->k, sizeof(double));
	p->scale = calloc(m->k, sizeof(double));
	p->n_differ = calloc(m->k, sizeof(size_t));
	p->name = calloc(m->k, sizeof(char *));
	p->choice = calloc(m->n, 1);
	p->prompt = calloc(m->n, sizeof(uint32_t));
	p->n_prompts = (m->n + each - 1) / each;
	for (size_t i = 0; i < m->n; i++) {
		p->choice[i] = (int8_t)made_pair(m, &state, p->d + i * m->k);
		p->prompt[i] = (uint32_t)(i / each);
	}
	for (size_t j = 0; j < m->k; j++) {
		char name[24];

		snprintf(name, sizeof(name), "f%zu", j);
		p->name[j] = strdup(name);
	}
	prefer_scale(p);
	return p;
}

static double number(const json_t *o, const char *key)
{
	const json_t *v = json_object_get(o, key);

	ck_assert_msg(v != NULL, "%s", key);
	return json_is_boolean(v) ? json_is_true(v) : json_number_value(v);
}

static struct made_pref case_of(const json_t *o)
{
	return (struct made_pref){(uint64_t)number(o, "seed"),
				  (size_t)number(o, "n"),
				  (size_t)number(o, "k"), number(o, "effect"),
				  number(o, "numbers") != 0 };
}

/* ---- the posterior ------------------------------------------------------------ */

/* Medians and ends within 4 combined standard errors of numpyro's. */
static void like_numpyro(const char *name)
{
	static const double probs[] = { 0.025, 0.25, 0.5, 0.75, 0.975 };
	char path[64];
	json_t *o;
	struct made_pref m;
	struct syc_prefer_data *p;
	struct syc_nuts *s;
	double most = 0, rhat = 0;
	size_t n_a = 0;
	struct timespec t[2];

	snprintf(path, sizeof(path), "tests/data/pref/%s.json", name);
	o = json_load_file(source_path(path), 0, NULL);
	ck_assert_ptr_nonnull(o);
	m = case_of(o);
	p = made(&m, 1);
	for (size_t i = 0; i < p->n; i++)
		n_a += (size_t)p->choice[i];
	ck_assert_uint_eq(n_a, (size_t)number(o, "chosen_a"));
	clock_gettime(CLOCK_MONOTONIC, &t[0]);
	ck_assert_int_eq(
		syc_prefer_sample(
			&s, p, NULL, 0, number(o, "b"),
			&(struct syc_nuts_opts){ .seed = 1, .threads = 2 }, NULL),
		0);
	clock_gettime(CLOCK_MONOTONIC, &t[1]);
	ck_assert_uint_eq(s->n_divergent, 0);
	for (size_t j = 0; j < p->k; j++) {
		const json_t *q = json_array_get(json_object_get(o, "quantile"),
						 j),
			     *e = json_array_get(json_object_get(o, "mcse"), j);
		struct syc_mcmc mcmc;

		syc_mcmc_check(&mcmc, s->x + j, s->n_chains, s->n_draws, s->dim,
			       NULL);
		rhat = fmax(rhat, mcmc.rhat);
		for (size_t i = 0; i < 5; i++) {
			double x, se, off;

			syc_mcmc_quantile(&x, &se, s->x + j, s->n_chains,
					  s->n_draws, s->dim, probs[i], NULL);
			off = fabs(x -
				   json_number_value(json_array_get(q, i))) /
			      hypot(se,
				    json_number_value(json_array_get(e, i)));
			most = fmax(most, off);
			ck_assert_msg(
				off < 4,
				"%s: feature %zu at %g: %g, %g standard errors off",
				name, j, probs[i], x, off);
		}
	}
	printf("%s: at most %.2f standard errors off, R-hat %.4f, %.2f s\n",
	       name, most, rhat,
	       (double)(t[1].tv_sec - t[0].tv_sec) +
		       1e-9 * (double)(t[1].tv_nsec - t[0].tv_nsec));
	ck_assert_msg(rhat < SYC_MCMC_RHAT, "%g", rhat);
	syc_nuts_free(s);
	syc_prefer_data_free(p);
	json_decref(o);
}

START_TEST(posterior)
{
	like_numpyro("small");
	like_numpyro("numbers");
}
END_TEST

/* 15,000 pairs with 23 features: SYC_LONG=1. */
START_TEST(big)
{
	if (getenv("SYC_LONG"))
		like_numpyro("big");
}
END_TEST

START_TEST(transform)
{
	double slope, more;

	for (double z = -45; z <= 45; z += 0.37) {
		const double x = laplace_of_normal(z, &slope), h = 1e-5,
			     up = laplace_of_normal(z + h, &more),
			     down = laplace_of_normal(z - h, &more);

		ck_assert_double_eq_tol((up - down) / (2 * h), slope, 1e-4);
		ck_assert(x == -laplace_of_normal(-z, &more));
		/* the tail of Laplace's is exp(-|x|) / 2 */
		if (fabs(z) < 8)
			ck_assert_double_eq_tol(exp(-fabs(x)),
						erfc(fabs(z) * M_SQRT1_2),
						1e-13);
	}
	/* where the series takes over */
	ck_assert_double_eq_tol(laplace_of_normal(30 - 1e-12, &slope),
				laplace_of_normal(30, &more), 1e-6);
	ck_assert_double_eq_tol(slope, more, 1e-6);
}
END_TEST

/* ---- forecasts ------------------------------------------------------------------ */

static const struct made_pref usual = { 4, 90, 3, 0.9, false };

START_TEST(foretold)
{
	struct syc_prefer_data *p = made(&usual, 3);
	uint32_t row[40];
	struct syc_nuts *s;
	struct syc_prefer_score got;
	double sum = 0, right = 0, squares = 0, prompt[30] = { 0 };
	double value[40];

	for (size_t i = 0; i < 40; i++)
		row[i] = (uint32_t)(2 * i);
	ck_assert_int_eq(
		syc_prefer_sample(&s, p, NULL, 0, 0.5,
				  &(struct syc_nuts_opts){ .n_draws = 60 }, NULL),
		0);
	for (size_t i = 0; i < 40; i++) {
		double chance = 0;

		for (size_t d = 0; d < 240; d++) {
			double x = 0;

			for (size_t j = 0; j < 3; j++)
				x += p->d[row[i] * 3 + j] * s->x[d * 3 + j];
			chance +=
				1 / (1 + exp(p->choice[row[i]] ? -x : x)) / 240;
		}
		value[i] = log(chance);
		sum += value[i] / 40;
		right += (chance > 0.5 ? 1 : chance < 0.5 ? 0 : 0.5) / 40;
	}
	for (size_t i = 0; i < 40; i++)
		prompt[p->prompt[row[i]]] += value[i] - sum;
	for (size_t i = 0; i < 30; i++)
		squares += prompt[i] * prompt[i];
	ck_assert_int_eq(syc_prefer_foretell(&got, p, row, 40, s, NULL), 0);
	ck_assert_double_eq_tol(got.log_lik, sum, 1e-12);
	ck_assert_double_eq_tol(got.accuracy, right, 1e-12);
	ck_assert_uint_eq(got.n, 40);
	ck_assert_uint_eq(got.n_prompts, 27);
	ck_assert_double_eq_tol(got.se, sqrt(squares * 27 / 26) / 40, 1e-12);
	ck_assert(got.lo < right && right < got.hi);
	syc_nuts_free(s);
	syc_prefer_data_free(p);
}
END_TEST

/* Weights against arviz's psislw(), where it smooths (from a shape of 1/3). */
START_TEST(smoothed)
{
	json_t *all = json_load_file(
		       source_path("tests/data/pref/weights.json"), 0, NULL),
	       *o;
	size_t at;

	ck_assert_uint_eq(json_array_size(all), 4);
	json_array_foreach(all, at, o) {
		const json_t *in = json_object_get(o, "log_w"),
			     *want = json_object_get(o, "smooth");
		const size_t n = json_array_size(in);
		double w[300], room[300], k;

		ck_assert_uint_eq(n, 300);
		for (size_t i = 0; i < n; i++)
			w[i] = json_number_value(json_array_get(in, i));
		k = psis(w, n, room);
		ck_assert_double_eq_tol(k, number(o, "k"), 1e-9);
		for (size_t i = 0; i < n && k >= 1.0 / 3; i++)
			ck_assert_double_eq_tol(
				log(w[i]),
				json_number_value(json_array_get(want, i)),
				1e-7);
	}
	json_decref(all);
}
END_TEST

/* Prompts really left out, one after the other, each time with draws of its own. */
START_TEST(left_out_one)
{
	const struct made_pref m = { 8, 60, 2, 1.2, false };
	struct syc_prefer_data *p = made(&m, 3);
	const struct syc_nuts_opts o = {
		.seed = 2, .n_warmup = 200, .n_draws = 1000 };
	uint32_t all[60], others[60];
	struct syc_prefer_loo got;
	struct syc_nuts *s;
	double sum = 0;

	for (size_t i = 0; i < 60; i++)
		all[i] = (uint32_t)i;
	ck_assert_int_eq(syc_prefer_sample(&s, p, NULL, 0, 0.5, &o, NULL), 0);
	ck_assert_int_eq(syc_prefer_loo(&got, p, all, 60, s, NULL), 0);
	syc_nuts_free(s);
	ck_assert_msg(got.n_bad == 0 && got.most_k < 0.7, "%g", got.most_k);
	ck_assert_uint_eq(got.score.n_prompts, 20);
	for (size_t g = 0; g < 20; g++) {
		struct syc_prefer_score one;
		size_t n = 0;

		for (size_t i = 0; i < 60; i++)
			if (p->prompt[i] != g)
				others[n++] = (uint32_t)i;
		ck_assert_int_eq(
			syc_prefer_sample(&s, p, others, n, 0.5, &o, NULL), 0);
		ck_assert_int_eq(
			syc_prefer_foretell(&one, p, all + 3 * g, 3, s, NULL),
			0);
		sum += one.log_lik / 20;
		syc_nuts_free(s);
	}
	ck_assert_msg(fabs(got.score.log_lik - sum) < 0.003, "%g, not %g",
		      got.score.log_lik, sum);
	syc_prefer_data_free(p);
}
END_TEST

/* ---- the whole -------------------------------------------------------------------- */

START_TEST(whole)
{
	const struct made_pref m = { 9, 600, 4, 1, false };
	struct syc_prefer_data *p = made(&m, 2);
	static const char *const part[] = { "f3", "f4" };
	const struct syc_prefer_sum sum = { "both", part, 1 };
	struct syc_prefer_plan plan = {
		.sum = &sum,
		.n_sums = 1,
		.nuts = { .n_draws = 300, .n_warmup = 200, .threads = 1 } };
	struct syc_prefer *a, *b;
	double best = -INFINITY;
	struct syc_err err;

	ck_assert_int_eq(syc_prefer_run(&a, p, &plan, &err), 0);
	ck_assert_uint_eq(a->n_tried, 9);
	ck_assert_uint_eq(a->n_prompts[0] + a->n_prompts[1] + a->n_prompts[2],
			  300);
	ck_assert_uint_eq(a->n_rows[1], 120);
	ck_assert_uint_eq(a->n_rows[2], 120);
	ck_assert_uint_eq(a->test.n, 120);
	for (size_t i = 0; i < 9; i++)
		best = fmax(best, a->tried[i].score.log_lik);
	for (size_t i = 0; i < 9; i++)
		ck_assert((a->tried[i].b == a->b) ==
			  (a->tried[i].score.log_lik == best));
	ck_assert_msg(a->b >= 0.1 && a->tried[0].score.log_lik < best - 0.02,
		      "%g", a->b);
	/* f0 and f3 were drawn with -1 and 0.5, f2 with 0 */
	ck_assert_msg(a->effect[0].p[SYC_PREFER_HI95] < 0.4 &&
			      a->effect[0].p[SYC_PREFER_LO95] > 0.15,
		      "%g %g", a->effect[0].p[SYC_PREFER_LO95],
		      a->effect[0].p[SYC_PREFER_HI95]);
	ck_assert(a->effect[2].p[SYC_PREFER_LO95] < 0.5 &&
		  a->effect[2].p[SYC_PREFER_HI95] > 0.5);
	/* Laplace's: half of it within b log 2 */
	ck_assert_double_eq_tol(log(a->prior[SYC_PREFER_HI50] /
				    (1 - a->prior[SYC_PREFER_HI50])),
				a->b * log(2), 1e-12);
	ck_assert_double_eq_tol(log(a->prior[SYC_PREFER_LO95] /
				    (1 - a->prior[SYC_PREFER_LO95])),
				-a->b * log(20), 1e-12);
	ck_assert(a->test.accuracy > 0.6 && a->test.log_lik > log(0.5));
	/* a sum of one feature is that feature */
	ck_assert_uint_eq(a->n, 5);
	ck_assert(a->effect[4].is_sum &&
		  a->effect[4].beta[2] == a->effect[3].beta[2] &&
		  a->effect[4].mcmc.ess_bulk == a->effect[3].mcmc.ess_bulk);
	plan.nuts.threads = 3;
	ck_assert_int_eq(syc_prefer_run(&b, p, &plan, &err), 0);
	ck_assert(a->b == b->b &&
		  a->loo.score.log_lik == b->loo.score.log_lik &&
		  memcmp(a->draws->x, b->draws->x,
			 4 * 300 * 4 * sizeof(double)) == 0);
	syc_prefer_free(a);
	syc_prefer_free(b);
	plan.b = 1;
	ck_assert_int_eq(syc_prefer_run(&a, p, &plan, &err), 0);
	ck_assert(a->n_tried == 0 && a->n_rows[0] == 480 && a->n_rows[1] == 0 &&
		  a->b == 1);
	syc_prefer_free(a);
	plan.sum = &(struct syc_prefer_sum){ "both", part, 2 };
	ck_assert_int_eq(syc_prefer_run(&a, p, &plan, &err), SYC_EINVAL);
	ck_assert_ptr_nonnull(
		strstr(err.msg, "no feature 'f4' to make 'both' of"));
	plan.n_sums = 0;
	p->n_prompts = 3;
	for (size_t i = 0; i < p->n; i++)
		p->prompt[i] = (uint32_t)i % 3;
	plan.b = 0;
	ck_assert_int_eq(syc_prefer_run(&a, p, &plan, &err), SYC_EINVAL);
	ck_assert_ptr_nonnull(strstr(err.msg, "3 prompts leave 1 to"));
	plan.path = (const double[]){ 0.1, 0.1 };
	plan.n_path = 2;
	ck_assert_int_eq(syc_prefer_run(&a, p, &plan, &err), SYC_EINVAL);
	syc_prefer_data_free(p);
}
END_TEST

int main(void)
{
	static const struct test tests[] = {
		TEST(posterior), TEST(big),	 TEST(transform),
		TEST(foretold),	 TEST(smoothed), TEST(left_out_one),
		TEST(whole),
	};

	return RUN_TESTS("prefer", tests);
}
