/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <math.h>
#include <string.h>
#include "base/half.h"
#include "base/rand.h"
#include "kern/cpu.h"
#include "kern/kern.h"
#include "suite.h"

enum { BLOCK = 32, ROW = 5, KERNELS = 8 };

/* Those of every instruction set that this processor has. */
static struct syc_kern kern[KERNELS];
static size_t n_kern;

/* The definition, one value after the other. */
static int plain(int8_t *q, uint16_t *scale, const float *x, size_t nb)
{
	for (size_t b = 0; b < nb; b++, x += BLOCK, q += BLOCK) {
		float max = 0, d;

		for (int i = 0; i < BLOCK; i++) {
			if (!isfinite(x[i]))
				return SYC_ROW_NAN;
			max = fabsf(x[i]) > max ? fabsf(x[i]) : max;
		}
		scale[b] = syc_f32_to_f16(max / 127.0f);
		d = syc_f16_to_f32(scale[b]);
		if (isinf(d))
			return SYC_ROW_RANGE;
		for (int i = 0; i < BLOCK; i++) {
			float v = d > 0 ? rintf(x[i] / d) : 0;

			q[i] = (int8_t)(v > 127 ? 127 : v < -127 ? -127 : v);
		}
	}
	return SYC_ROW_GOOD;
}

static void compare(const float *x, size_t nb)
{
	int8_t q[ROW * BLOCK], want[ROW * BLOCK];
	uint16_t scale[ROW], want_scale[ROW];
	int ret = plain(want, want_scale, x, nb);

	for (size_t k = 0; k < n_kern; k++) {
		ck_assert_int_eq(kern[k].quantize_w(q, scale, x, nb), ret);
		if (ret != SYC_ROW_GOOD)
			continue;
		ck_assert(memcmp(scale, want_scale, nb * sizeof(*scale)) == 0);
		for (size_t i = 0; i < nb * BLOCK; i++)
			if (q[i] != want[i])
				ck_abort_msg("%s: %a: %d, should be %d", kern[k].name,
					     (double)x[i], q[i], want[i]);
	}
}

static float any_float(uint64_t key, uint64_t i)
{
	uint32_t bits = (uint32_t)syc_rand_u64(key, i);
	float x;

	memcpy(&x, &bits, sizeof(x));
	return x;
}

/* Sizes of every order of magnitude, down to scales that are subnormal or 0. */
START_TEST(sizes)
{
	float x[ROW * BLOCK];

	for (uint64_t n = 0; n < 4000; n++) {
		uint64_t key = syc_rand_key(1, "sizes", n);
		float size = ldexpf(1, (int)(n % 60) - 40);

		for (size_t i = 0; i < ROW * BLOCK; i++)
			x[i] = size * (float)(syc_rand_unit(key, i) * 2 - 1);
		compare(x, n % (ROW + 1));
	}
}
END_TEST

/* Halves between two integers, where rounding shows. */
START_TEST(ties)
{
	float x[BLOCK];

	for (int e = -30; e < 12; e++)
		for (int from = -127; from < 127; from += 4) {
			for (int i = 0; i < BLOCK; i++)
				x[i] = ldexpf((float)from + (float)i / 8, e);
			x[5] = ldexpf(127, e);
			compare(x, 1);
			x[5] = ldexpf(-127, e);
			compare(x, 1);
		}
}
END_TEST

START_TEST(all_bits)
{
	float x[BLOCK];

	for (uint64_t n = 0; n < 4000; n++) {
		uint64_t key = syc_rand_key(1, "bits", n);
		float most = ldexpf(1, (int)syc_rand_below(key, 99, 40) - 20);

		for (size_t i = 0; i < BLOCK; i++) {
			x[i] = any_float(key, i);
			/* Without the large ones most blocks would be refused. */
			if (n % 2 && !(fabsf(x[i]) < most))
				x[i] = 0;
		}
		compare(x, 1);
	}
}
END_TEST

static void refused(const float *x, size_t nb, int why)
{
	int8_t q[ROW * BLOCK];
	uint16_t scale[ROW];

	for (size_t k = 0; k < n_kern; k++)
		ck_assert_int_eq(kern[k].quantize_w(q, scale, x, nb), why);
}

START_TEST(limits)
{
	static const float odd[] = { NAN, -NAN, INFINITY, -INFINITY };
	float x[2 * BLOCK] = { 0 };

	for (int at = 0; at < 2 * BLOCK; at++)
		for (int i = 0; i < 4; i++) {
			x[at] = odd[i];
			refused(x, 2, SYC_ROW_NAN);
			x[at] = 0;
		}
	x[40] = 8.33e6f;
	refused(x, 2, SYC_ROW_RANGE);
	compare(x, 1);
	x[40] = -65519.99f * 127;
	refused(x, 2, SYC_ROW_GOOD);
	compare(x, 2);
	memset(x, 0, sizeof(x));
	x[0] = -0.0f;
	x[1] = 1e-45f;
	compare(x, 2);
}
END_TEST

int main(void)
{
	const struct test all[] = { TEST(sizes), TEST(ties), TEST(all_bits),
				    TEST(limits) };
	unsigned have = syc_cpu_detect(), mask = 0;

	syc_kern_select(&kern[n_kern++], 0);
	for (const struct syc_cpu_name *c = syc_cpu_names; c->name &&
	     n_kern < KERNELS; c++) {
		if (!(have & c->flag))
			continue;
		mask |= c->flag;
		syc_kern_select(&kern[n_kern++], mask);
	}
	return RUN_TESTS("quantize", all);
}
