/* SPDX-License-Identifier: MIT */
/* Sets of labels of the same rows, as read and as joined. */
#include <string.h>
#include <unistd.h>
#include "suite.h"
#include "syc/label_set.h"

static int read_text(struct syc_label_set *s, const char *text, bool keep_going,
		     uint64_t *skipped, struct syc_err *err)
{
	char file[] = "label_set-XXXXXX", *path = file;
	struct syc_rows in = {
		.paths = &path, .n_paths = 1, .keep_going = keep_going };
	const int fd = mkstemp(file);
	int ret;

	ck_assert(fd >= 0 &&
		  write(fd, text, strlen(text)) == (ssize_t)strlen(text) &&
		  close(fd) == 0);
	ret = syc_label_set_read(s, &in, "set.jsonl", err);
	if (skipped)
		*skipped = in.n_skipped;
	syc_rows_done(&in);
	unlink(file);
	return ret;
}

static void fails(int code, const char *text, const char *words)
{
	struct syc_label_set s;
	struct syc_err err = { 0 };

	ck_assert_int_eq(read_text(&s, text, false, NULL, &err), code);
	ck_assert_msg(strstr(err.msg, words) != NULL, "'%s' lacks '%s'",
		      err.msg, words);
	syc_label_set_free(&s);
}

START_TEST(label)
{
	static const struct {
		const char *row;
		int label;
		const char *why;
	} cases[] = {
		{ "{\"label\": 1}", 1, NULL },
		{ "{\"label\": 0}", 0, NULL },
		{ "{\"label\": null}", SYC_LABEL_UNDECIDED, NULL },
		{ "{\"label\": 1.0}", 1, NULL },
		{ "{}", 0, "no \"label\"" },
		{ "{\"label\": 2}", 0, "is not 1, 0 or null" },
		{ "{\"label\": \"1\"}", 0, "is not 1, 0 or null" },
		{ "{\"label\": true}", 0, "is not 1, 0 or null" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct syc_err err = { 0 };
		struct syc_row *row;
		int8_t got;

		ck_assert_int_eq(syc_row_parse(&row, cases[i].row,
					       strlen(cases[i].row), NULL),
				 0);
		ck_assert_int_eq(syc_row_label(row, &got, &err),
				 cases[i].why ? SYC_EFORMAT : 0);
		if (cases[i].why)
			ck_assert_ptr_nonnull(strstr(err.msg, cases[i].why));
		else
			ck_assert_int_eq(got, cases[i].label);
		syc_row_free(row);
	}
}
END_TEST

START_TEST(set)
{
	struct syc_label_set s;
	uint64_t skipped;

	ck_assert_int_eq(read_text(&s,
			  "{\"id\": \"b\", \"label\": 1}\n\n"
			  "{\"id\": \"a\", \"sample\": 1, \"label\": null}\n"
			  "{\"id\": \"c\"}\n"
			  "{\"id\": \"a\", \"label\": 0}\n",
			  true, &skipped, NULL),
		0);
	ck_assert_uint_eq(s.n, 3);
	ck_assert_uint_eq(skipped, 1);
	ck_assert(s.count[0] == 1 && s.count[1] == 1 && s.count[2] == 1);
	ck_assert_str_eq(s.row[0].id, "a");
	ck_assert(s.row[0].sample == 0 && s.row[1].sample == 1);
	syc_label_set_free(&s);
	fails(SYC_EFORMAT, "", "set.jsonl: no rows");
	fails(SYC_EFORMAT, "{\"id\": \"a\"}\n", ":1: no \"label\"");
	/* the answer a row is about makes it another */
	fails(SYC_ETWICE,
	      "{\"id\": \"a\", \"label\": 1}\n{\"id\": \"a\", \"label\": 1, \"answer\": \"other\"}\n"
	      "{\"id\": \"a\", \"sample\": 0, \"label\": 0}\n",
	      ":3: the row (id 'a', sample 0) is already in label_set-");
}
END_TEST

/* More rows than the first room. */
START_TEST(many)
{
	struct syc_label_set s;
	struct syc_buf b = { 0 };

	for (int i = 0; i < 500; i++)
		syc_buf_printf(&b, "{\"id\": \"r%d\", \"label\": %d}\n",
			       i * 7 % 500, i % 2);
	ck_assert_int_eq(read_text(&s, b.data, false, NULL, NULL), 0);
	ck_assert_uint_eq(s.n, 500);
	for (size_t i = 1; i < s.n; i++)
		ck_assert_int_lt(strcmp(s.row[i - 1].id, s.row[i].id), 0);
	syc_label_set_free(&s);
	syc_buf_free(&b);
}
END_TEST

START_TEST(joined)
{
	struct syc_label_set s[3];
	struct syc_err err = { 0 };
	size_t n, count[3][3];

	read_text(&s[0],
		"{\"id\": \"a\", \"label\": 1}\n{\"id\": \"b\", \"label\": 0}\n"
		"{\"id\": \"c\", \"label\": null}\n{\"id\": \"d\", \"label\": 1}\n",
		false, NULL, NULL);
	read_text(&s[1],
		"{\"id\": \"d\", \"label\": 1}\n{\"id\": \"c\", \"label\": 0}\n"
		"{\"id\": \"a\", \"label\": 0}\n{\"id\": \"x\", \"label\": 1}\n",
		false, NULL, NULL);
	read_text(&s[2],
		"{\"id\": \"c\", \"label\": 1}\n{\"id\": \"d\", \"label\": null}\n"
		"{\"id\": \"a\", \"sample\": 2, \"label\": 1}\n",
		false, NULL, NULL);
	ck_assert_int_eq(syc_label_sets_join(s, 2, &n, &err), 0);
	ck_assert_uint_eq(n, 3);
	ck_assert(s[0].common[0] == 1 && s[0].common[1] == -1 &&
		  s[0].common[2] == 1);
	ck_assert(s[1].common[0] == 0 && s[1].common[1] == 0 &&
		  s[1].common[2] == 1);
	syc_label_table(count, s[0].common, s[1].common, n);
	ck_assert(count[1][0] == 1 && count[2][0] == 1 && count[1][1] == 1 &&
		  count[0][0] == 0);
	/* Again, with a third; another sample is another row. */
	ck_assert_int_eq(syc_label_sets_join(s, 3, &n, &err), 0);
	ck_assert_uint_eq(n, 2);
	ck_assert(s[2].common[0] == 1 && s[2].common[1] == -1);
	syc_label_table(count, s[0].common, s[2].common, n);
	ck_assert(count[2][1] == 1 && count[1][2] == 1);
	syc_label_set_free(&s[1]);
	read_text(&s[1], "{\"id\": \"x\", \"label\": 1}\n", false, NULL, NULL);
	ck_assert_int_eq(syc_label_sets_join(s, 3, &n, &err), SYC_EFORMAT);
	ck_assert_ptr_nonnull(strstr(err.msg, "no row in common"));
	for (size_t i = 0; i < 3; i++)
		syc_label_set_free(&s[i]);
}
END_TEST

int main(void)
{
	static const struct test tests[] = { TEST(label), TEST(set), TEST(many),
					    TEST(joined) };

	return RUN_TESTS("label_set", tests);
}
