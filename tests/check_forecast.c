/* SPDX-License-Identifier: MIT */
/* Forecasts against numpy, scipy and scikit-learn (tests/ref/forecast.py). */
#include "config.h"
#include <jansson.h>
#include "made_pairs.h"
#include "syc/forecast.h"

enum { N = 12, L = 2, DIM = 128, V = 4, TOKENS = 5 };

static float vectors[V + 1][L][DIM], match[N][L][DIM], other[N][L][DIM];
static struct syc_vector *vector[V + 1];	/* the last is the reference */
static struct syc_model *model;

static void draw(float *x, size_t n, uint64_t *state)
{
	for (size_t i = 0; i < n; i++)
		x[i] = noise(state);
}

/* Two sets far from each other, and a difference along the first vector. */
static void fill(void)
{
	uint64_t state = 7;

	draw(vectors[0][0], (size_t)(V + 1) * L * DIM, &state);
	draw(other[0][0], (size_t)N * L * DIM, &state);
	draw(match[0][0], (size_t)N * L * DIM, &state);
	for (size_t i = 0; i < N * L * DIM; i++) {
		const size_t pair = i / (L * DIM), l = i / DIM % L, c = i % DIM;
		float *x = &other[pair][l][c];

		*x += (float)(3 * (pair % 2));
		match[pair][l][c] += *x + 0.25f * vectors[0][l][c];
	}
}

static void make_vectors(void)
{
	for (size_t i = 0; i <= V; i++) {
		char name[16];

		vector[i] = syc_vector_new(L, DIM);
		memcpy(vector[i]->v, vectors[i], sizeof(vectors[i]));
		memset(vector[i]->has, 1, L);
		snprintf(name, sizeof(name), "v%zu", i);
		ck_assert_int_eq(syc_vector_str(&vector[i]->name, name), 0);
	}
}

/* Rows that say letter, set and claim of each pair. */
static struct syc_pairs *lettered(void)
{
	const struct syc_pairs_opts o = { .store = dir, .by = "set" };
	const char *path = put_pairs("p.npz", match[0][0], other[0][0], N, L, DIM);
	struct syc_buf b = { 0 };
	struct syc_err err = { 0 };
	struct syc_rows rows;
	struct syc_pairs *p;

	for (int i = 0; i < 2 * N; i++)
		syc_buf_printf(
			&b,
			"{\"id\": \"r%d\", \"answer\": \"%s\", \"acts\": {\"row\": %d}, "
			"\"set\": %d, \"claim\": \"c%d\", "
			"\"answer_matching_behavior\": \"(%c)\"}\n",
			i / 2, i % 2 ? "other" : "match", i, i / 2 % 2, i / 4,
			"AB"[i / 2 % 3 == 0]);
	rows = rows_in(b.data);
	ck_assert_msg(syc_pairs_of_acts(&p, &o, &path, 1, &rows, &err) == 0, "%s", err.msg);
	syc_buf_free(&b);
	return p;
}

static struct syc_forecast_opts all_vectors(void)
{
	return (struct syc_forecast_opts){
		.v = (const struct syc_vector *const *)vector,
		.n = V,
		.reference = vector[V],
		.n_tokens = TOKENS,
	};
}

static struct syc_forecast *must(const struct syc_pairs *p, const struct syc_forecast_opts *o)
{
	struct syc_forecast *f;
	struct syc_err err = { 0 };

	ck_assert_msg(syc_forecast(&f, p, o, &err) == 0, "%s", err.msg);
	return f;
}

static void refused(const struct syc_pairs *p, const struct syc_forecast_opts *o,
		    const char *text)
{
	struct syc_forecast *f;
	struct syc_err err = { 0 };

	ck_assert_int_eq(syc_forecast(&f, p, o, &err), SYC_EINVAL);
	says(&err, text, NULL);
	ck_assert_ptr_null(f);
}

static struct syc_pairs *begin(void)
{
	make_dir();
	fill();
	make_vectors();
	return lettered();
}

static void end(struct syc_pairs *p)
{
	syc_pairs_free(p);
	for (size_t i = 0; i <= V; i++)
		syc_vector_free(vector[i]);
	remove_dir();
}

static json_t *figures(void)
{
	json_t *doc = json_load_file(source_path("tests/data/forecast.json"), 0, NULL);

	ck_assert_ptr_nonnull(doc);
	return doc;
}

static double item(const json_t *list, size_t i)
{
	return json_number_value(json_array_get(list, i));
}

static void same_layer(const struct syc_forecast_layer *got, const json_t *want)
{
	for (unsigned k = 0; k < SYC_N_FORECASTS; k++) {
		const json_t *x = json_object_get(want, syc_forecast_name(k));

		ck_assert(json_is_number(x));
		/* Of what is centered, and of the head's products, floats are taken. */
		near(got->x[k], json_number_value(x), k == SYC_FORECAST_MAHALANOBIS ? 1e-6 :
						      k == SYC_FORECAST_LENS ? 1e-5 : 1e-10);
	}
	for (size_t t = 0; t < TOKENS; t++) {
		ck_assert_int_eq(got->up[t], (int)item(json_object_get(want, "writes"), t));
		ck_assert_int_eq(got->down[t], (int)item(json_object_get(want, "takes"), t));
	}
}

START_TEST(figures_agree)
{
	struct syc_pairs *p = begin();
	json_t *doc = figures(), *list = json_object_get(doc, "vectors");
	struct syc_forecast_opts o = all_vectors();
	struct syc_forecast_rank r;
	struct syc_forecast *f;
	double outcome[V];

	ck_assert_int_eq(syc_model_open(&model, source_path("demo/demo-q8_0.gguf"), NULL, NULL), 0);
	o.by_group = true;
	o.model = model;
	f = must(p, &o);
	ck_assert_uint_eq(f->n_sets, 2);
	ck_assert_str_eq(f->answer[0], "(A)");
	for (size_t i = 0; i < V; i++) {
		for (size_t l = 0; l < L; l++)
			same_layer(&f->vector[i].layer[l],
				   json_array_get(json_array_get(list, i), l));
		near(f->vector[i].mean[0],
		     (f->vector[i].layer[0].x[0] + f->vector[i].layer[1].x[0]) / 2, 1e-15);
		outcome[i] = item(json_object_get(doc, "outcome"), i);
	}
	for (size_t l = 0; l < L; l++)
		near(f->shrinkage[l], item(json_object_get(doc, "shrinkage"), l), 1e-6);
	ck_assert_int_eq(syc_forecast_rank(&r, f, SYC_FORECAST_SEPARATION, outcome, NULL), 0);
	ck_assert_uint_eq(r.n, V);
	near(r.rho, json_number_value(json_object_get(doc, "rho")), 1e-12);
	ck_assert_int_eq(syc_forecast_rank(&r, f, SYC_FORECAST_LENS, outcome, NULL), 0);
	near(r.rho, json_number_value(json_object_get(doc, "lens_rho")), 1e-12);
	outcome[0] = outcome[1] = NAN;
	ck_assert_int_eq(syc_forecast_rank(&r, f, SYC_FORECAST_LENS, outcome, NULL), 0);
	ck_assert_uint_eq(r.n, 2);
	ck_assert(isnan(r.rho));
	syc_forecast_free(f);
	syc_model_close(model);
	json_decref(doc);
	end(p);
}
END_TEST

/* One set, no reference, no model: what is not defined is not there. */
START_TEST(without)
{
	struct syc_pairs *p = begin();
	struct syc_forecast_opts o = all_vectors();
	struct syc_forecast *f = must(p, &o), *g;

	o.by_group = true;
	g = must(p, &o);
	/* The sets' distance is in the one covariance, not in the other. */
	ck_assert(fabs(f->vector[0].mean[SYC_FORECAST_MAHALANOBIS] -
		       g->vector[0].mean[SYC_FORECAST_MAHALANOBIS]) > 0.01);
	ck_assert(isnan(f->vector[0].mean[SYC_FORECAST_LENS]));
	ck_assert_ptr_null(f->vector[0].layer[0].up);
	syc_forecast_free(g);
	o.reference = NULL;
	g = must(p, &o);
	ck_assert(isnan(g->vector[0].mean[SYC_FORECAST_MAHALANOBIS]));
	ck_assert(isnan(g->vector[0].mean[SYC_FORECAST_REFERENCE]));
	ck_assert(g->vector[0].mean[SYC_FORECAST_COSINE] ==
		  f->vector[0].mean[SYC_FORECAST_COSINE]);
	syc_forecast_free(f);
	syc_forecast_free(g);
	end(p);
}
END_TEST

/* Shrunk altogether, the covariance is a multiple of the identity. */
START_TEST(shrunk)
{
	struct syc_pairs *p = begin();
	struct syc_forecast_opts o = all_vectors();
	struct syc_forecast *f;

	o.shrinkage_given = true;
	o.shrinkage = 1;
	f = must(p, &o);
	for (size_t i = 0; i < V; i++)
		near(f->vector[i].mean[SYC_FORECAST_MAHALANOBIS],
		     f->vector[i].mean[SYC_FORECAST_REFERENCE], 1e-12);
	syc_forecast_free(f);
	end(p);
}
END_TEST

/* A vector of the first pairs leaves their claims out, and says of what it is. */
START_TEST(made_of_them)
{
	struct syc_pairs *p = begin(), *few;
	struct syc_forecast_opts o = all_vectors();
	const struct syc_recipe r = { 0 };
	const struct syc_null_opts n = { .n = { [SYC_NULL_RANDOM] = 20 }, .seed = 1 };
	struct syc_nulls *nulls;
	struct syc_vector *v;
	struct syc_forecast *f;
	struct syc_err err = { 0 };

	ck_assert_int_eq(syc_vector_of_pairs(&v, p, NULL, &r, &err), 0);
	o.v = (const struct syc_vector *const *)&v;
	o.n = 1;
	refused(p, &o, "was made of these pairs");
	o.v = (const struct syc_vector *const *)vector;
	o.reference = v;
	refused(p, &o, "was made of these pairs");
	syc_vector_free(v);

	/* The claims c0 to c2 of six pairs, in a file of their own. */
	few = open_pairs(put_pairs("few.npz", match[0][0], other[0][0], 6, L, DIM),
			 SYC_PAIRS_CONTRAST, &(struct syc_rows){ 0 });
	ck_assert_int_eq(syc_vector_of_pairs(&v, few, NULL, &r, &err), 0);
	ck_assert_msg(syc_nulls_write(file("n.npz"), p, NULL, &r, v, &n, &err) == 0, "%s", err.msg);
	ck_assert_int_eq(syc_nulls_open(&nulls, file("n.npz"), &err), 0);
	o.reference = v;
	o.made = &nulls;
	o.n_made = 1;
	refused(p, &o, "0 of 12 pairs are on claims that made no vector");
	refused(few, &o, "was made of these pairs");
	o.reference = NULL;
	f = must(few, &o);	/* claims of its own: nobody told them */
	ck_assert_uint_eq(f->n_left, 0);
	ck_assert_uint_eq(f->n_pairs, 6);
	syc_forecast_free(f);
	syc_nulls_close(nulls);
	syc_vector_free(v);
	syc_pairs_free(few);
	end(p);
}
END_TEST

START_TEST(refusals)
{
	struct syc_pairs *p = begin();
	struct syc_forecast_opts o = all_vectors();

	vector[1]->has[0] = vector[2]->has[1] = 0;
	refused(p, &o, "no layer in common");
	vector[3]->dim = DIM - 1;
	refused(p, &o, "vector 'v3' has width 127, the pairs 128");
	vector[3]->dim = DIM;
	ck_assert_str_eq(syc_forecast_name(SYC_FORECAST_LENS), "lens");
	ck_assert_ptr_null(syc_forecast_name(SYC_N_FORECASTS));
	end(p);
}
END_TEST

static void outcome_is(const struct syc_forecast *f, const char *text, const char *test,
		       double a, double b, const char *what)
{
	json_t *doc = json_loads(text, 0, NULL);
	const char *said;
	double x[V];

	ck_assert_int_eq(syc_forecast_outcome(x, &said, f, doc, test, NULL), 0);
	ck_assert_str_eq(said, what);
	near(x[0], a, 1e-12);
	near(x[1], b, 1e-12);
	ck_assert(isnan(x[2]) && isnan(x[3]));
	json_decref(doc);
}

#define CELL(vector, test, auc, crossed) \
	"{\"vector\": \"" vector "\", \"test\": \"" test "\", \"auc\": " auc \
	", \"cross_validated\": " crossed "}"
#define SETTING(kind, vector, scale, change, effect) \
	"{\"kind\": \"" kind "\", \"vector\": \"" vector "\", \"scale\": " scale \
	", \"change\": " change ", \"effect_change\": " effect "}"

START_TEST(outcomes)
{
	static const char transfer[] =
		"{\"transfer\": ["
		CELL("v0", "b", "0.6", "false") "," CELL("v0", "b", "0.9", "true")
		"," CELL("v0", "c", "0.8", "false") "," CELL("v1", "b", "0.5", "false") ","
		CELL("v2", "b", "null", "false") "]}";
	static const char sweep[] =
		"{\"settings\": [{\"kind\": \"none\"},"
		SETTING("steer", "v0", "2", "0.5", "0.1") ","
		SETTING("steer", "v0", "-2", "null", "-0.3") ","
		SETTING("random", "v0", "2", "9", "null") ","
		SETTING("steer", "v1", "1", "0.25", "null") "]}";
	struct syc_pairs *p = begin();
	const struct syc_forecast_opts o = all_vectors();
	struct syc_forecast *f = must(p, &o);
	json_t *doc = json_pack("{s:[]}", "fits");
	const char *said;
	double x[V];

	outcome_is(f, transfer, NULL, 0.7, 0.5, "transfer");
	outcome_is(f, transfer, "b", 0.6, 0.5, "transfer");
	outcome_is(f, sweep, NULL, 0.2, 0.25, "steering");
	ck_assert_int_eq(syc_forecast_outcome(x, &said, f, doc, NULL, NULL), SYC_EINVAL);
	ck_assert_int_eq(syc_forecast_outcome(x, &said, f, NULL, NULL, NULL), SYC_EINVAL);
	json_decref(doc);
	syc_forecast_free(f);
	end(p);
}
END_TEST

int main(void)
{
	static const struct test tests[] = {
		TEST(figures_agree), TEST(without), TEST(shrunk), TEST(made_of_them),
		TEST(refusals), TEST(outcomes),
	};

	return RUN_TESTS("forecast", tests);
}
