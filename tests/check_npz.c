/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <inttypes.h>
#include <string.h>
#include <unistd.h>
#include "base/mem.h"
#include "base/rand.h"
#include "format/zip.h"
#include "suite.h"

static const char *const path = "check_npz.tmp";

static void write_file(const void *data, size_t n)
{
	FILE *f = fopen(path, "wb");

	ck_assert_ptr_nonnull(f);
	ck_assert_uint_eq(fwrite(data, 1, n, f), n);
	ck_assert_int_eq(fclose(f), 0);
}

/* An archive of a small array and a text. */
static void small_archive(struct syc_buf *b, struct syc_zip_dir *dir)
{
	char data[SYC_NPY_HEAD + 24];
	const float x[6] = { 0, 1, -2, 3.5f, 4, 5 };

	syc_npy_head(data, "<f4", (const uint64_t[]){ 2, 3 }, 2);
	memcpy(data + SYC_NPY_HEAD, x, sizeof(x));
	ck_assert_int_eq(syc_zip_pack(b, dir, 0, "a.npy", data, sizeof(data)), 0);
	ck_assert_int_eq(syc_zip_pack(b, dir, 0, "b.json", "{}", 2), 0);
}

/* Read whatever is there: nothing may crash, and good data must be the data. */
static void read_all(bool scan)
{
	struct syc_zip *z;
	struct syc_npy h;
	uint8_t *data;
	char *text;

	if (syc_zip_open(&z, path, scan, NULL) < 0)
		return;
	for (size_t i = 0; i < syc_zip_list(z)->n; i++) {
		if (syc_npz_read(z, i, &h, &data, NULL) == 0) {
			float x[6];

			if (h.count == 6 && syc_npy_floats(x, &h, data + h.head,
							   6) &&
			    h.kind == 'f' && h.item == 4)
				ck_assert(x[3] == 3.5f);
			free(data);
		}
		if (syc_zip_text(z, i, 100, &text, NULL) == 0)
			free(text);
		syc_zip_verify(z, i, NULL);
	}
	syc_zip_close(z);
}

START_TEST(members_come_back)
{
	for (int scan = 0; scan < 2; scan++) {
		struct syc_buf b = { 0 };
		struct syc_zip_dir dir = { 0 };
		struct syc_zip *z;
		struct syc_npy h;
		uint8_t *data;
		char *text;
		float x[6];

		small_archive(&b, &dir);
		ck_assert_int_eq(syc_zip_pack_end(&b, &dir, 0), 0);
		write_file(b.data, b.len);
		ck_assert_int_eq(syc_zip_open(&z, path, scan, NULL), 0);
		ck_assert(syc_zip_complete(z));
		ck_assert_uint_eq(syc_zip_list(z)->n, 2);
		ck_assert_uint_eq(syc_zip_find(z, "a.npy"), 0);
		ck_assert(syc_zip_find(z, "c") == SIZE_MAX);
		ck_assert_int_eq(syc_npz_read(z, 0, &h, &data, NULL), 0);
		ck_assert_uint_eq(h.n_dims, 2);
		ck_assert_uint_eq(h.shape[1], 3);
		ck_assert(syc_npy_floats(x, &h, data + h.head, 6));
		ck_assert(x[2] == -2 && x[5] == 5);
		free(data);
		ck_assert_int_eq(syc_zip_text(z, 1, 2, &text, NULL), 0);
		ck_assert_str_eq(text, "{}");
		free(text);
		ck_assert_int_lt(syc_zip_text(z, 1, 1, &text, NULL), 0);
		syc_zip_close(z);
		syc_zip_dir_free(&dir);
		syc_buf_free(&b);
	}
}
END_TEST

/*
 * What deflate hardly shrinks lies as it is at a multiple of 64 bytes, wherever
 * the member begins; the rest is deflated.
 */
START_TEST(noise_is_stored_where_it_can_be_mapped)
{
	enum { N = 3000 };
	static const char names[][8] = { "a", "bc", "def", "z" };
	static uint8_t noise[N], zeros[N], back[N];
	const uint64_t at = (UINT64_C(5) << 30) + 7;
	struct syc_buf b = { 0 };
	struct syc_zip_dir dir = { 0 };

	for (size_t i = 0; i < N; i++)
		noise[i] = (uint8_t)(i * i * 2654435761u >> 13);
	for (unsigned i = 0; i < 4; i++)
		ck_assert_int_eq(syc_zip_pack(&b, &dir, at, names[i],
					      i < 3 ? noise : zeros, N), 0);
	for (unsigned i = 0; i < 3; i++) {
		ck_assert_uint_eq(dir.e[i].method, 0);
		ck_assert_uint_eq(dir.e[i].data % 64, 0);
		ck_assert_uint_eq(dir.e[i].packed, N);
		ck_assert_mem_eq(b.data + (dir.e[i].data - at), noise, N);
	}
	ck_assert_uint_eq(dir.e[3].method, 8);
	ck_assert_uint_lt(dir.e[3].packed, N / 5);
	syc_zip_dir_free(&dir);
	b.len = 0;
	ck_assert_int_eq(syc_zip_pack(&b, &dir, 0, "a", noise, N), 0);
	ck_assert_int_eq(syc_zip_pack_end(&b, &dir, 0), 0);
	write_file(b.data, b.len);
	for (int scan = 0; scan < 2; scan++) {
		struct syc_zip *z;

		ck_assert_int_eq(syc_zip_open(&z, path, scan, NULL), 0);
		ck_assert(syc_zip_complete(z));
		ck_assert_int_eq(syc_zip_read(z, 0, back, NULL), 0);
		ck_assert_mem_eq(back, noise, N);
		syc_zip_close(z);
	}
	syc_zip_dir_free(&dir);
	syc_buf_free(&b);
}
END_TEST

/* A text is an array of one string; those of earlier versions were not. */
START_TEST(texts_are_arrays)
{
	struct syc_buf b = { 0 };
	struct syc_zip_dir dir = { 0 };
	struct syc_zip *z;
	struct syc_npy h;
	uint8_t *data;
	char *text;

	ck_assert_int_eq(syc_zip_pack_text(&b, &dir, 0, "new.json", "{\"a\": 1}"), 0);
	ck_assert_int_eq(syc_zip_pack(&b, &dir, 0, "old.json", "{}", 2), 0);
	ck_assert_int_eq(syc_zip_pack(&b, &dir, 0, "no.json.npy", "{}", 2), 0);
	ck_assert_int_eq(syc_zip_pack_end(&b, &dir, 0), 0);
	write_file(b.data, b.len);
	ck_assert_int_eq(syc_zip_open(&z, path, false, NULL), 0);
	ck_assert_uint_eq(syc_zip_find_text(z, "new.json"), 0);
	ck_assert_uint_eq(syc_zip_find_text(z, "old.json"), 1);
	ck_assert(syc_zip_find_text(z, "new") == SIZE_MAX);
	ck_assert_int_eq(syc_npz_read(z, 0, &h, &data, NULL), 0);
	ck_assert(h.kind == 'S' && h.n_dims == 0 && h.item == 8);
	free(data);
	ck_assert_int_eq(syc_zip_text(z, 0, 8, &text, NULL), 0);
	ck_assert_str_eq(text, "{\"a\": 1}");
	free(text);
	ck_assert_int_eq(syc_zip_text(z, 0, 7, &text, NULL), SYC_EFORMAT);
	ck_assert_int_eq(syc_zip_text(z, 1, 2, &text, NULL), 0);
	ck_assert_str_eq(text, "{}");
	free(text);
	ck_assert_int_lt(syc_zip_text(z, 2, 100, &text, NULL), 0);
	syc_zip_close(z);
	syc_zip_dir_free(&dir);
	syc_buf_free(&b);
}
END_TEST

/* Cut anywhere: the members that are whole are found, and no others. */
START_TEST(cut_at_every_byte)
{
	struct syc_buf b = { 0 };
	struct syc_zip_dir dir = { 0 };
	size_t first, second;

	small_archive(&b, &dir);
	first = dir.e[1].offset;
	second = b.len;
	ck_assert_int_eq(syc_zip_pack_end(&b, &dir, 0), 0);
	for (size_t n = 0; n < b.len; n++) {
		struct syc_zip *z;

		write_file(b.data, n);
		ck_assert_int_eq(syc_zip_open(&z, path, false, NULL), 0);
		ck_assert(!syc_zip_complete(z));
		ck_assert_uint_eq(syc_zip_list(z)->n, (n >= first) + (n >= second));
		syc_zip_close(z);
		read_all(false);
	}
	syc_zip_dir_free(&dir);
	syc_buf_free(&b);
}
END_TEST

START_TEST(every_bit_flipped)
{
	struct syc_buf b = { 0 };
	struct syc_zip_dir dir = { 0 };

	small_archive(&b, &dir);
	ck_assert_int_eq(syc_zip_pack_end(&b, &dir, 0), 0);
	for (size_t i = 0; i < 8 * b.len; i++) {
		b.data[i / 8] ^= (char)(1 << i % 8);
		write_file(b.data, b.len);
		read_all(false);
		read_all(true);
		b.data[i / 8] ^= (char)(1 << i % 8);
	}
	syc_zip_dir_free(&dir);
	syc_buf_free(&b);
}
END_TEST

/* A file grows under the reader, in pieces of any size. */
START_TEST(growing_file_is_followed)
{
	struct syc_buf b = { 0 };
	struct syc_zip_dir dir = { 0 };
	struct syc_zip *z;

	small_archive(&b, &dir);
	ck_assert_int_eq(syc_zip_pack_end(&b, &dir, 0), 0);
	write_file("", 0);
	ck_assert_int_eq(syc_zip_open(&z, path, false, NULL), 0);
	for (size_t n = 0; n < b.len; n++) {
		FILE *f = fopen(path, "ab");

		fputc(b.data[n], f);
		fclose(f);
		ck_assert_int_eq(syc_zip_rescan(z, NULL), 0);
		ck_assert(syc_zip_complete(z) == (n + 1 == b.len));
	}
	ck_assert_uint_eq(syc_zip_list(z)->n, 2);
	ck_assert_int_eq(syc_zip_verify(z, 0, NULL), 0);
	syc_zip_close(z);
	syc_zip_dir_free(&dir);
	syc_buf_free(&b);
}
END_TEST

/* Offsets beyond 4 GiB, in a file with a hole. */
START_TEST(zip64_offsets)
{
	const uint64_t at = UINT64_C(5) << 30;
	struct syc_buf b = { 0 };
	struct syc_zip_dir dir = { 0 };
	struct syc_zip *z;
	char *text;
	FILE *f;

	ck_assert_int_eq(syc_zip_pack(&b, &dir, at, "far", "away", 4), 0);
	ck_assert_int_eq(syc_zip_pack_end(&b, &dir, at), 0);
	f = fopen(path, "wb");
	ck_assert_int_eq(fseeko(f, (off_t)at, SEEK_SET), 0);
	ck_assert_uint_eq(fwrite(b.data, 1, b.len, f), b.len);
	fclose(f);
	ck_assert_int_eq(syc_zip_open(&z, path, false, NULL), 0);
	ck_assert(syc_zip_complete(z));
	ck_assert_int_eq(syc_zip_text(z, 0, 9, &text, NULL), 0);
	ck_assert_str_eq(text, "away");
	free(text);
	syc_zip_close(z);
	syc_zip_dir_free(&dir);
	syc_buf_free(&b);
}
END_TEST

/* More members than a 16-bit count holds. */
START_TEST(zip64_many_members)
{
	enum { N = 65536 + 3 };
	struct syc_buf b = { 0 };
	struct syc_zip_dir dir = { 0 };
	struct syc_zip *z;
	char name[32];

	for (int i = 0; i < N; i++) {
		snprintf(name, sizeof(name), "m/%06d", i);
		ck_assert_int_eq(syc_zip_pack(&b, &dir, 0, name, name, 3), 0);
	}
	ck_assert_int_eq(syc_zip_pack_end(&b, &dir, 0), 0);
	write_file(b.data, b.len);
	ck_assert_int_eq(syc_zip_open(&z, path, false, NULL), 0);
	ck_assert(syc_zip_complete(z));
	ck_assert_uint_eq(syc_zip_list(z)->n, N);
	ck_assert_uint_eq(syc_zip_find(z, "m/065538"), N - 1);
	ck_assert_int_eq(syc_zip_verify(z, N - 1, NULL), 0);
	syc_zip_close(z);
	syc_zip_dir_free(&dir);
	syc_buf_free(&b);
}
END_TEST

/* A few bytes that claim to unpack to a terabyte are not believed. */
START_TEST(bombs_are_refused)
{
	struct syc_buf b = { 0 };
	struct syc_zip_dir dir = { 0 };
	struct syc_zip *z;

	small_archive(&b, &dir);
	dir.e[0].bytes = UINT64_C(1) << 40;
	ck_assert_int_eq(syc_zip_pack_end(&b, &dir, 0), 0);
	write_file(b.data, b.len);
	ck_assert_int_eq(syc_zip_open(&z, path, false, NULL), 0);
	ck_assert(!syc_zip_complete(z));
	for (size_t i = 0; i < syc_zip_list(z)->n; i++)
		ck_assert_uint_lt(syc_zip_list(z)->e[i].bytes, 1 << 20);
	syc_zip_close(z);
	syc_zip_dir_free(&dir);
	syc_buf_free(&b);
}
END_TEST

static int parse(const char *dict, struct syc_npy *h)
{
	char s[512] = "\x93NUMPY\1\0";
	size_t n = strlen(dict);

	s[8] = (char)n;
	memcpy(s + 10, dict, n);
	return syc_npy_parse(h, s, 10 + n, "t", NULL);
}

START_TEST(npy_headers)
{
	static const char *const good[] = {
		"{'descr': '<f4', 'fortran_order': False, 'shape': (3,), }  \n",
		"{\"shape\":(3,),\"descr\":\"<f4\",\"fortran_order\":False}",
		"{'descr': '<U7', 'fortran_order': True, 'shape': (3, 1), }",
		"{'descr': '|i1', 'fortran_order': False, 'shape': (3,1,1,1), }",
	};
	static const char *const bad[] = {
		"", "{", "{}", "{'descr': '<f4', 'fortran_order': False}",
		"{'descr': '>f4', 'fortran_order': False, 'shape': (3,), }",
		"{'descr': '|O', 'fortran_order': False, 'shape': (3,), }",
		"{'descr': '<f4', 'fortran_order': False, 'shape': (3), }",
		"{'descr': '<f4', 'fortran_order': False, 'shape': (-3,), }",
		"{'descr': '<f4', 'fortran_order': 0, 'shape': (3,), }",
		"{'descr': '<f4', 'fortran_order': False, 'shape': (3,), 'x': 1}",
		"{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (3,), }",
		"{'descr': '<f4', 'fortran_order': False, 'shape': (3,), } x",
		"{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,), }",
		"{'descr': '<f8', 'fortran_order': False, 'shape': (4611686018427387904,), }",
		"{'descr': '<f4', 'fortran_order': False, 'shape': (4294967296, 4294967296), }",
		"{'descr': '<f4', 'fortran_order': False, 'shape': (1,1,1,1,1), }",
		"{'descr': '<U', 'fortran_order': False, 'shape': (3,), }",
		"{'descr': '<U0', 'fortran_order': False, 'shape': (3,), }",
		"{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (3,), }",
	};
	struct syc_npy h;

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		ck_assert_msg(parse(good[i], &h) == 0, "%s", good[i]);
		ck_assert_uint_eq(h.count, 3);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert_msg(parse(bad[i], &h) < 0, "%s", bad[i]);
	ck_assert_int_eq(parse("{'descr': '<f8', 'fortran_order': False, 'shape': (), }", &h), 0);
	ck_assert_uint_eq(h.bytes, 8);
}
END_TEST

static void cleanup(void)
{
	unlink(path);
}

static const struct test tests[] = {
	TEST(members_come_back),
	TEST(noise_is_stored_where_it_can_be_mapped),
	TEST(texts_are_arrays),
	TEST(cut_at_every_byte),
	TEST(every_bit_flipped),
	TEST(growing_file_is_followed),
	TEST(zip64_offsets),
	TEST(zip64_many_members),
	TEST(bombs_are_refused),
	TEST(npy_headers),
};

int main(void)
{
	int status = RUN_TESTS("npz", tests);

	cleanup();
	return status;
}
