/* SPDX-License-Identifier: MIT */
/* What every Check program of the tests shares. */
#ifndef TESTS_SUITE_H
#define TESTS_SUITE_H
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

/*
 * Check's own notes down where every assertion that holds was, in a file: nine
 * tenths of the time of tests that look at a million numbers.
 */
#undef ck_assert_msg
#define ck_assert_msg(expr, ...) \
	((expr) ? (void)0 : _ck_assert_failed(__FILE__, __LINE__, "Assertion '" #expr "' failed", \
					      ##__VA_ARGS__))

struct test {
	const char *name;
	const TTest **fn;	/* &name, see TEST() */
};

/*
 * Run n tests, one test case each (CK_RUN_CASE=name runs one alone); the exit
 * status of a test program.
 */
static inline int run_tests(const char *suite, const struct test *t, size_t n)
{
	Suite *s = suite_create(suite);
	SRunner *r;
	int failed;

	for (size_t i = 0; i < n; i++) {
		TCase *c = tcase_create(t[i].name);

		tcase_set_timeout(c, 600);
		tcase_add_test(c, *t[i].fn);
		suite_add_tcase(s, c);
	}
	r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? 1 : 0;
}
#define TEST(name) { #name, &name }
#define RUN_TESTS(suite, t) run_tests(suite, t, sizeof(t) / sizeof((t)[0]))

/*
 * A file of n bytes, a new one: what is cut to nothing and written again, ext4
 * brings to the disk at once, which takes a hundred times as long.
 */
static inline void spill(const char *path, const void *data, size_t n)
{
	FILE *f;

	remove(path);
	f = fopen(path, "wb");
	ck_assert_ptr_nonnull(f);
	ck_assert_uint_eq(fwrite(data, 1, n, f), n);
	ck_assert_int_eq(fclose(f), 0);
}

/* A file of the source tree, or of the shared data (NULL when not there). */
static inline const char *source_path(const char *name)
{
	static char path[4][1024];
	static unsigned at;
	const char *top = getenv("top_srcdir");

	at = (at + 1) % 4;
	snprintf(path[at], sizeof(path[at]), "%s/%s", top ? top : ".", name);
	return path[at];
}

static inline const char *shared_path(const char *name)
{
	static char path[4][1024];
	static unsigned at;
	const char *top = getenv("SYC_SHARED");
	FILE *f;

	at = (at + 1) % 4;
	snprintf(path[at], sizeof(path[at]), "%s/%s", top ? top : "../shared",
		 name);
	f = fopen(path[at], "r");
	if (!f)
		return NULL;
	fclose(f);
	return path[at];
}

/* Say that a check is left out; scripts/count.awk counts it as skipped. */
static inline void left_out(const char *name)
{
	printf("left out: %s: the shared data is not there\n", name);
	fflush(stdout);
}

#endif
