/* SPDX-License-Identifier: MIT */
/* Null vectors: what each kind is, and their file. */
#include "config.h"
#include "made_pairs.h"
#include "syc/null.h"
#include "syc/questions.h"

enum { PAIRS = 28, DIM = 2 * PAIRS, LAYERS = 2, DRAWS = 40 };

/*
 * Pair i has i + 1 and 2 along axes of its own, so that a null of means shows
 * what became of each activation.  Claims have two pairs, the first (A), then
 * (B) for most, but (A) and (A) for the last four.
 */
static struct syc_pairs *own_axes(void)
{
	static float x[2][PAIRS][LAYERS][DIM];
	struct syc_buf b = { 0 };
	struct syc_rows rows;
	struct syc_pairs *p;
	const char *path;

	memset(x, 0, sizeof(x));
	for (size_t i = 0; i < PAIRS; i++) {
		for (size_t l = 0; l < LAYERS; l++) {
			x[0][i][l][2 * i] = (float)(i + 1);
			x[1][i][l][2 * i + 1] = 2;
		}
		for (int side = 0; side < 2; side++)
			syc_buf_printf(&b, "{\"id\": \"r%zu\", \"answer\": \"%s\", \"acts\": "
				       "{\"row\": %zu}, \"claim\": \"c%zu\", "
				       "\"answer_matching_behavior\": \"%s\"}\n",
				       i, side ? "other" : "match", 2 * i + (size_t)side, i / 2,
				       i < 16 ? i % 2 ? "(B)" : "(A)" : i < 22 ? "(A)" : "(B)");
	}
	path = put_pairs("axes.npz", x[0][0][0], x[1][0][0], PAIRS, LAYERS, DIM);
	rows = rows_in(b.data);
	p = open_pairs(path, SYC_PAIRS_CONTRAST, &rows);
	syc_buf_free(&b);
	return p;
}

static struct syc_nulls *write_nulls(const struct syc_pairs *p, struct syc_recipe r,
				     struct syc_null_opts o)
{
	struct syc_err err = { 0 };
	struct syc_vector *v;
	struct syc_nulls *n;

	ck_assert_msg(syc_vector_of_pairs(&v, p, NULL, &r, &err) == 0, "%s", err.msg);
	ck_assert_int_eq(syc_vector_str(&v->name, "made"), 0);
	ck_assert_msg(syc_nulls_write(file("n.npz"), p, NULL, &r, v, &o, &err) == 0,
		      "%s", err.msg);
	ck_assert_msg(syc_nulls_open(&n, file("n.npz"), &err) == 0, "%s", err.msg);
	for (size_t l = 0; l < v->n_layers; l++)
		for (unsigned k = 0; k < SYC_N_NULLS; k++)
			for (size_t i = 0; i < o.n[k]; i++) {
				struct syc_vector *u;

				ck_assert_int_eq(syc_nulls_vector(&u, n, k, i, &err), 0);
				near(syc_vector_length(u, l), syc_vector_length(v, l), 1e-6);
				syc_vector_free(u);
			}
	syc_vector_free(v);
	return n;
}

/* 1 where the pair stands as it did, -1 where it is turned. */
static int turned(const float *x, size_t i)
{
	const double scale = (double)x[2 * i] / (double)(i + 1);

	near((double)x[2 * i + 1], -2 * scale, 1e-5);
	return scale > 0 ? 1 : -1;
}

START_TEST(flips)
{
	int sum[PAIRS] = { 0 };
	size_t differ = 0;
	struct syc_nulls *n;
	struct syc_pairs *p;
	float *x[LAYERS];

	make_dir();
	p = own_axes();
	n = write_nulls(p, (struct syc_recipe){ 0 },
			(struct syc_null_opts){ .n = { [SYC_NULL_FLIP] = DRAWS }, .seed = 4 });
	for (size_t l = 0; l < LAYERS; l++)
		ck_assert_int_eq(syc_nulls_layer(&x[l], n, SYC_NULL_FLIP, l, NULL), 0);
	for (size_t d = 0; d < DRAWS; d++) {
		int of_mixed = 0, of_a = 0, of_b = 0;

		for (size_t i = 0; i < PAIRS; i++) {
			const int s = turned(x[0] + d * DIM, i);

			ck_assert_int_eq(s, turned(x[1] + d * DIM, i));
			ck_assert_int_eq(s, turned(x[0] + d * DIM, i / 2 * 2));
			*(i < 16 ? &of_mixed : i < 22 ? &of_a : &of_b) += s;
			sum[i] += s;
		}
		ck_assert_int_eq(of_a, of_b);
		differ += of_a != of_mixed;
	}
	ck_assert_uint_gt(differ, DRAWS / 2);
	/* Beyond 20 of 40 with a chance of .001 each way, were they coins. */
	for (size_t i = 0; i < PAIRS; i++)
		ck_assert_int_lt(abs(sum[i]), 22);
	for (size_t l = 0; l < LAYERS; l++)
		free(x[l]);
	syc_nulls_close(n);
	syc_pairs_free(p);
	remove_dir();
}
END_TEST

/* Half of all activations are on the match side, wherever they come from. */
START_TEST(shuffles)
{
	size_t broken = 0;
	struct syc_nulls *n;
	struct syc_pairs *p;
	float *x;

	make_dir();
	p = own_axes();
	n = write_nulls(p, (struct syc_recipe){ 0 },
			(struct syc_null_opts){ .n = { [SYC_NULL_SHUFFLE] = DRAWS } });
	ck_assert_int_eq(syc_nulls_layer(&x, n, SYC_NULL_SHUFFLE, 1, NULL), 0);
	for (size_t d = 0; d < DRAWS; d++) {
		int sum = 0;

		for (size_t i = 0; i < PAIRS; i++) {
			const float *two = x + d * DIM + 2 * i;

			sum += (two[0] > 0) - (two[0] < 0) + (two[1] > 0) - (two[1] < 0);
			broken += (two[0] > 0) == (two[1] > 0);
		}
		ck_assert_int_eq(sum, 0);
	}
	/* Of 1120 pairs 27 in 55 have two equal sides: 550, give or take 5 deviations. */
	ck_assert(broken > 465 && broken < 635);
	free(x);
	syc_nulls_close(n);
	syc_pairs_free(p);
	remove_dir();
}
END_TEST

/* Differences (+-3, 0) and (0, +-1): of a normal direction, the first axis leads. */
START_TEST(covariance)
{
	enum { N = 40, MANY = 2000 };
	static float x[2][N][LAYERS][2];
	size_t first = 0;
	struct syc_nulls *n;
	struct syc_pairs *p;
	float *got[LAYERS];

	make_dir();
	for (size_t i = 0; i < N; i++)
		for (size_t l = 0; l < LAYERS; l++) {
			/* A mean of (5, 5), which the covariance does not see. */
			x[0][i][l][0] = x[0][i][l][1] = 5;
			x[0][i][l][i % 2] += (float)((i % 4 < 2 ? 1 : -1) * (i % 2 ? 1 : 3));
		}
	p = made_pairs(x[0][0][0], x[1][0][0], N, LAYERS, 2);
	n = write_nulls(p, (struct syc_recipe){ 0 },
			(struct syc_null_opts){ .n = { [SYC_NULL_COV] = MANY } });
	for (size_t l = 0; l < LAYERS; l++)
		ck_assert_int_eq(syc_nulls_layer(&got[l], n, SYC_NULL_COV, l, NULL), 0);
	for (size_t d = 0; d < MANY; d++) {
		first += fabs((double)got[0][2 * d]) > fabs((double)got[0][2 * d + 1]);
		/* One draw for both layers, whose differences are the same. */
		ck_assert(got[0][2 * d] == got[1][2 * d]);
	}
	/* P(3 |z| > |z'|) = 2 / pi atan 3 = .795, whose deviation is .009. */
	ck_assert(fabs((double)first / MANY - 0.795) < 0.04);
	for (size_t l = 0; l < LAYERS; l++)
		free(got[l]);
	syc_nulls_close(n);
	syc_pairs_free(p);
	remove_dir();
}
END_TEST

static const struct syc_null_opts few = { .n = { 20, 20, 20, 20 }, .threads = 1 };

/* The bytes depend on the seed, not on threads; the file says what it is. */
START_TEST(the_file)
{
	struct syc_null_opts o = few;
	const struct syc_nulls_info *info;
	struct syc_recipe r = { .method = SYC_METHOD_LDA, .balance = true };
	struct syc_vector *v, *like;
	struct syc_nulls *n;
	struct syc_pairs *p;
	float *x[3];

	make_dir();
	p = own_axes();
	for (unsigned k = 0; k < 3; k++) {
		o.threads = k == 1 ? 3 : 1;
		o.seed = k == 2;
		n = write_nulls(p, r, o);
		ck_assert_int_eq(syc_nulls_layer(&x[k], n, SYC_NULL_FLIP, 1, NULL), 0);
		if (k < 2)
			syc_nulls_close(n);
	}
	ck_assert_int_eq(memcmp(x[0], x[1], 20 * DIM * sizeof(float)), 0);
	ck_assert_int_ne(memcmp(x[0], x[2], 20 * DIM * sizeof(float)), 0);
	info = syc_nulls_info(n);
	ck_assert_str_eq(info->name, "made");
	ck_assert_str_eq(info->position, "last");
	ck_assert(info->n_layers == LAYERS && info->layers[1] == 1 && info->dim == DIM);
	ck_assert_uint_eq(info->n_claims, PAIRS / 2);
	ck_assert(syc_nulls_has_claim(n, syc_claim_hash("c3")));
	ck_assert(!syc_nulls_has_claim(n, syc_claim_hash("c14")));
	/* What syc-vec random makes. */
	ck_assert_int_eq(syc_nulls_vector(&v, n, SYC_NULL_RANDOM, 2, NULL), 0);
	ck_assert_str_eq(v->name, "made-random-3");
	ck_assert_str_eq(v->method, "null-random");
	ck_assert_int_eq(syc_vector_random(&like, v, 1, 2, NULL, NULL), 0);
	near(syc_vector_cosine(v, 1, like, 1), 1, 1e-6);
	syc_vector_free(like);
	ck_assert_int_lt(syc_nulls_vector(&like, n, SYC_NULL_COV, 20, NULL), 0);
	syc_vector_free(v);
	for (unsigned k = 0; k < 3; k++)
		free(x[k]);
	syc_nulls_close(n);
	syc_pairs_free(p);
	remove_dir();
}
END_TEST

/* Every file that is cut or has a byte changed is refused, or has finite draws. */
START_TEST(damaged)
{
	struct syc_err err = { 0 };
	struct syc_nulls *n;
	struct syc_pairs *p;
	char *data;
	size_t size;
	FILE *f;

	make_dir();
	p = own_axes();
	syc_nulls_close(write_nulls(p, (struct syc_recipe){ 0 }, few));
	syc_pairs_free(p);
	f = fopen(file("n.npz"), "rb");
	ck_assert_ptr_nonnull(f);
	data = malloc(1 << 20);
	size = fread(data, 1, 1 << 20, f);
	fclose(f);
	for (size_t i = 0; i < 120; i++) {
		const size_t at = (size - 1) * i / 119;
		float *x = NULL;

		data[at] ^= 0x55;
		f = fopen(file("bad.npz"), "wb");
		fwrite(data, 1, i % 3 ? size : at, f);
		fclose(f);
		data[at] ^= 0x55;
		if (syc_nulls_open(&n, file("bad.npz"), &err) == 0) {
			if (syc_nulls_layer(&x, n, SYC_NULL_FLIP, 0, &err) == 0)
				ck_assert(isfinite(x[0]));
			free(x);
			syc_nulls_close(n);
		}
	}
	free(data);
	ck_assert_int_eq(syc_nulls_open(&n, file("axes.npz"), &err), SYC_EFORMAT);
	says(&err, "axes.npz", "null vectors", NULL);
	remove_dir();
}
END_TEST

static void refuses(const struct syc_pairs *p, struct syc_recipe r, enum syc_null kind,
		    const char *why)
{
	struct syc_null_opts o = { .n = { 0 } };
	struct syc_err err = { 0 };
	struct syc_vector *v;

	o.n[kind] = 20;
	ck_assert_int_eq(syc_vector_of_pairs(&v, p, NULL, &r, &err), 0);
	ck_assert_int_eq(syc_nulls_write(file("no.npz"), p, NULL, &r, v, &o, &err), SYC_EINVAL);
	says(&err, why, NULL);
	syc_vector_free(v);
}

START_TEST(refused)
{
	const float match[3][2] = { { 1, 0 }, { 2, 1 }, { 1, 1 } }, other[3][2] = { { 0, 0 } };
	struct syc_pairs *p;

	make_dir();
	p = made_pairs(match[0], other[0], 3, 1, 2);
	refuses(p, (struct syc_recipe){ 0 }, SYC_NULL_FLIP, "3 claims");
	syc_pairs_free(p);
	p = own_axes();
	refuses(p, (struct syc_recipe){ .method = SYC_METHOD_PCA }, SYC_NULL_FLIP, "signs");
	refuses(p, (struct syc_recipe){ .method = SYC_METHOD_PCA, .center = SYC_CENTER_ALL },
		SYC_NULL_SHUFFLE, "labels");
	syc_pairs_free(p);
	remove_dir();
}
END_TEST

START_TEST(lists)
{
	static const struct {
		const char *text;
		size_t n[SYC_N_NULLS];
		const char *why;
	} cases[] = {
		{ "60", { 60 }, NULL }, { "flip", { 0, 0, 200 }, NULL },
		{ "cov:30,random:40,shuffle", { 40, 30, 0, 200 }, NULL },
		{ "flop", { 0 }, "none of" }, { "flip,flip", { 0 }, "twice" },
		{ "flip:", { 0 }, "no number" }, { "19", { 0 }, "no number" },
		{ "cov:1e9", { 0 }, "no number" }, { "", { 0 }, "none of" },
		{ "flip:30.5", { 0 }, "no number" }, { "fli", { 0 }, "none of" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		size_t n[SYC_N_NULLS];
		struct syc_err err = { 0 };
		const int ret = syc_null_parse(n, cases[i].text, SYC_NULL_LEAST,
					      SYC_NULL_DRAWS, &err);

		ck_assert_msg((ret == 0) == !cases[i].why, "%s: %s", cases[i].text, err.msg);
		if (cases[i].why)
			says(&err, cases[i].why, NULL);
		else
			ck_assert_int_eq(memcmp(n, cases[i].n, sizeof(n)), 0);
	}
	ck_assert_ptr_null(syc_null_name(SYC_N_NULLS));
}
END_TEST

int main(void)
{
	static const struct test tests[] = {
		TEST(flips), TEST(shuffles), TEST(covariance), TEST(the_file),
		TEST(damaged), TEST(refused), TEST(lists),
	};

	return RUN_TESTS("null_vectors", tests);
}
