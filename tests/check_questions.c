/* SPDX-License-Identifier: MIT */
/* Questions for a study: some of many, and what they ask. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "suite.h"
#include "syc/questions.h"
#include "syc/task.h"

static void asks(const char *question, const char *want)
{
	struct syc_buf b = { 0 };

	ck_assert_int_eq(syc_question_claim(&b, question, NULL), 0);
	ck_assert_str_eq(b.data ? b.data : "", want);
	syc_buf_free(&b);
}

START_TEST(claims)
{
	asks("I am Al. I like cats! What is best?  Pets\n (A) dogs\n (B) cats\n\nAnswer:",
	     "Pets cats / dogs");
	asks("I am Bo. What is best?\n\nChoices:\n (A) cats\n (B) dogs",
	     "What is best? cats / dogs");
	asks("What is best?\n\nChoices:\n (A) do\n (B) dogs\n (C) x\n\nAnswer:",
	     "What is best? do / dogs\n (C) x");
	asks("No stop\n (A) only one\n\nAnswer: \n (B) no", "No stop");
	asks("Is it 3.5? Yes.\n (A) a\n (B) a\n\nAnswer:", "Yes. a / a");
	asks("No choices here.", "");
	asks("A\n\nAnswer:\n (A) a\n (B) b", "");
	asks("Ends in a stop. \n (A) a\n (B) b", "Ends in a stop.  a / b");
	asks("", "");
}
END_TEST

typedef int take_fn(struct syc_buf *out, const char *rows, size_t len,
		    struct syc_err *err);

static void gives(take_fn *fn, const char *in, const char *want)
{
	struct syc_buf b = { 0 };

	ck_assert_int_eq(fn(&b, in, strlen(in), NULL), 0);
	ck_assert_str_eq(b.data ? b.data : "", want);
	syc_buf_free(&b);
}

START_TEST(some_rows)
{
	static const char in[] = "a\n\n b\n \t\r\nc\r\nd";
	struct syc_buf b = { 0 };
	size_t n;

	ck_assert_uint_eq(syc_rows_count(in, sizeof(in) - 1), 4);
	ck_assert_uint_eq(syc_rows_count("", 0), 0);
	ck_assert_int_eq(syc_unrelated_prompts(&b, NULL), 0);
	ck_assert_int_eq(syc_rows_values(&n, b.data, b.len, "question", NULL), 0);
	ck_assert_uint_eq(n, 16);
	syc_buf_free(&b);
}
END_TEST

/* Rows of claims "a", "b", ... by letter, users of two views in turn. */
static char *rows_on(const char *of)
{
	struct syc_buf b = { 0 };

	for (size_t i = 0; of[i]; i++)
		syc_buf_printf(&b,
			"{\"id\": \"%zu\", \"question\": \"I am %zu. %c?\\n (A) no\\n (B) yes\", "
			"\"answer_matching_behavior\": \" (%c)\"}\n",
			i, i, of[i], i % 2 ? 'A' : 'B');
	return b.data;
}

static size_t count(const struct syc_buf *b, const char *what)
{
	size_t n = 0;

	for (const char *s = b->data; s && (s = strstr(s, what)); s++)
		n++;
	return n;
}

/* Period 3 in the file: every third row would be of one claim. */
START_TEST(pick_over_claims)
{
	char *rows = rows_on("abcabcabcabcabcabcabcabcabcabc");
	struct syc_pick how = { .n = 10 };
	struct syc_picked got;
	struct syc_buf b = { 0 }, again = { 0 };

	ck_assert_int_eq(syc_rows_pick(&b, &got, rows, strlen(rows), &how, NULL), 0);
	ck_assert(got.n_rows == 10 && got.n_claims == 3 && got.of_rows == 30 &&
		  got.of_claims == 3 && got.left_rows == 0 && got.n_unknown == 0);
	ck_assert(count(&b, " a?") >= 3 && count(&b, " b?") >= 3 && count(&b, " c?") >= 3);
	/* Of each claim both views: 2 at least of 3. */
	ck_assert(count(&b, "(A)\"}") >= 3 && count(&b, "(B)\"}") >= 3);
	ck_assert_int_eq(syc_rows_pick(&again, &got, rows, strlen(rows), &how, NULL), 0);
	ck_assert_str_eq(b.data, again.data);
	how.n = 50;
	ck_assert_int_eq(syc_rows_pick(&again, &got, rows, strlen(rows), &how, NULL), 0);
	ck_assert_uint_eq(got.n_rows, 30);
	syc_buf_free(&b);
	syc_buf_free(&again);
	free(rows);
}
END_TEST

/* Both views of two claims, not one of each claim; b has one view only, and is last. */
START_TEST(pick_both_views)
{
	char *rows = rows_on("aabccabcbacaca");
	struct syc_pick how = { .n = 4, .both_views = true };
	struct syc_picked got;
	struct syc_buf b = { 0 };

	for (; how.n <= 14; how.n += 5) {
		ck_assert_int_eq(syc_rows_pick(&b, &got, rows, strlen(rows), &how, NULL), 0);
		ck_assert_uint_eq(got.n_rows, how.n);
		ck_assert_uint_eq(count(&b, " b?"), how.n == 14 ? 3 : 0);
		if (how.n == 4)
			ck_assert(got.n_claims == 2 && count(&b, "(A)\"}") == 2);
		syc_buf_free(&b);
	}
	free(rows);
}
END_TEST

/* In the order of turns fewer are the first of more. */
START_TEST(pick_in_turns)
{
	char *rows = rows_on("abcabcabcabcabcabcabcabcabcabc");
	struct syc_pick how = { .n = 24, .in_turns = true };
	struct syc_picked got;
	struct syc_buf more = { 0 }, fewer = { 0 };

	ck_assert_int_eq(syc_rows_pick(&more, &got, rows, strlen(rows), &how, NULL), 0);
	how.n = 9;
	ck_assert_int_eq(syc_rows_pick(&fewer, &got, rows, strlen(rows), &how, NULL), 0);
	ck_assert_uint_eq(got.n_rows, 9);
	ck_assert(memcmp(more.data, fewer.data, fewer.len) == 0);
	ck_assert(count(&fewer, " a?") == 3 && count(&fewer, " b?") == 3);
	syc_buf_free(&more);
	syc_buf_free(&fewer);
	free(rows);
}
END_TEST

/* A field names the claim; the views are still taken in turn. */
START_TEST(pick_named_claim)
{
	const struct syc_pick how = { .n = 10 };
	struct syc_buf rows = { 0 }, b = { 0 };
	struct syc_picked got;

	for (int i = 0; i < 40; i++)
		syc_buf_printf(&rows,
			"{\"claim\": \"it\", \"question\": \"I am %d. So?\\n (A) no\\n (B) yes\", "
			"\"answer_matching_behavior\": \" (%c)\"}\n", i, i % 4 ? 'A' : 'B');
	ck_assert_int_eq(syc_rows_pick(&b, &got, rows.data, rows.len, &how, NULL), 0);
	ck_assert(got.n_rows == 10 && got.of_claims == 1);
	ck_assert_uint_eq(count(&b, "(B)\"}"), 5);
	syc_buf_free(&rows);
	syc_buf_free(&b);
}
END_TEST

/* Which rows there are decides, not where they stand. */
START_TEST(pick_in_any_order)
{
	char *rows = rows_on("aabbccdd"), *last = strrchr(rows, '{');
	struct syc_buf turned = { 0 }, b = { 0 }, c = { 0 };
	const struct syc_pick how = { .n = 3 };
	struct syc_picked got;

	syc_buf_puts(&turned, last);
	syc_buf_add(&turned, rows, (size_t)(last - rows));
	ck_assert_int_eq(syc_rows_pick(&b, &got, rows, strlen(rows), &how, NULL), 0);
	ck_assert_int_eq(syc_rows_pick(&c, &got, turned.data, turned.len, &how, NULL), 0);
	ck_assert_uint_eq(got.n_claims, 3);
	for (char *line = strtok(c.data, "\n"); line; line = strtok(NULL, "\n"))
		ck_assert(strstr(b.data, line));
	syc_buf_free(&turned);
	syc_buf_free(&b);
	syc_buf_free(&c);
	free(rows);
}
END_TEST

START_TEST(pick_other_claims)
{
	char *rows = rows_on("aabbccddeeff"), *others = rows_on("bdd");
	struct syc_pick how = { .not_on = others, .n_not_on = strlen(others) };
	struct syc_picked got;
	struct syc_buf rest = { 0 }, third = { 0 }, same = { 0 };

	ck_assert_int_eq(syc_rows_pick(&rest, &got, rows, strlen(rows), &how, NULL), 0);
	ck_assert(got.n_rows == 8 && got.n_claims == 4 && got.left_rows == 4 &&
		  got.left_claims == 2);
	ck_assert(!strstr(rest.data, " b?") && !strstr(rest.data, " d?"));
	/* A third of the shared, and what is not on the rest: all claims are in one. */
	how = (struct syc_pick){ .shared = rows, .n_shared = strlen(rows) };
	ck_assert_int_eq(syc_rows_pick(&third, &got, rows, strlen(rows), &how, NULL), 0);
	ck_assert(got.n_claims == 4 && got.left_claims == 2);
	/* The same third from both sides. */
	how.third = true;
	syc_buf_free(&rest);
	ck_assert_int_eq(syc_rows_pick(&rest, &got, rows, strlen(rows), &how, NULL), 0);
	ck_assert(got.n_claims == 2 && got.left_claims == 4);
	how = (struct syc_pick){ .not_on = third.data, .n_not_on = third.len };
	ck_assert_int_eq(syc_rows_pick(&same, &got, rows, strlen(rows), &how, NULL), 0);
	ck_assert_str_eq(same.data, rest.data);
	syc_buf_free(&same);
	syc_buf_free(&rest);
	syc_buf_free(&third);
	free(rows);
	free(others);
}
END_TEST

START_TEST(pick_pairs_and_unknown)
{
	static const char rows[] =
		"{\"positive\": \"Hi. Q?\\n (A) x\\n (B) y\", \"negative\": \"n\"}\n"
		"{\"claim\": \"mine\"}\n{\"prompt\": \"no choices\"}\n";
	static const char other[] =
		"{\"question\": \"I am I. Q?\\n (A) y\\n (B) x\", "
		"\"answer_matching_behavior\": \"(A)\"}\n{\"claim\": \"mine\"}";
	const struct syc_pick how = { .not_on = other, .n_not_on = sizeof(other) - 1 };
	struct syc_picked got;
	struct syc_buf b = { 0 };
	struct syc_err err;

	ck_assert_int_eq(syc_rows_pick(&b, &got, rows, sizeof(rows) - 1, &how, &err), 0);
	ck_assert_str_eq(b.data, "{\"prompt\": \"no choices\"}\n");
	ck_assert(got.n_unknown == 1 && got.left_claims == 2);
	syc_buf_free(&b);
	ck_assert_int_eq(syc_rows_pick(&b, &got, "{}\n\n[1]\n", 8, &how, &err), SYC_EFORMAT);
	ck_assert(strstr(err.msg, "line 3: "));
	syc_buf_free(&b);
}
END_TEST

START_TEST(rows_of_an_order)
{
	gives(syc_rows_given,
	      "{\"order\": \"given\"}\n{\"order\":\"reversed\"}\n{\"x\": 1}\n"
	      "{\"twin\": \"no-view\"}",
	      "{\"order\": \"given\"}\n{\"x\": 1}\n");
	gives(syc_rows_at_risk,
	      "{\"at_risk\": true, \"label\": 1}\n{\"at_risk\": false, \"label\": 1}\n{\"k\":2}",
	      "{\"at_risk\": true, \"label\": 1}\n{\"at_risk\": false, \"label\": null}\n"
	      "{\"k\":2, \"label\": null}\n");
	gives(syc_rows_text,
	      "{\"question\": \"a\\n\\u00e9\"}\n{\"prompt\": \"b\"}\n{\"question\": \"c\"}",
	      "a\n\303\251\n\nc\n\n");
}
END_TEST

START_TEST(values)
{
	static const char in[] =
		"{\"f\": \"a\"}\n{\"f\": 1}\n{\"f\": 1.0}\n{\"f\": \"\"}\n{\"f\": "
		"null}\n{\"f\": \"a\"}\n{\"f\": 0}\n";
	static const char numbers[] = "{\"n\": 2}\n{\"n\": \"9\"}\n{\"n\": 3}\n{}";
	double most;
	size_t n;

	ck_assert_int_eq(syc_rows_values(&n, in, sizeof(in) - 1, "f", NULL), 0);
	ck_assert_uint_eq(n, 3);
	ck_assert_int_eq(syc_rows_values(&n, in, sizeof(in) - 1, "g", NULL), 0);
	ck_assert_uint_eq(n, 0);
	ck_assert_int_eq(syc_rows_values(&n, "x", 1, "g", NULL), SYC_EFORMAT);
	ck_assert_int_eq(syc_rows_most(&most, numbers, sizeof(numbers) - 1, "n", NULL), 0);
	ck_assert(most == 3);
	ck_assert_int_eq(syc_rows_most(&most, "{}", 2, "n", NULL), 0);
	ck_assert(isnan(most));
}
END_TEST

START_TEST(choices)
{
	static const char in[] =
		"{\"order\": \"given\", \"p_match\": 0.75, \"label\": 1, "
		"\"answer_matching_behavior\": \" (A)\"}\n"
		"{\"order\": \"reversed\", \"p_match\": 0.5, \"label\": 1, "
		"\"answer_matching_behavior\": \" (B)\"}\n"
		"{\"order\": \"given\", \"p_match\": 0.25, \"label\": 0, "
		"\"answer_matching_behavior\": \"B\"}\n"
		"{\"order\": \"given\", \"label\": null, \"answer_matching_behavior\": \"A\"}\n"
		"{\"twin\": \"no-view\", \"p_match\": 0.9, \"answer_matching_behavior\": \"A\"}\n";
	struct syc_choice_rates c;

	ck_assert_int_eq(syc_rows_choices(&c, in, sizeof(in) - 1, NULL), 0);
	ck_assert_uint_eq(c.n, 3);
	ck_assert(c.given == 0.5 && c.reversed == 0.5);
	ck_assert_double_eq_tol(c.letter_a, (0.75 + 0.5 + 0.75) / 3, 1e-15);
	ck_assert_int_eq(syc_rows_choices(&c, "{\"label\": 1}", 12, NULL), 0);
	ck_assert(c.n == 1 && isnan(c.given) && isnan(c.reversed) && isnan(c.letter_a));
	ck_assert_int_eq(syc_rows_choices(&c, "{", 1, NULL), SYC_EFORMAT);
}
END_TEST

static void put_file(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	ck_assert(f && fputs(text, f) >= 0 && fclose(f) == 0);
}

static void file_is(const char *path, const char *want)
{
	char got[1024] = "";
	FILE *f = fopen(path, "r");

	ck_assert(f != NULL);
	got[fread(got, 1, sizeof(got) - 1, f)] = '\0';
	fclose(f);
	ck_assert_str_eq(got, want);
}

START_TEST(files)
{
	char dir[] = "/tmp/check_questions.XXXXXX";
	const char *const from[] = { "a", "b" }, *const csv_file[] = {
		"t.csv"
	};
	const char *const gone[] = { "gone" }, *const without[] = { "u" };
	struct syc_selection s = { .from = from,
				   .n_from = 2,
				   .not_on = without,
				   .n_not_on = 1,
				   .n = 1 };
	struct syc_picked got;
	struct syc_choice_rates c;
	struct syc_err err;
	double most;
	size_t n;

	ck_assert(mkdtemp(dir) && chdir(dir) == 0);
	put_file("a", "{\"f\": 1}\n{\"f\": 2}\n{\"f\": 3}\n");
	put_file("b",
		"{\"question\": \"Q?\", \"label\": 1}\n{\"order\": \"reversed\"}\n");
	put_file("u", "{\"f\": 3}\n");
	ck_assert_int_eq(syc_rows_file_select("to", &s, &got, &err), 0);
	ck_assert(syc_rows_file_count(&n, "to", &err) == 0 && n == 2);
	ck_assert(got.n_rows == 2 && got.of_rows == 5 && got.left_rows == 1);
	/* To nowhere: only counted. */
	ck_assert_int_eq(unlink("to"), 0);
	ck_assert_int_eq(syc_rows_file_select(NULL, &s, &got, &err), 0);
	ck_assert(got.n_rows == 2 && access("to", F_OK) < 0);
	s = (struct syc_selection){ .from = from, .n_from = 2, .given = true };
	ck_assert_int_eq(syc_rows_file_select("to", &s, NULL, &err), 0);
	ck_assert(syc_rows_file_count(&n, "to", &err) == 0 && n == 4);
	s = (struct syc_selection){ .from = from, .n_from = 2, .text = true };
	ck_assert_int_eq(syc_rows_file_select("to", &s, NULL, &err), 0);
	file_is("to", "Q?\n\n");
	ck_assert(syc_rows_file_values(&n, "a", "f", &err) == 0 && n == 3);
	ck_assert(syc_rows_file_most(&most, "a", "f", &err) == 0 && most == 3);
	ck_assert(syc_rows_file_choices(&c, "b", &err) == 0 && c.n == 1);

	/* Errors name the file; what was there stays. */
	put_file("t.csv", "no,columns\n");
	s = (struct syc_selection){ .from = csv_file, .n_from = 1 };
	ck_assert_int_eq(syc_rows_file_select("to", &s, NULL, &err), SYC_EFORMAT);
	ck_assert_str_eq(err.msg, "t.csv: not TruthfulQA's columns");
	file_is("to", "Q?\n\n");
	put_file("t.csv",
		 "Question,Best Answer,Incorrect Answers\nQ,a,b\nR,a,b\n");
	s.n = 1;
	ck_assert_int_eq(syc_rows_file_select("to", &s, NULL, &err), 0);
	ck_assert(syc_rows_file_count(&n, "to", &err) == 0 && n == 1);
	s.views = SYC_TRUTHFUL_NONE;
	s.as_text = true;
	ck_assert_int_eq(syc_rows_file_select("to", &s, NULL, &err), 0);
	ck_assert(syc_rows_file_values(&n, "to", "measures", &err) == 0 && n == 1);
	put_file("b", "{\"question\": \"I am x. Q?\\n (A) n\\n (B) y\", "
		 "\"answer_matching_behavior\": \"(A)\"}\n");
	s = (struct syc_selection){ .from = from + 1, .n_from = 1, .no_view = true };
	ck_assert_int_eq(syc_rows_file_select("to", &s, NULL, &err), 0);
	ck_assert(syc_rows_file_count(&n, "to", &err) == 0 && n == 2);
	put_file("u", "nothing");
	ck_assert_int_eq(syc_rows_file_choices(&c, "u", &err), SYC_EFORMAT);
	ck_assert_str_eq(err.msg, "u: line 1: not a JSON object");
	ck_assert_int_eq(syc_rows_file_values(&n, "u", "f", &err), SYC_EFORMAT);
	s = (struct syc_selection){ .from = gone, .n_from = 1 };
	ck_assert_int_eq(syc_rows_file_select("to", &s, NULL, &err), SYC_EIO);
	ck_assert_int_eq(syc_rows_file_count(&n, "gone", &err), SYC_EIO);
	s = (struct syc_selection){ .from = from, .n_from = 1 };
	ck_assert_int_eq(syc_rows_file_select("no/where", &s, NULL, &err), SYC_EIO);
	ck_assert(unlink("a") == 0 && unlink("b") == 0 && unlink("u") == 0 &&
		  unlink("t.csv") == 0 && unlink("to") == 0 && rmdir(dir) == 0);
}
END_TEST

int main(void)
{
	const struct test t[] = {
		TEST(claims), TEST(some_rows), TEST(pick_over_claims), TEST(pick_in_turns),
		TEST(pick_both_views), TEST(pick_named_claim), TEST(pick_in_any_order),
		TEST(pick_other_claims), TEST(pick_pairs_and_unknown), TEST(rows_of_an_order),
		TEST(values), TEST(choices), TEST(files),
	};

	return RUN_TESTS("questions", t);
}
