/* SPDX-License-Identifier: MIT */
/* Streams of rows: what is read when, and what is asked before. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "suite.h"
#include "syc/rows.h"

/* The next row is `line`. */
static void gives(struct syc_rows *in, const char *line)
{
	struct syc_row *row;

	ck_assert_int_eq(syc_rows_next(in, &row, NULL), 1);
	ck_assert_uint_eq(in->len, strlen(line));
	ck_assert_mem_eq(in->line, line, in->len);
	syc_row_free(row);
}

static void ends(struct syc_rows *in)
{
	struct syc_row *row;

	ck_assert(syc_rows_ready(in));
	ck_assert_int_eq(syc_rows_next(in, &row, NULL), 0);
	ck_assert_int_eq(syc_rows_next(in, &row, NULL), 0);
	syc_rows_done(in);
}

static void put(int fd, const char *text)
{
	ck_assert_int_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
}

static char *file_of(const char *text)
{
	char *path = strdup("rows-XXXXXX");
	const int fd = mkstemp(path);

	ck_assert_int_ge(fd, 0);
	put(fd, text);
	close(fd);
	return path;
}

/* Make a pipe standard input; returns the end to write to. */
static int feed_stdin(void)
{
	int end[2];

	ck_assert_int_eq(pipe(end), 0);
	ck_assert_int_eq(dup2(end[0], STDIN_FILENO), STDIN_FILENO);
	close(end[0]);
	return end[1];
}

/* A writer who takes his time, behind a file. */
START_TEST(ready_when_all_of_a_row_is_there)
{
	char *const paths[] = { file_of("{\"a\":0}\n\n"), (char[]){ "-" } };
	struct syc_rows in = { .paths = paths, .n_paths = 2 };
	const int fd = feed_stdin();

	ck_assert(syc_rows_ready(&in) && syc_rows_ready(&in));
	gives(&in, "{\"a\":0}");
	ck_assert(!syc_rows_ready(&in));	/* the file's end is no row */
	put(fd, "\xef\xbb\xbf{\"a\":1}\r\n{\"a\"");
	ck_assert(syc_rows_ready(&in) && syc_rows_ready(&in));
	gives(&in, "{\"a\":1}");
	ck_assert_str_eq(syc_rows_place(&in), "standard input:1");
	ck_assert(!syc_rows_ready(&in) && !syc_rows_ready(&in));
	put(fd, ":2");
	ck_assert(!syc_rows_ready(&in));
	put(fd, "}\n  \n\r\n");
	gives(&in, "{\"a\":2}");
	ck_assert(!syc_rows_ready(&in));
	put(fd, "{\"a\":3}");
	ck_assert(!syc_rows_ready(&in));
	close(fd);
	ck_assert(syc_rows_ready(&in));
	gives(&in, "{\"a\":3}");
	ck_assert_str_eq(syc_rows_place(&in), "standard input:5");
	ends(&in);
	unlink(paths[0]);
	free(paths[0]);
}
END_TEST

/* Whoever asks first hears of the error all the same. */
START_TEST(errors_are_ready)
{
	char *const paths[] = { (char[]){ "no-such-file" } };
	struct syc_rows in = { .paths = paths, .n_paths = 1 };
	struct syc_err err = { 0 };
	struct syc_row *row;

	ck_assert(syc_rows_ready(&in));
	ck_assert_int_eq(syc_rows_next(&in, &row, &err), SYC_EIO);
	ck_assert_ptr_nonnull(strstr(err.msg, "no-such-file"));
	syc_rows_done(&in);
	paths[0][0] = '.';
	paths[0][1] = '\0';
	ck_assert(syc_rows_ready(&in));
	ck_assert_int_eq(syc_rows_next(&in, &row, &err), SYC_EIO);
	syc_rows_done(&in);
}
END_TEST

static void count(void *n, const char *place, const char *why)
{
	ck_assert_ptr_nonnull(strstr(place, ":2"));
	ck_assert_ptr_nonnull(strstr(why, "longer than 16 MiB"));
	++*(int *)n;
}

/* Rows over several buffers, as long as they may be, and longer. */
START_TEST(long_rows)
{
	int n = 0;
	struct syc_rows in = { .n_paths = 1, .keep_going = true, .skipped = count, .arg = &n };
	char *text = malloc(2 * SYC_ROW_MAX + 64), *path, *line;
	const size_t len = SYC_ROW_MAX;

	ck_assert_ptr_nonnull(text);
	memset(text, ' ', 2 * len + 2);
	memcpy(text, "{\"a\":1", 6);
	memcpy(text + len - 1, "}\n", 2);
	strcpy(text + 2 * len + 2, "\n{\"a\":2}");
	memcpy(text + len + 1, "{\"a\":3}", 7);
	path = file_of(text);
	line = strndup(text, len);
	in.paths = &path;
	gives(&in, line);
	ck_assert(syc_rows_ready(&in));
	gives(&in, "{\"a\":2}");
	ck_assert_int_eq(n, 1);
	ends(&in);
	unlink(path);
	free(path);
	free(line);
	free(text);
}
END_TEST

/* With keep_going a bad row is left out, but not one for which memory ran out. */
START_TEST(memory_ends_all)
{
	char *path = file_of("{\"a\":1}\n{\"a\":2}\n");
	struct syc_rows in = { .paths = &path, .n_paths = 1, .keep_going = true };
	struct syc_err bad = { SYC_EINVAL, "bad" }, none = { SYC_ENOMEM, "out of memory" };

	gives(&in, "{\"a\":1}");
	ck_assert_int_eq(syc_rows_bad(&in, &bad), 0);
	ck_assert_uint_eq(in.n_skipped, 1);
	ck_assert_int_eq(syc_rows_bad(&in, &none), SYC_ENOMEM);
	ck_assert_uint_eq(in.n_skipped, 1);
	gives(&in, "{\"a\":2}");
	ends(&in);
	unlink(path);
	free(path);
}
END_TEST

int main(void)
{
	static const struct test tests[] = { TEST(ready_when_all_of_a_row_is_there),
					    TEST(errors_are_ready), TEST(long_rows),
					    TEST(memory_ends_all) };

	return RUN_TESTS("rows", tests);
}
