/* SPDX-License-Identifier: MIT */
/* Whether one tensor is a copy of another, maybe in another type. */
#include "config.h"
#include <math.h>
#include <string.h>
#include "format/tensor.h"

enum { PART = 1024, BLOCK = 32 };	/* values; a multiple of all blocks */

/* How far a value of that size may be from what was stored; -1: any type but these. */
static double tolerance(uint32_t type, double x, double max)
{
	switch (type) {
	case SYC_TYPE_F32:
		return 0;
	case SYC_TYPE_BF16:
		return x * 0x1p-8;
	case SYC_TYPE_F16:
		return x * 0x1p-11 + 0x1p-25;
	case SYC_TYPE_Q8_0:	/* half a step, and the scale's own rounding */
		return max / 254 + max * 0x1p-10;
	default:
		return -1;
	}
}

static bool near(const float *a, uint32_t type_a, const float *b,
		 uint32_t type_b, size_t n)
{
	double max = 0;

	for (size_t i = 0; i < n; i++)
		max = fmax(max, fmax(fabs((double)a[i]), fabs((double)b[i])));
	for (size_t i = 0; i < n; i++) {
		const double x = fmax(fabs((double)a[i]), fabs((double)b[i]));
		const double ta = tolerance(type_a, x, max),
			     tb = tolerance(type_b, x, max);

		if (ta < 0 || tb < 0 ||
		    !(fabs((double)a[i] - (double)b[i]) <= ta + tb))
			return false;
	}
	return true;
}

/* n values from the at-th on. */
static void decode(float *out, const struct syc_tensor *t, uint64_t at, size_t n)
{
	const size_t block = syc_type_block(t->type);

	syc_type_decode(out, t->type,
			t->data + at / block * syc_type_bytes(t->type), n);
}

bool syc_tensor_same(const struct syc_tensor *a, const struct syc_tensor *b)
{
	const uint64_t n = syc_tensor_values(a);
	float x[PART], y[PART];

	if (memcmp(a->ne, b->ne, sizeof(a->ne)) != 0)
		return false;
	if (a->type == b->type)
		return memcmp(a->data, b->data, a->bytes) == 0;
	if (!syc_type_known(a->type) || !syc_type_known(b->type))
		return false;
	for (uint64_t at = 0; at < n; at += PART) {
		const size_t m = n - at < PART ? (size_t)(n - at) : PART;

		decode(x, a, at, m);
		decode(y, b, at, m);
		for (size_t i = 0; i < m; i += BLOCK)
			if (!near(x + i, a->type, y + i, b->type,
				  m - i < BLOCK ? m - i : BLOCK))
				return false;
	}
	return true;
}
