/* SPDX-License-Identifier: MIT */
/* What a judge is asked: built-in rubrics, files, prompts, tokens, answers. */
#include "prompts.h"
#include "syc/rubric.h"

#define FILE_NAME "check_rubric.json"
#define GOOD "\"name\": \"n\", \"prompt\": \"p\""
#define AB "\"answers\": {\"A\": 1, \"B\": 0}, \"threshold\": 0.5"

static void write_file(const char *text, size_t n)
{
	FILE *f = fopen(FILE_NAME, "wb");

	ck_assert_ptr_nonnull(f);
	ck_assert_uint_eq(fwrite(text, 1, n, f), n);
	ck_assert_int_eq(fclose(f), 0);
}

static int open_text(struct syc_rubric *r, const char *text,
		     struct syc_err *err)
{
	int ret;

	write_file(text, strlen(text));
	ret = syc_rubric_open(r, FILE_NAME, err);
	remove(FILE_NAME);
	return ret;
}

static void opens(struct syc_rubric *r, const char *name_or_json)
{
	struct syc_err err = { 0 };
	const int ret = name_or_json[0] == '{'
				? open_text(r, name_or_json, &err)
				: syc_rubric_open(r, name_or_json, &err);

	ck_assert_msg(ret == 0, "%s", err.msg);
}

static void refuses(const char *text, const char *words)
{
	struct syc_rubric r;
	struct syc_err err = { 0 };

	fails(open_text(&r, text, &err), SYC_EFORMAT, &err, words);
	ck_assert_ptr_nonnull(strstr(err.msg, FILE_NAME ":"));
	ck_assert_int_eq(open_text(&r, text, NULL), SYC_EFORMAT);
	ck_assert_ptr_null(r.root);
}

START_TEST(built_in)
{
	struct syc_rubric r;

	opens(&r, "sycophancy");
	ck_assert_str_eq(r.name, "sycophancy");
	ck_assert_str_eq(r.begin, "Rating:");
	ck_assert_ptr_null(r.system);
	ck_assert_ptr_null(r.swap[0]);
	ck_assert_uint_eq(r.n_answers, 11);
	for (size_t i = 0; i < r.n_answers; i++)
		ck_assert_double_eq(r.value[i], (double)i);
	ck_assert_double_eq(r.threshold, 5);
	syc_rubric_close(&r);
	opens(&r, "truthful");
	ck_assert_str_eq(r.answer[1], " no");
	ck_assert_double_eq(r.value[1], 1);
	syc_rubric_close(&r);
	opens(&r, "positive");
	ck_assert_str_eq(r.swap[0], "completion");
	ck_assert_str_eq(r.swap[1], "baseline");
	syc_rubric_close(&r);
	ck_assert_ptr_null(r.root);
}
END_TEST

START_TEST(of_file)
{
	struct syc_rubric r;

	opens(&r, "{" GOOD ", \"system\": \"s\", \"begin\": \"b\","
		  " \"answers\": {\"x\": -1.5, \"y\": 2}, \"threshold\": 1,"
		  " \"swap\": [\"c\", \"d\"]}");
	ck_assert_str_eq(r.name, "n");
	ck_assert_str_eq(r.prompt, "p");
	ck_assert_str_eq(r.system, "s");
	ck_assert_str_eq(r.begin, "b");
	ck_assert_str_eq(r.answer[0], "x");
	ck_assert_double_eq(r.value[0], -1.5);
	ck_assert_double_eq(r.threshold, 1);
	ck_assert_str_eq(r.swap[1], "d");
	syc_rubric_close(&r);
}
END_TEST

START_TEST(broken_files)
{
	char many[4096] = "{" GOOD ", \"answers\": {\"0\": 0";
	static char big[(1 << 20) + 2];
	struct syc_rubric r;
	struct syc_err err = { 0 };

	for (int i = 1; i <= SYC_RUBRIC_ANSWERS; i++)
		snprintf(many + strlen(many), sizeof(many) - strlen(many),
			 ", \"%d\": 0", i);
	strcat(many, "}}");
	refuses("", FILE_NAME ": the rubric is empty");
	refuses("{", FILE_NAME ": the rubric is not JSON: line 1");
	refuses("[]", "not a JSON object");
	refuses("{\"name\": \"n\", \"name\": \"n\"}", "duplicate");
	refuses("{\"prompt\": \"p\"}", "'name' is missing");
	refuses("{\"name\": 1}", "'name' is not a string");
	refuses("{\"name\": \"n\"}", "'prompt' is missing");
	refuses("{" GOOD ", \"system\": 1}", "'system' is not a string");
	refuses("{" GOOD ", \"begin\": []}", "'begin' is not a string");
	refuses("{" GOOD "}", "'answers' is not an object");
	refuses("{" GOOD ", \"answers\": {\"a\": 1}}", "fewer than two");
	refuses("{" GOOD ", \"answers\": {\"a\": 1, \"b\": \"c\"}}",
		"the value of answer 'b' is not a number");
	refuses(many, "more than 64 answers");
	refuses("{" GOOD ", \"answers\": {\"a\": 1, \"b\": 0}}",
		"'threshold' is not a number");
	refuses("{" GOOD ", " AB ", \"swap\": [\"x\"]}", "two field names");
	refuses("{" GOOD ", " AB ", \"swap\": [\"x\", \"y\", \"z\"]}",
		"two field names");
	refuses("{" GOOD ", \"answers\": {\"a\": 1, \"b\": 0, \"c\": 2},"
		" \"threshold\": 1, \"swap\": [\"x\", \"y\"]}",
		"exactly two answers, not 3");
	memset(big, ' ', sizeof(big));
	big[sizeof(big) - 1] = 0;
	refuses(big, "longer than 1048576 bytes");
	fails(syc_rubric_open(&r, "absent", &err), SYC_EIO, &err,
	      "rubric 'absent' is none of");
	fails(syc_rubric_open(&r, ".", &err), SYC_EIO, &err, ".: ");
}
END_TEST

/* A rubric's prompt for a row, in one order or the other. */
static void asks(const char *rubric, const char *row, bool swapped,
		 const char *want)
{
	struct syc_rubric r;
	struct syc_row *in = row_of(row);
	struct syc_buf out = { 0 };
	struct syc_err err = { 0 };

	opens(&r, rubric);
	ck_assert_msg(syc_rubric_prompt(&r, in, swapped, &out, &err) == 0, "%s",
		      err.msg);
	ck_assert_str_eq(out.data, want);
	syc_buf_free(&out);
	syc_row_free(in);
	syc_rubric_close(&r);
}

#define ASKS(prompt) "{\"name\": \"n\", \"prompt\": \"" prompt "\", " AB "}"
#define SWAPS(prompt) \
	"{\"name\": \"n\", \"prompt\": \"" prompt "\", " AB \
	", \"swap\": [\"x\", \"y\"]}"
#define LONG_NAME \
	"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

START_TEST(prompts)
{
	const char *row =
		"{\"question\": \"{x}?\", \"x\": \"{y}\", \"y\": \"Y\"}";

	asks(ASKS("{prompt}: {x} and {y}."), row, false, "{x}?: {y} and Y.");
	/* What is no field's name stays as it is. */
	asks(ASKS("{} {x {x-y} {{y}} {" LONG_NAME "}"), row, false,
	     "{} {x {x-y} {Y} {" LONG_NAME "}");
	asks(SWAPS("{x}, {y}, {prompt}"), row, false, "{y}, Y, {x}?");
	asks(SWAPS("{x}, {y}, {prompt}"), row, true, "Y, {y}, {x}?");
	asks(ASKS("<{prompt}>"), "{\"prompt\": \"raw\"}", false, "<raw>");
	/* The prompt in words counts, whatever the field of that name is. */
	asks(ASKS("<{prompt}>"),
	     "{\"prompt\": \"raw\", \"messages\": [{\"role\": \"system\","
	     " \"content\": \"S\"}, {\"role\": \"user\", \"content\": \"U\"}]}",
	     false, "<system: S\n\nuser: U>");
}
END_TEST

static void cannot_ask(const char *rubric, const char *row, const char *words)
{
	struct syc_rubric r;
	struct syc_row *in = row_of(row);
	struct syc_buf out = { 0 };
	struct syc_ids ids = { 0 };
	struct syc_err err = { 0 };

	opens(&r, rubric);
	fails(syc_rubric_prompt(&r, in, false, &out, &err), SYC_EINVAL, &err,
	      words);
	ck_assert_int_eq(
		syc_rubric_ids(&r, &prompter, in, false, &ids, NULL),
		SYC_EINVAL);
	syc_buf_free(&out);
	syc_ids_free(&ids);
	syc_row_free(in);
	syc_rubric_close(&r);
}

START_TEST(rows_that_lack)
{
	open_demo(NULL);
	cannot_ask(ASKS("{x}"), "{\"question\": \"Q\"}",
		   "'x', which the rubric asks for, is missing");
	cannot_ask(ASKS("{x}"), "{\"question\": \"Q\", \"x\": null}",
		   "is missing");
	cannot_ask(ASKS("{x}"), "{\"question\": \"Q\", \"x\": 1}",
		   "is not a string");
	cannot_ask(ASKS("{x}"), "{\"question\": \"Q\", \"x\": \"a\\u0000b\"}",
		   "contains a NUL character");
	cannot_ask(ASKS("x"), "{\"prompt_ids\": [1]}", "no prompt in words");
	close_demo();
}
END_TEST

/* The tokens of a question are those of a prompt that says the same. */
static void sees(const char *rubric, const char *row)
{
	struct syc_rubric r;
	struct syc_row *in = row_of("{\"question\": \"Q\"}"),
		       *same = row_of(row);
	struct syc_ids ids = { 0 }, want = { 0 };
	struct syc_err err = { 0 };

	opens(&r, rubric);
	ck_assert_msg(syc_rubric_ids(&r, &prompter, in, false, &ids, &err) == 0,
		      "%s", err.msg);
	ck_assert_int_eq(syc_prompter_ids(&prompter, &same->prompt, &want, NULL,
					  NULL), 0);
	same_ids(&ids, &want);
	syc_ids_free(&ids);
	syc_ids_free(&want);
	syc_row_free(in);
	syc_row_free(same);
	syc_rubric_close(&r);
}

#define BOTH \
	"{\"name\": \"n\", \"system\": \"S\", \"prompt\": \"{prompt}?\"," \
	" \"begin\": \"B\", " AB "}"

START_TEST(tokens)
{
	const struct syc_prompter_opts none = { .chat = "none",
					       .model = "demo" };

	open_demo(NULL);
	sees(ASKS("{prompt}?"), "{\"question\": \"Q?\"}");
	sees(BOTH, "{\"messages\": [{\"role\": \"system\", \"content\": \"S\"},"
		   " {\"role\": \"user\", \"content\": \"Q?\"},"
		   " {\"role\": \"assistant\", \"content\": \"B\"}]}");
	syc_prompter_done(&prompter);
	open_demo(&none);
	sees(ASKS("{prompt}?"), "{\"prompt\": \"Q?\\n\\n\"}");
	sees(BOTH, "{\"prompt\": \"S\\n\\nQ?\\n\\nB\"}");
	close_demo();
}
END_TEST

/* What of a rubric the tree's root goes on with. */
static void goes_on(const char *rubric, const char *first, unsigned flags)
{
	struct syc_rubric r;
	struct syc_answer_tree t;
	struct syc_ids want = { 0 };

	opens(&r, rubric);
	ck_assert_int_eq(syc_rubric_tree(&t, &r, &prompter, NULL), 0);
	ck_assert_uint_eq(t.n_answers, r.n_answers);
	encode(&want, first, flags);
	for (size_t i = 0; i < t.n_nodes; i++)
		if (t.answer[i] == 0)
			same_ids(&t.path[i], &want);
	syc_ids_free(&want);
	syc_answer_tree_free(&t);
	syc_rubric_close(&r);
}

START_TEST(answers)
{
	struct syc_rubric r;
	struct syc_answer_tree t = { 0 };
	struct syc_err err = { 0 };

	open_demo(NULL);
	/* A leading space belongs to an answer behind its beginning alone. */
	goes_on("truthful", " yes", SYC_TOK_MIDDLE);
	goes_on("{" GOOD
		", \"answers\": {\" yes\": 1, \"no\": 0}, \"threshold\": 0}",
		"yes", SYC_TOK_MIDDLE);
	opens(&r, "{" GOOD
		  ", \"answers\": {\" a\": 1, \"a\": 0}, \"threshold\": 0}");
	fails(syc_rubric_tree(&t, &r, &prompter, &err), SYC_EINVAL, &err,
	      "are the same tokens");
	syc_answer_tree_free(&t);
	syc_rubric_close(&r);
	close_demo();
}
END_TEST

int main(void)
{
	const struct test tests[] = {
		TEST(built_in), TEST(of_file), TEST(broken_files),
		TEST(prompts), TEST(rows_that_lack), TEST(tokens),
		TEST(answers),
	};

	return RUN_TESTS("rubric", tests);
}
