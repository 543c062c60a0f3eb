/* SPDX-License-Identifier: MIT */
/* The pairs of tests/ref/pref.py, drawn again. */
#ifndef TESTS_MADE_PREF_H
#define TESTS_MADE_PREF_H
#include <math.h>
#include "syc/prefer.h"
#include "syc/random.h"

struct made_pref {
	uint64_t seed;
	size_t n, k;
	double effect;
	bool numbers;
};

static inline double made_unit(uint64_t *state)
{
	return (double)(syc_splitmix64(state) >> 11) * 0x1p-53;
}

/* Differences of one pair, d [k], and whether a is chosen. */
static inline int made_pair(const struct made_pref *m, uint64_t *state, double *d)
{
	const double common = made_unit(state);
	double x = 0;

	for (size_t j = 0; j < m->k; j++) {
		const double u = 0.7 * made_unit(state) + 0.3 * common;

		d[j] = m->numbers ? floor(9 * u) - 4 : (u > 0.6) - (u < 0.4);
		x += m->effect * ((double)(j % 5) - 2) / 2 * d[j];
	}
	return made_unit(state) < 1 / (1 + exp(-x));
}

#endif
