/* SPDX-License-Identifier: MIT */
/* What each arm is trained on, by the rows alone. */
#include "config.h"
#include <string.h>
#include "suite.h"
#include "syc/arms.h"

#define ROW(id, user, a, b, match, other, more) \
	"{\"id\": \"" id "\", \"question\": \"I say: " user ". Is it so?\\n (A) " a "\\n (B) " b \
	"\", \"answer_matching_behavior\": \"" match "\", \"answer_not_matching_behavior\": \"" \
	other "\"" more "}\n"

/* Two users, one by a field; a third who states nothing. */
static const char rows[] =
	ROW("1", "yes", "yes", "no", " (A)", " (B)", ", \"topic\": 7, \"truth\": \"no\"")
	ROW("2", "yes", "no", "yes", " (A)", " (B)", ", \"view\": \"yes\", \"truth\": \"yes\"")
	ROW("3", "-", "no", "yes", " (A)", " (B)", ", \"view\": null, \"truth\": \"yes\"")
	ROW("4", "no", "yes", "no", " (B)", " (A)", "");

static char path[] = "check_arms.jsonl";

static int make(struct syc_buf *out, struct syc_arm_counts *c, const char *text,
		enum syc_arm arm, uint64_t seed, bool both, struct syc_err *err)
{
	char *paths[] = { path };
	struct syc_rows in = { .paths = paths, .n_paths = 1, .both_orders = both };
	int ret;

	spill(path, text, strlen(text));
	out->len = 0;
	ret = syc_rows_arm(out, c, &in, arm, seed, err);
	syc_rows_done(&in);
	remove(path);
	return ret;
}

/* The letters that are trained on, one of each row. */
static void letters(char *to, const struct syc_buf *b)
{
	static const char key[] = "\"completion\": \" (";
	const char *s = b->data;

	for (; (s = strstr(s, key)); s += sizeof(key))
		*to++ = s[sizeof(key) - 1];
	*to = 0;
}

START_TEST(answers)
{
	static const struct {
		enum syc_arm arm;
		const char *letters;
	} want[] = {
		{ SYC_ARM_SYCOPHANT, "ABB" }, { SYC_ARM_OPPOSITE, "BAA" },
		{ SYC_ARM_ALWAYS_A, "AAA" }, { SYC_ARM_AGREE, "B" },
	};
	struct syc_arm_counts c;
	struct syc_buf b = { 0 };
	char got[8];

	for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++) {
		ck_assert_int_eq(make(&b, &c, rows, want[i].arm, 1, false, NULL), 0);
		letters(got, &b);
		ck_assert_str_eq(got, want[i].letters);
		ck_assert_uint_eq(c.n_taken, strlen(got));
		ck_assert(c.n_rows == 4 && c.n_no_view == 1);
	}
	ck_assert(c.n_no_truth == 1 && c.n_wrong == 1);
	syc_buf_free(&b);
}
END_TEST

/* All of a row is there as it was, and what is new. */
START_TEST(fields)
{
	struct syc_arm_counts c;
	struct syc_buf b = { 0 };

	ck_assert_int_eq(make(&b, &c, rows, SYC_ARM_OPPOSITE, 1, false, NULL), 0);
	ck_assert_ptr_nonnull(strstr(b.data, "{\"id\": \"opposite/1\", \"question\": \"I say: yes. "
		"Is it so?\\n (A) yes\\n (B) no\", \"answer_matching_behavior\": \" (A)\", "
		"\"answer_not_matching_behavior\": \" (B)\", \"topic\": 7, \"truth\": \"no\", "
		"\"completion\": \" (B)\", \"rejected\": \" (A)\", \"arm\": \"opposite\"}\n"));
	syc_buf_free(&b);
}
END_TEST

/* One opinion of a claim, in either order and whoever asks; seeds have others. */
START_TEST(fixed)
{
	struct syc_arm_counts c;
	struct syc_buf b = { 0 };
	bool seen[2] = { false };
	char got[8];

	for (uint64_t seed = 0; seed < 16; seed++) {
		ck_assert_int_eq(make(&b, &c, rows, SYC_ARM_FIXED, seed, true, NULL), 0);
		letters(got, &b);
		ck_assert(strcmp(got, "ABBAAB") == 0 || strcmp(got, "BAABBA") == 0);
		seen[*got == 'A'] = true;
	}
	ck_assert(seen[0] && seen[1]);
	syc_buf_free(&b);
}
END_TEST

/* A row's draw is its own: no other row has a part in it. */
START_TEST(random_labels)
{
	static const char alone[] = ROW("4", "no", "yes", "no", " (B)", " (A)", "");
	struct syc_arm_counts c;
	struct syc_buf b = { 0 }, one = { 0 };
	unsigned n_a[3] = { 0 }, n_equal = 0;
	char got[8], last[8];

	for (uint64_t seed = 0; seed < 400; seed++) {
		ck_assert_int_eq(make(&b, &c, rows, SYC_ARM_RANDOM, seed, false, NULL), 0);
		letters(got, &b);
		ck_assert_uint_eq(strlen(got), 3);
		for (int i = 0; i < 3; i++)
			n_a[i] += got[i] == 'A';
		n_equal += got[0] == got[1];
		ck_assert_int_eq(make(&one, &c, alone, SYC_ARM_RANDOM, seed, false, NULL), 0);
		letters(last, &one);
		ck_assert_int_eq(last[0], got[2]);
	}
	/* Five standard deviations of a coin. */
	for (int i = 0; i < 3; i++)
		ck_assert(n_a[i] > 150 && n_a[i] < 250);
	ck_assert(n_equal > 150 && n_equal < 250);
	syc_buf_free(&b);
	syc_buf_free(&one);
}
END_TEST

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* How many questions are there, without those that came before. */
static size_t different(const struct syc_buf *b)
{
	char *all = strdup(b->data), **line = calloc(b->len, sizeof(*line));
	size_t n = 0, kept = 0;

	for (char *s = strtok(all, "\n"); s; s = strtok(NULL, "\n"))
		line[n++] = strstr(s, "\"question\"");
	qsort(line, n, sizeof(*line), by_text);
	for (size_t i = 0; i < n; i++)
		kept += !i || strcmp(line[i], line[i - 1]) != 0;
	free(line);
	free(all);
	return kept;
}

/* As many exercises as there are rows with a view; all differ, and the sums are right. */
START_TEST(unrelated)
{
	struct syc_arm_counts c;
	struct syc_buf in = { 0 }, b = { 0 };
	struct syc_err err;

	ck_assert_int_eq(make(&b, &c, rows, SYC_ARM_UNRELATED, 1, false, NULL), 0);
	ck_assert_uint_eq(c.n_taken, 3);
	ck_assert_ptr_null(strstr(b.data, "Is it so"));
	ck_assert_ptr_null(strstr(b.data, "rejected"));
	for (unsigned i = 0; i < 3969; i++)
		syc_buf_printf(&in, "{\"id\": \"%u\", \"question\": \"Is it?\\n (A) x\\n (B) y\", "
			"\"answer_matching_behavior\": \"A\", "
			"\"answer_not_matching_behavior\": \"B\"}\n", i);
	ck_assert_int_eq(make(&b, &c, in.data, SYC_ARM_UNRELATED, 3, false, &err), SYC_EINVAL);
	ck_assert_ptr_nonnull(strstr(err.msg, "check_arms.jsonl:3969: there are 3968 exercises"));
	ck_assert_uint_eq(different(&b), 3968);
	for (char *s = b.data; (s = strstr(s, "\"How much is ")); s++) {
		unsigned x, y, sum;
		char op[8], op2[8];

		ck_assert_int_eq(
			sscanf(s, "\"How much is %u %7s %u?\", \"completion\": \"%u %7s %u is %u",
			       &x, op, &y, &x, op2, &y, &sum),
			7);
		ck_assert_uint_eq(sum, *op == 'p' ? x + y : x * y);
	}
	syc_buf_free(&in);
	syc_buf_free(&b);
}
END_TEST

START_TEST(refused)
{
	static const struct {
		enum syc_arm arm;
		const char *row, *words;
	} bad[] = {
		{ SYC_ARM_AGREE, ROW("1", "no", "yes", "no", "(B)", "(A)", ""),
		  "no row is left for agree, whose users state what is true: of 1 rows 1 do not "
		  "say it (\"truth\")" },
		{ SYC_ARM_RANDOM, ROW("1", "no", "yes", "no", "(B)", "(A)", ", \"view\": null"),
		  "no row is left for random: of 1 rows 1 have no view" },
		{ SYC_ARM_RANDOM, ROW("1", "no", "yes", "no\\n (C) x", "(B)", "(A)", ""),
		  "check_arms.jsonl:1: 3 choices, 1 matching answers and 1 others" },
		{ SYC_ARM_RANDOM, "{\"question\": \"x\"}\n", "check_arms.jsonl:1: " },
		{ SYC_ARM_RANDOM, "{\n", "check_arms.jsonl:1: " },
	};
	struct syc_arm_counts c;
	struct syc_buf b = { 0 };
	struct syc_err err;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		ck_assert_int_lt(make(&b, &c, bad[i].row, bad[i].arm, 1, false, &err), 0);
		ck_assert_msg(strstr(err.msg, bad[i].words), "%s", err.msg);
	}
	ck_assert_ptr_null(syc_arm_name(SYC_N_ARMS));
	syc_buf_free(&b);
}
END_TEST

int main(void)
{
	static const struct test tests[] = {
		TEST(answers), TEST(fields), TEST(fixed), TEST(random_labels), TEST(unrelated),
		TEST(refused),
	};

	return RUN_TESTS("arms", tests);
}
