/* SPDX-License-Identifier: MIT */
/* Data sets to rows of tasks: random choices, examples, templates, bad input. */
#include "config.h"
#include "task_rows.h"

#define TABLE_HEAD "id,q,correct,incorrect,label\n"
#define TABLE_1 "1,One?,a,b; c; d,x\n"
#define TABLE_2 "2,Two?,a,b; c; d,y\n"
#define TABLE_3 "3,Three?,a,b; c; d,z\n"

static bool is_subset(const json_t *some, const json_t *all)
{
	size_t i, k;
	const json_t *a, *b;

	json_array_foreach((json_t *)some, i, a) {
		bool found = false;

		json_array_foreach((json_t *)all, k, b)
			found |= json_equal(a, b);
		if (!found)
			return false;
	}
	return true;
}

START_TEST(chance)
{
	static const char *const field[] = { "question=q" };
	struct syc_prompts_opts o = { .task = "answer", .field = field, .n_fields = 1, .seed = 5 };
	json_t *list = rows_of(o, NULL, NULL, TABLE_HEAD TABLE_1 TABLE_2 TABLE_3, NULL), *other;
	size_t n = 0;

	ck_assert_msg(list && json_array_size(list) == 12, "%s", said.msg);
	ck_assert_str_eq(text_of(row(list, "plain"), "source_label"), "x");
	ck_assert_str_eq(counts.same_answer ? "a" : "", "a");
	other = rows_of(o, NULL, NULL, TABLE_HEAD TABLE_3 TABLE_1 TABLE_2, NULL);
	ck_assert(is_subset(list, other) && is_subset(other, list));
	json_decref(other);
	other = rows_of(o, NULL, NULL, "id,q,correct,incorrect,label\n1,One?,a,d; c; b,x\n", NULL);
	ck_assert_str_eq(message(row(other, "suggests-wrong"), 0),
			 message(row(list, "suggests-wrong"), 0));
	json_decref(other);

	o.sample = 2;
	other = rows_of(o, NULL, NULL, TABLE_HEAD TABLE_3 TABLE_1 TABLE_2, NULL);
	ck_assert(json_array_size(other) == 8 && is_subset(other, list) && counts.n_taken == 2);
	json_decref(other);
	o.sample = 0;
	o.n_parts = 2;
	for (o.part_from = o.part_to = 1; o.part_from < 3; o.part_to = ++o.part_from) {
		other = rows_of(o, NULL, NULL, TABLE_HEAD TABLE_3 TABLE_1 TABLE_2, NULL);
		n += json_array_size(other);
		ck_assert(!other || is_subset(other, list));
		json_decref(other);
	}
	ck_assert_uint_eq(n, 12);
	json_decref(list);
}
END_TEST

START_TEST(examples)
{
	struct syc_prompts_opts o = { .task = "sure", .n_shots = 1, .dataset = "d" };
	json_t *list = rows_of(
		o, NULL, "id,question,options,letter\n1,Red?,yes; no,B\n2,Blue?,yes; no,B\n",
		"id,question,options,letter\n1,Red?,yes; no,B\n3,Green?,yes; no,B\n", NULL);
	const json_t *c;

	ck_assert_msg(list != NULL, "%s", said.msg);
	all_readable(list);
	ck_assert_int_eq(counts.constant, 'B');
	ck_assert_uint_eq(counts.n_objects, 2);
	c = row(list, "challenge");
	ck_assert_uint_eq(json_array_size(json_object_get(c, "messages")), 4);
	/* Never the item's own. */
	ck_assert(strncmp(message(c, 0), "Blue?", 5) == 0);
	ck_assert_str_eq(message(c, 1), "The answer is (B)");
	ck_assert(strncmp(message(c, 2), "Red?", 4) == 0);
	json_decref(list);

	o = (struct syc_prompts_opts){ .task = "moral" };
	ck_assert_ptr_null(rows_of(o, NULL, "id,og,flip\n1,x,y\n", "id,og,flip\n2,x,y\n", NULL));
	ck_assert(said.code == SYC_EINVAL && strstr(said.msg, "x/shots.json:2: ") == said.msg);
}
END_TEST

#define T(rest) "[{\"task\": \"mimicry\", \"condition\": \"ask\", " rest "}]"

static void bad_templates(const char *json, const char *why)
{
	struct syc_prompts_opts o = { .task = "mimicry" };

	ck_assert_ptr_null(rows_of(o, json, NULL, "x\n1\n", NULL));
	ck_assert_msg(said.code == SYC_EFORMAT && strstr(said.msg, why), "%s", said.msg);
}

START_TEST(templates)
{
	struct syc_prompts_opts o = { .task = "moral" };
	struct syc_buf all = { 0 };
	struct syc_prompts *p;
	const json_t *c;
	json_t *list = rows_of(o,
			       "[{\"task\": \"moral\", \"condition\": \"og\", \"system\": \"Be.\", "
			       "\"user\": \"{{{og}}} {place}\"}, {\"task\": \"moral\", "
			       "\"condition\": \"flip\", \"user\": \"{flip}\"}]",
			       NULL, "id,og,flip,place\n1,x,y,z\n2,x,y,\n", NULL);

	ck_assert_msg(list && json_array_size(list) == 2, "%s", said.msg);
	ck_assert_uint_eq(counts.n_dropped, 1);
	ck_assert_str_eq(skipped, "x/data.json:3: no \"place\" for og");
	c = row(list, "og");
	ck_assert_str_eq(message(c, 0), "Be.");
	ck_assert_str_eq(message(c, 1), "{x} z");
	json_decref(list);

	bad_templates("[", "line 1");
	bad_templates("{}", "no list");
	bad_templates(T("\"kind\": \"x\""), "template 1: no \"user\"");
	bad_templates(T("\"user\": 1"), "\"user\" is not a string");
	bad_templates(T("\"user\": \"a {poem\""), "brace");
	bad_templates(T("\"user\": \"x\", \"more\": 1"), "\"more\"");
	bad_templates(T("\"user\": \"x\", \"options\": [\"x\"]"), "\"options\"");
	bad_templates(T("\"user\": \"x\", \"turns\": [{}]"), "a turn has no \"user\"");
	bad_templates("[{\"task\": \"sing\"}]", "no task 'sing'");
	bad_templates("[{\"task\": \"sure\", \"condition\": \"ask\"}]", "no condition 'ask'");

	/* What is printed can be read. */
	ck_assert_int_eq(syc_prompts_new(&p, &o, &said), 0);
	ck_assert_int_eq(syc_prompts_templates(&all, p, NULL, &said), 0);
	ck_assert_msg(syc_prompts_use(p, all.data, all.len, &said) == 0, "%s", said.msg);
	syc_prompts_free(p);
	syc_buf_free(&all);
}
END_TEST

/* ---- bad input --------------------------------------------------------------------------- */

static void bad(const char *task, const char *text, int code, const char *why)
{
	json_t *list = rows_of((struct syc_prompts_opts){ .task = task }, NULL, NULL, text, NULL);

	ck_assert_msg(!list && said.code == code && strcmp(said.msg, why) == 0, "%d %s", said.code,
		      said.msg);
}

START_TEST(bad_objects)
{
	struct syc_prompts_opts o = { .task = "answer", .keep_going = true };
	json_t *list;

	bad("answer", "question,correct\nx,y\n", SYC_EFORMAT,
	    "x/data.json:2: no \"incorrect\", which answer needs (format table)");
	bad("moral", AB, SYC_EFORMAT, "x/data.json:1: format anthropic makes pushback, not moral");
	bad("answer", "{\"question\": \"x\"}\n[]\n", SYC_EFORMAT,
	    "x/data.json:1: no \"correct\", which answer needs (format table)");
	bad("answer", "{\"task\": \"answer\", \"condition\": \"c\", \"messages\": []}\n",
	    SYC_EFORMAT, "x/data.json:1: it is a row of task 'answer' already");
	bad("answer", "", SYC_EFORMAT, "x/data.json: the file is empty");
	bad("answer", "a,b\n1\n", SYC_EFORMAT, "x/data.json:2: 1 cells in a table of 2 columns");
	bad("answer", "a,a\n1,2\n", SYC_EFORMAT, "x/data.json: line 1: column 'a' comes twice");
	bad("answer", "question,correct,incorrect\nx,Yes,yes.\n", SYC_EINVAL,
	    "no rows: 1 items, 1 taken, 1 of these left out");
	ck_assert_str_eq(skipped, "x/data.json:2: its right and its wrong answer are graded alike");
	bad("sure", SYC_EVAL("\"question\": \"q\", \"answers\": \"(A) x\\n(B) y\", "
			     "\"correct_letter\": \"C\"", ""), SYC_EFORMAT,
	    "x/data.json:1: letter (C) is none of the 2 options");
	bad("moral", "id,og,flip\n1,x,y\n1,z,y\n", SYC_EINVAL,
	    "x/data.json:3: item 'data/1' has another \"og\" at x/data.json:2");
	bad("feedback", "text,domain\nx,essays\n", SYC_EINVAL,
	    "no rows: 1 items, 1 taken, 1 of these left out");
	bad("answer", "[{\"question\": \"x\"", SYC_EFORMAT,
	    "x/data.json: line 1: '}' expected near end of file");

	o.field = &(const char *){ "correct=right" };
	o.n_fields = 1;
	ck_assert_ptr_null(rows_of(o, NULL, NULL, "question,correct,incorrect\nx,y,z\n", NULL));
	ck_assert_str_eq(said.msg, "'correct=right': nothing has such a column");
	o.n_fields = 0;

	list = rows_of(o, NULL, NULL, "{\"question\": \"x\"}\nno\n{\"question\": \"x\", "
		       "\"correct\": \"a\", \"incorrect\": [\"b\"]}\n", NULL);
	ck_assert_msg(list && json_array_size(list) == 4, "%s", said.msg);
	ck_assert(counts.n_objects == 3 && counts.n_broken == 2);
	ck_assert(strncmp(skipped, "x/data.json:2: ", 15) == 0);
	json_decref(list);
}
END_TEST

START_TEST(bad_options)
{
	static const char *const field[] = { "question=q", "nothing=q", "q" };
	struct syc_prompts *p;
	struct syc_prompts_opts o = { .task = "sing" };

	ck_assert_int_eq(syc_prompts_new(&p, &o, &said), SYC_EINVAL);
	o = (struct syc_prompts_opts){ .task = "sure", .format = "none" };
	ck_assert_int_eq(syc_prompts_new(&p, &o, &said), SYC_EINVAL);
	o = (struct syc_prompts_opts){ .task = "sure", .n_parts = 2, .part_from = 2, .part_to = 3 };
	ck_assert_int_eq(syc_prompts_new(&p, &o, &said), SYC_EINVAL);
	for (size_t i = 1; i < 3; i++) {
		o = (struct syc_prompts_opts){ .task = "sure", .field = field + i, .n_fields = 1 };
		ck_assert_int_eq(syc_prompts_new(&p, &o, NULL), SYC_EINVAL);
		ck_assert_ptr_null(p);
	}
	ck_assert_str_eq(syc_prompts_task(1), "sure");
	ck_assert_ptr_null(syc_prompts_task(8));
	ck_assert_str_eq(syc_prompts_condition("moral", 1), "flip");
	ck_assert_ptr_null(syc_prompts_condition("moral", 2));
	ck_assert_ptr_null(syc_prompts_condition("sing", 0));
	ck_assert_str_eq(syc_prompts_format(0), "sycophancy-eval");
	ck_assert_ptr_null(syc_prompts_format(10));
	ck_assert_str_eq(syc_prompts_format_tasks("elephant"), "moral");
}
END_TEST

int main(void)
{
	static const struct test all[] = {
		TEST(chance), TEST(examples), TEST(templates), TEST(bad_objects),
		TEST(bad_options),
	};

	return RUN_TESTS("prompts_options", all);
}
