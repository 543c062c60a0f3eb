/* SPDX-License-Identifier: MIT */
/* Activation files: what was written comes back; files that are damaged. */
#include "config.h"
#include "made_acts.h"

START_TEST(rows_come_back)
{
	for (int dtype = SYC_DTYPE_F16; dtype <= SYC_DTYPE_F32; dtype++) {
		struct syc_acts_opts o = plain;
		const struct syc_acts_info *info;
		struct syc_acts *a;
		float x[VALUES];

		o.dtype = dtype;
		o.positions = (1 << SYC_N_POSITIONS) - 1;
		o.chunk_rows = 4;
		write_acts(path, &o, 11);
		ck_assert_int_eq(syc_acts_open(&a, path, NULL), 0);
		info = syc_acts_info(a);
		ck_assert_uint_eq(info->n_rows, 11);
		ck_assert(info->complete && (int)info->dtype == dtype &&
			  info->positions == o.positions);
		ck_assert_uint_eq(info->layers[2], 9);
		ck_assert_str_eq(info->provenance, plain.provenance);
		for (uint64_t r = 0; r < 11; r++)
			check_row(a, r);
		for (uint64_t r = 11; r-- > 0; )
			check_row(a, r);
		ck_assert_int_eq(syc_acts_read(a, SYC_POSITION_PROMPT, 11, x,
					       NULL, NULL), SYC_EINVAL);
		ck_assert_int_eq(syc_acts_read(a, SYC_POSITION_ALL, 0, x, NULL,
					       NULL), SYC_EINVAL);
		syc_acts_close(a);
	}
}
END_TEST

/* Row r has r modulo 8 tokens. */
START_TEST(tokens_come_back)
{
	struct syc_acts_opts o = plain;
	struct syc_acts *a;
	float x[VALUES];
	const char *id;

	o.positions |= 1 << SYC_POSITION_ALL;
	o.chunk_rows = 4;
	write_acts(path, &o, 11);
	ck_assert_int_eq(syc_acts_open(&a, path, NULL), 0);
	for (uint64_t k = 0; k < 22; k++) {
		const uint64_t r = k < 11 ? k : 21 - k;
		const int64_t n = (int64_t)(r % (MAX_TOKENS + 1));

		for (int64_t t = -n; t < n; t++) {
			const size_t at = (size_t)(t < 0 ? t + n : t) * VALUES;

			ck_assert_int_eq(syc_acts_read_token(a, r, t, x, &id,
							     NULL), 0);
			for (size_t i = 0; i < VALUES; i++)
				ck_assert(x[i] == value(r, SYC_POSITION_ALL,
							at + i));
			id = strrchr(id, r % 4 == 3 ? ' ' : '-') + 1;
			ck_assert_int_eq(atoi(id), (int)r);
		}
		ck_assert_int_eq(syc_acts_read_token(a, r, n, x, NULL, NULL),
				 SYC_EINVAL);
		ck_assert_int_eq(syc_acts_read_token(a, r, -n - 1, x, NULL,
						     NULL), SYC_EINVAL);
		ck_assert_int_eq(syc_acts_read_token(a, r, INT64_MIN, x, NULL,
						     NULL), SYC_EINVAL);
	}
	syc_acts_close(a);
	write_acts(path, &plain, 2);
	ck_assert_int_eq(syc_acts_open(&a, path, NULL), 0);
	ck_assert_int_eq(syc_acts_read_token(a, 0, 0, x, NULL, NULL), SYC_EINVAL);
	syc_acts_close(a);
}
END_TEST

START_TEST(reader_follows_writer)
{
	struct syc_acts_out *w;
	struct syc_acts *a = NULL;
	float x[VALUES];

	unlink(path);
	ck_assert_int_eq(syc_acts_create(&w, path, &plain, NULL), 0);
	ck_assert_int_eq(syc_acts_open(&a, path, NULL), 0);
	for (uint64_t r = 0; r < 9; r++) {
		add_row(w, r);
		for (uint64_t i = 0; i < syc_acts_saved(w); i++)
			check_row(a, i);
		ck_assert_int_eq(syc_acts_read(a, SYC_POSITION_PROMPT,
					       syc_acts_saved(w), x, NULL,
					       NULL),
				 SYC_EINVAL);
		ck_assert(!syc_acts_info(a)->complete);
	}
	ck_assert_int_eq(syc_acts_finish(w, NULL), 0);
	check_row(a, 8);
	ck_assert(syc_acts_info(a)->complete);
	syc_acts_close(a);
}
END_TEST

/* Too big for float16: the row is refused, by layer, and leaves no trace. */
START_TEST(float16_overflow)
{
	struct syc_buf a = { 0 }, b = { 0 };
	float x[VALUES] = { 0 };
	struct syc_acts_row row = { .id = "big", .position = { x } };
	struct syc_acts_out *w;
	struct syc_err err;

	write_acts(path, &plain, 3);
	slurp(&a);
	x[DIM + 1] = 65520;
	ck_assert_int_eq(syc_acts_create(&w, path, &plain, NULL), 0);
	for (uint64_t r = 0; r < 3; r++) {
		ck_assert_int_eq(syc_acts_add(w, &row, &err), SYC_EINVAL);
		ck_assert_ptr_nonnull(strstr(err.msg, "layer 2"));
		ck_assert_ptr_nonnull(strstr(err.msg, "--dtype f32"));
		add_row(w, r);
	}
	ck_assert_int_eq(syc_acts_finish(w, NULL), 0);
	slurp(&b);
	ck_assert_uint_eq(a.len, b.len);
	ck_assert_mem_eq(a.data, b.data, a.len);
	x[DIM + 1] = 65519;
	ck_assert_int_eq(syc_acts_create(&w, path, &plain, NULL), 0);
	ck_assert_int_eq(syc_acts_add(w, &row, NULL), 0);
	x[DIM + 1] = INFINITY;
	ck_assert_int_eq(syc_acts_add(w, &row, NULL), 0);
	syc_acts_abandon(w);
	syc_buf_free(&a);
	syc_buf_free(&b);
}
END_TEST

START_TEST(ids_of_any_bytes)
{
	static const char *const ids[][2] = {
		{ "", "" }, { "a", "a" },
		{ "\xff", "\xef\xbf\xbd" }, { "a\xc3", "a\xef\xbf\xbd" },
		{ "\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd" },
		{ "\xf0\x9f\x99\x82", "\xf0\x9f\x99\x82" },
		{ "\xc0\x80", "\xef\xbf\xbd\xef\xbf\xbd" },
		{ "\xf4\x90\x80\x80x", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbdx" },
	};
	enum { N = sizeof(ids) / sizeof(ids[0]) };
	float x[VALUES] = { 0 };
	struct syc_acts_out *w;
	struct syc_acts *a;
	const char *id;

	ck_assert_int_eq(syc_acts_create(&w, path, &plain, NULL), 0);
	for (size_t i = 0; i < N; i++) {
		struct syc_acts_row row = { .id = ids[i][0], .position = { x } };

		ck_assert_int_eq(syc_acts_add(w, &row, NULL), 0);
	}
	ck_assert_int_eq(syc_acts_finish(w, NULL), 0);
	ck_assert_int_eq(syc_acts_open(&a, path, NULL), 0);
	for (size_t i = 0; i < N; i++) {
		ck_assert_int_eq(syc_acts_read(a, SYC_POSITION_PROMPT, i, x,
					       &id, NULL), 0);
		ck_assert_str_eq(id, ids[i][1]);
	}
	syc_acts_close(a);
}
END_TEST

static void read_everything(void)
{
	float *x;
	struct syc_acts *a;
	const struct syc_acts_info *info;
	int32_t sample, answer;
	const char *id;

	if (syc_acts_open(&a, path, NULL) < 0)
		return;
	info = syc_acts_info(a);
	if (info->dim < 1000 && info->n_layers < 1000 && info->n_rows < 1000) {
		x = malloc(info->n_layers * info->dim * sizeof(*x));
		for (uint64_t r = 0; r <= info->n_rows; r++) {
			for (unsigned s = 0; s < SYC_POSITION_ALL; s++)
				syc_acts_read(a, s, r, x, &id, NULL);
			syc_acts_row_info(a, r, &sample, &answer, NULL);
		}
		free(x);
	}
	syc_acts_close(a);
}

START_TEST(every_bit_flipped)
{
	struct syc_buf b = { 0 };
	uint64_t rows;

	write_acts(path, &plain, 3);
	slurp(&b);
	for (size_t i = 0; i < 8 * b.len; i++) {
		b.data[i / 8] ^= (char)(1 << i % 8);
		spill(path, b.data, b.len);
		read_everything();
		if (i % 8 == 0)
			syc_acts_repair(path, &rows, NULL);
		b.data[i / 8] ^= (char)(1 << i % 8);
	}
	syc_buf_free(&b);
}
END_TEST

START_TEST(position_lists)
{
	struct syc_err err;
	unsigned mask;

	ck_assert_int_eq(syc_positions_parse(&mask, "mean,prompt", NULL), 0);
	ck_assert_uint_eq(mask, 1 << SYC_POSITION_MEAN | 1 << SYC_POSITION_PROMPT);
	ck_assert_int_eq(syc_positions_parse(&mask, "", &err), SYC_EINVAL);
	ck_assert_int_eq(syc_positions_parse(&mask, "prompt,", &err), SYC_EINVAL);
	ck_assert_int_eq(syc_positions_parse(&mask, "promp", &err), SYC_EINVAL);
	ck_assert_int_eq(syc_positions_parse(&mask, "sample", &err), SYC_EINVAL);
	ck_assert_str_eq(syc_position_name(SYC_POSITION_ALL), "all");
	ck_assert_ptr_null(syc_position_name(SYC_N_POSITIONS));
}
END_TEST

/* As version 1 of the format has it, with "sites" and "continuation". */
START_TEST(old_names)
{
	const char *old = source_path("tests/data/old/acts.npz");
	const struct syc_acts_info *info;
	struct syc_acts *a;
	float x[32], y[32];
	const char *id;

	ck_assert_int_eq(syc_acts_open(&a, old, NULL), 0);
	info = syc_acts_info(a);
	ck_assert_uint_eq(info->positions,
			  1 << SYC_POSITION_PROMPT | 1 << SYC_POSITION_LAST |
			  1 << SYC_POSITION_LETTER);
	ck_assert_uint_eq(info->n_layers * info->dim, 32);
	ck_assert_uint_eq(info->n_rows, 6);
	ck_assert_int_eq(syc_acts_read(a, SYC_POSITION_LAST, 5, x, &id, NULL), 0);
	ck_assert_str_eq(id, "test-opinion-002");
	ck_assert_int_eq(syc_acts_read(a, SYC_POSITION_PROMPT, 5, y, &id, NULL), 0);
	ck_assert(isfinite(x[0]) && memcmp(x, y, sizeof(x)) != 0);
	syc_acts_close(a);
}
END_TEST

/* For acts_numpy.sh: CHECK_ACTS_OUT="NAME POSITIONS ROWS" leaves such a file. */
START_TEST(file_for_numpy)
{
	const char *want = getenv("CHECK_ACTS_OUT");
	struct syc_acts_opts o = plain;
	char name[512], positions[128];
	int rows;

	if (!want)
		return;
	ck_assert_int_eq(sscanf(want, "%511s %127s %d", name, positions, &rows), 3);
	o.dtype = strstr(name, "f32") ? SYC_DTYPE_F32 : SYC_DTYPE_F16;
	ck_assert_int_eq(syc_positions_parse(&o.positions, positions, NULL), 0);
	write_acts(name, &o, (uint64_t)rows);
}
END_TEST

static const struct test tests[] = {
	TEST(rows_come_back),
	TEST(tokens_come_back),
	TEST(reader_follows_writer),
	TEST(float16_overflow),
	TEST(ids_of_any_bytes),
	TEST(every_bit_flipped),
	TEST(position_lists),
	TEST(old_names),
	TEST(file_for_numpy),
};

int main(void)
{
	int status;

	snprintf(path, sizeof(path), "check_acts.%d.tmp", (int)getpid());
	status = RUN_TESTS("acts", tests);
	unlink(path);
	strcat(path, ".part");
	unlink(path);
	return status;
}
