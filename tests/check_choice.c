/* SPDX-License-Identifier: MIT */
/* P(matching): a row's answers as tokens, and their probabilities. */
#include <math.h>
#include "prompts.h"
#include "syc/choice.h"

static size_t shared(const int32_t *a, size_t n_a, const int32_t *b, size_t n_b)
{
	const struct syc_ids ids[2] = {
		{ .id = (int32_t *)a, .n = n_a },
		{ .id = (int32_t *)b, .n = n_b },
	};

	return syc_shared_tokens(ids, 2);
}

START_TEST(shared_tokens)
{
	const int32_t a[] = { 5, 6, 7, 8 }, b[] = { 5, 6, 9 }, c[] = { 4, 6 };
	const struct syc_ids three[3] = {
		{ .id = (int32_t *)a, .n = 4 }, { .id = (int32_t *)a, .n = 4 },
		{ .id = (int32_t *)b, .n = 3 },
	};

	ck_assert_uint_eq(shared(a, 4, b, 3), 2);
	ck_assert_uint_eq(shared(b, 3, a, 4), 2);
	ck_assert_uint_eq(shared(a, 4, c, 2), 0);
	/* One is the beginning of the other, or nothing. */
	ck_assert(shared(a, 4, a, 2) == SIZE_MAX);
	ck_assert(shared(a, 2, a, 4) == SIZE_MAX);
	ck_assert(shared(a, 4, a, 4) == SIZE_MAX);
	ck_assert(shared(a, 4, a, 0) == SIZE_MAX);
	ck_assert(syc_shared_tokens(three, 1) == SIZE_MAX);
	/* They part where the last of them does, though two are the same. */
	ck_assert_uint_eq(syc_shared_tokens(three, 3), 2);
}
END_TEST

#define ROW(match, other) \
	"{\"question\": \"Which?\", \"answer_matching_behavior\": " match \
	", \"answer_not_matching_behavior\": " other "}"

static int choices_of(struct syc_choices *c, const char *json,
		      struct syc_err *err)
{
	struct syc_row *row = row_of(json);
	const int ret = syc_choices_init(c, &prompter, row, err);

	syc_row_free(row);
	return ret;
}

START_TEST(of_rows)
{
	struct syc_choices c;
	struct syc_ids ids = { 0 };

	open_demo(NULL);
	/* " (", "A", ")": they part at the letter. */
	ck_assert_int_eq(choices_of(&c, ROW("\" (A)\"", "\" (B)\""), NULL), 0);
	ck_assert_uint_eq(c.n, 2);
	ck_assert_uint_eq(c.shared, 1);
	encode(&ids, "(A)", SYC_TOK_MIDDLE);
	same_ids(&c.answer[0], &ids);
	ids.n = 0;
	encode(&ids, "(B)", SYC_TOK_MIDDLE);
	same_ids(&c.answer[1], &ids);
	ck_assert_int_eq(c.other[0], ids.id[1]);
	syc_choices_free(&c);
	ck_assert_ptr_null(c.answer);
	/* The first matching answer and all others. */
	ck_assert_int_eq(
		choices_of(&c, ROW("[\"Yes\", \"(A)\"]", "[\"No\", \"Maybe\"]"),
			   NULL),
		0);
	ck_assert_uint_eq(c.n, 3);
	ck_assert_uint_eq(c.shared, 0);
	ck_assert_int_eq(c.other[1], c.answer[2].id[0]);
	syc_choices_free(&c);
	syc_ids_free(&ids);
	close_demo();
}
END_TEST

START_TEST(refused)
{
	struct syc_choices c;
	struct syc_err err = { 0 };

	open_demo(NULL);
	fails(choices_of(&c,
		      "{\"question\": \"Which?\", \"answer_matching_behavior\": \"a\"}",
		      &err),
	      SYC_EINVAL, &err, "the row needs answer_matching_behavior and");
	syc_choices_free(&c);
	fails(choices_of(&c, ROW("\"Yes\"", "\"Yes\""), &err), SYC_EINVAL, &err,
	      "do not differ");
	syc_choices_free(&c);
	fails(choices_of(&c, ROW("\"Yes\"", "\"Yes, it is\""), &err),
	      SYC_EINVAL, &err, "do not differ");
	syc_choices_free(&c);
	syc_choices_free(&c);
	close_demo();
}
END_TEST

/* The share of the matching answer in the softmax over the answers' tokens. */
START_TEST(probability)
{
	const size_t n = 768;
	float *logits = calloc(n, sizeof(*logits));
	struct syc_choices c;
	double a, b, m, all = 0;

	open_demo(NULL);
	for (size_t i = 0; i < n; i++)
		logits[i] = (float)(i * 37 % 101) / 7 - 5;
	ck_assert_int_eq(
		choices_of(&c, ROW("\"Yes\"", "[\"No\", \"Maybe\"]"), NULL), 0);
	a = exp((double)logits[c.answer[0].id[0]]);
	b = exp((double)logits[c.other[0]]);
	m = exp((double)logits[c.other[1]]);
	ck_assert_double_eq_tol(syc_choices_prob(&c, logits), a / (a + b + m),
				1e-6);
	for (size_t i = 0; i < n; i++)
		all += exp((double)logits[i]);
	ck_assert_double_eq_tol(syc_choices_mass(&c, logits, n), (a + b + m) / all,
				1e-12);
	/* Others that begin alike count once. */
	c.other[1] = c.other[0];
	ck_assert_double_eq_tol(syc_choices_prob(&c, logits), a / (a + b),
				1e-6);
	ck_assert_double_eq_tol(syc_choices_mass(&c, logits, n), (a + b) / all, 1e-12);
	logits[c.other[0]] = logits[c.answer[0].id[0]];
	ck_assert_double_eq(syc_choices_prob(&c, logits), 0.5);
	syc_choices_free(&c);
	free(logits);
	close_demo();
}
END_TEST

int main(void)
{
	static const struct test tests[] = {
		TEST(shared_tokens),
		TEST(of_rows),
		TEST(refused),
		TEST(probability),
	};

	return RUN_TESTS("choice", tests);
}
