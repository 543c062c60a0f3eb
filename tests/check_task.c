/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <string.h>
#include "suite.h"
#include "syc/task.h"

static struct syc_row *parse(const char *line)
{
	struct syc_err err = { 0 };
	struct syc_row *row;

	ck_assert_msg(syc_row_parse(&row, line, strlen(line), &err) == 0,
		      "%s: %s", line, err.msg);
	return row;
}

static void refuse(const char *line, size_t len, const char *part)
{
	struct syc_err err = { 0 };
	struct syc_row *row;

	ck_assert_int_eq(syc_row_parse(&row, line, len, &err), SYC_EFORMAT);
	ck_assert_int_eq(err.code, SYC_EFORMAT);
	ck_assert_ptr_null(row);
	ck_assert_msg(strstr(err.msg, part), "%.99s: '%s' lacks '%s'", line,
		      err.msg, part);
}

START_TEST(question_is_one_user_message)
{
	struct syc_row *r = parse("{\"question\": \"Why?\", \"id\": \"q1\"}");

	ck_assert(r->has_prompt && !r->has_pair);
	ck_assert_uint_eq(r->prompt.n_msg, 1);
	ck_assert_str_eq(r->prompt.msg[0].role, "user");
	ck_assert_str_eq(r->prompt.msg[0].content, "Why?");
	ck_assert_str_eq(r->id, "q1");
	ck_assert_int_eq(r->sample, -1);
	ck_assert(!r->completion && !r->match && !r->other &&
		  !r->has_completion_ids);
	syc_row_free(r);
	syc_row_free(NULL);
}
END_TEST

START_TEST(prompts_have_an_order)
{
	struct syc_row *r;

	r = parse("{\"question\":\"q\",\"prompt\":\"p\"}");
	ck_assert_str_eq(r->prompt.text, "p");
	ck_assert_ptr_null(r->prompt.msg);
	syc_row_free(r);
	r = parse("{\"prompt\":\"p\",\"messages\":[{\"role\":\"system\",\"content\":\"\"},"
		  "{\"role\":\"user\",\"content\":\"u\"}],\"question\":\"q\"}");
	ck_assert_uint_eq(r->prompt.n_msg, 2);
	ck_assert_str_eq(r->prompt.msg[1].content, "u");
	ck_assert_ptr_null(r->prompt.text);
	syc_row_free(r);
	/* Ids count; the conversation they were made from stays beside them. */
	r = parse("{\"question\":\"q\",\"prompt_ids\":[1,2147483647]}");
	ck_assert_uint_eq(r->prompt.n_ids, 2);
	ck_assert_int_eq(r->prompt.ids[1], 2147483647);
	ck_assert_uint_eq(r->prompt.n_msg, 1);
	syc_row_free(r);
	r = parse("{\"prompt_ids\":[5]}");
	ck_assert(r->has_prompt);
	ck_assert_ptr_null(r->prompt.msg);
	syc_row_free(r);
	r = parse("{\"question\":null,\"text\":\"x\"}");
	ck_assert(!r->has_prompt);
	syc_row_free(r);
}
END_TEST

START_TEST(pairs_are_text_or_messages)
{
	struct syc_row *r = parse("{\"positive\":\"a\",\"negative\":"
				  "[{\"role\":\"user\",\"content\":\"b\"}]}");

	ck_assert(r->has_pair && !r->has_prompt);
	ck_assert_str_eq(r->positive.msg[0].content, "a");
	ck_assert_str_eq(r->negative.msg[0].content, "b");
	syc_row_free(r);
}
END_TEST

START_TEST(answers_are_one_or_several)
{
	struct syc_row *r = parse("{\"answer_matching_behavior\":\" (A)\","
				  "\"answer_not_matching_behavior\":[\" (B)\",\" (C)\"]}");

	ck_assert_uint_eq(r->n_match, 1);
	ck_assert_str_eq(r->match[0], " (A)");
	ck_assert_uint_eq(r->n_other, 2);
	ck_assert_str_eq(r->other[1], " (C)");
	syc_row_free(r);
}
END_TEST

START_TEST(completions_are_read)
{
	struct syc_row *r =
		parse("{\"completion\":\"\",\"completion_ids\":[],\"sample\":3}");

	ck_assert_str_eq(r->completion, "");
	ck_assert(r->has_completion_ids);
	ck_assert_uint_eq(r->n_completion_ids, 0);
	ck_assert_int_eq(r->sample, 3);
	syc_row_free(r);
}
END_TEST

/* An id beyond 2^53 once came back rounded by its way through a double. */
START_TEST(number_ids_keep_their_digits)
{
	struct syc_row *r;

	r = parse("{\"\\u0069d\":12345678901234567890123, \"x\":{\"id\":2}}");
	ck_assert_str_eq(r->id, "12345678901234567890123");
	syc_row_free(r);
	r = parse("{\"id\":\"x\",\"big\":-123456789012345678901234567890}");
	ck_assert_str_eq(r->id, "x");
	syc_row_free(r);
}
END_TEST

static const struct {
	const char *line, *part;
} broken[] = {
	{ "", "not JSON" },
	{ "{", "over several lines" },
	{ " {\r", "jq -c . FILE" },
	{ "{\"a\":", "column" },
	{ "{\"question\":1,\"id\":\"a\",\"question\":\"b\"}", "duplicate object key" },
	{ "{\"x\":{\"a\":1,\"\\u0061\":1}}", "duplicate object key" },
	{ "[", "jq -c '.[]' FILE" },
	{ "[{\"prompt\":\"a\"}]", "a JSON array" },
	{ "\xff\xfe{\"", "UTF-16" },
	{ "{\"a\":1} x", "not JSON" },
	{ "{'a':1}", "not JSON" },
	{ "{\"a\":NaN}", "not JSON" },
	{ "{\"a\":\"\xff\"}", "not JSON" },
	{ "{\"a\":\"\xc0\xaf\"}", "not JSON" },
	{ "{\"a\":\"\\ud800\"}", "not JSON" },
	{ "[1]", "a JSON array" },
	{ "{\"question\":1}", "'question' is not a string" },
	{ "{\"question\":\"a\\u0000b\"}", "'question' contains a NUL" },
	{ "{\"prompt\":[]}", "'prompt' is not a string" },
	{ "{\"messages\":[]}", "'messages'" },
	{ "{\"messages\":\"hi\"}", "'messages' is not a list" },
	{ "{\"messages\":[1]}", "'messages[0]' is not an object" },
	{ "{\"messages\":[{\"role\":\"user\"}]}", "'messages[0].content' is missing" },
	{ "{\"messages\":[{\"content\":\"user\"}]}", "'messages[0].role' is missing" },
	{ "{\"messages\":[{\"role\":1,\"content\":\"\"}]}", "'messages[0].role'" },
	{ "{\"prompt_ids\":[]}", "'prompt_ids' is empty" },
	{ "{\"prompt_ids\":\"1\"}", "'prompt_ids' is not a list" },
	{ "{\"prompt_ids\":[1,-1]}", "'prompt_ids[1]'" },
	{ "{\"prompt_ids\":[2147483648]}", "'prompt_ids[0]'" },
	{ "{\"prompt_ids\":[1.5]}", "'prompt_ids[0]'" },
	{ "{\"positive\":\"a\"}", "'negative'" },
	{ "{\"negative\":\"a\"}", "'positive'" },
	{ "{\"positive\":1,\"negative\":\"\"}", "'positive' is neither" },
	{ "{\"answer_matching_behavior\":1}", "'answer_matching_behavior'" },
	{ "{\"answer_not_matching_behavior\":[1]}", "'answer_not_matching_behavior'" },
	{ "{\"completion\":{}}", "'completion' is not a string" },
	{ "{\"completion_ids\":[\"a\"]}", "'completion_ids[0]'" },
	{ "{\"sample\":-1}", "'sample'" },
	{ "{\"sample\":0.5}", "'sample'" },
	{ "{\"id\":1.5}", "'id'" },
	{ "{\"id\":[]}", "'id'" },
	{ "{\"id\":\"\"}", "'id' is empty" },
};

START_TEST(broken_rows_are_named)
{
	const size_t len = SYC_ROW_MAX + 1;
	char *big = malloc(len);

	for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++)
		refuse(broken[i].line, strlen(broken[i].line), broken[i].part);
	refuse("{\"a\":1}\0{}", 10, "not JSON");
	ck_assert_ptr_nonnull(big);
	memset(big, ' ', len);
	refuse(big, len, "longer than 16 MiB");
	memset(big, '[', len);
	memcpy(big, "{\"a\":", 5);
	refuse(big, len - 1, "depth");
	memset(big, '7', len);
	memcpy(big, "{\"id\":\"", 7);
	strcpy(big + 7 + SYC_ID_MAX, "7\"}");
	refuse(big, strlen(big), "'id' is longer than 65000 bytes");
	free(big);
}
END_TEST

/* Made ids depend on the content alone and keep roles and contents apart. */
START_TEST(ids_are_made_of_the_prompt)
{
	static const char *const line[] = {
		"{\"question\":\"ab\"}",
		"{\"prompt\":\"ab\"}",
		("{\"messages\":[{\"role\":\"user\",\"content\":\"a\"},"
		 "{\"role\":\"user\",\"content\":\"b\"}]}"),
		"{\"messages\":[{\"role\":\"usera\",\"content\":\"b\"}]}",
		"{\"prompt_ids\":[97,98]}",
		"{\"positive\":\"ab\",\"negative\":\"c\"}",
		"{\"positive\":\"a\",\"negative\":\"bc\"}",
		"{\"positive\":\"ab\",\"negative\":\"c\",\"question\":\"ab\"}",
		"{}",
	};
	enum { N = sizeof(line) / sizeof(line[0]) };
	struct syc_row *r[N], *same;

	for (int i = 0; i < N; i++) {
		r[i] = parse(line[i]);
		ck_assert_uint_eq(strspn(r[i]->id, "0123456789abcdef"), 16);
		ck_assert_uint_eq(strlen(r[i]->id), 16);
		for (int j = 0; j < i; j++)
			ck_assert_str_ne(r[i]->id, r[j]->id);
	}
	same = parse("{\"x\":1, \"messages\":[{\"content\":\"\\u0061b\",\"role\":\"user\"}]}");
	ck_assert_str_eq(same->id, r[0]->id);
	/* Written down: ids are in people's files. */
	ck_assert_str_eq(r[0]->id, "84fdf742f4ab24be");
	syc_row_free(same);
	for (int i = 0; i < N; i++)
		syc_row_free(r[i]);
}
END_TEST

START_TEST(equal_prompts_are_numbered)
{
	struct syc_row_ids *ids = syc_row_ids_new();
	char line[64], want[64];

	for (int i = 0; i < 1000; i++) {
		for (int pass = 0; pass < 2; pass++) {
			struct syc_row *r, *first;

			snprintf(line, sizeof(line), "{\"question\":\"%d\"}",
				 i % 400);
			r = parse(line);
			first = parse(line);
			ck_assert_int_eq(syc_row_ids_number(ids, r), 0);
			snprintf(want, sizeof(want), "%s-%d", first->id,
				 i / 400 * 2 + pass + 1);
			if (i < 400 && pass == 0)
				ck_assert_str_eq(r->id, first->id);
			else
				ck_assert_str_eq(r->id, want);
			syc_row_free(r);
			syc_row_free(first);
		}
	}
	for (int i = 0; i < 2; i++) {
		struct syc_row *r = parse("{\"question\":\"1\",\"id\":\"own\"}");

		ck_assert_int_eq(syc_row_ids_number(ids, r), 0);
		ck_assert_str_eq(r->id, "own");
		syc_row_free(r);
	}
	syc_row_ids_free(ids);
	syc_row_ids_free(NULL);
}
END_TEST

static const struct {
	const char *line, *want;
} splices[] = {
	{ "{}", "{\"k\": 7}" },
	{ " { } ", " {\"k\": 7 } " },
	{ "{\"a\":0.10}", "{\"a\":0.10, \"k\": 7}" },
	{ "{\"a\" : 1 }\t", "{\"a\" : 1, \"k\": 7 }\t" },
	{ "{\"k\":null,\"b\":2}", "{\"k\":7,\"b\":2}" },
	{ "{ \"k\" :\t[1, {\"k\": \"]}\"}] , \"b\":2}", "{ \"k\" :\t7 , \"b\":2}" },
	{ "{\"a\":{\"k\":1}}", "{\"a\":{\"k\":1}, \"k\": 7}" },
	{ "{\"a\":\"\\\"k\\\":1}\"}", "{\"a\":\"\\\"k\\\":1}\", \"k\": 7}" },
	{ "{\"\\u006b\":1}", "{\"\\u006b\":7}" },
	{ "{\"\\\\k\":1}", "{\"\\\\k\":1, \"k\": 7}" },
	{ "{\"kk\":1,\"\":2}", "{\"kk\":1,\"\":2, \"k\": 7}" },
	{ "{\"a\":123456789012345678901234567890,\"b\":1E+2}",
	  "{\"a\":123456789012345678901234567890,\"b\":1E+2, \"k\": 7}" },
	{ "{\"a\":[[],{},[{}]],\"k\":\"x\\\\\"}", "{\"a\":[[],{},[{}]],\"k\":7}" },
	{ "{\"k\":true}", "{\"k\":7}" },
	{ "{\"\xc3\xa9\":\"\xf0\x9f\x99\x82{\"}",
	  "{\"\xc3\xa9\":\"\xf0\x9f\x99\x82{\", \"k\": 7}" },
};

START_TEST(fields_are_spliced_in)
{
	struct syc_buf b = { 0 };

	for (size_t i = 0; i < sizeof(splices) / sizeof(splices[0]); i++) {
		const char *line = splices[i].line;
		struct syc_row *r = parse(line);

		b.len = 0;
		ck_assert_int_eq(syc_buf_puts(&b, ">"), 0);
		ck_assert_int_eq(syc_row_set(&b, line, strlen(line), "k", "7",
					     NULL), 0);
		ck_assert_str_eq(b.data + 1, splices[i].want);
		syc_row_free(r);
		r = parse(b.data + 1);
		syc_row_free(r);
	}
	b.len = 0;
	ck_assert_int_eq(syc_row_set(&b, "{}", 2, "a\"b", "[]", NULL), 0);
	ck_assert_str_eq(b.data, "{\"a\\\"b\": []}");
	syc_buf_free(&b);
}
END_TEST

/* What was never parsed is refused, not read beyond its end. */
START_TEST(splice_refuses_what_is_no_object)
{
	static const char *const line[] = {
		"", "{", "[", "{\"", "{\"a", "{\"a\"", "{\"a\":", "{\"a\":1",
		"{\"a\":1,",
		"{\"a\":[", "{\"a\":[\"", "{\"a\":\"\\", "{\"a\":}", "x",
	};
	struct syc_buf b = { 0 };

	for (size_t i = 0; i < sizeof(line) / sizeof(line[0]); i++) {
		size_t len = strlen(line[i]);
		char *exact = malloc(len ? len : 1);

		memcpy(exact, line[i], len);
		ck_assert_int_eq(syc_row_set(&b, exact, len, "k", "7", NULL),
				 SYC_EFORMAT);
		ck_assert_uint_eq(b.len, 0);
		free(exact);
	}
	syc_buf_free(&b);
}
END_TEST

static const struct test tests[] = {
	TEST(question_is_one_user_message),
	TEST(prompts_have_an_order),
	TEST(pairs_are_text_or_messages),
	TEST(answers_are_one_or_several),
	TEST(completions_are_read),
	TEST(number_ids_keep_their_digits),
	TEST(broken_rows_are_named),
	TEST(ids_are_made_of_the_prompt),
	TEST(equal_prompts_are_numbered),
	TEST(fields_are_spliced_in),
	TEST(splice_refuses_what_is_no_object),
};

int main(void)
{
	return RUN_TESTS("task", tests);
}
