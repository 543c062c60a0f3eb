/* SPDX-License-Identifier: MIT */
/* Methods by their formulas, whole vectors, controls, combinations. */
#include "config.h"
#include <zlib.h>
#include "made_pairs.h"
#include "syc/linear.h"
#include "syc/probe.h"

enum { N = 12, D = 4, L = 2 };

/* Pairs that differ by about (3, 1, 0, -1) and more at layer 1. */
static float match[N][L][D], other[N][L][D];

static void fill(void)
{
	static const float mean[D] = { 3, 1, 0, -1 };
	uint64_t state = 1;

	for (size_t i = 0; i < N; i++)
		for (size_t l = 0; l < L; l++)
			for (size_t c = 0; c < D; c++) {
				other[i][l][c] = 5 + noise(&state) * (float)(1 + c);
				match[i][l][c] = other[i][l][c] + mean[c] * (float)(l + 1) +
					noise(&state);
			}
}

static struct syc_pairs *open_filled(void)
{
	fill();
	return made_pairs(match[0][0], other[0][0], N, L, D);
}

/* The sum of x [D] y. */
static double dot(const double *x, const double *y)
{
	double sum = 0;

	for (size_t c = 0; c < D; c++)
		sum += x[c] * y[c];
	return sum;
}

static double length(const double *x)
{
	return sqrt(dot(x, x));
}

static double cosine(const double *x, const double *y)
{
	return dot(x, y) / length(x) / length(y);
}

static void difference(double *d, size_t i, size_t l)
{
	for (size_t c = 0; c < D; c++)
		d[c] = (double)match[i][l][c] - (double)other[i][l][c];
}

static void mean_difference(double *out, size_t l)
{
	memset(out, 0, D * sizeof(*out));
	for (size_t i = 0; i < N; i++) {
		double d[D];

		difference(d, i, l);
		for (size_t c = 0; c < D; c++)
			out[c] += d[c] / N;
	}
}

static void find(double *out, const struct syc_pairs *p, size_t layer, struct syc_recipe r)
{
	struct syc_err err = { 0 };

	ck_assert_msg(syc_direction(out, p, layer, NULL, N, &r, &err) == 0, "%s", err.msg);
}

START_TEST(table)
{
	const struct syc_method_info *m = syc_method_info(SYC_METHOD_LDA);

	ck_assert_str_eq(m->name, "lda");
	ck_assert_uint_eq(m->takes, SYC_TAKES_SHRINKAGE);
	for (unsigned i = 0; i < SYC_N_METHODS; i++)
		ck_assert_uint_eq(syc_method_find(syc_method_info(i)->name), i);
	ck_assert_ptr_null(syc_method_info(SYC_N_METHODS));
	ck_assert_uint_eq(syc_method_find("median"), SYC_N_METHODS);
	ck_assert_str_eq(syc_center_name(SYC_CENTER_ALL), "all");
	ck_assert_ptr_null(syc_center_name(SYC_N_CENTERS));
	ck_assert_str_eq(syc_normalize_name(SYC_NORMALIZE_LAYER), "per-layer-mean");
	ck_assert_ptr_null(syc_normalize_name(SYC_N_NORMALIZES));
	ck_assert_str_eq(syc_recipe_name(&(struct syc_recipe){ 0 }), "mean");
	ck_assert_str_eq(syc_recipe_name(&(struct syc_recipe){ .method = SYC_METHOD_PCA,
							       .center = SYC_CENTER_NONE }),
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
	ck_assert_int_eq(syc_direction(got, p, 0, NULL, 0, &r, &err), SYC_EINVAL);
	syc_pairs_free(p);
	remove_dir();
}
END_TEST

/* Groups of 2 and 10 pairs weigh the same. */
START_TEST(balance)
{
	static char path[512], *paths[1] = { path };
	const struct syc_rows rows = { .paths = paths, .n_paths = 1 };
	const struct syc_recipe r = { .balance = true };
	struct syc_buf b = { 0 };
	struct syc_pairs *p;
	double got[D], want[D] = { 0 }, d[D];

	make_dir();
	fill();
	for (int i = 0; i < 2 * N; i++)
		syc_buf_printf(&b, "{\"acts\": {\"row\": %d}, \"answer_matching_behavior\": \"%s\"}\n",
			       i, i / 2 < 2 ? "A" : "B");
	put_text("rows", b.data);
	snprintf(path, sizeof(path), "%s", file("rows"));
	p = open_pairs(put_pairs("b.npz", match[0][0], other[0][0], N, L, D), SYC_PAIRS_CONTRAST,
		       &rows);
	find(got, p, 0, r);
	for (size_t i = 0; i < N; i++) {
		difference(d, i, 0);
		for (size_t c = 0; c < D; c++)
			want[c] += d[c] / (i < 2 ? 2 : N - 2) / 2;
	}
	for (size_t c = 0; c < D; c++)
		near(got[c], want[c], 1e-12);
	syc_buf_free(&b);
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

static void all_sides(double (*x)[D], double *m, size_t l)
{
	memset(m, 0, D * sizeof(*m));
	for (size_t i = 0; i < 2 * N; i++)
		for (size_t c = 0; c < D; c++) {
			x[i][c] = (double)(i < N ? match[i][l][c] : other[i - N][l][c]);
			m[c] += x[i][c] / (2 * N);
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
	static const float a[3][6] = { { -10, 5 }, { 2, 1 }, { 2, 1 } }, b[3][6] = { { 0 } };
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
	ck_assert_int_eq(syc_direction(got, p, 0, NULL, 3, &r, &err), SYC_EINVAL);
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
			const double from = s[c][k] - (c == k ? trace(s) / D : 0);

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
	struct syc_recipe r = { .method = SYC_METHOD_LDA, .shrinkage_given = true, .shrinkage = 0.3 };
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
	double x[2 * N][D], m[D], sd[D] = { 0 }, gradient[D] = { 0 }, at[2 * N], low = -50, high = 50;

	all_sides(x, m, l);
	for (size_t c = 0; c < D; c++) {
		for (size_t i = 0; i < 2 * N; i++)
			sd[c] += (x[i][c] - m[c]) * (x[i][c] - m[c]) / (2 * N - 1);
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
		found = fabs(length(again) / length(got) - 1) < 1e-6 && cosine(got, again) > 1 - 1e-9;
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
	const struct syc_recipe r = { .method = SYC_METHOD_LOGISTIC, .folds = 3 };
	struct syc_ridge_opts o = { .folds = 3 };
	struct syc_ridge *fit;
	struct syc_pairs *p;
	float x[2 * N][D];
	int8_t y[2 * N];
	uint32_t group[2 * N];
	double got[D];

	make_dir();
	p = open_filled();
	for (size_t i = 0; i < 2 * N; i++) {
		memcpy(x[i], (i % 2 ? other : match)[pick[i / 2]][0], sizeof(x[i]));
		y[i] = i % 2 == 0;
		group[i] = pick[i / 2];
	}
	o.group = group;
	ck_assert_int_eq(syc_ridge_fit(&fit, x[0], y, 2 * N, D, &o, NULL), 0);
	ck_assert_int_eq(syc_direction(got, p, 0, pick, N, &r, NULL), 0);
	for (size_t c = 0; c < D; c++)
		ck_assert(got[c] == fit->w[c]);
	syc_ridge_free(fit);
	syc_pairs_free(p);
	remove_dir();
}
END_TEST

/* ---- whole vectors --------------------------------------------------------------------- */

static struct syc_vector *make(const struct syc_pairs *p, const struct syc_pairs *control,
			       struct syc_recipe r)
{
	struct syc_err err = { 0 };
	struct syc_vector *v;

	ck_assert_msg(syc_vector_of_pairs(&v, p, control, &r, &err) == 0, "%s", err.msg);
	return v;
}

/* The projections of both sides, their means and variances. */
struct projected {
	double x[2][N], mean[2], var[2];
};

static void project(struct projected *p, const double *u, size_t l)
{
	*p = (struct projected){ 0 };
	for (size_t i = 0; i < N; i++)
		for (int side = 0; side < 2; side++) {
			const float *from = (side ? other : match)[i][l];

			for (size_t c = 0; c < D; c++)
				p->x[side][i] += (double)from[c] * u[c] / length(u);
			p->mean[side] += p->x[side][i] / N;
		}
	for (size_t i = 0; i < N; i++)
		for (int side = 0; side < 2; side++)
			p->var[side] += pow(p->x[side][i] - p->mean[side], 2) / (N - 1);
}

/* The diagnostics of layer l, by syc-vector(5). */
static void diagnosed(const struct syc_vector *v, size_t l)
{
	double u[D], md[D], along = 0, whole = 0, cosines = 0, wrong = 0;
	struct projected p;

	for (size_t c = 0; c < D; c++)
		u[c] = (double)v->v[l * D + c];
	mean_difference(md, l);
	project(&p, u, l);
	for (size_t i = 0; i < N; i++) {
		const double step = p.x[0][i] - p.x[1][i];
		double d[D];

		difference(d, i, l);
		along += step * step;
		whole += dot(d, d);
		cosines += cosine(d, md) / N;
		wrong += step <= 0;
	}
	near((double)v->explained[l], along / whole, 1e-5);
	near((double)v->dprime[l], (p.mean[0] - p.mean[1]) / sqrt((p.var[0] + p.var[1]) / 2), 1e-4);
	near((double)v->pair_cosine[l], cosines, 1e-5);
	near((double)v->wrong_side[l], wrong / N, 1e-6);
	near((double)v->center[l], (p.mean[0] + p.mean[1]) / 2, 1e-4);
}

START_TEST(vector)
{
	struct syc_pairs *p;
	struct syc_vector *v;
	struct syc_buf want = { 0 };
	double md[D];

	make_dir();
	p = open_filled();
	v = make(p, NULL, (struct syc_recipe){ 0 });
	ck_assert(v->n_layers == L && v->dim == D && v->n_pairs == N && !v->normalized);
	for (size_t l = 0; l < L; l++) {
		ck_assert(v->has[l]);
		mean_difference(md, l);
		near((double)v->norm[l], length(md), 1e-6);
		for (size_t c = 0; c < D; c++)
			ck_assert((float)md[c] == v->v[l * D + c] ||
				  fabs(md[c] - (double)v->v[l * D + c]) < 1e-6);
		diagnosed(v, l);
	}
	ck_assert_str_eq(v->method, "mean");
	ck_assert_str_eq(v->position, "last");
	ck_assert_str_eq(v->name, "");
	ck_assert_str_eq(v->model_hint, "");
	syc_buf_printf(&want, "{\"activations\": [{\"made\": 1}], \"data\": \"crc32:%08x\", "
		       "\"position\": \"last\", \"balance\": false}",
		       (unsigned)syc_pairs_info(p)->checksum);
	ck_assert_str_eq(v->provenance, want.data);
	syc_buf_free(&want);
	syc_vector_free(v);
	syc_pairs_free(p);
	remove_dir();
}
END_TEST

/* The end of the provenance that a recipe gives. */
static void described(const struct syc_pairs *p, const struct syc_pairs *control,
		      struct syc_recipe r, const char *method, const char *end)
{
	struct syc_vector *v = make(p, control, r);
	const char *at = strstr(v->provenance, "\"position\": \"last\"");

	ck_assert_ptr_nonnull(at);
	ck_assert_str_eq(at + strlen("\"position\": \"last\""), end);
	ck_assert_str_eq(v->method, method);
	syc_vector_free(v);
}

START_TEST(provenance)
{
	struct syc_pairs *p;

	make_dir();
	p = open_filled();
	described(p, NULL, (struct syc_recipe){ .balance = true }, "mean", ", \"balance\": true}");
	described(p, NULL, (struct syc_recipe){ .method = SYC_METHOD_PCA, .center = SYC_CENTER_ALL },
		  "pca-all", ", \"center\": \"all\"}");
	described(p, NULL, (struct syc_recipe){ .method = SYC_METHOD_LDA }, "lda", "}");
	described(p, NULL,
		  (struct syc_recipe){ .method = SYC_METHOD_LDA, .shrinkage_given = true,
				       .shrinkage = 0.25, .normalize = SYC_NORMALIZE_UNIT },
		  "lda", ", \"shrinkage\": 0.25, \"normalize\": \"unit\"}");
	described(p, NULL, (struct syc_recipe){ .method = SYC_METHOD_LOGISTIC, .lambda = 1.5 },
		  "logistic", ", \"lambda\": 1.5}");
	described(p, NULL, (struct syc_recipe){ .method = SYC_METHOD_LOGISTIC, .seed = 9 },
		  "logistic", ", \"folds\": 5, \"seed\": 9}");
	syc_pairs_free(p);
	remove_dir();
}
END_TEST

static double length_at(const struct syc_vector *v, size_t l)
{
	double u[D];

	for (size_t c = 0; c < D; c++)
		u[c] = (double)v->v[l * D + c];
	return length(u);
}

START_TEST(normalized)
{
	struct syc_pairs *p;
	struct syc_vector *unit, *like;

	make_dir();
	p = open_filled();
	unit = make(p, NULL, (struct syc_recipe){ .normalize = SYC_NORMALIZE_UNIT });
	like = make(p, NULL, (struct syc_recipe){ .normalize = SYC_NORMALIZE_LAYER });
	ck_assert(unit->normalized && !like->normalized);
	for (size_t l = 0; l < L; l++) {
		double x[2 * N][D], m[D], sum = 0;

		near(length_at(unit, l), 1, 1e-6);
		ck_assert(unit->norm[l] > 2);
		all_sides(x, m, l);
		for (size_t i = 0; i < 2 * N; i++)
			sum += length(x[i]) / (2 * N);
		near(length_at(like, l), sum, 1e-5);
	}
	syc_vector_free(unit);
	syc_vector_free(like);
	syc_pairs_free(p);
	remove_dir();
}
END_TEST

/* A control of one pair, or of prompts [n][L][D] without pairs. */
static struct syc_pairs *control_of(const float *x, size_t n, bool single)
{
	static const uint32_t layers[L] = { 0, 1 };
	const struct syc_acts_opts o = {
		.positions = 1u << SYC_POSITION_LAST, .layers = layers, .n_layers = L, .dim = D,
		.dtype = SYC_DTYPE_F32,
	};
	static const float zero[N][L][D];
	struct syc_acts_row row[N];

	if (!single)
		return open_pairs(put_pairs("control.npz", x, zero[0][0], n, L, D),
				  SYC_PAIRS_CONTROL, NULL);
	for (size_t i = 0; i < n; i++) {
		row[i] = (struct syc_acts_row){ .id = "p", .answer = -1 };
		row[i].position[SYC_POSITION_LAST] = x + i * L * D;
	}
	return open_pairs(put_acts("control.npz", &o, row, n), SYC_PAIRS_CONTROL, NULL);
}

START_TEST(control_of_pairs)
{
	static const float axis[L][D] = { { 2, 0, 0, 0 }, { 0, 0, 0, 3 } };
	struct syc_pairs *p, *control;
	struct syc_vector *v;
	struct syc_buf want = { 0 };
	double md[D];

	make_dir();
	p = open_filled();
	control = control_of(axis[0], 1, false);
	v = make(p, control, (struct syc_recipe){ 0 });
	for (size_t l = 0; l < L; l++) {
		mean_difference(md, l);
		md[l ? 3 : 0] = 0;
		for (size_t c = 0; c < D; c++)
			near((double)v->v[l * D + c], md[c], 1e-6);
		diagnosed(v, l);
	}
	syc_vector_free(v);
	syc_buf_printf(&want, ", \"balance\": false, \"control\": \"crc32:%08x\"}",
		       (unsigned)syc_pairs_info(control)->checksum);
	described(p, control, (struct syc_recipe){ 0 }, "mean", want.data);
	syc_buf_free(&want);
	syc_pairs_free(control);
	syc_pairs_free(p);
	remove_dir();
}
END_TEST

/* Prompts that vary along an axis and less along another, about a far mean. */
START_TEST(control_of_prompts)
{
	static const float x[4][L][D] = {
		{ { 9, 4, 8, 7 }, { 9, 4, 8, 7 } }, { { 5, 4, 8, 7 }, { 5, 4, 8, 7 } },
		{ { 7, 5, 8, 7 }, { 7, 5, 8, 7 } }, { { 7, 3, 8, 7 }, { 7, 3, 8, 7 } },
	};
	struct syc_pairs *p, *control;
	struct syc_vector *v;
	double md[D];

	make_dir();
	p = open_filled();
	control = control_of(x[0][0], 4, true);
	for (size_t k = 0; k <= 3; k++) {
		v = make(p, control, (struct syc_recipe){ .n_components = k });
		for (size_t l = 0; l < L; l++) {
			mean_difference(md, l);
			md[0] = 0;
			md[1] = k < 2 ? md[1] : 0;
			for (size_t c = 0; c < D; c++)
				near((double)v->v[l * D + c], md[c], 1e-6);
		}
		ck_assert_ptr_nonnull(strstr(v->provenance, k == 2 ? "\"control_components\": 2" :
					     "\"control_components\": "));
		syc_vector_free(v);
	}
	syc_pairs_free(control);
	syc_pairs_free(p);
	remove_dir();
}
END_TEST

/* The majority decides the sign of what a control leaves. */
START_TEST(sign_beside_a_control)
{
	static const float a[3][2] = { { 10, 5 }, { 2, -1 }, { 2, -1 } }, b[3][2] = { { 0 } };
	static const float axis[1][2] = { { 1, 0 } };
	const struct syc_recipe r = { .method = SYC_METHOD_PCA };
	struct syc_pairs *p, *control;
	struct syc_vector *v;

	make_dir();
	p = made_pairs(a[0], b[0], 3, 1, 2);
	v = make(p, NULL, r);
	ck_assert(v->v[0] > 0 && v->v[1] > 0);
	syc_vector_free(v);
	control = open_pairs(put_pairs("axis.npz", axis[0], b[0], 1, 1, 2), SYC_PAIRS_CONTROL, NULL);
	v = make(p, control, r);
	ck_assert(fabs((double)v->v[0]) < 1e-6 && v->v[1] < 0);
	syc_vector_free(v);
	syc_pairs_free(control);
	syc_pairs_free(p);
	remove_dir();
}
END_TEST

static struct syc_err no_vector(const struct syc_pairs *p, const struct syc_pairs *control,
				struct syc_recipe r)
{
	struct syc_err err = { 0 };
	struct syc_vector *v = (void *)&err;

	ck_assert_int_eq(syc_vector_of_pairs(&v, p, control, &r, &err), SYC_EINVAL);
	ck_assert_ptr_null(v);
	return err;
}

START_TEST(no_vectors)
{
	static const float same[N][L][D];
	struct syc_pairs *p, *none, *control;
	struct syc_err err;

	make_dir();
	p = open_filled();
	none = open_pairs(put_pairs("none.npz", same[0][0], same[0][0], N, L, D), SYC_PAIRS_CONTRAST,
			  NULL);
	for (unsigned m = 0; m < SYC_N_METHODS; m++) {
		err = no_vector(none, NULL, (struct syc_recipe){ .method = m });
		says(&err, "layer 0: ", NULL);
	}
	err = no_vector(p, p, (struct syc_recipe){ 0 });
	says(&err, "layer 0: nothing is left of the vector beside the control", NULL);
	control = made_pairs(match[0][0], other[0][0], N, 1, D);
	err = no_vector(p, control, (struct syc_recipe){ 0 });
	says(&err, "other layers than the pairs", NULL);
	syc_pairs_free(control);
	control = made_pairs(match[0][0], other[0][0], N, L, D - 1);
	err = no_vector(p, control, (struct syc_recipe){ 0 });
	says(&err, "the control has width 3, the pairs 4", NULL);
	syc_pairs_free(control);
	/* Two models may be alike, but then there is no length to give. */
	control = open_pairs(file("none.npz"), SYC_PAIRS_MODELS, NULL);
	ck_assert_int_eq(syc_pairs_other_acts(control, file("none.npz"), NULL, NULL), 0);
	err = no_vector(control, NULL, (struct syc_recipe){ .normalize = SYC_NORMALIZE_UNIT });
	says(&err, "layer 0: the vector has no length to normalize", NULL);
	described(control, NULL, (struct syc_recipe){ 0 }, "diff", ", \"balance\": false}");
	syc_pairs_free(control);
	syc_pairs_free(none);
	syc_pairs_free(p);
	remove_dir();
}
END_TEST

/* The position is told with the token's number, and a single pair has no spread. */
START_TEST(of_a_token)
{
	static const float x[3 * D] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 9, 9, 10 }, y[3 * D];
	static const int32_t ids[3] = { 1, 2, 3 };
	static const uint32_t layer[1] = { 2 };
	const struct syc_acts_opts o = {
		.positions = 1u << SYC_POSITION_ALL, .layers = layer, .n_layers = 1, .dim = D,
		.dtype = SYC_DTYPE_F32,
	};
	const struct syc_acts_row row[] = {
		{ .id = "a", .answer = 1, .all = x, .tokens = ids, .n_tokens = 3 },
		{ .id = "a", .answer = 0, .all = y, .tokens = ids, .n_tokens = 3 },
	};
	struct syc_pairs_opts po = { .read = SYC_READ_TOKEN, .token = -1 };
	const char *path;
	struct syc_pairs *p;
	struct syc_vector *v;

	make_dir();
	path = put_acts("all.npz", &o, row, 2);
	po.store = dir;
	ck_assert_int_eq(syc_pairs_of_acts(&p, &po, &path, 1, NULL, NULL), 0);
	v = make(p, NULL, (struct syc_recipe){ 0 });
	ck_assert_str_eq(v->position, "token -1");
	ck_assert_ptr_nonnull(strstr(v->provenance, "\"position\": \"token\", \"token\": -1, "));
	ck_assert(v->n_layers == 3 && !v->has[1] && v->has[2] && v->v[2 * D + 3] == 10);
	ck_assert(isnan(v->norm[1]) && isnan(v->dprime[2]));
	syc_vector_free(v);
	syc_pairs_free(p);
	remove_dir();
}
END_TEST

/* ---- vectors of vectors ---------------------------------------------------------------- */

static struct syc_vector *vector_of(const float *x, size_t layers, size_t dim, unsigned has)
{
	struct syc_vector *v = syc_vector_new(layers, dim);

	ck_assert_ptr_nonnull(v);
	memcpy(v->v, x, layers * dim * sizeof(*x));
	for (size_t l = 0; l < layers; l++)
		v->has[l] = has >> l & 1;
	return v;
}

static struct syc_vector *combined(struct syc_combine c)
{
	struct syc_err err = { 0 };
	struct syc_vector *v;

	c.scale = c.scale != 0 ? c.scale : 1;
	ck_assert_msg(syc_vector_combine(&v, &c, &err) == 0, "%s", err.msg);
	return v;
}

static void is(struct syc_vector *v, size_t l, double x, double y)
{
	near((double)v->v[l * 2], x, 1e-6);
	near((double)v->v[l * 2 + 1], y, 1e-6);
}

START_TEST(sums)
{
	static const float xa[] = { 3, 4, 1, 0, 1, 1 }, xb[] = { 0, 2, 0, 1, 9, 9 };
	struct syc_vector *a = vector_of(xa, 3, 2, 7), *b = vector_of(xb, 3, 2, 3), *v;
	const struct syc_combine_part in[] = { { a, 2 }, { b, -1 } }, ones[] = { { a, 1 }, { b, 1 } };
	struct syc_buf want = { 0 };

	v = combined((struct syc_combine){ .in = in, .n_in = 2, .program = "me" });
	is(v, 0, 6, 6);
	is(v, 1, 2, -1);
	ck_assert(v->has[0] && v->has[1] && !v->has[2] && !v->normalized);
	ck_assert_str_eq(v->method, "combine");
	syc_buf_printf(&want, "{\"program\": \"me\", \"version\": \"%s\", \"sum\": [{\"vector\": "
		       "\"crc32:%08x\", \"weight\": 2}, {\"vector\": \"crc32:%08x\", \"weight\": -1}], "
		       "\"orthogonal_to\": [], \"unit\": false, \"average\": false, \"scale\": 1, "
		       "\"normalize\": \"none\"}", syc_version(),
		       (unsigned)crc32_z(0, (const void *)xa, sizeof(xa)),
		       (unsigned)crc32_z(0, (const void *)xb, sizeof(xb)));
	ck_assert_str_eq(v->provenance, want.data);
	syc_buf_free(&want);
	syc_vector_free(v);

	v = combined((struct syc_combine){ .in = ones, .n_in = 2, .unit = true, .average = true });
	is(v, 0, 0.3, 0.9);
	ck_assert_ptr_nonnull(strstr(v->provenance, "\"program\": \"libsyc\""));
	syc_vector_free(v);
	v = combined((struct syc_combine){ .in = ones, .n_in = 2, .scale = -1,
					   .normalize = SYC_NORMALIZE_UNIT });
	is(v, 0, -3 / sqrt(45), -6 / sqrt(45));
	ck_assert(v->normalized);
	syc_vector_free(v);
	v = combined((struct syc_combine){ .in = ones, .n_in = 2, .normalize = SYC_NORMALIZE_LAYER });
	is(v, 0, 3.5 * 3 / sqrt(45), 3.5 * 6 / sqrt(45));
	syc_vector_free(v);
	syc_vector_free(a);
	syc_vector_free(b);
}
END_TEST

START_TEST(orthogonal)
{
	static const float xa[] = { 3, 4, 1, 2 }, xb[] = { 0, 2, 0, 1 }, xc[] = { 0, 1, 5, 5 };
	struct syc_vector *a = vector_of(xa, 2, 2, 3), *b = vector_of(xb, 2, 2, 1);
	struct syc_vector *c = vector_of(xc, 2, 2, 1), *v;
	const struct syc_combine_part in[] = { { a, 1 } }, out[] = { { b, 1 }, { c, 1 } };

	/* The second says nothing new at layer 0, and neither is at layer 1. */
	v = combined((struct syc_combine){ .in = in, .n_in = 1, .out = out, .n_out = 2 });
	is(v, 0, 3, 0);
	is(v, 1, 1, 2);
	syc_vector_free(v);
	syc_vector_free(a);
	syc_vector_free(b);
	syc_vector_free(c);
}
END_TEST

static void no_sum(struct syc_combine c, const char *text)
{
	struct syc_err err = { 0 };
	struct syc_vector *v = (void *)&err;

	c.scale = 1;
	ck_assert_int_eq(syc_vector_combine(&v, &c, &err), SYC_EINVAL);
	ck_assert_ptr_null(v);
	says(&err, text, NULL);
}

START_TEST(no_sums)
{
	static const float x[] = { 1, 2, 0, 0, 5, 6 };
	struct syc_vector *a = vector_of(x, 2, 2, 3), *wide = vector_of(x, 2, 3, 3);
	struct syc_vector *first = vector_of(x, 2, 2, 1), *second = vector_of(x, 2, 2, 2);
	const struct syc_combine_part one[] = { { a, 1 } }, widths[] = { { a, 1 }, { wide, 1 } };
	const struct syc_combine_part apart[] = { { first, 1 }, { second, 1 } };

	no_sum((struct syc_combine){ .n_in = 0 }, "no vectors");
	no_sum((struct syc_combine){ .in = widths, .n_in = 2 }, "width 3 and 2");
	no_sum((struct syc_combine){ .in = one, .n_in = 1, .out = widths + 1, .n_out = 1 }, "width");
	no_sum((struct syc_combine){ .in = apart, .n_in = 2 }, "no layer is in all vectors");
	no_sum((struct syc_combine){ .in = one, .n_in = 1, .unit = true },
	       "layer 1: vector 1 has no length");
	no_sum((struct syc_combine){ .in = one, .n_in = 1, .normalize = SYC_NORMALIZE_UNIT },
	       "layer 1: the vector has no length to normalize");
	no_sum((struct syc_combine){ .in = one, .n_in = 1, .out = one, .n_out = 1 },
	       "layer 0: nothing is left");
	syc_vector_free(a);
	syc_vector_free(wide);
	syc_vector_free(first);
	syc_vector_free(second);
}
END_TEST

START_TEST(random_ones)
{
	static const float x[] = { 3, 4, 0, 0, 1, 0 };
	struct syc_vector *like = vector_of(x, 3, 2, 5), *v, *again;
	float want[2];

	like->normalized = true;
	ck_assert_int_eq(syc_vector_str(&like->position, "mean"), 0);
	ck_assert_int_eq(syc_vector_random(&v, like, 7, 2, "me", NULL), 0);
	ck_assert(v->has[0] && !v->has[1] && v->has[2] && v->normalized);
	syc_random_directions(want, 1, 2, 5, 7, 2 * 3);
	ck_assert_mem_eq(want, v->v, sizeof(want));
	near(hypot((double)v->v[4], (double)v->v[5]), 1, 1e-6);
	ck_assert_str_eq(v->method, "random");
	ck_assert_str_eq(v->position, "mean");
	ck_assert_ptr_nonnull(strstr(v->provenance, "\"seed\": 7, \"number\": 3}"));
	ck_assert_int_eq(syc_vector_random(&again, like, 7, 3, NULL, NULL), 0);
	ck_assert(memcmp(again->v, v->v, sizeof(x)) != 0);
	syc_vector_free(again);
	syc_vector_free(v);
	syc_vector_free(like);
}
END_TEST

START_TEST(cosines_of_layers)
{
	static const float xa[] = { 3, 4, 1, 0 }, xb[] = { 4, -3, 6, 8, 1, 1 };
	struct syc_vector *a = vector_of(xa, 2, 2, 3), *b = vector_of(xb, 3, 2, 3);
	struct syc_vector *wide = vector_of(xb, 2, 3, 3);

	near(syc_vector_cosine(a, 0, b, 0), 0, 1e-12);
	near(syc_vector_cosine(a, 0, b, 1), 1, 1e-12);
	near(syc_vector_cosine(a, 1, b, 1), 0.6, 1e-12);
	ck_assert(isnan(syc_vector_cosine(a, 0, b, 2)));
	ck_assert(isnan(syc_vector_cosine(a, 2, b, 0)));
	ck_assert(isnan(syc_vector_cosine(a, 0, wide, 0)));
	syc_vector_free(a);
	syc_vector_free(b);
	syc_vector_free(wide);
}
END_TEST

int main(void)
{
	static const struct test tests[] = {
		TEST(table), TEST(mean_of_pairs), TEST(balance), TEST(pca), TEST(pca_of_few), TEST(lda),
		TEST(logistic), TEST(logistic_of_draws), TEST(vector), TEST(provenance),
		TEST(normalized), TEST(control_of_pairs), TEST(control_of_prompts),
		TEST(sign_beside_a_control), TEST(no_vectors), TEST(of_a_token), TEST(sums),
		TEST(orthogonal), TEST(no_sums), TEST(random_ones), TEST(cosines_of_layers),
	};

	return RUN_TESTS("direction", tests);
}
