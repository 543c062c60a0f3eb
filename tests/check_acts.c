/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>
#include "base/rand.h"
#include "format/tensor.h"
#include "rec/acts_file.h"
#include "suite.h"

static char path[64];		/* of this process: tests run side by side */

enum { LAYERS = 3, DIM = 5, VALUES = LAYERS * DIM, MAX_TOKENS = 7 };

static const uint32_t layers[LAYERS] = { 0, 2, 9 };

static const struct syc_acts_opts plain = {
	.positions = 1 << SYC_POSITION_PROMPT | 1 << SYC_POSITION_MEAN,
		.layers = layers,
	.n_layers = LAYERS, .dim = DIM, .chunk_rows = 2,
		.provenance = "{\"seed\": 1}",
};

/* The value at one place: exact in float16, different everywhere near. */
static float value(uint64_t row, unsigned position, size_t i)
{
	return (float)(int)(syc_rand_u64(row * 8 + position, i) % 2048) / 8 - 128;
}

static void add_row(struct syc_acts_out *w, uint64_t r)
{
	float v[SYC_POSITION_ALL][VALUES], all[MAX_TOKENS * VALUES];
	int32_t tokens[MAX_TOKENS];
	char id[32];
	struct syc_acts_row row = {
		.id = id, .sample = (int32_t)(r % 3),
			.answer = (int32_t)(r % 3) - 1,
		.all = all, .tokens = tokens, .n_tokens = r % (MAX_TOKENS + 1),
	};

	snprintf(id, sizeof(id), r % 4 == 3 ? "r\xc3\xb6w \xf0\x9f\x99\x82 %d" :
		 "row-%d", (int)r);
	for (unsigned s = 0; s < SYC_POSITION_ALL; s++) {
		for (size_t i = 0; i < VALUES; i++)
			v[s][i] = value(r, s, i);
		/* One row without an answer: NaN. */
		row.position[s] = s == SYC_POSITION_MEAN && r == 1 ? NULL : v[s];
	}
	for (size_t i = 0; i < row.n_tokens * VALUES; i++)
		all[i] = value(r, SYC_POSITION_ALL, i);
	for (size_t i = 0; i < row.n_tokens; i++)
		tokens[i] = (int32_t)(100 * r + i);
	ck_assert_int_eq(syc_acts_add(w, &row, NULL), 0);
}

static void write_acts(const char *name, const struct syc_acts_opts *o, uint64_t n)
{
	struct syc_acts_out *w;

	ck_assert_int_eq(syc_acts_create(&w, name, o, NULL), 0);
	for (uint64_t r = 0; r < n; r++)
		add_row(w, r);
	ck_assert_uint_eq(syc_acts_saved(w), n - n % o->chunk_rows);
	ck_assert_int_eq(syc_acts_finish(w, NULL), 0);
}

static void slurp(struct syc_buf *b)
{
	FILE *f = fopen(path, "rb");
	char block[4096];
	size_t n;

	b->len = 0;
	while ((n = fread(block, 1, sizeof(block), f)) > 0)
		ck_assert_int_eq(syc_buf_add(b, block, n), 0);
	fclose(f);
}

static void spill(const char *data, size_t n)
{
	FILE *f = fopen(path, "wb");

	ck_assert_uint_eq(fwrite(data, 1, n, f), n);
	ck_assert_int_eq(fclose(f), 0);
}

static void check_row(struct syc_acts *a, uint64_t r)
{
	float x[VALUES];
	const char *id;
	char want[32];
	int32_t sample, answer;

	snprintf(want, sizeof(want),
		 r % 4 == 3 ? "r\xc3\xb6w \xf0\x9f\x99\x82 %d" : "row-%d",
		 (int)r);
	ck_assert_int_eq(syc_acts_read(a, SYC_POSITION_PROMPT, r, x, &id, NULL), 0);
	ck_assert_str_eq(id, want);
	for (size_t i = 0; i < VALUES; i++)
		ck_assert(x[i] == value(r, SYC_POSITION_PROMPT, i));
	ck_assert_int_eq(syc_acts_read(a, SYC_POSITION_MEAN, r, x, NULL, NULL), 0);
	for (size_t i = 0; i < VALUES; i++)
		ck_assert(r == 1 ? isnan(x[i]) :
			  x[i] == value(r, SYC_POSITION_MEAN, i));
	ck_assert_int_eq(syc_acts_row_info(a, r, &sample, &answer, NULL), 0);
	ck_assert_int_eq(sample, (int)(r % 3));
	ck_assert_int_eq(answer, (int)(r % 3) - 1);
}

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
			ck_assert_int_eq(atoi(strrchr(id,
						      r % 4 == 3 ? ' ' :
						      '-') + 1), (int)r);
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

/* The run dies after any byte; resumed, it ends in the same bytes. */
START_TEST(resume_at_every_byte)
{
	struct syc_buf whole = { 0 }, again = { 0 };
	struct syc_acts_opts o = plain;

	o.positions |= 1 << SYC_POSITION_ALL;
	write_acts(path, &o, 5);
	slurp(&whole);
	for (size_t n = 0; n <= whole.len; n++) {
		struct syc_acts_out *w;
		uint64_t rows;

		spill(whole.data, n);
		ck_assert_int_eq(syc_acts_resume(&w, path, &o, UINT64_MAX,
						 &rows, NULL), 0);
		ck_assert_uint_eq(rows % 2, 0);
		ck_assert_uint_le(rows, 4);
		if (n == whole.len)
			ck_assert_uint_eq(rows, 4);
		for (uint64_t r = rows; r < 5; r++)
			add_row(w, r);
		ck_assert_int_eq(syc_acts_finish(w, NULL), 0);
		slurp(&again);
		ck_assert_uint_eq(again.len, whole.len);
		ck_assert_mem_eq(again.data, whole.data, whole.len);
	}
	syc_buf_free(&whole);
	syc_buf_free(&again);
}
END_TEST

START_TEST(resume_cuts_to_the_rows_given)
{
	struct syc_acts_out *w;
	uint64_t rows;

	for (uint64_t max = 0; max < 8; max++) {
		write_acts(path, &plain, 7);
		ck_assert_int_eq(syc_acts_resume(&w, path, &plain, max, &rows,
						 NULL), 0);
		ck_assert_uint_eq(rows, max < 6 ? max - max % 2 : 6);
		ck_assert_uint_eq(syc_acts_saved(w), rows);
		syc_acts_abandon(w);
	}
}
END_TEST

static void refused(const struct syc_acts_opts *o, const char *word)
{
	struct syc_acts_out *w;
	struct syc_err err;
	uint64_t rows;

	ck_assert_int_eq(syc_acts_resume(&w, path, o, UINT64_MAX, &rows, &err),
			 SYC_EINVAL);
	ck_assert_msg(strstr(err.msg, word) != NULL, "%s", err.msg);
}

/* Another run's file, or no activation file at all, is not touched. */
START_TEST(resume_refuses_other_files)
{
	const uint32_t other[LAYERS] = { 0, 2, 8 };
	struct syc_acts_opts o;
	struct syc_buf before = { 0 }, after = { 0 };
	struct syc_acts_out *w;
	uint64_t rows;

	write_acts(path, &plain, 4);
	slurp(&before);
	o = plain; o.dim = 4;                           refused(&o, "width 5");
	o = plain; o.dtype = SYC_DTYPE_F32;             refused(&o, "f16");
	o = plain; o.positions = 1;                         refused(&o,
								    "positions");
	o = plain; o.layers = other;                    refused(&o, "layers");
	o = plain; o.n_layers = 2;                      refused(&o, "layers");
	o = plain; o.chunk_rows = 3;                    refused(&o, "chunk");
	o = plain; o.provenance = "{\"seed\": 2}";      refused(&o, "provenance");
	slurp(&after);
	ck_assert_uint_eq(before.len, after.len);
	ck_assert_mem_eq(before.data, after.data, after.len);
	spill("some precious text", 18);
	ck_assert_int_eq(syc_acts_resume(&w, path, &plain, 0, &rows, NULL),
			 SYC_EFORMAT);
	slurp(&after);
	ck_assert_uint_eq(after.len, 18);
	syc_buf_free(&before);
	syc_buf_free(&after);
}
END_TEST

/* Cut at any byte behind the description, repair keeps the whole chunks. */
START_TEST(repair_at_every_byte)
{
	struct syc_buf whole = { 0 };
	struct syc_acts *a;
	uint64_t rows, repaired = 0;

	write_acts(path, &plain, 5);
	slurp(&whole);
	for (size_t n = 0; n <= whole.len; n++) {
		spill(whole.data, n);
		if (syc_acts_repair(path, &rows, NULL) < 0) {
			ck_assert_uint_eq(repaired, 0);
			continue;
		}
		repaired++;
		ck_assert_int_eq(syc_acts_open(&a, path, NULL), 0);
		ck_assert(syc_acts_info(a)->complete);
		ck_assert_uint_eq(syc_acts_info(a)->n_rows, rows);
		for (uint64_t r = 0; r < rows; r++)
			check_row(a, r);
		syc_acts_close(a);
	}
	ck_assert_uint_eq(rows, 5);
	ck_assert_uint_gt(repaired, 1000);
	syc_buf_free(&whole);
}
END_TEST

/* Zeros where the last chunk should be, as after a power cut. */
START_TEST(zeroed_tail_is_dropped)
{
	struct syc_buf whole = { 0 };
	struct syc_acts_out *w;
	uint64_t rows, least = 4;

	write_acts(path, &plain, 4);
	slurp(&whole);
	for (size_t back = 1; back < 900; back += 7) {
		struct syc_buf b = { 0 };

		ck_assert_int_eq(syc_buf_add(&b, whole.data, whole.len), 0);
		memset(b.data + b.len - back, 0, back);
		spill(b.data, b.len);
		ck_assert_int_eq(syc_acts_resume(&w, path, &plain, UINT64_MAX,
						 &rows, NULL), 0);
		ck_assert_uint_le(rows, least);
		least = rows;
		syc_acts_abandon(w);
		syc_buf_free(&b);
	}
	ck_assert_uint_eq(least, 2);
	syc_buf_free(&whole);
}
END_TEST

START_TEST(reader_follows_writer)
{
	struct syc_acts_out *w;
	struct syc_acts *a = NULL;
	float x[VALUES];

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
		{ "", "" }, { "a", "a" }, { "\xff", "\xef\xbf\xbd" }, { "a\xc3", "a\xef\xbf\xbd" },
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
		spill(b.data, b.len);
		read_everything();
		if (i % 8 == 0)
			syc_acts_repair(path, &rows, NULL);
		b.data[i / 8] ^= (char)(1 << i % 8);
	}
	syc_buf_free(&b);
}
END_TEST

START_TEST(write_errors)
{
	struct syc_acts_opts o = plain;
	struct syc_acts_out *w, *w2;
	struct syc_err err;
	uint64_t rows;

	if (access("/dev/full", W_OK) == 0) {
		ck_assert_int_eq(syc_acts_create(&w, "/dev/full", &plain, &err),
				 SYC_EIO);
		ck_assert_ptr_nonnull(strstr(err.msg, "/dev/full: "));
		ck_assert_ptr_null(w);
	}
	ck_assert_int_eq(syc_acts_create(&w, "no/such/folder/x.npz", &plain,
					 &err), SYC_EIO);
	o.positions = 0;
	ck_assert_int_eq(syc_acts_create(&w, path, &o, &err), SYC_EINVAL);
	o = plain;
	o.n_layers = 0;
	ck_assert_int_eq(syc_acts_create(&w, path, &o, &err), SYC_EINVAL);
	/* Two writers of one file. */
	ck_assert_int_eq(syc_acts_create(&w, path, &plain, NULL), 0);
	add_row(w, 0);
	add_row(w, 1);
	ck_assert_int_eq(syc_acts_resume(&w2, path, &plain, 9, &rows, &err),
			 SYC_EIO);
	ck_assert_int_eq(syc_acts_create(&w2, path, &plain, &err), SYC_EIO);
	ck_assert_ptr_nonnull(strstr(err.msg, "another program"));
	ck_assert_int_eq(syc_acts_finish(w, NULL), 0);
	ck_assert_int_eq(syc_acts_repair(path, &rows, NULL), 0);
	ck_assert_uint_eq(rows, 2);
}
END_TEST

/*
 * The disk is full in the middle of a chunk: an error, and a file that ends
 * with the chunk before and can be resumed to the same bytes.
 */
START_TEST(disk_full)
{
	struct syc_buf whole = { 0 }, again = { 0 };
	struct rlimit old, limit;
	struct syc_acts_out *w;
	struct syc_err err;
	uint64_t rows;
	int ret = 0;

	write_acts(path, &plain, 6);
	slurp(&whole);
	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &old);
	for (size_t max = 1000; max < whole.len; max += 97) {
		limit = (struct rlimit){ .rlim_cur = max,
					 .rlim_max = old.rlim_max };
		setrlimit(RLIMIT_FSIZE, &limit);
		ck_assert_int_eq(syc_acts_create(&w, path, &plain, NULL), 0);
		for (uint64_t r = 0; r < 6 && ret == 0; r++) {
			float x[VALUES] = { (float)syc_rand_below(r, 1, 9) };
			struct syc_acts_row row = { .id = "x", .position = { x } };

			ret = syc_acts_add(w, &row, &err);
		}
		if (ret == 0)
			ret = syc_acts_finish(w, &err);
		else
			syc_acts_abandon(w);
		setrlimit(RLIMIT_FSIZE, &old);
		if (ret < 0) {
			ck_assert_int_eq(ret, SYC_EIO);
			ck_assert_ptr_nonnull(strstr(err.msg, path));
		}
		ck_assert_int_eq(syc_acts_resume(&w, path, &plain, UINT64_MAX,
						 &rows, NULL), 0);
		syc_acts_abandon(w);
		ck_assert_int_eq(syc_acts_resume(&w, path, &plain, 0, &rows,
						 NULL), 0);
		for (uint64_t r = 0; r < 6; r++)
			add_row(w, r);
		ck_assert_int_eq(syc_acts_finish(w, NULL), 0);
		slurp(&again);
		ck_assert_uint_eq(again.len, whole.len);
		ck_assert_mem_eq(again.data, whole.data, whole.len);
		ret = 0;
	}
	syc_buf_free(&whole);
	syc_buf_free(&again);
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
	TEST(resume_at_every_byte),
	TEST(resume_cuts_to_the_rows_given),
	TEST(resume_refuses_other_files),
	TEST(repair_at_every_byte),
	TEST(zeroed_tail_is_dropped),
	TEST(reader_follows_writer),
	TEST(float16_overflow),
	TEST(ids_of_any_bytes),
	TEST(every_bit_flipped),
	TEST(write_errors),
	TEST(disk_full),
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
	return status;
}
