/* SPDX-License-Identifier: MIT */
/* Normal numbers for simulations. */
#ifndef TESTS_NORMAL_H
#define TESTS_NORMAL_H
#include <math.h>
#include "base/rand.h"

/* Of mean 0 and variance 1 (Box & Muller 1958); takes two steps of the key. */
static inline double normal(uint64_t key, uint64_t *step)
{
	const double u = 1 - syc_rand_unit(key, *step);
	const double v = syc_rand_unit(key, *step + 1);

	*step += 2;
	return sqrt(-2 * log(u)) * cos(2 * 3.14159265358979323846 * v);
}

#endif
