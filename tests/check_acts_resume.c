/* SPDX-License-Identifier: MIT */
/* Activation files that were cut short: resumed, repaired, on a full disk. */
#include "config.h"
#include <signal.h>
#include <sys/resource.h>
#include "made_acts.h"

/* As a run that died leaves it. */
static void leave(void)
{
	char part[sizeof(path) + 8];

	snprintf(part, sizeof(part), "%s.part", path);
	ck_assert_int_eq(rename(path, part), 0);
}

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

		spill(path, whole.data, n);
		leave();
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
		leave();
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
	o = plain; o.dim = 4;                       refused(&o, "width 5");
	o = plain; o.dtype = SYC_DTYPE_F32;         refused(&o, "f16");
	o = plain; o.positions = 1;                 refused(&o, "positions");
	o = plain; o.layers = other;                refused(&o, "layers");
	o = plain; o.n_layers = 2;                  refused(&o, "layers");
	o = plain; o.chunk_rows = 3;                refused(&o, "chunk");
	o = plain; o.provenance = "{\"seed\": 2}";  refused(&o, "seed 1, not 2");
	slurp(&after);
	ck_assert_uint_eq(before.len, after.len);
	ck_assert_mem_eq(before.data, after.data, after.len);
	spill(path, "some precious text", 18);
	ck_assert_int_eq(syc_acts_resume(&w, path, &plain, 0, &rows, NULL),
			 SYC_EINVAL);
	ck_assert_int_eq(syc_acts_create(&w, path, &plain, NULL), SYC_EINVAL);
	slurp(&after);
	ck_assert_uint_eq(after.len, 18);
	unlink(path);
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
		spill(path, whole.data, n);
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
		spill(path, b.data, b.len);
		leave();
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
	unlink(path);
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
 * Finished, its rows not: nothing is left to do where their number is right,
 * and else it stays.  What an earlier version left under its name goes on.
 */
START_TEST(resume_of_what_has_its_name)
{
	struct syc_buf whole = { 0 }, now = { 0 };
	struct syc_acts_opts o = plain;
	struct syc_acts_out *w;
	uint64_t rows;
	char *part;

	write_acts(path, &plain, 5);
	slurp(&whole);
	ck_assert_int_eq(syc_acts_resume(&w, path, &plain, 5, &rows, NULL), 0);
	ck_assert_ptr_null(w);
	ck_assert_uint_eq(rows, 5);
	ck_assert_int_eq(syc_acts_resume(&w, path, &plain, 4, &rows, NULL), SYC_EINVAL);
	ck_assert_int_eq(syc_acts_resume(&w, path, &plain, 6, &rows, NULL), SYC_EINVAL);
	ck_assert_int_eq(syc_acts_check(path, SYC_LEFTOVER_REFUSE, NULL), 0);
	/* A run that begins leaves it until it ends. */
	ck_assert_int_eq(syc_acts_resume(&w, path, &plain, 0, &rows, NULL), 0);
	add_row(w, 0);
	add_row(w, 1);
	slurp(&now);
	ck_assert_uint_eq(now.len, whole.len);
	syc_acts_abandon(w);
	o.leftover = SYC_LEFTOVER_REFUSE;
	ck_assert_int_eq(syc_acts_create(&w, path, &o, NULL), SYC_EIO);
	/* Nothing was written: what is there stays as it was. */
	ck_assert_int_eq(syc_acts_resume(&w, path, &plain, 0, &rows, NULL), 0);
	syc_acts_abandon(w);
	ck_assert_int_eq(syc_acts_resume(&w, path, &plain, 2, &rows, NULL), 0);
	ck_assert_uint_eq(rows, 2);
	syc_acts_abandon(w);
	part = syc_output_part(path);
	ck_assert_int_eq(unlink(part), 0);
	free(part);
	spill(path, whole.data, whole.len - 30);
	ck_assert_int_eq(syc_acts_check(path, SYC_LEFTOVER_REFUSE, NULL), SYC_EIO);
	ck_assert_int_eq(syc_acts_resume(&w, path, &plain, 4, &rows, NULL), 0);
	ck_assert_uint_eq(rows, 4);
	ck_assert_int_lt(access(path, F_OK), 0);
	add_row(w, 4);
	ck_assert_int_eq(syc_acts_finish(w, NULL), 0);
	slurp(&now);
	ck_assert_uint_eq(now.len, whole.len);
	ck_assert_mem_eq(now.data, whole.data, whole.len);
	syc_buf_free(&whole);
	syc_buf_free(&now);
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
	unlink(path);
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
		if (ret == 0) {
			leave();
		} else {
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
		unlink(path);
		ret = 0;
	}
	syc_buf_free(&whole);
	syc_buf_free(&again);
}
END_TEST

static const struct test tests[] = {
	TEST(resume_at_every_byte),
	TEST(resume_cuts_to_the_rows_given),
	TEST(resume_refuses_other_files),
	TEST(repair_at_every_byte),
	TEST(zeroed_tail_is_dropped),
	TEST(write_errors),
	TEST(disk_full),
	TEST(resume_of_what_has_its_name),
};

int main(void)
{
	int status;

	/* Each of some thousand files is synced: in memory, where there is a place. */
	snprintf(path, sizeof(path), "%s/check_acts_resume.%d.tmp",
		 access("/dev/shm", W_OK) == 0 ? "/dev/shm" : ".", (int)getpid());
	status = RUN_TESTS("acts_resume", tests);
	unlink(path);
	strcat(path, ".part");
	unlink(path);
	return status;
}
