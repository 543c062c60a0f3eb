/* SPDX-License-Identifier: MIT */
/*
 * Archives that unpack to much more than they are: refused for what they say,
 * with memory for 4 times their size and 16 MB.
 */
#include "config.h"
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#include "base/mem.h"
#include "format/zip.h"
#include "suite.h"
#include "syc/acts.h"
#include "syc/vector.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
enum { LIMITED = 0 };	/* shadow memory has no such limits */
#else
enum { LIMITED = 1 };
#endif

static char path[64];

/* An archive in the making. */
struct made {
	struct syc_buf file;
	struct syc_zip_dir dir;
};

/* A member of n bytes: head, then what rest repeats. */
static void add(struct made *m, const char *name, const char *head, size_t n_head,
		const char *rest, uint64_t n)
{
	static char piece[1 << 16], out[1 << 16];
	struct syc_zip_entry e = { .name = (char *)name, .offset = m->file.len, .method = 8 };
	unsigned char local[30] = "PK\3\4";
	z_stream s = { 0 };
	const size_t len = strlen(rest), step = len ? sizeof(piece) / len * len : sizeof(piece);
	int ret = Z_OK;

	for (size_t i = 0; i < step; i++)
		piece[i] = len ? rest[i % len] : 0;
	local[8] = 8;
	local[26] = (unsigned char)strlen(name);
	syc_buf_add(&m->file, local, sizeof(local));
	syc_buf_puts(&m->file, name);
	e.data = m->file.len;
	ck_assert_int_eq(deflateInit2(&s, 9, Z_DEFLATED, -15, 9, 0), Z_OK);
	s.next_in = (Bytef *)(uintptr_t)head;
	s.avail_in = (uInt)n_head;
	e.bytes = n_head + n;
	e.crc = (uint32_t)crc32(0, (const Bytef *)head, (uInt)n_head);
	for (uint64_t left = n; ret != Z_STREAM_END;) {
		if (!s.avail_in && left) {
			s.avail_in = (uInt)(left < step ? left : step);
			s.next_in = (Bytef *)piece;
			e.crc = (uint32_t)crc32(e.crc, s.next_in, s.avail_in);
			left -= s.avail_in;
		}
		s.next_out = (Bytef *)out;
		s.avail_out = sizeof(out);
		ret = deflate(&s, left ? Z_NO_FLUSH : Z_FINISH);
		syc_buf_add(&m->file, out, sizeof(out) - s.avail_out);
	}
	deflateEnd(&s);
	e.packed = m->file.len - e.data;
	ck_assert_int_eq(syc_zip_dir_add(&m->dir, &e), 0);
}

static void add_text(struct made *m, const char *name, const char *text)
{
	add(m, name, text, strlen(text), "", 0);
}

/* An array of zeros. */
static void add_array(struct made *m, const char *name, const char *type, uint64_t a, uint64_t b,
		      uint64_t c, uint64_t bytes)
{
	char head[SYC_NPY_HEAD];

	syc_npy_head(head, type, (const uint64_t[]){ a, b, c }, c ? 3 : b ? 2 : 1);
	add(m, name, head, sizeof(head), "", bytes);
}

static void save(struct made *m)
{
	FILE *f;

	snprintf(path, sizeof(path), "check_bombs.%d.tmp", (int)getpid());
	ck_assert_int_eq(syc_zip_pack_end(&m->file, &m->dir, 0), 0);
	f = fopen(path, "wb");
	ck_assert_ptr_nonnull(f);
	ck_assert_uint_eq(fwrite(m->file.data, 1, m->file.len, f), m->file.len);
	ck_assert_int_eq(fclose(f), 0);
	syc_buf_free(&m->file);
	syc_zip_dir_free(&m->dir);
}

/* From now on this process gets no more than the file may cost. */
static void limit_memory(void)
{
	struct rlimit l = { 0 };
	unsigned long pages = 0;
	struct stat st;
	FILE *f;

	if (!LIMITED)
		return;
	ck_assert_int_eq(stat(path, &st), 0);
	f = fopen("/proc/self/statm", "r");
	if (!f)
		return;
	ck_assert_int_eq(fscanf(f, "%lu", &pages), 1);
	fclose(f);
	l.rlim_cur = l.rlim_max = pages * (rlim_t)sysconf(_SC_PAGESIZE) +
		4 * (rlim_t)st.st_size + (16 << 20);
	ck_assert_int_eq(setrlimit(RLIMIT_AS, &l), 0);
}

/* The vector is refused, not for want of memory, with a message that has `said`. */
static void refused(const struct syc_vector_read_opts *o, int code, const char *said)
{
	struct syc_vector *v;
	struct syc_err err;
	int ret;

	limit_memory();
	ret = syc_vector_read(&v, path, o, &err);
	unlink(path);
	ck_assert_int_lt(ret, 0);
	ck_assert_msg(ret == code && strstr(err.msg, said), "%d: %s", ret, err.msg);
	ck_assert_ptr_null(v);
}

START_TEST(wide_array)
{
	struct made m = { 0 };

	add_array(&m, "arr_0.npy", "<f4", 10, 2000000, 0, 80000000);
	save(&m);
	refused(NULL, SYC_EFORMAT, "10 layers of width 2000000 are too much of a file of");
}
END_TEST

/* Where the width is known, that is what is said. */
static const struct syc_vector_read_opts model = { .dim = 64 };

START_TEST(wide_array_of_a_model)
{
	struct made m = { 0 };

	add_array(&m, "arr_0.npy", "<f4", 10, 2000000, 0, 80000000);
	save(&m);
	refused(&model, SYC_EINVAL, "vectors of width 2000000 do not fit the model's width 64");
}
END_TEST

START_TEST(deep_array)
{
	struct made m = { 0 };

	add_array(&m, "arr_0.npy", "<f4", 4000, 8000, 0, 128000000);
	save(&m);
	refused(NULL, SYC_EFORMAT, "4000 layers of width 8000");
}
END_TEST

/* As many values of one byte are four times as many bytes. */
START_TEST(bytes_become_floats)
{
	struct made m = { 0 };

	add_array(&m, "arr_0.npy", "|i1", 100, 80000, 0, 8000000);
	save(&m);
	refused(NULL, SYC_EFORMAT, "100 layers of width 80000");
}
END_TEST

/* One row, and a file that says it is one of 4096 layers. */
static const char own[] = "{\"format\": \"syc-vector\", \"version\": 1, \"n_layers\": 4096}";

START_TEST(many_layers_of_one)
{
	struct made m = { 0 };

	add_array(&m, "direction.npy", "<f4", 1, 500000, 0, 2000000);
	add_array(&m, "layer.npy", "<i4", 1, 0, 0, 4);
	add_text(&m, "format.json", own);
	save(&m);
	refused(NULL, SYC_EFORMAT, "4096 layers of width 500000");
}
END_TEST

START_TEST(long_list_of_a_vector)
{
	struct made m = { 0 };

	add_array(&m, "direction.npy", "<f4", 1, 64, 0, 256);
	add_array(&m, "layer.npy", "<i4", 1, 0, 0, 4);
	add_text(&m, "format.json", own);
	add_array(&m, "norm.npy", "<f4", 10000000, 0, 0, 40000000);
	save(&m);
	refused(NULL, SYC_EFORMAT, "'norm' is not a list of 4096 floats");
}
END_TEST

START_TEST(long_provenance)
{
	struct made m = { 0 };

	add_array(&m, "direction.npy", "<f4", 1, 64, 0, 256);
	add_array(&m, "layer.npy", "<i4", 1, 0, 0, 4);
	add_text(&m, "format.json", own);
	add(&m, "provenance.json", "[", 1, "0,", 60000000);
	save(&m);
	refused(NULL, SYC_EFORMAT, "member 'provenance.json' has");
}
END_TEST

/* A format.json that is too long to be one is none. */
START_TEST(long_format)
{
	struct made m = { 0 };

	add_array(&m, "direction.npy", "<f4", 1, 64, 0, 256);
	add_array(&m, "layer.npy", "<i4", 1, 0, 0, 4);
	add(&m, "format.json", "{\"format\": \"syc-vector\", \"x\": [", 31, "0,", 8000000);
	save(&m);
	refused(&(struct syc_vector_read_opts){.key = "layer",
					       .strict = true,
					       .layer_base = SYC_BASE_0},
		SYC_EFORMAT, "(at most 65536)");
}
END_TEST

/* A recording of one row, of which n_layers and dim say more than is there. */
static void make_acts(uint64_t n_layers, uint64_t dim, uint64_t rows)
{
	struct made m = { 0 };
	char text[200];

	add_array(&m, "layer.npy", "<i4", n_layers, 0, 0, 4 * n_layers);
	snprintf(text, sizeof(text), "{\"format\": \"syc-acts\", \"version\": 2, "
		 "\"positions\": [\"prompt\"], "
		 "\"dim\": %d, \"dtype\": \"f16\", \"chunk_rows\": 65536}", (int)dim);
	add_text(&m, "format.json", text);
	add_text(&m, "provenance.json", "{}");
	add_array(&m, "prompt/000000.npy", "<f2", rows, n_layers, dim, rows * n_layers * dim * 2);
	add_array(&m, "sample/000000.npy", "<i4", rows, 0, 0, 4 * rows);
	add_array(&m, "answer/000000.npy", "|i1", rows, 0, 0, rows);
	add_array(&m, "id/000000.npy", "<U1", rows, 0, 0, 4 * rows);
	save(&m);
}

START_TEST(wide_activations)
{
	struct syc_acts *a;
	struct syc_err err;
	int ret;

	make_acts(1, 10000000, 20);
	limit_memory();
	ret = syc_acts_open(&a, path, &err);
	unlink(path);
	ck_assert_msg(ret == SYC_EFORMAT &&
			      strstr(err.msg, "1 layers of width 10000000 are too much"),
		      "%d: %s", ret, err.msg);
}
END_TEST

/* What is worth its memory is read in it. */
START_TEST(ordinary_activations)
{
	static float x[64];
	struct syc_acts *a;

	make_acts(1, 64, 60000);
	limit_memory();
	ck_assert_int_eq(syc_acts_open(&a, path, NULL), 0);
	ck_assert_uint_eq(syc_acts_info(a)->n_rows, 60000);
	ck_assert_int_eq(syc_acts_read(a, SYC_POSITION_PROMPT, 59999, x, NULL, NULL), 0);
	syc_acts_close(a);
	unlink(path);
}
END_TEST

/* Members without a byte, and chunks that have one member each. */
START_TEST(many_members)
{
	enum { N = 200000 };
	struct made m = { 0 };
	struct syc_acts *a;
	struct syc_err err;
	char name[32];
	int ret;

	add_array(&m, "layer.npy", "<i4", 1, 0, 0, 4);
	add_text(&m, "format.json", "{\"format\": \"syc-acts\", \"version\": 2, "
		 "\"positions\": [\"prompt\"], "
		 "\"dim\": 4, \"dtype\": \"f16\", \"chunk_rows\": 32}");
	add_text(&m, "provenance.json", "{}");
	for (int i = 0; i < N; i++) {
		snprintf(name, sizeof(name), "%d", i % 10);
		syc_zip_pack(&m.file, &m.dir, 0, name, "", 0);
	}
	syc_zip_pack(&m.file, &m.dir, 0, "id/050000.npy", "", 0);
	save(&m);
	limit_memory();
	ret = syc_acts_open(&a, path, &err);
	unlink(path);
	ck_assert_msg(ret == SYC_EFORMAT, "%d: %s", ret, err.msg);
}
END_TEST

static const struct test tests[] = {
	TEST(wide_array),
	TEST(wide_array_of_a_model),
	TEST(deep_array),
	TEST(bytes_become_floats),
	TEST(many_layers_of_one),
	TEST(long_list_of_a_vector),
	TEST(long_provenance),
	TEST(long_format),
	TEST(wide_activations),
	TEST(ordinary_activations),
	TEST(many_members),
};

int main(void)
{
	return RUN_TESTS("bombs", tests);
}
