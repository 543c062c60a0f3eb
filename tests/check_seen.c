/* SPDX-License-Identifier: MIT */
/* Rows that come twice, and rows of different runs. */
#include <string.h>
#include <unistd.h>
#include "suite.h"
#include "syc/rows.h"

static struct syc_row_key key_of(const char *line)
{
	struct syc_row_key k;
	struct syc_row *row;

	ck_assert_int_eq(syc_row_parse(&row, line, strlen(line), NULL), 0);
	k = syc_row_key(row);
	syc_row_free(row);
	return k;
}

/* What makes a row another one, and what does not. */
START_TEST(keys)
{
	static const struct {
		const char *a, *b;
		bool same;
	} cases[] = {
		{ "{\"id\":\"x\"}", "{\"id\":\"x\",\"question\":\"?\",\"label\":1}", true },
		{ "{\"id\":\"x\"}", "{\"id\":\"y\"}", false },
		{ "{\"id\":\"1\"}", "{\"id\":1}", true },
		{ "{\"id\":\"x\"}", "{\"id\":\"x\",\"sample\":0}", true },
		{ "{\"id\":\"x\"}", "{\"id\":\"x\",\"sample\":1}", false },
		{ "{\"id\":\"x\"}", "{\"id\":\"x\",\"order\":\"given\"}", true },
		{ "{\"id\":\"x\"}", "{\"id\":\"x\",\"order\":\"reversed\"}", false },
		{ "{\"id\":\"x\"}", "{\"id\":\"x\",\"answer\":null}", true },
		{ "{\"id\":\"x\",\"answer\":\"match\"}", "{\"id\":\"x\",\"answer\":\"other\"}",
		  false },
		{ "{\"id\":\"x\",\"answer\":\"match\"}", "{\"id\":\"x\"}", false },
		{ "{\"id\":\"x\",\"answer\":{\"a\":1,\"b\":[2]}}",
		  "{\"id\":\"x\",\"answer\":{\"b\":[2], \"a\":1}}", true },
		{ "{\"id\":\"x\",\"answer\":[1]}", "{\"id\":\"x\",\"answer\":[2]}", false },
		{ "{\"question\":\"Q\"}", "{\"question\":\"Q\",\"completion\":\"A\"}", true },
		{ "{\"question\":\"Q\"}", "{\"question\":\"R\"}", false },
		/* parts do not run into one another */
		{ "{\"id\":\"xgiven\"}", "{\"id\":\"x\",\"order\":\"givengiven\"}", false },
		{ "{\"id\":\"x\",\"order\":\"a\",\"answer\":\"bc\"}",
		  "{\"id\":\"x\",\"order\":\"ab\",\"answer\":\"c\"}", false },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct syc_row_key a = key_of(cases[i].a), b = key_of(cases[i].b);

		ck_assert_msg((a.a == b.a) == cases[i].same && (a.b == b.b) == cases[i].same,
			      "%s %s", cases[i].a, cases[i].b);
	}
}
END_TEST

/* A number does not show in the key. */
START_TEST(numbered)
{
	static const char line[] = "{\"question\":\"Q\"}";
	struct syc_row_ids *ids = syc_row_ids_new();
	const struct syc_row_key want = key_of(line);

	for (int i = 0; i < 3; i++) {
		struct syc_row_key k;
		struct syc_row *row;

		ck_assert_int_eq(syc_row_parse(&row, line, strlen(line), NULL), 0);
		ck_assert_int_eq(syc_row_ids_number(ids, row), 0);
		k = syc_row_key(row);
		ck_assert(k.a == want.a && k.b == want.b);
		syc_row_free(row);
	}
	syc_row_ids_free(ids);
}
END_TEST

/* Many rows, each found again where it was; equal halves of keys are no equal keys. */
START_TEST(places)
{
	static const char *const files[] = { "a", "b", "c" };
	enum { N = 20000 };
	struct syc_seen *s = syc_seen_new();
	struct syc_seen_place at;
	char id[32];

	for (int pass = 0; pass < 2; pass++)
		for (int i = 0; i < N; i++) {
			struct syc_row_key k;

			snprintf(id, sizeof(id), "row %d", i);
			k = syc_row_key_of(id, i % 3, NULL, NULL);
			ck_assert_int_eq(syc_seen_add(s, &k, (struct syc_seen_place){
					files[3 * i / N], (uint64_t)i }, &at), pass);
			if (pass) {
				ck_assert_str_eq(at.file, files[3 * i / N]);
				ck_assert_uint_eq(at.number, (uint64_t)i);
			}
		}
	for (uint64_t i = 0; i < 100; i++) {
		const struct syc_row_key k[] = { { 1ull << 40, i }, { i, 1ull << 40 } };

		ck_assert_int_eq(syc_seen_add(s, &k[0], (struct syc_seen_place){"d", i}, NULL), 0);
		ck_assert_int_eq(syc_seen_add(s, &k[1], (struct syc_seen_place){"d", i}, NULL), 0);
		ck_assert_int_eq(syc_seen_add(s, &k[0], (struct syc_seen_place){"d", 0}, NULL), 1);
	}
	syc_seen_free(s);
	syc_seen_free(NULL);
}
END_TEST

/* ---- streams ----------------------------------------------------------------- */

/* Read text to its end: how many rows, and the end's code and message. */
static int read_all(struct syc_rows in, const char *text, int *code, struct syc_err *err)
{
	char file[] = "seen-XXXXXX", *path = file;
	const int fd = mkstemp(file);
	struct syc_row *row;
	int n = 0;

	ck_assert(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text) &&
		  close(fd) == 0);
	in.paths = &path;
	in.n_paths = 1;
	for (; (*code = syc_rows_next(&in, &row, err)) == 1; n++)
		syc_row_free(row);
	ck_assert_ptr_null(row);
	syc_rows_done(&in);
	unlink(file);
	return n;
}

static void stops(struct syc_rows in, const char *text, int n_good, int want, const char *words)
{
	struct syc_err err = { 0 };
	int code;

	ck_assert_int_eq(read_all(in, text, &code, &err), n_good);
	ck_assert_msg(code == want && strstr(err.msg, words), "%d '%s' lacks '%s'", code, err.msg,
		      words);
}

#define CHOICES "\"question\":\"Q\\n (A) a\\n (B) b\",\"answer_matching_behavior\":\" (A)\"," \
	"\"answer_not_matching_behavior\":\" (B)\"}\n"

START_TEST(twice)
{
	static const char text[] =
		"{\"id\":\"x\"}\n{\"id\":\"y\",\"sample\":2}\n\n"
		"{\"id\":\"x\",\"answer\":\"match\"}\n{\"id\":\"y\",\"sample\":2}\n{\"id\":\"z\"}\n";
	static const char same[] =
		"{\"prompt\":\"Hi\"}\n{\"prompt\":\"Ho\"}\n{\"prompt\":\"Hi\"}\n";
	static const char nameless[] = "{\"label\":1}\n{\"label\":1}\n{\"completion\":\"A\"}\n";
	static const char both[] = "{\"id\":\"x\"," CHOICES "{\"id\":\"y\"," CHOICES;
	static const char other_half[] =
		"{\"id\":\"x/reversed\",\"order\":\"reversed\"," CHOICES "{\"id\":\"x\"," CHOICES;

	stops((struct syc_rows){ 0 }, text, 3, SYC_ETWICE,
	      ":5: the row (id 'y', sample 2) is already in seen-");
	stops((struct syc_rows){ .keep_going = true }, text, 3, SYC_ETWICE, ":2");
	stops((struct syc_rows){ .allow_duplicates = true }, text, 5, 0, "");
	stops((struct syc_rows){ 0 }, same, 2, SYC_ETWICE, ":3: the row (no id, its prompt's is '");
	stops((struct syc_rows){ .allow_duplicates = true }, same, 3, 0, "");
	stops((struct syc_rows){ 0 }, nameless, 3, 0, "");
	/* the two orders of a question are two rows */
	stops((struct syc_rows){ .both_orders = true }, both, 4, 0, "");
	stops((struct syc_rows){ 0 }, other_half, 2, 0, "");
	stops((struct syc_rows){ .both_orders = true }, other_half, 3, SYC_ETWICE,
	      ":2: the row (id 'x/reversed') is already in seen-");
}
END_TEST

#define RUN(id, run) "{\"id\":\"" id "\",\"run\":\"" run "\"}\n"
#define ACTS(id, run, acts) \
	"{\"id\":\"" id "\",\"run\":\"" run "\",\"acts\":{\"run\":\"" acts "\"}}\n"
#define R1 "0123456789abcdef"
#define R2 "fedcba9876543210"

static void runs(const char *text, int n_good, const char *words)
{
	struct syc_one_run run = { 0 };

	stops((struct syc_rows){ .one_run = &run, .keep_going = true }, text, n_good,
	      *words ? SYC_EMIXED : 0, words);
	stops((struct syc_rows){ 0 }, text, 2, 0, "");
}

START_TEST(mixed)
{
	runs(RUN("a", R1) RUN("b", R1), 2, "");
	runs("{\"id\":\"a\"}\n{\"id\":\"b\",\"acts\":{\"row\":1}}\n", 2, "");
	/* a field of that name which is no run's */
	runs("{\"id\":\"a\",\"run\":3}\n{\"id\":\"b\",\"run\":\"second\"}\n", 2, "");
	runs(RUN("a", R1) RUN("b", R2), 1, ":2: this row is of run " R2 ", that in seen-");
	runs(RUN("a", R1) RUN("b", R2), 1, ":1 of run " R1);
	runs(RUN("a", R1) "{\"id\":\"b\"}\n", 1, ":2: this row is of an unknown run, that in");
	runs("{\"id\":\"b\"}\n" RUN("a", R1), 1, ":1 of an unknown one");
	runs(ACTS("a", R1, R1) ACTS("b", R1, R2), 1,
	     ":2: this row was recorded by run " R2 ", that in seen-");
	runs(ACTS("a", R1, R1) RUN("b", R1), 1, ":2: this row was recorded by an unknown run");
	runs(RUN("b", R1) ACTS("a", R1, R1), 1, ":1 by an unknown one");
}
END_TEST

static void made(const char *text, int n_good, const char *words)
{
	struct syc_one_run run = { 0 };

	stops((struct syc_rows){ .one_run = &run, .keep_going = true }, text, n_good,
	      *words ? SYC_EMIXED : 0, words);
}

/* Judges and preference models, whose runs stand beside what they made, or in it. */
START_TEST(makers)
{
	made("{\"id\":\"a\",\"reward_run\":\"" R1 "\"}\n{\"id\":\"b\",\"other_run\":\"" R2 "\"}\n"
	     "{\"id\":\"c\",\"judge\":{\"run\":\"" R2 "\"}}\n", 3, "");
	made("{\"id\":\"a\"}\n{\"id\":\"b\",\"reward_run\":\"" R1 "\"}\n"
	     "{\"id\":\"c\",\"reward_run\":\"" R2 "\"}\n", 2,
	     ":3: reward is of run " R2 ", that in seen-");
	made("{\"id\":\"a\",\"judge\":{\"run\":\"" R1 "\"}}\n"
	     "{\"id\":\"b\",\"judge\":{\"run\":\"" R2 "\"}}\n", 1, ":1 of run " R1);
	/* fields of that name which name no run */
	made("{\"id\":\"a\",\"dry_run\":true,\"_run\":\"" R1 "\",\"x_run\":\"first\"}\n"
	     "{\"id\":\"b\",\"dry_run\":false,\"_run\":\"" R2 "\",\"x_run\":\"second\"}\n", 2, "");
	/* where nobody asks */
	stops((struct syc_rows){ 0 }, "{\"id\":\"a\",\"x_run\":\"" R1 "\"}\n"
	      "{\"id\":\"b\",\"x_run\":\"" R2 "\"}\n", 2, 0, "");
}
END_TEST

/* Each stream has its own: two sets of labels are two judges'. */
START_TEST(makers_of_streams)
{
	struct syc_one_run run = { 0 };
	const struct syc_rows in = { .one_run = &run };

	stops(in, "{\"id\":\"a\",\"judge\":{\"run\":\"" R1 "\"}}\n", 1, 0, "");
	stops(in, "{\"id\":\"a\",\"judge\":{\"run\":\"" R2 "\"}}\n", 1, 0, "");
}
END_TEST

/* Several streams of one analysis. */
START_TEST(across)
{
	struct syc_one_run run = { 0 };

	stops((struct syc_rows){ .one_run = &run }, RUN("a", R1), 1, 0, "");
	stops((struct syc_rows){ .one_run = &run }, RUN("a", R1), 1, 0, "");
	stops((struct syc_rows){ .one_run = &run }, RUN("a", R2), 0, SYC_EMIXED, ":1: this row");
}
END_TEST

int main(void)
{
	static const struct test tests[] = { TEST(keys), TEST(numbered), TEST(places),
					    TEST(twice), TEST(mixed), TEST(makers),
					    TEST(makers_of_streams), TEST(across) };

	return RUN_TESTS("seen", tests);
}
