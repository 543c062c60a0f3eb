/* SPDX-License-Identifier: MIT */
/* Sums of vectors, what is orthogonal, random ones, cosines. */
#include "config.h"
#include <zlib.h>
#include "made_pairs.h"
#include "syc/linear.h"

static struct syc_vector *vector_of(const float *x, size_t layers, size_t dim,
				    unsigned has)
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
	static const float xa[] = {3, 4, 1, 0, 1, 1}, xb[] = {0, 2, 0, 1, 9, 9};
	struct syc_vector *a = vector_of(xa, 3, 2, 7),
			  *b = vector_of(xb, 3, 2, 3), *v;
	const struct syc_combine_part in[] = {{a, 2}, {b, -1}},
				      ones[] = {{a, 1}, {b, 1}};
	struct syc_buf want = { 0 };

	v = combined(
		(struct syc_combine){.in = in, .n_in = 2, .program = "me"});
	is(v, 0, 6, 6);
	is(v, 1, 2, -1);
	ck_assert(v->has[0] && v->has[1] && !v->has[2] && !v->normalized);
	ck_assert_str_eq(v->method, "combine");
	syc_buf_printf(&want,
		"{\"program\": \"me\", \"version\": \"%s\", \"sum\": [{\"vector\": "
		"\"crc32:%08x\", \"weight\": 2}, {\"vector\": \"crc32:%08x\", \"weight\": -1}], "
		"\"orthogonal_to\": [], \"unit\": false, \"average\": false, \"scale\": 1, "
		"\"normalize\": \"none\"}",
		syc_version(),
		(unsigned)crc32_z(0, (const void *)xa, sizeof(xa)),
		(unsigned)crc32_z(0, (const void *)xb, sizeof(xb)));
	ck_assert_str_eq(v->provenance, want.data);
	syc_buf_free(&want);
	syc_vector_free(v);

	v = combined((struct syc_combine){
		.in = ones, .n_in = 2, .unit = true, .average = true});
	is(v, 0, 0.3, 0.9);
	ck_assert_ptr_nonnull(strstr(v->provenance, "\"program\": \"libsyc\""));
	syc_vector_free(v);
	v = combined((struct syc_combine){ .in = ones, .n_in = 2, .scale = -1,
					   .normalize = SYC_NORMALIZE_UNIT });
	is(v, 0, -3 / sqrt(45), -6 / sqrt(45));
	ck_assert(v->normalized);
	syc_vector_free(v);
	v = combined((struct syc_combine){
		.in = ones, .n_in = 2, .normalize = SYC_NORMALIZE_LAYER});
	is(v, 0, 3.5 * 3 / sqrt(45), 3.5 * 6 / sqrt(45));
	syc_vector_free(v);
	syc_vector_free(a);
	syc_vector_free(b);
}
END_TEST

START_TEST(orthogonal)
{
	static const float xa[] = {3, 4, 1, 2}, xb[] = {0, 2, 0, 1},
			   xc[] = {0, 1, 5, 5};
	struct syc_vector *a = vector_of(xa, 2, 2, 3),
			  *b = vector_of(xb, 2, 2, 1);
	struct syc_vector *c = vector_of(xc, 2, 2, 1), *v;
	const struct syc_combine_part in[] = {{a, 1}}, out[] = {{b, 1}, {c, 1}};

	/* The second says nothing new at layer 0, and neither is at layer 1. */
	v = combined((struct syc_combine){
		.in = in, .n_in = 1, .out = out, .n_out = 2});
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
	struct syc_vector *a = vector_of(x, 2, 2, 3),
			  *wide = vector_of(x, 2, 3, 3);
	struct syc_vector *first = vector_of(x, 2, 2, 1),
			  *second = vector_of(x, 2, 2, 2);
	const struct syc_combine_part one[] = {{a, 1}},
				      widths[] = {{a, 1}, {wide, 1}};
	const struct syc_combine_part apart[] = { { first, 1 }, { second, 1 } };

	no_sum((struct syc_combine){ .n_in = 0 }, "no vectors");
	no_sum((struct syc_combine){.in = widths, .n_in = 2}, "width 3 and 2");
	no_sum((struct syc_combine){
			.in = one, .n_in = 1, .out = widths + 1, .n_out = 1},
		"width");
	no_sum((struct syc_combine){.in = apart, .n_in = 2},
	       "no layer is in all vectors");
	no_sum((struct syc_combine){ .in = one, .n_in = 1, .unit = true },
	       "layer 1: vector 1 has no length");
	no_sum((struct syc_combine){.in = one,
				    .n_in = 1,
				    .normalize = SYC_NORMALIZE_UNIT},
	       "layer 1: the vector has no length to normalize");
	no_sum((struct syc_combine){
			.in = one, .n_in = 1, .out = one, .n_out = 1},
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
	ck_assert_ptr_nonnull(
		strstr(v->provenance, "\"seed\": 7, \"number\": 3}"));
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
	struct syc_vector *a = vector_of(xa, 2, 2, 3),
			  *b = vector_of(xb, 3, 2, 3);
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
		TEST(sums), TEST(orthogonal), TEST(no_sums), TEST(random_ones),
		TEST(cosines_of_layers),
	};

	return RUN_TESTS("combine", tests);
}
