/* SPDX-License-Identifier: MIT */
/* What a row asks, whose view it states, and the same without a view. */
#include "config.h"
#include <string.h>
#include "suite.h"
#include "syc/questions.h"

static int stated(struct syc_stated *a, const char *line, struct syc_err *err)
{
	struct syc_row *row;
	int ret;

	ck_assert_int_eq(syc_row_parse(&row, line, strlen(line), err), 0);
	ret = syc_row_stated(a, row, err);
	syc_row_free(row);
	return ret;
}

#define ROW(q, match, more) \
	"{\"question\": \"" q "\", \"answer_matching_behavior\": \"" match \
	"\", \"answer_not_matching_behavior\": \"(A)\"" more "}"

/* Options have the same numbers in whatever order a row lists them. */
START_TEST(options)
{
	struct syc_stated a;

	ck_assert_int_eq(stated(&a, ROW("I do. Is it so?\\n (A) yes\\n (B) no", " (B)", ""), NULL), 0);
	ck_assert_uint_eq(a.n_options, 2);
	ck_assert_str_eq(a.option[0], "no");
	ck_assert_str_eq(a.claim, "Is it so? no / yes");
	ck_assert(a.matching == 0 && a.view == 0 && a.letter == 'B');
	syc_stated_free(&a);
	ck_assert_int_eq(stated(&a, ROW("Is it so?\\n (A) no\\n (B) yes", "B",
		", \"view\": \"no\", \"claim\": \"so\""), NULL), 0);
	ck_assert_str_eq(a.claim, "so");
	ck_assert(a.matching == 1 && a.view == 0);
	syc_stated_free(&a);
	ck_assert_int_eq(stated(&a, ROW("Is it?\\n (A) x\\n (B) z\\n (C) y", "(C)",
		", \"view\": null"), NULL), 0);
	ck_assert(a.n_options == 3 && a.matching == 1 && a.view == -1);
	syc_stated_free(&a);
	syc_stated_free(&a);
}
END_TEST

START_TEST(refused)
{
	static const struct {
		const char *row, *words;
	} bad[] = {
		{ ROW("Is it so?", "(B)", ""), "no choices" },
		{ ROW("Is it?\\n (A) x\\n (B) y", "(C)", ""), "not the letter" },
		{ ROW("Is it?\\n (A) x\\n (B) x", "(B)", ""), "two choices are the same: 'x'" },
		{ ROW("Is it?\\n (A) x\\n (B) y", "(B)", ", \"view\": \"z\""), "not the text of a choice: 'z'" },
		{ ROW("Is it?\\n (A) x\\n (B) y", "(B)", ", \"view\": 1"), "not a string" },
	};
	struct syc_stated a;
	struct syc_err err;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		ck_assert_int_eq(stated(&a, bad[i].row, &err), SYC_EINVAL);
		ck_assert_msg(strstr(err.msg, bad[i].words), "%s", err.msg);
		syc_stated_free(&a);
	}
}
END_TEST

static void shares(const char *a, const char *b, const char *want)
{
	const char *const text[2] = { a, b ? b : a };
	const size_t len[2] = { strlen(text[0]), strlen(text[1]) };
	const size_t keep = syc_question_shared(text, len, b ? 2 : 1);

	ck_assert_str_eq(a + len[0] - keep, want);
}

/* The question is what all end with, from the beginning of a sentence on. */
START_TEST(shared)
{
	shares("I am Al. I like it. What do you say? It is good.",
	       "I am Bo. I hate it! What do you say? It is good.",
	       "What do you say? It is good.");
	/* One ends otherwise than the other before it. */
	shares("Yes! What is it?", "No. What is it?", "What is it?");
	shares("What is it?", "I am Bo. What is it?", "What is it?");
	/* A shared end of a sentence is not a sentence. */
	shares("I like my cat. Which one?", "You like my cat. Which one?", "Which one?");
	shares("I am Al. What do you say? It is good.", NULL, "It is good.");
	shares("It is good", NULL, "It is good");
	shares("I am Al.\nIs it", "I am Bo\nIs it", "Is it");
	ck_assert_uint_eq(syc_question_shared(NULL, NULL, 0), 0);
}
END_TEST

/* Rows as they were, with claim and view, and a twin a claim behind them. */
START_TEST(twins)
{
	static const char rows[] =
		ROW("I am Al. Is it so?\\n (A) yes\\n (B) no", "(B)", ", \"id\": \"1\"") "\n\n"
		ROW("I am Bo. Is it so?\\n (A) no\\n (B) yes", "(B)", ", \"id\": \"2\"") "\n"
		ROW("Is it?\\n (A) no\\n (B) yes", "(B)", ", \"id\": \"3\", \"view\": null");
	struct syc_buf out = { 0 };
	struct syc_err err;

	ck_assert_int_eq(syc_rows_twins(&out, rows, sizeof(rows) - 1, SYC_TWIN_NO_VIEW, NULL, &err), 0);
	ck_assert_uint_eq(syc_rows_count(out.data, out.len), 4);
	ck_assert_ptr_nonnull(strstr(out.data, "\"id\": \"1\", \"claim\": \"Is it so? no / yes\", \"view\": \"no\"}\n"));
	ck_assert_ptr_nonnull(strstr(out.data, "\"id\": \"2\", \"claim\": \"Is it so? no / yes\", \"view\": \"yes\"}\n"));
	ck_assert_ptr_nonnull(strstr(out.data, "{\"question\": \"Is it so?\\n (A) yes\\n (B) no\", "
		"\"answer_matching_behavior\": \"(B)\""));
	ck_assert_ptr_nonnull(strstr(out.data, "\"view\": null, \"twin\": \"no-view\"}\n"));
	syc_buf_free(&out);
	ck_assert_int_eq(syc_rows_twins(&out, "{\"prompt\": \"x\"}", 15, SYC_TWIN_NO_VIEW, NULL, &err), SYC_EINVAL);
	ck_assert_str_eq(err.msg, "line 1: the row has no \"question\"");
	syc_buf_free(&out);
	ck_assert_int_eq(syc_rows_twins(&out, "", 0, SYC_TWIN_NO_VIEW, NULL, NULL), 0);
	syc_buf_free(&out);
}
END_TEST

int main(void)
{
	static const struct test tests[] = {
		TEST(options), TEST(refused), TEST(shared), TEST(twins),
	};

	return RUN_TESTS("stated", tests);
}
