/* SPDX-License-Identifier: MIT */
/* Whole vectors: diagnostics, provenance, lengths, controls. */
#include "config.h"
#include "pairs_filled.h"

static struct syc_vector *make(const struct syc_pairs *p,
			       const struct syc_pairs *control,
			       struct syc_recipe r)
{
	struct syc_err err = { 0 };
	struct syc_vector *v;

	ck_assert_msg(syc_vector_of_pairs(&v, p, control, &r, &err) == 0, "%s",
		      err.msg);
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
				p->x[side][i] +=
					(double)from[c] * u[c] / length(u);
			p->mean[side] += p->x[side][i] / N;
		}
	for (size_t i = 0; i < N; i++)
		for (int side = 0; side < 2; side++)
			p->var[side] +=
				pow(p->x[side][i] - p->mean[side], 2) / (N - 1);
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
	near((double)v->dprime[l],
	     (p.mean[0] - p.mean[1]) / sqrt((p.var[0] + p.var[1]) / 2), 1e-4);
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
	ck_assert(v->n_layers == L && v->dim == D && v->n_pairs == N &&
		  !v->normalized);
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
	syc_buf_printf(&want,
		"{\"activations\": [{\"made\": 1}], \"data\": \"crc32:%08x\", "
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
static void described(const struct syc_pairs *p,
		      const struct syc_pairs *control, struct syc_recipe r,
		      const char *method, const char *end)
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
	described(p, NULL, (struct syc_recipe){.balance = true}, "mean",
		  ", \"balance\": true}");
	described(p, NULL,
		  (struct syc_recipe){.method = SYC_METHOD_PCA,
				      .center = SYC_CENTER_ALL},
		  "pca-all", ", \"center\": \"all\"}");
	described(p, NULL, (struct syc_recipe){.method = SYC_METHOD_LDA}, "lda",
		  "}");
	described(p, NULL,
		  (struct syc_recipe){.method = SYC_METHOD_LDA,
				      .shrinkage_given = true,
				      .shrinkage = 0.25,
				      .normalize = SYC_NORMALIZE_UNIT},
		  "lda", ", \"shrinkage\": 0.25, \"normalize\": \"unit\"}");
	described(p, NULL,
		  (struct syc_recipe){.method = SYC_METHOD_LOGISTIC,
				      .lambda = 1.5},
		  "logistic", ", \"lambda\": 1.5}");
	described(p, NULL,
		  (struct syc_recipe){.method = SYC_METHOD_LOGISTIC, .seed = 9},
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
	unit = make(p, NULL,
		    (struct syc_recipe){.normalize = SYC_NORMALIZE_UNIT});
	like = make(p, NULL,
		    (struct syc_recipe){.normalize = SYC_NORMALIZE_LAYER});
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
		.positions = 1u << SYC_POSITION_LAST,
		.layers = layers,
		.n_layers = L,
		.dim = D,
		.dtype = SYC_DTYPE_F32,
	};
	static const float zero[N][L][D];
	struct syc_acts_row row[N];
	char id[N][8];

	if (!single)
		return open_pairs(
			put_pairs("control.npz", x, zero[0][0], n, L, D),
			SYC_PAIRS_CONTROL, NULL);
	for (size_t i = 0; i < n; i++) {
		snprintf(id[i], sizeof(id[i]), "p%zu", i);
		row[i] = (struct syc_acts_row){ .id = id[i], .answer = -1 };
		row[i].position[SYC_POSITION_LAST] = x + i * L * D;
	}
	return open_pairs(put_acts("control.npz", &o, row, n),
			  SYC_PAIRS_CONTROL, NULL);
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
	syc_buf_printf(&want,
		       ", \"balance\": false, \"control\": \"crc32:%08x\"}",
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
		{{9, 4, 8, 7}, {9, 4, 8, 7}},
		{{5, 4, 8, 7}, {5, 4, 8, 7}},
		{{7, 5, 8, 7}, {7, 5, 8, 7}},
		{{7, 3, 8, 7}, {7, 3, 8, 7}},
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
		ck_assert_ptr_nonnull(strstr(v->provenance,
			k == 2 ? "\"control_components\": 2"
					      : "\"control_components\": "));
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
	static const float a[3][2] = {{10, 5}, {2, -1}, {2, -1}},
			   b[3][2] = {{0}};
	static const float axis[1][2] = { { 1, 0 } };
	const struct syc_recipe r = { .method = SYC_METHOD_PCA };
	struct syc_pairs *p, *control;
	struct syc_vector *v;

	make_dir();
	p = made_pairs(a[0], b[0], 3, 1, 2);
	v = make(p, NULL, r);
	ck_assert(v->v[0] > 0 && v->v[1] > 0);
	syc_vector_free(v);
	control = open_pairs(put_pairs("axis.npz", axis[0], b[0], 1, 1, 2),
			     SYC_PAIRS_CONTROL, NULL);
	v = make(p, control, r);
	ck_assert(fabs((double)v->v[0]) < 1e-6 && v->v[1] < 0);
	syc_vector_free(v);
	syc_pairs_free(control);
	syc_pairs_free(p);
	remove_dir();
}
END_TEST

static struct syc_err no_vector(const struct syc_pairs *p,
				const struct syc_pairs *control,
				struct syc_recipe r)
{
	struct syc_err err = { 0 };
	struct syc_vector *v = (void *)&err;

	ck_assert_int_eq(syc_vector_of_pairs(&v, p, control, &r, &err),
			 SYC_EINVAL);
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
	none = open_pairs(
		put_pairs("none.npz", same[0][0], same[0][0], N, L, D),
		SYC_PAIRS_CONTRAST, NULL);
	for (unsigned m = 0; m < SYC_N_METHODS; m++) {
		err = no_vector(none, NULL, (struct syc_recipe){ .method = m });
		says(&err, "layer 0: ", NULL);
	}
	err = no_vector(p, p, (struct syc_recipe){ 0 });
	says(&err, "layer 0: nothing is left of the vector beside the control",
	     NULL);
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
	ck_assert_int_eq(
		syc_pairs_other_acts(control, file("none.npz"), NULL, NULL), 0);
	err = no_vector(control, NULL,
			(struct syc_recipe){.normalize = SYC_NORMALIZE_UNIT});
	says(&err, "layer 0: the vector has no length to normalize", NULL);
	described(control, NULL, (struct syc_recipe){0}, "diff",
		  ", \"balance\": false}");
	syc_pairs_free(control);
	syc_pairs_free(none);
	syc_pairs_free(p);
	remove_dir();
}
END_TEST

/* The position is told with the token's number, and a single pair has no spread. */
START_TEST(of_a_token)
{
	static const float x[3 * D] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 9, 9, 10},
				 y[3 * D];
	static const int32_t ids[3] = { 1, 2, 3 };
	static const uint32_t layer[1] = { 2 };
	const struct syc_acts_opts o = {
		.positions = 1u << SYC_POSITION_ALL,
		.layers = layer,
		.n_layers = 1,
		.dim = D,
		.dtype = SYC_DTYPE_F32,
	};
	const struct syc_acts_row row[] = {
		{.id = "a",
		 .answer = 1,
		 .all = x,
		 .tokens = ids,
		 .n_tokens = 3},
		{.id = "a",
		 .answer = 0,
		 .all = y,
		 .tokens = ids,
		 .n_tokens = 3},
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
	ck_assert_ptr_nonnull(strstr(v->provenance,
		"\"position\": \"token\", \"token\": -1, "));
	ck_assert(v->n_layers == 3 && !v->has[1] && v->has[2] &&
		  v->v[2 * D + 3] == 10);
	ck_assert(isnan(v->norm[1]) && isnan(v->dprime[2]));
	syc_vector_free(v);
	syc_pairs_free(p);
	remove_dir();
}
END_TEST

int main(void)
{
	static const struct test tests[] = {
		TEST(vector), TEST(provenance), TEST(normalized),
		TEST(control_of_pairs), TEST(control_of_prompts),
		TEST(sign_beside_a_control), TEST(no_vectors),
		TEST(of_a_token),
	};

	return RUN_TESTS("vector_of_pairs", tests);
}
