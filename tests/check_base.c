/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <math.h>
#include <stdatomic.h>
#include <string.h>
#include "base/err.h"
#include "base/mem.h"
#include "base/par.h"
#include "base/rand.h"
#include "format/tensor.h"
#include "suite.h"
#include "syc/random.h"

START_TEST(sizes_do_not_wrap)
{
	size_t n;

	ck_assert(!syc_mul(&n, SIZE_MAX, 2));
	ck_assert(!syc_add(&n, SIZE_MAX, 1));
	ck_assert_ptr_null(syc_aligned(SIZE_MAX, 1));
	ck_assert_ptr_null(syc_aligned(SIZE_MAX / 2, 4));
}
END_TEST

START_TEST(json_text_is_escaped)
{
	struct syc_buf b = { 0 };

	ck_assert_int_eq(syc_buf_json(&b, "a\"\\\n\t\r\b\f\v\x7f\xc3\xa9", 12), 0);
	ck_assert_str_eq(b.data,
			 "\"a\\\"\\\\\\n\\t\\r\\b\\f\\u000b\\u007f\xc3\xa9\"");
	b.len = 0;
	/* Cut short, overlong, a surrogate, beyond U+10FFFF, whole. */
	ck_assert_int_eq(syc_buf_json(&b,
			"\xe2\x82|\xc0\x80|\xed\xa0\x80|\xf4\x90\x80\x80|\xf0\x9f\x99\x82", 19), 0);
#define R "\xef\xbf\xbd"
	ck_assert_str_eq(b.data,
			 "\"" R R "|" R R "|" R R R "|" R R R R "|\xf0\x9f\x99\x82\"");
	b.len = 0;
	ck_assert_int_eq(
		syc_buf_json(&b, "\xc2\x9b\xc2\xa0\xe2\x80\xa8\xe2\x80\xae\xe2\x81\xa6", 13), 0);
	ck_assert_str_eq(b.data, "\"\\u009b\xc2\xa0\\u2028\\u202e\\u2066\"");
	syc_buf_free(&b);
}
END_TEST

/* A text and what of it is shown, on one line and on several. */
START_TEST(text_is_shown_harmless)
{
	static const struct {
		const char *text, *line, *lines;
	} cases[] = {
		{"", "", ""},
		{"plain \xc3\xa9\xe2\x82\xac\xf0\x9f\x99\x82",
		 "plain \xc3\xa9\xe2\x82\xac\xf0\x9f\x99\x82",
		 "plain \xc3\xa9\xe2\x82\xac\xf0\x9f\x99\x82"},
		{"\x1b[2J\r\a\b\x7f", "?[2J????", "?[2J????"},
		{"a\nb\tc", "a?b?c", "a\nb\tc"},
		/* C1 of UTF-8 and of bytes; U+00A0 is a space */
		{"\xc2\x80|\xc2\x9b|\xc2\x9f|\xc2\xa0|\x9b|\xc2", "?|?|?|\xc2\xa0|?|?",
		 "?|?|?|\xc2\xa0|?|?"},
		/* U+2027, U+2028, U+202E, U+202F; U+2065, U+2066, U+2069, U+206A */
		{"\xe2\x80\xa7\xe2\x80\xa8\xe2\x80\xae\xe2\x80\xaf", "\xe2\x80\xa7??\xe2\x80\xaf",
		 "\xe2\x80\xa7??\xe2\x80\xaf"},
		{"\xe2\x81\xa5\xe2\x81\xa6\xe2\x81\xa9\xe2\x81\xaa", "\xe2\x81\xa5??\xe2\x81\xaa",
		 "\xe2\x81\xa5??\xe2\x81\xaa"},
		/* Cut short, overlong, a surrogate. */
		{"\xe2\x80|\xc0\x9b|\xed\xa0\x80", "??|??|???", "??|??|???"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		for (int lines = 0; lines < 2; lines++) {
			char *s = strdup(cases[i].text);

			s[syc_text_show(s, strlen(s), lines)] = 0;
			ck_assert_str_eq(s, lines ? cases[i].lines : cases[i].line);
			free(s);
		}
}
END_TEST

START_TEST(messages_are_shown_harmless)
{
	struct syc_err err;

	ck_assert_int_eq(syc_fail(&err, SYC_EIO, "%s: %d", "a\x1b\n\xc2\x9b\xe2\x80\xae\xff", 7),
			 SYC_EIO);
	ck_assert_str_eq(err.msg, "a?????: 7");
}
END_TEST

START_TEST(floats_read_back)
{
	struct syc_buf b = { 0 };

	for (uint64_t i = 0; i < 20000; i++) {
		uint32_t bits = (uint32_t)syc_rand_u64(7, i);
		float x;

		memcpy(&x, &bits, sizeof(x));
		b.len = 0;
		ck_assert_int_eq(syc_buf_float(&b, x), 0);
		if (isfinite(x))
			ck_assert(strtof(b.data, NULL) == x);
		else
			ck_assert_str_eq(b.data, "null");
	}
	syc_buf_free(&b);
}
END_TEST

/* All 65536 halves survive the way through float and back. */
START_TEST(f16_round_trip)
{
	for (uint32_t h = 0; h < 65536; h++) {
		float x = syc_f16_to_f32((uint16_t)h);

		if (isnan(x))
			ck_assert(isnan(syc_f16_to_f32(syc_f32_to_f16(x))));
		else
			ck_assert_uint_eq(syc_f32_to_f16(x), h);
	}
}
END_TEST

/* Between two neighbors the nearer one wins, the even one at the middle. */
START_TEST(f16_rounds_to_nearest_even)
{
	for (uint32_t h = 0; h < 0x7bff; h++) {
		float a = syc_f16_to_f32((uint16_t)h),
			b = syc_f16_to_f32((uint16_t)(h + 1));
		float mid = (a + b) / 2;

		ck_assert_uint_eq(syc_f32_to_f16(mid), h + (h & 1));
		ck_assert_uint_eq(syc_f32_to_f16(nextafterf(mid, a)), h);
		ck_assert_uint_eq(syc_f32_to_f16(nextafterf(mid, b)), h + 1);
	}
	ck_assert_uint_eq(syc_f32_to_f16(65519.996f), 0x7bff);
	ck_assert_uint_eq(syc_f32_to_f16(65520.0f), 0x7c00);
	ck_assert_uint_eq(syc_f32_to_f16(-1e30f), 0xfc00);
}
END_TEST

static void count_part(void *arg, size_t part, unsigned thread)
{
	atomic_uint *count = arg;

	(void)thread;
	atomic_fetch_add(&count[part], 1);
}

START_TEST(every_part_runs_once)
{
	for (unsigned threads = 1; threads <= 5; threads++) {
		struct syc_par *p;

		ck_assert_int_eq(syc_par_new(&p, threads, NULL), 0);
		for (size_t n = 0; n < 200; n++) {
			atomic_uint count[200] = { 0 };

			syc_par_run(p, n, count_part, count);
			for (size_t i = 0; i < 200; i++)
				ck_assert_uint_eq(count[i], i < n);
		}
		syc_par_free(p);
	}
}
END_TEST

START_TEST(draws_depend_on_place_alone)
{
	uint64_t a = syc_rand_key(1, "row-1", 0), b = syc_rand_key(1, "row-1", 1);
	double sum = 0, u = syc_rand_unit(a, 5);

	ck_assert(a != b && a != syc_rand_key(2, "row-1", 0) &&
		  a != syc_rand_key(1, "row-2", 0));
	for (uint64_t i = 0; i < 100000; i++)
		sum += syc_rand_unit(a, i);
	ck_assert(fabs(sum / 100000 - 0.5) < 0.005);
	ck_assert(u == syc_rand_unit(a, 5));
	for (uint64_t i = 0; i < 1000; i++)
		ck_assert(syc_rand_below(b, i, 7) < 7);
}
END_TEST

/* The generator's published numbers. */
START_TEST(splitmix64_is_itself)
{
	static const uint64_t want[] = {
		6457827717110365317u, 3203168211198807973u, 9817491932198370423u,
		4593380528125082431u, 16408922859458223821u,
	};
	uint64_t state = 1234567;

	for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++)
		ck_assert_uint_eq(syc_splitmix64(&state), want[i]);
	ck_assert_uint_eq(syc_mix64(0), 0);
}
END_TEST

/* Orders hold every row once; picks reach all rows. */
START_TEST(rows_are_drawn)
{
	enum { N = 7, TIMES = 7000 };
	uint32_t at[N], first[N] = { 0 }, picked[N] = { 0 };

	for (uint64_t k = 0; k < TIMES; k++) {
		unsigned seen = 0;

		syc_random_order(at, N, k);
		first[at[0]]++;
		for (size_t i = 0; i < N; i++)
			seen |= 1u << at[i];
		ck_assert_uint_eq(seen, (1u << N) - 1);
		syc_random_picks(at, N, k);
		for (size_t i = 0; i < N; i++)
			picked[at[i]]++;
	}
	for (size_t i = 0; i < N; i++) {
		ck_assert(first[i] > 850 && first[i] < 1150);
		ck_assert(picked[i] > 6600 && picked[i] < 7400);
	}
	syc_random_order(at, 0, 1);
}
END_TEST

static const struct test tests[] = {
	TEST(sizes_do_not_wrap),
	TEST(json_text_is_escaped),
	TEST(text_is_shown_harmless),
	TEST(messages_are_shown_harmless),
	TEST(floats_read_back),
	TEST(f16_round_trip),
	TEST(f16_rounds_to_nearest_even),
	TEST(every_part_runs_once),
	TEST(draws_depend_on_place_alone),
	TEST(splitmix64_is_itself),
	TEST(rows_are_drawn),
};

int main(void)
{
	return RUN_TESTS("base", tests);
}
