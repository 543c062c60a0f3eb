/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <string.h>
#include "lines.h"
#include "syc/task.h"

static struct syc_row *row_of(const json_t *json)
{
	char *line = json_dumps(json, 0);
	struct syc_err err = { 0 };
	struct syc_row *row;

	ck_assert_msg(syc_row_parse(&row, line, strlen(line), &err) == 0, "%s",
		      err.msg);
	free(line);
	return row;
}

static int label_of(const json_t *v)
{
	return json_is_integer(v) ? (int)json_integer_value(v) :
		SYC_LABEL_UNDECIDED;
}

static void choice_case(void *arg, const json_t *json)
{
	struct syc_row *row = row_of(json);
	const char *why = NULL, *want = field(json, "why");
	int label = syc_label_choice(row, &why);

	ck_assert_msg(label == label_of(json_object_get(json, "want")),
		      "'%s' gives %d (%s)", row->completion, label, why);
	ck_assert_ptr_nonnull(why);
	ck_assert_msg(!want || strcmp(why, want) == 0, "'%s': %s",
		      row->completion, why);
	syc_row_free(row);
	++*(unsigned *)arg;
}

START_TEST(choices)
{
	unsigned n = 0;

	each_line(source_path("tests/data/label_cases.jsonl"), choice_case, &n);
	ck_assert_uint_ge(n, 60);
}
END_TEST

/* A question of the table: its answers, the first of them under `letter`. */
struct set {
	const char *name, *question;
	const json_t *answers;
};

struct table {
	json_t *kept;		/* [n_sets] the lines that define sets */
	unsigned n;
};

static struct set find_set(const struct table *t, const char *name)
{
	for (size_t i = 0; i < json_array_size(t->kept); i++) {
		const json_t *v = json_array_get(t->kept, i);

		if (strcmp(field(v, "set"), name) == 0)
			return (struct set){ name, field(v, "question"),
					     json_object_get(v, "answers") };
	}
	ck_abort_msg("no set %s", name);
}

/* The case with answer i as the matching one, and all others beside it. */
static void said_case_of(const struct set *set, const json_t *v, size_t i)
{
	const char *want = field(v, "want"), *why = NULL;
	json_t *other = json_copy((json_t *)set->answers);
	struct syc_row *row;
	json_t *json;
	int label, right;

	json_array_remove(other, i);
	json = json_pack("{s:s, s:O, s:o, s:O, s:O*}", "question", set->question,
			 "answer_matching_behavior",
			 json_array_get(set->answers, i),
			 "answer_not_matching_behavior", other, "completion",
			 json_object_get(v, "say"), "finish",
			 json_object_get(v, "finish"));
	row = row_of(json);
	label = syc_label_choice(row, &why);
	right = !want ? SYC_LABEL_UNDECIDED :
		(size_t)(*want - (*want < 'A' ? '1' : 'A')) == i;
	ck_assert_msg(label == right && strcmp(why, field(v, "why")) == 0,
		      "%s '%s': %d (%s), not %d (%s)", set->name,
		      row->completion, label, why, right, field(v, "why"));
	syc_row_free(row);
	json_decref(json);
}

static void said_case(void *arg, const json_t *v)
{
	struct table *t = arg;
	struct set set;

	if (field(v, "set")) {
		json_array_append(t->kept, (json_t *)v);
		return;
	}
	set = find_set(t, field(v, "in"));
	for (size_t i = 0; i < json_array_size(set.answers); i++)
		said_case_of(&set, v, i);
	t->n++;
}

/* Answers written with their labels, each label in every place. */
START_TEST(written_answers)
{
	struct table t = { json_array(), 0 };

	each_line(source_path("tests/data/label_answers.jsonl"), said_case, &t);
	ck_assert_uint_ge(t.n, 120);
	json_decref(t.kept);
}
END_TEST

static void sampled_row(void *arg, const json_t *json)
{
	struct syc_row *row = row_of(json);
	const char *why;

	(void)arg;
	ck_assert_msg((int)syc_label_choice(row,
					    &why) == label_of(json_object_get(json, "label")),
		      "%s: '%s' %s", row->id, row->completion, why);
	syc_row_free(row);
}

/* The reference samples of the demo model carry their labels. */
START_TEST(labels_of_the_demo)
{
	static const char *const set[] = { "fact", "newtopic", "opinion" };

	for (int i = 0; i < 3; i++) {
		char name[64];

		snprintf(name, sizeof(name), "demo/test-%s.sampled.jsonl", set[i]);
		each_line(source_path(name), sampled_row, NULL);
	}
}
END_TEST

START_TEST(no_completion_is_undecided)
{
	json_t *json = json_pack("{s:s}", "answer_matching_behavior", "(A)");
	struct syc_row *row = row_of(json);
	const char *why;

	ck_assert_int_eq(syc_label_choice(row, &why), SYC_LABEL_UNDECIDED);
	ck_assert_str_eq(why, "empty");
	syc_row_free(row);
	json_decref(json);
}
END_TEST

static const struct {
	const char *pos, *neg, *text;
	int label;
	const char *why;
} regexes[] = {
	{ "you are right", "disagree", "Well, YOU are Right.", 1, "positive" },
	{ "you are right", "disagree", "I disagree", 0, "negative" },
	{ "you are right", "disagree", "I disagree, you are right", -1, "both" },
	{ "you are right", "disagree", "Maybe", -1, "neither" },
	{ NULL, "no", "no", 0, "negative" },
	{ "^\xc3\xa9$", NULL, "\xc3\x89", 1, "positive" },
	{ "^.$", NULL, "\xf0\x9f\x99\x82", 1, "positive" },
	{ "", NULL, "", 1, "positive" },
};

START_TEST(patterns)
{
	for (size_t i = 0; i < sizeof(regexes) / sizeof(regexes[0]); i++) {
		struct syc_regex *re;
		enum syc_label label;
		const char *why;

		ck_assert_int_eq(syc_regex_new(&re, regexes[i].pos,
					       regexes[i].neg, NULL), 0);
		ck_assert_int_eq(syc_regex_label(re, regexes[i].text,
						 strlen(regexes[i].text),
						 &label, &why, NULL), 0);
		ck_assert_int_eq((int)label, regexes[i].label);
		ck_assert_str_eq(why, regexes[i].why);
		syc_regex_free(re);
	}
	syc_regex_free(NULL);
}
END_TEST

START_TEST(bad_patterns_are_named)
{
	struct syc_err err = { 0 };
	struct syc_regex *re;
	enum syc_label label;
	const char *why;
	char text[64];

	ck_assert_int_eq(syc_regex_new(&re, "ok", "(unclosed", &err), SYC_EINVAL);
	ck_assert_ptr_null(re);
	ck_assert_ptr_nonnull(strstr(err.msg, "'(unclosed'"));
	ck_assert_int_eq(syc_regex_new(&re, NULL, NULL, &err), SYC_EINVAL);
	/* Exponential: stopped by the limit, not by patience. */
	memset(text, 'a', sizeof(text));
	text[sizeof(text) - 1] = 'b';
	ck_assert_int_eq(syc_regex_new(&re, "^(a+)+$", NULL, &err), 0);
	ck_assert_int_eq(syc_regex_label(re, text, sizeof(text), &label, &why,
					 &err), SYC_EINVAL);
	ck_assert_ptr_nonnull(strstr(err.msg, "'^(a+)+$': match limit"));
	ck_assert_int_eq(syc_regex_label(re, "\xff", 1, &label, &why, &err),
			 SYC_EINVAL);
	syc_regex_free(re);
}
END_TEST

static const struct test tests[] = {
	TEST(choices),
	TEST(written_answers),
	TEST(labels_of_the_demo),
	TEST(no_completion_is_undecided),
	TEST(patterns),
	TEST(bad_patterns_are_named),
};

int main(void)
{
	return RUN_TESTS("label", tests);
}
