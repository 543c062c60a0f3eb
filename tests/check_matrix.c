/* SPDX-License-Identifier: MIT */
/* Matrices as they are packed from a file: types, scales that are no numbers, merging. */
#include "config.h"
#include <math.h>
#include <string.h>
#include "base/mem.h"
#include "base/rand.h"
#include "format/split.h"
#include "kern/cpu.h"
#include "model/matrix.h"
#include "suite.h"

enum { ROWS = 37, COLS = 512 };

static const uint32_t types[] = {
	SYC_TYPE_F32, SYC_TYPE_F16, SYC_TYPE_BF16, SYC_TYPE_Q4_0, SYC_TYPE_Q4_1, SYC_TYPE_Q5_0,
	SYC_TYPE_Q5_1, SYC_TYPE_Q8_0, SYC_TYPE_Q2_K, SYC_TYPE_Q3_K, SYC_TYPE_Q4_K, SYC_TYPE_Q5_K,
	SYC_TYPE_Q6_K, SYC_TYPE_IQ4_NL, SYC_TYPE_IQ4_XS,
};
enum { N_TYPES = sizeof(types) / sizeof(types[0]) };

static uint8_t stored[ROWS * COLS * sizeof(float)];
static struct syc_tensor tensor;
static struct syc_kern kern;
static struct syc_par *par;
static struct syc_packer *packer;

/* Where a block has float16 numbers; -1: no more. */
static void halves_of(int at[2], uint32_t type)
{
	at[0] = 0;
	at[1] = -1;
	switch (type) {
	case SYC_TYPE_Q2_K: at[0] = 80; at[1] = 82; break;
	case SYC_TYPE_Q3_K: at[0] = 108; break;
	case SYC_TYPE_Q6_K: at[0] = 208; break;
	case SYC_TYPE_Q4_1: case SYC_TYPE_Q5_1: case SYC_TYPE_Q4_K: case SYC_TYPE_Q5_K: at[1] = 2;
	}
}

/* Small numbers in blocks of any bits whose scales are 1/16. */
static struct syc_matrix drawn(uint32_t type)
{
	const size_t bytes = syc_type_bytes(type), n = ROWS * COLS / syc_type_block(type);
	int at[2];

	tensor = (struct syc_tensor){ "some.weight", type, 2, { COLS, ROWS, 1, 1 }, stored,
				      n * bytes };
	halves_of(at, type);
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < bytes; k++)
			stored[i * bytes + k] = (uint8_t)(syc_rand_u64(7, i * bytes + k) >> 40);
	for (size_t i = 0; i < n && syc_type_splits(type); i++)
		for (int k = 0; k < 2 && at[k] >= 0; k++)
			memcpy(stored + i * bytes + at[k], "\x00\x2c", 2);
	for (size_t i = 0; i < ROWS * COLS && !syc_type_splits(type); i++) {
		const float x = (float)(2 * syc_rand_unit(8, i) - 1);

		syc_type_encode(stored + i * bytes, type == SYC_TYPE_F16 ? type : SYC_TYPE_F32,
				&x, 1);
	}
	for (size_t i = 0; i < ROWS * COLS && type == SYC_TYPE_BF16; i++)
		memcpy(stored + 2 * i, i % 2 ? "\x80\x3f" : "\x10\xbe", 2);
	return (struct syc_matrix){ .t = &tensor, .type = type, .rows = ROWS, .cols = COLS };
}

static int load(struct syc_matrix *w, bool pack, struct syc_err *err)
{
	const int ret = syc_packer_run(packer, w, pack, false, "a.gguf", err);

	free(w->packed);
	w->packed = NULL;
	return ret;
}

/* In the last row, packed or only looked at. */
START_TEST(bad_scales_are_named)
{
	static const char *const bad[] = { "\x00\x7c", "\x00\xfc", "\x01\x7e" };
	struct syc_err err;
	int at[2];

	for (size_t i = 0; i < 2 * N_TYPES; i++) {
		struct syc_matrix w = drawn(types[i / 2]);
		uint8_t *last = stored + tensor.bytes - syc_type_bytes(w.type);

		ck_assert_msg(load(&w, i % 2, &err) == 0, "%s: %s", syc_type_name(w.type), err.msg);
		halves_of(at, w.type);
		for (size_t k = 0; k < 6; k++) {
			const int to = at[k / 3];
			uint8_t old[4];

			if (to < 0)
				break;
			memcpy(old, last + to, 4);
			if (w.type == SYC_TYPE_F32 || w.type == SYC_TYPE_BF16)
				memcpy(last + to + (w.type == SYC_TYPE_F32 ? 2 : 0), "\x80\x7f", 2);
			else
				memcpy(last + to, bad[k % 3], 2);
			ck_assert_msg(load(&w, i % 2, &err) == SYC_EFORMAT, "%s",
				      syc_type_name(w.type));
			ck_assert_ptr_nonnull(strstr(err.msg, "a.gguf: tensor 'some.weight' has NaN"));
			memcpy(last + to, old, 4);
		}
	}
}
END_TEST

/* A row is what the encoder makes of it, in the panels and out of them. */
START_TEST(floats_are_quantized_as_files_are)
{
	static const uint32_t to[] = { SYC_TYPE_Q8_0, SYC_TYPE_Q6_K, SYC_TYPE_Q5_K, SYC_TYPE_Q4_K,
				       SYC_TYPE_Q4_0, SYC_TYPE_F16 };
	float x[COLS], got[COLS];
	uint8_t bytes[COLS * 4];

	for (size_t i = 0; i < 3 * sizeof(to) / sizeof(to[0]); i++) {
		struct syc_matrix w = drawn(types[i % 3]);
		struct syc_err err;

		w.type = to[i / 3];
		ck_assert_msg(syc_packer_run(packer, &w, true, false, "a", &err) == 0, "%s", err.msg);
		ck_assert_int_eq(w.same == &w, w.type != SYC_TYPE_F16);
		for (size_t r = 0; r < ROWS; r++) {
			syc_type_decode(x, types[i % 3], stored + r * (tensor.bytes / ROWS), COLS);
			ck_assert_int_eq(syc_type_encode(bytes, w.type, x, COLS), SYC_ENCODE_GOOD);
			syc_type_decode(x, w.type, bytes, COLS);
			syc_matrix_rows(got, &w, r, 1, &kern);
			ck_assert_msg(memcmp(x, got, sizeof(x)) == 0, "%s as %s, row %zu",
				      syc_type_name(types[i % 3]), syc_type_name(w.type), r);
		}
		free(w.packed);
	}
}
END_TEST

/* In their own bits, but for scales of 6 bits, which get 8. */
START_TEST(packed_is_hardly_larger_than_stored)
{
	for (size_t i = 3; i < N_TYPES; i++) {
		struct syc_matrix w = drawn(types[i]);

		ck_assert_int_eq(load(&w, true, NULL), 0);
		ck_assert_msg(w.panel <= tensor.bytes / ROWS * SYC_Q_ROWS * 1.04, "%s",
			      syc_type_name(types[i]));
	}
}
END_TEST

START_TEST(adapters_are_merged_once)
{
	static float a[COLS], b[ROWS], all[ROWS * COLS];
	const struct syc_low_rank add = { 1, a, b };

	for (int i = 0; i < COLS; i++)
		a[i] = (float)(i % 7) - 3;
	for (int i = 0; i < ROWS; i++)
		b[i] = (float)i;
	for (size_t i = 0; i < N_TYPES; i++) {
		struct syc_matrix w = drawn(types[i]);
		float x[COLS];

		w.add = &add;
		w.merged = all;
		ck_assert_int_eq(load(&w, false, NULL), 0);
		for (size_t r = 0; r < ROWS; r++) {
			syc_type_decode(x, types[i], stored + r * (tensor.bytes / ROWS), COLS);
			for (int k = 0; k < COLS; k++)
				ck_assert_msg(all[r * COLS + (size_t)k] == fmaf(b[r], a[k], x[k]),
					      "%s, row %zu", syc_type_name(types[i]), r);
		}
	}
}
END_TEST

static const struct test tests[] = {
	TEST(bad_scales_are_named),
	TEST(floats_are_quantized_as_files_are),
	TEST(packed_is_hardly_larger_than_stored),
	TEST(adapters_are_merged_once),
};

int main(void)
{
	int ret;

	syc_kern_select(&kern, syc_cpu_detect());
	if (syc_par_new(&par, 1, NULL) < 0 ||
	    syc_packer_new(&packer, &kern, par, COLS, NULL) < 0)
		return 1;
	ret = RUN_TESTS("matrix", tests);
	syc_packer_free(packer);
	syc_par_free(par);
	return ret;
}
