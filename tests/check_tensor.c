/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <math.h>
#include <string.h>
#include "base/mem.h"
#include "base/rand.h"
#include "format/blocks.h"
#include "format/tensor.h"
#include "suite.h"

static const uint32_t known[] = {
	SYC_TYPE_F32, SYC_TYPE_F16, SYC_TYPE_BF16, SYC_TYPE_Q4_0, SYC_TYPE_Q4_1,
	SYC_TYPE_Q5_0,
	SYC_TYPE_Q5_1, SYC_TYPE_Q8_0, SYC_TYPE_Q2_K, SYC_TYPE_Q3_K,
	SYC_TYPE_Q4_K, SYC_TYPE_Q5_K,
	SYC_TYPE_Q6_K, SYC_TYPE_IQ4_NL, SYC_TYPE_IQ4_XS,
};
enum { N_KNOWN = sizeof(known) / sizeof(known[0]), FIRST_BLOCKS = 3 };

static uint8_t *slurp(const char *type, const char *end, size_t *n)
{
	char name[64];
	struct syc_map m;
	uint8_t *p;

	snprintf(name, sizeof(name), "tests/data/blocks/%s.%s", type, end);
	ck_assert_int_eq(syc_map_open(&m, source_path(name), NULL), 0);
	p = malloc(m.len);
	ck_assert_ptr_nonnull(p);
	memcpy(p, m.data, m.len);
	*n = m.len;
	syc_map_close(&m);
	return p;
}

static bool same_bits(float a, float b)
{
	/* Which NaN an invalid product gives depends on the processor. */
	return memcmp(&a, &b, sizeof(a)) == 0 || (isnan(a) && isnan(b));
}

/* All blocks of tests/ref/blocks.py, together and one by one, not aligned. */
START_TEST(blocks)
{
	for (size_t k = FIRST_BLOCKS; k < N_KNOWN; k++) {
		const char *type = syc_type_name(known[k]);
		size_t size = syc_type_bytes(known[k]),
			values = syc_type_block(known[k]), n, bytes;
		uint8_t *in = slurp(type, "bin", &n), *odd = malloc(size + 1);
		uint8_t *want = slurp(type, "f32", &bytes);
		float *out = malloc(bytes), w;

		ck_assert(odd && out);
		ck_assert_uint_ge(n / size, 20);
		ck_assert_uint_eq(n % size, 0);
		ck_assert_uint_eq(bytes, n / size * values * sizeof(float));
		syc_type_decode(out, known[k], in, n / size * values);
		for (size_t i = 0; i < n / size * values; i++) {
			memcpy(&w, want + i * sizeof(w), sizeof(w));
			ck_assert_msg(same_bits(out[i], w),
				      "%s: block %zu value %zu: %a, should be %a",
				      type, i / values, i % values,
				      (double)out[i], (double)w);
		}
		for (size_t b = 0; b < n / size; b++) {
			float one[SYC_TYPE_BLOCK_MAX];

			memcpy(odd + 1, in + b * size, size);
			syc_type_decode(one, known[k], odd + 1, values);
			for (size_t i = 0; i < values; i++)
				ck_assert(same_bits(one[i], out[b * values + i]));
		}
		free(in);
		free(odd);
		free(want);
		free(out);
	}
}
END_TEST

/* Every number of 16 bits, in lists of every length up to 70, not aligned. */
START_TEST(short_floats)
{
	enum { MOST = 70 };
	uint8_t in[2 * MOST + 1];
	float out[MOST + 1], x;
	uint16_t h = 0;

	/* some 4 times over */
	for (size_t n = 0; n < 8192; n++) {
		size_t len = n % (MOST + 1);
		uint16_t first = h;
		bool good = true;

		for (size_t i = 0; i < len; i++, h++)
			memcpy(in + 1 + 2 * i, &h, sizeof(h));
		out[len] = 12345;
		syc_type_decode(out, SYC_TYPE_BF16, in + 1, len);
		for (size_t i = 0; i < len; i++) {
			const uint32_t bits = (uint32_t)(uint16_t)(first + i) << 16;

			good &= memcmp(&out[i], &bits, sizeof(bits)) == 0;
		}
		syc_type_decode(out, SYC_TYPE_F16, in + 1, len);
		for (size_t i = 0; i < len; i++) {
			int b = (uint16_t)(first + i), e = b >> 10 & 31,
				f = b & 1023;

			x = e == 31 ? f ? NAN : INFINITY :
				ldexpf((float)(e ? f + 1024 : f),
				       (e ? e : 1) - 25);
			good &= same_bits(out[i], b >> 15 ? -x : x);
		}
		ck_assert(good);
		ck_assert(out[len] == 12345);
	}
}
END_TEST

/* Floats of tests/ref/blocks.py as each type that is written. */
START_TEST(encode)
{
	static const struct { uint32_t type; const char *end; } to[] = {
		{ SYC_TYPE_F32, "f32" }, { SYC_TYPE_F16, "f16" }, { SYC_TYPE_Q8_0, "q8_0" },
	};
	size_t n, bytes;
	float *x = (float *)(void *)slurp("encode", "f32", &n);

	n /= sizeof(*x);
	ck_assert_uint_ge(n, 3000);
	for (size_t k = 0; k < 3; k++) {
		uint8_t *want = slurp("encode", to[k].end, &bytes),
			*out = malloc(bytes);

		ck_assert_int_eq(syc_type_encode(out, to[k].type, x, n),
				 SYC_ENCODE_GOOD);
		for (size_t i = 0; i < bytes; i++)
			ck_assert_msg(out[i] == want[i],
				      "%s: byte %zu: %02x, should be %02x",
				      to[k].end, i, out[i], want[i]);
		for (size_t i = 0; i < n; i += 37) {
			float old = x[i];

			x[i] = i % 2 ? NAN : -INFINITY;
			ck_assert_int_eq(syc_type_encode(out, to[k].type, x, n),
					 SYC_ENCODE_NAN);
			x[i] = k == 2 ? 65520.0f * 127 : -65520.0f;
			ck_assert_int_eq(syc_type_encode(out, to[k].type, x, n),
					 k ? SYC_ENCODE_RANGE :
					 SYC_ENCODE_GOOD);
			x[i] = old;
		}
		free(want);
		free(out);
	}
	free(x);
}
END_TEST

/* The sum of squares of what storing 256 values loses. */
static double lost(uint32_t type, const float *x)
{
	uint8_t out[SYC_BLOCK_K * 2];
	float y[SYC_BLOCK_K];
	double sum = 0;

	ck_assert_int_eq(syc_type_encode(out, type, x, SYC_BLOCK_K), SYC_ENCODE_GOOD);
	syc_type_decode(y, type, out, SYC_BLOCK_K);
	for (int i = 0; i < SYC_BLOCK_K; i++)
		sum += ((double)x[i] - (double)y[i]) * ((double)x[i] - (double)y[i]);
	return sum;
}

static const struct {
	uint32_t type;
	double most;	/* of the squares of such numbers */
} few[] = {
	{ SYC_TYPE_Q6_K, 0.0003 }, { SYC_TYPE_Q5_K, 0.00125 }, { SYC_TYPE_Q4_K, 0.0049 },
	{ SYC_TYPE_Q4_0, 0.006 },
};

/* What the least squares of a group leave, in the mean over many. */
START_TEST(few_bits)
{
	enum { N = 100 };

	for (size_t k = 0; k < sizeof(few) / sizeof(few[0]); k++) {
		double gone = 0, all = 0;

		for (uint64_t n = 0; n < N; n++) {
			uint64_t key = syc_rand_key(1, "few", n);
			float x[SYC_BLOCK_K];

			for (size_t i = 0; i < SYC_BLOCK_K; i++) {
				/* nearly normal */
				x[i] = 0.02f * (float)(syc_rand_unit(key, 3 * i) +
						       syc_rand_unit(key, 3 * i + 1) +
						       syc_rand_unit(key, 3 * i + 2) - 1.5);
				all += (double)x[i] * (double)x[i];
			}
			gone += lost(few[k].type, x);
		}
		if (getenv("CHECK_TENSOR_SHOW"))
			printf("%s: %g of all squares\n", syc_type_name(few[k].type), gone / all);
		ck_assert_msg(gone < few[k].most * all, "%s: %g", syc_type_name(few[k].type),
			      gone / all);
	}
}
END_TEST

/* Zeros, what a type can hold exactly, one that stands out, numbers too large. */
START_TEST(few_bits_odd)
{
	for (size_t k = 0; k < sizeof(few) / sizeof(few[0]); k++) {
		float x[SYC_BLOCK_K] = { 0 };
		uint8_t out[SYC_BLOCK_K * 2];

		ck_assert(lost(few[k].type, x) == 0);
		for (int i = 0; i < SYC_BLOCK_K; i++)
			x[i] = 0.25f * (float)(i % 16 - 8);
		ck_assert(lost(few[k].type, x) < 1e-4);
		x[100] = 1000;
		ck_assert(lost(few[k].type, x) < 1500);
		x[7] = 3e38f;
		ck_assert_int_eq(syc_type_encode(out, few[k].type, x, SYC_BLOCK_K),
				 SYC_ENCODE_RANGE);
		x[8] = NAN;
		ck_assert_int_eq(syc_type_encode(out, few[k].type, x, SYC_BLOCK_K),
				 SYC_ENCODE_NAN);
	}
}
END_TEST

START_TEST(names_and_sizes)
{
	static const struct { uint32_t type; const char *name; } refused[] = {
		{ 9, "q8_1" }, { 16, "iq2_xxs" }, { 19, "iq1_s" }, { 28, "f64" }, { 29, "iq1_m" },
		{ 31, "q4_0_4_4" }, { 34, "tq1_0" }, { 39, "mxfp4" }, { 42, "q2_0" },
		{ SYC_TYPE_F8_E4M3, "f8_e4m3" }, { 43, "unknown" }, { UINT32_MAX, "unknown" },
	};
	size_t n;

	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		ck_assert_str_eq(syc_type_name(refused[i].type), refused[i].name);
		ck_assert(!syc_type_known(refused[i].type));
		ck_assert(!syc_type_size(&n, refused[i].type, 256));
		ck_assert_uint_eq(syc_type_block(refused[i].type), 0);
	}
	for (size_t i = 0; i < N_KNOWN; i++) {
		size_t block = syc_type_block(known[i]);

		ck_assert(syc_type_known(known[i]) && block <= SYC_TYPE_BLOCK_MAX);
		ck_assert(syc_type_size(&n, known[i], 3 * block) &&
			  n == 3 * syc_type_bytes(known[i]));
		ck_assert(block == 1 || !syc_type_size(&n, known[i], block + 1));
		ck_assert(block > 1 || !syc_type_size(&n, known[i], UINT64_MAX));
	}
	ck_assert_str_eq(syc_type_name(SYC_TYPE_IQ4_XS), "iq4_xs");
	ck_assert_str_eq(syc_type_name(SYC_TYPE_Q6_K), "q6_k");
}
END_TEST

int main(void)
{
	const struct test all[] = { TEST(blocks), TEST(short_floats),
				    TEST(encode), TEST(few_bits),
				    TEST(few_bits_odd), TEST(names_and_sizes) };

	return RUN_TESTS("tensor", all);
}
