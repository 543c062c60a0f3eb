/* SPDX-License-Identifier: MIT */
/* Methods by their formulas. */
#include "config.h"
#include "pairs_filled.h"
#include "syc/probe.h"

static void find(double *out, const struct syc_pairs *p, size_t layer,
		 struct syc_recipe r)
{
	struct syc_err err = { 0 };

	ck_assert_msg(syc_direction(out, p, layer, NULL, N, &r, &err) == 0,
		      "%s", err.msg);
}

START_TEST(table)
{
	const struct syc_method_info *m = syc_method_info(SYC_METHOD_LDA);

	ck_assert_str_eq(m->name, "lda");
	ck_assert_uint_eq(m->takes, SYC_TAKES_SHRINKAGE | SYC_TAKES_BALANCE);
	for (unsigned i = 0; i < SYC_N_METHODS; i++)
		ck_assert_uint_eq(syc_method_find(syc_method_info(i)->name), i);
	ck_assert_ptr_null(syc_method_info(SYC_N_METHODS));
	ck_assert_uint_eq(syc_method_find("median"), SYC_N_METHODS);
	ck_assert_str_eq(syc_center_name(SYC_CENTER_ALL), "all");
	ck_assert_ptr_null(syc_center_name(SYC_N_CENTERS));
	ck_assert_str_eq(syc_normalize_name(SYC_NORMALIZE_LAYER),
			 "per-layer-mean");
	ck_assert_ptr_null(syc_normalize_name(SYC_N_NORMALIZES));
	ck_assert_str_eq(syc_recipe_name(&(struct syc_recipe){ 0 }), "mean");
	ck_assert_str_eq(syc_recipe_name(&(struct syc_recipe){
			.method = SYC_METHOD_PCA, .center = SYC_CENTER_NONE}),
		"pca-none");
}
END_TEST

START_TEST(mean_of_pairs)
{
	static const uint32_t pick[] = { 3, 3, 7 };
	const struct syc_recipe r = { 0 };
	struct syc_pairs *p;
	double got[D], want[D], a[D], b[D];
	struct syc_err err;

	make_dir();
	p = open_filled();
	for (size_t l = 0; l < L; l++) {
		find(got, p, l, r);
		mean_difference(want, l);
		for (size_t c = 0; c < D; c++)
			near(got[c], want[c], 1e-12);
	}
	ck_assert_int_eq(syc_direction(got, p, 1, pick, 3, &r, NULL), 0);
	difference(a, 3, 1);
	difference(b, 7, 1);
	for (size_t c = 0; c < D; c++)
		near(got[c], (2 * a[c] + b[c]) / 3, 1e-12);
	ck_assert_int_eq(syc_direction(got, p, 0, NULL, 0, &r, &err),
			 SYC_EINVAL);
	syc_pairs_free(p);
	remove_dir();
}
END_TEST

/* The pairs of match and other, of which two match with (A). */
static struct syc_pairs *lettered(void)
{
	struct syc_buf b = { 0 };
	struct syc_rows rows;
	struct syc_pairs *p;

	for (int i = 0; i < 2 * N; i++)
		syc_buf_printf(&b,
			"{\"id\": \"r%d\", \"answer\": \"%s\", \"acts\": {\"row\": %d}, "
			"\"answer_matching_behavior\": \"%s\"}\n",
			i / 2, i % 2 ? "other" : "match", i, i / 2 < 2 ? "A" : "B");
	rows = rows_in(b.data);
	p = open_pairs(put_pairs("b.npz", match[0][0], other[0][0], N, L, D),
		       SYC_PAIRS_CONTRAST, &rows);
	syc_buf_free(&b);
	return p;
}

/* want [D] of the two matching answers' mean differences, times a and b. */
static void add_letters(double *want, double a, double b)
{
	double d[D];

	memset(want, 0, D * sizeof(*want));
	for (size_t i = 0; i < N; i++) {
		difference(d, i, 0);
		for (size_t c = 0; c < D; c++)
			want[c] += d[c] * (i < 2 ? a / 2 : b / (N - 2));
	}
}

/* Groups of 2 and 10 pairs weigh the same. */
START_TEST(balance)
{
	struct syc_pairs *p;
	double got[D], want[D];

	make_dir();
	fill();
	p = lettered();
	find(got, p, 0, (struct syc_recipe){ .balance = true });
	add_letters(want, 0.5, 0.5);
	for (size_t c = 0; c < D; c++)
		near(got[c], want[c], 1e-12);
	find(got, p, 0, (struct syc_recipe){ .method = SYC_METHOD_LETTERS });
	add_letters(want, 0.5, -0.5);
	for (size_t c = 0; c < D; c++)
		near(got[c], want[c], 1e-12);
	syc_pairs_free(p);
	remove_dir();
}
END_TEST

/* Weights are as though the rarer letter's pairs came five times. */
START_TEST(balance_of_methods)
{
	static const struct {
		struct syc_recipe r;
		bool also;	/* the written-out pairs are balanced, too */
	} cases[] = {
		{ { .method = SYC_METHOD_LDA, .shrinkage_given = true, .shrinkage = 0.2 }, false },
		{ { .method = SYC_METHOD_PCA }, true },
		{ { .method = SYC_METHOD_PCA, .center = SYC_CENTER_ALL }, true },
		{ { .method = SYC_METHOD_PCA, .center = SYC_CENTER_NONE }, true },
	};
	uint32_t pick[2 * N - 4];
	struct syc_pairs *p;

	make_dir();
	fill();
	p = lettered();
	for (uint32_t i = 0; i < 2 * N - 4; i++)
		pick[i] = i < N - 2 ? i % 2 : i - (N - 2) + 2;
	for (size_t k = 0; k < sizeof(cases) / sizeof(cases[0]); k++) {
		struct syc_recipe r = cases[k].r;
		double got[D], want[D], plain[D];

		find(plain, p, 1, r);
		r.balance = true;
		find(got, p, 1, r);
		r.balance = cases[k].also;
		ck_assert_int_eq(syc_direction(want, p, 1, pick, 2 * N - 4, &r, NULL), 0);
		for (size_t c = 0; c < D; c++)
			near(got[c], want[c], 1e-5);
		ck_assert(cosine(got, plain) < 1 - 1e-6);
	}
	syc_pairs_free(p);
	remove_dir();
}
END_TEST

/* What letters add to each side makes the component, unless it is taken out. */
START_TEST(components_of_letters)
{
	const struct syc_recipe pca = { .method = SYC_METHOD_PCA };
	struct syc_recipe r = pca;
	struct syc_vector *v;
	struct syc_pairs *p;
	const char *a, *b;
	double got[D], letter[L];

	make_dir();
	fill();
	for (size_t i = 0; i < N; i++)
		for (size_t l = 0; l < L; l++) {
			match[i][l][2] += i < 2 ? 40 : -40;
			other[i][l][2] += i < 2 ? -40 : 40;
		}
	p = lettered();
	find(got, p, 0, pca);
	ck_assert(fabs(got[2]) > 0.99);
	ck_assert_int_eq(syc_vector_of_pairs(&v, p, NULL, &pca, NULL), 0);
	ck_assert_int_eq(syc_vector_letters(letter, &a, &b, v, p, NULL), 0);
	ck_assert_str_eq(a, "A");
	ck_assert_str_eq(b, "B");
	/* Most pairs have (B): the sign is theirs. */
	ck_assert(letter[0] < -0.99 && letter[1] < -0.99);
	ck_assert(v->wrong_side[0] > 0.1f && v->wrong_side[0] < 0.2f);
	syc_vector_free(v);
	r.balance = true;
	find(got, p, 0, r);
	ck_assert(fabs(got[2]) < 0.5);
	syc_pairs_free(p);
	remove_dir();
}
END_TEST

/* The first component of rows x [n][D] about m, by the power method. */
static void component(double *u, double (*x)[D], size_t n, const double *m)
{
	for (size_t c = 0; c < D; c++)
		u[c] = 1 + (double)c;
	for (int step = 0; step < 3000; step++) {
		double next[D] = { 0 }, len;

		for (size_t i = 0; i < n; i++) {
			double s = 0;

			for (size_t c = 0; c < D; c++)
				s += (x[i][c] - m[c]) * u[c];
			for (size_t c = 0; c < D; c++)
				next[c] += s * (x[i][c] - m[c]);
		}
		len = length(next);
		for (size_t c = 0; c < D; c++)
			u[c] = next[c] / len;
	}
}

static void near_direction(const double *got, const double *want, size_t l)
{
	double mean_dir[D], sign;

	mean_difference(mean_dir, l);
	sign = dot(want, mean_dir) < 0 ? -1 : 1;
	near(length(got), 1, 1e-9);
	for (size_t c = 0; c < D; c++)
		near(got[c], sign * want[c], 1e-6);
}

START_TEST(pca)
{
	static const double zero[D] = { 0 };
	struct syc_recipe r = { .method = SYC_METHOD_PCA };
	double x[2 * N][D], m[D], u[D], got[D];
	struct syc_pairs *p;

	make_dir();
	p = open_filled();
	for (size_t l = 0; l < L; l++) {
		for (size_t i = 0; i < N; i++)
			difference(x[i], i, l);
		component(u, x, N, zero);
		r.center = SYC_CENTER_PAIR;
		find(got, p, l, r);
		near_direction(got, u, l);
		all_sides(x, m, l);
		component(u, x, 2 * N, m);
		r.center = SYC_CENTER_ALL;
		find(got, p, l, r);
		near_direction(got, u, l);
		component(u, x, 2 * N, zero);
		r.center = SYC_CENTER_NONE;
		find(got, p, l, r);
		near_direction(got, u, l);
	}
	syc_pairs_free(p);
	remove_dir();
}
END_TEST

/* Fewer rows than components take another way; the sign is the majority's. */
START_TEST(pca_of_few)
{
	static const float a[3][6] = {{-10, 5}, {2, 1}, {2, 1}},
			   b[3][6] = {{0}};
	const struct syc_recipe r = { .method = SYC_METHOD_PCA };
	struct syc_pairs *p;
	struct syc_err err;
	double got[6];

	make_dir();
	p = made_pairs(a[0], b[0], 3, 1, 6);
	ck_assert_int_eq(syc_direction(got, p, 0, NULL, 2, &r, NULL), 0);
	ck_assert_int_eq(syc_direction(got, p, 0, NULL, 3, &r, NULL), 0);
	/* Two of three are positive along it, though the sum is not. */
	ck_assert(got[0] > 0 && got[2] == 0);
	syc_pairs_free(p);
	p = made_pairs(b[0], b[0], 3, 1, 6);
	ck_assert_int_eq(syc_direction(got, p, 0, NULL, 3, &r, &err),
			 SYC_EINVAL);
	says(&err, "layer 0: ", NULL);
	syc_pairs_free(p);
	remove_dir();
}
END_TEST

/* All rows about their class's mean, and their scatter over n. */
static void within(double (*x)[D], double (*s)[D], size_t l)
{
	double m[D], mean[2][D] = { { 0 } };

	all_sides(x, m, l);
	memset(s, 0, D * sizeof(*s));
	for (size_t i = 0; i < 2 * N; i++)
		for (size_t c = 0; c < D; c++)
			mean[i >= N][c] += x[i][c] / N;
	for (size_t i = 0; i < 2 * N; i++)
		for (size_t c = 0; c < D; c++)
			x[i][c] -= mean[i >= N][c];
	for (size_t i = 0; i < 2 * N; i++)
		for (size_t c = 0; c < D; c++)
			for (size_t k = 0; k < D; k++)
				s[c][k] += x[i][c] * x[i][k] / (2 * N);
}

static double trace(double (*s)[D])
{
	double t = 0;

	for (size_t c = 0; c < D; c++)
		t += s[c][c];
	return t;
}

/* C w is the mean difference, with C as probe.h has it. */
static void solves(const double *w, size_t l, double shrinkage)
{
	double x[2 * N][D], s[D][D], md[D];

	within(x, s, l);
	mean_difference(md, l);
	for (size_t c = 0; c < D; c++) {
		double sum = shrinkage * trace(s) / D * w[c];

		for (size_t k = 0; k < D; k++)
			sum += (1 - shrinkage) * s[c][k] * w[k];
		near(sum, md[c], 1e-5);
	}
}

/* Ledoit and Wolf (2004). */
static double ledoit_wolf(size_t l)
{
	double x[2 * N][D], s[D][D], d = 0, b = 0;

	within(x, s, l);
	for (size_t c = 0; c < D; c++)
		for (size_t k = 0; k < D; k++) {
			const double from =
				s[c][k] - (c == k ? trace(s) / D : 0);

			d += from * from;
			for (size_t i = 0; i < 2 * N; i++) {
				const double e = x[i][c] * x[i][k] - s[c][k];

				b += e * e / (4.0 * N * N);
			}
		}
	return fmin(b, d) / d;
}

START_TEST(lda)
{
	struct syc_recipe r = {.method = SYC_METHOD_LDA,
			       .shrinkage_given = true,
			       .shrinkage = 0.3};
	struct syc_pairs *p;
	double got[D];

	make_dir();
	p = open_filled();
	for (size_t l = 0; l < L; l++) {
		r.shrinkage_given = true;
		find(got, p, l, r);
		solves(got, l, 0.3);
		r.shrinkage_given = false;
		find(got, p, l, r);
		solves(got, l, ledoit_wolf(l));
	}
	syc_pairs_free(p);
	remove_dir();
}
END_TEST

/* The weights of z that the rows give, by the loss's derivative. */
static void is_minimum(const double *w, size_t l, double lambda)
{
	double x[2 * N][D], m[D], sd[D] = {0}, gradient[D] = {0}, at[2 * N],
				  low = -50, high = 50;

	all_sides(x, m, l);
	for (size_t c = 0; c < D; c++) {
		for (size_t i = 0; i < 2 * N; i++)
			sd[c] += (x[i][c] - m[c]) * (x[i][c] - m[c]) /
				 (2 * N - 1);
		sd[c] = sqrt(sd[c]);
	}
	for (size_t i = 0; i < 2 * N; i++) {
		at[i] = 0;
		for (size_t c = 0; c < D; c++)
			at[i] += w[c] * (x[i][c] - m[c]);
	}
	/* The bias makes the probabilities' sum that of the classes. */
	for (int step = 0; step < 200; step++) {
		const double b = (low + high) / 2;
		double sum = -N;

		for (size_t i = 0; i < 2 * N; i++)
			sum += 1 / (1 + exp(-at[i] - b));
		*(sum > 0 ? &high : &low) = b;
	}
	for (size_t i = 0; i < 2 * N; i++) {
		const double p = 1 / (1 + exp(-at[i] - low));

		for (size_t c = 0; c < D; c++)
			gradient[c] += (p - (i < N)) * (x[i][c] - m[c]) / sd[c];
	}
	for (size_t c = 0; c < D; c++)
		near(gradient[c] + lambda * w[c] * sd[c], 0, 1e-4);
}

START_TEST(logistic)
{
	struct syc_recipe r = { .method = SYC_METHOD_LOGISTIC, .lambda = 2 };
	struct syc_pairs *p;
	double got[D], again[D];
	bool found = false;

	make_dir();
	p = open_filled();
	find(got, p, 1, r);
	is_minimum(got, 1, 2);
	/* Chosen: one of 13, with k the mean of |z|^2, which is D (n - 1) / n. */
	r.lambda = 0;
	r.seed = 3;
	find(got, p, 1, r);
	for (int i = 0; i <= 12 && !found; i++) {
		r.lambda = D * (2 * N - 1.0) / (2 * N) * pow(10, (i - 8) / 2.0);
		find(again, p, 1, r);
		found = fabs(length(again) / length(got) - 1) < 1e-6 &&
			cosine(got, again) > 1 - 1e-9;
	}
	ck_assert(found);
	syc_pairs_free(p);
	remove_dir();
}
END_TEST

/* A pair that is drawn twice is left out of a fit together. */
START_TEST(logistic_of_draws)
{
	static const uint32_t pick[N] = { 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5 };
	struct syc_pairs *p;
	float x[2 * N][D];
	int8_t y[2 * N];
	uint32_t group[2 * N], apart[2 * N];
	size_t n_other = 0;

	make_dir();
	p = open_filled();
	for (size_t i = 0; i < 2 * N; i++) {
		memcpy(x[i], (i % 2 ? other : match)[pick[i / 2]][0],
		       sizeof(x[i]));
		y[i] = i % 2 == 0;
		group[i] = pick[i / 2];
		apart[i] = (uint32_t)i / 2;
	}
	for (uint64_t seed = 0; seed < 20; seed++) {
		const struct syc_recipe r = {
			.method = SYC_METHOD_LOGISTIC, .folds = 3, .seed = seed,
		};
		struct syc_ridge_opts o = {
			.folds = 3, .seed = seed, .group = group};
		struct syc_ridge *fit, *wrong;
		double got[D];

		ck_assert_int_eq(
			syc_ridge_fit(&fit, x[0], y, 2 * N, D, &o, NULL), 0);
		o.group = apart;
		ck_assert_int_eq(
			syc_ridge_fit(&wrong, x[0], y, 2 * N, D, &o, NULL), 0);
		ck_assert_int_eq(syc_direction(got, p, 0, pick, N, &r, NULL),
				 0);
		ck_assert_mem_eq(got, fit->w, sizeof(got));
		n_other += fit->lambda != wrong->lambda;
		syc_ridge_free(fit);
		syc_ridge_free(wrong);
	}
	ck_assert_uint_gt(n_other, 0);
	syc_pairs_free(p);
	remove_dir();
}
END_TEST

int main(void)
{
	static const struct test tests[] = {
		TEST(table), TEST(mean_of_pairs), TEST(balance), TEST(balance_of_methods),
		TEST(components_of_letters), TEST(pca),
		TEST(pca_of_few), TEST(lda), TEST(logistic),
		TEST(logistic_of_draws),
	};

	return RUN_TESTS("direction", tests);
}
