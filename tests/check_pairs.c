/* SPDX-License-Identifier: MIT */
/* Pairs from activation files: what is read, what is refused, what is skipped. */
#include "config.h"
#include <fcntl.h>
#include <zlib.h>
#include "pairs_of_acts.h"
#include "study/vector/pairs.h"

START_TEST(what_is_read)
{
	const struct syc_pairs_opts o = { .kind = SYC_PAIRS_CONTRAST };
	struct syc_pairs *p;
	const struct syc_pairs_info *i;
	uint32_t sum = 0;

	make_dir();
	p = must(&o, put_two("two.npz", LAST), NULL);
	i = syc_pairs_info(p);
	for (size_t r = 0; r < 4; r++)
		sum = (uint32_t)crc32_z(sum,
			(const void *)values(r, SYC_POSITION_LAST),
			VALUES * sizeof(float));
	ck_assert_uint_eq(i->checksum, sum);
	ck_assert(i->n == 2 && i->dim == DIMS && i->n_layers == 2 &&
		  i->n_blocks == 5);
	ck_assert(i->layers[0] == 1 && i->layers[1] == 4 && !i->single &&
		  !i->n_skipped);
	ck_assert_str_eq(i->arch, "");
	ck_assert_str_eq(i->source, "\"activations\": [{\"of\": \"a test\"}]");
	ck_assert(i->n_groups == 1 && i->group[0].n == 2 &&
		  !i->group[0].name[0]);
	ck_assert_str_eq(syc_pairs_position(p), "last");
	has(p, 0, 0, 10, 110);
	has(p, 0, 1, 13, 113);
	has(p, 1, 1, 213, 313);
	syc_pairs_free(p);
	syc_pairs_free(NULL);
	remove_dir();
}
END_TEST

START_TEST(positions)
{
	static const struct {
		enum syc_read read;
		const char *name;
		float first;
	} cases[] = {
		{SYC_READ_END, "last", 10},	 {SYC_READ_LAST, "last", 10},
		{SYC_READ_LETTER, "letter", 20}, {SYC_READ_MEAN, "mean", 30},
		{SYC_READ_PROMPT, "prompt", 0},
	};
	const char *path;

	make_dir();
	path = put_two("two.npz", PROMPT | LAST | LETTER | MEAN);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const struct syc_pairs_opts o = { .read = cases[i].read };
		struct syc_pairs *p = must(&o, path, NULL);

		ck_assert_str_eq(syc_pairs_position(p), cases[i].name);
		has(p, 0, 0, cases[i].first, cases[i].first + 100);
		syc_pairs_free(p);
	}
	ck_assert_str_eq(syc_read_name(SYC_READ_END), "end");
	ck_assert_str_eq(syc_read_name(SYC_READ_TOKEN), "token");
	ck_assert_ptr_null(syc_read_name(SYC_N_READS));
	remove_dir();
}
END_TEST

/* A row without an answer is read at its prompt's end. */
START_TEST(rows_without_answers)
{
	const struct syc_acts_row mixed[] = {
		row_of(0, "a", 1, PROMPT | LAST),
		row_of(1, "a", 0, PROMPT | LAST),
		row_of(2, "b", 1, PROMPT),
		row_of(3, "b", 0, PROMPT),
	};
	const struct syc_pairs_opts end = {0}, last = {.read = SYC_READ_LAST};
	struct syc_pairs *p;
	struct syc_err err;
	const char *path;

	make_dir();
	path = put_rows("mixed.npz", PROMPT | LAST, mixed, 4);
	p = must(&end, path, NULL);
	ck_assert_str_eq(syc_pairs_position(p), "last,prompt");
	has(p, 0, 0, 10, 110);
	has(p, 1, 0, 200, 300);
	syc_pairs_free(p);
	err = refused(&last, path, NULL);
	says(&err, path, "row 2 ('b') has no answer", NULL);
	path = put_two("prompt.npz", PROMPT);
	p = must(&end, path, NULL);
	ck_assert_str_eq(syc_pairs_position(p), "prompt");
	syc_pairs_free(p);
	err = refused(&last, path, NULL);
	says(&err, path,
	     "without the position 'last' (it has the position prompt)", NULL);
	err = refused(&(struct syc_pairs_opts){.read = SYC_READ_MEAN}, path,
		      NULL);
	says(&err, "without the position 'mean'", NULL);
	remove_dir();
}
END_TEST

START_TEST(layers)
{
	static const uint32_t one[] = {4}, gone[] = {2}, beyond[] = {4, 5};
	static const struct syc_rows twice = { .allow_duplicates = true };
	const struct syc_acts_row row[] = {row_of(0, "a", 1, LAST),
					   row_of(1, "a", 0, LAST)};
	const struct syc_acts_opts narrow = {
		.positions = LAST,
		.layers = at_layers,
		.n_layers = LAYERS,
		.dim = 2,
		.dtype = SYC_DTYPE_F32,
	};
	const struct syc_acts_opts fewer = {
		.positions = LAST,
		.layers = at_layers,
		.n_layers = 1,
		.dim = DIMS,
		.dtype = SYC_DTYPE_F32,
	};
	const struct syc_pairs_opts o = { .layers = one, .n_layers = 1 };
	const char *paths[2];
	struct syc_pairs *p;
	struct syc_err err;

	make_dir();
	paths[0] = put_two("two.npz", LAST);
	p = must(&o, paths[0], NULL);
	ck_assert(syc_pairs_info(p)->n_layers == 1 &&
		  syc_pairs_info(p)->layers[0] == 4);
	has(p, 1, 0, 213, 313);
	syc_pairs_free(p);
	err = refused(&(struct syc_pairs_opts){.layers = gone, .n_layers = 1},
		      paths[0], NULL);
	says(&err, "layer 2 was not recorded", NULL);
	err = refused(&(struct syc_pairs_opts){.layers = beyond, .n_layers = 2},
		      paths[0], NULL);
	says(&err, "layer 5 was not recorded", NULL);

	/* Several files must have one shape. */
	paths[1] = put_acts("narrow.npz", &narrow, row, 2);
	ck_assert_int_eq(syc_pairs_of_acts(&p, &o, paths, 2, NULL, &err),
			 SYC_EINVAL);
	says(&err, paths[1], "has width 2, another 3", NULL);
	paths[1] = put_acts("fewer.npz", &fewer, row, 2);
	ck_assert_int_eq(syc_pairs_of_acts(&p, &o, paths, 2, NULL, &err),
			 SYC_EINVAL);
	says(&err, paths[1], "layer 4 was not recorded", NULL);
	paths[1] = paths[0];
	ck_assert_int_eq(syc_pairs_of_acts(&p, &o, paths, 2, NULL, &err), SYC_ETWICE);
	says(&err, paths[0], ": row 0 ('a') is already in ", ", row 0", NULL);
	ck_assert_int_eq(syc_pairs_of_acts(&p, &o, paths, 2, &twice, &err), 0);
	ck_assert_uint_eq(syc_pairs_info(p)->n, 4);
	has(p, 3, 0, 213, 313);
	ck_assert_str_eq(syc_pairs_info(p)->source,
		"\"activations\": [{\"of\": \"a test\"}, {\"of\": \"a test\"}]");
	syc_pairs_free(p);
	remove_dir();
}
END_TEST

struct skipped {
	size_t n;
	char last[256];
};

static void skip(void *arg, const char *place, const char *why)
{
	struct skipped *s = arg;

	s->n++;
	snprintf(s->last, sizeof(s->last), "%s|%s", strrchr(place, '/') + 1,
		 why);
}

START_TEST(no_pairs)
{
	static const float nan_at[VALUES] = { 1, 2, NAN, 4, 5, 6 };
	struct syc_acts_row row[] = {
		row_of(0, "a", 1, LAST), row_of(1, "x", 0, LAST),
		row_of(2, "b", 1, LAST), row_of(3, "b", 0, LAST),
		row_of(4, "c", 1, LAST), row_of(5, "c", 1, LAST),
	};
	struct skipped s = { 0 };
	struct syc_rows rows = {.keep_going = true, .skipped = skip, .arg = &s};
	const struct syc_pairs_opts o = { 0 };
	struct syc_pairs *p;
	struct syc_err err;

	make_dir();
	err = refused(&o, put_rows("ids.npz", LAST, row, 6), NULL);
	says(&err, "ids.npz: rows 0 and 1 ('a', 'x') are no pair", NULL);
	/* The first two are passed over together, the last two one by one. */
	p = must(&o, file("ids.npz"), &rows);
	ck_assert(syc_pairs_info(p)->n == 1 &&
		  syc_pairs_info(p)->n_skipped == 3);
	has(p, 0, 0, 210, 310);
	syc_pairs_free(p);
	ck_assert_uint_eq(s.n, 3);
	ck_assert_str_eq(s.last,
		"ids.npz|row 5 is no matching answer with the other behind it");

	row[3].position[SYC_POSITION_LAST] = nan_at;
	err = refused(&o, put_rows("nan.npz", LAST, row + 2, 2), NULL);
	says(&err,
	     "nan.npz: row 1 ('b') at last: layer 1 has no finite activation",
	     NULL);
	err = refused(&o, put_rows("prompts.npz", LAST, row, 1), NULL);
	says(&err, "row 0 is no matching answer", NULL);
	err = refused(&o, put_rows("none.npz", LAST, row, 0), NULL);
	says(&err, "there are no pairs", NULL);
	ck_assert_int_eq(open_as(&p, &o, file("gone.npz"), NULL, &err),
			 SYC_EIO);
	says(&err, "gone.npz", NULL);
	remove_dir();
}
END_TEST

START_TEST(single_prompts)
{
	const struct syc_acts_row row[] = {
		row_of(0, "a", -1, PROMPT), row_of(1, "b", -1, PROMPT),
		row_of(2, "c", 1, PROMPT),  row_of(3, "c", 0, PROMPT),
		row_of(4, "d", -1, PROMPT),
	};
	const struct syc_pairs_opts control = {.kind = SYC_PAIRS_CONTROL},
				    contrast = {0};
	struct syc_pairs *p;
	struct syc_err err;

	make_dir();
	p = must(&control, put_rows("single.npz", PROMPT, row, 2), NULL);
	ck_assert(syc_pairs_info(p)->single && syc_pairs_info(p)->n == 2);
	has(p, 1, 1, 103, 0);
	syc_pairs_free(p);
	p = must(&control, put_rows("pairs.npz", PROMPT, row + 2, 2), NULL);
	ck_assert(!syc_pairs_info(p)->single && syc_pairs_info(p)->n == 1);
	syc_pairs_free(p);
	err = refused(&contrast, file("single.npz"), NULL);
	says(&err, "row 0 is no matching answer", NULL);
	err = refused(&control, put_rows("after.npz", PROMPT, row + 2, 3),
		      NULL);
	says(&err, "after.npz: prompts and pairs are mixed", NULL);
	err = refused(&control, put_rows("before.npz", PROMPT, row + 1, 3),
		      NULL);
	says(&err, "row 1 is no matching answer", NULL);
	err = refused(&control, put_rows("none.npz", PROMPT, row, 0), NULL);
	says(&err, "there are no rows", NULL);
	remove_dir();
}
END_TEST

static struct syc_err other_refused(const char *first, const char *second)
{
	const struct syc_pairs_opts o = { .kind = SYC_PAIRS_MODELS };
	struct syc_pairs *p = must(&o, first, NULL);
	struct syc_err err = { 0 };

	ck_assert_int_eq(syc_pairs_other_acts(p, second, NULL, NULL),
			 SYC_EINVAL);
	ck_assert_int_eq(syc_pairs_other_acts(p, second, NULL, &err),
			 SYC_EINVAL);
	syc_pairs_free(p);
	return err;
}

START_TEST(two_models)
{
	const struct syc_acts_row row[] = {
		row_of(0, "a", -1, LAST),
		row_of(1, "b", 1, LAST),
		row_of(2, "b", 0, LAST),
	};
	const struct syc_acts_row other[] = {
		row_of(3, "a", -1, LAST),
		row_of(4, "b", 1, LAST),
		row_of(5, "b", 0, LAST),
		row_of(6, "c", 0, LAST),
	};
	const struct syc_acts_row back[] = { row[0], row[2], row[1] };
	const struct syc_acts_row named[] = {row[0], row[1],
					     row_of(2, "c", 0, LAST)};
	const struct syc_pairs_opts o = { .kind = SYC_PAIRS_MODELS };
	struct syc_pairs *p;
	struct syc_err err = { 0 };

	make_dir();
	put_rows("one.npz", LAST, row, 3);
	put_rows("two.npz", LAST, other, 3);
	put_rows("more.npz", LAST, other, 4);
	put_rows("back.npz", LAST, back, 3);
	p = must(&o, file("one.npz"), NULL);
	ck_assert_msg(syc_pairs_other_acts(p, file("two.npz"), NULL, &err) == 0,
		      "%s", err.msg);
	ck_assert(syc_pairs_info(p)->n == 3 &&
		  syc_pairs_info(p)->kind == SYC_PAIRS_MODELS);
	has(p, 0, 0, 10, 310);
	has(p, 2, 1, 213, 513);
	ck_assert_str_eq(syc_pairs_info(p)->source,
			 "\"activations\": [{\"of\": \"a test\"}], "
			 "\"other_activations\": {\"of\": \"a test\"}");
	syc_pairs_free(p);
	err = other_refused(file("one.npz"), file("more.npz"));
	says(&err, "more.npz: has 4 rows, ", "one.npz 3", NULL);
	err = other_refused(file("one.npz"), file("back.npz"));
	says(&err,
	     "back.npz: the two models did not see the same rows (number 2)",
	     NULL);
	put_rows("named.npz", LAST, named, 3);
	err = other_refused(file("one.npz"), file("named.npz"));
	says(&err, "the same rows (number 3)", NULL);
	remove_dir();
}
END_TEST

/* ---- the temporary file ------------------------------------------------------------ */

START_TEST(store)
{
	const struct syc_pairs_opts nowhere = { .store = "no/such/folder/x" };
	const struct syc_pairs_opts o = { 0 };
	static const float x[VALUES] = { 0 };
	static const size_t at[LAYERS] = { 0, 1 };
	float a[DIMS], b[DIMS];
	struct syc_pairs *p;
	struct syc_err err = { 0 };
	uint64_t i = 0;
	int null, fd;

	make_dir();
	put_two("two.npz", LAST);
	ck_assert_int_eq(open_as(&p, &nowhere, file("two.npz"), NULL, &err),
			 SYC_EIO);
	says(&err, "no/such/folder/x: No such file", NULL);
	p = must(&o, file("two.npz"), NULL);
	ck_assert_int_eq(ftruncate(p->fd, 8), 0);
	ck_assert_int_eq(syc_pairs_get(p, 1, 0, a, b, NULL, &err), SYC_EIO);
	says(&err, "the temporary file beside ", dir, "is cut short", NULL);
	ck_assert_int_eq(pairs_find_mark(p, &i, 1, &err), SYC_EIO);
	null = open("/dev/null", O_RDONLY);
	fd = p->fd;
	p->fd = null;
	ck_assert_int_eq(pairs_put(p, 0, 0, x, at, &err), SYC_EIO);
	says(&err, "Bad file descriptor", NULL);
	ck_assert_int_eq(pairs_put_mark(p, 0, 1, 1, &err), SYC_EIO);
	close(fd);
	syc_pairs_free(p);
	remove_dir();
}
END_TEST

/* The default is a folder that every system has. */
START_TEST(store_of_its_own)
{
	const struct syc_pairs_opts o = { 0 };
	struct syc_pairs *p;
	const char *path;

	make_dir();
	path = put_two("two.npz", LAST);
	ck_assert_int_eq(syc_pairs_of_acts(&p, &o, &path, 1, NULL, NULL), 0);
	has(p, 0, 0, 10, 110);
	syc_pairs_free(p);
	remove_dir();
}
END_TEST

int main(void)
{
	static const struct test tests[] = {
		TEST(what_is_read), TEST(positions),
		TEST(rows_without_answers), TEST(layers), TEST(no_pairs),
		TEST(single_prompts), TEST(two_models), TEST(store),
		TEST(store_of_its_own),
	};

	return RUN_TESTS("pairs", tests);
}
