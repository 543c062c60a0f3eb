/* SPDX-License-Identifier: MIT */
/* What the rows beside an activation file say of its pairs. */
#include "config.h"
#include "pairs_of_acts.h"

/* Two rows of one pair, with 4 and 5 tokens of which 2 are the prompt's. */
static const char *put_tokens(void)
{
	static float x[5 * VALUES];
	static const int32_t ids[5] = { 7, 7, 7, 7, 7 };
	struct syc_acts_row row[2];

	for (size_t i = 0; i < 5 * VALUES; i++)
		x[i] = (float)(100 * (i / VALUES) + i % VALUES);
	for (int i = 0; i < 2; i++)
		row[i] = (struct syc_acts_row){
			.id = "a", .answer = 1 - i, .all = x, .tokens = ids,
			.n_tokens = 4 + (size_t)i,
		};
	return put_rows("tokens.npz", 1u << SYC_POSITION_ALL, row, 2);
}

static const char told[] =
	"{\"id\": \"a\", \"acts\": {\"row\": 0}, \"n_prompt\": 2}\n"
	"{\"id\": \"a\", \"acts\": {\"row\": 1}, \"n_prompt\": 3}\n";

START_TEST(tokens)
{
	const struct syc_pairs_opts second = {.read = SYC_READ_TOKEN,
					      .token = 1};
	const struct syc_pairs_opts last = {.read = SYC_READ_TOKEN,
					    .token = -1};
	const struct syc_pairs_opts far = {.read = SYC_READ_TOKEN, .token = 2};
	struct syc_rows rows;
	struct syc_pairs *p;
	struct syc_err err;
	const char *path;

	make_dir();
	path = put_tokens();
	rows = rows_in(told);
	p = must(&second, path, &rows);
	has(p, 0, 0, 300, 400);
	ck_assert_str_eq(syc_pairs_position(p), "token");
	syc_pairs_free(p);
	p = must(&last, path, NULL);
	has(p, 0, 1, 303, 403);
	syc_pairs_free(p);
	err = refused(&far, path, &rows);
	says(&err, "row 0 has no token", NULL);
	err = refused(&second, path, NULL);
	says(&err, "where answers begin is in the rows of syc-rec alone", NULL);
	rows = rows_in(
		"{\"id\": \"a\", \"acts\": {\"row\": 1}, \"n_prompt\": 2}\n");
	err = refused(&second, path, &rows);
	says(&err, "row 0 is not among the rows given", NULL);
	rows = rows_in(
		"{\"id\": \"z\", \"acts\": {\"row\": 0}, \"n_prompt\": 2}\n");
	err = refused(&second, path, &rows);
	says(&err, "row 0 (z): the id is a here, z of the row", NULL);
	rows = rows_in(
		"{\"id\": \"a\", \"acts\": {\"row\": 2}, \"n_prompt\": 2}\n");
	err = refused(&second, path, &rows);
	says(&err, "rows:1: ", "no acts and n_prompt", NULL);
	rows = rows_in("nothing\n");
	ck_assert_int_eq(open_as(&p, &second, path, &rows, &err), SYC_EFORMAT);
	remove_dir();
}
END_TEST

/* Six pairs whose rows have a note. */
static const char *put_six(void)
{
	static float x[2][6][VALUES];

	for (size_t i = 0; i < 6 * VALUES; i++)
		x[0][i / VALUES][i % VALUES] = (float)i;
	return put_pairs("six.npz", x[0][0], x[1][0], 6, LAYERS, DIMS);
}

static struct syc_rows noted(const char *const note[6])
{
	struct syc_buf b = { 0 };
	struct syc_rows rows;

	for (int i = 0; i < 12; i++)
		syc_buf_printf(&b,
			"{\"id\": \"r%d\", \"acts\": {\"row\": %d}%s%s}\n",
			i / 2, i, note[i / 2][0] ? ", \"note\": " : "",
			note[i / 2]);
	rows = rows_in(b.data);
	syc_buf_free(&b);
	return rows;
}

static uint32_t group_of(const struct syc_pairs *p, uint64_t i)
{
	float a[DIMS], b[DIMS];
	uint32_t g = UINT32_MAX;

	ck_assert_int_eq(syc_pairs_get(p, i, 0, a, b, &g, NULL), 0);
	return g;
}

START_TEST(groups)
{
	static const char *const notes[6] = {
		"\"a\\u0000b\"", "1.5", "true", "false", "", "\"a\\u0000b\"",
	};
	static const char *const names[] = {"a\342\220\200b", "1.5", "true",
					    "false", "-"};
	static const char *const texts[6] = {
		"\"0123456789012345678901234567890123\"",
		"\"012345678901234567890123456789\303\244\"",
		"\"0123456789012345678901234567\\u0000\"",
		"\"01234567890123456789012345678\\u0000\"",
		"\"\"",
		"null",
	};
	static const char *const cut[] = {
		"0123456789012345678901234567890",
		"012345678901234567890123456789",
		"0123456789012345678901234567\342\220\200",
		"01234567890123456789012345678",
		"",
		"-",
	};
	const struct syc_pairs_opts o = { .by = "note" };
	const struct syc_pairs_info *i;
	struct syc_rows rows;
	struct syc_pairs *p;

	make_dir();
	rows = noted(notes);
	p = must(&o, put_six(), &rows);
	i = syc_pairs_info(p);
	ck_assert_uint_eq(i->n_groups, 5);
	for (uint32_t g = 0; g < 5; g++) {
		ck_assert_str_eq(i->group[g].name, names[g]);
		ck_assert_uint_eq(i->group[g].n, g ? 1 : 2);
		ck_assert_uint_eq(group_of(p, g), g);
	}
	ck_assert_uint_eq(group_of(p, 5), 0);
	syc_pairs_free(p);
	rows = noted(texts);
	p = must(&o, file("six.npz"), &rows);
	i = syc_pairs_info(p);
	ck_assert_uint_eq(i->n_groups, 6);
	for (size_t g = 0; g < 6; g++)
		ck_assert_str_eq(i->group[g].name, cut[g]);
	syc_pairs_free(p);
	remove_dir();
}
END_TEST

START_TEST(groups_of_answers)
{
	const struct syc_pairs_opts o = { 0 };
	struct syc_buf b = { 0 };
	struct syc_rows rows;
	struct syc_pairs *p;
	struct syc_err err;

	make_dir();
	put_six();
	/* In any order, and more than there are. */
	for (int i = 13; i >= 0; i--)
		syc_buf_printf(&b, "{\"id\": \"r%d\", \"acts\": {\"row\": %d}, "
			       "\"answer_matching_behavior\": \"(%c)\"}\n",
			       i % 12 / 2, i % 12, i / 2 % 3 ? 'A' : 'B');
	rows = rows_in(b.data);
	p = must(&o, file("six.npz"), &rows);
	ck_assert_uint_eq(syc_pairs_info(p)->n_groups, 2);
	ck_assert_str_eq(syc_pairs_info(p)->group[0].name, "(B)");
	ck_assert_uint_eq(syc_pairs_info(p)->group[0].n, 2);
	ck_assert_uint_eq(syc_pairs_info(p)->group[1].n, 4);
	syc_pairs_free(p);
	syc_buf_free(&b);
	rows = rows_in("{\"id\": \"r0\", \"acts\": {\"row\": 0}}\n");
	err = refused(&o, file("six.npz"), &rows);
	says(&err, "rows: only 1 of 6 pairs have rows", NULL);
	rows = rows_in("{\"id\": \"r0\", \"acts\": {\"row\": 12}}\n");
	err = refused(&o, file("six.npz"), &rows);
	says(&err, "rows:1: ", "has no acts", NULL);
	rows = rows_in("{\"id\": \"r0\", \"acts\": {\"row\": -1}}\n");
	err = refused(&o, file("six.npz"), &rows);
	says(&err, "has no acts", NULL);
	rows = rows_in("{\"id\": \"r1\", \"acts\": {\"row\": 0}}\n");
	err = refused(&o, file("six.npz"), &rows);
	says(&err, "rows:1: ", "row 0 (r1): the id is r0 here", NULL);
	rows = rows_in("{\"id\": \"r0\", \"acts\": {\"row\": 0, \"run\": \"0123456789abcdef\"}}\n");
	err = refused(&o, file("six.npz"), &rows);
	says(&err, "the run is not known here, 0123456789abcdef of the row", NULL);
	remove_dir();
}
END_TEST

/* More groups than there is room for: the last has the rest. */
START_TEST(many_groups)
{
	enum { MANY = 70 };
	static float x[2][MANY][VALUES];
	const struct syc_pairs_opts o = { .by = "note" };
	const struct syc_pairs_info *i;
	struct syc_buf b = { 0 };
	struct syc_rows rows;
	struct syc_pairs *p;

	make_dir();
	put_pairs("many.npz", x[0][0], x[1][0], MANY, LAYERS, DIMS);
	for (int r = 0; r < 2 * MANY; r++)
		syc_buf_printf(&b, "{\"id\": \"r%d\", \"acts\": {\"row\": %d}, \"note\": %d}\n",
			       r / 2, r, r / 2);
	rows = rows_in(b.data);
	p = must(&o, file("many.npz"), &rows);
	i = syc_pairs_info(p);
	ck_assert_uint_eq(i->n_groups, SYC_PAIRS_GROUPS);
	ck_assert_str_eq(i->group[SYC_PAIRS_GROUPS - 1].name, "63");
	ck_assert_uint_eq(i->group[SYC_PAIRS_GROUPS - 1].n,
			  MANY - SYC_PAIRS_GROUPS + 1);
	ck_assert_uint_eq(group_of(p, MANY - 1), SYC_PAIRS_GROUPS - 1);
	syc_pairs_free(p);
	syc_buf_free(&b);
	remove_dir();
}
END_TEST

int main(void)
{
	static const struct test tests[] = {
		TEST(tokens), TEST(groups), TEST(groups_of_answers),
		TEST(many_groups),
	};

	return RUN_TESTS("pairs_rows", tests);
}
